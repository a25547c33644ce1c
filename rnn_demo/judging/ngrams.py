"""Counting as a language model: modified interpolated Kneser-Ney n-grams of characters, in NumPy.

The strongest simple baseline there is. Every n-gram of the training and the held-out text gets a
number by one sort: an n-gram is named by its last characters, latest first, packed into 64 bits,
so that the same sorted order serves every n. Counts are then bincounts over these numbers.

Chen and Goodman (1998), with discounts from counts of counts. The base of the recursion gives
each of the K characters of the training text, and all that it never saw together, 1 / (K + 1);
an unseen character has an equal share of the latter, so that all of Unicode sums to 1.
Legend: N characters, n order, K characters of the alphabet, U different n-grams.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from rnn_demo.text.corpus import code_points

UNICODE = 1_112_064  # characters that could occur: all code points but the surrogates
LARGEST_ORDER = 8
LEAST = 0.1  # discount


class Grams(NamedTuple):
    """All n-grams of one order in both texts."""

    numbers: np.ndarray  # (N,) which n-gram ends at each position
    last: np.ndarray  # (U,) a position at which each n-gram ends
    counts: np.ndarray  # (U,) how often each occurs in the training text


class Level(NamedTuple):
    """What one order says about the held-out positions, (N',) each; before mixing."""

    own: np.ndarray  # discounted share of the n-gram in its context
    rest: np.ndarray  # what the context leaves to the order below

    def mix(self, lower: np.ndarray) -> np.ndarray:
        """Interpolate with the probabilities of the order below."""
        return self.own + self.rest * lower


def nats_by_order(train: str, held_out: str) -> dict[int, np.ndarray]:
    """Nats of every held-out character for n-grams of order 2..8, or as many as fit 64 bits."""
    symbols, known = _numbered(train, held_out)
    bits = int(known + 2).bit_length()
    largest = min(LARGEST_ORDER, 64 // bits)
    grams = _all_grams(symbols, len(train), bits, largest)
    held = np.arange(len(train) + 2, len(symbols))
    seen = symbols[held] <= known
    probability = np.where(seen, 1.0, 1.0 / (UNICODE - known)) / (known + 1)
    nats = {}
    for order in range(1, largest + 1):
        if order > 1:
            top = _level(grams, order, grams[order].counts, held).mix(probability)
            nats[order] = -np.log(top)
        if order < largest:
            continued = _continuations(grams, order)
            probability = _level(grams, order, continued, held).mix(probability)
    return nats


def _numbered(train: str, held_out: str) -> tuple[np.ndarray, int]:
    """Both texts as numbers 1..K, K + 1 for what training lacks, 0 before each text begins."""
    codes, inverse = np.unique(code_points(train), return_inverse=True)
    other = code_points(held_out)
    places = np.minimum(np.searchsorted(codes, other), len(codes) - 1)
    held = np.where(codes[places] == other, places, len(codes))
    begin = np.zeros(1, np.int64)
    return np.concatenate([begin, inverse + 1, begin, held + 1]), len(codes)


def _all_grams(symbols: np.ndarray, train: int, bits: int, largest: int) -> list[Grams]:
    """Number the n-grams of every order 0..largest that end at each position."""
    keys = _keys(symbols, train, bits, largest)
    order = np.argsort(keys)
    keys = keys[order]
    nothing = np.zeros(len(symbols), np.int32)
    grams = [Grams(nothing, np.zeros(1, np.int64), np.array([train]))]
    for n in range(1, largest + 1):
        top = keys >> np.uint64(64 - bits * n)
        new = np.concatenate([[True], top[1:] != top[:-1]])
        numbers = np.empty(len(symbols), np.int32)
        numbers[order] = np.cumsum(new, dtype=np.int32) - 1
        last = order[new]
        counts = np.bincount(numbers[1 : train + 1], minlength=len(last))
        grams.append(Grams(numbers, last, counts))
    return grams


def _keys(symbols: np.ndarray, train: int, bits: int, largest: int) -> np.ndarray:
    """The last `largest` symbols up to each position, the latest in the highest bits."""
    keys = np.zeros(len(symbols), np.uint64)
    for part in (slice(0, train + 1), slice(train + 1, len(symbols))):
        text = symbols[part].astype(np.uint64)
        for back in range(min(largest, len(text))):
            keys[part][back:] |= text[: len(text) - back] << np.uint64(64 - bits * (back + 1))
    return keys


def _continuations(grams: list[Grams], n: int) -> np.ndarray:
    """Before how many n-grams, (U,): the number of different characters that precede each."""
    longer = grams[n + 1]
    suffix = grams[n].numbers[longer.last[longer.counts > 0]]
    return np.bincount(suffix, minlength=len(grams[n].last))


def _level(grams: list[Grams], n: int, counts: np.ndarray, held: np.ndarray) -> Level:
    """Discounted probabilities of order n from `counts` (U,), at positions `held` (N',)."""
    this, below = grams[n], grams[n - 1]
    context = below.numbers[this.last - 1]  # position -1 is only met by the mark at the beginning
    discount = _discounts(counts)[np.minimum(counts, 3)]
    total = np.bincount(context, weights=counts, minlength=len(below.last))
    freed = np.bincount(context, weights=discount, minlength=len(below.last))
    number, before = this.numbers[held], below.numbers[held - 1]
    divisor = np.maximum(total[before], 1)
    own = (counts[number] - discount[number]) / divisor
    rest = np.where(total[before] > 0, freed[before] / divisor, 1.0)
    return Level(own, rest)


def _discounts(counts: np.ndarray) -> np.ndarray:
    """What is taken from n-grams seen 0, 1, 2, and 3 or more times, (4,).

    Never less than LEAST: where nothing is taken, what was not seen would be impossible.
    """
    ones, twos, threes, fours = (int((counts == k).sum()) for k in (1, 2, 3, 4))
    if not (ones and twos and threes and fours):
        return np.array([0.0, 0.5, 0.75, 1.0])  # too little text to estimate them
    y = ones / (ones + 2 * twos)
    taken = (1 - 2 * y * twos / ones, 2 - 3 * y * threes / twos, 3 - 4 * y * fours / threes)
    return np.array([0.0, *(min(max(d, LEAST), k + 1.0) for k, d in enumerate(taken))])
