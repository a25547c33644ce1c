"""What one server allows: generous for the person at the machine, capped for visitors."""

from __future__ import annotations

import os
from dataclasses import dataclass, fields, replace

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
    minutes: float = 1e5  # of training, of one run in one go
    steps: int = 10**9
    queue: int = 50  # runs that wait, of everybody
    waiting_per_owner: int = 20  # runs that wait or are trained, of one owner
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
            minutes=15,
            steps=200_000,
            queue=8,
            waiting_per_owner=3,
            runs_per_owner=20,
            run_bytes=400 * MB,
            total_bytes=4000 * MB,
            keep_hours=24,
        )

    def with_environment(self) -> Limits:
        """The same with what RNN_DEMO_... variables say."""
        changes: dict[str, float] = {}
        for f in fields(self):
            text = os.environ.get(f"RNN_DEMO_{f.name.upper()}")
            if text is None:
                continue
            try:
                changes[f.name] = float(text) if f.type == "float" else int(text)
            except ValueError:
                raise ConfigError(
                    "settings.environment", name=f.name.upper(), value=text[:40]
                ) from None
        return replace(self, **changes)  # type: ignore[arg-type]

    def check(self, report: Report, wanted: RunConfig) -> None:
        """Refuse a run that is larger than allowed, with the number, before anything is made."""
        self.check_budget(wanted.minutes, wanted.steps)
        if report.characters > self.characters:
            raise LimitError("limit.characters", count=report.characters, most=self.characters)
        parameters = _most_parameters(report, wanted)
        if parameters > self.parameters:
            raise LimitError("limit.weights", count=parameters, most=self.parameters)
        disk = 16 * parameters + 2 * report.bytes  # three checkpoints with two moments, the best
        if disk > self.run_bytes:
            raise LimitError("limit.disk", size=disk // MB, most=self.run_bytes // MB)

    def check_budget(self, minutes: float | None, steps: int | None) -> None:
        """Refuse more training than allowed."""
        if minutes is not None and minutes > self.minutes:
            raise LimitError("limit.minutes", most=self.minutes, wanted=minutes)
        if steps is not None and steps > self.steps:
            raise LimitError("limit.steps", most=self.steps, wanted=steps)


def _most_parameters(report: Report, wanted: RunConfig) -> int:
    """How many weights the wanted network has; what the recipe chooses is within reason."""
    symbols = {"byte": 256, "subword": 8000}.get(wanted.tokenizer or "", report.symbols)
    model = ModelConfig(
        vocab_size=max(1, min(wanted.vocab_size or symbols, 1 << 20)),
        cell=wanted.cell or "lstm",
        embedding_size=64 if wanted.embedding is None else wanted.embedding,
        hidden_size=wanted.hidden or 256,
        layers=wanted.layers or 1,
    )
    return model.parameters
