"""Who wrote this? A pasted text under several of the visitor's networks, in bits per byte."""

from __future__ import annotations

from typing import Any

import gradio as gr

from rnn_demo.inspection.authorship import Verdict, who_wrote
from rnn_demo.ui.look.asked import Asked, Part, bars, hint
from rnn_demo.ui.look.view import View
from rnn_demo.ui.texts import label

MOST_MODELS = 5


class AuthorshipView(View):
    name = equation = "authorship"

    def build(self) -> None:
        self.models = gr.Dropdown(
            [], label=label("look.authorship.models"), multiselect=True,
            max_choices=MOST_MODELS, elem_id="look-models", interactive=True,
        )  # fmt: skip
        self.controls = [self.models]

    def changes(self) -> Any:
        return [self.models.input]

    def wire(self, tab: Any) -> None:
        self.tab = tab
        context = tab.context
        tab.tabs_of[self.name].select(
            self.candidates, [context.visitor, tab.model, self.models], self.models,
            queue=False, api_visibility="private",
        )  # fmt: skip

    def candidates(self, who: Any, model: Any, chosen: Any) -> Any:
        """Every network of the visitor that can judge, but for the one that is looked at."""
        networks = self.tab.context.models(self.tab.context.who(who))
        choices = [(words, run_id) for words, run_id in networks if run_id != model]
        known = {run_id for _, run_id in choices}
        kept = [run_id for run_id in chosen or [] if run_id in known]
        return gr.Dropdown(choices, value=kept)

    def show(self, asked: Asked, *values: Any) -> Part:
        others = [str(run_id) for run_id in values[0] or [] if str(run_id) != asked.run_id]
        if not asked.given:
            return asked.picture(self.name, None, hint(asked.say("authorship.paste")))
        if not others:
            few = len(asked.context.models(asked.visitor)) < 2
            return asked.picture(
                self.name, None, hint(asked.say("authorship.few" if few else "authorship.choose"))
            )
        chosen = [asked.run_id, *others][:MOST_MODELS]
        verdict = who_wrote([asked.subjects.get(run_id) for run_id in chosen], asked.given)
        return asked.picture(self.name, verdict.notice, *_parts(asked, verdict))


def _parts(asked: Asked, verdict: Verdict) -> list[Part]:
    rows = [(score.name, [score.bits_per_byte]) for score in verdict.scores]
    unknown = [s for s in verdict.scores if s.unknown]
    parts = [bars(rows, title=asked.say("authorship.bits"), format="number", wide=True)]
    for score in unknown:
        words = asked.say("authorship.unknown", name=score.name, count=score.unknown)
        parts.append(hint(words))
    return parts
