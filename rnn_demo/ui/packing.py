"""A run as one zip file to keep: weights, tokenizer, settings and events, without the text."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path

from rnn_demo.bundle import write_bundle
from rnn_demo.checkpoint import RunFolder


def file_name(name: str, ending: str) -> str:
    """A name for display as the name of a file, harmless on every system."""
    plain = re.sub(r"[^\w.-]+", "-", name).strip("-.")[:60]
    return f"{plain or 'run'}{ending}"


def zip_of(run: RunFolder, folder: Path) -> Path:
    """Write the bundle of a run into `folder` and zip it there."""
    bundle = folder / "bundle"
    write_bundle(run, bundle)
    path = folder / file_name(run.record.name, ".zip")
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for part in sorted(bundle.rglob("*")):
            if part.is_file():
                file.write(part, part.relative_to(bundle))
    return path
