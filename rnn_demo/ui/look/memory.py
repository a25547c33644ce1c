"""How far back does it remember: horizon, gradient against lag, three cells, the forget bias."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import gradio as gr

from rnn_demo.inspection.memory import Memory, compared, memory, shared_lag
from rnn_demo.inspection.notice import short
from rnn_demo.inspection.untrained import forget_bias
from rnn_demo.ui.look import three
from rnn_demo.ui.look.asked import Asked, Part, hint, lines
from rnn_demo.ui.look.three import Trio
from rnn_demo.ui.look.view import View
from rnn_demo.ui.parts import widget
from rnn_demo.ui.texts import label

LOOK_AGAIN = 2.0  # seconds, while three networks are trained
COLORS = {"rnn": 1, "lstm": 0, "gru": 2}
FLOOR = 1e-12  # gradients below are not drawn


class MemoryView(View):
    name = equation = "memory"

    def __init__(self) -> None:
        self.memory = lru_cache(maxsize=6)(memory)  # it takes seconds: once a network

    def build_more(self) -> None:
        self.three = gr.Button(label("look.memory.three"), elem_id="look-three")
        self.compared = widget("look", {}, elem_id="look-compared")
        self.timer = gr.Timer(LOOK_AGAIN, active=False)
        self.bias = gr.Slider(
            -2, 6, value=0, step=0.5, label=label("look.memory.bias"),
            info=label("look.memory.bias.info"), elem_id="look-bias",
        )  # fmt: skip
        self.fresh = widget("look", {}, elem_id="look-untrained")

    def wire(self, tab: Any) -> None:
        self.tab = tab
        options: dict[str, Any] = {"api_visibility": "private", "show_progress": "minimal"}
        followed = [self.compared, self.timer]
        self.three.click(self.train_three, tab.asking, followed, **options)
        self.timer.tick(
            self.watch, tab.asking, followed, api_visibility="private", show_progress="hidden"
        )
        tab.tabs_of[self.name].select(
            self.open_three, tab.asking, self.timer, queue=False, api_visibility="private"
        )
        asking = [*tab.asking, self.bias]
        gr.on(
            [self.bias.change, tab.tabs_of[self.name].select],
            self.untrained, asking, self.fresh, trigger_mode="always_last", **options,
        )  # fmt: skip

    def show(self, asked: Asked, *values: Any) -> Part:
        result = self.memory(asked.subject)
        alone = {result.cell: result}
        return asked.picture(
            self.name,
            result.notice,
            hint(asked.say("memory.how", targets=result.targets)),
            _levels(asked, alone),
            _differences(asked, alone),
            _gradients(asked, alone),
        )

    # -- three cells on the same text ---------------------------------------------------------

    def train_three(self, who: Any, model: Any, text: Any) -> Any:
        """Start what is missing of the three networks, and watch them."""
        return self.followed(three.start, who, model, text)

    def watch(self, who: Any, model: Any, text: Any) -> Any:
        """How far the three are; at the end, the comparison."""
        return self.followed(three.find, who, model, text)

    def open_three(self, who: Any, model: Any, text: Any) -> Any:
        """Go on watching three that are in training: the page may have been reloaded."""
        asked = self.tab.asked(who, model, text)
        busy = bool(asked.run_id and asked.visitor.owner) and three.find(asked).busy
        return gr.Timer(active=busy)

    def followed(self, ask: Callable[[Asked], Trio], who: Any, model: Any, text: Any) -> Any:
        picture = self.tab.answer(lambda asked: self.shown(asked, ask(asked)), who, model, text)
        return picture, gr.Timer(active=bool(picture.get("busy")))

    def shown(self, asked: Asked, trio: Trio) -> Part:
        if not trio.ready:
            return {**three.progress(asked, trio), "busy": trio.busy}
        runs = trio.runs.items()
        results = {cell: self.memory(asked.subjects.get(run.id)) for cell, run in runs}
        heading = {
            "kind": "heading",
            "text": asked.say("three.on", name=trio.text.report.name),
        }
        return asked.picture(
            "three", compared(results), heading, _table(asked, results), _levels(asked, results),
            _differences(asked, results), _gradients(asked, results),
        )  # fmt: skip

    # -- before any training ------------------------------------------------------------------

    def untrained(self, who: Any, model: Any, text: Any, bias: Any) -> Any:
        return self.tab.answer(self.curves, who, model, text, float(bias))

    def curves(self, asked: Asked, bias: float) -> Part:
        result = forget_bias(bias)
        traces = [
            {
                "name": cell.upper(), "x": list(range(len(curve))),
                "y": [float(v) if v > FLOOR else None for v in curve], "color": COLORS[cell],
            }
            for cell, curve in result.curves.items()
        ]  # fmt: skip
        gate = [float(v) if v > FLOOR else None for v in result.gate]
        cell = [float(v) if v > FLOOR else None for v in result.cell]
        traces += [
            {"name": asked.say("memory.cell"), "x": list(range(len(cell))), "y": cell,
             "color": COLORS["lstm"], "dash": "dot"},
            {"name": "σ(b)ᵏ", "x": list(range(len(gate))), "y": gate, "grey": True},
        ]  # fmt: skip
        return asked.picture("untrained", result.notice, _lag_plot(asked, traces))


def _table(asked: Asked, results: dict[str, Memory]) -> Part:
    """The three side by side in numbers."""
    lag = shared_lag(results)
    rows = [
        [cell.upper(), f"{r.loss_bits[-1]:.2f}", f"{r.horizon}", short(float(r.gradient[lag])),
         f"{r.reach}"]
        for cell, r in results.items()
    ]  # fmt: skip
    keys = ("three.cell", "memory.bits", "three.horizon", "three.gradient", "three.reach")
    head = [asked.say(key, lag=lag) for key in keys]
    return {"kind": "table", "title": asked.say("memory.three"), "head": head, "rows": rows}


def _levels(asked: Asked, results: dict[str, Memory]) -> Part:
    """Loss against context, and the table of counts; for one network the fairer start beside it."""
    first = next(iter(results.values()))
    x, alone = first.contexts, len(results) == 1
    traces: list[Part] = [
        {"name": asked.say("memory.blank") if alone else cell.upper(), "x": r.contexts,
         "y": r.loss_bits, "points": True, "color": 0 if alone else COLORS[cell]}
        for cell, r in results.items()
    ]  # fmt: skip
    if alone:
        traces.append(
            {"name": asked.say("memory.wrong"), "x": x[: len(first.wrong_past_bits)],
             "y": first.wrong_past_bits, "points": True, "color": 1, "dash": "dot"}
        )  # fmt: skip
    if first.ngram_contexts:
        traces.append(
            {"name": asked.say("memory.ngram"), "x": first.ngram_contexts,
             "y": first.ngram_bits, "grey": True}
        )  # fmt: skip
    return lines(
        asked.say("memory.horizon"), traces,
        {"title": asked.say("memory.context"), "log": True, "ticks": x},
        {"title": asked.say("memory.bits")},
        rules=[{"x": first.horizon}] if alone else [], hover=".2f",
    )  # fmt: skip


def _differences(asked: Asked, results: dict[str, Memory]) -> Part:
    """What a shorter context costs, paired, with its band: the only fair comparison."""
    traces = [
        {"name": cell.upper(), "x": r.contexts, "y": r.extra_bits, "band": r.band_bits.tolist(),
         "points": True, "color": COLORS[cell]}
        for cell, r in results.items()
    ]  # fmt: skip
    ticks = next(iter(results.values())).contexts
    return lines(
        asked.say("memory.cost"), traces,
        {"title": asked.say("memory.context"), "log": True, "ticks": ticks},
        {"title": asked.say("memory.extra"), "zero": True}, hover=".3f",
    )  # fmt: skip


def _gradients(asked: Asked, results: dict[str, Memory]) -> Part:
    traces = [
        {"name": cell.upper(), "x": list(range(len(r.gradient))),
         "y": [float(v) if v > FLOOR else None for v in r.gradient], "color": COLORS[cell]}
        for cell, r in results.items()
    ]  # fmt: skip
    return _lag_plot(asked, traces)


def _lag_plot(asked: Asked, traces: list[Part]) -> Part:
    return lines(
        asked.say("memory.gradient"), traces, {"title": asked.say("memory.lag")},
        {"title": asked.say("memory.relative"), "log": True}, hover=".1e",
    )  # fmt: skip
