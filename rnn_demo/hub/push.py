"""Push a run: make its bundle with card and picture, look at what is there, send what differs."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rnn_demo import bundle
from rnn_demo.hub import merge
from rnn_demo.hub.address import parse
from rnn_demo.hub.card import PICTURE, Labels, read_lines, write_card
from rnn_demo.hub.client import Progress, deadline_for, run_errand
from rnn_demo.hub.credential import Account, Credential
from rnn_demo.hub.picture import loss_curve
from rnn_demo.hub.trouble import HubTrouble
from rnn_demo.runs.checkpoint import RunFolder

CARD = "README.md"
EVERYTHING = (*bundle.LIMITS, PICTURE)  # what a push may replace, or remove if it is no longer sent


@dataclass(frozen=True)
class Package:
    """What will be sent: files of a folder, and the card that people will see."""

    folder: Path
    repo_id: str
    title: str

    @property
    def files(self) -> list[tuple[str, int]]:
        """(name, bytes) of every file."""
        paths = sorted(path for path in self.folder.rglob("*") if path.is_file())
        return [(p.relative_to(self.folder).as_posix(), p.stat().st_size) for p in paths]

    @property
    def card(self) -> str:
        return (self.folder / CARD).read_text(encoding="utf-8")

    @property
    def size(self) -> int:
        return sum(size for _, size in self.files)


@dataclass(frozen=True)
class Target:
    """What a push would meet."""

    exists: bool
    ours: bool = True
    private: bool = True
    card: str | None = None

    def card_after(self, package: Package) -> str:
        """The card as it will stand there, with what a person added kept."""
        return merge.merge(self.card, package.card)


@dataclass(frozen=True)
class Pushed:
    """Where it is now."""

    url: str
    commit: str
    commit_url: str
    pull_request: str | None  # its page
    files: tuple[str, ...]  # those that differed; none: nothing was sent
    private: bool


def sign_in(credential: Credential | None, seconds: float = 20.0) -> Account:
    """Ask the Hub whose credential this is. Raises HubTrouble."""
    answer = run_errand("who", credential, seconds=seconds)
    return Account(answer["user"], answer["role"], tuple(answer["namespaces"]))


def prepare(
    run: RunFolder, folder: Path, repo_id: str, labels: Labels, *, include_text: bool = False
) -> Package:
    """Write the bundle of a run with picture and card into an empty folder. Sends nothing."""
    address = parse(repo_id)
    if address.revision:
        raise HubTrouble("name", name=repo_id)
    bundle.write_bundle(run, folder, include_text=include_text)
    return finish(folder, address.repo_id, labels)


def finish(folder: Path, repo_id: str, labels: Labels) -> Package:
    """Add picture and card to a bundle that lies there."""
    training = bundle.read_config(folder).get("training") or {}
    log = read_lines(folder / bundle.LOG)
    if log:
        (folder / PICTURE).parent.mkdir(exist_ok=True)
        (folder / PICTURE).write_bytes(loss_curve(log, training))
    card = write_card(folder, repo_id, labels)
    (folder / CARD).write_text(card, encoding="utf-8")
    return Package(folder, repo_id, labels.title or training.get("name") or repo_id)


def look(repo_id: str, credential: Credential | None, seconds: float = 20.0) -> Target:
    """What is at that name now, as far as this credential may see."""
    answer = run_errand("look", credential, seconds=seconds, repo_id=parse(repo_id).repo_id)
    if not answer["exists"]:
        return Target(exists=False)
    return Target(True, answer["ours"], answer["private"], answer["card"])


def push(
    package: Package,
    credential: Credential | None,
    *,
    private: bool = True,
    pull_request: bool = False,
    progress: Progress | None = None,
    seconds: float | None = None,
) -> Pushed:
    """Send a package; again and again if need be, until it is there or the deadline has come."""
    answer: dict[str, Any] = run_errand(
        "push",
        credential,
        seconds=seconds or deadline_for(package.size),
        progress=progress,
        repo_id=package.repo_id,
        folder=str(package.folder.resolve()),
        message=f"{package.title[:80]}, pushed with rnn-demo",
        private=private,
        pull_request=pull_request,
        obsolete=EVERYTHING,
    )
    return Pushed(
        answer["url"],
        answer["commit"],
        answer["commit_url"],
        answer["pull_request"],
        tuple(answer["files"] + answer["removed"]),
        answer["private"],
    )
