"""One step with real numbers: the tutorial's equations with the values of this network.

For one symbol: x_t (what was read), h_{t-1}, each gate as sigmoid or tanh of three addends
(W x_t, W h_{t-1} and the biases), then c_t, h_t and the scores. For the whole text: each gate
over time, units sorted by how much they keep, and how often a gate is saturated: below .1 or
above .9, where it is a switch and passes no gradient (Karpathy, Johnson and Li 2015).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from rnn_demo.errors import require
from rnn_demo.inspection.notice import Notice, notice
from rnn_demo.inspection.reading import Reading
from rnn_demo.inspection.subject import Subject
from rnn_demo.inspection.unrolled import GATE_NAMES, Layer, Unrolled, one_thread
from rnn_demo.messages.message import named

SYMBOLS = 120
UNITS = 64  # rows of a map
KEEPS = {"lstm": "f", "gru": "z"}  # the gate that keeps the past
CLOSED, OPEN = 0.1, 0.9


@dataclass(frozen=True)
class Row:
    """One equation for one unit: value = function(from_input + from_state + bias)."""

    name: str  # i, f, g, o | r, z, n | h
    from_input: float  # its row of W_x x_t
    from_state: float  # its row of W_h h_{t-1}; for n: of W_h (r h_{t-1}), or r (W_h h_{t-1} + b')
    bias: float
    function: str  # sigmoid | tanh
    value: float


@dataclass(frozen=True)
class UnitStep:
    unit: int
    h_before: float
    c_before: float | None
    rows: list[Row]
    c: float | None
    h: float


@dataclass(frozen=True)
class OneStep:
    cell: str  # a key of STEP_EQUATIONS: the GRU has two forms
    layer: int
    position: int
    symbols: list[str]
    inputs: np.ndarray  # x_t, the first few numbers
    units: list[UnitStep]
    logits: list[tuple[str, float, float]]  # (label, score, probability) of the best five
    notice: Notice


@dataclass(frozen=True)
class Gates:
    cell: str  # as in OneStep
    layer: int
    symbols: list[str]
    over_time: dict[str, np.ndarray]  # gate -> (H', T), rows sorted by what they keep
    order: list[int]  # the unit that each row is
    closed: dict[str, float]  # gate -> share of all values below .1
    open: dict[str, float]  # above .9
    notice: Notice


def one_step(
    subject: Subject,
    text: str = "",
    position: int = -1,
    layer: int = 0,
    units: list[int] | None = None,
) -> OneStep:
    """The numbers of one symbol for a few units (the ones that move most, if none are named)."""
    reading = subject.read(subject.text(text), SYMBOLS)
    position = position % max(1, len(reading))
    config = subject.model.config
    require(0 <= layer < config.layers, "look.within", name=named("layer"), most=config.layers)
    with one_thread(), torch.inference_mode():
        trace = subject.network.read(reading.ids[None, : position + 1])
        logits = subject.network.logits(trace.outputs[0, -1]).double()
    chosen = trace.layers[layer]
    h, before = chosen.values["h"][0, -1], _before(chosen, "h")
    units = units or (h - before).abs().topk(min(4, config.hidden_size)).indices.tolist()
    require(
        all(0 <= u < config.hidden_size for u in units),
        "look.within",
        name=named("unit"),
        most=config.hidden_size,
    )
    steps = [unit_step(subject.network, layer, chosen, unit) for unit in units]
    return OneStep(
        cell=subject.model.cell,
        layer=layer,
        position=position,
        symbols=reading.pieces,
        inputs=chosen.inputs[0, -1, :8].numpy(),
        units=steps,
        logits=_best(subject, logits),
        notice=_step_notice(config.cell, reading, position, steps[0]),
    )


def unit_step(network: Unrolled, layer: int, values: Layer, unit: int) -> UnitStep:
    """Every equation of one unit at the last step of a layer's values."""
    c = "c" in values.values
    return UnitStep(
        unit=unit,
        h_before=float(_before(values, "h")[unit]),
        c_before=float(_before(values, "c")[unit]) if c else None,
        rows=[_row(network, layer, values, unit, gate) for gate in _gates(network)],
        c=float(values.values["c"][0, -1, unit]) if c else None,
        h=float(values.values["h"][0, -1, unit]),
    )


def _row(network: Unrolled, layer: int, values: Layer, unit: int, gate: str) -> Row:
    """Take one row of the products apart, in double precision."""
    names, prefix = _gates(network), f"layers.{layer}."
    index = names.index(gate) * network.config.hidden_size + unit
    weight = {k: network.weights[prefix + k][index].double() for k in (
        "input_weight", "recurrent_weight", "input_bias", "recurrent_bias")}  # fmt: skip
    x, h = values.inputs[0, -1].double(), _before(values, "h").double()
    new = gate == "n"
    r = values.values["r"][0, -1].double() if new else torch.ones_like(h)
    bias = float(weight["input_bias"] + weight["recurrent_bias"])
    if new and network.config.reset_before:
        from_state = float(weight["recurrent_weight"] @ (r * h))
    elif new:  # r acts on the product and on its bias
        from_state = float(r[unit] * (weight["recurrent_weight"] @ h + weight["recurrent_bias"]))
        bias = float(weight["input_bias"])
    else:
        from_state = float(weight["recurrent_weight"] @ h)
    value = values.values[gate][0, -1, unit]
    function = "tanh" if gate in ("g", "n", "h") else "sigmoid"
    return Row(gate, float(weight["input_weight"] @ x), from_state, bias, function, float(value))


def gates(subject: Subject, text: str = "", layer: int = 0) -> Gates:
    """Each gate over the text; at most UNITS of them, evenly chosen from the sorted ones."""
    most = subject.model.config.layers
    require(0 <= layer < most, "look.within", name=named("layer"), most=most)
    reading = subject.read(subject.text(text), SYMBOLS)
    with one_thread(), torch.inference_mode():
        values = subject.network.read(reading.ids[None]).layers[layer].values
    names = [name for name in (*GATE_NAMES[subject.cell], "h") if name in values]
    keep = values[KEEPS.get(subject.cell, "h")][0].mean(0)
    order = keep.argsort(descending=True)
    order = order[torch.linspace(0, len(order) - 1, min(UNITS, len(order))).round().long()]
    switches = [name for name in names if name in "iforz"]
    closed = {name: float((values[name] < CLOSED).float().mean()) for name in switches}
    open_ = {name: float((values[name] > OPEN).float().mean()) for name in switches}
    return Gates(
        cell=subject.model.cell,
        layer=layer,
        symbols=reading.pieces,
        over_time={name: values[name][0][:, order].T.numpy() for name in names},
        order=order.tolist(),
        closed=closed,
        open=open_,
        notice=_gates_notice(subject.cell, keep, closed, open_, values["h"]),
    )


def _gates(network: Unrolled) -> tuple[str, ...]:
    return ("h",) if network.config.cell == "rnn" else GATE_NAMES[network.config.cell]


def _before(layer: Layer, name: str) -> Tensor:
    """(H,) the state that the last step began with."""
    values = layer.values[name]
    return values[0, -2] if values.shape[1] > 1 else layer.before[name][0]


def _best(subject: Subject, logits: Tensor) -> list[tuple[str, float, float]]:
    names, chances = subject.tokenizer.symbols(), functional.softmax(logits, -1)
    best = logits.topk(min(5, len(logits))).indices.tolist()
    return [(names[i], float(logits[i]), float(chances[i])) for i in best]


def _step_notice(cell: str, reading: Reading, position: int, step: UnitStep) -> Notice:
    values = {row.name: row.value for row in step.rows}
    common = {
        "symbol": reading.pieces[position],
        "unit": step.unit + 1,
        "before": step.h_before,
        "after": step.h,
    }
    if cell == "lstm":
        return notice("step.lstm", f=100 * values["f"], i=100 * values["i"], **common)
    if cell == "gru":
        return notice("step.gru", z=100 * values["z"], **common)
    return notice("step.rnn", **common)


def _gates_notice(
    cell: str, keep: Tensor, closed: dict[str, float], open_: dict[str, float], h: Tensor
) -> Notice:
    if cell == "rnn":
        return notice("gates.rnn", saturated=100 * float((h.abs() > OPEN).float().mean()))
    gate = KEEPS[cell]
    longest = float(keep.max())
    steps = min(-1 / np.log(min(max(longest, 1e-6), 1 - 1e-6)), 1e5)
    return notice(
        "gates.found", gate=gate, open=100 * open_[gate], closed=100 * closed[gate],
        longest=longest, steps=steps,
    )  # fmt: skip
