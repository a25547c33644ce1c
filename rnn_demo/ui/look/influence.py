"""Which past symbols mattered: point at one, the past lights up; a swap test checks it."""

from __future__ import annotations

import math
from typing import Any

import gradio as gr
import numpy as np

from rnn_demo.inspection.influence import SYMBOLS, Influence, influence, swap
from rnn_demo.inspection.notice import visible
from rnn_demo.ui.look.asked import Asked, Part, hint, number
from rnn_demo.ui.look.view import View
from rnn_demo.ui.parts import widget

FULL = 16.0  # bits for a typical exchange of symbols: the darkest shade, for every network
SHOWN = 16  # symbols of the swap test
NAMED = 3  # strongest ones that are named beside the text


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
        bits = _in_bits(result.matrix, result.exchange)
        shades = np.sqrt(np.minimum(bits / FULL, 1)).round(3)  # small ones are seen as well
        return asked.picture(
            self.name,
            result.notice,
            {
                "kind": "symbols",
                "title": asked.say("influence.title"),
                "symbols": result.symbols,
                "matrix": [row[:t].tolist() for t, row in enumerate(shades)],
                "titles": [_strongest(asked, result, row[:t]) for t, row in enumerate(bits)],
                "chosen": result.strongest,
                "select": True,
                "legend": ["0", asked.say("influence.full", bits=FULL)],
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
        foretold = _in_bits(result.gradient, result.exchange)
        pairs = {k: [float(result.change_bits[k]), float(foretold[k])] for k in shown}
        rows = [{"label": pieces[k], "values": pair} for k, pair in pairs.items()]
        return asked.picture(
            "swap",
            result.notice,
            {
                "kind": "bars",
                "title": asked.say("swap.title", symbol=visible(pieces[at])),
                "series": [asked.say("swap.change"), asked.say("swap.gradient")],
                "rows": rows,
                "format": "number",
                "most": max(1.0, *map(max, pairs.values())),
            },
        )


def _in_bits(gradient: np.ndarray, exchange: float) -> np.ndarray:
    """What a typical exchange of a symbol would change, as far as a slope can tell."""
    return gradient * exchange / math.log(2)


def _strongest(asked: Asked, result: Influence, bits: np.ndarray) -> str:
    """The past symbols that mattered most for one, in words."""
    if not len(bits):
        return asked.say("swap.first")
    named = [
        asked.say("influence.from", symbol=visible(result.symbols[k]), back=len(bits) - k)
        for k in np.argsort(-bits)[:NAMED]
    ]
    return asked.say("influence.most", list=asked.say("influence.comma").join(named))
