"""A tiny run for the tests of bundles and of the Hub: everything there, nothing trained."""

from __future__ import annotations

from pathlib import Path

import torch

from rnn_demo.config import ModelConfig, RunConfig, TrainConfig
from rnn_demo.events import BaselinesMeasured, Evaluated, Finished, Progress, Started
from rnn_demo.network.model import RecurrentLM
from rnn_demo.runs.checkpoint import RunFolder
from rnn_demo.runs.record import RunRecord
from rnn_demo.text import corpus, tokenizer
from rnn_demo.training.train import Snapshot

TEXT = "The lamp on the pier burns — nobody sleeps.\nA gull cries; 海 is wide.\n" * 12
PROMPT = "The"


def tiny_model(words: tokenizer.Tokenizer, seed: int = 0, **settings: object) -> RecurrentLM:
    """A network with an opinion on what comes next, and no chaos: recurrent weights stay as small
    as they begin, so that a rounding in the last digit does not grow into another text."""
    sizes = {"vocab_size": words.vocab_size, "embedding_size": 8, "hidden_size": 16} | settings
    model = RecurrentLM(ModelConfig(**sizes), torch.Generator().manual_seed(seed))  # type: ignore[arg-type]
    with torch.no_grad():
        for layer in model.layer_list:
            layer.recurrent_weight.mul_(0.7)
        model.output_weight.mul_(6)
    return model.eval()


def tiny_run(path: Path, kind: str = "char", name: str = "Lamp", **settings: object) -> RunFolder:
    """A finished run folder with a checkpoint, best weights and events."""
    text = corpus.read_text(TEXT, "lamp.txt")
    words = tokenizer.learn(kind, TEXT, 300 if kind == "subword" else None)
    model = tiny_model(words, **settings)
    wanted = RunConfig(name=name, prompt=PROMPT, steps=40)
    record = RunRecord(
        id=path.name, name=name, owner="a" * 32, wanted=wanted, corpus=text.report.to_json()
    )
    run = RunFolder.create(path, record, text.text)
    run.save_tokenizer(words)
    run.save_plan(model.config, TrainConfig(minutes=None, steps=40), ["Because it is a test."])
    weights = dict(model.state_dict())
    run.save_best(weights, {"step": 40, "nats_per_char": 1.5, "bits_per_byte": 2.1})
    state = {"step": 40, "seconds": 4.0}
    tensors = {"model": weights, "optimizer": {"m": torch.ones(3)}, "random": {"r": torch.ones(2)}}
    run.save(Snapshot(tensors, state), {"step": 40, "torch": "x", "device": "cpu", "threads": 1})
    for event in (
        Started(0, "cpu", 1, "2.0"),
        BaselinesMeasured({"uniform": 3.4, "unigram": 3.0, "ngram": 1.0, "xz": 1.2}, 4),
        Progress(20, 2.0, 0.5, 2.2, 9000.0, 0.004, 1.0, 0.0),
        Evaluated(20, 2.0, 2.0, 2.8, True),
        Progress(40, 4.0, 1.0, 1.4, 9000.0, 0.001, 1.0, 0.0),
        Evaluated(40, 4.0, 1.5, 2.1, True),
        Finished(40, 4.0, "budget", 40, 1.5, 2.1, 1.6, 2.2, 0.1, 0.0, 9000.0),
    ):
        run.append(event)
    return run
