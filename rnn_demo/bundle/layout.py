"""What lies in a bundle, under which names, and how large it may be."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

CONFIG, WEIGHTS = "config.json", "model.safetensors"
LOG, SAMPLES, TEXT = "training_log.jsonl", "samples.jsonl", "training_text.txt"
TOKENIZER_FILES = {"char": "tokenizer.json", "byte": "tokenizer.json", "subword": "tokenizer.model"}
SCHEMA = 1  # of config.json; a reader refuses what it does not know
ARCHITECTURE = "RnnDemoLM"

KB, MB = 1 << 10, 1 << 20
LIMITS = {  # bytes; nothing else is read, and nothing larger
    CONFIG: 64 * KB,
    WEIGHTS: 512 * MB,
    "tokenizer.json": 2 * MB,
    "tokenizer.model": 2 * MB,
    LOG: 8 * MB,
    SAMPLES: 8 * MB,
    TEXT: 64 * MB,
}


def write_lines(path: Path, records: Iterable[dict[str, Any]]) -> None:
    """Write one strict JSON object a line."""
    lines = [json.dumps(r, ensure_ascii=False, allow_nan=False) + "\n" for r in records]
    path.write_text("".join(lines), encoding="utf-8")


def sha256(path: Path) -> str:
    """Hexadecimal SHA-256 of a file."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(MB):
            digest.update(block)
    return digest.hexdigest()
