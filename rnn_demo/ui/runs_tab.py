"""The Runs tab: all runs of the visitor, their curves over each other, and what to do with them."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import gradio as gr

from rnn_demo.config import CELLS, RunConfig
from rnn_demo.errors import CorpusError, RunError
from rnn_demo.runs.record import LONGEST_NAME
from rnn_demo.runs.states import ACTIVE, Status, view
from rnn_demo.text.corpus import Corpus
from rnn_demo.ui.context import BUNDLED, Context, Visitor, mint_secret, shown_to_user
from rnn_demo.ui.packing import zip_of
from rnn_demo.ui.parts import choice, minute_choices, widget
from rnn_demo.ui.profile import temporary_folder
from rnn_demo.ui.reading import split_of
from rnn_demo.ui.texts import label

QUIET: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}


class RunsTab:
    """A table whose buttons ask for actions by name; each is checked here."""

    name = "runs"

    def __init__(self, context: Context) -> None:
        self.context = context

    def build(self, tab: gr.Tab) -> None:
        with gr.Column(elem_classes="stack"):
            with gr.Column(elem_classes="card"):
                self.table = widget("runs", [], elem_id="runs")
                self.file = gr.File(
                    label=label("runs.file"), visible=False, interactive=False, elem_id="run-file"
                )
            with gr.Column(elem_classes="card"):
                self.overlay = widget("overlay", [], elem_id="overlay")
            with gr.Column(elem_classes="card"):
                gr.Markdown(label("runs.compare.about"), elem_classes="plan")
                with gr.Row(elem_classes="buttons"):
                    options = minute_choices(self.context.jobs.limits)
                    self.minutes = choice("runs.compare.minutes", options, "1")
                    self.compare = gr.Button(label("runs.compare"), elem_id="compare-cells")
        self.wire(tab)

    def wire(self, tab: gr.Tab) -> None:
        context = self.context
        look = [context.visitor, context.selected]
        gr.on(
            [tab.select, self.table.change, context.selected.change], self.rows, look, self.table,
            queue=False, **QUIET,
        )  # fmt: skip
        self.table.select(
            self.act,
            [*look, context.corpus],
            [self.table, context.selected, context.tabs, self.file],
            **QUIET,
        ).success(None, self.file, js="(file) => { rnn.takeFile(file); }")
        self.compare.click(
            self.compare_cells,
            [
                context.visitor, context.ticket, context.corpus, context.kind, context.share,
                self.minutes,
            ],
            [self.table, self.overlay, context.selected, context.ticket], **QUIET,
        )  # fmt: skip

    # -- handlers -----------------------------------------------------------------------------

    def rows(self, who: Any, selected: str) -> list[dict[str, Any]]:
        """The table: the visitor's runs, newest first, then the bundled one."""
        visitor = self.context.who(who)
        found = [row_of(status, selected, visitor, True) for status in self.mine(visitor)]
        if self.context.bundled:
            found.append(row_of(self.context.status(BUNDLED), selected, visitor, False))
        return found

    @shown_to_user
    def act(
        self, who: Any, selected: str, text: Corpus | None, event: gr.EventData
    ) -> tuple[Any, Any, Any, Any]:
        """Open, rename, resume, stop, fork, download or delete one run."""
        action, run_id = str(getattr(event, "action", "")), str(getattr(event, "run", ""))
        visitor = self.context.owner(who)
        if action == "open":
            self.context.open_run(run_id)
            return self.rows(who, run_id), run_id, gr.Tabs(selected="train"), gr.skip()
        if action == "download":
            path = self.pack(run_id, visitor)
            return gr.skip(), gr.skip(), gr.skip(), gr.File(path, visible=True)
        if action == "fork":
            child = self.context.fork(run_id, visitor, text)
            return self.rows(who, child), child, gr.skip(), gr.skip()
        chosen = self.change(action, run_id, visitor, event) or selected
        return self.rows(who, chosen), chosen, gr.skip(), gr.skip()

    @shown_to_user
    def compare_cells(
        self, who: Any, key: str, text: Corpus | None, kind: str, share: float, minutes: str
    ) -> tuple[Any, Any, str, str]:
        """One run per cell on the same text, with equal time, one after another."""
        visitor = self.context.owner(who)
        if text is None:
            raise CorpusError("corpus.none")
        self.context.rates.take(visitor.owner, "start", len(CELLS))
        wanted = [
            RunConfig(
                name=f"{cell.upper()} · {text.report.name}"[:LONGEST_NAME],
                minutes=float(minutes), cell=cell, tokenizer=kind, split=split_of(share),
            )
            for cell in CELLS
        ]  # fmt: skip
        started = self.context.jobs.submit_all(
            text, wanted, visitor.owner, key, self.context.address()
        )
        return self.rows(who, started[0]), started, started[0], mint_secret()

    # -- helpers ------------------------------------------------------------------------------

    def mine(self, visitor: Visitor) -> list[Status]:
        return self.context.jobs.list(visitor.owner) if visitor.owner else []

    def change(self, action: str, run_id: str, visitor: Visitor, event: Any) -> str | None:
        """Do what the row's button says; returns the run to look at next, if that changes."""
        jobs = self.context.jobs
        if action == "rename":
            jobs.rename(run_id, visitor.owner, str(getattr(event, "name", "")))
        elif action == "resume":
            jobs.resume(run_id, visitor.owner)
        elif action == "stop":
            jobs.stop(run_id, visitor.owner)
        elif action == "delete":
            jobs.delete(run_id, visitor.owner)
            newest = self.context.newest(visitor)
            return newest.id if newest else BUNDLED if self.context.bundled else None
        else:
            raise RunError("run.action", name=action[:40])
        return None

    def pack(self, run_id: str, visitor: Visitor) -> str:
        """A freshly written zip of a run, in a folder of its own."""
        if run_id != BUNDLED:
            self.context.jobs.open(run_id, visitor.owner)
        folder = self.context.open_run(run_id)
        return str(zip_of(folder, Path(tempfile.mkdtemp(dir=temporary_folder()))))


def row_of(status: Status, selected: str, visitor: Visitor, mine: bool) -> dict[str, Any]:
    """One line of the table, as plain values."""
    seen = view(status, mine)
    actions = ("resume", "stop", "fork", "download", "rename", "delete")
    return {
        "id": status.id,
        "name": status.name,
        "text": status.text,
        "cell": status.cell.upper(),
        "parameters": status.parameters,
        "bits": status.validation_bits_per_char,
        "seconds": status.seconds,
        "state": str(status.state),
        "position": status.position,
        "active": status.state in ACTIVE,
        "selected": status.id == selected,
        "actions": [name for name in actions if seen.shows(name)],
    }
