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

from rnn_demo.hub.attempt import Attempt
from rnn_demo.hub.explain import explain
from rnn_demo.hub.repository import Desk, Repository, same
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
        attempt = Attempt(desk, repository, Path(copy), message, set(obsolete))

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
