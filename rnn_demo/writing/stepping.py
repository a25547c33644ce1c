"""The network read one symbol at a time: what writing text needs, and nothing more.

A step of a small network is a handful of tiny products. What makes it fast: the embedding, the
first layer's input product and its biases become one table with a row per symbol;
sigmoid(x) = tanh(x / 2) / 2 + 1/2 with the halves folded into the weights, so that one tanh
serves all gates; no autograd; nothing is allocated; and NumPy for all but the products, because
its calls cost half of torch's.

Every stream's products are computed on their own. A product of several rows at once adds up in
another order than a product of one, and a chaotic network makes another text of the difference;
so a text written in a batch is, bit for bit, the text written alone.
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
EPSILON = np.float32(1e-5)  # of nn.LayerNorm
HALF = np.float32(0.5)


class Buffer:
    """A matrix with a row for every stream, for NumPy, and its rows for torch: the same memory."""

    def __init__(self, streams: int, columns: int) -> None:
        self.array: Array = np.zeros((streams, columns), np.float32)
        self.rows = torch.from_numpy(self.array).split(1)  # B of (1, columns)


def product(x: Buffer, weight: torch.Tensor, out: Buffer) -> Array:
    """x (B, I) times weight (I, O) into out (B, O), each row by itself."""
    for row, result in zip(x.rows, out.rows, strict=True):
        torch.mm(row, weight, out=result)
    return out.array


class Memory:
    """The state of one layer, h and for the LSTM c, (B, H) each, and room to compute in."""

    def __init__(self, streams: int, hidden: int, layer: StepLayer, long_term: bool) -> None:
        self.h = Buffer(streams, hidden)
        self.c = np.zeros((streams, hidden), np.float32) if long_term else None
        self.inputs = Buffer(streams, layer.input.shape[1])
        self.hidden = Buffer(streams, layer.recurrent.shape[1])
        self.signal, self.room, self.new = (Buffer(streams, hidden) for _ in range(3))

    @property
    def parts(self) -> list[Array]:
        """[h] or [h, c]; what is written there is what the network remembers."""
        return [self.h.array] if self.c is None else [self.h.array, self.c]


class State:
    """What B streams have read: the memory of each layer, changed in place, and room for scores."""

    def __init__(self, layers: list[Memory], scores: Buffer) -> None:
        self.layers, self.scores = layers, scores
        self.turn = False  # see Stepper.read


def rnn(inputs: Array, hidden: Array, memory: Memory, layer: StepLayer) -> None:
    """h' = tanh(W x + U h + b). inputs (B, H) holds W x + b, hidden (B, H) holds U h."""
    hidden += inputs
    np.tanh(hidden, out=memory.h.array)


def lstm(inputs: Array, hidden: Array, memory: Memory, layer: StepLayer) -> None:
    """c' = f * c + i * g, h' = o * tanh(c'). inputs (B, 4H), in the order i, f, o, g."""
    h, c, room = memory.h.array, memory.c, memory.room.array
    assert c is not None
    width = h.shape[1]
    gates = hidden
    gates += inputs
    np.tanh(gates, out=gates)
    _halve(gates[:, : 3 * width])
    c *= gates[:, width : 2 * width]
    c += np.multiply(gates[:, :width], gates[:, 3 * width :], out=room)
    np.multiply(gates[:, 2 * width : 3 * width], np.tanh(c, out=room), out=h)


def gru(inputs: Array, hidden: Array, memory: Memory, layer: StepLayer) -> None:
    """n = tanh(W x + r * (U h + b)), h' = n + z * (h - n). inputs (B, 3H): r, z, n."""
    width = memory.h.array.shape[1]
    gates, new = hidden[:, : 2 * width], hidden[:, 2 * width :]
    gates += inputs[:, : 2 * width]
    _halve(np.tanh(gates, out=gates))
    new += layer.inner_bias
    new *= gates[:, :width]
    new += inputs[:, 2 * width :]
    _blend(memory.h.array, np.tanh(new, out=new), gates[:, width:])


def gru_before(inputs: Array, hidden: Array, memory: Memory, layer: StepLayer) -> None:
    """n = tanh(W x + U (r * h) + b), h' = n + z * (h - n). hidden (B, 2H) has no n."""
    width = memory.h.array.shape[1]
    gates = hidden
    gates += inputs[:, : 2 * width]
    _halve(np.tanh(gates, out=gates))
    np.multiply(gates[:, :width], memory.h.array, out=memory.room.array)
    new = product(memory.room, layer.inner, memory.new)
    new += inputs[:, 2 * width :]
    _blend(memory.h.array, np.tanh(new, out=new), gates[:, width:])


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

    def inputs(self, x: Buffer, memory: Memory) -> Array:
        """W LayerNorm(x) + b. (B, I) -> (B, G*H)."""
        if self.norm is not None:
            x = self._normalised(x.array, memory.signal)
        inputs = product(x, self.input, memory.inputs)
        inputs += self.bias
        return inputs

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
        self.output = _columns(_array(model.output_weight).T)  # (H, V)
        self.output_bias = _array(model.output.bias).astype(np.float64)
        self.embedding = _array(model.embedding.weight) if model.config.embedding_size else None
        first = self.layers[0]
        self.table: Array | None = None  # (V, G*H): the first layer's inputs for every symbol
        if self.embedding is None:
            self.table = first.input.numpy() + first.bias
        elif self.config.vocab_size * len(first.bias) <= LARGEST_TABLE:
            self.table = self.embedding @ first.input.numpy() + first.bias

    def initial_state(self, streams: int) -> State:
        """Zeros: nothing has been read yet."""
        width, long_term = self.config.hidden_size, self.config.cell == "lstm"
        layers = [Memory(streams, width, layer, long_term) for layer in self.layers]
        return State(layers, Buffer(streams, self.config.vocab_size))

    def read(self, tokens: NDArray[Any], state: State) -> Buffer:
        """Read one symbol per stream, moving `state`. tokens (B,) -> the top layer's output."""
        signal, state.turn = state.layers[0].h, not state.turn
        for index, (layer, memory) in enumerate(zip(self.layers, state.layers, strict=True)):
            if index and state.turn:  # what was read last is read first: it is still in the cache
                hidden = product(memory.h, layer.recurrent, memory.hidden)
                inputs = layer.inputs(signal, memory)
            else:
                inputs = layer.inputs(signal, memory) if index else self._first(tokens, memory)
                hidden = product(memory.h, layer.recurrent, memory.hidden)
            self.move(inputs, hidden, memory, layer)
            if self.after_layer is not None:
                self.after_layer(index, memory.parts)
            if self.config.residual and index:
                np.add(memory.h.array, signal.array, out=memory.signal.array)
                signal = memory.signal
            else:
                signal = memory.h
        return signal

    def _first(self, tokens: NDArray[Any], memory: Memory) -> Array:
        if self.table is not None:
            return self.table.take(tokens, axis=0, out=memory.inputs.array, mode="clip")
        assert self.embedding is not None
        x = Buffer(len(tokens), self.embedding.shape[1])
        x.array[:] = self.embedding[tokens]
        return self.layers[0].inputs(x, memory)

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
    return torch.from_numpy(np.ascontiguousarray(weight))


def _array(tensor: Any) -> Array:
    return tensor.detach().float().cpu().numpy().copy()
