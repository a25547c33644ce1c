"""Every word of the page in English and Chinese: one table, merged from one module per tab."""

from __future__ import annotations

import gradio as gr
from gradio.i18n import I18nData

from rnn_demo.messages import message
from rnn_demo.ui.texts import common, look, runs, share, text, tour, train, write

MODULES = (common, text, train, write, look, tour, share, runs)
TABLE: dict[str, tuple[str, str]] = {
    key: pair for module in MODULES for key, pair in module.TEXTS.items()
}
SIGNS = "\\`*_{}[]()<>#+-.!|&~$\"'"  # what Markdown or HTML may take for markup
LOCALES = {"en": "en", "zh": "zh-CN"}  # ours -> Gradio's


def translations() -> gr.I18n:
    """For launch(i18n=...)."""
    return gr.I18n(
        **{
            locale: {key: pair[column] for key, pair in TABLE.items()}
            for column, locale in enumerate(LOCALES.values())
        }
    )


def label(key: str) -> I18nData:
    """A text of a layout; the browser picks the language."""
    if key not in TABLE:
        raise KeyError(f"No text {key!r} in ui/texts.")
    return I18nData(key)


def say(language: str, key: str, **values: object) -> str:
    """A text of a handler, its {places} filled in."""
    english, chinese = TABLE[key]
    template = chinese if language == "zh" else english
    return template.format(**values) if values else template


def joined(language: str, *sentences: str) -> str:
    """Sentences one after the other, those that are empty left out; Chinese has no space there."""
    return ("" if language == "zh" else " ").join(filter(None, sentences))


def literal(text: str) -> str:
    """Words inside Markdown: every sign that Markdown or HTML knows is taken as it stands."""
    return "".join(f"&#{ord(c)};" if c in SIGNS else c for c in text)


def in_all(words: str) -> dict[str, str]:
    """What the engine says, by language: for scripts, which know the visitor's."""
    return {language: message.say(words, language) for language in LOCALES}


def page_texts() -> dict[str, dict[str, str]]:
    """What scripts need: every text of theirs ("js."), and what the page says before Gradio does."""
    needed = ("js.", "tab.", "train.this")
    chosen = {key: pair for key, pair in TABLE.items() if key.startswith(needed)}
    return {
        language: {key: pair[column] for key, pair in chosen.items()}
        for column, language in enumerate(LOCALES)
    }
