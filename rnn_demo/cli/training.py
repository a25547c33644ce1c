"""train and resume: follow a run's events, and say what they mean."""

from __future__ import annotations

import argparse
import shlex
import signal
import textwrap
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from types import FrameType
from typing import Any

from rnn_demo.cli.finding import find_run
from rnn_demo.cli.progress import Display, line_width
from rnn_demo.config import RunConfig
from rnn_demo.errors import ConfigError, CorpusError, RnnDemoError, RunError, TrainingError
from rnn_demo.events import Event, Failed, Started
from rnn_demo.runs import run as journey
from rnn_demo.runs.checkpoint import RunFolder
from rnn_demo.runs.files import Files
from rnn_demo.runs.record import Control, new_id
from rnn_demo.text import corpus
from rnn_demo.text.corpus import Corpus

SAME_NAME = (
    *("name", "minutes", "steps", "cell", "tokenizer", "vocab_size", "hidden", "layers"),
    *("embedding", "dropout", "batch", "length", "learning_rate", "weight_decay", "split", "seed"),
    *("threads", "device", "prompt", "reset_before", "tie_weights"),
)  # options that are settings of RunConfig


def train(options: argparse.Namespace) -> dict[str, Any]:
    """python -m rnn_demo train"""
    options.words.outlive_reader = True
    wanted = RunConfig(**{name: getattr(options, name) for name in SAME_NAME})
    if options.sample == "list":
        return _list_samples(options)
    parent = find_run(options.parent, options.runs) if options.parent else None
    text = _text(options, parent)
    path = options.run or options.runs / new_id()
    options.words(_heading(text))
    with Interrupts(path) as interrupts:
        events = journey.run(text, wanted, path, parent=parent, wishes=interrupts.wishes)
        with _no_stillborn_run(path), _way_out(options, path):
            _follow(options, events)
    return _end(options, RunFolder.open(path))


def resume(options: argparse.Namespace) -> dict[str, Any]:
    """python -m rnn_demo resume"""
    options.words.outlive_reader = True
    folder = find_run(options.run, options.runs)
    more = options.minutes is not None or options.steps is not None
    if not more and (finished := folder.finished()) and finished.reason != "stopped":
        early = finished.reason == "early"
        ended = "ended early, as nothing got better" if early else "has used its budget"
        raise RunError(f"This run {ended}. Give it more: resume {options.run} --minutes 1")
    rate = options.learning_rate
    if rate is not None and not 0 < rate <= 100:
        raise ConfigError(f"Give a learning rate above 0 and up to 100, not {rate:g}.")
    for budget in (options.minutes, options.steps):
        if budget is not None and budget <= 0:
            raise ConfigError(f"Give a budget above 0, not {budget}.")
    with Interrupts(folder.path) as interrupts:
        events = journey.resume(
            folder,
            minutes=options.minutes,
            steps=options.steps,
            learning_rate=rate,
            wishes=interrupts.wishes,
        )
        with _way_out(options, folder.path):
            _follow(options, events, folder.history())
    return _end(options, folder)


def _text(options: argparse.Namespace, parent: RunFolder | None) -> Corpus:
    """The text to train on: files one after the other, a sample, or that of the parent."""
    if parent and parent.has_text() and not options.text and not options.sample:
        return corpus.read_text(parent.text(), str(parent.record.corpus.get("name") or "text"))
    if bool(options.text) == bool(options.sample):
        raise CorpusError("Give a file of text, or --sample NAME (`--sample list` lists them).")
    if options.sample:
        return corpus.sample(options.sample)
    return corpus.read_files(options.text, options.encoding)


def _heading(text: Corpus) -> str:
    report = text.report
    size = f"{report.characters:,} characters, {report.symbols:,} different"
    lines = [f"{report.name}: {size} ({report.encoding}).", report.verdict, *report.notes]
    if report.encoding not in ("UTF-8", "Unicode"):
        lines.append(f"It begins: {' '.join(text.text[:200].split())[:60]} ...")
        lines.append("If that is wrong, say what it is in: --encoding NAME")
    return "\n".join(textwrap.fill(line, line_width()) for line in lines) + "\n"


@contextmanager
def _no_stillborn_run(path: Path) -> Iterator[None]:
    """A mistake in the settings that shows before the first step leaves no run behind."""
    was_there = path.exists()
    try:
        yield
    except RnnDemoError:
        if not was_there and not any(isinstance(e, Started) for e in RunFolder(path).events()):
            Files().remove(path)
        raise


@contextmanager
def _way_out(options: argparse.Namespace, path: Path) -> Iterator[None]:
    """After an explosion: the command that tries again."""
    try:
        yield
    except TrainingError:
        failed = RunFolder(path).log.last()[0]
        if isinstance(failed, Failed) and failed.learning_rate:
            again = f"resume {shlex.quote(str(path))} --learning-rate {failed.learning_rate:g}"
            options.words(f"\nTry again with:  python -m rnn_demo {again}\n")
        raise


def _list_samples(options: argparse.Namespace) -> dict[str, Any]:
    for name, about in corpus.SAMPLES.items():
        options.words(f"{name:18} {about}")
    return {"samples": dict(corpus.SAMPLES)}


def _follow(
    options: argparse.Namespace, events: Iterator[Event], before: Iterable[Event] = ()
) -> None:
    """Show every event, in the light of what the run has known before."""
    with Display(options.words, before) as display:
        for event in events:
            display.show(event)


def _end(options: argparse.Namespace, folder: RunFolder) -> dict[str, Any]:
    """What comes after the last event: figures, and what to do next."""
    path = shlex.quote(str(folder.path))
    if not folder.finished():
        options.words(f"\nSaved. Go on with:  python -m rnn_demo resume {path}")
    else:
        prompt = shlex.quote(getattr(options, "prompt", "") or _first_word(folder))
        options.words(f"\nWrite with it:  python -m rnn_demo generate {path} --prompt {prompt}")
        options.words(f"Train longer:   python -m rnn_demo resume {path} --minutes 5")
    return journey.summary(folder)


def _first_word(folder: RunFolder) -> str:
    """What the text begins with, to begin with as well."""
    words = folder.text()[:200].split()
    return words[0][:20] if words else ""


class Interrupts:
    """Ctrl-C, or a polite request to end, becomes a wish to pause; a second Ctrl-C breaks off."""

    def __init__(self, path: Path) -> None:
        self.folder = RunFolder(path)
        self.wanted = False
        self.before: dict[int, Any] = {}

    def wishes(self) -> Control:
        """What was asked for here, or else on a page that shows the run."""
        control = self.folder.control()
        return replace(control, want="pause") if self.wanted else control

    def _heard(self, number: int, frame: FrameType | None) -> None:
        if self.wanted:
            raise KeyboardInterrupt
        self.wanted = True

    def __enter__(self) -> Interrupts:
        for number in (signal.SIGINT, signal.SIGTERM):
            self.before[number] = signal.signal(number, self._heard)
        return self

    def __exit__(self, *error: object) -> None:
        for number, handler in self.before.items():
            signal.signal(number, handler)
