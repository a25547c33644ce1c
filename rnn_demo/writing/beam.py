"""Beam search: the likeliest completions, for tasks that have a right answer.

For free text it is of no use: the likeliest text repeats itself.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from rnn_demo.config import SampleConfig
from rnn_demo.network.model import RecurrentLM
from rnn_demo.text.tokenizer import Tokenizer
from rnn_demo.writing.ending import Ending
from rnn_demo.writing.generate import Writer, bias
from rnn_demo.writing.sampling import Array, add_bias
from rnn_demo.writing.stepping import Stepper


@dataclass(frozen=True)
class Beam:
    """One completion; the score is the sum of its tokens' log probabilities."""

    text: str
    score: float


@dataclass(frozen=True)
class Path:
    """A completion on its way, or at its end."""

    tokens: tuple[int, ...]
    log_probability: float


def beam_search(
    model: RecurrentLM | Stepper,
    tokenizer: Tokenizer,
    prompt: str,
    *,
    width: int = 4,
    length: int = 100,
    stop: tuple[str, ...] = (),
) -> list[Beam]:
    """The `width` likeliest completions found, best first.

    A completion ends before a stop string or after `length` characters; the stop string counts in
    its probability.
    """
    writer = Writer(model, tokenizer)
    config = SampleConfig(length=length, stop=stop)
    forbidden = bias(tokenizer, config)
    logits, state = writer.read(tokenizer.encode(prompt or "\n").tolist())
    paths, finished = [Path((), 0.0)], list[Path]()
    while paths:
        candidates, parents = _extend(paths, add_bias(logits, forbidden), width)
        ended = [bool(_ending(tokenizer, path, config).reason) for path in candidates]
        finished += [path for path, over in zip(candidates, ended, strict=True) if over]
        finished = sorted(finished, key=lambda path: -path.log_probability)[:width]
        left = [i for i, over in enumerate(ended) if not over]
        paths = [candidates[i] for i in left]
        if not paths or _decided(paths, finished, width):
            break
        state = writer.stepper.select(state, [parents[i] for i in left])
        writer.stepper.read(np.array([path.tokens[-1] for path in paths]), state)
        logits = writer.stepper.scores(state)
    return [
        Beam(_ending(tokenizer, path, config).shown_text, path.log_probability) for path in finished
    ]


def _extend(paths: list[Path], logits: Array, width: int) -> tuple[list[Path], list[int]]:
    """The best `width` continuations by one token, and which path each continues. (B, V)"""
    highest = logits.max(axis=1, keepdims=True)
    shares = logits - highest - np.log(np.exp(logits - highest).sum(axis=1, keepdims=True))
    totals = shares + np.array([[path.log_probability] for path in paths])
    best = np.argsort(-totals, axis=None, kind="stable")[:width]
    parents, tokens = np.unravel_index(best, totals.shape)
    extended = [
        Path((*paths[parent].tokens, token), float(totals[parent, token]))
        for parent, token in zip(parents.tolist(), tokens.tolist(), strict=True)
        if np.isfinite(totals[parent, token])
    ]
    return extended, parents.tolist()


def _decided(paths: list[Path], finished: list[Path], width: int) -> bool:
    """Whether no open path can still beat the finished ones: sums only fall."""
    if len(finished) < width:
        return False
    return max(path.log_probability for path in paths) <= finished[-1].log_probability


def _ending(tokenizer: Tokenizer, path: Path, config: SampleConfig) -> Ending:
    ending = Ending(config)
    decoder = tokenizer.decoder()
    for token in path.tokens:
        ending.push(decoder.push(token))
    return ending
