"""The recurrences of cells.py, forward and backward through time, as fast as a CPU does them.

What makes them fast:
- Streams are columns: a state is (H, B) and a product is `weights @ state`, so that no product
  has to rearrange the weights and every gate is one contiguous block of rows.
- Only what depends on the step before happens inside the loops. The products with the inputs and
  the gradients of the weights are one large product over all T, outside (share.py).
- Every buffer, and every view of it, is made once. Operations write into them.
- The loops are TorchScript, interpreted without Python's global lock: two threads really run
  side by side (in plain Python they were four times slower together than one alone).
- Products may be done in bfloat16, on processors that are built for it. States, gates and sums
  stay float32; `low` marks the buffers that a product reads or writes.

Names of gates are those of cells.py. Shapes: B streams, T tokens, N = T * B columns, H hidden.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from rnn_demo.network.loop import Loop, scripted, views

aten = torch.ops.aten


class RnnLoop(Loop):
    def __init__(self, steps: int, streams: int, hidden: int, low: torch.dtype) -> None:
        super().__init__("rnn", steps, streams, hidden, low)
        self.out = self.product(self.all_h[1:])
        if not self.is_low:
            self.low = self.dh  # the product with the gradients goes there

    def forward(self, products: Tensor, u: Tensor, bias: Tensor) -> None:
        self.fill(products)
        for t in range(self.steps):
            h = self.h[t + 1]
            torch.addmm(self.x[t], u, self.low_h[t], out=self.out[t])
            if self.is_low:
                h.copy_(self.out[t])
            h.tanh_()
            if self.is_low:
                self.low_h[t + 1].copy_(h)
        self.collect_states()

    @torch.jit.export
    def backward(self, d_outputs: Tensor, ut: Tensor) -> None:
        self.spread(d_outputs)
        for step in range(self.steps):
            t = self.steps - 1 - step
            self.dh.add_(self.d_out[t])
            aten.tanh_backward(self.dh, self.h[t + 1], grad_input=self.d[t])
            if self.is_low:
                self.low_d[t].copy_(self.d[t])
            torch.mm(ut, self.low_d[t], out=self.low)
            if self.is_low:
                self.dh.copy_(self.low)
        self.collect_rows()


class LstmLoop(Loop):
    def __init__(self, steps: int, streams: int, hidden: int, low: torch.dtype) -> None:
        super().__init__("lstm", steps, streams, hidden, low)
        all_gates = torch.zeros(steps, 4 * hidden, streams)
        self.out, self.gates = self.product(all_gates), views(all_gates)
        self.sigmoids = views(all_gates, 0, 3 * hidden)
        self.i, self.f, self.o, self.g = (self.block(all_gates, k) for k in range(4))
        self.di, self.df, self.do, self.dg = (self.block(self.all_d, k) for k in range(4))
        self.all_c = torch.zeros_like(self.all_h)
        self.c, self.tanh_c = views(self.all_c), views(torch.zeros_like(self.all_h))
        if not self.is_low:
            self.low = self.dh

    def forward(self, products: Tensor, u: Tensor, bias: Tensor) -> None:
        self.fill(products)
        for t in range(self.steps):
            c, h, g, tanh_c = self.c[t + 1], self.h[t + 1], self.g[t], self.tanh_c[t]
            torch.addmm(self.x[t], u, self.low_h[t], out=self.out[t])
            if self.is_low:
                self.gates[t].copy_(self.out[t])
            self.sigmoids[t].sigmoid_()
            g.tanh_()
            torch.mul(self.f[t], self.c[t], out=c)
            c.addcmul_(self.i[t], g)
            torch.tanh(c, out=tanh_c)
            torch.mul(self.o[t], tanh_c, out=h)
            if self.is_low:
                self.low_h[t + 1].copy_(h)
        self.collect_states()

    @torch.jit.export
    def backward(self, d_outputs: Tensor, ut: Tensor) -> None:
        self.spread(d_outputs)
        dh, dc, part = self.dh, self.kept, self.part
        for step in range(self.steps):
            t = self.steps - 1 - step
            i, o, g, tanh_c = self.i[t], self.o[t], self.g[t], self.tanh_c[t]
            dh.add_(self.d_out[t])
            torch.mul(dh, tanh_c, out=part)
            aten.sigmoid_backward(part, o, grad_input=self.do[t])
            torch.mul(dh, o, out=part)
            aten.tanh_backward(part, tanh_c, grad_input=part)
            dc.add_(part)
            torch.mul(dc, g, out=part)
            aten.sigmoid_backward(part, i, grad_input=self.di[t])
            torch.mul(dc, self.c[t], out=part)
            aten.sigmoid_backward(part, self.f[t], grad_input=self.df[t])
            torch.mul(dc, i, out=part)
            aten.tanh_backward(part, g, grad_input=self.dg[t])
            dc.mul_(self.f[t])
            if self.is_low:
                self.low_d[t].copy_(self.d[t])
            torch.mm(ut, self.low_d[t], out=self.low)
            if self.is_low:
                dh.copy_(self.low)
        self.collect_rows()


class GruLoop(Loop):
    """The reset gate acts on U h + b, after the product."""

    def __init__(self, steps: int, streams: int, hidden: int, low: torch.dtype) -> None:
        super().__init__("gru", steps, streams, hidden, low)
        all_gates = torch.zeros(steps, 3 * hidden, streams)
        self.all_xn = torch.zeros(steps, hidden, streams)
        self.xn, self.n = views(self.all_xn), views(torch.zeros_like(self.all_xn))
        self.out, self.gates = self.product(all_gates), views(all_gates)
        self.sigmoids = views(all_gates, 0, 2 * hidden)
        self.z, self.r, self.un = (self.block(all_gates, k) for k in range(3))
        self.dn, self.dz, self.dr, self.dun = (self.block(self.all_d, k) for k in range(4))
        self.low_du = views(self.all_low_d, hidden)

    def forward(self, products: Tensor, u: Tensor, bias: Tensor) -> None:
        by_step = products.view(-1, self.steps, self.streams).transpose(0, 1)
        self.all_xn.copy_(by_step[:, : self.hidden])
        self.all_x[:, : 2 * self.hidden].copy_(by_step[:, self.hidden :])
        self.all_x[:, 2 * self.hidden :].copy_(bias.unsqueeze(1))
        for t in range(self.steps):
            n, h = self.n[t], self.h[t + 1]
            torch.addmm(self.x[t], u, self.low_h[t], out=self.out[t])
            if self.is_low:
                self.gates[t].copy_(self.out[t])
            self.sigmoids[t].sigmoid_()
            torch.addcmul(self.xn[t], self.r[t], self.un[t], out=n)
            n.tanh_()
            torch.lerp(n, self.h[t], self.z[t], out=h)
            if self.is_low:
                self.low_h[t + 1].copy_(h)
        self.collect_states()

    @torch.jit.export
    def backward(self, d_outputs: Tensor, ut: Tensor) -> None:
        self.spread(d_outputs)
        dh, kept, part = self.dh, self.kept, self.part
        for step in range(self.steps):
            t = self.steps - 1 - step
            z, r, n, dn = self.z[t], self.r[t], self.n[t], self.dn[t]
            dh.add_(self.d_out[t])
            torch.mul(dh, z, out=kept)
            torch.sub(dh, kept, out=part)
            aten.tanh_backward(part, n, grad_input=dn)
            torch.sub(self.h[t], n, out=part)
            part.mul_(dh)
            aten.sigmoid_backward(part, z, grad_input=self.dz[t])
            torch.mul(dn, self.un[t], out=part)
            aten.sigmoid_backward(part, r, grad_input=self.dr[t])
            torch.mul(dn, r, out=self.dun[t])
            if self.is_low:
                self.low_d[t].copy_(self.d[t])
            torch.mm(ut, self.low_du[t], out=self.low)
            torch.add(kept, self.low, out=dh)
        self.collect_rows()


class GruBeforeLoop(Loop):
    """The reset gate acts on h, before the product."""

    def __init__(self, steps: int, streams: int, hidden: int, low: torch.dtype) -> None:
        super().__init__("gru_before", steps, streams, hidden, low)
        all_gates, all_n = torch.zeros(steps, 2 * hidden, streams), torch.zeros_like(self.all_h[1:])
        self.all_low_rh = torch.zeros_like(self.all_low_h[1:])
        self.rh, self.low_rh = views(self.scratch(self.all_low_rh)), views(self.all_low_rh)
        self.xn, self.x = views(self.all_x, 0, hidden), views(self.all_x, hidden)
        self.gates, self.n = views(all_gates), views(all_n)
        self.z, self.r = (self.block(all_gates, k) for k in range(2))
        self.dn, self.dz, self.dr = (self.block(self.all_d, k) for k in range(3))
        self.out, self.out_n, self.dzr = (
            self.product(all_gates), self.product(all_n), views(self.all_d, hidden)
        )  # fmt: skip
        self.low_dn, self.low_dzr = self.block(self.all_low_d, 0), views(self.all_low_d, hidden)

    def forward(self, products: Tensor, u: Tensor, bias: Tensor) -> None:
        self.fill(products)
        un, u = u[: self.hidden], u[self.hidden :]
        for t in range(self.steps):
            n, h, rh = self.n[t], self.h[t + 1], self.rh[t]
            torch.addmm(self.x[t], u, self.low_h[t], out=self.out[t])
            if self.is_low:
                self.gates[t].copy_(self.out[t])
            self.gates[t].sigmoid_()
            torch.mul(self.r[t], self.h[t], out=rh)
            if self.is_low:
                self.low_rh[t].copy_(rh)
            torch.addmm(self.xn[t], un, self.low_rh[t], out=self.out_n[t])
            if self.is_low:
                n.copy_(self.out_n[t])
            n.tanh_()
            torch.lerp(n, self.h[t], self.z[t], out=h)
            if self.is_low:
                self.low_h[t + 1].copy_(h)
        self.collect_states()

    @torch.jit.export
    def backward(self, d_outputs: Tensor, ut: Tensor) -> None:
        self.spread(d_outputs)
        dh, kept, part, drh = self.dh, self.kept, self.part, self.more
        unt, ut = ut[:, : self.hidden], ut[:, self.hidden :]
        for step in range(self.steps):
            t = self.steps - 1 - step
            h, z, r, n, dn = self.h[t], self.z[t], self.r[t], self.n[t], self.dn[t]
            dh.add_(self.d_out[t])
            torch.mul(dh, z, out=kept)
            torch.sub(dh, kept, out=part)
            aten.tanh_backward(part, n, grad_input=dn)
            if self.is_low:
                self.low_dn[t].copy_(dn)
            torch.mm(unt, self.low_dn[t], out=self.low)
            drh.copy_(self.low)
            kept.addcmul_(drh, r)
            drh.mul_(h)
            aten.sigmoid_backward(drh, r, grad_input=self.dr[t])
            torch.sub(h, n, out=part)
            part.mul_(dh)
            aten.sigmoid_backward(part, z, grad_input=self.dz[t])
            if self.is_low:
                self.low_dzr[t].copy_(self.dzr[t])
            torch.mm(ut, self.low_dzr[t], out=self.low)
            torch.add(kept, self.low, out=dh)
        self.collect_rows()


LOOPS = {"rnn": RnnLoop, "lstm": LstmLoop, "gru": GruLoop, "gru_before": GruBeforeLoop}


def make_loop(cell: str, steps: int, streams: int, hidden: int, low: torch.dtype) -> Any:
    """A layer's loop for TorchScript's interpreter; as Python if that is gone one day."""
    return scripted(LOOPS[cell](steps, streams, hidden, low))
