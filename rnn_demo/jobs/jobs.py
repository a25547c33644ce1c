"""Runs in the background: a queue, one worker process per run, and who may do what.

A run's state lies in its folder (states.py); what this module adds is the order of the queue and
the processes it has started. When the server dies, its workers notice, save and end within
seconds; the next server shows their runs as interrupted, keeps the queue, and one click goes on.
There are never two workers on one run: each holds the run's lock.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import replace as changed
from pathlib import Path
from typing import Any

from rnn_demo.config import RunConfig
from rnn_demo.errors import ConfigError, RnnDemoError, RunError
from rnn_demo.jobs.limits import Limits
from rnn_demo.jobs.processes import Processes
from rnn_demo.jobs.registry import LOCAL, Registry, owner_of
from rnn_demo.runs.changes import inherit, same_network, use_learning_rate
from rnn_demo.runs.checkpoint import RunFolder
from rnn_demo.runs.record import ID, LONGEST_NAME, RunRecord, new_id, tidy
from rnn_demo.runs.run import extend
from rnn_demo.runs.states import ACTIVE, IDLE, RunState, Status, View, view
from rnn_demo.text.corpus import Corpus
from rnn_demo.training.recipe import Prepared

__all__ = ["LOCAL", "Jobs", "Limits", "RunState", "Status", "View", "owner_of", "view"]

Ids = list[str]
TICK = 0.2  # seconds between two looks at processes and queue


class Jobs:
    """All runs of one folder. Every method may be called from any thread."""

    def __init__(
        self,
        root: Path,
        limits: Limits | None = None,
        *,
        warm: bool = True,
        checkpoint_seconds: float | None = None,
        processes: Processes | None = None,
    ) -> None:
        self.root = Path(root)
        self.limits = limits or Limits()
        self.runs = Registry(self.root, self.limits)
        self.processes = processes or Processes(self.limits.slots, warm, checkpoint_seconds)
        self._lock = threading.RLock()
        self._queue: Ids = self.runs.waiting()  # the next one first
        self._wake = threading.Event()
        self._closed = False
        self._next_check = 0.0  # of what runs have taken, in time.monotonic()
        self._thread = threading.Thread(target=self._loop, name="jobs", daemon=True)
        self._thread.start()

    # -- looking ------------------------------------------------------------------------------

    def open(self, run_id: str, owner: str | None = None) -> RunFolder:
        """A run by id; with an owner, only if it is theirs. The same error for both."""
        return self.runs.find(run_id, owner).folder

    def owns(self, run_id: str, owner: str) -> bool:
        """Whether this is their run."""
        return run_id in self.runs.of(owner)

    def status(self, run_id: str) -> Status:
        """A run as it is now, for whoever knows its id."""
        tally = self.runs.find(run_id)
        with self._lock:
            position = self._queue.index(run_id) + 1 if run_id in self._queue else 0
            started = self.processes.has(run_id)
        state = tally.folder.state()
        if started and state in IDLE | {RunState.QUEUED} and self._waits(tally.folder):
            state = RunState.STARTING  # handed to a worker that has not said a word yet
        waits = state is RunState.QUEUED or (state is RunState.STOPPING and not started)
        return tally.status(state, position if waits else 0)

    def list(self, owner: str) -> list[Status]:
        """All runs of an owner, newest first."""
        found = []
        for run_id in self.runs.of(owner):
            try:
                found.append(self.status(run_id))
            except RnnDemoError:  # removed or damaged while we looked
                continue
        return sorted(found, key=lambda status: -status.created)

    def counts(self) -> tuple[int, int]:
        """(runs that are trained now, runs that wait)."""
        with self._lock:
            return self.processes.count(), len(self._queue)

    def busy(self) -> bool:
        """Whether anything is trained now; a worker that has said its last word does not count."""
        with self._lock:
            found = [self.runs.known(run_id) for run_id in self.processes.running()]
        return any(tally and tally.folder.state() in ACTIVE for tally in found)

    # -- making -------------------------------------------------------------------------------

    def submit(
        self,
        corpus: Corpus,
        wanted: RunConfig,
        owner: str,
        key: str | None = None,
        prepared: Prepared | None = None,
        address: str = "",
    ) -> str:
        """Put a new run into the queue; returns its id. The same key again gives the same run.

        What has been `prepared` for this text and these wishes, the worker need not do again.
        `address`: where the visitor is; it is written nowhere.
        """
        record = RunRecord(
            name=wanted.name or corpus.report.name,
            owner="" if owner == LOCAL else owner,
            wanted=wanted,
            corpus=corpus.report.to_json(),
        )
        self.limits.check(corpus.report, wanted)
        fill = (lambda folder: folder.prepare(prepared)) if prepared else None
        return self._make(record, lambda: corpus.text, owner, key, fill, address)

    def submit_all(
        self,
        corpus: Corpus,
        wanted: Sequence[RunConfig],
        owner: str,
        key: str | None = None,
        address: str = "",
    ) -> Ids:
        """Several new runs on one text; none of them if there is no room for all."""
        keys = [key and f"{key} {i}" for i in range(len(wanted))]
        with self._lock:
            if not (key and self.runs.made_by(owner_of(f"{owner}\n{keys[0]}"))):
                self.runs.check_room(owner, len(wanted))
                self.runs.check_queue(owner, len(self._queue), len(wanted), address)
            return [
                self.submit(corpus, one, owner, its_key, address=address)
                for one, its_key in zip(wanted, keys, strict=True)
            ]

    def fork(self, run_id: str, owner: str, corpus: Corpus | None = None, address: str = "") -> str:
        """A new run that begins with the best weights of this one, on another text or the same."""
        parent = self.open(run_id, owner)
        before = parent.record
        wanted = same_network(parent, self._as_before(before, corpus))
        if corpus:
            self.limits.check(corpus.report, wanted)
        elif not parent.has_text():
            raise RunError("run.fork.text")
        record = RunRecord(
            name=wanted.name or before.name,
            owner=before.owner,
            wanted=wanted,
            corpus=corpus.report.to_json() if corpus else before.corpus,
            parent=before.id,
        )
        text = (lambda: corpus.text) if corpus else parent.text
        return self._make(
            record, text, owner, None, lambda folder: inherit(folder, parent), address
        )

    def _as_before(self, record: RunRecord, corpus: Corpus | None) -> RunConfig:
        """What was asked for of a run that may have been trained elsewhere, under other limits."""
        name = f"{record.name} → {corpus.report.name}" if corpus else f"{record.name} (fork)"
        wanted, limits = record.wanted, self.limits
        budget: dict[str, Any] = {
            "minutes": wanted.minutes and min(wanted.minutes, limits.minutes),
            "steps": wanted.steps and min(wanted.steps, limits.steps),
        }
        return changed(wanted, name=name[:LONGEST_NAME], **budget)

    def _make(
        self,
        record: RunRecord,
        text: Callable[[], str],
        owner: str,
        key: str | None,
        fill: Callable[[RunFolder], None] | None = None,
        address: str = "",
    ) -> str:
        """Make the folder of a new run and queue it, unless this request has made one before."""
        request = owner_of(f"{owner}\n{key}") if key else new_id()
        with self._lock:
            known = self.runs.made_by(request)
            if known:
                return known
            self.runs.check_room(owner)
            self.runs.check_queue(owner, len(self._queue), address=address)
            name = self.runs.free_name(owner, record.name)
            record = changed(record, key=request, name=name)
            folder = RunFolder.create(self.root / record.id, record, text())
            with folder.filled():
                if fill:
                    fill(folder)
                self.runs.take_in(folder, address)
            self._enqueue(record.id)
            return record.id

    def add(self, folder: RunFolder) -> str:
        """Take in a run folder that something else made below the root, such as a download."""
        below = folder.path.parent.resolve() == self.root.resolve()
        if not below or not ID.fullmatch(folder.path.name):
            raise RunError("run.elsewhere", path=folder.path, root=self.root)
        return self.runs.take_in(folder)

    # -- wishes: asking twice changes nothing -------------------------------------------------

    def pause(self, run_id: str, owner: str) -> None:
        """Save and rest."""
        with self._lock:
            folder = self.open(run_id, owner)
            state = self.status(run_id).state
            if state is RunState.QUEUED:
                self._dequeue(run_id)
                folder.ask("pause", worker=False)
            elif state in (RunState.STARTING, RunState.RUNNING):
                folder.ask("pause")

    def resume(self, run_id: str, owner: str) -> None:
        """Go on where it stopped."""
        with self._lock:
            self.open(run_id, owner)
            state = self.status(run_id).state
            if state is RunState.FINISHED:
                raise RunError("run.spent")
            if state in IDLE | {RunState.PAUSING, RunState.STOPPING}:
                self._check_queue(run_id, owner)
                self._enqueue(run_id)

    def stop(self, run_id: str, owner: str) -> None:
        """End it and keep the best weights, with the read-out."""
        with self._lock:
            folder = self.open(run_id, owner)
            state = self.status(run_id).state
            begun = bool(folder.checkpoints.steps())
            if state is RunState.QUEUED and not begun:
                self._dequeue(run_id)
                folder.ask("stop", worker=False)
            elif begun and state in (RunState.QUEUED, RunState.PAUSED, RunState.INTERRUPTED):
                self._enqueue(run_id, "stop")  # a worker measures what it has learned
            elif state in ACTIVE | {RunState.PAUSED, RunState.INTERRUPTED}:
                folder.ask("stop")

    def sample(self, run_id: str, owner: str) -> None:
        """Ask for a text by the present weights, soon."""
        with self._lock:
            self.open(run_id, owner).ask(sample=True)

    def extend(
        self, run_id: str, owner: str, *, minutes: float | None = None, steps: int | None = None
    ) -> None:
        """Train longer: so much more than it has been trained."""
        RunConfig(minutes=minutes, steps=steps)
        if minutes is None and steps is None:
            raise ConfigError("run.longer")
        self.limits.check_budget(minutes, steps)
        self._change(run_id, owner, lambda folder: extend(folder, minutes=minutes, steps=steps))

    def retry(self, run_id: str, owner: str, learning_rate: float | None = None) -> None:
        """Go on from the last good checkpoint, or anew, with a lower learning rate."""
        self.open(run_id, owner)
        rate = learning_rate or self.status(run_id).retry_learning_rate
        if not rate:
            raise RunError("run.rate")
        self._change(run_id, owner, lambda folder: use_learning_rate(folder, rate))

    def rename(self, run_id: str, owner: str, name: str) -> None:
        """Another name for display; it is never part of a path."""
        name = tidy(str(name))
        if not name:
            raise ConfigError("run.name")
        with self._lock:
            self.open(run_id, owner).rewrite(name=name)

    def delete(self, run_id: str, owner: str) -> None:
        """Stop it if it runs, then remove it, text and all."""
        with self._lock:
            folder = self.open(run_id, owner)
            self._dequeue(run_id)
            self.processes.kill(run_id)
            if not folder.lock.acquire(wait=1.0):
                raise RunError("run.locked")
            folder.lock.release()
            self.runs.remove(run_id)

    def _change(self, run_id: str, owner: str, change: Callable[[RunFolder], None]) -> None:
        """Change the plan of a run that nobody is training, then go on with it."""
        with self._lock:
            folder = self.open(run_id, owner)
            if self.status(run_id).state in ACTIVE or not folder.lock.acquire(wait=0.5):
                raise RunError("run.busy")
            try:
                self._check_queue(run_id, owner)
                change(folder)
            finally:
                folder.lock.release()
            self._enqueue(run_id)

    # -- queue --------------------------------------------------------------------------------

    def _check_queue(self, run_id: str, owner: str) -> None:
        """LimitError if there is no room for this run of this owner to go on."""
        if run_id not in self._queue:
            address = self.runs.address_of(run_id)
            self.runs.check_queue(owner, len(self._queue), address=address, besides=run_id)

    def _enqueue(self, run_id: str, want: str = "run") -> None:
        self.open(run_id).ask(want, worker=True)
        if run_id not in self._queue:
            self._queue.append(run_id)
        self._wake.set()

    def _dequeue(self, run_id: str) -> None:
        self._queue = [other for other in self._queue if other != run_id]

    def _waits(self, folder: RunFolder) -> bool:
        """Whether nobody has taken up the last request yet."""
        facts = folder.facts()
        return facts.ticket > facts.taken

    def _loop(self) -> None:
        """Look after processes and queue until close()."""
        while not self._closed:
            self._wake.wait(TICK)
            self._wake.clear()
            try:
                self._look_after()
            except (OSError, RnnDemoError) as error:  # a full disk must not end the queue
                logging.getLogger(__name__).warning("%s", error)

    def _look_after(self) -> None:
        with self._lock:
            if self._closed:
                return
            for run_id, code in self.processes.ended():
                self._note_end(run_id, code)
            for run_id in list(self._queue):
                if self.processes.has(run_id):
                    continue  # it goes on when its worker has ended, if it still must
                tally = self.runs.known(run_id)
                if tally is None or not self._waits(tally.folder):
                    self._dequeue(run_id)  # removed, or its worker took the request up
                elif self.processes.free():
                    self.processes.start(run_id, tally.folder.path, tally.status().seconds)
                    self._dequeue(run_id)
            self._hold_to_limits()
            if self.processes.warmth_is_missing() and self._processor_is_free():
                self.processes.warm_up()

    def _processor_is_free(self) -> bool:
        """Whether another run may start, now or as soon as one that trains no more is saved."""
        found = [self.runs.known(run_id) for run_id in self.processes.running()]
        return self.processes.free() or any(
            tally is None or tally.folder.state() in IDLE | {RunState.PAUSING, RunState.STOPPING}
            for tally in found
        )

    def _note_end(self, run_id: str, code: int) -> None:
        """A worker has ended: leave a word if it did not end by itself."""
        tally = self.runs.known(run_id)
        if tally is None:
            return
        if run_id not in self._queue and self._waits(tally.folder):
            tally.folder.ask(worker=False)  # it died before it took the run up
        self.processes.write_exit(tally.folder, code)

    def _hold_to_limits(self) -> None:
        """A budget in steps may take longer than this server allows: end it then."""
        now = time.monotonic()
        if now < self._next_check:
            return
        self._next_check = now + 5
        for run_id in self.processes.running():
            tally = self.runs.known(run_id)
            if tally is None:
                continue
            in_one_go = tally.status().seconds - self.processes.seconds_before(run_id)
            if in_one_go > 60 * self.limits.minutes + 30:
                tally.folder.ask("stop")

    def close(self) -> None:
        """Stop looking after runs: workers save and end, the queue stays on disk."""
        self._closed = True
        self._wake.set()
        self._thread.join(timeout=10)
        self.processes.close()
        self.runs.close()
