"""Look inside: one part of the screen a view, one question answered at a time.

Each view is a class of this shape (view.py): `name`; `build()` lays out its controls and lists in
`controls` those that are part of the question; `show(asked, *values)` answers with a picture;
`wire(tab)` adds what only this view can do. The pictures are drawn by assets/look.js.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import gradio as gr

from rnn_demo.errors import RnnDemoError
from rnn_demo.ui.context import Context
from rnn_demo.ui.look.asked import LONGEST_TEXT, Asked, Part, Subjects, hint, number
from rnn_demo.ui.look.authorship import AuthorshipView
from rnn_demo.ui.look.film import FilmView
from rnn_demo.ui.look.influence import InfluenceView
from rnn_demo.ui.look.map import MapView
from rnn_demo.ui.look.memory import MemoryView
from rnn_demo.ui.look.neuron import NeuronView
from rnn_demo.ui.look.sampling import SamplingView
from rnn_demo.ui.look.step import StepView
from rnn_demo.ui.look.surprise import SurpriseView
from rnn_demo.ui.look.tour import TourView, view_of
from rnn_demo.ui.look.view import LATEX
from rnn_demo.ui.model_choice import ModelChoice
from rnn_demo.ui.parts import remember, widget
from rnn_demo.ui.sharing import LoadForm
from rnn_demo.ui.texts import label

VIEWS: tuple[type, ...] = (
    TourView, SurpriseView, NeuronView, SamplingView, MemoryView, InfluenceView, StepView,
    FilmView, AuthorshipView, MapView,
)  # fmt: skip
EVENTS: dict[str, Any] = {
    "api_visibility": "private",
    "show_progress": "minimal",
    "concurrency_limit": 2,
    "concurrency_id": "look",
}


class LookTab:
    """Chooses a network and a text, and hands them to the view that is open."""

    name = "look"

    def __init__(self, context: Context) -> None:
        self.context = context
        self.subjects = Subjects(context)
        self.models = ModelChoice(context)
        self.views: list[Any] = [kind() for kind in VIEWS]
        self.by_name = {view.name: view for view in self.views}

    def build(self, tab: gr.Tab) -> None:
        with gr.Column(elem_classes="card"):
            with gr.Row(elem_classes="look-ask"):
                self.model = self.models.build("look.model", "look-model", scale=4, min_width=300)
                self.text = gr.Textbox(
                    "", label=label("look.text"), placeholder=label("look.text.placeholder"),
                    lines=1, max_lines=6, max_length=LONGEST_TEXT, elem_id="look-text", scale=6,
                    min_width=260, elem_classes="mono look-text-box",
                )  # fmt: skip
                self.go = gr.Button(label("look.go"), elem_id="look-go", scale=0, min_width=90)
            with gr.Accordion(label("share.load.short"), open=False, elem_classes="fine"):
                LoadForm(self.context, self.show_loaded).build("look")
        self.source = widget("look", {}, elem_id="look-source")
        self.guide = widget("look", {}, elem_id="look-guide")
        self.chapter = gr.State(-1)  # of the tour, which led to the view that is open
        self.active = gr.State(self.views[0].name)
        self.tabs_of: dict[str, gr.Tab] = {}
        with gr.Tabs(elem_id="look-views") as self.tabs:
            for view in self.views:
                self.tabs_of[view.name] = self.build_view(view)
        self.wire(tab)

    def build_view(self, view: Any) -> gr.Tab:
        """A card: what this is, its controls, the picture, the equation."""
        named = {"id": view.name, "elem_id": f"look-tab-{view.name}"}
        with gr.Tab(label(f"look.{view.name}"), **named) as tab, gr.Column(elem_classes="card"):
            gr.Markdown(label(f"look.{view.name}.about"), elem_classes="hint")
            view.build()
            if view.equation_first:
                view.formula = equation(view.formula_of(None))
            view.picture = widget("look", {}, elem_id=f"look-{view.name}")
            view.build_more()
            if not view.equation_first:
                view.formula = equation(view.formula_of(None))
        return tab

    def wire(self, tab: gr.Tab) -> None:
        context = self.context
        self.asking = [context.visitor, self.model, self.text]
        remember([self.text])
        controls = [control for view in self.views for control in view.controls]
        question = [*self.asking, self.active, *controls]
        pictures = [part for view in self.views for part in (view.picture, view.formula)]
        answers = [self.active, self.source, *pictures]

        def show_selected(event: Any) -> None:
            event(self.models.offer, self.models.asked, self.model, **EVENTS).then(
                self.show, question, answers, **EVENTS
            )

        self.show_selected = show_selected
        show_selected(tab.select)
        context.visitor.change(  # the list speaks the language of the visitor, once it is known
            self.models.offer,
            self.models.asked,
            self.model,
            queue=False,
            api_visibility="private",
        )
        gr.on([self.model.input, self.text.submit, self.go.click], self.show, question, answers,
              **EVENTS)  # fmt: skip
        for view in self.views:
            opened = self.tabs_of[view.name].select
            asked = [self.chapter, *self.models.asked, self.text, self.active, *controls]
            led = asked, [self.chapter, self.guide, *answers]
            opened(self.opener(view.name), *led, **EVENTS)
            for change in view.changes():
                change(self.show, question, answers, trigger_mode="always_last", **EVENTS)
            view.wire(self)

    def show_loaded(self, loaded: Any) -> None:
        """A network that was loaded from here is chosen and shown at once."""
        self.show_selected(loaded.success)

    def opener(self, name: str) -> Callable[..., dict[Any, Any]]:
        """The handler of the tab of one view. The first one opens with the tab, before the list
        of networks has followed the visitor: it must not show the one that the list still has.
        """

        def open_view(
            chapter: Any, who: Any, selected: Any, model: Any, chosen_at: Any, text: Any, _: Any,
            *values: Any,
        ) -> dict[Any, Any]:  # fmt: skip
            model = self.models.chosen(who, selected, model, chosen_at)
            answers = {self.active: name, **self.show(who, model, text, name, *values)}
            guided = number(chapter, -1)
            if guided < 0 or view_of(guided) == name:  # no guide, or it led here
                return answers  # and one that came meanwhile stays
            return {**answers, self.chapter: -1, self.guide: {}}

        return open_view

    # -- handlers -----------------------------------------------------------------------------

    def show(self, who: Any, model: Any, text: Any, active: Any, *values: Any) -> dict[Any, Any]:
        """Answer for the view that is open; the others keep what they show."""
        view = self.by_name.get(str(active), self.views[0])
        position = 0
        for each in self.views:
            count = len(each.controls)
            if each is view:
                own = values[position : position + count]
                found = self.answer(view.show, who, model, text, *own)
                source = self.answer(source_of, who, model, text)
                formula = view.formula_of(found)
                return {view.picture: found, view.formula: formula, self.source: source}
            position += count
        return {}

    def answer(self, ask: Callable[..., Any], who: Any, model: Any, text: Any, *more: Any) -> Any:
        """Call a view; what a person can put right becomes a sentence in its place."""
        asked = self.asked(who, model, text)
        try:
            if not asked.run_id:
                return {"parts": [{"kind": "hint", "text": asked.say("none")}]}
            return ask(asked, *more)
        except RnnDemoError as error:
            return {
                "parts": [{"kind": "warning", "text": error.message.say(asked.visitor.language)}]
            }

    def asked(self, who: Any, model: Any, text: Any) -> Asked:
        given = str(text or "")[:LONGEST_TEXT]
        given = given.encode("utf-8", "replace").decode("utf-8")  # no halves of characters
        visitor = self.context.who(who)
        run_id = str(model or "") or self.first_of(visitor)
        return Asked(self.context, self.subjects, visitor, run_id, given)

    def first_of(self, visitor: Any) -> str:
        """The network to look at where a quick visitor asks before the list is filled."""
        return next((run_id for _, run_id in self.context.models(visitor)), "")


def equation(formula: str) -> gr.Markdown:
    return gr.Markdown(formula, latex_delimiters=LATEX, elem_classes="look-equation")


def source_of(asked: Asked) -> Part:
    """Which text is looked at, for the line above the views."""
    return {"parts": [hint(asked.source)]}
