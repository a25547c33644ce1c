"""The network read one symbol at a time: what writing text needs, and nothing more.

A step of a small network is a handful of tiny products. What makes it fast: the embedding, the
first layer's input product and its biases become one table with a row per symbol;
sigmoid(x) = tanh(x / 2) / 2 + 1/2 with the halves folded into the weights, so that one tanh
serves all gates; no autograd; nothing is allocated; and NumPy for all but the products, because
its calls cost half of torch's.

Then most of the time goes into fetching the weights, which are more than the nearest caches hold.
So they are read to and fro, like a field is ploughed: every other time each matrix from its last
part to its first, and the matrices in the opposite order. What was read last is read next.

The products of few streams are computed one by one: a product of several rows at once adds up in
another order than a product of one, so a text written beside some others is, bit for bit, the
text written alone. From MANY streams on they are computed together, several times as fast; then
scores may differ in the seventh digit, and once in very many texts a symbol does.
Tested equal to model.py for every cell.
Shapes: B streams, V vocabulary, H hidden, G gates of the cell; all arrays float32.
"""

from __future__ import annotations

import platform
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from rnn_demo.network.model import Layer, RecurrentLM

Array = NDArray[np.float32]
LARGEST_TABLE = 1 << 25  # numbers; beyond it the input product is computed at every step
MANY = 8  # streams; from here on their products are computed together
PART = 1 << 20  # bytes of a matrix that are read in one piece
EPSILON = np.float32(1e-5)  # of nn.LayerNorm
HALF = np.float32(0.5)


@cache
def is_by_amd() -> bool:
    """Whether AMD made the processor: on it NumPy's OpenBLAS multiplies a matrix with a vector in
    two thirds of the time of torch's MKL, which is Intel's. A rule, not a clock: the last digits
    differ, and equal seeds are to give equal texts."""
    try:
        about = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    except OSError:  # not Linux
        about = platform.processor()
    return "AuthenticAMD" in about


class Buffer:
    """A matrix with a row for every stream, for NumPy, and the same memory for torch."""

    def __init__(self, streams: int, columns: int) -> None:
        self.tensor = torch.zeros(streams, columns)
        self.array: Array = self.tensor.numpy()


class Weight:
    """A matrix (O, I) in parts (some of O, I), in memory column by column, at torch's addresses.

    A product with one vector reads it fastest so: NumPy's addresses suit no vector register.
    """

    def __init__(self, matrix: Array) -> None:
        count = max(1, round(matrix.nbytes / PART))
        parts = torch.from_numpy(matrix).tensor_split(count)
        self.parts = [part.t().clone(memory_format=torch.contiguous_format).t() for part in parts]
        self.outputs = len(matrix)

    def transposed(self) -> torch.Tensor:
        """(I, O), in one piece."""
        return torch.cat([part.t() for part in self.parts], dim=1)


class Product:
    """weight (O, I) times each row of x (B, I), into `out` (B, O), as often as you like."""

    def __init__(self, weight: Weight, x: Buffer) -> None:
        streams = len(x.array)
        self.out = Buffer(streams, weight.outputs)
        pieces = self.out.tensor.split([len(part) for part in weight.parts], dim=1)
        self.multiply: Callable[..., Any] = torch.mm if streams >= MANY else torch.mv
        self.operands: list[tuple[Any, Any, Any]] = []
        for part, piece in zip(weight.parts, pieces, strict=True):
            if streams >= MANY:
                self.operands.append((x.tensor, part.t(), piece))
            else:
                self.operands += [(part, *rows) for rows in zip(x.tensor, piece, strict=True)]
        if streams < MANY and is_by_amd():
            self.multiply = np.dot
            self.operands = [tuple(t.numpy() for t in three) for three in self.operands]

    def compute(self) -> Array:
        """The product with what x holds now."""
        for a, b, out in self.operands:
            self.multiply(a, b, out=out)
        self.operands.reverse()  # what was read last is read first next time
        return self.out.array


class Memory:
    """What one layer remembers, h and for the LSTM c, (B, H) each, and room to compute in.

    x (B, I): where the signal of the layer below will lie.
    """

    def __init__(self, layer: StepLayer, x: Buffer, *, long_term: bool, residual: bool) -> None:
        self.layer, self.x = layer, x
        streams, hidden = len(x.array), layer.hidden_size
        self.h = Buffer(streams, hidden)
        self.c = np.zeros((streams, hidden), np.float32) if long_term else None
        self.signal = Buffer(streams, hidden) if residual else self.h  # to the layer above
        self.normalised = x if layer.norm is None else Buffer(streams, x.array.shape[1])
        self.input = Product(layer.input, self.normalised)
        self.recurrent = Product(layer.recurrent, self.h)
        self.inputs, self.gates = self.input.out, self.recurrent.out  # W x + b; U h, then the gates
        self.room = Buffer(streams, hidden)
        self.inner = None if layer.inner is None else Product(layer.inner, self.room)
        last = layer.input.outputs - hidden
        self.each_gate = np.split(self.gates.array, layer.recurrent.outputs // hidden, axis=1)
        self.sigmoids = self.gates.array[:, :last]
        self.before_sigmoids, self.before_last = np.split(self.inputs.array, [last], axis=1)

    @property
    def parts(self) -> list[Array]:
        """[h] or [h, c]; what is written there is what the network remembers."""
        return [self.h.array] if self.c is None else [self.h.array, self.c]

    def read(self) -> None:
        """W LayerNorm(x) + b into `inputs`."""
        if self.layer.norm is not None:
            self._normalise(*self.layer.norm)
        inputs = self.input.compute()
        inputs += self.layer.bias

    def _normalise(self, gain: Array, shift: Array) -> None:
        x = self.x.array
        y = np.subtract(x, x.mean(axis=1, keepdims=True), out=self.normalised.array)
        y /= np.sqrt(np.square(y).mean(axis=1, keepdims=True) + EPSILON)
        y *= gain
        y += shift

    def send(self) -> None:
        """Add what came from below to what goes up, for a residual layer."""
        if self.signal is not self.h:
            np.add(self.h.array, self.x.array, out=self.signal.array)


class State:
    """What B streams have read: the memory of each layer, changed in place, and the scores.

    U h of the first layer is that of its present h; the other layers' are computed when needed.
    """

    def __init__(self, symbols: Buffer, layers: list[Memory], output: Weight) -> None:
        self.symbols, self.layers = symbols, layers
        self.scores = Product(output, layers[-1].signal)
        self.turn = False  # see Stepper.read


def rnn(memory: Memory) -> None:
    """h' = tanh(W x + U h + b)."""
    gates = memory.gates.array
    gates += memory.inputs.array
    np.tanh(gates, out=memory.h.array)


def lstm(memory: Memory) -> None:
    """c' = f * c + i * g, h' = o * tanh(c'); the gates in the order i, f, o, g."""
    c, room, gates = memory.c, memory.room.array, memory.gates.array
    assert c is not None
    i, f, o, g = memory.each_gate
    gates += memory.inputs.array
    np.tanh(gates, out=gates)
    _halve(memory.sigmoids)
    c *= f
    c += np.multiply(i, g, out=room)
    np.multiply(o, np.tanh(c, out=room), out=memory.h.array)


def gru(memory: Memory) -> None:
    """n = tanh(W x + r * (U h + b)), h' = n + z * (h - n); the gates in the order r, z, n."""
    r, z, n = memory.each_gate
    sigmoids = memory.sigmoids
    sigmoids += memory.before_sigmoids
    _halve(np.tanh(sigmoids, out=sigmoids))
    n += memory.layer.inner_bias
    n *= r
    n += memory.before_last
    _blend(memory.h.array, np.tanh(n, out=n), z)


def gru_before(memory: Memory) -> None:
    """n = tanh(W x + U (r * h) + b), h' = n + z * (h - n); U h has the gates r, z only."""
    r, z = memory.each_gate
    sigmoids = memory.sigmoids
    sigmoids += memory.before_sigmoids
    _halve(np.tanh(sigmoids, out=sigmoids))
    np.multiply(r, memory.h.array, out=memory.room.array)
    assert memory.inner is not None
    n = memory.inner.compute()
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
    """One layer's weights, gates reordered and halved where a sigmoid follows."""

    def __init__(self, cell: str, layer: Layer) -> None:
        weights = [_array(tensor) for tensor in layer.weights()]
        width = self.hidden_size = weights[1].shape[1]
        rows = np.arange(len(weights[0]))
        if cell == "lstm":  # i, f, g, o -> i, f, o, g: the sigmoids side by side
            rows = rows.reshape(4, width)[[0, 1, 3, 2]].ravel()
        half = np.ones(len(rows), np.float32)
        half[: len(rows) - width if cell != "rnn" else 0] = HALF
        w, u, input_bias, recurrent_bias = (
            weight[rows] * (half[:, None] if weight.ndim == 2 else half) for weight in weights
        )
        self.input = Weight(w)
        self.bias = input_bias + recurrent_bias
        self.inner: Weight | None = None
        if cell == "gru":  # this bias stands inside the product with r
            self.inner_bias = recurrent_bias[2 * width :].copy()
            self.bias[2 * width :] = input_bias[2 * width :]
        elif cell == "gru_before":
            u, inner = np.split(u, [2 * width])
            self.inner = Weight(inner)
        self.recurrent = Weight(u)
        self.norm = None
        if layer.norm is not None:
            self.norm = _array(layer.norm.weight), _array(layer.norm.bias)


class Stepper:
    """A copy of a network's weights, ready to be read one symbol at a time."""

    def __init__(self, model: RecurrentLM) -> None:
        self.config = model.config
        self.move = CELLS[model.cell]
        self.layers = [StepLayer(model.cell, layer) for layer in model.layer_list]
        self.output = Weight(_array(model.output_weight))  # (V, H)
        self.output_bias = _array(model.output.bias).astype(np.float64)
        self.embedding = _array(model.embedding.weight) if model.config.embedding_size else None
        first = self.layers[0]
        self.table: Array | None = None  # (V, G*H): the first layer's inputs for every symbol
        if self.embedding is None:
            self.table = first.input.transposed().numpy() + first.bias
        elif self.config.vocab_size * len(first.bias) <= LARGEST_TABLE:
            inputs = torch.from_numpy(self.embedding) @ first.input.transposed()
            self.table = inputs.numpy() + first.bias

    def initial_state(self, streams: int) -> State:
        """Zeros: nothing has been read yet."""
        x = symbols = Buffer(streams, self.config.input_size)
        layers: list[Memory] = []
        for index, layer in enumerate(self.layers):
            residual = self.config.residual and index > 0
            long_term = self.config.cell == "lstm"
            layers.append(Memory(layer, x, long_term=long_term, residual=residual))
            x = layers[-1].signal
        return State(symbols, layers, self.output)

    def read(self, tokens: NDArray[Any], state: State) -> None:
        """Read one symbol per stream, moving `state`. tokens (B,)."""
        first, *others = state.layers
        state.turn = not state.turn
        self._read_first(tokens, state)
        self._move(first)
        if state.turn:  # the opposite order of the products below
            first.recurrent.compute()  # for the next symbol
            for memory in reversed(others):
                memory.recurrent.compute()
        for memory in others:
            memory.read()
            if not state.turn:
                memory.recurrent.compute()
            self._move(memory)
        if not state.turn:
            first.recurrent.compute()

    def _read_first(self, tokens: NDArray[Any], state: State) -> None:
        """The first layer's inputs, from the table if there is one."""
        first = state.layers[0]
        if self.table is not None:
            self.table.take(tokens, axis=0, out=first.inputs.array, mode="clip")
            return
        assert self.embedding is not None
        self.embedding.take(tokens, axis=0, out=state.symbols.array, mode="clip")
        first.read()

    def _move(self, memory: Memory) -> None:
        self.move(memory)
        memory.send()

    def scores(self, state: State) -> NDArray[np.float64]:
        """Logits (B, V) of what comes next."""
        return state.scores.compute() + self.output_bias

    def select(self, state: State, streams: list[int]) -> State:
        """The state of some of the streams, copied."""
        chosen = self.initial_state(len(streams))
        for new, old in zip(chosen.layers, state.layers, strict=True):
            for mine, theirs in zip(new.parts, old.parts, strict=True):
                mine[:] = theirs[streams]
        chosen.layers[0].gates.array[:] = state.layers[0].gates.array[streams]
        return chosen


def _array(tensor: Any) -> Array:
    return tensor.detach().float().cpu().numpy().copy()
