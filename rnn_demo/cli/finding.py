"""Which run a person means."""

from __future__ import annotations

import sys
from pathlib import Path

from rnn_demo.bundle.loading import load as load_folder
from rnn_demo.errors import DamagedError, RunError
from rnn_demo.network.model import RecurrentLM
from rnn_demo.runs.checkpoint import RunFolder
from rnn_demo.runs.files import TEMPORARY
from rnn_demo.text.tokenizer import Tokenizer


def all_runs(root: Path) -> list[RunFolder]:
    """The runs in a folder, newest first; those whose run.json cannot be read come last."""
    found = []
    for path in root.glob("*/run.json"):
        if path.parent.name.startswith(TEMPORARY):
            continue
        try:
            found.append((RunFolder(path.parent).record.created, path.parent))
        except RunError:
            found.append((0.0, path.parent))
    return [RunFolder(path) for _, path in sorted(found, reverse=True)]


def find_run(meant: str, root: Path) -> RunFolder:
    """A run by folder, id or the beginning of one, name, or `last`."""
    for path in (Path(meant), root / meant):
        if (path / "run.json").is_file():
            return RunFolder(path)
        if any((path / part).exists() for part in ("corpus.txt", "checkpoints", "events.jsonl")):
            raise DamagedError(f"{path} was a run, but run.json is missing.")
    runs = all_runs(root)
    if not runs:
        raise RunError(f"There is no run {meant!r}, and none at all in {root}. Train one first.")
    if meant == "last":
        return runs[0]
    named = [run for run in runs if _name(run) == meant]
    begun = [run for run in runs if run.path.name.startswith(meant)]
    for matches in (named, begun):
        if len(matches) == 1:
            return matches[0]
        if matches:
            folders = ", ".join(str(run.path) for run in matches[:5])
            raise RunError(f"{meant!r} may be any of {len(matches)} runs: {folders}. Give one.")
    raise RunError(f"There is no run {meant!r} in {root}. `python -m rnn_demo runs` lists them.")


def _name(run: RunFolder) -> str:
    """Its name; a damaged run has none."""
    try:
        return run.record.name
    except RunError:
        return ""


def load(meant: str, root: Path) -> tuple[RecurrentLM, Tokenizer]:
    """Network and tokenizer of a run, or of a model's folder."""
    if (Path(meant) / "config.json").is_file():
        return load_folder(meant)
    folder = find_run(meant, root)
    loaded = load_folder(folder.path)
    for damage in folder.best.newest()[1]:
        print(f"Note: {damage} The newest checkpoint is used.", file=sys.stderr)
    return loaded
