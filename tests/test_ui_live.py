"""What the live chart is told: everything once, then only news, whatever happens to the file."""

import json
import math

import pytest

from rnn_demo.events import (
    BaselinesMeasured,
    Evaluated,
    Failed,
    Finished,
    Progress,
    Sampled,
    Saved,
    Started,
)
from rnn_demo.ui.live import MOST_POINTS, Tail, decimate, news
from rnn_demo.ui.words import remark


def progress(step: int, nats: float = 2.0) -> Progress:
    return Progress(step, step * 0.1, step / 100, nats, 1000.0, 1e-3, 0.5, 0.0)


def evaluated(step: int, nats: float, best: bool = True) -> Evaluated:
    return Evaluated(step, step * 0.1, nats, nats / math.log(2), best)


@pytest.fixture
def log(tmp_path):
    """(a function that adds events to a file, a tail of that file)"""
    path = tmp_path / "events.jsonl"

    def add(*events):
        with path.open("a") as file:
            file.writelines(event.to_json() + "\n" for event in events)

    return add, Tail(path)


def test_a_run_without_events_yet_is_empty(tmp_path):
    tail = Tail(tmp_path / "none.jsonl")
    tail.read()
    assert news(tail, 0, 0)["next"] == 0


def test_the_first_answer_has_everything_and_the_next_only_news(log):
    add, tail = log
    add(Started(0, "cpu", 1, "2"), progress(10), evaluated(10, 2.0), Sampled(10, 1.0, "A", 0, "AB"))
    tail.read()
    first = news(tail, 0, 0)
    assert first["reset"]
    assert first["progress"]["step"] == [10]
    assert first["samples"] == [{"step": 10, "prompt": "A", "text": "AB"}]
    add(progress(20))
    tail.read()
    more = news(tail, first["next"], first["epoch"])
    assert not more["reset"]
    assert more["progress"]["step"] == [20]
    assert more["evaluated"]["step"] == []
    assert more["others"] == []


def test_a_line_that_is_being_written_waits_for_its_end(log):
    add, tail = log
    add(progress(10))
    line = progress(20).to_json()
    with tail.path.open("a") as file:
        file.write(line[:30])
    tail.read()
    assert tail.count == 1
    with tail.path.open("a") as file:
        file.write(line[30:] + "\n")
    tail.read()
    assert [row.step for _, row in tail.progress] == [10, 20]


def test_a_run_that_resumes_from_an_earlier_step_has_no_point_twice(log):
    add, tail = log
    add(Started(0, "cpu", 1, "2"), *(progress(step) for step in (10, 20, 30)), evaluated(30, 1.0))
    tail.read()
    before = news(tail, 0, 0)
    add(Started(20, "cpu", 1, "2"), progress(25), progress(30))
    tail.read()
    after = news(tail, before["next"], before["epoch"])
    assert after["reset"], "the page must forget what was overtaken"
    assert after["progress"]["step"] == [10, 20, 25, 30]
    assert after["evaluated"]["step"] == []


def test_choosing_threads_again_is_no_step_back(log):
    add, tail = log
    add(Started(0, "cpu", 1, "2"), progress(19))
    tail.read()
    epoch = tail.epoch
    add(Started(19, "cpu", 2, "2"), progress(25))
    tail.read()
    assert tail.epoch == epoch


def test_a_file_that_was_written_anew_is_read_anew(log):
    add, tail = log
    add(*(progress(step) for step in range(1, 20)))
    tail.read()
    tail.path.unlink()
    add(progress(5))
    tail.read()
    assert [row.step for _, row in tail.progress] == [5]


def test_a_page_that_claims_to_know_more_than_there_is_gets_everything(log):
    add, tail = log
    add(progress(1))
    tail.read()
    assert news(tail, 99, tail.epoch)["reset"]
    assert news(tail, -5, tail.epoch)["reset"]


def test_a_long_run_is_thinned_out_but_keeps_its_spikes_and_ends():
    rows = [progress(step) for step in range(50_000)]
    rows[33_333] = progress(33_333, 9.0)
    rows[44_444] = progress(44_444, 0.1)
    thin = decimate(rows)
    assert len(thin) <= MOST_POINTS
    steps = [row.step for row in thin]
    assert steps == sorted(set(steps))
    assert {0, 33_333, 44_444, 49_999} <= set(steps)


def test_the_answer_for_a_long_run_stays_small(log):
    add, tail = log
    add(*(progress(step, 1.23456789) for step in range(1, 20_000)))
    tail.read()
    assert len(json.dumps(news(tail, 0, 0))) < 200_000


WORSE_AND_WORSE = [evaluated(step, 2.0, False) for step in (2, 3, 4)]


@pytest.mark.parametrize(
    ("events", "key"),
    [
        ([], "preparing"),
        ([Started(0, "cpu", 1, "2")], "begun"),
        ([evaluated(5, 4.5)], "above"),
        ([evaluated(9, 3.5)], "below.uniform"),
        ([evaluated(9, 2.9)], "below.unigram"),
        ([evaluated(9, 1.7)], "below.xz"),
        ([evaluated(9, 1.2)], "below.ngram"),
        ([evaluated(1, 1.0), progress(4, 0.5), *WORSE_AND_WORSE], "memorise"),
        ([evaluated(1, 1.0), progress(4, 1.5), *WORSE_AND_WORSE], "worse"),
        ([Finished(9, 1.0, "early", 5, 1.0, 1.4)], "finished.early"),
        ([Failed(9, "no memory")], "failed"),
        ([BaselinesMeasured({"uniform": 4.0, "xz": 0.0}, 5), evaluated(9, 3.5)], "below.uniform"),
    ],
)
def test_what_happens_is_said_in_words(log, events, key):
    add, tail = log
    lines = {"uniform": 4.0, "unigram": 3.0, "xz": 2.0, "ngram": 1.5}
    if not any(isinstance(event, Finished | Failed | Started) for event in events) and events:
        add(BaselinesMeasured(lines, 5))
    add(Saved(0, 0.0), *events)
    tail.read()
    assert remark(tail)["key"] == f"js.remark.{key}"
