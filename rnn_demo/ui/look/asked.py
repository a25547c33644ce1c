"""What a view of Look inside is asked with: a subject that was opened, a text, a language."""

from __future__ import annotations

import math
import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from rnn_demo.inspection.notice import Notice, plain, visible
from rnn_demo.inspection.subject import Subject, from_run
from rnn_demo.ui.context import BUNDLED
from rnn_demo.ui.profile import UNSEEN
from rnn_demo.ui.texts import say

if TYPE_CHECKING:
    from rnn_demo.runs.checkpoint import RunFolder
    from rnn_demo.ui.context import Context, Visitor

MOST_SUBJECTS = 6  # networks that are kept open
LONGEST_TEXT = 50_000  # characters of a text that is pasted

Part = dict[str, Any]


class Subjects:
    """The networks that were looked at last, by run; better weights replace older ones."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._kept: OrderedDict[str, tuple[int, Subject]] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, run_id: object) -> Subject:
        """A run's best weights with its texts. Raises RunError when there are none."""
        name = str(run_id or "")
        folder = self._context.open_run(name)
        step = next(iter(folder.best.steps()), 0)
        with self._lock:
            kept = self._kept.pop(name, None)
            if kept is None or kept[0] != step:
                kept = (step, _opened(name, folder))
            self._kept[name] = kept
            while len(self._kept) > MOST_SUBJECTS:
                self._kept.popitem(last=False)
            return kept[1]


def _opened(run_id: str, folder: RunFolder) -> Subject:
    """The run that comes with the app is looked at on a play that its text did not hold."""
    subject = from_run(folder)
    if run_id == BUNDLED and not subject.held_out:
        return replace(subject, held_out=UNSEEN.read_text(encoding="utf-8"))
    return subject


@dataclass(frozen=True)
class Asked:
    """One question of one visitor."""

    context: Context
    subjects: Subjects
    visitor: Visitor
    run_id: str
    given: str  # the pasted text, or ""

    @property
    def subject(self) -> Subject:
        return self.subjects.get(self.run_id)

    @property
    def source(self) -> str:
        """A sentence on the text that is looked at."""
        if self.given:
            return self.say("source.given")
        kind = "unseen" if self.run_id == BUNDLED else self.subject.source
        return self.say(f"source.{kind}")

    @property
    def language(self) -> str:
        return self.visitor.language

    def say(self, key: str, **values: object) -> str:
        """A text of this tab."""
        return say(self.language, f"look.{key}", **values)

    def picture(self, view: str, notice: Notice | None, *parts: Part | None) -> Part:
        """What the page draws: the sentence, then the parts."""
        shown = [plain(part) for part in parts if part]
        words = notice.say(self.language) if notice else ""
        return {"view": view, "say": words, "parts": shown}


def hint(text: str) -> Part:
    return {"kind": "hint", "text": text}


def bars(
    rows: Sequence[tuple[str, Sequence[float | None]]], series: Sequence[str] = (), **more: Any
) -> Part:
    """Rows of (label, one value a series)."""
    listed = [{"label": label, "values": list(values)} for label, values in rows]
    return {"kind": "bars", "rows": listed, "series": list(series), **more}


def columns(texts: Sequence[tuple[str, str, str]], **more: Any) -> Part:
    """Texts side by side: (title, what was given, what was written)."""
    listed = [{"title": t, "prompt": prompt, "text": text} for t, prompt, text in texts]
    return {"kind": "columns", "texts": listed, **more}


def context(before: str, symbol: str, after: str = "") -> list[str]:
    """Three cells of a table: a symbol and what stands around it, on one line."""
    return [f"…{visible(before)}", visible(symbol), f"{visible(after)}…" if after else ""]


def lines(title: str, traces: Sequence[Part], x: Part, y: Part, **more: Any) -> Part:
    return {"kind": "lines", "title": title, "lines": list(traces), "x": x, "y": y, **more}


def number(value: object, default: int = 0) -> int:
    """A whole number from a browser's event, whatever it sent."""
    return int(real(value, default))


def real(value: object, default: float = 0.0) -> float:
    """A number from a browser's event, whatever it sent."""
    try:
        found = float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError, OverflowError):
        return default
    return found if math.isfinite(found) else default
