"""Small networks for the tests of inspection: random, planted by hand, or known in closed form."""

import numpy as np
import torch

from rnn_demo.config import ModelConfig
from rnn_demo.inspection.subject import Subject
from rnn_demo.network.model import RecurrentLM
from rnn_demo.text import tokenizer

TEXT = 'He said: "go (now)!"\nThen 12 more lines came, Anna wrote.\n\n' * 40
VARIANTS = [
    {"cell": "rnn"},
    {"cell": "lstm"},
    {"cell": "gru"},
    {"cell": "gru", "reset_before": True},
    {"cell": "lstm", "layers": 2, "layer_norm": True, "residual": True},
    {"cell": "gru", "layers": 3, "embedding_size": 0},
    {"cell": "rnn", "layers": 2, "tie_weights": True, "embedding_size": 12},
]


def model(seed: int = 0, scale: float = 1.0, **settings) -> RecurrentLM:
    settings = {"vocab_size": 11, "embedding_size": 8, "hidden_size": 12, **settings}
    network = RecurrentLM(ModelConfig(**settings), torch.Generator().manual_seed(seed)).eval()
    with torch.no_grad():  # fresh networks are timid: make their guesses differ
        for parameter in network.parameters():
            parameter *= scale
    return network


def subject(
    text: str = TEXT, kind: str = "char", held_out: str | None = None, **settings
) -> Subject:
    words = tokenizer.learn(kind, text)
    network = model(vocab_size=words.vocab_size, **{"scale": 2.0, **settings})
    half = len(text) // 2
    return Subject(
        "tiny", network, words, text[:half], text[half:] if held_out is None else held_out
    )


def zero(network: RecurrentLM) -> RecurrentLM:
    """All weights 0, to be set by hand."""
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.zero_()
    return network


def tokens(vocab: int, *shape: int, seed: int = 0) -> torch.Tensor:
    return torch.randint(vocab, shape, generator=torch.Generator().manual_seed(seed))


def orthogonal(size: int, seed: int = 0) -> torch.Tensor:
    random = np.random.default_rng(seed).standard_normal((size, size))
    return torch.from_numpy(np.linalg.qr(random)[0])
