"""The whole journey, on real tiny texts."""

import errno
import math
from pathlib import Path

import pytest
import torch

import rnn_demo
from rnn_demo.bundle.facts import facts
from rnn_demo.errors import ConfigError, RunError, TrainingError
from rnn_demo.events import (
    BaselinesMeasured,
    Evaluated,
    Failed,
    Finished,
    Paused,
    Planned,
    Progress,
    Sampled,
    Saved,
    Started,
    TokenizerLearned,
)
from rnn_demo.runs import journey, readout, run
from rnn_demo.runs.checkpoint import RunFolder
from rnn_demo.runs.files import Files
from rnn_demo.runs.record import Control
from rnn_demo.runs.soundness import check, digests
from rnn_demo.runs.states import RunState
from rnn_demo.text import corpus
from rnn_demo.training import recipe, train
from tests.tiny import Wishes, finished_run, run_until, tiny_config, tiny_corpus


@pytest.fixture(autouse=True)
def _report_every_step(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(train, "REPORT_SECONDS", 0.0)
    # a clock chooses it for each run; two runs that are compared need the same
    monkeypatch.setattr(recipe, "fast_arithmetic", lambda device: "float32")
    monkeypatch.setattr(readout, "READ_OUT_CHARACTERS", 100)
    monkeypatch.setattr(journey, "SAMPLE_CHARACTERS", 30)


def events_of(path: Path, wishes: Wishes | None = None, **changes: object) -> list:
    return list(run.run(tiny_corpus(), tiny_config(**changes), path, wishes=wishes))


def test_a_run_tells_its_story_in_order_and_keeps_it(tmp_path: Path) -> None:
    seen = events_of(tmp_path / "run")
    kinds = [type(event) for event in seen]
    assert kinds[:3] == [TokenizerLearned, Planned, Started]
    assert kinds[-2:] == [Saved, Finished]
    assert {Progress, BaselinesMeasured, Evaluated, Sampled} <= set(kinds)
    assert RunFolder.open(tmp_path / "run").events() == seen


def test_every_figure_of_the_read_out_is_there(tmp_path: Path) -> None:
    folder = finished_run(tmp_path / "run")
    found = run.summary(folder)
    assert found["state"] == "finished"
    assert found["steps"] == 12
    assert found["parameters"] == folder.record.model.parameters
    assert found["validation_bits_per_char"] == pytest.approx(
        found["validation_nats_per_char"] / math.log(2)
    )
    assert 0 < found["test_bits_per_char"] < 20
    assert set(found["baselines"]) == {"uniform", "unigram", "ngram", "xz"}
    assert 0 <= found["copied_share"] <= 1
    assert found["run"] == str(folder.path)


def test_the_best_weights_reproduce_the_loss_they_were_chosen_by(tmp_path: Path) -> None:
    folder = finished_run(tmp_path / "run", steps=30)
    best = min(e.nats_per_char for e in folder.history() if isinstance(e, Evaluated))
    assert folder.best_record()["nats_per_char"] == best
    score = rnn_demo.score(folder.best_model(), folder.tokenizer(), folder.parts().validation)
    assert score.nats_per_char == pytest.approx(best, rel=0.02)


def test_samples_begin_with_the_same_prompt_and_seed(tmp_path: Path) -> None:
    seen = events_of(tmp_path / "run", prompt="the sea", seed=5)
    samples = [event for event in seen if isinstance(event, Sampled)]
    assert len(samples) == sum(isinstance(event, Evaluated) for event in seen)
    assert {(s.prompt, s.seed) for s in samples} == {("the sea", 5)}


def test_without_a_test_part_there_is_no_test_figure(tmp_path: Path) -> None:
    folder = finished_run(tmp_path / "run", split="90/10")
    assert run.summary(folder)["test_bits_per_char"] is None
    assert folder.finished().test_nats_per_char is None


def test_a_kilobyte_of_text_trains(tmp_path: Path) -> None:
    text = corpus.read_text("abc abd abe\n" * 85)
    seen = list(run.run(text, tiny_config(batch=None, length=None, steps=5), tmp_path / "run"))
    assert isinstance(seen[-1], Finished)


@pytest.mark.parametrize("kind", ["byte", "subword"])
def test_every_tokenizer_makes_the_journey(tmp_path: Path, kind: str) -> None:
    folder = finished_run(tmp_path / "run", tokenizer=kind, vocab_size=None, steps=4)
    assert folder.tokenizer().kind == kind
    assert folder.best_model().config.vocab_size == folder.tokenizer().vocab_size


def test_stop_keeps_the_best_weights_and_still_reads_out(tmp_path: Path) -> None:
    wishes = Wishes()
    events = run.run(tiny_corpus(), tiny_config(steps=50), tmp_path / "run", wishes=wishes)
    seen = run_until(events, wishes, 4, "stop")
    assert isinstance(seen[-1], Finished)
    assert seen[-1].reason == "stopped"
    assert seen[-1].step < 50
    assert seen[-1].test_nats_per_char > 0
    folder = RunFolder.open(tmp_path / "run")
    assert folder.state() is RunState.STOPPED
    assert folder.best_model()


def test_a_wish_to_stop_at_once_still_leaves_something_to_write_with(tmp_path: Path) -> None:
    wishes = Wishes()
    events = run.run(tiny_corpus(), tiny_config(steps=50), tmp_path / "run", wishes=wishes)
    seen = run_until(events, wishes, 1, "stop")
    assert isinstance(seen[-1], Finished)
    assert RunFolder.open(tmp_path / "run").best_model()


def test_a_run_that_is_to_pause_before_it_began_does_nothing(tmp_path: Path) -> None:
    wishes = Wishes()
    wishes.want("pause")
    seen = events_of(tmp_path / "run", wishes)
    assert not any(isinstance(event, Started) for event in seen)


def test_leaving_saves_but_is_no_pause(tmp_path: Path) -> None:
    wishes = Wishes()
    events = run.run(tiny_corpus(), tiny_config(), tmp_path / "run", wishes=wishes)
    seen = run_until(events, wishes, 5, "leave")
    assert isinstance(seen[-1], Saved)
    folder = RunFolder.open(tmp_path / "run")
    assert folder.state() is RunState.INTERRUPTED
    assert folder.checkpoints.steps() == [5]


def test_a_sample_comes_when_it_is_asked_for(tmp_path: Path) -> None:
    wishes = Wishes()
    seen = []
    for event in run.run(tiny_corpus(), tiny_config(), tmp_path / "run", wishes=wishes):
        seen.append(event)
        if isinstance(event, Progress) and event.step == 3:
            wishes.control = Control(sample_now=1)
    evaluations = sum(isinstance(event, Evaluated) for event in seen)
    assert sum(isinstance(event, Sampled) for event in seen) == evaluations + 1


def test_an_exploding_loss_fails_with_a_rate_to_retry_and_keeps_the_last_good_weights(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    honest = train.Training.update

    def explode(self: train.Training) -> None:
        if self.step == 7 and self.config.steps == 12:  # not where the recipe measures
            with torch.no_grad():
                next(iter(self.parameters.values())).fill_(math.nan)
        honest(self)

    monkeypatch.setattr(train.Training, "update", explode)
    seen = []
    events = run.run(tiny_corpus(), tiny_config(), tmp_path / "run", checkpoint_seconds=0)
    with pytest.raises(TrainingError, match="step 8"):
        seen.extend(events)
    folder = RunFolder.open(tmp_path / "run")
    failed = folder.events()[-1]
    assert isinstance(failed, Failed)
    assert 0 < failed.learning_rate < folder.record.train.learning_rate
    assert folder.state() is RunState.FAILED
    assert folder.checkpoints.steps()[0] == 7
    assert all(not problem for _, problem in check(folder))


class FullDisk(Files):
    """Has room for so many writes."""

    def __init__(self, writes: int, enough: bool = True) -> None:
        self.left, self.enough = writes, enough

    def write(self, path: Path, data: bytes) -> None:
        self.left -= 1
        if self.left < 0:
            raise OSError(errno.ENOSPC, "No space left on device")
        super().write(path, data)

    def append(self, path: Path, line: bytes) -> None:
        if self.left < 0:
            raise OSError(errno.ENOSPC, "No space left on device")
        super().append(path, line)


def test_a_full_disk_ends_the_run_with_the_last_good_step_and_room_lets_it_go_on(
    tmp_path: Path,
) -> None:
    whole = finished_run(tmp_path / "whole")
    wishes = Wishes()
    path = tmp_path / "run"
    run_until(run.run(tiny_corpus(), tiny_config(), path, wishes=wishes), wishes, 4, "pause")
    full = RunFolder.open(path, FullDisk(9))
    events = run.resume(full, checkpoint_seconds=0, wishes=Wishes())
    with pytest.raises(RunError, match=r"disk is full.*step"):
        list(events)
    assert all(not problem for _, problem in check(RunFolder.open(path)))
    list(run.resume(path))
    assert digests(RunFolder.open(path)) == digests(whole)


def test_too_little_space_is_noticed_before_anything_is_written(tmp_path: Path) -> None:
    class Nearly(Files):
        def free(self, path: Path) -> int:
            return 1000

    wishes = Wishes()
    path = tmp_path / "run"
    run_until(run.run(tiny_corpus(), tiny_config(), path, wishes=wishes), wishes, 4, "pause")
    with pytest.raises(RunError, match="disk is full"):
        list(run.resume(RunFolder.open(path, Nearly())))
    folder = RunFolder.open(path)
    assert folder.state() is RunState.FAILED
    assert "disk is full" in folder.events()[-1].message


def test_no_memory_is_said_in_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(self: train.Training) -> None:
        raise MemoryError

    monkeypatch.setattr(train.Training, "update", gone)
    with pytest.raises(RunError, match="not enough memory"):
        events_of(tmp_path / "run")
    assert RunFolder.open(tmp_path / "run").state() is RunState.FAILED


def test_a_mistake_of_ours_is_a_failed_run_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def wrong(self: train.Training) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(train.Training, "update", wrong)
    with pytest.raises(ZeroDivisionError):
        events_of(tmp_path / "run")
    assert RunFolder.open(tmp_path / "run").state() is RunState.FAILED


def test_a_wrong_setting_is_refused_before_a_folder_is_made(tmp_path: Path) -> None:
    with pytest.raises(ConfigError):
        tiny_config(minutes=1.0)
    assert not list(tmp_path.iterdir())


def test_a_paused_run_shows_as_paused_and_its_last_event_says_where(tmp_path: Path) -> None:
    wishes = Wishes()
    path = tmp_path / "run"
    seen = run_until(run.run(tiny_corpus(), tiny_config(), path, wishes=wishes), wishes, 3, "pause")
    assert seen[-1] == Paused(3, seen[-1].seconds)
    assert RunFolder.open(path).state() is RunState.PAUSED


def test_figures_are_those_of_the_training_that_goes_on_not_of_an_earlier_end(
    tmp_path: Path,
) -> None:
    folder = finished_run(tmp_path / "run", steps=4)
    assert readout.summary(folder)["test_bits_per_char"] is not None
    stream = run.resume(folder, steps=400)
    next(event for event in stream if isinstance(event, Evaluated) and event.step > 50)
    stream.close()
    told = readout.summary(folder)
    assert told["test_bits_per_char"] is None
    assert told["validation_nats_per_char"] == folder.best_record()["nats_per_char"]
    assert facts(folder)["ended"] == "not finished"


def test_a_short_text_is_validated_on_all_that_is_held_out(tmp_path: Path) -> None:
    text = corpus.read_text("the sea is wide and the boat is small, said she\n" * 210)
    for split, least in (("90/5/5", 990), ("99.99/0.01", 990)):
        folder = RunFolder(tmp_path / split[:5].replace("/", "-"))
        list(run.run(text, tiny_config(split=split, tokenizer="byte"), folder.path))
        assert folder.record.train.validation_tokens >= least


def test_the_public_names_are_those_of_the_modules() -> None:
    assert rnn_demo.run is run.run
    assert rnn_demo.RunFolder is RunFolder
    assert set(dir(rnn_demo)) == set(rnn_demo.__all__)
    for name in rnn_demo.__all__:
        assert getattr(rnn_demo, name) is not None
    with pytest.raises(AttributeError):
        _ = rnn_demo.nonsense


def test_the_example_of_the_package_works(tmp_path: Path) -> None:
    (tmp_path / "my_book.txt").write_text(tiny_corpus().text)
    text = rnn_demo.read_file(tmp_path / "my_book.txt")
    list(rnn_demo.run(text, tiny_config(), tmp_path / "first"))
    model, tokenizer = rnn_demo.load(tmp_path / "first")
    config = rnn_demo.SampleConfig(length=30, seed=1)
    assert len(rnn_demo.write(model, tokenizer, "the", config).text) == 30
