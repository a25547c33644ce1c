"""What a view looks at: a copy of a network, its tokenizer and its texts."""

from __future__ import annotations

from dataclasses import dataclass, field

import torch
from torch import Tensor

from rnn_demo.checkpoint import RunFolder
from rnn_demo.errors import RunError
from rnn_demo.inspection.reading import Reading, read
from rnn_demo.inspection.unrolled import Unrolled
from rnn_demo.model import RecurrentLM
from rnn_demo.tokenizer import Tokenizer


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
        """The text to look at: the one given, else text that was held out of the training."""
        text = given or self.held_out or self.train_text
        if not text:
            raise RunError("This model came without its text. Give one to look at.")
        return text

    def windows(self, count: int, length: int, generator: torch.Generator) -> Tensor:
        """(count, length) symbols from random places of the held-out text.

        Falls back to the training text only where nothing was held out: a network that has
        learned a text by heart looks as if it remembered further than it does.
        """
        ids = self.read(self.text()).ids
        if len(ids) < 2 * length:
            ids = torch.cat([ids, self.read(self.train_text).ids])
        if len(ids) <= length:
            raise RunError(f"The text is too short: {len(ids)} symbols, and {length} are needed.")
        starts = torch.randint(len(ids) - length + 1, (count,), generator=generator)
        return ids[starts[:, None] + torch.arange(length)]


def from_run(folder: RunFolder) -> Subject:
    """The best weights of a run so far, with the text that it was trained and tested on."""
    parts = folder.parts()
    return Subject(
        name=folder.record.name or folder.record.id,
        model=folder.best_model(),
        tokenizer=folder.tokenizer(),
        train_text=parts.train,
        held_out=parts.validation,
    )
