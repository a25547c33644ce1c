"""How far back does the network remember? Two answers that do not trust each other.

Horizon: the loss at the same targets when the network is shown only the last k symbols, from a
zero state. A single level is uncertain by more than the differences between levels, so only
differences to the longest context, target by target, mean anything; they carry a band. A
network trained with carried state has seldom begun at zero: `wrong_past` begins instead in the
middle of some other text. (Khandelwal et al. 2018 do this for word models.)

Gradient against lag: |dL_T / dx_{T-k}| for the loss at the LAST symbol only, relative to lag 0,
as a geometric mean over windows, on a logarithmic axis: the product of Jacobians of the
tutorial's section 3.2, and of Pascanu, Mikolov and Bengio (2013). Summing the loss over all
symbols, or an arithmetic mean, would hide the vanishing. All is measured on held-out text.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from rnn_demo.errors import RunError
from rnn_demo.inspection.notice import Notice, notice, short
from rnn_demo.inspection.reading import Reading
from rnn_demo.inspection.subject import Subject
from rnn_demo.inspection.unrolled import Nudge, Unrolled, one_thread
from rnn_demo.judging.ngrams import nats_by_order
from rnn_demo.network.model import RecurrentLM

LAGS = 128
WINDOWS = 32  # of the gradient curve; 12 for networks of LARGE
LARGE = 3e6  # multiplications and additions a symbol
CONTEXTS = (1, 2, 4, 8, 16, 32, 64, 128, 256)
TARGETS = 512
WRONG_PAST = 32  # symbols of some other text before the true ones
WRONG_UP_TO = 64  # from here on what came before does not matter any more
BUDGET = 2.4e11  # multiplications and additions for each horizon
COUNT_FROM = 400_000  # the last characters of the training text, which tables count in
LONGEST = 50_000  # symbols of the held-out text
LAG = 40  # that sentences speak of
MATTERS = 0.03  # bits: less than this more per symbol is called nothing


@dataclass(frozen=True)
class Memory:
    cell: str
    contexts: list[int]  # k: how many symbols were shown
    loss_bits: np.ndarray  # (K,) mean at the targets
    extra_bits: np.ndarray  # (K,) above the longest context, paired
    band_bits: np.ndarray  # (K,) half the 95 % band of the difference
    wrong_past_bits: np.ndarray  # the same after a stretch of some other text, k <= WRONG_UP_TO
    ngram_contexts: list[int]  # characters that a table of counts sees; empty: no training text
    ngram_bits: list[float]  # what it reaches at the same targets
    gradient: np.ndarray  # (LAGS,) relative to lag 0
    targets: int
    horizon: int  # the shortest context that is as good as the longest
    reach: int  # the last lag with more than 1 % of the gradient of lag 0
    notice: Notice


def memory(subject: Subject, seed: int = 0) -> Memory:
    """Both answers for one network, on its held-out text."""
    generator = torch.Generator().manual_seed(seed)
    reading = subject.read(subject.text()[: LONGEST * 8], LONGEST)
    contexts = [k for k in CONTEXTS if k < len(reading) // 4]
    if len(contexts) < 2:
        raise RunError("look.memory.short", count=len(reading))
    near = [k for k in contexts if k <= WRONG_UP_TO]
    work = subject.network.flops * (sum(contexts) + sum(near) + len(near) * WRONG_PAST)
    count = int(max(40, min(TARGETS, BUDGET / work)))
    targets = torch.randint(contexts[-1], len(reading), (count,), generator=generator)
    windows = reading.ids[targets[:, None] + torch.arange(-contexts[-1], 1)]
    lags = min(LAGS, len(reading) // 4)
    with one_thread():
        loss = horizon(subject.model, windows, contexts)
        others = subject.windows(count, WRONG_PAST, generator)
        wrong = horizon(subject.model, windows, near, others)
        count_windows = WINDOWS * 3 // 8 if subject.network.flops > LARGE else WINDOWS
        curve = gradient_curve(subject.network, subject.windows(count_windows, lags + 1, generator))
    extra, band = against_longest(loss)
    line = ngram_line(subject.train_text, reading, targets.numpy()) if subject.train_text else {}
    shortest = contexts[int(np.argmax(extra - band < MATTERS))]
    reach = int(np.flatnonzero(curve > 0.01).max(initial=0))
    return Memory(
        cell=subject.cell,
        contexts=contexts,
        loss_bits=loss.mean(0),
        extra_bits=extra,
        band_bits=band,
        wrong_past_bits=wrong.mean(0),
        ngram_contexts=list(line),
        ngram_bits=list(line.values()),
        gradient=curve,
        targets=count,
        horizon=shortest,
        reach=reach,
        notice=_what_to_notice(subject.cell, shortest, contexts[-1], reach, curve, loss),
    )


def shared_lag(results: dict[str, Memory]) -> int:
    """The lag to compare several networks at: LAG, or the longest that all have."""
    return min(LAG, *(len(result.gradient) - 1 for result in results.values()))


def compared(results: dict[str, Memory]) -> Notice:
    """What to notice of the three cells on one text."""
    lag = shared_lag(results)
    bits = {cell: float(result.loss_bits[-1]) for cell, result in results.items()}
    best, worst = min(bits, key=bits.__getitem__), max(bits, key=bits.__getitem__)
    left = {cell: short(float(result.gradient[lag])) for cell, result in results.items()}
    return notice(
        "three.found", best=best.upper(), best_bits=bits[best], worst=worst.upper(),
        worst_bits=bits[worst], lag=lag, **left,
    )  # fmt: skip


def horizon(
    model: RecurrentLM, windows: Tensor, contexts: list[int], before: Tensor | None = None
) -> np.ndarray:
    """windows (N, K + 1) -> bits at the last symbol given only k before it: (N, len(contexts)).

    With `before` (N, P) each row first reads that, the past of some other text.
    """
    columns = []
    with torch.inference_mode():
        for k in contexts:
            seen = windows[:, -k - 1 : -1]
            seen = seen if before is None else torch.cat([before, seen], 1)
            last = model.read(seen)[0][:, -1]
            loss = functional.cross_entropy(model.logits(last), windows[:, -1], reduction="none")
            columns.append(loss / math.log(2))
    return torch.stack(columns, 1).double().numpy()


def against_longest(loss: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """loss (N, K) -> mean paired difference to the last column, and half its 95 % band."""
    paired = loss - loss[:, -1:]
    return paired.mean(0), 1.96 * paired.std(0, ddof=1) / math.sqrt(len(loss))


def gradient_curve(network: Unrolled, windows: Tensor) -> np.ndarray:
    """windows (W, T + 1) -> |dL/dx| at lag 0..T-1, relative to lag 0, geometric mean over windows.

    L is the loss at the last symbol only; x is what the first layer reads, the same kind of thing
    in every architecture. A sum over windows, not a mean, keeps them independent.
    """
    inputs = network.embed(windows[:, :-1]).detach().requires_grad_()
    last = network.run(inputs).outputs[:, -1]
    loss = functional.cross_entropy(network.logits(last), windows[:, -1], reduction="sum")
    (gradient,) = torch.autograd.grad(loss, inputs)
    return relative(gradient.norm(dim=-1))


def relative(norms: Tensor) -> np.ndarray:
    """norms (W, T) in order of time -> (T,) by lag, relative to lag 0, geometric mean."""
    by_lag = norms.double().flip(1)
    ratio = by_lag / by_lag[:, :1].clamp_min(1e-300)
    return ratio.clamp_min(1e-30).log().mean(0).exp().numpy()


def inside_curve(network: Unrolled, windows: Tensor, part: str = "h") -> np.ndarray:
    """The same inside the recurrence: |dL_T/d(state)_{T-k}| of the last layer.

    part "h" or, for an LSTM, "c", whose gradient includes the way through h = o tanh(c).
    """
    inputs = network.embed(windows[:, :-1])
    shape = (*inputs.shape[:2], network.config.hidden_size)
    nudges = [
        Nudge(torch.zeros(shape, dtype=inputs.dtype), torch.zeros(shape, dtype=inputs.dtype))
        for _ in range(network.config.layers)
    ]
    wanted: Tensor = getattr(nudges[-1], part).requires_grad_()
    trace = network.run(inputs, nudges=nudges)
    logits = network.logits(trace.outputs[:, -1])
    loss = functional.cross_entropy(logits, windows[:, -1], reduction="sum")
    (gradient,) = torch.autograd.grad(loss, wanted)
    return relative(gradient.norm(dim=-1))


def ngram_line(train: str, reading: Reading, targets: np.ndarray) -> dict[int, float]:
    """What tables of counts that see k characters reach at the same targets: k -> mean bits.

    targets (N,) places in the reading, none of them 0; a symbol costs all its characters.
    """
    ends = reading.last + 1
    line = {}
    for order, nats in nats_by_order(train[-COUNT_FROM:], reading.text).items():
        total = np.concatenate([[0.0], np.cumsum(nats)])
        costs = total[ends[targets]] - total[ends[targets - 1]]
        line[order - 1] = float(costs.mean()) / math.log(2)
    return line


def _what_to_notice(
    cell: str, shortest: int, longest: int, reach: int, curve: np.ndarray, loss: np.ndarray
) -> Notice:
    gain = float(loss[:, 0].mean() - loss[:, -1].mean())
    lag = min(LAG, len(curve) - 1)
    key = "flat" if gain < MATTERS else "found"
    return notice(
        f"memory.{key}",
        cell=cell.upper(),
        horizon=shortest,
        longest=longest,
        gain=gain,
        reach=reach,
        lag=lag,
        ratio=short(float(curve[lag])),
    )
