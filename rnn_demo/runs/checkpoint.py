"""The run folder: the one place where a run lives, and the one hand-over to everything else.

    run.json         id, name, owner, what was asked for, facts of the text   (its creator writes)
    corpus.txt       the text as trained on
    tokenizer.json   or tokenizer.model
    plan.json        the recipe's ModelConfig and TrainConfig                 (creator or worker)
    events.jsonl     what happened, line by line                              (the worker)
    control.json     what the user wants: run, pause, stop                    (whoever asks)
    worker.json      what the worker took up; worker.lock: held while it lives; worker.log
    checkpoints/step-000000400/   model, optimizer, random, state.json, MANIFEST.json; newest three
    best/step-000000400/          the weights with the lowest validation loss
    start/step-000000000/         weights to begin with, if this run was forked from another

A reader never sees half a file, and what it reads is held against the manifest: a damaged
checkpoint is passed over for the one before. Killed at any moment, a run loses at most what it
learned since its newest checkpoint.
"""

from __future__ import annotations

import json
import os
import secrets
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict
from dataclasses import replace as changed
from pathlib import Path
from typing import Any

from torch import Tensor

from rnn_demo.config import ModelConfig, TrainConfig, fits, parse_split, types_of
from rnn_demo.errors import DamagedError, RunError, TokenizerError
from rnn_demo.events import Event, Finished
from rnn_demo.messages.message import Message, to_json
from rnn_demo.network.model import RecurrentLM
from rnn_demo.runs.files import (
    TEMPORARY,
    Files,
    Lock,
    json_bytes,
    read_json,
    read_sealed,
    sealed,
    sha256,
    sweep,
    write_atomically,
)
from rnn_demo.runs.log import EventLog, history
from rnn_demo.runs.packing import load_model, pack_snapshot, require_finite, unpack_snapshot
from rnn_demo.runs.record import Control, RunRecord
from rnn_demo.runs.states import Facts, RunState, state_of
from rnn_demo.runs.store import Store
from rnn_demo.runs.tensors import pack_tensors
from rnn_demo.text import corpus
from rnn_demo.text import tokenizer as tokenizers
from rnn_demo.text.tokenizer import Tokenizer
from rnn_demo.training.recipe import Prepared
from rnn_demo.training.train import Snapshot

KEEP = 3  # checkpoints
MODEL = "model.safetensors"
ABOUT_BEST: dict[str, Any] = {"step": int, "nats_per_char": float, "bits_per_byte": float | None}


class RunFolder:
    """One run on disk. Any number of readers; one writer, who holds the lock."""

    def __init__(self, path: Path, files: Files | None = None) -> None:
        self.path = Path(path)
        self.files = files or Files()
        self.log = EventLog(self.path / "events.jsonl", self.files)
        self.checkpoints = Store(self.path / "checkpoints", KEEP, self.files)
        self.best = Store(self.path / "best", 1, self.files)
        self.start = Store(self.path / "start", 1, self.files)
        self.lock = Lock(self.path / "worker.lock")
        self.taken_at = 0  # length of events.jsonl when we took the run up

    # -- making and opening -------------------------------------------------------------------

    @classmethod
    def create(
        cls, path: Path, record: RunRecord, text: str, files: Files | None = None
    ) -> RunFolder:
        """A new run folder, complete or absent, from a record and the text to train on."""
        path, files = Path(path), files or Files()
        if path.exists() and (not path.is_dir() or any(path.iterdir())):
            raise RunError("run.there", path=path)
        path.parent.mkdir(parents=True, exist_ok=True)
        data = text.encode("utf-8")
        temporary = path.parent / f"{TEMPORARY}{secrets.token_hex(8)}"
        try:
            temporary.mkdir()
            record = changed(record, text_sha256=sha256(data))
            files.write(temporary / "corpus.txt", data)
            files.sync(temporary / "corpus.txt")
            write_atomically(files, temporary / "run.json", sealed(record.to_json()))
            files.rename(temporary, path)
            files.sync(path.parent)
        except BaseException:
            Files().remove(temporary)
            raise
        return cls(path, files)

    @contextmanager
    def filled(self) -> Iterator[None]:
        """For what makes a new folder complete: where that fails, the folder goes again."""
        try:
            yield
        except BaseException:
            Files().remove(self.path)
            raise

    @classmethod
    def open(cls, path: Path, files: Files | None = None) -> RunFolder:
        """An existing run folder; RunError if it is none."""
        path = Path(path)
        if not (path / "run.json").is_file():
            raise RunError("run.folder", path=path)
        return cls(path, files)

    @property
    def id(self) -> str:
        return self.record.id

    @property
    def record(self) -> RunRecord:
        """Read afresh, since others may rename the run or plan it."""
        path = self.path / "plan.json"
        record, plan = read_sealed(self.path / "run.json"), None
        if path.exists():
            plan = read_sealed(path)
        if not plan and (path.exists() or self.best.steps() or self.checkpoints.steps()):
            raise DamagedError("record.plan")
        return RunRecord.from_json(record, plan)

    def rewrite(self, **changes: Any) -> None:
        """Change fields of run.json: name, wanted ..."""
        record = changed(self.record, **changes)
        write_atomically(self.files, self.path / "run.json", sealed(record.to_json()))

    def save_plan(self, model: ModelConfig, train: TrainConfig, reasons: Sequence[str]) -> None:
        """Keep what the recipe chose, bound to the tokenizer; from here the run can be rebuilt."""
        path = self._tokenizer_path()
        plan = {
            "model": model.to_json(),
            "train": train.to_json(),
            "reasons": to_json(reasons),
            "tokenizer_sha256": sha256(path.read_bytes()) if path else "",
        }
        write_atomically(self.files, self.path / "plan.json", sealed(plan))

    def prepare(self, prepared: Prepared) -> None:
        """Keep a tokenizer and a plan that were made for this text and these wishes before."""
        self.save_tokenizer(prepared.tokenizer)
        plan = prepared.plan
        self.save_plan(plan.model, plan.train, plan.reasons)

    # -- text and tokenizer -------------------------------------------------------------------

    def text(self) -> str:
        """The whole text, held against its fingerprint."""
        try:
            data = (self.path / "corpus.txt").read_bytes()
        except OSError:
            raise DamagedError("file.missing", name="corpus.txt") from None
        if sha256(data) != self.record.text_sha256:
            raise DamagedError("record.text")
        return data.decode("utf-8")

    def has_text(self) -> bool:
        """Whether the text is here; a network from the Hub mostly comes without it."""
        path = self.path / "corpus.txt"
        return path.is_file() and path.stat().st_size > 0

    def parts(self) -> corpus.Parts:
        """The text as train, validation and test parts."""
        return corpus.split(self.text(), parse_split(self.record.wanted.split))

    def tokenizer(self) -> Tokenizer:
        """How this run's text becomes tokens. RunError before it is learned."""
        path, record = self._tokenizer_path(), self.record
        model = record.model
        if not path and model:
            raise DamagedError("file.missing", name="tokenizer.json/.model")
        if not path:
            raise RunError("run.tokenizer")
        try:
            words = tokenizers.load(path)
        except TokenizerError as error:  # it was sound when it was written
            raise DamagedError(error.message) from None
        if record.tokenizer_sha256 not in ("", words.sha256):
            raise DamagedError("file.changed", name=path.name)
        if model and words.vocab_size != model.vocab_size:
            raise DamagedError(
                "tokenizer.mismatch", symbols=words.vocab_size, network=model.vocab_size
            )
        return words

    def has_tokenizer(self) -> bool:
        return self._tokenizer_path() is not None

    def save_tokenizer(self, words: Tokenizer) -> None:
        """Write tokenizer.json or tokenizer.model as a whole."""
        temporary = self.path / f"{TEMPORARY}{secrets.token_hex(8)}"
        temporary.mkdir()
        try:
            path = words.save(temporary)
            write_atomically(self.files, self.path / path.name, path.read_bytes())
        finally:
            Files().remove(temporary)

    def _tokenizer_path(self) -> Path | None:
        paths = (self.path / name for name in ("tokenizer.json", "tokenizer.model"))
        return next((path for path in paths if path.is_file()), None)

    # -- events -------------------------------------------------------------------------------

    def append(self, event: Event) -> None:
        """Add an event. For the holder of the lock."""
        self.log.append(event)

    def events(self) -> list[Event]:
        """All events, as they were written."""
        return self.log.read()[0]

    def history(self) -> list[Event]:
        """All events, without those that a resume from an earlier step overtook."""
        return history(self.events())

    def finished(self) -> Finished | None:
        """The read-out, if the last training came to an end."""
        last = self.log.last()[0]
        return last if isinstance(last, Finished) else None

    # -- checkpoints --------------------------------------------------------------------------

    def save(self, snapshot: Snapshot, about: dict[str, Any]) -> None:
        """Write a checkpoint: durable when this returns. Refuses weights that are not finite."""
        self.checkpoints.save(int(about["step"]), pack_snapshot(snapshot), about)

    def newest_snapshot(self) -> tuple[Snapshot | None, list[Message]]:
        """(newest sound checkpoint or None, what was wrong with those passed over)."""
        contents, wrong = self.checkpoints.newest()
        return (unpack_snapshot(contents) if contents else None), wrong

    def save_best(self, weights: Mapping[str, Tensor], about: dict[str, Any]) -> None:
        """Keep the weights with the lowest validation loss so far."""
        require_finite(weights)
        contents = {MODEL: pack_tensors(weights), "state.json": json_bytes(about)}
        self.best.save(int(about["step"]), contents, {})

    def save_start(
        self, model: ModelConfig, weights: Mapping[str, Tensor], origin: str = ""
    ) -> None:
        """Give a new run a network to begin with, instead of a fresh one; `origin` is its
        user/name@commit on the Hub, if it came from there."""
        about = json_bytes({"model": model.to_json(), "origin": origin})
        self.start.save(0, {MODEL: pack_tensors(weights), "state.json": about}, {})

    def start_model(self) -> ModelConfig | None:
        """The settings of the network that the run begins with, if it was forked."""
        contents, _ = self.start.newest()
        return (
            ModelConfig.from_json(json.loads(contents["state.json"])["model"]) if contents else None
        )

    def start_origin(self) -> str | None:
        """Where on the Hub that network is from, "" if it was trained here; None without one."""
        contents, _ = self.start.newest()
        return str(json.loads(contents["state.json"]).get("origin", "")) if contents else None

    def start_weights(self) -> dict[str, Tensor] | None:
        """Weights to begin with, if the run was forked from another."""
        config = self.record.model
        contents, wrong = self.start.newest()
        if wrong:
            raise DamagedError(wrong[0])
        if not contents or not config:
            return None
        model = load_model(config, contents[MODEL], "start/model.safetensors")
        return dict(model.state_dict())

    def best_record(self) -> dict[str, Any] | None:
        """step, nats_per_char, bits_per_byte of the best weights; None if there are none."""
        contents, _ = self.best.newest()
        if not contents:
            return None
        about = json.loads(contents["state.json"])
        if not all(fits(about.get(name), kind) for name, kind in ABOUT_BEST.items()):
            raise DamagedError("file.changed", name="best/state.json")
        return about

    def best_model(self) -> RecurrentLM:
        """The best weights in eval mode; the newest checkpoint's if those are not there."""
        config = self.record.model
        wrong: list[Message] = []
        for store in (self.best, self.checkpoints):
            contents, damage = store.newest()
            wrong += damage
            if contents and config:
                return load_model(config, contents[MODEL], MODEL)
        if wrong:
            raise DamagedError("weights.none", wrong=wrong)
        raise RunError("run.weights")

    # -- control and state --------------------------------------------------------------------

    def control(self) -> Control:
        """What the user wants now."""
        try:
            record = json.loads((self.path / "control.json").read_bytes())
            known = {name: record[name] for name in types_of(Control)}
        except (OSError, ValueError, KeyError, TypeError, RecursionError):
            return Control()
        odd = any(not fits(known[name], kind) for name, kind in types_of(Control).items())
        return Control() if odd else Control(**known)

    def ask(
        self, want: str | None = None, *, worker: bool | None = None, sample: bool = False
    ) -> Control:
        """Note a wish. worker=True: it needs a worker to take it up; False: none any more."""
        now = self.control()
        wish = Control(
            want=want or now.want,
            sample_now=now.sample_now + sample,
            seq=now.seq + 1,
            ticket=now.ticket if worker is None else (now.seq + 1) * worker,
            asked_at=time.time() if worker else now.asked_at,
        )
        write_atomically(self.files, self.path / "control.json", json_bytes(asdict(wish)))
        return wish

    def take_up(self, wait: float = 5.0) -> None:
        """Become the one writer: hold the lock, tidy up, note what is taken up. Else RunError."""
        if not self.lock.acquire(wait):
            raise RunError("run.process")
        sweep(self.path)
        self.log.repair()
        self.taken_at = self.log.last()[1]
        self.note_taken(self.control().ticket)

    def note_taken(self, ticket: int) -> None:
        """Say that this request is being worked on. For the holder of the lock."""
        record = {"taken": ticket, "offset": self.taken_at, "pid": os.getpid()}
        write_atomically(self.files, self.path / "worker.json", json_bytes(record))

    def alive(self) -> bool:
        """Whether a live process holds the lock."""
        return self.lock.handle is not None or Lock(self.lock.path).held_by_someone()

    def worker_pid(self) -> int:
        """Of the process that took the run up last; it may be long gone."""
        return int(read_json(self.path / "worker.json")["pid"])

    def facts(self) -> Facts:
        """All that the state follows from."""
        control, alive = self.control(), self.alive()
        try:
            taken = json.loads((self.path / "worker.json").read_bytes())
            upto, offset = int(taken["taken"]), int(taken["offset"])
        except (OSError, ValueError, KeyError, TypeError, RecursionError):
            upto = offset = 0
        event, end = self.log.last()
        kind = type(event).__name__ if event else ""
        return Facts(
            want=control.want,
            ticket=control.ticket,
            taken=upto,
            alive=alive,
            last=kind if end > offset else "",
            reason=event.reason if isinstance(event, Finished) else "",
            earlier=kind,
        )

    def state(self) -> RunState:
        """Where the run stands, from its files and its lock."""
        return state_of(self.facts())

    # -- looking after it ---------------------------------------------------------------------

    def size(self) -> int:
        """Bytes on disk; what is removed meanwhile does not count."""
        size = 0
        for folder, _, names in os.walk(self.path):
            for name in names:
                with suppress(FileNotFoundError):
                    size += os.stat(os.path.join(folder, name)).st_size
        return size
