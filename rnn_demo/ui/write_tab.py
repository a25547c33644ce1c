"""The Write tab: choose a network and a beginning; see what it writes and what it considered."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import gradio as gr

from rnn_demo.errors import ConfigError, RnnDemoError
from rnn_demo.messages.message import figure, named
from rnn_demo.ui import writing
from rnn_demo.ui.context import Context, shown_to_user
from rnn_demo.ui.model_choice import ModelChoice
from rnn_demo.ui.parts import number_box, remember, widget
from rnn_demo.ui.sharing import LoadForm
from rnn_demo.ui.texts import label

NUMBERS = (  # field of SampleConfig, low, high, step of its arrows, default; held in settings(),
    # because what gr.Number refuses is English on the page and a traceback in the log
    ("length", 1, 20_000, 1, 500),
    ("top_k", 0, 100_000, 1, 0),
    ("top_p", 0, 1, 0.01, 0.95),
    ("min_p", 0, 1, 0.01, 0),
    ("typical_p", 0, 1, 0.01, 1),
    ("repetition_penalty", 0.5, 2, 0.05, 1),
    ("frequency_penalty", -2, 2, 0.05, 0),
    ("presence_penalty", -2, 2, 0.05, 0),
    ("penalty_window", 0, 4096, 1, 64),
    ("no_repeat_ngram", 0, 64, 1, 0),
)
FIELDS = ("temperature", "stop", "seed", *(name for name, *_ in NUMBERS))
QUIET: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}


class WriteTab:
    """Streams text from a run's best weights."""

    name = "write"

    def __init__(self, context: Context) -> None:
        self.context = context
        self.writers = context.writers
        self.models = ModelChoice(context)

    def build(self, tab: gr.Tab) -> None:
        with gr.Row(elem_classes="two"):
            with gr.Column(elem_classes="side"), gr.Column(elem_classes="card"):
                self.controls()
            with gr.Column(elem_classes="main"), gr.Column(elem_classes="card"):
                self.text = widget("written", {}, elem_id="written")
        self.wire(tab)

    def controls(self) -> None:
        """The left side: model, beginning, temperature, what comes next, the rest, the buttons."""
        self.model = self.models.build("write.model", "model")
        with gr.Accordion(label("share.load.short"), open=False, elem_classes="fine"):
            LoadForm(self.context).build("write")
        self.prompt = gr.Textbox(
            "", label=label("write.prompt"), placeholder=label("write.prompt.placeholder"),
            lines=3, max_lines=8, elem_classes="mono", elem_id="prompt",
        )  # fmt: skip
        self.temperature = gr.Slider(
            0, 2, value=0.8, step=0.05, label=label("write.temperature"),
            info=label("write.temperature.info"), elem_id="temperature",
        )  # fmt: skip
        self.bars = widget("bars", {}, elem_id="bars")
        with (
            gr.Accordion(label("write.more"), open=False, elem_classes="fine"),
            gr.Row(elem_classes="grid"),
        ):
            self.seed = number_box("write.seed", "any", elem_id="write-seed")
            self.numbers = {
                name: gr.Number(
                    value, label=label(f"write.{name}"), info=label(f"write.{name}.info"),
                    step=step, min_width=130, elem_id=f"write-{name}",
                )
                for name, _, _, step, value in NUMBERS
            }  # fmt: skip
            self.stop_at = gr.Textbox(
                "",
                label=label("write.stop"),
                info=label("write.stop.info"),
                lines=2,
                max_lines=4,
                elem_classes="mono",
                elem_id="write-stop-at",
            )
        with gr.Row(elem_classes="buttons"):
            self.go = gr.Button(label("write.go"), variant="primary", elem_id="write")
            self.halt = gr.Button(label("write.halt"), elem_id="write-stop", visible=False)
            self.compare_button = gr.Button(label("write.compare"), elem_id="compare-temperatures")

    def wire(self, tab: gr.Tab) -> None:
        context = self.context
        fields = [self.temperature, self.stop_at, self.seed, *self.numbers.values()]
        ask = [context.visitor, self.model, self.prompt, *fields]
        remember([self.prompt, *fields])
        shown = [self.text, self.go, self.halt]
        write: dict[str, Any] = {"concurrency_limit": 4, "concurrency_id": "write", **QUIET}
        running: list[Any] = [
            self.go.click(self.write, ask, shown, **write),
            self.prompt.submit(self.write, ask, shown, **write),
            self.text.submit(self.branch, ask, shown, **write),
            self.compare_button.click(self.compare, ask, shown, **write),
        ]
        self.halt.click(
            self.halted, [context.visitor, self.model, self.text], shown, cancels=running,
            queue=False, **QUIET,
        )  # fmt: skip
        self.text.select(
            self.alternatives,
            [context.visitor, self.model, self.prompt],
            self.text,
            queue=False,
            **QUIET,
        )
        look = {
            "trigger_mode": "always_last",
            "concurrency_limit": 4,
            "concurrency_id": "write",
            **QUIET,
        }
        gr.on(
            [self.prompt.change, self.model.change],
            self.peek,
            [context.visitor, self.model, self.prompt],
            self.bars,
            **look,
        )
        gr.on(
            [tab.select, context.selected.change],
            self.models.offer,
            self.models.asked,
            self.model,
            **look,
        )

    # -- handlers -----------------------------------------------------------------------------

    @shown_to_user
    def write(self, who: Any, model: str, prompt: str, *fields: Any) -> Iterator[Any]:
        language = self.allowed(who)
        ready, config = self.writers.get(model), self.settings(fields)
        yield from self.streaming(writing.stream(ready, prompt or "", config, language))

    @shown_to_user
    def branch(
        self, event: gr.EventData, who: Any, model: str, prompt: str, *fields: Any
    ) -> Iterator[Any]:
        """Go on from a symbol that the visitor chose."""
        kept = [str(text) for text in list(getattr(event, "kept", []))[:20_000]]
        language = self.allowed(who)
        ready, config = self.writers.get(model), self.settings(fields)
        beginning = str(getattr(event, "prompt", prompt))
        yield from self.streaming(writing.stream(ready, beginning, config, language, kept))

    @shown_to_user
    def compare(self, who: Any, model: str, prompt: str, *fields: Any) -> Any:
        language = self.allowed(who)
        value = writing.compare(
            self.writers.get(model), prompt or "", self.settings(fields), language
        )
        return value, gr.skip(), gr.skip()

    @shown_to_user
    def alternatives(self, who: Any, model: str, prompt: str, event: gr.EventData) -> Any:
        before = str(getattr(event, "before", ""))
        return {
            "alternatives": writing.alternatives(self.writers.get(model), before),
            "at": getattr(event, "at", 0),
        }

    def peek(self, who: Any, model: str, prompt: str) -> Any:
        """The bars show nothing, and no message, where there is no network yet."""
        try:
            return writing.peek(self.writers.get(model), prompt or "")
        except RnnDemoError:
            return {}

    def halted(self, who: Any, model: str, page: Any) -> Any:
        """What was written until Stop is a whole text from now on: clicked, measured, saved."""
        whole = writing.ended(self.writers, model, page, self.context.who(who).language)
        return whole or gr.skip(), gr.Button(visible=True), gr.Button(visible=False)

    # -- helpers ------------------------------------------------------------------------------

    def allowed(self, who: Any) -> str:
        """Count one text for this visitor; returns their language."""
        visitor = self.context.who(who)
        self.context.rates.take(visitor.owner, "write")
        return visitor.language

    def settings(self, fields: Any) -> Any:
        values = dict(zip(FIELDS, fields, strict=True))
        for name, low, high, *_ in NUMBERS:
            if values[name] is not None and not low <= values[name] <= high:
                value = str(values[name])[:40]
                raise ConfigError(
                    "settings.number",
                    name=named(name),
                    low=figure(low),
                    high=figure(high),
                    value=value,
                )
        return writing.settings(values, self.context.profile.public)

    def streaming(self, values: Iterator[dict[str, Any]]) -> Iterator[Any]:
        """Write gives way to Stop while text comes. The buttons are told only when that changes:
        Gradio makes a button anew each time, and one that is made anew cannot be clicked.
        """
        under_way = False
        for value in values:
            done = value["done"]
            if done == under_way:
                yield value, gr.Button(visible=done), gr.Button(visible=not done)
            else:
                yield value, gr.skip(), gr.skip()
            under_way = not done
