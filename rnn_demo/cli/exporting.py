"""export: a run, or a model's folder, as one file."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from rnn_demo import bundle
from rnn_demo.cli.finding import find_run
from rnn_demo.errors import ConfigError
from rnn_demo.export import page, page_of_run, zip_run


def export(options: argparse.Namespace) -> dict[str, Any]:
    """python -m rnn_demo export"""
    if not options.page and not options.zip:
        raise ConfigError("Say what to write: --page FILE, --zip FILE, or both.")
    model = Path(options.run)
    is_bundle = (model / bundle.CONFIG).is_file()
    if options.zip and is_bundle:
        raise ConfigError(f"{options.run} is a model's folder already; --zip packs runs only.")
    if options.page:
        options.page.write_bytes(_page(options, model, is_bundle).encode("utf-8", "replace"))
        options.words(f"{options.page}  (open it in a browser)")
    if options.zip:
        zip_run(find_run(options.run, options.runs), options.zip)
        options.words(str(options.zip))
    files = {"page": options.page, "zip": options.zip}
    return {name: str(path) for name, path in files.items() if path}


def _page(options: argparse.Namespace, model: Path, is_bundle: bool) -> str:
    if is_bundle:
        return page(model, prompt=options.prompt)
    return page_of_run(find_run(options.run, options.runs), prompt=options.prompt)
