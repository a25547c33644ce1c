"""Text written step by step, many rows at once, with common random numbers.

Row by row only one thing differs, a held unit: every row uses the same uniform
number at the same step, and picks by the inverse distribution function over symbols in the
order of their ids. So a difference between rows is the work of that one thing.
"""

from __future__ import annotations

import torch
from torch import Tensor

from rnn_demo.inspection.unrolled import Clamp, Unrolled
from rnn_demo.network.model import State


def uniforms(length: int, rows: int, seed: int) -> Tensor:
    """(length, rows) numbers in [0, 1): made once, shared by all that is compared."""
    return torch.rand((length, rows), generator=torch.Generator().manual_seed(seed))


def pick(chances: Tensor, uniform: Tensor) -> Tensor:
    """chances (B, V), uniform (B,) -> ids (B,): where the running sum passes the number."""
    running = chances.double().cumsum(-1)
    wanted = uniform.double()[:, None] * running[:, -1:]
    return (running <= wanted).sum(-1).clamp_max(chances.shape[1] - 1)


def write_rows(
    network: Unrolled,
    prompt: Tensor,
    draws: Tensor,
    temperature: float,
    clamp: Clamp | None = None,
) -> Tensor:
    """prompt (T,), draws (length, B) -> what each row writes after it, ids (B, length).

    A clamp holds its unit from the first written symbol on: a value a row, or with values
    (B, length) one for every step, beginning with the step that reads the prompt's last symbol.
    """
    rows = draws.shape[1]
    with torch.inference_mode():
        state = network.read(prompt[None, :-1]).state if len(prompt) > 1 else None
        state = tuple(part.repeat(1, rows, 1) for part in state or network.initial_state(1))
        last, written = prompt[-1:].repeat(rows), []
        for step, uniform in enumerate(draws):
            logits, state = _one(network, last, state, clamp, step)
            last = pick((logits / temperature).softmax(-1), uniform)
            written.append(last)
    return torch.stack(written, 1)


def _one(
    network: Unrolled, last: Tensor, state: State, clamp: Clamp | None, step: int
) -> tuple[Tensor, State]:
    if clamp is not None and clamp.values.ndim == 2:
        clamp = Clamp(clamp.layer, clamp.unit, clamp.values[:, step], clamp.part)
    trace = network.run(network.embed(last[:, None]), state, clamp)
    return network.logits(trace.outputs[:, 0]), trace.state
