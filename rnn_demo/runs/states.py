"""The states of a run, and what each lets a person do: two pure functions and their tables.

Nobody stores a state. It follows from what the user asked last (control.json), from what a worker
took up last (worker.json), from the last line of events.jsonl and from whether a live process
holds the lock. So a kill, a restart of the server or a second server cannot leave a state behind
that is not true, and no button depends on which click came last.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum


class RunState(str, Enum):
    """Where a run stands."""

    QUEUED = "queued"
    STARTING = "starting"
    RUNNING = "running"
    PAUSING = "pausing"
    PAUSED = "paused"
    STOPPING = "stopping"
    FINISHED = "finished"
    STOPPED = "stopped"
    FAILED = "failed"
    INTERRUPTED = "interrupted"

    def __str__(self) -> str:
        return self.value


S = RunState
ENDED = {S.FINISHED, S.STOPPED, S.FAILED}
IDLE = ENDED | {S.PAUSED, S.INTERRUPTED}  # no worker, and none wanted
ACTIVE = set(RunState) - IDLE  # a worker is at it, or waited for

BEFORE_TRAINING = {"", "Planned", "TokenizerLearned", "Recovered"}
LAST_WORDS = {"Paused": S.PAUSED, "Finished": S.FINISHED, "Failed": S.FAILED}


@dataclass(frozen=True)
class Facts:
    """All that a state follows from."""

    want: str = "run"  # what the user asked last: run, pause, stop
    ticket: int = 0  # number of the last request that needs a worker; 0: none does
    taken: int = 0  # the ticket that a worker took up last
    alive: bool = False  # a live process holds the lock
    last: str = ""  # kind of the last event since a worker took the run up; "" if none
    reason: str = ""  # of Finished
    earlier: str = ""  # kind of the last event of all


def state_of(facts: Facts) -> RunState:
    """The state that these facts amount to."""
    waiting = facts.ticket > facts.taken
    if facts.alive and facts.last not in LAST_WORDS:
        if facts.want == "stop":
            return S.STOPPING
        if facts.want == "pause":
            return S.PAUSING
        return S.STARTING if facts.last in BEFORE_TRAINING else S.RUNNING
    if waiting:
        if facts.want == "stop":
            return S.STOPPING
        return S.STARTING if facts.alive else S.QUEUED
    last = facts.last or facts.earlier
    if last == "Finished":
        return S.STOPPED if facts.reason == "stopped" else S.FINISHED
    if last in LAST_WORDS:
        return LAST_WORDS[last]
    if facts.want == "stop":
        return S.STOPPED
    if facts.want == "pause":
        return S.PAUSED
    return S.INTERRUPTED


@dataclass(frozen=True)
class Status:
    """A run as lists and strips show it; plain values only."""

    id: str
    state: RunState
    name: str = ""
    position: int = 0  # in the queue, to be trained or measured, from 1; 0: not queued
    message: str = ""  # why it failed or was interrupted, for people
    step: int = 0
    seconds: float = 0.0  # of training
    share: float = 0.0  # of the budget, 0..1
    seconds_left: float | None = None
    tokens_per_second: float = 0.0
    validation_nats_per_char: float | None = None  # of the best weights
    validation_bits_per_char: float | None = None
    validation_bits_per_byte: float | None = None
    best_step: int = 0
    cell: str = ""
    parameters: int = 0
    created: float = 0.0  # seconds since 1970
    text: str = ""  # name of the text
    saved_step: int | None = None  # of the newest checkpoint
    retry_learning_rate: float | None = None  # set when the loss exploded

    def to_json(self) -> dict[str, object]:
        """A dictionary of plain JSON values."""
        return {**self.__dict__, "state": self.state.value}


@dataclass(frozen=True)
class View:
    """What a page shows of a run: a key of the table of texts, buttons that are on, chart mode."""

    label: str  # key: "state.running"
    buttons: frozenset[str] = field(default_factory=frozenset)
    chart: str = "still"  # empty: nothing to draw; live: fetch deltas; still: fetch once
    can_start: bool = True  # a new run may be started beside this one

    def shows(self, button: str) -> bool:
        """Whether this button is there."""
        return button in self.buttons


KEEP = {"fork", "download", "rename", "delete"}
BUTTONS: dict[RunState, set[str]] = {
    S.QUEUED: {"stop", "rename", "delete"},
    S.STARTING: {"pause", "stop", "rename", "delete"},
    S.RUNNING: {"pause", "stop", "sample", "rename", "delete"},
    S.PAUSING: {"stop", "rename", "delete"},
    S.STOPPING: {"rename", "delete"},
    S.PAUSED: {"resume", "stop", *KEEP},
    S.FINISHED: {"write", "extend", *KEEP},
    S.STOPPED: {"write", "resume", "extend", *KEEP},
    S.FAILED: {"resume", "retry", *KEEP},
    S.INTERRUPTED: {"resume", "stop", *KEEP},
}


def view(status: Status | None, is_owner: bool) -> View:
    """Status and ownership -> what the page shows. None: no run is open."""
    if status is None:
        return View("state.none", chart="empty")
    buttons = set(BUTTONS[status.state])
    if status.state == S.FAILED and status.retry_learning_rate is None:
        buttons -= {"retry"}
    elif status.state == S.FAILED:
        buttons -= {"resume"}  # it would explode again
    if not status.best_step:
        buttons -= {"fork", "download", "write"}
    if status.saved_step is None:  # it was loaded, or never had a step
        buttons -= {"extend"}
    if not is_owner:
        buttons &= {"download"}
    live = status.state in ACTIVE
    behind = status.state == S.STOPPING and status.position > 0  # another run is trained first
    if behind and is_owner:
        buttons |= {"resume"}
    drawn = status.step > 0 or live
    chart = ("live" if live else "still") if drawn else "empty"
    return View(f"state.{status.state}", frozenset(buttons), chart, can_start=behind or not live)
