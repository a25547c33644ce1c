"""Text to numbers and back: characters, bytes, or subwords learned by SentencePiece.

Whatever the kind, an id stands for a fixed run of bytes, and the text is those bytes put together
and read as UTF-8. So decoding is the same code for all kinds, decode(encode(text)) == text, and an
incremental decoder that waits for the rest of a character never shows half of one.

The vocabulary is learned from the training part only. What a character vocabulary lacks is mapped
to something that looks like it (see CharTokenizer.mapped) and reported, never a crash.
"""

from __future__ import annotations

import hashlib
import json
import os
from abc import ABC, abstractmethod
from functools import cached_property
from itertools import pairwise
from pathlib import Path

import numpy as np

from rnn_demo.config import TOKENIZERS
from rnn_demo.errors import DamagedError, TokenizerError
from rnn_demo.messages.message import named
from rnn_demo.text import subword
from rnn_demo.text.characters import (
    LOOK_ALIKES,
    REPLACEMENT,
    Decoder,
    lone_surrogates,
    look_alikes,
    visible,
    well_formed,
)
from rnn_demo.text.corpus import BLOCK, MOST_CHARACTERS, character_counts, code_points
from rnn_demo.text.subword import check_foreign

__all__ = ["ByteTokenizer", "CharTokenizer", "Decoder", "SubwordTokenizer", "Tokenizer"]
__all__ += ["LOOK_ALIKES", "check_foreign", "learn", "load", "visible", "well_formed"]

LARGEST_JSON = 8 << 20  # bytes of a tokenizer.json: more than all of Unicode needs
FORMAT = "rnn-demo tokenizer"


class Tokenizer(ABC):
    """What all kinds have in common; N ids, V of them different."""

    kind: str
    file_name = "tokenizer.json"
    unknown_id: int | None = None  # what stands for all that a capped vocabulary leaves out

    @abstractmethod
    def encode(self, text: str) -> np.ndarray:
        """Ids of a text, (N,), in the smallest of uint8, uint16 and int32 that holds them."""

    @abstractmethod
    def token_bytes(self) -> list[bytes]:
        """The bytes that each id stands for, V of them."""

    @abstractmethod
    def symbols(self) -> list[str]:
        """A short label for each id, printable and different from all others."""

    @abstractmethod
    def unknown(self, text: str) -> list[str]:
        """Characters of a text that are mapped to others, each once, in order of appearance."""

    def coverage(self, text: str) -> float:
        """Share of the characters of a text that it can express; bytes express all."""
        return 1.0

    @abstractmethod
    def to_bytes(self) -> bytes:
        """The content of the tokenizer's file."""

    @property
    def vocab_size(self) -> int:
        return len(self._table)

    @property
    def dtype(self) -> np.dtype:
        """Of the ids that encode() returns."""
        small = np.uint8 if self.vocab_size <= 1 << 8 else np.uint16
        return np.dtype(small if self.vocab_size <= 1 << 16 else np.int32)

    @cached_property
    def sha256(self) -> str:
        """Of the tokenizer's file: binds the weights to it."""
        return hashlib.sha256(self.to_bytes()).hexdigest()

    def decode(self, ids: object) -> str:
        """The text of ids (N,); bytes that are not UTF-8 become U+FFFD."""
        array = np.asarray(ids, dtype=np.int64).reshape(-1)
        if array.size and not 0 <= array.min() <= array.max() < self.vocab_size:
            raise TokenizerError("tokenizer.ids", most=self.vocab_size - 1)
        return b"".join([self._table[i] for i in array.tolist()]).decode("utf-8", "replace")

    def decoder(self) -> Decoder:
        """A decoder that takes one id at a time."""
        return Decoder(self._table)

    def save(self, folder: str | os.PathLike[str]) -> Path:
        """Write the tokenizer's one file into a folder that exists."""
        path = Path(folder) / self.file_name
        path.write_bytes(self.to_bytes())
        return path

    @cached_property
    def _table(self) -> list[bytes]:
        return self.token_bytes()


class CharTokenizer(Tokenizer):
    """One id per character, in order of code points.

    A vocabulary that was capped ends with U+FFFD, which stands for all rarer characters and is
    learned like any other symbol; otherwise there is no id that training never saw.
    """

    kind = "char"

    def __init__(self, characters: list[str], capped: bool = False) -> None:
        self.characters = characters
        self.unknown_id = characters.index(REPLACEMENT) if capped else None
        self._codes = np.full(max(map(ord, characters)) + 2, -1, np.int32)  # the last: not known
        self._codes[[ord(c) for c in characters]] = np.arange(len(characters))

    def encode(self, text: str) -> np.ndarray:
        ids = np.empty(len(text), self.dtype)
        for start in range(0, len(text), BLOCK):
            codes = code_points(text[start : start + BLOCK])
            found = self._codes[np.minimum(codes, np.uint32(len(self._codes) - 1))]
            missing = found < 0
            if missing.any():
                found[missing] = self._map(codes[missing])
            ids[start : start + BLOCK] = found
        return ids

    def _map(self, codes: np.ndarray) -> np.ndarray:
        """Ids that stand in for code points outside of the vocabulary, (N,) -> (N,)."""
        different, places = np.unique(codes, return_inverse=True)
        ids = [self._codes[ord(self._stand_in(chr(code)))] for code in different]
        return np.array(ids, np.int32)[places.reshape(-1)]

    def _stand_in(self, character: str) -> str:
        """The character of the vocabulary that is shown to the network instead."""
        if self.unknown_id is not None:
            return REPLACEMENT
        candidates = (*look_alikes(character), REPLACEMENT, " ", "\n", self.characters[0])
        return next(c for c in candidates if c in self._known)

    def mapped(self, text: str) -> dict[str, str]:
        """What becomes of each unknown character of a text, to be told to its writer."""
        return {character: self._stand_in(character) for character in self.unknown(text)}

    def coverage(self, text: str) -> float:
        codes, counts = character_counts(text)
        known = np.isin(codes, [ord(c) for c in self.characters])
        return float(counts[known].sum() / max(counts.sum(), 1))

    def token_bytes(self) -> list[bytes]:
        return [c.encode("utf-8") for c in self.characters]

    def symbols(self) -> list[str]:
        return [visible(c) for c in self.characters]

    def unknown(self, text: str) -> list[str]:
        return [c for c in dict.fromkeys(text) if c not in self._known]

    def to_bytes(self) -> bytes:
        record = {
            "format": FORMAT,
            "version": 1,
            "kind": self.kind,
            "capped": self.unknown_id is not None,
            "characters": self.characters,
        }
        return json.dumps(record, ensure_ascii=True, indent=0).encode("ascii")

    @cached_property
    def _known(self) -> frozenset[str]:
        return frozenset(self.characters)


class ByteTokenizer(Tokenizer):
    """The 256 bytes of UTF-8: any text in any language, three ids for a Chinese character."""

    kind = "byte"

    def encode(self, text: str) -> np.ndarray:
        return np.frombuffer(well_formed(text).encode("utf-8"), np.uint8).copy()

    def token_bytes(self) -> list[bytes]:
        return [bytes([i]) for i in range(256)]

    def symbols(self) -> list[str]:
        return [visible(chr(i)) if i < 128 else f"<0x{i:02X}>" for i in range(256)]

    def unknown(self, text: str) -> list[str]:
        return lone_surrogates(text)

    def to_bytes(self) -> bytes:
        return json.dumps({"format": FORMAT, "version": 1, "kind": self.kind}, indent=0).encode()


class SubwordTokenizer(Tokenizer):
    """Frequent runs of characters, learned by SentencePiece; rare characters as bytes."""

    kind = "subword"
    file_name = "tokenizer.model"

    def __init__(self, model: bytes) -> None:
        self.model = model
        self._pieces = subword.Pieces(model)

    def encode(self, text: str) -> np.ndarray:
        return self._pieces.encode(well_formed(text)).astype(self.dtype)

    def token_bytes(self) -> list[bytes]:
        return self._pieces.token_bytes()

    def symbols(self) -> list[str]:
        return [visible(label) for label in self._pieces.labels()]

    def unknown(self, text: str) -> list[str]:
        return [*(["\0"] if "\0" in text else []), *lone_surrogates(text)]

    def to_bytes(self) -> bytes:
        return self.model

    def describe(self) -> dict[str, object]:
        """Pieces and scores, for a program without SentencePiece."""
        return self._pieces.describe()


def learn(kind: str, text: str, vocab_size: int | None = None) -> Tokenizer:
    """Learn a vocabulary from a text, of one of TOKENIZERS.

    vocab_size is an upper bound, for subwords also the aim.
    """
    if kind not in TOKENIZERS:
        raise TokenizerError(
            "settings.choice", name=named("tokenizer"), choices=", ".join(TOKENIZERS), value=kind
        )
    if not text:
        raise TokenizerError("tokenizer.empty")
    if kind == "byte":
        return ByteTokenizer()
    if kind == "char":
        return _learn_characters(text, vocab_size or MOST_CHARACTERS)
    algorithm = "unigram" if kind == "unigram" else "bpe"
    return SubwordTokenizer(subword.learn(well_formed(text), vocab_size, algorithm))


def _learn_characters(text: str, most: int) -> CharTokenizer:
    """The most frequent characters, and if some are left out U+FFFD for them."""
    if most < 2:
        raise TokenizerError("tokenizer.symbols", most=most)
    codes, counts = character_counts(well_formed(text))
    if len(codes) <= most:
        return CharTokenizer([chr(code) for code in codes])
    best = codes[np.argsort(-counts, kind="stable")[: most - 1]]
    characters = sorted({*map(chr, best), REPLACEMENT})
    return CharTokenizer(characters, capped=True)


def load(path: str | os.PathLike[str]) -> Tokenizer:
    """Read a tokenizer's file, or the one in a folder. Nothing in it is trusted."""
    path = Path(path)
    if path.is_dir():
        names = (CharTokenizer.file_name, SubwordTokenizer.file_name)
        path = next((path / name for name in names if (path / name).is_file()), path / names[0])
    limit = subword.LARGEST_MODEL if path.suffix == ".model" else LARGEST_JSON
    try:
        size = path.stat().st_size
        data = path.read_bytes() if size <= limit else b""
    except OSError as error:
        raise DamagedError("tokenizer.unreadable", reason=error.strerror or str(error)) from None
    if size > limit:
        raise TokenizerError("tokenizer.heavy", name=path.name, size=size, limit=limit)
    return SubwordTokenizer(data) if path.suffix == ".model" else _from_json(data)


def _from_json(data: bytes) -> Tokenizer:
    try:
        record = json.loads(data)
    except (ValueError, RecursionError):
        raise DamagedError("tokenizer.cut") from None
    if not isinstance(record, dict) or record.get("format") != FORMAT:
        raise TokenizerError("tokenizer.foreign")
    if record.get("version") != 1:
        raise TokenizerError("tokenizer.newer")
    if record.get("kind") == "byte" and len(record) == 3:
        return ByteTokenizer()
    if record.get("kind") != "char" or set(record) != set(
        json.loads(CharTokenizer(["a"]).to_bytes())
    ):
        raise TokenizerError("tokenizer.entries")
    return _checked_characters(record["characters"], record["capped"])


def _checked_characters(characters: object, capped: object) -> CharTokenizer:
    good = isinstance(characters, list) and all(
        isinstance(c, str) and len(c) == 1 and not 0xD800 <= ord(c) <= 0xDFFF for c in characters
    )
    if not good or not isinstance(characters, list) or not characters:
        raise TokenizerError("tokenizer.single")
    if any(a >= b for a, b in pairwise(characters)):
        raise TokenizerError("tokenizer.order")
    if not isinstance(capped, bool) or (capped and REPLACEMENT not in characters):
        raise TokenizerError("tokenizer.capped")
    return CharTokenizer(characters, capped)
