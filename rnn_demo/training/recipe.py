"""From a text, a machine and a time budget to a network and its training, and why.

A newcomer chooses a text and a time; everything else is chosen here, in one sentence each. The
numbers come from trials (tests/benchmarks/LOG.md). What a person asked for always wins.

The width follows from one question: how many tokens can this machine read in the time? A network
that reads fewer than READS_PER_WEIGHT tokens for each of its weights has not learned what it could,
and one with far more weights than the text has tokens learns the text by heart.
"""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, replace

import numpy as np

from rnn_demo.config import ModelConfig, RunConfig, TrainConfig, parse_split
from rnn_demo.errors import require
from rnn_demo.messages.message import Message
from rnn_demo.network.devices import choose_device, fast_arithmetic, thread_counts
from rnn_demo.text.corpus import MOST_CHARACTERS, character_counts
from rnn_demo.text.tokenizer import Tokenizer
from rnn_demo.training.train import Training, new_model

LEAST_KEPT = 0.98  # of a text, by its most frequent characters; else pieces of words are read
WIDTHS = (64, 96, 128, 192, 256, 384, 512, 768, 1024, 1536)
READS_PER_WEIGHT = 2.5
SLOWER, FASTER = 0.8, 2.0  # than in proportion to its weights: what a wider network can be
WEIGHTS_PER_TOKEN = 3  # of the text, at most
MOST_WEIGHTS = 100_000_000  # asked for by hand: 16 bytes each while training
MOST_STEP_BYTES = 32_000_000_000
VALIDATION_COST = 0.3  # of the time of training, at most
READING = 3  # times as fast as learning, or nearly: no clock, so that equal steps make equal plans
PASSES, FEWEST_PASSES = 30, 25  # of validation in a run; below, a pass reads less
MOST_VALIDATION = 300_000  # tokens
TRIAL_SECONDS = 0.1  # of timing a width with a number of threads
STREAMS, MOST_STREAMS = 32, 64
UPDATES = 1000  # are needed: 64 streams are read much faster than 32, but make half as many
STEPS_A_PASS = 16  # at least, or the streams are too short
EASY_STRAIN = 2.0  # needs no dropout; each doubling adds a tenth
MOST_DROPOUT = 0.5
LEARNING_RATES = {"lstm": 2.8e-2, "gru": 2e-2, "rnn": 1.2e-2}  # up to 512 units, from 32 streams on
WEIGHT_DECAY = 0.17  # up to 512 units; wider networks take smaller steps and are pulled as hard
SECOND_CORE = 0.8  # of what the first one does: they share the way to the memory


@dataclass(frozen=True)
class Plan:
    """What will be trained and how; a sentence for every choice."""

    model: ModelConfig
    train: TrainConfig
    reasons: list[Message]
    tokens_per_second: float  # as measured here


@dataclass(frozen=True)
class Prepared:
    """All that a run settles before its first update."""

    tokenizer: Tokenizer
    plan: Plan


def choose_tokenizer(text: str, wanted: RunConfig) -> tuple[str, int | None]:
    """(kind, vocabulary size or None for the kind's own choice)."""
    if wanted.tokenizer or wanted.vocab_size:
        return wanted.tokenizer or "char", wanted.vocab_size
    counts = np.sort(character_counts(text)[1])
    kept = counts[-MOST_CHARACTERS:].sum() / counts.sum()
    return ("char" if kept >= LEAST_KEPT else "subword"), None


class Machine:
    """What one update costs here, found out by doing a few."""

    def __init__(self, train_ids: np.ndarray, wanted: RunConfig) -> None:
        self.ids = train_ids[:200_000]
        self.device = choose_device(wanted.device)
        self.cores = wanted.threads or thread_counts(MOST_STREAMS)[-1]
        self.arithmetic = fast_arithmetic(self.device)

    def tokens_per_second(self, model: ModelConfig, train: TrainConfig) -> float:
        """Of whole updates with this network. On a CPU one core is timed with its part of the
        streams, because to start the others takes longer than all other trials.
        """
        cores = min(self.cores, train.batch_size) if self.device.type == "cpu" else 1
        part = replace(
            train, minutes=None, steps=10_000, batch_size=-(-train.batch_size // cores), threads=1
        )
        trial = Training(new_model(model, self.ids, 0), self.ids, self.ids[:2], part)
        if self.device.type != "cpu":
            return gpu_pace(trial)
        trial.pace.choose([1], seconds=TRIAL_SECONDS)
        trial.close()
        return trial.pace.best * (1 + SECOND_CORE * (cores - 1))


def gpu_pace(trial: Training) -> float:
    """Tokens per second of updates that are handed to a GPU and waited for."""
    for _ in range(3):  # the first ones pay for preparations
        trial.update()
    trial.check()
    begin, steps = time.perf_counter(), 10
    for _ in range(steps):
        trial.update()
    trial.check()
    return steps * trial.pace.tokens / (time.perf_counter() - begin)


def plan(train_ids: np.ndarray, tokenizer: Tokenizer, wanted: RunConfig) -> Plan:
    """Choose what `wanted` leaves open. train_ids (N,): the training part in tokens."""
    machine = Machine(train_ids, wanted)
    train = _reading(len(train_ids), machine, wanted)
    model, speed, reasons = _network(tokenizer.vocab_size, len(train_ids), machine, train, wanted)
    tokens = _tokens(train, speed)
    updates = tokens / train.batch_size / train.sequence_length
    if wanted.batch is None and wanted.steps is None and updates < UPDATES:
        train = replace(train, batch_size=min(train.batch_size, STREAMS))
    train, why = _optimiser(model, train, wanted)
    reasons += why
    passes = tokens / len(train_ids)
    model = _dropout(model, passes, len(train_ids), wanted)
    reasons.append(
        Message(
            _dropout_reason(model, wanted),
            dropout=model.dropout,
            passes=float(f"{passes:.2g}"),
            weights=float(f"{model.parameters / len(train_ids):.2g}"),
        )
    )
    reasons += _left_out(train_ids, tokenizer)
    return Plan(model, _validation(train, len(train_ids), tokens, wanted), reasons, speed)


def _left_out(train_ids: np.ndarray, tokenizer: Tokenizer) -> list[Message]:
    """A sentence on what a capped vocabulary does not tell apart."""
    if tokenizer.unknown_id is None:
        return []
    share = 100 * float((train_ids == tokenizer.unknown_id).mean())
    return [Message("plan.capped", share=share, symbols=tokenizer.vocab_size)] if share else []


def _reading(count: int, machine: Machine, wanted: RunConfig) -> TrainConfig:
    """How the text is read: budget, streams, sequence length; the learning rate comes later."""
    gpu = machine.device.type != "cpu"
    length = wanted.length or min(64 if gpu else 32, max(2, count // 4))
    streams = MOST_STREAMS if gpu or machine.cores > 1 else STREAMS
    return TrainConfig(
        minutes=wanted.minutes if wanted.minutes or wanted.steps else 1.0,
        steps=wanted.steps,
        batch_size=wanted.batch or max(1, min(streams, count // (STEPS_A_PASS * length))),
        sequence_length=length,
        seed=wanted.seed,
        threads=wanted.threads,
        device=wanted.device,
        arithmetic=machine.arithmetic,
    )


def _optimiser(
    model: ModelConfig, train: TrainConfig, wanted: RunConfig
) -> tuple[TrainConfig, list[Message]]:
    """How far each update goes, and how hard it pulls the weights back.

    The learning rate is the one that did best in trials, lower for wide and deep networks and few
    streams. The decay of the weights does more against learning by heart than dropout: an update
    applies it times the rate, so a wide network's is raised by as much as its rate is lowered.
    """
    narrowness = min(1.0, 512 / model.hidden_size)
    rate = LEARNING_RATES[model.cell] * narrowness * model.layers**-0.5
    rate *= min(1.0, train.batch_size / 32) ** 0.5
    rate = wanted.learning_rate or float(f"{rate:.2g}")
    decay = wanted.weight_decay
    if decay is None:
        decay = min(1.0, float(f"{WEIGHT_DECAY / narrowness:.2g}"))
    train = replace(train, learning_rate=rate, weight_decay=decay)
    return train, [
        Message("plan.streams", streams=train.batch_size, length=train.sequence_length),
        Message("plan.rate", rate=rate),
        Message("plan.decay", decay=decay),
    ]


def _network(
    vocabulary: int, count: int, machine: Machine, train: TrainConfig, wanted: RunConfig
) -> tuple[ModelConfig, float, list[Message]]:
    """Cell, depth and the largest width that can be fed; and its tokens per second."""
    base = ModelConfig(
        vocab_size=vocabulary,
        cell=wanted.cell or "lstm",
        layers=wanted.layers or 1,
        embedding_size=64 if wanted.embedding is None else wanted.embedding,
        reset_before=wanted.reset_before,
        layer_norm=(wanted.layers or 1) > 1,
        residual=(wanted.layers or 1) > 1,
    )
    base = _of_width(base, wanted.hidden or WIDTHS[0], wanted)
    require(base.parameters <= MOST_WEIGHTS, "plan.heavy", count=base.parameters, most=MOST_WEIGHTS)
    size = base.step_bytes(train.batch_size, train.sequence_length)
    require(
        size <= MOST_STEP_BYTES, "limit.step", size=size // 10**6, most=MOST_STEP_BYTES // 10**6
    )
    if wanted.hidden is not None:
        chosen, reason = base, Message("plan.asked")
        speed = machine.tokens_per_second(base, train)
    else:
        chosen, speed, reason = _widest(base, count, machine, train, wanted)
    network = Message(
        "plan.network",
        cell=chosen.cell.upper(),
        layers=chosen.layers,
        hidden=chosen.hidden_size,
        weights=chosen.parameters,
        reason=reason,
    )
    return chosen, speed, [network, Message("plan.speed", speed=speed)]


def _widest(
    base: ModelConfig, count: int, machine: Machine, train: TrainConfig, wanted: RunConfig
) -> tuple[ModelConfig, float, Message]:
    """The largest width that can be fed, its tokens per second, and what speaks against more.

    Each look at the clock takes a quarter of a second and more. None is taken where it is plain
    that a network can be fed (it is slower by its weights at most, and a little) or cannot.
    """
    chosen = timed = base
    speed = machine.tokens_per_second(base, train)
    for width in WIDTHS[1:]:
        wider = _of_width(base, width, wanted)
        if wider.parameters > min(WEIGHTS_PER_TOKEN * count, MOST_WEIGHTS):
            reason = Message("plan.memorise", count=count)
            break
        by_weights = speed * timed.parameters / wider.parameters
        if _is_fed(wider, train, SLOWER * by_weights):
            chosen = wider
            continue
        hopeless = chosen is timed and not _is_fed(wider, train, FASTER * by_weights)
        wider_speed = 0.0 if hopeless else machine.tokens_per_second(wider, train)
        if not hopeless and not _is_fed(wider, train, wider_speed):  # a bad moment?
            wider_speed = max(wider_speed, machine.tokens_per_second(wider, train))
        if not _is_fed(wider, train, wider_speed):
            reason = Message("plan.time")
            break
        chosen, timed, speed = wider, wider, wider_speed
    else:
        reason = Message("plan.widest")
    if chosen is not timed:
        speed = machine.tokens_per_second(chosen, train)
    return chosen, speed, reason


def _is_fed(model: ModelConfig, train: TrainConfig, speed: float) -> bool:
    """Whether the budget pays for as many tokens as the network's weights need."""
    return _tokens(train, speed) >= READS_PER_WEIGHT * model.parameters


def _of_width(model: ModelConfig, width: int, wanted: RunConfig) -> ModelConfig:
    """The network with so many units, and as wide an embedding if that is the output's, too."""
    if not wanted.tie_weights:
        return replace(model, hidden_size=width)
    return replace(model, hidden_size=width, embedding_size=width, tie_weights=True)


def _dropout_reason(model: ModelConfig, wanted: RunConfig) -> str:
    """Key of the sentence."""
    if wanted.dropout is not None:
        return "plan.dropout.asked"
    return "plan.dropout" if model.dropout else "plan.dropout.none"


def _dropout(model: ModelConfig, passes: float, count: int, wanted: RunConfig) -> ModelConfig:
    """The more often a large network reads a small text, the more it would learn by heart.

    Strain: passes over the text, times the network's weights for each token of it.
    """
    if wanted.dropout is not None:
        return replace(model, dropout=wanted.dropout)
    strain = passes * model.parameters / count
    dropout = math.log2(max(1.0, strain / EASY_STRAIN)) / 10
    return replace(model, dropout=round(min(dropout, MOST_DROPOUT), 2))


def _validation(train: TrainConfig, count: int, tokens: float, wanted: RunConfig) -> TrainConfig:
    """PASSES looks at the whole validation part, or at as much of it as VALIDATION_COST pays for.

    count: tokens of the training part; tokens: those that will be read for training.
    """
    shares = parse_split(wanted.split)
    affordable = VALIDATION_COST * READING * tokens  # tokens that may be read for validation
    part = max(1_000, count * shares[1] / shares[0])  # a short text is divided otherwise
    part = min(part, MOST_VALIDATION, max(5_000, affordable / FEWEST_PASSES))
    passes = int(min(PASSES, max(3, affordable / part)))
    return replace(
        train,
        evaluations=passes,
        validation_tokens=max(2, math.ceil(part)),
        patience=max(4, passes // 3),
    )


def _tokens(train: TrainConfig, speed: float) -> float:
    """How many tokens the budget pays for."""
    if train.steps is not None:
        return train.steps * train.batch_size * train.sequence_length
    return 60 * (train.minutes or 1) * speed
