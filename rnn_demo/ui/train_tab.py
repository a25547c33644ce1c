"""The Train tab: how long, which cell, the buttons that the run's state allows, the live curve."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import gradio as gr

from rnn_demo.config import RunConfig
from rnn_demo.errors import ConfigError, CorpusError, RnnDemoError, RunError
from rnn_demo.messages.message import named
from rnn_demo.runs.states import ACTIVE
from rnn_demo.text.corpus import Corpus
from rnn_demo.ui import planning
from rnn_demo.ui.context import BUNDLED, Context, Visitor, mint_secret, shown_to_user
from rnn_demo.ui.parts import choice, minute_choices, number_box, remember, widget
from rnn_demo.ui.texts import joined, label, literal, say

BUTTONS = ("write", "pause", "resume", "stop", "sample", "retry", "fork", "adapt", "extend")
MAIN = ("write", "resume", "retry", "stop")  # the first that is there is what to do next
QUIET: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}
SOON = "() => { rnn.emit('hurry'); rnn.goOn(%r); }"  # the button to go on at by keyboard
PRIMARY = ".this-run button.primary"


class TrainTab:
    """Starts a run and follows it. What is shown derives from the run's state alone."""

    name = "train"

    def __init__(self, context: Context) -> None:
        self.context = context
        self.planner = planning.Planner()

    # -- layout -------------------------------------------------------------------------------

    def build(self, tab: gr.Tab) -> None:
        with gr.Row(elem_classes="two"):
            with gr.Column(elem_classes="side"):
                with gr.Column(elem_classes="card this-run", visible=False) as self.this_run:
                    self.what_to_do()
                # Start is not offered before it is known that nothing of this visitor's is trained.
                with gr.Column(elem_classes="card", elem_id="new-run", visible=False) as self.form:
                    self.controls()
                with gr.Column(elem_classes="card film-card"):
                    self.film = widget("film", "", elem_id="film")
            with gr.Column(elem_classes="main"):
                with gr.Column(elem_classes="card"):
                    self.chart = widget("chart", "", elem_id="chart")
                self.tiles = widget("tiles", "", elem_id="tiles")
        self.wire(tab)

    def what_to_do(self) -> None:
        """The run in the chart: what it is, and what can be done with it."""
        gr.Markdown(label("train.this"), elem_classes="card-title")
        self.about = gr.Markdown("", elem_classes="plan", elem_id="about-run")
        with gr.Row(elem_classes="buttons"):
            self.buttons = {name: self.run_button(name) for name in BUTTONS if name != "extend"}
        with gr.Row(elem_classes="buttons longer"):
            self.more = gr.Number(
                5, label=label("train.extend.minutes"), visible=False, elem_id="more-minutes",
                min_width=110,
            )  # fmt: skip
            self.buttons["extend"] = self.run_button("extend")

    def run_button(self, name: str) -> gr.Button:
        return gr.Button(label(f"train.{name}"), visible=False, elem_id=f"run-{name}")

    def controls(self) -> None:
        """A new run, in the order in which a newcomer needs it."""
        gr.Markdown(label("train.new"), elem_classes="card-title")
        choices = [*minute_choices(self.context.jobs.limits), ("train.minutes.steps", "steps")]
        self.minutes = choice("train.minutes", choices, "1", elem_id="minutes")
        self.steps = gr.Number(2000, label=label("train.steps"), precision=0, elem_id="steps")
        cells = [(cell.upper(), cell) for cell in ("rnn", "lstm", "gru")]
        self.cell = choice("train.cell", cells, "lstm", elem_id="cell")
        self.plan = gr.Markdown("", elem_classes="plan", elem_id="plan")
        with gr.Accordion(label("train.fine"), open=False, elem_classes="fine"):
            self.fine_tune()
        with gr.Row(elem_classes="buttons"):
            self.start = gr.Button(label("train.start"), variant="primary", elem_id="start")
        remember(  # the rest is kept with the text
            [self.minutes, self.steps, self.cell, self.run_name, self.prompt, *self.fine.values()]
        )

    def fine_tune(self) -> None:
        """Everything that the recipe decides when nobody else does."""
        gr.Markdown(label("train.fine.auto"), elem_classes="hint")
        with gr.Row(elem_classes="grid"):
            self.run_name = gr.Textbox(
                "", label=label("train.name"), info=label("train.name.info"), max_lines=1,
                max_length=80, elem_id="run-name",
            )  # fmt: skip
            self.prompt = gr.Textbox(
                "", label=label("train.prompt"), info=label("train.prompt.info"), max_lines=1,
                max_length=200, elem_id="run-prompt",
            )  # fmt: skip
            self.fine = {
                field: number_box(f"train.{key}", elem_id=f"fine-{field}")
                for field, key, *_ in planning.FINE
            }

    def wire(self, tab: gr.Tab) -> None:
        """What the tab shows follows the run; the new run and the buttons are wired apart."""
        context = self.context
        self.shown = [
            self.form, self.about, self.start, *self.buttons.values(), self.more,
            self.chart, self.tiles, self.film, context.chip, self.this_run,
        ]  # fmt: skip
        look = [context.visitor, context.selected]
        gr.on(
            [context.selected.change, self.chart.change, context.corpus.change, tab.select],
            self.show,
            [*look, context.corpus],
            self.shown,
            queue=False,
            **QUIET,
        )
        context.chip.select(  # through the queue: only then is it told that the selection changed
            self.open, context.visitor, context.selected, concurrency_limit=None, **QUIET
        )
        context.chip.change(self.next_busy, context.visitor, context.chip, queue=False, **QUIET)
        self.wire_new_run()
        self.wire_buttons(look)

    def wire_new_run(self) -> None:
        """The form: its plan, and Start."""
        context = self.context
        form = [
            self.minutes, self.steps, self.cell, context.kind, context.share, self.run_name,
            self.prompt, *self.fine.values(),
        ]  # fmt: skip
        changes = [
            part.change
            for part in (
                self.minutes,
                self.steps,
                self.cell,
                *self.fine.values(),
                context.corpus,
                context.kind,
                self.chart,  # a run began or ended
            )
        ]
        gr.on(
            [*changes, context.share.release],
            self.preview,
            [context.visitor, context.corpus, *form],
            self.plan,
            trigger_mode="always_last",
            concurrency_limit=1,
            **QUIET,
        )
        self.start.click(
            self.begin, [context.visitor, context.selected, context.ticket, context.corpus, *form],
            [context.selected, *self.shown, context.ticket], **QUIET,
        ).then(None, js=SOON % PRIMARY)  # fmt: skip

    def wire_buttons(self, look: list[Any]) -> None:
        """What can be done with the run in the chart."""
        corpus, acted = self.context.corpus, [self.context.selected, *self.shown]
        more: dict[str, list[Any]] = {
            "extend": [self.more], "fork": [corpus], "adapt": [corpus],
        }  # fmt: skip
        self.buttons["write"].click(None, js="() => { rnn.openTab('write'); }")
        for name in BUTTONS[1:]:
            self.buttons[name].click(
                getattr(self, name), [*look, *more.get(name, [])], acted, concurrency_limit=4,
                **QUIET,
            ).then(None, js=SOON % ("#run-resume" if name == "pause" else PRIMARY))  # fmt: skip

    # -- handlers -----------------------------------------------------------------------------

    def show(self, who: Any, run_id: str, text: Corpus | None = None) -> list[Any]:
        """The whole tab for a run, from its state; `text`: the one that is chosen in tab 1."""
        visitor = self.context.who(who)
        view = self.context.view(run_id, visitor)
        gone = view.label == "state.none"
        arrived = bool(run_id) or not self.context.bundled
        mine = view.shows("rename")
        main = next((name for name in MAIN if view.shows(name)), "") if mine else ""
        start: Any = "secondary" if main else "primary"
        shown = {name for name in BUTTONS if view.shows(name)}
        if "fork" in shown and text and self.is_other(run_id, text):
            shown.add("adapt")
        queued = view.label == "state.queued"
        words = {"stop": say(visitor.language, "train.leave" if queued else "train.stop")}
        buttons = [
            self.button(name, name in shown, name == main, words.get(name)) for name in BUTTONS
        ]
        return [
            gr.Column(visible=arrived and view.can_start),
            self.words(run_id, visitor, view),
            gr.Button(visible=view.can_start, variant=start),
            *buttons,
            gr.Number(visible=mine and view.shows("extend")),
            *["" if gone else run_id] * 3,
            self.busy(visitor),
            gr.Column(visible=not gone),
        ]  # fmt: skip

    def preview(self, who: Any, text: Corpus | None, *form: Any) -> Iterator[str]:
        """The plan in one sentence, and why; nothing is measured beside a training."""
        language = self.context.who(who).language
        if text is None:
            yield say(language, "train.plan.none")
            return
        try:
            if self.context.jobs.busy():
                yield say(language, "train.plan.busy")
                return
            config = self.config(form)
            self.context.jobs.limits.check(text.report, config)
            if not self.planner.known(text, config):
                yield say(language, "train.plan.measuring")
            yield self.planner.sentence(text, config, language)
        except RnnDemoError as error:
            yield literal(error.message.say(language))

    @shown_to_user
    def begin(
        self, who: Any, selected: str, key: str, text: Corpus | None, *form: Any
    ) -> list[Any]:
        visitor = self.context.owner(who)
        if text is None:
            raise CorpusError("corpus.none")
        self.context.rates.take(visitor.owner, "start")
        config = self.config(form)
        known = self.planner.known(text, config)  # what the page promised
        run_id = self.context.jobs.submit(
            text, config, visitor.owner, key, known, self.context.address()
        )
        return [run_id, *self.show(who, run_id), mint_secret()]

    @shown_to_user
    def pause(self, who: Any, run_id: str) -> list[Any]:
        return self.after(who, run_id, self.context.jobs.pause)

    @shown_to_user
    def resume(self, who: Any, run_id: str) -> list[Any]:
        return self.after(who, run_id, self.context.jobs.resume)

    @shown_to_user
    def stop(self, who: Any, run_id: str) -> list[Any]:
        return self.after(who, run_id, self.context.jobs.stop)

    @shown_to_user
    def sample(self, who: Any, run_id: str) -> list[Any]:
        return self.after(who, run_id, self.context.jobs.sample)

    @shown_to_user
    def retry(self, who: Any, run_id: str) -> list[Any]:
        return self.after(who, run_id, self.context.jobs.retry)

    @shown_to_user
    def extend(self, who: Any, run_id: str, minutes: float) -> list[Any]:
        visitor = self.context.owner(who)
        if minutes is None:
            raise ConfigError("settings.missing", name=named("minutes"))
        self.context.jobs.extend(run_id, visitor.owner, minutes=float(minutes))
        return [run_id, *self.show(who, run_id)]

    @shown_to_user
    def fork(self, who: Any, run_id: str, text: Corpus | None) -> list[Any]:
        child = self.context.fork(run_id, self.context.owner(who), text)
        return [child, *self.show(who, child)]

    @shown_to_user
    def adapt(self, who: Any, run_id: str, text: Corpus | None) -> list[Any]:
        """Go on from these weights on the text that is chosen in tab 1."""
        if text is None:
            raise CorpusError("corpus.none")
        child = self.context.adapt(run_id, self.context.owner(who), text)
        return [child, *self.show(who, child)]

    # -- helpers ------------------------------------------------------------------------------

    def after(self, who: Any, run_id: str, action: Any) -> list[Any]:
        """Do something with a run, then show it as it is."""
        action(run_id, self.context.owner(who).owner)
        return [run_id, *self.show(who, run_id)]

    def button(self, name: str, visible: bool, main: bool, words: str | None) -> gr.Button:
        variant: Any = "primary" if main else "secondary"
        if words is None:
            return gr.Button(visible=visible, variant=variant)
        return gr.Button(words, visible=visible, variant=variant)

    def is_other(self, run_id: str, text: Corpus) -> bool:
        """Whether this is another text than the run's own, which may not be here at all."""
        try:
            run = self.context.open_run(run_id)
        except RunError:  # deleted meanwhile
            return False
        return run.has_text() and run.record.text_sha256 != text.report.sha256

    def busy(self, visitor: Visitor) -> str:
        """The run of the strip's chip: the visitor's that is being trained or waits, if any."""
        newest = self.context.newest(visitor)
        return newest.id if newest and newest.state in ACTIVE else ""

    def open(self, event: gr.EventData, who: Any) -> Any:
        """Look at the run that the chip speaks of."""
        run_id = str(getattr(event, "run", ""))
        view = self.context.view(run_id, self.context.who(who))
        return gr.skip() if view.label == "state.none" else run_id

    def next_busy(self, who: Any) -> Any:
        """The run of the chip has ended or begun: the one that is trained now; if there is none,
        the chip goes on saying how its run ended."""
        return self.busy(self.context.who(who)) or gr.skip()

    def words(self, run_id: str, visitor: Visitor, view: Any) -> str:
        """What is being trained, or was, and why the recipe chose that."""
        if view.label == "state.none":
            return ""
        try:
            record = self.context.open_run(run_id).record
        except RunError:
            return ""
        name = literal(record.name)
        network = planning.network_words(record.model, visitor.language) if record.model else ""
        whose = (
            ""
            if run_id == BUNDLED or view.shows("rename")
            else say(visitor.language, "train.read.only")
        )
        more = joined(visitor.language, network, whose)
        words = say(visitor.language, "train.about", name=name, more=more)
        return words + planning.why(record.reasons, visitor.language)

    def config(self, form: Any) -> RunConfig:
        minutes, steps, cell, kind, share, name, prompt, *fine = form
        fields = dict(zip((field for field, *_ in planning.FINE), fine, strict=True))
        return planning.wanted(
            minutes=minutes, steps=steps, cell=cell, kind=kind, share=share, name=name,
            prompt=prompt, fine=fields,
        )  # fmt: skip
