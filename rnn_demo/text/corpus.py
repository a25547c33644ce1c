"""A text to learn from: what it is made of, whether it is enough, and how it is divided.

The text is kept as one Python string and looked at in blocks, so that 100 MB need no more than a
few copies of a block beside it; no loop of ours runs over single characters.
"""

from __future__ import annotations

import hashlib
import importlib
import os
import sysconfig
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from rnn_demo.errors import CorpusError
from rnn_demo.messages.message import Message
from rnn_demo.text import decoding
from rnn_demo.text.characters import REPLACEMENT

SMALLEST = 200  # characters; below that there is nothing to learn
RARE = 5  # a symbol that occurs less often will hardly be learned
BLOCK = 1 << 20  # characters looked at together
MOST_CHARACTERS = 8000  # kinds of them in a character vocabulary, unless asked otherwise
MOST_LINES = 4_000_000  # that are compared with each other
LONGEST_NAMES = 60  # characters of the names of several files; else it is said how many
FINDINGS = ("note.rare", "note.duplicates", "note.space", "note.one.line", "note.kinds")
ASSETS = Path(__file__).parents[2] / "assets"

SAMPLES = {
    "fables": "Short fables in dialogue from a harbour town, written for this project",
    "chinese-fables": "Small fables in Chinese, written for this project",
    "python-reference": "The reference of the Python language, as its help() shows it",
    "python-source": "Source code of Python's standard library",
}


@dataclass(frozen=True, kw_only=True)
class Report:
    """What a text is made of, and in words what may be expected of it."""

    name: str  # for display only
    encoding: str
    bytes: int  # as uploaded
    characters: int
    symbols: int  # distinct characters
    lines: int
    duplicate_line_share: float  # of the characters, those in lines that occurred before
    rare_symbols: int  # distinct characters that occur fewer than RARE times
    replaced: int  # characters that could not be kept and became U+FFFD
    notes: tuple[Message, ...]  # a sentence for everything that was found or changed
    verdict: Message  # what size of model the text feeds
    sha256: str  # of the text, in UTF-8

    def to_json(self) -> dict[str, Any]:
        """A dictionary of plain JSON values."""
        return {**asdict(self), "notes": list(self.notes)}


@dataclass(frozen=True)
class Corpus:
    """A text that may be trained on, and its report."""

    text: str
    report: Report


class Parts(NamedTuple):
    """Contiguous parts of a text; test may be empty."""

    train: str
    validation: str
    test: str


def file_name(path: str | os.PathLike[str]) -> str:
    """A file's name as text: an old one may be in no encoding at all."""
    return Path(path).name.encode("utf-8", "replace").decode("utf-8")


def read_files(paths: Sequence[str | os.PathLike[str]], encoding: str | None = None) -> Corpus:
    """One file, or several as one text, a blank line between them.

    Among several each may be as short as it likes; what is wrong with one is said with its name.
    """
    if len(paths) == 1:
        return read_file(paths[0], encoding)
    texts = [_one_of_several(path, encoding) for path in paths]
    names = list(map(file_name, paths))
    name = ", ".join(names)
    if len(name) > LONGEST_NAMES:
        name = f"{names[0]} + {len(names) - 1}"
    whole = read_text("\n\n".join(text.text for text in texts), name)
    return made_of(whole, [text.report for text in texts])


def _one_of_several(path: str | os.PathLike[str], encoding: str | None) -> Corpus:
    try:
        return read_file(path, encoding, to_learn_from=False)
    except CorpusError as error:
        if error.message.key == "corpus.unreadable":  # which names it
            raise
        raise CorpusError("corpus.one", name=file_name(path), reason=error.message) from None


def made_of(text: Corpus, sources: Sequence[Report]) -> Corpus:
    """A text that was made of others, with what is known of how their bytes were read."""
    report = text.report
    encodings = ", ".join(dict.fromkeys(source.encoding for source in sources))
    read = [note for source in sources for note in source.notes if note.key not in FINDINGS]
    replaced = report.replaced + sum(source.replaced for source in sources)
    replaced = min(replaced, text.text.count(REPLACEMENT))  # the others were left out
    notes = tuple(dict.fromkeys((*read, *report.notes)))
    size = sum(source.bytes for source in sources)
    report = replace(report, encoding=encodings, bytes=size, notes=notes, replaced=replaced)
    return Corpus(text.text, report)


def read_file(
    path: str | os.PathLike[str], encoding: str | None = None, *, to_learn_from: bool = True
) -> Corpus:
    """Read a file of text. Raises CorpusError on what is none, or too little to learn from."""
    path = Path(path)
    if path.is_char_device() or path.is_block_device():  # /dev/zero never ends
        raise CorpusError("corpus.unreadable", path=path, reason="it is a device")
    try:
        return read_bytes(  # the bytes get no name here, so that they can be let go there
            path.read_bytes(), file_name(path), encoding, to_learn_from=to_learn_from
        )
    except OSError as error:
        raise CorpusError(
            "corpus.unreadable", path=path, reason=error.strerror or str(error)
        ) from None


def read_bytes(
    data: bytes, name: str = "text", encoding: str | None = None, *, to_learn_from: bool = True
) -> Corpus:
    """Turn an uploaded file into a text and its report; `encoding` overrules detection."""
    decoding.refuse_binary(data)
    size = len(data)
    notes: tuple[Message, ...] = ()
    if encoding is None:
        data, notes = decoding.unix_bytes(data)
    found = decoding.decode(data, encoding)
    del data  # 100 MB may be 400 MB of text; there is no need to keep both
    return _corpus(replace(found, notes=(*found.notes, *notes)), name, size, to_learn_from)


def read_text(text: str, name: str = "text") -> Corpus:
    """Take a text that already is a string, for instance from a text box."""
    size = len(text.encode("utf-8", "replace"))
    return _corpus(decoding.Decoded(text.removeprefix("\ufeff"), "Unicode", 0, ()), name, size)


def split(text: str, shares: tuple[float, float, float]) -> Parts:
    """Cut a text into contiguous train, validation and test parts of these shares.

    A share of a short text can be too short to measure anything on. So validation and test, if
    asked for, get at least 1,000 characters or a tenth of the text, whichever is less.
    """
    n = len(text)
    least = min(1000, n // 10)
    train, validation, test = shares
    end = n if test == 0 else min(int(n * (train + validation) + 1e-9), n - least)
    start = int(n * train + 1e-9)
    start = min(start, end - least) if validation else end
    start = max(start, 0)
    return Parts(text[:start], text[start:end], text[end:])


def character_counts(text: str) -> tuple[np.ndarray, np.ndarray]:
    """Code points that occur, ascending, and how often each does."""
    counts = np.zeros(0x110000, np.int64)
    for block in _blocks(text):
        found = np.bincount(code_points(block))
        counts[: len(found)] += found
    codes = np.flatnonzero(counts)
    return codes, counts[codes]


def code_points(text: str) -> np.ndarray:
    """The characters of a short text as numbers, (N,) uint8 or uint32."""
    if text.isascii():
        return np.frombuffer(text.encode("ascii"), np.uint8)
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)


def _blocks(text: str) -> Iterator[str]:
    for start in range(0, len(text), BLOCK):
        yield text[start : start + BLOCK]


def _corpus(found: decoding.Decoded, name: str, size: int, to_learn_from: bool = True) -> Corpus:
    text, notes, replaced = _clean(found.text)
    codes, counts = character_counts(text)
    if to_learn_from:
        _require_substance(text, codes)
    elif not text:
        raise CorpusError("corpus.empty")
    duplicates = _duplicate_share(text)
    notes += _findings(text, codes, counts, duplicates)
    report = Report(
        name=name,
        encoding=found.encoding,
        bytes=size,
        characters=len(text),
        symbols=len(codes),
        lines=text.count("\n") + (not text.endswith("\n")),
        duplicate_line_share=duplicates,
        rare_symbols=int((counts < RARE).sum()),
        replaced=found.replaced + replaced,
        notes=(*found.notes, *notes),
        verdict=_verdict(len(text), len(codes)),
        sha256=_sha256(text),
    )
    return Corpus(text, report)


def _require_substance(text: str, codes: np.ndarray) -> None:
    """Raise CorpusError if nothing can be learned from a text of these code points."""
    substance = sum(len(block.strip()) for block in _blocks(text))
    if text and not substance:
        raise CorpusError("corpus.blank")
    if substance < SMALLEST:
        raise CorpusError("corpus.short", count=substance, least=SMALLEST)
    if len(codes) - np.isin([32, 10], codes).sum() < 2:
        raise CorpusError("corpus.uniform")


def _clean(text: str) -> tuple[str, list[Message], int]:
    """Line ends to LF; NUL and lone surrogates to U+FFFD, counted. Everything else is kept."""
    text, found = decoding.unix_line_ends(text, "\r\n", "\r", "\n")
    notes, replaced = list(found), 0
    nul = text.count("\0")
    if nul:
        text = text.replace("\0", REPLACEMENT)
        notes.append(Message("note.nul", count=nul, sign=REPLACEMENT))
        replaced += nul
    try:
        for block in _blocks(text):
            block.encode("utf-8")
    except UnicodeEncodeError:
        before = text.count(REPLACEMENT)
        text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
        lone = text.count(REPLACEMENT) - before
        notes.append(Message("note.surrogates", count=lone, sign=REPLACEMENT))
        replaced += lone
    return text, notes, replaced


def _duplicate_share(text: str) -> float:
    """Share of the characters that are in lines which occurred before.

    Lines are compared by hash, in the first MOST_LINES; one that spans two blocks counts as two.
    """
    hashes, lengths, seen = [], [], 0
    for block in _blocks(text):
        lines = block.split("\n")
        hashes.append(np.fromiter(map(hash, lines), np.int64, len(lines)))
        lengths.append(np.fromiter(map(len, lines), np.int64, len(lines)))
        seen += len(lines)
        if seen > MOST_LINES:
            break
    length = np.concatenate(lengths)
    _, first = np.unique(np.concatenate(hashes), return_index=True)
    return 1 - int(length[first].sum()) / max(1, int(length.sum()))


def _findings(text: str, codes: np.ndarray, counts: np.ndarray, duplicates: float) -> list[Message]:
    """A sentence, of FINDINGS, for each thing about the text that its owner should know."""
    notes: list[Message] = []
    rare = int((counts < RARE).sum())
    if rare:
        notes.append(Message("note.rare", count=rare, symbols=len(codes), least=RARE))
    if duplicates > 0.1:
        notes.append(Message("note.duplicates", share=duplicates))
    if 0x2581 in codes:
        notes.append(Message("note.space"))
    if "\n" not in text and len(text) > 10_000:
        notes.append(Message("note.one.line"))
    if len(codes) > 1000:
        share = float(np.sort(counts)[-MOST_CHARACTERS:].sum() / counts.sum())
        kept = min(len(codes), MOST_CHARACTERS)
        notes.append(Message("note.kinds", symbols=len(codes), kept=kept, share=share))
    return notes


def _verdict(characters: int, symbols: int) -> Message:
    """In words, what size of network the text feeds."""
    sizes = (
        (20_000, "verdict.tiny"),
        (200_000, "verdict.short"),
        (2_000_000, "verdict.good"),
        (10_000_000, "verdict.large"),
        (1 << 62, "verdict.huge"),
    )
    size = Message(next(key for limit, key in sizes if characters < limit))
    return Message("verdict", characters=characters, symbols=symbols, size=size)


def _sha256(text: str) -> str:
    digest = hashlib.sha256()
    for block in _blocks(text):
        digest.update(block.encode("utf-8"))
    return digest.hexdigest()


def sample(name: str) -> Corpus:
    """One of SAMPLES: texts that every installation has."""
    if name == "python-reference":
        return read_text(_python_reference(), name)
    if name == "python-source":
        return read_text(_python_source(), name)
    if name in SAMPLES:
        return read_text((ASSETS / f"{name}.txt").read_text(encoding="utf-8"), name)
    raise CorpusError("corpus.sample", name=name[:40], known=", ".join(SAMPLES))


def _python_reference() -> str:
    """What help("topics") would show, page after page; large, so loaded only when asked for."""
    try:
        pages = importlib.import_module("pydoc_data.topics").topics
    except ImportError:
        raise CorpusError("corpus.reference") from None
    return "\n\n".join(pages[topic].strip("\n") for topic in sorted(pages))


def _python_source(most: int = 1_500_000) -> str:
    """Modules of the standard library in alphabetical order, up to so many characters."""
    folder = Path(sysconfig.get_paths()["stdlib"])
    parts: list[str] = []
    for path in sorted(folder.glob("*.py"), key=lambda path: path.name):
        if not path.name.startswith("_") and sum(map(len, parts)) < most:
            parts.append(path.read_text(encoding="utf-8"))
    if not parts:
        raise CorpusError("corpus.source")
    return "\n".join(parts)[:most]
