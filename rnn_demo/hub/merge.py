"""A card that a person has edited keeps the person's words.

What this program writes lies between two marks. On a later push only that part is replaced; text
before and after it stays, and so do the fields of the head that this program does not write.
"""

from __future__ import annotations

import re
from typing import Any

import yaml

BEGIN, END = "<!-- rnn-demo:begin -->", "<!-- rnn-demo:end -->"
HEAD = re.compile(r"\A\ufeff?\s*---[ \t]*\r?\n(.*?)\r?\n?---[ \t]*(?:\r?\n|\Z)", re.DOTALL)


def split(card: str) -> tuple[dict[str, Any], str]:
    """The head of a card as a dictionary, and its body. A head that cannot be read is empty."""
    match = HEAD.match(card)
    if not match:
        return {}, card
    try:
        head = yaml.safe_load(match[1])
    except (yaml.YAMLError, ValueError, RecursionError):
        head = None
    return (head if isinstance(head, dict) else {}), card[match.end() :]


def join(head: dict[str, Any], body: str) -> str:
    """A card made of its head and its body."""
    text = yaml.safe_dump(head, sort_keys=False, allow_unicode=True, width=1000)
    return f"---\n{text}---\n{body}"


def merge(theirs: str | None, ours: str) -> str:
    """The card to push: ours where ours belongs, theirs everywhere else."""
    if theirs is None or not theirs.strip():
        return ours
    their_head, their_body = split(theirs)
    our_head, our_body = split(ours)
    head = {**their_head, **our_head, "tags": _both(their_head.get("tags"), our_head.get("tags"))}
    return join(
        {n: v for n, v in head.items() if v not in (None, "", [])},
        _merge_bodies(their_body, our_body),
    )


def _merge_bodies(theirs: str, ours: str) -> str:
    begin, end = theirs.find(BEGIN), theirs.rfind(END)
    if 0 <= begin < end:
        return theirs[:begin] + _between(ours) + theirs[end + len(END) :]
    if not theirs.strip():
        return ours
    return theirs.rstrip() + "\n\n" + _between(ours) + "\n"


def _between(ours: str) -> str:
    """Our part, marks included."""
    return ours[ours.find(BEGIN) : ours.rfind(END) + len(END)]


def _both(theirs: Any, ours: Any) -> list[str]:
    """Their tags and ours, each once, in that order. What is no text is no tag: the aliases of a
    small YAML file can be gigabytes as text."""
    lists = [tags if isinstance(tags, list) else [tags] for tags in (theirs, ours)]
    return list(dict.fromkeys(tag for tag in [*lists[0], *lists[1]] if isinstance(tag, str)))
