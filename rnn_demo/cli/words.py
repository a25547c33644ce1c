"""What all commands share: how they are declared, and how they talk."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

RUNS = Path("runs")  # where run folders lie unless told otherwise


class Words:
    """Says things to people: on standard output, or on standard error if that is for JSON."""

    def __init__(self, json: bool = False) -> None:
        self.file = sys.stderr if json else sys.stdout

    def __call__(self, text: str = "", end: str = "\n") -> None:
        print(text, end=end, file=self.file, flush=True)


def add_command(
    subparsers: Any, name: str, handler: str, summary: str, description: str
) -> argparse.ArgumentParser:
    """Declare a command: its handler as "module:function", a line, and a text with examples."""
    parser = subparsers.add_parser(
        name,
        help=summary,
        description=description,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.set_defaults(handler=handler)
    return parser


def add_run_argument(parser: argparse.ArgumentParser) -> None:
    """RUN, and where to look for it."""
    parser.add_argument("run", metavar="RUN", help="folder, id, name, or `last`")
    add_runs_option(parser)


def add_runs_option(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--runs", type=Path, default=RUNS, metavar="DIR", help="where runs lie (default: runs)"
    )


def add_json_option(parser: argparse.ArgumentParser) -> None:
    """--json, unless the command has its own."""
    if "--json" not in parser._option_string_actions:
        parser.add_argument(
            "--json", action="store_true", help="print one JSON object as the last line"
        )
