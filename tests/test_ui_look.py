"""Look inside without a browser: every view answers, in both languages, for every cell."""

import json
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from inspection_subjects import TEXT, subject

from rnn_demo.errors import DamagedError
from rnn_demo.inspection.sentences import EQUATIONS
from rnn_demo.runs import readout
from rnn_demo.runs.states import RunState, Status
from rnn_demo.ui.context import BUNDLED
from rnn_demo.ui.look.asked import Asked
from rnn_demo.ui.look.tab import VIEWS, LookTab
from rnn_demo.ui.look.tour import KEYS, view_of
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
    "guide", "lines", "heat", "scatter", "reel", "grid", "knob",
}  # fmt: skip


class FakeContext:
    """Runs by name: what the views ask of the context of the page."""

    def __init__(self, runs: dict[str, Any], jobs: Any = None) -> None:
        self.runs, self.jobs = runs, jobs
        self.profile = SimpleNamespace(public=False)
        self.rates = SimpleNamespace(take=lambda owner, kind, count=1: None)
        self.address = str

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
    ]
    for picture in pictures:
        json.dumps(picture, allow_nan=False)
        assert picture["parts"]


class FakeJobs:
    """A queue in which nothing happens by itself."""

    def __init__(self) -> None:
        self.submitted: list[Status] = []
        self.texts: dict[str, str] = {}

    def list(self, owner: str) -> list[Status]:
        return self.submitted[::-1]  # the newest first

    def submit_all(self, corpus: Any, wanted: Any, owner: str, address: str) -> None:
        for config in wanted:
            run_id = f"{config.cell} {len(self.submitted)}"
            self.submitted.append(Status(run_id, RunState.QUEUED, config.name, cell=config.cell))
            self.texts[run_id] = corpus.report.sha256

    def status(self, run_id: str) -> Status:
        return next(each for each in self.submitted if each.id == run_id)

    def all_become(self, state: RunState) -> None:
        self.submitted = [replace(each, state=state, share=1.0) for each in self.submitted]


class TrioContext(FakeContext):
    """The runs that were submitted are there as well, as copies of finished ones."""

    def open_run(self, run_id: object) -> Any:
        if str(run_id) in self.runs:
            return self.runs[str(run_id)]
        run = self.runs[str(run_id).split()[0]]
        record = SimpleNamespace(corpus={"sha256": self.jobs.texts[str(run_id)]}, name="", id="")
        names = ("best", "best_model", "tokenizer", "parts")
        return SimpleNamespace(record=record, **{name: getattr(run, name) for name in names})


def memory_tab(runs: dict[str, Any], jobs: FakeJobs) -> Any:
    context: Any = TrioContext(runs, jobs)
    tab = LookTab(context)
    view = tab.by_name["memory"]
    view.tab = tab
    return view


def test_three_networks_are_started_once_and_compared_when_they_are_there(runs: dict[str, Any]):
    jobs = FakeJobs()
    view = memory_tab(runs, jobs)
    waiting, timer = view.train_three({}, "gru", "")
    assert [each.cell for each in jobs.submitted] == ["rnn", "lstm", "gru"]
    assert timer.active
    assert "queued" in waiting["parts"][1]["rows"][0]["note"]
    assert view.open_three({}, "gru", "").active  # after a reload it goes on
    assert view.watch({}, "gru", "")[1].active
    jobs.all_become(RunState.FINISHED)
    compared, timer = view.watch({}, "gru", "")
    assert not timer.active
    assert len(jobs.submitted) == 3
    assert "same number of updates" in compared["say"]
    heading, table, levels, differences, gradients = compared["parts"]
    assert "harbour.txt" in heading["text"]
    assert [row[0] for row in table["rows"]] == ["RNN", "LSTM", "GRU"]
    for plot in (differences, gradients):
        assert [line["name"] for line in plot["lines"]] == ["RNN", "LSTM", "GRU"]
    assert levels["lines"][-1]["grey"]  # the n-gram line
    assert view.train_three({}, "gru", "")[0]["view"] == "three"
    assert len(jobs.submitted) == 3


def test_of_three_networks_the_ones_that_failed_are_trained_again(runs: dict[str, Any]):
    jobs = FakeJobs()
    view = memory_tab(runs, jobs)
    view.train_three({}, "gru", "")
    jobs.all_become(RunState.FINISHED)
    jobs.submitted[1] = replace(jobs.submitted[1], state=RunState.FAILED)
    broken, timer = view.watch({}, "gru", "")
    assert not timer.active
    assert "Press the button again" in broken["parts"][0]["text"]
    view.train_three({}, "gru", "")
    assert [each.cell for each in jobs.submitted] == ["rnn", "lstm", "gru", "lstm"]


def test_three_networks_of_another_text_do_not_count(runs: dict[str, Any]):
    jobs = FakeJobs()
    view = memory_tab(runs, jobs)
    view.train_three({}, "gru", "")
    jobs.all_become(RunState.FINISHED)
    jobs.texts = dict.fromkeys(jobs.texts, "another text of the same name")
    assert view.train_three({}, "gru", "")[1].active
    assert len(jobs.submitted) == 6


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


def test_the_first_view_opens_with_the_run_that_is_looked_at_not_with_what_the_list_still_has(
    runs: dict[str, Any], monkeypatch: pytest.MonkeyPatch
):
    context: Any = FakeContext(runs)
    tab = LookTab(context)
    tab.active, tab.guide, tab.chapter = "active", "guide", "chapter"
    monkeypatch.setattr(tab, "show", lambda who, model, *_: {"model": model})
    opened = tab.opener("surprise")
    assert opened(-1, {}, "gru", "rnn", "", "", None)["model"] == "gru"
    assert opened(-1, {}, "gru", "rnn", "gru", "", None)["model"] == "rnn"  # chosen by hand


def test_a_better_checkpoint_replaces_the_subject_that_was_kept(runs: dict[str, Any]):
    context: Any = FakeContext(dict(runs))
    tab = LookTab(context)
    first = tab.subjects.get("gru")
    assert tab.subjects.get("gru") is first
    context.runs["gru"] = SimpleNamespace(best=SimpleNamespace(steps=lambda: [99]))
    with pytest.raises(AttributeError):  # it is opened anew
        tab.subjects.get("gru")


def test_the_tour_leads_from_view_to_view_and_back(runs: dict[str, Any]):
    context: Any = FakeContext(runs)
    tour = LookTab(context).by_name["tour"]
    tour.context = context
    for chapter in range(len(KEYS)):
        tabs, guide, kept = tour.go(SimpleNamespace(chapter=chapter), {})
        assert tabs.selected == view_of(chapter)
        assert guide["parts"][0]["title"].startswith(f"The tour: {chapter + 1}. ")
        assert kept == chapter
    assert guide["parts"][0]["next"] == ""
    for other in (-1, len(KEYS), "<b>", None, float("nan"), 1e400):
        tabs, guide, kept = tour.go(SimpleNamespace(chapter=other), {})
        assert (tabs.selected, guide, kept) == ("tour", {}, -1)


def test_the_text_that_is_looked_at_is_named(runs: dict[str, Any]):
    assert "held out" in ask(runs, "gru").source
    assert "your text" in ask(runs, "gru", text="abc").source
    alone = ask({**runs, "bare": without_text(runs["gru"])}, "bare")
    assert "writes itself" in alone.source
    assert alone.subject.source == "own"


def test_the_bundled_run_is_looked_at_on_a_text_that_it_never_saw(runs: dict[str, Any]):
    asked = ask({BUNDLED: without_text(runs["gru"]), "gru": runs["gru"]}, BUNDLED)
    assert "Hamlet" in asked.source
    assert "To be, or not to be" in asked.subject.text()
    moments = LookTab(FakeContext({})).by_name["map"].alike(asked, 7)  # type: ignore[arg-type]
    assert moments["parts"]


def without_text(run: Any) -> Any:
    def parts() -> Any:
        raise DamagedError("run.identity")

    names = ("record", "best", "best_model", "tokenizer", "history")
    return SimpleNamespace(parts=parts, **{name: getattr(run, name) for name in names})


@pytest.mark.parametrize("text", ["a", "\n", "ab", "☃☃☃☃", " " * 30])
@pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.name)
def test_no_text_is_too_short_or_too_odd_for_an_answer(
    runs: dict[str, Any], view: type, text: str
) -> None:
    context: Any = FakeContext({**runs, "other": runs["gru"]})
    tab = LookTab(context)
    picture = tab.answer(tab.by_name[view.name].show, {}, "lstm", text,
                         *VALUES.get(view.name, ()))  # fmt: skip
    json.dumps(picture, allow_nan=False)
    assert picture["parts"]


def test_a_subject_of_the_tests_is_not_mistaken_for_a_run():
    assert subject().source == "held_out"
