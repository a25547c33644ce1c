"""Sampling lab: the next symbol before and after each setting, and the same text at five heats."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import gradio as gr
import numpy as np

from rnn_demo.config import SampleConfig
from rnn_demo.inspection.notice import visible
from rnn_demo.inspection.sampling_lab import (
    TEXTBOOK,
    TEXTBOOK_CONFIG,
    Lab,
    lab,
    order_of,
    sweep,
)
from rnn_demo.ui.look.asked import Asked, Part, columns, hint
from rnn_demo.ui.look.view import View
from rnn_demo.ui.parts import widget
from rnn_demo.ui.texts import label, say

SETTINGS = (  # field of SampleConfig, low, high, step, default
    ("temperature", 0, 2, 0.05, 0.5),
    ("top_k", 0, 50, 1, 0),
    ("top_p", 0, 1, 0.01, 0.8),
    ("min_p", 0, 0.5, 0.01, 0),
)
BARS = 10


class SamplingView(View):
    name = equation = "sampling"

    def build(self) -> None:
        self.sliders: list[gr.Slider] = []
        with gr.Row():
            for name, low, high, step, value in SETTINGS:
                with gr.Column(min_width=170):
                    slider = gr.Slider(
                        low, high, value=value, step=step, label=label(f"write.{name}"),
                        elem_id=f"look-{name.replace('_', '-')}",
                    )  # fmt: skip
                self.sliders.append(slider)
            with gr.Column(min_width=110, scale=0):
                self.seed = gr.Number(
                    0, label=label("write.seed"), precision=0, elem_id="look-seed",
                )  # fmt: skip
        self.controls = [*self.sliders, self.seed]

    def build_more(self) -> None:
        self.button = gr.Button(label("look.sampling.sweep"), elem_id="look-sweep-go")
        self.swept = widget("look", {}, elem_id="look-sweep")

    def changes(self) -> Any:
        return [*(slider.change for slider in self.sliders), self.seed.submit]

    def wire(self, tab: Any) -> None:
        self.tab = tab
        self.button.click(
            self.sweep, [*tab.asking, *self.controls], self.swept, api_visibility="private",
            show_progress="minimal",
        )  # fmt: skip

    def show(self, asked: Asked, *values: Any) -> Part:
        result = lab(asked.subject, _prompt(asked), _config(values))
        return asked.picture(
            self.name,
            result.notice,
            hint(asked.say("sampling.prompt", prompt=visible(_prompt(asked)[-60:]))),
            _bars(asked, result),
            hint(asked.say("sampling.drawn", symbol=visible(result.drawn_symbol))),
            *_order(asked, result),
        )

    def sweep(self, who: Any, model: Any, text: Any, *values: Any) -> Any:
        """The same beginning and random numbers at five temperatures."""
        return self.tab.answer(self.swept_at, who, model, text, *values)

    def swept_at(self, asked: Asked, *values: Any) -> Part:
        result = sweep(asked.subject, _prompt(asked), _config(values))
        texts = [
            (asked.say("sampling.at", value=t), _prompt(asked)[-40:], text)
            for t, text in zip(result.temperatures, result.texts, strict=True)
        ]
        return asked.picture("sweep", result.notice, columns(texts))


def _config(values: Any) -> SampleConfig:
    *settings, seed = values
    names = [name for name, *_ in SETTINGS]
    given = dict(zip(names, settings, strict=True))
    whole = {name: int(given[name]) for name in ("top_k",)}
    return SampleConfig(**{**given, **whole}, seed=int(seed or 0))


def _prompt(asked: Asked) -> str:
    return asked.given or asked.subject.text()[:40]


def _order(asked: Asked, result: Lab) -> list[Part]:
    """The same settings in both orders; scores for which they differ where these do not."""
    order, symbols = result.order, result.symbols[:BARS]
    words = "sampling.order"
    if order.first == order.last:
        order = order_of(np.array(TEXTBOOK), TEXTBOOK_CONFIG)
        symbols, words = [f"o = {score:g}" for score in TEXTBOOK], "sampling.textbook"
    sides = (
        ("sampling.first", order.first, order.first_chances),
        ("sampling.last", order.last, order.last_chances),
    )
    charts = [
        {"kind": "bars", "title": asked.say(key, count=count), "most": 1.0,
         "rows": _rows(symbols, chances)}
        for key, count, chances in sides
    ]  # fmt: skip
    title = {"kind": "heading", "text": asked.say("sampling.matters")}
    return [title, hint(asked.say(words)), {"kind": "grid", "parts": charts}]


def _rows(symbols: Sequence[str], chances: np.ndarray) -> list[Part]:
    return [
        {"label": symbol, "values": [float(chance)], "gone": chance == 0}
        for symbol, chance in zip(symbols, chances, strict=False)
    ]


def _stage(asked: Asked, name: str) -> str:
    return asked.say("sampling.raw") if name == "raw" else say(asked.language, f"write.{name}")


def _bars(asked: Asked, result: Lab) -> Part:
    """A chart for the network's own chances and one after each step, all on one scale."""
    most = max(float(stage.chances.max()) for stage in result.stages)
    charts = []
    for place, stage in enumerate(result.stages):
        last = place == len(result.stages) - 1
        rows = _rows(result.symbols[:BARS], stage.chances)
        for row, symbol in zip(rows, result.ids, strict=False):
            row["mark"] = last and symbol == result.drawn
        name = _stage(asked, stage.name)
        words = asked.say("sampling.left", name=name, count=stage.survivors, bits=stage.bits)
        charts.append({"kind": "bars", "title": words, "rows": rows, "most": most})
    return {"kind": "grid", "parts": charts}
