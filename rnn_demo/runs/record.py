"""What is known of a run beside its events, and what the user wants of it: JSON and back."""

from __future__ import annotations

import base64
import re
import secrets
import time
import unicodedata
from dataclasses import asdict, dataclass, field
from typing import Any

from rnn_demo.config import ModelConfig, RunConfig, TrainConfig, fits, types_of
from rnn_demo.errors import DamagedError, RunError
from rnn_demo.messages.message import from_json

ID = re.compile(r"[a-z2-7]{26}")
PLAN = ("model", "train", "reasons", "tokenizer_sha256")  # fields that plan.json holds
LONGEST_NAME = 80  # characters of what a run is called
JOINERS = {"\u200c", "\u200d"}  # which some scripts and emoji need
FORMAT = 1  # of the run folder; a reader refuses newer ones


def tidy(name: str) -> str:
    """A name as one short line: no sign in it that moves or hides what stands around it."""
    controls = {c for c in name if unicodedata.category(c)[0] == "C"} - JOINERS
    seen = "".join(" " if c in controls else c for c in name)
    return " ".join(seen.split())[:LONGEST_NAME]


def new_id() -> str:
    """26 random characters of base32: 128 bits, safe as a file name everywhere."""
    return base64.b32encode(secrets.token_bytes(16)).decode().rstrip("=").lower()


@dataclass(frozen=True, kw_only=True)
class RunRecord:
    """What is known of a run beside its events. Empty model and train: not planned yet."""

    id: str = field(default_factory=new_id)
    name: str = ""  # for display only
    owner: str = ""  # SHA-256 of a secret; "": whoever can read the folder
    created: float = field(default_factory=time.time)  # seconds since 1970
    wanted: RunConfig = field(default_factory=RunConfig)
    corpus: dict[str, Any] = field(default_factory=dict)  # corpus.Report as JSON
    text_sha256: str = ""
    parent: str = ""  # id of the run that this one was forked from
    key: str = ""  # the request that made it: the same one again makes no second run
    format: int = FORMAT
    model: ModelConfig | None = None
    train: TrainConfig | None = None
    reasons: tuple[str, ...] = ()
    tokenizer_sha256: str = ""  # of the tokenizer's file, since the plan

    def __post_init__(self) -> None:
        object.__setattr__(self, "name", tidy(self.name))

    def to_json(self) -> dict[str, Any]:
        """run.json: all but the plan."""
        record = {n: v for n, v in asdict(self).items() if n not in PLAN}
        return {**record, "wanted": self.wanted.to_json()}

    @classmethod
    def from_json(cls, record: Any, plan: Any = None) -> RunRecord:
        """Rebuild from run.json and, if there is one, plan.json."""
        try:
            if record["format"] > FORMAT:
                raise RunError("run.newer")
            plain = {n: t for n, t in types_of(cls).items() if n not in (*PLAN, "wanted")}
            known = {name: value for name, value in record.items() if name in plain}
            if odd := [name for name, value in known.items() if not fits(value, plain[name])]:
                raise TypeError(", ".join(odd))
            known["wanted"] = RunConfig.from_json(record["wanted"])
            if plan:
                known["model"] = ModelConfig.from_json(plan["model"])
                known["train"] = TrainConfig.from_json(plan["train"])
                known["reasons"] = tuple(from_json(plan["reasons"]))
                known["tokenizer_sha256"] = str(plan.get("tokenizer_sha256", ""))
            return cls(**known)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise DamagedError("record.incomplete", reason=str(error)) from None


@dataclass(frozen=True, kw_only=True)
class Control:
    """What the user wants of a run. seq counts the requests; ticket: the last for a worker."""

    want: str = "run"  # run, pause, stop; a worker without a server adds "leave" for itself
    sample_now: int = 0  # grows by one with every wish to see a sample
    seq: int = 0
    ticket: int = 0
    asked_at: float = 0.0  # seconds since 1970, of the ticket: the order of the queue
