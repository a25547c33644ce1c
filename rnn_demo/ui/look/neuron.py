"""Find a neuron and turn the knob: the unit that follows a property, held while text is written."""

from __future__ import annotations

from typing import Any

import gradio as gr

from rnn_demo.inspection import knob, neuron
from rnn_demo.inspection.properties import FOLLOWED, PROPERTIES
from rnn_demo.inspection.subject import Subject
from rnn_demo.ui.look.asked import Asked, Part, bars, columns, context, lines, real
from rnn_demo.ui.look.view import View
from rnn_demo.ui.parts import widget
from rnn_demo.ui.texts import label


class NeuronView(View):
    name = equation = "neuron"
    last: tuple[tuple[Subject, str, str, str], neuron.Found] | None = None

    def build(self) -> None:
        names = (FOLLOWED, *PROPERTIES, "pattern")
        choices = [(label(f"look.property.{name}"), name) for name in names]
        with gr.Row(elem_classes="buttons"):
            self.property = gr.Dropdown(
                choices, value=FOLLOWED, label=label("look.neuron.property"),
                elem_id="look-property", min_width=220,
            )  # fmt: skip
            self.pattern = gr.Textbox(
                "", label=label("look.neuron.pattern"), placeholder=r"[A-Z]\w+",
                max_length=200, max_lines=1, elem_id="look-pattern", elem_classes="mono",
                min_width=220,
            )  # fmt: skip
        self.controls = [self.property, self.pattern]

    def build_more(self) -> None:
        self.turned = widget("look", {}, elem_id="look-knob")

    def changes(self) -> Any:
        return [self.property.input, self.pattern.submit]

    def wire(self, tab: Any) -> None:
        self.tab = tab
        asking = [*tab.asking, self.property, self.pattern]
        options: dict[str, Any] = {"api_visibility": "private", "show_progress": "minimal"}
        self.picture.submit(
            self.turn_to, asking, self.turned, trigger_mode="always_last", **options
        )
        self.picture.select(self.dose, asking, self.turned, **options)

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
                    (_signed(asked, unit), [abs(unit.correlation)]),
                    (asked.say("neuron.untrained"), [result.untrained]),
                ],
                title=asked.say("neuron.compare"), most=1.0, format="number", wide=True,
            ),
            _coloured(asked, result, named),
            {
                "kind": "table",
                "title": asked.say("neuron.snippets"),
                "context": True,
                "head": [asked.say("neuron.snippets"), "", "", asked.say("value")],
                "rows": [
                    [*context(text[:-1], text[-1:]), f"{value:+.2f}"]
                    for text, value in result.snippets
                ],
            },
            _knob(asked, result),
        )  # fmt: skip

    def find(self, asked: Asked, name: Any, pattern: Any) -> neuron.Found:
        """The unit, remembered while its knob is turned: the search costs more than the writing."""
        question = (asked.subject, str(name), asked.given, str(pattern or ""))
        kept = self.last
        if kept is None or kept[0] != question:
            subject, *rest = question
            kept = self.last = (question, neuron.find(subject, *rest))
        return kept[1]

    def dose(self, who: Any, model: Any, text: Any, name: Any, pattern: Any) -> Any:
        """Five values of the unit side by side."""
        return self.tab.answer(self.curve_of, who, model, text, name, pattern)

    def turn_to(
        self, event: gr.EventData, who: Any, model: Any, text: Any, name: Any, pattern: Any
    ) -> Any:
        """Hold the unit at the slider's place."""
        value = real(getattr(event, "value", 0))
        return self.tab.answer(self.text_at, who, model, text, name, pattern, value)

    def curve_of(self, asked: Asked, name: Any, pattern: Any) -> Part:
        found = self.find(asked, name, pattern)
        values = knob.doses(found.unit, found.low, found.high)
        result = knob.turn(asked.subject, found.unit, values, found.property, str(pattern or ""))
        return asked.picture("knob", result.notice, _curve(asked, result), _texts(asked, result))

    def text_at(self, asked: Asked, name: Any, pattern: Any, value: float) -> Part:
        found = self.find(asked, name, pattern)
        low, high = knob.span(found.unit, found.low, found.high)
        value = min(max(value, low), high)
        result = knob.turn(asked.subject, found.unit, [value], found.property, str(pattern or ""))
        rows = [(_held(asked, value), result.response), (asked.say("knob.free"), [result.free])]
        measured = result.measured.say(asked.language)
        return asked.picture(
            "knob", None, bars(rows, title=measured, format="number", wide=True),
            _texts(asked, result),
        )  # fmt: skip


def _signed(asked: Asked, unit: Any) -> str:
    """The bar is as long as the correlation is strong; its sign stands beside it."""
    words = asked.say("neuron.trained")
    return f"{words} (-)" if unit.correlation < 0 else words


def _knob(asked: Asked, result: neuron.Found) -> Part:
    """A slider over what the unit can be held at."""
    low, high = knob.span(result.unit, result.low, result.high)
    return {
        "kind": "knob",
        "title": asked.say("knob.value"),
        "info": asked.say("knob.info"),
        "low": round(low, 2),
        "high": round(high, 2),
        "value": round(high - 0.05 * (high - low), 2),
        "curve": asked.say("knob.curve"),
    }


def _held(asked: Asked, value: float) -> str:
    return asked.say("knob.held", value=value)


def _curve(asked: Asked, result: knob.Doses) -> Part:
    """Dose and response; the line across is the network left alone."""
    measured = result.measured.say(asked.language)
    trace = {"name": measured, "x": result.values, "y": result.response, "points": True}
    return lines(
        measured, [trace], {"title": asked.say("knob.value")},
        {"title": measured, "zero": True}, hover=".3g",
        rules=[{"y": result.free, "text": asked.say("knob.free")}],
    )  # fmt: skip


def _texts(asked: Asked, result: knob.Doses) -> Part:
    """What was written at each value: in wide columns, so that lines end where they end."""
    held = [(_held(asked, v), "", s) for v, s in zip(result.values, result.samples, strict=True)]
    return columns([*held, (asked.say("knob.free"), "", result.free_sample)], wide=True)


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
