"""The cells against the library's, an independent loop, autograd, and finite differences."""

import math

import numpy as np
import pytest
import torch

from rnn_demo.network import cells

CELLS = list(cells.STEPS)
GATES = {"rnn": 1, "lstm": 4, "gru": 3, "gru_before": 3}


def example(cell, *, streams=3, steps=6, inputs=4, hidden=5, dtype=torch.float64, seed=0):
    """Random inputs (B, T, I), state and weights of a layer."""
    generator = torch.Generator().manual_seed(seed)

    def random(*shape):
        return torch.randn(shape, generator=generator, dtype=dtype) * 0.6

    rows = GATES[cell] * hidden
    weights = cells.Weights(random(rows, inputs), random(rows, hidden), random(rows), random(rows))
    state = tuple(random(streams, hidden) for _ in range(2 if cell == "lstm" else 1))
    return random(streams, steps, inputs), state, weights


@pytest.mark.parametrize("cell", ["rnn", "lstm", "gru"])
@pytest.mark.parametrize("way", [cells.stepped, cells.sequence])
def test_a_sequence_equals_the_librarys_layer(cell, way):
    inputs, state, weights = example(cell, dtype=torch.float32)
    layer = getattr(torch.nn, cell.upper())(4, 5, batch_first=True)
    for parameter, weight in zip(layer.parameters(), weights, strict=True):
        parameter.data.copy_(weight)
    hx = tuple(part[None] for part in state)
    expected, last = layer(inputs, hx if cell == "lstm" else hx[0])
    outputs, after = way(cell, inputs, state, weights)
    torch.testing.assert_close(outputs, expected, atol=1e-5, rtol=1e-5)
    for part, want in zip(after, last if cell == "lstm" else (last,), strict=True):
        torch.testing.assert_close(part, want[0], atol=1e-5, rtol=1e-5)


def test_the_gru_with_the_reset_gate_before_equals_a_loop_over_single_numbers():
    inputs, state, weights = example("gru_before", streams=2, steps=3, inputs=2, hidden=3)
    w, u, b, c = (part.numpy() for part in weights)
    sigmoid = lambda value: 1 / (1 + math.exp(-value))  # noqa: E731
    for stream in range(2):
        h = state[0][stream].numpy().copy()
        for x in inputs[stream].numpy():
            sums = [sum(w[k, i] * x[i] for i in range(2)) + b[k] + c[k] for k in range(9)]
            for k in range(6):
                sums[k] += sum(u[k, j] * h[j] for j in range(3))
            r, z = [sigmoid(s) for s in sums[:3]], [sigmoid(s) for s in sums[3:6]]
            n = [math.tanh(sums[6 + k] + sum(u[6 + k, j] * r[j] * h[j] for j in range(3)))
                 for k in range(3)]  # fmt: skip
            h = np.array([z[k] * h[k] + (1 - z[k]) * n[k] for k in range(3)])
        _, after = cells.sequence("gru_before", inputs, state, weights)
        np.testing.assert_allclose(after[0][stream].numpy(), h, atol=1e-12)


def test_the_two_forms_of_the_gru_differ_where_the_reset_gate_matters():
    inputs, state, weights = example("gru")
    one, _ = cells.stepped("gru", inputs, state, weights)
    other, _ = cells.stepped("gru_before", inputs, state, weights)
    assert (one - other).abs().max() > 1e-3


@pytest.mark.parametrize("cell", CELLS)
def test_the_hand_written_way_back_through_time_equals_autograd(cell):
    inputs, state, weights = example(cell)
    leaves = [tensor.requires_grad_() for tensor in (inputs, *state, *weights)]
    outputs, _ = cells.stepped(cell, inputs, state, weights)
    d_outputs = torch.randn(
        outputs.shape, generator=torch.Generator().manual_seed(1), dtype=outputs.dtype
    )
    expected = torch.autograd.grad((outputs * d_outputs).sum(), leaves)
    with torch.no_grad():
        d_inputs, d_state, d_weights = cells.back_through_time(
            cell, inputs, state, weights, d_outputs
        )
    for got, want in zip((d_inputs, *d_state, *d_weights), expected, strict=True):
        torch.testing.assert_close(got, want, atol=1e-12, rtol=1e-10)


@pytest.mark.parametrize("cell", CELLS)
def test_the_hand_written_way_back_equals_finite_differences(cell):
    inputs, state, weights = example(cell, steps=4)

    def loss(*values):
        outputs, _ = cells.stepped(cell, inputs, state, cells.Weights(*values))
        return outputs.pow(2).sum().item()

    outputs, _ = cells.stepped(cell, inputs, state, weights)
    _, _, gradients = cells.back_through_time(cell, inputs, state, weights, 2 * outputs)
    generator, step = torch.Generator().manual_seed(2), 1e-6
    for index, weight in enumerate(weights):
        direction = torch.randn(weight.shape, generator=generator, dtype=weight.dtype)
        moved = [[w + sign * step * direction if k == index else w for k, w in enumerate(weights)]
                 for sign in (1, -1)]  # fmt: skip
        slope = (loss(*moved[0]) - loss(*moved[1])) / (2 * step)
        assert slope == pytest.approx((gradients[index] * direction).sum().item(), rel=1e-6)


def test_gradients_vanish_at_the_rate_that_the_forget_gate_sets():
    """All weights zero, forget bias 2: dc/dc a step earlier is exactly sigmoid(2)."""
    zeros = cells.Weights(*(torch.zeros(s, dtype=torch.float64) for s in ((4, 1), (4, 1), 4, 4)))
    zeros.input_bias[1] = 2.0
    state = (torch.zeros(1, 1, dtype=torch.float64), torch.ones(1, 1, dtype=torch.float64))
    d_state = (torch.zeros(1, 1, dtype=torch.float64), torch.ones(1, 1, dtype=torch.float64))
    for _ in range(10):
        x = torch.zeros(1, 1, dtype=torch.float64)
        d_state = cells.lstm_step_back(x, state, zeros, d_state)[2]
    assert d_state[1].item() == pytest.approx(0.28103386, abs=1e-8)


@pytest.mark.parametrize("grad", [True, False])
def test_a_kernel_keeps_what_its_backward_needs_when_there_will_be_one(grad, monkeypatch):
    told = []
    kernel = torch.lstm
    monkeypatch.setattr(torch, "lstm", lambda *a: told.append(a[-3]) or kernel(*a))
    state, w = (
        (torch.zeros(2, 3), torch.zeros(2, 3)),
        cells.Weights(torch.zeros(12, 4), torch.zeros(12, 3), torch.zeros(12), torch.zeros(12)),
    )
    with torch.set_grad_enabled(grad):
        cells.sequence("lstm", torch.zeros(2, 5, 4), state, w)
    assert told == [grad]  # a CPU does not ask, cuDNN does
