"""Properties of the characters of a text that a unit of the network might keep track of."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable

import numpy as np

from rnn_demo.errors import ConfigError, require
from rnn_demo.messages.message import named

Labels = Callable[[str], np.ndarray]  # text -> one number a character

LONGEST_LINE = 200  # a text without line breaks must not count for ever
PATTERN_SECONDS = 2.0
FOLLOWED = "followed"  # whichever property a unit follows best


def line_position(text: str) -> np.ndarray:
    """Characters since the line began."""
    return np.minimum(_since(text, lambda c: c == "\n"), LONGEST_LINE).astype(float)


def word_position(text: str) -> np.ndarray:
    """Characters since the word began."""
    return np.minimum(_since(text, lambda c: not c.isalpha()), LONGEST_LINE).astype(float)


def in_quotes(text: str) -> np.ndarray:
    """1 between quotation marks; an empty line ends a quotation that nobody closed."""
    labels, inside, before = np.zeros(len(text)), False, ""
    for index, c in enumerate(text):
        if c == '"':
            inside = not inside
        elif c in "“«„「『":
            inside = True
        elif c in "”»」』" or (c == "\n" and before == "\n"):
            inside = False
        labels[index], before = inside, c
    return labels


def in_brackets(text: str) -> np.ndarray:
    """1 between round, square or curly brackets, at any depth."""
    labels, depth = np.zeros(len(text)), 0
    for index, c in enumerate(text):
        depth = max(0, depth + (c in "([{\uff08\u3010") - (c in ")]}\uff09\u3011"))
        labels[index] = depth > 0
    return labels


def after_space(text: str) -> np.ndarray:
    """1 where the character before is white space."""
    return np.array([0.0, *(float(c.isspace()) for c in text[:-1])])[: len(text)]


def capital(text: str) -> np.ndarray:
    """1 for capital letters."""
    return np.array([float(c.isupper()) for c in text])


def digit(text: str) -> np.ndarray:
    """1 for digits."""
    return np.array([float(c.isdigit()) for c in text])


PROPERTIES: dict[str, Labels] = {
    "line_position": line_position,
    "in_quotes": in_quotes,
    "in_brackets": in_brackets,
    "after_space": after_space,
    "capital": capital,
    "digit": digit,
    "word_position": word_position,
}


def labels_of(text: str, name: str, pattern: str = "") -> np.ndarray:
    """One number a character: a property by name, or 1 inside what a `pattern` matches."""
    if name == "pattern":
        return matches(text, pattern)
    require(
        name in PROPERTIES,
        "settings.choice",
        name=named("property"),
        choices=", ".join([FOLLOWED, *PROPERTIES, "pattern"]),
        value=name,
    )
    return PROPERTIES[name](text)


def matches(text: str, pattern: str, seconds: float = PATTERN_SECONDS) -> np.ndarray:
    """1 inside the matches of a regular expression.

    A pattern can take for ever (catastrophic backtracking), and it may come from a stranger: it
    is matched in a process of its own that can be ended.
    """
    require(0 < len(pattern) <= 200, "look.pattern.empty", most=200)
    request = json.dumps([pattern, text])
    try:
        done = subprocess.run(
            [sys.executable, "-I", "-c", _MATCHER],
            input=request.encode("ascii"),
            capture_output=True,
            timeout=seconds,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise ConfigError("look.pattern.slow") from None
    if done.returncode != 0:
        raise ConfigError("look.pattern.wrong", pattern=pattern[:60])
    labels = np.zeros(len(text))
    for start, end in json.loads(done.stdout):
        labels[start:end] = 1
    return labels


_MATCHER = """
import json, re, sys
pattern, text = json.loads(sys.stdin.buffer.read())
try:
    found = re.compile(pattern, re.MULTILINE)
except (re.error, OverflowError, RecursionError):
    sys.exit(1)
print(json.dumps([match.span() for match in found.finditer(text)]))
"""


def _since(text: str, resets: Callable[[str], bool]) -> np.ndarray:
    """How many characters ago the last one was that resets the count."""
    index = np.arange(len(text))
    marks = np.array([resets(c) for c in text], dtype=bool)
    return index - np.maximum.accumulate(np.where(marks, index, -1)) if len(text) else index
