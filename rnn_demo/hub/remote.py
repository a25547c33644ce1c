"""What can be asked of the Hub, one function per errand. Runs in the child only.

A push looks at what is there, sends what differs in one commit on top of exactly that, and looks
again. After any trouble that may pass it starts over with looking: if a lost answer hid a commit
that was made, there is nothing left to send. So no content is ever committed twice, and nobody
else's change is overwritten.
"""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from huggingface_hub import snapshot_download

from rnn_demo.hub import merge
from rnn_demo.hub.explain import explain
from rnn_demo.hub.repository import CARD, Desk, Found, Repository, same
from rnn_demo.hub.trouble import HubTrouble, megabytes
from rnn_demo.messages.message import Message

T = TypeVar("T")
TRIES = 4
PICKLED = (".bin", ".pt", ".pth", ".ckpt", ".pkl")


def who(desk: Desk) -> dict[str, Any]:
    """Whose token this is, and where it may write."""
    if not desk.signed_in:
        raise HubTrouble("no_token")
    answer = patiently(desk, "", desk.api.whoami, tries=2)
    access = answer.get("auth") or {}
    role = (access.get("accessToken") or {}).get("role") or access.get("type") or "unknown"
    writable = ("admin", "write", "contributor")
    organizations = [o["name"] for o in answer.get("orgs", []) if o.get("roleInOrg") in writable]
    return {"user": answer["name"], "role": role, "namespaces": [answer["name"], *organizations]}


def look(desk: Desk, repo_id: str, repo_type: str = "model") -> dict[str, Any]:
    """What a push to this name would meet: nothing, something of ours, something else."""
    desk.tell("looking")
    repository = Repository(desk, repo_id, repo_type)
    found = patiently(desk, repo_id, repository.look, tries=2)
    if found is None:
        return {"exists": False}
    return {
        "exists": True,
        "ours": found.ours,
        "private": found.private,
        "commit": found.commit,
        "files": sorted(found.files),
        "card": found.card,
    }


def push(
    desk: Desk,
    repo_id: str,
    folder: str,
    message: str,
    *,
    repo_type: str = "model",
    private: bool = True,
    only_private: bool = False,
    pull_request: bool = False,
    obsolete: tuple[str, ...] = (),
    space: dict[str, str] | None = None,
) -> dict[str, Any]:
    """Make the repository hold the folder's files; `obsolete` names are removed from it."""
    if not desk.signed_in:
        raise HubTrouble("no_token")
    repository = Repository(desk, repo_id, repo_type)
    with tempfile.TemporaryDirectory() as copy:
        shutil.copytree(folder, copy, dirs_exist_ok=True)
        attempt = _Attempt(desk, repository, Path(copy), message, set(obsolete))

        def once() -> dict[str, Any]:
            attempt.target(private, only_private, pull_request, space or {})
            return attempt.send()

        try:
            return patiently(desk, repo_id, once)
        except HubTrouble as trouble:
            raise _refine(desk, trouble) from trouble


def pull(
    desk: Desk, repo_id: str, revision: str | None, folder: str, limits: dict[str, int]
) -> dict[str, Any]:
    """Fetch the files named in `limits`, each no larger than that, and verify them."""

    def once() -> dict[str, Any]:
        shutil.rmtree(folder, ignore_errors=True)  # what was damaged is fetched again
        return _fetch(desk, repo_id, revision, Path(folder), limits)

    return patiently(desk, repo_id, once, revision)


def patiently(
    desk: Desk,
    repo_id: str,
    action: Callable[[], T],
    revision: str | None = None,
    tries: int = TRIES,
) -> T:
    """Do it again after a trouble that may pass, a few times and within the deadline."""
    for number in range(tries):
        try:
            return action()
        except Exception as error:
            trouble = explain(error, repo_id, revision)
            pause = max(2.0**number, float(trouble.values.get("seconds", 0)))
            last = number + 1 >= (2 if trouble.kind == "damaged" else tries)
            if last or not trouble.transient or desk.left() < pause + 3:
                raise trouble from error
            desk.note(trouble)
            desk.tell("waiting", seconds=round(pause))
            time.sleep(pause)
    raise AssertionError("the last try returns or raises")


def _fetch(
    desk: Desk, repo_id: str, revision: str | None, folder: Path, limits: dict[str, int]
) -> dict[str, Any]:
    desk.tell("looking")
    info = desk.api.model_info(repo_id, revision=revision, files_metadata=True)
    listed = {s.rfilename: s for s in info.siblings or [] if s.rfilename in limits}
    _refuse_foreign(repo_id, set(listed), {s.rfilename for s in info.siblings or []})
    for name, entry in listed.items():
        if entry.size is None or entry.size > limits[name]:
            sizes = {"size": megabytes(entry.size or 0), "limit": megabytes(limits[name])}
            raise HubTrouble("too_big", file=name, repo=repo_id, **sizes)
    total = sum(entry.size or 0 for entry in listed.values())
    desk.make_time(total)
    desk.tell("fetching", files=len(listed), size=megabytes(total))
    snapshot_download(
        repo_id,
        revision=info.sha,
        local_dir=folder,
        allow_patterns=sorted(listed),
        token=desk.api.token,
        max_workers=4,
    )
    shutil.rmtree(folder / ".cache", ignore_errors=True)
    desk.tell("checking")
    for name, entry in listed.items():
        path = folder / name
        if path.is_symlink() or not path.is_file() or not same(path, entry):
            raise HubTrouble("damaged", file=name, repo=repo_id)
    return {"commit": info.sha, "files": sorted(listed), "private": bool(info.private)}


def _refuse_foreign(repo_id: str, useful: set[str], everything: set[str]) -> None:
    """Say what is missing before anything is fetched."""
    if "config.json" not in useful:
        raise HubTrouble("foreign", repo=repo_id, detail=Message("hub.no.config"))
    if "model.safetensors" not in useful:
        pickled = sorted(name for name in everything if name.endswith(PICKLED))
        detail = Message("hub.no.weights")
        if pickled:
            detail = Message("hub.only.pickled", file=pickled[0])
        raise HubTrouble("foreign", repo=repo_id, detail=detail)


def _refine(desk: Desk, trouble: HubTrouble) -> HubTrouble:
    """The Hub refuses in the same words a token that only reads, a sign-in without the scope, and
    a name that belongs to others; each has another remedy."""
    if trouble.kind not in ("read_only", "rights"):
        return trouble
    try:
        account = who(desk)
    except Exception:  # the refusal itself is the better message
        return trouble
    if account["role"] == "read":
        return HubTrouble("read_only", **trouble.values)
    elsewhere = trouble.values.get("namespace") not in (None, *account["namespaces"])
    return trouble if elsewhere else HubTrouble("scope", **trouble.values)


class _Attempt:
    """One try to bring a repository to the state of a folder."""

    def __init__(
        self, desk: Desk, repository: Repository, folder: Path, message: str, obsolete: set[str]
    ) -> None:
        self.desk, self.repository, self.folder = desk, repository, folder
        self.message, self.obsolete = message, obsolete
        self.our_card = self._text(CARD)
        self.pull_request: str | None = None  # its page
        self.revision: str | None = None  # refs/pr/N
        self.found: Found | None = None
        self.sent: list[str] = []  # in this or an earlier try, whose answer may have been lost

    def target(
        self, private: bool, only_private: bool, pull_request: bool, space: dict[str, str]
    ) -> None:
        """Find out what is there, creating the repository or the pull request if need be."""
        api, repository = self.desk.api, self.repository
        self.desk.tell("looking")
        found = repository.look()
        if found is None and not pull_request:
            self.desk.tell("creating")
            kind = {"repo_type": repository.type} | space
            try:
                api.create_repo(repository.id, private=private, exist_ok=True, **kind)  # type: ignore[arg-type]
            except KeyError:  # the client takes any 409 for "it exists", and looks where
                raise HubTrouble("conflict", repo=repository.id) from None
            found = repository.look()
        if found is None:
            raise HubTrouble("missing", repo=repository.id)
        if not found.ours:
            raise HubTrouble("name_taken", repo=repository.id)
        if space and found.sdk not in (None, space["space_sdk"]):
            raise HubTrouble("other_kind", repo=repository.id, sdk=found.sdk)
        if only_private and not found.private:
            raise HubTrouble("not_private", repo=repository.id)
        self.found = found
        if pull_request and any(self._differences()):
            self.found = self._open_pull_request() or found

    def _open_pull_request(self) -> Found | None:
        """Our open pull request with this title, a new one if there is none."""
        api, repository = self.desk.api, self.repository
        author = api.whoami()["name"]
        candidates = api.get_repo_discussions(
            repository.id, repo_type=repository.type, author=author, discussion_type="pull_request"
        )
        mine = [d for d in candidates if d.is_pull_request and d.author == author
                and d.title == self.message and d.status in ("open", "draft")]  # fmt: skip
        request = mine[0] if mine else api.create_pull_request(
            repository.id, self.message, repo_type=repository.type,
            description="Pushed with rnn-demo.")  # fmt: skip
        self.revision = f"refs/pr/{request.num}"
        self.pull_request = f"{self.repository.page()}/discussions/{request.num}"
        return repository.look(self.revision)

    def _differences(self) -> tuple[list[str], list[str]]:
        """Names of the files to send and to remove, with the card merged into the one there."""
        assert self.found is not None
        if self.our_card is not None:
            card = merge.merge(self.found.card, self.our_card)
            (self.folder / CARD).write_text(card, encoding="utf-8")
        wanted, there = self._wanted(), self.found.files
        changed = [n for n, path in wanted.items() if n not in there or not same(path, there[n])]
        return sorted(changed), sorted((self.obsolete & set(there)) - set(wanted))

    def _wanted(self) -> dict[str, Path]:
        paths = (path for path in self.folder.rglob("*") if path.is_file())
        return {path.relative_to(self.folder).as_posix(): path for path in paths}

    def send(self) -> dict[str, Any]:
        """Commit what differs, on top of what was seen, and verify what the Hub now lists."""
        assert self.found is not None
        changed, removed = self._differences()
        commit = self.found.commit
        if changed or removed:
            wanted = self._wanted()
            size = megabytes(sum(wanted[name].stat().st_size for name in changed))
            self.desk.tell("sending", files=len(changed), size=size)
            self.sent = changed
            commit = self._commit(changed, removed)
            self._verify(wanted, commit)
        page = self.repository.page()
        return {
            "url": page,
            "commit": commit,
            "commit_url": f"{page}/commit/{commit}",
            "pull_request": self.pull_request,
            "files": self.sent,
            "removed": removed,
            "private": self.found.private,
        }

    def _commit(self, changed: list[str], removed: list[str]) -> str:
        assert self.found is not None
        done = self.desk.api.upload_folder(
            repo_id=self.repository.id,
            repo_type=self.repository.type,
            folder_path=self.folder,
            allow_patterns=sorted(changed),
            delete_patterns=removed or None,
            revision=self.revision,
            commit_message=self.message,
            parent_commit=self.found.commit,
        )
        return done.oid

    def _verify(self, wanted: dict[str, Path], commit: str) -> None:
        """The digest of every file, as the Hub lists it for the new commit, is ours."""
        self.desk.tell("checking")
        answer = self.desk.api.get_paths_info(
            self.repository.id, sorted(wanted), revision=commit, repo_type=self.repository.type
        )
        listed = {entry.path: entry for entry in answer}
        for name, path in wanted.items():
            if name not in listed or not same(path, listed[name]):
                raise HubTrouble("sent_damaged", file=name)

    def _text(self, name: str) -> str | None:
        path = self.folder / name
        return path.read_text(encoding="utf-8") if path.is_file() else None
