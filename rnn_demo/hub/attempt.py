"""One try to bring a repository to the state of a folder. Runs in the child only."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from rnn_demo.hub import merge
from rnn_demo.hub.repository import CARD, Desk, Found, Repository, same
from rnn_demo.hub.trouble import HubTrouble, megabytes


class Attempt:
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
