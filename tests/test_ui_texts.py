"""Every word of the page in both languages."""

import re
from pathlib import Path
from string import Formatter

import gradio
import pytest

from rnn_demo.runs.states import RunState
from rnn_demo.ui import texts
from rnn_demo.ui.app import TABS
from rnn_demo.ui.texts import LOCALES, MODULES, TABLE, label, page_texts, say, translations

ROOT = Path(__file__).parent.parent
HALF_WIDTH = re.compile(r"[\u4e00-\u9fff][,:;?!()]|[,:;?!()][\u4e00-\u9fff]")


def places(template: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(template) if name is not None}


def test_no_key_is_defined_twice():
    assert len(TABLE) == sum(len(module.TEXTS) for module in MODULES)


def test_both_languages_say_the_same_things():
    extra = {"plural"}  # the Chinese plural is the singular
    wrong = [key for key, (english, chinese) in TABLE.items()
             if bool(english.strip()) != bool(chinese.strip())
             or (places(english) ^ places(chinese)) - extra - {"more", "count"}]  # fmt: skip
    assert not wrong


def test_chinese_has_punctuation_of_its_own():
    assert not [key for key, (_, chinese) in TABLE.items() if HALF_WIDTH.search(chinese)]


def test_every_key_that_python_or_a_script_names_is_there():
    used = set()
    pages = [
        path for path in ROOT.glob("rnn_demo/ui/*.py") if not path.name.startswith(("look", "__"))
    ]
    for path in [*pages, *ROOT.glob("assets/*.js")]:
        source = path.read_text(encoding="utf-8")
        used |= set(re.findall(r'(?:label|say|choice|number_box)\(\s*"([\w.-]+)"', source))
        used |= set(re.findall(r'say\(\s*\w+(?:\.\w+)?,\s*"([\w.-]+)"', source))
        used |= set(re.findall(r'rnn\.text\("(js\.[\w.-]+)"', source))
    assert used <= set(TABLE), sorted(used - set(TABLE))
    assert len(used) > 100


def test_every_state_has_words():
    assert {f"js.state.{state}" for state in RunState} <= set(TABLE)


def test_a_missing_text_is_noticed_when_the_page_is_built():
    with pytest.raises(KeyError, match=r"no\.such"):
        label("no.such")


def test_say_fills_the_places():
    assert say("en", "js.left", time="1:00") == "1:00 left"
    assert say("zh", "js.left", time="1:00") != "1:00 left"


def test_the_page_gets_only_the_words_of_scripts_and_the_names_of_tabs():
    assert set(page_texts()) == {"en", "zh"}
    assert all(key.startswith(("js.", "tab.", "train.this")) for key in page_texts()["en"])


def test_gradio_gets_both_locales():
    assert set(translations().translations_dict) == set(LOCALES.values())
    assert set(translations().translations_dict["zh-CN"]) == set(texts.TABLE)


def test_the_script_knows_the_order_of_the_tabs():
    source = (ROOT / "assets" / "arrival.js").read_text(encoding="utf-8")
    listed = re.findall(r'"(\w+)"', re.search(r"const TABS = \[(.*?)\]", source)[1])
    assert listed == [kind.name for kind in TABS]


def test_the_script_still_knows_gradios_counter():
    """page.js holds back the frames that Gradio asks for while it waits; by how the code looks."""
    script = (ROOT / "assets" / "page.js").read_text(encoding="utf-8")
    counter = re.search(r"COUNTER = /\^(.+)\$/;", script)[1].replace(r"\/", "/")
    (tracker,) = (Path(gradio.__file__).parent / "templates").glob(
        "frontend/assets/statustracker-*.js"
    )
    assert re.search(counter, tracker.read_text(encoding="utf-8"))
