"""The commands of the Hugging Face Hub: push, pull, publish-space, autosave, restore."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from rnn_demo.cli.words import add_command, add_run_argument, add_runs_option

SIGN_IN = """
You are whoever this machine is signed in as: `hf auth login`, or HF_TOKEN in the environment."""

PUSH = f"""\
Push a run to the Hub as a model with a full card. Private unless you say --public. Pushing again
sends only what has changed, and keeps what you have written into the card yourself.
{SIGN_IN}

examples:
  python -m rnn_demo push last alice/harbour-fables --license cc0-1.0
  python -m rnn_demo push last alice/harbour-fables --license mit --preview
  python -m rnn_demo push last bob/their-model --license mit --pull-request

--json: url, commit, commit_url, pull_request, private, changed (what was sent), files, folder."""

PULL = f"""\
Load a model of this kind from the Hub into the runs: verified, pinned to a commit, then usable
like any run: generate, inspect, resume with a text of your own.
{SIGN_IN}

examples:
  python -m rnn_demo pull alice/harbour-fables
  python -m rnn_demo pull alice/harbour-fables@v2 --to a_folder

--json: run (or folder), id, name, cell, parameters."""

SPACE = f"""\
Publish a demo that anyone can open. The static one (the default) is free: one page that runs the
network in the visitor's browser. --space gradio publishes this whole app, for accounts that can
host it.
{SIGN_IN}

examples:
  python -m rnn_demo publish-space last alice/harbour-fables-demo
  python -m rnn_demo publish-space last alice/harbour-fables-demo --model alice/harbour-fables

--json: url, commit, changed."""

AUTOSAVE = f"""\
Save a run to a private repository every so many minutes, until it rests. What is saved is enough
to go on to the bit with `restore`, the text included only with --include-text.
{SIGN_IN}

examples:
  python -m rnn_demo autosave last alice/fables-autosave --every 10
  python -m rnn_demo autosave last alice/fables-autosave --once"""

RESTORE = f"""\
Fetch an autosave as a run that `resume` goes on with. If it was saved without its text, give the
same text again: it is held against its SHA-256.
{SIGN_IN}

examples:
  python -m rnn_demo restore alice/fables-autosave --text my_book.txt"""


def add_commands(subparsers: Any) -> None:
    """Declare the commands."""
    module = "rnn_demo.cli.publishing"
    push = add_command(subparsers, "push", f"{module}:push", "push a run to the Hub", PUSH)
    add_run_argument(push)
    _add_repository(push, "where to: user/name")
    push.add_argument("--license", default="", metavar="ID", help="cc0-1.0, mit, other ...")
    push.add_argument("--language", default="", metavar="CODE", help="of the text: en, zh ...")
    push.add_argument("--title", default="", help="of the card (default: the run's name)")
    push.add_argument("--public", action="store_true", help="everybody may see it")
    push.add_argument("--pull-request", action="store_true", help="offer it to somebody else's")
    push.add_argument("--include-text", action="store_true", help="push the training text as well")
    push.add_argument("--preview", action="store_true", help="show card and files, send nothing")

    pull = add_command(subparsers, "pull", f"{module}:pull", "load a model from the Hub", PULL)
    _add_repository(pull, "which one: user/name, or user/name@revision")
    pull.add_argument("--to", type=Path, metavar="DIR", help="its files only, into this folder")
    add_runs_option(pull)

    space = add_command(subparsers, "publish-space", f"{module}:space", "publish a demo", SPACE)
    add_run_argument(space)
    _add_repository(space, "name of the Space: user/name")
    space.add_argument("--space", choices=("static", "gradio"), default="static")
    space.add_argument("--model", metavar="REPO", help="the model's repository, to link to")
    space.add_argument("--private", action="store_true", help="only you may see it")

    save = add_command(subparsers, "autosave", f"{module}:autosave", "keep a run safe", AUTOSAVE)
    add_run_argument(save)
    _add_repository(save, "a private repository: user/name")
    save.add_argument("--every", type=float, default=10.0, metavar="M", help="minutes (10)")
    save.add_argument("--once", action="store_true", help="save now, and end")
    save.add_argument("--include-text", action="store_true", help="save the text as well")

    restore = add_command(
        subparsers, "restore", f"{module}:restore", "fetch an autosave as a run", RESTORE
    )
    _add_repository(restore, "which one: user/name, or user/name@revision")
    restore.add_argument("--text", type=Path, metavar="FILE", help="the text it was trained on")
    add_runs_option(restore)


def _add_repository(parser: argparse.ArgumentParser, words: str) -> None:
    parser.add_argument("repository", metavar="REPO", help=words)
    parser.add_argument("--deadline", type=float, metavar="S", help="give up after so many seconds")
