"""The network written out in time equals the model and torch's own layers."""

import pytest
import torch
from inspection_subjects import VARIANTS, model, tokens

from rnn_demo.inspection.unrolled import Clamp, Unrolled, one_thread


@pytest.mark.parametrize("settings", VARIANTS, ids=str)
def test_the_unrolled_network_equals_the_model(settings):
    network = model(scale=2.0, **settings).double()
    ids, state = tokens(11, 3, 20), network(tokens(11, 3, 5, seed=1))[1]
    logits, after = network(ids, state)
    unrolled = Unrolled(network)
    trace = unrolled.read(ids, state)
    torch.testing.assert_close(unrolled.logits(trace.outputs), logits, rtol=0, atol=1e-12)
    for ours, theirs in zip(trace.state, after, strict=True):
        torch.testing.assert_close(ours, theirs, rtol=0, atol=1e-12)


@pytest.mark.parametrize("cell", ["rnn", "lstm", "gru"])
def test_every_layer_equals_torchs_own(cell):
    network = model(cell=cell, layers=2, scale=2.0).double()
    kinds = {"rnn": torch.nn.RNN, "lstm": torch.nn.LSTM, "gru": torch.nn.GRU}
    theirs = kinds[cell](8, 12, 2, batch_first=True, dtype=torch.float64)
    for index, layer in enumerate(network.layer_list):
        weights = layer.weights()
        for name, tensor in zip(
            ("weight_ih", "weight_hh", "bias_ih", "bias_hh"), weights, strict=True
        ):
            getattr(theirs, f"{name}_l{index}").data = tensor.data
    trace = Unrolled(network).read(tokens(11, 3, 20))
    expected, _ = theirs(trace.layers[0].inputs)
    torch.testing.assert_close(trace.outputs, expected, rtol=0, atol=1e-12)


def test_the_views_hold_a_copy_of_the_weights():
    network = model()
    unrolled = Unrolled(network)
    before = unrolled.weights["output.bias"].clone()
    with torch.no_grad():
        network.output.bias += 1
    assert torch.equal(unrolled.weights["output.bias"], before)


@pytest.mark.parametrize(
    ("cell", "part"), [("gru", "h"), ("lstm", "h"), ("lstm", "c"), ("rnn", "h")]
)
def test_a_clamped_unit_has_its_value_and_moves_the_others(cell, part):
    unrolled, ids = Unrolled(model(cell=cell, layers=2, scale=3.0)), tokens(11, 2, 9)
    free = unrolled.read(ids)
    held = unrolled.run(unrolled.embed(ids), clamp=Clamp(0, 5, torch.tensor([0.5, -0.5]), part))
    values = held.layers[0].values[part][:, :, 5]
    assert torch.equal(values, torch.tensor([[0.5], [-0.5]]).expand(2, 9))
    assert not torch.allclose(held.outputs, free.outputs, atol=1e-3)


def test_a_clamp_to_its_own_values_changes_nothing():
    for cell, part in (("gru", "h"), ("lstm", "c")):
        unrolled, ids = Unrolled(model(cell=cell, scale=3.0)), tokens(11, 2, 9)
        free = unrolled.read(ids)
        own = free.layers[0].values[part][:, :, 3]
        held = unrolled.run(unrolled.embed(ids), clamp=Clamp(0, 3, own, part))
        assert torch.equal(held.outputs, free.outputs)


def test_looking_uses_one_thread_and_gives_the_others_back():
    before = torch.get_num_threads()
    with one_thread():
        assert torch.get_num_threads() == 1
    assert torch.get_num_threads() == before
