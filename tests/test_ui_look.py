"""Look inside without a browser: every view answers, in both languages, for every cell."""

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import gradio as gr
import pytest
from inspection_subjects import TEXT, subject

from rnn_demo.inspection.sentences import EQUATIONS
from rnn_demo.runs import readout
from rnn_demo.ui.look.asked import Asked
from rnn_demo.ui.look.tab import VIEWS, LookTab
from rnn_demo.ui.texts import TABLE
from tests.tiny import finished_run, tiny_corpus

VALUES: dict[str, tuple[Any, ...]] = {
    "neuron": ("line_position", ""),
    "sampling": (0.5, 0, 0.8, 0, 0),
    "step": (1, -1),
    "authorship": (["other"],),
}
KINDS = {
    "hint", "warning", "heading", "symbols", "bars", "columns", "table", "formulas", "chapter",
    "lines", "heat", "scatter", "reel", "grid",
}  # fmt: skip


class FakeContext:
    """Runs by name: what the views ask of the context of the page."""

    def __init__(self, runs: dict[str, Any], jobs: Any = None) -> None:
        self.runs, self.jobs = runs, jobs
        self.profile = SimpleNamespace(public=False)

    def open_run(self, run_id: object) -> Any:
        return self.runs[str(run_id)]

    def who(self, value: object) -> Any:
        return SimpleNamespace(owner="local", language="en")

    def models(self, visitor: Any) -> list[tuple[str, str]]:
        return [(name, name) for name in self.runs]


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(readout, "READ_OUT_CHARACTERS", 100)
        folder = tmp_path_factory.mktemp("runs")
        return {cell: finished_run(folder / cell, cell=cell) for cell in ("rnn", "lstm", "gru")}


def ask(runs: dict[str, Any], run: str, language: str = "en", text: str = "") -> Asked:
    context: Any = FakeContext({**runs, "other": runs["gru"]})
    tab = LookTab(context)
    visitor: Any = SimpleNamespace(owner="local", language=language)
    return Asked(context, tab.subjects, visitor, run, text)


def kinds(parts: list[dict[str, Any]]) -> set[str]:
    found = {part["kind"] for part in parts}
    return found.union(*(kinds(part["parts"]) for part in parts if "parts" in part))


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("cell", ["rnn", "lstm", "gru"])
@pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.name)
def test_every_view_answers_in_both_languages(
    runs: dict[str, Any], view: type, cell: str, language: str
) -> None:
    asked = ask(runs, cell, language, text=tiny_corpus().text[:300])
    picture = view().show(asked, *VALUES.get(view.name, ()))
    json.dumps(picture, allow_nan=False)
    assert kinds(picture["parts"]) <= KINDS
    said = picture["say"] + "".join(str(part.get("text", "")) for part in picture["parts"])
    if view.name != "tour":
        assert any("\u4e00" <= c <= "\u9fff" for c in said) == (language == "zh")


def test_every_kind_of_part_is_one_the_script_can_draw():
    script = (Path(__file__).parent.parent / "assets" / "look.js").read_text(encoding="utf-8")
    drawn = script[script.index("const PARTS = {") :]
    assert all(kind in drawn for kind in KINDS)


def test_every_view_has_words_and_an_equation():
    for view in VIEWS:
        assert f"look.{view.name}" in TABLE
        assert f"look.{view.name}.about" in TABLE
        assert view.equation == "" or view.equation in EQUATIONS


def test_what_the_views_can_do_beside_answering(runs: dict[str, Any]):
    asked = ask(runs, "gru", text=TEXT[:400].replace('"', "a").lower())
    views = {view.name: view() for view in VIEWS}
    pictures = [
        views["surprise"].branch(asked, 5, 3),
        views["surprise"].branch(asked, 10**9, -5),  # a browser may send anything
        views["neuron"].curve_of(asked, "line_position", ""),
        views["neuron"].text_at(asked, "line_position", "", 0.5),
        views["sampling"].swept_at(asked, *VALUES["sampling"]),
        views["influence"].swap(asked, 0),
        views["influence"].swap(asked, 9),
        views["memory"].curves(asked, 2.0),
        views["film"].explosion(asked, 0.25),
        views["map"].alike(asked, 7),
        views["memory"].comparison(asked, {c: SimpleNamespace(id=c) for c in ("rnn", "lstm")}),
    ]
    for picture in pictures:
        json.dumps(picture, allow_nan=False)
        assert picture["parts"]


def test_three_networks_are_started_once_and_compared_when_they_are_there(runs: dict[str, Any]):
    submitted: list[Any] = []

    class Jobs:
        def list(self, owner: str) -> list[Any]:
            return submitted

        def submit(self, corpus: Any, config: Any, owner: str) -> str:
            state = SimpleNamespace(value="queued")
            submitted.append(
                SimpleNamespace(name=config.name, id=config.cell, state=state, share=0.0)
            )
            return config.cell

        def status(self, run_id: str) -> Any:
            return next(each for each in submitted if each.id == run_id)

    context: Any = FakeContext(runs, Jobs())
    visitor: Any = SimpleNamespace(owner="local", language="en")
    asked = Asked(context, LookTab(context).subjects, visitor, "gru", "")
    memory = next(view for view in VIEWS if view.name == "memory")()
    waiting = memory.three_cells(asked)
    assert [each.id for each in submitted] == ["rnn", "lstm", "gru"]
    assert "RNN queued" in waiting["parts"][0]["text"]
    for each in submitted:
        each.state.value = "finished"
    compared = memory.three_cells(asked)
    assert len(submitted) == 3
    assert [line["name"] for line in compared["parts"][1]["lines"]] == ["RNN", "LSTM", "GRU"]


def test_a_mistake_becomes_a_sentence_in_the_place_of_the_picture(runs: dict[str, Any]):
    context: Any = FakeContext(runs)
    tab = LookTab(context)
    neuron = tab.by_name["neuron"]
    answer = tab.answer(neuron.show, {}, "gru", "", "pattern", "(")
    assert answer["parts"][0]["kind"] == "warning"
    assert "regular expression" in answer["parts"][0]["text"]
    nobody: Any = FakeContext({})
    nothing = LookTab(nobody).answer(neuron.show, {}, "", "", "digit", "")
    assert "no network" in nothing["parts"][0]["text"]


def test_whoever_asks_before_the_list_is_filled_sees_the_first_network(runs: dict[str, Any]):
    context: Any = FakeContext(runs)
    tab = LookTab(context)
    assert tab.asked({}, "", "").run_id == "rnn"
    assert tab.asked({}, "gru", "").run_id == "gru"


def test_a_better_checkpoint_replaces_the_subject_that_was_kept(runs: dict[str, Any]):
    context: Any = FakeContext(dict(runs))
    tab = LookTab(context)
    first = tab.subjects.get("gru")
    assert tab.subjects.get("gru") is first
    context.runs["gru"] = SimpleNamespace(best=SimpleNamespace(steps=lambda: [99]))
    with pytest.raises(AttributeError):  # it is opened anew
        tab.subjects.get("gru")


def test_a_tour_button_opens_only_views_that_are_there():
    tour = next(view for view in VIEWS if view.name == "tour")()
    tour.names = {"memory"}
    event: Any = SimpleNamespace(view="memory")
    assert tour.go(event).selected == "memory"
    event.view = "<b>"
    assert tour.go(event) == gr.skip()


def test_a_subject_of_the_tests_is_not_mistaken_for_a_run():
    assert subject().source == "held_out"
