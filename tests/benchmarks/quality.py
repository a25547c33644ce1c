"""What a recipe learns in a given time: ours, and those people know, one after the other.

    python -m tests.benchmarks.quality --text FILE --seconds 60 [--repeats 3] [--only ours,plain]
    python -m tests.benchmarks.quality --text FILE --only ours --steps 400 --characters 50000 \
        --wanted '{"hidden": 256, "dropout": 0.5}'

The text is cut 90/10. Half of the tail (validation) chooses the best weights of ours, the other
half (test) chooses nothing; the whole tail is what others report. All are nats per character with
a warm state over a contiguous text. Only training counts as time. Ours is the product's own recipe
and Training; the references are written below with plain torch.nn, as their authors document them.
Their weights are measured at the end of the time, as their authors do. With --steps ours is
compared at equal numbers of updates, where the clock has no say; with --characters on a small text.
"""

from __future__ import annotations

import argparse
import json
import math
import statistics
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from rnn_demo.config import RunConfig
from rnn_demo.events import Evaluated, Started
from rnn_demo.judging import evaluation
from rnn_demo.text import corpus, tokenizer
from rnn_demo.training import recipe
from rnn_demo.training.train import Training, new_model

Result = dict[str, object]


# -- ours -----------------------------------------------------------------------------------------


def ours(parts: Parts, wanted: dict[str, object]) -> Result:
    """The product's recipe and training; the weights that were best on the validation half."""
    settings = RunConfig.from_json(wanted)
    plan = recipe.plan(parts.train, parts.tokenizer, settings)
    training = Training(
        new_model(plan.model, parts.train, settings.seed), parts.train, parts.validation, plan.train
    )
    best = training.weights()
    notes, curve = [], []
    for event in training.run():
        if isinstance(event, Started):
            notes.append(f"{event.threads} threads {event.note}".strip())
        if isinstance(event, Evaluated):
            curve.append((round(event.seconds, 1), round(event.nats_per_char, 4)))
            best = training.weights() if event.best else best
    training.model.load_state_dict(best)
    training.close()
    m, t = plan.model, plan.train
    tokens = training.step * t.batch_size * t.sequence_length
    return {
        **losses_of(lambda ids: evaluation.token_nats(training.model, ids, threads=2)[1:], parts),
        "characters_per_second": round(tokens / training.seconds),
        "weights": m.parameters,
        "plan": f"{m.cell} {m.layers}x{m.hidden_size} dropout {m.dropout} B {t.batch_size} "
        f"T {t.sequence_length} rate {t.learning_rate:g}",
        "best_step": training.best_step,
        "steps": training.step,
        "notes": notes,
        "curve": curve,
    }


# -- the references -------------------------------------------------------------------------------


class Plain(nn.Module):
    """Embedding or one-hot, a recurrent layer of torch.nn, a linear output."""

    def __init__(self, vocabulary: int, embedding: int, layer: nn.RNNBase) -> None:
        super().__init__()
        self.vocabulary = vocabulary
        self.embedding = nn.Embedding(vocabulary, embedding) if embedding else None
        self.layer = layer
        self.output = nn.Linear(layer.hidden_size, vocabulary)

    def forward(self, ids: Tensor, state: object = None) -> tuple[Tensor, object]:
        """ids (B, T) -> scores (B, T, V), state."""
        if self.embedding is None:
            signal = F.one_hot(ids, self.vocabulary).float()
        else:
            signal = self.embedding(ids)
        outputs, state = self.layer(signal, state)
        return self.output(outputs), state


def char_rnn(vocabulary: int) -> tuple[Plain, torch.optim.Optimizer, dict[str, object]]:
    """Karpathy's: LSTM 2 x 128 on one-hot input, RMSProp 2e-3, 50 streams of 50, U(-.08, .08)."""
    model = Plain(vocabulary, 0, nn.LSTM(vocabulary, 128, 2, batch_first=True))
    for name, weight in model.named_parameters():
        nn.init.uniform_(weight, -0.08, 0.08)
        if "bias_ih" in name:
            nn.init.ones_(weight.data[128:256])  # the forget gate
    optimizer = torch.optim.RMSprop(model.parameters(), 2e-3, alpha=0.95)
    return model, optimizer, {"batch": 50, "length": 50, "clip_each": 5.0, "decay": (0.97, 10, 1)}


def torch_rnn(vocabulary: int) -> tuple[Plain, torch.optim.Optimizer, dict[str, object]]:
    """Johnson's: LSTM 2 x 128, word vectors of 64, Adam 2e-3, 50 streams of 50."""
    model = Plain(vocabulary, 64, nn.LSTM(64, 128, 2, batch_first=True))
    for name, weight in model.layer.named_parameters():
        if weight.dim() == 2:
            nn.init.normal_(weight, std=(weight.shape[1] + 128) ** -0.5)
        else:
            nn.init.zeros_(weight)
        if "bias_ih" in name:
            nn.init.ones_(weight.data[128:256])
    optimizer = torch.optim.Adam(model.parameters(), 2e-3)
    return model, optimizer, {"batch": 50, "length": 50, "clip_each": 5.0, "decay": (0.5, 5, 5)}


def plain_gru(vocabulary: int) -> tuple[Plain, torch.optim.Optimizer, dict[str, object]]:
    """A careful GRU 1 x 256 without own kernels: AdamW 5e-3, cosine, 32 streams of 32, clip 1."""
    model = Plain(vocabulary, 64, nn.GRU(64, 256, batch_first=True))
    for block in model.layer.weight_hh_l0.data.chunk(3):
        nn.init.orthogonal_(block)
    matrices = [p for p in model.parameters() if p.dim() == 2]
    vectors = [p for p in model.parameters() if p.dim() == 1]
    optimizer = torch.optim.AdamW(
        [{"params": matrices, "weight_decay": 0.01}, {"params": vectors, "weight_decay": 0.0}],
        5e-3,
        betas=(0.9, 0.99),
        fused=True,
    )
    return model, optimizer, {"batch": 32, "length": 32, "clip": 1.0, "cosine": 0.02}


def last_only(vocabulary: int) -> tuple[Plain, torch.optim.Optimizer, dict[str, object]]:
    """The tutorial's: RNN 1 x 256 that reads 50 characters to predict the next one only."""
    model = Plain(vocabulary, 128, nn.RNN(128, 256, batch_first=True))
    return model, torch.optim.Adam(model.parameters(), 1e-3), {"batch": 64, "length": 50, "last": 1}


REFERENCES = {
    "char-rnn defaults": char_rnn,
    "torch-rnn defaults": torch_rnn,
    "plain nn.GRU": plain_gru,
    "tutorial RNN, last only": last_only,
}


def streams(ids: Tensor, batch: int, length: int) -> Iterator[tuple[Tensor, Tensor, bool, int]]:
    """Inputs and targets (B, T) of carried streams, whether a pass begins, and which."""
    width = (len(ids) - 1) // batch
    inputs, targets = ids[: batch * width].view(batch, -1), ids[1 : batch * width + 1]
    targets = targets.view(batch, -1)
    for number in range(10**9):
        for start in range(0, width - length + 1, length):
            stop = start + length
            yield inputs[:, start:stop], targets[:, start:stop], start == 0, number


def windows(ids: Tensor, batch: int, length: int) -> Iterator[tuple[Tensor, Tensor, bool, int]]:
    """Random windows without a past; the target is what follows, (B, 1)."""
    while True:
        places = torch.randint(len(ids) - length, (batch, 1)) + torch.arange(length + 1)
        block = ids[places]
        yield block[:, :-1], block[:, -1:], True, 0


def reference(make: Callable, parts: Parts, seconds: float, seed: int) -> Result:
    """Train one of the references for so many seconds."""
    torch.manual_seed(seed)
    model, optimizer, how = make(parts.tokenizer.vocab_size)
    rate, ids = optimizer.param_groups[0]["lr"], torch.from_numpy(parts.train.astype(np.int64))
    source = windows if "last" in how else streams
    state, tokens, began = None, 0, time.perf_counter()
    for inputs, targets, fresh, number in source(ids, how["batch"], how["length"]):
        share = (time.perf_counter() - began) / seconds
        if share >= 1:
            break
        for group in optimizer.param_groups:
            group["lr"] = rate * decayed(how, share, number)
        optimizer.zero_grad()
        scores, state = model(inputs, None if fresh else state)
        state = tuple(s.detach() for s in state) if isinstance(state, tuple) else state.detach()
        scores = scores[:, -targets.shape[1] :]
        F.cross_entropy(scores.flatten(0, 1), targets.flatten()).backward()
        if "clip" in how:
            nn.utils.clip_grad_norm_(model.parameters(), how["clip"])
        if "clip_each" in how:
            nn.utils.clip_grad_value_(model.parameters(), how["clip_each"])
        optimizer.step()
        tokens += inputs.numel()
    return {
        **losses_of(lambda part: read(model, part), parts),
        "characters_per_second": round(tokens / seconds),
        "weights": sum(p.numel() for p in model.parameters()),
    }


def decayed(how: dict, share: float, number: int) -> float:
    """The factor of the learning rate, by the share of the time or the number of the pass."""
    if "cosine" in how:
        down = (1 + math.cos(math.pi * max(0.0, share - 0.03) / 0.97)) / 2
        return min(1.0, share / 0.03 + 0.01) * (how["cosine"] + (1 - how["cosine"]) * down)
    if "decay" in how:
        factor, after, every = how["decay"]
        return factor ** max(0, (number - after) // every + 1)
    return 1.0


@torch.no_grad()
def read(model: Plain, ids: np.ndarray) -> np.ndarray:
    """Nats of every token but the first, read in one go with a carried state."""
    tokens, state, losses = torch.from_numpy(ids.astype(np.int64)), None, []
    for start in range(0, len(tokens) - 1, 4096):
        window = tokens[start : start + 4097]
        scores, state = model(window[None, :-1], state)
        losses.append(F.cross_entropy(scores[0], window[1:], reduction="none"))
    return torch.cat(losses).double().numpy()


# -- measuring ------------------------------------------------------------------------------------


class Parts:
    """A text in tokens of characters: what is trained on, and the two halves of the tail."""

    def __init__(self, path: Path, characters: int = 0) -> None:
        text = corpus.read_file(path).text
        cut = int(len(text) * 0.9)
        self.train_text, self.tail_text = text[:cut][-characters:], text[cut:]
        self.tokenizer = tokenizer.learn("char", text[:cut])
        self.train = self.tokenizer.encode(self.train_text)
        self.tail = self.tokenizer.encode(self.tail_text)
        self.validation = self.tail[: len(self.tail) // 2]


def losses_of(nats: Callable[[np.ndarray], np.ndarray], parts: Parts) -> Result:
    """Means over the whole tail and over its halves, from one reading of the whole."""
    losses = nats(parts.tail)
    half = len(parts.validation)
    return {
        "tail": round(float(losses.mean()), 4),
        "validation": round(float(losses[:half].mean()), 4),
        "test": round(float(losses[half:].mean()), 4),
    }


def main() -> None:
    """Run all in turn, so often; print every run and then the medians."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--text", type=Path, required=True)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--steps", type=int, help="updates of ours, instead of seconds")
    parser.add_argument("--characters", type=int, default=0, help="train on the last so many")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--only", default="", help="names, or beginnings of names, with commas")
    parser.add_argument("--wanted", type=json.loads, default={}, help="settings of ours, JSON")
    arguments = parser.parse_args()
    parts = Parts(arguments.text, arguments.characters)
    budget = {"steps": arguments.steps} if arguments.steps else {"minutes": arguments.seconds / 60}
    runs: dict[str, list[Result]] = {}
    for seed in range(arguments.repeats):
        for name in ("ours", *REFERENCES):
            if arguments.only and not name.startswith(tuple(arguments.only.split(","))):
                continue
            threads = torch.get_num_threads()
            if name == "ours":
                result = ours(parts, {**budget, "seed": seed, **arguments.wanted})
            else:
                result = reference(REFERENCES[name], parts, arguments.seconds, seed)
            torch.set_num_threads(threads)  # as every program finds it
            runs.setdefault(name, []).append(result)
            print(json.dumps({"recipe": name, "seed": seed, **result}), flush=True)
    counted = evaluation.baselines(parts.train_text, parts.tail_text)
    print(f"\n{arguments.seconds:g} s, medians of {arguments.repeats}: tail, validation, test")
    for name, results in runs.items():
        medians = [statistics.median(r[part] for r in results) for part in
                   ("tail", "validation", "test")]  # fmt: skip
        print(f"  {name:26}" + "".join(f"{value:9.4f}" for value in medians))
    print(f"  Kneser-Ney {counted.ngram_order}-grams{counted.ngram:20.4f}")


if __name__ == "__main__":
    main()
