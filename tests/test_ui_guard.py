"""The outermost layer refuses what must not reach Gradio, and lets everything else pass."""

import asyncio

import httpx
import pytest

from rnn_demo.ui import guard
from rnn_demo.ui.guard import Guard, Rules, denied


async def echo(scope, receive, send):
    """An app that reads the whole body and answers with a page."""
    size = 0
    while True:
        message = await receive()
        size += len(message.get("body", b""))
        if not message.get("more_body"):
            break
    body = f"<html><head><title>{size}</title></head></html>".encode()
    headers = [(b"content-type", b"text/html"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def call(rules, method="GET", path="/x", **options):
    async def ask():
        transport = httpx.ASGITransport(Guard(echo, rules))
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
            return await client.request(method, path, **options)

    return asyncio.run(ask())


LOCAL = {"hosts": {"localhost", "127.0.0.1", "[::1]"}}


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1:7860", "[::1]:80", "LOCALHOST:1"])
def test_this_computer_may_call(host):
    assert call(Rules(**LOCAL), headers={"host": host}).status_code == 200


def test_no_other_site_may_frame_the_page():
    policy = call(Rules()).headers["content-security-policy"]
    assert policy == "frame-ancestors 'self' https://huggingface.co https://*.huggingface.co"


@pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example", ""])
def test_a_foreign_host_name_is_refused_so_that_rebinding_fails(host):
    assert call(Rules(**LOCAL), headers={"host": host}).status_code == 403


def test_another_site_may_not_post():
    rules = Rules(**LOCAL)
    assert call(rules, "POST", headers={"origin": "https://evil.example"}).status_code == 403
    assert call(rules, "POST", headers={"origin": "http://localhost:7860"}).status_code == 200
    assert call(Rules(), "POST", headers={"origin": "null"}).status_code == 403


def test_an_origin_of_the_host_of_the_space_may_post():
    rules = Rules(origins={"huggingface.co"})
    assert call(rules, "POST", headers={"origin": "https://huggingface.co"}).status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        "/gradio_api/file=https://example.org/x",
        "/gradio_api/file=HTTP://example.org/x",
        "/gradio_api/proxy=https://example.org",
        "/gradio_api/deep_link?session_hash=a",
        "/monitoring/summary",
        "/gradio_api/file%3Dhttp://169.254.169.254/",
        "/gradio_api/file%253Dhttp://169.254.169.254/",
    ],
)
def test_routes_that_nobody_needs_are_not_there(path):
    assert call(Rules(), path=path).status_code == 404


def test_a_file_that_gradio_made_may_be_fetched():
    assert not denied("/gradio_api/file=/tmp/gradio/abc/run.zip")


def test_a_body_is_refused_by_its_announced_size():
    rules = Rules(body_bytes=100)
    assert call(rules, "POST", content=b"x" * 101).status_code == 413
    assert call(rules, "POST", content=b"x" * 100).status_code == 200
    assert call(rules, "POST", headers={"content-length": "many"}).status_code == 413


def test_a_body_without_a_size_is_counted_as_it_comes():
    async def parts():
        for _ in range(20):
            yield b"x" * 10

    assert call(Rules(body_bytes=100), "POST", content=parts()).status_code == 413


def test_a_body_that_never_ends_is_cut_off(monkeypatch):
    monkeypatch.setattr(guard, "BODY_SECONDS", 0.05)
    answers = []

    async def receive():
        await asyncio.sleep(30)

    async def send(message):
        answers.append(message)

    scope = {"type": "http", "method": "POST", "path": "/", "headers": [(b"host", b"localhost")]}
    asyncio.run(Guard(echo, Rules())(scope, receive, send))
    assert answers[0]["status"] == 408


def test_too_many_calls_are_refused_per_caller_and_looks_are_not():
    async def ask():
        app = Guard(echo, Rules(calls_at_once=3, calls_per_second=0.001, behind_proxy=True))
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://x") as client:
            one = [(await client.post("/", headers={"x-forwarded-for": "1.1.1.1"})).status_code
                   for _ in range(5)]  # fmt: skip
            other = (await client.post("/", headers={"x-forwarded-for": "2.2.2.2"})).status_code
            look = (await client.get("/", headers={"x-forwarded-for": "1.1.1.1"})).status_code
            return one, other, look

    one, other, look = asyncio.run(ask())
    assert one == [200, 200, 200, 429, 429]
    assert (other, look) == (200, 200)


def test_our_scripts_stand_first_in_the_page():
    answer = call(Rules(head="<script src=a></script>"), path="/")
    assert "<head><script src=a></script><title>" in answer.text
    assert int(answer.headers["content-length"]) == len(answer.content)
    assert "<script" not in call(Rules(head="<script src=a></script>"), path="/other").text
