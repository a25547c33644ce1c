"""Turn a unit into a knob: hold it at a value while the network writes, and see the text obey.

After each step h[l, :, j] (or c of an LSTM, before h = o tanh(c)) is set to the value; all else
is the network's own. What people remember of the sentiment neuron (Radford et al. 2017) is
that overwriting it steers the text. All rows share their random numbers.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from rnn_demo.errors import require
from rnn_demo.inspection.drawing import uniforms, write_rows
from rnn_demo.inspection.influence import spearman
from rnn_demo.inspection.neuron import Unit
from rnn_demo.inspection.notice import Notice, notice
from rnn_demo.inspection.properties import labels_of
from rnn_demo.inspection.subject import Subject
from rnn_demo.inspection.unrolled import Clamp, one_thread
from rnn_demo.messages.message import named

STEPS = (-0.9, -0.5, 0.0, 0.5, 0.9)  # of a unit h in -1..1
BUDGET = 6e10  # multiplications and additions for one curve
STRONG = 2.5  # times: no control unit moved the length of lines by more
ONE_WAY = 0.8  # rank correlation of value and response


@dataclass(frozen=True)
class Doses:
    unit: Unit
    property: str
    values: list[float]  # what the unit was held at
    response: list[float]  # mean of the property in what was written; characters a line
    free: float  # the same with the unit left alone
    samples: list[str]  # one text for each value
    free_sample: str
    measured: Notice  # what the response is of
    notice: Notice


def doses(unit: Unit, low: float, high: float) -> list[float]:
    """Five values: fixed ones for h, which is in -1..1; the observed range for c."""
    return list(STEPS) if unit.part == "h" else [float(v) for v in np.linspace(low, high, 5)]


def span(unit: Unit, low: float, high: float) -> tuple[float, float]:
    """What a unit may be held at: all of -1..1 for h, the observed range for c."""
    return (-1.0, 1.0) if unit.part == "h" else (low, high)


def turn(
    subject: Subject,
    unit: Unit,
    values: list[float],
    property: str = "line_position",
    pattern: str = "",
    prompt: str = "",
    length: int = 400,
    rows: int = 8,
    temperature: float = 0.8,
    seed: int = 0,
) -> Doses:
    """Write `rows` texts for each value and for the unit left alone; measure the property."""
    check_unit(subject, unit)
    start = subject.read(prompt or subject.text()[:40]).ids
    affordable = int(BUDGET / subject.network.flops / (rows * (len(values) + 1)))
    length = max(60, min(length, affordable))
    draws = uniforms(length, rows, seed)
    wanted = torch.tensor(values).repeat_interleave(rows)
    clamp = Clamp(unit.layer, unit.index, wanted, unit.part)
    with one_thread():
        held = write_rows(subject.network, start, draws.repeat(1, len(values)), temperature, clamp)
        free = write_rows(subject.network, start, draws, temperature)
    texts, free_texts = _texts(subject, held), _texts(subject, free)
    response = [
        measure(texts[row : row + rows], property, pattern) for row in range(0, len(texts), rows)
    ]
    alone = measure(free_texts, property, pattern)
    lines = property == "line_position"
    measured = notice("knob.lines") if lines else notice("knob.mean", property=property)
    return Doses(
        unit=unit,
        property=property,
        values=list(values),
        response=response,
        free=alone,
        samples=texts[::rows],
        free_sample=free_texts[0],
        measured=measured,
        notice=_what_to_notice(measured, values, response, alone),
    )


def check_unit(subject: Subject, unit: Unit) -> None:
    """A unit of this network, or ConfigError."""
    config = subject.model.config
    require(0 <= unit.layer < config.layers, "look.within", name=named("layer"), most=config.layers)
    require(
        0 <= unit.index < config.hidden_size,
        "look.within",
        name=named("unit"),
        most=config.hidden_size,
    )
    require(unit.part in ("h", "c"[: config.cell == "lstm"]), "look.cell")


def measure(texts: list[str], property: str, pattern: str = "") -> float:
    """Characters a line for the line position; else the mean of the property."""
    if property == "line_position":
        return sum(map(len, texts)) / (sum(text.count("\n") for text in texts) + len(texts))
    joined = [labels_of(text, property, pattern) for text in texts if text]
    return float(np.concatenate(joined).mean()) if joined else 0.0


def _texts(subject: Subject, ids: Tensor) -> list[str]:
    return [subject.tokenizer.decode(row.numpy()) for row in ids]


def _what_to_notice(
    measured: Notice, values: list[float], response: list[float], free: float
) -> Notice:
    """Strong: the ends differ by a factor of STRONG, and the curve goes one way but for noise."""
    low, high = sorted((response[0], response[-1]))
    one_way = abs(spearman(np.array(values), np.array(response))) >= ONE_WAY
    key = "strong" if one_way and high >= STRONG * max(low, 1e-9) else "weak"
    return notice(
        f"knob.{key}", measure=measured, first=response[0], last=response[-1], free=free,
        at=values[0], to=values[-1],
    )  # fmt: skip
