"""The command `serve`: start everything, print the ready line, wait, and leave nothing behind."""

from __future__ import annotations

import argparse
import atexit
import os
import shutil
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

from rnn_demo.errors import ConfigError
from rnn_demo.jobs.jobs import Jobs
from rnn_demo.jobs.limits import Limits
from rnn_demo.ui.profile import choose_profile
from rnn_demo.ui.server import USER, Server, private_temporary_folder

SIGNALS = (signal.SIGTERM, signal.SIGINT)
END_SECONDS = 5.0  # to save and tidy up; then the hard way


def serve(options: argparse.Namespace) -> dict[str, Any]:
    """Start, print the address, and wait for the end, which comes within seconds of a signal."""
    with _ended_by_signals():
        app = start(options)
        try:
            app.server.wait()
        except KeyboardInterrupt:
            pass
        finally:
            _end_in(END_SECONDS)
            app.close()
    return {"url": app.server.url}


@contextmanager
def _ended_by_signals() -> Iterator[None]:
    """The first signal asks for the end; a second one does not ask."""

    def leave(number: int, frame: FrameType | None) -> None:
        for again in SIGNALS:
            signal.signal(again, signal.SIG_DFL)
        raise KeyboardInterrupt

    before = {number: signal.signal(number, leave) for number in SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _end_in(seconds: float) -> None:
    """End this process by then, even if a thread still computes an answer that nobody awaits.

    Python would wait for such a thread, which cannot be stopped from outside. Nothing is lost: the
    workers are processes of their own, and save when they see that this one has gone.
    """
    timer = threading.Timer(seconds, _end_now)
    timer.daemon = True
    timer.start()
    atexit.register(_end_now)  # on a busy machine, taking all modules apart takes seconds


def _end_now() -> None:
    sys.stdout.flush()
    os._exit(0)


class Running:
    """A server and its jobs; `close` ends both and leaves nothing behind."""

    def __init__(self, server: Server, jobs: Jobs, temporary: str) -> None:
        self.server, self.jobs, self.temporary = server, jobs, temporary

    def close(self) -> None:
        """The page is cut off while the workers save."""
        self.server.stop()
        self.jobs.close()
        self.server.close()
        shutil.rmtree(self.temporary, ignore_errors=True)


def start(options: argparse.Namespace) -> Running:
    """Everything but the waiting; prints the ready line."""
    profile = choose_profile(
        host=options.host, share=options.share, runs=options.runs, mcp=options.mcp
    )
    allowed, port = limits(options.limits, profile.public), port_of(options.port)
    temporary = private_temporary_folder()
    jobs = Jobs(profile.runs, allowed)
    try:
        server = Server(jobs, profile, host=options.host, port=port).start()
        link = server.open_share_link() if options.share else ""
    except BaseException:
        jobs.close()
        shutil.rmtree(temporary, ignore_errors=True)
        raise
    options.words(f"rnn-demo is ready: {server.url}")
    if link:
        options.words(f"Public link: {link}  user {USER}, password {server.password}")
    return Running(server, jobs, temporary)


def port_of(text: str | None) -> int | None:
    """A port number, or None to search from 7860 on."""
    if text is None:
        return None
    if not str(text).isdecimal() or int(text) > 65535:
        raise ConfigError(f"--port must be a number up to 65535, not {str(text)[:20]!r}.")
    return int(text)


def limits(changes: str, public: bool) -> Limits:
    """The profile's limits with what the environment and --limits say."""
    base = (Limits.public() if public else Limits()).with_environment()
    pairs = (part.partition("=") for part in filter(None, changes.split(",")))
    said = {name: value for name, _, value in pairs}
    known = base.to_json()
    if unknown := [name[:40] for name in said if name not in known]:
        raise ConfigError(f"--limits: unknown limit {unknown[0]!r}; known are {', '.join(known)}.")
    return base.changed(said, {name: f"--limits: {name}" for name in said})
