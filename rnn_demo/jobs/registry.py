"""Which runs there are in a folder, whose they are, and whether there is room for another."""

from __future__ import annotations

import hashlib
import itertools
import shutil
import threading
import time
from pathlib import Path

from rnn_demo.errors import LimitError, RunError
from rnn_demo.jobs.limits import Limits
from rnn_demo.jobs.tally import Tally, readable
from rnn_demo.runs.checkpoint import RunFolder
from rnn_demo.runs.files import TEMPORARY, Lock, sweep
from rnn_demo.runs.record import ID, LONGEST_NAME
from rnn_demo.runs.states import ACTIVE, IDLE, RunState

LOCAL = "local"  # the person at the machine, who owns everything
LEAST_FREE = 500_000_000  # bytes that stay free on the disk, or 2 % of a small one


def owner_of(secret: str) -> str:
    """The owner that a secret stands for; only this is ever stored."""
    return hashlib.sha256(secret.encode()).hexdigest()


class Registry:
    """The runs below one folder. One server at a time: it holds a lock on the folder."""

    def __init__(self, root: Path, limits: Limits) -> None:
        self.root = root
        self.limits = limits
        root.mkdir(parents=True, exist_ok=True)
        self.server_lock = Lock(root / ".server.lock")
        if not self.server_lock.acquire(wait=1.0):
            raise RunError("run.server", root=root)
        sweep(root)
        self._lock = threading.RLock()
        self._tallies: dict[str, Tally] = {}
        self._requests: dict[str, str] = {}  # request -> id of the run that it made
        self._addresses: dict[str, str] = {}  # run -> where it was asked for, since this start
        for path in root.iterdir():
            folder = RunFolder(path)
            if ID.fullmatch(path.name) and readable(folder):
                self.take_in(folder)

    def take_in(self, folder: RunFolder, address: str = "") -> str:
        """Know this run from now on; returns its id."""
        with self._lock:
            if address:
                self._addresses[folder.path.name] = address
            self._tallies[folder.path.name] = Tally(folder)
            self._requests[folder.record.key] = folder.path.name
        return folder.path.name

    def made_by(self, request: str) -> str | None:
        """The run that the same request has made before."""
        with self._lock:
            return self._requests.get(request)

    def find(self, run_id: object, owner: str | None = None) -> Tally:
        """A run by id; with an owner, only if it is theirs. The same error for both."""
        with self._lock:
            tally = self._tallies.get(run_id) if isinstance(run_id, str) else None
        if tally is None or (owner is not None and not owns(owner, tally)):
            raise RunError("run.nobody")
        return tally

    def known(self, run_id: str) -> Tally | None:
        """The same without an error."""
        with self._lock:
            return self._tallies.get(run_id)

    def of(self, owner: str) -> list[str]:
        """Ids of an owner's runs."""
        return [tally.folder.path.name for tally in self._owned(owner)]

    def _owned(self, owner: str) -> list[Tally]:
        with self._lock:
            return [tally for tally in self._tallies.values() if owns(owner, tally)]

    def free_name(self, owner: str, name: str) -> str:
        """The name, or with a number behind it what none of the owner's runs is called."""
        taken = {t.folder.record.name for t in self._owned(owner) if readable(t.folder)}
        numbered = (f"{name[: LONGEST_NAME - 5]} {number}" for number in itertools.count(2))
        return next(each for each in itertools.chain([name], numbered) if each not in taken)

    def waiting(self) -> list[str]:
        """Ids of the runs that wait for a worker, in the order in which they were asked for."""
        with self._lock:
            tallies = list(self._tallies.items())
        found = [
            (tally.folder.control().asked_at, run_id)
            for run_id, tally in tallies
            if tally.folder.state() is RunState.QUEUED
        ]
        return [run_id for _, run_id in sorted(found)]

    def remove(self, run_id: str) -> None:
        """Remove a run with everything in it; it is gone for everybody at once."""
        with self._lock:
            tally = self._tallies.pop(run_id, None)
            self._addresses.pop(run_id, None)
            self._requests = {k: v for k, v in self._requests.items() if v != run_id}
        if tally:
            doomed = self.root / f"{TEMPORARY}{run_id}"
            tally.folder.path.rename(doomed)
            shutil.rmtree(doomed, ignore_errors=True)

    # -- room ---------------------------------------------------------------------------------

    def check_room(self, owner: str, more: int = 1) -> None:
        """Refuse, with the reason, so many more runs that this server has no room for."""
        count = len(self.of(owner))
        if owner != LOCAL and count + more > self.limits.runs_per_owner:
            raise LimitError("limit.runs", count=count)
        self._make_space()

    def address_of(self, run_id: str) -> str:
        """Where this run was asked for, if that is still known."""
        with self._lock:
            return self._addresses.get(run_id, "")

    def check_queue(
        self, owner: str, queued: int, more: int = 1, address: str = "", besides: str = ""
    ) -> None:
        """Refuse, with the reason, so many more runs that wait: of this owner, of all who come
        from this address, or of all. `besides`: a run that is not counted, as it is to go on."""
        busy = _busy(self._owned(owner), besides)
        if owner != LOCAL and busy + more > self.limits.waiting_per_owner:
            raise LimitError("limit.busy", count=busy)
        if address:
            with self._lock:
                near = [self._tallies[run] for run, at in self._addresses.items() if at == address]
            beside = _busy(near, besides)
            if beside + more > self.limits.waiting_per_address:
                raise LimitError("limit.busy.address", count=beside)
        if queued + more > self.limits.queue:
            raise LimitError("limit.queue", count=queued)

    def _make_space(self) -> None:
        """Refuse when the disk is nearly full, or the runs fill their part of it."""
        usage = shutil.disk_usage(self.root)
        if usage.free < min(usage.total * 0.02, LEAST_FREE):
            raise LimitError("limit.disk.full")
        with self._lock:
            sizes = {run_id: tally.folder.size() for run_id, tally in self._tallies.items()}
        total = sum(sizes.values())
        for run_id in self._expired() if total >= self.limits.total_bytes else []:
            self.remove(run_id)
            total -= sizes[run_id]
        if total >= self.limits.total_bytes:
            raise LimitError("limit.space")

    def _expired(self) -> list[str]:
        """Idle runs that are old enough to be removed when space is needed."""
        if not self.limits.keep_hours:
            return []
        before = time.time() - 3600 * self.limits.keep_hours
        with self._lock:
            return [
                run_id
                for run_id, tally in self._tallies.items()
                if tally.created < before and tally.folder.state() in IDLE
            ]

    def close(self) -> None:
        """Let another server use the folder."""
        self.server_lock.release()


def owns(owner: str, tally: Tally) -> bool:
    """Whether this run is theirs; the empty owner owns nothing."""
    return owner == LOCAL or (bool(owner) and tally.owner == owner)


def _busy(tallies: list[Tally], besides: str) -> int:
    """How many of them wait or are trained."""
    return sum(t.folder.state() in ACTIVE for t in tallies if t.folder.path.name != besides)
