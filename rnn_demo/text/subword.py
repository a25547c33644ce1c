"""Subwords by SentencePiece, set so that every text comes back exactly as it was.

SentencePiece's defaults normalise, strip and drop; here nothing is normalised, line ends are ids
of their own, and characters outside of the vocabulary are written as their UTF-8 bytes. Its one
blind spot, the character U+2581 that it uses for a space, is written as bytes too.
"""

from __future__ import annotations

import io
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import sentencepiece

from rnn_demo.errors import DamagedError, TokenizerError
from rnn_demo.messages.message import named
from rnn_demo.text.characters import REPLACEMENT
from rnn_demo.text.corpus import character_counts

LARGEST_MODEL = 2 << 20  # bytes
MOST_PIECES = 32_768
LEARN_FROM = 10_000_000  # characters; a longer text is learned from in evenly spread slices
PIECE = 1000  # characters that the trainer reads at a time
ENCODE = 20_000  # characters that are encoded at a time
FIXED = 258  # ids every vocabulary has: unknown, line end, 256 bytes
SPACE = "\u2581"
ALGORITHMS = ("bpe", "unigram")


def learn(text: str, vocab_size: int | None, algorithm: str = "bpe") -> bytes:
    """Train a model of about so many pieces on a text; returns the content of its file."""
    if algorithm not in ALGORITHMS:
        raise TokenizerError(
            "settings.choice",
            name=named("algorithm"),
            choices=", ".join(ALGORITHMS),
            value=algorithm,
        )
    if not text.strip():
        raise TokenizerError("tokenizer.blank")
    text = _excerpt(text.replace("\0", REPLACEMENT).replace(SPACE, " "))
    text, wanted, coverage = _size_and_coverage(text, vocab_size)
    model = io.BytesIO()
    try:
        sentencepiece.SentencePieceTrainer.train(
            sentence_iterator=_pieces(text, PIECE),
            model_writer=model,
            model_type=algorithm,
            vocab_size=wanted,
            hard_vocab_limit=False,
            normalization_rule_name="identity",
            remove_extra_whitespaces=False,
            add_dummy_prefix=False,
            byte_fallback=True,
            user_defined_symbols=["\n"],
            max_sentence_length=1 << 20,
            character_coverage=coverage,
            bos_id=-1,  # no ids that training never sees
            eos_id=-1,
            num_threads=1,
            minloglevel=9,
        )
    except RuntimeError as error:
        reason = str(error).strip().splitlines()[-1][-200:]
        raise TokenizerError("tokenizer.failed", reason=reason) from None
    return model.getvalue()


def _excerpt(text: str) -> str:
    if len(text) <= LEARN_FROM:
        return text
    starts = np.linspace(0, len(text) - LEARN_FROM // 100, 100).astype(int).tolist()
    return "".join(text[start : start + LEARN_FROM // 100] for start in starts)


def _size_and_coverage(text: str, vocab_size: int | None) -> tuple[str, int, float]:
    """The text to learn from, the size to ask for, the share of it that gets ids as characters.

    SentencePiece refuses a vocabulary that has no room for the characters; so for a small one of
    a text with many of them the rarer ones are left out here. They will be written as bytes.
    """
    codes, counts = character_counts(text)
    share = 1.0 if len(counts) < 3000 else 0.9995
    running = np.cumsum(np.sort(counts)[::-1]) / counts.sum()
    needed = int(np.searchsorted(running, share - 1e-12)) + 1
    wanted = vocab_size or min(max(len(text) // 500, FIXED + needed + 256), 8000)
    if wanted < FIXED + 16:
        raise TokenizerError("tokenizer.small", least=FIXED + 16, wanted=wanted)
    if wanted > MOST_PIECES:
        raise TokenizerError("tokenizer.large", most=MOST_PIECES, wanted=wanted)
    room = (wanted - FIXED) * 3 // 4
    if needed > room:
        rare = codes[np.argsort(-counts, kind="stable")[room:]].tolist()
        return text.translate(dict.fromkeys(rare, " ")), wanted, 1.0
    return text, wanted, share


def _pieces(text: str, size: int) -> Iterator[str]:
    """Cut a text where SentencePiece would cut it anyway: after line ends, before spaces."""
    start = 0
    while start < len(text):
        end = start + size
        if end < len(text):
            cut = max(text.rfind("\n", start, end) + 1, text.rfind(" ", start + 1, end))
            end = cut if cut > start else end
        yield text[start:end]
        start = end


class Pieces:
    """A trained model whose pieces are known to be sound."""

    def __init__(self, model: bytes) -> None:
        if len(model) > LARGEST_MODEL:
            raise TokenizerError("tokenizer.size", size=len(model))
        try:
            self.processor = sentencepiece.SentencePieceProcessor(model_proto=model)
            self.pieces = [self.processor.id_to_piece(i) for i in range(len(self.processor))]
        except (RuntimeError, ValueError, OSError):  # UnicodeDecodeError is a ValueError
            raise DamagedError("tokenizer.unsound") from None
        self._check()

    def _check(self) -> None:
        if len(self.pieces) > MOST_PIECES:
            raise TokenizerError("tokenizer.pieces", count=len(self.pieces))
        if len(set(self.pieces)) < len(self.pieces):
            raise TokenizerError("tokenizer.twice")
        names = [f"<0x{byte:02X}>" for byte in range(256)]
        self.byte_ids = np.array([self.processor.piece_to_id(name) for name in names], np.int32)
        known = self.byte_ids[self.byte_ids < len(self.pieces)].tolist()
        if len(known) < 256 or not all(map(self.processor.is_byte, known)):
            raise TokenizerError("tokenizer.bytes")
        self.apart = {SPACE: self.byte_ids[list(SPACE.encode("utf-8"))]}  # always written as bytes
        if SPACE not in self.pieces:  # learned from a text without spaces
            self.apart[" "] = self.byte_ids[[0x20]]
        probe = "  Two spaces,\n\ttab Ä\u00a0 字 \U0001f600 \u2581 x "
        table = self.token_bytes()
        if b"".join(table[i] for i in self.encode(probe)).decode("utf-8", "replace") != probe:
            raise TokenizerError("tokenizer.changes")

    def encode(self, text: str) -> np.ndarray:
        """Ids of a well-formed text, (N,) int32."""
        ids: list[np.ndarray] = [np.empty(0, np.int32)]
        for run in re.split(f"([{''.join(self.apart)}])", text.replace("\0", REPLACEMENT)):
            if run in self.apart:
                ids.append(self.apart[run])
            else:
                ids += [self.processor.encode_as_numpy(piece) for piece in _pieces(run, ENCODE)]
        return np.concatenate(ids)

    def token_bytes(self) -> list[bytes]:
        """What each piece stands for; nothing for the unknown piece and control pieces."""
        return [self._bytes(i, piece) for i, piece in enumerate(self.pieces)]

    def _bytes(self, i: int, piece: str) -> bytes:
        if self.processor.is_byte(i):
            return bytes([int(piece[3:5], 16)])
        if self.processor.is_unknown(i) or self.processor.is_control(i):
            return b""
        return piece.replace(SPACE, " ").encode("utf-8")

    def describe(self) -> dict[str, Any]:
        """All that another program needs to cut a text the same way, as plain JSON values.

        Bytes and the unknown piece are None. Merging gives whole numbers as scores, the order of
        the merges; the unigram algorithm gives log probabilities.
        """
        special = {*self.byte_ids.tolist(), self.processor.unk_id()}
        pieces = [None if i in special else piece for i, piece in enumerate(self.pieces)]
        scores = [float(self.processor.get_score(i)) for i in range(len(pieces))]
        whole = all(score == int(score) for score in scores)
        return {
            "algorithm": "bpe" if whole else "unigram",
            "pieces": pieces,
            "scores": scores,
            "byte_ids": self.byte_ids.tolist(),
        }

    def labels(self) -> list[str]:
        """Each piece as text, with a space for SentencePiece's mark."""
        return [piece.replace(SPACE, " ") for piece in self.pieces]


# Runs in a process of its own, with limits, before a model from elsewhere is opened here.
CHILD = """
import sys
sys.path = [entry for entry in sys.path if entry]
try:
    import resource
except ImportError:
    resource = None
for name, most in (("AS", 1 << 30), ("CPU", 4), ("FSIZE", 0), ("CORE", 0)):
    try:
        resource.setrlimit(getattr(resource, "RLIMIT_" + name), (most, most))
    except (AttributeError, ValueError, OSError):  # Windows; macOS has no limit of memory
        pass
import json, sentencepiece
data = open(sys.argv[1], "rb").read(int(sys.argv[2]) + 1)
processor = sentencepiece.SentencePieceProcessor(model_proto=data)
pieces = [processor.id_to_piece(i) for i in range(len(processor))]
for text in ("", "a", "Ein Satz.\\n", " ".join(pieces)[:2000], "\\u5b57" * 500):
    processor.decode(processor.encode(text))
print(json.dumps(len(pieces)))
"""


def check_foreign(path: str | Path, seconds: float = 5.0) -> int:
    """Open a model from elsewhere in a child process with limits; returns its number of pieces.

    A file made to crash or exhaust its reader does so in the child. Raises TokenizerError.
    """
    path = Path(path)
    if not path.is_file() or path.stat().st_size > LARGEST_MODEL:
        raise TokenizerError("tokenizer.limit", most=LARGEST_MODEL)
    command = [sys.executable, "-c", CHILD, str(path.resolve()), str(LARGEST_MODEL)]
    try:
        child: Any = subprocess.run(command, capture_output=True, timeout=seconds, check=False)
        count = json.loads(child.stdout) if child.returncode == 0 else None
    except (subprocess.TimeoutExpired, ValueError):
        count = None
    if not isinstance(count, int) or count > MOST_PIECES:
        raise TokenizerError("tokenizer.unsafe")
    return count
