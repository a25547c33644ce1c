"""A run's events on a terminal: a bar, a line per validation beside the baselines, samples."""

from __future__ import annotations

import math
import shutil
import sys
import textwrap
from collections.abc import Iterable
from functools import singledispatchmethod

from tqdm import tqdm

from rnn_demo.cli.words import Words
from rnn_demo.events import (
    BaselinesMeasured,
    Evaluated,
    Event,
    Failed,
    Finished,
    Paused,
    Planned,
    Progress,
    Recovered,
    Sampled,
    Started,
    TokenizerLearned,
)

WIDTH = 88  # columns, at most
SAMPLES = 5  # shown during a run


def line_width() -> int:
    """Columns that a line may fill on this terminal."""
    return min(WIDTH, shutil.get_terminal_size((WIDTH, 24)).columns - 1)


class Display:
    """Shows events as they come. Losses are bits per character: lower is better."""

    def __init__(self, words: Words, before: Iterable[Event] = ()) -> None:
        self.words = words
        self.bar: tqdm | None = None
        self.share = 0.0
        self.train_bits: float | None = None
        self.sampled = -1.0  # share of the budget at the last sample shown
        self.fresh = False  # whether we saw the run begin
        self.order = 0  # of the n-gram baseline
        self.baselines: dict[str, float] = {}  # not beaten yet
        self.all_baselines: dict[str, float] = {}
        for event in before:  # of a run that goes on
            if isinstance(event, BaselinesMeasured):
                self.show(event)

    def __enter__(self) -> Display:
        return self

    def __exit__(self, *error: object) -> None:
        self._close_bar()

    def say(self, text: str = "") -> None:
        """A line for people, above the bar."""
        if self.bar is not None:
            self.bar.clear()
        self.words(text)
        if self.bar is not None:
            self.bar.refresh()

    @singledispatchmethod
    def show(self, event: Event) -> None:
        """Show one event; kinds without a method of their own are not shown."""

    @show.register
    def _(self, event: TokenizerLearned) -> None:
        kind = {"char": "characters", "byte": "bytes", "subword": "pieces of words"}[event.kind]
        self.say(f"The network reads {kind}: {event.vocab_size:,} different ones.")

    @show.register
    def _(self, event: Planned) -> None:
        self.fresh = True
        for reason in event.reasons:
            self.say(
                textwrap.fill(reason, line_width(), initial_indent="- ", subsequent_indent="  ")
            )
        self.say(f"- {event.parameters:,} weights to learn.")

    @show.register
    def _(self, event: Started) -> None:
        if self.bar is not None:  # threads were chosen anew
            self.say(event.note)
            return
        threads = f"{event.threads} thread{'s' if event.threads > 1 else ''}"
        place = f"{event.device}, {threads}" if event.device == "cpu" else event.device
        begin = "Training" if self.fresh else f"Going on from step {event.step:,}"
        self.say(f"\n{begin} on {place}. {event.note}".rstrip())
        self.say("Bits per character, lower is better. Held-out text is never trained on.\n")
        self.say(f"{'step':>8}  {'time':>6}  {'training':>8}  {'held-out':>8}")
        form = "{percentage:3.0f} %|{bar}| {elapsed}{postfix}"
        self.bar = tqdm(
            total=1.0,
            bar_format=form,
            ncols=line_width(),
            disable=None,
            leave=False,
            file=sys.stderr,
        )

    @show.register
    def _(self, event: Progress) -> None:
        self.share = event.share
        self.train_bits = _bits(event.nats_per_char)
        if self.bar is not None:
            self.bar.n = min(1.0, event.share)
            left = event.seconds / event.share * (1 - event.share) if event.share > 0.01 else 0
            self.bar.set_postfix_str(
                f"{_clock(left)} left, {event.tokens_per_second:,.0f} symbols/s, "
                f"{self.train_bits:.3f} bits"
            )

    @show.register
    def _(self, event: BaselinesMeasured) -> None:
        self.order, self.baselines = event.ngram_order, event.nats_per_char
        self.all_baselines = event.nats_per_char

    @show.register
    def _(self, event: Evaluated) -> None:
        train = f"{self.train_bits:8.3f}" if self.train_bits is not None else " " * 8
        held_out = f"{_bits(event.nats_per_char):8.3f}  {'best so far' if event.best else ''}"
        when = f"{event.step:8,}  {_clock(event.seconds):>6}"
        self.say(f"{when}  {train}  {held_out}".rstrip())
        passed = self._newly_passed(event.nats_per_char)
        if passed:
            indent = " " * 10
            self.say(textwrap.fill(passed, line_width(), initial_indent=indent,
                                   subsequent_indent=indent))  # fmt: skip

    def _newly_passed(self, nats: float) -> str:
        """Say it, once, when a baseline is beaten."""
        beaten = [name for name, value in self.baselines.items() if nats < value]
        self.baselines = {n: v for n, v in self.baselines.items() if n not in beaten}
        if not beaten:
            return ""
        return "better than " + " and ".join(_baseline_name(n, self.order) for n in beaten)

    @show.register
    def _(self, event: Sampled) -> None:
        if self.share - self.sampled < 1 / SAMPLES and self.sampled >= 0:
            return
        self.sampled = self.share
        self.say(quoted(event.prompt + event.text, 3))

    @show.register
    def _(self, event: Recovered) -> None:
        self.say(f"Note: {event.message}")

    @show.register
    def _(self, event: Paused) -> None:
        self._close_bar()
        self.say(f"\nPaused at step {event.step:,}; everything is saved.")

    @show.register
    def _(self, event: Failed) -> None:
        self._close_bar()
        self.say()

    @show.register
    def _(self, event: Finished) -> None:
        self._close_bar()
        why = {
            "budget": "The budget is used",
            "early": "Held-out text stopped getting better, so training ended early",
            "stopped": "Stopped",
        }
        self.say(
            f"\n{why.get(event.reason, event.reason)}: {_clock(event.seconds)} of training, "
            f"{event.step:,} steps, {event.tokens_per_second:,.0f} symbols a second.\n"
        )
        figures = {"network": event.validation_nats_per_char, **self.all_baselines}
        for line in ["On the held-out text:", *table(figures, self.order), "", *read_out(event)]:
            self.say(line)
        if self.all_baselines.get("ngram", 0) and figures["network"] > self.all_baselines["ngram"]:
            needs = "more text" if event.reason == "early" else "more time, or more text"
            self.say(f"Counting is still ahead: the network needs {needs}.")

    def _close_bar(self) -> None:
        if self.bar is not None:
            self.bar.close()
            self.bar = None


def read_out(event: Finished) -> list[str]:
    """The honest figures of a finished run, a line each."""
    lines = [f"The best weights are those of step {event.best_step:,}."]
    if event.test_nats_per_char is not None:
        bits = _bits(event.test_nats_per_char)
        lines.append(
            f"On the test part, which no choice was made by: {bits:.3f} bits per character."
        )
    if event.copied_share is not None:
        held_out = event.held_out_copied_share or 0
        lines.append(
            f"Copied: {event.copied_share:.1%} of what it writes stands in the training text word "
            f"for word;\nof text that it has never seen, {held_out:.1%} does."
        )
    return lines


def table(nats: dict[str, float], order: int) -> list[str]:
    """Network and baselines, the worst first, each with a bar: what is short is good."""
    rows = sorted(nats.items(), key=lambda item: -item[1])
    longest = max(nats.values(), default=1.0)
    return [
        f"{_bits(value):7.3f}  {'#' * max(1, round(24 * value / longest)):24}  "
        f"{'this network' if name == 'network' else _baseline_name(name, order)}"
        for name, value in rows
    ]


def quoted(text: str, lines: int) -> str:
    """The beginning of a text, set apart."""
    shown = [line[: line_width() - 6] for line in text.splitlines() if line.strip()][:lines]
    return "\n".join(f"    | {line}" for line in shown)


def _baseline_name(name: str, order: int) -> str:
    names = {
        "uniform": "guessing evenly",
        "unigram": "counting single characters",
        "ngram": f"counting runs of {order} characters",
        "xz": "the compressor xz",
    }
    return names.get(name, name)


def _bits(nats: float) -> float:
    return nats / math.log(2)


def _clock(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return (
        f"{minutes}:{rest:02}" if minutes < 60 else f"{minutes // 60}:{minutes % 60:02}:{rest:02}"
    )
