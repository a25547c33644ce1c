"""How fast is a text written? Ours beside nn.LSTM stepped through the module, on one thread.

    python -m tests.benchmarks.generation

Both write with 2 x 256 LSTM units and 65 symbols. They take turns in one run, so that whatever
else the machine does meets both: medians of the rounds, and of the ratios within each.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import replace

import torch
from torch import nn

from rnn_demo.config import ModelConfig, SampleConfig
from rnn_demo.network.model import RecurrentLM
from rnn_demo.text import tokenizer
from rnn_demo.writing.generate import Writer

SYMBOLS = "".join(map(chr, range(32, 96))) + "\n"
PLAIN = SampleConfig(temperature=0.8, top_p=1.0, seed=1)
ROUNDS = 11


def stepped_library() -> Callable[[int], None]:
    """The usual loop: embedding, nn.LSTM, linear, softmax, multinomial."""
    embedding, lstm, output = nn.Embedding(65, 64), nn.LSTM(64, 256, 2), nn.Linear(256, 65)
    generator = torch.Generator().manual_seed(1)

    @torch.inference_mode()
    def write(length: int) -> None:
        state, token = None, torch.zeros(1, dtype=torch.int64)
        for _ in range(length):
            signal, state = lstm(embedding(token)[None], state)
            shares = (output(signal[0, 0]) / 0.8).softmax(0)
            token = torch.multinomial(shares, 1, generator=generator)

    return write


def writer(**shape: object) -> Writer:
    letters = tokenizer.learn("char", SYMBOLS)
    sizes = {"cell": "lstm", "layers": 2, **shape}
    config = ModelConfig(vocab_size=letters.vocab_size, **sizes)
    return Writer(RecurrentLM(config, torch.Generator().manual_seed(1)), letters)


def alone(writer: Writer, config: SampleConfig) -> Callable[[int], None]:
    def write(length: int) -> None:
        writer.write("A", replace(config, length=length))

    return write


def streamed(writer: Writer, config: SampleConfig) -> Callable[[int], None]:
    def write(length: int) -> None:
        for _ in writer.generate("A", replace(config, length=length)):
            pass

    return write


def together(writer: Writer, texts: int) -> Callable[[int], None]:
    def write(length: int) -> None:
        writer.write_many(["A"] * texts, replace(PLAIN, length=length // texts))

    return write


def main() -> None:
    torch.set_num_threads(1)
    ours = writer()
    contestants = {
        "nn.LSTM stepped": (stepped_library(), 300),
        "ours, temperature": (alone(ours, PLAIN), 1000),
        "ours, temperature and top-p": (alone(ours, SampleConfig(seed=1)), 1000),
        "ours, streamed piece by piece": (streamed(ours, SampleConfig(seed=1)), 1000),
        "ours, 32 texts together": (together(ours, 32), 9600),
        "ours, 1 x 256 GRU": (alone(writer(cell="gru", layers=1), SampleConfig(seed=1)), 1000),
    }
    rates: dict[str, list[float]] = {name: [] for name in contestants}
    for _ in range(ROUNDS):
        for name, (write, length) in contestants.items():
            began = time.perf_counter()
            write(length)
            rates[name].append(length / (time.perf_counter() - began))
    library = rates["nn.LSTM stepped"]
    for name, found in rates.items():
        ratios = [rate / base for rate, base in zip(found, library, strict=True)]
        print(
            f"{name:30} {statistics.median(found):8,.0f} characters/s"
            f"  {statistics.median(ratios):5.1f} x  ({min(ratios):.1f} to {max(ratios):.1f})"
        )


if __name__ == "__main__":
    main()
