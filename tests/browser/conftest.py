"""A real server in a process of its own, and a real browser that may talk to nobody else."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Request, expect, sync_playwright

ROOT = Path(__file__).resolve().parents[2]
SCREENSHOTS = ROOT / "screenshots"
expect.set_options(timeout=60_000)  # a fast machine does not wait; a busy one may
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


class App:
    """`python app.py` on a free port, with runs in a folder of its own."""

    def __init__(self, folder: Path, *options: str) -> None:
        self.folder = folder
        self.options = options
        self.process: subprocess.Popen[str] | None = None
        self.url = ""

    def start(self) -> App:
        port = re.search(r":(\d+)$", self.url)
        command = [sys.executable, "app.py", "--port", port[1] if port else "0"]
        command += ["--runs", str(self.folder / "runs"), *self.options]
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "RNN_DEMO_PORT": "", "SPACE_ID": ""}
        with (self.folder / "server.log").open("a") as log:
            self.process = subprocess.Popen(
                command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=log, text=True
            )
        assert self.process.stdout is not None
        for line in self.process.stdout:
            found = re.search(r"http://[\d.]+:\d+", line)
            if found:
                self.url = found[0]
                return self
        raise RuntimeError((self.folder / "server.log").read_text())

    def stop(self, how: int = signal.SIGTERM) -> None:
        if self.process and self.process.poll() is None:
            self.process.send_signal(how)
            self.process.wait(timeout=30)
        if self.process and self.process.stdout:
            self.process.stdout.close()

    def log(self) -> str:
        return (self.folder / "server.log").read_text()


@pytest.fixture(scope="session")
def local_app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    app = App(tmp_path_factory.mktemp("local")).start()
    yield app
    app.stop()


@pytest.fixture(scope="session")
def public_app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    app = App(tmp_path_factory.mktemp("public"), "--host", "0.0.0.0").start()
    yield app
    app.stop()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if not chromium:
        pytest.skip("no Chromium on this machine")
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        yield running
        running.close()


OpenPage = Callable[..., Page]


@pytest.fixture
def open_page(browser: Browser) -> Iterator[OpenPage]:
    """open_page(url, **context options): a page in a new context, watched to the end."""
    contexts: list[BrowserContext] = []
    wrong: list[str] = []

    def watch(request: Request) -> None:
        if not request.url.startswith(("http://127.0.0.1", "data:", "blob:", "about:")):
            wrong.append(f"a request left the machine: {request.url}")

    def open_one(url: str, *, tab: str = "", **options: object) -> Page:
        settings = {"locale": "en-US", "viewport": {"width": 1240, "height": 860}, **options}
        context = browser.new_context(**settings)  # type: ignore[arg-type]
        contexts.append(context)
        context.on("request", watch)
        context.set_default_timeout(60_000)
        page = context.new_page()
        page.on("pageerror", lambda error: wrong.append(f"a script failed: {error}"))
        page.on(
            "dialog", lambda dialog: (wrong.append(f"a dialog: {dialog.message}"), dialog.dismiss())
        )
        page.goto(url)
        page.wait_for_selector("#tabs [role=tab]")
        if tab:
            open_tab(page, tab)
        return page

    yield open_one
    for context in contexts:
        context.close()
    assert not wrong, wrong


TABS = {"text": 0, "train": 1, "write": 2}


def open_tab(page: Page, name: str) -> None:
    """Open a tab by its name in the program, whatever the language."""
    page.evaluate("name => rnn.openTab(name)", name)
    page.wait_for_selector(f"#tab-{name}", state="visible")
    be_human(page)


def unfold(page: Page) -> None:
    """Open Train's fine-tune controls."""
    page.locator("#tab-train .fine button.label-wrap").click()
    expect(page.locator("#fine-threads input")).to_be_visible()
    be_human(page)


def be_human(page: Page) -> None:
    """Do nothing sooner than somebody who has to see it first: whatever Gradio 6.31 draws for the
    first time, it sets to its first value once more within the next frames.
    """
    page.evaluate(
        """async () => {
          for (let i = 0; i < 4; i += 1) await new Promise(requestAnimationFrame);
        }"""
    )


def until(condition: Callable[[], object], seconds: float = 20, page: Page | None = None) -> None:
    """Wait for a condition outside of the page, without holding up the browser's events."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        if page is not None:
            page.wait_for_timeout(50)
        else:
            time.sleep(0.05)


def health(app: App) -> dict[str, object]:
    return httpx.get(f"{app.url}/health").json()  # type: ignore[no-any-return]
