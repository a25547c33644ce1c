"""Every screen: narrow, dark, in Chinese, by keyboard, for screen readers, and for strangers."""

from __future__ import annotations

import json
import re
from pathlib import Path

import axe_core_python
import pytest
from conftest import SCREENSHOTS, App, OpenPage, open_tab, unfold
from playwright.sync_api import Page, Route, expect
from test_journey import PLANNED

from rnn_demo.ui.profile import BUNDLED_RUN

AXE = Path(axe_core_python.__file__).parent / "axe.min.js"
NAMES = ("text", "train", "write", "look", "share", "runs")
BUNDLED_VALIDATIONS = sum(
    '"Evaluated"' in line for line in (BUNDLED_RUN / "events.jsonl").read_text().splitlines()
)
ENGLISH_LABELS = """() => [...document.querySelectorAll('[aria-label]')]
  .filter((node) => node.checkVisibility() && !node.closest('[lang=en]'))
  .map((node) => node.getAttribute('aria-label'))
  .filter((label) => /[a-z]{4}/i.test(label) && !/[\\u4e00-\\u9fff]/.test(label)
    || /^(number input|range slider) for /.test(label))"""
PLOT_WIDTH = "document.querySelector('#chart .plot .main-svg')?.clientWidth"
TOO_SMALL = """(least) => [...document.querySelectorAll(
    'button:not(.chip), summary, textarea, input:not([role], [type=checkbox], [type=radio])')]
  .filter((node) => node.checkVisibility() && node.offsetHeight && node.offsetHeight < least)
  .map((node) => node.outerHTML.slice(0, 120))"""
POINTER, FINGER = 24, 44  # px: what one aims at is at least so high (WCAG 2.2, 2.5.8 and 2.5.5)
SETTLED = "() => !document.querySelector('.pending, .generating')"
CHECK = """async (part) => (await axe.run(part, {
  runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa'], resultTypes: ['violations'],
})).violations"""


def violations(page: Page, part: str = "html") -> list[str]:
    """What axe finds in a part of the page against WCAG 2 A and AA, as short lines."""
    if not page.evaluate("() => Boolean(window.axe)"):
        page.evaluate(AXE.read_text(encoding="utf-8"))
    return [
        f"{each['id']}: {node['html'][:160]} {json.dumps(node['any'][:1])[:200]}"
        for each in page.evaluate(CHECK, part)
        for node in each["nodes"]
    ]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_screen_breaks_wcag_2_aa(local_app: App, open_page: OpenPage, scheme: str) -> None:
    page = open_page(local_app.url, color_scheme=scheme)
    page.locator("[data-sample=fables]").click()
    expect(page.locator("#report")).to_contain_text("characters")
    wrong = []
    for name in NAMES:
        open_tab(page, name)
        page.wait_for_function(SETTLED)
        page.screenshot(path=SCREENSHOTS / f"{name}-{scheme}.png", full_page=True)
        wrong += [f"{name}: {line}" for line in violations(page)]
        wrong += [f"{name}, too small: {line}" for line in page.evaluate(TOO_SMALL, POINTER)]
    assert not wrong, "\n".join(wrong)


def test_on_a_phone_nothing_scrolls_sideways_or_is_too_small_for_a_finger(
    public_app: App, open_page: OpenPage
) -> None:
    page = open_page(public_app.url, viewport={"width": 390, "height": 844}, has_touch=True)
    page.locator("[data-sample=fables]").click()
    expect(page.locator("#report")).to_contain_text("characters")
    for name in NAMES:
        open_tab(page, name)
        page.wait_for_function(SETTLED)
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, name
        assert not page.evaluate(TOO_SMALL, FINGER), name
        page.screenshot(path=SCREENSHOTS / f"{name}-phone.png", full_page=True)
    open_tab(page, "train")
    page.wait_for_function(f"() => {PLOT_WIDTH} > 200 && {PLOT_WIDTH} <= 390")
    page.set_viewport_size({"width": 844, "height": 390})  # turned
    page.wait_for_function(f"() => {PLOT_WIDTH} > 390")
    page.set_viewport_size({"width": 390, "height": 844})
    page.wait_for_function(f"() => {PLOT_WIDTH} <= 390")


def test_chinese_is_the_whole_page_and_the_choice_holds(
    local_app: App, open_page: OpenPage
) -> None:
    page = open_page(local_app.url)
    page.locator("#language button").click()
    expect(page.locator("#tabs [role=tab]").first).to_have_text("1 文本")
    page.locator("[data-sample=fables]").click()
    expect(page.locator("#report")).to_contain_text("字符")
    open_tab(page, "train")
    expect(page.locator("#plan")).to_contain_text("测")
    expect(page.locator("#start")).to_have_text("开始训练")
    assert page.evaluate("document.documentElement.lang") == "zh-CN"
    page.screenshot(path=SCREENSHOTS / "train-chinese.png")
    for name in NAMES:
        open_tab(page, name)
        page.wait_for_function(SETTLED)
        page.wait_for_function(f"() => !({ENGLISH_LABELS})().length")
    page.reload()
    expect(page.locator("#tabs [role=tab]").last).to_have_attribute("aria-selected", "true")
    expect(page.locator("#tabs [role=tab]").first).to_have_text("1 文本")
    open_tab(page, "text")
    expect(page.locator("#report")).to_contain_text("字符")  # the text that was chosen, too
    page.locator("#language button").click()
    expect(page.locator("#tabs [role=tab]").first).to_have_text("1 Text")
    expect(page.locator("#report")).to_contain_text("characters")


def test_start_stays_where_it_is_while_a_plan_is_measured(
    local_app: App, open_page: OpenPage
) -> None:
    page = open_page(local_app.url)
    page.locator("[data-sample=fables]").click()
    page.locator("#text-next").click()
    expect(page.locator("#plan")).to_contain_text("measured")
    page.evaluate(
        """() => {
          const start = document.querySelector("#start"), plan = document.querySelector("#plan");
          const place = () => Math.round(start.getBoundingClientRect().top + scrollY);
          window.places = new Set([place()]);
          window.plans = new Set([plan.innerText]);
          new MutationObserver(() => { places.add(place()); plans.add(plan.innerText); })
            .observe(plan, { childList: true, subtree: true });
        }"""
    )
    page.locator("#minutes label", has_text="5 min").click()
    page.wait_for_function("() => [...plans].filter((plan) => /measured/.test(plan)).length === 2")
    plans, places = page.evaluate("() => [[...plans], [...places]]")
    assert any("Measuring" in plan for plan in plans), plans
    assert len(places) == 1, places


def test_without_a_text_train_leads_to_one(public_app: App, open_page: OpenPage) -> None:
    page = open_page(public_app.url, tab="train")
    page.locator("#plan a").click()
    expect(page.locator("#samples")).to_be_visible()


def test_what_was_filled_in_survives_a_change_of_language(
    public_app: App, open_page: OpenPage
) -> None:
    page = open_page(public_app.url)
    open_tab(page, "train")
    expect(page.locator("#run-write")).to_be_visible()  # the tab has come to rest
    page.wait_for_function(SETTLED)
    page.locator("#minutes label").last.click()
    page.locator("#steps input").fill("123")
    unfold(page)
    page.locator("#fine-hidden input, #fine-hidden textarea").fill("48")
    page.wait_for_function("() => /48/.test(sessionStorage.getItem('rnn-form-fine-hidden'))")
    open_tab(page, "write")
    page.locator("#prompt textarea").fill("Once upon")
    page.locator("#temperature input[type=number]").fill("1.2")
    page.locator("#temperature input[type=number]").press("Tab")
    page.locator("#write").click()
    expect(page.locator("#written .out")).to_have_attribute("data-done", "true")
    written = page.locator("#written .out").inner_text()
    page.locator("#language button").click()
    expect(page.locator("#tabs [role=tab]").first).to_have_text("1 文本")
    expect(page.locator("#prompt textarea")).to_have_value("Once upon")
    expect(page.locator("#temperature input[type=number]")).to_have_value("1.2")
    assert page.locator("#written .out").inner_text() == written  # and what it wrote, too
    open_tab(page, "train")
    expect(page.locator("#steps input")).to_have_value("123")
    expect(page.locator("#steps")).to_be_visible()
    expect(page.locator("#fine-hidden input, #fine-hidden textarea")).to_have_value("48")
    expect(page.locator("#fine-hidden")).to_be_visible()  # what is set is in sight
    page.evaluate(  # as a server with other limits would find it
        "() => sessionStorage.setItem('rnn-form-minutes', JSON.stringify('2000'))"
    )
    page.reload()
    expect(page.locator("#minutes input:checked")).to_have_count(1)


def test_dark_is_one_click_and_holds_after_a_reload(local_app: App, open_page: OpenPage) -> None:
    page = open_page(local_app.url, color_scheme="light")
    background = "() => getComputedStyle(document.body).backgroundColor"
    light = page.evaluate(background)
    page.locator("#theme button").click()
    assert page.evaluate(background) != light
    page.reload()
    page.wait_for_selector("#tabs [role=tab]")
    assert page.evaluate(background) != light


def test_the_choices_of_the_chart_work_by_keyboard(public_app: App, open_page: OpenPage) -> None:
    """A stranger sees the run that comes with the app, whatever other tests have trained."""
    page = open_page(public_app.url, tab="train")
    plot = page.locator("#chart .plot")
    expect(plot).to_have_attribute("aria-label", plot_words("bits per character"))
    page.locator("#chart [data-value=bits]").focus()
    page.keyboard.press("ArrowRight")
    expect(plot).to_have_attribute("aria-label", plot_words("nats"))
    expect(page.locator("#tiles")).to_contain_text("nats per character")
    page.locator("#chart details", has_text="Show as table").locator("summary").click()
    expect(page.locator("#chart tbody tr")).to_have_count(BUNDLED_VALIDATIONS)


def test_a_curve_is_there_before_plotly_is(public_app: App, open_page: OpenPage) -> None:
    page = open_page(public_app.url)
    held: list[Route] = []
    page.route("**/page/plotly.js", lambda route: held.append(route))
    open_tab(page, "train")
    plot = page.locator("#chart .plot")
    expect(plot.locator("polyline")).to_have_count(3)
    expect(plot).to_contain_text("letter frequencies")
    expect(plot).to_have_attribute("aria-label", plot_words("bits per character"))
    page.screenshot(path=SCREENSHOTS / "train-sketch.png")
    held.pop().continue_()
    expect(plot.locator(".main-svg").first).to_be_visible()
    expect(plot.locator("polyline")).to_have_count(0)


def test_a_curve_is_there_before_gradio_is(local_app: App, open_page: OpenPage) -> None:
    page = open_page(local_app.url, tab="train")
    expect(page.locator("#chart .plot")).not_to_have_attribute("data-points", "0")
    held: list[Route] = []
    page.route("**/assets/index-*.js", lambda route: held.append(route))
    page.reload(wait_until="commit")
    stand = page.locator(".arrival")
    expect(stand.locator(".plot")).to_have_attribute("aria-label", plot_words("bits per character"))
    expect(stand.locator(".tile b")).to_have_count(4)
    expect(stand.locator(".selected")).to_have_text("2 Train")
    assert not violations(page, ".arrival")
    page.screenshot(path=SCREENSHOTS / "train-arrival.png")
    held.pop().continue_()
    expect(page.locator("#chart .plot .main-svg").first).to_be_visible()
    expect(stand).to_have_count(0)

    page.reload(wait_until="commit")
    expect(stand.locator(".chip-run")).to_be_hidden()  # nothing is trained
    stand.get_by_text("2 Train").click()  # which it is
    stand.get_by_text("3 Write").click()  # somebody who does not want to wait for Train
    expect(stand).to_have_count(0)
    held.pop().continue_()
    expect(page.locator("#tab-write")).to_be_visible()

    open_tab(page, "train")
    page.route("**/live?looked_at=*", lambda route: held.append(route))
    page.unroute("**/assets/index-*.js")
    page.reload()
    page.wait_for_selector("#run-write")  # where the answer comes late, Gradio's page stays
    run = page.locator("#chart .plot").get_attribute("data-run")
    page.evaluate("run => { Object.assign(rnn.feed(run), { asking: true }).data.epoch = 0; }", run)
    held.pop().continue_()
    page.wait_for_function("run => rnn.feed(run).data.epoch", arg=run)  # the answer was taken
    assert page.evaluate("async () => { await 0; return !document.querySelector('.arrival'); }")


def plot_words(unit: str) -> re.Pattern[str]:
    return re.compile(rf"validation [\d.]+ {unit}")


def test_visitors_of_a_public_server_see_only_their_own_runs(
    public_app: App, open_page: OpenPage
) -> None:
    first = open_page(public_app.url)
    first.locator("[data-sample=fables]").click()
    expect(first.locator("#report")).to_contain_text("characters")
    open_tab(first, "train")
    first.locator("#start").click()
    expect(first.locator("#run-stop")).to_be_visible()
    (run,) = {path.name for path in (public_app.folder / "runs").iterdir() if len(path.name) == 26}

    second = open_page(public_app.url, tab="runs")
    expect(second.locator("#runs tbody tr")).to_have_count(1)
    expect(second.locator("#runs")).to_contain_text("Shakespeare")
    expect(second.locator("#chip")).to_have_text("")
    assert run not in second.content()

    open_tab(first, "runs")
    expect(first.locator("#runs tbody tr")).to_have_count(2)
    first.locator("#runs [data-action=delete]").click()
    first.locator("#runs [data-action=delete-sure]").click()
    expect(first.locator("#runs tbody tr")).to_have_count(1)


def test_what_users_and_networks_write_is_never_html(local_app: App, open_page: OpenPage) -> None:
    """A dialog, a script error or a request to elsewhere would fail in open_page."""
    page = open_page(local_app.url)
    attack = "<img src=x onerror=alert(1)> ${alert(2)} {{alert(3)}} <script>alert(4)</script>\n"
    page.locator("#paste textarea").fill(attack * 30)
    expect(page.locator("#report .tokens")).to_contain_text("<img")
    open_tab(page, "train")
    expect(page.locator("#plan")).to_contain_text(PLANNED)  # the tab has come to rest
    unfold(page)
    page.locator("#run-name textarea, #run-name input").fill(
        "<img src=x onerror=alert(5)>${alert(6)}"
    )
    page.locator("#minutes label", has_text="steps").click()
    page.locator("#steps input").fill("40")
    page.locator("#start").click()
    expect(page.locator("#run-extend")).to_be_visible()
    expect(page.locator("#about-run")).to_contain_text("<img src=x onerror=alert(5)>")
    open_tab(page, "runs")
    expect(page.locator("#runs")).to_contain_text("onerror=alert(5)")
    open_tab(page, "write")
    page.locator("#prompt textarea").fill(attack)
    page.locator("#write").click()
    expect(page.locator("#written .out")).to_have_attribute("data-done", "true")
    expect(page.locator("#written .prompt")).to_have_text(attack)


def test_a_page_that_stays_open_finds_a_restarted_server(
    tmp_path: Path, open_page: OpenPage
) -> None:
    app = App(tmp_path).start()
    try:
        page = open_page(app.url, tab="train")
        expect(page.locator("#chart .plot")).to_have_attribute("data-run", "bundled")
        app.stop()
        page.evaluate("() => { rnn.feed('bundled').failures = 2; rnn.emit('hurry'); }")
        expect(page.locator("#chart .lost")).to_be_visible()
        app.start()  # the page asks again by itself, and is loaded anew
        expect(page.locator("#chart .lost")).to_be_hidden()
        expect(page.locator("#chart .plot")).to_have_attribute("data-run", "bundled")
        expect(page.locator("#tab-train")).to_be_visible()  # loaded anew, where it was left
    finally:
        app.stop()
