"""The command line: `python -m rnn_demo COMMAND`.

Each module of this folder that has add_commands(subparsers) declares some commands, without
importing anything heavy, so that --help is there at once. A command names its handler as
"module:function"; it is imported when it is called, gets the parsed arguments and returns a
dictionary: what --json prints. Exit codes: 0 done, 2 a mistake of the user's, 3 damaged data.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from importlib import import_module
from typing import Any, NoReturn

from rnn_demo import __version__
from rnn_demo.cli.words import HelpText, Words, add_json_option
from rnn_demo.errors import ConfigError, DamagedError, RnnDemoError
from rnn_demo.runs.files import TEMPORARY

GROUPS = ("train", "write", "judge", "inspect", "runs", "hub", "export", "serve")
OK, MISTAKE, DAMAGED, BROKEN_OFF = 0, 2, 3, 130

ABOUT = """\
Train a small recurrent language model on your own text, and see what it learned.

  python -m rnn_demo train my_book.txt --minutes 1
  python -m rnn_demo generate last --prompt "Once"
  python -m rnn_demo serve

A RUN is the folder of a run, its id or the beginning of it, its name, or `last`.
Every command takes --help, with examples, and --json, which prints one JSON object
as the last line of standard output. Exit codes: 0 done, 2 your mistake, 3 damaged data."""


class Parser(argparse.ArgumentParser):
    """What it cannot understand is the user's mistake like any other, usage first."""

    def error(self, message: str) -> NoReturn:
        self.print_usage(sys.stderr)
        raise ConfigError(message)


def build_parser() -> argparse.ArgumentParser:
    """All commands of all groups that are there."""
    parser = Parser(
        prog="python -m rnn_demo",
        description=ABOUT,
        formatter_class=HelpText,
    )
    parser.add_argument("--version", action="version", version=f"rnn-demo {__version__}")
    subparsers = parser.add_subparsers(title="commands", metavar="COMMAND")
    for group in GROUPS:
        import_module(f"{__name__}.{group}").add_commands(subparsers)
    for command in subparsers.choices.values():
        add_json_option(command)
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code."""
    _prepare_streams()
    parser = build_parser()
    options = argparse.Namespace(json="--json" in (sys.argv if arguments is None else arguments))
    try:
        parser.parse_args(arguments, options)
        if "handler" not in options:
            parser.print_help(sys.stderr)
            return MISTAKE
        _make_readable(options)
        options.words = Words(json=options.json)
        result = _handler(options)(options)
        code = result.pop("exit_code", OK) if isinstance(result, dict) else OK
        if options.json and isinstance(result, dict):
            _print_json(result)
        return code
    except DamagedError as error:
        return _fail(options, error, DAMAGED)
    except BrokenPipeError:
        return _leave_quietly()
    except (RnnDemoError, OSError) as error:
        return _fail(options, error, MISTAKE)
    except MemoryError:
        return _fail(options, RnnDemoError("There was not enough memory for this."), MISTAKE)
    except KeyboardInterrupt:
        return BROKEN_OFF


def _prepare_streams() -> None:
    """An old encoding, or a stream that was closed, must not end us half way."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, open(os.devnull, mode))  # noqa: SIM115
        elif mode == "w" and isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


def _make_readable(options: argparse.Namespace) -> None:
    """Bytes that are no text in the encoding of the terminal become signs that can be written; but
    a run may be meant by its path, which is bytes."""
    for name, value in vars(options).items():
        if isinstance(value, str) and name != "run":
            setattr(options, name, value.encode("utf-8", "replace").decode("utf-8"))


def _handler(options: argparse.Namespace) -> Any:
    """The function of "module:function", imported now."""
    module, function = options.handler.split(":")
    return getattr(import_module(module), function)


def _fail(options: argparse.Namespace, error: Exception, code: int) -> int:
    """Say what is wrong, to people on standard error and to scripts as JSON."""
    words = str(error)
    if isinstance(error, OSError) and error.strerror:
        where = str(error.filename or "")
        if TEMPORARY in where:  # which is a name of ours: the folder is meant
            where = os.path.dirname(where[: where.rindex(TEMPORARY)])
        words = f"{where}: {error.strerror}." if where else f"{error.strerror}."
    with suppress(OSError):  # whoever should hear it may be gone, or the disk full
        print(f"error: {words}", file=sys.stderr)
        if options.json:
            _print_json({"error": words, "kind": type(error).__name__})
    return code


def _print_json(record: dict[str, Any]) -> None:
    """One line, as readable as the stream's encoding and lone surrogates allow."""
    line = json.dumps(record, ensure_ascii=False, allow_nan=False)
    try:
        line.encode(sys.stdout.encoding or "ascii")
    except UnicodeEncodeError:
        line = json.dumps(record, allow_nan=False)
    print(line, flush=True)


def _leave_quietly() -> int:
    """Whoever read our output has gone, as `| head` does."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return OK
