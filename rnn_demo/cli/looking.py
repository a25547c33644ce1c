"""What `inspect` does, view by view."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any

from rnn_demo.bundle import read_bundle
from rnn_demo.cli.finding import find_run
from rnn_demo.config import SampleConfig
from rnn_demo.errors import ConfigError, CorpusError
from rnn_demo.inspection import (
    authorship,
    explosion,
    film,
    influence,
    knob,
    memory,
    neuron,
    one_step,
    sampling_lab,
    surprise,
    symbol_map,
    tour,
    untrained,
)
from rnn_demo.inspection.notice import record
from rnn_demo.inspection.subject import Subject, from_run
from rnn_demo.runs.checkpoint import RunFolder
from rnn_demo.text import decoding

View = Callable[[argparse.Namespace, Subject, str], Any]


def inspect(options: argparse.Namespace) -> dict[str, Any]:
    """Say what to notice; return the arrays for --json."""
    subject = _subject(options.run, options.runs)
    text = _text_of(Path(options.text_file)) if options.text_file else options.text
    result = VIEWS[options.view](options, subject, text)
    options.words(f"{subject.name}: {options.view}")
    options.words(result.notice.say(options.language))
    if options.view == "tour":
        for chapter in result.chapters:
            options.words(f"\n{chapter.say(options.language)}")
    return {"run": subject.name, **record(options.view, result)}


def _text_of(path: Path) -> str:
    """A file of text of any length: a corpus needs more than a sentence, a look does not."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise CorpusError(f"{path} cannot be read: {error.strerror or error}.") from None
    decoding.refuse_binary(data)
    text = decoding.decode(decoding.unix_bytes(data)[0], None).text
    return text.replace("\r\n", "\n")  # of encodings that unix_bytes() leaves alone


def _subject(meant: str, runs: Path) -> Subject:
    """A run, or the folder of a pulled model."""
    if (Path(meant) / "config.json").is_file() and not (Path(meant) / "run.json").is_file():
        bundle = read_bundle(Path(meant))
        return Subject(Path(meant).name, bundle.model, bundle.tokenizer)
    return from_run(find_run(meant, runs))


def _surprise(options: argparse.Namespace, subject: Subject, text: str) -> Any:
    """The whole of a text that is given, not what fits on a screen."""
    return surprise.surprise(subject, text, maximum=None if text else surprise.MAXIMUM_SYMBOLS)


def _neuron(options: argparse.Namespace, subject: Subject, text: str) -> Any:
    name = "pattern" if options.pattern else options.property
    return neuron.find(subject, name, text, options.pattern)


def _knob(options: argparse.Namespace, subject: Subject, text: str) -> Any:
    found = _neuron(options, subject, text)
    unit = found.unit
    if options.unit:
        unit = neuron.Unit(options.layer - 1, options.unit[0] - 1, unit.part, 0.0)
    values = knob.doses(unit, found.low, found.high)
    return knob.turn(subject, unit, values, found.property, options.pattern, seed=options.seed)


def _settings(options: argparse.Namespace) -> SampleConfig:
    return SampleConfig(
        temperature=options.temperature,
        top_k=options.top_k,
        top_p=options.top_p,
        min_p=options.min_p,
        seed=options.seed,
    )


def _step(options: argparse.Namespace, subject: Subject, text: str) -> Any:
    units = [unit - 1 for unit in options.unit or []]
    return one_step.one_step(subject, text, options.position, options.layer - 1, units)


def _swap(options: argparse.Namespace, subject: Subject, text: str) -> Any:
    return influence.swap(subject, text, options.position, options.seed)


def _film(options: argparse.Namespace, subject: Subject, text: str) -> Any:
    folder: RunFolder = find_run(options.run, options.runs)
    train = folder.record.train
    return film.film(folder.history(), train.clip_norm if train else None)


def _authorship(options: argparse.Namespace, subject: Subject, text: str) -> Any:
    if not text or not options.against:
        raise ConfigError("authorship needs --text-file FILE and --against RUN.")
    others = [_subject(run, options.runs) for run in options.against]
    return authorship.who_wrote([subject, *others], text, options.seed)


def _explosion(options: argparse.Namespace, subject: Subject, text: str) -> Any:
    ids = subject.read(text or subject.train_text or subject.text()).ids
    return explosion.explosion(ids, seed=options.seed)


VIEWS: dict[str, View] = {
    "surprise": _surprise,
    "neuron": _neuron,
    "knob": _knob,
    "sampling": lambda o, s, text: sampling_lab.lab(s, text, _settings(o)),
    "sweep": lambda o, s, text: sampling_lab.sweep(s, text, _settings(o)),
    "memory": lambda o, s, text: memory.memory(s, o.seed),
    "untrained": lambda o, s, text: untrained.forget_bias(o.bias, seed=o.seed),
    "influence": lambda o, s, text: influence.influence(s, text),
    "swap": _swap,
    "step": _step,
    "gates": lambda o, s, text: one_step.gates(s, text, o.layer - 1),
    "film": _film,
    "explosion": _explosion,
    "authorship": _authorship,
    "odd": lambda o, s, text: authorship.oddities(surprise.surprise(s, text, None)),
    "map": lambda o, s, text: symbol_map.symbol_map(s, text),
    "moments": lambda o, s, text: symbol_map.nearest_moments(s, text, o.position),
    "tour": lambda o, s, text: tour.tour(s),
}
