"""The process that executes one run: `python -m rnn_demo.jobs.worker RUN_FOLDER`.

With --wait it reads the run folder from standard input, which stays open as long as the server
lives: when it closes, the worker saves a checkpoint and ends, within seconds. So a run never goes
on unseen, and there are never two workers on one run (the lock sees to that, too). With --warm as
well it first does everything once, so that a run begins at once when someone presses Start.

It holds no credentials, gives way to everything else on the machine (nice 10), and what it prints
goes to worker.log in the run folder, at most a megabyte of it.
"""

from __future__ import annotations

import argparse
import contextlib
import faulthandler
import os
import signal
import sys
import threading
import traceback
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np

from rnn_demo.config import CELLS, ModelConfig, TrainConfig
from rnn_demo.errors import RnnDemoError
from rnn_demo.runs.checkpoint import RunFolder
from rnn_demo.runs.record import Control
from rnn_demo.runs.run import CHECKPOINT_SECONDS, resume
from rnn_demo.training.train import Training, new_model

NICE = 10
LOG_BYTES = 1 << 20
LEAVE_SECONDS = 4.0  # to save and end when the server has gone; then the hard way
SECRET_WORDS = ("TOKEN", "SECRET", "PASSWORD", "API_KEY", "CREDENTIAL", "PRIVATE")


def give_way() -> None:
    """Let everything else on the machine go first.

    Linux may group processes by session ("autogroup") and share the time among the groups; what
    counts then is how nice the group is. The server gives each worker a session of its own.
    """
    if hasattr(os, "nice"):
        os.nice(NICE)
    if hasattr(os, "getsid") and os.getsid(0) == os.getpid():
        with contextlib.suppress(OSError):
            Path("/proc/self/autogroup").write_text(str(NICE), encoding="ascii")


def clean_environment(environment: Mapping[str, str]) -> dict[str, str]:
    """What a worker may know of the server's environment: nothing that opens a door."""
    return {
        name: value
        for name, value in environment.items()
        if not any(word in name.upper() for word in SECRET_WORDS)
    }


class Worker:
    """Executes one run, and leaves it in good order when it must go."""

    def __init__(self, folder: RunFolder, checkpoint_seconds: float) -> None:
        self.folder = folder
        self.checkpoint_seconds = checkpoint_seconds
        self.leaving = threading.Event()

    def wishes(self) -> Control:
        """What the user wants; or to leave, if nobody is there to want anything."""
        control = self.folder.control()
        return replace(control, want="leave") if self.leaving.is_set() else control

    def leave(self) -> None:
        """Ask for a checkpoint and the end; after some seconds, end without."""
        if not self.leaving.is_set():
            self.leaving.set()
            timer = threading.Timer(LEAVE_SECONDS, os._exit, [0])
            timer.daemon = True
            timer.start()

    def work(self) -> int:
        """Run to the end of the budget or of someone's patience; returns the exit code."""
        try:
            for _ in resume(
                self.folder,
                wishes=self.wishes,
                asked=True,
                checkpoint_seconds=self.checkpoint_seconds,
            ):
                keep_small(self.folder.path / "worker.log")
        except RnnDemoError as error:
            sys.stderr.write(f"{error}\n")
            return 2
        except Exception:
            traceback.print_exc()
            return 1
        return 0


def keep_small(path: Path) -> None:
    """Begin the log again when it has grown too large."""
    if path.exists() and path.stat().st_size > LOG_BYTES:
        os.truncate(path, 0)


def redirect(path: Path) -> None:
    """From here on everything printed, tracebacks and crashes included, goes to this file."""
    log = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
    keep_small(path)
    sys.stdout.flush()
    os.dup2(log, 1)
    os.dup2(log, 2)
    os.close(log)
    faulthandler.enable()


def watch(worker: Worker) -> None:
    """Leave when standard input closes: the server has gone."""
    while os.read(0, 4096):
        pass
    worker.leave()


def warm_up() -> None:
    """Train two steps of toys of every cell, so that nothing is done for the first time later.

    In one thread: a helper would take seconds to start, and could not be kept.
    """
    ids = np.arange(64, dtype=np.uint8) % 7
    config = TrainConfig(
        minutes=None, steps=2, batch_size=2, sequence_length=4, threads=1, device="cpu"
    )
    for cell in CELLS:
        model = new_model(ModelConfig(vocab_size=7, cell=cell, hidden_size=64), ids, seed=0)
        training = Training(model, ids, ids, config)
        for _ in training.run():
            pass
        training.close()


def main(arguments: list[str] | None = None) -> int:
    """Parse, wait if told to, work."""
    parser = argparse.ArgumentParser(prog="python -m rnn_demo.jobs.worker", description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path)
    parser.add_argument("--wait", action="store_true", help="read the folder from standard input")
    parser.add_argument("--warm", action="store_true", help="train toys before")
    parser.add_argument("--checkpoint-seconds", type=float, default=CHECKPOINT_SECONDS)
    options = parser.parse_args(arguments)
    folder = options.folder
    if options.warm:
        warm_up()
    if options.wait:
        line = _read_line()
        if not line:
            return 0
        folder = Path(line)
    if folder is None:
        parser.error("give a run folder, or --wait")
    give_way()  # not before: somebody waits for a worker to be ready
    worker = Worker(RunFolder.open(folder), options.checkpoint_seconds)
    redirect(worker.folder.path / "worker.log")
    signal.signal(signal.SIGTERM, lambda *_: worker.leave())
    signal.signal(signal.SIGINT, lambda *_: worker.leave())
    if options.wait:
        threading.Thread(target=watch, args=[worker], daemon=True).start()
    return worker.work()


def _read_line() -> str:
    """One line from standard input, read byte by byte so that nothing after it is taken."""
    line = b""
    while (byte := os.read(0, 1)) not in (b"", b"\n"):
        line += byte
    return line.decode()


if __name__ == "__main__":
    sys.exit(main())
