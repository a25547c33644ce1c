"""The worker processes that a server has started, and one that is warm and waits."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from rnn_demo.jobs.tally import EXIT
from rnn_demo.jobs.worker import LEAVE_SECONDS, clean_environment
from rnn_demo.messages.message import Message, to_json
from rnn_demo.runs.checkpoint import RunFolder
from rnn_demo.runs.files import json_bytes, write_atomically
from rnn_demo.runs.states import RunState

PACKAGE_PARENT = Path(__file__).resolve().parents[2]


@dataclass
class Started:
    """A worker at work on a run."""

    run_id: str
    process: subprocess.Popen
    seconds: float  # of training that the run had before


class Processes:
    """Starts workers, in sessions of their own, and tells when they have ended.

    Only processes that were started here are ever signalled, by their handles.
    """

    def __init__(self, slots: int, warm: bool, checkpoint_seconds: float | None) -> None:
        self.slots = slots
        self.warm = warm
        self.arguments = [sys.executable, "-m", "rnn_demo.jobs.worker", "--wait"]
        if checkpoint_seconds is not None:
            self.arguments += ["--checkpoint-seconds", str(checkpoint_seconds)]
        self._started: dict[str, Started] = {}
        self._waiting: subprocess.Popen | None = None

    def count(self) -> int:
        return len(self._started)

    def free(self) -> bool:
        """Whether another run may be started."""
        return len(self._started) < self.slots

    def has(self, run_id: str) -> bool:
        """Whether a worker of ours is at this run."""
        return run_id in self._started

    def running(self) -> list[str]:
        """Ids of the runs that our workers are at."""
        return list(self._started)

    def seconds_before(self, run_id: str) -> float:
        """Of training that a run had when our worker took it up."""
        return self._started[run_id].seconds

    def start(self, run_id: str, path: Path, seconds: float) -> None:
        """Give a run with so much training behind it to the warm worker, or to a new one."""
        (path / EXIT).unlink(missing_ok=True)  # how the last one ended is of no interest any more
        process = self._take_waiting()
        assert process.stdin
        process.stdin.write(f"{path.resolve()}\n".encode())
        process.stdin.flush()
        self._started[run_id] = Started(run_id, process, seconds)

    def _take_waiting(self) -> subprocess.Popen:
        process, self._waiting = self._waiting, None
        if process is None or process.poll() is not None:
            process = self._spawn()
        return process

    def warmth_is_missing(self) -> bool:
        """Whether a worker should wait, warm, for the next run, and none does."""
        return self.warm and (self._waiting is None or self._waiting.poll() is not None)

    def warm_up(self) -> None:
        """Have a worker ready for the next run: to import everything takes it seconds."""
        self._waiting = self._spawn("--warm")

    def _spawn(self, *options: str) -> subprocess.Popen:
        environment = clean_environment(os.environ)
        path = [str(PACKAGE_PARENT), *filter(None, [environment.get("PYTHONPATH")])]
        return subprocess.Popen(
            [*self.arguments, *options],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env={**environment, "PYTHONPATH": os.pathsep.join(path)},
            start_new_session=True,
        )

    def ended(self) -> list[tuple[str, int]]:
        """(run id, exit code) of the workers that have ended since the last look."""
        found = []
        for run_id, started in list(self._started.items()):
            code = started.process.poll()
            if code is not None:
                self._close_pipe(started.process)
                del self._started[run_id]
                found.append((run_id, code))
        return found

    def kill(self, run_id: str) -> None:
        """End a worker at once. Its run folder minds no kill."""
        started = self._started.get(run_id)
        if started:
            started.process.kill()
            started.process.wait(timeout=10)

    def close(self) -> None:
        """Let all workers save and end; those that do not are ended."""
        everyone = [started.process for started in self._started.values()]
        if self._waiting:
            self._waiting.kill()  # it has nothing to save, and may be busy warming up
            everyone.append(self._waiting)
        for process in everyone:
            self._close_pipe(process)
        until = time.monotonic() + LEAVE_SECONDS + 2
        for process in everyone:
            try:
                process.wait(timeout=max(0.1, until - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait(timeout=10)
        self._started, self._waiting = {}, None

    def _close_pipe(self, process: subprocess.Popen) -> None:
        if process.stdin:
            with contextlib.suppress(BrokenPipeError):
                process.stdin.close()

    def write_exit(self, folder: RunFolder, code: int) -> None:
        """Note how a worker ended, for a run that it left without a last word."""
        message = exit_message(code)
        if folder.state() is RunState.INTERRUPTED and message:
            record = json_bytes({"code": code, "message": to_json(message)})
            write_atomically(folder.files, folder.path / EXIT, record)


def exit_message(code: int) -> str:
    """What an exit code means to people."""
    if code == 0:
        return ""
    if code == -9:
        return Message("train.killed")
    return Message("train.crashed", signal=-code) if code < 0 else Message("train.ended")
