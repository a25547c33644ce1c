"""A run as one zip file to keep: weights, tokenizer, settings and events, without the text."""

from __future__ import annotations

import re
from pathlib import Path

from rnn_demo.export import zip_run
from rnn_demo.runs.checkpoint import RunFolder


def file_name(name: str, ending: str) -> str:
    """A name for display as the name of a file, harmless on every system."""
    plain = re.sub(r"[^\w.-]+", "-", name).strip("-.")[:60]
    return f"{plain or 'run'}{ending}"


def zip_of(run: RunFolder, folder: Path) -> Path:
    """Zip a run into `folder`, with a page and a program that write without this one."""
    return zip_run(run, folder / file_name(run.record.name, ".zip"))
