"""The guided tour: chapter by chapter, each with a way into the view that goes deeper."""

from __future__ import annotations

from typing import Any

import gradio as gr

from rnn_demo.inspection.film import film
from rnn_demo.inspection.tour import Chapter, tour
from rnn_demo.inspection.tour_texts import PLAIN
from rnn_demo.ui.look.asked import Asked, Part
from rnn_demo.ui.look.view import View


class TourView(View):
    name = "tour"

    def wire(self, tab: Any) -> None:
        self.names = set(tab.by_name)
        self.picture.select(self.go, None, tab.tabs, queue=False, api_visibility="private")

    def show(self, asked: Asked, *values: Any) -> Part:
        folder = asked.context.open_run(asked.run_id)
        train = folder.record.train
        limit = train.clip_norm if train else 1.0
        history = film(folder.history(), limit)
        clipped = history.clipped_share if len(history.steps) else None
        result = tour(asked.subject, clipped, limit)
        chapters = [
            _chapter(asked, chapter, place) for place, chapter in enumerate(result.chapters, 1)
        ]
        return asked.picture(self.name, result.notice, *chapters)

    def go(self, event: gr.EventData) -> Any:
        """Open the view that a chapter points to."""
        view = str(getattr(event, "view", ""))
        return gr.Tabs(selected=view) if view in self.names else gr.skip()


def _chapter(asked: Asked, chapter: Chapter, place: int) -> Part:
    formats = {"loss": "bits", "unrolling": "number", "rnn": "number", "vanishing": "number"}
    return {
        "kind": "chapter",
        "title": f"{place}. {chapter.title(asked.language)}",
        "body": chapter.body(asked.language),
        "formula": PLAIN[chapter.key],
        "caption": asked.say(f"tour.{chapter.key}") if chapter.bars else "",
        "rows": [{"label": name, "values": [value]} for name, value in chapter.bars],
        "format": formats.get(chapter.key, "percent"),
        "view": chapter.view,
        "go": asked.say("go.deeper", view=asked.say(chapter.view)),
    }
