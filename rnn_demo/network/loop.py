"""What the loops of kernels.py share: the order of a layer's rows, the buffers, TorchScript.

A layer's rows come in blocks of H, one for each gate, in an order of its own (LAYOUTS) in which
the sigmoid gates are neighbours. Streams are columns. `low` marks the buffers that a matrix
product reads or writes, in float32 or bfloat16; everything else is float32.
Shapes: B streams, T tokens, N = T * B columns, H hidden.
"""

from __future__ import annotations

import warnings
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn


class Layout(NamedTuple):
    """Which of PyTorch's gates each block of rows is, and where its gradient lies."""

    inputs: tuple[int, ...]  # blocks of W and of the product with the inputs
    recurrent: tuple[int, ...]  # blocks of U
    gradients: int  # number of blocks; the first are those of `inputs`
    recurrent_from: int  # the block where those of `recurrent` begin


LAYOUTS = {
    "rnn": Layout((0,), (0,), 1, 0),
    "lstm": Layout((0, 1, 3, 2), (0, 1, 3, 2), 4, 0),  # i f o g
    "gru": Layout((2, 1, 0), (1, 0, 2), 4, 1),  # n z r, then U's n: its gradient is another
    "gru_before": Layout((2, 1, 0), (2, 1, 0), 3, 0),  # n z r
}


def views(buffer: Tensor, start: int = 0, end: int | None = None) -> list[Tensor]:
    """One view for each time step of rows start..end of a buffer (T, rows, B)."""
    return list(buffer[:, start:end].unbind(0))


class Loop(nn.Module):
    """A layer over T steps of B streams. Made once, used at every update.

    forward(products, u, bias): products (blocks*H, N) = W inputs + bias for all steps, u
    (blocks*H, H), bias (H) the GRU's b in U h + b; from `h[0]` it fills `states`.
    backward(d_outputs, ut): d_outputs (H, N) and ut (H, blocks*H); it fills `rows` with the
    gradients before the gates. Nothing flows in from beyond the last step.
    """

    def __init__(self, cell: str, steps: int, streams: int, hidden: int, low: torch.dtype) -> None:
        super().__init__()
        layout = LAYOUTS[cell]
        self.is_low = low != torch.float32
        self.steps, self.streams, self.hidden = steps, streams, hidden
        self.all_x = torch.zeros(steps, len(layout.inputs) * hidden, streams, dtype=low)
        self.all_h = torch.zeros(steps + 1, hidden, streams)  # h[t]: before step t
        self.all_low_h = self.all_h.to(low)  # the same tensor in float32
        self.all_low_d = torch.zeros(steps, layout.gradients * hidden, streams, dtype=low)
        self.all_d_out = torch.zeros(steps, hidden, streams)
        self.all_d = self.scratch(self.all_low_d)
        self.states = torch.zeros(hidden, steps + 1, streams, dtype=low)  # low_h, by feature
        self.rows = torch.zeros(layout.gradients * hidden, steps, streams, dtype=low)  # low_d
        self.x, self.h, self.low_h = views(self.all_x), views(self.all_h), views(self.all_low_h)
        self.d, self.low_d, self.d_out = map(views, (self.all_d, self.all_low_d, self.all_d_out))
        self.dh, self.part, self.kept, self.more = torch.zeros(4, hidden, streams).unbind(0)
        self.low = torch.zeros(hidden, streams, dtype=low)

    def scratch(self, low: Tensor) -> Tensor:
        """float32 for every step of `low`: itself, or one small buffer shown T times."""
        return torch.zeros(low.shape[1:]).expand(low.shape) if self.is_low else low

    def product(self, target: Tensor) -> list[Tensor]:
        """Where a product goes that ends up in `target`: there, or first in a low buffer."""
        if not self.is_low:
            return views(target)
        return views(torch.zeros(target.shape[1:], dtype=self.low.dtype).expand(target.shape))

    def block(self, buffer: Tensor, index: int) -> list[Tensor]:
        """Views of one gate's rows."""
        return views(buffer, index * self.hidden, (index + 1) * self.hidden)

    def fill(self, products: Tensor) -> None:
        self.all_x.copy_(products.view(-1, self.steps, self.streams).transpose(0, 1))

    def collect_states(self) -> None:
        self.states.copy_(self.all_low_h.transpose(0, 1))

    def spread(self, d_outputs: Tensor) -> None:
        by_step = d_outputs.view(self.hidden, self.steps, self.streams).transpose(0, 1)
        self.all_d_out.copy_(by_step)
        self.dh.zero_()
        self.kept.zero_()

    def collect_rows(self) -> None:
        self.rows.copy_(self.all_low_d.transpose(0, 1))


def scripted(code: Any) -> Any:
    """A function or module of this file or share.py, made free of Python's global lock."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            return torch.jit.script(code)
    except AttributeError:  # no torch.jit
        return code
