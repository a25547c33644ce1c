"""Find a neuron and turn the knob: the unit that follows a property, held while text is written."""

from __future__ import annotations

from typing import Any

import gradio as gr

from rnn_demo.inspection import knob, neuron
from rnn_demo.inspection.properties import PROPERTIES
from rnn_demo.ui.look.asked import Asked, Part, bars, columns
from rnn_demo.ui.look.view import View
from rnn_demo.ui.parts import widget
from rnn_demo.ui.texts import label


class NeuronView(View):
    name = equation = "neuron"

    def build(self) -> None:
        choices = [(label(f"look.property.{name}"), name) for name in (*PROPERTIES, "pattern")]
        with gr.Row(elem_classes="buttons"):
            self.property = gr.Dropdown(
                choices, value="line_position", label=label("look.neuron.property"),
                elem_id="look-property", min_width=220,
            )  # fmt: skip
            self.pattern = gr.Textbox(
                "", label=label("look.neuron.pattern"), placeholder=r"[A-Z]\w+",
                max_length=200, max_lines=1, elem_id="look-pattern", elem_classes="mono",
                min_width=220,
            )  # fmt: skip
        self.controls = [self.property, self.pattern]

    def build_more(self) -> None:
        with gr.Row(elem_classes="buttons"):
            self.value = gr.Slider(
                -1, 1, value=0.9, step=0.1, label=label("look.knob.value"),
                info=label("look.knob.info"), elem_id="look-knob-value", min_width=240,
            )  # fmt: skip
            self.curve = gr.Button(label("look.knob.curve"), elem_id="look-knob-curve")
        self.turned = widget("look", {}, elem_id="look-knob")

    def changes(self) -> Any:
        return [self.property.input, self.pattern.submit]

    def wire(self, tab: Any) -> None:
        self.tab = tab
        asking = [*tab.asking, self.property, self.pattern]
        options: dict[str, Any] = {"api_visibility": "private", "show_progress": "minimal"}
        self.value.release(
            self.turn_to, [*asking, self.value], self.turned, trigger_mode="always_last", **options
        )
        self.curve.click(self.dose, asking, self.turned, **options)

    def show(self, asked: Asked, *values: Any) -> Part:
        name, pattern = values
        result = self.find(asked, name, pattern)
        unit = result.unit
        named = asked.say("neuron.unit", unit=unit.index + 1, layer=unit.layer + 1, part=unit.part)
        return asked.picture(
            self.name,
            result.notice,
            bars(
                [
                    (asked.say("neuron.trained"), [abs(unit.correlation)]),
                    (asked.say("neuron.untrained"), [result.untrained]),
                ],
                title=asked.say("neuron.compare"), most=1.0, format="number", wide=True,
            ),
            _coloured(asked, result, named),
            {
                "kind": "table",
                "title": asked.say("neuron.snippets"),
                "head": [asked.say("neuron.snippets"), asked.say("value")],
                "rows": [[f"…{text}", f"{value:+.2f}"] for text, value in result.snippets],
            },
        )  # fmt: skip

    def find(self, asked: Asked, name: Any, pattern: Any) -> neuron.Found:
        return neuron.find(asked.subject, str(name), asked.given, str(pattern or ""))

    def dose(self, who: Any, model: Any, text: Any, name: Any, pattern: Any) -> Any:
        """The curve: five values and the unit left alone."""
        return self.tab.answer(self.curve_of, who, model, text, name, pattern)

    def turn_to(self, who: Any, model: Any, text: Any, name: Any, pattern: Any, value: Any) -> Any:
        """Hold the unit at the slider's place."""
        return self.tab.answer(self.text_at, who, model, text, name, pattern, float(value))

    def curve_of(self, asked: Asked, name: Any, pattern: Any) -> Part:
        found = self.find(asked, name, pattern)
        values = knob.doses(found.unit, found.low, found.high)
        return self.turned_to(asked, found, values, str(pattern or ""))

    def text_at(self, asked: Asked, name: Any, pattern: Any, value: float) -> Part:
        found = self.find(asked, name, pattern)
        if found.unit.part == "c":  # the slider runs over what the cell was seen to hold
            value = found.low + (value + 1) / 2 * (found.high - found.low)
        return self.turned_to(asked, found, [value], str(pattern or ""))

    def turned_to(
        self, asked: Asked, found: neuron.Found, values: list[float], pattern: str
    ) -> Part:
        result = knob.turn(asked.subject, found.unit, values, found.property, pattern)
        measured = "knob.lines" if found.property == "line_position" else "knob.mean"
        rows = [(f"{v:+.2f}", [r]) for v, r in zip(values, result.response, strict=True)]
        texts = [
            (asked.say("knob.held", value=v), "", sample)
            for v, sample in zip(values, result.samples, strict=True)
        ]
        return asked.picture(
            "knob",
            result.notice if len(values) > 1 else None,
            bars(
                [*rows, (asked.say("knob.free"), [result.free])],
                title=asked.say(measured), format="number", wide=True,
            ),
            columns([*texts, (asked.say("knob.free"), "", result.free_sample)]),
        )  # fmt: skip


def _coloured(asked: Asked, result: neuron.Found, named: str) -> Part:
    """Blue for low, orange for high, on the range that the unit has on the whole text."""
    middle, half = (result.low + result.high) / 2, max(1e-6, (result.high - result.low) / 2)
    return {
        "kind": "symbols",
        "title": asked.say("neuron.text", unit=named),
        "symbols": result.symbols,
        "shades": [float((v - middle) / half) for v in result.values],
        "titles": [
            asked.say("neuron.at", value=float(v), label=float(y))
            for v, y in zip(result.values, result.labels, strict=True)
        ],
        "legend": [f"{result.low:+.2f}", f"{result.high:+.2f}", True],
    }
