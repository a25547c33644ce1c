"""Bytes to text: which encoding a file is in, and what is no text at all.

Nothing is replaced in silence. What was changed comes back as sentences, what could not be read
as a number of replaced characters, and a person who knows better may name the encoding.
"""

from __future__ import annotations

import codecs
from dataclasses import dataclass, replace
from typing import AnyStr

import charset_normalizer
import numpy as np

from rnn_demo.errors import CorpusError
from rnn_demo.messages.message import Message
from rnn_demo.text.characters import REPLACEMENT

SAMPLE = 1 << 16  # bytes that guessing an encoding looks at

BYTE_ORDER_MARKS = (  # longest first: UTF-32 LE begins like UTF-16 LE
    (codecs.BOM_UTF32_LE, "utf-32-le", "UTF-32 LE"),
    (codecs.BOM_UTF32_BE, "utf-32-be", "UTF-32 BE"),
    (b"\x84\x31\x95\x33", "gb18030", "GB18030"),
    (codecs.BOM_UTF8, "utf-8", "UTF-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le", "UTF-16 LE"),
    (codecs.BOM_UTF16_BE, "utf-16-be", "UTF-16 BE"),
)
LEGACY = {  # what charset-normalizer may choose from, and how we call it
    "gb18030": "GB18030",
    "big5": "Big5",
    "shift_jis": "Shift JIS",
    "euc_jp": "EUC-JP",
    "euc_kr": "EUC-KR",
    "cp1252": "Windows-1252",
    "cp1250": "Windows-1250",
    "cp1251": "Windows-1251",
    "cp1253": "Windows-1253",
    "cp1254": "Windows-1254",
    "koi8_r": "KOI8-R",
    "latin_1": "Latin-1",
}

CENTRAL_EUROPE = ("Polish", "Czech", "Slovak", "Hungarian", "Slovene", "Croatian", "Romanian")

# First bytes that name a kind whatever follows,
ALWAYS_BINARY = (
    (b"%PDF-", "kind.pdf"),
    (b"{\\rtf", "kind.rtf"),
    (b"PK\x03\x04", "kind.zip"),
    (b"PK\x05\x06", "kind.zip.empty"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "kind.office"),
    (b"\x1f\x8b", "kind.gzip"),
    (b"\xfd7zXZ\x00", "kind.xz"),
    (b"7z\xbc\xaf\x27\x1c", "kind.7z"),
    (b"\x28\xb5\x2f\xfd", "kind.zstd"),
    (b"\x89PNG\r\n\x1a\n", "kind.png"),
    (b"\xff\xd8\xff", "kind.jpeg"),
    (b"\x7fELF", "kind.linux"),
    (b"\xcf\xfa\xed\xfe", "kind.macos"),
    (b"\xca\xfe\xba\xbe", "kind.java"),
    (b"\x00asm", "kind.wasm"),
    (b"SQLite format 3\x00", "kind.sqlite"),
    (b"\x89HDF\r\n\x1a\n", "kind.hdf5"),
    (b"\x93NUMPY", "kind.numpy"),
    (b"\x80\x02", "kind.pickle"),
    (b"\x80\x03", "kind.pickle"),
    (b"\x80\x04\x95", "kind.pickle"),
    (b"\x80\x05\x95", "kind.pickle"),
    (b"II*\x00", "kind.tiff"),
    (b"MM\x00*", "kind.tiff"),
)
# and first letters that a text could begin with, so that control characters must follow.
PERHAPS_BINARY = (
    (0, b"MZ", "kind.windows"),
    (0, b"BM", "kind.bmp"),
    (0, b"GIF8", "kind.gif"),
    (0, b"RIFF", "kind.riff"),
    (0, b"ID3", "kind.mp3"),
    (0, b"OggS", "kind.ogg"),
    (0, b"fLaC", "kind.flac"),
    (0, b"BZh", "kind.bzip2"),
    (0, b"Rar!", "kind.rar"),
    (0, b"PAR1", "kind.parquet"),
    (4, b"ftyp", "kind.film"),
    (60, b"BOOKMOBI", "kind.kindle"),
    (257, b"ustar", "kind.tar"),
)
OFFICE = (  # what a ZIP archive holds tells what it is
    (b"word/", "kind.docx"),
    (b"xl/", "kind.xlsx"),
    (b"ppt/", "kind.pptx"),
    (b"opendocument.text", "kind.odt"),
    (b"epub+zip", "kind.epub"),
)
CONTROLS = np.array([*range(9), *range(14, 27), *range(28, 32)])  # not tab, line ends, escape


@dataclass(frozen=True)
class Decoded:
    """A text as it was found; line ends and odd characters are still as in the file."""

    text: str
    encoding: str  # a name for people
    replaced: int  # characters that could not be read and became U+FFFD
    notes: tuple[Message, ...]


def decode(data: bytes, encoding: str | None = None) -> Decoded:
    """Read bytes as text, in the encoding given or the one that fits best."""
    if encoding is not None:
        return _as_asked(data, encoding)
    for mark, codec, name in BYTE_ORDER_MARKS:
        if data.startswith(mark):
            note = Message("note.mark", encoding=name)
            return _decoded(data[len(mark) :], codec, name, (note,))
    wide = _utf16_without_mark(data)
    if wide is not None:
        name = f"UTF-16 {wide[-2:].upper()}"
        note = Message("note.unmarked", encoding=name)
        return _decoded(data, wide, name, (note,))
    _refuse_control_characters(data)
    return _utf8_or_legacy(data)


def unix_bytes(data: bytes) -> tuple[bytes, tuple[Message, ...]]:
    """unix_line_ends() for all encodings in which an ASCII character is one byte.

    For these it is better done before decoding: afterwards a character may take four bytes.
    """
    wide = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE, codecs.BOM_UTF32_BE))
    if wide or _utf16_without_mark(data):
        return data, ()
    return unix_line_ends(data, b"\r\n", b"\r", b"\n")


def unix_line_ends(
    text: AnyStr, windows: AnyStr, old: AnyStr, unix: AnyStr
) -> tuple[AnyStr, tuple[Message, ...]]:
    """Windows' and old Macs' line ends to LF, and a note if there were any."""
    pairs = text.count(windows) if old in text else 0
    single = text.count(old) - pairs if old in text else 0
    if not pairs + single:
        return text, ()
    text = text.replace(windows, unix) if pairs else text
    text = text.replace(old, unix) if single else text
    return text, (Message("note.lines", count=pairs + single),)


def _utf8_or_legacy(data: bytes) -> Decoded:
    """UTF-8, or else one of the older encodings that agree with ASCII."""
    try:
        return Decoded(data.decode("utf-8"), "UTF-8", 0, ())
    except UnicodeDecodeError as error:
        sample = _surroundings(data, error.start)
    try:  # halves of characters, each written as if it were one: CESU-8, or a slip
        return Decoded(data.decode("utf-8", "surrogatepass"), "UTF-8", 0, ())
    except UnicodeDecodeError:
        pass
    return _almost_utf8(data, sample) or _legacy(data, sample)


def _surroundings(data: bytes, place: int) -> bytes:
    """Up to SAMPLE bytes around a place, whole lines if there are any."""
    start = data.rfind(b"\n", 0, max(0, place - SAMPLE // 2)) + 1
    start = start if place - start < SAMPLE else max(0, place - SAMPLE // 2)
    end = data.rfind(b"\n", place, start + SAMPLE) + 1
    return data[start : end or start + SAMPLE]


def refuse_binary(data: bytes) -> None:
    """Raise CorpusError, naming the kind, if the bytes are those of a well known binary format."""
    kind = _binary_kind(data)
    if kind is not None:
        raise CorpusError("corpus.binary", kind=Message(kind))


def _binary_kind(data: bytes) -> str | None:
    head = data[:4096]
    for magic, kind in ALWAYS_BINARY:
        if head.startswith(magic):
            inside = [k for word, k in OFFICE if word in head or word in data[-SAMPLE:]]
            return inside[0] if kind == "kind.zip" and inside else kind
    if _control_share(head) > 0.001:
        for offset, magic, kind in PERHAPS_BINARY:
            if head[offset : offset + len(magic)] == magic:
                return kind
    return None


def _control_share(data: bytes) -> float:
    """Share of the bytes that are control characters other than tab, line ends and escape."""
    found = 0
    for start in range(0, len(data), 1 << 20):
        block = np.frombuffer(data, np.uint8, min(1 << 20, len(data) - start), start)
        found += int(np.bincount(block, minlength=256)[CONTROLS].sum())
    return found / max(len(data), 1)


def _refuse_control_characters(data: bytes) -> None:
    share = _control_share(data)
    if share > 0.001:
        raise CorpusError("corpus.control", share=share)


def _utf16_without_mark(data: bytes) -> str | None:
    """Tell UTF-16 by its zero bytes or, for scripts without them, by which order makes sense."""
    pairs = np.frombuffer(data[: min(len(data), SAMPLE) // 2 * 2], np.uint8).reshape(-1, 2)
    if len(pairs) < 8 or len(data) % 2:
        return None
    first, second = (pairs == 0).mean(axis=0)
    if max(first, second) > 0.2 and min(first, second) < 0.02:
        return "utf-16-be" if first > second else "utf-16-le"
    little = _share_of_plausible(pairs[:, 0].astype(np.uint16) | pairs[:, 1].astype(np.uint16) << 8)
    big = _share_of_plausible(pairs[:, 1].astype(np.uint16) | pairs[:, 0].astype(np.uint16) << 8)
    has_spaces = (pairs == 0).any()  # a line end, a space or a Latin letter somewhere
    if not has_spaces or max(little, big) < 0.98 or min(little, big) > 0.9:
        return None
    return "utf-16-le" if little > big else "utf-16-be"


def _share_of_plausible(codes: np.ndarray) -> float:
    """Share of code units that are common in texts: ASCII, Chinese, kana, Hangul, full width."""
    ranges = ((0x20, 0x7E), (0x09, 0x0D), (0x3000, 0x30FF), (0x4E00, 0x9FFF), (0xAC00, 0xD7A3),
              (0xFF00, 0xFFEF), (0x2010, 0x2027))  # fmt: skip
    good = np.zeros(len(codes), bool)
    for low, high in ranges:
        good |= (codes >= low) & (codes <= high)
    return float(good.mean())


def _decoded(data: bytes, codec: str, name: str, notes: tuple[Message, ...] = ()) -> Decoded:
    """Decode strictly; if that fails, with U+FFFD, and say how often."""
    try:
        return Decoded(data.decode(codec), name, 0, notes)
    except UnicodeDecodeError:
        text = data.decode(codec, "replace")
        replaced = text.count(REPLACEMENT)
        note = Message("note.undecoded", count=replaced, encoding=name, sign=REPLACEMENT)
        return Decoded(text, name, replaced, (*notes, note))


def _as_asked(data: bytes, encoding: str) -> Decoded:
    try:
        codec = codecs.lookup(encoding)
        found = _decoded(data, encoding, codec.name.upper())
    except (LookupError, ValueError):
        raise CorpusError("corpus.encoding", encoding=encoding[:40]) from None
    return replace(found, text=found.text.removeprefix("\ufeff"))


def _almost_utf8(data: bytes, sample: bytes) -> Decoded | None:
    """UTF-8 with a few broken places, for instance a file that was cut: or None."""
    text = sample.decode("utf-8", "replace")
    bad = text.count(REPLACEMENT) - sample.count(REPLACEMENT.encode())
    good = sum(map("\x7f".__lt__, text)) - bad  # well-formed characters beyond ASCII
    if good <= 20 * bad:
        return None
    text = data.decode("utf-8", "replace")
    replaced = text.count(REPLACEMENT) - data.count(REPLACEMENT.encode())
    note = Message("note.utf8", count=replaced, sign=REPLACEMENT)
    return Decoded(text, "UTF-8", replaced, (note,))


def _legacy(data: bytes, sample: bytes) -> Decoded:
    """One of the encodings from before Unicode: a guess, shown as such."""
    for codec in (_guess(sample), "cp1252"):
        name = LEGACY[codec]
        found = _decoded(data, codec, name, (Message("note.guess", encoding=name),))
        if found.replaced <= len(found.text) // 500:
            return found
    latin = LEGACY["latin_1"]
    return Decoded(data.decode("latin_1"), latin, 0, (Message("note.guess", encoding=latin),))


def _guess(sample: bytes) -> str:
    """The likeliest of LEGACY. Latin ones differ in few letters, so the language decides."""
    lengths = [*range(len(sample), max(0, len(sample) - 4), -1)]  # the cut may halve a character,
    lengths += [sample.rfind(b"\n", 0, len(sample) >> k) + 1 for k in range(1, 8)]  # or one is bad
    for length in filter(None, lengths):
        best = charset_normalizer.from_bytes(sample[:length], cp_isolation=list(LEGACY)).best()
        if best is not None and best.encoding in LEGACY:
            if best.encoding == "cp1250" and best.language not in CENTRAL_EUROPE:
                return "cp1252"
            return "cp1254" if best.language == "Turkish" else best.encoding
    return "cp1252"
