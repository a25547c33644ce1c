"""Make it explode: a plain RNN whose gradient grows without bound, and clipping, which saves it.

On purpose the worst case: ReLU in place of tanh (nothing limits h), a recurrent matrix that makes
lengths a seventh larger (orthogonal, times GAIN), plain SGD with a rate of 0.1, 128 steps of
back-propagation through time. Pascanu, Mikolov and Bengio (2013) cut the norm:
g <- g * min(1, limit / |g|). In ordinary training clipping hardly ever acts, so a chart "before
and after" of that shows two equal lines.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from rnn_demo.errors import RunError
from rnn_demo.inspection.notice import Notice, notice, short
from rnn_demo.inspection.unrolled import one_thread

HIDDEN, EMBEDDING, LENGTH, STREAMS = 128, 32, 128, 16
RATE = 0.1
LIMIT = 0.25  # cut to this the loss has never jumped; at 1 it does now and then
GAIN = 1.15  # of the recurrent matrix; at 1 some texts need more than UPDATES to explode
UPDATES = 40

Weights = dict[str, Tensor]


@dataclass(frozen=True)
class Update:
    step: int
    loss_bits: float  # NaN once it has exploded
    norm: float  # of the gradient before clipping
    clipped_norm: float  # and after


@dataclass(frozen=True)
class Explosion:
    free: list[Update]  # no clipping
    clipped: list[Update]
    limit: float
    exploded_at: int | None  # the first update of `free` whose loss is no number
    notice: Notice


def explosion(
    ids: Tensor, limit: float = LIMIT, updates: int = UPDATES, seed: int = 0
) -> Explosion:
    """The same network, text and order of windows, without and with clipping. ids (N,)."""
    with one_thread():
        free = list(train(ids, math.inf, updates, seed))
        clipped = list(train(ids, limit, updates, seed))
    exploded = next((u.step for u in free if not math.isfinite(u.loss_bits)), None)
    largest = max((u.norm for u in free if math.isfinite(u.norm)), default=0.0)
    said = notice(
        "explosion.found" if exploded else "explosion.nothing",
        step=exploded or len(free),
        norm=short(largest),
        limit=limit,
        last=statistics.median(update.loss_bits for update in clipped[-5:]),
        first=clipped[0].loss_bits,
    )
    return Explosion(free, clipped, limit, exploded, said)


def train(ids: Tensor, limit: float, updates: int = UPDATES, seed: int = 0) -> Iterator[Update]:
    """Plain SGD; stops after the first update whose loss is not a number."""
    if len(ids) < LENGTH + 2:
        raise RunError("look.short", count=len(ids), needed=LENGTH + 2)
    generator = torch.Generator().manual_seed(seed)
    weights = _initial(int(ids.max()) + 1, generator)
    for step in range(1, updates + 1):
        starts = torch.randint(len(ids) - LENGTH, (STREAMS,), generator=generator)
        windows = ids[starts[:, None] + torch.arange(LENGTH + 1)]
        loss = _loss(weights, windows)
        gradients = torch.autograd.grad(loss, list(weights.values()))
        norm = math.sqrt(sum(float(g.double().square().sum()) for g in gradients))
        share = 1.0 if norm <= limit else limit / (norm + 1e-6)
        with torch.no_grad():
            for weight, gradient in zip(weights.values(), gradients, strict=True):
                weight -= RATE * share * gradient
        yield Update(step, loss.item() / math.log(2), norm, norm * share)
        if not math.isfinite(loss.item()):
            return


def _initial(vocab: int, generator: torch.Generator) -> Weights:
    bound = HIDDEN**-0.5
    uniform = {"input": (HIDDEN, EMBEDDING), "bias": (HIDDEN,), "output": (vocab, HIDDEN)}
    weights = {
        name: torch.empty(shape).uniform_(-bound, bound, generator=generator)
        for name, shape in uniform.items()
    }
    weights["output_bias"] = torch.zeros(vocab)
    weights["embedding"] = torch.randn((vocab, EMBEDDING), generator=generator)
    weights["recurrent"] = torch.nn.init.orthogonal_(
        torch.empty(HIDDEN, HIDDEN), gain=GAIN, generator=generator
    )
    return {name: weight.requires_grad_() for name, weight in weights.items()}


def _loss(weights: Weights, windows: Tensor) -> Tensor:
    """Mean cross-entropy of windows (B, T + 1) under h = relu(W x + U h + b)."""
    inputs = functional.linear(
        weights["embedding"][windows[:, :-1]], weights["input"], weights["bias"]
    )
    h, outputs = torch.zeros(len(windows), HIDDEN), []
    for x in inputs.unbind(1):
        h = torch.relu(x + h @ weights["recurrent"].T)
        outputs.append(h)
    logits = functional.linear(torch.stack(outputs, 1), weights["output"], weights["output_bias"])
    return functional.cross_entropy(logits.flatten(0, 1), windows[:, 1:].flatten())
