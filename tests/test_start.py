"""`python app.py` from outside: as a Space starts it, as an MCP server, and how it ends."""

from __future__ import annotations

import ast
import asyncio
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import metadata
from pathlib import Path

import httpx
import pytest
import yaml
from mcp import ClientSession
from mcp.client.streamable_http import streamable_http_client
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from tiny import TEXT

ROOT = Path(__file__).parent.parent
END_SECONDS = 15  # alone it takes one, and never more than five; a busy machine may be slow
SPACE = {  # what a Space with `hf_oauth: true` puts into the environment
    "SYSTEM": "spaces",
    "SPACE_ID": "someone/rnn-demo",
    "SPACE_HOST": "someone-rnn-demo.hf.space",
    "OAUTH_CLIENT_ID": "an id",
    "OAUTH_CLIENT_SECRET": "a secret",
    "OAUTH_SCOPES": "openid profile contribute-repos",
    "OPENID_PROVIDER_URL": "https://huggingface.co",
}


@contextmanager
def running(
    folder: Path, *options: str, **environment: str
) -> Iterator[tuple[str, subprocess.Popen]]:
    """(the address that it printed, the process) of the app in this folder, on a free port."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    facts = yaml.safe_load((folder / "README.md").read_text(encoding="utf-8").split("---")[1])
    with subprocess.Popen(
        [sys.executable, facts["app_file"], *options],
        cwd=folder,
        env={**kept, "SPACE_ID": "", "RNN_DEMO_PORT": "0", **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        try:
            line = process.stdout.readline()
            assert line.startswith("rnn-demo is ready: "), line
            port = line.strip().rsplit(":", 1)[1]
            yield f"http://127.0.0.1:{port}", process
        finally:
            process.kill()


@pytest.fixture(scope="module")
def pushed(tmp_path_factory) -> Path:
    """What a push would put on a Space: the files that git knows, and nothing else."""
    folder = tmp_path_factory.mktemp("pushed")
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True)
    if listed.returncode:
        pytest.skip("not a git checkout")
    for name in filter(None, listed.stdout.split("\0")):
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, folder / name)
    return folder


def test_a_fresh_copy_starts_as_a_space(pushed, tmp_path):
    with running(
        pushed, **SPACE, RNN_DEMO_RUNS=str(tmp_path),
    ) as (url, process):  # fmt: skip
        page = httpx.get(url, headers={"host": SPACE["SPACE_HOST"]})
        assert page.status_code == 200
        assert "page/" in page.text
        config = httpx.get(f"{url}/config").json()
        words = [str(each["props"].get("value")) for each in config["components"]]
        assert any("Sign in with Hugging Face" in value for value in words)
        assert httpx.get(f"{url}/live/bundled").status_code == 200
        process.terminate()
        assert process.wait(timeout=END_SECONDS) == 0


def test_nothing_is_imported_that_requirements_txt_does_not_bring():
    brought = required(ROOT / "requirements.txt")
    providers = distributions_by_import()
    for path in [ROOT / "app.py", *(ROOT / "rnn_demo").rglob("*.py")]:
        for name in imported(path) - set(sys.stdlib_module_names) - {"rnn_demo"}:
            assert name in providers, f"{path}: nothing installed brings {name}"
            assert providers[name] & brought, f"{path}: {name} is not brought by requirements.txt"


def distributions_by_import() -> dict[str, set[str]]:
    """Top-level name -> the distributions that bring it; Python 3.10's own function misses some."""
    found: dict[str, set[str]] = {}
    for distribution in metadata.distributions():
        brings = canonicalize_name(distribution.metadata["Name"])
        for name in {file.parts[0].removesuffix(".py") for file in distribution.files or ()}:
            found.setdefault(name, set()).add(brings)
    return found


def imported(path: Path) -> set[str]:
    """Top-level names of what a file imports, wherever in the file."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module.split(".")[0])
    return names


def required(path: Path) -> set[str]:
    """Names of the distributions that a requirements file brings, with all that they need."""
    lines = [line.split("#")[0].strip() for line in path.read_text(encoding="utf-8").splitlines()]
    waiting = [Requirement(line) for line in lines if line]
    seen: set[tuple[str, frozenset[str]]] = set()
    while waiting:
        wanted = waiting.pop()
        key = (canonicalize_name(wanted.name), frozenset(wanted.extras))
        if key in seen:
            continue
        seen.add(key)
        try:
            needs = metadata.requires(wanted.name) or []
        except metadata.PackageNotFoundError:
            continue  # for another system
        for need in map(Requirement, needs):
            extras = [{"extra": extra} for extra in ("", *wanted.extras)]
            if need.marker is None or any(need.marker.evaluate(extra) for extra in extras):
                waiting.append(need)
    return {name for name, _ in seen}


# -- one local server, with --mcp, for the rest ----------------------------------------------------


@pytest.fixture(scope="module")
def local(tmp_path_factory) -> Iterator[tuple[str, subprocess.Popen]]:
    runs = tmp_path_factory.mktemp("runs")
    with running(ROOT, "--mcp", "--runs", str(runs)) as started:
        yield started


def test_an_mcp_client_trains_and_writes(local):
    url, _ = local

    async def talk() -> None:
        async with (
            streamable_http_client(f"{url}/gradio_api/mcp/") as (read, write, _),
            ClientSession(read, write) as session,
        ):
            await session.initialize()
            tools = {tool.name: tool for tool in (await session.list_tools()).tools}
            assert set(tools) == {"train", "status", "generate", "evaluate", "runs", "stop"}
            described = tools["train"].inputSchema["properties"]
            assert "how long to train" in described["minutes"]["description"]

            async def call(name: str, **arguments: object) -> str:
                answer = await session.call_tool(name, arguments)
                assert not answer.isError, answer
                return answer.content[0].text

            run = (await call("train", text=TEXT, minutes=0.02, cell="gru")).strip('"')
            assert re.fullmatch("[a-z2-7]{26}", run)
            status = ""
            while "'state': 'finished'" not in status and '"state": "finished"' not in status:
                status = await call("status", run=run)
                assert "failed" not in status
            assert "validation_bits_per_char" in status
            texts = [
                await call("generate", run=name, prompt="The ", length=40, seed=7)
                for name in (run, "bundled", "bundled")
            ]
            assert texts[1] == texts[2] != texts[0]
            refused = await session.call_tool("status", {"run": "nobody's"})
            assert refused.isError

    asyncio.run(asyncio.wait_for(talk(), 120))


def test_it_ends_within_seconds_though_a_page_is_open_and_an_answer_is_computed(local):
    """A thread that computes cannot be stopped, and Python would wait for it."""
    url, process = local
    config = httpx.get(f"{url}/config").json()
    (function,) = [each["id"] for each in config["dependencies"] if each["api_name"] == "evaluate"]
    call = {"fn_index": function, "session_hash": "a-page", "data": ["bundled", TEXT * 500]}
    with (
        httpx.Client(base_url=f"{url}/gradio_api", timeout=60) as http,
        http.stream("GET", "/heartbeat/a-page") as page,
    ):
        assert page.status_code == 200
        assert http.post("/queue/join", json=call).status_code == 200
        with http.stream("GET", "/queue/data?session_hash=a-page") as answers:
            assert any("process_starts" in line for line in answers.iter_lines())
            process.send_signal(signal.SIGINT)
            assert process.wait(timeout=END_SECONDS) == 0
