"""Child processes that train, to be killed. Kept apart so that a child imports little."""

from __future__ import annotations

import os
import signal
from pathlib import Path

from rnn_demo.runs import journey, readout, run
from rnn_demo.runs.checkpoint import RunFolder
from rnn_demo.runs.files import Files
from rnn_demo.training import train


def hurry() -> None:
    """Report after every step; write little text."""
    train.REPORT_SECONDS = 0.0
    readout.READ_OUT_CHARACTERS, journey.SAMPLE_CHARACTERS = 50, 20


def train_on(path: Path) -> None:
    """Go on with a run, with a checkpoint after every step."""
    hurry()
    list(run.resume(RunFolder.open(path), checkpoint_seconds=0))


def train_until_operation(path: Path, number: int) -> None:
    """The same, until the n-th operation on the disk kills this process half way."""
    hurry()
    list(run.resume(RunFolder.open(path, KillingFiles(number)), checkpoint_seconds=0))


class KillingFiles(Files):
    """Kills its own process in the middle of the n-th operation."""

    def __init__(self, number: int) -> None:
        self.left = number

    def _count(self) -> bool:
        self.left -= 1
        return self.left == 0

    def write(self, path: Path, data: bytes) -> None:
        if self._count():
            path.write_bytes(data[: len(data) // 2])
            die()
        super().write(path, data)

    def sync(self, path: Path) -> None:
        if self._count():
            die()
        super().sync(path)

    def rename(self, source: Path, target: Path) -> None:
        last = self._count()
        super().rename(source, target)
        if last:
            die()

    def append(self, path: Path, line: bytes) -> None:
        if self._count():
            super().append(path, line[: len(line) // 2])
            die()
        super().append(path, line)

    def remove(self, path: Path) -> None:
        if self._count():
            die()
        super().remove(path)


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)
