"""What the Write tab does, without the page: open a network, write, look at what comes next."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from rnn_demo.config import SampleConfig
from rnn_demo.errors import LimitError, RnnDemoError
from rnn_demo.judging.copying import CopyMeter
from rnn_demo.ui.planning import whole
from rnn_demo.ui.texts import joined, say
from rnn_demo.writing.generate import Writer, notes

if TYPE_CHECKING:
    from rnn_demo.runs.checkpoint import RunFolder
    from rnn_demo.text.tokenizer import Tokenizer
    from rnn_demo.ui.context import Context

MOST_WRITERS = 4  # networks that are kept ready
MOST_SYMBOLS = 400  # of the next-symbol distribution that the page gets
MOST_PROMPT = 4_000  # characters of the prompt that are read
MOST_LENGTH = {False: 20_000, True: 4_000}  # characters at once, by whether visitors are strangers
UPDATES = 0.08  # seconds between two updates of the page, while a text is short
UPDATED = 2000  # symbols from which on more take longer: each update costs the page all of them
ALTERNATIVES = 8
TEMPERATURES = (0.4, 0.8, 1.2)


@dataclass
class Ready:
    """A network that can write, and what is needed to judge its texts."""

    folder: RunFolder
    writer: Writer
    tokenizer: Tokenizer
    step: int
    _meter: CopyMeter | None = None
    lock: threading.Lock = field(default_factory=threading.Lock)

    def copied(self, text: str) -> float | None:
        """Share of a text that stands in the training text; None when that is not here."""
        if not self.folder.has_text():
            return None
        with self.lock:
            if self._meter is None:
                try:
                    self._meter = CopyMeter(self.folder.parts().train)
                except (RnnDemoError, OSError):
                    return None
            return self._meter.measure(text).share


class Writers:
    """The networks that were asked for last, by run; a better checkpoint replaces an older one."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._ready: OrderedDict[str, Ready] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, run_id: object) -> Ready:
        """The best weights of a run, ready to write. Raises RunError when there are none."""
        name = str(run_id or "")
        folder = self._context.open_run(name)
        step = next(iter(folder.best.steps()), 0)
        with self._lock:
            found = self._ready.pop(name, None)
            if found is None or found.step != step:
                words = folder.tokenizer()
                found = Ready(folder, Writer(folder.best_model(), words), words, step)
            self._ready[name] = found  # the newest last
            while len(self._ready) > MOST_WRITERS:
                self._ready.popitem(last=False)
            return found


def settings(values: dict[str, Any], public: bool) -> SampleConfig:
    """SampleConfig from the fields of the form. Raises ConfigError or LimitError."""
    known = {name: value for name, value in values.items() if value not in (None, "")}
    for name in ("top_k", "penalty_window", "no_repeat_ngram", "length", "seed"):
        if name in known:
            known[name] = whole(name, known[name])
    known["stop"] = tuple(line for line in str(known.get("stop") or "").split("\n") if line)
    config = SampleConfig(**known)
    if config.length > MOST_LENGTH[public]:
        raise LimitError("limit.length", most=MOST_LENGTH[public], wanted=config.length)
    return config


@dataclass
class Page:
    """What the text widget shows: symbols with their probabilities, then words about the whole."""

    prompt: str
    seed: int
    texts: list[str] = field(default_factory=list)
    chances: list[float] = field(default_factory=list)
    say: str = ""
    done: bool = False
    id: int = field(default_factory=lambda: time.time_ns() // 1000)  # tells one text from the next

    def value(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "prompt": self.prompt,
            "seed": self.seed,
            "texts": list(self.texts),
            "chances": list(self.chances),
            "say": self.say,
            "done": self.done,
        }


def stream(
    ready: Ready, prompt: str, config: SampleConfig, language: str, kept: list[str] | None = None
) -> Iterator[dict[str, Any]]:
    """The page's value a dozen times a second while a text is written, more seldom once it is long.

    `kept`: what was written before and is kept, when it goes on from a chosen symbol.
    """
    kept = kept or []
    if config.seed is None:
        config = replace(config, seed=int(np.random.default_rng().integers(1 << 31)))
    page = Page(prompt, int(config.seed or 0), list(kept), [1.0] * len(kept))
    begin = shown = time.perf_counter()
    pause = UPDATES
    yield page.value()
    beginning = (prompt + "".join(kept))[-MOST_PROMPT:]
    for piece in ready.writer.generate(beginning, config):
        page.texts.append(piece.text)
        page.chances.append(round(piece.probability, 4))
        now = time.perf_counter()
        if now - shown >= pause:
            yield page.value()
            shown = time.perf_counter()
            pause = UPDATES * max(1, len(page.texts) / UPDATED)
    seconds = time.perf_counter() - begin
    text = "".join(page.texts)
    page.say = about(ready, text, prompt, config, seconds, language)
    page.done = True
    yield page.value()


def ended(writers: Writers, run_id: object, page: Any, language: str) -> dict[str, Any] | None:
    """The page's value for a text that was stopped half-way; None if there is no such text."""
    texts = page.get("texts") if isinstance(page, dict) else None
    if not texts:
        return None
    words = ""
    try:
        text = "".join(map(str, texts))[: MOST_LENGTH[False]]
        words = copied_words(writers.get(run_id), text, language)
    except RnnDemoError:  # the run was deleted meanwhile; the text is still the visitor's
        pass
    return {**page, "say": words, "done": True, "stopped": True}


def about(
    ready: Ready, text: str, prompt: str, config: SampleConfig, seconds: float, language: str
) -> str:
    """Sentences on a finished text: how much is copied, how fast, what to know."""
    sentences = [copied_words(ready, text, language)]
    pace = f"{len(text) / max(seconds, 1e-9):,.0f}"
    sentences.append(say(language, "write.pace", pace=pace, seed=config.seed))
    sentences += [note.say(language) for note in notes(ready.tokenizer, prompt, config)]
    return joined(language, *sentences)


def copied_words(ready: Ready, text: str, language: str) -> str:
    """The copy meter in words, beside the same figure for text that was held out; "" where the
    training text is not here.
    """
    copied = ready.copied(text)
    if copied is None:
        return ""
    finished = ready.folder.finished()
    held_out = finished.held_out_copied_share if finished else None
    if held_out is None:
        return say(language, "write.copied", share=f"{100 * copied:.0f} %")
    shares = {"share": f"{100 * copied:.0f} %", "held": f"{100 * held_out:.0f} %"}
    return say(language, "write.copied.beside", **shares)


def peek(ready: Ready, prompt: str) -> dict[str, Any]:
    """The scores of what follows a prompt, likeliest first: the page does the softmax itself."""
    tokens = ready.tokenizer.encode(prompt[-MOST_PROMPT:] or "\n").tolist()
    logits = ready.writer.read(tokens)[0][0]
    order = np.argsort(-logits, kind="stable")[:MOST_SYMBOLS]
    labels = ready.tokenizer.symbols()
    return {
        "labels": [labels[i] for i in order],
        "logits": [round(float(logits[i]), 3) for i in order],
    }


def alternatives(ready: Ready, before: str) -> list[dict[str, Any]]:
    """What else could have come after a text: label, text and probability of the likeliest."""
    tokens = ready.tokenizer.encode(before[-MOST_PROMPT:] or "\n").tolist()
    logits = ready.writer.read(tokens)[0][0]
    chances = np.exp(logits - logits.max())
    chances /= chances.sum()
    labels, table = ready.tokenizer.symbols(), ready.tokenizer.token_bytes()
    best = np.argsort(-chances, kind="stable")[:ALTERNATIVES]
    return [
        {
            "label": labels[i],
            "text": table[i].decode("utf-8", "replace"),
            "chance": round(float(chances[i]), 4),
        }
        for i in best
    ]


def compare(ready: Ready, prompt: str, config: SampleConfig, language: str) -> dict[str, Any]:
    """Three temperatures with the same seed, side by side."""
    if config.seed is None:
        config = replace(config, seed=int(np.random.default_rng().integers(1 << 31)))
    configs = [replace(config, temperature=t) for t in TEMPERATURES]
    written = ready.writer.write_many([prompt[-MOST_PROMPT:]] * len(configs), configs)
    columns = []
    for one, text in zip(configs, written, strict=True):
        words = copied_words(ready, text.text, language)
        columns.append({"temperature": one.temperature, "text": text.text, "say": words})
    return {"prompt": prompt, "seed": config.seed, "columns": columns, "done": True}
