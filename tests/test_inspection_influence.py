"""Influence: nothing comes from the future, a copy network points at its lag, swaps agree."""

import math

import numpy as np
import torch
from inspection_subjects import TEXT, model, subject, tokens, zero
from test_inspection_memory import copy_source, delay_line

from rnn_demo.inspection import influence as view
from rnn_demo.inspection.unrolled import Unrolled


def test_the_future_has_no_influence():
    for cell in ("rnn", "lstm", "gru"):
        matrix = view.influence_matrix(Unrolled(model(cell=cell, layers=2)), tokens(11, 40))
        assert np.triu(matrix).max() == 0
        assert (np.tril(matrix, -1)[1:].max(1) > 0).all()


def test_a_row_is_the_gradient_of_that_log_probability():
    network, ids = Unrolled(model(cell="gru", scale=2.0).double()), tokens(11, 30)
    matrix = view.influence_matrix(network, ids)
    target, place, step = 20, 13, 1e-6
    inputs = network.embed(ids[None, :target])
    slopes = []
    for unit in range(inputs.shape[-1]):
        both = []
        for sign in (1, -1):
            moved = inputs.clone()
            moved[0, place, unit] += sign * step
            logits = network.logits(network.run(moved).outputs[0, -1])
            both.append(float(logits.log_softmax(-1)[ids[target]]))
        slopes.append((both[0] - both[1]) / (2 * step))
    np.testing.assert_allclose(matrix[target, place], np.linalg.norm(slopes), rtol=1e-5)


def test_a_network_that_copies_from_six_back_lights_up_six_back():
    network = Unrolled(delay_line(6, 8).double())
    for name in ("layers.0.input_weight", "layers.0.recurrent_weight"):
        network.weights[name] /= 20  # where tanh is not flat
    matrix = view.influence_matrix(network, copy_source(6, 8, 94))
    best = matrix[6:].argmax(1)
    assert np.mean(np.arange(6, len(matrix)) - best == 6) >= 0.95


def test_an_rnn_that_forgets_a_tenth_has_influence_in_proportion():
    network = zero(model(cell="rnn").double())
    with torch.no_grad():
        network.layer_list[0].recurrent_weight.copy_(0.9 * torch.eye(12))
        network.layer_list[0].input_weight[:8, :8] = 1e-4 * torch.eye(8)
        network.output.weight.normal_(generator=torch.Generator().manual_seed(0))
    row = view.influence_matrix(Unrolled(network), tokens(11, 20))[19, :19]
    np.testing.assert_allclose(row[::-1] / row[-1], 0.9 ** np.arange(19), rtol=1e-6)


def test_a_swap_is_what_it_says():
    """Against replacing the symbols one by one and reading everything again."""
    looked_at = subject(cell="gru", scale=3.0)
    ids, target, stock = looked_at.read(TEXT).ids[:30], 25, tokens(3, 1)
    changes = view.swap_changes(looked_at.network, ids, target, stock)
    with torch.inference_mode():
        for place in (0, 10, 24):
            other = ids.clone()
            other[place] = stock[0]
            logits = [looked_at.model(x[None, :target])[0][0, -1].double() for x in (ids, other)]
            now, then = (x.log_softmax(-1)[ids[target]] for x in logits)
            expected = float((now - then).abs()) / math.log(2)
            np.testing.assert_allclose(changes[place], expected, atol=1e-5)


def test_a_swap_far_away_is_left_out_and_the_first_target_works():
    looked_at = subject()
    result = view.swap(looked_at, TEXT, 60)
    assert np.isnan(result.change_bits[: 60 - view.SWAP_LAGS]).all()
    assert not np.isnan(result.change_bits[60 - view.SWAP_LAGS :]).any()
    assert len(view.swap(looked_at, TEXT, 1).change_bits) == 1


def test_a_copy_network_agrees_with_its_swaps():
    network = delay_line(6, 8)
    ids = copy_source(6, 8, 40)
    changes = view.swap_changes(Unrolled(network), ids, 30, tokens(8, 500))
    assert int(np.nanargmax(changes)) == 24
    assert np.nanmax(np.delete(changes, 24)) < 1e-4


def test_the_view_of_a_text():
    result = view.influence(subject(cell="gru"), TEXT)
    assert result.matrix.shape == (100, 100)
    assert len(result.symbols) == 100
    assert result.shortened
    assert view.influence(subject(), "H").matrix.shape == (1, 1)


def test_rank_correlation_knows_ties():
    assert view.spearman(np.array([1.0, 2, 3]), np.array([10.0, 20, 90])) == 1
    assert view.spearman(np.array([1.0, 1, 2]), np.array([1.0, 1, 2])) == 1
    assert view.spearman(np.array([1.0, 1, 1]), np.array([1.0, 2, 3])) == 0
