"""From the form of the Train tab to a RunConfig, and to a sentence on what will be trained."""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from rnn_demo.config import ModelConfig, RunConfig, TrainConfig, parse_split
from rnn_demo.errors import ConfigError
from rnn_demo.messages import message
from rnn_demo.messages.message import figure, named
from rnn_demo.runs.record import tidy
from rnn_demo.text import corpus, tokenizer
from rnn_demo.text.corpus import Corpus
from rnn_demo.training import recipe
from rnn_demo.ui.reading import split_of
from rnn_demo.ui.texts import joined, literal, say

FINE = (  # field of RunConfig, key of its text, low, high
    ("hidden", "hidden", 1, 4096),
    ("layers", "layers", 1, 8),
    ("embedding", "embedding", 0, 1024),
    ("dropout", "dropout", 0, 0.9),
    ("batch", "batch", 1, 1024),
    ("length", "length", 2, 1024),
    ("learning_rate", "rate", 1e-6, 10),
    ("weight_decay", "decay", 0, 1),
    ("seed", "seed", 0, 2**53),
    ("threads", "threads", 0, 64),
)
WHOLE = {"hidden", "layers", "embedding", "batch", "length", "seed", "threads"}
MOST_REMEMBERED = 32
UNITS = (  # a key, its seconds, and up to how many seconds it is used
    ("seconds", 1, 90), ("some.minutes", 60, 5400), ("some.hours", 3600, 36 * 3600),
    ("some.days", 86400, math.inf),
)  # fmt: skip


def wanted(
    *, minutes: str, steps: Any, cell: str, kind: str, share: float, name: str, prompt: str,
    fine: dict[str, Any],
) -> RunConfig:  # fmt: skip
    """The form as a RunConfig; what was left empty is for the recipe. Raises ConfigError."""
    values: dict[str, Any] = {field: fine_value(field, value) for field, value in fine.items()}
    values = {field: value for field, value in values.items() if value is not None}
    if minutes == "steps":
        values["steps"] = whole("steps", steps)
    else:
        values["minutes"] = float(minutes)
    return RunConfig(
        name=tidy(str(name or "")),
        prompt=str(prompt or "")[:200],
        cell=cell,
        tokenizer=kind,
        split=split_of(share),
        **values,
    )


def fine_value(field: str, value: object) -> int | float | None:
    """One field of "Fine-tune": None for an empty one. Raises ConfigError outside of its range."""
    text = str("" if value is None else value).strip()
    if not text:
        return None
    low, high = next((low, high) for name, _, low, high in FINE if name == field)
    try:
        number = int(text) if field in WHOLE else float(text)
    except ValueError:
        number = math.nan
    if not low <= number <= high:
        key = "settings.whole" if field in WHOLE else "settings.number"
        name = named("window" if field == "length" else field)  # a text has a length, too
        raise ConfigError(key, name=name, low=figure(low), high=figure(high), value=text[:40])
    return number


def whole(name: str, value: object) -> int:
    """A whole number of a form. Raises ConfigError."""
    if value in (None, ""):
        raise ConfigError("settings.missing", name=named(name))
    try:
        return int(value)  # type: ignore[call-overload]
    except (TypeError, ValueError, OverflowError):
        raise ConfigError("settings.integer", name=named(name), value=str(value)[:40]) from None


class Planner:
    """Plans, and remembers what it measured: the form asks after every change."""

    def __init__(self) -> None:
        self._known: OrderedDict[str, recipe.Prepared] = OrderedDict()

    def known(self, text: Corpus, config: RunConfig) -> recipe.Prepared | None:
        """What was told as the plan for this text and form, if it was measured already."""
        prepared = self._known.get(_key(text, config))
        if prepared is None:
            return None
        plan = prepared.plan
        return replace(prepared, plan=replace(plan, train=replace(plan.train, seed=config.seed)))

    def plan(self, text: Corpus, config: RunConfig) -> recipe.Prepared:
        """What the recipe chooses here."""
        key = _key(text, config)
        if key not in self._known:
            self._known[key] = measure(text, config)
            while len(self._known) > MOST_REMEMBERED:
                self._known.popitem(last=False)
        return self._known[key]

    def sentence(self, text: Corpus, config: RunConfig, language: str) -> str:
        """One sentence on the network, what the budget pays for, and the reasons: Markdown."""
        plan = self.plan(text, config).plan
        budget = budget_words(plan.train, plan.tokens_per_second, language)
        words = joined(language, network_words(plan.model, language), budget)
        return words + why(plan.reasons, language)


def _key(text: Corpus, config: RunConfig) -> str:
    """Equal for equal plans, but for the seed."""
    plain = {**config.to_json(), "name": "", "prompt": "", "seed": 0}
    return f"{text.report.sha256}{plain}"


def measure(text: Corpus, config: RunConfig) -> recipe.Prepared:
    """Learn the vocabulary, and let the recipe choose."""
    train = corpus.split(text.text, parse_split(config.split)).train
    kind, size = recipe.choose_tokenizer(train, config)
    words = tokenizer.learn(kind, train, size)
    ids = words.encode(train)
    return recipe.Prepared(words, recipe.plan(ids, words, config))


def network_words(model: ModelConfig, language: str) -> str:
    """ "One GRU layer of 256 units, 268,161 weights." """
    number = "one" if model.layers == 1 else "many"
    return say(
        language,
        f"train.network.{number}",
        layers=model.layers,
        cell=model.cell.upper(),
        hidden=model.hidden_size,
        weights=f"{model.parameters:,}",
    )


def budget_words(train: TrainConfig, speed: float, language: str) -> str:
    """How many steps the minutes pay for, or how long the steps take."""
    per_step = train.batch_size * train.sequence_length / speed
    if train.steps is not None:
        validation = train.evaluations * train.validation_tokens / (recipe.READING * speed)
        time = duration(train.steps * per_step + validation, language)
        return say(language, "train.budget.steps", time=time)
    steps = 60 * (train.minutes or 1) / per_step
    return say(language, "train.budget.minutes", steps=f"{float(f'{steps:.2g}'):,.0f}")


def duration(seconds: float, language: str) -> str:
    """A time as people say it."""
    unit, length = next((unit, length) for unit, length, most in UNITS if seconds <= most)
    count = max(1, seconds / length)
    digits = 1 if length >= 3600 and count < 9.95 else 0
    return say(language, f"train.{unit}", n=f"{count:,.{digits}f}".removesuffix(".0"))


def why(reasons: Sequence[str], language: str) -> str:
    """The recipe's reasons, to be unfolded below a sentence of Markdown; nothing if there are none.

    One line of HTML, because Markdown reads no marks inside of it; a stranger's run may hold
    anything where a reason should be.
    """
    if not reasons:
        return ""
    lines = (" ".join(str(message.say(reason, language)).split()) for reason in reasons)
    items = "".join(f"<li>{literal(line)}</li>" for line in lines)
    title = say(language, "train.why")
    return f"\n\n<details><summary>{title}</summary><ul>{items}</ul></details>"
