"""Training: one update in five visible lines, around it the schedule, the validation, the guard.

A Training is a generator of events that is suspended only between updates, so whoever iterates it
may take a snapshot, write a sample or walk away at any event. It knows nothing of files.
Losses stay on the device until a report: asking for a number makes a GPU wait.
Shapes: B streams, T tokens, V vocabulary, N tokens of a part.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from rnn_demo.config import ModelConfig, TrainConfig
from rnn_demo.errors import TrainingError
from rnn_demo.events import Evaluated, Event, Progress, Started
from rnn_demo.messages.message import Message
from rnn_demo.network.devices import choose_device, fast_arithmetic, takes_bfloat16, thread_counts
from rnn_demo.network.gradients import Gradients
from rnn_demo.network.losses import token_losses
from rnn_demo.network.model import RecurrentLM, State, detach
from rnn_demo.training.batches import Streams
from rnn_demo.training.optimizer import make_optimizer
from rnn_demo.training.pace import Pace
from rnn_demo.training.schedule import Meters, evaluation_shares, learning_rate

REPORT_SECONDS = 0.2  # of work between two Progress events


@dataclass(frozen=True)
class Snapshot:
    """All that is needed to go on exactly here: tensors by file and name, numbers as JSON."""

    tensors: dict[str, dict[str, Tensor]]  # model, optimizer, random
    record: dict[str, Any]


def new_model(config: ModelConfig, train_ids: np.ndarray, seed: int) -> RecurrentLM:
    """Fresh weights; the output begins at how often each token occurs in the text."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)  # orthogonal matrices are rounded otherwise on several
    model = RecurrentLM(config, torch.Generator().manual_seed(seed))
    torch.set_num_threads(threads)
    model.set_output_bias(torch.from_numpy(np.bincount(train_ids, minlength=config.vocab_size)))
    return model


COUNTERS: tuple[str, ...] = ("step", "seconds", "evaluations", "best_step", "unimproved", "reason")
COUNTERS += ("threads", "arithmetic")


class Training:
    """Trains a model on one text within a budget; `reason` says why it ended.

    Counters, position and random states are plain values: snapshot() writes them down and
    restore() brings them back, bit for bit for a fixed number of threads.
    """

    def __init__(
        self,
        model: RecurrentLM,
        train_ids: np.ndarray,  # (N,) of any integer type
        validation_ids: np.ndarray,
        config: TrainConfig,
        *,
        characters_per_token: float = 1.0,  # of the training part
        validation_characters: int | None = None,
        validation_bytes: int | None = None,
        validation_unknown: float = 0.0,  # nats per character for those outside of the vocabulary
    ) -> None:
        self.config = config
        self.device = choose_device(config.device)
        self.model = model.to(self.device).train()
        self.streams = Streams(
            train_ids,
            config.batch_size,
            config.sequence_length,
            seed=config.seed,
            device=self.device,
        )
        part = validation_ids[: config.validation_tokens].astype(np.int32)
        self.validation_ids = torch.from_numpy(part).to(self.device)
        characters = validation_characters or len(validation_ids)
        self.validation_characters_per_token = characters / max(1, len(validation_ids))
        self.bytes_per_character = (validation_bytes or characters) / characters
        self.characters_per_token = characters_per_token
        self.validation_unknown = validation_unknown

        self.step = 0
        self.parameters = dict(self.model.named_parameters())
        self.optimizer = make_optimizer(self.parameters, config)
        self.fault = torch.zeros((), device=self.device)  # 1 from the first bad step on
        self.optimizer.found_inf = self.fault  # type: ignore[attr-defined]  # then nothing moves
        self.arithmetic = config.arithmetic
        if config.arithmetic == "auto":
            self.arithmetic = fast_arithmetic(self.device)
        self.half = takes_bfloat16(self.device, self.arithmetic)
        self.generator = torch.Generator(self.device).manual_seed(config.seed)  # for dropout
        self.threads = config.threads or thread_counts(config.batch_size)[-1]
        self.gradients: Gradients | None = None
        if self.device.type == "cpu":
            self._use_threads(self.threads)
        self.meters = Meters(self.device)
        self.state: State | None = None
        self.seconds = 0.0  # of training, until the present stretch of work
        self.evaluations = 0
        self.best = math.inf
        self.best_step = 0
        self.unimproved = 0  # validation passes since the best
        self.reason: str | None = None  # budget | early
        tokens = config.batch_size * config.sequence_length
        self.pace = Pace(self.update, self._use_threads, lambda: self.share() >= 1, tokens)
        self._since: float | None = None  # when the present stretch of work began

    # -- the update -------------------------------------------------------------------------

    def update(self) -> None:
        """One update from B * T tokens: forward, loss, backward, clip, step."""
        batch = self.streams.next()
        state = None if batch.fresh else self.state
        for group in self.optimizer.param_groups:
            group["lr"] = learning_rate(self.share(), self.config)
        if self.gradients is not None:  # the next three lines, written out for a CPU
            loss, self.state = self.gradients(batch.inputs, batch.targets, state)
        else:
            self.optimizer.zero_grad()
            with torch.autocast(self.device.type, torch.bfloat16, enabled=self.half):
                logits, state = self.model(batch.inputs, state, self.generator)
                loss = F.cross_entropy(logits.flatten(0, 1), batch.targets.flatten())
            loss.backward()
            self.state = detach(state)
        norm = torch.nn.utils.clip_grad_norm_(self.parameters.values(), self.config.clip_norm)
        self._guard(loss, norm)
        self.optimizer.step()
        self.step += 1
        self.meters.add(loss.detach(), norm, self.config.clip_norm)

    def _guard(self, loss: Tensor, norm: Tensor) -> None:
        """From the first loss or gradient on that is not finite, the optimizer moves nothing.

        A GPU is asked for no number here: the flag is read at the next report.
        """
        bad = ~(torch.isfinite(loss) & torch.isfinite(norm))
        self.fault.masked_fill_(bad, 1.0)
        if self.device.type in ("cpu", "mps"):  # whose AdamW heeds no flag before PyTorch 2.13
            self.check()

    def check(self) -> None:
        """Raise TrainingError after a bad step; the weights are the last good ones."""
        if self.fault.item():
            rate, lower = self.learning_rate, self.lower_rate
            raise TrainingError("train.exploded", step=self.step + 1, rate=rate, lower=lower)

    @property
    def learning_rate(self) -> float:
        """Of the last update."""
        return self.optimizer.param_groups[0]["lr"]

    @property
    def lower_rate(self) -> float:
        """To try after an explosion: a third, in two digits."""
        return float(f"{self.learning_rate / 3:.2g}")

    # -- the clock --------------------------------------------------------------------------

    def elapsed(self) -> float:
        """Seconds of training so far: neither validation nor the caller's own work counts."""
        running = 0.0 if self._since is None else time.perf_counter() - self._since
        return self.seconds + running

    def share(self) -> float:
        """Of the budget that is used, 0..1."""
        if self.config.steps is not None:
            return min(1.0, self.step / self.config.steps)
        return min(1.0, self.elapsed() / (60 * (self.config.minutes or 1)))

    def _work(self, seconds: float) -> None:
        """Updates for so long, or until a validation is due or the budget is used."""
        self._since = time.perf_counter()
        until, due = self.seconds + seconds, self.next_evaluation()
        while self.share() < due:
            self.update()
            if self.elapsed() >= until:
                break
        self.check()  # waits for the device
        self.seconds, self._since = self.elapsed(), None

    # -- the stream of events ---------------------------------------------------------------

    def run(self) -> Iterator[Event]:
        """Train until the budget is used or validation no longer improves."""
        try:
            yield from self._run()
        finally:  # also when whoever iterates walks away
            self.close()

    def _run(self) -> Iterator[Event]:
        choose = self.gradients is not None and not self.config.threads
        if choose:  # begin at once: helpers take a while to start
            self._use_threads(1)
        yield self._started("")
        if choose:
            self._work(REPORT_SECONDS)
            if self.meters.steps:
                yield self._progress()
            yield self._started(self._choose_threads())
        while self.reason is None:
            self._work(REPORT_SECONDS)
            if self.meters.steps:
                progress = self._progress()
                yield progress
                if choose and self.pace.has_slowed(progress.tokens_per_second, self.seconds):
                    yield self._started(Message("pace.slowed", found=self._choose_threads()))
                elif choose and self.pace.may_be_better(self.seconds):
                    yield self._started(self._choose_threads())
            if self.share() >= self.next_evaluation():
                yield self._evaluate()

    def next_evaluation(self) -> float:
        """The share of the budget at which the next validation is due."""
        shares = evaluation_shares(self.config.evaluations)
        return shares[min(self.evaluations, len(shares) - 1)]

    def _started(self, note: str) -> Started:
        return Started(self.step, str(self.device), self.threads, torch.__version__, note)

    def _progress(self) -> Progress:
        seconds = self.seconds - self.meters.seconds
        loss, norm, clipped, steps = self.meters.empty(self.seconds)
        tokens = steps * self.config.batch_size * self.config.sequence_length
        return Progress(
            step=self.step,
            seconds=self.seconds,
            share=self.share(),
            nats_per_char=loss / self.characters_per_token,
            tokens_per_second=tokens / max(1e-9, seconds),
            learning_rate=self.learning_rate,
            gradient_norm=norm,
            clipped=clipped,
        )

    def _evaluate(self) -> Evaluated:
        """Validate, decide whether these weights are the best, and whether to go on."""
        nats = self.validate()
        best = nats < self.best
        self.unimproved = 0 if best else self.unimproved + 1
        if best:
            self.best, self.best_step = nats, self.step
        shares = evaluation_shares(self.config.evaluations)
        self.evaluations = sum(share <= self.share() for share in shares)
        if self.share() >= 1:
            self.reason = "budget"
        elif self.unimproved >= self.config.patience:
            self.reason = "early"
        bits = nats / math.log(2) / self.bytes_per_character
        return Evaluated(self.step, self.seconds, nats, bits, best)

    def validate(self) -> float:
        """Nats per character of the validation part; training is not touched by it.

        In training's own arithmetic: of bfloat16, the mean shows at most in the fourth digit.
        """
        losses = token_losses(
            self.model,
            self.validation_ids,
            threads=self.threads,
            products=None if self.gradients is None else self.gradients.products,
        )
        nats = losses.double().mean().item() if len(losses) else math.inf
        return nats / self.validation_characters_per_token + self.validation_unknown

    def close(self) -> None:
        """End the helpers, threads or processes."""
        if self.gradients is not None:
            self.gradients.close()

    def weights(self) -> dict[str, Tensor]:
        """The weights that validation just measured, as copies on the CPU."""
        return {name: p.detach().cpu().clone() for name, p in self.parameters.items()}

    # -- stopping and going on --------------------------------------------------------------

    def snapshot(self) -> Snapshot:
        """Everything that a later restore() needs, as copies on the CPU."""
        self.check()
        optimizer = {
            f"{key}/{name}": value
            for name, parameter in self.parameters.items()
            for key, value in self.optimizer.state[parameter].items()
        }
        random = {"generator": self.generator.get_state()}
        if self.gradients is not None:
            random |= {f"gradients/{k}": v for k, v in self.gradients.random_state().items()}
        random |= {f"state/{index}": part for index, part in enumerate(self.state or ())}
        tensors = {"model": self.parameters, "optimizer": optimizer, "random": random}
        record = {name: getattr(self, name) for name in COUNTERS}
        record |= {
            "position": self.streams.position(),
            "best": self.best if self.best < math.inf else None,
        }
        copies = {file: {n: t.detach().cpu().clone() for n, t in named.items()}
                  for file, named in tensors.items()}  # fmt: skip
        return Snapshot(copies, record)

    @torch.no_grad()
    def restore(self, snapshot: Snapshot) -> None:
        """Go on exactly where the snapshot was taken."""
        random, record = dict(snapshot.tensors["random"]), snapshot.record
        for name, parameter in self.parameters.items():
            parameter.copy_(snapshot.tensors["model"][name])
        self._restore_optimizer(snapshot.tensors["optimizer"])
        for name in COUNTERS:
            setattr(self, name, record[name])
        self.best = math.inf if record["best"] is None else record["best"]
        self.streams.restore(record["position"])
        self.meters.empty(self.seconds)
        parts = [random[f"state/{index}"] for index in range(2) if f"state/{index}" in random]
        self.state = tuple(part.to(self.device) for part in parts) or None
        if random["generator"].shape == self.generator.get_state().shape:
            self.generator.set_state(random["generator"])  # else: from another kind of device
        own = {name.removeprefix("gradients/"): t for name, t in random.items()
               if name.startswith("gradients/")}  # fmt: skip
        if self.gradients is not None:
            self._use_threads(self.config.threads or self.threads)
            if own:  # else the run comes from another kind of device
                self.gradients.restore_random_state(own)

    def _restore_optimizer(self, tensors: dict[str, Tensor]) -> None:
        for key in ("exp_avg", "exp_avg_sq", "step"):
            for name, parameter in self.parameters.items():
                kept = self.optimizer.state[parameter]
                if f"{key}/{name}" in tensors:
                    kept[key] = tensors[f"{key}/{name}"].clone().to(self.device)

    # -- threads ----------------------------------------------------------------------------

    def _choose_threads(self) -> str:
        """Let the clock decide, by real updates; says what was found."""
        counts = thread_counts(self.config.batch_size)
        if self.gradients is not None:  # start all helpers before the clock of the training
            self._use_threads(counts[-1])
            self.gradients.warm_up(self.config.batch_size, self.config.sequence_length)
        self._since = time.perf_counter()
        note = self.pace.choose(counts)
        self.seconds, self._since = self.elapsed(), None
        return note

    def _use_threads(self, threads: int) -> None:
        """Split the streams over so many threads from here on."""
        seed, self.threads = self.config.seed + self.step, threads
        torch.set_num_threads(1)  # two ways to share the cores at once would stand in each other's
        if self.gradients is None:
            self.gradients = Gradients(
                self.model, threads=threads, arithmetic=self.arithmetic, seed=seed
            )
        else:
            self.gradients.use(threads, seed)
