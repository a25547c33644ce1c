"""How a recurrent network works: the tutorial's chapters, with the numbers of the network in hand.

RNN, unrolling, loss, back-propagation through time, gradient descent, vanishing and clipping, LSTM,
GRU, sampling.
Nothing is written down beforehand: every number is computed when the tour is opened.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from rnn_demo.config import TrainConfig
from rnn_demo.inspection.drawing import uniforms, write_rows
from rnn_demo.inspection.memory import gradient_curve
from rnn_demo.inspection.notice import Notice, notice, percent, short, visible
from rnn_demo.inspection.one_step import KEEPS, OPEN
from rnn_demo.inspection.reading import Reading
from rnn_demo.inspection.subject import Subject
from rnn_demo.inspection.surprise import score
from rnn_demo.inspection.tour_texts import ASIDES, CHAPTERS, EQUATIONS, PLAIN
from rnn_demo.inspection.unrolled import Trace, Unrolled, one_thread
from rnn_demo.inspection.untrained import forget_bias

SYMBOLS = 24  # that the tour reads
LAG = 40
STEP_SIZES = (0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30)  # that gradient descent is tried with
PLACES = ("clipping", "live", "window", "rate")  # where a text takes its aside
TRY = {  # which view goes deeper
    "rnn": "step", "unrolling": "step", "loss": "surprise", "bptt": "influence",
    "descent": "film", "vanishing": "film", "lstm": "memory", "gru": "memory",
    "sampling": "sampling",
}  # fmt: skip

UNKNOWN: tuple[str, Mapping[str, Any]] = ("unknown", {})  # nothing to add


@dataclass(frozen=True)
class Chapter:
    key: str
    equation: str
    values: Mapping[str, Any]
    aside: tuple[str, Mapping[str, Any]]  # a sentence that depends on the network
    bars: list[tuple[str, float]]  # a small picture: labels and heights
    measure: str  # what the heights are
    view: str  # where to go on

    def title(self, language: str = "en") -> str:
        return CHAPTERS[self.key][int(language == "zh")][0]

    def body(self, language: str = "en") -> str:
        column = int(language == "zh")
        aside = ASIDES[self.aside[0]][column].format(**self.aside[1])
        values = {n: visible(v) if isinstance(v, str) else v for n, v in self.values.items()}
        return (
            CHAPTERS[self.key][column][1].format(**values, **dict.fromkeys(PLACES, aside)).strip()
        )

    def say(self, language: str = "en") -> str:
        return f"{self.title(language)}\n{self.body(language)}\n    {PLAIN[self.key]}"


@dataclass(frozen=True)
class Tour:
    chapters: list[Chapter]
    notice: Notice


def tour(subject: Subject, train: TrainConfig | None = None, clipped: float | None = None) -> Tour:
    """All chapters. `train`: how the network was trained, and `clipped`: the share of its updates
    that were, if that is known."""
    reading = subject.read(_beginning(subject.text()), SYMBOLS)
    with one_thread():
        with torch.inference_mode():
            trace = subject.network.read(reading.ids[None])
        windows = subject.windows(16, LAG + 2, torch.Generator().manual_seed(0))
        curve = gradient_curve(subject.network, windows)
    closed, opened = forget_bias(0.0), forget_bias(2.0)
    fresh = {cell: (closed.curves[cell][LAG], opened.curves[cell][LAG]) for cell in closed.curves}
    chapters = [
        *_reading_chapters(subject, reading, trace),
        _loss(subject, reading),
        _backwards(curve, train),
        _descent(subject, reading, train),
        _vanishing(curve, float(fresh["rnn"][0]), clipped, train.clip_norm if train else 1.0),
        *(_gated(subject, cell, trace, *map(float, fresh[cell])) for cell in ("lstm", "gru")),
        _sampling(subject, reading, trace),
    ]
    return Tour(chapters, notice("tour.found", name=subject.name, chapters=len(chapters)))


def _beginning(text: str) -> str:
    """The first line that is whole: a held-out part begins anywhere."""
    rest = text[:2000].partition("\n")[2].lstrip()
    return rest if len(rest) >= SYMBOLS else text[:2000].lstrip()


def _chapter(
    key: str,
    values: Mapping[str, Any],
    bars: Any,
    measure: str,
    aside: tuple[str, Any] = UNKNOWN,
) -> Chapter:
    pairs = [(visible(str(label)), float(height)) for label, height in bars]
    return Chapter(key, EQUATIONS[key], values, aside, pairs, measure, TRY[key])


def _reading_chapters(subject: Subject, reading: Reading, trace: Trace) -> list[Chapter]:
    config, h = subject.model.config, trace.layers[-1].values["h"][0]  # (T, H)
    before = h[-2] if len(h) > 1 else torch.zeros_like(h[-1])
    unit = int((h[-1] - before).abs().argmax())
    common = {"parameters": config.parameters, "unit": unit + 1}
    first = {
        **_named(config.cell),
        "layers": config.layers,
        "hidden": config.hidden_size,
        "vocab": config.vocab_size,
        "symbol": reading.pieces[-1],
        "before": float(before[unit]),
        "after": float(h[-1, unit]),
    }
    series = list(zip(reading.pieces, h[:, unit].tolist(), strict=True))
    second = {"text": "".join(reading.pieces), "steps": len(reading)}
    return [
        _chapter("rnn", common | first, series[-2:], "unit"),
        _chapter("unrolling", common | second, series, "unit"),
    ]


def _named(cell: str) -> dict[str, str]:
    """A kind of cell, alone and with its article."""
    name = cell.upper()
    return {"cell": name, "a_cell": f"a {name}" if cell == "gru" else f"an {name}"}


def _loss(subject: Subject, reading: Reading) -> Chapter:
    bits = score(subject, reading.ids)[0]
    known = np.nan_to_num(bits[1:], nan=0.0) if len(bits) > 1 else np.zeros(1)
    worst, best = int(known.argmax()) + 1, int(known.argmin()) + 1
    vocab = subject.model.config.vocab_size
    values = {
        "mean": float(known.mean()),
        "perplexity": 2 ** float(known.mean()),
        "vocab": vocab,
        "uniform": math.log2(vocab),
        "worst": reading.pieces[min(worst, len(reading) - 1)],
        "worst_bits": float(known.max()),
        "best": reading.pieces[min(best, len(reading) - 1)],
        "best_bits": float(known.min()),
    }
    return _chapter("loss", values, zip(reading.pieces[1:], known, strict=False), "bits")


def _backwards(curve: np.ndarray, train: TrainConfig | None) -> Chapter:
    values = {f"lag{lag}": percent(float(curve[lag])) for lag in (1, 5, 10)}
    aside: tuple[str, Any] = ("window", {"window": train.sequence_length}) if train else UNKNOWN
    return _chapter("bptt", values, ((lag, curve[lag]) for lag in range(11)), "share", aside)


def _descent(subject: Subject, reading: Reading, train: TrainConfig | None) -> Chapter:
    """What the loss on this text becomes after one step down its gradient, by the step's size."""
    network, ids = Unrolled(subject.model), reading.ids  # a copy: others look at the model, too
    start = {name: weight.requires_grad_() for name, weight in network.weights.items()}

    def loss() -> Tensor:
        scores = network.logits(network.read(ids[None, :-1]).outputs[0])
        return functional.cross_entropy(scores, ids[1:]) / math.log(2)

    bits = []
    with one_thread():
        before = loss()
        slopes = torch.autograd.grad(before, list(start.values()))
        pairs = list(zip(start.items(), slopes, strict=True))
        with torch.no_grad():
            for size in STEP_SIZES:
                network.weights = {name: weight - size * slope for (name, weight), slope in pairs}
                bits.append(float(loss()))
    values = {
        "parameters": subject.model.config.parameters,
        "before": before.item(),
        "small": STEP_SIZES[0],
        "small_bits": bits[0],
        "best": STEP_SIZES[int(np.argmin(bits))],
        "best_bits": min(bits),
        "large": STEP_SIZES[-1],
        "large_bits": bits[-1],
    }
    bars = ((f"{size:g}", height) for size, height in zip(STEP_SIZES, bits, strict=True))
    aside: tuple[str, Any] = ("rate", {"rate": train.learning_rate}) if train else UNKNOWN
    return _chapter("descent", values, bars, "descent", aside)


def _vanishing(curve: np.ndarray, fresh: float, clipped: float | None, limit: float) -> Chapter:
    values = {
        "lag": LAG,
        "power": 0.9**LAG,
        "ratio": short(float(curve[LAG])),
        "fresh": short(fresh),
        "limit": limit,
    }
    aside: tuple[str, Any] = UNKNOWN
    if clipped is not None:
        aside = ("clipped", {"share": percent(clipped)})
    logs = ((lag, _power(curve[lag])) for lag in range(0, LAG + 1, 4))
    return _chapter("vanishing", values, logs, "power", aside)


def _power(ratio: float) -> float:
    """The power of ten that a share of the gradient is."""
    return math.log10(max(ratio, 1e-30))


def _gated(subject: Subject, cell: str, trace: Trace, closed: float, opened: float) -> Chapter:
    values = {"lag": LAG, "closed": short(closed), "open": short(opened)}
    if subject.cell != cell:
        two = (("b = 0", _power(closed)), ("b = 2", _power(opened)))
        return _chapter(cell, values, two, "fresh", ("other", _named(subject.cell)))
    gate = trace.layers[-1].values[KEEPS[cell]][0]  # (T, H)
    share = float((gate > OPEN).float().mean())
    shares = torch.histc(gate, 10, 0, 1) / gate.numel()
    bars = ((f"{tenth / 10:.1f}", height) for tenth, height in enumerate(shares.tolist()))
    return _chapter(cell, values, bars, f"gate.{cell}", (f"live.{cell}", {"open": percent(share)}))


def _sampling(subject: Subject, reading: Reading, trace: Trace) -> Chapter:
    logits = subject.network.logits(trace.outputs[0, -1]).double()
    chances, names = logits.softmax(-1), subject.tokenizer.symbols()
    best = chances.topk(min(8, len(chances)))
    with one_thread():
        ids = write_rows(subject.network, reading.ids, uniforms(60, 1, 0), 0.8)
    values = {
        "prompt": "".join(reading.pieces[-12:]),
        "first": names[int(best.indices[0])],
        "chance": percent(float(best.values[0])),
        "cold": _bits(logits / 0.5),
        "plain": _bits(logits),
        "hot": _bits(logits / 1.5),
        "text": subject.tokenizer.decode(ids[0].numpy()),
    }
    bars = zip((names[i] for i in best.indices.tolist()), best.values.tolist(), strict=True)
    return _chapter("sampling", values, bars, "chance")


def _bits(logits: Tensor) -> float:
    logs = logits.log_softmax(-1)
    return float(-(logs.exp() * logs).nan_to_num(0).sum() / math.log(2))
