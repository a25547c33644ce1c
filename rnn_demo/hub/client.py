"""Runs an errand on the Hub in a child process, inside a deadline that holds."""

from __future__ import annotations

import json
import os
import queue
import subprocess
import sys
import tempfile
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from rnn_demo.hub.credential import Credential
from rnn_demo.hub.trouble import HubTrouble, redact

SECONDS = 60.0  # an errand without data to move
LONGEST = 86_400.0  # whatever is asked for
BYTES_A_SECOND = 200_000  # a slow line; data gets time in proportion

# What the child may know of our environment. Tokens are not in it, whatever their variable's name.
PASSED_ON = {
    *("PATH", "LANG", "LC_ALL", "TZ", "SYSTEMROOT", "TEMP", "TMP", "TMPDIR", "PYTHONPATH"),
    *("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "ALL_PROXY", "SSL_CERT_FILE", "SSL_CERT_DIR"),
    *("HF_ENDPOINT", "HF_HUB_OFFLINE", "HF_HUB_DISABLE_XET", "LD_LIBRARY_PATH", "HOME"),
}


@dataclass(frozen=True)
class Phase:
    """What an errand is doing now: looking, creating, sending, waiting, fetching, checking."""

    name: str
    values: dict[str, Any] = field(default_factory=dict)


Progress = Callable[[Phase], None]


def deadline_for(size: int) -> float:
    """Seconds that an errand may take which moves `size` bytes."""
    return SECONDS + size / BYTES_A_SECOND


def run_errand(
    task: str,
    credential: Credential | None,
    *,
    seconds: float | None = None,
    progress: Progress | None = None,
    **arguments: Any,
) -> dict[str, Any]:
    """The result of a task of tasks.py. Raises HubTrouble; after `seconds` the child is killed.

    Without `seconds` it has SECONDS, and more when it finds out how much there is to fetch. Every
    phase that is told carries the limit.
    """
    token = credential.token.reveal() if credential else None
    limit = min(seconds or SECONDS, LONGEST)
    request = {"task": task, "token": token, "seconds": limit, "grows": seconds is None,
               "arguments": arguments}  # fmt: skip
    began = time.monotonic()
    in_the_way: HubTrouble | None = None  # what has kept it from being done so far
    with _child() as (child, lines, last_words):
        _hand_over(child, json.dumps(request))
        while True:
            try:
                line = lines.get(timeout=max(0.0, began + limit - time.monotonic()))
            except queue.Empty:
                raise in_the_way or HubTrouble("deadline", seconds=f"{limit:.0f}") from None
            if line is None:
                words = redact("".join(last_words))[-200:] or "no words"
                raise HubTrouble("unknown", detail=f"the helper process ended early: {words}")
            record = json.loads(line)
            if "result" in record:
                return record["result"]
            if "trouble" in record:
                raise HubTrouble.from_json(record["trouble"])
            if "note" in record:
                in_the_way = HubTrouble.from_json(record["note"])
            elif "limit" in record:
                limit = record["limit"]
            elif progress:
                progress(Phase(record["phase"], record["values"] | {"limit": f"{limit:.0f}"}))


@contextmanager
def _child() -> Iterator[tuple[subprocess.Popen[str], queue.Queue[str | None], deque[str]]]:
    """The child process, the lines it writes as they come (None: no more), its last complaint."""
    lines: queue.Queue[str | None] = queue.Queue()
    last_words: deque[str] = deque(maxlen=3)
    pipe = subprocess.PIPE
    with (
        tempfile.TemporaryDirectory(prefix="rnn-demo-hub-") as home,
        subprocess.Popen(
            [sys.executable, "-m", "rnn_demo.hub.errand"],
            stdin=pipe,
            stdout=pipe,
            stderr=pipe,
            encoding="utf-8",
            errors="replace",
            cwd=home,
            env=_environment(Path(home)),
        ) as child,
    ):
        readers = [
            threading.Thread(target=_read, args=(child.stdout, lines.put), daemon=True),
            threading.Thread(target=_drain, args=(child.stderr, last_words), daemon=True),
        ]
        for reader in readers:
            reader.start()
        try:
            yield child, lines, last_words
        finally:
            child.kill()
            for reader in readers:
                reader.join()


def _hand_over(child: subprocess.Popen[str], request: str) -> None:
    assert child.stdin
    with suppress(OSError), child.stdin as pipe:  # it may have died: its last words will tell
        pipe.write(request + "\n")


def _read(stream: IO[str], put: Callable[[str | None], None]) -> None:
    for line in stream:
        put(line)
    put(None)


def _drain(stream: IO[str], last_words: deque[str]) -> None:
    last_words.extend(stream)


def _environment(home: Path) -> dict[str, str]:
    """The child's environment: no token, no telemetry, no shared cache."""
    kept = {n: v for n, v in os.environ.items() if n.upper() in PASSED_ON}
    package_parent = str(Path(__file__).resolve().parents[2])
    paths = [package_parent, *filter(None, [kept.get("PYTHONPATH")])]
    return kept | {
        "PYTHONPATH": os.pathsep.join(paths),
        "HF_HOME": str(home),
        "HF_HUB_DISABLE_IMPLICIT_TOKEN": "1",
        "HF_HUB_DISABLE_TELEMETRY": "1",
        "HF_HUB_DISABLE_PROGRESS_BARS": "1",
        "HF_XET_CLIENT_RETRY_MAX_ATTEMPTS": "2",  # we try again ourselves, and say so
        "HF_XET_CLIENT_RETRY_BASE_DELAY": "500ms",
        "HF_XET_CLIENT_READ_TIMEOUT": "30s",
        "PYTHONUNBUFFERED": "1",
        "PYTHONUTF8": "1",
    }
