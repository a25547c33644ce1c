"""How much of a text is copied from another: exact matches of 40 characters and more.

Every run of 40 characters gets a 64-bit hash, computed for all positions at once by doubling:
the hash of 2n characters from two hashes of n. The runs of the (short) text in question are kept
in a table and the training text streams past it in blocks, so nothing of its size is kept.
A run of few kinds of characters is a drawn line or an indentation, not a copy.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from rnn_demo.text.corpus import BLOCK, character_counts, code_points

MINIMUM = 40  # characters: about a line; shorter matches are common phrases
A_KIND_EVERY = 5  # characters of a run, at least; prose and code have twice as many kinds
MULTIPLIER = 0x9E3779B97F4A7C15  # odd, from the golden ratio
FILTER_BITS = 20


@dataclass(frozen=True)
class Copied:
    """What of a text is found in the training text, in runs of at least the minimum."""

    share: float  # of its characters
    longest: str  # the longest run that is in the training text as it stands
    start: int  # where in the training text that is; -1 if there is none
    spans: tuple[tuple[int, int], ...]  # copied stretches of the text, [start, end)


class CopyMeter:
    """Compares texts with one training text."""

    def __init__(self, train_text: str) -> None:
        self.train = train_text
        counts = np.sort(character_counts(train_text[:BLOCK])[1])[::-1]
        share = np.cumsum(counts) / max(1, counts.sum())
        self.kinds = int(np.searchsorted(share, 0.98)) + 1  # that matter: of genes there are four

    def measure(self, text: str, minimum: int = MINIMUM) -> Copied:
        """Find every run of `minimum` or more characters of a text that the training text has."""
        starts = self._copied_starts(text, minimum)
        covered = np.zeros(len(text) + 1, np.int64)
        np.add.at(covered, starts, 1)
        np.add.at(covered, starts + minimum, -1)
        inside = np.cumsum(covered) > 0
        edges = np.flatnonzero(np.diff(inside.astype(np.int8), prepend=0))
        spans = tuple((int(a), int(b)) for a, b in edges.reshape(-1, 2))
        longest, place = self._longest(text, starts, minimum)
        return Copied(float(inside.sum() / max(len(text), 1)), longest, place, spans)

    def _copied_starts(self, text: str, minimum: int) -> np.ndarray:
        """Positions (N,) of a text at which a run begins that the training text has, too."""
        wanted = run_hashes(text, minimum)
        table = np.zeros(1 << FILTER_BITS, bool)
        table[wanted >> np.uint64(64 - FILTER_BITS)] = True
        found = [np.empty(0, np.uint64)]
        for start in range(0, len(self.train) if len(wanted) else 0, BLOCK):
            hashes = run_hashes(self.train[start : start + BLOCK + minimum - 1], minimum)
            found.append(hashes[table[hashes >> np.uint64(64 - FILTER_BITS)]])
        starts = np.flatnonzero(np.isin(wanted, np.concatenate(found)))
        kinds = [len(set(text[start : start + minimum])) for start in starts]
        least = min(minimum // A_KIND_EVERY, self.kinds)
        return starts[np.array(kinds) >= least]

    def _longest(self, text: str, starts: np.ndarray, minimum: int) -> tuple[str, int]:
        """The longest run of the text that is found as it stands, and where.

        A run of L characters is L - minimum + 1 neighbouring starts; neighbours may come from
        different places, so the length is settled by looking.
        """
        best, place = "", -1
        breaks = np.flatnonzero(np.diff(starts) != 1)
        for first, last in zip(
            starts[np.concatenate([[0], breaks + 1])] if len(starts) else [],
            starts[np.concatenate([breaks, [-1]]).astype(int)] if len(starts) else [],
            strict=True,
        ):
            begin, end = int(first), int(last) + minimum
            while end - begin > len(best):
                length = self._match(text[begin:end], max(minimum, len(best) + 1))
                if length:
                    best = text[begin : begin + length]
                    place = self.train.find(best)
                begin += 1
        return best, place

    def _match(self, run: str, least: int) -> int:
        """Length of the longest beginning of a run, `least` or more, that is found; or 0."""
        if len(run) < least or run[:least] not in self.train:
            return 0
        low, high = least, len(run)
        while low < high:
            middle = (low + high + 1) // 2
            low, high = (middle, high) if run[:middle] in self.train else (low, middle - 1)
        return low


def run_hashes(text: str, length: int) -> np.ndarray:
    """A 64-bit hash of the `length` characters from each position on, (N - length + 1,)."""
    if len(text) < length:
        return np.empty(0, np.uint64)
    power: np.ndarray = code_points(text).astype(np.uint64)  # hashes of 1, 2, 4, ... characters
    power = (power + np.uint64(1)) * np.uint64(0xD1B54A32D192ED03)
    power ^= power >> np.uint64(29)
    result, done, size = np.zeros(len(text), np.uint64), 0, 1
    while True:
        if length & size:
            count = len(text) - done - size + 1
            result = result[:count] * _power_of_multiplier(size) + power[done : done + count]
            done += size
        if 2 * size > length:
            break
        count = len(text) - 2 * size + 1
        power = power[:count] * _power_of_multiplier(size) + power[size : size + count]
        size *= 2
    return result ^ (result << np.uint64(32))


def _power_of_multiplier(exponent: int) -> np.uint64:
    return np.uint64(pow(MULTIPLIER, exponent, 1 << 64))
