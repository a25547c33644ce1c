"""What all commands share: how they are declared, and how they talk."""

from __future__ import annotations

import argparse
import os
import sys
import textwrap
from itertools import groupby
from pathlib import Path
from typing import Any

RUNS = Path("runs")  # where run folders lie unless told otherwise


class HelpText(argparse.HelpFormatter):
    """Fills sentences to the terminal's width; lines that are set in, as examples are, stay."""

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        filled: list[str] = []
        for kept, lines in groupby(text.splitlines(), key=lambda line: line[:1] in ("", " ")):
            block = list(lines)
            filled += block if kept else textwrap.wrap(" ".join(block), width)
        return "\n".join(filled)


class Words:
    """Says things to people: on standard output, or on standard error if that is for JSON."""

    def __init__(self, json: bool = False) -> None:
        self.file = sys.stderr if json else sys.stdout
        self.outlive_reader = False  # of a training: the work is worth more than its words

    def __call__(self, text: str = "", end: str = "\n") -> None:
        try:
            print(text, end=end, file=self.file, flush=True)
        except OSError:  # whoever read has gone, as `| head` does; or its disk is full
            if not self.outlive_reader:
                raise
            os.dup2(os.open(os.devnull, os.O_WRONLY), self.file.fileno())


def add_command(
    subparsers: Any, name: str, handler: str, summary: str, description: str
) -> argparse.ArgumentParser:
    """Declare a command: its handler as "module:function", a line, and a text with examples."""
    parser = subparsers.add_parser(
        name,
        help=summary,
        description=description,
        formatter_class=HelpText,
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
