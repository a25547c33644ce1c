"""A repository on the Hub as it is at one commit, and whether it is one of ours.

Runs in the child only.
"""

from __future__ import annotations

import hashlib
import json
import tempfile
from pathlib import Path
from typing import Any, Protocol

from huggingface_hub import HfApi
from huggingface_hub.errors import RepositoryNotFoundError

from rnn_demo.hub import merge
from rnn_demo.hub.explain import explain
from rnn_demo.hub.trouble import HubTrouble

CARD = "README.md"
CARD_LIMIT = 1 << 20
OUR_ARCHITECTURE = "RnnDemoLM"


class Desk(Protocol):
    """What errand.py hands to a task."""

    @property
    def api(self) -> HfApi: ...
    @property
    def signed_in(self) -> bool: ...
    def left(self) -> float: ...
    def tell(self, phase: str, **values: Any) -> None: ...
    def note(self, trouble: HubTrouble) -> None: ...
    def make_time(self, size: int) -> None: ...


class Found:
    """A repository as it is at one commit."""

    def __init__(self, info: Any) -> None:
        self.commit, self.private = info.sha or "", bool(info.private)
        self.files: dict[str, Any] = {s.rfilename: s for s in info.siblings or []}
        self.sdk: str | None = getattr(info, "sdk", None)  # of a Space
        self.card: str | None = None
        self.ours = False  # a push would overwrite nothing but our own


class Repository:
    """A repository, a branch of it, and how to look at it."""

    def __init__(self, desk: Desk, repo_id: str, repo_type: str) -> None:
        self.desk, self.id, self.type = desk, repo_id, repo_type

    def look(self, revision: str | None = None) -> Found | None:
        """What is there now; None: nothing that this token may see."""
        try:
            info: Any = self.desk.api.repo_info(
                self.id, repo_type=self.type, revision=revision, files_metadata=True
            )
        except RepositoryNotFoundError as error:
            if explain(error).kind != "missing":
                raise
            return None
        found = Found(info)
        found.card = self._read(CARD, found, CARD_LIMIT)
        found.ours = self._is_ours(found)
        return found

    def _is_ours(self, found: Found) -> bool:
        """Whether a push overwrites nothing but what we or a new repository's template made."""
        if not set(found.files) - {".gitattributes", CARD}:
            return True
        if self.type == "space":
            untouched = len(self.desk.api.list_repo_commits(self.id, repo_type=self.type)) == 1
            return untouched or merge.BEGIN in (found.card or "")
        text = self._read("config.json", found, 1 << 16)
        try:
            return json.loads(text or "")["architectures"] == [OUR_ARCHITECTURE]
        except (ValueError, KeyError, TypeError, RecursionError):
            return False

    def _read(self, name: str, found: Found, limit: int) -> str | None:
        """A small text file of the repository, or None."""
        if name not in found.files or (found.files[name].size or 0) > limit:
            return None
        with tempfile.TemporaryDirectory() as folder:
            path = self.desk.api.hf_hub_download(
                self.id, name, repo_type=self.type, revision=found.commit, local_dir=folder
            )
            return Path(path).read_text(encoding="utf-8", errors="replace")

    def page(self) -> str:
        """Where a person looks at it."""
        prefix = "spaces/" if self.type == "space" else ""
        return f"{self.desk.api.endpoint}/{prefix}{self.id}"


def same(path: Path, entry: Any) -> bool:
    """Whether a file is the one the Hub lists: by SHA-256 if it is large, by git's SHA-1 if not."""
    data = path.read_bytes()
    if entry.lfs:
        return hashlib.sha256(data).hexdigest() == entry.lfs.sha256
    oid = getattr(entry, "blob_id", None)
    git = hashlib.sha1(b"blob %d\0" % len(data), usedforsecurity=False)
    git.update(data)
    return git.hexdigest() == oid
