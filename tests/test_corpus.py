"""Corpus: what is read as text, what is refused, what is reported, and how it is divided."""

import gzip
import io
import zipfile

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rnn_demo.errors import CorpusError
from rnn_demo.text import corpus, decoding

ENGLISH = "Once upon a time a fisherman went out to sea in the grey morning.\n" * 8
FRENCH = "Il était une fois un pêcheur; l'été, là-bas, finissait déjà. Où aller, se dit-il ?\n" * 8
GERMAN = (
    "Es war einmal ein Fischer, der früh ans Meer ging. „Wer bist du?“, fragte das Mädchen.\n" * 8
)
POLISH = "Był sobie rybak, który każdego ranka chodził nad morze. Źdźbło, żółw, łąka, książę.\n" * 8
RUSSIAN = "Жил-был рыбак, каждое утро ходил он к морю. Однажды вытащил он кувшин.\n" * 8
CHINESE = "从前有一个渔夫,他每天清晨都到海边去打鱼。一天他捞起一只铜壶,壶口用铅封着。\n" * 8
TRADITIONAL = "從前有一個漁夫,他每天清晨都到海邊去打魚。一天他撈起一隻銅壺,壺口用鉛封著。\n" * 8
JAPANESE = "昔々、ある漁師が毎朝海へ出かけていました。ある日、古い銅の壺を引き上げました。\n" * 8
KOREAN = "옛날에 한 어부가 살았습니다. 그는 매일 아침 바다로 나갔습니다.\n" * 8


@pytest.mark.parametrize(
    ("text", "codec", "name"),
    [
        (ENGLISH, "ascii", "UTF-8"),
        (CHINESE, "utf-8", "UTF-8"),
        (CHINESE, "utf-8-sig", "UTF-8"),
        (FRENCH, "cp1252", "Windows-1252"),
        (GERMAN, "cp1252", "Windows-1252"),
        (POLISH, "cp1250", "Windows-1250"),
        (RUSSIAN, "cp1251", "Windows-1251"),
        (RUSSIAN, "koi8_r", "KOI8-R"),
        (CHINESE, "gb18030", "GB18030"),
        (CHINESE * 300, "gb18030", "GB18030"),
        (CHINESE.replace("\n", "") * 300, "gb18030", "GB18030"),
        (TRADITIONAL, "big5", "Big5"),
        (JAPANESE, "shift_jis", "Shift JIS"),
        (JAPANESE, "euc_jp", "EUC-JP"),
        (KOREAN, "euc_kr", "EUC-KR"),
        (CHINESE, "utf-16", "UTF-16 LE"),
        (ENGLISH, "utf-32", "UTF-32 LE"),
        (ENGLISH, "utf-16-le", "UTF-16 LE"),
        (FRENCH, "utf-16-be", "UTF-16 BE"),
        (CHINESE, "utf-16-le", "UTF-16 LE"),
        (CHINESE, "utf-16-be", "UTF-16 BE"),
        (KOREAN, "utf-16-le", "UTF-16 LE"),
        (RUSSIAN, "utf-16-be", "UTF-16 BE"),
    ],
)
def test_a_text_comes_back_from_its_encoding_and_the_report_says_which(text, codec, name):
    found = corpus.read_bytes(text.encode(codec))
    assert found.text == text
    assert found.report.encoding == name
    assert found.report.replaced == 0
    guessed = name not in ("UTF-8", "UTF-32 LE") and codec != "utf-16"
    assert guessed == any("Check the preview" in note for note in found.report.notes)


def test_a_person_may_overrule_the_guess():
    data = RUSSIAN.encode("cp866", "replace")
    assert corpus.read_bytes(data).report.encoding != "CP866"
    assert corpus.read_bytes(data, encoding="cp866").text == data.decode("cp866")
    with pytest.raises(CorpusError, match="not an encoding"):
        corpus.read_bytes(data, encoding="klingon")
    with pytest.raises(CorpusError, match="not an encoding"):
        corpus.read_bytes(data, encoding="hex")  # a codec, but not one from bytes to text


def test_broken_places_are_counted_and_shown_never_dropped():
    data = CHINESE.encode()
    cut = corpus.read_bytes(data[:-2])
    assert (cut.report.encoding, cut.report.replaced) == ("UTF-8", 1)
    assert cut.text == CHINESE[:-2] + "\ufffd"
    assert any("became \ufffd" in note for note in cut.report.notes)
    damaged = CHINESE.encode("gb18030") * 20 + b"\xff\xff\n" + CHINESE.encode("gb18030")
    found = corpus.read_bytes(damaged).report
    assert found.encoding == "GB18030"
    assert 1 <= found.replaced <= 2


def test_a_replacement_character_that_was_already_there_is_not_counted():
    found = corpus.read_bytes((CHINESE + "\ufffd\n").encode() + b"\xff")
    assert found.report.replaced == 1


def docx() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("word/document.xml", "<w/>")
    return file.getvalue()


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"%PDF-1.7\n" + ENGLISH.encode(), "PDF"),
        (b"{\\rtf1\\ansi " + ENGLISH.encode(), "RTF"),
        (docx(), "Word document"),
        (b"PK\x03\x04" + bytes(500), "ZIP"),
        (gzip.compress(ENGLISH.encode(), mtime=0), "GZIP"),
        (b"\x89PNG\r\n\x1a\n" + bytes(500), "PNG"),
        (b"\xff\xd8\xff\xe0" + bytes(500), "JPEG"),
        (b"GIF89a" + bytes(500), "GIF"),
        (b"MZ\x90\x00" + bytes(500), "Windows program"),
        (b"\x7fELF" + bytes(500), "Linux program"),
        (b"SQLite format 3\x00" + bytes(500), "SQLite"),
        (b"\x80\x04\x95" + bytes(500), "pickle"),
        (bytes(300) + b"text" * 100, "binary data"),
        (bytes(range(256)) * 10, "binary data"),
    ],
    ids=lambda value: value if isinstance(value, str) else "bytes",
)
def test_a_binary_file_is_refused_by_the_name_of_its_kind(data, kind):
    with pytest.raises(CorpusError, match=kind):
        corpus.read_bytes(data, "innocent.txt")


@pytest.mark.parametrize("start", ["MZ", "BM", "ID3", "GIF8", "RIFF", "PAR1"])
def test_a_text_that_happens_to_begin_with_a_magic_word_is_a_text(start):
    assert corpus.read_bytes((start + ENGLISH).encode()).text == start + ENGLISH


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "at least 200 are needed"),
        (" \n\t" * 500, "nothing but blanks"),
        ("too short", "at least 200 are needed"),
        ("a" * 5000, "repeats one character"),
        ("a\n" * 5000, "repeats one character"),
        ("x" * 199, "at least 200 are needed"),
    ],
)
def test_nothing_to_learn_from_is_refused_with_the_reason(text, reason):
    with pytest.raises(CorpusError, match=reason):
        corpus.read_bytes(text.encode())


def test_a_missing_file_and_a_folder_are_errors_for_people(tmp_path):
    for path in (tmp_path / "missing.txt", tmp_path):
        with pytest.raises(CorpusError, match="cannot be read"):
            corpus.read_file(path)


@pytest.mark.parametrize("codec", ["utf-8", "gb18030", "utf-16", "utf-16-le"])
def test_line_ends_become_lf_in_every_encoding(codec):
    lines = CHINESE.splitlines()
    mixed = "\r\n".join(lines[:3]) + "\r" + "\n".join(lines[3:]) + "\n"
    found = corpus.read_bytes(mixed.encode(codec))
    assert found.text == CHINESE
    assert found.report.lines == 8
    assert any("3 line ends" in note for note in found.report.notes)


def test_characters_that_cannot_be_kept_become_fffd_and_are_counted():
    found = corpus.read_text("\ufeff" + ENGLISH + "\0 \ud800 \udc00\ud83d\ude00 \ud83d\n")
    assert found.text == ENGLISH + "\ufffd \ufffd \ufffd\U0001f600 \ufffd\n"
    assert found.report.replaced == 4
    few_nul = (ENGLISH * 40 + "\0").encode()
    assert corpus.read_bytes(few_nul).report.replaced == 1


def test_everything_else_is_kept_as_it_is():
    odd = (
        ENGLISH
        + "\t\v\f\u2028\u2029\u0085\u202e\u200d e\u0301 \u2581 \ufeff \U0001f468\u200d\U0001f33e"
    )
    found = corpus.read_bytes(odd.encode())
    assert found.text == odd
    assert any("U+2581" in note for note in found.report.notes)


def test_the_report_counts_what_is_there():
    text = "abab\n" * 50 + "unique line with z\n"
    report = corpus.read_bytes(text.encode(), "my.txt").report
    assert report.name == "my.txt"
    assert (report.characters, report.bytes, report.lines) == (269, 269, 51)
    assert report.symbols == len(set(text))
    assert report.rare_symbols == len({c for c in text if text.count(c) < 5})
    assert report.duplicate_line_share == pytest.approx(49 * 4 / (50 * 4 + 18))
    assert "know it by heart" in report.verdict
    record = report.to_json()
    assert record["notes"] == list(report.notes)
    assert corpus.read_text(text).report.sha256 == report.sha256


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=300))
@settings(deadline=None)
def test_any_text_in_utf8_comes_back(text):
    whole = ENGLISH + text
    assert corpus.read_bytes(whole.encode()).text == whole


@given(st.binary(max_size=400))
@settings(max_examples=300, deadline=None)
def test_any_bytes_give_a_text_or_an_error_for_people(data):
    for candidate in (data, ENGLISH.encode() + data, data + ENGLISH.encode("utf-16-le")):
        try:
            found = corpus.read_bytes(candidate)
        except CorpusError:
            continue
        assert found.text.encode("utf-8").count(b"\0") == 0
        assert "\r" not in found.text


@given(st.integers(200, 3000), st.sampled_from([(0.9, 0.05, 0.05), (0.9, 0.1, 0), (0.5, 0.1, 0.4)]))
@settings(deadline=None)
def test_the_parts_put_together_are_the_text(length, shares):
    text = "".join(chr(33 + i % 90) for i in range(length))
    parts = corpus.split(text, shares)
    assert "".join(parts) == text
    assert bool(parts.test) == (shares[2] > 0)


def test_a_large_text_is_split_exactly_as_asked_and_a_short_one_sensibly():
    assert [*map(len, corpus.split("x" * 1_115_394, (0.9, 0.1, 0)))] == [1_003_854, 111_540, 0]
    assert [*map(len, corpus.split("x" * 100_000, (0.9, 0.05, 0.05)))] == [90_000, 5_000, 5_000]
    assert [*map(len, corpus.split("x" * 1_000, (0.9, 0.05, 0.05)))] == [800, 100, 100]
    assert [*map(len, corpus.split("x" * 12_000, (0.9, 0.05, 0.05)))] == [10_000, 1_000, 1_000]


def test_counts_of_characters_do_not_depend_on_the_blocks(monkeypatch):
    text = (CHINESE + ENGLISH) * 3 + "\U0001f600"
    codes, counts = corpus.character_counts(text)
    monkeypatch.setattr(corpus, "BLOCK", 7)
    again = corpus.character_counts(text)
    np.testing.assert_array_equal(codes, again[0])
    np.testing.assert_array_equal(counts, again[1])
    assert {chr(code): int(n) for code, n in zip(codes, counts, strict=True)} == {
        c: text.count(c) for c in set(text)
    }


@pytest.mark.parametrize("name", list(corpus.SAMPLES))
def test_every_sample_is_a_sound_text_and_the_same_each_time(name):
    first, second = corpus.sample(name), corpus.sample(name)
    assert first.report == second.report
    assert first.report.replaced == 0
    assert first.report.characters > (2_000 if "chinese" in name else 30_000)


def test_an_unknown_sample_is_answered_with_those_that_exist():
    with pytest.raises(CorpusError, match="python-source"):
        corpus.sample("../../etc/passwd")


def test_pairs_of_bytes_are_only_taken_for_utf16_when_they_make_sense():
    rows = np.random.default_rng(0).integers(33, 127, 4000, dtype=np.uint8).tobytes()
    assert corpus.read_bytes(rows).report.encoding == "UTF-8"
    assert decoding.decode(CHINESE.encode()).encoding == "UTF-8"


def test_halves_of_characters_in_utf8_do_not_make_it_another_encoding() -> None:
    data = ENGLISH.encode() + b"\xed\xa0\x80 \xed\xa0\xbd\xed\xb8\x80"
    found = corpus.read_bytes(data)
    assert found.text == ENGLISH + "\ufffd \U0001f600"  # a pair of them is a character
    assert found.report.encoding == "UTF-8"
    assert found.report.replaced == 1
