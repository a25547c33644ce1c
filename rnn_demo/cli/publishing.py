"""push, pull, publish-space, autosave, restore: this machine's login, and words on the way."""

from __future__ import annotations

import argparse
import shutil
import tempfile
from pathlib import Path
from typing import Any

from rnn_demo.cli.finding import find_run
from rnn_demo.errors import ConfigError
from rnn_demo.export import page_of_run
from rnn_demo.hub import autosave as autosaves
from rnn_demo.hub import pull as pulling
from rnn_demo.hub import push as pushing
from rnn_demo.hub import space as spaces
from rnn_demo.hub.card import LICENSES, Labels
from rnn_demo.hub.client import Phase
from rnn_demo.hub.credential import Credential, find_credential
from rnn_demo.hub.trouble import HubTrouble, megabytes
from rnn_demo.runs.checkpoint import RunFolder
from rnn_demo.text import corpus

PHASES = {
    "looking": "Looking at what is there ...",
    "creating": "Creating it ...",
    "sending": "Sending {size} (files: {files}) ...",
    "fetching": "Fetching {size} (files: {files}) ...",
    "checking": "Comparing SHA-256 ...",
    "waiting": "The Hub is busy; trying again in {seconds} s ...",
}


def push(options: argparse.Namespace) -> dict[str, Any]:
    """python -m rnn_demo push"""
    if not options.license.strip():
        raise ConfigError(f"{HubTrouble('license')} Give --license {', '.join(LICENSES)} ...")
    labels = Labels(license=options.license, language=options.language, title=options.title)
    run = find_run(options.run, options.runs)
    folder = run.path / "bundle"
    shutil.rmtree(folder, ignore_errors=True)
    package = pushing.prepare(
        run, folder, options.repository, labels, include_text=options.include_text
    )
    for name, size in package.files:
        options.words(f"  {name:24} {megabytes(size):>10}")
    result = {"folder": str(folder), "files": dict(package.files)}
    if options.preview:
        options.words(f"\n{package.card}\nNothing was sent.")
        return {**result, "card": package.card}
    options.words(f"To {options.repository}:")
    try:
        done = pushing.push(
            package,
            _machine(),
            private=not options.public,
            pull_request=options.pull_request,
            progress=_teller(options),
            seconds=options.deadline,
        )
    except HubTrouble:
        options.words(f"What would have been sent is kept in {folder}")
        raise
    _tell_pushed(options, done)
    changed = list(done.files)
    return {**result, **done.__dict__, "files": result["files"], "changed": changed}


def _tell_pushed(options: argparse.Namespace, done: pushing.Pushed) -> None:
    if not done.files:
        options.words("Nothing has changed since the last push: nothing was sent.")
    seen = "only you can see it" if done.private else "everybody can see it"
    options.words(f"{done.pull_request or done.url}  ({seen})")


def pull(options: argparse.Namespace) -> dict[str, Any]:
    """python -m rnn_demo pull"""
    told = {"progress": _teller(options), "seconds": options.deadline}
    if options.to:
        pulled = pulling.pull(options.repository, options.to, _machine(), **told)
        options.words(f"{options.to}  ({pulled.bundle.config.parameters:,} weights, verified)")
        return {"folder": str(options.to), "commit": pulled.commit} | _about(pulled.bundle.config)
    run = pulling.pull_run(options.repository, options.runs, _machine(), **told)
    options.words(f"{run.path}  (verified)")
    options.words(f"Write with it:  python -m rnn_demo generate {run.path}")
    found = {"run": str(run.path), "id": run.id, "name": run.record.name}
    return found | (_about(run.record.model) if run.record.model else {})


def space(options: argparse.Namespace) -> dict[str, Any]:
    """python -m rnn_demo publish-space"""
    run = find_run(options.run, options.runs)
    title = run.record.name or options.repository.split("/")[-1]
    with tempfile.TemporaryDirectory(prefix="rnn-demo-space-") as place:
        folder = Path(place) / "space"
        if options.space == "static":
            spaces.static_files(folder, page_of_run(run, title=title), title, options.model)
        else:
            spaces.gradio_files(folder, run, title, options.model)
        done = spaces.publish_space(
            options.repository,
            folder,
            _machine(),
            kind=options.space,
            private=options.private,
            progress=_teller(options),
            seconds=options.deadline,
        )
    options.words(done.url)
    return {"url": done.url, "commit": done.commit, "changed": list(done.files)}


def autosave(options: argparse.Namespace) -> dict[str, Any]:
    """python -m rnn_demo autosave"""
    run, credential = find_run(options.run, options.runs), _machine()
    if options.every <= 0:
        raise ConfigError(f"--every must be above 0 minutes, not {options.every}.")
    if options.once:
        step = autosaves.save(run, options.repository, credential,
                              include_text=options.include_text, progress=_teller(options),
                              seconds=options.deadline)  # fmt: skip
        options.words(f"Saved step {step:,}.")
        return {"step": step, "repository": options.repository}
    if credential is None:
        raise HubTrouble("no_token")
    saver = autosaves.Autosave(
        run,
        options.repository,
        credential,
        minutes=options.every,
        include_text=options.include_text,
        told=lambda what, value: options.words(f"{what}: {value}"),
    )
    try:
        saver.start().thread.join()
    except KeyboardInterrupt:
        saver.stop()
    if saver.saved_step < 0 and saver.trouble:
        raise saver.trouble
    return {"step": saver.saved_step, "repository": options.repository}


def restore(options: argparse.Namespace) -> dict[str, Any]:
    """python -m rnn_demo restore"""
    text = corpus.read_file(options.text).text if options.text else None
    run: RunFolder = autosaves.restore(
        options.repository,
        options.runs,
        _machine(),
        corpus_text=text,
        progress=_teller(options),
        seconds=options.deadline,
    )
    options.words(f"Go on with:  python -m rnn_demo resume {run.path}")
    return {"run": str(run.path), "id": run.id, "steps": run.checkpoints.steps()}


def _machine() -> Credential | None:
    """This machine's login: whoever types a command here is its user."""
    return find_credential(allow_machine=True)


def _teller(options: argparse.Namespace) -> Any:
    """Says each phase, and the deadline whenever it is another."""
    told = ""

    def tell(phase: Phase) -> None:
        nonlocal told
        words = PHASES.get(phase.name, phase.name).format(**phase.values)
        if phase.values["limit"] != told:
            told = phase.values["limit"]
            words += f" (at most {told} seconds in all)"
        options.words(words)

    return tell


def _about(config: Any) -> dict[str, Any]:
    return {"cell": config.cell, "parameters": config.parameters}
