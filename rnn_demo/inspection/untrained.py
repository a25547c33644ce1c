"""The forget-gate bias on a network that has learned nothing: the best lesson from one control.

With small random weights the gradient of an LSTM's cell falls by the forget gate at every step,
about sigmoid(b)^k over k steps. PyTorch begins with b near 0, so a fresh LSTM forgets like a
plain RNN; b = 1 (Gers et al. 2000; Jozefowicz, Zaremba and Sutskever 2015) keeps it open. For
the GRU the update gate does the same. The plain RNN has no gate to set.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch

from rnn_demo.config import ModelConfig
from rnn_demo.errors import require
from rnn_demo.inspection.memory import gradient_curve, inside_curve
from rnn_demo.inspection.notice import Notice, notice, short
from rnn_demo.inspection.unrolled import Unrolled, one_thread
from rnn_demo.messages.message import named
from rnn_demo.network.model import RecurrentLM

LAGS = 80
LAG = 40  # that the sentence speaks of


@dataclass(frozen=True)
class Untrained:
    bias: float
    curves: dict[str, np.ndarray]  # cell -> (LAGS,) gradient against lag, relative to lag 0
    cell: np.ndarray  # (LAGS,) the same inside the LSTM, of its state c
    gate: np.ndarray  # (LAGS,) sigmoid(bias)^k: what the forget gate alone would leave of it
    notice: Notice


def forget_bias(bias: float, hidden: int = 128, seed: int = 0) -> Untrained:
    """Fresh networks of all three cells, their gate that remembers biased by `bias`."""
    require(-10 <= bias <= 10, "settings.range", name=named("bias"), range="-10..10", value=bias)
    tokens = torch.randint(64, (16, LAGS + 1), generator=torch.Generator().manual_seed(seed))
    with one_thread():
        curves = {
            cell: gradient_curve(Unrolled(fresh(cell, bias, hidden, seed)), tokens)
            for cell in ("rnn", "lstm", "gru")
        }
        inside = inside_curve(Unrolled(fresh("lstm", bias, hidden, seed)), tokens, part="c")
    gate = (1 / (1 + np.exp(-bias))) ** np.arange(LAGS)
    at_lag = {name: short(float(v[LAG])) for name, v in curves.items()}
    said = notice(
        "untrained.found", bias=bias, lag=LAG, **at_lag,
        cell=short(float(inside[LAG])), gate=short(float(gate[LAG])),
    )  # fmt: skip
    return Untrained(bias, curves, inside, gate, said)


def fresh(cell: str, bias: float, hidden: int = 128, seed: int = 0) -> RecurrentLM:
    """PyTorch's own initialisation, uniform in +-1/sqrt(H), and then the one bias.

    Not ours, which is orthogonal and already remembers: this is the lesson, not the recipe.
    """
    generator = torch.Generator().manual_seed(seed)
    config = ModelConfig(vocab_size=64, cell=cell, embedding_size=32, hidden_size=hidden)
    model = RecurrentLM(config, generator).eval()
    with torch.no_grad():
        model.embedding.weight.normal_(generator=generator)
        layer = model.layer_list[0]
        for weight in (*layer.weights(), model.output.weight, model.output.bias):
            weight.uniform_(-(hidden**-0.5), hidden**-0.5, generator=generator)
        if cell != "rnn":  # f of i, f, g, o; z of r, z, n
            layer.input_bias[hidden : 2 * hidden] = bias
            layer.recurrent_bias[hidden : 2 * hidden] = 0
    return model
