"""What the live chart asks for: the events of a run as columns, whole once and then only news.

A tail per run is shared by all viewers: each line of events.jsonl is parsed once. The page names
what it has (`epoch`, `since`); when a resumed run takes steps back, or the file was written anew,
the epoch changes and the page gets everything again.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rnn_demo.events import Evaluated, Event, Progress, Sampled, Saved, Started
from rnn_demo.runs.log import NewEvents
from rnn_demo.ui.words import remark

if TYPE_CHECKING:
    from rnn_demo.ui.context import Context

MOST_POINTS = 2_000  # of training loss that a page gets at once
MOST_SAMPLES = 60
SAMPLE_CHARACTERS = 600
MOST_RUNS = 128  # tails that are kept
PROGRESS = {
    "step": "step",
    "seconds": "seconds",
    "nats": "nats_per_char",
    "speed": "tokens_per_second",
    "rate": "learning_rate",
    "norm": "gradient_norm",
    "clipped": "clipped",
}
EVALUATED = {
    "step": "step",
    "seconds": "seconds",
    "nats": "nats_per_char",
    "bits_per_byte": "bits_per_byte",
    "best": "best",
}


@dataclass
class Tail:
    """The events of one run so far; `count` numbers them, from the first of this epoch."""

    path: Path
    epoch: int = field(default_factory=lambda: int(time.time() * 1000) % 2**40)
    count: int = 0
    inode: int = 0
    progress: list[tuple[int, Progress]] = field(default_factory=list)
    evaluated: list[tuple[int, Evaluated]] = field(default_factory=list)
    sampled: list[tuple[int, Sampled]] = field(default_factory=list)
    others: list[tuple[int, Event]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._new = NewEvents(self.path)

    def read(self) -> None:
        """Take in the lines that were completed since the last call."""
        try:
            found = self.path.stat()
        except FileNotFoundError:
            return
        if found.st_size < self._new.offset or (self.inode and found.st_ino != self.inode):
            self._begin_again()
        self.inode = found.st_ino
        for event in self._new.read():
            if event is not None:  # a torn line, after a crash
                self.take(event)

    def take(self, event: Event) -> None:
        """Sort one event in; a run that goes on from an earlier step loses the later points."""
        if isinstance(event, Started):
            self._back_to(event.step)
        if isinstance(event, Progress):
            self.progress.append((self.count, event))
        elif isinstance(event, Evaluated):
            self.evaluated.append((self.count, event))
        elif isinstance(event, Sampled):
            self.sampled.append((self.count, event))
        elif not isinstance(event, Saved):
            self.others.append((self.count, event))
        self.count += 1

    def _back_to(self, step: int) -> None:
        last = max(
            (rows[-1][1].step for rows in (self.progress, self.evaluated) if rows), default=0
        )
        if last <= step:
            return
        self.progress = [row for row in self.progress if row[1].step <= step]
        self.evaluated = [row for row in self.evaluated if row[1].step <= step]
        self.sampled = [row for row in self.sampled if row[1].step <= step]
        self.epoch += 1

    def _begin_again(self) -> None:
        self._new, self.count = NewEvents(self.path), 0
        self.progress, self.evaluated, self.sampled, self.others = [], [], [], []
        self.epoch += 1


def columns(rows: list[Any], names: dict[str, str]) -> dict[str, list[Any]]:
    """Events as columns, floats to five digits: about 25 bytes a point."""
    return {short: [_short(getattr(row, name)) for row in rows] for short, name in names.items()}


def _short(value: Any) -> Any:
    return float(f"{value:.5g}") if isinstance(value, float) else value


def decimate(rows: list[Progress], most: int = MOST_POINTS) -> list[Progress]:
    """The lowest and highest loss of every bucket, so that no spike is lost; ends are kept."""
    if len(rows) <= most:
        return rows
    buckets = most // 2 - 1
    chosen = {0, len(rows) - 1}
    for bucket in range(buckets):
        part = range(bucket * len(rows) // buckets, (bucket + 1) * len(rows) // buckets)
        chosen.add(min(part, key=lambda i: rows[i].nats_per_char))
        chosen.add(max(part, key=lambda i: rows[i].nats_per_char))
    return [rows[i] for i in sorted(chosen)]


def news(tail: Tail, since: int, epoch: int) -> dict[str, Any]:
    """The rows that a page which has `since` events of `epoch` does not have yet."""
    reset = epoch != tail.epoch or not 0 <= since <= tail.count
    first = 0 if reset else since
    samples = [row for number, row in tail.sampled if number >= first]
    if len(samples) > MOST_SAMPLES:  # spread over the run, the last one always among them
        samples = [
            samples[i * (len(samples) - 1) // (MOST_SAMPLES - 1)] for i in range(MOST_SAMPLES)
        ]
    progress = decimate([row for number, row in tail.progress if number >= first])
    evaluated = [row for number, row in tail.evaluated if number >= first]
    return {
        "epoch": tail.epoch,
        "next": tail.count,
        "reset": reset,
        "progress": columns(progress, PROGRESS),
        "evaluated": columns(evaluated, EVALUATED),
        "samples": [_sample(row) for row in samples],
        "others": [
            {"event": type(row).__name__, **asdict(row)}
            for number, row in tail.others
            if number >= first
        ],
    }


def _sample(row: Sampled) -> dict[str, Any]:
    return {"step": row.step, "prompt": row.prompt[:200], "text": row.text[:SAMPLE_CHARACTERS]}


class LiveRuns:
    """The tails of the runs that somebody looks at."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._tails: OrderedDict[str, Tail] = OrderedDict()
        self._lock = threading.Lock()

    def tail(self, run_id: str) -> Tail:
        """The run's events up to now. Raises RunError for a run that is not there."""
        path = self._context.open_run(run_id).path / "events.jsonl"
        with self._lock:
            tail = self._tails.pop(run_id, None) or Tail(path)
            self._tails[run_id] = tail  # the newest last
            while len(self._tails) > MOST_RUNS:
                self._tails.popitem(last=False)
            tail.read()
            return tail

    def rows(self, run_id: str, since: int, epoch: int) -> dict[str, Any]:
        """The whole answer to the page: news, the run's state, and one sentence about it."""
        tail = self.tail(run_id)
        with self._lock:
            answer = news(tail, since, epoch)
            answer["remark"] = remark(tail)
        answer["run"] = self._context.run_facts(run_id, whole=bool(answer["reset"]))
        return answer
