"""The memory of one recurrent layer over T steps of B streams: what the kernels read and write.

Shapes: B streams, T tokens, H hidden. A layer's rows come in blocks of H, one for each gate, in
an order of its own (LAYOUTS) in which the sigmoid gates are neighbours.
"""

from __future__ import annotations

import functools
import warnings
from collections.abc import Callable
from typing import Any, NamedTuple

import torch
from torch import Tensor

from rnn_demo import kernels


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


@functools.cache
def scripted(name: str) -> Callable[..., Any]:
    """A loop of kernels.py for TorchScript's interpreter; as Python if that is gone one day."""
    function = getattr(kernels, name)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            return torch.jit.script(function)
    except (AttributeError, RuntimeError):
        return function


def views(buffer: Tensor, start: int = 0, end: int | None = None) -> list[Tensor]:
    """One view for each time step of rows start..end of a buffer (T, rows, B)."""
    return list(buffer[:, start:end].unbind(0))


class Tape:
    """Runs a layer forward and backward, T steps at a time. Made once, used at every update."""

    def __init__(self, cell: str, steps: int, streams: int, hidden: int, low: torch.dtype) -> None:
        self.cell, self.layout, self.hidden = cell, LAYOUTS[cell], hidden
        self.bfloat16 = low != torch.float32
        self.steps, self.streams = steps, streams
        blocks = len(self.layout.inputs)
        self.x = torch.zeros(steps, blocks * hidden, streams, dtype=low)  # W inputs + bias
        self.h = torch.zeros(steps + 1, hidden, streams)  # h[t]: before step t
        self.low_h = self.h.to(low)  # the same tensor in float32
        self.c = torch.zeros(steps + 1 if cell == "lstm" else 0, hidden, streams)
        rows = self.layout.gradients * hidden
        self.low_d = torch.zeros(steps, rows, streams, dtype=low)  # before sigmoid and tanh
        self.d_out = torch.zeros(steps, hidden, streams)  # gradients of the outputs
        self._d = self._scratch(self.low_d)
        self._dh, self._part, self._kept, self._more = torch.zeros(4, hidden, streams).unbind(0)
        self._low = torch.zeros(hidden, streams, dtype=low)
        self._forward, self._backward = getattr(self, f"_{cell}")()

    def _scratch(self, low: Tensor) -> Tensor:
        """float32 for every step of `low`: itself, or one small buffer shown T times."""
        if not self.bfloat16:
            return low
        return torch.zeros(low.shape[1:]).expand(low.shape)

    def _product(self, target: Tensor) -> list[Tensor]:
        """Where a product goes that ends up in `target`: there, or first in a low buffer."""
        if not self.bfloat16:
            return views(target)
        return views(torch.zeros(target.shape[1:], dtype=self.low_d.dtype).expand(target.shape))

    def start(self, state: tuple[Tensor, ...]) -> None:
        """Set the state before the first step. Each (H, B)."""
        self.h[0].copy_(state[0])
        if self.bfloat16:
            self.low_h[0].copy_(state[0])
        if self.cell == "lstm":
            self.c[0].copy_(state[1])

    def state(self) -> tuple[Tensor, ...]:
        """The state after the last step: views, each (H, B)."""
        return (self.h[-1], self.c[-1]) if self.cell == "lstm" else (self.h[-1],)

    def fill(self, products: Tensor, recurrent_bias: Tensor) -> None:
        """Take in W inputs + bias for all steps: (blocks*H, T*B), and the GRU's b of U h + b."""
        hidden = self.hidden
        by_step = products.view(-1, self.steps, self.streams).transpose(0, 1)
        if self.cell == "gru":
            self._xn.copy_(by_step[:, :hidden])
            self.x[:, : 2 * hidden].copy_(by_step[:, hidden:])
            self.x[:, 2 * hidden :].copy_(recurrent_bias[:, None])
        else:
            self.x.copy_(by_step)

    def forward(self, u: Tensor) -> None:
        """From x and the state: h, and c. u (blocks*H, H) low."""
        if self.cell == "gru_before":
            self._forward(u[self.hidden :], u[: self.hidden])
        else:
            self._forward(u)

    def backward(self, ut: Tensor) -> None:
        """From d_out: low_d. ut (H, blocks*H) low; nothing flows in from beyond the last step."""
        self._dh.zero_()
        self._kept.zero_()
        if self.cell == "gru_before":
            self._backward(ut[:, self.hidden :], ut[:, : self.hidden])
        else:
            self._backward(ut)

    def recurrent_inputs(self) -> list[tuple[int, int, Tensor]]:
        """(first, last row of U, what it was multiplied with (T, H, B) low), for its gradient."""
        before, hidden = self.low_h[:-1], self.hidden
        if self.cell == "gru_before":
            return [(0, hidden, self._low_rh), (hidden, 3 * hidden, before)]
        return [(0, len(self.layout.recurrent) * hidden, before)]

    def _rnn(self) -> tuple[Callable[[Tensor], None], Callable[[Tensor], None]]:
        x, h, low_h = views(self.x), views(self.h), views(self.low_h)
        out = self._product(self.h[1:])
        d, low_d, d_out = views(self._d), views(self.low_d), views(self.d_out)
        low = self._low if self.bfloat16 else self._dh
        forward, backward = scripted("rnn_forward"), scripted("rnn_backward")
        return (
            lambda u: forward(x, u, h, low_h, out, self.bfloat16),
            lambda ut: backward(d_out, ut, h, d, low_d, self._dh, low, self.bfloat16),
        )

    def _lstm(self) -> tuple[Callable[[Tensor], None], Callable[[Tensor], None]]:
        hidden, low16 = self.hidden, self.bfloat16
        gates = torch.zeros(self.steps, 4 * hidden, self.streams)
        tanh_c = views(torch.zeros_like(self.h[1:]))
        x, h, low_h, c = views(self.x), views(self.h), views(self.low_h), views(self.c)
        i, f, o, g = (views(gates, k * hidden, (k + 1) * hidden) for k in range(4))
        di, df, do, dg = (views(self._d, k * hidden, (k + 1) * hidden) for k in range(4))
        out, sigmoids = self._product(gates), views(gates, 0, 3 * hidden)
        d, low_d, d_out = views(self._d), views(self.low_d), views(self.d_out)
        low, dc = self._low if low16 else self._dh, self._kept
        all_gates = views(gates)
        forward, backward = scripted("lstm_forward"), scripted("lstm_backward")
        return (
            lambda u: forward(
                x, u, h, low_h, out, all_gates, sigmoids, i, f, o, g, c, tanh_c, low16
            ),
            lambda ut: backward(
                *(d_out, ut, i, f, o, g, c, tanh_c, d, di, df, do, dg, low_d),
                *(self._dh, dc, self._part, low, low16),
            ),
        )

    def _gru(self) -> tuple[Callable[[Tensor], None], Callable[[Tensor], None]]:
        hidden, low16 = self.hidden, self.bfloat16
        gates = torch.zeros(self.steps, 3 * hidden, self.streams)
        self._xn = torch.zeros_like(self.h[1:])
        n, xn = views(torch.zeros_like(self._xn)), views(self._xn)
        x, h, low_h, all_gates = views(self.x), views(self.h), views(self.low_h), views(gates)
        z, r, un = (views(gates, k * hidden, (k + 1) * hidden) for k in range(3))
        dn, dz, dr, dun = (views(self._d, k * hidden, (k + 1) * hidden) for k in range(4))
        out, sigmoids = self._product(gates), views(gates, 0, 2 * hidden)
        d, low_d, d_out = views(self._d), views(self.low_d), views(self.d_out)
        low_du = views(self.low_d, hidden)
        forward, backward = scripted("gru_forward"), scripted("gru_backward")
        return (
            lambda u: forward(x, xn, u, h, low_h, out, all_gates, sigmoids, z, r, un, n, low16),
            lambda ut: backward(
                *(d_out, ut, h, z, r, un, n, d, dn, dz, dr, dun, low_d, low_du),
                *(self._dh, self._kept, self._part, self._low, low16),
            ),
        )

    def _gru_before(self) -> tuple[Callable[..., None], Callable[..., None]]:
        hidden, low16 = self.hidden, self.bfloat16
        gates = torch.zeros(self.steps, 2 * hidden, self.streams)
        new = torch.zeros_like(self.h[1:])
        self._low_rh = torch.zeros_like(self.low_h[1:])
        rh, low_rh = views(self._scratch(self._low_rh)), views(self._low_rh)
        xn, x = views(self.x, 0, hidden), views(self.x, hidden)
        h, low_h, n = views(self.h), views(self.low_h), views(new)
        z, r, all_gates = views(gates, 0, hidden), views(gates, hidden), views(gates)
        dn, dz, dr = (views(self._d, k * hidden, (k + 1) * hidden) for k in range(3))
        out, out_n, dzr = self._product(gates), self._product(new), views(self._d, hidden)
        low_dn, low_dzr = views(self.low_d, 0, hidden), views(self.low_d, hidden)
        d_out = views(self.d_out)
        forward, backward = scripted("gru_before_forward"), scripted("gru_before_backward")
        return (
            lambda u, un: forward(
                x, xn, u, un, h, low_h, out, out_n, all_gates, z, r, rh, low_rh, n, low16
            ),
            lambda ut, unt: backward(
                *(d_out, ut, unt, h, z, r, n, dn, dz, dr, dzr, low_dn, low_dzr),
                *(self._dh, self._kept, self._part, self._more, self._low, low16),
            ),
        )
