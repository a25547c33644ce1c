"""Autosave from the page."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import gradio as gr

from rnn_demo.errors import ConfigError, RnnDemoError
from rnn_demo.hub.autosave import Autosave
from rnn_demo.ui.context import Visitor
from rnn_demo.ui.sharing import Access, OAuth, words_of
from rnn_demo.ui.texts import literal, say


class Saving:
    """Starts and stops autosaves, one per run; their tokens live in this process only."""

    def __init__(self, access: Access) -> None:
        self.access = access
        self.saving: dict[tuple[str, str], Autosave] = {}
        self.lock = threading.Lock()

    def start_autosave(
        self,
        oauth: OAuth,
        who: Any,
        typed: str,
        run_id: str,
        namespace: str,
        name: str,
        every: float,
        include: bool,
    ) -> Iterator[list[Any]]:
        """Begin to save a run of this visitor; the words follow until the first save is done."""
        visitor = self.access.who(who)
        try:
            run = self.access.context.jobs.open(str(run_id or ""), visitor.owner)
            credential = self.access.signed_in(oauth, typed)
            minutes = float(every or 0)
            if not 1 <= minutes <= 1440:
                raise ConfigError("autosave.minutes", value=str(every)[:40])
            saver = Autosave(run, f"{namespace}/{name}", credential,
                             minutes=minutes, include_text=bool(include))  # fmt: skip
        except RnnDemoError as error:
            yield [words_of(error, visitor.language), gr.skip(), gr.skip()]
            return
        with self.lock:
            if before := self.saving.get((visitor.owner, run_id)):
                before.stop()
            self.saving[visitor.owner, run_id] = saver.start()
        yield self.autosave_words(visitor, run_id)
        saver.tried.wait()  # every save has a deadline
        saver.thread.join(timeout=0.5)  # of a run that rests, the first save is the last
        yield self.autosave_words(visitor, run_id)

    def stop_autosave(self, who: Any, run_id: str) -> list[Any]:
        visitor = self.access.who(who)
        with self.lock:
            saver = self.saving.pop((visitor.owner, run_id), None)
        if saver:
            saver.stop()
        return self.autosave_words(visitor, run_id)

    def show_autosave(self, who: Any, run_id: str) -> list[Any]:
        return self.autosave_words(self.access.who(who), run_id)

    def autosave_words(self, visitor: Visitor, run_id: str) -> list[Any]:
        """What the autosave of a run does now, and the button that makes sense."""
        with self.lock:
            saver = self.saving.get((visitor.owner, run_id))
        if saver is None:
            return ["", gr.Button(visible=True), gr.Button(visible=False)]
        language, alive = visitor.language, saver.thread.is_alive()
        if saver.trouble:
            last = words_of(saver.trouble, language)
        elif saver.saved_step < 0:
            last = say(language, "share.save.first" if alive else "share.save.none")
        else:
            last = say(language, "share.save.last", step=f"{saver.saved_step:,}")
        values = {"repo": literal(saver.repo_id), "minutes": f"{saver.seconds / 60:.0f}"}
        key = "share.save.running" if alive else "share.save.ended"
        return [say(language, key, last=last, **values), gr.Button(visible=not alive),
                gr.Button(visible=alive)]  # fmt: skip
