"""What becomes of a run that is not simply trained on: forks, and another learning rate."""

from __future__ import annotations

from dataclasses import replace as changed
from typing import Any

from rnn_demo.config import RunConfig
from rnn_demo.errors import ConfigError, RunError
from rnn_demo.messages.message import named
from rnn_demo.runs.checkpoint import RunFolder

LEAST_KNOWN = 0.5  # share of a text's characters that a network must have learned to go on with it


def same_network(parent: RunFolder, wanted: RunConfig) -> RunConfig:
    """A fork that keeps the weights keeps the shape of the network and the tokenizer."""
    model = parent.record.model
    if model is None:
        raise RunError("run.fork.early")
    shape: dict[str, Any] = {
        "cell": model.cell,
        "hidden": model.hidden_size,
        "layers": model.layers,
        "embedding": model.embedding_size,
        "tokenizer": parent.tokenizer().kind,
        "tie_weights": model.tie_weights,
        "reset_before": model.reset_before,
    }
    if wanted.tokenizer == "unigram":  # one of the ways to learn subwords, which are kept
        wanted = changed(wanted, tokenizer="subword")
    for name, value in shape.items():
        asked = getattr(wanted, name)
        if asked is not None and asked is not False and asked != value:
            raise ConfigError("run.fork.shape", name=named(name), value=value, asked=asked)
    return changed(wanted, vocab_size=None, **shape)


def inherit(child: RunFolder, parent: RunFolder) -> None:
    """Let a new run begin with the tokenizer and the best weights of another. Raises RunError if
    that network cannot read most of the new run's text."""
    model, tokenizer = parent.best_model(), parent.tokenizer()
    known = tokenizer.coverage(child.parts().train)
    if known < LEAST_KNOWN:
        raise RunError("run.fork.unknown", known=known)
    child.save_tokenizer(tokenizer)
    key = parent.record.key  # of a network from the Hub: its address there
    child.save_start(model.config, model.state_dict(), key if "/" in key else "")


def use_learning_rate(folder: RunFolder, learning_rate: float) -> None:
    """Go on with this rate, whatever was asked for or planned. For the holder of the lock."""
    record = folder.record
    folder.rewrite(wanted=changed(record.wanted, learning_rate=learning_rate))
    if record.model and record.train:
        train = changed(record.train, learning_rate=learning_rate)
        folder.save_plan(record.model, train, list(record.reasons))
