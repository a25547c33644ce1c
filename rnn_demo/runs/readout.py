"""The honest figures of a run: what it reached, beside what simpler things reach."""

from __future__ import annotations

import math
from typing import Any

from rnn_demo.config import SampleConfig
from rnn_demo.events import BaselinesMeasured, Finished, Progress
from rnn_demo.judging import evaluation
from rnn_demo.network.model import RecurrentLM
from rnn_demo.runs.checkpoint import RunFolder
from rnn_demo.text.corpus import Parts
from rnn_demo.text.tokenizer import Tokenizer
from rnn_demo.writing import generate

READ_OUT_CHARACTERS = 3000  # of the sample whose copied share is measured
LONGEST = 2_000_000  # characters of a held-out part that are scored; more changes nothing


def baselines(parts: Parts, characters: int) -> BaselinesMeasured:
    """What counting and compressing reach on the validation part, its first so many characters."""
    found = evaluation.baselines(parts.train, parts.validation[:characters])
    nats = {name: getattr(found, name) for name in ("uniform", "unigram", "ngram", "xz")}
    finite = {name: value for name, value in nats.items() if math.isfinite(value)}
    return BaselinesMeasured(finite, found.ngram_order)


def read_out(
    folder: RunFolder,
    parts: Parts,
    *,
    step: int,
    seconds: float,
    reason: str,
    tokens_per_second: float,
    threads: int,
) -> Finished:
    """The last event of a run: its best weights on the whole validation part, and on the test
    part, text that no choice was made by. Validation during training may have read less.
    """
    best = folder.best_record() or {}
    model, tokenizer = folder.best_model(), folder.tokenizer()
    validation, test = (
        evaluation.score(model, tokenizer, part[:LONGEST], threads=threads)
        if len(part) > 1
        else None
        for part in (parts.validation, parts.test)
    )
    return Finished(
        step,
        seconds,
        reason,
        best_step=best["step"],
        validation_nats_per_char=validation.nats_per_char if validation else best["nats_per_char"],
        validation_bits_per_byte=validation.bits_per_byte if validation else best["bits_per_byte"],
        test_nats_per_char=test.nats_per_char if test else None,
        test_bits_per_byte=test.bits_per_byte if test else None,
        tokens_per_second=tokens_per_second,
        **copied(model, tokenizer, parts, folder.record.wanted.seed),
    )


def copied(model: RecurrentLM, tokenizer: Tokenizer, parts: Parts, seed: int) -> dict[str, Any]:
    """How much of a sample stands in the training text, and of the held-out text as well."""
    config = SampleConfig(length=READ_OUT_CHARACTERS, seed=seed)
    text = generate.write(model, tokenizer, "", config).text
    meter = evaluation.CopyMeter(parts.train)
    found = meter.measure(text)
    held_out = (parts.test or parts.validation)[: 10 * READ_OUT_CHARACTERS]
    return {
        "copied_share": found.share,
        "held_out_copied_share": meter.measure(held_out).share,
        "extra": {"longest_copy": found.longest},
    }


def summary(folder: RunFolder) -> dict[str, object]:
    """The figures of a run as plain JSON; what is not known yet is None. Bits per character."""
    record, history = folder.record, folder.history()
    last = {type(event): event for event in history}
    finished, progress = folder.finished(), last.get(Progress)
    best, baselines = folder.best_record() or {}, last.get(BaselinesMeasured)
    end = finished or progress
    nats = finished.validation_nats_per_char if finished else best.get("nats_per_char")
    per_byte = finished.validation_bits_per_byte if finished else best.get("bits_per_byte")
    return {
        "run": str(folder.path),
        "id": record.id,
        "name": record.name,
        "state": folder.state().value,
        "cell": record.model.cell if record.model else None,
        "parameters": record.model.parameters if record.model else None,
        "seconds": getattr(end, "seconds", 0.0),
        "steps": getattr(end, "step", 0),
        "tokens_per_second": getattr(end, "tokens_per_second", None),
        "best_step": best.get("step"),
        "validation_nats_per_char": nats,
        "validation_bits_per_char": bits(nats),
        "validation_bits_per_byte": per_byte,
        "test_bits_per_char": bits(getattr(finished, "test_nats_per_char", None)),
        "test_bits_per_byte": getattr(finished, "test_bits_per_byte", None),
        "baselines": {n: bits(v) for n, v in getattr(baselines, "nats_per_char", {}).items()},
        "copied_share": getattr(finished, "copied_share", None),
        "held_out_copied_share": getattr(finished, "held_out_copied_share", None),
        "reason": getattr(finished, "reason", None),
    }


def bits(nats: float | None) -> float | None:
    """Nats as bits; None stays None."""
    return None if nats is None else nats / math.log(2)
