"""Look inside in a browser: every view draws, answers to pointer and keys, and trusts no text."""

from __future__ import annotations

import pytest
from conftest import SCREENSHOTS, App, OpenPage
from playwright.sync_api import Page, expect
from test_screens import violations

VIEWS = (
    "tour", "surprise", "neuron", "sampling", "memory", "influence", "step", "film",
    "authorship", "map",
)  # fmt: skip
PLOTS = {"memory": 3, "step": 2, "film": 1, "map": 1}
HOSTILE = (
    "<img src=x onerror=alert(1)> ${alert(2)} {{constructor}} \"'</pre><script>alert(3)</script>\n"
)
PAGE = ("text", "train", "write", "look")  # the page's tabs, as far as they matter here
OPEN = """([root, place]) => {
  const tabs = document.querySelector(`${root} > .tab-wrapper`);
  const text = tabs.querySelector('.visually-hidden').children[place].textContent;
  [...tabs.querySelectorAll('[role=tab], .overflow-dropdown button')]
    .find((button) => button.textContent === text).click();
}"""  # on a phone most tabs are behind a button
DRAWN = "([id, count]) => document.querySelectorAll(`#${id} [data-drawn=true]`).length >= count"


def view(page: Page, name: str) -> None:
    """Open a view and wait until its picture is there."""
    page.evaluate(OPEN, ["#look-views", VIEWS.index(name)])
    expect(page.locator(f"#look-{name} .look > *").first).to_be_visible(timeout=60_000)
    page.wait_for_function(DRAWN, arg=[f"look-{name}", PLOTS.get(name, 0)], timeout=90_000)


def look(open_page: OpenPage, app: App, **options: object) -> Page:
    page = open_page(app.url, **options)
    page.evaluate(OPEN, ["#tabs", PAGE.index("look")])
    expect(page.locator("#look-tour .look-chapter")).to_have_count(9, timeout=40_000)
    return page


@pytest.mark.timeout(300)
@pytest.mark.parametrize(
    ("scheme", "language", "width"), [("light", "en", 1240), ("dark", "zh", 390)]
)
def test_every_view_draws_and_breaks_no_rule(
    local_app: App, open_page: OpenPage, scheme: str, language: str, width: int
) -> None:
    page = look(
        open_page, local_app, color_scheme=scheme, viewport={"width": width, "height": 844},
        locale="zh-CN" if language == "zh" else "en-US",
    )  # fmt: skip
    wrong = []
    for name in VIEWS:
        view(page, name)
        page.screenshot(path=SCREENSHOTS / f"look-{name}-{scheme}-{width}.png", full_page=True)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, name
        wrong += [f"{name}: {line}" for line in violations(page, f"#look-{name}")]
    assert not wrong, "\n".join(wrong)


def test_a_symbol_shows_its_alternatives_and_the_text_goes_on_from_one(
    local_app: App, open_page: OpenPage
) -> None:
    page = look(open_page, local_app)
    page.locator("#look-text textarea").fill("ROMEO:\nO, she doth teach the torches")
    view(page, "surprise")
    picture = page.locator("#look-surprise")
    expect(picture.locator(".s")).to_have_count(36)
    assert picture.locator(".s").all_inner_texts()[7] == "O"
    picture.locator(".s").nth(12).click()
    choices = picture.locator(".choices button")
    expect(choices).to_have_count(5)
    choices.first.click()
    written = page.locator("#look-branch pre")
    expect(written).to_contain_text("ROMEO:\nO, sh", timeout=20_000)
    assert len(written.inner_text()) > 100


def test_the_arrow_keys_move_through_the_text(local_app: App, open_page: OpenPage) -> None:
    page = look(open_page, local_app)
    view(page, "surprise")
    page.locator("#look-surprise .look-text").focus()
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    expect(page.locator("#look-surprise .chosen")).to_have_attribute("data-i", "2")
    page.keyboard.press("ArrowLeft")
    expect(page.locator("#look-surprise .chosen")).to_have_attribute("data-i", "1")


def test_text_that_would_be_code_is_only_shown(local_app: App, open_page: OpenPage) -> None:
    page = look(open_page, local_app)
    page.locator("#look-text textarea").fill(HOSTILE * 3)
    for name in ("surprise", "influence", "neuron", "map", "step"):
        view(page, name)
        expect(page.locator(f"#look-{name} .s").first).to_be_visible()
        assert page.locator(f"#look-{name} img, #look-{name} script").count() == 0
    page.locator("#look-step .s").nth(4).click()
    expect(page.locator("#look-step .chosen")).to_have_attribute("data-i", "4")


# A stranger on a public server sees the bundled network alone, whatever other tests have trained.


def test_a_knob_is_turned_and_a_past_is_replaced(public_app: App, open_page: OpenPage) -> None:
    page = look(open_page, public_app)
    view(page, "neuron")
    page.locator("#look-neuron .look-knob button").click()
    expect(page.locator("#look-knob .columns section")).to_have_count(6, timeout=30_000)
    page.wait_for_function(DRAWN, arg=["look-knob", 1])
    expect(page.locator("#look-knob .say")).to_contain_text("The knob works")
    page.locator("#look-neuron .look-knob input").fill("0")
    expect(page.locator("#look-knob .columns section")).to_have_count(2, timeout=30_000)
    expect(page.locator("#look-knob")).to_contain_text("held at +0.00")
    view(page, "influence")
    page.locator("#look-influence .s").nth(30).click()
    expect(page.locator("#look-swap .look-row")).to_have_count(16, timeout=30_000)


def test_a_network_explodes_and_a_film_runs(public_app: App, open_page: OpenPage) -> None:
    page = look(open_page, public_app)
    view(page, "film")
    slider = page.locator("#look-film input[type=range]")
    last = page.locator("#look-film figcaption").inner_text()
    slider.fill("0")
    expect(page.locator("#look-film figcaption")).not_to_have_text(last)
    page.locator("#look-explode").click()
    page.wait_for_function(DRAWN, arg=["look-explosion", 2], timeout=40_000)
    expect(page.locator("#look-explosion .say")).to_contain_text("is no longer a number")


def test_the_tour_leads_through_the_views_and_back(local_app: App, open_page: OpenPage) -> None:
    page = look(open_page, local_app)
    expect(page.locator("#look-tour .look-chapter .katex")).to_have_count(9)  # typeset
    page.locator("#look-tour .look-go").nth(2).click()
    expect(page.locator("#look-surprise .s").first).to_be_visible(timeout=40_000)
    guide = page.locator("#look-guide .look-guide")
    expect(guide).to_contain_text("3. What it is trained to do")
    page.screenshot(path=SCREENSHOTS / "look-guide.png")
    guide.locator("button").nth(1).click()
    expect(guide).to_contain_text("4. Backpropagation through time")
    expect(page.locator("#look-influence .s").first).to_be_visible(timeout=40_000)
    view(page, "map")  # gone somewhere else: the guide has nothing to say there
    expect(guide).to_have_count(0)
    view(page, "tour")
    page.locator("#look-tour .look-go").last.click()
    guide.locator("button").first.click()
    expect(page.locator("#look-tour .look-chapter").first).to_be_visible()
    expect(guide).to_have_count(0)


def test_a_slider_is_heard_by_keyboard_and_a_step_is_one_symbol(
    local_app: App, open_page: OpenPage
) -> None:
    page = look(open_page, local_app)
    view(page, "sampling")
    before = page.locator("#look-sampling .look-grid").first.inner_text()
    page.locator("#look-temperature input[type=range]").focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator("#look-sampling .look-grid").first).not_to_have_text(before)
    view(page, "step")
    place = int(page.locator("#look-step .chosen").get_attribute("data-i") or 0)
    page.locator("#look-step .look-steps button").first.click()
    expect(page.locator("#look-step .chosen")).to_have_attribute("data-i", str(place - 1))
    expect(page.locator("#look-step .look-formula").first).to_be_visible()


def test_other_moments_in_the_same_state_are_found(local_app: App, open_page: OpenPage) -> None:
    page = look(open_page, local_app)
    view(page, "map")
    page.locator("#look-map .s").nth(60).click()
    expect(page.locator("#look-moments tbody tr")).to_have_count(8, timeout=30_000)
