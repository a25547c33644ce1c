"""The training film: what the network wrote as it learned, and where its gradient was clipped.

The run writes a sample with the same prompt and the same random numbers at every validation, from
a copy of the weights and a generator of its own: a run that is filmed ends with the same weights,
bit for bit, as one that is not. The norm is the one before clipping; after it the norm is
norm * min(1, limit / norm), the tutorial's section 3.2.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from rnn_demo.events import Evaluated, Event, Progress, Sampled
from rnn_demo.inspection.notice import Notice, notice


@dataclass(frozen=True)
class Frame:
    step: int
    seconds: float
    text: str
    bits: float | None  # validation loss nearest to it, bits per character


@dataclass(frozen=True)
class Film:
    prompt: str
    frames: list[Frame]
    steps: np.ndarray  # (P,) of the progress reports
    norms: np.ndarray  # (P,) gradient norm before clipping, mean of the report
    clipped: np.ndarray  # (P,) share of its updates that were clipped
    limit: float | None  # the norm that gradients are cut to
    clipped_share: float  # of all updates
    notice: Notice


def film(events: Sequence[Event], limit: float | None = None) -> Film:
    """From a run's events; nothing is computed again."""
    samples = [event for event in events if isinstance(event, Sampled)]
    reports = [event for event in events if isinstance(event, Progress)]
    scores = [event for event in events if isinstance(event, Evaluated)]
    steps = np.array([report.step for report in reports], dtype=float)
    clipped = np.array([report.clipped for report in reports])
    weights = np.diff(steps, prepend=0.0)
    share = float((weights * clipped).sum() / weights.sum()) if weights.sum() > 0 else 0.0
    frames = [Frame(s.step, s.seconds, s.text, _bits_at(scores, s.step)) for s in samples]
    return Film(
        prompt=samples[0].prompt if samples else "",
        frames=frames,
        steps=steps,
        norms=np.array([report.gradient_norm for report in reports]),
        clipped=clipped,
        limit=limit,
        clipped_share=share,
        notice=_what_to_notice(frames, share),
    )


def _bits_at(scores: list[Evaluated], step: int) -> float | None:
    if not scores:
        return None
    nearest = min(scores, key=lambda score: abs(score.step - step))
    return nearest.nats_per_char / math.log(2)


def _what_to_notice(frames: list[Frame], share: float) -> Notice:
    known = [frame for frame in frames if frame.bits is not None]
    if len(known) < 2:
        return notice("film.short", frames=len(frames))
    first, last = known[0], known[-1]
    return notice(
        "film.found",
        frames=len(frames),
        first=first.bits,
        last=last.bits,
        from_step=first.step,
        to_step=last.step,
        clipped=100 * share,
    )
