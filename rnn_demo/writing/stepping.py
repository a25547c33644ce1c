"""The network read one symbol at a time: what writing text needs, and nothing more.

A step of a small network is a handful of tiny products. What makes it fast: the embedding, the
first layer's input product and its biases become one table with a row per symbol;
sigmoid(x) = tanh(x / 2) / 2 + 1/2 with the halves folded into the weights, so that one tanh
serves all gates; no autograd; nothing is allocated; and NumPy for all but the products, because
its calls cost half of torch's.

The products of few streams are computed one by one: a product of several rows at once adds up in
another order than a product of one, so a text written beside some others is, bit for bit, the
text written alone. From MANY streams on they are computed together, several times as fast; then
scores may differ in the seventh digit, and once in very many texts a symbol does.
Tested equal to model.py for every cell.
Shapes: B streams, V vocabulary, H hidden, G gates of the cell; all arrays float32.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from rnn_demo.network.model import Layer, RecurrentLM

Array = NDArray[np.float32]
LARGEST_TABLE = 1 << 25  # numbers; beyond it the input product is computed at every step
MANY = 8  # streams; from here on their products are computed together
EPSILON = np.float32(1e-5)  # of nn.LayerNorm
HALF = np.float32(0.5)


class Buffer:
    """A matrix with a row for every stream, for NumPy, and its rows for torch: the same memory."""

    def __init__(self, streams: int, columns: int) -> None:
        self.array: Array = np.zeros((streams, columns), np.float32)
        self.whole = torch.from_numpy(self.array)
        self.rows = self.whole.unbind()  # B of (columns)


def product(x: Buffer, weight: torch.Tensor, out: Buffer) -> Array:
    """weight (O, I) times each row of x (B, I), into out (B, O)."""
    if len(x.rows) >= MANY:
        torch.mm(x.whole, weight.t(), out=out.whole)
        return out.array
    for row, result in zip(x.rows, out.rows, strict=True):
        torch.mv(weight, row, out=result)
    return out.array


class Memory:
    """The state of one layer, h and for the LSTM c, (B, H) each, and room to compute in."""

    def __init__(self, streams: int, hidden: int, layer: StepLayer, long_term: bool) -> None:
        self.h = Buffer(streams, hidden)
        self.c = np.zeros((streams, hidden), np.float32) if long_term else None
        self.inputs = Buffer(streams, len(layer.input))  # W x + b
        self.hidden = Buffer(streams, len(layer.recurrent))  # U h, then the gates
        self.signal, self.room, self.new = (Buffer(streams, hidden) for _ in range(3))
        self.gates = np.split(self.hidden.array, len(layer.recurrent) // hidden, axis=1)
        last = len(layer.input) - hidden
        self.sigmoids = self.hidden.array[:, :last]
        self.before_sigmoids, self.before_last = np.split(self.inputs.array, [last], axis=1)

    @property
    def parts(self) -> list[Array]:
        """[h] or [h, c]; what is written there is what the network remembers."""
        return [self.h.array] if self.c is None else [self.h.array, self.c]


class State:
    """What B streams have read: the memory of each layer, changed in place, and room for scores."""

    def __init__(self, layers: list[Memory], scores: Buffer) -> None:
        self.layers, self.scores = layers, scores
        self.turn = False  # see Stepper.read


def rnn(memory: Memory, layer: StepLayer) -> None:
    """h' = tanh(W x + U h + b)."""
    memory.hidden.array += memory.inputs.array
    np.tanh(memory.hidden.array, out=memory.h.array)


def lstm(memory: Memory, layer: StepLayer) -> None:
    """c' = f * c + i * g, h' = o * tanh(c'); the gates in the order i, f, o, g."""
    c, room, gates = memory.c, memory.room.array, memory.hidden.array
    assert c is not None
    i, f, o, g = memory.gates
    gates += memory.inputs.array
    np.tanh(gates, out=gates)
    _halve(memory.sigmoids)
    c *= f
    c += np.multiply(i, g, out=room)
    np.multiply(o, np.tanh(c, out=room), out=memory.h.array)


def gru(memory: Memory, layer: StepLayer) -> None:
    """n = tanh(W x + r * (U h + b)), h' = n + z * (h - n); the gates in the order r, z, n."""
    r, z, n = memory.gates
    sigmoids = memory.sigmoids
    sigmoids += memory.before_sigmoids
    _halve(np.tanh(sigmoids, out=sigmoids))
    n += layer.inner_bias
    n *= r
    n += memory.before_last
    _blend(memory.h.array, np.tanh(n, out=n), z)


def gru_before(memory: Memory, layer: StepLayer) -> None:
    """n = tanh(W x + U (r * h) + b), h' = n + z * (h - n); U h has the gates r, z only."""
    r, z = memory.gates
    sigmoids = memory.sigmoids
    sigmoids += memory.before_sigmoids
    _halve(np.tanh(sigmoids, out=sigmoids))
    np.multiply(r, memory.h.array, out=memory.room.array)
    n = product(memory.room, layer.inner, memory.new)
    n += memory.before_last
    _blend(memory.h.array, np.tanh(n, out=n), z)


def _halve(tanh: Array) -> Array:
    """Sigmoids out of the tanh of half their inputs, in place."""
    tanh *= HALF
    tanh += HALF
    return tanh


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
        self.input, self.recurrent = _columns(w), _columns(u)
        self.bias = input_bias + recurrent_bias
        if cell == "gru":  # this bias stands inside the product with r
            self.inner_bias = recurrent_bias[2 * width :].copy()
            self.bias[2 * width :] = input_bias[2 * width :]
        elif cell == "gru_before":
            self.inner = _columns(u[2 * width :])
            self.recurrent = _columns(u[: 2 * width])
        self.norm = None
        if layer.norm is not None:
            self.norm = _array(layer.norm.weight), _array(layer.norm.bias)

    def read(self, x: Buffer, memory: Memory) -> None:
        """W LayerNorm(x) + b into memory.inputs. x (B, I)."""
        if self.norm is not None:
            x = self._normalised(x.array, memory.signal)
        inputs = product(x, self.input, memory.inputs)
        inputs += self.bias

    def _normalised(self, x: Array, out: Buffer) -> Buffer:
        assert self.norm is not None
        gain, shift = self.norm
        y = np.subtract(x, x.mean(axis=1, keepdims=True), out=out.array)
        y /= np.sqrt(np.square(y).mean(axis=1, keepdims=True) + EPSILON)
        y *= gain
        y += shift
        return out


class Stepper:
    """A copy of a network's weights, ready to be read one symbol at a time.

    `after_layer`, if given, is called with a layer's number and its state, [h] or [h, c], after
    that layer has moved and before the next one looks: whoever holds a unit still does it there.
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
        self.output = _columns(_array(model.output_weight))  # (V, H)
        self.output_bias = _array(model.output.bias).astype(np.float64)
        self.embedding = _array(model.embedding.weight) if model.config.embedding_size else None
        first = self.layers[0]
        self.table: Array | None = None  # (V, G*H): the first layer's inputs for every symbol
        if self.embedding is None:
            self.table = first.input.numpy().T + first.bias
        elif self.config.vocab_size * len(first.bias) <= LARGEST_TABLE:
            self.table = self.embedding @ first.input.numpy().T + first.bias

    def initial_state(self, streams: int) -> State:
        """Zeros: nothing has been read yet."""
        width, long_term = self.config.hidden_size, self.config.cell == "lstm"
        layers = [Memory(streams, width, layer, long_term) for layer in self.layers]
        return State(layers, Buffer(streams, self.config.vocab_size))

    def read(self, tokens: NDArray[Any], state: State) -> Buffer:
        """Read one symbol per stream, moving `state`. tokens (B,) -> the top layer's output."""
        signal, state.turn = state.layers[0].h, not state.turn
        layers = list(zip(self.layers, state.layers, strict=True))
        if state.turn:  # what was read last is read first: it is still in the cache
            for layer, memory in reversed(layers):
                product(memory.h, layer.recurrent, memory.hidden)
        for index, (layer, memory) in enumerate(layers):
            if index:
                layer.read(signal, memory)
            else:
                self._read_first(tokens, memory)
            if not state.turn:
                product(memory.h, layer.recurrent, memory.hidden)
            self.move(memory, layer)
            if self.after_layer is not None:
                self.after_layer(index, memory.parts)
            if self.config.residual and index:
                np.add(memory.h.array, signal.array, out=memory.signal.array)
                signal = memory.signal
            else:
                signal = memory.h
        return signal

    def _read_first(self, tokens: NDArray[Any], memory: Memory) -> None:
        if self.table is not None:
            self.table.take(tokens, axis=0, out=memory.inputs.array, mode="clip")
            return
        assert self.embedding is not None
        x = Buffer(len(tokens), self.embedding.shape[1])
        x.array[:] = self.embedding[tokens]
        self.layers[0].read(x, memory)

    def scores(self, signal: Buffer, state: State) -> NDArray[np.float64]:
        """The top layer's output (B, H) -> logits (B, V)."""
        return product(signal, self.output, state.scores) + self.output_bias

    def select(self, state: State, streams: list[int]) -> State:
        """The state of some of the streams, copied."""
        chosen = self.initial_state(len(streams))
        for new, old in zip(chosen.layers, state.layers, strict=True):
            for mine, theirs in zip(new.parts, old.parts, strict=True):
                mine[:] = theirs[streams]
        return chosen


def _columns(weight: Array) -> torch.Tensor:
    """(O, I), in memory column by column: a product with one vector reads it fastest so."""
    return torch.from_numpy(np.ascontiguousarray(weight.T)).t()


def _array(tensor: Any) -> Array:
    return tensor.detach().float().cpu().numpy().copy()
