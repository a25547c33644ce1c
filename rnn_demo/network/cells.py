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


def sequence(
    cell: str, inputs: Tensor, state: States, w: Weights, products: torch.dtype | None = None
) -> tuple[Tensor, States]:
    """A sequence by the library's own kernel where there is one. (B, T, I) -> (B, T, H), state.

    Differentiable; `cell` is a key of STEPS. `products`: the arithmetic of the kernel and of the
    outputs, if it is not that of the weights; the state is always of the weights' type.
    """
    if cell == "gru_before":
        return stepped(cell, inputs, state, w)
    kind = w.input_weight.dtype
    if products not in (None, kind):
        w, inputs = Weights(*(part.to(products) for part in w)), inputs.to(products)
        state = tuple(part.to(products) for part in state)
    carried = tuple(s.unsqueeze(0) for s in state)
    training = torch.is_grad_enabled()  # cuDNN keeps what its backward needs only if told to
    flags = (True, 1, 0.0, training, False, True)  # biases, layers, dropout, ..., batch first
    if cell == "lstm":
        outputs, *last = torch.lstm(inputs, carried, list(w), *flags)
    else:
        kernel = torch.gru if cell == "gru" else torch.rnn_tanh
        outputs, *last = kernel(inputs, carried[0], list(w), *flags)
    return outputs, tuple(s.squeeze(0).to(kind) for s in last)


def lay_out(cell: str, w: Weights) -> None:
    """Move the weights into one piece of memory, in place, where they are on a GPU with cuDNN.

    It would do so for itself, with a warning, at every call (nn.RNNBase.flatten_parameters).
    """
    if cell == "gru_before" or not torch.backends.cudnn.is_acceptable(w.input_weight):
        return
    mode = torch.backends.cudnn.rnn.get_cudnn_mode("RNN_TANH" if cell == "rnn" else cell.upper())
    inputs, hidden = w.input_weight.shape[1], w.recurrent_weight.shape[1]
    with torch.no_grad():  # projection, layers, batch first, both directions
        torch._cudnn_rnn_flatten_weight(list(w), len(w), inputs, mode, hidden, 0, 1, True, False)


# -- the same by hand, backwards ------------------------------------------------------------------
#
# Each function takes the gradients of the state after its step and returns those of the sums
# before the gates, once as the inputs' product sees them and once as the recurrent one does (they
# differ only in the GRU), and the part that flows past the recurrent product to the state before.
# sigma' = s (1 - s) and tanh' = 1 - t^2, of their own values.

Back = tuple[Tensor, Tensor, States]  # (B, G*H), (B, G*H), parts (B, H)


def rnn_step_back(x: Tensor, state: States, w: Weights, d_state: States) -> Back:
    """Through h' = tanh(a): da = dh' (1 - h'^2)."""
    (h,) = rnn_step(x, state, w)
    d_sums = d_state[0] * (1 - h * h)
    return d_sums, d_sums, (torch.zeros_like(h),)


def lstm_step_back(x: Tensor, state: States, w: Weights, d_state: States) -> Back:
    """Through h' = o * tanh(c') and c' = f * c + i * g."""
    h, c = state
    sums = linear(x, w.input_weight, w.input_bias)
    sums = sums + linear(h, w.recurrent_weight, w.recurrent_bias)
    i, f, g, o = sums.chunk(4, dim=1)
    i, f, g, o = torch.sigmoid(i), torch.sigmoid(f), torch.tanh(g), torch.sigmoid(o)
    tanh_c = torch.tanh(f * c + i * g)
    dh, dc = d_state
    do = dh * tanh_c
    dc = dc + dh * o * (1 - tanh_c * tanh_c)
    di, df, dg = dc * g, dc * c, dc * i
    d_sums = torch.cat(
        [di * i * (1 - i), df * f * (1 - f), dg * (1 - g * g), do * o * (1 - o)], dim=1
    )
    return d_sums, d_sums, (torch.zeros_like(h), dc * f)


def gru_step_back(x: Tensor, state: States, w: Weights, d_state: States) -> Back:
    """Through h' = z * h + (1 - z) * n and n = tanh(W x + r * (U h + b))."""
    (h,), (dh,) = state, d_state
    xr, xz, xn = linear(x, w.input_weight, w.input_bias).chunk(3, dim=1)
    hr, hz, hn = linear(h, w.recurrent_weight, w.recurrent_bias).chunk(3, dim=1)
    r, z = torch.sigmoid(xr + hr), torch.sigmoid(xz + hz)
    n = torch.tanh(xn + r * hn)
    dn = dh * (1 - z) * (1 - n * n)
    dz = dh * (h - n) * z * (1 - z)
    dr = dn * hn * r * (1 - r)
    return torch.cat([dr, dz, dn], dim=1), torch.cat([dr, dz, dn * r], dim=1), (dh * z,)


def gru_before_step_back(x: Tensor, state: States, w: Weights, d_state: States) -> Back:
    """Through h' = z * h + (1 - z) * n and n = tanh(W x + U (r * h) + b)."""
    (h,), (dh,) = state, d_state
    hidden = h.shape[1]
    gates, new = w.recurrent_weight.split((2 * hidden, hidden))
    gates_bias, new_bias = w.recurrent_bias.split((2 * hidden, hidden))
    xr, xz, xn = linear(x, w.input_weight, w.input_bias).chunk(3, dim=1)
    hr, hz = linear(h, gates, gates_bias).chunk(2, dim=1)
    r, z = torch.sigmoid(xr + hr), torch.sigmoid(xz + hz)
    n = torch.tanh(xn + linear(r * h, new, new_bias))
    dn = dh * (1 - z) * (1 - n * n)
    dz = dh * (h - n) * z * (1 - z)
    d_reset = dn @ new  # the gradient of r * h
    dr = d_reset * h * r * (1 - r)
    d_sums = torch.cat([dr, dz, dn], dim=1)
    return d_sums, d_sums, (dh * z + d_reset * r,)


STEPS_BACK = {"rnn": rnn_step_back, "lstm": lstm_step_back, "gru": gru_step_back,
              "gru_before": gru_before_step_back}  # fmt: skip


def back_through_time(
    cell: str, inputs: Tensor, state: States, w: Weights, d_outputs: Tensor
) -> tuple[Tensor, States, Weights]:
    """The gradients of inputs (B, T, I), first state and weights, from d_outputs (B, T, H).

    Forward keeps the states; backward goes from the last step to the first and adds up.
    """
    states = [state]
    for x in inputs.unbind(1):
        states.append(STEPS[cell](x, states[-1], w))
    d_state = tuple(torch.zeros_like(part) for part in state)
    d_w = Weights(*(torch.zeros_like(part) for part in w))
    d_inputs = torch.zeros_like(inputs)
    for t in reversed(range(inputs.shape[1])):
        d_state = (d_state[0] + d_outputs[:, t], *d_state[1:])
        d_sums, d_recurrent, past = STEPS_BACK[cell](inputs[:, t], states[t], w, d_state)
        d_inputs[:, t] = d_sums @ w.input_weight
        d_h = _recurrent_back(cell, inputs[:, t], states[t][0], w, d_recurrent, d_w)
        d_w.input_weight.add_(d_sums.t() @ inputs[:, t])
        d_w.input_bias.add_(d_sums.sum(0))
        d_w.recurrent_bias.add_(d_recurrent.sum(0))
        d_state = (past[0] + d_h, *past[1:])
    return d_inputs, d_state, d_w


def _recurrent_back(
    cell: str, x: Tensor, h: Tensor, w: Weights, d_sums: Tensor, d_w: Weights
) -> Tensor:
    """Back through U h: adds to the gradient of U, returns that of h (B, H)."""
    if cell != "gru_before":
        d_w.recurrent_weight.add_(d_sums.t() @ h)
        return d_sums @ w.recurrent_weight
    hidden = h.shape[1]  # U's last block saw r * h; its way back to h is in the step
    gates = 2 * hidden
    r = torch.sigmoid(
        linear(x, w.input_weight[:hidden], w.input_bias[:hidden])
        + linear(h, w.recurrent_weight[:hidden], w.recurrent_bias[:hidden])
    )
    d_w.recurrent_weight[:gates].add_(d_sums[:, :gates].t() @ h)
    d_w.recurrent_weight[gates:].add_(d_sums[:, gates:].t() @ (r * h))
    return d_sums[:, :gates] @ w.recurrent_weight[:gates]
