"""The run folder under kills, faults and rot."""

import json
import math
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
import torch

from rnn_demo.config import ModelConfig, RunConfig, TrainConfig
from rnn_demo.errors import DamagedError, RunError, TrainingError
from rnn_demo.events import (
    Evaluated,
    Failed,
    Finished,
    Paused,
    Progress,
    Saved,
    Started,
    from_json,
)
from rnn_demo.network.model import RecurrentLM
from rnn_demo.runs import store
from rnn_demo.runs.checkpoint import RunFolder
from rnn_demo.runs.files import Files, Lock, json_bytes, read_json, sealed, sha256
from rnn_demo.runs.log import EventLog
from rnn_demo.runs.record import Control, RunRecord, new_id
from rnn_demo.runs.soundness import check
from rnn_demo.runs.states import Facts, RunState, state_of
from rnn_demo.runs.tensors import pack_tensors, unpack_tensors
from rnn_demo.training.train import Snapshot

TEXT = "the sea is wide and the boat is small.\n" * 20
MODEL = ModelConfig(vocab_size=7, embedding_size=3, hidden_size=4)


class FaultyFiles(Files):
    """Fails the n-th operation of one kind, and every one after it if the fault stays."""

    def __init__(self, kind: str, number: int, stays: bool = False) -> None:
        self.kind, self.left, self.stays = kind, number, stays
        self.failed = False

    def _count(self, kind: str) -> None:
        if kind != self.kind:
            return
        self.left -= 1
        if self.left == 0 or (self.stays and self.left < 0):
            self.failed = True
            raise OSError(5, "Input/output error")

    def write(self, path: Path, data: bytes) -> None:
        try:
            self._count("write")
        except OSError:
            path.write_bytes(data[: len(data) // 2])  # what a full disk leaves
            raise
        super().write(path, data)

    def sync(self, path: Path) -> None:
        self._count("sync")
        super().sync(path)

    def rename(self, source: Path, target: Path) -> None:
        self._count("rename")
        super().rename(source, target)

    def append(self, path: Path, line: bytes) -> None:
        self._count("append")
        super().append(path, line)


def snapshot(step: int) -> Snapshot:
    model = RecurrentLM(MODEL, torch.Generator().manual_seed(step))
    tensors = {n: p.detach() for n, p in model.named_parameters()}
    random = {"generator": torch.Generator().manual_seed(step).get_state()}
    files = {"model": tensors, "optimizer": {"exp_avg/output.bias": torch.ones(7)}}
    return Snapshot({**files, "random": random}, {"step": step, "position": [1, 2]})


def new_folder(path: Path, files: Files | None = None) -> RunFolder:
    folder = RunFolder.create(path, RunRecord(wanted=RunConfig(steps=5)), TEXT, files)
    folder.save_plan(MODEL, TrainConfig(minutes=None, steps=5), ["Because."])
    return folder


def save(folder: RunFolder, step: int) -> None:
    folder.save(snapshot(step), {"step": step})


@pytest.fixture
def folder(tmp_path: Path) -> RunFolder:
    return new_folder(tmp_path / "run")


def test_a_record_comes_back_equal_with_its_plan(folder: RunFolder) -> None:
    record = RunFolder.open(folder.path).record
    assert record.wanted == RunConfig(steps=5)
    assert record.model == MODEL
    assert record.train.steps == 5
    assert record.reasons == ("Because.",)
    folder.rewrite(name="../<b>my run</b>")
    assert folder.record == RunRecord(**{**record.__dict__, "name": "../<b>my run</b>"})


def test_ids_are_26_characters_that_no_file_system_minds() -> None:
    ids = {new_id() for _ in range(100)}
    assert len(ids) == 100
    assert all(len(i) == 26 and set(i) <= set("abcdefghijklmnopqrstuvwxyz234567") for i in ids)


def test_a_folder_that_holds_something_is_never_overwritten(folder: RunFolder) -> None:
    with pytest.raises(RunError, match="there already"):
        new_folder(folder.path)


def test_a_folder_without_a_run_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RunError, match="no run"):
        RunFolder.open(tmp_path)


def test_a_newer_format_is_refused_by_name(folder: RunFolder) -> None:
    record = json.loads((folder.path / "run.json").read_text())
    del record["sha256"]
    (folder.path / "run.json").write_bytes(sealed({**record, "format": 2}))
    with pytest.raises(RunError, match="newer version"):
        _ = folder.record


def test_a_record_without_its_seal_is_damaged(folder: RunFolder) -> None:
    path = folder.path / "run.json"
    path.write_text(path.read_text().replace('"sha256":', '"sha255":'))
    with pytest.raises(DamagedError, match=r"run\.json"):
        _ = folder.record


def test_a_changed_text_is_noticed(folder: RunFolder) -> None:
    assert folder.text() == TEXT
    (folder.path / "corpus.txt").write_text(TEXT.replace("sea", "see"))
    with pytest.raises(DamagedError, match=r"corpus\.txt"):
        folder.text()


def test_a_snapshot_comes_back_bit_for_bit(folder: RunFolder) -> None:
    save(folder, 3)
    found, wrong = folder.newest_snapshot()
    assert wrong == []
    assert found.record == snapshot(3).record
    for file, tensors in snapshot(3).tensors.items():
        assert found.tensors[file].keys() == tensors.keys()
        assert all(torch.equal(found.tensors[file][n], t) for n, t in tensors.items())


def test_the_newest_three_checkpoints_and_the_best_are_kept(folder: RunFolder) -> None:
    folder.save_best(snapshot(1).tensors["model"], {"step": 1, "nats_per_char": 2.0})
    for step in range(1, 6):
        save(folder, step)
    assert folder.checkpoints.steps() == [5, 4, 3]
    assert folder.best.steps() == [1]
    folder.save_best(snapshot(4).tensors["model"], {"step": 4, "nats_per_char": 1.5})
    assert folder.best.steps() == [4]
    assert folder.best_record() == {"step": 4, "nats_per_char": 1.5}


@pytest.mark.parametrize("name", ["model.safetensors", "state.json", "MANIFEST.json"])
@pytest.mark.parametrize("damage", ["flip", "cut", "remove"])
def test_a_damaged_checkpoint_is_passed_over_and_named(
    folder: RunFolder, name: str, damage: str
) -> None:
    save(folder, 1)
    save(folder, 2)
    before = check(folder)
    path = folder.checkpoints.path(2) / name
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    if damage == "remove":
        path.unlink()
    else:
        path.write_bytes(data if damage == "flip" else data[:-1])
    found, wrong = folder.newest_snapshot()
    assert found.record["step"] == 1
    assert len(wrong) == 1
    after = {where for where, problem in set(check(folder)) - set(before) if problem}
    assert after == {"checkpoints/step-000000002"}


def test_the_best_model_falls_back_to_the_newest_checkpoint(folder: RunFolder) -> None:
    with pytest.raises(RunError, match="no weights yet"):
        folder.best_model()
    save(folder, 2)
    folder.save_best(snapshot(1).tensors["model"], {"step": 1})
    bias = folder.best_model().output.bias
    assert not folder.best_model().training
    (folder.best.path(1) / "model.safetensors").write_bytes(b"")
    assert not torch.equal(folder.best_model().embedding.weight, bias)
    weight = snapshot(2).tensors["model"]["embedding.weight"]
    assert torch.equal(folder.best_model().embedding.weight, weight)


def test_weights_that_are_not_finite_are_never_written(folder: RunFolder) -> None:
    bad = snapshot(2)
    bad.tensors["model"]["output.weight"][0, 0] = math.nan
    with pytest.raises(TrainingError, match=r"output\.weight"):
        folder.save(bad, {"step": 2})
    with pytest.raises(TrainingError):
        folder.save_best(bad.tensors["model"], {"step": 2})
    assert folder.checkpoints.steps() == folder.best.steps() == []


def test_a_checkpoint_is_refused_when_the_disk_is_nearly_full(tmp_path: Path) -> None:
    class Full(Files):
        def free(self, path: Path) -> int:
            return 2000

    folder = new_folder(tmp_path / "run", Full())
    with pytest.raises(RunError, match="disk is full"):
        save(folder, 1)


@pytest.mark.parametrize("stays", [False, True])
@pytest.mark.parametrize("kind", ["write", "sync", "rename"])
def test_whichever_operation_fails_the_newest_durable_checkpoint_stays(
    tmp_path: Path, kind: str, stays: bool
) -> None:
    number, failed = 0, True
    while failed:  # for every n until a save goes through unhurt
        number += 1
        path = tmp_path / f"{number}"
        save(new_folder(path), 1)
        faulty = RunFolder.open(path, FaultyFiles(kind, number, stays))
        try:
            save(faulty, 2)
        except OSError:
            assert faulty.files.failed
        failed = faulty.files.failed
        found, wrong = RunFolder.open(path).newest_snapshot()
        assert wrong == []
        assert found.record["step"] in ((1, 2) if failed else (2,))
        fresh = RunFolder.open(path)
        fresh.take_up()
        assert not list(path.rglob(".tmp-*"))
        save(fresh, 3)
        assert fresh.newest_snapshot()[0].record["step"] == 3
        fresh.lock.release()
    assert number > {"write": 5, "sync": 5, "rename": 1}[kind]


def test_a_saver_that_wrote_in_place_would_be_caught(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def in_place(files: Files, target: Path, contents: dict, about: dict) -> None:
        target = target.with_name("step-000000001")  # one folder, written over and over
        target.mkdir(exist_ok=True)
        listed = {n: {"size": len(d), "sha256": sha256(d)} for n, d in contents.items()}
        manifest = json_bytes({"format": 1, **about, "files": listed})
        for name, data in {**contents, "MANIFEST.json": manifest}.items():
            files.write(target / name, data)

    monkeypatch.setattr(store, "write_folder", in_place)
    hurt = 0
    for number in range(1, 6):
        path = tmp_path / f"{number}"
        save(new_folder(path), 1)
        with pytest.raises(OSError, match="error"):
            save(RunFolder.open(path, FaultyFiles("write", number)), 2)
        hurt += RunFolder.open(path).newest_snapshot()[0] is None
    assert hurt >= 4


@pytest.mark.parametrize("kind", ["write", "sync", "rename"])
def test_whichever_operation_fails_a_run_is_made_whole_or_not_at_all(
    tmp_path: Path, kind: str
) -> None:
    for number in range(1, 10):
        files = FaultyFiles(kind, number)
        path = tmp_path / f"{number}"
        try:
            new_folder(path, files)
        except OSError:
            assert not path.exists() or RunFolder.open(path).text() == TEXT
        if not files.failed:
            return
    raise AssertionError("the fault never ended")


def test_a_torn_last_line_is_left_out_and_then_cut_off(folder: RunFolder) -> None:
    folder.append(Saved(1, 0.5))
    with (folder.path / "events.jsonl").open("ab") as file:
        file.write(b'{"event":"Saved","st')
    assert folder.events() == [Saved(1, 0.5)]
    folder.take_up()
    folder.append(Saved(2, 1.0))
    folder.lock.release()
    assert folder.events() == [Saved(1, 0.5), Saved(2, 1.0)]
    assert RunFolder.open(folder.path).events() == [Saved(1, 0.5), Saved(2, 1.0)]


def test_a_reader_follows_a_log_and_counts_lines_it_cannot_read(tmp_path: Path) -> None:
    log = EventLog(tmp_path / "events.jsonl")
    assert log.read() == ([], 0)
    log.append(Saved(1, 0.5))
    assert log.read() == ([Saved(1, 0.5)], 1)
    Files().append(log.path, b"garbage\n")
    log.append(Saved(2, 1.0))
    assert log.read() == ([Saved(1, 0.5), Saved(2, 1.0)], 3)
    assert log.last()[0] == Saved(2, 1.0)


def test_the_last_event_is_found_behind_long_lines(tmp_path: Path) -> None:
    log = EventLog(tmp_path / "events.jsonl")
    log.append(Failed(1, "x" * 200_000))
    assert log.last()[0].message == "x" * 200_000
    log.append(Saved(2, 1.0))
    assert log.last()[0] == Saved(2, 1.0)


def started(step: int) -> Started:
    return Started(step, "cpu", 1, "2")


def test_history_leaves_out_what_a_resume_overtook(folder: RunFolder) -> None:
    for event in (started(0), Evaluated(10, 1, 2.0, 3.0, True), Evaluated(20, 2, 1.9, 2.8, True)):
        folder.append(event)
    folder.append(started(15))
    folder.append(Evaluated(20, 2, 1.8, 2.7, True))
    steps = [e.step for e in folder.history() if isinstance(e, Evaluated)]
    assert steps == [10, 20]
    assert folder.history()[-1].nats_per_char == 1.8


def test_a_validation_that_is_done_again_counts_once(folder: RunFolder) -> None:
    for event in (started(0), Evaluated(10, 1, 2.0, 3.0, True), started(10)):
        folder.append(event)
    folder.append(Evaluated(10, 1, 2.0, 3.0, True))
    assert sum(isinstance(event, Evaluated) for event in folder.history()) == 1


def test_two_who_ask_for_a_lock_do_not_take_each_other_for_its_holder(tmp_path: Path) -> None:
    lock = Lock(tmp_path / "lock")
    assert lock._try(share=True)  # one who is just asking
    assert not Lock(lock.path).held_by_someone()
    lock.release()


@pytest.mark.parametrize(
    "odd", [{"created": "x"}, {"created": math.inf}, {"name": {}}, {"corpus": []}, {"owner": None}]
)
def test_a_record_from_elsewhere_has_no_odd_fields(odd: dict[str, Any]) -> None:
    sound = RunRecord(name="x" * 100).to_json()
    assert len(RunRecord.from_json(sound).name) == 80
    with pytest.raises(DamagedError):
        RunRecord.from_json({**sound, **odd})


@pytest.mark.parametrize("value", ['"1"', "1e999", "NaN", "null", "[]"])
def test_an_event_from_elsewhere_has_no_odd_numbers(value: str) -> None:
    line = '{"event":"Saved","step":1,"seconds":%s}'
    assert from_json(line % 1) == Saved(1, 1)
    with pytest.raises(DamagedError):
        from_json(line % value)


@pytest.mark.parametrize("kept", ["[" * 100_000, '{"want":"run","seq":"x"}', "null"])
def test_an_odd_wish_is_no_wish(folder: RunFolder, kept: str) -> None:
    (folder.path / "control.json").write_text(kept)
    assert folder.control() == Control()
    assert folder.ask("pause").seq == 1
    odd = {**asdict(Control()), "ticket": "x"}
    (folder.path / "control.json").write_text(json.dumps(odd))
    assert folder.state() is not None


def test_halves_of_characters_do_not_get_into_files(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text('{"\\ud800 name": ["\\udfff", 7]}')
    assert read_json(path) == {"? name": ["?", 7]}


@pytest.mark.parametrize("lacks", ["state.json", "model.safetensors"])
def test_a_checkpoint_must_hold_what_a_checkpoint_holds(folder: RunFolder, lacks: str) -> None:
    contents = {"state.json": b"{}", "model.safetensors": b""}
    contents.pop(lacks)
    store.write_folder(Files(), folder.path / "odd", contents, {"step": 1})
    with pytest.raises(DamagedError, match=lacks):
        store.read_folder(folder.path / "odd")


@pytest.mark.parametrize("state", ["[1]", "null", "{}", '{"nats_per_char":"x"}'])
def test_odd_words_about_the_best_weights_are_damage(folder: RunFolder, state: str) -> None:
    contents = {"state.json": state.encode(), "model.safetensors": b""}
    folder.best.folder.mkdir(exist_ok=True)
    store.write_folder(Files(), folder.best.path(3), contents, {"step": 3})
    if state in ("[1]", "null"):
        assert folder.best_record() is None, "passed over"
    else:
        with pytest.raises(DamagedError, match=r"state\.json"):
            folder.best_record()


def test_what_does_not_fill_a_new_folder_leaves_none(tmp_path: Path) -> None:
    folder = RunFolder.create(tmp_path / "run", RunRecord(), "text")
    with pytest.raises(OSError, match="full"), folder.filled():
        raise OSError("full")
    assert not folder.path.exists()


def test_two_holders_of_a_lock_are_one_too_many(tmp_path: Path) -> None:
    first, second = Lock(tmp_path / "lock"), Lock(tmp_path / "lock")
    assert not first.held_by_someone()
    assert first.acquire()
    assert second.held_by_someone()
    assert not second.acquire()
    first.release()
    assert second.acquire()
    second.release()


PROGRESS = Progress(3, 1.0, 0.5, 2.0, 100.0, 1e-3, 1.0, 0.0)
FINISHED = Finished(9, 1.0, "budget", 8, 1.9, 2.7)


@pytest.mark.parametrize(
    ("facts", "state"),
    [
        (Facts(ticket=1), "queued"),
        (Facts(ticket=1, want="stop"), "stopping"),
        (Facts(want="stop"), "stopped"),
        (Facts(want="pause"), "paused"),
        (Facts(), "interrupted"),
        (Facts(ticket=1, alive=True), "starting"),
        (Facts(ticket=1, taken=1, alive=True, last="Planned"), "starting"),
        (Facts(ticket=1, taken=1, alive=True, last="Progress"), "running"),
        (Facts(ticket=1, taken=1, alive=True, last="Saved", want="pause"), "pausing"),
        (Facts(ticket=1, taken=1, alive=True, last="Saved", want="stop"), "stopping"),
        (Facts(ticket=1, taken=1, alive=True, last="Finished"), "finished"),
        (Facts(ticket=1, taken=1, last="Progress", earlier="Progress"), "interrupted"),
        (Facts(ticket=1, taken=1, last="Paused"), "paused"),
        (Facts(ticket=1, taken=1, last="Failed"), "failed"),
        (Facts(ticket=1, taken=1, last="Finished", reason="early"), "finished"),
        (Facts(ticket=1, taken=1, last="Finished", reason="stopped"), "stopped"),
        (Facts(ticket=5, taken=1, last="Paused", earlier="Paused"), "queued"),
        (Facts(taken=1, earlier="Finished", reason="budget", want="stop"), "finished"),
    ],
)
def test_a_state_follows_from_the_facts(facts: Facts, state: str) -> None:
    assert state_of(facts) is RunState(state)


def test_the_folder_tells_its_state_through_a_life(folder: RunFolder) -> None:
    assert folder.state() is RunState.INTERRUPTED
    folder.ask("run", worker=True)
    assert folder.state() is RunState.QUEUED
    folder.take_up()
    assert folder.state() is RunState.STARTING
    folder.append(started(0))
    folder.append(PROGRESS)
    assert folder.state() is RunState.RUNNING
    folder.ask("pause")
    assert folder.state() is RunState.PAUSING
    folder.append(Paused(3, 1.0))
    folder.lock.release()
    assert folder.state() is RunState.PAUSED
    folder.ask("run", worker=True)
    assert folder.state() is RunState.QUEUED
    folder.take_up()
    folder.lock.release()  # died before it did anything
    assert folder.state() is RunState.PAUSED
    folder.append(FINISHED)
    assert folder.state() is RunState.FINISHED
    assert folder.finished() == FINISHED


SHAPES = {"a": (2, 3), "b": (4,)}
GOOD = {"a": torch.ones(2, 3), "b": torch.zeros(4)}


def test_tensors_come_back_equal() -> None:
    back = unpack_tensors(pack_tensors(GOOD), "model", SHAPES)
    assert all(torch.equal(back[n], t) for n, t in GOOD.items())


def crafted(header: bytes, data: bytes) -> bytes:
    return len(header).to_bytes(8, "little") + header + data


ONE = b'{"dtype":"F32","shape":[4],"data_offsets":[0,16]}'


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xff" * 40,
        crafted(b"{", b""),
        crafted(b"[]", b""),
        crafted(b"{" * 60000, b""),
        crafted(b'{"b":%b,"b":%b}' % (ONE, ONE), bytes(16)),
        crafted(b'{"b":%b}' % ONE, bytes(17)),
        crafted(b'{"b":%b}' % ONE, bytes(15)),
        crafted(b'{"b":%b}' % ONE.replace(b"[4]", b"[0,1000000000000]"), bytes(16)),
        crafted(b'{"b":%b}' % ONE.replace(b"[4]", b"[-4]"), bytes(16)),
        crafted(b'{"b":%b}' % ONE.replace(b"[4]", b'["4"]'), bytes(16)),
        crafted(b'{"b":%b}' % ONE.replace(b"[4]", b"[4.0]"), bytes(16)),
        crafted(b'{"b":%b}' % ONE.replace(b"[0,16]", b"[0.0,16]"), bytes(16)),
        crafted(b'{"__metadata__":{"a":1},"b":%b}' % ONE, bytes(16)),
        crafted((b'{"b":%b}' % ONE).decode().encode("utf-16"), bytes(16)),
        crafted(b'{"b":%b}' % ONE.replace(b"F32", b"X99"), bytes(16)),
        crafted(b'{"b":%b}' % ONE.replace(b"[0,16]", b"[4,20]"), bytes(20)),
    ],
)
def test_files_that_nobody_honest_writes_are_refused(data: bytes) -> None:
    with pytest.raises(DamagedError):
        unpack_tensors(data, "model", {"b": (4,)})


@pytest.mark.parametrize(
    ("tensors", "message"),
    [
        ({"a": torch.ones(2, 3)}, "lacks 'b'"),
        ({**GOOD, "c": torch.ones(1)}, "unknown tensor 'c'"),
        ({**GOOD, "b": torch.zeros(5)}, "b must be"),
        ({**GOOD, "b": torch.zeros(4, dtype=torch.float64)}, "b must be"),
        ({**GOOD, "b": torch.full((4,), math.inf)}, "non-finite"),
    ],
)
def test_tensors_other_than_the_expected_are_refused(tensors: dict, message: str) -> None:
    with pytest.raises(DamagedError, match=message):
        unpack_tensors(pack_tensors(tensors), "model", SHAPES)
