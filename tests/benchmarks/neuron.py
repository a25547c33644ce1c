"""Is there a unit that counts the line, and does turning it set the length of lines?

    python -m tests.benchmarks.neuron RUN [RUN ...]

For each run: the unit found, its correlation on text it was not chosen on, the best unit of the
same network untrained, characters a line at five held values and left alone, the factor between
the ends, and the largest factor of six other units chosen at random. README may promise the knob
only where it holds on three texts.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

from rnn_demo.inspection import knob, neuron
from rnn_demo.inspection.subject import Subject, from_run
from rnn_demo.runs.checkpoint import RunFolder

CONTROLS = 6
ROWS, LENGTH = 8, 400


def lines(subject: Subject, unit: neuron.Unit, values: list[float]) -> knob.Doses:
    """Characters a line with the unit held at each value."""
    return knob.turn(subject, unit, values, rows=ROWS, length=LENGTH, temperature=1.0)


def factor(response: list[float]) -> float:
    return max(response[0], response[-1]) / max(min(response[0], response[-1]), 1e-9)


def report(path: str) -> None:
    subject = from_run(RunFolder.open(Path(path)))
    config = subject.model.config
    found = neuron.find(subject, "line_position")
    size = f"{config.cell} {config.layers} x {config.hidden_size}"
    print(f"\n{subject.name} ({size}): {found.notice.say()}")
    for unit in (found.unit, *found.others[:2]):
        turned = lines(subject, unit, knob.doses(unit, found.low, found.high))
        held = " / ".join(f"{value:.0f}" for value in turned.response)
        name = f"layer {unit.layer + 1} unit {unit.index + 1} {unit.part}"
        print(f"  {name}: r {unit.correlation:+.2f}, characters a line {held}, "
              f"left alone {turned.free:.0f}, factor {factor(turned.response):.1f}")  # fmt: skip
    random = np.random.default_rng(0)
    worst = 0.0
    for index in random.choice(config.hidden_size, CONTROLS, replace=False):
        other = neuron.Unit(found.unit.layer, int(index), found.unit.part, 0.0)
        doses = knob.doses(other, found.low, found.high)
        worst = max(worst, factor(lines(subject, other, doses).response))
    print(f"  {CONTROLS} random units: factor at most {worst:.1f}")


if __name__ == "__main__":
    for argument in sys.argv[1:]:
        report(argument)
