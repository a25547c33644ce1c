"""What a view looks at: a copy of a network, its tokenizer and its texts."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import torch
from torch import Tensor

from rnn_demo.errors import DamagedError, RunError
from rnn_demo.inspection.drawing import uniforms, write_rows
from rnn_demo.inspection.reading import Reading, read
from rnn_demo.inspection.unrolled import Unrolled, one_thread
from rnn_demo.network.model import RecurrentLM
from rnn_demo.runs.checkpoint import RunFolder
from rnn_demo.text.tokenizer import Tokenizer

OWN_ROWS, OWN_SYMBOLS = 16, 4e10  # own text: rows; multiplications and additions it may cost


@dataclass(frozen=True, eq=False)
class Subject:
    """A network to look at. Nothing here is shared with a training that goes on."""

    name: str
    model: RecurrentLM  # in eval mode: no dropout
    tokenizer: Tokenizer
    train_text: str = ""
    held_out: str = ""  # the validation part: what the network has not learned by heart
    network: Unrolled = field(init=False)

    def __post_init__(self) -> None:
        self.model.eval()
        object.__setattr__(self, "network", Unrolled(self.model))

    @property
    def cell(self) -> str:
        return self.model.config.cell

    def read(self, text: str, maximum: int | None = None) -> Reading:
        """Encode a text for this network."""
        return read(self.tokenizer, text, maximum)

    def text(self, given: str = "") -> str:
        """The text to look at: the one given, else text that was held out of the training.

        A model that came without any text is looked at on what it writes itself.
        """
        return given or self.held_out or self.train_text or self.own_text

    @property
    def source(self) -> str:
        """Where text() comes from if none is given: held_out, train or own."""
        return "held_out" if self.held_out else "train" if self.train_text else "own"

    @cached_property
    def own_text(self) -> str:
        """What the network writes at temperature 1 from a line end: its own language."""
        each = int(max(64, min(750, OWN_SYMBOLS / OWN_ROWS / self.network.flops)))
        start = self.read("\n").ids
        with one_thread():
            rows = write_rows(self.network, start, uniforms(each, OWN_ROWS, 0), 1.0)
        return self.tokenizer.decode(rows.flatten().numpy())

    def windows(self, count: int, length: int, generator: torch.Generator) -> Tensor:
        """(count, length) symbols from random places of the held-out text.

        Falls back to the training text only where nothing was held out: a network that has
        learned a text by heart looks as if it remembered further than it does.
        """
        ids = self.read(self.text()).ids
        if len(ids) < 2 * length:
            ids = torch.cat([ids, self.read(self.train_text).ids])
        if len(ids) <= length:
            raise RunError("look.short", count=len(ids), needed=length)
        starts = torch.randint(len(ids) - length + 1, (count,), generator=generator)
        return ids[starts[:, None] + torch.arange(length)]


def from_run(folder: RunFolder) -> Subject:
    """The best weights of a run so far, with the text that it was trained and tested on."""
    train, held_out = _texts(folder)
    return Subject(
        name=folder.record.name or folder.record.id,
        model=folder.best_model(),
        tokenizer=folder.tokenizer(),
        train_text=train,
        held_out=held_out,
    )


def _texts(folder: RunFolder) -> tuple[str, str]:
    """(training part, validation part), as far as they are there."""
    try:
        parts = folder.parts()
    except DamagedError:
        return "", ""
    return parts.train, parts.validation
