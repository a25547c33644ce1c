"""The child process that talks to the Hub: `python -m rnn_demo.hub.errand`, one errand, then gone.

A process of its own, because a call of huggingface_hub can wait for ever (it has no timeout of its
own, and sleeps for as long as a Retry-After says) and a thread cannot be stopped: the parent kills
this process at the deadline, and nothing happens behind anybody's back later on. Its environment
holds no token and its cache is an empty folder, so nothing of one visitor reaches another.

In: one line of JSON {task, token, seconds, arguments}. Out: lines {"phase": ...}, then
{"result": ...} or {"trouble": ...}. Imports no PyTorch.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from typing import Any

import httpx2
import huggingface_hub
from huggingface_hub.utils._http import hf_request_event_hook

from rnn_demo.hub import tasks
from rnn_demo.hub.client import deadline_for
from rnn_demo.hub.explain import explain, pause_asked_for, refusal
from rnn_demo.hub.trouble import HubTrouble

PATIENCE = 30.0  # seconds without a byte before a request counts as stalled
IN_A_ROW = 3  # answers 5xx after which the client's own retries are cut short
TASKS: dict[str, Callable[..., dict[str, Any]]] = {
    "who": tasks.who,
    "look": tasks.look,
    "push": tasks.push,
    "pull": tasks.pull,
}


class Desk:
    """What a task has at hand: the API with its token, the clock, and a way to tell its phase."""

    def __init__(
        self, token: str | None, seconds: float, grows: bool, tell: Callable[..., None]
    ) -> None:
        self.seconds, self.grows, self.tell = seconds, grows, tell
        self.began = time.monotonic()
        self.signed_in = token is not None
        self.refused = 0  # answers 429 and 5xx in a row
        self.api = huggingface_hub.HfApi(token=token or False)
        huggingface_hub.set_client_factory(self._client)

    def left(self) -> float:
        """Seconds until the deadline."""
        return self.began + self.seconds - time.monotonic()

    def make_time(self, size: int) -> None:
        """Move the deadline for so many bytes that are to be fetched, unless a person set it."""
        if self.grows:
            self.seconds, self.grows = deadline_for(size), False
            say({"limit": self.seconds})

    def _client(self) -> httpx2.Client:
        hooks: dict[str, list[Callable[..., Any]]] = {
            "request": [hf_request_event_hook, self._limit],
            "response": [self._watch],
        }
        return httpx2.Client(event_hooks=hooks, follow_redirects=True)

    def _limit(self, request: httpx2.Request) -> None:
        """No request waits longer than PATIENCE, nor past the deadline."""
        read = max(min(PATIENCE, self.left()), 0.1)
        request.extensions["timeout"] = httpx2.Timeout(read, connect=min(10.0, read)).as_dict()

    def _watch(self, response: httpx2.Response) -> None:
        """End the client's own retries where they make no sense or are longer than our time."""
        if response.status_code != 429 and response.status_code < 500:
            self.refused = 0
            return
        self.refused += 1
        pause = pause_asked_for(response)
        trouble = refusal(response)
        self.note(trouble)
        if self.refused >= IN_A_ROW or (pause or 0) + 1 > self.left():
            self.refused = 0
            raise trouble
        if pause:
            self.tell("waiting", seconds=round(pause + 1))

    def note(self, trouble: HubTrouble) -> None:
        """What is in the way, should the deadline come before it is gone."""
        say({"note": trouble.to_json()})


def say(record: dict[str, Any]) -> None:
    """One line to the parent."""
    sys.__stdout__.write(json.dumps(record) + "\n")  # type: ignore[union-attr]
    sys.__stdout__.flush()  # type: ignore[union-attr]


def main() -> None:
    request = json.loads(sys.stdin.readline())
    sys.stdout = sys.stderr  # nothing but our lines goes to the parent
    arguments = request["arguments"]

    def tell(phase: str, **values: Any) -> None:
        say({"phase": phase, "values": values})

    try:
        desk = Desk(request["token"], request["seconds"], request["grows"], tell)
        say({"result": TASKS[request["task"]](desk, **arguments)})
    except Exception as error:  # whatever it is, it reaches the parent as a trouble
        trouble = explain(error, arguments.get("repo_id", ""), arguments.get("revision"))
        say({"trouble": trouble.to_json()})


if __name__ == "__main__":
    main()
