"""runs, rename and delete."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import Any

from rnn_demo.cli.finding import all_runs, find_run
from rnn_demo.errors import ConfigError, RnnDemoError, RunError
from rnn_demo.runs.checkpoint import RunFolder
from rnn_demo.runs.files import TEMPORARY, Files
from rnn_demo.runs.record import tidy
from rnn_demo.runs.run import summary

COLUMNS = "{id:10} {name:24} {state:12} {cell:5} {bits:>7} {time:>8} {steps:>9}"


def runs(options: argparse.Namespace) -> dict[str, Any]:
    """python -m rnn_demo runs"""
    found = [_summary(folder) for folder in all_runs(options.runs)]
    if not found:
        options.words(f"No runs in {options.runs} yet. `train` makes one.")
        return {"runs": []}
    options.words(
        COLUMNS.format(
            id="id",
            name="name",
            state="state",
            cell="cell",
            bits="bits",
            time="time",
            steps="steps",
        )
    )
    for record in found:
        options.words(_row(record))
    return {"runs": found}


def _summary(folder: RunFolder) -> dict[str, Any]:
    """A run's figures; of one that is damaged, that it is."""
    try:
        return summary(folder)
    except (RnnDemoError, OSError) as error:
        run = str(folder.path)
        return {"run": run, "id": folder.path.name, "state": "damaged", "error": str(error)}


def _row(record: dict[str, Any]) -> str:
    if "error" in record:
        return f"{record['id'][:8]:10}damaged: python -m rnn_demo check {record['run']}"
    bits, minutes, seconds = record["validation_bits_per_char"], *divmod(int(record["seconds"]), 60)
    return COLUMNS.format(
        id=str(record["id"])[:8],
        name=str(record["name"])[:24],
        state=record["state"],
        cell=record["cell"] or "",
        bits="" if bits is None else f"{bits:.3f}",
        time=f"{minutes}:{seconds:02}",
        steps=f"{record['steps']:,}",
    )


def rename(options: argparse.Namespace) -> dict[str, Any]:
    """python -m rnn_demo rename"""
    name = tidy(options.name)
    if not name:
        raise ConfigError("Give the run a name of at least one character.")
    folder = find_run(options.run, options.runs)
    folder.rewrite(name=name)
    options.words(f"{folder.path} is called {name!r} now.")
    return {"run": str(folder.path), "name": name}


def delete(options: argparse.Namespace) -> dict[str, Any]:
    """python -m rnn_demo delete"""
    folder = RunFolder(Path(os.path.abspath(find_run(options.run, options.runs).path)))
    if folder.alive():
        raise RunError("This run is being trained. Stop it first.")
    if not options.yes and not _agreed(f"Remove {folder.path}{_name(folder)} for good?"):
        raise RunError("Nothing was removed. Say yes, or give --yes.")
    doomed = folder.path.with_name(f"{TEMPORARY}{folder.path.name}")
    folder.path.rename(doomed)
    Files().remove(doomed)
    if doomed.exists():
        doomed.rename(folder.path)
        raise RunError(f"{folder.path} cannot be removed: may you write in it?")
    options.words(f"{folder.path} is removed.")
    return {"run": str(folder.path), "removed": True}


def _name(folder: RunFolder) -> str:
    """Its name in brackets; a damaged run can be removed without one."""
    try:
        return f" ({folder.record.name})"
    except RunError:
        return ""


def _agreed(question: str) -> bool:
    if not sys.stdin.isatty():
        return False
    return input(f"{question} [y/N] ").strip().lower() in ("y", "yes")
