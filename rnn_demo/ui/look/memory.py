"""How far back does it remember: horizon, gradient against lag, three cells, the forget bias."""

from __future__ import annotations

from typing import Any

import gradio as gr

from rnn_demo.config import CELLS, RunConfig
from rnn_demo.errors import RnnDemoError, RunError
from rnn_demo.inspection.memory import Memory, memory
from rnn_demo.inspection.untrained import forget_bias
from rnn_demo.runs.states import Status
from rnn_demo.text import corpus
from rnn_demo.ui.look.asked import Asked, Part, hint, lines
from rnn_demo.ui.look.view import View
from rnn_demo.ui.parts import widget
from rnn_demo.ui.texts import label

STEPS, HIDDEN, EMBEDDING = 1200, 128, 32  # of the networks that are trained to be compared
COLORS = {"rnn": 1, "lstm": 0, "gru": 2}
FLOOR = 1e-12  # gradients below are not drawn


class MemoryView(View):
    name = equation = "memory"

    def build_more(self) -> None:
        self.three = gr.Button(label("look.memory.three"), elem_id="look-three")
        self.compared = widget("look", {}, elem_id="look-compared")
        self.bias = gr.Slider(
            -2, 6, value=0, step=0.5, label=label("look.memory.bias"),
            info=label("look.memory.bias.info"), elem_id="look-bias",
        )  # fmt: skip
        self.fresh = widget("look", {}, elem_id="look-untrained")

    def wire(self, tab: Any) -> None:
        self.tab = tab
        options: dict[str, Any] = {"api_visibility": "private", "show_progress": "minimal"}
        self.three.click(self.train_three, tab.asking, self.compared, **options)
        asking = [*tab.asking, self.bias]
        gr.on(
            [self.bias.release, tab.tabs_of[self.name].select],
            self.untrained, asking, self.fresh, trigger_mode="always_last", **options,
        )  # fmt: skip

    def show(self, asked: Asked, *values: Any) -> Part:
        result = memory(asked.subject)
        return asked.picture(
            self.name,
            result.notice,
            _levels(asked, result),
            _differences(asked, {result.cell: result}),
            _gradients(asked, {result.cell: result}),
            hint(asked.say("memory.how", targets=result.targets)),
        )

    # -- three cells on the same text ---------------------------------------------------------

    def train_three(self, who: Any, model: Any, text: Any) -> Any:
        """Start what is missing of the three networks; compare them when they are there."""
        return self.tab.answer(self.three_cells, who, model, text)

    def three_cells(self, asked: Asked) -> Part:
        context, name, text = asked.context, _base_name(asked), _whole_text(asked)
        owner = asked.visitor.owner
        if not owner:
            raise RunError("run.identity")
        read = corpus.read_text(text, name)
        wanted = {cell: _named(name, cell) for cell in CELLS}
        mine = {status.name: status for status in reversed(context.jobs.list(owner))}
        for cell, run_name in wanted.items():
            if run_name not in mine:
                config = RunConfig(
                    name=run_name, cell=cell, steps=STEPS, hidden=HIDDEN, embedding=EMBEDDING,
                    layers=1, tokenizer=asked.subject.tokenizer.kind,
                )  # fmt: skip
                mine[run_name] = context.jobs.status(context.jobs.submit(read, config, owner))
        runs = {cell: mine[run_name] for cell, run_name in wanted.items()}
        ready = {cell: run for cell, run in runs.items() if run.state.value == "finished"}
        if len(ready) < len(runs):
            states = ", ".join(f"{cell.upper()} {_state(run)}" for cell, run in runs.items())
            return asked.picture("three", None, hint(asked.say("memory.training", states=states)))
        return self.comparison(asked, ready)

    def comparison(self, asked: Asked, runs: dict[str, Status]) -> Part:
        results = {cell: memory(asked.subjects.get(run.id)) for cell, run in runs.items()}
        words = " ".join(result.notice.say(asked.language) for result in results.values())
        return asked.picture(
            "three", None, hint(words), _differences(asked, results), _gradients(asked, results)
        )

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
        traces.append({"name": "σ(b)^k", "x": list(range(len(gate))), "y": gate, "grey": True})
        return asked.picture("untrained", result.notice, _lag_plot(asked, traces))


def _base_name(asked: Asked) -> str:
    name = asked.subject.name[:60]
    for cell in CELLS:
        name = name.removesuffix(f" · {cell.upper()}")
    return name


def _named(name: str, cell: str) -> str:
    return f"{name} · {cell.upper()}"


def _state(status: Status) -> str:
    return f"{100 * status.share:.0f} %" if status.share else status.state.value


def _whole_text(asked: Asked) -> str:
    """The text of the run; what there is of it for one that came without."""
    try:
        return asked.context.open_run(asked.run_id).text()
    except RnnDemoError:
        subject = asked.subject
        return asked.given or subject.train_text + subject.held_out or subject.own_text


def _levels(asked: Asked, result: Memory) -> Part:
    """Loss against context, the fairer start beside it, and the table of counts."""
    x = result.contexts
    traces: list[Part] = [
        {"name": asked.say("memory.blank"), "x": x, "y": result.loss_bits, "points": True,
         "color": 0},
        {"name": asked.say("memory.wrong"), "x": x[: len(result.wrong_past_bits)],
         "y": result.wrong_past_bits, "points": True, "color": 1, "dash": "dot"},
    ]  # fmt: skip
    if result.ngram_contexts:
        traces.append(
            {"name": asked.say("memory.ngram"), "x": result.ngram_contexts,
             "y": result.ngram_bits, "grey": True}
        )  # fmt: skip
    title = asked.say("memory.horizon")
    return lines(
        title, traces,
        {"title": asked.say("memory.context"), "log": True, "ticks": x},
        {"title": asked.say("memory.bits")},
        rules=[{"x": result.horizon}], hover=".2f",
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
