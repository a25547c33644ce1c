"""The handlers of the tabs, called as Gradio calls them; each checks by itself who asks."""

from __future__ import annotations

import itertools
import time
from dataclasses import replace
from types import SimpleNamespace

import gradio as gr
import pytest
from gradio.context import LocalContext
from tiny import TEXT, tiny_corpus
from ui_app import ANNA, BERT, context, event, finished_run, in_a_loop, shown

from rnn_demo.errors import ConfigError, LimitError, RunError
from rnn_demo.inspection.properties import FOLLOWED
from rnn_demo.jobs.jobs import LOCAL
from rnn_demo.jobs.limits import Limits
from rnn_demo.runs.states import RunState, Status
from rnn_demo.text import corpus
from rnn_demo.ui import planning, reading, writing
from rnn_demo.ui.app import arrive, build_app
from rnn_demo.ui.context import BUNDLED, owner_of
from rnn_demo.ui.model_choice import ModelChoice
from rnn_demo.ui.rates import RATES
from rnn_demo.ui.runs_tab import RunsTab
from rnn_demo.ui.text_tab import TextTab
from rnn_demo.ui.texts import TABLE, literal
from rnn_demo.ui.train_tab import BUTTONS, TrainTab
from rnn_demo.ui.write_tab import WriteTab

ENGLISH = {"secret": ANNA, "language": "en"}
CHINESE = {"secret": ANNA, "language": "zh"}
OTHER = {"secret": BERT, "language": "en"}
FORM = ("steps", 5, "gru", "char", 90, "a name", "", *("" for _ in planning.FINE))


@pytest.fixture
def local(tmp_path):
    with context(tmp_path) as made:
        yield made


@pytest.fixture
def public(tmp_path):
    with context(tmp_path, public=True) as made:
        yield made


def visible_buttons(answer) -> set[str]:
    """From what TrainTab.show returns: form, about, start, the buttons, ..."""
    return {name for name, update in zip(BUTTONS, answer[3:], strict=False) if shown(update)}


def test_no_answer_of_a_form_is_the_key_of_a_text(local):
    """Gradio translates whatever equals a key, answers too, and then knows its own no more."""
    page = in_a_loop(lambda: build_app(local.jobs, local.profile)).page
    answers = {
        value for part in page.blocks.values()
        for _, value in getattr(part, "choices", None) or []
    }  # fmt: skip
    assert {"char", "lstm", FOLLOWED} <= answers
    assert not answers & set(TABLE)


def test_each_part_that_is_remembered_has_a_name_of_its_own(local):
    page = in_a_loop(lambda: build_app(local.jobs, local.profile)).page
    named = [part.elem_id for part in page.blocks.values() if getattr(part, "elem_id", None)]
    forms = [call.inputs for call in page.fns.values() if "rnn.keepForm" in str(call.js)]
    names = [part.elem_id for form in forms for part in form]
    assert {"minutes", "prompt", "look-text"} <= set(names)
    assert all(named.count(name) == 1 for name in names)


# -- who asks -------------------------------------------------------------------------------------


def test_the_person_at_the_machine_owns_everything(local):
    assert local.who(None).owner == LOCAL


@pytest.mark.parametrize("secret", [None, "", "short", 7, "x" * 300, "ä" * 20, ["a" * 20]])
def test_what_is_no_secret_owns_nothing(public, secret):
    assert public.who({"secret": secret}).owner == ""
    with pytest.raises(RunError):
        public.owner({"secret": secret})


def test_a_new_visitor_gets_a_secret_and_keeps_it(public):
    record, selected, text, *_, ticket = arrive(public, {"language": "zh"}, None)
    assert len(ticket) > 20
    assert owner_of(record["secret"])
    assert record["language"] == "zh"
    assert (selected, text) == (BUNDLED, gr.skip())  # one may be chosen meanwhile
    again, *_ = arrive(public, record, None)
    assert again["secret"] == record["secret"]


def test_a_returning_visitor_finds_run_and_text_again(public):
    run_id = finished_run(public.jobs, owner_of(ANNA))
    _, selected, text, *_ = arrive(public, ENGLISH, None)
    assert selected == run_id
    assert text.text == TEXT
    assert arrive(public, OTHER, None)[1] == BUNDLED
    later = finished_run(public.jobs, owner_of(ANNA))
    assert arrive(public, ENGLISH, None)[1] == later
    record, looked_at, *_ = arrive(public, {**ENGLISH, "looked_at": run_id}, None)
    assert looked_at == run_id
    assert "looked_at" not in record
    assert arrive(public, {**OTHER, "looked_at": run_id}, None)[1] == BUNDLED
    assert not isinstance(arrive(public, ENGLISH, tiny_corpus())[2], corpus.Corpus), "they chose"


def test_a_text_is_kept_for_its_visitor_though_nothing_was_trained(public, monkeypatch):
    text = tiny_corpus()
    TextTab(public).show(ENGLISH, "byte", 80, text)
    assert arrive(public, ENGLISH, None)[2:5] == (text, "byte", 80)
    assert arrive(public, OTHER, None)[2] == gr.skip()
    TextTab(public).show(None, "byte", 80, text)  # who has no secret yet
    assert arrive(public, None, None)[2] == gr.skip()
    monkeypatch.setattr("rnn_demo.ui.kept.SECONDS", 0)
    assert arrive(public, ENGLISH, None)[2] == gr.skip()


def test_the_oldest_texts_make_way(public, monkeypatch):
    monkeypatch.setattr("rnn_demo.ui.kept.MOST_TEXTS", 1)
    for who in (ENGLISH, OTHER):
        TextTab(public).show(who, "char", 90, tiny_corpus())
    assert arrive(public, ENGLISH, None)[2] == gr.skip()
    assert arrive(public, OTHER, None)[2] == tiny_corpus()


# -- which network --------------------------------------------------------------------------------


def test_the_list_of_networks_follows_the_run_that_is_looked_at(local):
    models, run = ModelChoice(local), finished_run(local.jobs)
    offered = models.offer(ENGLISH, run, None, "")
    assert [run_id for _, run_id in offered.choices] == [run, BUNDLED]
    assert offered.value == run
    assert models.offer(ENGLISH, BUNDLED, run, "").value == BUNDLED
    assert models.offer(ENGLISH, "gone", BUNDLED, "").value == BUNDLED  # or cannot write yet
    assert models.offer(ENGLISH, "gone", "gone, too", "").value == run


def test_a_network_chosen_by_hand_stays_until_another_run_is_looked_at(local):
    models, run = ModelChoice(local), finished_run(local.jobs)
    chosen_at = models.looked_at(ENGLISH, run)
    assert models.offer(ENGLISH, run, BUNDLED, chosen_at).value == BUNDLED
    newer = finished_run(local.jobs)
    assert models.offer(ENGLISH, newer, BUNDLED, chosen_at).value == newer


def test_a_network_chosen_while_the_page_arrives_stays_too(local):
    models, run = ModelChoice(local), finished_run(local.jobs)
    chosen_at = models.looked_at(ENGLISH, "")
    assert models.offer(ENGLISH, "", BUNDLED, chosen_at).value == BUNDLED
    _, selected, *_ = arrive(local, ENGLISH, None)
    assert selected == run
    assert models.offer(ENGLISH, selected, BUNDLED, chosen_at).value == BUNDLED


# -- Train ----------------------------------------------------------------------------------------


def test_buttons_follow_the_state_of_the_run_and_who_looks(public):
    tab = TrainTab(public)
    run_id = finished_run(public.jobs, owner_of(ANNA))
    assert visible_buttons(tab.show(ENGLISH, run_id)) == {"write", "extend", "fork"}
    assert visible_buttons(tab.show(OTHER, run_id)) == set()
    assert shown(tab.show(ENGLISH, "")[2]), "a new run can be started"


def test_a_network_goes_on_with_another_text_that_was_chosen(local):
    tab, run_id = TrainTab(local), finished_run(local.jobs)
    own = corpus.read_text(local.jobs.open(run_id).text(), "the same")
    other = corpus.read_text(own.text[::-1], "Backwards")
    assert "adapt" not in visible_buttons(tab.show(ENGLISH, run_id, own))
    assert "adapt" in visible_buttons(tab.show(ENGLISH, run_id, other))
    child = local.jobs.open(tab.adapt(ENGLISH, run_id, other)[0])
    assert (child.text(), child.record.parent) == (other.text, run_id)
    assert child.record.name.endswith("→ Backwards")
    assert child.start_model() is not None
    local.jobs.delete(child.path.name, LOCAL)


def test_a_run_that_is_gone_leaves_an_empty_tab(local):
    answer = TrainTab(local).show(ENGLISH, "a" * 26)
    assert visible_buttons(answer) == set()
    assert shown(answer[2])


@pytest.mark.parametrize(
    ("address", "known"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::", "2001:db8:1:2::/64"),
        ("127.0.0.1", ""),
        ("::1", ""),
        ("a proxy", "a proxy"),
    ],
)
def test_an_address_counts_as_far_as_it_tells_people_apart(public, address, known):
    request = SimpleNamespace(client=SimpleNamespace(host=address), headers={})
    LocalContext.request.set(request)
    try:
        assert public.address() == known
        public.profile = replace(public.profile, share=True)
        assert public.address() == ""
    finally:
        LocalContext.request.set(None)


def test_the_chip_opens_the_run_that_it_speaks_of(local):
    run_id = finished_run(local.jobs)
    assert TrainTab(local).open(event(run=run_id), ENGLISH) == run_id
    assert TrainTab(local).open(event(run="a" * 26), ENGLISH) == gr.skip()


def test_two_clicks_with_one_key_make_one_run(local):
    tab = TrainTab(local)
    key = "k" * 30
    first = tab.begin(ENGLISH, "", key, tiny_corpus(), *FORM)
    second = tab.begin(ENGLISH, "", key, tiny_corpus(), *FORM)
    assert first[0] == second[0]
    assert first[-1] != key, "the next start is another run"
    assert len(local.jobs.list(LOCAL)) == 1
    assert local.jobs.open(first[0]).record.wanted.name == "a name"
    local.jobs.delete(first[0], LOCAL)


def test_without_a_text_start_says_what_to_do(local):
    with pytest.raises(gr.Error, match="Choose a text"):
        TrainTab(local).begin(ENGLISH, "", "k", None, *FORM)


@pytest.mark.parametrize("action", BUTTONS[1:])  # the first opens a tab
def test_nobody_acts_on_the_run_of_another_nor_learns_that_it_exists(public, action):
    tab = TrainTab(public)
    run_id = finished_run(public.jobs, owner_of(ANNA))
    text = [tiny_corpus()]
    more = {"extend": [1], "fork": text, "adapt": text}.get(action, [])
    with pytest.raises(gr.Error) as foreign:
        getattr(tab, action)(OTHER, run_id, *more)
    with pytest.raises(gr.Error) as missing:
        getattr(tab, action)(OTHER, "a" * 26, *more)
    assert foreign.value.message == missing.value.message


def test_the_run_that_is_trained_comes_before_those_that_wait(local):
    local.jobs.list = lambda owner: [
        Status("third", RunState.QUEUED, position=2, created=3),
        Status("second", RunState.QUEUED, position=1, created=2),
        Status("first", RunState.RUNNING, created=1),
    ]
    assert local.newest(local.who(ENGLISH)).id == "first"


def test_a_run_that_waits_can_leave_the_queue(local):
    run_id = finished_run(local.jobs)
    stop = 3 + BUTTONS.index("stop")
    assert TrainTab(local).show(ENGLISH, run_id)[stop].value == "Stop and keep best"
    waiting = replace(local.status(run_id), state=RunState.QUEUED, position=1)
    local.status = lambda _: waiting
    assert TrainTab(local).show(ENGLISH, run_id)[stop].value == "Leave the queue"


def test_a_time_is_said_in_a_unit_that_fits():
    times = [planning.duration(s, "en") for s in (5, 600, 5400, 7200, 130_000, 1.6e7)]
    assert times == ["5 s", "10 min", "90 min", "2 h", "1.5 days", "185 days"]
    assert planning.duration(5401, "en") == "1.5 h"


def test_the_plan_names_network_and_budget_in_the_visitors_language(local):
    tab = TrainTab(local)
    *_, english = tab.preview(ENGLISH, tiny_corpus(), *FORM)
    assert "weights" in english
    assert "as measured" in english
    assert "参数" in list(tab.preview(CHINESE, tiny_corpus(), *FORM))[-1]


def test_the_plan_that_was_told_is_the_one_that_is_trained(local):
    tab = TrainTab(local)
    form = ["steps", 5, None, "char", 90, "", "", *("" for _ in planning.FINE)]
    seed = len(form) - len(planning.FINE) + [field for field, *_ in planning.FINE].index("seed")
    list(tab.preview(ENGLISH, tiny_corpus(), *form))
    form[seed] = "7"
    started = [tab.begin(ENGLISH, "", "k" * 30, tiny_corpus(), *form)[0]]
    told = tab.planner.plan(tiny_corpus(), tab.config(form))
    record = local.jobs.open(started[0]).record
    assert record.model == told.plan.model
    assert record.train == replace(told.plan.train, seed=7)
    local.jobs.delete(started[0], LOCAL)


def test_start_is_not_offered_before_the_page_knows_its_run(local):
    assert not shown(TrainTab(local).show(ENGLISH, "")[0])
    assert shown(TrainTab(local).show(ENGLISH, BUNDLED)[0])


def test_everybody_may_write_with_the_run_that_comes_along_and_a_new_one_comes_first(public):
    answer = TrainTab(public).show(ENGLISH, BUNDLED)
    assert visible_buttons(answer) == {"write"}
    assert answer[2].variant == "primary"  # Start
    assert answer[3 + BUTTONS.index("write")].variant == "secondary"


def test_the_reasons_of_plan_and_run_can_be_unfolded_in_the_visitors_language(local):
    tab = TrainTab(local)
    *_, plan = tab.preview(CHINESE, tiny_corpus(), *FORM)
    assert "<summary>为什么这样选" in plan
    assert "个并行流" in plan
    for run_id in (BUNDLED, finished_run(local.jobs)):
        words = tab.show(ENGLISH, run_id)[1]
        reasons = local.open_run(run_id).record.reasons
        assert "Why these choices?" in words
        assert words.count("<li>") == len(reasons) > 3
        assert literal(reasons[-1]) in words


def test_a_strangers_reasons_stay_words_on_one_line():
    words = planning.why(["<img src=x>\n\n**a** $$b$$", 7], "en")
    assert words.count("\n") == words.index("<details>") == 2
    assert "img src=x&#62; &#42;&#42;a&#42;&#42; &#36;" in words
    assert "<li>7</li>" in words
    assert planning.why([], "en") == ""


def test_a_wrong_field_is_named_instead_of_a_plan(local):
    form = list(FORM)
    form[7] = "many"  # units
    (words,) = TrainTab(local).preview(ENGLISH, tiny_corpus(), *form)
    assert "whole number from 1 to 4,096" in words


@pytest.mark.parametrize("value", ["0", "5000", "1.5", "nan", "inf", "-1", "1e99", "x" * 500])
def test_units_out_of_range_are_refused(value):
    with pytest.raises(ConfigError, match=r"units \(hidden\) must be"):
        planning.fine_value("hidden", value)


def test_the_form_becomes_a_run_config_and_empty_fields_stay_open():
    fine = {field: "" for field, *_ in planning.FINE} | {"hidden": " 64 ", "learning_rate": "1e-3"}
    wanted = planning.wanted(
        minutes="5", steps=None, cell="lstm", kind="byte", share=80, name="  a\n b ", prompt="P",
        fine=fine,
    )  # fmt: skip
    assert (wanted.minutes, wanted.steps, wanted.hidden, wanted.layers) == (5, None, 64, None)
    assert (wanted.name, wanted.split, wanted.learning_rate) == ("a b", "80/10/10", 1e-3)


def test_a_name_cannot_become_markdown_or_html():
    assert literal("<b>*a*</b>[x](y)") == "".join(
        f"&#{ord(c)};" if not c.isalnum() else c for c in "<b>*a*</b>[x](y)"
    ).replace("&#47;", "/")


# -- Text -----------------------------------------------------------------------------------------


def test_a_sample_is_taken_and_reported(local):
    text, card, button, pasted = TextTab(local).take_sample(
        ENGLISH, "char", 90, event(sample="fables")
    )
    assert text.report.characters == card["characters"]
    assert text.report.name == card["name"] == "Fables of a harbour town"
    assert card["shares"] == [0.9, 0.05, 0.05]
    assert button.interactive
    assert pasted == "", "what was pasted is not the text any more"
    with pytest.raises(gr.Error):
        TextTab(local).take_sample(ENGLISH, "char", 90, event(sample="../../etc/passwd"))


def test_a_sample_that_is_clicked_before_the_page_has_arrived_is_named_in_its_language(local):
    text, *_ = TextTab(local).take_sample(None, "char", 90, event(sample="fables", language="zh"))
    assert text.report.name == "港口小镇寓言"


def test_several_files_become_one_text_and_are_deleted(local, tmp_path):
    files = [tmp_path / name for name in ("one.txt", "two.txt")]
    for file in files:
        file.write_text(TEXT)
    *shown_parts, cleared = TextTab(local).take_files(ENGLISH, "char", 90, [str(f) for f in files])
    assert shown_parts[0].text.count(TEXT.strip()) == 2
    assert "one.txt and 1 more" in shown_parts[1]["name"]
    assert cleared is None
    assert not any(file.exists() for file in files)


def test_of_several_files_it_is_said_how_each_was_read_and_short_ones_are_welcome(local, tmp_path):
    poems = [f"A poem about {thing}, which is not long.\n" for thing in ("crabs", "gulls", "é")]
    codes = ("utf-16", "utf-8", "utf-8")
    files = [tmp_path / f"{n}.txt" for n in range(len(poems))]
    for file, poem, code in zip(files, poems, codes, strict=True):
        file.write_bytes(poem.encode(code))
    (tmp_path / "long.txt").write_text(TEXT)
    names = [str(file) for file in (*files, tmp_path / "long.txt")]
    text, card, *_ = TextTab(local).take_files(ENGLISH, "char", 90, names)
    assert all(poem.strip() in text.text for poem in poems)
    assert card["encoding"] == "UTF-16 LE, UTF-8"


def test_a_fixed_text_remembers_how_it_was_read(local, tmp_path):
    file = tmp_path / "old.txt"
    file.write_bytes(("Z" + TEXT).encode("utf-16"))
    how = ("char", 90)
    text, before, *_ = TextTab(local).take_files(ENGLISH, *how, [str(file)])
    after = reading.report_card(reading.fixed(text, "rare"), *how, "en")
    assert after["encoding"] == before["encoding"]
    assert after["characters"] < before["characters"]


def test_a_file_that_is_no_text_is_refused_with_its_kind_and_deleted(local, tmp_path):
    picture = tmp_path / "a.txt"
    picture.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 4)
    with pytest.raises(gr.Error, match="PNG"):
        TextTab(local).take_files(ENGLISH, "char", 90, [str(picture)])
    assert not picture.exists()


def test_of_several_files_the_one_that_is_refused_is_named(local, tmp_path):
    (tmp_path / "good.txt").write_text(TEXT)
    (tmp_path / "bad.txt").write_bytes(b"%PDF-1.4 " + bytes(400))
    files = [str(tmp_path / name) for name in ("good.txt", "bad.txt")]
    with pytest.raises(gr.Error, match=r"bad\.txt: .*PDF"):
        TextTab(local).take_files(ENGLISH, "char", 90, files)


def test_a_text_above_the_limit_is_refused_with_both_numbers(tmp_path):
    words = r"2\.0 MB; this server takes up to 1 MB"
    with (
        context(tmp_path, Limits(upload_bytes=1_000_000)) as small,
        pytest.raises(gr.Error, match=words),
    ):
        TextTab(small).take_paste(ENGLISH, "char", 90, "ab" * 1_000_000, None)


def test_while_a_short_text_is_typed_its_length_is_told_and_the_text_before_holds(local):
    tab = TextTab(local)
    *unchanged, words = tab.take_paste(ENGLISH, "char", 90, "abc", None)
    assert unchanged == [gr.skip()] * 3
    assert words == "3 of at least 200 characters."
    *_, words = tab.take_paste(CHINESE, "char", 90, "abc", tiny_corpus())
    assert literal("harbour.txt") in words
    assert tab.take_paste(ENGLISH, "char", 90, "", tiny_corpus())[-1] == ""
    assert tab.take_paste(ENGLISH, "char", 90, TEXT, None)[-1] == ""


def test_fixes_do_what_their_buttons_say():
    text = "same line\n" * 50 + TEXT
    assert reading.without_duplicate_lines(text).count("same line") == 1
    assert "\u20ac" not in reading.without_rare_symbols(TEXT + "\u20ac")


def test_a_warning_carries_its_fix(local):
    tab = TextTab(local)
    twice = corpus.sample("fables").text * 2
    doubled, card, *_ = tab.take_paste(ENGLISH, "char", 90, twice, None)
    assert "duplicates" in [found["fix"] for found in card["findings"]]
    fixed, card, _, kind = tab.fix(ENGLISH, "char", 90, doubled, event(fix="duplicates"))
    assert len(fixed.text) < len(doubled.text)
    assert kind == gr.skip()
    with pytest.raises(gr.Error):
        tab.fix(ENGLISH, "char", 90, doubled, event(fix="__class__"))


@pytest.mark.parametrize("kind", ["char", "byte", "subword"])
def test_the_preview_shows_what_the_network_reads(kind):
    seen = reading.preview(TEXT, kind)
    assert seen["tokens"]
    assert all(label and 0 <= number < seen["vocabulary"] for label, number in seen["tokens"])


# -- Write ----------------------------------------------------------------------------------------


@pytest.fixture
def writer(local):
    """(tab, id of a run that can write)"""
    return WriteTab(local), finished_run(local.jobs)


def fields(**changes):
    values = {"temperature": 0.8, "stop": "", "seed": "1", "length": 60, "top_k": 0, "top_p": 1,
              "min_p": 0, "typical_p": 1, "repetition_penalty": 1, "frequency_penalty": 0,
              "presence_penalty": 0, "penalty_window": 64, "no_repeat_ngram": 0}  # fmt: skip
    return [*{**values, **changes}.values()]


def test_writing_streams_and_ends_with_words_about_the_text(writer):
    tab, run_id = writer
    *_, last = tab.write(ENGLISH, run_id, "the sea", *fields())
    page, go, halt = last
    assert page["done"]
    assert len("".join(page["texts"])) == 60
    assert "seed 1" in page["say"]
    assert "training text" in page["say"]
    assert shown(go)
    assert not shown(halt)


def test_the_longer_a_text_the_more_seldom_it_is_shown_so_that_a_page_can_hear_stop(
    writer, monkeypatch
):
    tab, run_id = writer
    clock = itertools.count(step=0.001)  # a symbol takes a millisecond
    watch = SimpleNamespace(perf_counter=lambda: next(clock), time_ns=time.time_ns)
    monkeypatch.setattr(writing, "time", watch)
    pages = [page for page, *_ in tab.write(ENGLISH, run_id, "the sea", *fields(length=12_000))]
    lengths = [len(page["texts"]) for page in pages]
    assert lengths[2] - lengths[1] < 100
    assert lengths[-2] - lengths[-3] > 400
    assert 20 < len(lengths) < 90  # a fast network is seen to write, too


def test_the_same_seed_writes_the_same_text(writer):
    tab, run_id = writer
    first, second = ([*tab.write(ENGLISH, run_id, "a", *fields())][-1][0] for _ in range(2))
    assert first["texts"] == second["texts"]


def test_going_on_from_a_symbol_keeps_what_was_before(writer):
    tab, run_id = writer
    chosen = event(kept=["a", "b"], prompt="the ")
    *_, (page, _, _) = tab.branch(chosen, ENGLISH, run_id, "ignored", *fields())
    assert page["texts"][:2] == ["a", "b"]
    assert page["prompt"] == "the "
    assert len(page["texts"]) == 62


def test_what_was_written_until_stop_is_a_whole_text(writer):
    tab, run_id = writer
    *_, (page, _, _) = tab.write(ENGLISH, run_id, "the", *fields())
    page = {**page, "texts": page["texts"][:30], "done": False, "say": ""}
    whole, go, halt = tab.halted(ENGLISH, run_id, page)
    assert whole["done"]
    assert whole["texts"] == page["texts"]
    assert "training text" in whole["say"]
    assert shown(go)
    assert not shown(halt)
    whole, _, _ = tab.halted(ENGLISH, "a" * 26, page)
    assert whole["done"], "the run is gone, the text is not"


def test_what_else_was_possible_is_listed_by_probability(writer):
    tab, run_id = writer
    answer = tab.alternatives(ENGLISH, run_id, "", event(before="the s", at=3))
    chances = [each["chance"] for each in answer["alternatives"]]
    assert answer["at"] == 3
    assert chances == sorted(chances, reverse=True)


def test_three_temperatures_are_written_side_by_side(writer):
    tab, run_id = writer
    page, _, _ = tab.compare(ENGLISH, run_id, "the", *fields())
    assert [column["temperature"] for column in page["columns"]] == [0.4, 0.8, 1.2]


def test_the_page_gets_the_scores_and_no_message_where_there_is_no_network(writer):
    tab, run_id = writer
    scores = tab.peek(ENGLISH, run_id, "the")["logits"]
    assert scores == sorted(scores, reverse=True)
    assert tab.peek(ENGLISH, "a" * 26, "the") == {}


def test_a_visitor_cannot_ask_for_an_endless_text(public):
    tab, run_id = WriteTab(public), finished_run(public.jobs, owner_of(ANNA))
    with pytest.raises(gr.Error, match="4,000"):
        next(tab.write(ENGLISH, run_id, "", *fields(length=20_000)))


@pytest.mark.parametrize("wrong", [{"length": 99_999_999}, {"penalty_window": -1}, {"top_p": 2}])
def test_a_number_out_of_range_is_refused_in_the_visitors_language(writer, wrong):
    tab, run_id = writer
    with pytest.raises(gr.Error, match="须是"):
        next(tab.write(CHINESE, run_id, "", *fields(**wrong)))


# -- Runs -----------------------------------------------------------------------------------------


def test_the_table_has_the_visitors_own_runs_and_the_bundled_one(public):
    run_id = finished_run(public.jobs, owner_of(ANNA))
    tab = RunsTab(public)
    assert [row["id"] for row in tab.rows(ENGLISH, run_id)] == [run_id, BUNDLED]
    assert [row["id"] for row in tab.rows(OTHER, run_id)] == [BUNDLED]
    assert tab.rows(OTHER, "")[0]["actions"] == ["download"]


def test_a_run_is_renamed_packed_and_deleted_by_its_owner_only(public):
    run_id = finished_run(public.jobs, owner_of(ANNA))
    tab = RunsTab(public)
    for action in ("rename", "delete", "download", "resume", "stop", "fork"):
        with pytest.raises(gr.Error):
            tab.act(OTHER, "", None, event(action=action, run=run_id, name="mine now"))
    tab.act(ENGLISH, "", None, event(action="rename", run=run_id, name="<b>new</b>"))
    assert tab.rows(ENGLISH, "")[0]["name"] == "<b>new</b>"
    packed = tab.act(ENGLISH, "", None, event(action="download", run=run_id))[3]
    assert packed.value["path"].endswith("b-new-b.zip")
    tab.act(ENGLISH, run_id, None, event(action="delete", run=run_id))
    assert [row["id"] for row in tab.rows(ENGLISH, "")] == [BUNDLED]


@pytest.mark.parametrize("action", ["", "__init__", "rows", "drop table"])
def test_actions_that_there_are_not_are_refused(local, action):
    with pytest.raises(gr.Error):
        RunsTab(local).act(ENGLISH, "", None, event(action=action, run="a" * 26))


def test_comparing_cells_queues_one_run_per_cell(local):
    tab = RunsTab(local)
    _, started, first, key = tab.compare_cells(ENGLISH, "k" * 20, tiny_corpus(), "char", 90, "1")
    wanted = [local.jobs.open(run_id).record.wanted for run_id in started]
    assert [one.cell for one in wanted] == ["rnn", "lstm", "gru"]
    assert {one.minutes for one in wanted} == {1.0}
    assert first == started[0]
    assert key != "k" * 20
    for run_id in started:
        local.jobs.delete(run_id, LOCAL)


def test_a_visitor_who_starts_too_often_has_to_wait(public):
    most, _ = RATES["start"]
    for _ in range(most):
        public.rates.take(owner_of(ANNA), "start")
    with pytest.raises(LimitError, match="Wait"):
        public.rates.take(owner_of(ANNA), "start")
    public.rates.take(owner_of(BERT), "start")
