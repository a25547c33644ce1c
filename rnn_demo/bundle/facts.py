"""What people want to know of a training, out of its run folder, as plain JSON values.

Losses are bits (not nats) per character and per byte. No path, host, owner or token is among it.
"""

from __future__ import annotations

import datetime
import math
import platform
from collections.abc import Iterator
from typing import Any, TypeVar

from rnn_demo import __version__
from rnn_demo.events import BaselinesMeasured, Evaluated, Event, Finished, Progress, Started
from rnn_demo.events import TokenizerLearned as Learned
from rnn_demo.runs.checkpoint import RunFolder

E = TypeVar("E", bound=Event)
TEXT_FACTS = ("name", "encoding", "bytes", "characters", "symbols", "lines", "duplicate_line_share")


def facts(run: RunFolder) -> dict[str, Any]:
    """All that the model card says, but for the samples."""
    record, events = run.record, run.history()
    started, finished = _last(events, Started), run.finished()
    learned = _last(events, Learned)
    looks = [event for event in events if isinstance(event, Evaluated)]
    text = {name: record.corpus[name] for name in TEXT_FACTS if name in record.corpus}
    return {
        "name": record.name or record.wanted.name or str(text.get("name", "")),
        "date": datetime.datetime.fromtimestamp(record.created, datetime.timezone.utc)
        .date()
        .isoformat(),
        "seconds": round(looks[-1].seconds if looks else 0.0, 1),
        "steps": looks[-1].step if looks else 0,
        "ended": finished.reason if finished else "not finished",
        "began_with": _began_with(run),
        "wanted": record.wanted.to_json() | {"name": ""},
        "train": record.train.to_json() if record.train else {},
        "device": started.device if started else "",
        "threads": started.threads if started else 0,
        "versions": {
            "rnn-demo": __version__,
            "torch": started.torch if started else "",
            "python": platform.python_version(),
        },
        "characters_per_token": learned.characters_per_token if learned else 1.0,
        "text": text | {"sha256": record.corpus.get("sha256") or record.text_sha256},
        "losses": _losses(looks, finished),
        "baselines": _baselines(_last(events, BaselinesMeasured)),
        "copied": _copied(finished),
    }


def _began_with(run: RunFolder) -> str | None:
    """The network whose weights it began with: user/name@commit, or that there was one."""
    origin = run.start_origin()
    return None if origin is None else origin or "another run"


def log_lines(run: RunFolder) -> Iterator[dict[str, Any]]:
    """One line per look at the held-out text, with the training loss since the look before."""
    seen: list[Progress] = []
    for event in run.history():
        if isinstance(event, Progress):
            seen.append(event)
        elif isinstance(event, Evaluated):
            yield {
                "step": event.step,
                "seconds": round(event.seconds, 2),
                "train_bits_per_char": _bits(_mean([p.nats_per_char for p in seen])),
                "held_out_bits_per_char": _bits(event.nats_per_char),
                "held_out_bits_per_byte": event.bits_per_byte,
                "best": event.best,
                "learning_rate": seen[-1].learning_rate if seen else None,
                "tokens_per_second": _mean([p.tokens_per_second for p in seen]),
                "gradient_norm": _mean([p.gradient_norm for p in seen]),
                "clipped": _mean([p.clipped for p in seen]),
            }
            seen = []


def _losses(looks: list[Evaluated], finished: Finished | None) -> dict[str, Any]:
    """Bits of the best weights on text that was held out."""
    best = min(looks, key=lambda look: look.nats_per_char, default=None)
    found: dict[str, Any] = {}
    if best:
        found = {
            "best_step": best.step,
            "validation_bits_per_char": _bits(best.nats_per_char),
            "validation_bits_per_byte": best.bits_per_byte,
        }
    if finished and best and finished.best_step == best.step:  # on the whole validation part
        found["validation_bits_per_char"] = _bits(finished.validation_nats_per_char)
        found["validation_bits_per_byte"] = finished.validation_bits_per_byte
    if finished and finished.test_nats_per_char is not None:
        found["test_bits_per_char"] = _bits(finished.test_nats_per_char)
        found["test_bits_per_byte"] = finished.test_bits_per_byte
    return found


def _baselines(measured: BaselinesMeasured | None) -> dict[str, Any]:
    if not measured:
        return {}
    bits = {name: _bits(nats) for name, nats in measured.nats_per_char.items()}
    return {"bits_per_char": bits, "ngram_order": measured.ngram_order}


def _copied(finished: Finished | None) -> dict[str, Any]:
    if not finished or finished.copied_share is None:
        return {}
    return {"share": finished.copied_share, "held_out_share": finished.held_out_copied_share}


def _last(events: list[Event], kind: type[E]) -> E | None:
    return next((event for event in reversed(events) if isinstance(event, kind)), None)


def _bits(nats: float | None) -> float | None:
    return None if nats is None else round(nats / math.log(2), 5)


def _mean(values: list[float]) -> float | None:
    return sum(values) / len(values) if values else None
