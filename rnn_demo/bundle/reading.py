"""Reads a bundle that may come from a stranger, believing nothing that it says.

Sizes first, then the settings, then the header of the weights against what the settings demand;
only then is memory taken.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rnn_demo.bundle.layout import (
    ARCHITECTURE,
    CONFIG,
    LIMITS,
    SCHEMA,
    TOKENIZER_FILES,
    WEIGHTS,
    sha256,
)
from rnn_demo.config import ModelConfig
from rnn_demo.errors import ConfigError, DamagedError, RunError, TokenizerError
from rnn_demo.messages.message import Message
from rnn_demo.network.model import RecurrentLM
from rnn_demo.runs.files import unique, without_surrogates
from rnn_demo.runs.packing import load_model
from rnn_demo.runs.tensors import HEADER_LIMIT
from rnn_demo.text import tokenizer


@dataclass(frozen=True)
class Bundle:
    """A network read from a folder, ready to write: model in eval mode, on the CPU."""

    folder: Path
    config: ModelConfig
    tokenizer: tokenizer.Tokenizer
    model: RecurrentLM
    record: dict[str, Any]  # config.json as a whole

    @property
    def training(self) -> dict[str, Any]:
        """Facts of the training for people to read; nothing depends on them."""
        facts = self.record.get("training")
        return facts if isinstance(facts, dict) else {}


def read_bundle(folder: Path) -> Bundle:
    """Read a folder that may come from a stranger. Raises RunError, DamagedError, ConfigError."""
    folder = Path(folder)
    record = read_config(folder)
    config = model_config(record)
    words_file = _tokenizer_file(folder, record)
    model = _load_model(folder / WEIGHTS, config)
    for path, part in ((folder / WEIGHTS, "weights"), (words_file, "tokenizer")):
        _check_digest(path, record.get(part))
    return Bundle(folder, config, _load_tokenizer(words_file, config), model, record)


def read_config(folder: Path) -> dict[str, Any]:
    """config.json as a dictionary of a version we know, and of this project."""
    path = folder / CONFIG
    if not path.is_file():
        raise RunError("model.foreign", why=Message("model.lacks.config"))
    _check_size(path)
    try:
        found = json.loads(path.read_text(encoding="utf-8"), object_pairs_hook=unique)
        record = without_surrogates(found)
    except (ValueError, RecursionError) as error:
        raise DamagedError("file.unreadable", name=CONFIG, reason=str(error)[:80]) from None
    if not isinstance(record, dict) or record.get("architectures") != [ARCHITECTURE]:
        raise RunError("model.foreign", why=Message("model.architecture", name=ARCHITECTURE))
    version = record.get("schema_version")
    if type(version) is not int or version < 1:
        raise DamagedError("model.version", value=str(version)[:40])
    if version > SCHEMA:
        raise RunError("model.newer", version=version, most=SCHEMA)
    return record


def model_config(record: dict[str, Any]) -> ModelConfig:
    """The network's settings, in range, and small enough to be held in memory."""
    config = ModelConfig.from_json(record.get("model"))
    if config.parameters * 4 > LIMITS[WEIGHTS]:
        raise ConfigError("model.heavy", count=config.parameters, most=LIMITS[WEIGHTS] // 4)
    return config


def _load_model(path: Path, config: ModelConfig) -> RecurrentLM:
    """Build the network from a file that holds exactly what its settings call for."""
    if not path.is_file():
        raise RunError("model.foreign", why=Message("model.lacks.weights"))
    _check_size(path)
    size, wanted = path.stat().st_size, 4 * config.parameters
    if not wanted < size <= wanted + 8 + HEADER_LIMIT:
        raise DamagedError("model.length", size=size, count=config.parameters, wanted=wanted)
    return load_model(config, path.read_bytes(), WEIGHTS)


def _tokenizer_file(folder: Path, record: dict[str, Any]) -> Path:
    """Where the tokenizer lies; only the two known names are ever opened."""
    part = record.get("tokenizer")
    kind = part.get("kind") if isinstance(part, dict) else None
    if not isinstance(kind, str) or kind not in TOKENIZER_FILES:
        raise DamagedError("model.kind", kind=str(kind)[:40])
    path = folder / TOKENIZER_FILES[kind]
    if not path.is_file():
        raise RunError("model.foreign", why=Message("model.lacks.tokenizer", name=path.name))
    _check_size(path)
    return path


def _load_tokenizer(path: Path, config: ModelConfig) -> tokenizer.Tokenizer:
    """Load a stranger's tokenizer, a SentencePiece model only after a child process survived it."""
    if path.suffix == ".model":
        tokenizer.check_foreign(path)
    words = tokenizer.load(path)
    if words.vocab_size != config.vocab_size:
        raise TokenizerError(
            "tokenizer.mismatch", symbols=words.vocab_size, network=config.vocab_size
        )
    return words


def _check_digest(path: Path, part: Any) -> None:
    wanted = part.get("sha256") if isinstance(part, dict) else None
    if not isinstance(wanted, str) or sha256(path) != wanted:
        raise DamagedError("model.digest", name=path.name)


def _check_size(path: Path) -> None:
    size, limit = path.stat().st_size, LIMITS[path.name]
    if size > limit:
        raise DamagedError("model.size", name=path.name, size=size, limit=limit)
