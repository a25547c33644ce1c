"""The command that takes a run away as a file: export."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from rnn_demo.cli.words import add_command, add_run_argument

EXPORT = """\
Write a run as one file. --page: an HTML page that runs the network in any browser, without a
server. --zip: weights, settings, tokenizer, samples, events, such a page and a short program that
needs only torch and safetensors; never the training text.

examples:
  python -m rnn_demo export last --page demo.html
  python -m rnn_demo export runs/<id> --zip run.zip
  python -m rnn_demo export downloaded-model --page demo.html --prompt "Once\""""


def add_commands(subparsers: Any) -> None:
    """Declare export."""
    export = add_command(
        subparsers, "export", "rnn_demo.cli.exporting:export", "write a run as one file", EXPORT
    )
    add_run_argument(export)
    export.add_argument("--page", type=Path, metavar="FILE", help="the HTML page")
    export.add_argument("--zip", type=Path, metavar="FILE", help="everything but the text")
    export.add_argument("--prompt", default="", help="what stands in the page at first")
