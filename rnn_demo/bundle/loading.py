"""A trained network from wherever it lies: a run folder, or a model's folder from the Hub."""

from __future__ import annotations

from pathlib import Path

from rnn_demo.bundle import CONFIG, read_bundle
from rnn_demo.errors import RunError
from rnn_demo.network.model import RecurrentLM
from rnn_demo.runs.checkpoint import RunFolder
from rnn_demo.text.tokenizer import Tokenizer


def load(path: str | Path) -> tuple[RecurrentLM, Tokenizer]:
    """(best weights in eval mode, tokenizer). Nothing in the folder is trusted."""
    path = Path(path)
    if (path / "run.json").is_file():
        folder = RunFolder(path)
        return folder.best_model(), folder.tokenizer()
    if (path / CONFIG).is_file():
        bundle = read_bundle(path)
        return bundle.model, bundle.tokenizer
    raise RunError("model.nothing", path=path)
