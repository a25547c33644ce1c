"""The commands that train: train and resume."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from rnn_demo.cli.words import add_command, add_run_argument, add_runs_option
from rnn_demo.config import CELLS, DEVICES, TOKENIZERS

TRAIN = """\
Train a network on a text. Give a text and a time; the recipe chooses all the rest and says why.
Any choice can be made by you instead. Ctrl-C saves everything and ends; `resume` goes on.

examples:
  python -m rnn_demo train my_book.txt --minutes 1
  python -m rnn_demo train one.txt two.txt --cell gru --hidden 512 --minutes 10
  python -m rnn_demo train --sample python-reference --steps 500 --json
  python -m rnn_demo train my_book.txt --from runs/<id> --minutes 5

--json: run, parameters, seconds (of training only), steps, tokens_per_second,
validation_nats_per_char, validation_bits_per_char, validation_bits_per_byte, test_bits_per_char,
baselines (bits per character), copied_share, and more."""

RESUME = """\
Go on with a run exactly where it stopped: after Ctrl-C, after `kill -9`, or after its end with
more budget. Without --minutes or --steps it finishes what it was given at first.

examples:
  python -m rnn_demo resume last
  python -m rnn_demo resume runs/<id> --minutes 5
  python -m rnn_demo resume last --learning-rate 0.005"""


def add_commands(subparsers: Any) -> None:
    """Declare train and resume."""
    train = add_command(
        subparsers, "train", "rnn_demo.cli.training:train", "train on a text", TRAIN
    )
    train.add_argument("text", nargs="*", type=Path, metavar="TEXT", help="files of plain text")
    train.add_argument("--sample", metavar="NAME", help="a text that is here already; `list` lists")
    train.add_argument("--run", type=Path, metavar="DIR", help="the run folder (default: runs/ID)")
    add_runs_option(train)
    train.add_argument(
        "--from", dest="parent", metavar="RUN",
        help="begin with the weights of this run, trained here or pulled; without TEXT on its text",
    )  # fmt: skip
    train.add_argument("--name", default="", help="a name for display")
    _add_budget(train, "of training (default: 1 minute)")
    _add_choices(train)

    resume = add_command(
        subparsers, "resume", "rnn_demo.cli.training:resume", "go on with a run", RESUME
    )
    add_run_argument(resume)
    _add_budget(resume, "more")
    resume.add_argument(
        "--learning-rate", type=float, metavar="R", help="another highest value from here on"
    )


def _add_budget(parser: argparse.ArgumentParser, what: str) -> None:
    budget = parser.add_mutually_exclusive_group()
    budget.add_argument("--minutes", type=float, metavar="M", help=f"so many minutes {what}")
    budget.add_argument("--steps", type=int, metavar="N", help="so many updates instead")


def _add_choices(parser: argparse.ArgumentParser) -> None:
    """What the recipe chooses unless it is given."""
    network = parser.add_argument_group("the network (default: the recipe's choice)")
    network.add_argument("--cell", choices=CELLS, help="kind of recurrent layer")
    network.add_argument("--hidden", type=int, metavar="H", help="units of each layer")
    network.add_argument("--layers", type=int, metavar="L", help="one on top of the other")
    network.add_argument(
        "--embedding", type=int, metavar="E", help="numbers per symbol; 0: one-hot"
    )
    network.add_argument("--dropout", type=float, metavar="P", help="0 to below 1")
    network.add_argument(
        "--reset-before", action="store_true",
        help="GRU: reset gate before the recurrent product (Cho et al. 2014), not after it",
    )  # fmt: skip
    network.add_argument(
        "--tie-weights", action="store_true", help="output weights are those of the embedding"
    )
    text = parser.add_argument_group("the text")
    text.add_argument(
        "--tokenizer", choices=TOKENIZERS,
        help="what the network reads: characters, bytes, or pieces of words (subword: merged "
        "pairs, BPE; unigram: likeliest pieces). Default: the recipe's choice",
    )  # fmt: skip
    text.add_argument("--encoding", metavar="NAME", help="of the files, such as cp1251, if known")
    text.add_argument("--vocab-size", type=int, metavar="V", help="at most so many symbols")
    text.add_argument(
        "--split",
        default="90/5/5",
        metavar="A/B/C",
        help="per cent to train, validate and test on (default: 90/5/5); 90/10 has no test part",
    )
    text.add_argument("--prompt", default="", help="what samples begin with while it trains")
    training = parser.add_argument_group("the training")
    training.add_argument("--batch", type=int, metavar="B", help="streams read side by side")
    training.add_argument("--length", type=int, metavar="T", help="symbols per stream and update")
    training.add_argument("--learning-rate", type=float, metavar="R", help="its highest value")
    training.add_argument("--weight-decay", type=float, metavar="D", help="pull towards zero")
    training.add_argument(
        "--seed", type=int, default=0, metavar="S", help="same seed, threads, steps: same run"
    )
    training.add_argument(
        "--threads", type=int, default=0, metavar="N", help="0 (default): what is fastest here"
    )
    training.add_argument(
        "--device",
        choices=DEVICES,
        default="auto",
        help="auto (default): an NVIDIA GPU if there is one; mps, an Apple GPU, is untested",
    )
