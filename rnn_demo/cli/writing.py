"""generate: stream one text, or write several."""

from __future__ import annotations

import argparse
import secrets
import sys
import time
from dataclasses import fields, replace
from typing import Any

from rnn_demo.cli.finding import load
from rnn_demo.cli.write import FLOATS, INTEGERS
from rnn_demo.config import SampleConfig
from rnn_demo.errors import ConfigError
from rnn_demo.writing.generate import Writer, Written

SEEDS = 2**31


def generate(options: argparse.Namespace) -> dict[str, Any]:
    """python -m rnn_demo generate"""
    if options.count < 1:
        raise ConfigError(f"--count must be at least 1, not {options.count}.")
    config = _config(options)
    prompt = sys.stdin.read().rstrip("\n") if options.prompt == "-" else options.prompt
    writer = Writer(*load(options.run, options.runs))
    texts = _write(options, writer, prompt, config)
    if options.output:
        options.output.write_text("\n\n".join(t.prompt + t.text for t in texts), encoding="utf-8")
    first = texts[0]
    result: dict[str, Any] = {
        "text": first.text,
        "prompt": prompt,
        "seed": first.seed,
        "characters_per_second": first.characters_per_second,
        "notes": list(first.notes),
    }
    if len(texts) > 1:
        result["samples"] = [{"text": t.text, "seed": t.seed} for t in texts]
    return result


def _config(options: argparse.Namespace) -> SampleConfig:
    names = {*FLOATS, *INTEGERS, "length"} & {f.name for f in fields(SampleConfig)}
    chosen = {name: getattr(options, name) for name in names}
    seed = secrets.randbelow(SEEDS) if options.seed is None else options.seed
    stop = tuple(text.encode().decode("unicode_escape") if "\\" in text else text
                 for text in options.stop)  # fmt: skip
    return SampleConfig(**chosen, seed=seed, stop=stop)


def _write(
    options: argparse.Namespace, writer: Writer, prompt: str, config: SampleConfig
) -> list[Written]:
    """Write, showing it as it comes if it is one text."""
    if options.count > 1:
        seeds = [(config.seed or 0) + number for number in range(options.count)]
        configs = [replace(config, seed=seed) for seed in seeds]
        texts = writer.write_many([prompt] * options.count, configs)
        for text in texts:
            options.words(f"--- seed {text.seed}\n{text.prompt}{text.text}\n")
        return texts
    if options.json:
        return [writer.write(prompt, config)]
    return [_stream(options, writer, prompt, config)]


def _stream(
    options: argparse.Namespace, writer: Writer, prompt: str, config: SampleConfig
) -> Written:
    began, parts = time.perf_counter(), []
    options.words(prompt, end="")
    for piece in writer.generate(prompt, config):
        parts.append(piece.text)
        options.words(piece.text, end="")
    text = "".join(parts)
    speed = len(text) / max(1e-9, time.perf_counter() - began)
    options.words()
    print(f"(seed {config.seed}, {speed:,.0f} characters a second)", file=sys.stderr)
    unknown = writer.tokenizer.unknown(prompt)
    if unknown:
        shown = " ".join(sorted(set(unknown))[:10])
        print(f"(the network has never seen: {shown})", file=sys.stderr)
    return Written(text, prompt, config.seed or 0, speed, "length")
