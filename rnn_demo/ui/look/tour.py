"""The guided tour: chapter by chapter, each with a way into the view that goes deeper."""

from __future__ import annotations

from typing import Any

import gradio as gr

from rnn_demo.inspection.film import film
from rnn_demo.inspection.tour import TRY, Chapter, tour
from rnn_demo.inspection.tour_texts import CHAPTERS, EQUATIONS, PLAIN
from rnn_demo.ui.look.asked import Asked, Part, number
from rnn_demo.ui.look.view import LATEX, View
from rnn_demo.ui.texts import say

KEYS = tuple(CHAPTERS)  # in the order of the tutorial
FORMATS = {"bits": "bits", "share": "percent", "gate.lstm": "percent", "gate.gru": "percent",
           "chance": "percent"}  # fmt: skip


class TourView(View):
    name = "tour"

    def build_more(self) -> None:
        """The equations, typeset out of sight: the script puts each into its chapter."""
        with gr.Column(elem_id="look-formulas"):
            for key in KEYS:
                gr.Markdown(
                    f"$${EQUATIONS[key]}$$", latex_delimiters=LATEX, elem_id=f"look-formula-{key}"
                )

    def wire(self, tab: Any) -> None:
        self.context = tab.context
        to = [tab.tabs, tab.guide, tab.chapter]
        for widget in (self.picture, tab.guide):
            widget.select(
                self.go, tab.context.visitor, to, queue=False, api_visibility="private"
            )  # fmt: skip

    def show(self, asked: Asked, *values: Any) -> Part:
        folder = asked.context.open_run(asked.run_id)
        train = folder.record.train
        history = film(folder.history(), train.clip_norm if train else 1.0)
        clipped = history.clipped_share if len(history.steps) else None
        result = tour(asked.subject, train, clipped)
        chapters = [_chapter(asked, chapter) for chapter in result.chapters]
        return asked.picture(self.name, result.notice, *chapters)

    def go(self, event: gr.EventData, who: Any) -> Any:
        """Open the view that a chapter points to, with what to try there; else the tour again."""
        chapter = number(getattr(event, "chapter", -1), -1)
        view = view_of(chapter)
        if not view:
            return gr.Tabs(selected=self.name), {}, -1
        language = self.context.who(who).language
        return gr.Tabs(selected=view), {"parts": [_guide(language, chapter)]}, chapter


def view_of(chapter: int) -> str:
    """The view that a chapter of the tour leads to; "" for none."""
    return TRY[KEYS[chapter]] if 0 <= chapter < len(KEYS) else ""


def _title(language: str, place: int) -> str:
    return f"{place + 1}. {CHAPTERS[KEYS[place]][int(language == 'zh')][0]}"


def _guide(language: str, place: int) -> Part:
    """What to try in the view that is open, and the way on."""
    last = place == len(KEYS) - 1
    return {
        "kind": "guide",
        "title": say(language, "look.guide", title=_title(language, place)),
        "text": say(language, f"look.guide.{KEYS[place]}"),
        "back": say(language, "look.guide.back"),
        "next": "" if last else say(language, "look.guide.next", title=_title(language, place + 1)),
        "chapter": place,
    }


def _chapter(asked: Asked, chapter: Chapter) -> Part:
    place = KEYS.index(chapter.key)
    return {
        "kind": "chapter",
        "title": _title(asked.language, place),
        "body": chapter.body(asked.language),
        "formula": PLAIN[chapter.key],
        "typeset": f"look-formula-{chapter.key}",
        "caption": asked.say(f"tour.{chapter.measure}"),
        "rows": [{"label": name, "values": [value]} for name, value in chapter.bars],
        "format": FORMATS.get(chapter.measure, "number"),
        "chapter": place,
        "go": asked.say("go.deeper", view=asked.say(chapter.view)),
    }
