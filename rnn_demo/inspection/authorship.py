"""Who wrote this? The cross-entropy of a text under several networks (Bagnall 2015).

Networks may cut text into different symbols, so only bits per UTF-8 byte compare. Each starts from
the zero state; its first symbol, which has no past, costs log2 V. A character that a network does
not know costs UNKNOWN_BITS on top of its stand-in: without that price a missing character would
make a network look better. Whether a difference means anything is asked of the lines: they are
drawn again with replacement, and where the interval holds zero there is no verdict.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from rnn_demo.errors import RunError, require
from rnn_demo.inspection.notice import Notice, notice
from rnn_demo.inspection.subject import Subject
from rnn_demo.inspection.surprise import Surprise, score
from rnn_demo.inspection.unrolled import one_thread

UNKNOWN_BITS = math.log2(0x110000)  # which of all Unicode characters it was
RESAMPLES = 2000
LONGEST = 20_000  # characters that are judged
FEWEST_LINES = 8  # shorter texts are cut into pieces instead of lines
ODD_BITS = 8.0  # a symbol as unlikely as 1 in 256 is worth a second look
MOST_PLACES = 10  # of them that are listed


@dataclass(frozen=True)
class Score:
    name: str
    bits_per_byte: float
    unknown: int  # characters of the text that this network does not know


@dataclass(frozen=True)
class Verdict:
    scores: list[Score]  # best first
    difference: float  # bits per byte between the best and the second
    low: float  # 95 % interval of that difference
    high: float
    decided: bool
    notice: Notice


@dataclass(frozen=True)
class Oddity:
    """A place that may be a typing error."""

    position: int
    before: str  # the text around it
    symbol: str
    after: str
    bits: float
    expected: str  # the best guess in its place, and its chance
    chance: float


@dataclass(frozen=True)
class Oddities:
    count: int  # of all places of ODD_BITS or more
    places: list[Oddity]  # the worst, worst first
    notice: Notice


def who_wrote(subjects: Sequence[Subject], text: str, seed: int = 0) -> Verdict:
    """Compare networks on a text, in bits per byte, and judge only where that is justified."""
    require(len(subjects) >= 2, "look.two")
    text = text[:LONGEST]
    if len(text) < 20:
        raise RunError("look.judge", least=20)
    units = pieces(text)
    sizes = np.array([len(unit.encode("utf-8", "replace")) for unit in units], dtype=float)
    with one_thread():
        bits = np.stack([unit_bits(subject, text, units) for subject in subjects])  # (M, U)
    total = bits.sum(1) / sizes.sum()
    order = np.argsort(total, kind="stable")
    low, high = interval(bits[order[1]] - bits[order[0]], sizes, seed)
    scores = [
        Score(subjects[i].name, float(total[i]), unknown_characters(subjects[i], text))
        for i in order
    ]
    difference = float(total[order[1]] - total[order[0]])
    return Verdict(
        scores=scores,
        difference=difference,
        low=low,
        high=high,
        decided=low > 0,
        notice=notice(
            "authorship.decided" if low > 0 else "authorship.open",
            best=scores[0].name,
            second=scores[1].name,
            difference=difference,
            low=low,
            high=high,
            pieces=len(units),
        ),
    )


def pieces(text: str) -> list[str]:
    """Lines, each with its break; stretches of equal length where there are few lines."""
    lines = text.splitlines(keepends=True)
    if len(lines) >= FEWEST_LINES:
        return lines
    size = max(1, -(-len(text) // 20))
    return [text[start : start + size] for start in range(0, len(text), size)]


def unit_bits(subject: Subject, text: str, units: list[str]) -> np.ndarray:
    """Bits that each piece of a text costs, (U,): a symbol belongs to where it ends."""
    reading = subject.read(text)
    bits = score(subject, reading.ids)[0].copy()
    bits[0] = math.log2(subject.model.config.vocab_size)
    share = np.clip(reading.last / max(1, len(reading.text)) * len(text), 0, len(text) - 1)
    exact = len(reading.text) == len(text)
    places = reading.last if exact else share.astype(int)
    ends = np.cumsum([len(unit) for unit in units])
    costs = np.bincount(np.searchsorted(ends, places, side="right"), bits, len(units))
    unknown = set(subject.tokenizer.unknown(text))
    return costs + UNKNOWN_BITS * np.array([sum(c in unknown for c in unit) for unit in units])


def unknown_characters(subject: Subject, text: str) -> int:
    unknown = set(subject.tokenizer.unknown(text))
    return sum(c in unknown for c in text)


def interval(differences: np.ndarray, sizes: np.ndarray, seed: int = 0) -> tuple[float, float]:
    """95 % bootstrap interval of sum(differences) / sum(sizes) over pieces drawn again."""
    generator = np.random.default_rng(seed)
    drawn = generator.integers(len(sizes), size=(RESAMPLES, len(sizes)))
    means = differences[drawn].sum(1) / np.maximum(sizes[drawn].sum(1), 1)
    low, high = np.quantile(means, [0.025, 0.975])
    return float(low), float(high)


def oddities(result: Surprise) -> Oddities:
    """The most surprising places of a text: where typing errors hide."""
    bits = np.nan_to_num(result.surprise_bits, nan=0.0)
    count = int((bits >= ODD_BITS).sum())
    places = [
        _oddity(result, int(i)) for i in np.argsort(-bits, kind="stable")[: min(count, MOST_PLACES)]
    ]
    return Oddities(count, places, notice("odd.found" if count else "odd.nothing", count=count))


def _oddity(result: Surprise, place: int) -> Oddity:
    expected, chance, _id = result.best[place][0]
    return Oddity(
        position=place,
        before="".join(result.symbols[max(0, place - 20) : place]),
        symbol=result.symbols[place],
        after="".join(result.symbols[place + 1 : place + 11]),
        bits=float(result.surprise_bits[place]),
        expected=expected,
        chance=chance,
    )
