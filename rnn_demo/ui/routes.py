"""Our own small GET routes beside Gradio: scripts and styles, Plotly.js, health, live curves."""

from __future__ import annotations

import gzip
import hashlib
import json
import secrets
import shutil
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fastapi import Depends, FastAPI, HTTPException, Request, Response
from fastapi.responses import JSONResponse
from plotly.offline import get_plotlyjs

import rnn_demo
from rnn_demo.errors import RnnDemoError
from rnn_demo.ui.live import LiveRuns
from rnn_demo.ui.profile import ASSETS
from rnn_demo.ui.texts import page_texts

if TYPE_CHECKING:
    from rnn_demo.ui.context import Context

PAGE_STYLES = ("page.css", "text.css", "live.css", "write.css", "runs.css", "look.css", "share.css")
PAGE_SCRIPTS = (
    "page.js", "text.js", "live.js", "sketch.js", "chart.js", "beside.js", "write.js", "runs.js",
    "look.js", "arrival.js",
)  # fmt: skip
FOREVER = {"cache-control": "public, max-age=31536000, immutable"}
NEVER = {"cache-control": "no-store"}


@lru_cache(maxsize=1)
def script() -> bytes:
    """All our scripts and the words they say, as one file."""
    texts = json.dumps(page_texts(), ensure_ascii=False)
    parts = [f"window.rnnTexts = {texts};", *_read(PAGE_SCRIPTS)]
    return "\n".join(parts).encode()


@lru_cache(maxsize=1)
def style() -> bytes:
    """Our styles; all but the base below .gradio-container, to win over Gradio's resets."""
    nested = "\n".join(_read(PAGE_STYLES))
    base = "\n".join(_read(("base.css",)))
    return f"{base}\nbody .gradio-container {{\n{nested}\n}}\n".encode()


@lru_cache(maxsize=1)
def plotly_gzip() -> bytes:
    """Plotly.js as the plotly package carries it: nothing comes from another host."""
    return gzip.compress(get_plotlyjs().encode(), 6)


def _read(names: tuple[str, ...]) -> list[str]:
    return [(ASSETS / name).read_text(encoding="utf-8") for name in names]


def page_head() -> str:
    """What the guard puts first into <head>; the digest makes the files cacheable for ever."""
    return (
        f'<link rel="stylesheet" href="page/{_digest(style())}.css">'
        f'<script src="page/{_digest(script())}.js"></script>'
    )


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:16]


def add_routes(app: FastAPI, context: Context, may_read: Any) -> None:
    """Add them; `may_read(request)` says whether the caller has logged in where that is asked."""
    add_live_routes(app, context, may_read)

    @app.get("/page/{name}")
    def page_file(name: str) -> Response:
        if name.endswith(".css"):
            return Response(style(), media_type="text/css", headers=FOREVER)
        if name == "plotly.js":
            headers = {**FOREVER, "content-encoding": "gzip"}
            return Response(plotly_gzip(), media_type="text/javascript", headers=headers)
        if name.endswith(".js"):
            return Response(script(), media_type="text/javascript", headers=FOREVER)
        return Response("Not found.", 404)

    @app.get("/health")
    async def health() -> JSONResponse:
        return JSONResponse(health_record(context), headers=NEVER)


def add_live_routes(app: FastAPI, context: Context, may_read: Any) -> None:
    """The rows of a run's chart: of one that the page names, or of the one it will open with."""
    live = LiveRuns(context)
    server = secrets.token_hex(4)  # a page that meets another one knows that its state is gone

    def logged_in(request: Request) -> None:
        if not may_read(request):
            raise HTTPException(401, "Log in first.", headers=NEVER)

    def answer(run_id: str, since: int = 0, epoch: int = 0, **more: Any) -> Response:
        try:
            rows = live.rows(run_id, since, epoch)
            return JSONResponse(rows | {"server": server, **more}, headers=NEVER)
        except RnnDemoError as error:
            return JSONResponse({"error": str(error)}, 404, headers=NEVER)

    @app.get("/live", dependencies=[Depends(logged_in)])
    def first_rows(looked_at: str = "", known: str = "") -> Response:
        return answer(context.run_on_arrival(looked_at, known), facts=context.facts())

    @app.get("/live/{run_id}", dependencies=[Depends(logged_in)])
    def live_rows(run_id: str, since: int = 0, epoch: int = 0) -> Response:
        return answer(run_id, since, epoch)


def health_record(context: Context) -> dict[str, Any]:
    """Enough for a monitor, nothing about anybody's runs."""
    active, queued = context.jobs.counts()
    return {
        "version": rnn_demo.__version__,
        "active": active,
        "queued": queued,
        "disk_free": shutil.disk_usage(Path(context.profile.runs)).free,
    }
