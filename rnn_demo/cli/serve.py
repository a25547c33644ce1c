"""serve: the app in the browser. `python app.py` is the same command."""

from __future__ import annotations

import argparse
import os
import sys
from typing import Any

from rnn_demo.cli import main as command_line
from rnn_demo.cli.words import add_command

SERVE = """\
Serve the app. It prints one address, and ends with Ctrl-C.

examples:
  python -m rnn_demo serve
  python -m rnn_demo serve --port 0 --runs /data/runs
  python -m rnn_demo serve --share
  python -m rnn_demo serve --limits minutes=5,queue=4

Every option can be set by the environment, too: RNN_DEMO_HOST, RNN_DEMO_PORT, RNN_DEMO_SHARE=1,
RNN_DEMO_RUNS, RNN_DEMO_MCP=1, and RNN_DEMO_MINUTES and so on for each limit. On any address but
this computer's own, on a Space and with --share the app is public: every visitor has runs of their
own, and caps hold."""


def add_commands(subparsers: Any) -> None:
    """Declare `serve`; the environment gives the defaults."""
    env = os.environ.get
    on_space = bool(env("SPACE_ID"))
    host = env("RNN_DEMO_HOST") or ("0.0.0.0" if on_space else "127.0.0.1")
    port = env("RNN_DEMO_PORT") or ("7860" if on_space else None)
    parser: argparse.ArgumentParser = add_command(
        subparsers, "serve", "rnn_demo.ui.serving:serve", "open the app in the browser", SERVE
    )
    parser.add_argument("--host", default=host, help="address to listen on (default: %(default)s)")
    parser.add_argument(
        "--port", default=port, help="0: any that is free (default: the first free from 7860 on)"
    )
    parser.add_argument(
        "--share", action="store_true", default=_on("RNN_DEMO_SHARE"),
        help="also a public link, with a password that is printed",
    )  # fmt: skip
    parser.add_argument(
        "--runs", metavar="DIR", default=env("RNN_DEMO_RUNS"), help="where runs lie (default: runs)"
    )
    parser.add_argument(
        "--limits", metavar="NAME=N,...", default="", help="change limits, such as minutes=5"
    )
    parser.add_argument(
        "--mcp", action="store_true", default=_on("RNN_DEMO_MCP"),
        help="also a Model Context Protocol server at /gradio_api/mcp",
    )  # fmt: skip


def _on(name: str) -> bool:
    return os.environ.get(name, "").lower() in ("1", "true", "yes")


def main(arguments: list[str] | None = None) -> int:
    """`python app.py`: the same options without the word `serve`."""
    return command_line(["serve", *(sys.argv[1:] if arguments is None else arguments)])
