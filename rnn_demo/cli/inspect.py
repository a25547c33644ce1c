"""inspect: the views of a network as sentences for people and arrays for scripts."""

from __future__ import annotations

import argparse
from typing import Any

from rnn_demo.cli.words import add_command, add_run_argument

VIEWS = (
    "surprise", "neuron", "knob", "sampling", "sweep", "memory", "untrained", "influence", "swap",
    "step", "gates", "film", "explosion", "authorship", "odd", "map", "moments", "tour",
)  # fmt: skip
ABOUT = """\
Look inside a network. Every view prints what to notice; --json adds the arrays.

  surprise    how unexpected each symbol of a text was, and what was expected
  neuron      the unit that follows a property of the text (--property, --pattern)
  knob        hold that unit at values while the network writes
  sampling    the next-symbol distribution before and after each setting
  sweep       the same beginning at several temperatures, common random numbers
  memory      loss against context length, gradient against lag
  untrained   the forget-gate bias before any training (--bias)
  influence   which past symbols mattered for each symbol
  swap        the same for one symbol (--position), by really replacing its past
  step        the equations of one step with real numbers (--position, --layer)
  gates       the gates over time, and how often they are saturated
  film        samples over training, gradient norms, clipped steps
  explosion   a network that explodes, and clipping that saves it
  authorship  which of several models (--against) fits a text best
  odd         the most surprising places of a text: typing errors
  map         the symbols in two dimensions
  moments     where else the network was in the same state (--position)
  tour        how a recurrent network works, with this network's numbers (--language)

  python -m rnn_demo inspect last surprise --text-file letter.txt --json
  python -m rnn_demo inspect last neuron --property in_quotes
  python -m rnn_demo inspect last authorship --against other_run --text-file who.txt"""


def add_commands(subparsers: Any) -> None:
    parser = add_command(
        subparsers, "inspect", "rnn_demo.cli.looking:inspect", "look inside a network", ABOUT
    )
    add_run_argument(parser)
    parser.add_argument("view", metavar="VIEW", choices=VIEWS, help="one of the above")
    _text_options(parser)
    parser.add_argument(
        "--property", default="followed", help="neuron, knob; followed: the one that is, best"
    )
    parser.add_argument("--pattern", default="", help="a regular expression of your own")
    parser.add_argument("--position", type=int, default=-1, help="which symbol (default: the last)")
    parser.add_argument("--layer", type=int, default=1, help="counted from 1 (default: 1)")
    parser.add_argument("--unit", type=int, action="append", help="counted from 1; repeatable")
    parser.add_argument("--bias", type=float, default=0.0, help="untrained: of the forget gate")
    parser.add_argument(
        "--against", action="append", default=[], metavar="RUN", help="authorship; repeatable"
    )
    parser.add_argument("--temperature", type=float, default=0.8)
    parser.add_argument("--top-k", type=int, default=0)
    parser.add_argument("--top-p", type=float, default=1.0)
    parser.add_argument("--min-p", type=float, default=0.0)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--language", choices=("en", "zh"), default="en", help="of the sentences")


def _text_options(parser: argparse.ArgumentParser) -> None:
    given = parser.add_mutually_exclusive_group()
    given.add_argument("--text-file", metavar="FILE", help="text to look at, instead of held-out")
    given.add_argument("--text", default="", help="the same, on the command line")
