"""A sentence for people: English as it stands, and Chinese for whoever asks.

The engine names a sentence by its key and gives the values of its places; it never looks at the
language. So errors, plans and events can be shown, and shown again later, in either one.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rnn_demo.messages import data, hub, looking, models, runs, settings, text, training

MODULES = (settings, text, training, runs, data, models, hub, looking)
TABLE: dict[str, tuple[str, str]] = {
    key: pair for module in MODULES for key, pair in module.MESSAGES.items()
}


class Message(str):
    """A str that is the English sentence, and remembers how to be said in another language.

    A key that is not in the table stands for itself: words that only the command line says, and
    those of files from before there were keys. Values may be messages, or lists of them.
    """

    key: str
    values: Mapping[str, Any]

    def __new__(cls, key: str, /, **values: Any) -> Message:
        message = super().__new__(cls, _fill(key, values, "en"))
        message.key, message.values = key, values
        return message

    def say(self, language: str) -> str:
        """The sentence in "en" or "zh"."""
        return _fill(self.key, self.values, language)


def named(setting: str) -> Message:
    """A setting as people call it."""
    key = f"name.{setting}"
    return Message(key if key in TABLE else setting)


def figure(number: float) -> str:
    """A number as people write it: 16,384, 0.000001."""
    return f"{number:,}" if isinstance(number, int) else f"{number:,.10f}".rstrip("0").rstrip(".")


def say(text: str, language: str) -> str:
    """A sentence in this language, as far as it is a Message; plain words as they are."""
    return text.say(language) if isinstance(text, Message) else text


def to_json(value: Any) -> Any:
    """Messages, wherever in lists and dictionaries, as {"key", "values"}; all else as it is."""
    if isinstance(value, Message):
        return {"key": value.key, "values": to_json(value.values)}
    if isinstance(value, Mapping):
        return {name: to_json(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [to_json(item) for item in value]
    return value


def from_json(value: Any) -> Any:
    """The reverse of to_json(). Raises ValueError for values that do not fit their sentence."""
    if isinstance(value, list):
        return [from_json(item) for item in value]
    if not isinstance(value, dict):
        return value
    if set(value) != {"key", "values"}:
        return {name: from_json(item) for name, item in value.items()}
    try:
        message = Message(value["key"], **from_json(value["values"]))
        message.say("zh")
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ValueError(f"a message without sense ({error})") from None
    return message


def _fill(key: str, values: Mapping[str, Any], language: str) -> str:
    pair = TABLE.get(key)
    if pair is None:
        return key
    places = {name: _spoken(value, language) for name, value in values.items()}
    return pair[language == "zh"].format(**places)


def _spoken(value: Any, language: str) -> Any:
    """A value as it stands in a sentence; several sentences follow each other."""
    if isinstance(value, list | tuple):
        return ("" if language == "zh" else " ").join(say(item, language) for item in value)
    return value.say(language) if isinstance(value, Message) else value
