"""What one server allows: generous for the person at the machine, capped for visitors."""

from __future__ import annotations

import math
import os
from collections.abc import Mapping
from dataclasses import dataclass, fields

from rnn_demo.config import Config, ModelConfig, RunConfig
from rnn_demo.errors import ConfigError, LimitError
from rnn_demo.text.corpus import Report

MB = 1_000_000


@dataclass(frozen=True, kw_only=True)
class Limits(Config):
    """Caps of one server. Each can be set by the environment: RNN_DEMO_MINUTES=15."""

    upload_bytes: int = 200 * MB
    characters: int = 200 * MB  # of the text of one run
    parameters: int = 100 * MB  # weights of one network
    step_bytes: int = 16_000 * MB  # of memory, for one update
    minutes: float = 1e5  # of training, of one run in one go
    steps: int = 10**9
    queue: int = 50  # runs that wait, of everybody
    waiting_per_owner: int = 20  # runs that wait or are trained, of one owner
    waiting_per_address: int = 1000  # the same, of all who come from one address
    runs_per_owner: int = 1000  # runs that are kept, of one owner
    run_bytes: int = 4000 * MB  # on disk
    total_bytes: int = 1000 * 1000 * MB
    keep_hours: float = 0.0  # idle runs may be removed after so long when space is needed; 0: never
    slots: int = 1  # runs that are trained at the same time

    @classmethod
    def public(cls) -> Limits:
        """For visitors of a small shared machine."""
        return cls(
            upload_bytes=10 * MB,
            characters=5 * MB,
            parameters=10 * MB,
            step_bytes=1000 * MB,
            minutes=15,
            steps=200_000,
            queue=8,
            waiting_per_owner=3,
            waiting_per_address=5,
            runs_per_owner=20,
            run_bytes=400 * MB,
            total_bytes=4000 * MB,
            keep_hours=24,
        )

    def with_environment(self) -> Limits:
        """The same with what RNN_DEMO_... variables say."""
        variables = {f.name: f"RNN_DEMO_{f.name.upper()}" for f in fields(self)}
        said = {name: os.environ[v] for name, v in variables.items() if v in os.environ}
        return self.changed(said, variables)

    def changed(self, texts: Mapping[str, str], spelled: Mapping[str, str]) -> Limits:
        """The same with other numbers, as texts, and as whoever gave them spells their names.
        Raises ConfigError for what is no number from 0 on.
        """
        kinds = {f.name: f.type for f in fields(self)}
        numbers: dict[str, float] = {}
        for name, text in texts.items():
            try:
                numbers[name] = float(text) if kinds[name] == "float" else int(text)
            except ValueError:
                numbers[name] = math.nan
            if not 0 <= numbers[name] < math.inf:
                raise ConfigError("settings.limit", name=spelled[name], value=text[:40])
        return Limits.from_json(self.to_json() | numbers)

    def check(self, report: Report, wanted: RunConfig) -> None:
        """Refuse a run that is larger than allowed, with the number, before anything is made."""
        self.check_budget(wanted.minutes, wanted.steps)
        if report.characters > self.characters:
            raise LimitError("limit.characters", count=report.characters, most=self.characters)
        model = _largest(report, wanted)
        parameters = model.parameters
        if parameters > self.parameters:
            raise LimitError("limit.weights", count=parameters, most=self.parameters)
        size = model.step_bytes(wanted.batch or 64, wanted.length or 64)
        if size > self.step_bytes:
            raise LimitError("limit.step", size=size // MB, most=self.step_bytes // MB)
        disk = 16 * parameters + 2 * report.bytes  # three checkpoints with two moments, the best
        if disk > self.run_bytes:
            raise LimitError("limit.disk", size=disk // MB, most=self.run_bytes // MB)

    def check_budget(self, minutes: float | None, steps: int | None) -> None:
        """Refuse more training than allowed."""
        if minutes is not None and minutes > self.minutes:
            raise LimitError("limit.minutes", most=self.minutes, wanted=minutes)
        if steps is not None and steps > self.steps:
            raise LimitError("limit.steps", most=self.steps, wanted=steps)


def _largest(report: Report, wanted: RunConfig) -> ModelConfig:
    """The wanted network; what the recipe chooses is within reason."""
    symbols = {"byte": 256, "subword": 8000, "unigram": 8000}.get(
        wanted.tokenizer or "", report.symbols
    )
    return ModelConfig(
        vocab_size=max(1, min(wanted.vocab_size or symbols, 1 << 20)),
        cell=wanted.cell or "lstm",
        embedding_size=64 if wanted.embedding is None else wanted.embedding,
        hidden_size=wanted.hidden or 256,
        layers=wanted.layers or 1,
    )
