"""A long text as B parallel streams, T tokens at a time, over and over.

The text is read as a ring, so every token is a target about once a pass and every batch has the
same shape. Each pass begins at another random place, which moves the borders of the sequences.
That place depends on nothing but the seed and the number of the pass: two integers are enough
to go on exactly where a training stopped.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from rnn_demo.errors import CorpusError


@dataclass(frozen=True)
class Batch:
    """inputs (B, T) int64, targets (B, T) int64: the same tokens, one step later."""

    inputs: Tensor
    targets: Tensor
    fresh: bool  # a new pass: the carried state belongs to another place and must be reset


class Streams:
    """Row b of a batch continues row b of the batch before it, until a batch is `fresh`.

    With tokens 0..8, B = 2, T = 2 and a pass that begins at token 0:
        [[0 1] [4 5]] -> [[1 2] [5 6]] fresh, then [[2 3] [6 7]] -> [[3 4] [7 8]]
    """

    def __init__(
        self,
        tokens: np.ndarray | Tensor,  # (N,) of any integer type
        batch_size: int,
        sequence_length: int,
        *,
        seed: int = 0,
        device: torch.device | str = "cpu",
    ) -> None:
        if len(tokens) < 2:
            raise CorpusError("corpus.tokens", count=len(tokens))
        self.tokens = _as_tensor(tokens).to(device)
        self.count = len(tokens)
        self.seed = seed
        self.pass_number = 0
        self.step = 0  # batches already read in this pass
        stream = -(-self.count // batch_size)  # tokens from one stream's start to the next
        self.steps_per_pass = -(-stream // sequence_length)
        spread = torch.arange(batch_size) * self.count // batch_size
        self._window = (spread[:, None] + torch.arange(sequence_length + 1)).to(device)
        self._length = sequence_length
        self._offset = self._draw_offset()

    def next(self) -> Batch:
        """The next batch; never ends."""
        if self.step == self.steps_per_pass:
            self.pass_number, self.step = self.pass_number + 1, 0
            self._offset = self._draw_offset()
        places = (self._window + (self._offset + self.step * self._length)) % self.count
        window = self.tokens[places].long()  # (B, T + 1)
        self.step += 1
        return Batch(window[:, :-1], window[:, 1:], fresh=self.step == 1)

    def position(self) -> dict[str, int]:
        """Where the next batch comes from, as JSON."""
        return {"pass": self.pass_number, "step": self.step}

    def restore(self, position: dict[str, int]) -> None:
        """Go on from position(), given the same tokens, shapes and seed."""
        self.pass_number, self.step = position["pass"], position["step"]
        self._offset = self._draw_offset()

    def _draw_offset(self) -> int:
        return int(np.random.default_rng([self.seed, self.pass_number]).integers(self.count))


def _as_tensor(tokens: np.ndarray | Tensor) -> Tensor:
    """Tokens as torch can index them: it cannot index 16- and 32-bit unsigned integers."""
    if isinstance(tokens, Tensor):
        return tokens
    if tokens.dtype in (np.uint16, np.uint32, np.uint64):
        tokens = tokens.astype(np.int32)
    return torch.from_numpy(np.array(tokens))
