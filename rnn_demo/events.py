"""What happens in a run, one frozen class per event: train() and run() yield them, the run folder
keeps them as lines of JSON, the page draws them, the command line prints them.

Sentences for people are Messages; events from before there were any hold plain English.

Losses are nats per character on whatever tokenizer; bits are nats / ln 2. Times are seconds of
training, without evaluation, since the run began (resumed runs go on counting).

A line ends with a checksum of what is before it, so that a flipped digit is not taken for a loss.
"""

from __future__ import annotations

import json
import re
import zlib
from dataclasses import asdict, dataclass, field
from typing import Any, ClassVar

from rnn_demo.config import fits, types_of
from rnn_demo.errors import DamagedError
from rnn_demo.messages import message as messages

SUM = re.compile(r',"sum":"([0-9a-f]{8})"}$')  # lines from before there were sums have none


@dataclass(frozen=True)
class Event:
    """The base of all events; subclasses register themselves by name."""

    kinds: ClassVar[dict[str, type[Event]]] = {}

    def __init_subclass__(cls) -> None:
        Event.kinds[cls.__name__] = cls

    def to_json(self) -> str:
        """One line of strict JSON: no NaN, no line break."""
        record = {"event": type(self).__name__, **messages.to_json(asdict(self))}
        line = json.dumps(record, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
        return f'{line[:-1]},"sum":"{_checksum(line)}"}}'


def _checksum(line: str) -> str:
    """CRC-32 of a whole line of JSON, in hexadecimal."""
    return f"{zlib.crc32(line.encode()):08x}"


def from_json(line: str) -> Event:
    """Rebuild an event from its line. Raises DamagedError on anything else."""
    line = line.rstrip()
    written = SUM.search(line)
    try:
        if written and _checksum(line[: written.start()] + "}") != written[1]:
            raise DamagedError("record.event", reason="checksum")
        record = messages.from_json(json.loads(line))
        kind = Event.kinds[record.pop("event")]
        known = types_of(kind)
        record = {name: value for name, value in record.items() if name in known}
        for name, value in record.items():
            if not fits(value, known[name]):
                raise TypeError(name)
        return kind(**record)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise DamagedError("record.event", reason=type(error).__name__) from None


@dataclass(frozen=True)
class Planned(Event):
    """The recipe's choices, a sentence for each."""

    reasons: list[str]
    parameters: int


@dataclass(frozen=True)
class TokenizerLearned(Event):
    kind: str
    vocab_size: int
    characters_per_token: float


@dataclass(frozen=True)
class BaselinesMeasured(Event):
    """Nats per character of simple statistics on the validation part, by name."""

    nats_per_char: dict[str, float]  # uniform, unigram, ngram, xz
    ngram_order: int = 0  # the best order of the n-gram line


@dataclass(frozen=True)
class Started(Event):
    """The worker has begun, or gone on, to train."""

    step: int
    device: str
    threads: int
    torch: str
    note: str = ""  # how threads and arithmetic were chosen


@dataclass(frozen=True)
class Progress(Event):
    """Means over the updates since the last Progress."""

    step: int
    seconds: float
    share: float  # of the budget that is used, 0..1
    nats_per_char: float
    tokens_per_second: float
    learning_rate: float
    gradient_norm: float  # before clipping
    clipped: float  # share of the updates that were clipped


@dataclass(frozen=True)
class Evaluated(Event):
    """A pass over the validation part, or over as much of it as the budget pays for."""

    step: int
    seconds: float
    nats_per_char: float
    bits_per_byte: float
    best: bool  # lower than all before; these weights are kept


@dataclass(frozen=True)
class Sampled(Event):
    """Text written by the network as it is now; always the same prompt and seed."""

    step: int
    seconds: float
    prompt: str
    seed: int
    text: str


@dataclass(frozen=True)
class Saved(Event):
    """A checkpoint is durable: from here the run can be resumed."""

    step: int
    seconds: float


@dataclass(frozen=True)
class Recovered(Event):
    """A damaged checkpoint was passed over for the one before."""

    step: int
    message: str


@dataclass(frozen=True)
class Paused(Event):
    step: int
    seconds: float


@dataclass(frozen=True)
class Finished(Event):
    """The end of a run and its honest read-out, of the best weights."""

    step: int
    seconds: float
    reason: str  # budget | stopped | early
    best_step: int
    validation_nats_per_char: float
    validation_bits_per_byte: float
    test_nats_per_char: float | None = None
    test_bits_per_byte: float | None = None
    copied_share: float | None = None  # of a sample, in runs of 40 or more characters of the text
    held_out_copied_share: float | None = None  # the same for the held-out text
    tokens_per_second: float = 0.0
    extra: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Failed(Event):
    """The run ended by a fault; the message is for people."""

    step: int
    message: str
    learning_rate: float | None = None  # set when the loss exploded: what to retry below
