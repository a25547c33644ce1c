"""The model card: what the network is, how good, what it writes, how to use and to repeat it.

Made from a bundle alone, so that it can be looked at before anything is sent. Whatever comes from
a person (names, prompts, text that the network wrote) goes into code fences or is escaped.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rnn_demo.bundle import LOG, SAMPLES, read_config
from rnn_demo.bundle.layout import sha256
from rnn_demo.config import ModelConfig
from rnn_demo.hub import merge
from rnn_demo.hub.address import ADDRESS
from rnn_demo.hub.commands import train_command
from rnn_demo.hub.snippet import snippet
from rnn_demo.hub.trouble import HubTrouble

HUB = "https://huggingface.co"
PICTURE = "assets/loss.png"
LICENSES = ("cc0-1.0", "cc-by-4.0", "cc-by-sa-4.0", "cc-by-nc-4.0", "apache-2.0", "mit",
            "openrail", "other", "unknown")  # fmt: skip
LEVELS = {"char": "character", "byte": "byte", "subword": "subword"}
CELLS = {"rnn": "plain RNN", "lstm": "LSTM", "gru": "GRU"}


@dataclass(frozen=True, kw_only=True)
class Labels:
    """What only the person can say about a model."""

    license: str  # an identifier of the Hub; the rights to the text decide with them
    language: str = ""  # ISO code of the text; "": not stated
    title: str = ""  # "": the name of the run

    def __post_init__(self) -> None:
        if not self.license.strip():
            raise HubTrouble("license")


def write_card(folder: Path, repo_id: str, labels: Labels) -> str:
    """The whole README.md for the bundle in `folder`."""
    record = read_config(folder)
    about = _About(folder, record, repo_id, labels)
    body = "\n\n".join([
        merge.BEGIN, f"# {plain(about.title)}", _what_it_is(about),
        *([f"![Loss curve]({PICTURE})"] if (folder / PICTURE).is_file() else []),
        *_quality(about), *_samples(about), *_use(about), *_reproduce(about), *_limits(about),
        merge.END + "\n",
    ])  # fmt: skip
    return merge.join(_head(about), "\n" + body)


class _About:
    """The facts that all parts of the card draw on."""

    def __init__(self, folder: Path, record: dict[str, Any], repo_id: str, labels: Labels) -> None:
        self.record, self.repo_id, self.labels = record, repo_id, labels
        self.config = ModelConfig.from_json(record["model"])
        self.kind: str = record["tokenizer"]["kind"]
        self.training: dict[str, Any] = record["training"]
        self.text: dict[str, Any] = self.training.get("text") or {}
        self.losses: dict[str, Any] = self.training.get("losses") or {}
        self.samples = read_lines(folder / SAMPLES)
        self.log = read_lines(folder / LOG)
        self.title = labels.title or self.training.get("name") or repo_id.split("/")[-1]
        began = ADDRESS.fullmatch(str(self.training.get("began_with") or ""))
        self.base = f"{began[1]}/{began[2]}" if began else ""  # the model that it was made from
        self.weights_sha256 = sha256(folder / "model.safetensors")


def read_lines(path: Path) -> list[dict[str, Any]]:
    """The records of a JSONL file; none if it is not there."""
    if not path.is_file():
        return []
    return [json.loads(line) for line in path.read_text(encoding="utf-8").split("\n") if line]


# ------------------------------------------------------------------------------- the head


def _head(about: _About) -> dict[str, Any]:
    level = f"{LEVELS[about.kind]}-level"
    head: dict[str, Any] = {
        "license": about.labels.license.strip(),
        "language": [about.labels.language] if about.labels.language else None,
        "library_name": "rnn-demo",
        "pipeline_tag": "text-generation",
        "base_model": about.base,
        "tags": [about.config.cell, "recurrent-neural-network", level,
                 *([] if about.training.get("began_with") else ["from-scratch"]),
                 "trained-with-rnn-demo"],
        "widget": [_example(sample) for sample in about.samples[:3] if sample["prompt"]],
        "model-index": _model_index(about),
    }  # fmt: skip
    return {name: value for name, value in head.items() if value}


def _example(sample: dict[str, Any]) -> dict[str, Any]:
    return {"text": sample["prompt"], "output": {"text": sample["text"]}}


def _model_index(about: _About) -> list[dict[str, Any]]:
    """The held-out losses in the form that the Hub reads."""
    part = "test" if "test_bits_per_char" in about.losses else "validation"
    names = {"bits_per_char": "bits per character", "bits_per_byte": "bits per byte"}
    metrics = [
        {
            "type": key,
            "value": round(about.losses[f"{part}_{key}"], 5),
            "name": f"{words}, {part} part",
        }
        for key, words in names.items()
        if about.losses.get(f"{part}_{key}") is not None
    ]
    if not metrics:
        return []
    dataset = {"type": "custom", "name": str(about.text.get("name") or "custom text")}
    task = {"type": "text-generation", "name": "Text Generation"}
    return [{"name": about.title, "results": [
        {"task": task, "dataset": dataset, "metrics": metrics}]}]  # fmt: skip


# ------------------------------------------------------------------------------- the body


def _what_it_is(about: _About) -> str:
    config = about.config
    layers = "one layer" if config.layers == 1 else f"{config.layers} layers"
    unit = {"char": "character", "byte": "byte", "subword": "piece of a word"}[about.kind]
    sentences = [
        f"A recurrent neural network ({CELLS[config.cell]}, {layers} of {config.hidden_size} "
        f"units, {config.parameters:,} weights) that writes text {unit} by {unit}."
    ]
    if about.text.get("characters"):
        name = about.text.get("name")
        source = f"{about.text['characters']:,} characters of text" + (
            f" (“{plain(str(name))}”)" if name else ""
        )
        sentences.append(
            f"It was trained {_beginning(about)}, on {source}, "
            f"in {_time(about.training.get('seconds', 0))} on {_machine(about.training)}."
        )
    bits = about.losses.get("validation_bits_per_char")
    ngram = ((about.training.get("baselines") or {}).get("bits_per_char") or {}).get("ngram")
    if bits is not None and ngram:
        order = about.training["baselines"].get("ngram_order", 0)
        than = "fewer" if bits < ngram else "more"
        sentences.append(
            f"To predict a character of held-out text it needs {bits:.2f} bits, {than} than the "
            f"{ngram:.2f} bits of counting runs of {order} characters."
        )
    return " ".join(sentences)


def _beginning(about: _About) -> str:
    """Where its training began: nowhere, or with another network."""
    if about.base:
        return f"further, beginning with the weights of [{about.base}]({HUB}/{about.base})"
    if about.training.get("began_with"):
        return "further, beginning with the weights of another network like it"
    return "from scratch, starting from random numbers"


def _quality(about: _About) -> list[str]:
    """The table: the network beside what needs no network."""
    losses = about.losses
    if "validation_bits_per_char" not in losses:
        return []
    ratio = losses["validation_bits_per_byte"] / max(losses["validation_bits_per_char"], 1e-9)
    rows = [("**this network**, validation part", losses["validation_bits_per_char"],
             losses["validation_bits_per_byte"])]  # fmt: skip
    if "test_bits_per_char" in losses:
        rows.append(("**this network**, test part (never looked at while training)",
                     losses["test_bits_per_char"], losses["test_bits_per_byte"]))  # fmt: skip
    found = about.training.get("baselines") or {}
    words = {
        "ngram": f"Kneser-Ney n-grams of {found.get('ngram_order', 0)} characters",
        "xz": "xz, a file compressor",
        "unigram": "letter frequencies",
        "uniform": "guessing",
    }
    bits = found.get("bits_per_char") or {}
    rows += [(words[key], bits[key], bits[key] * ratio) for key in words if bits.get(key)]
    lines = ["| on held-out text | bits per character | bits per byte | perplexity per character |",
             "|---|---:|---:|---:|"]  # fmt: skip
    lines += [f"| {name} | {a:.3f} | {b:.3f} | {2**a:.2f} |" for name, a, b in rows]
    return [
        "## How good it is",
        "\n".join(lines),
        "Lower is better: the average number of yes-no questions that the next character still "
        "leaves open. The baselines saw the same training text and are measured on the validation "
        "part.",
    ]


def _samples(about: _About) -> list[str]:
    if not about.samples:
        return []
    parts = ["## What it writes", "Unedited, the first that came: nothing was chosen."]
    for sample in about.samples:
        settings = ", ".join(f"{name} {value}" for name, value in sample["settings"].items())
        after = f", after the prompt {_code(sample['prompt'])}" if sample["prompt"] else ""
        parts.append(f"Seed {sample['seed']}, {settings}{after}:")
        parts.append(fence(sample["text"], "text"))
    return [*parts, *_copy_meter(about)]


def _copy_meter(about: _About) -> list[str]:
    """How much of what it writes is taken from the training text, as far as it was measured."""
    shown = about.training.get("samples_copied") or {}
    wide = about.training.get("copied") or {}
    sentences = []
    if shown:
        longest = shown.get("longest", 0)
        sentences.append(
            f"{shown.get('share', 0):.1%} of the characters of these samples stand word for word "
            "in the training text, in runs of 40 characters or more"
            + (f"; the longest run has {longest}." if longest else ".")
        )
    if wide.get("share") is not None and wide.get("held_out_share") is not None:
        sentences.append(
            f"In a longer sample, written when the training ended, {wide['share']:.1%} did; of "
            f"held-out text from the same source it is {wide['held_out_share']:.1%}, without "
            "anybody having copied."
        )
    return ["### How much of it is copied", " ".join(sentences)] if sentences else []


def _use(about: _About) -> list[str]:
    if not about.samples:
        return []
    sample = about.samples[0]
    settings = ", ".join(f"{name}={value}" for name, value in sample["settings"].items())
    others = "torch safetensors" + (" sentencepiece" if about.kind == "subword" else "")
    ours = (
        "from rnn_demo.hub import load\n\n"
        f'model = load("{about.repo_id}")\n'
        f"print(model.write({sample['prompt']!r}, seed={sample['seed']}, {settings}))"
    )
    return [
        "## Use it",
        "With the program that it was made with (`pip install .` in the folder of rnn-demo), which "
        "also looks inside the network or trains it further "
        f"([more models made with it]({HUB}/models?other=trained-with-rnn-demo)):",
        fence(ours, "python"),
        f"Without it: `pip install {others}`, fetch the files with `hf download "
        f"{about.repo_id} --local-dir {about.repo_id.split('/')[-1]}`, and run this. It prints the "
        "first of the texts above (on another machine a rounding in the last digit may, rarely, "
        "lead to another ending).",
        fence(snippet(about.record, about.repo_id, sample).rstrip(), "python"),
    ]


def _reproduce(about: _About) -> list[str]:
    training = about.training
    versions = ", ".join(f"{n} {v}" for n, v in (training.get("versions") or {}).items() if v)
    steps, ended = training.get("steps", 0), training.get("ended", "")
    lines = [
        f"| text | SHA-256 `{about.text.get('sha256', '')}` |",
        f"| split | {(training.get('wanted') or {}).get('split', '')} per cent for training, "
        "validation, test |",
        f"| steps | {steps:,}; best weights at {about.losses.get('best_step', 0):,} ({ended}) |",
        f"| machine | {_machine(training)} |",
        f"| versions | {versions} |",
        f"| weights | SHA-256 `{about.weights_sha256}` |",
        f"| date | {training.get('date', '')} |",
    ]
    settings = json.dumps(
        {"model": about.record["model"], "train": training.get("train")}, indent=1
    )
    return [
        "## Reproduce it",
        fence(train_command(training, about.record), "sh"),
        "\n".join(["| | |", "|---|---|", *lines]),
        f"<details><summary>All settings</summary>\n\n{fence(settings, 'json')}\n\n</details>",
        _how_exactly(training),
    ]


def _how_exactly(training: dict[str, Any]) -> str:
    wanted = training.get("wanted") or {}
    if wanted.get("threads") and wanted.get("steps"):
        return "On the same machine with the same versions the weights are the same to the bit."
    return (
        "The clock decided how many threads or steps were best on that machine, so the second "
        "command makes a network as good as this one, but not the same bits. A run with both "
        "`--steps` and `--threads` given can be repeated to the bit."
    )


def _limits(about: _About) -> list[str]:
    points = [
        "It knows nothing but the text it was trained on: it imitates, it does not answer, and it "
        "may repeat passages of that text.",
        "It was not tuned for safety, and it repeats what its text says, prejudice included.",
        "The license above was chosen by the person who pushed the model; the rights to the "
        "training text may set narrower limits.",
    ]
    return ["## Limits", "\n".join(f"- {point}" for point in points)]


# ------------------------------------------------------------------------------- words


def fence(text: str, language: str) -> str:
    """A code block whose fence is longer than any run of backticks inside."""
    longest = max(map(len, re.findall(r"`+", text)), default=0)
    ticks = "`" * max(3, longest + 1)
    return f"{ticks}{language}\n{text}\n{ticks}"


def _code(text: str) -> str:
    """A short text as inline code; line ends become visible."""
    shown = text.replace("\n", "⏎")[:80]
    longest = max(map(len, re.findall(r"`+", shown)), default=0)
    ticks = "`" * (longest + 1)
    space = " " if shown.startswith("`") or shown.endswith("`") else ""
    return f"{ticks}{space}{shown}{space}{ticks}"


def plain(text: str) -> str:
    """A name in a line of Markdown: nothing in it is markup."""
    line = re.sub(r"\s+", " ", text).strip()[:120]
    return re.sub(r"([\\`*_{}\[\]<>#|!&~$])", r"\\\1", line)


def _time(seconds: float) -> str:
    if seconds < 90:
        return "1 second" if round(seconds) == 1 else f"{seconds:.0f} seconds"
    return f"{seconds / 60:.0f} minutes" if seconds < 5400 else f"{seconds / 3600:.1f} hours"


def _machine(training: dict[str, Any]) -> str:
    device, threads = str(training.get("device") or "cpu"), training.get("threads") or 1
    if device != "cpu":
        return f"one GPU ({device})"
    return "one CPU core" if threads == 1 else f"{threads} CPU cores"
