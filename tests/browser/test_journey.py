"""The whole way in a browser: a text, a training, a reload, a stop, and a text that it writes."""

from __future__ import annotations

import os
import re
import signal

from conftest import SCREENSHOTS, App, OpenPage, open_tab, unfold
from playwright.sync_api import Page, expect

from rnn_demo.runs.checkpoint import RunFolder

# Points of the drawn curve; none while the run that comes with the app is drawn.
POINTS = """() => {
  const plot = document.querySelector('#chart .plot');
  const none = !plot || plot.hidden || plot.dataset.run === 'bundled';
  return none ? 0 : Number(plot.dataset.points || 0);
}"""

# At once: a network that writes ten thousand symbols a second does not wait for a mouse.
STOP_HALF_WAY = """() => new MutationObserver((_, observer) => {
  const stop = document.querySelector('#write-stop');
  if (!stop?.checkVisibility() || document.querySelectorAll('#written .s').length < 20) return;
  observer.disconnect();
  stop.click();
}).observe(document.body, { subtree: true, childList: true, attributes: true })"""
# To write takes six times as long with these: a browser that is busy finds the time for Stop.
SLOW = {"repetition_penalty": "1.1", "no_repeat_ngram": "8", "typical_p": "0.9"}
PLANNED = re.compile("weights|being trained")


def points(page: Page) -> int:
    return int(page.evaluate(POINTS))


def wait_for_points(page: Page, least: int) -> None:
    page.wait_for_function(f"n => ({POINTS})() >= n", arg=least)


def start_training(page: Page, steps: int = 4000, name: str = "") -> None:
    """A sample text, then so many steps of a tiny network: only Stop will end it."""
    open_tab(page, "text")
    page.locator("[data-sample=fables]").click()
    expect(page.locator("#report")).to_contain_text("Fables of a harbour town")
    page.locator("#text-next").click()
    expect(page.locator("#plan")).to_contain_text(PLANNED)  # the tab has come to rest
    page.locator("#minutes label", has_text="steps").click()
    page.locator("#steps input").fill(str(steps))
    unfold(page)
    page.locator("#fine-hidden input").fill("64")
    page.locator("#fine-threads input").fill("1")  # the other core is the browser's
    page.locator("#run-name input").fill(name)
    page.locator("#start").click()
    expect(page.locator("#run-stop")).to_be_visible()


def test_the_whole_journey(local_app: App, open_page: OpenPage) -> None:
    page = open_page(local_app.url)
    second = page.context.new_page()
    second.goto(local_app.url)
    second.wait_for_selector("#tabs [role=tab]")
    start_training(page)
    expect(page.locator("#start")).to_be_hidden()
    expect(second.locator("#chip")).to_contain_text("Fables")  # the strip of every tab shows it
    second.close()
    wait_for_points(page, 3)
    before = points(page)
    wait_for_points(page, before + 1)
    expect(page.locator("#chip")).to_contain_text("%")
    page.screenshot(path=SCREENSHOTS / "train.png")

    page.reload()  # the same run, its curve complete
    page.wait_for_selector("#tabs [role=tab]")
    wait_for_points(page, before)
    expect(page.locator("#run-stop")).to_be_visible()
    other = open_page(local_app.url)  # which opens by itself where something is going on
    wait_for_points(other, before)
    expect(other.locator("#run-stop")).to_be_visible()
    other.close()

    page.locator("#run-pause").click()
    expect(page.locator("#run-resume")).to_be_visible()
    page.locator("#run-resume").click()
    expect(page.locator("#run-pause")).to_be_visible()
    page.wait_for_function(
        "() => document.querySelectorAll('#film .frame').length > 0", timeout=30_000
    )
    page.locator("#run-stop").click()
    expect(page.locator("#start")).to_be_visible()
    expect(page.locator("#run-fork")).to_be_visible()
    expect(page.locator("#chart .say")).to_contain_text("Stopped")
    assert not local_app.log(), local_app.log()


def test_writing_streams_and_every_symbol_can_be_changed(
    local_app: App, open_page: OpenPage
) -> None:
    page = open_page(local_app.url, tab="write")
    expect(page.locator("#model input")).not_to_have_value("")
    page.locator("#prompt textarea").fill("ROMEO:\nI")
    page.wait_for_function("() => document.querySelectorAll('#bars .bar').length === 8")
    share = page.locator("#bars .bar span").first
    expect(share).not_to_be_empty()
    warm = share.inner_text()
    slider = page.locator("#temperature input[type=range]")
    slider.fill("0.1")
    expect(share).not_to_have_text(warm)  # at once, without the server

    page.locator("#temperature input[type=number]").fill("0.8")
    page.locator("#write").click()
    expect(page.locator("#written .out")).to_have_attribute("data-done", "true")
    expect(page.locator("#written .say")).to_contain_text("characters a second")
    symbols = page.locator("#written .s")
    assert symbols.count() > 100
    place = next(i for i in range(10, 60) if symbols.nth(i).is_visible())  # no line end
    kept = [symbols.nth(i).inner_text() for i in range(place)]
    page.screenshot(path=SCREENSHOTS / "write.png")

    symbols.nth(place).click()
    other = page.locator("#written .pop .choices button").first
    other.click()
    expect(page.locator("#written .pop")).to_have_count(0)
    page.wait_for_function(
        "i => document.querySelector(`#written [data-i=\"${i}\"]`)?.title === '100 %'", arg=place
    )
    expect(page.locator("#written .out")).to_have_attribute("data-done", "true")
    assert [page.locator("#written .s").nth(i).inner_text() for i in range(place)] == kept

    page.locator("#compare-temperatures").click()
    expect(page.locator("#written .columns section")).to_have_count(3)
    expect(page.locator("#written [role=radiogroup]")).to_be_hidden()  # it colours one text


def test_what_was_written_until_stop_can_be_clicked_and_saved(
    local_app: App, open_page: OpenPage
) -> None:
    page = open_page(local_app.url, tab="write")
    expect(page.locator("#model input")).not_to_have_value("")
    page.locator("#model input").click()
    page.locator("#model [role=option]", has_text="comes with").click()  # not the fastest
    page.locator("#tab-write .fine button.label-wrap").nth(1).click()
    page.locator("#write-length input").fill("20000")
    for name, value in SLOW.items():
        page.locator(f"#write-{name} input").fill(value)
    page.evaluate(STOP_HALF_WAY)
    page.locator("#write").click()
    expect(page.locator("#written .out")).to_have_attribute("data-done", "true")
    expect(page.locator("#write")).to_be_visible()
    written = page.locator("#written .s").count()
    assert written < 20_000
    page.locator("#written .s").nth(5).click()
    expect(page.locator("#written .pop .choices button").first).to_be_visible()
    page.keyboard.press("Escape")
    with page.expect_download() as saved:
        page.locator("#written .plain-keys button").nth(1).click()
    assert len(saved.value.path().read_text(encoding="utf-8")) >= written


def test_a_killed_worker_is_shown_as_interrupted_and_goes_on_with_one_click(
    local_app: App, open_page: OpenPage
) -> None:
    page = open_page(local_app.url)
    start_training(page)
    expect(page.locator("#run-pause")).to_be_visible()  # its worker is at work
    wait_for_points(page, 3)
    run = page.evaluate("() => document.querySelector('#chart .plot').dataset.run")
    os.kill(RunFolder(local_app.folder / "runs" / run).worker_pid(), signal.SIGKILL)
    expect(page.locator("#run-resume")).to_be_visible()
    expect(page.locator("#start")).to_be_visible()
    expect(page.locator("#chart .say")).to_contain_text("Interrupted")
    page.locator("#run-resume").click()
    expect(page.locator("#run-pause")).to_be_visible()
    page.locator("#run-stop").click()
    expect(page.locator("#start")).to_be_visible()
