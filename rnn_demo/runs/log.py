"""events.jsonl: one line per event, only ever added to.

One process writes: the one that holds the run's lock. Each line is one write, so a kill leaves
whole lines and at most one torn last line, which readers leave out and the next writer cuts off.
A run that was killed goes on from its last checkpoint, so some steps happen twice: history()
leaves out what was overtaken.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from rnn_demo.errors import DamagedError
from rnn_demo.events import Evaluated, Event, Sampled, Started, from_json
from rnn_demo.runs.files import Files

BLOCK = 64 * 1024


class NewEvents:
    """Hands out what was added since the last look, and keeps nothing."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.offset = 0  # bytes that are read
        self.lines = 0

    def read(self) -> list[Event | None]:
        """An entry per whole new line; None for one that cannot be read."""
        try:
            size = self.path.stat().st_size
            if size == self.offset:
                return []
            with self.path.open("rb") as file:
                file.seek(self.offset)
                data = file.read()
        except FileNotFoundError:
            return []
        whole = data[: data.rfind(b"\n") + 1]
        self.offset += len(whole)
        found = [_event(line) for line in whole.split(b"\n")[:-1]]
        self.lines += len(found)
        return found


class EventLog:
    """All events of a run; a reader may keep one of these for hours."""

    def __init__(self, path: Path, files: Files | None = None) -> None:
        self.path = path
        self.files = files or Files()
        self._new = NewEvents(path)
        self._events: list[Event] = []

    def append(self, event: Event) -> None:
        """Add one event. For the process that holds the lock."""
        self.files.append(self.path, event.to_json().encode() + b"\n")

    def repair(self) -> int:
        """Cut off a torn last line; returns how many bytes. For the process that holds the lock."""
        if not self.path.exists():
            return 0
        with self.path.open("r+b") as file:
            size = file.seek(0, os.SEEK_END)
            whole = _end_of_last_line(file, size)
            if whole < size:
                file.truncate(whole)
        return size - whole

    def read(self) -> tuple[list[Event], int]:
        """(all events so far, number of lines); a line that cannot be read is no event."""
        self._events += [event for event in self._new.read() if event is not None]
        return list(self._events), self._new.lines

    def last(self) -> tuple[Event | None, int]:
        """(last whole event, where it ends in bytes), without reading what lies before it."""
        try:
            with self.path.open("rb") as file:
                end = _end_of_last_line(file, file.seek(0, os.SEEK_END))
                start = _end_of_last_line(file, max(0, end - 1))
                file.seek(start)
                return (from_json(file.read(end - start).decode()), end) if end else (None, 0)
        except (FileNotFoundError, DamagedError, UnicodeDecodeError):
            return None, 0


def history(events: Iterable[Event]) -> list[Event]:
    """Events without what a resume from an earlier step overtook: steps never go back."""
    kept: list[Event] = []
    again = -1  # the step that training last went on from
    for event in events:
        if isinstance(event, Started):
            kept = [old for old in kept if getattr(old, "step", 0) <= event.step]
            again = event.step
        if isinstance(event, Evaluated) and event.step == again:  # validated once more
            kept = [old for old in kept if not _of_validation(old, again)]
        kept.append(event)
    return kept


def _of_validation(event: Event, step: int) -> bool:
    return isinstance(event, Evaluated | Sampled) and event.step == step


def _event(line: bytes) -> Event | None:
    try:
        return from_json(line.decode())
    except (DamagedError, UnicodeDecodeError):
        return None


def _end_of_last_line(file, end: int) -> int:  # type: ignore[no-untyped-def]
    """The place after the last line break before `end`; 0 if there is none."""
    while end > 0:
        start = max(0, end - BLOCK)
        file.seek(start)
        found = file.read(end - start).rfind(b"\n")
        if found >= 0:
            return start + found + 1
        end = start
    return 0
