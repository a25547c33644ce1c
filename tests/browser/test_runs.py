"""The Runs tab and what can be done with a run that has ended; and the whole way by keyboard."""

from __future__ import annotations

import re
import zipfile

from conftest import SCREENSHOTS, App, OpenPage, open_tab
from playwright.sync_api import Page, expect
from test_journey import start_training, wait_for_points

ENDED = "() => document.querySelector('#chart .say')?.innerText.startsWith('Done')"


def row(page: Page, name: str):  # type: ignore[no-untyped-def]
    return page.locator("#runs tr", has_text=name)


def act(page: Page, name: str, action: str) -> None:
    row(page, name).locator(f"[data-action={action}]").click()


def test_a_finished_run_is_trained_longer_forked_renamed_downloaded_and_deleted(
    local_app: App, open_page: OpenPage
) -> None:
    page = open_page(local_app.url)
    start_training(page, steps=60, name="Lighthouse")
    page.wait_for_function(ENDED)
    expect(page.locator("#run-extend")).to_be_visible()
    page.locator("#more-minutes input").fill("0.02")
    page.locator("#run-extend").click()
    expect(page.locator("#run-stop")).to_be_visible()
    page.wait_for_function(ENDED)
    parent = page.evaluate("() => document.querySelector('#chart .plot').dataset.run")
    page.locator("#run-fork").click()
    expect(page.locator("#about-run")).to_contain_text("Lighthouse (fork)")
    page.wait_for_function(  # it may end before anybody could click Stop
        f"run => document.querySelector('#chart .plot').dataset.run !== run && ({ENDED})()",
        arg=parent,
    )
    expect(page.locator("#start")).to_be_visible()

    open_tab(page, "runs")
    expect(row(page, "Lighthouse (fork)")).to_have_count(1)
    act(page, "Lighthouse (fork)", "rename")
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type("The second <b>")
    page.keyboard.press("Enter")
    expect(row(page, "The second <b>")).to_have_count(1)
    for name in ("Lighthouse", "Shakespeare"):
        row(page, name).locator("input[type=checkbox]").check()
    page.wait_for_function("() => document.querySelector('#overlay .plot').dataset.curves >= 2")
    page.screenshot(path=SCREENSHOTS / "runs-finished.png", full_page=True)

    with page.expect_download() as packed:
        act(page, "Lighthouse", "download")
    with zipfile.ZipFile(packed.value.path()) as archive:
        assert any(name.endswith("model.safetensors") for name in archive.namelist())

    act(page, "The second <b>", "delete")
    page.locator("[data-action=delete-sure]").click()
    expect(row(page, "The second <b>")).to_have_count(0)
    act(page, "Lighthouse", "open")
    expect(page.locator("#tab-train")).to_be_visible()
    wait_for_points(page, 1)


def test_a_reload_shows_the_run_that_was_looked_at_and_the_chip_leads_to_the_one_that_is_trained(
    local_app: App, open_page: OpenPage
) -> None:
    page, other = open_page(local_app.url), open_page(local_app.url)
    start_training(page, steps=60, name="Ended")
    page.wait_for_function(ENDED)
    start_training(other, name="Running")
    page.reload()
    expect(page.locator("#run-extend")).to_be_visible()
    plot = page.locator("#chart .plot")
    expect(plot).to_have_attribute("aria-label", re.compile("curve of Ended"))
    page.locator("#chip button").click()
    expect(plot).to_have_attribute("aria-label", re.compile("curve of Running"))
    page.locator("#run-stop").click()
    expect(page.locator("#run-write")).to_be_visible()


def focused(page: Page) -> str:
    return str(page.evaluate("() => document.activeElement.id || document.activeElement.innerText"))


def tab_to(page: Page, selector: str) -> None:
    """Press Tab until the element has the focus, as somebody without a mouse does."""
    for _ in range(80):
        if page.evaluate("s => document.activeElement?.matches(s)", selector):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"Tab does not lead to {selector}; it stands on {focused(page)}")


def test_from_a_text_to_a_written_one_by_keyboard_alone(
    local_app: App, open_page: OpenPage
) -> None:
    page = open_page(local_app.url)
    tab_to(page, "[data-sample=fables]")
    page.keyboard.press("Enter")
    expect(page.locator("#report")).to_contain_text("characters")
    tab_to(page, "#text-next")
    page.keyboard.press("Enter")
    expect(page.locator("#plan")).to_contain_text("units")
    tab_to(page, "#start")
    page.keyboard.press("Enter")
    expect(page.locator("#run-stop")).to_be_visible()
    expect(page.locator("#chip")).to_contain_text("%")
    tab_to(page, "#run-stop")
    page.keyboard.press("Enter")
    expect(page.locator("#start")).to_be_visible()

    tab_to(page, "#tab-train-button")
    page.keyboard.press("ArrowRight")
    expect(page.locator("#tab-write-button")).to_be_focused()
    expect(page.locator("#tab-write")).to_be_visible()
    tab_to(page, "#write")
    page.keyboard.press("Enter")
    expect(page.locator("#written .out")).to_have_attribute("data-done", "true")
    tab_to(page, "#written .out")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    expect(page.locator("#written .pop .choices button").first).to_be_focused()
