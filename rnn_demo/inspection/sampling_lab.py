"""Sampling lab: the next-symbol distribution before and after each step of the chain.

The steps and their order are sampling.py's: temperature, then top-k, top-p, min-p, typical. The
order matters: scores [3, 2, 1] with top-p .8 and temperature .5 leave one symbol, and two where
the temperature comes last. The sweep writes the same prompt at several temperatures with common
random numbers, so that rows differ by the temperature and not by luck.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor

from rnn_demo.config import SampleConfig
from rnn_demo.inspection.notice import Notice, notice
from rnn_demo.inspection.subject import Subject
from rnn_demo.inspection.unrolled import one_thread
from rnn_demo.writing import sampling
from rnn_demo.writing.generate import Writer, bias
from rnn_demo.writing.sampling import chain, draw

SHOWN = 16  # symbols; the rest is one bar
TEMPERATURES = (0.3, 0.5, 0.8, 1.0, 1.3)
TEXTBOOK = (3.0, 2.0, 1.0)  # scores for which the order matters, with TEXTBOOK_CONFIG
TEXTBOOK_CONFIG = SampleConfig(temperature=0.5, top_p=0.8)
LONGEST_PAST = 400  # of the prompt that is read
BUDGET = 8e10  # multiplications and additions of a sweep


@dataclass(frozen=True)
class Bars:
    """One step of the chain."""

    name: str  # "raw", or the setting that made it
    chances: np.ndarray  # (S,) of the shown symbols
    others: float  # of all the rest together
    survivors: int
    bits: float  # entropy


@dataclass(frozen=True)
class Order:
    """The same settings with the temperature first (as here) and last (as in llama.cpp)."""

    first: int  # survivors
    last: int
    first_chances: np.ndarray  # (V,)
    last_chances: np.ndarray


@dataclass(frozen=True)
class Lab:
    symbols: list[str]  # S of them, best first
    ids: list[int]
    stages: list[Bars]
    drawn: int  # id drawn from the last stage with this seed
    drawn_symbol: str
    order: Order
    notice: Notice


@dataclass(frozen=True)
class Sweep:
    temperatures: list[float]
    texts: list[str]
    repeated: list[float]  # share of 6-symbol runs that were written before: 0 all new, 1 a loop
    notice: Notice


def lab(subject: Subject, prompt: str, config: SampleConfig) -> Lab:
    """The chain at the end of a prompt."""
    history = _past(subject, prompt)
    with one_thread(), torch.inference_mode():
        trace = subject.network.read(history[None])
        logits = subject.network.logits(trace.outputs[0, -1]).double().numpy()
    textless = bias(subject.tokenizer, SampleConfig())  # tokens that nobody ever writes
    wished = {t: b for t, b in bias(subject.tokenizer, config).items() if t not in textless}
    logits = sampling.add_bias(logits, textless)
    stages = chain(logits, config, history.tolist(), wished)
    best = np.argsort(-stages[0].probabilities, kind="stable")[:SHOWN]
    names = subject.tokenizer.symbols()
    bars = [
        Bars(
            name=stage.name,
            chances=stage.probabilities[best],
            others=max(0.0, float(1 - stage.probabilities[best].sum())),
            survivors=stage.survivors,
            bits=stage.bits,
        )
        for stage in stages
    ]
    drawn = draw(stages[-1].logits, next(sampling.uniforms(config.seed or 0)))
    order = order_of(logits, config)
    order = replace(
        order, first_chances=order.first_chances[best], last_chances=order.last_chances[best]
    )
    return Lab(
        symbols=[names[i] for i in best],
        ids=best.tolist(),
        stages=bars,
        drawn=drawn,
        drawn_symbol=names[drawn],
        order=order,
        notice=notice(
            "sampling.order" if order.first != order.last else "sampling.found",
            raw=bars[0].bits,
            final=bars[-1].bits,
            survivors=bars[-1].survivors,
            all=len(logits),
            first=order.first,
            last=order.last,
        ),
    )


def order_of(logits: np.ndarray, config: SampleConfig) -> Order:
    """What the order of temperature and filters changes. Penalties are left out."""
    filters = replace(
        config,
        repetition_penalty=1.0,
        frequency_penalty=0.0,
        presence_penalty=0.0,
        no_repeat_ngram=0,
    )
    first = chain(logits, filters)[-1]
    kept = chain(logits, replace(filters, temperature=1.0))[-1].logits
    last = chain(kept, replace(filters, top_k=0, top_p=1.0, min_p=0.0, typical_p=1.0))[-1]
    return Order(
        first.survivors,
        last.survivors,
        first.probabilities,
        last.probabilities,
    )


def sweep(
    subject: Subject,
    prompt: str,
    config: SampleConfig,
    temperatures: Sequence[float] = TEMPERATURES,
    length: int = 200,
) -> Sweep:
    """The same prompt and random numbers at several temperatures, one batch."""
    length = int(max(40, min(length, BUDGET / subject.network.flops / len(temperatures))))
    beginning = (prompt or subject.text()[:40])[-LONGEST_PAST:]
    same = replace(config, length=length, seed=config.seed or 0)
    configs = [replace(same, temperature=temperature) for temperature in temperatures]
    writer = Writer(subject.model, subject.tokenizer)
    texts = [each.text for each in writer.write_many([beginning] * len(configs), configs)]
    repeated = [_repeated(subject.tokenizer.encode(text).tolist()) for text in texts]
    return Sweep(
        temperatures=list(temperatures),
        texts=texts,
        repeated=repeated,
        notice=notice(
            "sweep.found",
            low=temperatures[0],
            high=temperatures[-1],
            first=100 * repeated[0],
            last=100 * repeated[-1],
        ),
    )


def _past(subject: Subject, prompt: str) -> Tensor:
    ids = subject.read(prompt or subject.text()[:40]).ids
    return ids[-LONGEST_PAST:]


def _repeated(ids: list[int], length: int = 6) -> float:
    runs = [tuple(ids[i : i + length]) for i in range(len(ids) - length + 1)]
    return 1 - len(set(runs)) / len(runs) if runs else 0.0
