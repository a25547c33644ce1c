"""Surprise map: how unexpected each symbol of a text was, and what was expected instead.

I_t = -log2 p(s_t | s_1 .. s_{t-1}), in bits: the loss of the tutorial's section 4.2 before it is
summed. The mean of I_t over the validation part is the validation loss that training reports.
The first symbol has no past and no score. Ranks are those of GLTR (Gehrmann et al. 2019), for a
small vocabulary: 1 / 2-3 / 4-10 / more.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from rnn_demo.inspection.notice import Notice, notice
from rnn_demo.inspection.reading import MAXIMUM_SYMBOLS, Reading
from rnn_demo.inspection.subject import Subject
from rnn_demo.inspection.unrolled import one_thread

BEST = 5
CHUNK = 1024  # symbols at a time: logits of a long text would fill the memory


@dataclass(frozen=True)
class Surprise:
    """One entry a symbol; the first of each is NaN or empty: there was nothing to expect yet."""

    symbols: list[str]
    surprise_bits: np.ndarray  # (T,)
    entropy_bits: np.ndarray  # (T,) the surprise that the network itself expected
    rank: np.ndarray  # (T,) 1: it was the best guess
    best: list[list[tuple[str, float, int]]]  # per symbol: (label, probability, id), best first
    mean_bits: float
    shortened: bool
    notice: Notice


def surprise(subject: Subject, text: str = "", maximum: int | None = MAXIMUM_SYMBOLS) -> Surprise:
    """Score a text (the held-out part if none is given) symbol by symbol."""
    reading = subject.read(subject.text(text), maximum)
    with one_thread():
        bits, entropy, rank, chances, ids = score(subject, reading.ids)
    names = subject.tokenizer.symbols()
    best = [
        [(names[i], float(p), int(i)) for i, p in zip(row_ids, row, strict=True)]
        for row_ids, row in zip(ids.tolist(), chances.tolist(), strict=True)
    ]
    mean = float(np.nanmean(bits)) if len(bits) > 1 else math.nan
    return Surprise(
        symbols=reading.pieces,
        surprise_bits=bits,
        entropy_bits=entropy,
        rank=rank,
        best=[[], *best] if len(reading) else [],
        mean_bits=mean,
        shortened=reading.shortened,
        notice=_what_to_notice(reading, bits, rank, mean),
    )


def score(
    subject: Subject, ids: Tensor
) -> tuple[np.ndarray, np.ndarray, np.ndarray, Tensor, Tensor]:
    """ids (T,) -> bits, entropy and rank (T,), first NaN; best BEST chances and ids (T - 1, 5)."""
    bits, entropy, rank, chances, best = [], [], [], [], []
    state = None
    with torch.inference_mode():
        for start in range(0, max(len(ids) - 1, 0), CHUNK):
            inputs, targets = ids[start : start + CHUNK], ids[start + 1 : start + CHUNK + 1]
            logits, state = subject.model(inputs[: len(targets)][None], state)
            logs = logits[0].double().log_softmax(-1)  # (T, V)
            own = logs.gather(1, targets[:, None])
            bits.append(-own[:, 0] / math.log(2))
            entropy.append(-(logs.exp() * logs).nan_to_num(0).sum(1) / math.log(2))
            rank.append((logs > own).sum(1) + 1.0)
            top = logs.topk(min(BEST, logs.shape[1]))
            chances.append(top.values.exp())
            best.append(top.indices)
    none = torch.full((min(len(ids), 1),), math.nan, dtype=torch.float64)
    series = [torch.cat([none, *parts]).numpy() for parts in (bits, entropy, rank)]
    empty = torch.zeros((0, BEST))
    return (*series, torch.cat(chances or [empty]), torch.cat(best or [empty.long()]))  # type: ignore[return-value]


def _what_to_notice(reading: Reading, bits: np.ndarray, rank: np.ndarray, mean: float) -> Notice:
    if len(bits) < 2:
        return notice("surprise.short")
    worst = int(np.nanargmax(bits))
    return notice(
        "surprise.found",
        mean=mean,
        choices=2**mean,
        first=100 * float(np.mean(rank[1:] == 1)),
        symbol=reading.pieces[worst],
        past="".join(reading.pieces[max(0, worst - 12) : worst]),
        bits=float(bits[worst]),
    )


def branch(subject: Subject, reading: Reading, position: int, choice: int) -> str:
    """The text before a symbol, and another symbol in its place: a prompt to go on from."""
    ids = [*reading.ids[:position].tolist(), choice]
    return subject.tokenizer.decode(np.asarray(ids))
