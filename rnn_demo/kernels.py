"""The recurrences of cells.py, forward and backward through time, as fast as a CPU does them.

What makes them fast:
- Streams are columns: a state is (H, B) and a product is `weights @ state`, so that no product
  has to rearrange the weights and every gate is one contiguous block of rows.
- Only what depends on the step before happens inside the loops. The products with the inputs and
  the gradients of the weights are one large product over all T, outside (gradients.py).
- Every buffer, and every view of it, is made once. Operations write into them.
- The loops are TorchScript, interpreted without Python's global lock: two threads really run
  side by side (in plain Python they were four times slower together than one alone).
- Products may be done in bfloat16, on processors that are built for it. States, gates and sums
  stay float32; `low` marks the buffers that a product reads or writes.

Shapes: B streams, T tokens, H hidden. The names of the gates are those of cells.py.
"""

from __future__ import annotations

import torch
from torch import Tensor

aten = torch.ops.aten


def rnn_forward(x: list[Tensor], u: Tensor, h: list[Tensor], low_h: list[Tensor],
                out: list[Tensor], bfloat16: bool) -> None:  # fmt: skip
    """h[t + 1] = tanh(x[t] + U h[t]), for all t."""
    for t in range(len(x)):
        torch.addmm(x[t], u, low_h[t], out=out[t])
        if bfloat16:
            h[t + 1].copy_(out[t])
        h[t + 1].tanh_()
        if bfloat16:
            low_h[t + 1].copy_(h[t + 1])


def rnn_backward(d_out: list[Tensor], ut: Tensor, h: list[Tensor], d: list[Tensor],
                 low_d: list[Tensor], dh: Tensor, low: Tensor, bfloat16: bool) -> None:  # fmt: skip
    """low_d[t]: the gradient before the tanh, from d_out[t], the gradient of the output."""
    for i in range(len(d_out)):
        t = len(d_out) - 1 - i
        dh.add_(d_out[t])
        aten.tanh_backward(dh, h[t + 1], grad_input=d[t])
        if bfloat16:
            low_d[t].copy_(d[t])
        torch.mm(ut, low_d[t], out=low)
        if bfloat16:
            dh.copy_(low)


def lstm_forward(x: list[Tensor], u: Tensor, h: list[Tensor], low_h: list[Tensor],
                 out: list[Tensor], gates: list[Tensor], sigmoids: list[Tensor],
                 i: list[Tensor], f: list[Tensor], o: list[Tensor], g: list[Tensor],
                 c: list[Tensor], tanh_c: list[Tensor], bfloat16: bool) -> None:  # fmt: skip
    """c[t + 1] = f * c[t] + i * g, h[t + 1] = o * tanh(c[t + 1]), for all t."""
    for t in range(len(x)):
        torch.addmm(x[t], u, low_h[t], out=out[t])
        if bfloat16:
            gates[t].copy_(out[t])
        sigmoids[t].sigmoid_()
        g[t].tanh_()
        torch.mul(f[t], c[t], out=c[t + 1])
        c[t + 1].addcmul_(i[t], g[t])
        torch.tanh(c[t + 1], out=tanh_c[t])
        torch.mul(o[t], tanh_c[t], out=h[t + 1])
        if bfloat16:
            low_h[t + 1].copy_(h[t + 1])


def lstm_backward(d_out: list[Tensor], ut: Tensor, i: list[Tensor], f: list[Tensor],
                  o: list[Tensor], g: list[Tensor], c: list[Tensor], tanh_c: list[Tensor],
                  d: list[Tensor], di: list[Tensor], df: list[Tensor], do: list[Tensor],
                  dg: list[Tensor], low_d: list[Tensor], dh: Tensor, dc: Tensor, part: Tensor,
                  low: Tensor, bfloat16: bool) -> None:  # fmt: skip
    """low_d[t]: the gradients before the gates' sigmoids and tanh, from d_out[t]."""
    for step in range(len(d_out)):
        t = len(d_out) - 1 - step
        dh.add_(d_out[t])
        torch.mul(dh, tanh_c[t], out=part)
        aten.sigmoid_backward(part, o[t], grad_input=do[t])
        torch.mul(dh, o[t], out=part)
        aten.tanh_backward(part, tanh_c[t], grad_input=part)
        dc.add_(part)
        torch.mul(dc, g[t], out=part)
        aten.sigmoid_backward(part, i[t], grad_input=di[t])
        torch.mul(dc, c[t], out=part)
        aten.sigmoid_backward(part, f[t], grad_input=df[t])
        torch.mul(dc, i[t], out=part)
        aten.tanh_backward(part, g[t], grad_input=dg[t])
        dc.mul_(f[t])
        if bfloat16:
            low_d[t].copy_(d[t])
        torch.mm(ut, low_d[t], out=low)
        if bfloat16:
            dh.copy_(low)


def gru_forward(x: list[Tensor], xn: list[Tensor], u: Tensor, h: list[Tensor],
                low_h: list[Tensor], out: list[Tensor], gates: list[Tensor],
                sigmoids: list[Tensor], z: list[Tensor], r: list[Tensor], un: list[Tensor],
                n: list[Tensor], bfloat16: bool) -> None:  # fmt: skip
    """n = tanh(xn + r * (U h + b)), h[t + 1] = z * h[t] + (1 - z) * n, for all t."""
    for t in range(len(x)):
        torch.addmm(x[t], u, low_h[t], out=out[t])
        if bfloat16:
            gates[t].copy_(out[t])
        sigmoids[t].sigmoid_()
        torch.addcmul(xn[t], r[t], un[t], out=n[t])
        n[t].tanh_()
        torch.lerp(n[t], h[t], z[t], out=h[t + 1])
        if bfloat16:
            low_h[t + 1].copy_(h[t + 1])


def gru_backward(d_out: list[Tensor], ut: Tensor, h: list[Tensor], z: list[Tensor],
                 r: list[Tensor], un: list[Tensor], n: list[Tensor], d: list[Tensor],
                 dn: list[Tensor], dz: list[Tensor], dr: list[Tensor], dun: list[Tensor],
                 low_d: list[Tensor], low_du: list[Tensor], dh: Tensor, kept: Tensor,
                 part: Tensor, low: Tensor, bfloat16: bool) -> None:  # fmt: skip
    """low_d[t]: the gradients before n, z and r, and of the product inside n, from d_out[t]."""
    for step in range(len(d_out)):
        t = len(d_out) - 1 - step
        dh.add_(d_out[t])
        torch.mul(dh, z[t], out=kept)
        torch.sub(dh, kept, out=part)
        aten.tanh_backward(part, n[t], grad_input=dn[t])
        torch.sub(h[t], n[t], out=part)
        part.mul_(dh)
        aten.sigmoid_backward(part, z[t], grad_input=dz[t])
        torch.mul(dn[t], un[t], out=part)
        aten.sigmoid_backward(part, r[t], grad_input=dr[t])
        torch.mul(dn[t], r[t], out=dun[t])
        if bfloat16:
            low_d[t].copy_(d[t])
        torch.mm(ut, low_du[t], out=low)
        torch.add(kept, low, out=dh)


def gru_before_forward(x: list[Tensor], xn: list[Tensor], u: Tensor, un: Tensor, h: list[Tensor],
                       low_h: list[Tensor], out: list[Tensor], out_n: list[Tensor],
                       gates: list[Tensor], z: list[Tensor], r: list[Tensor],
                       rh: list[Tensor], low_rh: list[Tensor], n: list[Tensor],
                       bfloat16: bool) -> None:  # fmt: skip
    """n = tanh(xn + U (r * h)), h[t + 1] = z * h[t] + (1 - z) * n, for all t."""
    for t in range(len(x)):
        torch.addmm(x[t], u, low_h[t], out=out[t])
        if bfloat16:
            gates[t].copy_(out[t])
        gates[t].sigmoid_()
        torch.mul(r[t], h[t], out=rh[t])
        if bfloat16:
            low_rh[t].copy_(rh[t])
        torch.addmm(xn[t], un, low_rh[t], out=out_n[t])
        if bfloat16:
            n[t].copy_(out_n[t])
        n[t].tanh_()
        torch.lerp(n[t], h[t], z[t], out=h[t + 1])
        if bfloat16:
            low_h[t + 1].copy_(h[t + 1])


def gru_before_backward(d_out: list[Tensor], ut: Tensor, unt: Tensor, h: list[Tensor],
                        z: list[Tensor], r: list[Tensor], n: list[Tensor], dn: list[Tensor],
                        dz: list[Tensor], dr: list[Tensor], dzr: list[Tensor],
                        low_dn: list[Tensor], low_dzr: list[Tensor], dh: Tensor, kept: Tensor,
                        part: Tensor, drh: Tensor, low: Tensor,
                        bfloat16: bool) -> None:  # fmt: skip
    """low_dn[t], low_dzr[t]: the gradients before n, z and r, from d_out[t]."""
    for step in range(len(d_out)):
        t = len(d_out) - 1 - step
        dh.add_(d_out[t])
        torch.mul(dh, z[t], out=kept)
        torch.sub(dh, kept, out=part)
        aten.tanh_backward(part, n[t], grad_input=dn[t])
        if bfloat16:
            low_dn[t].copy_(dn[t])
        torch.mm(unt, low_dn[t], out=low)
        drh.copy_(low)
        kept.addcmul_(drh, r[t])
        drh.mul_(h[t])
        aten.sigmoid_backward(drh, r[t], grad_input=dr[t])
        torch.sub(h[t], n[t], out=part)
        part.mul_(dh)
        aten.sigmoid_backward(part, z[t], grad_input=dz[t])
        if bfloat16:
            low_dzr[t].copy_(dzr[t])
        torch.mm(ut, low_dzr[t], out=low)
        torch.add(kept, low, out=dh)
