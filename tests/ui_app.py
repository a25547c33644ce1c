"""A server inside the test: real jobs, a real page, on a free port; training mostly stays off."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any, TypeVar

import gradio as gr
from tiny import tiny_config, tiny_corpus

from rnn_demo.jobs.jobs import Jobs
from rnn_demo.jobs.limits import Limits
from rnn_demo.runs import run
from rnn_demo.runs.checkpoint import RunFolder
from rnn_demo.runs.record import new_id
from rnn_demo.ui.context import Context
from rnn_demo.ui.profile import Profile
from rnn_demo.ui.server import Server

Made = TypeVar("Made")
ANNA, BERT = "anna" * 8, "bert" * 8  # two visitors' secrets


def profile(root: Path, **options: Any) -> Profile:
    return Profile(**{"public": False, "runs": root, **options})


def in_a_loop(make: Callable[[], Made]) -> Made:
    """Gradio makes locks when it builds a page; outside of a loop it leaves loops open for them."""

    async def made() -> Made:
        return make()

    return asyncio.run(made())


@contextmanager
def serving(root: Path, limits: Limits | None = None, **options: Any):
    """(server, jobs) while the block runs."""
    jobs = Jobs(root, limits or Limits(), warm=False)
    known = profile(root, **options)
    server = in_a_loop(lambda: Server(jobs, known, host="127.0.0.1", port=0)).start()
    try:
        yield server, jobs
    finally:
        server.close()
        jobs.close()


@contextmanager
def context(root: Path, limits: Limits | None = None, **options: Any):
    """What handlers are given, without the page (a second's work) and without a server."""
    jobs = Jobs(root, limits or Limits(), warm=False)
    try:
        yield in_a_loop(lambda: Context(jobs, profile(root, **options)))
    finally:
        jobs.close()


def finished_run(jobs: Jobs, owner: str = "", name: str = "tiny") -> str:
    """Train a tiny network here and now, and let the jobs know it; returns the run's id."""
    path = jobs.root / new_id()
    for _ in run.run(tiny_corpus(), tiny_config(name=name), path):
        pass
    folder = RunFolder.open(path)
    folder.rewrite(owner=owner)
    return jobs.add(folder)


def event(**values: Any) -> Any:
    """What a script sends along with a click."""
    return SimpleNamespace(**values)


def shown(update: Any) -> Any:
    """Whether an update makes its component visible."""
    return update.visible if isinstance(update, gr.blocks.Block) else update["visible"]
