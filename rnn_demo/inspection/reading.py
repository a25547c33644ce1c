"""Which characters of a text each symbol stands for: labels are made on text, states on symbols."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from rnn_demo.text.tokenizer import Tokenizer

MAXIMUM_SYMBOLS = 500  # what a screen can show; said where it cuts


@dataclass(frozen=True)
class Reading:
    """A text as the network reads it."""

    ids: Tensor  # (T,) int64
    pieces: list[str]  # what to show for each symbol; together the text, but for cut characters
    last: np.ndarray  # (T,) index in `text` of the character that each symbol ends in
    text: str  # as the network sees it: unknown characters are already replaced
    shortened: bool = False

    def __len__(self) -> int:
        return len(self.ids)


def read(tokenizer: Tokenizer, text: str, maximum: int | None = None) -> Reading:
    """Encode a text, at most so many symbols of it."""
    ids = np.asarray(tokenizer.encode(text[: maximum * 24] if maximum else text)).astype(np.int64)
    shortened = maximum is not None and len(ids) > maximum
    return reading_of(tokenizer, ids[:maximum] if maximum else ids, shortened)


def reading_of(tokenizer: Tokenizer, ids: np.ndarray, shortened: bool = False) -> Reading:
    """The same for symbols that are given."""
    ids = np.array(ids, dtype=np.int64)  # a copy: torch must not share read-only memory
    table, names = tokenizer.token_bytes(), tokenizer.symbols()
    raw = [table[i] for i in ids]
    text = b"".join(raw).decode("utf-8", errors="replace")
    pieces = [_piece(part, names[i]) for part, i in zip(raw, ids, strict=True)]
    return Reading(torch.from_numpy(ids), pieces, _last_characters(raw), text, shortened)


def _piece(part: bytes, name: str) -> str:
    try:
        return part.decode("utf-8") or name
    except UnicodeDecodeError:
        return name  # a piece of a character has no letter of its own


def _last_characters(raw: list[bytes]) -> np.ndarray:
    """Index of the character that each symbol's last byte lies in, counting UTF-8 start bytes."""
    data = np.frombuffer(b"".join(raw), dtype=np.uint8)
    character = np.cumsum((data & 0xC0) != 0x80) - 1
    ends = np.cumsum([len(part) for part in raw]) - 1
    if not len(data):
        return np.zeros(len(raw), dtype=np.int64)
    return np.maximum(character[np.clip(ends, 0, None)], 0)
