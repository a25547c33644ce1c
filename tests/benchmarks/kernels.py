"""Loss and gradients of one step: ours beside the library's layers, in turn, in one run.

    python -m tests.benchmarks.kernels [--seconds 0.4] [--cells gru lstm] [--beside] [--both]

Every way computes the same step (65 symbols, embedding 64, T = 32, one layer): embedding, layer,
output, cross-entropy, all gradients; no optimiser. The ways take turns, three rounds; the best
round of each counts, because whatever else runs on the machine can only slow a round down.
With --beside, a program that keeps one core busy runs beside them. With --both, ours in bfloat16
is timed by hand and by the library's kernel, whichever the product would choose.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from collections.abc import Callable

import torch
from torch import nn
from torch.nn import functional as F

from rnn_demo.config import ModelConfig
from rnn_demo.network.gradients import Gradients
from rnn_demo.network.model import RecurrentLM

SYMBOLS, EMBEDDING, STEPS = 65, 64, 32


class Library(nn.Module):
    """The same network from the library's modules."""

    def __init__(self, cell: str, hidden: int) -> None:
        super().__init__()
        self.embedding = nn.Embedding(SYMBOLS, EMBEDDING)
        self.layer = getattr(nn, cell.upper())(EMBEDDING, hidden, batch_first=True)
        self.output = nn.Linear(hidden, SYMBOLS)

    def step(self, inputs: torch.Tensor, targets: torch.Tensor) -> None:
        self.zero_grad(set_to_none=True)
        outputs, _ = self.layer(self.embedding(inputs))
        logits = self.output(outputs)
        F.cross_entropy(logits.flatten(0, 1), targets.flatten()).backward()


def ways(cell: str, hidden: int, batch: int, both: bool) -> dict[str, Callable[[], object]]:
    """Name -> one step, for every way that is compared."""
    generator = torch.Generator().manual_seed(0)
    inputs, targets = torch.randint(SYMBOLS, (2, batch, STEPS), generator=generator)
    library = Library(cell, hidden)
    config = ModelConfig(vocab_size=SYMBOLS, cell=cell, hidden_size=hidden,
                         embedding_size=EMBEDDING)  # fmt: skip
    model = RecurrentLM(config, generator)

    def by_library(threads: int) -> Callable[[], object]:
        def step() -> None:
            torch.set_num_threads(threads)
            library.step(inputs, targets)

        return step

    def by_us(threads: int, arithmetic: str, by_hand: bool | None = None) -> Callable[[], object]:
        gradients = Gradients(model, threads=threads, arithmetic=arithmetic, by_hand=by_hand)
        gradients.warm_up(batch, STEPS)
        state = model.initial_state(batch)

        def step() -> None:
            torch.set_num_threads(1)
            gradients(inputs, targets, state)

        return step

    if both:
        return {
            f"{name}, {threads}": by_us(threads, "bfloat16", by_hand)
            for threads in (1, 2)
            for name, by_hand in (("by hand", True), ("library's kernel", False))
        }
    return {
        "library, 1": by_library(1),
        "library, 2": by_library(2),
        "float32, 1": by_us(1, "float32"),
        "float32, 2": by_us(2, "float32"),
        "bfloat16, 1": by_us(1, "bfloat16"),
        "bfloat16, 2": by_us(2, "bfloat16"),
    }


def rate(step: Callable[[], object], seconds: float) -> float:
    """Steps per second."""
    step()
    begin, count = time.perf_counter(), 0
    while time.perf_counter() - begin < seconds or count < 3:
        step()
        count += 1
    return count / (time.perf_counter() - begin)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=0.4)
    parser.add_argument("--cells", nargs="+", default=["gru", "lstm"])
    parser.add_argument("--hidden", nargs="+", type=int, default=[256, 384, 512])
    parser.add_argument("--batch", nargs="+", type=int, default=[16, 32])
    parser.add_argument("--beside", action="store_true")
    parser.add_argument("--both", action="store_true")
    options = parser.parse_args()
    busy = subprocess.Popen([sys.executable, "-c", "while True: pass"]) if options.beside else None
    try:
        table(options)
    finally:
        if busy is not None:
            busy.kill()


def table(options: argparse.Namespace) -> None:
    """Time everything that was asked for; a row for every shape."""
    names = None
    for cell in options.cells:
        for hidden in options.hidden:
            for batch in options.batch:
                steps = ways(cell, hidden, batch, options.both)
                best = dict.fromkeys(steps, 0.0)
                for _ in range(3):
                    for name, step in steps.items():
                        best[name] = max(best[name], rate(step, options.seconds))
                if names is None:
                    names = list(steps)
                    print("| steps a second |", " | ".join(names), "| best / library, tokens/s |")
                    print("|---" * (len(names) + 2) + "|")
                ours = max(value for name, value in best.items() if "library" not in name)
                theirs = max(value for name, value in best.items() if "library" in name)
                cells = " | ".join(f"{value:.1f}" for value in best.values())
                print(f"| {cell} {hidden}, B = {batch} | {cells} | **{ours / theirs:.2f}**, "
                      f"{ours * batch * STEPS:,.0f} |", flush=True)  # fmt: skip


if __name__ == "__main__":
    main()
