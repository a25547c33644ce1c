"""Everything that can go wrong with the Hub: what happened, and what to do, a sentence each.

A trouble is a kind and a few values, so that it can leave the child process as JSON, be shown in
either language, and decide by itself whether trying again makes sense.
"""

from __future__ import annotations

import re
from typing import Any

from rnn_demo.errors import HubError
from rnn_demo.messages.message import TABLE, Message, from_json, to_json

TRANSIENT = {"conflict", "moved", "rate", "server", "connection", "offline", "stalled",
             "file", "damaged", "sent_damaged"}  # fmt: skip
TOKEN = re.compile(r"\b(?:hf|api_org)_[A-Za-z0-9_-]{8,}")
UNKNOWN: dict[str, Any] = {  # what stands in a sentence for a value that was not given
    **dict.fromkeys(("name", "revision", "size", "limit", "status", "seconds", "sdk"), "?"),
    "repo": Message("hub.some.repo"),
    "namespace": Message("hub.some.namespace"),
    "file": Message("hub.some.file"),
    "wait": Message("hub.some.wait"),
    "detail": Message("hub.some.detail"),
    "endpoint": "https://huggingface.co",
}


class HubTrouble(HubError):
    """A trouble with a kind of its own: the sentence is the message hub.<kind>."""

    def __init__(self, kind: str, **values: Any) -> None:
        self.kind = kind if f"hub.{kind}" in TABLE else "unknown"
        self.values: dict[str, Any] = {
            name: value if isinstance(value, Message) else redact(str(value))
            for name, value in values.items()
            if value
        }
        super().__init__(f"hub.{self.kind}", **(UNKNOWN | self.values))

    @property
    def transient(self) -> bool:
        """Whether the same request may well succeed in a while."""
        return self.kind in TRANSIENT

    def to_json(self) -> dict[str, Any]:
        return {"kind": self.kind, "values": to_json(self.values)}

    @classmethod
    def from_json(cls, record: dict[str, Any]) -> HubTrouble:
        return cls(record["kind"], **from_json(record["values"]))


def redact(text: str) -> str:
    """The text with anything that looks like a token blacked out."""
    return TOKEN.sub("hf_…", text)


def duration(seconds: float) -> Message:
    """Words for a wait: "40 seconds", "12 minutes", "2 hours"."""
    if seconds >= 1.5 * 3600:
        return Message("hub.wait.hours", count=-(-int(seconds) // 3600))
    if seconds >= 90:
        return Message("hub.wait.minutes", count=-(-int(seconds) // 60))
    whole = int(seconds)
    return Message("hub.wait.second") if whole == 1 else Message("hub.wait.seconds", count=whole)


def megabytes(size: float) -> str:
    """Words for a size: "812 bytes", "1.4 MB"."""
    if size < 1000:
        return f"{size:.0f} bytes"
    return f"{size / 1e3:.0f} kB" if size < 1e6 else f"{size / 1e6:.1f} MB"
