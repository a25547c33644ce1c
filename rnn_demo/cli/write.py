"""The command that writes: generate."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from rnn_demo.cli.words import add_command, add_run_argument
from rnn_demo.config import SampleConfig

GENERATE = """\
Write text with a trained network: a run (its best weights), or a model's folder from the Hub.
The same seed gives the same text. Without --seed a fresh one is chosen and shown.

examples:
  python -m rnn_demo generate last --prompt "Once" --length 500
  python -m rnn_demo generate runs/<id> --prompt "To be" --count 3 --seed 1
  python -m rnn_demo generate last --prompt "2 + 2 = " --beams 4 --stop "\\n"
  echo "Once upon a" | python -m rnn_demo generate last --prompt -

--json: text (without the prompt), prompt, seed, characters_per_second, notes; samples with --count;
beams (text, score) with --beams."""

FLOATS = {
    "temperature": "0: always the likeliest symbol; 1: as it comes; more: wilder",
    "top_p": "keep the likeliest symbols that together reach this share; 1: all",
    "min_p": "drop symbols below this share of the likeliest; 0: none",
    "typical_p": "keep the most typical symbols that reach this share; 1: all",
    "repetition_penalty": "divide the scores of recent symbols; 1: off",
    "frequency_penalty": "subtract this for every recent occurrence",
    "presence_penalty": "subtract this once for every recent symbol",
}
INTEGERS = {
    "top_k": "keep the K likeliest symbols; 0: all",
    "no_repeat_ngram": "never repeat a run of so many symbols; 0: off",
    "penalty_window": "how many symbols count as recent",
    "minimum_length": "stop strings do not count before so many characters",
}


def add_commands(subparsers: Any) -> None:
    """Declare generate."""
    generate = add_command(
        subparsers, "generate", "rnn_demo.cli.writing:generate", "write text", GENERATE
    )
    add_run_argument(generate)
    usual = SampleConfig()
    generate.add_argument("--prompt", default="", help="what the text begins with; -: read it")
    generate.add_argument(
        "--length", type=int, default=usual.length, metavar="N",
        help=f"at most so many characters (default: {usual.length})",
    )  # fmt: skip
    generate.add_argument("--seed", type=int, metavar="S", help="of the random numbers")
    generate.add_argument("--count", type=int, default=1, metavar="N", help="so many texts")
    generate.add_argument(
        "--stop", action="append", default=[], metavar="TEXT",
        help="end before this, \\n being a line end; repeatable",
    )  # fmt: skip
    generate.add_argument(
        "--beams", type=int, metavar="N",
        help="instead of drawing, search for the N likeliest completions: for tasks with a right "
        "answer; free text comes out dull",
    )  # fmt: skip
    generate.add_argument("--output", type=Path, metavar="FILE", help="also write it to a file")
    fine = generate.add_argument_group("how symbols are drawn")
    for kind, names in ((float, FLOATS), (int, INTEGERS)):
        for name, help_text in names.items():
            default = getattr(usual, name)
            option = f"--{name.replace('_', '-')}"
            text = f"{help_text} (default: {default:g})"
            fine.add_argument(option, type=kind, default=default, metavar="X", help=text)
    fine.add_argument(
        "--bias", action="append", default=[], metavar="SYMBOL=X",
        help="add X to the score of a symbol; repeatable",
    )  # fmt: skip
