"""evaluate and check."""

from __future__ import annotations

import argparse
import sys
from typing import Any

from rnn_demo.cli.finding import find_run, load
from rnn_demo.cli.progress import table
from rnn_demo.cli.words import Words
from rnn_demo.errors import ConfigError, DamagedError, RunError
from rnn_demo.judging import evaluation
from rnn_demo.runs import readout, soundness
from rnn_demo.runs.checkpoint import RunFolder
from rnn_demo.runs.run import bits
from rnn_demo.text import corpus

DAMAGED = 3
NOTABLE = 0.05  # copied share that is worth a word


def evaluate(options: argparse.Namespace) -> dict[str, Any]:
    """python -m rnn_demo evaluate"""
    if options.threads < 1:
        raise ConfigError(f"--threads must be at least 1, not {options.threads}.")
    model, tokenizer = load(options.run, options.runs)
    train, name, text = _texts(options)
    words: Words = options.words
    cut = text[: readout.LONGEST]
    score = evaluation.score(model, tokenizer, cut, threads=options.threads)
    short = "" if len(cut) == len(text) else f", the first {len(cut):,} characters"
    words(f"{name}{short}: bits per character, lower is better.\n")
    result: dict[str, Any] = {
        "text": name,
        "characters": score.characters,
        "bits_per_char": score.bits_per_char,
        "bits_per_byte": score.bits_per_byte,
        "nats_per_char": score.nats_per_char,
        "baselines": {},
    }
    found = {}
    order = 0
    if train:
        measured = evaluation.baselines(train, cut)
        order = measured.ngram_order
        found = {n: getattr(measured, n) for n in ("uniform", "unigram", "ngram", "xz")}
        result["baselines"] = {n: bits(value) for n, value in found.items()}
    for line in table({"network": score.nats_per_char, **found}, order):
        words(line)
    words(f"\n{score.bits_per_byte:.3f} bits per byte.")
    result["copied_share"] = evaluation.CopyMeter(train).measure(cut).share if train else None
    if (result["copied_share"] or 0) > NOTABLE:
        words(
            f"{result['copied_share']:.0%} of this text stands in the training text word for word: "
            "these figures flatter."
        )
    return result


def _texts(options: argparse.Namespace) -> tuple[str, str, str]:
    """(training text, "" if it is not known; name of the text to score; that text)."""
    train = test = validation = ""
    try:
        train, validation, test = find_run(options.run, options.runs).parts()
    except DamagedError as error:
        if not options.text:
            raise
        print(f"Note: {error} So there are no baselines.", file=sys.stderr)
    except RunError:
        pass  # a model's folder
    if options.text:
        found = corpus.read_file(options.text, options.encoding, to_learn_from=False)
        return train, found.report.name, found.text
    if not test and not validation:
        raise RunError("The text of this network is not here. Give a text to evaluate.")
    return train, "The test part" if test else "The validation part", test or validation


def check(options: argparse.Namespace) -> dict[str, Any]:
    """python -m rnn_demo check"""
    folder: RunFolder = find_run(options.run, options.runs)
    words: Words = options.words
    found = soundness.check(folder)
    for name, problem in found:
        words(f"{'DAMAGED' if problem else 'sound':8} {name}{': ' + problem if problem else ''}")
    damaged = [name for name, problem in found if problem]
    words(
        f"\n{folder.path}: " + (f"{len(damaged)} damaged." if damaged else "everything is sound.")
    )
    result: dict[str, Any] = {
        "run": str(folder.path),
        "sound": not damaged,
        "damaged": damaged,
        "exit_code": DAMAGED if damaged else 0,
    }
    if options.digests:
        result["digests"] = soundness.digests(folder)
        for name, digest in result["digests"].items():
            words(f"{name:12} {digest}")
    return result
