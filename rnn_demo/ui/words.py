"""One sentence on what happens in a run, from its events: a key of the texts and its values.

The page translates it. A number means little to a newcomer; being below what simple statistics
reach, or having begun to memorise, means something.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rnn_demo.events import BaselinesMeasured, Evaluated, Event, Failed, Finished, Started
from rnn_demo.ui.texts import in_all

if TYPE_CHECKING:
    from rnn_demo.ui.live import Tail

STALE_EVALUATIONS = 3  # without improvement, before we speak of memorising
LADDER = ("ngram", "xz", "unigram", "uniform")  # the hardest first


def remark(tail: Tail) -> dict[str, Any]:
    """{"key": ..., "values": {...}} for the newest events; keys begin with "js.remark."."""
    others = [event for _, event in tail.others]
    evaluated = [event for _, event in tail.evaluated]
    last = others[-1] if others else None
    if isinstance(last, Failed):
        return _words("failed", message=in_all(last.message))
    if isinstance(last, Finished):
        return _words(f"finished.{last.reason}", step=last.best_step)
    if not evaluated:
        began = any(isinstance(event, Started) for event in others)
        return _words("begun" if began else "preparing")
    best = max((e for e in evaluated if e.best), key=lambda e: e.step, default=evaluated[0])
    stale = [event for event in evaluated if event.step > best.step]
    if len(stale) >= STALE_EVALUATIONS:
        training = tail.progress[-1][1].nats_per_char if tail.progress else 0.0
        what = "memorise" if training < best.nats_per_char else "worse"
        return _words(what, steps=evaluated[-1].step - best.step, step=best.step)
    return _against_statistics(evaluated, _baselines(others))


def _baselines(others: list[Event]) -> BaselinesMeasured | None:
    return next((e for e in reversed(others) if isinstance(e, BaselinesMeasured)), None)


def _against_statistics(
    evaluated: list[Evaluated], measured: BaselinesMeasured | None
) -> dict[str, Any]:
    """Which of the reference lines validation has passed, and since when."""
    for name in LADDER:
        line = (measured.nats_per_char if measured else {}).get(name)
        since = next((e.step for e in evaluated if line and e.nats_per_char < line), None)
        if measured and since is not None:
            return _words(f"below.{name}", step=since, order=measured.ngram_order)
    return _words("above")


def _words(name: str, **values: Any) -> dict[str, Any]:
    return {"key": f"js.remark.{name}", "values": values}
