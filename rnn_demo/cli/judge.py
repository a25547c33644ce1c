"""The commands that judge: evaluate and check."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from rnn_demo.cli.words import add_command, add_run_argument

EVALUATE = """\
How well a network predicts a text: bits per character and per byte, lower is better, beside what
counting and compressing reach on the same text after reading the same training text. Without a
text it judges by the run's own test part (the validation part if there is none).

examples:
  python -m rnn_demo evaluate last
  python -m rnn_demo evaluate runs/<id> other.txt --json

--json: bits_per_char, bits_per_byte, nats_per_char, characters, baselines (bits per character),
copied_share (of the text, in 40 or more characters of the training text)."""

CHECK = """\
Hold every file of a run against its fingerprint: text, tokenizer, weights, checkpoints, events.
Exit code 0: all sound; 3: something is damaged, and which. Resuming passes over damaged
checkpoints by itself.

examples:
  python -m rnn_demo check last
  python -m rnn_demo check runs/<id> --digests"""


def add_commands(subparsers: Any) -> None:
    """Declare evaluate and check."""
    evaluate = add_command(
        subparsers, "evaluate", "rnn_demo.cli.judging:evaluate", "score a text", EVALUATE
    )
    add_run_argument(evaluate)
    evaluate.add_argument("text", nargs="?", type=Path, metavar="TEXT", help="a file of plain text")
    evaluate.add_argument("--encoding", metavar="NAME", help="of the file, if known")
    evaluate.add_argument("--threads", type=int, default=1, metavar="N", help="(default: 1)")

    check = add_command(
        subparsers, "check", "rnn_demo.cli.judging:check", "verify every file of a run", CHECK
    )
    add_run_argument(check)
    check.add_argument(
        "--digests", action="store_true", help="print SHA-256 of weights, optimizer and losses"
    )
