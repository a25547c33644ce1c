"""The whole journey: text -> tokenizer -> plan -> training -> run folder -> honest read-out.

run() begins one, resume() goes on with one; both yield events, each of which is in the folder
before anyone sees it. Between two events a run may be paused, stopped or left; a kill loses at
most what was learned since the newest checkpoint.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace as changed
from pathlib import Path
from typing import Any

from rnn_demo.config import RunConfig
from rnn_demo.errors import RunError
from rnn_demo.events import Event, Started
from rnn_demo.runs.changes import inherit, same_network, use_learning_rate
from rnn_demo.runs.checkpoint import RunFolder
from rnn_demo.runs.journey import Journey, Wishes
from rnn_demo.runs.readout import bits, summary
from rnn_demo.runs.record import ID, RunRecord, new_id
from rnn_demo.text.corpus import Corpus

__all__ = ["CHECKPOINT_SECONDS", "bits", "extend", "resume", "run", "summary"]

CHECKPOINT_SECONDS = 10.0  # between checkpoints, or longer where one takes more than 1 % of that


def run(
    corpus: Corpus,
    wanted: RunConfig,
    path: Path,
    *,
    parent: RunFolder | None = None,
    wishes: Wishes | None = None,
    checkpoint_seconds: float = CHECKPOINT_SECONDS,
) -> Iterator[Event]:
    """Train on a text as wanted, in a new run folder; with a parent, from its best weights on."""
    path = Path(path)
    if parent:
        wanted = same_network(parent, wanted)
    record = RunRecord(
        id=path.name if ID.fullmatch(path.name) else new_id(),
        name=wanted.name or corpus.report.name,
        wanted=wanted,
        corpus=corpus.report.to_json(),
        parent=parent.id if parent else "",
    )
    folder = RunFolder.create(path, record, corpus.text)
    if parent:
        with folder.filled():
            inherit(folder, parent)
    yield from resume(folder, wishes=wishes, checkpoint_seconds=checkpoint_seconds)


def resume(
    folder: RunFolder | Path,
    *,
    minutes: float | None = None,
    steps: int | None = None,
    learning_rate: float | None = None,
    wishes: Wishes | None = None,
    asked: bool = False,
    checkpoint_seconds: float = CHECKPOINT_SECONDS,
) -> Iterator[Event]:
    """Go on where the run stands, from nothing or its newest checkpoint; with more budget or
    what is left of the old, and another highest learning rate if one is given. `wishes` says what
    the user wants now; without it control.json does, which first is told to go on, unless whoever
    calls was `asked` by it.
    """
    folder = folder if isinstance(folder, RunFolder) else RunFolder.open(Path(folder))
    require_trainable(folder)
    try:
        folder.take_up()
        if minutes is not None or steps is not None:
            extend(folder, minutes=minutes, steps=steps)
        if learning_rate is not None:
            use_learning_rate(folder, learning_rate)
        if not asked:
            folder.ask("run")
        yield from Journey(folder, wishes or folder.control, checkpoint_seconds).events()
    finally:
        folder.lock.release()


def require_trainable(folder: RunFolder) -> None:
    """A network that came alone cannot go on where it stood, but can begin another run."""
    begun = folder.checkpoints.steps() or folder.start.steps()
    if folder.best.steps() and not begun and not _was_trained(folder):
        raise RunError("run.loaded", path=folder.path)


def _was_trained(folder: RunFolder) -> bool:
    """Whether the run began here: it may have been killed before its first checkpoint."""
    return any(isinstance(event, Started) for event in folder.events())


def extend(folder: RunFolder, *, minutes: float | None = None, steps: int | None = None) -> None:
    """Give a run so much more to train than it has trained. For the holder of the lock."""
    require_trainable(folder)
    record = folder.record
    if record.model is None or record.train is None:
        folder.rewrite(wanted=changed(record.wanted, minutes=minutes, steps=steps))
        return
    snapshot, _ = folder.newest_snapshot()
    done = snapshot.record if snapshot else {"step": 0, "seconds": 0.0}
    budget: dict[str, Any]
    if steps is not None:
        budget = {"minutes": None, "steps": done["step"] + steps}
    else:
        budget = {"minutes": done["seconds"] / 60 + (minutes or 0), "steps": None}
    folder.save_plan(record.model, changed(record.train, **budget), list(record.reasons))
