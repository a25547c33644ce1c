"""Writes a run, or any network, as a bundle."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from safetensors.torch import save_file

from rnn_demo import __version__
from rnn_demo.bundle import facts
from rnn_demo.bundle.layout import (
    ARCHITECTURE,
    CONFIG,
    LOG,
    SAMPLES,
    SCHEMA,
    TEXT,
    WEIGHTS,
    sha256,
    write_lines,
)
from rnn_demo.config import SampleConfig
from rnn_demo.judging.copying import CopyMeter
from rnn_demo.network.model import RecurrentLM
from rnn_demo.runs.checkpoint import RunFolder
from rnn_demo.text.tokenizer import Tokenizer
from rnn_demo.writing.generate import Writer

# What a card shows: the settings of the app twice, one timid text and one bold one. Unedited.
TEMPERATURES = (0.8, 0.8, 0.5, 1.0)
SAMPLE_LENGTH = 400  # characters


def write_bundle(run: RunFolder, folder: Path, *, include_text: bool = False) -> list[Path]:
    """Write the best weights of a run and what is known of them; returns the files."""
    model, words = run.best_model(), run.tokenizer()
    training = facts.facts(run)
    samples = write_samples(model, words, run.record.wanted.prompt)
    training["samples_copied"] = _copied_from_training(run, samples)
    save_model(folder, model, words, training)
    write_lines(folder / LOG, facts.log_lines(run))
    write_lines(folder / SAMPLES, samples)
    if include_text:
        (folder / TEXT).write_text(run.text(), encoding="utf-8", newline="")
    return sorted(path for path in folder.iterdir() if path.is_file())


def save_model(
    folder: Path, model: RecurrentLM, words: Tokenizer, training: dict[str, Any]
) -> Path:
    """Write weights, tokenizer and config.json into the folder; returns the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    tensors = {n: t.detach().cpu().float().contiguous() for n, t in model.state_dict().items()}
    # One entry only: the library writes several in random order, and equal weights must be equal
    # files, or every push would send them again.
    save_file(tensors, folder / WEIGHTS, metadata={"format": "pt"})
    words_file = words.save(folder)
    config = model.config
    record = {
        "schema_version": SCHEMA,
        "architectures": [ARCHITECTURE],
        "model_type": config.cell,
        "library_name": "rnn-demo",
        "library_version": __version__,
        "torch_dtype": "float32",
        "model": config.to_json(),
        "weights": {
            "file": WEIGHTS,
            "sha256": sha256(folder / WEIGHTS),
            "parameters": config.parameters,
        },
        "tokenizer": {
            "kind": words.kind,
            "file": words_file.name,
            "sha256": sha256(words_file),
            "vocab_size": words.vocab_size,
        },
        "training": training,
    }
    text = json.dumps(record, indent=2, ensure_ascii=False, allow_nan=False)
    (folder / CONFIG).write_text(text + "\n", encoding="utf-8")
    return folder


def write_samples(model: RecurrentLM, words: Tokenizer, prompt: str) -> list[dict[str, Any]]:
    """A few texts by seeds 1, 2, 3 ...: whatever comes is kept, so that the card is honest."""
    configs = [
        SampleConfig(temperature=temperature, length=SAMPLE_LENGTH, seed=seed)
        for seed, temperature in enumerate(TEMPERATURES, start=1)
    ]
    if words.unknown(prompt):  # the program in the card takes a prompt as it is
        prompt = ""
    writer = Writer(model, words)
    changed = ("temperature", "top_p", "length")
    return [
        {
            "prompt": prompt,
            "seed": config.seed,
            "settings": {name: getattr(config, name) for name in changed},
            "text": writer.write(prompt, config).text,
        }
        for config in configs
    ]


def _copied_from_training(run: RunFolder, samples: list[dict[str, Any]]) -> dict[str, Any]:
    """How much of the samples stands in the training text, in runs of 40 characters and more."""
    if not run.has_text():
        return {}
    meter = CopyMeter(run.parts().train)
    found = [meter.measure(sample["text"]) for sample in samples]
    characters = sum(len(sample["text"]) for sample in samples)
    copied = sum(end - start for each in found for start, end in each.spans)
    return {
        "share": round(copied / max(characters, 1), 4),
        "longest": max((len(each.longest) for each in found), default=0),
    }
