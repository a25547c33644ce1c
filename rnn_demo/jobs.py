"""Runs in the background: a queue, one worker process per run, and who may do what.

A run's state lies in its folder (states.py); what this module adds is the order of the queue and
the processes it has started. One Jobs serves one folder of runs, and holds a lock on it. When the
server dies, its workers notice, save and end within seconds; the next server shows their runs as
interrupted, keeps the queue, and one click goes on. There are never two workers on one run.
"""

from __future__ import annotations

import hashlib
import logging
import shutil
import threading
import time
from collections.abc import Callable
from dataclasses import replace as changed
from pathlib import Path
from typing import Any

from rnn_demo.checkpoint import RunFolder
from rnn_demo.config import RunConfig
from rnn_demo.corpus import Corpus
from rnn_demo.errors import ConfigError, LimitError, RnnDemoError, RunError
from rnn_demo.files import Lock, sweep
from rnn_demo.limits import Limits
from rnn_demo.processes import Processes
from rnn_demo.record import ID, RunRecord, new_id
from rnn_demo.run import extend
from rnn_demo.states import ACTIVE, IDLE, RunState, Status, View, view
from rnn_demo.tally import Tally, readable

__all__ = ["Jobs", "Limits", "RunState", "Status", "View", "owner_of", "view"]

LOCAL = "local"  # the person at the machine, who owns everything
Ids = list[str]
TICK = 0.2  # seconds between two looks at processes and queue
NOBODY = "There is no such run, or it is not yours."


def owner_of(secret: str) -> str:
    """The owner that a secret stands for; only this is ever stored."""
    return hashlib.sha256(secret.encode()).hexdigest()


class Jobs:
    """All runs of one folder. Every method may be called from any thread."""

    def __init__(
        self,
        root: Path,
        limits: Limits | None = None,
        *,
        warm: bool = True,
        checkpoint_seconds: float | None = None,
    ) -> None:
        self.root = Path(root)
        self.limits = limits or Limits()
        self.root.mkdir(parents=True, exist_ok=True)
        self.server_lock = Lock(self.root / ".server.lock")
        if not self.server_lock.acquire(wait=1.0):
            raise RunError(f"Another server uses the runs in {self.root}. Stop it, or name others.")
        sweep(self.root)
        self.processes = Processes(self.limits.slots, warm, checkpoint_seconds)
        self._lock = threading.RLock()
        self._queue: list[str] = []  # ids, the next one first
        self._tallies: dict[str, Tally] = {}
        self._keys: dict[str, str] = {}  # request -> id of the run it made
        self._read_what_is_there()
        self._wake = threading.Event()
        self._closed = False
        self._thread = threading.Thread(target=self._loop, name="jobs", daemon=True)
        self._thread.start()

    def _read_what_is_there(self) -> None:
        """Runs of an earlier server: queued ones stay queued, in their order."""
        waiting = []
        for path in self.root.iterdir():
            folder = RunFolder(path)
            if not ID.fullmatch(path.name) or not readable(folder):
                continue
            self._tallies[path.name] = Tally(folder)
            self._keys[folder.record.key] = path.name
            if folder.state() is RunState.QUEUED:
                waiting.append((folder.control().asked_at, path.name))
        self._queue = [run_id for _, run_id in sorted(waiting)]

    # -- looking ------------------------------------------------------------------------------

    def open(self, run_id: str, owner: str | None = None) -> RunFolder:
        """A run by id; with an owner, only if it is theirs. The same error for both."""
        with self._lock:
            tally = self._tallies.get(run_id) if isinstance(run_id, str) else None
        if tally is None or (owner is not None and not self._owns(owner, tally)):
            raise RunError(NOBODY)
        return tally.folder

    def owns(self, run_id: str, owner: str) -> bool:
        """Whether this is their run."""
        tally = self._tallies.get(run_id)
        return tally is not None and self._owns(owner, tally)

    def _owns(self, owner: str, tally: Tally) -> bool:
        return owner == LOCAL or (bool(owner) and tally.folder.record.owner == owner)

    def status(self, run_id: str) -> Status:
        """A run as it is now, for whoever knows its id."""
        self.open(run_id)
        return self._status(run_id)

    def _status(self, run_id: str) -> Status:
        with self._lock:
            position = self._queue.index(run_id) + 1 if run_id in self._queue else 0
            started = self.processes.has(run_id)
        tally = self._tallies[run_id]
        state = tally.folder.state()
        if started and state in IDLE | {RunState.QUEUED} and self._waits(tally.folder):
            state = RunState.STARTING  # handed to a worker that has not said a word yet
        return tally.status(state, position if state is RunState.QUEUED else 0)

    def facts(self, run_id: str, owner: str | None = None) -> dict[str, Any]:
        """Status and view as plain JSON values."""
        status = self.status(run_id)
        seen = view(status, owner is None or self.owns(run_id, owner))
        shown = {"label": seen.label, "buttons": sorted(seen.buttons), "chart": seen.chart}
        return {**status.to_json(), **shown}

    def list(self, owner: str) -> list[Status]:
        """All runs of an owner, newest first."""
        with self._lock:
            mine = [run_id for run_id, tally in self._tallies.items() if self._owns(owner, tally)]
        found = []
        for run_id in mine:
            try:
                found.append(self._status(run_id))
            except (RnnDemoError, KeyError):  # removed or damaged while we looked
                continue
        return sorted(found, key=lambda status: -status.created)

    def counts(self) -> tuple[int, int]:
        """(runs that are trained now, runs that wait)."""
        with self._lock:
            return self.processes.count(), len(self._queue)

    def log_tail(self, run_id: str, owner: str, characters: int = 2000) -> str:
        """The end of what the worker printed."""
        path = self.open(run_id, owner).path / "worker.log"
        return (
            path.read_text(encoding="utf-8", errors="replace")[-characters:]
            if path.exists()
            else ""
        )

    # -- making -------------------------------------------------------------------------------

    def submit(self, corpus: Corpus, wanted: RunConfig, owner: str, key: str | None = None) -> str:
        """Put a new run into the queue; returns its id. The same key again gives the same run."""
        name = wanted.name or corpus.report.name
        with self._lock:
            request = owner_of(f"{owner}\n{key}") if key else new_id()
            if request in self._keys:
                return self._keys[request]
            self.limits.check(corpus.report, wanted)
            self._check_room(owner)
            record = RunRecord(
                name=name,
                owner="" if owner == LOCAL else owner,
                wanted=wanted,
                corpus=corpus.report.to_json(),
                key=request,
            )
            folder = RunFolder.create(self.root / record.id, record, corpus.text)
            self._adopt(folder, record)
            self._enqueue(record.id)
            return record.id

    def fork(
        self,
        run_id: str,
        owner: str,
        wanted: RunConfig | None = None,
        *,
        weights: bool = True,
        key: str | None = None,
    ) -> str:
        """A new run on the same text: with changed settings, from these best weights or anew."""
        parent = self.open(run_id, owner)
        record = parent.record
        wanted = wanted or changed(record.wanted, name=f"{record.name} (fork)"[:80])
        with self._lock:
            request = owner_of(f"{owner}\n{key}") if key else new_id()
            if request in self._keys:
                return self._keys[request]
            self._check_room(owner)
            self.limits.check_budget(wanted.minutes, wanted.steps)
            wanted = _same_network(parent, wanted) if weights else wanted
            child = RunRecord(
                **{**record.__dict__, "id": new_id(), "name": wanted.name or record.name}
                | {"wanted": wanted, "parent": record.id, "key": request, "created": time.time()}
                | {"model": None, "train": None, "reasons": ()}
            )
            folder = RunFolder.create(self.root / child.id, child, parent.text())
            if weights:
                model = parent.best_model()
                folder.save_tokenizer(parent.tokenizer())
                folder.save_start(model.config, model.state_dict())
            self._adopt(folder, child)
            self._enqueue(child.id)
            return child.id

    def add(self, folder: RunFolder) -> str:
        """Take in a run folder that something else made below the root, such as a download."""
        if folder.path.parent.resolve() != self.root.resolve() or not ID.fullmatch(
            folder.path.name
        ):
            raise RunError(f"{folder.path} does not lie in {self.root}.")
        self._adopt(folder, folder.record)
        return folder.path.name

    def _adopt(self, folder: RunFolder, record: RunRecord) -> None:
        with self._lock:
            self._tallies[folder.path.name] = Tally(folder)
            self._keys[record.key] = folder.path.name

    def _check_room(self, owner: str) -> None:
        """Refuse, with the reason, what the server has no room for."""
        limits = self.limits
        mine = [t for t in self._tallies.values() if t.folder.record.owner == owner]
        if owner != LOCAL:
            if len(mine) >= limits.runs_per_owner:
                raise LimitError(f"You keep {len(mine)} runs, the most allowed. Delete one first.")
            busy = sum(t.folder.state() in ACTIVE for t in mine)
            if busy >= limits.waiting_per_owner:
                raise LimitError(f"{busy} of your runs are being trained or wait. Wait for one.")
        if len(self._queue) >= limits.queue:
            raise LimitError(f"The queue is full: {len(self._queue)} runs wait. Try again later.")
        self._make_space()

    def _make_space(self) -> None:
        """Refuse when the runs fill their share of the disk, or the disk is nearly full."""
        usage = shutil.disk_usage(self.root)
        if usage.free < min(usage.total * 0.02, 500e6):
            raise LimitError("The disk of this server is nearly full. Delete runs, then try again.")
        sizes = {run_id: tally.folder.size() for run_id, tally in self._tallies.items()}
        total = sum(sizes.values())
        if total < self.limits.total_bytes:
            return
        for run_id in self._expired():
            self._remove(run_id)
            total -= sizes[run_id]
            if total < self.limits.total_bytes:
                return
        raise LimitError("The runs on this server fill their space. Delete some, then try again.")

    def _expired(self) -> Ids:
        """Idle runs that are old enough to be removed, the oldest first."""
        if not self.limits.keep_hours:
            return []
        before = time.time() - 3600 * self.limits.keep_hours
        old = [
            (tally.folder.record.created, run_id)
            for run_id, tally in self._tallies.items()
            if tally.folder.record.created < before and tally.folder.state() in IDLE
        ]
        return [run_id for _, run_id in sorted(old)]

    # -- wishes -------------------------------------------------------------------------------

    def pause(self, run_id: str, owner: str) -> None:
        """Save and rest. Asking again changes nothing."""
        with self._lock:
            folder = self.open(run_id, owner)
            state = self._status(run_id).state
            if state is RunState.QUEUED:
                self._dequeue(run_id)
                folder.ask("pause", worker=False)
            elif state in (RunState.STARTING, RunState.RUNNING):
                folder.ask("pause")

    def resume(self, run_id: str, owner: str) -> None:
        """Go on where it stopped. Asking again changes nothing."""
        with self._lock:
            self.open(run_id, owner)
            status = self._status(run_id)
            if status.state is RunState.FINISHED:
                raise RunError("This run has used its budget. Train it longer instead.")
            if status.state in IDLE | {RunState.PAUSING, RunState.STOPPING}:
                self._enqueue(run_id)

    def stop(self, run_id: str, owner: str) -> None:
        """End it and keep the best weights, with the read-out. Asking again changes nothing."""
        with self._lock:
            folder = self.open(run_id, owner)
            status = self._status(run_id)
            begun = bool(folder.checkpoints.steps())
            if status.state is RunState.QUEUED and not begun:
                self._dequeue(run_id)
                folder.ask("stop", worker=False)
            elif status.state in (RunState.QUEUED, RunState.PAUSED, RunState.INTERRUPTED) and begun:
                self._enqueue(run_id, "stop")  # a worker measures what it has learned
            elif status.state in ACTIVE | {RunState.PAUSED, RunState.INTERRUPTED}:
                folder.ask("stop")

    def sample(self, run_id: str, owner: str) -> None:
        """Ask for a text by the present weights, soon."""
        with self._lock:
            self.open(run_id, owner).ask(sample=True)

    def extend(
        self, run_id: str, owner: str, *, minutes: float | None = None, steps: int | None = None
    ) -> None:
        """Train longer: so much more than it has been trained."""
        self.limits.check_budget(minutes, steps)
        RunConfig(minutes=minutes, steps=steps)
        if (minutes or steps or 0) <= 0:
            raise ConfigError("Give the minutes or the steps to train longer, above 0.")
        self._change(run_id, owner, lambda folder: extend(folder, minutes=minutes, steps=steps))

    def retry(self, run_id: str, owner: str, learning_rate: float | None = None) -> None:
        """Go on from the last good checkpoint, or anew, with a lower learning rate."""
        wanted = learning_rate or self.status(run_id).retry_learning_rate
        if not wanted:
            raise RunError("This run did not fail by its learning rate. Resume it instead.")
        self._change(run_id, owner, lambda folder: _use_learning_rate(folder, wanted))

    def rename(self, run_id: str, owner: str, name: str) -> None:
        """Another name for display; it is never part of a path."""
        name = " ".join(str(name).split())[:80]
        if not name:
            raise ConfigError("Give the run a name of at least one character.")
        with self._lock:
            self.open(run_id, owner).rewrite(name=name)

    def delete(self, run_id: str, owner: str) -> None:
        """Stop it if it runs, then remove it, text and all."""
        with self._lock:
            folder = self.open(run_id, owner)
            self._dequeue(run_id)
        self.processes.kill(run_id)
        with self._lock:
            if not folder.lock.acquire(wait=1.0):
                raise RunError("Another process trains this run. Stop it there, then delete it.")
            folder.lock.release()
            self._remove(run_id)

    def _remove(self, run_id: str) -> None:
        tally = self._tallies.pop(run_id, None)
        if tally is None:
            return
        self._keys = {key: value for key, value in self._keys.items() if value != run_id}
        doomed = self.root / f".tmp-{run_id}"
        tally.folder.path.rename(doomed)  # gone for everybody at once
        shutil.rmtree(doomed, ignore_errors=True)

    def _change(self, run_id: str, owner: str, change: Callable[[RunFolder], None]) -> None:
        """Change the plan of a run that nobody is training, then go on with it."""
        with self._lock:
            folder = self.open(run_id, owner)
            if self._status(run_id).state in ACTIVE or not folder.lock.acquire():
                raise RunError("This run is being trained, or waits. Pause or stop it first.")
            try:
                change(folder)
            finally:
                folder.lock.release()
            self._enqueue(run_id)

    # -- queue --------------------------------------------------------------------------------

    def _enqueue(self, run_id: str, want: str = "run") -> None:
        self._tallies[run_id].folder.ask(want, worker=True)
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
            except OSError as error:  # a full disk must not end the queue
                logging.getLogger(__name__).warning("%s", error)

    def _look_after(self) -> None:
        with self._lock:
            if self._closed:
                return
            for run_id, code in self.processes.ended():
                self._note_end(run_id, code)
            for run_id in list(self._queue):
                if self.processes.has(run_id):
                    continue  # it goes on as soon as its worker has ended, if it still must
                if not self._waits(self._tallies[run_id].folder):
                    self._dequeue(run_id)  # its worker took the request up before it ended
                elif self.processes.free():
                    self._dequeue(run_id)
                    self.processes.start(run_id, self._tallies[run_id].folder.path)
            self.processes.keep_warm()

    def _note_end(self, run_id: str, code: int) -> None:
        """A worker has ended: leave a word if it did not end by itself."""
        tally = self._tallies.get(run_id)
        if tally is None:
            return
        self.processes.write_exit(tally.folder, code)
        if run_id not in self._queue and self._waits(tally.folder):
            tally.folder.ask(worker=False)  # it died before it took the run up

    def close(self) -> None:
        """Stop looking after runs: workers save and end, the queue stays on disk."""
        with self._lock:
            self._closed = True
        self._wake.set()
        self._thread.join(timeout=10)
        self.processes.close()
        self.server_lock.release()


def _same_network(parent: RunFolder, wanted: RunConfig) -> RunConfig:
    """A fork that keeps the weights keeps the shape of the network and the tokenizer."""
    model = parent.record.model
    if model is None:
        raise RunError("This run has not begun to train, so there is nothing to fork from.")
    shape: dict[str, Any] = {
        "cell": model.cell,
        "hidden": model.hidden_size,
        "layers": model.layers,
        "embedding": model.embedding_size,
    }
    for name, value in shape.items():
        asked = getattr(wanted, name)
        if asked not in (None, value):
            raise ConfigError(f"A fork keeps the network: {name} is {value} and cannot be {asked}.")
    return changed(wanted, tokenizer=parent.tokenizer().kind, vocab_size=None, **shape)


def _use_learning_rate(folder: RunFolder, learning_rate: float) -> None:
    record = folder.record
    folder.rewrite(wanted=changed(record.wanted, learning_rate=learning_rate))
    if record.model and record.train:
        train = changed(record.train, learning_rate=learning_rate)
        folder.save_plan(record.model, train, list(record.reasons))
