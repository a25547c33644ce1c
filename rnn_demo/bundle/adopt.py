"""A bundle becomes a run folder, so that everything that opens runs opens it: write, look inside,
compare, fork. It is a run that has finished; the text it was trained on is usually not known.
"""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

from rnn_demo.bundle.layout import LIMITS, LOG, TEXT
from rnn_demo.bundle.reading import Bundle
from rnn_demo.config import RunConfig, TrainConfig, fits, types_of
from rnn_demo.errors import ConfigError
from rnn_demo.events import BaselinesMeasured, Evaluated, Event, Finished, Progress
from rnn_demo.messages.message import Message
from rnn_demo.runs.checkpoint import RunFolder
from rnn_demo.runs.record import RunRecord, new_id
from rnn_demo.text.corpus import Report

NATS = math.log(2)  # per bit


def adopt(bundle: Bundle, runs: Path, *, name: str, owner: str = "", origin: str = "") -> RunFolder:
    """Make a run folder of a bundle below `runs`, under a fresh id; `origin` says where from."""
    training = bundle.training
    record = RunRecord(
        id=new_id(),
        name=name,
        owner=owner,
        key=origin,
        wanted=_config(RunConfig, training.get("wanted"), RunConfig()),
        corpus=_text_facts(training.get("text")),
    )
    text = bundle.folder / TEXT
    known = text.is_file() and text.stat().st_size <= LIMITS[TEXT]
    content = text.read_text(encoding="utf-8", errors="replace") if known else ""
    run = RunFolder.create(Path(runs) / record.id, record, content)
    train = _config(TrainConfig, training.get("train"), TrainConfig(minutes=None, steps=1))
    events = _events(bundle)
    finished = events[-1]
    about = {"step": finished.best_step, "nats_per_char": finished.validation_nats_per_char}
    about["bits_per_byte"] = finished.validation_bits_per_byte
    with run.filled():
        run.save_tokenizer(bundle.tokenizer)
        run.save_plan(bundle.config, train, [Message("plan.loaded", origin=origin or name)])
        run.save_best(bundle.model.state_dict(), about)
        for event in events:
            run.append(event)
    return run


def _text_facts(found: object) -> dict[str, Any]:
    """What is told of the text, as far as it is of the kind that a report holds."""
    kinds = types_of(Report)
    facts = _mapping(found).items()
    return {name: fact for name, fact in facts if name in kinds and fits(fact, kinds[name])}


def _events(bundle: Bundle) -> Any:
    """What the log tells of the training, ending with a read-out. Anything odd is left out."""
    events: list[Event] = []
    training = bundle.training
    baselines = _mapping(_mapping(training.get("baselines")).get("bits_per_char"))
    numbers = {str(k)[:20]: v * NATS for k, v in baselines.items() if _number(v) is not None}
    if numbers:
        order = _mapping(training.get("baselines")).get("ngram_order")
        events.append(BaselinesMeasured(numbers, order if type(order) is int else 0))
    events += _looks(bundle.folder / LOG, int(_number(training.get("steps")) or 0))
    losses = _mapping(training.get("losses"))
    bits = {name: _number(losses.get(name)) for name in (
        "validation_bits_per_char", "validation_bits_per_byte",
        "test_bits_per_char", "test_bits_per_byte")}  # fmt: skip
    test = bits["test_bits_per_char"]
    events.append(
        Finished(
            step=int(_number(training.get("steps")) or 0),
            seconds=_number(training.get("seconds")) or 0.0,
            reason="budget",
            best_step=int(_number(losses.get("best_step")) or 0),
            validation_nats_per_char=(bits["validation_bits_per_char"] or 0.0) * NATS,
            validation_bits_per_byte=bits["validation_bits_per_byte"] or 0.0,
            test_nats_per_char=None if test is None else test * NATS,
            test_bits_per_byte=bits["test_bits_per_byte"],
        )
    )
    return events


def _looks(path: Path, steps: int) -> list[Event]:
    """The losses of a training log, in `steps` steps; lines that are not sound are left out."""
    if not path.is_file() or path.stat().st_size > LIMITS[LOG]:
        return []
    looks: list[Event] = []
    for line in path.read_text(encoding="utf-8", errors="replace").splitlines()[:10_000]:
        try:
            record = _mapping(json.loads(line))
        except (ValueError, RecursionError):
            continue
        step, seconds = _number(record.get("step")), _number(record.get("seconds"))
        bits = _number(record.get("held_out_bits_per_char"))
        byte_bits = _number(record.get("held_out_bits_per_byte"))
        if step is None or seconds is None or bits is None or byte_bits is None:
            continue
        best = record.get("best") is True
        looks += _progress(record, int(step), seconds, steps)
        looks.append(Evaluated(int(step), seconds, bits * NATS, byte_bits, best))
    return looks


def _progress(record: dict[str, Any], step: int, seconds: float, steps: int) -> list[Event]:
    """The training loss that a line of the log tells, if it does."""
    bits = _number(record.get("train_bits_per_char"))
    if bits is None:
        return []
    names = ("tokens_per_second", "learning_rate", "gradient_norm", "clipped")
    values = [_number(record.get(name)) or 0.0 for name in names]
    return [Progress(step, seconds, min(1.0, step / max(1, steps)), bits * NATS, *values)]


def _number(value: Any) -> float | None:
    """A finite number of a sensible size, or None."""
    sound = type(value) in (int, float) and math.isfinite(value) and 0 <= value < 1e12
    return value if sound else None


def _mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _config(kind: Any, record: Any, fallback: Any) -> Any:
    """Settings that are for display; a newer version may have written ones we do not know."""
    try:
        return kind.from_json(record)
    except ConfigError:
        return fallback
