"""The commands that look after runs: runs, rename and delete."""

from __future__ import annotations

from typing import Any

from rnn_demo.cli.words import add_command, add_run_argument, add_runs_option

RUNS = """\
List the runs, newest first: state, cell, bits per character on held-out text, time of training.

examples:
  python -m rnn_demo runs
  python -m rnn_demo runs --json"""

DELETE = """\
Remove a run with everything in it, its text too. It cannot be brought back.

examples:
  python -m rnn_demo delete runs/<id>
  python -m rnn_demo delete <id> --yes"""


def add_commands(subparsers: Any) -> None:
    """Declare runs, rename and delete."""
    runs = add_command(subparsers, "runs", "rnn_demo.cli.keeping:runs", "list the runs", RUNS)
    add_runs_option(runs)
    rename = add_command(
        subparsers,
        "rename",
        "rnn_demo.cli.keeping:rename",
        "give a run another name",
        "Names are for display, and to find a run by.\n\nexample:\n"
        '  python -m rnn_demo rename last "Grimm, 1 minute"',
    )
    add_run_argument(rename)
    rename.add_argument("name", metavar="NAME", help="the new one")
    delete = add_command(
        subparsers, "delete", "rnn_demo.cli.keeping:delete", "remove a run", DELETE
    )
    add_run_argument(delete)
    delete.add_argument("--yes", action="store_true", help="do not ask")
