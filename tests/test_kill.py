"""Processes that are killed at any moment: SIGKILL, really. At most one interval is lost."""

import multiprocessing
import os
import random
import signal
import sys
import time
from collections.abc import Callable
from multiprocessing.context import BaseContext
from pathlib import Path

import pytest

from rnn_demo.config import ModelConfig, TrainConfig
from rnn_demo.events import Evaluated, Planned, Progress, Saved, Started, TokenizerLearned
from rnn_demo.runs import run
from rnn_demo.runs.checkpoint import RunFolder
from rnn_demo.runs.record import RunRecord, new_id
from rnn_demo.runs.soundness import check, digests
from rnn_demo.runs.states import RunState
from rnn_demo.text import tokenizer
from tests import killing
from tests.tiny import tiny_config, tiny_corpus

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")


@pytest.fixture(scope="module")
def context() -> BaseContext:
    """Children that find torch imported already."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.killing"])
    return context


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    """The run that nobody interrupted."""
    path = tmp_path_factory.mktemp("whole") / "run"
    process = multiprocessing.get_context("forkserver").Process(
        target=killing.train_on, args=[new_run(path).path]
    )
    process.start()
    process.join(60)
    assert process.exitcode == 0
    return RunFolder.open(path)


def new_run(path: Path) -> RunFolder:
    text, wanted = tiny_corpus(), tiny_config(steps=20)
    record = RunRecord(id=new_id(), wanted=wanted, corpus=text.report.to_json())
    folder = RunFolder.create(path, record, text.text)
    words = tokenizer.learn("char", text.text)
    folder.save_tokenizer(words)
    model = ModelConfig(
        vocab_size=words.vocab_size, cell="lstm", embedding_size=4, hidden_size=8, dropout=0.2
    )
    plan = TrainConfig(
        minutes=None,
        steps=20,
        batch_size=4,
        sequence_length=8,
        evaluations=3,
        threads=1,
        arithmetic="float32",
    )
    folder.save_plan(model, plan, [])
    return folder


def start(context: BaseContext, target: Callable, *arguments: object) -> multiprocessing.Process:
    process = context.Process(target=target, args=arguments)  # type: ignore[attr-defined]
    process.start()
    return process


def wait_until(true: Callable[[], bool], seconds: float = 30) -> None:
    until = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < until, "it never happened"
        time.sleep(0.002)


def hold_against_the_promise(folder: RunFolder) -> None:
    """Nothing damaged, nothing durable lost, the curve an exact prefix."""
    _, wrong = folder.newest_snapshot()
    assert wrong == []
    steps = folder.checkpoints.steps()
    history = folder.history()
    durable = [event.step for event in folder.events() if isinstance(event, Saved)]
    reached = [event.step for event in history if isinstance(event, Progress)]
    assert reached == sorted(set(reached))
    if durable:
        assert steps[0] >= max(durable)
        assert (
            max(reached, default=0) - steps[0] <= 1
        )  # a checkpoint after every step: one interval


def test_a_run_that_is_killed_again_and_again_ends_in_the_same_bits(
    tmp_path: Path, context: BaseContext, whole: RunFolder
) -> None:
    folder = new_run(tmp_path / "run")
    chance = random.Random(7)
    for _ in range(6):
        before = len(folder.events())
        process = start(context, killing.train_on, folder.path)
        wait_until(lambda before=before: len(folder.events()) > before + 2)
        assert folder.state() in (RunState.RUNNING, RunState.STARTING)
        time.sleep(chance.random() * 0.05)
        os.kill(process.pid, signal.SIGKILL)
        process.join(10)
        assert folder.state() is RunState.INTERRUPTED
        hold_against_the_promise(RunFolder.open(folder.path))
    last = start(context, killing.train_on, folder.path)
    last.join(60)
    assert last.exitcode == 0
    fresh = RunFolder.open(folder.path)
    assert fresh.state() is RunState.FINISHED
    assert digests(fresh) == digests(whole)
    losses = [[e for e in f.history() if isinstance(e, Evaluated)] for f in (fresh, whole)]
    assert [e.nats_per_char for e in losses[0]] == [e.nats_per_char for e in losses[1]]


def test_a_kill_within_any_operation_on_the_disk_loses_at_most_one_interval(
    tmp_path: Path, context: BaseContext, whole: RunFolder
) -> None:
    numbers = range(1, 71, 4)  # over the beginning, a best and some checkpoints
    waiting = list(numbers)
    running: list[tuple[multiprocessing.Process, Path]] = []
    while waiting or running:
        while waiting and len(running) < 2:
            number = waiting.pop()
            path = new_run(tmp_path / f"{number}").path
            running.append((start(context, killing.train_until_operation, path, number), path))
        process, path = running.pop(0)
        process.join(30)
        assert process.exitcode == -signal.SIGKILL
        hold_against_the_promise(RunFolder.open(path))
        assert [found for found in check(RunFolder.open(path)) if found[1]] == []


@pytest.mark.parametrize("number", [5, 23, 40, 58])
def test_after_a_kill_within_an_operation_the_run_ends_in_the_same_bits(
    tmp_path: Path, context: BaseContext, whole: RunFolder, number: int
) -> None:
    folder = new_run(tmp_path / "run")
    first = start(context, killing.train_until_operation, folder.path, number)
    first.join(30)
    assert first.exitcode == -signal.SIGKILL
    second = start(context, killing.train_on, folder.path)
    second.join(60)
    assert second.exitcode == 0
    assert digests(RunFolder.open(folder.path)) == digests(whole)
    assert not list(folder.path.rglob(".tmp-*"))


def test_the_lock_of_a_killed_process_is_free_at_once(tmp_path: Path, context: BaseContext) -> None:
    folder = new_run(tmp_path / "run")
    process = start(context, killing.train_on, folder.path)
    wait_until(folder.alive)
    os.kill(process.pid, signal.SIGKILL)
    process.join(10)
    assert not folder.alive()
    folder.take_up(wait=0)
    folder.lock.release()


def test_a_run_that_never_began_is_begun_by_resume_and_tells_what_was_prepared_for_it(
    tmp_path: Path,
) -> None:
    folder = new_run(tmp_path / "run")
    events = run.resume(folder)
    assert [type(next(events)) for _ in range(3)] == [TokenizerLearned, Planned, Started]
    events.close()
