"""Small untrained networks of every shape, with weights large enough to have opinions."""

from __future__ import annotations

import torch

from rnn_demo.config import ModelConfig
from rnn_demo.network.model import RecurrentLM

SHAPES: dict[str, dict[str, object]] = {
    "rnn": {"cell": "rnn"},
    "lstm": {"cell": "lstm"},
    "gru": {"cell": "gru"},
    "reset before": {"cell": "gru", "reset_before": True},
    "three layers": {"cell": "lstm", "layers": 3, "layer_norm": True, "residual": True},
    "one-hot": {"cell": "gru", "embedding_size": 0, "layers": 2},
    "tied": {"cell": "rnn", "embedding_size": 24, "tie_weights": True, "layers": 2},
}


def network(vocab_size: int, noise: float = 0.3, **shape: object) -> RecurrentLM:
    """A network of 24 units, the same one every time."""
    sizes = {"hidden_size": 24, "embedding_size": 8, **shape}
    generator = torch.Generator().manual_seed(2)
    model = RecurrentLM(ModelConfig(vocab_size=vocab_size, **sizes), generator).eval()
    with torch.no_grad():
        for weight in model.parameters():
            weight += noise * torch.randn(weight.shape, generator=generator)
    return model
