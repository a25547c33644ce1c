"""generate: stream one text, or write several."""

from __future__ import annotations

import argparse
import math
import re
import secrets
import sys
import time
from dataclasses import fields
from typing import Any

from rnn_demo.cli.finding import load
from rnn_demo.cli.write import FLOATS, INTEGERS
from rnn_demo.config import SampleConfig
from rnn_demo.errors import ConfigError
from rnn_demo.writing.beam import beam_search
from rnn_demo.writing.generate import Writer, Written, notes

SEEDS = 2**31
MOST_BEAMS = MOST_TEXTS = 1000


def generate(options: argparse.Namespace) -> dict[str, Any]:
    """python -m rnn_demo generate"""
    if not 1 <= options.count <= MOST_TEXTS:
        raise ConfigError(f"--count must be in 1..{MOST_TEXTS}, not {options.count}.")
    config = _config(options)
    prompt = sys.stdin.read().rstrip("\n") if options.prompt == "-" else options.prompt
    writer = Writer(*load(options.run, options.runs))
    if options.beams is not None:
        return _search(options, writer, prompt, config)
    texts = _write(options, writer, prompt, config)
    _keep(options, [text.prompt + text.text for text in texts])
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


def _keep(options: argparse.Namespace, texts: list[str]) -> None:
    """Into the file that was named, if one was."""
    if options.output:
        options.output.write_bytes("\n\n".join(texts).encode("utf-8", "replace"))


def _config(options: argparse.Namespace) -> SampleConfig:
    names = {*FLOATS, *INTEGERS, "length"} & {f.name for f in fields(SampleConfig)}
    chosen = {name: getattr(options, name) for name in names}
    seed = secrets.randbelow(SEEDS) if options.seed is None else options.seed
    stop = tuple(map(_unescaped, options.stop))
    return SampleConfig(**chosen, seed=seed, stop=stop, logit_bias=_biases(options.bias))


def _unescaped(text: str) -> str:
    """A text as it was meant that a shell makes hard to type."""
    signs = {r"\n": "\n", r"\t": "\t", r"\\": "\\"}
    return re.sub(r"\\[nt\\]", lambda found: signs[found[0]], text)


def _biases(pairs: list[str]) -> dict[str, float]:
    """SYMBOL=X, ... as a dictionary."""
    biases = {}
    for pair in pairs:
        symbol, _, value = pair.rpartition("=")
        try:
            biases[_unescaped(symbol)] = float(value)
        except ValueError:
            raise ConfigError(f"--bias must look like SYMBOL=NUMBER, not {pair[:40]!r}.") from None
        if not biases[_unescaped(symbol)] < math.inf:  # nan is not, either
            raise ConfigError(f"--bias must be a number, or -inf to rule out, not {value!r}.")
    return biases


def _search(
    options: argparse.Namespace, writer: Writer, prompt: str, config: SampleConfig
) -> dict[str, Any]:
    """The likeliest completions; the first is the text."""
    if not 1 <= options.beams <= MOST_BEAMS:
        raise ConfigError(f"--beams must be in 1..{MOST_BEAMS}, not {options.beams}.")
    usual = SampleConfig()
    fine = [name for name in (*FLOATS, *INTEGERS) if getattr(config, name) != getattr(usual, name)]
    foreign = ["--count"] * (options.count > 1) + ["--bias"] * bool(options.bias)
    foreign += [f"--{name.replace('_', '-')}" for name in fine]
    if given := " and ".join(foreign):
        raise ConfigError(f"--beams searches for the likeliest text and knows no {given}.")
    began = time.perf_counter()
    beams = beam_search(
        writer.stepper, writer.tokenizer, prompt,
        width=options.beams, length=config.length, stop=config.stop,
    )  # fmt: skip
    seconds = max(1e-9, time.perf_counter() - began)
    for beam in beams:
        options.words(f"--- log probability {beam.score:.2f}\n{prompt}{beam.text}\n")
    _keep(options, [prompt + beam.text for beam in beams])
    return {
        "text": beams[0].text,
        "prompt": prompt,
        "seed": config.seed,
        "characters_per_second": sum(len(beam.text) for beam in beams) / seconds,
        "notes": list(notes(writer.tokenizer, prompt, config)),
        "beams": [{"text": beam.text, "score": beam.score} for beam in beams],
    }


def _write(
    options: argparse.Namespace, writer: Writer, prompt: str, config: SampleConfig
) -> list[Written]:
    """Write, showing it as it comes if it is one text."""
    if options.count > 1:
        texts = writer.write_many([prompt] * options.count, config)
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
    told = notes(writer.tokenizer, prompt, config)
    for note in told:
        print(note, file=sys.stderr)
    return Written(text, prompt, config.seed or 0, speed, "", told)
