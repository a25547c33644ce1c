"""The command `serve`: start everything, print the ready line, wait, and leave nothing behind."""

from __future__ import annotations

import argparse
import shutil
import signal
from types import FrameType
from typing import Any

from rnn_demo.errors import ConfigError
from rnn_demo.jobs.jobs import Jobs
from rnn_demo.jobs.limits import Limits
from rnn_demo.ui.profile import choose_profile
from rnn_demo.ui.server import USER, Server, private_temporary_folder


def serve(options: argparse.Namespace) -> dict[str, Any]:
    """Start, print the address, and wait for the end."""
    app = start(options)
    signal.signal(signal.SIGTERM, _leave)
    try:
        app.server.wait()
    except KeyboardInterrupt:
        pass
    finally:
        app.close()
    return {"url": app.server.url}


def _leave(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


class Running:
    """A server and its jobs; `close` ends both and leaves nothing behind."""

    def __init__(self, server: Any, jobs: Any, temporary: str) -> None:
        self.server, self.jobs, self.temporary = server, jobs, temporary

    def close(self) -> None:
        self.server.close()
        self.jobs.close()
        shutil.rmtree(self.temporary, ignore_errors=True)


def start(options: argparse.Namespace) -> Running:
    """Everything but the waiting; prints the ready line."""
    temporary = private_temporary_folder()
    profile = choose_profile(
        host=options.host, share=options.share, runs=options.runs, mcp=options.mcp
    )
    jobs = Jobs(profile.runs, limits(options.limits, profile.public))
    try:
        server = Server(jobs, profile, host=options.host, port=port_of(options.port)).start()
        link = server.open_share_link() if options.share else ""
    except BaseException:
        jobs.close()
        raise
    options.words(f"rnn-demo is ready: {server.url}")
    if link:
        options.words(f"Public link: {link}  user {USER}, password {server.password}")
    return Running(server, jobs, temporary)


def port_of(text: str | None) -> int | None:
    """A port number, or None to search from 7860 on."""
    if text is None:
        return None
    if not str(text).isdigit() or int(text) > 65535:
        raise ConfigError(f"--port must be a number up to 65535, not {str(text)[:20]!r}.")
    return int(text)


def limits(changes: str, public: bool) -> Any:
    """The profile's limits with what the environment and --limits say."""
    base = Limits.public() if public else Limits()
    known = base.with_environment().to_json()
    for part in filter(None, changes.split(",")):
        name, _, value = part.partition("=")
        if name not in known:
            raise ConfigError(
                f"--limits: unknown limit {name[:40]!r}; known are {', '.join(known)}."
            )
        try:
            known[name] = type(known[name])(value)
        except ValueError:
            raise ConfigError(f"--limits: {name} must be a number, not {value[:40]!r}.") from None
    return Limits.from_json(known)
