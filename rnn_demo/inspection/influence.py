"""Which past symbols mattered for this one? The gradient says, and a swap test checks.

G_tk = | d log p(x_t | past) / d e_k |: how strongly the log-probability of symbol t depends on
what was read at k (Madsen 2019 on Distill draws its one-hot square). Of five ways to compute
such a score the plain norm agreed best with really replacing symbols. The swap test does that:
every past symbol in turn is replaced by random ones of the text, and the mean change of
log p(x_t) is what it is. Colours have a fixed scale: where nothing matters, nothing lights up.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from rnn_demo.errors import require
from rnn_demo.inspection.notice import Notice, notice
from rnn_demo.inspection.reading import Reading
from rnn_demo.inspection.subject import Subject
from rnn_demo.inspection.unrolled import Unrolled, one_thread
from rnn_demo.messages.message import named

SYMBOLS = 100
BUDGET = 1.6e10  # multiplications and additions of one forward pass over all targets
CHUNKS = 5  # targets are taken in groups, so that early ones read short pasts
SWAPS = 12  # random symbols in each place
SWAP_LAGS = 32


@dataclass(frozen=True)
class Influence:
    symbols: list[str]
    matrix: np.ndarray  # (T, T): row t, column k; 0 for k >= t: nothing comes from the future
    typical_lag: float  # influence-weighted mean distance
    exchange: float  # mean distance of two symbols' embeddings: gradient times this is nats
    strongest: int  # the symbol with the strongest link over a distance
    shortened: bool
    notice: Notice


@dataclass(frozen=True)
class Swap:
    target: int
    change_bits: np.ndarray  # (target,) mean |change| of log2 p(x_t); NaN beyond SWAP_LAGS
    gradient: np.ndarray  # (target,) the row of the matrix
    exchange: float  # as in Influence
    agreement: float  # Spearman's rank correlation of the two
    notice: Notice


def influence(subject: Subject, text: str = "") -> Influence:
    """The whole matrix for a short text, so that the page answers every pointer at once."""
    reading = _read(subject, text)
    with one_thread():
        matrix = influence_matrix(subject.network, reading.ids)
    total = matrix.sum()
    distance = np.subtract.outer(np.arange(len(matrix)), np.arange(len(matrix)))
    lag = float((matrix * distance).sum() / total) if total > 0 else 0.0
    return Influence(
        symbols=reading.pieces,
        matrix=matrix,
        typical_lag=lag,
        exchange=_exchange(subject.network, reading.ids),
        strongest=int(np.tril(matrix, -3).max(1).argmax()),
        shortened=reading.shortened,
        notice=_what_to_notice(reading, matrix, lag),
    )


def influence_matrix(network: Unrolled, ids: Tensor) -> np.ndarray:
    """ids (T,) -> (T, T) gradient norms of log p(x_t) by the embedding read at k."""
    count = len(ids)
    matrix = torch.zeros((count, count), dtype=torch.float64)
    targets = torch.arange(1, count)
    for group in targets.tensor_split(min(CHUNKS, max(1, len(targets)))):
        if not len(group):
            continue
        past = int(group[-1])
        inputs = network.embed(ids[:past][None].expand(len(group), -1)).clone().requires_grad_()
        outputs = network.run(inputs).outputs
        last = outputs[torch.arange(len(group)), group - 1]
        chance = network.logits(last).log_softmax(-1).gather(1, ids[group][:, None]).sum()
        (gradient,) = torch.autograd.grad(chance, inputs)
        matrix[group, :past] = gradient.norm(dim=-1).double()
    return matrix.numpy()


def swap(subject: Subject, text: str, target: int, seed: int = 0) -> Swap:
    """Replace each of the last symbols before a target by random ones and see log p change.

    target: a place in the text, from the end if it is negative.
    """
    reading = _read(subject, text)
    target += len(reading) if target < 0 else 0
    stock = subject.read(subject.text()[:20_000]).ids
    require(
        0 < target < len(reading),
        "settings.range",
        name=named("target"),
        range=f"1..{len(reading) - 1}",
        value=target,
    )
    with one_thread():
        changes = swap_changes(subject.network, reading.ids, target, stock, seed)
        gradient = influence_matrix(subject.network, reading.ids[: target + 1])[target, :target]
    known = ~np.isnan(changes)
    few = known.sum() < 3  # to be ranked
    agreement = math.nan if few else spearman(changes[known], gradient[known])
    place = int(np.nanargmax(changes))
    return Swap(
        target=target,
        change_bits=changes,
        gradient=gradient,
        exchange=_exchange(subject.network, reading.ids),
        agreement=agreement,
        notice=notice(
            "swap.found" if np.nanmax(changes) > 0.1 else "swap.nothing",
            target=reading.pieces[target],
            symbol=reading.pieces[place],
            lag=target - place,
            change=float(changes[place]),
            agreement="" if few else notice("swap.agreement", agreement=agreement),
        ),
    )


def swap_changes(
    network: Unrolled, ids: Tensor, target: int, stock: Tensor, seed: int = 0
) -> np.ndarray:
    """Mean |change of log2 p(ids[target])| for each swapped place, (target,); NaN if too far back.

    stock (N,): symbols to draw from. Row 0 reads the true text; at every place SWAPS rows branch
    off from it with a drawn symbol and then read on, so that each past is read only once.
    """
    generator = torch.Generator().manual_seed(seed)
    places = range(max(0, target - SWAP_LAGS), target)
    with torch.inference_mode():
        state = network.initial_state(1)
        if places.start:
            state = network.read(ids[None, : places.start]).state
        for place in places:
            drawn = stock[torch.randint(len(stock), (SWAPS,), generator=generator)]
            state = tuple(torch.cat([s, s[:, :1].repeat(1, SWAPS, 1)], 1) for s in state)
            tokens = torch.cat([ids[place].repeat(state[0].shape[1] - SWAPS), drawn])
            trace = network.read(tokens[:, None], state)
            state = trace.state
        chances = network.logits(trace.outputs[:, 0]).double().log_softmax(-1)[:, ids[target]]
    change = (chances[1:] - chances[0]).abs().reshape(len(places), SWAPS) / math.log(2)
    result = np.full(target, math.nan)
    result[places.start :] = change.mean(1).numpy()
    return result


def spearman(a: np.ndarray, b: np.ndarray) -> float:
    """Rank correlation; ties share their mean rank."""
    ranks = [_ranks(x) for x in (a, b)]
    if min(r.std() for r in ranks) == 0:
        return 0.0
    return float(np.corrcoef(np.stack(ranks))[0, 1])


def _ranks(x: np.ndarray) -> np.ndarray:
    _values, inverse, counts = np.unique(x, return_inverse=True, return_counts=True)
    return (np.cumsum(counts) - (counts - 1) / 2)[inverse]


def _exchange(network: Unrolled, ids: Tensor) -> float:
    """Mean distance between the embeddings of two different symbols of a text."""
    vectors = network.embed(ids.unique()[None])[0]
    return float(torch.pdist(vectors).mean()) if len(vectors) > 1 else 1.0


def _read(subject: Subject, text: str) -> Reading:
    """As many symbols as can be answered at once."""
    most = int(max(40, min(SYMBOLS, math.sqrt(2 * BUDGET / subject.network.flops))))
    return subject.read(subject.text(text), most)


def _what_to_notice(reading: Reading, matrix: np.ndarray, lag: float) -> Notice:
    """The strongest link that is not to the symbol just before."""
    far = np.tril(matrix, -3)
    if not far.any():
        return notice("influence.short")
    target, past = np.unravel_index(int(far.argmax()), far.shape)
    return notice(
        "influence.found",
        lag=lag,
        target=reading.pieces[target],
        past=reading.pieces[past],
        back=int(target - past),
        nearest=100 * float(np.mean(matrix[1:].argmax(1) == np.arange(len(matrix) - 1))),
    )
