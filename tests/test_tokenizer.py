"""Tokenizers: every text comes back, nothing unknown crashes, no file is trusted."""

import json
import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rnn_demo.errors import DamagedError, TokenizerError
from rnn_demo.text import subword, tokenizer

TEXT = (
    "FERRYMAN.\n  Who goes there, and with what weight?\n\nCHILD.\tOnly I, and 3 stones, sir -- "
    "and a café's worth of bread.\n从前有一个渔夫,他每天清晨都到海边去。\n\n"
) * 12
WELL_FORMED = st.text(st.characters(exclude_categories=["Cs"]), max_size=120)


@pytest.fixture(scope="module")
def learned():
    return {
        "char": tokenizer.learn("char", TEXT),
        "byte": tokenizer.learn("byte", TEXT),
        "bpe": tokenizer.learn("subword", TEXT, 420),
        "unigram": tokenizer.learn("unigram", TEXT, 420),
    }


KINDS = ["char", "byte", "bpe", "unigram"]


@pytest.mark.parametrize("name", KINDS)
def test_the_text_it_learned_from_comes_back(learned, name):
    one = learned[name]
    ids = one.encode(TEXT)
    assert one.decode(ids) == TEXT
    assert ids.dtype == one.dtype
    assert ids.max() < one.vocab_size == len(one.symbols()) == len(one.token_bytes())
    assert one.kind in ("char", "byte", "subword")


@pytest.mark.parametrize("name", ["byte", "bpe", "unigram"])
@given(text=WELL_FORMED.map(lambda text: text.replace("\0", "")))
@settings(max_examples=150, deadline=None)
def test_any_text_comes_back_from_bytes_and_subwords(learned, name, text):
    one = learned[name]
    assert one.decode(one.encode(text)) == text
    assert one.unknown(text) == []


@given(text=WELL_FORMED.filter(bool))
@settings(deadline=None)
def test_any_text_comes_back_from_its_own_characters(text):
    one = tokenizer.learn("char", text)
    assert one.decode(one.encode(text)) == text
    assert one.vocab_size == len(set(text))


@pytest.mark.parametrize("name", KINDS)
@given(text=st.text(max_size=60))
@settings(max_examples=100, deadline=None)
def test_nothing_that_can_be_typed_crashes(learned, name, text):
    one = learned[name]
    back = one.decode(one.encode(text))
    if not one.unknown(text):
        assert back == text


def test_plain_ascii_is_encoded_by_a_vocabulary_of_hundreds_of_characters():
    one = tokenizer.learn("char", "".join(map(chr, range(32, 900))))
    assert one.dtype == np.uint16
    assert one.decode(one.encode("plain ascii")) == "plain ascii"


AWKWARD = {
    "one line": "word and another word " * 3000,
    "one line without spaces": "渔夫每天清晨到海边" * 3000,
    "one symbol and spaces": "a a a a " * 100,
    "only line ends and letters": "a\nb\n" * 100,
    "runs of spaces": "   indented     text  \n      more   \n" * 40,
    "leading and trailing space": "  hello world  " * 20,
    "many kinds": "".join(chr(0x4E00 + i) for i in range(3500)) * 2,
    "sentencepiece's own mark": "a ▁ b ▁▁ c\n" * 60,
    "its own words": "<s> </s> <unk> <0x41> <0x0A>\n" * 60,
    "combining and joined": "e\u0301 \U0001f468\u200d\U0001f469\u200d\U0001f467 \u202etxet\u202c\n"
    * 30,
    "separators": "a\u2028b\u0085c\td\u00a0e\u3000f\n" * 60,
    "short": "ab " * 70,
}


@pytest.mark.parametrize("algorithm", subword.ALGORITHMS)
@pytest.mark.parametrize("name", list(AWKWARD))
def test_awkward_texts_train_and_come_back(name, algorithm):
    one = tokenizer.learn({"bpe": "subword"}.get(algorithm, algorithm), AWKWARD[name])
    assert one.decode(one.encode(AWKWARD[name])) == AWKWARD[name]


def test_subwords_of_a_long_text_are_those_of_the_whole(learned, monkeypatch):
    one = learned["bpe"]
    text = TEXT + "  several   spaces   in a row\n\n\n"
    whole = one.encode(text)
    monkeypatch.setattr(subword, "ENCODE", 50)
    np.testing.assert_array_equal(one.encode(text), whole)


def test_a_line_end_is_an_id_of_its_own_and_never_part_of_a_word(learned):
    labels = learned["bpe"].symbols()
    assert [label for label in labels if "⏎" in label] == ["⏎"]


def test_a_small_vocabulary_of_a_text_with_many_characters_falls_back_to_bytes():
    one = tokenizer.learn("subword", AWKWARD["many kinds"], 400)
    assert one.vocab_size <= 400
    assert one.decode(one.encode(AWKWARD["many kinds"])) == AWKWARD["many kinds"]


@pytest.mark.parametrize(
    ("kind", "text", "size", "words"),
    [
        ("subword", TEXT, 200, "at least"),
        ("subword", TEXT, 10**6, "may have"),
        ("subword", " \n " * 100, None, "white space"),
        ("char", TEXT, 1, "at least 2"),
        ("char", "", None, "empty"),
        ("word", TEXT, None, "must be one of"),
    ],
)
def test_a_vocabulary_that_cannot_be_learned_is_explained(kind, text, size, words):
    with pytest.raises(TokenizerError, match=words):
        tokenizer.learn(kind, text, size)


def test_unknown_characters_of_a_prompt_become_what_looks_like_them():
    one = tokenizer.learn("char", "Plain letters, 'quotes' - no accents. P\n")
    assert one.mapped("Ça\u2019s\u2014où\u00a0☃") == {
        "Ç": one.mapped("Ç")["Ç"],
        "\u2019": "'",
        "\u2014": "-",
        "ù": "u",
        "\u00a0": " ",
        "☃": " ",
    }
    assert one.decode(one.encode("Pétit\u2026")) == "Petit."
    assert one.decode(one.encode("PLAIN")) == "Plain"
    assert one.unknown("a\u2019b\u2019☃") == ["\u2019", "b", "☃"]


def test_a_capped_vocabulary_keeps_the_frequent_and_learns_the_rest_as_one():
    text = "abcab" * 20 + "xyz"
    one = tokenizer.learn("char", text, 4)
    assert one.characters == ["a", "b", "c", "\ufffd"]
    assert one.unknown_id == 3
    assert one.decode(one.encode(text)) == "abcab" * 20 + "\ufffd" * 3
    assert one.coverage(text) == pytest.approx(100 / 103)
    assert tokenizer.learn("char", text).unknown_id is None


@pytest.mark.parametrize("name", KINDS)
def test_the_file_gives_the_same_tokenizer_and_its_digest_binds_it(learned, name, tmp_path):
    one = learned[name]
    path = one.save(tmp_path)
    for place in (path, tmp_path):
        again = tokenizer.load(place)
        assert again.sha256 == one.sha256
        assert again.kind == one.kind
        np.testing.assert_array_equal(again.encode(TEXT), one.encode(TEXT))
    assert len({other.sha256 for other in learned.values()}) == 4


def test_a_capped_vocabulary_survives_its_file(tmp_path):
    one = tokenizer.learn("char", "abcab" * 20 + "xyz", 4)
    one.save(tmp_path)
    assert tokenizer.load(tmp_path).unknown_id == 3


@pytest.mark.parametrize("name", KINDS)
def test_the_decoder_never_shows_half_a_character(learned, name):
    one = learned[name]
    text = "café 渔夫 \U0001f600▁ends"
    ids = one.encode(text).tolist()
    decoder, pieces = one.decoder(), []
    for token in ids:
        pieces.append(decoder.push(token))
        if name != "char":
            assert "\ufffd" not in pieces[-1]
    assert "".join(pieces) + decoder.finish() == one.decode(ids)
    cut = one.decoder()
    halves = (
        "".join(cut.push(i) for i in learned["byte"].encode("渔")[:2].tolist())
        if name == "byte"
        else ""
    )
    assert halves == ""
    assert cut.finish() == ("\ufffd" if name == "byte" else "")


@given(st.lists(st.integers(0, 255), max_size=40))
@settings(deadline=None)
def test_any_ids_decode_alike_at_once_and_one_by_one(ids):
    one = tokenizer.ByteTokenizer()
    decoder = one.decoder()
    assert "".join(map(decoder.push, ids)) + decoder.finish() == one.decode(ids)


@pytest.mark.parametrize("name", KINDS)
def test_labels_are_printable_and_all_different(learned, name):
    labels = learned[name].symbols()
    assert len(set(labels)) == len(labels)
    assert all(label and label.isprintable() for label in labels)
    assert "␣" in labels or name == "unigram"


def test_a_label_tells_an_open_box_from_a_space():
    one = tokenizer.learn("char", " ␣⏎\n\t\u0301\x07ab")
    assert len(set(one.symbols())) == one.vocab_size


def test_bytes_of_all_ids_together_are_the_text(learned):
    for one in learned.values():
        table = one.token_bytes()
        assert b"".join(table[i] for i in one.encode(TEXT)) == TEXT.encode()


def test_ids_out_of_range_are_refused(learned):
    for one in learned.values():
        for bad in ([-1], [one.vocab_size]):
            with pytest.raises(TokenizerError, match="Ids must be"):
                one.decode(bad)


GOOD = {
    "format": tokenizer.FORMAT,
    "version": 1,
    "kind": "char",
    "capped": False,
    "characters": ["a", "b"],
}


@pytest.mark.parametrize(
    ("changes", "error", "words"),
    [
        ({"characters": ["a", "a"]}, TokenizerError, "twice"),
        ({"characters": ["b", "a"]}, TokenizerError, "out of order"),
        ({"characters": ["ab"]}, TokenizerError, "single characters"),
        ({"characters": []}, TokenizerError, "single characters"),
        ({"characters": {"a": 0}}, TokenizerError, "single characters"),
        ({"characters": ["a", 7]}, TokenizerError, "single characters"),
        ({"characters": ["\ud800"]}, TokenizerError, "single characters"),
        ({"capped": True}, TokenizerError, "no U\\+FFFD"),
        ({"capped": 1}, TokenizerError, "no U\\+FFFD"),
        ({"version": 2}, TokenizerError, "newer"),
        ({"format": "other"}, TokenizerError, "not made by"),
        ({"kind": "word"}, TokenizerError, "missing or unknown"),
        ({"kind": "byte"}, TokenizerError, "missing or unknown"),
        ({"surplus": 1}, TokenizerError, "missing or unknown"),
    ],
)
def test_a_changed_file_is_refused_with_the_reason(tmp_path, changes, error, words):
    path = tmp_path / "tokenizer.json"
    path.write_text(json.dumps(GOOD), encoding="ascii")
    assert tokenizer.load(path).characters == ["a", "b"]
    path.write_text(json.dumps(GOOD | changes), encoding="ascii")
    with pytest.raises(error, match=words):
        tokenizer.load(path)


@pytest.mark.parametrize("data", [b"", b"{", b"[" * 100_000, b"\xff\xfe", b'"text"', b"null"])
def test_a_file_that_is_no_json_is_refused(tmp_path, data):
    (tmp_path / "tokenizer.json").write_bytes(data)
    with pytest.raises((DamagedError, TokenizerError)):
        tokenizer.load(tmp_path)


def test_missing_and_oversized_files_are_refused(tmp_path):
    with pytest.raises(DamagedError, match="cannot be read"):
        tokenizer.load(tmp_path)
    (tmp_path / "tokenizer.json").write_bytes(b" " * (tokenizer.LARGEST_JSON + 1))
    (tmp_path / "tokenizer.model").write_bytes(b" " * (subword.LARGEST_MODEL + 1))
    for name in ("tokenizer.json", "tokenizer.model"):
        with pytest.raises(TokenizerError, match="refused"):
            tokenizer.load(tmp_path / name)


def test_a_damaged_model_is_refused_here_and_in_the_child(learned, tmp_path):
    model = learned["bpe"].to_bytes()
    path = tmp_path / "tokenizer.model"
    path.write_bytes(model)
    start = time.monotonic()
    assert subword.check_foreign(path) == learned["bpe"].vocab_size
    assert time.monotonic() - start < 5
    rng = np.random.default_rng(0)
    for data in (model[: len(model) // 2], b"", b"\0" * 100, rng.bytes(5000)):
        path.write_bytes(data)
        with pytest.raises((DamagedError, TokenizerError)):
            tokenizer.load(path)
    with pytest.raises(TokenizerError, match="could not be opened safely"):
        subword.check_foreign(path)
    with pytest.raises(TokenizerError, match="must be a file"):
        subword.check_foreign(tmp_path / "none.model")


def test_a_model_with_flipped_bytes_loads_soundly_or_is_refused(learned, tmp_path):
    model = bytearray(learned["bpe"].to_bytes())
    path = tmp_path / "tokenizer.model"
    rng = np.random.default_rng(1)
    for _ in range(40):
        changed = bytearray(model)
        changed[int(rng.integers(len(model)))] ^= int(rng.integers(1, 256))
        path.write_bytes(changed)
        try:
            one = tokenizer.load(path)
        except (DamagedError, TokenizerError):
            continue
        assert one.decode(one.encode("FERRYMAN. 渔\n")) is not None


def test_the_child_is_held_to_its_time(learned, tmp_path):
    path = learned["bpe"].save(tmp_path)
    with pytest.raises(TokenizerError, match="could not be opened safely"):
        subword.check_foreign(path, seconds=0.001)
