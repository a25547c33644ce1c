"""A map of the symbols, and other moments at which the network was in the same state."""

from __future__ import annotations

import math
from typing import Any

import gradio as gr

from rnn_demo.inspection.reading import MAXIMUM_SYMBOLS
from rnn_demo.inspection.symbol_map import SymbolMap, nearest_moments, symbol_map
from rnn_demo.ui.look.asked import Asked, Part, context, number
from rnn_demo.ui.look.view import View
from rnn_demo.ui.parts import widget

KINDS = ("letter", "vowel", "capital", "other")
VOWELS = "aeiouyàáâäæèéêëìíîïòóôöøùúûüаеиоуыэюяαεηιουω"


class MapView(View):
    name = equation = "map"

    def build_more(self) -> None:
        self.moments = widget("look", {}, elem_id="look-moments")

    def wire(self, tab: Any) -> None:
        self.tab = tab
        self.picture.select(
            self.find, tab.asking, self.moments, api_visibility="private",
            show_progress="minimal", trigger_mode="always_last",
        )  # fmt: skip

    def show(self, asked: Asked, *values: Any) -> Part:
        result = symbol_map(asked.subject)
        reading = asked.subject.read(asked.subject.text(asked.given), MAXIMUM_SYMBOLS)
        return asked.picture(
            self.name,
            result.notice,
            _scatter(asked, result),
            {
                "kind": "symbols",
                "title": asked.say("moments.choose"),
                "symbols": reading.pieces,
                "select": True,
            },
        )

    def find(self, event: gr.EventData, who: Any, model: Any, text: Any) -> Any:
        at = number(getattr(event, "at", 0))
        return self.tab.answer(self.alike, who, model, text, at)

    def alike(self, asked: Asked, at: int) -> Part:
        result = nearest_moments(asked.subject, asked.given, at)
        rows = [
            [*context(moment.before, moment.symbol, moment.after), f"{moment.likeness:.2f}"]
            for moment in result.moments
        ]
        head = [asked.say(key) for key in ("before", "symbol", "after", "moments.likeness")]
        return asked.picture(
            "moments",
            result.notice,
            {
                "kind": "table",
                "title": asked.say("moments.title"),
                "context": True,
                "head": head,
                "rows": rows,
            },
        )


def _kind(symbol: str) -> str:
    """The class of a symbol, for its colour; longer pieces go by their last letter."""
    last = symbol.strip()[-1:]
    if last.isupper():
        return "capital"
    if last.isalpha():
        return "vowel" if last in VOWELS else "letter"
    return "other"


def _scatter(asked: Asked, result: SymbolMap) -> Part:
    """Larger letters are more frequent, by their logarithm."""
    most = math.log(1 + max(result.counts))
    return {
        "kind": "scatter",
        "title": asked.say("map.title"),
        "xs": result.places[:, 0].tolist(),
        "ys": result.places[:, 1].tolist(),
        "labels": result.symbols,
        "sizes": [12 + 10 * math.log(1 + count) / most for count in result.counts],
        "groups": [KINDS.index(_kind(symbol)) for symbol in result.symbols],
        "names": [asked.say(f"map.{kind}") for kind in KINDS],
        "titles": [
            asked.say("map.at", symbol=symbol, count=count, near=" ".join(near))
            for symbol, count, near in zip(
                result.symbols, result.counts, result.neighbours, strict=True
            )
        ],
    }
