"""A small Hugging Face Hub for tests: what the real client needs to push and pull over LFS.

    with HubServer() as hub:
        os.environ["HF_ENDPOINT"], os.environ["HF_HUB_DISABLE_XET"] = hub.url, "1"
        hub.fail("POST", "/commit/", status=500)          # once
        hub.fail("GET", "/lfs/", how="flip", times=99)    # a bit of every download is wrong

Users: alice (free; writes to her own and to acme) and bob (pays). Everything is kept in memory.
Small files travel in the commit, *.safetensors and *.model by LFS, from a host of their own.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import socket
import struct
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import yaml

TOKENS = {  # token: (user, role)
    "hf_alice_may_write_0000": ("alice", "write"),
    "hf_alice_may_read_00000": ("alice", "read"),
    "hf_alice_contributes_00": ("alice", "contribute"),
    "hf_bob_may_write_000000": ("bob", "write"),
}
ORGANIZATIONS = {"alice": ["acme"], "bob": []}
PAYING = {"bob"}
LICENSES = {"mit", "apache-2.0", "cc0-1.0", "cc-by-4.0", "other", "unknown"}
LARGE = (".safetensors", ".model")


class Refusal(Exception):
    """An answer that is an error."""

    def __init__(self, status: int, message: str, code: str = "", **headers: str) -> None:
        self.status, self.message, self.code, self.headers = status, message, code, headers


@dataclass
class Fault:
    """What goes wrong with requests that match; `times` counts down."""

    method: str
    path: str  # a regular expression
    how: str  # status | drop (before) | lose (after) | flip | stall
    status: int = 500
    times: int = 1
    headers: dict[str, str] = field(default_factory=dict)
    skip: int = 0


@dataclass
class Repository:
    private: bool
    kind: str
    creator: str  # the token that made it
    sdk: str | None = None  # of a Space
    commits: list[dict[str, Any]] = field(default_factory=list)  # {id, title, files: {path: bytes}}
    branches: dict[str, str] = field(default_factory=dict)
    discussions: list[dict[str, Any]] = field(default_factory=list)

    def commit(self, branch: str, files: dict[str, bytes], title: str) -> str:
        names = json.dumps(sorted((p, hashlib.sha1(d).hexdigest()) for p, d in files.items()))
        oid = hashlib.sha1(f"{len(self.commits)} {branch} {title} {names}".encode()).hexdigest()
        self.commits.append({"id": oid, "title": title, "files": files})
        self.branches[branch] = oid
        return oid

    def at(self, revision: str) -> dict[str, Any]:
        oid = self.branches.get(unquote(revision), revision)
        for commit in self.commits:
            if commit["id"] == oid:
                return commit
        raise Refusal(404, "Invalid rev id", "RevisionNotFound")


class HubServer:
    """The server, its repositories, and what it has been asked."""

    def __init__(self) -> None:
        self.repositories: dict[str, Repository] = {}
        self.objects: dict[str, bytes] = {}  # LFS
        self.faults: list[Fault] = []
        self.asked: list[tuple[str, str]] = []
        self.storage_saw_a_token = False
        self.released = threading.Event()  # ends what stalls
        self.servers = [ThreadingHTTPServer(("127.0.0.1", 0), Handler) for _ in range(2)]
        for server in self.servers:
            server.hub = self  # type: ignore[attr-defined]
            server.daemon_threads = True
        self.url, self.storage = (f"http://127.0.0.1:{s.server_address[1]}" for s in self.servers)

    def __enter__(self) -> HubServer:
        for server in self.servers:
            threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *error: object) -> None:
        self.released.set()
        for server in self.servers:
            server.shutdown()
            server.server_close()

    def fail(self, method: str, path: str, how: str = "status", **more: Any) -> None:
        self.faults.append(Fault(method, path, how, **more))

    def fault_for(self, method: str, path: str) -> Fault | None:
        for fault in self.faults:
            if fault.method == method and re.search(fault.path, path) and fault.times > 0:
                if fault.skip > 0:
                    fault.skip -= 1
                    continue
                fault.times -= 1
                return fault
        return None

    def files(self, repo: str, revision: str = "main") -> dict[str, bytes]:
        return self.repositories[repo].at(revision)["files"]

    def titles(self, repo: str) -> list[str]:
        return [commit["title"] for commit in self.repositories[repo].commits]


REPO = r"/(?P<repo>[\w.-]+/[\w.-]+)"
API = r"/api/(?P<kind>model|space)s" + REPO


class Handler(BaseHTTPRequestHandler):
    """One request: fault, then route, then answer."""

    protocol_version = "HTTP/1.1"

    def log_message(self, *words: object) -> None:
        """Quiet."""

    def do_GET(self) -> None:
        self.handle_one()

    do_POST = do_PUT = do_HEAD = do_GET

    @property
    def hub(self) -> HubServer:
        return self.server.hub  # type: ignore[attr-defined]

    def handle_one(self) -> None:
        parts = urlsplit(self.path)
        self.route, self.query = parts.path, parse_qs(parts.query)
        self.body = self.rfile.read(int(self.headers.get("content-length") or 0))
        self.hub.asked.append((self.command, self.route))
        fault = self.hub.fault_for(self.command, self.route)
        how = fault.how if fault else ""
        if how == "stall":
            self.hub.released.wait()
        if how in ("drop", "stall"):
            return self.drop()
        if fault and how == "status":
            return self.send(fault.status, b'{"error": "injected"}', fault.headers)
        try:
            status, content, headers = self.find()
        except Refusal as refusal:
            content = json.dumps({"error": refusal.message}).encode()
            headers = {"X-Error-Message": refusal.message, **refusal.headers}
            if refusal.code:
                headers["X-Error-Code"] = refusal.code
            status = refusal.status
        if how == "lose":
            return self.drop()
        if how == "flip" and content:
            content = content[:-1] + bytes([content[-1] ^ 1])
        return self.send(status, content, headers)

    def drop(self) -> None:
        """Close with a reset."""
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.shutdown(socket.SHUT_RDWR)
        self.close_connection = True

    def send(self, status: int, content: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in {"Content-Type": "application/json", **headers}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    # -- routes -------------------------------------------------------------------------------

    def find(self) -> tuple[int, bytes, dict[str, str]]:
        for pattern, name in ROUTES:
            match = re.fullmatch(pattern, self.route)
            if match:
                self.args = match.groupdict()
                answer = getattr(self, name)()
                return answer if isinstance(answer, tuple) else (200, dump(answer), {})
        raise Refusal(404, f"No such page: {self.route}")

    @property
    def json(self) -> dict[str, Any]:
        return json.loads(self.body or b"{}")

    @property
    def caller(self) -> tuple[str, str]:
        """(user, role); ("", "") for nobody."""
        header = self.headers.get("authorization")
        if not header:
            return "", ""
        found = TOKENS.get(header.removeprefix("Bearer "))
        if not found:
            raise Refusal(401, "Invalid credentials in Authorization header")
        return found

    def may_write(self, namespace: str) -> bool:
        user, role = self.caller
        mine = namespace in (user, *ORGANIZATIONS.get(user, ()))
        return mine and role in ("write", "contribute")

    def open(self, write: bool = False) -> Repository:
        repo, kind = self.args["repo"], self.args.get("kind") or "model"
        user, role = self.caller
        namespace = repo.split("/")[0]
        found = self.hub.repositories.get(repo if kind == "model" else f"spaces/{repo}")
        hidden = found and found.private and namespace not in (user, *ORGANIZATIONS.get(user, ()))
        if not found or hidden:
            raise Refusal(404 if user else 401, "Repository not found", "RepoNotFound")
        if write and "pr/" not in unquote(self.args.get("rev") or ""):
            own = role == "contribute" and found.creator != self.headers.get("authorization")
            if not self.may_write(namespace) or own:
                hint = "Forbidden: pass `create_pr=1` as a query parameter to create a Pull Request"
                raise Refusal(403, hint if role == "write" else "Authorization error.")
        return found

    def whoami(self) -> Any:
        user, role = self.caller
        if not user:
            raise Refusal(401, "Invalid username or password.")
        orgs = [{"name": name, "roleInOrg": "write"} for name in ORGANIZATIONS[user]]
        auth = {"type": "access_token", "accessToken": {"role": role, "displayName": "test"}}
        return {"type": "user", "name": user, "orgs": orgs, "auth": auth}

    def create(self) -> Any:
        wish, (user, _) = self.json, self.caller
        kind, namespace = wish.get("type") or "model", wish.get("organization") or self.caller[0]
        if not self.may_write(namespace):
            raise Refusal(
                403,
                f'You don\'t have the rights to create a {kind} under the namespace "{namespace}"',
            )
        if kind == "space" and wish.get("sdk") != "static" and user not in PAYING:
            raise Refusal(402, "Hosting Gradio Spaces requires a PRO subscription.")
        name = f"{namespace}/{wish['name']}"
        key, page = (name, name) if kind == "model" else (f"spaces/{name}", f"spaces/{name}")
        if key in self.hub.repositories:
            body = dump({"url": f"{self.hub.url}/{page}", "error": "exists"})
            return 409, body, {"X-Error-Message": f"You already created this {kind} repo"}
        private = wish.get("visibility") == "private" or bool(wish.get("private"))
        token = self.headers.get("authorization") or ""
        repository = Repository(private, kind, token, wish.get("sdk"))
        repository.commit("main", {".gitattributes": b"*.safetensors filter=lfs\n"}, "initial")
        self.hub.repositories[key] = repository
        return {"url": f"{self.hub.url}/{page}", "name": name, "id": "1"}

    def validate(self) -> Any:
        head = re.match(r"---\n(.*?)\n---", self.json["content"], re.DOTALL)
        data = yaml.safe_load(head[1]) if head else {}
        wrong = data.get("license") not in (None, *LICENSES)
        message = f'"license" must be one of [...]; got "{data.get("license")}"'
        errors = [{"message": message}] if wrong else []
        return 400 if wrong else 200, dump({"errors": errors, "warnings": []}), {}

    def info(self) -> Any:
        repository = self.open()
        commit = repository.at(self.args.get("rev") or "main")
        siblings = [sibling(path, data) for path, data in sorted(commit["files"].items())]
        repo = self.args["repo"]
        about = {"_id": "1", "id": repo, "modelId": repo, "tags": [], "downloads": 0, "likes": 0}
        about |= {"sdk": repository.sdk} if repository.kind == "space" else {}
        return about | {"sha": commit["id"], "private": repository.private, "siblings": siblings}

    def commits(self) -> Any:
        rows = [{"id": c["id"], "title": c["title"], "message": "", "authors": [],
                 "date": "2026-01-01T00:00:00.000Z"} for c in self.open().commits]  # fmt: skip
        return rows

    def preupload(self) -> Any:
        files = self.open(write=True).at(self.args["rev"])["files"]
        rows = []
        for item in self.json["files"]:
            path = item["path"]
            row = {"path": path, "shouldIgnore": False,
                   "uploadMode": "lfs" if path.endswith(LARGE) else "regular"}  # fmt: skip
            if path in files:
                row["oid"] = (
                    large_id(files[path]) if path.endswith(LARGE) else small_id(files[path])
                )
            rows.append(row)
        return {"files": rows}

    def batch(self) -> Any:
        rows = []
        for item in self.json["objects"]:
            row = {"oid": item["oid"], "size": item["size"]}
            if item["oid"] not in self.hub.objects:
                href = f"{self.hub.storage}/lfs/{item['oid']}?signed=1"
                row["actions"] = {"upload": {"href": href}}
            rows.append(row)
        return {"transfer": "basic", "objects": rows}

    def storage(self) -> Any:
        self.hub.storage_saw_a_token |= "authorization" in self.headers
        oid = self.args["oid"]
        if self.command == "PUT":
            self.hub.objects[oid] = self.body
            return 200, b"", {}
        return 200, self.hub.objects[oid], {"Content-Type": "application/octet-stream"}

    def commit(self) -> Any:
        repository, revision = self.open(write=True), unquote(self.args["rev"])
        lines = [json.loads(line) for line in self.body.decode().splitlines() if line]
        header = lines[0]["value"]
        parent = header.get("parentCommit")
        if parent and parent != repository.branches[revision]:
            raise Refusal(412, "A commit has happened since. Please refresh and try again.")
        files = dict(repository.at(revision)["files"])
        for line in lines[1:]:
            path, value = line["value"]["path"], line["value"]
            if line["key"] == "file":
                files[path] = base64.b64decode(value["content"])
            elif line["key"] == "lfsFile":
                files[path] = self.hub.objects[value["oid"]]
            else:
                del files[path]
        oid = repository.commit(revision, files, header["summary"])
        page = f"{self.hub.url}/{self.args['repo']}/commit/{oid}"
        return {"success": True, "commitOid": oid, "commitUrl": page, "hookOutput": ""}

    def paths_info(self) -> Any:
        files = self.open().at(self.args["rev"])["files"]
        paths = (
            self.json["paths"] if self.body[:1] == b"{" else parse_qs(self.body.decode())["paths"]
        )
        return [entry(path, files[path]) for path in paths if path in files]

    def tree(self) -> Any:
        files = self.open().at(self.args["rev"])["files"]
        return [entry(path, data) for path, data in sorted(files.items())]

    def resolve(self) -> Any:
        commit = self.open().at(self.args["rev"])
        data = commit["files"].get(unquote(self.args["path"]))
        headers = {"X-Repo-Commit": commit["id"]}
        if data is None:
            raise Refusal(404, "Entry not found", "EntryNotFound", **headers)
        if not self.args["path"].endswith(LARGE):
            return 200, data, {**headers, "ETag": f'"{small_id(data)}"'}
        oid = large_id(data)
        self.hub.objects.setdefault(oid, data)
        headers |= {"X-Linked-Etag": f'"{oid}"', "X-Linked-Size": str(len(data))}
        return 302, b"", {**headers, "Location": f"{self.hub.storage}/lfs/{oid}?signed=1"}

    def discussions(self) -> Any:
        repository = self.open()
        if self.command == "GET":
            rows = repository.discussions
            return {"discussions": rows, "count": len(rows), "start": 0}
        number = len(repository.discussions) + 1
        repository.branches[f"refs/pr/{number}"] = repository.branches["main"]
        repository.discussions.append(
            {"num": number, "title": self.json["title"], "author": {"name": self.caller[0]},
             "createdAt": "2026-01-01T00:00:00.000Z", "status": "draft", "isPullRequest": True,
             "repo": {"name": self.args["repo"], "type": "model"}}
        )  # fmt: skip
        return {"num": number, "pullRequest": True}

    def discussion(self) -> Any:
        item = self.open().discussions[int(self.args["number"]) - 1]
        more = {"events": [], "changes": {"base": "refs/heads/main"}, "filesWithConflicts": []}
        return {**item, **more, "diff": ""}


ROUTES = (
    (r"/api/whoami-v2", "whoami"),
    (r"/api/repos/create", "create"),
    (r"/api/validate-yaml", "validate"),
    (API + r"(?:/revision/(?P<rev>[^/]+))?", "info"),
    (API + r"/commits/(?P<rev>[^/]+)", "commits"),
    (API + r"/preupload/(?P<rev>[^/]+)", "preupload"),
    (API + r"/commit/(?P<rev>[^/]+)", "commit"),
    (API + r"/paths-info/(?P<rev>[^/]+)", "paths_info"),
    (API + r"/tree/(?P<rev>[^/]+)", "tree"),
    (API + r"/discussions", "discussions"),
    (API + r"/discussions/(?P<number>\d+)", "discussion"),
    (r"(?:/spaces)?" + REPO + r"\.git/info/lfs/objects/batch", "batch"),
    (r"/lfs/(?P<oid>[0-9a-f]{64})", "storage"),
    (r"/(?P<kind>space)s" + REPO + r"/resolve/(?P<rev>[^/]+)/(?P<path>.+)", "resolve"),
    (REPO + r"/resolve/(?P<rev>[^/]+)/(?P<path>.+)", "resolve"),
)


def dump(value: Any) -> bytes:
    return json.dumps(value).encode()


def small_id(data: bytes) -> str:
    """git's name of a file."""
    return hashlib.sha1(b"blob %d\0" % len(data) + data).hexdigest()


def large_id(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def sibling(path: str, data: bytes) -> dict[str, Any]:
    row: dict[str, Any] = {"rfilename": path, "size": len(data), "blobId": small_id(data)}
    if path.endswith(LARGE):
        row["lfs"] = {"sha256": large_id(data), "size": len(data), "pointerSize": 134}
    return row


def entry(path: str, data: bytes) -> dict[str, Any]:
    row: dict[str, Any] = {"type": "file", "path": path, "size": len(data), "oid": small_id(data)}
    if path.endswith(LARGE):
        row["lfs"] = {"oid": large_id(data), "size": len(data), "pointerSize": 134}
    return row
