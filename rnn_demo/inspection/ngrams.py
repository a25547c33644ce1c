"""A table of counts that sees k symbols: the line that a network with memory must pass.

Interpolated Witten-Bell: P_k(y | context) = (count + d P_{k-1}(y)) / (total + d), where d is the
number of different symbols that followed this context; down to P_0 over single symbols and
1 / V below it. Only the contexts of the targets are counted, so eight orders of a million
symbols take well under a second.
"""

from __future__ import annotations

import numpy as np

MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)  # odd and large: codes of different contexts differ


def ngram_bits(train: np.ndarray, windows: np.ndarray, orders: list[int], vocab: int) -> np.ndarray:
    """train (N,), windows (M, K + 1) -> bits of each last symbol, (M, len(orders))."""
    targets = windows[:, -1]
    chance = (np.bincount(train, minlength=vocab)[targets] + 1.0) / (len(train) + vocab)
    code, wanted = np.zeros(len(train), np.uint64), np.zeros(len(windows), np.uint64)
    power, columns = np.uint64(1), []
    for order in range(1, max(orders) + 1):
        with np.errstate(over="ignore"):
            power = power * MULTIPLIER
            wanted = wanted + (windows[:, -1 - order].astype(np.uint64) + np.uint64(1)) * power
            shifted = np.zeros_like(code)
            shifted[order - 1 :] = (
                train[: len(train) - order + 1].astype(np.uint64) + np.uint64(1)
            ) * power
            code = code + shifted
        chance = _deeper(train, code, wanted, targets, chance, order)
        if order in orders:
            columns.append(-np.log2(chance))
    return np.stack(columns, 1)


def _deeper(
    train: np.ndarray,
    code: np.ndarray,
    wanted: np.ndarray,
    targets: np.ndarray,
    chance: np.ndarray,
    order: int,
) -> np.ndarray:
    """From P_{k-1} to P_k at every target; code[i] stands for the k symbols that end at i."""
    contexts, which = np.unique(wanted, return_inverse=True)
    ends = np.arange(order - 1, len(train) - 1)
    place = np.searchsorted(contexts, code[ends]).clip(max=len(contexts) - 1)
    hit = contexts[place] == code[ends]
    place, follows = place[hit], train[ends[hit] + 1]
    total = np.bincount(place, minlength=len(contexts)).astype(float)
    pairs, counts = np.unique(np.stack([place, follows]), axis=1, return_counts=True)
    different = np.bincount(pairs[0], minlength=len(contexts)).astype(float)
    table = {(int(c), int(s)): int(n) for c, s, n in zip(*pairs, counts, strict=True)}
    count = np.array([table.get((int(c), int(y)), 0) for c, y in zip(which, targets, strict=True)])
    total, different = total[which], different[which]
    return np.where(
        total > 0, (count + different * chance) / np.maximum(total + different, 1), chance
    )
