"""Runs in the background: the queue, the owners, the limits, and real workers."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace as changed
from pathlib import Path

import pytest

from rnn_demo import bundle
from rnn_demo.config import RunConfig
from rnn_demo.errors import ConfigError, LimitError, RunError
from rnn_demo.events import Failed, Finished, Progress, Saved, Started
from rnn_demo.jobs.jobs import LOCAL, Jobs, Limits, RunState, Status, owner_of, view
from rnn_demo.jobs.processes import exit_message
from rnn_demo.jobs.worker import NICE, clean_environment
from rnn_demo.runs import run as journey
from rnn_demo.runs.changes import same_network
from rnn_demo.runs.checkpoint import RunFolder
from rnn_demo.runs.states import BUTTONS
from rnn_demo.text.corpus import read_text
from tests.tiny import finished_run, tiny_config, tiny_corpus

ROOT = Path(__file__).parent.parent
ALICE, BOB = owner_of("the secret of Alice"), owner_of("the secret of Bob")


class HandWorkers:
    """In the place of processes: a test says when a worker takes a run up, and when it ends."""

    def __init__(self, slots: int = 1) -> None:
        self.slots = slots
        self.at: dict[str, RunFolder] = {}
        self.started: list[str] = []
        self.over: list[tuple[str, int]] = []
        self.warm = self.looks = 0
        self.broken = False
        self.before = 0.0

    def seconds_before(self, run_id: str) -> float:
        return self.before

    def count(self) -> int:
        return len(self.at)

    def free(self) -> bool:
        return len(self.at) < self.slots

    def has(self, run_id: str) -> bool:
        return run_id in self.at

    def running(self) -> list[str]:
        return list(self.at)

    def start(self, run_id: str, path: Path, seconds: float) -> None:
        assert run_id not in self.at, "two workers on one run"
        if self.broken:
            self.broken = False
            raise OSError(12, "Cannot allocate memory")
        self.before = seconds
        self.at[run_id] = RunFolder(path)
        self.started.append(run_id)
        self.warm = 0

    def take_up(self, run_id: str) -> None:
        folder = self.at[run_id]
        folder.take_up(wait=0)
        folder.append(Started(0, "cpu", 1, "2"))
        folder.append(Progress(5, 1.0, 0.5, 2.0, 100.0, 1e-3, 1.0, 0.0))

    def end(self, run_id: str, event: object = None, code: int = 0) -> None:
        folder = self.at.pop(run_id)
        if event:
            folder.append(event)
        folder.lock.release()
        self.over.append((run_id, code))

    def ended(self) -> list[tuple[str, int]]:
        self.looks += 1
        over, self.over = self.over, []
        return over

    def kill(self, run_id: str) -> None:
        if run_id in self.at:
            self.end(run_id, code=-9)

    def warmth_is_missing(self) -> bool:
        return self.warm == 0

    def warm_up(self) -> None:
        self.warm += 1

    def write_exit(self, folder: RunFolder, code: int) -> None: ...

    def close(self) -> None:
        for run_id in list(self.at):
            self.end(run_id)


@pytest.fixture
def workers() -> HandWorkers:
    return HandWorkers()


@pytest.fixture
def jobs(tmp_path: Path, workers: HandWorkers) -> Iterator[Jobs]:
    jobs = Jobs(tmp_path / "runs", processes=workers)
    yield jobs
    jobs.close()


def submit(jobs: Jobs, owner: str = LOCAL, key: str | None = None, **changes: object) -> str:
    return jobs.submit(tiny_corpus(), tiny_config(**changes), owner, key)


def wait_until(true: Callable[[], bool], seconds: float = 30) -> None:
    until = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < until, "it never happened"
        time.sleep(0.01)


def reaches(jobs: Jobs, run_id: str, *states: str, seconds: float = 40) -> None:
    wait_until(lambda: jobs.status(run_id).state.value in states, seconds)


FINISHED = Finished(5, 1.0, "budget", 5, 2.0, 3.0)


def test_one_run_is_trained_and_the_others_wait_in_order(jobs: Jobs, workers: HandWorkers) -> None:
    first, second, third = (submit(jobs) for _ in range(3))
    wait_until(lambda: workers.started == [first])
    assert jobs.status(first).state is RunState.STARTING
    assert [jobs.status(run_id).position for run_id in (second, third)] == [1, 2]
    assert jobs.counts() == (1, 2)
    workers.take_up(first)
    assert jobs.status(first).state is RunState.RUNNING
    workers.end(first, FINISHED)
    wait_until(lambda: workers.started == [first, second])
    assert jobs.status(first).state is RunState.FINISHED
    assert jobs.status(third).position == 1


def test_the_next_worker_gets_warm_once_the_training_stops(
    jobs: Jobs, workers: HandWorkers
) -> None:
    wait_until(lambda: workers.warm == 1)
    run_id = submit(jobs)
    wait_until(lambda: workers.started == [run_id])
    workers.take_up(run_id)
    before = workers.looks
    wait_until(lambda: workers.looks > before + 1)
    assert workers.warm == 0  # nobody takes time from a training
    jobs.stop(run_id, LOCAL)
    wait_until(lambda: workers.warm == 1)
    assert jobs.counts() == (1, 0)  # the first one is still at its last words


def test_a_worker_that_cannot_be_started_leaves_the_run_in_the_queue(
    jobs: Jobs, workers: HandWorkers
) -> None:
    workers.broken = True
    run_id = submit(jobs)
    wait_until(lambda: workers.started == [run_id])
    assert not workers.broken


@pytest.mark.parametrize(("before", "want"), [(0.0, "stop"), (200.0, "run")])
def test_a_run_may_be_trained_so_long_in_one_go(tmp_path: Path, before: float, want: str) -> None:
    workers = HandWorkers()
    jobs = Jobs(tmp_path / "runs", Limits(minutes=2), processes=workers)
    run_id = submit(jobs)
    wait_until(lambda: workers.started == [run_id])
    workers.before = before
    workers.take_up(run_id)
    workers.at[run_id].append(Progress(9, 210.0, 0.5, 2.0, 100.0, 1e-3, 1.0, 0.0))
    jobs._next_check = 0.0
    jobs._hold_to_limits()
    assert workers.at[run_id].control().want == want
    jobs.close()


def test_a_run_that_was_damaged_is_in_nobody_elses_way(jobs: Jobs) -> None:
    hers, his = submit(jobs, ALICE), submit(jobs, BOB)
    (jobs.open(hers).path / "run.json").unlink()
    assert [status.id for status in jobs.list(BOB)] == [his]
    assert jobs.list(ALICE) == []
    submit(jobs, BOB)
    submit(jobs, ALICE)


def test_the_same_key_makes_one_run_however_often_and_fast_it_comes(jobs: Jobs) -> None:
    found: set[str] = set()
    threads = [
        threading.Thread(target=lambda: found.add(submit(jobs, ALICE, "click"))) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 1
    assert len(jobs.list(ALICE)) == 1
    assert submit(jobs, BOB, "click") not in found  # another's key is another's


def test_a_key_still_holds_after_a_restart(tmp_path: Path) -> None:
    for _ in range(2):
        jobs = Jobs(tmp_path, processes=HandWorkers())
        run_id = submit(jobs, ALICE, "click")
        assert len(jobs.list(ALICE)) == 1
        assert jobs.open(run_id, ALICE)
        jobs.close()


WISHES: dict[str, Callable[[Jobs, str, str], object]] = {
    "open": lambda jobs, run_id, owner: jobs.open(run_id, owner),
    "pause": lambda jobs, run_id, owner: jobs.pause(run_id, owner),
    "resume": lambda jobs, run_id, owner: jobs.resume(run_id, owner),
    "stop": lambda jobs, run_id, owner: jobs.stop(run_id, owner),
    "sample": lambda jobs, run_id, owner: jobs.sample(run_id, owner),
    "extend": lambda jobs, run_id, owner: jobs.extend(run_id, owner, minutes=1),
    "retry": lambda jobs, run_id, owner: jobs.retry(run_id, owner, 0.001),
    "rename": lambda jobs, run_id, owner: jobs.rename(run_id, owner, "mine now"),
    "fork": lambda jobs, run_id, owner: jobs.fork(run_id, owner),
    "delete": lambda jobs, run_id, owner: jobs.delete(run_id, owner),
}


@pytest.mark.parametrize("wish", WISHES)
def test_not_yours_and_not_there_have_the_same_answer(jobs: Jobs, wish: str) -> None:
    run_id = submit(jobs, ALICE)
    answers = set()
    for asked, owner in ((run_id, BOB), (run_id, ""), ("a" * 26, BOB), ("../" + run_id, ALICE)):
        with pytest.raises(RunError) as error:
            WISHES[wish](jobs, asked, owner)
        answers.add(str(error.value))
    assert len(answers) == 1
    assert jobs.status(run_id).name == "harbour.txt"
    assert jobs.list(BOB) == []


def test_the_person_at_the_machine_owns_everything(jobs: Jobs) -> None:
    theirs, own = submit(jobs, ALICE), submit(jobs, LOCAL)
    assert {status.id for status in jobs.list(LOCAL)} == {theirs, own}
    assert {status.id for status in jobs.list(ALICE)} == {theirs}
    jobs.rename(theirs, LOCAL, "renamed")


def test_a_secret_is_stored_nowhere(jobs: Jobs) -> None:
    submit(jobs, ALICE)
    for path in jobs.root.rglob("*"):
        if path.is_file():
            assert b"the secret of Alice" not in path.read_bytes()


def test_a_queued_run_can_be_paused_stopped_and_deleted(jobs: Jobs, workers: HandWorkers) -> None:
    first, second, third, fourth = (submit(jobs) for _ in range(4))
    wait_until(lambda: workers.started == [first])
    jobs.pause(second, LOCAL)
    jobs.stop(third, LOCAL)
    jobs.delete(fourth, LOCAL)
    assert jobs.status(second).state is RunState.PAUSED
    assert jobs.status(third).state is RunState.STOPPED
    assert not (jobs.root / fourth).exists()
    jobs.resume(second, LOCAL)
    assert jobs.status(second).state is RunState.QUEUED
    assert jobs.counts() == (1, 1)


def test_a_begun_run_that_is_stopped_behind_another_can_still_be_taken_back(
    jobs: Jobs, workers: HandWorkers
) -> None:
    begun = submit(jobs, steps=50)
    wait_until(lambda: workers.started == [begun])
    folder = workers.at[begun]
    for event in journey.resume(folder, asked=True, checkpoint_seconds=0):
        if isinstance(event, Saved):
            break
    workers.end(begun)
    other = submit(jobs)
    wait_until(lambda: workers.started == [begun, other])
    assert jobs.status(begun).state is RunState.INTERRUPTED
    jobs.stop(begun, LOCAL)
    behind = jobs.status(begun)
    assert (behind.state, behind.position) == (RunState.STOPPING, 1)
    assert view(behind, True).can_start
    assert view(behind, True).shows("resume")
    assert not view(behind, False).shows("resume")
    jobs.resume(begun, LOCAL)
    assert jobs.status(begun).state is RunState.QUEUED
    jobs.stop(begun, LOCAL)
    workers.end(other)
    wait_until(lambda: workers.started == [begun, other, begun])
    assert (jobs.status(begun).state, jobs.status(begun).position) == (RunState.STOPPING, 0)
    assert not view(jobs.status(begun), True).can_start


def test_asking_twice_changes_nothing(jobs: Jobs, workers: HandWorkers) -> None:
    run_id = submit(jobs)
    wait_until(lambda: workers.has(run_id))
    workers.take_up(run_id)
    for _ in range(2):
        jobs.resume(run_id, LOCAL)
        assert jobs.status(run_id).state is RunState.RUNNING
    for _ in range(2):
        jobs.pause(run_id, LOCAL)
        assert jobs.status(run_id).state is RunState.PAUSING
    for _ in range(2):
        jobs.stop(run_id, LOCAL)
        assert jobs.status(run_id).state is RunState.STOPPING
    assert workers.started == [run_id]


def test_resume_while_it_is_pausing_goes_on_once_the_worker_has_ended(
    jobs: Jobs, workers: HandWorkers
) -> None:
    run_id = submit(jobs)
    wait_until(lambda: workers.has(run_id))
    workers.take_up(run_id)
    jobs.pause(run_id, LOCAL)
    jobs.resume(run_id, LOCAL)
    assert jobs.status(run_id).state is RunState.RUNNING
    workers.end(run_id)
    wait_until(lambda: workers.started == [run_id, run_id])
    workers.take_up(run_id)
    assert jobs.status(run_id).state is RunState.RUNNING


def test_a_worker_that_dies_before_it_says_a_word_leaves_no_stuck_run(
    jobs: Jobs, workers: HandWorkers
) -> None:
    run_id = submit(jobs)
    wait_until(lambda: workers.has(run_id))
    workers.end(run_id, code=1)
    reaches(jobs, run_id, "interrupted")
    jobs.resume(run_id, LOCAL)
    wait_until(lambda: workers.has(run_id))
    assert jobs.status(run_id).state is RunState.STARTING


def test_a_restart_keeps_the_queue_and_shows_the_rest_as_interrupted(tmp_path: Path) -> None:
    workers = HandWorkers()
    jobs = Jobs(tmp_path, processes=workers)
    ids = [submit(jobs) for _ in range(3)]
    wait_until(lambda: workers.has(ids[0]))
    workers.take_up(ids[0])
    jobs.close()
    again = Jobs(tmp_path, processes=HandWorkers(slots=0))
    assert again.status(ids[0]).state is RunState.INTERRUPTED
    assert [again.status(run_id).position for run_id in ids[1:]] == [1, 2]
    again.close()


def test_two_servers_cannot_use_the_same_runs(jobs: Jobs) -> None:
    with pytest.raises(RunError, match="Another server"):
        Jobs(jobs.root, processes=HandWorkers())


def test_what_lies_in_the_folder_and_is_no_run_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / ("b" * 26)).mkdir()
    (tmp_path / "notes").mkdir()
    (tmp_path / ("c" * 26)).mkdir()
    (tmp_path / ("c" * 26) / "run.json").write_text("{")
    jobs = Jobs(tmp_path, processes=HandWorkers())
    assert jobs.list(LOCAL) == []
    jobs.close()
    assert (tmp_path / ("c" * 26) / "run.json").exists()


@pytest.mark.parametrize(
    ("limits", "changes", "words"),
    [
        ({"characters": 1000}, {}, "characters"),
        ({"parameters": 1000}, {"hidden": 500}, "weights"),
        ({"run_bytes": 1000}, {}, "disk"),
        ({"step_bytes": 1_000_000}, {"batch": 512, "length": 512}, "MB of memory"),
        ({"minutes": 5}, {"steps": None, "minutes": 6}, "minutes"),
        ({"steps": 5}, {"steps": 6}, "steps"),
        ({"queue": 0}, {}, "queue is full"),
        ({"runs_per_owner": 0}, {}, "Delete one"),
        ({"waiting_per_owner": 0}, {}, "Wait for one"),
        ({"total_bytes": 0}, {}, "fill their space"),
    ],
)
def test_limits_refuse_with_the_reason_and_make_nothing(
    tmp_path: Path, limits: dict, changes: dict, words: str
) -> None:
    jobs = Jobs(tmp_path, Limits(**limits), processes=HandWorkers())
    with pytest.raises(LimitError, match=words):
        submit(jobs, ALICE, **changes)
    assert jobs.list(LOCAL) == []
    jobs.close()


def test_all_who_come_from_one_address_share_a_part_of_the_queue(tmp_path: Path) -> None:
    jobs = Jobs(tmp_path, Limits(waiting_per_address=2), processes=HandWorkers(slots=0))
    for owner in (ALICE, BOB):
        jobs.submit(tiny_corpus(), tiny_config(), owner, address="1.2.3.4")
    with pytest.raises(LimitError, match="from your network"):
        jobs.submit(tiny_corpus(), tiny_config(), owner_of("c" * 30), address="1.2.3.4")
    assert jobs.submit(tiny_corpus(), tiny_config(), owner_of("c" * 30), address="5.6.7.8")
    jobs.close()


def test_to_go_on_needs_a_place_in_the_queue_like_a_start(tmp_path: Path) -> None:
    jobs = Jobs(tmp_path, Limits(waiting_per_owner=1), processes=HandWorkers(slots=0))
    first = submit(jobs, ALICE)
    jobs.pause(first, ALICE)
    submit(jobs, ALICE)
    with pytest.raises(LimitError, match="Wait for one"):
        jobs.resume(first, ALICE)
    jobs.close()


def test_a_run_that_goes_on_does_not_stand_in_its_own_way(tmp_path: Path) -> None:
    jobs = Jobs(tmp_path, Limits(waiting_per_owner=1), processes=HandWorkers())
    run_id = submit(jobs, ALICE)
    wait_until(lambda: jobs.processes.has(run_id))
    jobs.processes.take_up(run_id)
    jobs.pause(run_id, ALICE)
    assert jobs.status(run_id).state is RunState.PAUSING
    jobs.resume(run_id, ALICE)
    jobs.close()


def test_nobody_fills_the_queue_by_pausing_and_resuming(tmp_path: Path) -> None:
    jobs = Jobs(tmp_path, Limits(waiting_per_address=2), processes=HandWorkers(slots=0))
    owners = [owner_of(letter * 30) for letter in "abc"]
    runs = []
    for owner in owners:
        runs.append(jobs.submit(tiny_corpus(), tiny_config(), owner, address="1.2.3.4"))
        jobs.pause(runs[-1], owner)
    for run_id, owner in zip(runs[:2], owners[:2], strict=True):
        jobs.resume(run_id, owner)
    with pytest.raises(LimitError, match="from your network"):
        jobs.resume(runs[2], owners[2])
    jobs.close()


@pytest.mark.parametrize("limit", ["waiting_per_owner", "runs_per_owner", "queue"])
def test_several_runs_are_queued_together_or_not_at_all(tmp_path: Path, limit: str) -> None:
    jobs = Jobs(tmp_path, Limits(**{limit: 3}), processes=HandWorkers(slots=0))
    wanted = [RunConfig(steps=5, cell=cell) for cell in ("rnn", "lstm", "gru")]
    made = jobs.submit_all(tiny_corpus(), wanted, ALICE, "k" * 20)
    assert jobs.submit_all(tiny_corpus(), wanted, ALICE, "k" * 20) == made
    jobs.delete(made[0], ALICE)
    with pytest.raises(LimitError):
        jobs.submit_all(tiny_corpus(), wanted, ALICE, "another key of two clicks")
    assert len(jobs.list(LOCAL)) == 2
    jobs.close()


def test_old_idle_runs_of_visitors_make_way_when_space_is_needed(tmp_path: Path) -> None:
    limits = Limits(total_bytes=1, keep_hours=1)
    jobs = Jobs(tmp_path, Limits(), processes=HandWorkers(slots=0))
    old = submit(jobs, ALICE)
    jobs.stop(old, ALICE)
    jobs.open(old).rewrite(created=time.time() - 7200)
    jobs.close()
    jobs = Jobs(tmp_path, limits, processes=HandWorkers(slots=0))
    young = submit(jobs, BOB)
    assert [status.id for status in jobs.list(LOCAL)] == [young]
    with pytest.raises(LimitError):
        submit(jobs, BOB)
    jobs.close()


def test_limits_follow_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RNN_DEMO_MINUTES", "2.5")
    monkeypatch.setenv("RNN_DEMO_QUEUE", "3")
    limits = Limits.public().with_environment()
    assert (limits.minutes, limits.queue) == (2.5, 3)
    for wrong in ("many", "-1", "2.5"):
        monkeypatch.setenv("RNN_DEMO_QUEUE", wrong)
        with pytest.raises(ConfigError, match="RNN_DEMO_QUEUE"):
            Limits().with_environment()
    monkeypatch.setenv("RNN_DEMO_QUEUE", "3")
    monkeypatch.setenv("RNN_DEMO_MINUTES", "nan")
    with pytest.raises(ConfigError, match="RNN_DEMO_MINUTES"):
        Limits().with_environment()


@pytest.mark.parametrize(
    "name", ["../../etc/passwd", "<img onerror=1>", "a" * 300, "x\0y\n \u202ez"]
)
def test_a_name_is_only_a_label(jobs: Jobs, name: str) -> None:
    run_id = submit(jobs)
    jobs.rename(run_id, LOCAL, name)
    assert len(jobs.status(run_id).name) <= 80
    assert not set(jobs.status(run_id).name) & set("\0\n\u202e")
    assert {path.name for path in jobs.root.iterdir()} == {run_id, ".server.lock"}


def test_runs_of_one_owner_can_be_told_apart_by_their_names(jobs: Jobs) -> None:
    anna, bert = owner_of("a" * 32), owner_of("b" * 32)

    def name(owner: str, wanted: str) -> str:
        return jobs.status(submit(jobs, owner, name=wanted)).name

    assert [name(anna, "tale") for _ in range(3)] == ["tale", "tale 2", "tale 3"]
    assert name(bert, "tale") == "tale"
    assert [name(bert, "x" * 80) for _ in range(2)] == ["x" * 80, "x" * 75 + " 2"]


def test_a_failed_run_offers_a_lower_rate_and_goes_on_with_it(
    jobs: Jobs, workers: HandWorkers
) -> None:
    run_id = submit(jobs)
    wait_until(lambda: workers.has(run_id))
    workers.take_up(run_id)
    workers.end(run_id, Failed(7, "The loss exploded.", 0.001))
    reaches(jobs, run_id, "failed")
    status = jobs.status(run_id)
    assert (status.message, status.retry_learning_rate) == ("The loss exploded.", 0.001)
    assert view(status, True).shows("retry")
    jobs.retry(run_id, LOCAL)
    wait_until(lambda: workers.has(run_id))
    assert jobs.open(run_id).record.wanted.learning_rate == 0.001


def test_a_loaded_network_is_forked_onto_a_text_within_this_servers_limits(
    tmp_path: Path, workers: HandWorkers
) -> None:
    bundle.write_bundle(finished_run(tmp_path / "runs" / "one", steps=4), tmp_path / "bundle")
    adopted = bundle.adopt(bundle.read_bundle(tmp_path / "bundle"), tmp_path, name="Loaded")
    adopted.rewrite(wanted=changed(adopted.record.wanted, minutes=99, steps=None))
    jobs = Jobs(tmp_path, Limits(minutes=2), processes=workers)
    assert not {"extend", "resume"} & view(jobs.status(adopted.id), True).buttons
    with pytest.raises(RunError, match="Begin a new run"):
        jobs.extend(adopted.id, LOCAL, steps=1)
    with pytest.raises(RunError, match="Choose a text"):
        jobs.fork(adopted.id, LOCAL)
    child = jobs.open(jobs.fork(adopted.id, LOCAL, corpus=tiny_corpus()))
    assert (child.text(), child.record.parent) == (tiny_corpus().text, adopted.id)
    assert child.record.wanted.minutes == 2
    jobs.close()
    next(e for e in journey.resume(child) if isinstance(e, Progress))
    start = child.start_weights()
    assert all((start[n] == t).all() for n, t in adopted.best_model().state_dict().items())


def test_a_network_is_not_put_on_a_text_that_it_cannot_read(
    tmp_path: Path, workers: HandWorkers
) -> None:
    finished_run(tmp_path / ("a" * 26), steps=4)
    jobs = Jobs(tmp_path, processes=workers)
    foreign = read_text("一二三四五六七八九十" * 40, "numbers")
    with pytest.raises(RunError, match=r"0\.0% of the characters"):
        jobs.fork("a" * 26, LOCAL, corpus=foreign)
    assert [status.id for status in jobs.list(LOCAL)] == ["a" * 26]
    jobs.close()


def test_a_fork_keeps_text_weights_and_settings(tmp_path: Path, workers: HandWorkers) -> None:
    parent = finished_run(tmp_path / ("a" * 26), steps=4)
    jobs = Jobs(tmp_path, processes=workers)
    child = jobs.open(jobs.fork("a" * 26, LOCAL))
    assert child.text() == parent.text()
    assert child.record.parent == parent.record.id
    assert child.record.wanted.steps == 4
    with pytest.raises(ConfigError, match="hidden"):
        same_network(parent, tiny_config(hidden=16))
    jobs.close()
    first = next(e for e in journey.resume(child) if isinstance(e, Progress))
    start = child.start_weights()
    assert all((start[n] == t).all() for n, t in parent.best_model().state_dict().items())
    assert first.nats_per_char < 3.0  # not what a fresh network would begin at


# -- the view -----------------------------------------------------------------------------------


def status(state: str, **changes: object) -> Status:
    return Status(
        id="a" * 26,
        state=RunState(state),
        **{"step": 9, "best_step": 5, "saved_step": 9, **changes},
    )


def test_every_state_has_a_label_buttons_and_a_chart() -> None:
    for state in RunState:
        seen = view(status(state.value), True)
        assert seen.label == f"state.{state.value}"
        assert seen.buttons <= BUTTONS[state]
        assert seen.shows("delete")
        assert seen.chart in ("live", "still")
    assert view(None, True).chart == "empty"


def test_who_does_not_own_a_run_may_only_take_what_is_finished() -> None:
    for state in RunState:
        assert view(status(state.value), False).buttons <= {"download"}


def test_there_is_always_a_way_on() -> None:
    for state in ("paused", "interrupted", "stopped", "failed"):
        assert view(status(state), True).shows("resume")
    assert view(status("finished"), True).shows("extend")
    assert view(status("finished", saved_step=None), True).shows("fork")  # a loaded network
    assert view(status("failed"), True).can_start
    assert not view(status("running"), True).can_start


def test_nothing_can_be_taken_from_a_run_without_weights() -> None:
    seen = view(status("interrupted", step=0, best_step=0), True)
    assert not seen.shows("download")
    assert not seen.shows("fork")
    assert seen.chart == "empty"


# -- processes ------------------------------------------------------------------------------------


def test_a_worker_knows_none_of_the_servers_secrets() -> None:
    environment = {"PATH": "/bin", "HF_TOKEN": "x", "OAUTH_CLIENT_SECRET": "x", "MY_API_KEY": "x"}
    assert clean_environment(environment) == {"PATH": "/bin"}


def test_exit_codes_are_put_into_words() -> None:
    assert "memory" in exit_message(-9)
    assert "signal 11" in exit_message(-11)
    assert exit_message(0) == ""


@pytest.fixture
def real(tmp_path: Path) -> Iterator[Jobs]:
    jobs = Jobs(tmp_path / "runs", warm=False, checkpoint_seconds=0.1)
    yield jobs
    jobs.close()


def gives_way(worker: int) -> None:
    """The worker, and its session where Linux shares the time among sessions, are nice."""
    mine = os.getpriority(os.PRIO_PROCESS, 0)
    assert os.getpriority(os.PRIO_PROCESS, worker) == min(19, mine + NICE)
    group = Path(f"/proc/{worker}/autogroup")
    if group.exists():
        assert group.read_text().split()[-1] == str(NICE)


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
def test_a_life_with_real_workers(real: Jobs) -> None:
    run_id = submit(real, steps=1_000_000, dropout=0.1)
    folder = real.open(run_id)
    reaches(real, run_id, "running")
    wait_until(lambda: real.status(run_id).step > 20)
    gives_way(folder.worker_pid())

    real.pause(run_id, LOCAL)
    reaches(real, run_id, "paused")
    paused_at = real.status(run_id).step
    assert folder.checkpoints.steps()[0] == paused_at

    real.resume(run_id, LOCAL)
    wait_until(lambda: real.status(run_id).step > paused_at)
    assert real.status(run_id).state is RunState.RUNNING

    os.kill(folder.worker_pid(), signal.SIGKILL)
    reaches(real, run_id, "interrupted", seconds=5)
    wait_until(lambda: "memory" in real.status(run_id).message)
    assert view(real.status(run_id), True).shows("resume")

    real.stop(run_id, LOCAL)  # of an interrupted run: a worker reads out what it has learned
    reaches(real, run_id, "stopped")
    assert real.status(run_id).validation_bits_per_char > 0
    assert (folder.path / "worker.log").exists()

    real.extend(run_id, LOCAL, steps=5)
    reaches(real, run_id, "finished")
    steps = [event.step for event in folder.history() if isinstance(event, Progress)]
    assert steps == sorted(set(steps))
    real.delete(run_id, LOCAL)
    assert real.list(LOCAL) == []


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
def test_when_the_server_is_killed_its_worker_saves_and_ends(tmp_path: Path) -> None:
    server = subprocess.Popen(
        [sys.executable, "-m", "tests.serving", str(tmp_path)],
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )
    run_id = server.stdout.readline().strip()
    folder = RunFolder.open(tmp_path / run_id)
    wait_until(lambda: folder.state() is RunState.RUNNING and bool(folder.best.steps()), 60)
    os.kill(server.pid, signal.SIGKILL)
    server.wait(10)
    server.stdout.close()
    wait_until(lambda: not folder.alive(), 6)
    assert folder.state() is RunState.INTERRUPTED
    last_step = [e.step for e in folder.history() if isinstance(e, Progress)][-1]
    assert folder.checkpoints.steps()[0] >= last_step

    jobs = Jobs(tmp_path, warm=False)
    assert jobs.status(run_id).state is RunState.INTERRUPTED
    jobs.resume(run_id, LOCAL)
    wait_until(lambda: jobs.status(run_id).step > last_step, 60)
    jobs.close()
    assert folder.state() is RunState.INTERRUPTED
