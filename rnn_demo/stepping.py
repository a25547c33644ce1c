"""The network read one symbol at a time: what writing text needs, and nothing more.

A step of a small network is a handful of tiny products, so the calls cost more than the
arithmetic. What makes it fast: the embedding, the first layer's input product and its biases
become one table with a row per symbol; sigmoid(x) = tanh(x / 2) / 2 + 1/2 with the halves folded
into the weights, so that one tanh serves all gates; no autograd; and NumPy for all but the
products, because its calls cost half of torch's.

The products are torch's, of two rows at least: a lone stream has an idle twin. A product of one
row adds up in another order than a product of several, whose rows do not depend on how many they
are (x86, MKL). So a text alone is, bit for bit, the text in a batch, even of a chaotic network.
Tested equal to model.py for every cell.
Shapes: B streams, V vocabulary, H hidden, G gates of the cell; all arrays float32.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from rnn_demo.model import Layer, RecurrentLM

Array = NDArray[np.float32]
State = list[list[Array]]  # one entry per layer: [h] or [h, c], each (B, H), changed in place
LARGEST_TABLE = 1 << 25  # numbers; beyond it the input product is computed at every step
EPSILON = np.float32(1e-5)  # of nn.LayerNorm
HALF = np.float32(0.5)


def product(x: Array, weight: torch.Tensor) -> Array:
    """x (B, I) times weight (I, O), without a copy on the way in or out."""
    return torch.mm(torch.from_numpy(x), weight).numpy()


def rnn(inputs: Array, state: list[Array], layer: StepLayer) -> None:
    """h' = tanh(W x + U h + b). inputs (B, H) holds W x + b."""
    (h,) = state
    np.tanh(inputs + product(h, layer.recurrent), out=h)


def lstm(inputs: Array, state: list[Array], layer: StepLayer) -> None:
    """c' = f * c + i * g, h' = o * tanh(c'). inputs (B, 4H), in the order i, f, o, g."""
    h, c = state
    width = h.shape[1]
    gates = np.tanh(inputs + product(h, layer.recurrent))
    sigmoids = gates[:, : 3 * width]
    sigmoids *= HALF
    sigmoids += HALF
    c *= gates[:, width : 2 * width]
    c += gates[:, :width] * gates[:, 3 * width :]
    np.multiply(gates[:, 2 * width : 3 * width], np.tanh(c), out=h)


def gru(inputs: Array, state: list[Array], layer: StepLayer) -> None:
    """n = tanh(W x + r * (U h + b)), h' = n + z * (h - n). inputs (B, 3H): r, z, n."""
    (h,) = state
    width = h.shape[1]
    hidden = product(h, layer.recurrent)
    gates = np.tanh(inputs[:, : 2 * width] + hidden[:, : 2 * width])
    gates *= HALF
    gates += HALF
    new = hidden[:, 2 * width :]
    new += layer.inner_bias
    new *= gates[:, :width]
    new += inputs[:, 2 * width :]
    _blend(h, np.tanh(new), gates[:, width:])


def gru_before(inputs: Array, state: list[Array], layer: StepLayer) -> None:
    """n = tanh(W x + U (r * h) + b), h' = n + z * (h - n). inputs (B, 3H): r, z, n."""
    (h,) = state
    width = h.shape[1]
    gates = np.tanh(inputs[:, : 2 * width] + product(h, layer.recurrent))
    gates *= HALF
    gates += HALF
    new = product(gates[:, :width] * h, layer.inner)
    new += inputs[:, 2 * width :]
    _blend(h, np.tanh(new), gates[:, width:])


def _blend(h: Array, new: Array, keep: Array) -> None:
    """h' = new + keep * (h - new), in place."""
    h -= new
    h *= keep
    h += new


CELLS = {"rnn": rnn, "lstm": lstm, "gru": gru, "gru_before": gru_before}


class StepLayer:
    """One layer's weights, transposed, gates reordered and halved where a sigmoid follows."""

    def __init__(self, cell: str, layer: Layer) -> None:
        weights = [_array(tensor) for tensor in layer.weights()]
        width = weights[1].shape[1]
        rows = np.arange(len(weights[0]))
        if cell == "lstm":  # i, f, g, o -> i, f, o, g: the sigmoids side by side
            rows = rows.reshape(4, width)[[0, 1, 3, 2]].ravel()
        half = np.ones(len(rows), np.float32)
        half[: len(rows) - width if cell != "rnn" else 0] = HALF
        w, u, input_bias, recurrent_bias = (
            weight[rows] * (half[:, None] if weight.ndim == 2 else half) for weight in weights
        )
        self.input, self.recurrent = _columns(w.T), _columns(u.T)
        self.bias = input_bias + recurrent_bias
        if cell == "gru":  # this bias stands inside the product with r
            self.inner_bias = recurrent_bias[2 * width :].copy()
            self.bias[2 * width :] = input_bias[2 * width :]
        elif cell == "gru_before":
            self.inner = _columns(u.T[:, 2 * width :])
            self.recurrent = _columns(u.T[:, : 2 * width])
        self.norm = None
        if layer.norm is not None:
            self.norm = _array(layer.norm.weight), _array(layer.norm.bias)

    def inputs(self, x: Array) -> Array:
        """W LayerNorm(x) + b. (B, I) -> (B, G*H)."""
        if self.norm is not None:
            x = x - x.mean(axis=1, keepdims=True)
            x *= 1 / np.sqrt(np.square(x).mean(axis=1, keepdims=True) + EPSILON)
            x = x * self.norm[0] + self.norm[1]
        return product(x, self.input) + self.bias


class Stepper:
    """A copy of a network's weights, ready to be read one symbol at a time.

    `after_layer`, if given, is called with a layer's number and its state after that layer has
    moved and before the next one looks: whoever holds a unit still does it there.
    """

    def __init__(
        self,
        model: RecurrentLM,
        after_layer: Callable[[int, list[Array]], None] | None = None,
    ) -> None:
        self.config = model.config
        self.after_layer = after_layer
        self.move = CELLS[model.cell]
        self.layers = [StepLayer(model.cell, layer) for layer in model.layer_list]
        self.output = _columns(_array(model.output_weight).T)  # (H, V)
        self.output_bias = _array(model.output.bias)
        self.embedding = _array(model.embedding.weight) if model.config.embedding_size else None
        first = self.layers[0]
        self.table: Array | None = None  # (V, G*H): the first layer's inputs for every symbol
        if self.embedding is None:
            self.table = first.input.numpy() + first.bias
        elif self.config.vocab_size * len(first.bias) <= LARGEST_TABLE:
            self.table = first.inputs(self.embedding)

    def initial_state(self, streams: int) -> State:
        """Zeros: nothing has been read yet. A lone stream has two equal rows."""
        shape = (max(streams, 2), self.config.hidden_size)
        parts = 2 if self.config.cell == "lstm" else 1
        return [[np.zeros(shape, np.float32) for _ in range(parts)] for _ in self.layers]

    def read(self, tokens: NDArray[Any], state: State) -> Array:
        """Read one symbol per stream, moving `state`. tokens (B,) -> the top layer's output.

        All rows of the result (B, H) are real but for B = 1, which has (2, H).
        """
        if len(tokens) == 1:
            tokens = np.repeat(tokens, 2)
        if self.table is not None:
            inputs = self.table[tokens]
        else:
            assert self.embedding is not None
            inputs = self.layers[0].inputs(self.embedding[tokens])
        signal = state[0][0]
        for index, layer in enumerate(self.layers):
            if index:
                inputs = layer.inputs(signal)
            self.move(inputs, state[index], layer)
            if self.after_layer is not None:
                self.after_layer(index, state[index])
            h = state[index][0]
            signal = h + signal if self.config.residual and index else h
        return signal

    def scores(self, signal: Array) -> Array:
        """The top layer's output (B, H) -> logits (B, V)."""
        logits = product(signal, self.output)
        logits += self.output_bias
        return logits


def select(state: State, streams: list[int]) -> State:
    """The state of some of the streams, copied."""
    rows = streams * 2 if len(streams) == 1 else streams
    return [[part[rows] for part in parts] for parts in state]


def _columns(weight: Array) -> torch.Tensor:
    return torch.from_numpy(np.ascontiguousarray(weight))


def _array(tensor: Any) -> Array:
    return tensor.detach().float().cpu().numpy().copy()
