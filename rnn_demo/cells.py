"""One step of the RNN, the LSTM and the GRU, as the literature writes them, and whole sequences.

Weights of a layer are four tensors in PyTorch's order, its G gates below each other:
    input_weight (G*H, I), recurrent_weight (G*H, H), input_bias (G*H), recurrent_bias (G*H)
with G = 1 for the RNN, 4 for the LSTM (i, f, g, o) and 3 for the GRU (r, z, n).
Shapes: B streams, T tokens, I inputs, H hidden.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn.functional import linear


class Weights(NamedTuple):
    """The weights of one recurrent layer."""

    input_weight: Tensor  # (G*H, I)
    recurrent_weight: Tensor  # (G*H, H)
    input_bias: Tensor  # (G*H)
    recurrent_bias: Tensor  # (G*H)


States = tuple[Tensor, ...]  # of one layer: (h,) or (h, c), each (B, H)


def rnn_step(x: Tensor, state: States, w: Weights) -> States:
    """h' = tanh(W x + U h + b). x (B, I), h (B, H)."""
    (h,) = state
    inputs = linear(x, w.input_weight, w.input_bias)
    return (torch.tanh(inputs + linear(h, w.recurrent_weight, w.recurrent_bias)),)


def lstm_step(x: Tensor, state: States, w: Weights) -> States:
    """c' = f * c + i * g, h' = o * tanh(c'). x (B, I), h and c (B, H)."""
    h, c = state
    inputs = linear(x, w.input_weight, w.input_bias)
    i, f, g, o = (inputs + linear(h, w.recurrent_weight, w.recurrent_bias)).chunk(4, dim=1)
    c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
    return torch.sigmoid(o) * torch.tanh(c), c


def gru_step(x: Tensor, state: States, w: Weights) -> States:
    """h' = z * h + (1 - z) * n, n = tanh(W x + r * (U h + b)): the reset gate after the product.

    This is cuDNN's and nn.GRU's form. x (B, I), h (B, H).
    """
    (h,) = state
    xr, xz, xn = linear(x, w.input_weight, w.input_bias).chunk(3, dim=1)
    hr, hz, hn = linear(h, w.recurrent_weight, w.recurrent_bias).chunk(3, dim=1)
    r, z = torch.sigmoid(xr + hr), torch.sigmoid(xz + hz)
    n = torch.tanh(xn + r * hn)
    return (z * h + (1 - z) * n,)


def gru_before_step(x: Tensor, state: States, w: Weights) -> States:
    """h' = z * h + (1 - z) * n, n = tanh(W x + U (r * h) + b): the reset gate before the product.

    Cho et al. 2014 and Keras with reset_after=False. Many tutorials write 1 - z for this z,
    which is the same cell. x (B, I), h (B, H).
    """
    (h,) = state
    hidden = h.shape[1]
    xr, xz, xn = linear(x, w.input_weight, w.input_bias).chunk(3, dim=1)
    gates, new = w.recurrent_weight.split((2 * hidden, hidden))
    gates_bias, new_bias = w.recurrent_bias.split((2 * hidden, hidden))
    hr, hz = linear(h, gates, gates_bias).chunk(2, dim=1)
    r, z = torch.sigmoid(xr + hr), torch.sigmoid(xz + hz)
    n = torch.tanh(xn + linear(r * h, new, new_bias))
    return (z * h + (1 - z) * n,)


STEPS = {"rnn": rnn_step, "lstm": lstm_step, "gru": gru_step, "gru_before": gru_before_step}


def stepped(cell: str, inputs: Tensor, state: States, w: Weights) -> tuple[Tensor, States]:
    """A sequence, one textbook step after the other. inputs (B, T, I) -> (B, T, H), state."""
    outputs = []
    for x in inputs.unbind(1):
        state = STEPS[cell](x, state, w)
        outputs.append(state[0])
    return torch.stack(outputs, dim=1), state


def sequence(cell: str, inputs: Tensor, state: States, w: Weights) -> tuple[Tensor, States]:
    """A sequence by the library's own kernel where there is one. (B, T, I) -> (B, T, H), state.

    Differentiable; `cell` is a key of STEPS.
    """
    if cell == "gru_before":
        return stepped(cell, inputs, state, w)
    carried = tuple(s.unsqueeze(0) for s in state)
    flags = (True, 1, 0.0, False, False, True)  # biases, layers, dropout, ..., batch first
    if cell == "lstm":
        outputs, *last = torch._VF.lstm(inputs, carried, list(w), *flags)
    else:
        kernel = torch._VF.gru if cell == "gru" else torch._VF.rnn_tanh
        outputs, *last = kernel(inputs, carried[0], list(w), *flags)
    return outputs, tuple(s.squeeze(0) for s in last)
