"""The page that runs a network by itself, in a real browser, held against Python."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import torch
from playwright.sync_api import Browser, Page

from rnn_demo import export
from rnn_demo.config import SampleConfig
from rnn_demo.network.model import RecurrentLM
from rnn_demo.text import tokenizer
from rnn_demo.writing import sampling
from rnn_demo.writing.generate import Writer
from tests.networks import SHAPES, network

TEXT = 'the quick brown fox\njumps over the lazy dog & says <b>"no"</b>\n'
FOREIGN = "Größer als 字母 und mehr Wörter für alle, 的是不了人我在有他这\n"
AWKWARD = [
    "",
    "the quick brown fox",
    "  two  spaces\n\n\tand a tab ",
    "Ünknown: é ñ “quoted” — ﬁ ① THE 字 \U0001f600 \u2581 x\u2581\u2581y",
    "a\u0000b\ufeff",
    "fox" * 30,
]


@dataclass
class Pair:
    """What a page is made of."""

    model: RecurrentLM
    tokenizer: tokenizer.Tokenizer


def words(kind: str) -> tokenizer.Tokenizer:
    if kind == "no spaces":
        return tokenizer.learn("subword", "很好很好的字母是不了人我在有他这的是。\n" * 40, 300)
    if kind in ("bpe", "unigram"):
        return tokenizer.learn("subword" if kind == "bpe" else kind, (TEXT + FOREIGN) * 20, 420)
    if kind == "capped":
        return tokenizer.learn("char", TEXT * 9 + FOREIGN, 20)
    return tokenizer.learn(kind, TEXT)


OpenDemo = Callable[..., Page]


@pytest.fixture
def open_demo(browser: Browser, tmp_path: Path) -> Iterator[OpenDemo]:
    """open_demo(pair, **context options): the page from a file, watched to the end."""
    contexts, requests, wrong = [], [], []

    def open_one(pair: object, title: str = "", prompt: str = "", **options: object) -> Page:
        path = tmp_path / "page.html"
        path.write_text(export.page(pair, title=title, prompt=prompt), encoding="utf-8")
        context = browser.new_context(**{"locale": "en-US", **options})
        contexts.append(context)
        page = context.new_page()
        page.on("request", lambda request: requests.append(request.url))
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("console", lambda message: wrong.append(message.text))
        page.on("dialog", lambda dialog: (wrong.append(dialog.message), dialog.dismiss()))
        page.goto(path.as_uri())
        page.wait_for_selector("#bars li")
        return page

    yield open_one
    for context in contexts:
        context.close()
    assert not wrong
    assert all(url.startswith(("file:", "data:")) for url in requests), requests


def written(page: Page) -> str:
    """Wait for the text to be finished, and give it without the prompt."""
    page.wait_for_selector("#say:not([hidden])")
    return page.evaluate(
        "Array.from(document.querySelectorAll('#out span'), s => s.textContent).join('')"
    )


WRITE = """([prompt, settings]) => {
  const writing = new Writing(network, symbols, { ...settings, seed: BigInt(settings.seed) });
  writing.read(symbols.encode(prompt || "\\n"));
  let text = "";
  while (!writing.over) text += writing.step().text;
  return text;
}"""
SCORES = """(tokens) => {
  const state = network.start();
  return tokens.map((token) => Array.from(network.read(token, state)));
}"""


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
def test_the_page_computes_what_the_model_computes(shape, open_demo):
    letters = words("char")
    model = network(letters.vocab_size, **shape)
    page = open_demo(Pair(model, letters))
    tokens = letters.encode(TEXT).astype(np.int64)
    expected, _ = model(torch.from_numpy(tokens)[None])
    scores = np.array(page.evaluate(SCORES, tokens.tolist()))
    assert np.abs(scores - expected[0].detach().numpy()).max() < 2e-5
    for prompt, settings in [
        ("the ", {"temperature": 0.8, "top_k": 0, "top_p": 0.95, "min_p": 0}),
        ("", {"temperature": 1.2, "top_k": 9, "top_p": 1, "min_p": 0.02}),
        ("Émile", {"temperature": 0, "top_k": 0, "top_p": 0, "min_p": 0}),
    ]:
        settings |= {"length": 120, "seed": 7}
        ours = Writer(model, letters).write(prompt, SampleConfig(**settings)).text
        assert page.evaluate(WRITE, [prompt, settings]) == ours


@pytest.mark.parametrize("kind", ["byte", "capped", "bpe", "unigram", "no spaces"])
def test_every_tokenizer_cuts_and_joins_text_in_the_page_as_in_python(kind, open_demo):
    pieces = words(kind)
    model = network(pieces.vocab_size, noise=0.1)
    page = open_demo(Pair(model, pieces))
    for text in [*AWKWARD, TEXT, FOREIGN]:
        assert page.evaluate("text => symbols.encode(text)", text) == pieces.encode(text).tolist()
    settings = {"temperature": 1, "top_k": 0, "top_p": 1, "min_p": 0, "length": 200, "seed": 3}
    for prompt in ("the 字", "Wörter"):
        ours = Writer(model, pieces).write(prompt, SampleConfig(**settings)).text
        assert page.evaluate(WRITE, [prompt, settings]) == ours


def test_the_dice_of_the_page_are_those_of_python(open_demo):
    letters = words("char")
    page = open_demo(Pair(network(letters.vocab_size), letters))
    roll = """seed => {
      const dice = new Dice(BigInt(seed));
      return Array.from({ length: 700 }, () => dice.uniform());
    }"""
    for seed in (0, 1, 2**31, 2**63 - 1):
        chances = sampling.uniforms(seed)
        assert page.evaluate(roll, str(seed)) == [next(chances) for _ in range(700)]


def test_a_visitor_writes_the_text_that_the_app_writes_and_sees_its_seed(open_demo):
    letters = words("char")
    model = network(letters.vocab_size)
    page = open_demo(Pair(model, letters), prompt="the ")
    page.fill("#seed", "42")
    page.press("#seed", "Enter")
    text = written(page)
    assert text == Writer(model, letters).write("the ", SampleConfig(seed=42)).text
    assert page.inner_text("#out").startswith("the ")
    assert "500 characters" in page.inner_text("#say")
    assert "seed 42" in page.inner_text("#say")
    page.fill("#seed", "")
    page.click("#go")
    page.wait_for_selector("#go.stop", state="detached")
    other = written(page)
    assert len(other) == 500
    assert other != text
    seed = int(re.findall(r"seed (\d+)", page.inner_text("#say"))[0])
    assert other == Writer(model, letters).write("the ", SampleConfig(seed=seed)).text


def test_the_bars_follow_the_temperature_at_once(open_demo):
    letters = words("char")
    page = open_demo(Pair(network(letters.vocab_size), letters))
    before = page.inner_text("#bars li:first-child span")
    page.focus("#temperature")
    page.keyboard.press("Home")  # 0: only the likeliest is left
    assert page.inner_text("#bars li:first-child span") == "100 %"
    assert before != "100 %"
    stages = Writer(network(letters.vocab_size), letters).next_symbols("", SampleConfig())
    best = letters.symbols()[int(stages[0].probabilities.argmax())]
    assert page.inner_text("#bars li:first-child code") == best


def test_the_bars_follow_the_prompt(open_demo):
    letters = words("char")
    model = network(letters.vocab_size)
    page = open_demo(Pair(model, letters))
    for prompt in ("the qu", "the quick", "fox"):  # longer, then another one
        page.fill("#prompt", prompt)
        raw = Writer(model, letters).next_symbols(prompt, SampleConfig())[-1].probabilities
        expected = letters.symbols()[int(raw.argmax())]
        page.wait_for_selector("#bars li:first-child code")
        assert page.inner_text("#bars li:first-child code") == expected


def test_stop_ends_a_long_text_and_what_was_written_stays(open_demo):
    letters = words("char")
    page = open_demo(Pair(network(letters.vocab_size, layers=3), letters))
    page.fill("#length", "20000")
    page.click("#go")
    page.wait_for_selector("#out span", state="attached")  # a line end cannot be seen
    page.click("#go.stop")
    assert 0 < len(written(page)) < 20000
    assert page.inner_text("#go") == "Write"


def test_unknown_symbols_are_explained(open_demo):
    letters = words("char")
    page = open_demo(Pair(network(letters.vocab_size), letters), prompt="the é")
    assert "é → e" in page.inner_text("#note")
    page.fill("#prompt", "the")
    assert page.is_hidden("#note")


def test_hostile_names_prompts_and_symbols_stay_text(open_demo):
    evil = "</script><script>alert(1)</script><img src=x onerror=alert(2)>{{weights}}"
    letters = tokenizer.learn("char", evil + TEXT)
    page = open_demo(Pair(network(letters.vocab_size), letters), title=evil, prompt=evil)
    assert page.inner_text("h1") == evil
    assert page.input_value("#prompt") == evil
    page.click("#go")
    written(page)
    assert page.locator("img").count() == 0
    assert page.inner_text("#out").startswith(evil)


def test_the_page_forbids_itself_to_fetch_anything(browser, tmp_path):
    letters = words("char")
    html = export.page(Pair(network(letters.vocab_size), letters))
    assert not re.findall(r"""(?:src|href)=["']?(?:https?:)?//""", html)
    (tmp_path / "page.html").write_text(html, encoding="utf-8")
    page = browser.new_page()
    page.goto((tmp_path / "page.html").as_uri())
    blocked = page.evaluate(
        """new Promise((done) => {
          const image = new Image(), found = [];
          addEventListener("securitypolicyviolation", (event) => {
            found.push(event.effectiveDirective);
            if (found.length === 2) done(found.sort());
          });
          image.src = "http://127.0.0.1:9/x.png";
          fetch("http://127.0.0.1:9/").catch(() => 0);
        })"""
    )
    page.close()
    assert blocked == ["connect-src", "img-src"]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_on_a_phone_nothing_is_wider_than_the_screen(scheme, open_demo):
    letters = words("char")
    pair = Pair(network(letters.vocab_size), letters)
    size = {"width": 390, "height": 844}
    page = open_demo(pair, title="x" * 90, viewport=size, color_scheme=scheme, locale="zh-CN")
    page.click("summary")
    page.click("#go")
    assert len(written(page)) == 500
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    background = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert (sum(map(int, re.findall(r"\d+", background)[:3])) < 384) == (scheme == "dark")
    heights = """Array.from(document.querySelectorAll("button, input, summary"),
      (element) => element.getBoundingClientRect().height)"""
    assert min(page.evaluate(heights)) >= 24


def test_the_page_speaks_the_visitor_s_language_and_can_change_it(open_demo):
    letters = words("char")
    page = open_demo(Pair(network(letters.vocab_size), letters), locale="zh-CN")
    assert page.inner_text("#go") == "写作"
    assert page.get_attribute("html", "lang") == "zh-CN"
    page.click("#language")
    assert page.inner_text("#go") == "Write"
    missing = (
        "Object.entries(TEXTS).filter(([, pair]) => pair.length !== 2 || !pair[0] || !pair[1])"
    )
    assert page.evaluate(missing) == []


def test_everything_can_be_reached_and_named_without_a_mouse(open_demo):
    letters = words("char")
    page = open_demo(Pair(network(letters.vocab_size), letters))
    names = []
    for _ in range(12):
        page.keyboard.press("Tab")
        names.append(page.evaluate("document.activeElement.id || document.activeElement.tagName"))
    for name in ("language", "prompt", "temperature", "length", "seed", "SUMMARY", "go", "plain"):
        assert name in names
    page.focus("#prompt")
    page.keyboard.press("Control+Enter")
    assert len(written(page)) == 500
    unnamed = (
        "Array.from(document.querySelectorAll('input, textarea'))"
        ".filter(e => !e.labels.length || !e.labels[0].textContent.trim()).length"
    )
    assert page.evaluate(unnamed) == 0
