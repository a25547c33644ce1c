"""The outermost layer, before Gradio sees anything: who may call, how much, how often.

Gradio accepts any Host header, any body size and any rate, and answers a few routes that this app
does not need and that can be turned against its host. All of that is refused here.
"""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable, MutableMapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

Message = MutableMapping[str, Any]
Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

DENIED = (  # what neither the page nor gradio_client asks for
    "/gradio_api/file=http",
    "/gradio_api/file=//",
    "/gradio_api/proxy=",
    "/proxy=",
    "/gradio_api/deep_link",
    "/deep_link",
    "/monitoring",
    "/docs",
    "/redoc",
    "/openapi.json",
    "/gradio_api/monitoring",
    "/gradio_api/vibe",
    "/gradio_api/reload",
    "/gradio_api/dev",
)
BODY_SECONDS = 60.0
MOST_KEPT = 10_000  # callers whose tokens are counted
MAY_FRAME = b"frame-ancestors 'self' https://huggingface.co https://*.huggingface.co"


class Buckets:
    """Tokens for whoever takes some: so many at once, so many a second after that."""

    def __init__(self) -> None:
        self._left: OrderedDict[Hashable, tuple[float, float]] = OrderedDict()  # tokens, when

    def take(self, who: Hashable, most: float, a_second: float, count: float = 1) -> float:
        """Take so many tokens; if there are too few, none: the seconds until there will be."""
        now = time.monotonic()
        left, at = self._left.pop(who, (most, now))
        left = min(most, left + (now - at) * a_second)
        enough = left >= count
        self._left[who] = (left - count if enough else left), now  # the newest last
        while len(self._left) > MOST_KEPT:
            self._left.popitem(last=False)
        return 0.0 if enough else (count - left) / a_second


@dataclass(kw_only=True)
class Rules:
    """What the guard holds calls against; hosts may grow when a share link opens."""

    hosts: set[str] | None = None  # allowed Host names; None: any
    origins: set[str] = field(default_factory=set)  # allowed beside the Host itself
    body_bytes: int = 16 << 20
    calls_at_once: float | None = None  # None: no rate limit
    calls_per_second: float = 10.0
    behind_proxy: bool = False  # then the caller is named by X-Forwarded-For
    head: str = ""  # put into the page's <head>, before Gradio's own scripts


class Guard:
    """An ASGI application around another."""

    def __init__(self, app: App, rules: Rules) -> None:
        self.app = app
        self.rules = rules
        self._buckets = Buckets()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        headers = {k.decode("latin-1").lower(): v.decode("latin-1") for k, v in scope["headers"]}
        refusal = self._refusal(scope, headers)
        if refusal:
            await _answer(scope, send, *refusal)
            return
        if scope["type"] == "http":
            receive = self._counted(receive)
            if scope["path"] == "/" and self.rules.head:
                send = _with_head(send, self.rules.head)
            send = _framed_by_few(send)
        try:
            await self.app(scope, receive, send)
        except BodyRefused as refused:
            await _answer(scope, send, refused.status, str(refused))

    def _refusal(self, scope: Scope, headers: dict[str, str]) -> tuple[int, str] | None:
        """(status, words) when the call must not reach the app, from its head alone."""
        rules = self.rules
        host = host_name(headers.get("host", ""))
        if rules.hosts is not None and host not in rules.hosts:
            return 403, "This address is not one of this server's."
        origin = headers.get("origin", "")
        writes = scope.get("method", "GET") not in ("GET", "HEAD", "OPTIONS")
        foreign = origin and host_name(origin.partition("://")[2]) not in {host, *rules.origins}
        if writes and foreign:
            return 403, "Calls from other sites are not allowed."
        if denied(scope["path"]):
            return 404, "Not found."
        length = headers.get("content-length", "0")
        if not length.isdigit() or int(length) > rules.body_bytes:
            return 413, "This is more than the server accepts at once."
        if writes and not self._may_call(caller(scope, headers, rules.behind_proxy)):
            return 429, "Too many calls. Wait a moment."
        return None

    def _may_call(self, address: str) -> bool:
        """Take one token from the caller's bucket, if there is one."""
        most = self.rules.calls_at_once
        return most is None or not self._buckets.take(address, most, self.rules.calls_per_second)

    def _counted(self, receive: Receive) -> Receive:
        """Count what arrives and how long it takes, whatever Content-Length said."""
        seen, began, ended = 0, time.monotonic(), False

        async def counted() -> Message:
            nonlocal seen, ended
            if ended:  # the body is complete; what follows is only the disconnect
                return await receive()
            left = BODY_SECONDS - (time.monotonic() - began)
            try:
                message = await asyncio.wait_for(receive(), max(0.001, left))
            except asyncio.TimeoutError:
                raise BodyRefused(408, "The request took too long to arrive.") from None
            seen += len(message.get("body", b""))
            ended = not message.get("more_body", False)
            if seen > self.rules.body_bytes:
                raise BodyRefused(413, "This is more than the server accepts at once.")
            return message

        return counted


class BodyRefused(Exception):
    """A body that is too big or too slow, found out while it was read."""

    def __init__(self, status: int, words: str) -> None:
        super().__init__(words)
        self.status = status


def denied(path: str) -> bool:
    """Whether a path, decoded until nothing changes, begins with a denied one."""
    for _ in range(3):
        path = unquote(path)
    path = path.lower()
    return any(path.startswith(word) for word in DENIED)


def host_name(address: str) -> str:
    """The name in "name:port", "[::1]:port" or "name", in lower case."""
    address = address.lower()
    return address.split("]")[0] + "]" if address.startswith("[") else address.split(":")[0]


def caller(scope: Scope, headers: dict[str, str], behind_proxy: bool) -> str:
    """Who calls: the peer, or what the proxy says about it, if we stand behind one."""
    forwarded = headers.get("x-forwarded-for", "").split(",")[0].strip()
    peer = (scope.get("client") or ("", 0))[0]
    return forwarded[:64] if behind_proxy and forwarded else peer


async def _answer(scope: Scope, send: Send, status: int, words: str) -> None:
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 1008})
        return
    headers = [(b"content-type", b"text/plain; charset=utf-8")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": words.encode()})


def _framed_by_few(send: Send) -> Send:
    """No other site may show the page inside its own, and catch clicks that are meant for it."""

    async def telling(message: Message) -> None:
        if message["type"] == "http.response.start":
            policy = (b"content-security-policy", MAY_FRAME)
            message = {**message, "headers": [*message["headers"], policy]}
        await send(message)

    return telling


def _with_head(send: Send, extra: str) -> Send:
    """Insert our styles and scripts first in <head>: they must run before Gradio's."""
    start: Message = {}
    body = bytearray()

    async def rewriting(message: Message) -> None:
        if message["type"] == "http.response.start":
            start.update(message)
            return
        body.extend(message.get("body", b""))
        if message.get("more_body"):
            return
        kinds = [v for k, v in start["headers"] if k.lower() == b"content-type"]
        page = bytes(body)
        if kinds and kinds[0].startswith(b"text/html"):
            page = page.replace(b"<head>", b"<head>" + extra.encode(), 1)
        headers = [(k, v) for k, v in start["headers"] if k.lower() != b"content-length"]
        start["headers"] = [*headers, (b"content-length", str(len(page)).encode())]
        await send(start)
        await send({"type": "http.response.body", "body": page})

    return rewriting
