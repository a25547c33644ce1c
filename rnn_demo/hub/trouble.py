"""Everything that can go wrong with the Hub: what happened, and what to do, a sentence each.

A trouble is a kind and a few values, so that it can leave the child process as JSON, be shown in
another language by the page, and decide by itself whether trying again makes sense.
"""

from __future__ import annotations

import re
from typing import Any

from rnn_demo.errors import HubError

SENTENCES = {
    # who you are
    "no_token": "You are not signed in. Sign in, or give an access token with write access from "
    "{endpoint}/settings/tokens.",
    "bad_token": "The Hub does not know this token: it is mistyped, expired or revoked. Make a new "
    "one at {endpoint}/settings/tokens and sign in again.",
    "read_only": "This token may read but not write. Make a token with write access at "
    "{endpoint}/settings/tokens.",
    "scope": "You are signed in, but this sign-in may not write to {repo}. Sign in again and allow "
    "it to contribute to repositories, or choose a new name.",
    "rights": "You may not create anything under {namespace}. Choose your own name or an "
    "organization in which you may write.",
    "not_yours": "{repo} belongs to somebody else. You can offer your model as a pull request: "
    "tick “Open a pull request” (on the command line: --pull-request).",
    # what you asked for
    "name": "“{name}” is not a name the Hub takes. Write user/name with letters, digits, -, _ and "
    ". (no -- and no .., at most 96 characters in all).",
    "name_taken": "{repo} already holds something that rnn-demo did not make. Choose another name, "
    "so that nothing of it is overwritten.",
    "license": "Choose a license first. You decide, and the rights to your text decide with you; "
    "“other” and “unknown” are possible answers.",
    "card": "The Hub does not accept the head of the model card: {detail} Change it, push again.",
    "plan": "The Hub asks for a paid plan for this: free accounts cannot host a Gradio Space on "
    "plain CPUs (answer 402). Publish the static demo instead: it is free, and runs the "
    "network in the visitor's browser.",
    "not_private": "{repo} is public. Autosave writes only to a private repository, because it "
    "also saves what is needed to go on training. Choose another name.",
    # what is there
    "missing": "There is no {repo} that you can see: it does not exist, or it is private and "
    "belongs to somebody else. Check the name, or sign in with an account that may see it.",
    "gated": "{repo} is open only to people whom its owner lets in. Ask for access at "
    "{endpoint}/{repo}, then load it again.",
    "revision": "{repo} has no revision “{revision}”. Leave it out to get the newest.",
    "file": "{repo} no longer has a file that it listed a moment ago. Try again.",
    "foreign": "{repo} is not a model that rnn-demo can load: {detail} A model of this kind has "
    "config.json, model.safetensors and a tokenizer; pickled weights are never opened.",
    "too_big": "{file} in {repo} has {size}; at most {limit} are loaded.",
    "damaged": "{file} of {repo} arrived damaged: its SHA-256 is not the one the Hub lists. "
    "Nothing of it was kept. Try again.",
    "sent_damaged": "The Hub lists another SHA-256 for {file} than the one that was sent. Push "
    "again; only what differs is sent.",
    # who came first
    "conflict": "The Hub is still busy with another change to {repo} (answer 409). Wait a moment "
    "and push again.",
    "moved": "Somebody changed {repo} while you were pushing, several times in a row (answer 412). "
    "Nothing of theirs was overwritten. Look at it, then push again.",
    # the way there
    "rate": "The Hub asks for a pause of {wait} (too many requests, answer 429). Nothing is lost: "
    "do it again after that.",
    "server": "The Hub has a problem of its own (answer {status}). Nothing is lost: try again "
    "in a few minutes, and see status.huggingface.co.",
    "connection": "The connection to the Hub broke off, again and again. Nothing is lost: try "
    "again when the network is steadier.",
    "offline": "The Hub cannot be reached. Check the network; everything but the Hub works "
    "without it.",
    "offline_mode": "This machine is set to stay off the Hub (HF_HUB_OFFLINE). Unset it to push "
    "and pull; everything else works without.",
    "stalled": "The Hub took the request but did not answer. Nothing is lost: try again later.",
    "deadline": "It was not done within {seconds} seconds, so it was stopped. What is on the Hub "
    "is either as before or complete; doing it again is safe and sends nothing twice.",
    "disk": "The disk of this machine is full: {detail}. Free some space and try again.",
    "unknown": "The Hub answered in a way this program does not know ({detail}). Try again; if it "
    "stays like this, tell the makers of rnn-demo.",
}
TRANSIENT = {"conflict", "moved", "rate", "server", "connection", "offline", "stalled",
             "file", "damaged", "sent_damaged"}  # fmt: skip
TOKEN = re.compile(r"\b(?:hf|api_org)_[A-Za-z0-9_-]{8,}")
_PLAIN = {"repo": "the repository", "namespace": "that name", "file": "A file", "wait": "a while",
          "detail": "no detail was given", "endpoint": "https://huggingface.co"}  # fmt: skip


class HubTrouble(HubError):
    """A trouble with a kind of its own; str() is the English sentence."""

    def __init__(self, kind: str, **values: Any) -> None:
        self.kind = kind if kind in SENTENCES else "unknown"
        self.values = {name: redact(str(value)) for name, value in values.items()}
        super().__init__(sentence(SENTENCES[self.kind], self.values))

    @property
    def transient(self) -> bool:
        """Whether the same request may well succeed in a while."""
        return self.kind in TRANSIENT

    def to_json(self) -> dict[str, Any]:
        return {"kind": self.kind, "values": self.values}


def sentence(template: str, values: dict[str, str]) -> str:
    """Fill a template; what is not known stays a plain word."""
    words = _PLAIN | {name: value for name, value in values.items() if value}
    return re.sub(r"{(\w+)}", lambda match: words.get(match[1], "?"), template)


def redact(text: str) -> str:
    """The text with anything that looks like a token blacked out."""
    return TOKEN.sub("hf_…", text)


def duration(seconds: float) -> str:
    """Words for a wait: "40 seconds", "12 minutes", "2 hours"."""
    for size, unit in ((3600, "hour"), (60, "minute"), (1, "second")):
        if seconds >= 1.5 * size or size == 1:
            count = -(-int(seconds) // size)
            return f"{count} {unit}{'s' * (count != 1)}"
    return ""


def megabytes(size: float) -> str:
    """Words for a size: "812 bytes", "1.4 MB"."""
    if size < 1000:
        return f"{size:.0f} bytes"
    return f"{size / 1e3:.0f} kB" if size < 1e6 else f"{size / 1e6:.1f} MB"
