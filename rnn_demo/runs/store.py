"""Folders that are complete or absent, one per step, each with a manifest of what it holds.

Everything is written beside the target and synced, the manifest last; then the folder gets its
name. A reader holds every byte against the manifest, so rot, cuts and missing files are found.
"""

from __future__ import annotations

import json
import secrets
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rnn_demo.errors import DamagedError
from rnn_demo.messages.message import Message
from rnn_demo.runs.files import TEMPORARY, Files, read_sealed, require_space, sealed, sha256

MANIFEST = "MANIFEST.json"


class Store:
    """A folder of folders step-N, each complete or absent."""

    def __init__(self, folder: Path, keep: int, files: Files) -> None:
        self.folder, self.keep, self.files = folder, keep, files

    def steps(self) -> list[int]:
        """The steps that are there, newest first."""
        names = (path.name.removeprefix("step-") for path in self.folder.glob("step-*"))
        return sorted((int(n) for n in names if n.isdecimal() and len(n) < 19), reverse=True)

    def path(self, step: int) -> Path:
        return self.folder / f"step-{step:09d}"

    def save(self, step: int, contents: Mapping[str, bytes], about: dict[str, Any]) -> None:
        """Make this step durable, and only then remove the oldest; and all later ones, or new ones
        would make way for them: a run has gone on from before them, as they were damaged."""
        self.folder.mkdir(exist_ok=True)
        write_folder(self.files, self.path(step), contents, {"step": step, **about})
        newest = [known for known in self.steps() if known <= step][: self.keep]
        for old in set(self.steps()) - set(newest):
            self.files.remove(self.path(old))

    def newest(self) -> tuple[dict[str, bytes] | None, list[Message]]:
        """(contents of the newest sound step or None, what was wrong with those passed over)."""
        wrong: list[Message] = []
        for step in self.steps():
            try:
                return read_folder(self.path(step))[0], wrong
            except DamagedError as error:
                wrong.append(error.message)
        return None, wrong


def write_folder(files: Files, target: Path, contents: Mapping[str, bytes], about: dict) -> None:
    """Write a folder that is complete or absent: files, then the manifest, then the name."""
    require_space(files, target.parent, 2 * sum(map(len, contents.values())))
    temporary = target.parent / f"{TEMPORARY}{secrets.token_hex(8)}"
    listed = {name: {"size": len(d), "sha256": sha256(d)} for name, d in contents.items()}
    manifest = sealed({"format": 1, **about, "files": listed})
    try:
        temporary.mkdir()
        for name, data in {**contents, MANIFEST: manifest}.items():
            files.write(temporary / name, data)
            files.sync(temporary / name)
        files.sync(temporary)
        if target.exists():  # the same step again, after a resume from before it
            files.remove(target)
        files.rename(temporary, target)
        files.sync(target.parent)
    except OSError:
        shutil.rmtree(temporary, ignore_errors=True)
        raise


def read_folder(folder: Path) -> tuple[dict[str, bytes], dict]:
    """(contents, manifest) of a folder by write_folder, every byte held against the manifest."""
    manifest = read_sealed(folder / MANIFEST)
    try:
        if manifest["format"] > 1:
            raise DamagedError("file.newer", name=folder.name)
        listed = {str(name): (f["size"], f["sha256"]) for name, f in manifest["files"].items()}
    except (KeyError, TypeError, AttributeError):
        raise DamagedError("file.incomplete", name=f"{folder.name}/{MANIFEST}") from None
    contents = {}
    for name, expected in listed.items():
        try:
            data = (folder / Path(name).name).read_bytes()
        except (OSError, ValueError):
            raise DamagedError("file.missing", name=f"{folder.name}/{name}") from None
        if (len(data), sha256(data)) != expected:
            raise DamagedError("file.changed", name=f"{folder.name}/{name}")
        contents[name] = data
    if missing := {"state.json", "model.safetensors"} - contents.keys():
        raise DamagedError("file.missing", name=f"{folder.name}/{min(missing)}")
    try:
        state = json.loads(contents["state.json"])
    except (ValueError, RecursionError):
        state = None
    if not isinstance(state, dict):
        raise DamagedError("file.changed", name=f"{folder.name}/state.json")
    return contents, manifest
