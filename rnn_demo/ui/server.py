"""Running the app: Gradio inside our guard, on our own uvicorn, with our own routes beside it."""

from __future__ import annotations

import logging
import os
import secrets
import socket
import tempfile
import threading
from typing import TYPE_CHECKING, Any

import gradio as gr
import uvicorn
from fastapi import FastAPI, Request

from rnn_demo.errors import ConfigError
from rnn_demo.ui.app import build_app
from rnn_demo.ui.guard import Guard, Rules
from rnn_demo.ui.profile import ASSETS, LOOPBACK, Profile
from rnn_demo.ui.routes import add_routes, page_head
from rnn_demo.ui.texts import TABLE, translations
from rnn_demo.ui.theme import page_theme

if TYPE_CHECKING:
    from rnn_demo.jobs.jobs import Jobs

FIRST_PORT, PORTS = 7860, 100
SESSIONS = 500  # whose states are kept in memory
USER = "rnn"  # the name that goes with the generated password


class Server:
    """One running app. `start` returns when the page answers; `close` ends it."""

    def __init__(self, jobs: Jobs, profile: Profile, *, host: str, port: int | None) -> None:
        self.profile = profile
        self.password = secrets.token_urlsafe(12) if profile.share else None
        self.socket = bind(host, port)
        self.port = int(self.socket.getsockname()[1])
        name = {"0.0.0.0": "127.0.0.1", "": "127.0.0.1", "::": "::1"}.get(host, host)
        self.url = f"http://{f'[{name}]' if ':' in name else name}:{self.port}"
        self.rules = rules_for(profile, jobs.limits.upload_bytes)
        app = build_asgi(jobs, profile, self.password)
        config = uvicorn.Config(
            Guard(app, self.rules),
            log_level="warning",
            timeout_keep_alive=30,
            timeout_graceful_shutdown=1,  # an open page holds a stream that never ends by itself
            proxy_headers=False,
        )
        self._uvicorn = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._run, name="web server", daemon=True)
        self._ended = threading.Event()

    def _run(self) -> None:
        try:
            self._uvicorn.run(sockets=[self.socket])
        finally:
            self._ended.set()

    def start(self) -> Server:
        """Serve in a thread of its own; returns when connections are accepted."""
        self._thread.start()
        while not self._uvicorn.started and not self._ended.wait(0.02):
            pass
        if self._ended.is_set():
            raise ConfigError(f"The web server could not start on port {self.port}.")
        return self

    def wait(self) -> None:
        """Until the server ends."""
        while not self._ended.wait(1.0):  # a signal may be handed to another thread: look up
            pass

    def stop(self) -> None:
        """Ask it to end: no new answers, and open pages are cut off."""
        logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL)  # that is no error
        self._uvicorn.should_exit = True

    def close(self) -> None:
        """Stop answering, within a few seconds."""
        self.stop()
        self._thread.join(timeout=10)
        self.socket.close()

    def open_share_link(self) -> str:
        """A public address through Gradio's relay. Raises ConfigError when there is no way out."""
        from gradio.networking import setup_tunnel  # noqa: PLC0415 (only with --share)

        try:
            address = setup_tunnel(
                "127.0.0.1", self.port, secrets.token_urlsafe(32), None, None
            ).rstrip("/")
        except Exception as error:
            raise ConfigError(
                f"A share link could not be made ({type(error).__name__}): it needs a way to "
                "the internet. Without --share the app works on this computer."
            ) from None
        name = address.split("://")[-1]
        self.rules.origins.add(name)
        if self.rules.hosts is not None:
            self.rules.hosts.add(name)
        return address


def bind(host: str, port: int | None) -> socket.socket:
    """A listening socket; without a wish, the first free port from 7860 on."""
    wished = [port] if port is not None else list(range(FIRST_PORT, FIRST_PORT + PORTS))
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    for number in wished:
        # By the protocol's name asyncio knows that it may send small answers at once (TCP_NODELAY).
        sock = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            sock.bind((host, number))
            sock.listen(128)  # from here the port is ours
            return sock
        except OSError as error:
            sock.close()
            reason = error.strerror
    raise ConfigError(f"Port {wished[0]} on {host} cannot be used ({reason}). Try --port 0.")


def rules_for(profile: Profile, upload_bytes: int) -> Rules:
    """The guard's rules for a profile."""
    rules = Rules(body_bytes=2 * upload_bytes + (1 << 20), head=page_head())
    if not profile.public:
        rules.hosts = {*LOOPBACK, "[::1]"}
    else:
        rules.calls_at_once = 120.0
        rules.behind_proxy = profile.space
    if profile.space:
        rules.origins |= {os.environ.get("SPACE_HOST", ""), "huggingface.co"}
    return rules


def build_asgi(jobs: Jobs, profile: Profile, password: str | None) -> FastAPI:
    """Our routes, and Gradio for everything else."""
    context = build_app(jobs, profile)
    demo = context.page
    demo.state_session_capacity = SESSIONS
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    entry: list[Any] = []

    def may_read(request: Request) -> bool:
        return password is None or (bool(entry) and logged_in(entry[0], request))

    add_routes(app, context, may_read)
    gr.mount_gradio_app(
        app,
        demo,
        path="/",
        auth=(USER, password) if password else None,
        auth_message="<br>".join(TABLE["login"]),  # the language of a stranger is not known
        show_error=False,
        run_history=False,
        footer_links=[],
        enable_monitoring=False,
        mcp_server=profile.mcp,
        ssr_mode=False,
        pwa=False,
        max_file_size=jobs.limits.upload_bytes,
        allowed_paths=[],
        blocked_paths=[str(profile.runs)],
        favicon_path=str(ASSETS / "icon.svg"),
        theme=page_theme(),
        i18n=translations(),
    )
    entry.append(app.routes[-1].app)  # type: ignore[attr-defined]
    return app


def logged_in(gradio_app: Any, request: Request) -> bool:
    """Whether a request to one of our own routes carries the cookie of Gradio's login."""
    name = gradio_app.cookie_id
    tokens = (request.cookies.get(f"access-token{kind}-{name}") for kind in ("", "-unsecure"))
    return any(token in gradio_app.tokens for token in tokens if token)


def private_temporary_folder() -> str:
    """Where Gradio keeps uploads: readable by this user alone."""
    folder = tempfile.mkdtemp(prefix="rnn-demo-")
    os.environ["GRADIO_TEMP_DIR"] = folder
    return folder
