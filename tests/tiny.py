"""Tiny texts and runs: everything real, nothing that takes a second."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from rnn_demo.config import RunConfig
from rnn_demo.events import Event
from rnn_demo.runs import run
from rnn_demo.runs.checkpoint import RunFolder
from rnn_demo.runs.record import Control
from rnn_demo.text import corpus
from rnn_demo.text.corpus import Corpus

LINES = ("the sea is wide", "a boat is small", "gulls cry over the grey harbour", "we row home")
TEXT = "".join(f"{LINES[(7 * i * i) % 4]}, {LINES[(3 * i) % 4]}.\n" for i in range(60))


def tiny_corpus() -> Corpus:
    return corpus.read_text(TEXT, "harbour.txt")


def tiny_config(**changes: Any) -> RunConfig:
    """A dozen updates of a network of eight units, on one thread."""
    settings = {
        "steps": 12,
        "cell": "gru",
        "hidden": 8,
        "layers": 1,
        "embedding": 4,
        "batch": 4,
        "length": 8,
        "dropout": 0.0,
        "threads": 1,
        "device": "cpu",
    }
    return RunConfig(**{**settings, **changes})


class Wishes:
    """What a user wants, as a value that a test sets between two events."""

    def __init__(self) -> None:
        self.control = Control()

    def __call__(self) -> Control:
        return self.control

    def want(self, what: str) -> None:
        self.control = Control(want=what)


def run_until(events: Iterator[Event], wishes: Wishes, step: int, want: str) -> list[Event]:
    """Iterate to the end; from this step on the user wants something."""
    seen = []
    for event in events:
        seen.append(event)
        if getattr(event, "step", 0) >= step:
            wishes.want(want)
    return seen


def finished_run(path: Path, **changes: Any) -> RunFolder:
    """A run that has been trained to its end."""
    list(run.run(tiny_corpus(), tiny_config(**changes), path))
    return RunFolder.open(path)
