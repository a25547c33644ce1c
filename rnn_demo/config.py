"""Every setting of the project: default, meaning and check side by side; JSON and back, equal.

RunConfig is what a person asks for (None: the recipe decides). The recipe turns it into a
ModelConfig, enough to rebuild the network, and a TrainConfig, enough to repeat its training.
SampleConfig says how a symbol is drawn from the scores.
"""

from __future__ import annotations

import json
import math
from dataclasses import asdict, dataclass, field, fields
from functools import lru_cache
from types import UnionType
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

from rnn_demo.errors import ConfigError, require
from rnn_demo.messages.message import figure, named

CELLS = ("rnn", "lstm", "gru")
GATES = {"rnn": 1, "lstm": 4, "gru": 3}  # blocks of H rows in a cell's weights
TOKENIZERS = ("char", "byte", "subword", "unigram")  # the last two: pieces of words
EMBEDDING_DROPOUT_FROM = 0.3
ARITHMETICS = ("auto", "float32", "bfloat16")
DEVICES = ("auto", "cpu", "cuda", "mps")

C = TypeVar("C", bound="Config")


@dataclass(frozen=True, kw_only=True)
class Config:
    """A frozen record of settings that becomes JSON and comes back equal."""

    def to_json(self) -> dict[str, Any]:
        """A dictionary of plain JSON values."""
        return json.loads(json.dumps(asdict(self)))

    @classmethod
    def from_json(cls: type[C], record: object) -> C:
        """Rebuild from to_json(); unknown names and wrong types raise ConfigError."""
        if not isinstance(record, dict):
            raise ConfigError("settings.object", kind=type(record).__name__)
        known = {f.name: f for f in fields(cls)}
        for name, value in record.items():
            if name not in known:
                raise ConfigError("settings.unknown", name=name[:40], known=", ".join(known))
            if not fits(value, types_of(cls)[name]):
                kind, quoted = str(known[name].type), str(value)[:40]
                raise ConfigError("settings.type", name=named(name), kind=kind, value=quoted)
        try:
            return cls(**{n: tuple(v) if isinstance(v, list) else v for n, v in record.items()})
        except TypeError as error:
            raise ConfigError("settings.incomplete", reason=str(error)) from None

    def _holds(self, name: str, range: str, condition: bool) -> None:
        """Raise ConfigError, with the range in words, unless the condition holds."""
        value = getattr(self, name)
        quoted = figure(value) if isinstance(value, int | float) else str(value)[:40]
        require(condition, "settings.range", name=named(name), range=range, value=quoted)

    def _within(self, name: str, low: float, high: float) -> None:
        value = getattr(self, name)
        number = isinstance(value, int | float) and not isinstance(value, bool)
        self._holds(name, f"{figure(low)}..{figure(high)}", number and low <= value <= high)

    def _among(self, name: str, choices: tuple[str, ...]) -> None:
        value = getattr(self, name)
        words = ", ".join(choices)
        require(value in choices, "settings.choice", name=named(name), choices=words, value=value)


def fits(value: object, kind: Any) -> bool:
    """Whether a value read from JSON may stand where this type is annotated, inside of lists and
    dictionaries, too: a bool is no number, and neither are NaN and the infinities.
    """
    origin, inside = get_origin(kind), get_args(kind)
    if origin is UnionType:
        return any(fits(value, each) for each in inside)
    if origin in (list, tuple):
        return isinstance(value, list | tuple) and all(fits(each, inside[0]) for each in value)
    if origin is dict:
        return isinstance(value, dict) and all(fits(each, inside[1]) for each in value.values())
    if kind is Any:
        return True
    if isinstance(value, bool) or kind is bool:
        return isinstance(value, bool) and kind is bool
    if isinstance(value, float) and not math.isfinite(value):
        return False
    return isinstance(value, (int, float) if kind is float else kind)


@lru_cache
def _types(cls: Any) -> dict[str, Any]:
    hints = get_type_hints(cls)
    return {f.name: hints[f.name] for f in fields(cls)}


def types_of(cls: Any) -> dict[str, Any]:
    """The types of a dataclass's fields, by name."""
    return dict(_types(cls))


@dataclass(frozen=True, kw_only=True)
class ModelConfig(Config):
    """All that is needed to rebuild the network before its weights are loaded."""

    vocab_size: int
    cell: str = "gru"  # rnn (tanh), lstm, gru
    embedding_size: int = 64  # 0: one-hot input
    hidden_size: int = 256
    layers: int = 1
    dropout: float = 0.0  # share of each layer's output that is zeroed, while training only;
    # of the embedding, what is above EMBEDDING_DROPOUT_FROM
    tie_weights: bool = False  # output weights = embedding; needs embedding_size == hidden_size
    layer_norm: bool = False  # LayerNorm on the input of every layer after the first
    residual: bool = False  # add a layer's input to its output, after the first layer
    reset_before: bool = False  # GRU: reset gate before the recurrent product (Cho et al. 2014)

    def __post_init__(self) -> None:
        self._among("cell", CELLS)
        for name, low, high in (
            ("vocab_size", 1, 1 << 20),
            ("embedding_size", 0, 1 << 14),
            ("hidden_size", 1, 1 << 14),
            ("layers", 1, 64),
        ):
            self._within(name, low, high)
        self._holds("dropout", "[0, 1)", 0 <= self.dropout < 1)
        require(
            not self.tie_weights or self.embedding_size == self.hidden_size,
            "settings.tied",
            embedding=self.embedding_size,
            hidden=self.hidden_size,
        )
        require(
            not self.reset_before or self.cell == "gru", "settings.reset_before", cell=self.cell
        )

    @property
    def input_size(self) -> int:
        """Width of what the first layer reads: E, or V for one-hot input."""
        return self.embedding_size or self.vocab_size

    @property
    def embedding_dropout(self) -> float:
        """Share of the embedding's features that is zeroed, while training only."""
        return max(0.0, self.dropout - EMBEDDING_DROPOUT_FROM) if self.embedding_size else 0.0

    def step_bytes(self, batch_size: int, sequence_length: int) -> int:
        """About what one update keeps in memory beside the weights, in float32: the layers' gates
        and states with their gradients, the embedding, the scores and their softmax."""
        layers = self.layers * (3 * GATES[self.cell] + 4) * self.hidden_size
        per_token = layers + self.input_size + 3 * self.vocab_size
        return 4 * batch_size * sequence_length * per_token

    @property
    def parameters(self) -> int:
        """Number of weights, in Python integers, before anything is allocated."""
        rows = GATES[self.cell] * self.hidden_size
        first = rows * (self.input_size + self.hidden_size + 2)
        later = rows * (2 * self.hidden_size + 2) + 2 * self.hidden_size * self.layer_norm
        output = self.vocab_size * (1 + self.hidden_size * (not self.tie_weights))
        return self.vocab_size * self.embedding_size + first + (self.layers - 1) * later + output


@dataclass(frozen=True, kw_only=True)
class TrainConfig(Config):
    """All that is needed, beside the text and the network, to repeat a training."""

    minutes: float | None = 1.0  # of training, evaluation not counted; or
    steps: int | None = None  # a number of updates
    batch_size: int = 32  # B parallel streams
    sequence_length: int = 32  # T tokens back-propagated through at a time
    learning_rate: float = 5e-3  # the peak, after warm-up
    final_learning_rate: float = 0.005  # share of the peak that the line down ends at
    warmup: float = 0.03  # share of the budget during which the rate rises
    weight_decay: float = 0.01  # on matrices only
    clip_norm: float = 1.0  # global norm of the gradient is cut to this
    evaluations: int = 30  # validation passes in a run
    validation_tokens: int = 300_000  # a validation pass reads at most so many, always the same
    patience: int = 6  # passes without improvement before the run stops early
    seed: int = 0
    threads: int = 0  # 0: chosen by timing the real step
    device: str = "auto"
    arithmetic: str = "auto"  # of matrix products: float32, bfloat16, or what is fast here

    def __post_init__(self) -> None:
        require(
            (self.minutes is None) != (self.steps is None),
            "settings.budget",
            minutes=self.minutes,
            steps=self.steps,
        )
        self._holds("minutes", "(0, 1e5]", self.minutes is None or 0 < self.minutes <= 1e5)
        self._holds("steps", "1..1e9", self.steps is None or 1 <= self.steps <= 10**9)
        for name, low, high in (
            ("batch_size", 1, 1 << 14),
            ("sequence_length", 1, 1 << 14),
            ("evaluations", 1, 10_000),
            ("patience", 1, 10_000),
            ("validation_tokens", 2, 1 << 40),
            ("threads", 0, 256),
            ("seed", 0, 2**63 - 1),
        ):
            self._within(name, low, high)
        self._holds("learning_rate", "(0, 100]", 0 < self.learning_rate <= 100)
        self._among("arithmetic", ARITHMETICS)
        self._holds("clip_norm", "(0, ∞)", self.clip_norm > 0)
        for name in ("final_learning_rate", "warmup", "weight_decay"):
            self._within(name, 0, 1)
        self._among("device", DEVICES)


@dataclass(frozen=True, kw_only=True)
class SampleConfig(Config):
    """How text is drawn from the network's scores; the order of the steps is sampling.py's."""

    temperature: float = 0.8  # 0: always the likeliest symbol
    top_k: int = 0  # keep the k best; 0 keeps all
    top_p: float = 0.95  # keep the smallest set with this much probability; 1 keeps all
    min_p: float = 0.0  # drop what is below this share of the best; 0 keeps all
    typical_p: float = 1.0  # keep the most typical set with this much probability; 1 keeps all
    repetition_penalty: float = 1.0  # divide the scores of recent tokens; 1 is off
    frequency_penalty: float = 0.0  # subtract this per recent occurrence
    presence_penalty: float = 0.0  # subtract this once per recent token
    penalty_window: int = 64  # how many tokens count as recent
    no_repeat_ngram: int = 0  # forbid repeating any run of so many tokens; 0 is off
    logit_bias: dict[str, float] = field(default_factory=dict)  # symbol -> added to its score
    length: int = 500  # at most so many characters
    minimum_length: int = 0  # stop strings do not count before
    stop: tuple[str, ...] = ()  # end before the first of these strings
    seed: int | None = None  # None: a fresh one, reported with the text

    def __post_init__(self) -> None:
        for name, low, high in (
            ("temperature", 0, 100),
            ("top_k", 0, 1 << 20),
            ("top_p", 0, 1),
            ("min_p", 0, 1),
            ("typical_p", 0, 1),
            ("repetition_penalty", 0.01, 100),
            ("frequency_penalty", -100, 100),
            ("presence_penalty", -100, 100),
            ("penalty_window", 0, 1 << 16),
            ("no_repeat_ngram", 0, 1 << 10),
            ("length", 0, 10**7),
            ("minimum_length", 0, 10**7),
        ):
            self._within(name, low, high)
        self._holds("seed", "0..2^63-1", self.seed is None or 0 <= self.seed < 2**63)


@dataclass(frozen=True, kw_only=True)
class RunConfig(Config):
    """What a person asks for. None means: the recipe decides, and says why."""

    name: str = ""  # for display only, never part of a path
    minutes: float | None = None  # of training; with neither minutes nor steps, one minute
    steps: int | None = None
    cell: str | None = None
    tokenizer: str | None = None
    vocab_size: int | None = None
    hidden: int | None = None
    layers: int | None = None
    embedding: int | None = None
    dropout: float | None = None
    batch: int | None = None
    length: int | None = None
    learning_rate: float | None = None
    weight_decay: float | None = None
    split: str = "90/5/5"  # train/validation/test in per cent; two numbers leave no test part
    seed: int = 0
    threads: int = 0
    device: str = "auto"
    prompt: str = ""  # what the samples during training begin with
    reset_before: bool = False  # GRU: as in ModelConfig
    tie_weights: bool = False  # as in ModelConfig; the embedding is as wide as the layers

    def __post_init__(self) -> None:
        require(
            self.minutes is None or self.steps is None,
            "settings.budget",
            minutes=self.minutes,
            steps=self.steps,
        )
        for name, choices in (("tokenizer", TOKENIZERS), ("cell", CELLS)):
            if getattr(self, name) is not None:
                self._among(name, choices)
        require(
            not self.reset_before or self.cell == "gru", "settings.reset_before", cell=self.cell
        )
        require(
            not self.tie_weights or self.embedding in (None, self.hidden),
            "settings.tied",
            embedding=self.embedding,
            hidden=self.hidden,
        )
        parse_split(self.split)
        for name, low, high in (
            ("minutes", 1e-3, 1e5),
            ("steps", 1, 10**9),
            ("vocab_size", 1, 1 << 20),
            ("hidden", 1, 1 << 14),
            ("layers", 1, 64),
            ("embedding", 0, 1 << 14),
            ("dropout", 0, 0.99),
            ("batch", 1, 1 << 14),
            ("length", 1, 1 << 14),
            ("learning_rate", 1e-9, 100),
            ("weight_decay", 0, 1),
            ("seed", 0, 2**63 - 1),
            ("threads", 0, 256),
        ):
            if getattr(self, name) is not None:
                self._within(name, low, high)
        self._among("device", DEVICES)


def parse_split(split: str) -> tuple[float, float, float]:
    """Read "90/5/5" or "90/10" as the shares of train, validation and test, summing to 1."""
    try:
        parts = [float(part) for part in split.split("/")]
    except ValueError:
        parts = []
    good = len(parts) in (2, 3) and all(0 <= p < math.inf for p in parts) and sum(parts) > 0
    require(good and parts[0] > 0 and parts[1] > 0, "settings.split", value=split[:40])
    train, validation, test = (*parts, 0.0)[:3]
    total = train + validation + test
    return train / total, validation / total, test / total
