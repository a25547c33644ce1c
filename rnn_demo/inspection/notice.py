"""What every view says in words and hands over as JSON."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass
from typing import Any

import numpy as np
from torch import Tensor

from rnn_demo.inspection.sentences import EQUATIONS, PROPERTY_NAMES, SENTENCES, STEP_EQUATIONS

RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


@dataclass(frozen=True)
class Notice:
    """The sentence that says what to notice, computed from the result, in either language."""

    key: str
    values: Mapping[str, Any]

    def say(self, language: str = "en") -> str:
        column = int(language == "zh")
        values = {name: _said(value, language) for name, value in self.values.items()}
        if "property" in values:
            values["property"] = PROPERTY_NAMES[values["property"]][column]
        return SENTENCES[self.key][column].format(**values).strip()


def _said(value: Any, language: str) -> Any:
    """A value as a sentence holds it: a text on one line, a notice in the same language."""
    if isinstance(value, Notice):
        return value.say(language)
    return visible(value) if isinstance(value, str) else value


def visible(text: str) -> str:
    """The same on one line: what cannot be seen is drawn, white space at the ends too."""
    drawn = text.replace("\n", "⏎").replace("\t", "⇥")
    inner = drawn.strip(" ")
    before = len(drawn) - len(drawn.lstrip(" ")) if inner else 0
    return "␣" * before + inner + "␣" * (len(drawn) - len(inner) - before)


def short(value: float) -> str:
    """A number of any size as people write it: 0.0069, or 2.5·10⁻⁹ where zeros would pile up."""
    if value == 0 or not math.isfinite(value) or 1e-3 <= abs(value) < 1e4:
        return f"{value:.2g}" if abs(value) < 100 else f"{value:.0f}"
    mantissa, exponent = f"{value:.1e}".split("e")
    return f"{mantissa}·10{str(int(exponent)).translate(RAISED)}"


def percent(share: float) -> str:
    """A share in per cent with two digits that mean something, without the sign: 93, 4.3, 0.12."""
    return f"{100 * share:.0f}" if share >= 0.0995 else short(100 * share)


def notice(key: str, **values: Any) -> Notice:
    """A sentence of sentences.py with its places filled in."""
    if key not in SENTENCES:
        raise KeyError(f"No sentence {key!r} in inspection/sentences.py.")
    return Notice(key, values)


def record(view: str, result: Any, **more: Any) -> dict[str, Any]:
    """A view's result as strict JSON values: the sentence, the equation, then the arrays."""
    return {
        "view": view,
        "notice": result.notice.say(),
        "equation": equation_of(view, result),
        **plain(result),
        **plain(more),
    }


def equation_of(view: str, result: Any) -> str:
    """The view's equation; where a cell is looked at, that cell's own."""
    return STEP_EQUATIONS[result.cell] if view in ("step", "gates") else EQUATIONS[view]


def plain(value: Any) -> Any:
    """Arrays to lists, records to dictionaries, NaN and infinities to None."""
    if isinstance(value, Tensor):
        return plain(value.detach().cpu().numpy())
    if isinstance(value, np.ndarray | np.generic):
        return plain(value.tolist())
    if isinstance(value, float):
        return round(value, 6) if math.isfinite(value) and abs(value) > 1e-3 else _small(value)
    if is_dataclass(value) and not isinstance(value, type):
        pairs = [(f.name, getattr(value, f.name)) for f in fields(value)]
        return {name: plain(item) for name, item in pairs if not isinstance(item, Notice)}
    if isinstance(value, Mapping):
        return {str(name): plain(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    return value


def _small(value: float) -> float | None:
    return float(f"{value:.6g}") if math.isfinite(value) else None
