"""One step with real numbers: a cell's equations with this network's values, gates over time."""

from __future__ import annotations

from typing import Any

import gradio as gr

from rnn_demo.inspection.notice import percent, visible
from rnn_demo.inspection.one_step import Gates, OneStep, Row, UnitStep, gates, one_step
from rnn_demo.inspection.sentences import STEP_EQUATIONS
from rnn_demo.ui.look.asked import Asked, Part, hint, number
from rnn_demo.ui.look.view import View
from rnn_demo.ui.texts import label

NAMES = {"g": "c̃", "n": "h̃"}  # as the tutorial writes them
RESET = {"gru": "step.after", "gru_before": "step.before"}  # where the reset gate works
PROPOSALS = {"gru": "W x + r · (W h′ + b′) + b", "gru_before": "W x + W (r ⊙ h′) + b"}  # for h̃


class StepView(View):
    name = "step"
    equation_first = True  # the numbers below are its numbers

    def build(self) -> None:
        self.position = gr.State(-1)
        self.layer = gr.Number(
            1, label=label("look.step.layer"), precision=0, elem_id="look-layer",
            elem_classes="look-short",
        )  # fmt: skip
        self.controls = [self.layer, self.position]

    def formula_of(self, picture: Part | None) -> str:
        """The equations of the cell that is looked at."""
        return f"$${STEP_EQUATIONS[picture['cell']]}$$" if picture and "cell" in picture else ""

    def changes(self) -> Any:
        return [self.layer.submit]

    def wire(self, tab: Any) -> None:
        self.tab = tab
        self.picture.select(
            self.move, [*tab.asking, self.layer], [self.position, self.picture],
            api_visibility="private", show_progress="hidden", trigger_mode="always_last",
        )  # fmt: skip

    def move(self, event: gr.EventData, who: Any, model: Any, text: Any, layer: Any) -> Any:
        """Step to the symbol that was chosen."""
        at = number(getattr(event, "at", -1), -1)
        return at, self.tab.answer(self.show, who, model, text, layer, at)

    def show(self, asked: Asked, *values: Any) -> Part:
        layer, position = number(values[0], 1) - 1, number(values[1], -1)
        length = len(asked.subject.read(asked.subject.text(asked.given), 120))
        position = position if -1 <= position < length else -1
        step = one_step(asked.subject, asked.given, position, layer)
        over_time = gates(asked.subject, asked.given, layer)
        picture = asked.picture(
            self.name,
            step.notice,
            {
                "kind": "symbols",
                "title": asked.say("step.choose"),
                "symbols": step.symbols,
                "chosen": step.position,
                "select": True,
                "steps": True,
            },
            hint(asked.say(RESET[step.cell])) if step.cell in RESET else None,
            hint(_input(asked, step)),
            {"kind": "formulas", "blocks": [_block(asked, step, unit) for unit in step.units]},
            _scores(asked, step),
            {"kind": "heading", "text": asked.say("step.gates")},
            hint(over_time.notice.say(asked.language)),
            *_heat(asked, over_time),
        )
        return {**picture, "cell": step.cell}


def _input(asked: Asked, step: OneStep) -> str:
    """x: what stands for the symbol, or what the layer below hands up."""
    key = "step.input" if step.layer == 0 else "step.below"
    numbers = ", ".join(f"{value:+.2f}" for value in step.inputs)
    symbol = visible(step.symbols[step.position])
    return asked.say(key, symbol=symbol, numbers=numbers)


def _scores(asked: Asked, step: OneStep) -> Part:
    rows = [
        {"label": name, "values": [chance],
         "note": asked.say("step.score", score=score, share=percent(chance))}
        for name, score, chance in step.logits
    ]  # fmt: skip
    return {"kind": "bars", "title": asked.say("step.scores"), "rows": rows, "most": 1.0}


def _block(asked: Asked, step: OneStep, unit: UnitStep) -> Part:
    """The equations of one unit, in the order in which they are computed."""
    values = {row.name: row.value for row in unit.rows}
    listed = [_line(row, step.cell) for row in unit.rows]
    if step.cell == "lstm":
        c = f"{values['f']:.3f} · {unit.c_before:+.3f} + {values['i']:.3f} · {values['g']:+.3f}"
        listed.append({"name": "c", "text": f"f · c′ + i · c̃ = {c}", "value": f"{unit.c:+.3f}"})
        h = f"{values['o']:.3f} · tanh({unit.c:+.3f})"
        listed.append({"name": "h", "text": f"o · tanh(c) = {h}", "value": f"{unit.h:+.3f}"})
    elif step.cell in RESET:
        h = f"{values['z']:.3f} · {unit.h_before:+.3f} + {1 - values['z']:.3f} · {values['n']:+.3f}"
        listed.append(
            {"name": "h", "text": f"z · h′ + (1 - z) · h̃ = {h}", "value": f"{unit.h:+.3f}"}
        )
    title = asked.say("step.unit", unit=unit.unit + 1, before=unit.h_before, after=unit.h)
    return {"title": title, "lines": listed}


def _line(row: Row, cell: str) -> Part:
    sums = PROPOSALS[cell] if row.name == "n" else "W x + W h′ + b"
    name = "σ" if row.function == "sigmoid" else "tanh"
    total = row.from_input + row.from_state + row.bias
    parts = f"{row.from_input:+.3f} {row.from_state:+.3f} {row.bias:+.3f}"
    return {
        "name": NAMES.get(row.name, row.name),
        "text": f"{name}({sums}) = {name}({parts}) = {name}({total:+.3f})",
        "value": f"{row.value:+.3f}",
    }


def _heat(asked: Asked, over_time: Gates) -> list[Part]:
    """One map a gate: units that keep most on top."""
    parts: list[Part] = []
    switches = list(over_time.closed) or ["h"]
    for name in switches:
        if name in over_time.closed:
            closed, open_ = over_time.closed[name], over_time.open[name]
            title = asked.say(
                "step.gate", gate=name, closed=100 * closed, open=100 * open_
            )  # fmt: skip
        else:
            title = asked.say("step.state")
        parts.append(
            {
                "kind": "heat",
                "title": title,
                "z": [[round(float(v), 3) for v in row] for row in over_time.over_time[name]],
                "x": over_time.symbols,
                "y": [asked.say("step.row", unit=unit + 1) for unit in over_time.order],
                "yTitle": asked.say("step.units"),
                "low": -1.0 if name == "h" else 0.0,
                "high": 1.0,
                "height": 220,
            }
        )
    return parts
