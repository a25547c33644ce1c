"""What the page costs: from a click on Start to the first point, arrivals, and a viewer.

    python -m tests.benchmarks.page [--clicks 3] [--arrivals 3] [--pairs 3]

The browser runs on the same machine as the training, which takes all cores: every figure holds the
page's own work, too. The browser itself times an arrival, from navigation to the run's curve and
to its buttons.
Runs with and without a viewer alternate; the figure is the median of the paired ratios.
"""

from __future__ import annotations

import argparse
import asyncio
import shutil
import statistics
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

import rnn_demo
from rnn_demo import events
from rnn_demo.config import RunConfig
from rnn_demo.events import Progress
from rnn_demo.jobs.jobs import LOCAL, Jobs
from rnn_demo.runs.states import ACTIVE
from rnn_demo.ui.profile import choose_profile
from rnn_demo.ui.server import Server

SETTINGS = RunConfig(cell="lstm", hidden=256, layers=1, batch=32, length=64, threads=2)
FIRST = """run => {
  const plot = document.querySelector('#chart .plot');
  return Boolean(plot) && !plot.hidden && plot.dataset.points > 0
    && plot.dataset.run !== 'bundled' && plot.dataset.run !== run && performance.now();
}"""


SEEN = """(() => {
  const shown = (node) => node?.checkVisibility({ visibilityProperty: true });
  const curve = (where) => [...document.querySelectorAll(`${where} .plot`)].some((plot) =>
    plot.dataset.points > 0 && plot.dataset.run !== 'bundled' && shown(plot));
  const seen = window.seen = {};
  const look = setInterval(() => {
    if (curve('body')) seen.curve ??= performance.now();
    if (!curve('#chart') || !shown(document.querySelector('#run-stop'))) return;
    seen.buttons = performance.now();
    clearInterval(look);
  }, 10);
})()"""  # the browser's own clock, from the navigation on


@contextmanager
def serving(folder: Path) -> Iterator[tuple[Server, Jobs]]:
    """A server as `python app.py` starts it, in this process; its workers are their own."""
    profile = choose_profile(host="127.0.0.1", runs=str(folder))
    jobs = Jobs(folder)

    async def made() -> Server:
        return Server(jobs, profile, host="127.0.0.1", port=0)

    server = asyncio.run(made()).start()
    try:
        yield server, jobs
    finally:
        server.close()
        jobs.close()


def until_idle(jobs: Jobs, run_id: str) -> None:
    """Wait for the end of a run, and for the worker that is warm for the next one."""
    while jobs.status(run_id).state in ACTIVE or jobs.counts()[0]:
        time.sleep(0.05)


def first_point(page: Page, jobs: Jobs) -> float:
    """Seconds from the click on Start to the first point on the chart."""
    known = {status.id for status in jobs.list(LOCAL)}
    drawn = page.evaluate("() => document.querySelector('#chart .plot')?.dataset.run || ''")
    page.wait_for_selector("#start:visible")
    begin = time.perf_counter()
    page.locator("#start").click()
    page.wait_for_function(FIRST, arg=drawn, polling=20)
    seconds = time.perf_counter() - begin
    (run_id,) = {status.id for status in jobs.list(LOCAL)} - known
    page.locator("#run-stop").click()
    while jobs.status(run_id).state in ACTIVE or jobs.counts()[0]:
        page.wait_for_timeout(50)
    page.wait_for_timeout(6000)  # a person looks at the result; a worker gets warm
    return seconds


def submit(jobs: Jobs, steps: int) -> str:
    """A run of so many steps of a fixed network; returns its id."""
    wanted = RunConfig(**{**SETTINGS.to_json(), "minutes": None, "steps": steps})
    return jobs.submit(rnn_demo.sample("python-source"), wanted, LOCAL)


def alone(jobs: Jobs, steps: int) -> float:
    """Steps a second of a run that nobody looks at."""
    run_id = submit(jobs, steps)
    until_idle(jobs, run_id)
    return second_half(jobs, run_id)


def watched(page: Page, url: str, jobs: Jobs, steps: int) -> float:
    """The same while a page, which is open by the middle of the run, shows it."""
    run_id = submit(jobs, steps)
    page.goto(url)
    page.wait_for_selector("#tabs [role=tab]")
    page.evaluate("rnn.openTab('train')")
    page.wait_for_function(FIRST, arg="")
    assert jobs.status(run_id).step < steps / 2, "the page came too late: give more --steps"
    while jobs.status(run_id).state in ACTIVE:
        page.wait_for_timeout(100)  # the browser's events go on
    page.goto("about:blank")
    until_idle(jobs, run_id)
    return second_half(jobs, run_id)


def arrivals(
    browser: Browser, url: str, jobs: Jobs, count: int
) -> Iterator[tuple[str, dict[str, float]]]:
    """(which arrival, milliseconds to the curve and to the buttons), while all cores train."""
    run_id = submit(jobs, 1_000_000)
    while not jobs.status(run_id).step:
        time.sleep(0.05)
    for _ in range(count):
        with browser.new_context() as context:  # as a browser that has never been here
            context.add_init_script(SEEN)
            for which in ("another browser", "opened again"):
                page = context.new_page()
                page.goto(url, wait_until="commit")
                yield which, seen(page)
                page.reload(wait_until="commit")
                yield "reload", seen(page)
                page.close()
    jobs.stop(run_id, LOCAL)
    until_idle(jobs, run_id)


def seen(page: Page) -> dict[str, float]:
    """When the curve and the buttons were there; the page is looked at for a while."""
    page.wait_for_function("() => window.seen?.buttons", polling=500)
    page.wait_for_timeout(4000)
    found: dict[str, float] = page.evaluate("() => window.seen")
    return found


def second_half(jobs: Jobs, run_id: str) -> float:
    """Steps a second, once the page has been loaded."""
    lines = (jobs.open(run_id).path / "events.jsonl").read_text(encoding="utf-8").splitlines()
    rows = [row for row in map(events.from_json, lines) if isinstance(row, Progress)]
    half = next(row for row in rows if row.step >= rows[-1].step / 2)
    return (rows[-1].step - half.step) / (rows[-1].seconds - half.seconds)


def main() -> None:
    """Print both figures."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.page", description=__doc__)
    parser.add_argument("--clicks", type=int, default=3)
    parser.add_argument("--sample", default="fables", help="what the clicks train on")
    parser.add_argument("--arrivals", type=int, default=3)
    parser.add_argument("--pairs", type=int, default=3)
    parser.add_argument("--steps", type=int, default=600, help="of each run")
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp())
    with serving(folder) as (server, jobs), sync_playwright() as playwright:
        chromium = shutil.which("chromium") or shutil.which("chromium-browser")
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page()
        page.goto(server.url)
        page.wait_for_selector("#tabs [role=tab]")
        page.locator(f"[data-sample={options.sample}]").click()
        page.wait_for_function("() => document.querySelector('#report .tokens')")
        page.evaluate("rnn.openTab('train')")
        page.wait_for_function("() => /\\d/.test(document.querySelector('#plan')?.innerText)")
        clicks = [first_point(page, jobs) for _ in range(options.clicks)]
        if clicks:
            print("click to first point, seconds:", " ".join(f"{each:.2f}" for each in clicks))
        page.goto("about:blank")
        found = defaultdict(list)
        for which, times in arrivals(browser, server.url, jobs, options.arrivals):
            for what, milliseconds in times.items():
                found[f"{which}, to the {what}"].append(milliseconds / 1000)
        for what, seconds in found.items():
            print(f"{what}, seconds:", " ".join(f"{each:.2f}" for each in seconds))
        ratios = []
        for _ in range(options.pairs):
            without = alone(jobs, options.steps)
            with_viewer = watched(page, server.url, jobs, options.steps)
            ratios.append(with_viewer / without)
            print(f"steps a second: {without:.1f} alone, {with_viewer:.1f} watched", flush=True)
        if ratios:
            print(f"with a viewer: {statistics.median(ratios):.1%} of the speed without")
        browser.close()
    shutil.rmtree(folder)


if __name__ == "__main__":
    main()
