"""Text, symbol by symbol, from a network, a prompt and a SampleConfig: streamed, batched, fast.

Every text has its own random numbers (sampling.uniforms), one per symbol, so what is written
depends on the seed and on nothing else that happens in the program. A few texts written together
are those written alone, bit for bit; many are but for roundings (stepping.py).

An empty prompt is read as a line end: the network starts as if a new line had begun.
Shapes: B texts at once, V vocabulary.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from rnn_demo.config import SampleConfig
from rnn_demo.errors import ConfigError
from rnn_demo.messages.message import Message
from rnn_demo.network.model import RecurrentLM
from rnn_demo.text.tokenizer import CharTokenizer, Tokenizer, visible
from rnn_demo.writing import sampling
from rnn_demo.writing.ending import Ending
from rnn_demo.writing.sampling import Array, Stage
from rnn_demo.writing.stepping import State, Stepper

TOGETHER = 64  # texts that are written in one batch
NEW_SEEDS = 1 << 31  # fresh seeds are below: short enough to be typed again


class Piece(NamedTuple):
    """One symbol that was written.

    `text` is what may be shown now: nothing while a character is incomplete, or while it could be
    the beginning of a stop string. All pieces together are the text.
    """

    text: str
    token: int
    probability: float  # by the network's own scores, before any setting


@dataclass(frozen=True)
class Written:
    """A finished text, without its prompt."""

    text: str
    prompt: str
    seed: int
    characters_per_second: float
    ended: str  # length | stop
    notes: tuple[Message, ...] = ()  # sentences for the person who asked


def generate(
    model: RecurrentLM, tokenizer: Tokenizer, prompt: str, config: SampleConfig
) -> Iterator[Piece]:
    """Stream one text, a piece per symbol."""
    return Writer(model, tokenizer).generate(prompt, config)


def write(model: RecurrentLM, tokenizer: Tokenizer, prompt: str, config: SampleConfig) -> Written:
    """Write one text."""
    return Writer(model, tokenizer).write(prompt, config)


def write_many(
    model: RecurrentLM,
    tokenizer: Tokenizer,
    prompts: Sequence[str],
    configs: SampleConfig | Sequence[SampleConfig],
) -> list[Written]:
    """Write many texts together; see Writer.write_many for the seeds."""
    return Writer(model, tokenizer).write_many(prompts, configs)


def next_symbols(
    model: RecurrentLM, tokenizer: Tokenizer, prompt: str, config: SampleConfig
) -> list[Stage]:
    """The distribution of what follows the prompt, as it is and after each active setting."""
    return Writer(model, tokenizer).next_symbols(prompt, config)


class Row:
    """One text on its way: what has been read and written, and what comes next."""

    def __init__(self, prompt: str, config: SampleConfig, tokenizer: Tokenizer) -> None:
        self.prompt = prompt
        self.seed = secrets.randbelow(NEW_SEEDS) if config.seed is None else config.seed
        self.config = replace(config, seed=None)
        self.group = 0  # of the rows with equal settings
        self.history: list[int] = tokenizer.encode(prompt or "\n").tolist()
        self.unread = iter(self.history[:-1])
        self.uniforms = sampling.uniforms(self.seed)
        self.decoder = tokenizer.decoder()
        self.ending = Ending(config)
        self.began = self.ended = 0.0

    def next(self) -> tuple[int, bool]:
        """The token to be read now, and whether a new one is to be drawn after it."""
        token = next(self.unread, None)
        if token is not None:
            return token, False
        self.began = self.began or time.perf_counter()
        return self.history[-1], True

    def accept(self, token: int, probability: float) -> Piece:
        """Append a drawn token."""
        self.history.append(token)
        text = self.ending.push(self.decoder.push(token))
        if self.ending.reason:
            self.ended = time.perf_counter()
        return Piece(text, token, probability)

    def written(self, notes: tuple[Message, ...]) -> Written:
        """The finished text."""
        text = self.ending.shown_text
        rate = len(text) / max(self.ended - self.began, 1e-9)
        return Written(text, self.prompt, self.seed, rate, self.ending.reason, notes)


class Writer:
    """Writes with one network as often as you like; making one copies its weights."""

    def __init__(self, model: RecurrentLM | Stepper, tokenizer: Tokenizer) -> None:
        self.stepper = model if isinstance(model, Stepper) else Stepper(model)
        self.tokenizer = tokenizer

    def generate(self, prompt: str, config: SampleConfig) -> Iterator[Piece]:
        """Stream one text, a piece per symbol."""
        return self._write_alone(Row(prompt, config, self.tokenizer), shares=True)

    def write(self, prompt: str, config: SampleConfig) -> Written:
        """Write one text."""
        row = Row(prompt, config, self.tokenizer)
        for _ in self._write_alone(row, shares=False):
            pass
        return row.written(notes(self.tokenizer, prompt, config))

    def write_many(
        self, prompts: Sequence[str], configs: SampleConfig | Sequence[SampleConfig]
    ) -> list[Written]:
        """Write many texts together.

        One config for all: its seed, if it has one, is the first text's, the next number the
        second's, and so on. A list of configs, one per prompt, is taken as it is.
        """
        if isinstance(configs, SampleConfig):
            configs = [_with_seed(configs, number) for number in range(len(prompts))]
        pairs = zip(prompts, configs, strict=True)
        rows = [Row(prompt, config, self.tokenizer) for prompt, config in pairs]
        for start in range(0, len(rows), TOGETHER):
            self._write_together(rows[start : start + TOGETHER])
        return [row.written(notes(self.tokenizer, row.prompt, row.config)) for row in rows]

    def next_symbols(self, prompt: str, config: SampleConfig) -> list[Stage]:
        """The distribution of what follows the prompt, as it is and after each active setting."""
        tokens = self.tokenizer.encode(prompt or "\n").tolist()
        logits, _ = self.read(tokens)
        return sampling.chain(logits[0], config, tokens, bias(self.tokenizer, config))

    def read(self, tokens: Sequence[int]) -> tuple[Array, State]:
        """Read a text from the start: the scores (1, V) of what follows, and the state."""
        state = self.stepper.initial_state(1)
        for token in tokens:
            self.stepper.read(np.array([token]), state)
        return self.stepper.scores(state), state

    def _write_alone(self, row: Row, shares: bool) -> Iterator[Piece]:
        """Write a row to its end; probabilities only if asked for, because they take time."""
        active = sampling.steps(row.config, bias(self.tokenizer, row.config))
        state, token = self.stepper.initial_state(1), np.zeros(1, np.int64)
        while not row.ending.reason:
            token[0], draws = row.next()
            self.stepper.read(token, state)
            if draws:
                logits = self.stepper.scores(state)[0]
                chosen = sampling.choose(active, logits, row.history, next(row.uniforms))
                yield row.accept(chosen, sampling.share(logits, chosen) if shares else 0.0)

    def _write_together(self, rows: list[Row]) -> None:
        """Write all rows to their ends.

        Rows that still read their prompt and rows that write already move together.
        """
        groups = self._group(rows)
        rows = [row for row in rows if not row.ending.reason]
        state = self.stepper.initial_state(len(rows))
        while rows:
            tokens, draws = zip(*[row.next() for row in rows], strict=True)
            self.stepper.read(np.array(tokens), state)
            if True not in draws:
                continue
            logits = self.stepper.scores(state)
            if len(groups) == 1 and False not in draws:
                _draw(groups[0], logits, rows)
            else:
                _draw_in_groups(groups, logits, rows, draws)
            if any(row.ending.reason for row in rows):
                left = [i for i, row in enumerate(rows) if not row.ending.reason]
                rows, state = [rows[i] for i in left], self.stepper.select(state, left)

    def _group(self, rows: list[Row]) -> list[list[sampling.Step]]:
        """The active steps of each set of rows with equal settings, which are drawn together."""
        different: list[SampleConfig] = []
        for row in rows:
            if row.config not in different:
                different.append(row.config)
            row.group = different.index(row.config)
        return [sampling.steps(config, bias(self.tokenizer, config)) for config in different]


def _draw_in_groups(
    groups: list[list[sampling.Step]], logits: Array, rows: list[Row], draws: Sequence[bool]
) -> None:
    for group, active in enumerate(groups):
        chosen = [i for i, row in enumerate(rows) if draws[i] and row.group == group]
        if chosen:
            _draw(active, logits[chosen], [rows[i] for i in chosen])


def _draw(active: list[sampling.Step], logits: Array, rows: list[Row]) -> None:
    """Draw one token for each row. logits (B, V)."""
    chances = [next(row.uniforms) for row in rows]
    tokens = sampling.choose_many(active, logits, [row.history for row in rows], chances)
    for row, token in zip(rows, tokens, strict=True):
        row.accept(token, 0.0)


def _with_seed(config: SampleConfig, number: int) -> SampleConfig:
    return config if config.seed is None else replace(config, seed=config.seed + number)


def bias(tokenizer: Tokenizer, config: SampleConfig) -> dict[int, float]:
    """config.logit_bias with token numbers for symbols; tokens that stand for no text get -inf.

    A symbol is the text of one token, or its label in Tokenizer.symbols().
    """
    table = tokenizer.token_bytes()
    result = {token: -np.inf for token, text in enumerate(table) if not text}
    for symbol, value in config.logit_bias.items():
        raw = symbol.encode("utf-8", "replace")
        names = tokenizer.symbols()
        if raw in table:
            result[table.index(raw)] = value
        elif symbol in names:
            result[names.index(symbol)] = value
        else:
            raise ConfigError("settings.symbol", symbol=symbol[:40])
    return result


def notes(tokenizer: Tokenizer, prompt: str, config: SampleConfig) -> tuple[Message, ...]:
    """What the person who asked should know, in sentences."""
    found: list[Message] = []
    if isinstance(tokenizer, CharTokenizer) and (mapped := tokenizer.mapped(prompt)):
        pairs = [f"“{visible(a)}” → “{visible(b)}”" for a, b in list(mapped.items())[:10]]
        pairs += ["…"] * (len(mapped) > 10)
        found.append(Message("write.unknown", pairs=", ".join(pairs)))
    elif unknown := tokenizer.unknown(prompt):
        found.append(Message("write.replaced", count=len(unknown)))
    if tokenizer.kind != "subword" and config.repetition_penalty > 1:
        found.append(Message("write.spelling"))
    return tuple(found)
