"""The command lines that train such a model again."""

from __future__ import annotations

import shlex
from typing import Any

from rnn_demo.text.corpus import SAMPLES

TYPED = ("minutes", "steps", "cell", "tokenizer", "vocab_size", "hidden", "layers", "embedding",
         "dropout", "reset_before", "tie_weights", "batch", "length", "learning_rate",
         "weight_decay", "threads", "split", "prompt")  # fmt: skip


def train_command(training: dict[str, Any], record: dict[str, Any]) -> str:
    """What was asked for, and the same with the recipe's choices spelled out and a step count."""
    wanted, train, model = (
        training.get("wanted") or {},
        training.get("train") or {},
        record["model"],
    )
    asked = {name: wanted.get(name) for name in TYPED if wanted.get(name) not in (None, "")}
    if not asked.get("threads"):  # 0: as many as are fast there
        asked.pop("threads", None)
    if not asked.get("minutes") and not asked.get("steps"):
        asked = {"minutes": 1} | asked
    seed = {"seed": wanted.get("seed", 0)}
    spelled = {
        "steps": training.get("steps"),
        "cell": model["cell"],
        "tokenizer": wanted.get("tokenizer") or record["tokenizer"]["kind"],
        "vocab_size": model["vocab_size"] if record["tokenizer"]["kind"] == "subword" else None,
        "hidden": model["hidden_size"],
        "layers": model["layers"],
        "embedding": model["embedding_size"],
        "dropout": model["dropout"],
        "reset_before": model.get("reset_before"),
        "tie_weights": model.get("tie_weights"),
        "batch": train.get("batch_size"),
        "length": train.get("sequence_length"),
        "learning_rate": train.get("learning_rate"),
        "weight_decay": train.get("weight_decay"),
        "threads": wanted.get("threads") or training.get("threads") or None,
        "split": wanted.get("split"),
    }
    start = f"python -m rnn_demo train {_text(training)}"
    if training.get("began_with"):
        start += " --from runs/<id>"  # of the network that it began with
    return "\n".join(
        [
            "# as it was made",
            _options(start, asked | seed),
            "# every choice spelled out, as many steps on any machine",
            _options(start, spelled | seed),
        ]
    )


def _text(training: dict[str, Any]) -> str:
    name = str((training.get("text") or {}).get("name") or "")
    if name in SAMPLES:
        return f"--sample {name}"
    return shlex.quote(name) if "." in name else "your_text.txt"


def _options(start: str, options: dict[str, Any]) -> str:
    words = [start]
    for name, value in options.items():
        option = f"--{name.replace('_', '-')}"
        if isinstance(value, bool):
            words += [option] if value else []
        elif value is not None:
            words.append(f"{option} {shlex.quote(str(value))}")
    return " ".join(words)
