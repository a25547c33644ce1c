"""Small pieces that several tabs are built of."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import gradio as gr

from rnn_demo.jobs.limits import Limits
from rnn_demo.ui.texts import TABLE, label


def widget(name: str, value: Any = "", **options: Any) -> gr.HTML:
    """A component that a script of ours draws: assets/*.js says rnn.widget(name, ...).

    The template is constant and empty: Gradio would execute what stands in one. The value reaches
    the script as data.
    """
    return gr.HTML(
        value,
        html_template="<div class='widget'></div>",
        js_on_load=f"rnn.mount({name!r}, element.querySelector('.widget'), props, trigger, watch)",
        apply_default_css=False,
        elem_classes=["widget-box", f"widget-{name}"],
        **options,
    )


def choice(key: str, options: Sequence[tuple[str, str]], value: str, **more: Any) -> gr.Radio:
    """One of a few: a radio group that looks like a row of keys. Texts may be keys or words."""
    choices = [(label(words) if words in TABLE else words, answer) for words, answer in options]
    return gr.Radio(choices, value=value, label=label(key), elem_classes="seg-radio", **more)


def minute_choices(limits: Limits) -> list[tuple[str, str]]:
    """How long a training may take: what this server allows of 1, 5 and 20 minutes."""
    allowed = [m for m in ("1", "5", "20") if float(m) <= limits.minutes] or ["1"]
    return [(f"train.minutes.{m}", m) for m in allowed]


def number_box(key: str, placeholder: str = "auto", **more: Any) -> gr.Textbox:
    """A number that may be left out; gr.Number would show 0 for none."""
    return gr.Textbox(
        "", label=label(key), info=label(f"{key}.info"), placeholder=label(placeholder),
        max_lines=1, max_length=24, min_width=130, **more,
    )  # fmt: skip


def remember(form: Sequence[Any]) -> None:
    """What was filled in is there again after a reload, which a change of language is, too.

    It stays in this tab of the browser, and the server is not asked: page.js keeps it, and fills
    it in before Gradio reads the page's settings.
    """
    names = json.dumps([part.elem_id for part in form])
    gr.on(
        [part.change for part in form], None, form, None, queue=False, api_visibility="private",
        js=f"(...values) => {{ rnn.keepForm({names}, values); }}",
    )  # fmt: skip
