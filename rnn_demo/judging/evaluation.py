"""The honest read-out: how surprised a network is by text it has not seen, in units that compare.

Nats are summed over predicted tokens and divided by the characters, or the bytes of UTF-8, that
these tokens stand for, so that any two tokenizers may be compared. The first token of the text is
given, not predicted, whatever the tokenizer; its characters and bytes are not counted either.
The whole text is scored in one deterministic way: cut into 32 streams that are read side by side,
each after the 128 tokens before it (losses.py). Against one single pass this changes the fifth
digit; it needs a thirtieth of the time.
"""

from __future__ import annotations

import lzma
import math
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from rnn_demo.errors import CorpusError, TokenizerError
from rnn_demo.judging.copying import Copied, CopyMeter
from rnn_demo.judging.ngrams import UNICODE, nats_by_order
from rnn_demo.network.losses import token_losses
from rnn_demo.network.model import RecurrentLM
from rnn_demo.text.corpus import character_counts, code_points
from rnn_demo.text.tokenizer import CharTokenizer, Tokenizer

__all__ = ["Baselines", "Copied", "CopyMeter", "Score", "baselines", "score", "token_nats"]
__all__ += ["unknown_nats"]

ESCAPE = 1e-5  # chance set aside for characters that a vocabulary has no symbol for
COUNT_FROM = 5_000_000  # the last characters of a training text, which n-grams are counted in
SQUEEZE_FROM = 4_000_000  # and which xz sees
HELD_OUT = 1_000_000  # the first characters of a held-out text, which baselines are measured on


@dataclass(frozen=True)
class Score:
    """A network's surprise at a text, over the tokens that it had to predict."""

    nats: float  # in total
    tokens: int
    characters: int
    bytes: int  # in UTF-8
    unknown: int = 0  # characters outside of the vocabulary, priced as in score()

    @property
    def nats_per_char(self) -> float:
        return self.nats / self.characters

    @property
    def bits_per_char(self) -> float:
        return self.nats_per_char / math.log(2)

    @property
    def bits_per_byte(self) -> float:
        return self.nats / math.log(2) / self.bytes


@dataclass(frozen=True)
class Baselines:
    """Nats per character of statistics that know no network, on the same held-out text."""

    uniform: float  # every character of the training text as likely
    unigram: float  # as likely as it was frequent
    ngram: float  # modified Kneser-Ney of the best order
    ngram_order: int
    xz: float  # what the held-out text adds to the compressed training text


def score(model: RecurrentLM, tokenizer: Tokenizer, text: str, *, threads: int = 1) -> Score:
    """Score a whole text, the first token given.

    A character that the vocabulary lacks costs the network's surprise at the symbol it is shown
    instead, and what unknown_nats() says on top.
    """
    ids = tokenizer.encode(text)
    first = _first(tokenizer, text, ids)
    characters = len(text) - _characters_begun(first)
    if len(ids) < 2 or characters < 1:
        raise CorpusError("score.short")
    if tokenizer.vocab_size != model.config.vocab_size:
        raise TokenizerError(
            "tokenizer.mismatch", symbols=tokenizer.vocab_size, network=model.config.vocab_size
        )
    nats = token_nats(model, ids, threads=threads)[1:].sum() + unknown_nats(tokenizer, text)
    return Score(
        nats=float(nats),
        tokens=len(ids) - 1,
        characters=characters,
        bytes=len(text.encode("utf-8", "replace")) - len(first),
        unknown=_unknown(tokenizer, text),
    )


def _first(tokenizer: Tokenizer, text: str, ids: np.ndarray) -> bytes:
    """What the first token stands for: of a character, itself, though it may be unknown."""
    if tokenizer.kind == "char" or not len(ids):
        return text[:1].encode("utf-8", "replace")
    return tokenizer.token_bytes()[int(ids[0])]


def token_nats(model: RecurrentLM, ids: np.ndarray | Tensor, *, threads: int = 1) -> np.ndarray:
    """Nats of each token given all before it, (N,) float64; NaN for the first. ids (N,)."""
    device = model.output.bias.device
    tokens = torch.as_tensor(np.asarray(ids, dtype=np.int32)).to(device)
    losses = token_losses(model, tokens, threads=threads).double().numpy()
    return np.concatenate([[math.nan], losses])[: len(tokens)]


def unknown_nats(tokenizer: Tokenizer, text: str) -> float:
    """What the characters of a text, but the first, cost that a vocabulary has no symbol for.

    Each stands in the place of a known one, so it costs to say which of all others it is. With a
    capped vocabulary that is all: U+FFFD means "another" and was learned. Otherwise it costs to
    say, against all experience, that it is another: as if a chance of ESCAPE were set aside for
    that at each symbol, which costs the known ones as good as nothing.
    """
    if not isinstance(tokenizer, CharTokenizer):
        return 0.0
    unknown, known = _unknown(tokenizer, text), max(0, len(text) - 1)
    which = unknown * math.log(UNICODE - tokenizer.vocab_size)
    if tokenizer.unknown_id is not None:
        return which
    return which - unknown * math.log(ESCAPE) - (known - unknown) * math.log1p(-ESCAPE)


def _unknown(tokenizer: Tokenizer, text: str) -> int:
    """Number of characters, but the first, outside of a vocabulary of characters."""
    missing = [ord(c) for c in tokenizer.unknown(text)] if tokenizer.kind == "char" else []
    return int(np.isin(code_points(text)[1:], missing).sum()) if missing else 0


def _characters_begun(data: bytes) -> int:
    """Number of characters whose first byte is in these bytes of UTF-8."""
    return sum(byte & 0xC0 != 0x80 for byte in data)


def baselines(train: str, held_out: str) -> Baselines:
    """What counting and compressing reach on held-out text after seeing the training text."""
    held_out = held_out[:HELD_OUT]
    by_order = nats_by_order(train[-COUNT_FROM:], held_out)
    means = {order: float(nats.mean()) for order, nats in by_order.items()}
    best = min(means, key=lambda order: means[order])
    codes, counts = character_counts(train)
    return Baselines(
        uniform=_frequencies(codes, np.ones(len(codes)), held_out),
        unigram=_frequencies(codes, counts, held_out),
        ngram=means[best],
        ngram_order=best,
        xz=_squeezed(train[-SQUEEZE_FROM:], held_out),
    )


def _frequencies(codes: np.ndarray, weights: np.ndarray, held_out: str) -> float:
    """Nats per character if each came with a chance in proportion to its weight."""
    chances = np.full(0x110000, ESCAPE / (UNICODE - len(codes)))
    chances[codes] = (1 - ESCAPE) * weights / weights.sum()
    seen, counts = character_counts(held_out)
    return float(-(np.log(chances[seen]) * counts).sum() / counts.sum())


def _squeezed(train: str, held_out: str) -> float:
    """Nats per character that xz needs for the held-out text once it has seen the other."""
    before = len(lzma.compress(train.encode("utf-8")))
    after = len(lzma.compress((train + held_out).encode("utf-8")))
    return max(after - before, 0) * 8 * math.log(2) / len(held_out)
