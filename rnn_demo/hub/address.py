"""The name of a model on the Hub: user/name, or user/name@revision. URLs and paths are refused."""

from __future__ import annotations

import re
from dataclasses import dataclass

from rnn_demo.hub.trouble import HubTrouble

PART = r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?"
ADDRESS = re.compile(rf"({PART})/({PART})(?:@([A-Za-z0-9][A-Za-z0-9._/-]{{0,99}}))?")


@dataclass(frozen=True)
class Address:
    """Where a repository is; `revision` is a branch, tag or commit, None for the newest."""

    namespace: str
    name: str
    revision: str | None = None

    @property
    def repo_id(self) -> str:
        return f"{self.namespace}/{self.name}"

    def __str__(self) -> str:
        return self.repo_id + (f"@{self.revision}" if self.revision else "")


def parse(text: str) -> Address:
    """Read user/name[@revision]. Raises HubTrouble with the rule."""
    match = ADDRESS.fullmatch(text.strip())
    if not match:
        raise HubTrouble("name", name=text.strip()[:100])
    namespace, name, revision = match.groups()
    repo_id = f"{namespace}/{name}"
    bad = len(repo_id) > 96 or "--" in repo_id or ".." in text or name.endswith(".git")
    if bad:
        raise HubTrouble("name", name=repo_id[:100])
    return Address(namespace, name, revision)


def slug(text: str) -> str:
    """A repository name made of a title: "Tiny Shakespeare.txt" -> "tiny-shakespeare-txt"."""
    plain = re.sub(r"[^a-z0-9.]+", "-", text.lower()).replace("..", "-")
    return re.sub(r"-{2,}", "-", plain)[:60].strip("-.").removesuffix(".git") or "my-model"
