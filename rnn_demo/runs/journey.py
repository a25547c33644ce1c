"""One stretch of a run: learn the tokenizer, plan, train, save, sample, obey, read out."""

from __future__ import annotations

import errno
import math
import time
from collections.abc import Callable, Iterator
from dataclasses import replace as changed

import torch

from rnn_demo.config import ModelConfig, SampleConfig, TrainConfig
from rnn_demo.errors import RnnDemoError, RunError, TrainingError
from rnn_demo.events import (
    BaselinesMeasured,
    Evaluated,
    Event,
    Failed,
    Paused,
    Planned,
    Progress,
    Recovered,
    Sampled,
    Saved,
    TokenizerLearned,
)
from rnn_demo.judging import evaluation
from rnn_demo.messages.message import Message
from rnn_demo.network.model import with_weights
from rnn_demo.runs.checkpoint import RunFolder
from rnn_demo.runs.readout import baselines, read_out
from rnn_demo.runs.record import Control
from rnn_demo.text import tokenizer as tokenizers
from rnn_demo.text.tokenizer import Tokenizer
from rnn_demo.training import recipe
from rnn_demo.training.schedule import evaluation_shares
from rnn_demo.training.train import Training, new_model
from rnn_demo.writing import generate

SAMPLE_CHARACTERS = 240  # of a sample while training

Wishes = Callable[[], Control]


def _is_of_memory(error: Exception) -> bool:
    """On a CPU and an Apple GPU PyTorch says so in words only."""
    known = isinstance(error, MemoryError | torch.OutOfMemoryError)
    return known or "allocate memory" in str(error) or "out of memory" in str(error)


class Journey:
    """One stretch of a run, by the process that holds its lock."""

    def __init__(self, folder: RunFolder, wishes: Wishes, checkpoint_seconds: float) -> None:
        self.folder = folder
        self.wishes = wishes
        self.checkpoint_seconds = checkpoint_seconds
        self.wanted = folder.record.wanted
        self.samples_shown = wishes().sample_now
        self.ticket = folder.control().ticket
        self.step, self.seconds = 0, 0.0
        self.saved_at = time.monotonic()
        self.pause = checkpoint_seconds / 5  # until the first; then as long as _save() says

    def events(self) -> Iterator[Event]:
        """All that happens, each event written down before it is passed on."""
        try:
            for event in self._stages():
                self.folder.append(event)
                yield event
        except TrainingError as error:
            yield self._failed(error.message, self._lower_rate())
            raise
        except RnnDemoError as error:
            yield self._failed(error.message)
            raise
        except OSError as error:
            full = error.errno in (errno.ENOSPC, errno.EDQUOT)
            key = "train.disk" if full else "train.write"
            reason = error.strerror or type(error).__name__  # str(error) names our folders
            unwritten = RunError(key, reason=reason, where=self._last_good())
            yield self._failed(unwritten.message)
            raise unwritten from None
        except Exception as error:
            if _is_of_memory(error):
                lost = RunError("train.memory")
                yield self._failed(lost.message)
                raise lost from None
            # a mistake of ours: the log gets the traceback
            yield self._failed(Message("train.fault", kind=type(error).__name__))
            raise

    def _failed(self, message: Message, learning_rate: float | None = None) -> Failed:
        event = Failed(self.step, message, learning_rate)
        try:
            self.folder.append(event)
        except OSError:  # a full disk must not hide why the run failed
            self.folder.log.repair()
        return event

    def _lower_rate(self) -> float | None:
        """A learning rate to try after an explosion."""
        return self.training.lower_rate if hasattr(self, "training") else None

    def _last_good(self) -> str:
        steps = self.folder.checkpoints.steps()
        return Message("train.where", step=steps[0]) if steps else ""

    # -- stages -------------------------------------------------------------------------------

    def _stages(self) -> Iterator[Event]:
        self.told = {type(event) for event in self.folder.events()}
        self.parts = self.folder.parts()
        yield from self._learn_tokenizer()
        yield from self._plan()
        if self.wishes().want != "run" and not self.folder.checkpoints.steps():
            return
        yield from self._build()
        try:
            yield from self._train()
        finally:
            self.training.close()

    def _learn_tokenizer(self) -> Iterator[Event]:
        """Choose and learn the tokenizer, or load it; encode both parts."""
        if not self.folder.has_tokenizer():
            if self.folder.record.model:
                yield Recovered(0, Message("train.recovered.tokenizer"))
            kind, size = recipe.choose_tokenizer(self.parts.train, self.wanted)
            self.folder.save_tokenizer(tokenizers.learn(kind, self.parts.train, size))
        self.tokenizer: Tokenizer = self.folder.tokenizer()
        self.train_ids = self.tokenizer.encode(self.parts.train)
        self.validation_ids = self.tokenizer.encode(self.parts.validation)
        self.characters_per_token = len(self.parts.train) / max(1, len(self.train_ids))
        if TokenizerLearned not in self.told:
            words = self.tokenizer
            yield TokenizerLearned(words.kind, words.vocab_size, self.characters_per_token)

    def _plan(self) -> Iterator[Event]:
        """Let the recipe choose what the user left open, once."""
        if self.folder.record.model is None:
            plan = recipe.plan(self.train_ids, self.tokenizer, self.wanted)
            inherited = self.folder.start_model()
            model, reasons = plan.model, list(plan.reasons)
            if inherited:
                model = changed(inherited, dropout=plan.model.dropout)
                unknown = 100 * (1 - self.tokenizer.coverage(self.parts.train))
                if unknown and self.tokenizer.unknown_id is None:
                    reasons.append(Message("plan.unknown", unknown=unknown))
            self.folder.save_plan(model, plan.train, reasons)
        record = self.folder.record
        assert record.model
        assert record.train
        if Planned not in self.told:
            yield Planned(list(record.reasons), record.model.parameters)
        self.model_config: ModelConfig = record.model
        self.config: TrainConfig = record.train

    def _build(self) -> Iterator[Event]:
        """The training, with the state of the newest sound checkpoint if there is one."""
        model = new_model(self.model_config, self.train_ids, self.config.seed)
        start = self.folder.start_weights()
        if start:
            model.load_state_dict(start)
        self.training = Training(
            model,
            self.train_ids,
            self.validation_ids,
            self.config,
            characters_per_token=self.characters_per_token,
            validation_characters=len(self.parts.validation),
            validation_bytes=len(self.parts.validation.encode()),
            validation_unknown=self._unknown(),
        )
        snapshot, wrong = self.folder.newest_snapshot()
        if snapshot:
            self.training.restore(snapshot)
            if snapshot.record.get("budget") != self._budget():
                self._go_further()
            self.step, self.seconds = self.training.step, self.training.seconds
        best = self.folder.best_record() if wrong and not snapshot else None
        for damage in wrong:
            note = Message("train.recovered", damage=damage, step=self.step)
            yield Recovered(self.step, damage if best else note)
        if best:
            model.load_state_dict(self.folder.best_model().state_dict())
            yield Recovered(0, Message("train.recovered.weights", step=best["step"]))
        for damage in self.folder.best.newest()[1]:
            self.training.best = math.inf
            yield Recovered(self.step, Message("train.recovered.best", damage=damage))

    def _budget(self) -> list[float | None]:
        return [self.config.minutes, self.config.steps]

    def _go_further(self) -> None:
        """The budget has changed: whatever ended the training holds no more."""
        training = self.training
        passed = (share <= training.share() for share in evaluation_shares(self.config.evaluations))
        training.evaluations, training.unimproved, training.reason = sum(passed), 0, None

    # -- training -----------------------------------------------------------------------------

    def _train(self) -> Iterator[Event]:
        """Pass the training's events on; between them save, sample, measure, and obey."""
        measured = BaselinesMeasured in self.told
        reason = "stopped" if self.wishes().want == "stop" else None
        for event in self.training.run() if reason is None else ():
            yield self._seen(event)
            if isinstance(event, Evaluated):
                yield from self._after_validation(event)
            if isinstance(event, Progress) and not measured:
                measured = True
                yield self._baselines()
            wish = self.wishes()
            if wish.ticket > self.ticket:  # asked to go on before we had ended
                self.ticket = wish.ticket
                self.folder.note_taken(wish.ticket)
            if wish.sample_now > self.samples_shown:
                self.samples_shown = wish.sample_now
                yield self._sample()
            if wish.want in ("pause", "leave"):
                yield self._save()
                if wish.want == "pause":
                    yield Paused(self.step, self.seconds)
                return
            if wish.want == "stop":
                reason = "stopped"
                break
            due = self.training.share() >= self.training.next_evaluation()  # save after it
            if time.monotonic() - self.saved_at >= self.pause and not due:
                yield self._save()
        yield self._save()
        yield from self._read_out(reason or self.training.reason or "budget")

    def _seen(self, event: Event) -> Event:
        self.step = getattr(event, "step", self.step)
        self.seconds = getattr(event, "seconds", self.seconds)
        return event

    def _after_validation(self, event: Evaluated) -> Iterator[Event]:
        """Keep the best weights, and show what these write."""
        kept = self.folder.best_record()
        # not when equal, as after a resume: to be replaced is to be gone for an instant
        if event.best and (kept is None or event.nats_per_char < kept["nats_per_char"]):
            self._keep_best(event.nats_per_char, event.bits_per_byte)
        yield self._sample()

    def _keep_best(self, nats_per_char: float, bits_per_byte: float) -> None:
        about = {
            "step": self.step,
            "seconds": self.seconds,
            "nats_per_char": nats_per_char,
            "bits_per_byte": bits_per_byte,
        }
        self.folder.save_best(self.training.weights(), about)

    def _sample(self) -> Sampled:
        """A text by the present weights; every time the same prompt and seed."""
        writer = with_weights(self.model_config, self.training.weights())  # copies
        prompt, seed = self.wanted.prompt, self.wanted.seed
        config = SampleConfig(length=SAMPLE_CHARACTERS, seed=seed)
        written = generate.write(writer, self.tokenizer, prompt, config)
        return Sampled(self.step, self.seconds, prompt, seed, written.text)

    def _save(self) -> Saved:
        """Make this step durable; then wait so long that saving costs at most 1 % of the time."""
        began = time.monotonic()
        about = {
            "step": self.step,
            "torch": torch.__version__,
            "device": str(self.training.device),
            "threads": self.training.threads,
        }
        snapshot = self.training.snapshot()
        record = {**snapshot.record, "budget": self._budget()}
        self.folder.save(changed(snapshot, record=record), about)
        self.saved_at = time.monotonic()
        if self.checkpoint_seconds:
            self.pause = max(self.checkpoint_seconds, 100 * (self.saved_at - began))
        return Saved(self.step, self.seconds)

    # -- read-out -----------------------------------------------------------------------------

    def _baselines(self) -> BaselinesMeasured:
        """What counting and compressing reach on the same validation part."""
        return baselines(self.parts, self._scored_characters())

    def _unknown(self) -> float:
        """What characters of the validation part that training lacks add to every validation."""
        text = self.parts.validation[: self._scored_characters()]
        return evaluation.unknown_nats(self.tokenizer, text) / max(1, len(text) - 1)

    def _scored_characters(self) -> int:
        """How much of a held-out part is looked at: as much as validation reads."""
        return int(self.config.validation_tokens * self.characters_per_token)

    def _read_out(self, reason: str) -> Iterator[Event]:
        """The figures of the best weights, on text that no choice was made by."""
        if self.folder.best_record() is None:  # stopped before the first validation
            nats = self.training.validate()
            per_byte = nats / math.log(2) / self.training.bytes_per_character
            yield Evaluated(self.step, self.seconds, nats, per_byte, True)
            self._keep_best(nats, per_byte)
        tokens = self.step * self.config.batch_size * self.config.sequence_length
        yield read_out(
            self.folder,
            self.parts,
            step=self.step,
            seconds=self.seconds,
            reason=reason,
            tokens_per_second=tokens / max(1e-9, self.seconds),
            threads=self.training.threads,
        )
