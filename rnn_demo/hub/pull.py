"""Load what others pushed: verified, pinned to a commit, bounded in size, nobody else's cache."""

from __future__ import annotations

import secrets
import shutil
import tempfile
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from rnn_demo import bundle
from rnn_demo.config import SampleConfig
from rnn_demo.errors import RnnDemoError, RunError
from rnn_demo.hub.address import Address, parse
from rnn_demo.hub.client import Progress, run_errand
from rnn_demo.hub.credential import Credential, find_credential
from rnn_demo.hub.trouble import HubTrouble
from rnn_demo.runs.checkpoint import RunFolder
from rnn_demo.runs.files import TEMPORARY
from rnn_demo.writing.generate import Writer

NEEDED = {name: bundle.LIMITS[name] for name in bundle.LIMITS if name != bundle.TEXT}


@dataclass(frozen=True)
class Pulled:
    """A bundle that was fetched and has passed all checks."""

    bundle: bundle.Bundle
    address: Address
    commit: str


def pull(
    text: str,
    folder: Path,
    credential: Credential | None = None,
    *,
    limits: dict[str, int] | None = None,
    progress: Progress | None = None,
    seconds: float | None = None,
) -> Pulled:
    """Fetch user/name[@revision] into `folder`, which appears complete or not at all."""
    address, folder = parse(text), Path(folder)
    if folder.exists() and any(folder.iterdir()):
        raise RunError("folder.there", folder=folder)
    folder.parent.mkdir(parents=True, exist_ok=True)
    temporary = folder.parent / f"{TEMPORARY}{secrets.token_hex(8)}"
    try:
        answer = run_errand(
            "pull",
            credential,
            seconds=seconds,
            progress=progress,
            repo_id=address.repo_id,
            revision=address.revision,
            folder=str(temporary.resolve()),
            limits=limits or NEEDED,
        )
        found = _read(temporary, address)
        temporary.replace(folder)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    return Pulled(replace(found, folder=folder), address, answer["commit"])


def _read(folder: Path, address: Address) -> bundle.Bundle:
    """All checks of a bundle, before it gets its name; what fails them is told with the address."""
    try:
        return bundle.read_bundle(folder)
    except RnnDemoError as error:
        raise HubTrouble("foreign", repo=address.repo_id, detail=error.message) from None


def at_most(largest: int | None, limits: dict[str, int]) -> dict[str, int]:
    """The limits of files, and none above what this server allows for a run."""
    return {name: min(limit, largest or limit) for name, limit in limits.items()}


def pull_run(
    text: str,
    runs: Path,
    credential: Credential | None = None,
    *,
    owner: str = "",
    largest: int | None = None,
    progress: Progress | None = None,
    seconds: float | None = None,
) -> RunFolder:
    """Fetch a model as a run of this owner, no file larger than `largest` bytes; the same commit
    again is the run that is there."""
    limits = at_most(largest, bundle.LIMITS)
    with tempfile.TemporaryDirectory(prefix="rnn-demo-pull-") as folder:
        pulled = pull(text, Path(folder) / "model", credential, limits=limits,
                      progress=progress, seconds=seconds)  # fmt: skip
        origin = f"{pulled.address.repo_id}@{pulled.commit}"
        if known := _pulled_before(runs, origin, owner):
            return known
        name = pulled.address.repo_id
        return bundle.adopt(pulled.bundle, runs, name=name, owner=owner, origin=origin)


def _pulled_before(runs: Path, origin: str, owner: str) -> RunFolder | None:
    """This owner's run of the same commit, if it is there and whole."""
    for path in Path(runs).glob("*/run.json"):
        run = RunFolder(path.parent)
        with suppress(RunError):  # somebody's damaged run is no hindrance
            if (run.record.key, run.record.owner) == (origin, owner) and run.best.steps():
                return run
    return None


class Loaded:
    """A model that writes."""

    def __init__(self, loaded: bundle.Bundle) -> None:
        self.bundle = loaded
        self.writer = Writer(loaded.model, loaded.tokenizer)

    def write(self, prompt: str = "", **settings: Any) -> str:
        """Text after a prompt; the settings are SampleConfig's: seed, temperature, length ..."""
        return self.writer.write(prompt, SampleConfig(**settings)).text


def load(text: str, *, token: str | None = None, seconds: float | None = None) -> Loaded:
    """A model from the Hub (user/name[@revision]) or from a folder, for a program of your own.

    Without a token this machine's login is used, if there is one.
    """
    if Path(text).is_dir():
        return Loaded(bundle.read_bundle(Path(text)))
    credential = find_credential(typed=token, allow_machine=True)
    with tempfile.TemporaryDirectory(prefix="rnn-demo-load-") as folder:
        return Loaded(pull(text, Path(folder) / "model", credential, seconds=seconds).bundle)
