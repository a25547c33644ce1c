"""Seconds that each view takes on one thread, for a 2 x 512 LSTM with 96 symbols.

    python -m tests.benchmarks.inspection [VIEW ...]

Wanted: under 2 s for every view, 5 s for memory. The network is untrained: time does not depend
on what was learned.
"""

from __future__ import annotations

import sys
import time

import numpy as np
import torch

from rnn_demo.config import ModelConfig, SampleConfig
from rnn_demo.inspection import (
    explosion,
    influence,
    knob,
    memory,
    neuron,
    one_step,
    sampling_lab,
    surprise,
    symbol_map,
    tour,
    untrained,
)
from rnn_demo.inspection.subject import Subject
from rnn_demo.network.model import RecurrentLM
from rnn_demo.text import tokenizer

LIMITS = {"memory": 5.0}


def subject(characters: int = 1_000_000) -> Subject:
    """Words of random letters, as long as a tiny Shakespeare."""
    random = np.random.default_rng(0)
    letters = np.array([chr(32 + i) for i in range(95)] + ["\n"])
    text = "".join(letters[random.zipf(1.3, characters) % 96].tolist())
    words = tokenizer.learn("char", text)
    config = ModelConfig(
        vocab_size=words.vocab_size, cell="lstm", layers=2, hidden_size=512, embedding_size=64
    )
    model = RecurrentLM(config, torch.Generator().manual_seed(0))
    cut = int(0.9 * characters)
    return Subject("2 x 512", model, words, text[:cut], text[cut:])


def main(chosen: list[str]) -> None:
    torch.set_num_threads(1)
    looked_at = subject()
    unit = neuron.Unit(1, 7, "c", 0.0)
    settings = SampleConfig(seed=0, top_p=0.9)
    ids = looked_at.read(looked_at.train_text[:200_000]).ids
    views = {
        "surprise": lambda: surprise.surprise(looked_at),
        "neuron": lambda: neuron.find(looked_at),
        "knob": lambda: knob.turn(looked_at, unit, knob.doses(unit, -1, 1)),
        "sampling": lambda: sampling_lab.lab(looked_at, looked_at.held_out[:200], settings),
        "sweep": lambda: sampling_lab.sweep(looked_at, looked_at.held_out[:40], settings),
        "memory": lambda: memory.memory(looked_at),
        "untrained": lambda: untrained.forget_bias(1.0),
        "influence": lambda: influence.influence(looked_at),
        "swap": lambda: influence.swap(looked_at, "", 60),
        "step": lambda: one_step.one_step(looked_at),
        "gates": lambda: one_step.gates(looked_at),
        "explosion": lambda: explosion.explosion(ids),
        "map": lambda: symbol_map.symbol_map(looked_at),
        "moments": lambda: symbol_map.nearest_moments(looked_at),
        "tour": lambda: tour.tour(looked_at),
    }
    for name, view in views.items():
        if chosen and name not in chosen:
            continue
        began, cpu = time.perf_counter(), time.process_time()
        view()
        wall, spent = time.perf_counter() - began, time.process_time() - cpu
        late = "  TOO SLOW" if wall > LIMITS.get(name, 2.0) else ""
        print(f"{name:10} {wall:6.2f} s ({spent:.2f} s of CPU){late}")


if __name__ == "__main__":
    main(sys.argv[1:])
