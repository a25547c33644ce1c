"""A run's events folded into the few figures that lists and strips show."""

from __future__ import annotations

import math
import threading
from typing import Any

from rnn_demo.errors import RnnDemoError, RunError
from rnn_demo.events import Evaluated, Event, Failed, Finished, Progress, Started
from rnn_demo.messages.message import from_json
from rnn_demo.runs.checkpoint import RunFolder
from rnn_demo.runs.files import read_json
from rnn_demo.runs.log import NewEvents
from rnn_demo.runs.states import RunState, Status

STEADY_SECONDS = 3.0  # of training, before its speed tells how long so many steps will take
EXIT = "exit.json"  # how the last worker ended, written by whoever started it


class Tally:
    """Follows one run; remembers sums, not events."""

    def __init__(self, folder: RunFolder) -> None:
        self.folder = folder
        record = folder.record
        self.owner, self.created = record.owner, record.created  # these two never change
        self.new = NewEvents(folder.path / "events.jsonl")
        self.progress: Progress | None = None
        self.bests: list[Evaluated] = []  # each better than the one before
        self.last: Event | None = None
        self.lock = threading.Lock()

    def status(self, state: RunState | None = None, position: int = 0) -> Status:
        """The run as it is now; `state` if the caller knows better than the files."""
        with self.lock:
            for event in self.new.read():
                if event is not None:
                    self._take(event)
            return self._status(state or self.folder.state(), position)

    def _take(self, event: Event) -> None:
        self.last = event
        if isinstance(event, Progress):
            self.progress = event
        elif isinstance(event, Evaluated) and event.best:
            self.bests.append(event)
        elif isinstance(event, Started):  # what lies behind this step will be done again
            self.bests = [best for best in self.bests if best.step <= event.step]
            if self.progress and self.progress.step > event.step:
                self.progress = None

    def _status(self, state: RunState, position: int) -> Status:
        record = self.folder.record
        best = self.bests[-1] if self.bests else None
        nats = best.nats_per_char if best else None
        per_byte = best.bits_per_byte if best else None
        end = self.last if isinstance(self.last, Finished) else None
        if end and end.best_step:  # measured on the whole validation part
            nats, per_byte = end.validation_nats_per_char, end.validation_bits_per_byte
        now: Any = end or self.progress
        share = 1.0 if end and end.reason != "stopped" else getattr(self.progress, "share", 0.0)
        failed = self.last if isinstance(self.last, Failed) and state is RunState.FAILED else None
        return Status(
            id=record.id,
            state=state,
            name=record.name,
            position=position,
            message=failed.message if failed else self._why_it_ended(state),
            step=now.step if now else 0,
            seconds=now.seconds if now else 0.0,
            share=share,
            seconds_left=self._seconds_left(record.train) if state is RunState.RUNNING else None,
            tokens_per_second=now.tokens_per_second if now else 0.0,
            validation_nats_per_char=nats,
            validation_bits_per_char=None if nats is None else nats / math.log(2),
            validation_bits_per_byte=per_byte,
            best_step=best.step if best else end.best_step if end else 0,
            cell=record.model.cell if record.model else record.wanted.cell or "",
            parameters=record.model.parameters if record.model else 0,
            created=record.created,
            text=str(record.corpus.get("name", "")),
            saved_step=next(iter(self.folder.checkpoints.steps()), None),
            retry_learning_rate=failed.learning_rate if failed else None,
        )

    def _seconds_left(self, train: Any) -> float | None:
        """Of training: exact for minutes, an estimate for steps."""
        now = self.progress
        if now is None or train is None or now.share <= 0:
            return None
        if train.steps and now.seconds < STEADY_SECONDS:
            return None
        return now.seconds / now.share * (1 - now.share)

    def _why_it_ended(self, state: RunState) -> str:
        """For a run that was interrupted: how its worker ended."""
        if state is not RunState.INTERRUPTED:
            return ""
        try:
            return from_json(read_json(self.folder.path / EXIT)["message"])
        except (RunError, KeyError, TypeError, ValueError):
            return ""


def readable(folder: RunFolder) -> bool:
    """Whether run.json can be read at all."""
    try:
        return bool(folder.record.id)
    except RnnDemoError:
        return False
