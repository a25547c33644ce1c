"""From the network's scores to one symbol: scores in, scores out, one function per idea.

The order is that of Hugging Face transformers: bias, penalties and bans first, then temperature,
top-k, top-p, min-p, typical. (llama.cpp applies the temperature last, which keeps other symbols.)
What is ruled out gets the score -inf; no step ever rules out everything.
Shapes: V vocabulary; the functions work on the last axis, so (V,) and (B, V) both do.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import torch
from numpy.typing import NDArray

from rnn_demo.config import SampleConfig

Array = NDArray[np.float64]
Step = tuple[str, Callable[[Array, Sequence[int]], Array]]  # its name; (logits, history) -> logits
UNIFORMS = 64  # drawn at a time
COLDEST = 1e-100  # a lower temperature than this would overflow, and changes nothing
WITH_HISTORY = {"repetition_penalty", "frequency_penalty", "no_repeat_ngram"}


def softmax(logits: Array) -> Array:
    """Scores (..., V) to probabilities that sum to one."""
    powers = np.exp(logits - logits.max(axis=-1, keepdims=True))
    powers /= powers.sum(axis=-1, keepdims=True)
    return powers


# Before the temperature: what the person wishes, and what has been written already


def add_bias(logits: Array, bias: Mapping[int, float]) -> Array:
    """Add to the scores of some tokens; -inf rules one out."""
    logits = logits.copy()
    for token, value in bias.items():
        logits[..., token] += value
    return logits


def penalise_repetition(logits: Array, recent: Sequence[int], penalty: float) -> Array:
    """Divide the positive scores of recent tokens, multiply the negative ones (CTRL, 2019)."""
    seen = np.unique(np.asarray(recent, dtype=np.int64))
    logits = logits.copy()
    scores = logits[..., seen]
    logits[..., seen] = np.where(scores < 0, scores * penalty, scores / penalty)
    return logits


def penalise_frequency(
    logits: Array, recent: Sequence[int], frequency: float, presence: float
) -> Array:
    """Subtract `frequency` per recent occurrence and `presence` once per recent token."""
    seen, times = np.unique(np.asarray(recent, dtype=np.int64), return_counts=True)
    logits = logits.copy()
    logits[..., seen] -= times * frequency + presence
    return logits


def ban_repeated_ngrams(logits: Array, history: Sequence[int], length: int) -> Array:
    """Rule out each token that would repeat a run of `length` tokens of the history."""
    if len(history) + 1 < length:
        return logits
    tokens = np.asarray(history, dtype=np.int64)
    prefix = tokens[len(tokens) - (length - 1) :]
    starts = np.arange(len(tokens) - length + 1)
    for offset, token in enumerate(prefix):
        starts = starts[tokens[starts + offset] == token]
    return _rule_out(logits, tokens[starts + length - 1])


def _rule_out(logits: Array, tokens: NDArray[np.int64]) -> Array:
    banned = logits.copy()
    banned[..., tokens] = -np.inf
    return banned if np.isfinite(banned).any() else logits


# The temperature


def scale(logits: Array, temperature: float) -> Array:
    """Divide by the temperature: below 1 the likely gets likelier; 0 leaves only the best."""
    if temperature == 0:
        return keep_best(logits)
    return logits / max(temperature, COLDEST)


def keep_best(logits: Array) -> Array:
    """Only the best token; the one with the lowest number if several are best."""
    best = logits.argmax(axis=-1, keepdims=True)
    return np.where(np.arange(logits.shape[-1]) == best, logits, -np.inf)


# After it: cutting off the tail


def keep_top_k(logits: Array, k: int) -> Array:
    """The k best tokens, and all that tie with the last of them; 0 keeps all."""
    if not 0 < k < logits.shape[-1]:
        return logits
    last = np.partition(logits, -k, axis=-1)[..., -k, None]
    return np.where(logits < last, -np.inf, logits)


def keep_top_p(logits: Array, mass: float) -> Array:
    """The smallest set of best tokens with at least this much probability; never none."""
    order = np.argsort(-logits, axis=-1, kind="stable")
    powers = np.exp(logits - logits.max(axis=-1, keepdims=True))
    reached = np.cumsum(np.take_along_axis(powers, order, axis=-1), axis=-1)
    drop = np.zeros(logits.shape, bool)
    drop[..., 1:] = reached[..., :-1] >= mass * reached[..., -1:]
    return _drop_ranked(logits, order, drop)


def keep_min_p(logits: Array, share: float) -> Array:
    """The tokens at least `share` times as probable as the best one; 0 keeps all."""
    if share == 0:
        return logits
    floor = logits.max(axis=-1, keepdims=True) + np.log(share)
    return np.where(logits < floor, -np.inf, logits)


def keep_typical(logits: Array, mass: float) -> Array:
    """Tokens whose surprise is nearest to the expected surprise, up to this much probability."""
    probabilities = softmax(logits)
    with np.errstate(divide="ignore", invalid="ignore"):
        surprise = -np.log(probabilities)
        expected = np.nansum(surprise * probabilities, axis=-1, keepdims=True)
    distance = np.abs(surprise - expected)  # inf for what is ruled out
    order = np.argsort(distance, axis=-1, kind="stable")
    reached = np.cumsum(np.take_along_axis(probabilities, order, axis=-1), axis=-1)
    last = np.minimum((reached < mass).sum(axis=-1, keepdims=True), logits.shape[-1] - 1)
    farthest = np.take_along_axis(distance, np.take_along_axis(order, last, axis=-1), axis=-1)
    return np.where(distance > farthest, -np.inf, logits)


def _drop_ranked(logits: Array, order: NDArray[np.int64], drop: NDArray[np.bool_]) -> Array:
    dropped = np.empty_like(drop)
    np.put_along_axis(dropped, order, drop, axis=-1)
    return np.where(dropped, -np.inf, logits)


# All together


def steps(config: SampleConfig, bias: Mapping[int, float] | None = None) -> list[Step]:
    """The steps that are switched on, in order. `bias` is config.logit_bias with token numbers."""
    window = config.penalty_window
    active: list[Step] = []

    def add(name: str, function: Callable[[Array, Sequence[int]], Array]) -> None:
        active.append((name, function))

    if bias:
        add("logit_bias", lambda logits, _: add_bias(logits, bias))
    if config.repetition_penalty != 1:
        add(
            "repetition_penalty",
            lambda logits, history: penalise_repetition(
                logits, _recent(history, window), config.repetition_penalty
            ),
        )
    if config.frequency_penalty or config.presence_penalty:
        add(
            "frequency_penalty",
            lambda logits, history: penalise_frequency(
                logits,
                _recent(history, window),
                config.frequency_penalty,
                config.presence_penalty,
            ),
        )
    if config.no_repeat_ngram:
        add(
            "no_repeat_ngram",
            lambda logits, history: ban_repeated_ngrams(logits, history, config.no_repeat_ngram),
        )
    filters: list[tuple[str, bool, Callable[..., Array]]] = [
        ("temperature", config.temperature != 1, scale),
        ("top_k", config.top_k > 0, keep_top_k),
        ("top_p", config.top_p < 1, keep_top_p),
        ("min_p", config.min_p > 0, keep_min_p),
        ("typical_p", config.typical_p < 1, keep_typical),
    ]
    for name, on, function in filters:
        if on:
            add(name, partial(_without_history, function, getattr(config, name)))
    return active


def _without_history(
    function: Callable[..., Array], value: float, logits: Array, history: Sequence[int]
) -> Array:
    return function(logits, value)


def _recent(history: Sequence[int], window: int) -> Sequence[int]:
    return history[-window:] if window else ()


@dataclass(frozen=True)
class Stage:
    """The next-symbol distribution after one step of the chain; the first is the network's own."""

    name: str  # "raw", then the names of the settings
    logits: Array  # (V,)
    probabilities: Array  # (V,)

    @property
    def survivors(self) -> int:
        """How many tokens can still be drawn."""
        return int((self.probabilities > 0).sum())

    @property
    def bits(self) -> float:
        """The entropy: how many yes-no questions the next symbol is worth."""
        p = self.probabilities[self.probabilities > 0]
        return float(-(p * np.log2(p)).sum()) + 0.0  # never -0


def chain(
    logits: Array | Sequence[float] | torch.Tensor,
    config: SampleConfig,
    history: Sequence[int] = (),
    bias: Mapping[int, float] | None = None,
) -> list[Stage]:
    """The distribution as the network gives it and after each active step. logits (V,)."""
    scores = np.array(logits, dtype=np.float64)
    stages = [Stage("raw", scores, softmax(scores))]
    for name, function in steps(config, bias):
        scores = function(scores, history)
        stages.append(Stage(name, scores, softmax(scores)))
    return stages


def choose(active: list[Step], logits: Array, history: Sequence[int], chance: float) -> int:
    """A token by the active steps and a uniform number. logits (V,)."""
    if active and active[-1][0] == "top_p":  # the usual setting, in half as many calls
        logits = apply(active[:-1], logits, history)
        return draw_top_p(logits, active[-1][1].args[1], chance)  # type: ignore[attr-defined]
    return draw(apply(active, logits, history), chance)


def choose_many(
    active: list[Step], logits: Array, histories: Sequence[Sequence[int]], chances: Sequence[float]
) -> list[int]:
    """choose() for every row, at once where no row's history matters. logits (B, V)."""
    if any(name in WITH_HISTORY for name, _ in active):
        rows = zip(logits, histories, chances, strict=True)
        return [choose(active, row, history, chance) for row, history, chance in rows]
    return draw_many(apply(active, logits, ()), np.asarray(chances)).tolist()


def share(logits: Array, token: int) -> float:
    """The probability of one token. logits (V,)."""
    powers = _powers(logits)
    return float(powers[token] / powers.sum())


def apply(active: list[Step], logits: Array, history: Sequence[int]) -> Array:
    """The scores after all the active steps."""
    for _, function in active:
        logits = function(logits, history)
    return logits


def _powers(logits: Array) -> Array:
    """Probabilities, but for a common factor. (V,); argmax is called faster than max."""
    return np.exp(logits - logits[logits.argmax()])


def draw(logits: Array, uniform: float) -> int:
    """The token at which the running sum of probabilities, by token number, passes `uniform`.

    Two settings that are given the same uniform differ only by what they did to the scores:
    that makes their texts comparable. logits (V,), uniform in [0, 1).
    """
    reached = _powers(logits).cumsum()
    token = int(reached.searchsorted(uniform * reached[-1], side="right"))
    if token == len(reached):  # only when the product was rounded up to the whole sum
        token = int(reached.searchsorted(reached[-1]))
    return token


def draw_top_p(logits: Array, mass: float, uniform: float) -> int:
    """draw(keep_top_p(logits, mass), uniform), looking only at what is kept. logits (V,)."""
    powers = _powers(logits)
    order = (-logits).argsort(kind="stable")
    reached = powers[order].cumsum()
    kept = order[: int(reached.searchsorted(mass * reached[-1])) + 1]
    kept.sort()
    reached = powers[kept].cumsum()
    place = int(reached.searchsorted(uniform * reached[-1], side="right"))
    return int(kept[min(place, len(kept) - 1)])


def draw_many(logits: Array, uniforms: Array) -> NDArray[np.int64]:
    """draw() for every row. logits (B, V), uniforms (B,) -> tokens (B,)."""
    reached = np.exp(logits - logits.max(axis=1, keepdims=True)).cumsum(axis=1)
    whole = reached[:, -1:]
    passed = reached > np.minimum(uniforms[:, None] * whole, np.nextafter(whole, 0))
    return passed.argmax(axis=1)


def uniforms(seed: int) -> Iterator[float]:
    """One number in [0, 1) per step, from a generator of its own.

    torch's CPU generator is the Mersenne Twister, seeded with the low 32 bits of `seed`, two
    outputs per number: the browser page (export.py) repeats it exactly.
    """
    generator = torch.Generator().manual_seed(seed)
    while True:
        yield from torch.rand(UNIFORMS, dtype=torch.float64, generator=generator).tolist()
