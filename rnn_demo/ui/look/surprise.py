"""Surprise map: the text shaded by how unexpected each symbol was; choose another and go on."""

from __future__ import annotations

import math
from typing import Any

import gradio as gr

from rnn_demo.config import SampleConfig
from rnn_demo.inspection import authorship
from rnn_demo.inspection.notice import percent, visible
from rnn_demo.inspection.reading import MAXIMUM_SYMBOLS
from rnn_demo.inspection.surprise import Surprise, branch, surprise
from rnn_demo.ui.look.asked import Asked, Part, columns, context, hint, number
from rnn_demo.ui.look.view import View
from rnn_demo.ui.parts import widget
from rnn_demo.writing.generate import Writer

FULL_BITS = 8.0  # the darkest shade: 1 in 256
LENGTH = 240  # characters of a branch


class SurpriseView(View):
    name = equation = "surprise"

    def build_more(self) -> None:
        self.branched = widget("look", {}, elem_id="look-branch")

    def wire(self, tab: Any) -> None:
        self.tab = tab
        self.picture.submit(
            self.go_on, tab.asking, self.branched, api_visibility="private",
            show_progress="minimal",
        )  # fmt: skip

    def show(self, asked: Asked, *values: Any) -> Part:
        result = surprise(asked.subject, asked.given)
        odd = authorship.oddities(result)
        return asked.picture(
            self.name,
            result.notice,
            _text(asked, result),
            hint(asked.say("shortened", count=MAXIMUM_SYMBOLS)) if result.shortened else None,
            {"kind": "heading", "text": asked.say("surprise.odd")},
            hint(odd.notice.say(asked.language)),
            _odd(asked, odd) if odd.places else None,
        )

    def go_on(self, event: gr.EventData, who: Any, model: Any, text: Any) -> Any:
        """Cut the text at a symbol, put another in its place, and let the network go on."""
        at, choice = (number(getattr(event, name, 0)) for name in ("at", "choice"))
        return self.tab.answer(self.branch, who, model, text, at, choice)

    def branch(self, asked: Asked, at: int, choice: int) -> Part:
        subject = asked.subject
        reading = subject.read(subject.text(asked.given), MAXIMUM_SYMBOLS)
        at = max(0, min(at, len(reading) - 1))
        choice = max(0, min(choice, subject.model.config.vocab_size - 1))
        prompt = branch(subject, reading, at, choice)
        config = SampleConfig(temperature=0.8, length=LENGTH, seed=0)
        written = Writer(subject.model, subject.tokenizer).write(prompt, config)
        title = asked.say("surprise.branch")
        return asked.picture("branch", None, columns([(title, prompt[-200:], written.text)]))


def _text(asked: Asked, result: Surprise) -> Part:
    bits = [None if math.isnan(b) else float(b) for b in result.surprise_bits]
    titles = [_title(asked, result, place) for place in range(len(bits))]
    return {
        "kind": "symbols",
        "title": asked.say("surprise.title"),
        "symbols": result.symbols,
        "shades": [None if b is None else b / FULL_BITS for b in bits],
        "titles": titles,
        "best": [list(map(list, best)) for best in result.best],
        "legend": [asked.say("surprise.expected"), asked.say("surprise.unexpected")],
    }


def _title(asked: Asked, result: Surprise, place: int) -> str:
    bits = float(result.surprise_bits[place])
    if math.isnan(bits):
        return asked.say("surprise.first")
    entropy, rank = float(result.entropy_bits[place]), float(result.rank[place])
    share = percent(2**-bits)
    return asked.say("surprise.at", bits=bits, rank=rank, share=share, entropy=entropy)


def _odd(asked: Asked, odd: authorship.Oddities) -> Part:
    rows = [
        [
            *context(place.before, place.symbol, place.after),
            f"{visible(place.expected)}  {asked.say('percent', share=percent(place.chance))}",
            f"{place.bits:.1f}",
        ]
        for place in odd.places
    ]
    keys = ("before", "symbol", "after", "surprise.instead", "bits")
    head = [asked.say(key) for key in keys]
    title = asked.say("surprise.odd")
    return {"kind": "table", "title": title, "context": True, "head": head, "rows": rows}
