"""The training film, the gradient norm with its clipped steps, and the explosion."""

from __future__ import annotations

import math
from typing import Any

import gradio as gr

from rnn_demo.inspection.explosion import Explosion, Update, explosion
from rnn_demo.inspection.film import Film, film
from rnn_demo.ui.look.asked import Asked, Part, lines
from rnn_demo.ui.look.view import View
from rnn_demo.ui.parts import widget
from rnn_demo.ui.texts import label

LONGEST = 200_000  # characters that the exploding network reads


class FilmView(View):
    name = equation = "film"

    def build_more(self) -> None:
        self.limit = gr.Slider(
            0.05, 2, value=0.25, step=0.05, label=label("look.explosion.limit"),
            elem_id="look-limit",
        )  # fmt: skip
        self.button = gr.Button(label("look.explosion.go"), elem_id="look-explode")
        self.exploded = widget("look", {}, elem_id="look-explosion")

    def wire(self, tab: Any) -> None:
        self.tab = tab
        self.button.click(
            self.explode, [*tab.asking, self.limit], self.exploded, api_visibility="private",
            show_progress="minimal",
        )  # fmt: skip

    def show(self, asked: Asked, *values: Any) -> Part:
        folder = asked.context.open_run(asked.run_id)
        train = folder.record.train
        result = film(folder.history(), train.clip_norm if train else None)
        return asked.picture(self.name, result.notice, _reel(asked, result), _norms(asked, result))

    def explode(self, who: Any, model: Any, text: Any, limit: Any) -> Any:
        """Train the worst case twice, here and now."""
        return self.tab.answer(self.explosion, who, model, text, float(limit))

    def explosion(self, asked: Asked, limit: float) -> Part:
        subject = asked.subject
        text = asked.given if len(asked.given) > 2000 else subject.train_text or subject.text()
        result = explosion(subject.read(text[:LONGEST]).ids, max(0.01, min(limit, 100.0)))
        return asked.picture("explosion", result.notice, *_explosion(asked, result))


def _reel(asked: Asked, result: Film) -> Part | None:
    if not result.frames:
        return None
    frames = [
        {
            "title": asked.say("film.frame", step=frame.step, bits=frame.bits)
            if frame.bits is not None
            else asked.say("film.step", step=frame.step),
            "text": frame.text,
        }
        for frame in result.frames
    ]
    return {
        "kind": "reel",
        "title": asked.say("film.title"),
        "prompt": result.prompt,
        "frames": frames,
    }


def _norms(asked: Asked, result: Film) -> Part | None:
    """The norm before clipping; stretches in which updates were clipped in a second colour."""
    if not len(result.steps):
        return None
    steps = result.steps.tolist()
    pairs = zip(result.norms.tolist(), result.clipped.tolist(), strict=True)
    cut = [norm if share > 0 else None for norm, share in pairs]
    traces: list[Part] = [
        {"name": asked.say("film.norm"), "x": steps, "y": result.norms.tolist(), "color": 0},
        {"name": asked.say("film.clipped"), "x": steps, "y": cut, "points": True, "color": 1},
    ]
    return lines(
        asked.say("film.norms"), traces, {"title": asked.say("film.steps")},
        {"title": asked.say("film.norm"), "log": True},
        rules=[{"y": result.limit}] if result.limit else [], hover=".3f",
    )  # fmt: skip


def _explosion(asked: Asked, result: Explosion) -> list[Part]:
    def series(updates: list[Update], name: str, field: str, color: int) -> Part:
        values = [getattr(update, field) for update in updates]
        return {
            "name": asked.say(f"explosion.{name}"),
            "x": [update.step for update in updates],
            "y": [value if math.isfinite(value) else None for value in values],
            "points": True,
            "color": color,
        }

    x = {"title": asked.say("explosion.update")}
    losses = [
        series(result.free, "free", "loss_bits", 1),
        series(result.clipped, "clipped", "loss_bits", 0),
    ]
    norms = [
        series(result.free, "free", "norm", 1),
        series(result.clipped, "before", "norm", 0),
        {**series(result.clipped, "after", "clipped_norm", 2), "dash": "dot"},
    ]
    return [
        lines(asked.say("explosion.loss"), losses, x, {"title": asked.say("bits"), "log": True}),
        lines(
            asked.say("explosion.norms"), norms, x,
            {"title": asked.say("film.norm"), "log": True}, rules=[{"y": result.limit}],
        ),
    ]  # fmt: skip
