"""Which past symbols mattered: point at one, the past lights up; a swap test checks it."""

from __future__ import annotations

from typing import Any

import gradio as gr

from rnn_demo.inspection.influence import SYMBOLS, influence, swap
from rnn_demo.ui.look.asked import Asked, Part, hint, number
from rnn_demo.ui.look.view import View
from rnn_demo.ui.parts import widget

FULL = 3.0  # nats for a typical exchange of symbols: the darkest shade, for every network
SHOWN = 16  # symbols of the swap test


class InfluenceView(View):
    name = equation = "influence"

    def build_more(self) -> None:
        self.swapped = widget("look", {}, elem_id="look-swap")

    def wire(self, tab: Any) -> None:
        self.tab = tab
        self.picture.select(
            self.test, tab.asking, self.swapped, api_visibility="private",
            show_progress="minimal", trigger_mode="always_last",
        )  # fmt: skip

    def show(self, asked: Asked, *values: Any) -> Part:
        result = influence(asked.subject, asked.given)
        matrix = [[round(float(v), 4) for v in row[:t]] for t, row in enumerate(result.matrix)]
        return asked.picture(
            self.name,
            result.notice,
            {
                "kind": "symbols",
                "title": asked.say("influence.title"),
                "symbols": result.symbols,
                "matrix": matrix,
                "scale": FULL / result.exchange,
                "chosen": result.strongest,
                "select": True,
                "legend": [asked.say("influence.none"), asked.say("influence.much")],
            },
            hint(asked.say("shortened", count=SYMBOLS)) if result.shortened else None,
        )

    def test(self, event: gr.EventData, who: Any, model: Any, text: Any) -> Any:
        """Really replace the past of a symbol."""
        at = number(getattr(event, "at", 0))
        return self.tab.answer(self.swap, who, model, text, at)

    def swap(self, asked: Asked, at: int) -> Part:
        if at < 1:
            return asked.picture("swap", None, hint(asked.say("swap.first")))
        result = swap(asked.subject, asked.given, at)
        pieces = asked.subject.read(asked.subject.text(asked.given), SYMBOLS).pieces
        shown = range(max(0, at - SHOWN), at)
        most = max(1.0, float(result.gradient.max()), *(result.change_bits[k] for k in shown))
        rows = [
            {
                "label": pieces[k],
                "values": [float(result.change_bits[k]), float(result.gradient[k])],
                "note": asked.say(
                    "swap.row",
                    bits=float(result.change_bits[k]),
                    gradient=float(result.gradient[k]),
                ),
            }
            for k in shown
        ]
        return asked.picture(
            "swap",
            result.notice,
            {
                "kind": "bars",
                "title": asked.say("swap.title", symbol=pieces[at]),
                "series": [asked.say("swap.change"), asked.say("swap.gradient")],
                "rows": rows,
                "most": most,
            },
        )
