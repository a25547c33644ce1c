"""The network written out in time, in textbook form, on a copy of a model's weights.

Fused recurrent kernels hide what the views need: the gates, every layer's state at every step,
and the gradient inside the recurrence (the output that such a kernel returns is not the tensor
it went on with, so a gradient retained there is zero before the last step). So one layer is
recomputed step by step from the weights, and tests hold it equal to the model and to torch.nn.

Names of the values, as in the tutorial (its c~ and h~ are `g` and `n` here):
    rnn   h = tanh(W_x x + W_h h' + b)
    lstm  i, f, o = sigmoid(...), g = tanh(...), c = f c' + i g, h = o tanh(c)
    gru   r, z = sigmoid(...), n = tanh(W_x x + b + r (W_h h' + b')), h = (1 - z) n + z h'
PyTorch's z is the share that is kept, the tutorial's is the share that is new: 1 - z. With
`reset_before` the GRU reads n = tanh(W_x x + b + W_h (r h') + b'), the tutorial's form.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from rnn_demo.config import ModelConfig
from rnn_demo.network.model import RecurrentLM, State

GATE_NAMES = {"rnn": ("a",), "lstm": ("i", "f", "g", "o"), "gru": ("r", "z", "n")}


@dataclass(frozen=True)
class Clamp:
    """Hold one unit of one layer at a value: `part` is "h", or "c" of an LSTM."""

    layer: int
    unit: int
    values: Tensor  # (B,) one per stream, or (B, T) one per stream and step
    part: str = "h"


@dataclass(frozen=True)
class Nudge:
    """Zeros added to every h and c of a layer, so that gradients at each step can be asked for.

    c is nudged before h = o tanh(c) is taken: its gradient includes the way through h.
    """

    h: Tensor  # (B, T, H)
    c: Tensor  # (B, T, H), unused but for the LSTM


@dataclass(frozen=True)
class Layer:
    """What one layer read and computed: each value (B, T, H), `before` the state it began with."""

    inputs: Tensor  # (B, T, I), after LayerNorm
    values: dict[str, Tensor]
    before: dict[str, Tensor]  # h and, for the LSTM, c: (B, H)


@dataclass(frozen=True)
class Trace:
    layers: list[Layer]
    outputs: Tensor  # (B, T, H): what the output layer reads
    state: State


@contextmanager
def one_thread() -> Iterator[None]:
    """Look on one thread: with a training on the other core, two stand in each other's way."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


class Unrolled:
    """A network's weights, copied, and its steps as they are written on paper."""

    def __init__(self, model: RecurrentLM) -> None:
        self.config: ModelConfig = model.config
        self.weights = {
            name: tensor.detach().to("cpu", copy=True)
            for name, tensor in model.state_dict().items()
        }

    @property
    def flops(self) -> int:
        """Multiplications and additions of one symbol, without the output layer."""
        return 2 * self.config.parameters

    def embed(self, tokens: Tensor) -> Tensor:
        """tokens (B, T) -> (B, T, I): rows of the embedding, or one-hot."""
        table = self.weights.get("embedding.weight")
        if table is None:
            dtype = self.weights["output.bias"].dtype
            return functional.one_hot(tokens, self.config.vocab_size).to(dtype)
        return table[tokens]

    def logits(self, outputs: Tensor) -> Tensor:
        """(..., H) -> (..., V)"""
        tied = "output.weight" not in self.weights
        weight = self.weights["embedding.weight" if tied else "output.weight"]
        return functional.linear(outputs, weight, self.weights["output.bias"])

    def initial_state(self, streams: int) -> State:
        """Zeros: (h,) or (h, c), each (L, B, H)."""
        shape = (self.config.layers, streams, self.config.hidden_size)
        dtype = self.weights["output.bias"].dtype
        parts = 2 if self.config.cell == "lstm" else 1
        return tuple(torch.zeros(shape, dtype=dtype) for _ in range(parts))

    def run(
        self,
        inputs: Tensor,
        state: State | None = None,
        clamp: Clamp | None = None,
        nudges: list[Nudge] | None = None,
    ) -> Trace:
        """All layers over all steps; inputs (B, T, I) as from embed(). Differentiable."""
        state = state or self.initial_state(len(inputs))
        layers, ends, current = [], [], inputs
        for index in range(self.config.layers):
            start = tuple(part[index] for part in state)
            held = clamp if clamp and clamp.layer == index else None
            layer = self._layer(index, current, start, held, nudges[index] if nudges else None)
            outputs = layer.values["h"]
            current = current + outputs if self._residual(index) else outputs
            layers.append(layer)
            ends.append([layer.values[name][:, -1] for name in ("h", "c")[: len(state)]])
        end = tuple(torch.stack(parts) for parts in zip(*ends, strict=True))
        return Trace(layers, current, end)

    def read(self, tokens: Tensor, state: State | None = None) -> Trace:
        """run() on tokens (B, T)."""
        return self.run(self.embed(tokens), state)

    def _residual(self, index: int) -> bool:
        return self.config.residual and index > 0

    def _layer(
        self, index: int, inputs: Tensor, start: State, clamp: Clamp | None, nudge: Nudge | None
    ) -> Layer:
        """One layer over T steps: the products with the inputs at once, the rest step by step."""
        prefix = f"layers.{index}."
        if f"{prefix}norm.weight" in self.weights:
            scale, shift = self.weights[f"{prefix}norm.weight"], self.weights[f"{prefix}norm.bias"]
            inputs = functional.layer_norm(inputs, scale.shape, scale, shift)
        bias = self.weights[f"{prefix}input_bias"]
        projected = functional.linear(inputs, self.weights[f"{prefix}input_weight"], bias)
        before = dict(zip(("h", "c"), start, strict=False))
        past, steps = before, []
        for t in range(inputs.shape[1]):
            added = (nudge.h[:, t], nudge.c[:, t]) if nudge else None
            past = self._step(prefix, projected[:, t], past, added)
            if clamp is not None:
                past = _hold(past, clamp, t)
            steps.append(past)
        values = {name: torch.stack([step[name] for step in steps], 1) for name in past}
        return Layer(inputs, values, before)

    def _step(
        self,
        prefix: str,
        projected: Tensor,
        past: dict[str, Tensor],
        nudge: tuple[Tensor, Tensor] | None = None,
    ) -> dict[str, Tensor]:
        """The equations: projected (B, G*H) is W_x x + b; returns every value by name, (B, H)."""
        h = past["h"]
        weight = self.weights[f"{prefix}recurrent_weight"]
        bias = self.weights[f"{prefix}recurrent_bias"]
        if self.config.cell == "rnn":
            return _nudged({"h": torch.tanh(projected + functional.linear(h, weight, bias))}, nudge)
        if self.config.cell == "lstm":
            i, f, g, o = (projected + functional.linear(h, weight, bias)).chunk(4, 1)
            i, f, g, o = i.sigmoid(), f.sigmoid(), g.tanh(), o.sigmoid()
            c = f * past["c"] + i * g
            c = c if nudge is None else c + nudge[1]
            return _nudged({"i": i, "f": f, "g": g, "o": o, "c": c, "h": o * c.tanh()}, nudge)
        size = self.config.hidden_size
        if self.config.reset_before:
            gates = functional.linear(h, weight[: 2 * size], bias[: 2 * size])
        else:
            gates = functional.linear(h, weight, bias)
        r, z = (projected[:, : 2 * size] + gates[:, : 2 * size]).sigmoid().chunk(2, 1)
        if self.config.reset_before:
            recurrent = functional.linear(r * h, weight[2 * size :], bias[2 * size :])
        else:
            recurrent = r * gates[:, 2 * size :]
        n = torch.tanh(projected[:, 2 * size :] + recurrent)
        return _nudged({"r": r, "z": z, "n": n, "h": (1 - z) * n + z * h}, nudge)


def _nudged(values: dict[str, Tensor], nudge: tuple[Tensor, Tensor] | None) -> dict[str, Tensor]:
    if nudge is not None:
        values["h"] = values["h"] + nudge[0]
    return values


def _hold(values: dict[str, Tensor], clamp: Clamp, t: int) -> dict[str, Tensor]:
    """The same step with one unit set; a held c is seen by h = o tanh(c)."""
    wanted = clamp.values[:, t] if clamp.values.ndim == 2 else clamp.values
    held = values[clamp.part].clone()
    held[:, clamp.unit] = wanted
    values = {**values, clamp.part: held}
    if clamp.part == "c":
        h = values["h"].clone()
        h[:, clamp.unit] = values["o"][:, clamp.unit] * held[:, clamp.unit].tanh()
        values["h"] = h
    return values
