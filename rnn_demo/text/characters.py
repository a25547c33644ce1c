"""Single characters: which can be carried, how they are shown, what looks like them, whole ones."""

from __future__ import annotations

import codecs
import unicodedata
from collections.abc import Iterator

REPLACEMENT = "\ufffd"  # stands for what could not be read
NAMES = {" ": "␣", "\n": "⏎", "\t": "⇥"}  # how characters that cannot be seen are shown
LOOK_ALIKES = str.maketrans(
    dict.fromkeys("\u2018\u2019\u201a\u201b\u00b4`\u2032", "'")
    | dict.fromkeys("\u201c\u201d\u201e\u201f\u00ab\u00bb\u2033", '"')
    | dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212", "-")
    | dict.fromkeys("\t\u00a0\u2002\u2003\u2009\u3000", " ")
    | {"\r": "\n", "\u2028": "\n", "\u2029": "\n"}
)


def look_alikes(character: str) -> Iterator[str]:
    """Characters that may stand in for one, the best first: plain forms, other case, no accent."""
    base = unicodedata.normalize("NFKD", character)[:1]
    for candidate in (character.translate(LOOK_ALIKES), base):
        yield from (candidate, candidate.swapcase(), candidate.translate(LOOK_ALIKES))


def well_formed(text: str) -> str:
    """The text with U+FFFD for every lone surrogate, which UTF-8 cannot carry."""
    if text.isascii():
        return text
    try:
        text.encode("utf-8")
        return text
    except UnicodeEncodeError:
        return "".join(REPLACEMENT if "\ud800" <= c <= "\udfff" else c for c in text)


def lone_surrogates(text: str) -> list[str]:
    """Those halves of characters in a text that lack the other half, each once."""
    return [c for c in dict.fromkeys(text) if "\ud800" <= c <= "\udfff"]


def visible(label: str) -> str:
    """A label in which spaces, line ends and controls can be seen and told from look-alikes."""
    return "".join(map(_visible, label))


def _visible(c: str) -> str:
    if c in NAMES:
        return NAMES[c]
    if c in NAMES.values() or not c.isprintable():
        return f"U+{ord(c):04X}"
    return f"◌{c}" if unicodedata.combining(c) else c


class Decoder:
    """Turns ids into text one by one, holding back what is not yet a whole character."""

    def __init__(self, table: list[bytes]) -> None:
        self.table = table
        self.utf8 = codecs.getincrementaldecoder("utf-8")("replace")

    def push(self, token: int) -> str:
        """The text that is complete now; often one character, sometimes none."""
        return self.utf8.decode(self.table[token])

    def finish(self) -> str:
        """What is left: U+FFFD if the ids end inside a character, or nothing."""
        return self.utf8.decode(b"", final=True)
