"""Going on is exact: paused and resumed, or never interrupted, ends in the same bits."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

from rnn_demo.errors import RunError
from rnn_demo.events import Evaluated, Event, Finished, Paused, Progress, Recovered
from rnn_demo.runs import journey, readout, run
from rnn_demo.runs.checkpoint import RunFolder
from rnn_demo.runs.soundness import check, digests
from rnn_demo.runs.store import read_folder
from rnn_demo.training import recipe, train
from tests.tiny import Wishes, finished_run, run_until, tiny_config, tiny_corpus


@pytest.fixture(autouse=True)
def _report_every_step(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(train, "REPORT_SECONDS", 0.0)
    # a clock chooses it for each run; two runs that are compared need the same
    monkeypatch.setattr(recipe, "fast_arithmetic", lambda device: "float32")
    # a read-out of the length for people would take most of the time of these tests
    monkeypatch.setattr(readout, "READ_OUT_CHARACTERS", 50)
    monkeypatch.setattr(journey, "SAMPLE_CHARACTERS", 20)


def paused_run(path: Path, step: int, **changes: object) -> RunFolder:
    wishes = Wishes()
    events = run.run(tiny_corpus(), tiny_config(**changes), path, wishes=wishes)
    seen = run_until(events, wishes, step, "pause")
    assert isinstance(seen[-1], Paused)
    assert seen[-1].step == step
    return RunFolder.open(path)


def losses(events: Iterator[Event]) -> list[tuple[int, float]]:
    return [(e.step, e.nats_per_char) for e in events if isinstance(e, Progress)]


@pytest.mark.parametrize("cell", ["rnn", "lstm", "gru"])
@pytest.mark.parametrize("dropout", [0.0, 0.2])
def test_a_paused_run_ends_in_the_same_bits(tmp_path: Path, cell: str, dropout: float) -> None:
    different = set()
    for seed in (0, 1, 2):
        settings = {"cell": cell, "dropout": dropout, "seed": seed}
        whole = finished_run(tmp_path / f"whole{seed}", **settings)
        halved = paused_run(tmp_path / f"halved{seed}", 6, **settings)
        list(run.resume(halved))
        assert digests(halved) == digests(whole)
        assert losses(halved.history()) == losses(whole.history())
        assert len(losses(whole.history())) == 12
        different.add(digests(whole)["model"])
    assert len(different) == 3  # seeds matter, or the comparison would prove nothing


@pytest.mark.parametrize("left_out", ["random", "state", "optimizer"])
def test_leaving_anything_out_of_a_checkpoint_shows(tmp_path: Path, left_out: str) -> None:
    settings = {"cell": "lstm", "dropout": 0.2}
    whole = finished_run(tmp_path / "whole", **settings)
    halved = paused_run(tmp_path / "halved", 6, **settings)
    fresh = paused_run(tmp_path / "fresh", 1, **{**settings, "seed": 9})
    _mix(halved, fresh, left_out)
    list(run.resume(halved))
    assert digests(halved)["model"] != digests(whole)["model"]


def _mix(halved: RunFolder, fresh: RunFolder, left_out: str) -> None:
    """Put a part of another checkpoint in place of the same part of this one."""
    other, _ = fresh.newest_snapshot()
    own, _ = halved.newest_snapshot()
    carried = {n: t for n, t in own.tensors["random"].items() if n.startswith("state/")}
    strange = {n: t for n, t in other.tensors["random"].items() if n.startswith("state/")}
    assert carried
    if left_out == "random":
        own.tensors["random"] = {**other.tensors["random"], **carried}
    elif left_out == "state":
        own.tensors["random"] = {**own.tensors["random"], **strange}
    else:
        own.tensors["optimizer"] = other.tensors["optimizer"]
    halved.save(own, {"step": own.record["step"]})


def test_going_on_from_the_last_but_one_checkpoint_ends_in_the_same_bits(tmp_path: Path) -> None:
    whole = finished_run(tmp_path / "whole")
    wishes = Wishes()
    path = tmp_path / "damaged"
    events = run.run(tiny_corpus(), tiny_config(), path, wishes=wishes, checkpoint_seconds=0)
    run_until(events, wishes, 6, "pause")
    folder = RunFolder.open(path)
    newest, before = folder.checkpoints.steps()[:2]
    assert (newest, before) == (6, 5)
    (folder.checkpoints.path(newest) / "optimizer.safetensors").write_bytes(b"rot")
    seen = list(run.resume(folder))
    notes = [event for event in seen if isinstance(event, Recovered)]
    assert len(notes) == 1
    assert notes[0].step == before
    assert "optimizer.safetensors" in notes[0].message
    assert digests(folder) == digests(whole)
    steps = [step for step, _ in losses(folder.history())]
    assert steps == list(range(1, 13))


def without_checkpoints(folder: RunFolder) -> RunFolder:
    for step in folder.checkpoints.steps():
        (folder.checkpoints.path(step) / "MANIFEST.json").unlink()
    return folder


def test_without_any_sound_weights_a_run_begins_anew_and_says_so(tmp_path: Path) -> None:
    whole = finished_run(tmp_path / "whole")
    folder = without_checkpoints(paused_run(tmp_path / "damaged", 6))
    (folder.best.path(folder.best.steps()[0]) / "MANIFEST.json").unlink()
    seen = list(run.resume(folder))
    assert any(isinstance(e, Recovered) and e.step == 0 for e in seen)
    assert digests(folder)["model"] == digests(whole)["model"]


def test_without_a_sound_checkpoint_a_run_begins_from_its_best_weights(tmp_path: Path) -> None:
    settings = {"steps": 200, "learning_rate": 0.02}
    folder = paused_run(tmp_path / "damaged", 150, **settings)
    best = folder.best_record()
    seen = list(run.resume(without_checkpoints(folder)))
    assert any(isinstance(e, Recovered) and str(best["step"]) in e.message for e in seen)
    first = losses(seen)[0][1]
    assert (
        first < best["nats_per_char"] + 0.3 < losses(finished_run(tmp_path / "new").history())[0][1]
    )


def test_after_damage_new_checkpoints_are_kept_whatever_the_numbers_of_the_old(
    tmp_path: Path,
) -> None:
    folder = without_checkpoints(paused_run(tmp_path / "damaged", 8))
    wishes = Wishes()
    events = run.resume(folder, wishes=wishes, checkpoint_seconds=0)
    for event in events:
        if isinstance(event, Progress) and event.step == 4:
            break
    events.close()  # as if the process had died here
    assert folder.checkpoints.steps() == [3, 2, 1]
    notes = [event for event in run.resume(folder) if isinstance(event, Recovered)]
    assert notes == []


@pytest.mark.parametrize("cell", ["rnn", "lstm", "gru"])
@pytest.mark.parametrize("ended", ["stop", "budget"])
def test_two_threads_go_on_with_the_same_dropout_after_an_end(
    tmp_path: Path, cell: str, ended: str
) -> None:
    settings = {"cell": cell, "dropout": 0.2, "threads": 2}
    whole = paused_run(tmp_path / "whole", 6, **settings)
    if ended == "stop":
        wishes = Wishes()
        events = run.run(tiny_corpus(), tiny_config(**settings), tmp_path / "o", wishes=wishes)
        run_until(events, wishes, 6, "stop")
    else:
        finished_run(tmp_path / "o", **settings, steps=6)
    expected, found = (
        folder.newest_snapshot()[0].tensors["random"]
        for folder in (whole, RunFolder.open(tmp_path / "o"))
    )
    for generator in ("gradients/dropout.0", "gradients/dropout.1"):
        assert torch.equal(found[generator], expected[generator])


def test_a_run_that_was_left_mid_way_goes_on_from_its_newest_checkpoint(tmp_path: Path) -> None:
    whole = finished_run(tmp_path / "whole")
    path = tmp_path / "left"
    events = run.run(tiny_corpus(), tiny_config(), path, checkpoint_seconds=0)
    for event in events:
        if isinstance(event, Progress) and event.step == 7:
            break
    events.close()  # as if the process had died here
    folder = RunFolder.open(path)
    assert folder.state().value == "interrupted"
    list(run.resume(folder))
    assert digests(folder) == digests(whole)


def test_a_run_that_was_left_before_its_first_checkpoint_begins_again(tmp_path: Path) -> None:
    whole = finished_run(tmp_path / "whole")
    events = run.run(tiny_corpus(), tiny_config(), tmp_path / "left", checkpoint_seconds=1000)
    assert any(isinstance(event, Evaluated) for event in events)  # so there are best weights
    events.close()
    folder = RunFolder.open(tmp_path / "left")
    assert not folder.checkpoints.steps()
    list(run.resume(folder))
    assert digests(folder) == digests(whole)


def test_damaged_best_weights_are_named_and_chosen_anew(tmp_path: Path) -> None:
    folder = paused_run(tmp_path / "run", 6)
    (folder.best.path(folder.best.steps()[0]) / "model.safetensors").write_bytes(b"rot")
    seen = list(run.resume(folder))
    assert any(isinstance(e, Recovered) and "chosen anew" in e.message for e in seen)
    assert folder.best_record()["step"] > 6
    assert [problem for _, problem in check(folder) if problem] == []


def test_a_finished_run_trains_longer_from_its_last_step(tmp_path: Path) -> None:
    folder = finished_run(tmp_path / "run")
    seen = list(run.resume(folder, steps=5))
    assert isinstance(seen[-1], Finished)
    assert seen[-1].step == 17
    assert [step for step, _ in losses(seen)] == [13, 14, 15, 16, 17]
    assert any(isinstance(event, Evaluated) for event in seen)


def test_more_minutes_are_minutes_beyond_those_already_trained(tmp_path: Path) -> None:
    folder = finished_run(tmp_path / "run")
    seconds = folder.finished().seconds
    run.extend(folder, minutes=2)
    assert folder.record.train.minutes == pytest.approx(2 + seconds / 60)
    assert folder.record.train.steps is None


def test_two_processes_cannot_train_the_same_run(tmp_path: Path) -> None:
    folder = paused_run(tmp_path / "run", 3)
    other = RunFolder.open(folder.path)
    other.take_up()
    folder.take_up = lambda: RunFolder.take_up(folder, wait=0)  # type: ignore[method-assign]
    with pytest.raises(RunError, match="another process"):
        next(run.resume(folder))
    other.lock.release()


def test_checkpoints_of_equal_state_are_equal_files(tmp_path: Path) -> None:
    first = paused_run(tmp_path / "first", 4)
    second = paused_run(tmp_path / "second", 4)
    contents = [read_folder(f.checkpoints.path(4))[0] for f in (first, second)]
    assert contents[0]["model.safetensors"] == contents[1]["model.safetensors"]
    assert contents[0]["optimizer.safetensors"] == contents[1]["optimizer.safetensors"]
