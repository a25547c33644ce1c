"""RecurrentLM: shapes, the state, how it begins."""

import math

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from rnn_demo.config import ModelConfig
from rnn_demo.network.model import RecurrentLM, detach
from rnn_demo.training.train import new_model

FORMS = [
    {},
    {"embedding_size": 0},
    {"tie_weights": True, "embedding_size": 6},
    {"layer_norm": True, "residual": True},
]


def tiny(cell="gru", *, layers=2, seed=0, **settings):
    """A model of 11 symbols and 6 units."""
    settings = {"embedding_size": 4, **settings}
    config = ModelConfig(vocab_size=11, cell=cell, hidden_size=6, layers=layers, **settings)
    return RecurrentLM(config, torch.Generator().manual_seed(seed))


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("cell", ["rnn", "lstm", "gru"])
def test_carrying_the_state_makes_chunking_invisible(cell, form):
    model = tiny(cell, **form).eval()
    tokens = torch.arange(24).view(2, 12) % 11
    whole, last = model(tokens)
    first, state = model(tokens[:, :5])
    rest, after = model(tokens[:, 5:], detach(state))
    torch.testing.assert_close(torch.cat([first, rest], dim=1), whole)
    for one, other in zip(after, last, strict=True):
        torch.testing.assert_close(one, other)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("cell", ["rnn", "lstm", "gru"])
@pytest.mark.parametrize("layers", [1, 3])
def test_the_settings_know_the_number_of_parameters(cell, layers, form):
    model = tiny(cell, layers=layers, **form)
    assert sum(p.numel() for p in model.parameters()) == model.config.parameters


def test_the_same_generator_gives_the_same_weights_and_nothing_else_is_drawn_from():
    before = torch.get_rng_state()
    one, same, other = tiny(), tiny(), tiny(seed=1)
    assert torch.equal(before, torch.get_rng_state())
    pairs = list(zip(one.parameters(), same.parameters(), strict=True))
    assert all(torch.equal(a, b) for a, b in pairs)
    assert not torch.equal(one.output.weight, other.output.weight)


@pytest.mark.parametrize("cell", ["rnn", "lstm", "gru"])
def test_recurrent_blocks_are_orthogonal(cell):
    for layer in tiny(cell).layer_list:
        for block in layer.recurrent_weight.split(6):
            torch.testing.assert_close(block @ block.T, torch.eye(6), atol=1e-5, rtol=0)


def test_the_forget_gate_begins_at_one_in_total():
    layer = tiny("lstm").layer_list[0]
    total = (layer.input_bias + layer.recurrent_bias).view(4, 6)
    assert total.sum(1).tolist() == [0, 6, 0, 0]


def test_the_output_bias_starts_the_loss_at_that_of_symbol_counts():
    model, counts = tiny(), torch.tensor([50, 30, 10, 5, 1, 1, 1, 1, 1, 0, 0])
    torch.nn.init.zeros_(model.output.weight)
    model.set_output_bias(counts)
    tokens = torch.arange(11).repeat_interleave(counts)[None]
    logits, _ = model(tokens)
    shares = counts[counts > 0] / counts.sum()
    unigram = -(shares * shares.log()).sum().item()
    loss = F.cross_entropy(logits[0], tokens[0]).item()
    assert loss == pytest.approx(unigram, abs=0.02)
    assert loss < math.log(11)


def test_dropout_acts_in_training_only_and_comes_from_the_generator():
    model, tokens = tiny(dropout=0.5), torch.arange(12).view(2, 6) % 11
    draws = [model(tokens, None, torch.Generator().manual_seed(seed))[0] for seed in (1, 1, 2)]
    assert torch.equal(draws[0], draws[1])
    assert not torch.equal(draws[0], draws[2])
    model.eval()
    assert torch.equal(model(tokens)[0], model(tokens)[0])


def test_both_forms_of_the_gru_have_the_same_weights_and_another_output():
    after, before = tiny(), tiny(reset_before=True)
    before.load_state_dict(after.state_dict())
    for model in (after, before):
        torch.manual_seed(0)
        model.layer_list[0].recurrent_bias.data.fill_(0.5)
    tokens = torch.arange(12).view(2, 6) % 11
    assert not torch.allclose(after(tokens)[0], before(tokens)[0], atol=1e-4)


def test_fresh_weights_do_not_depend_on_the_number_of_threads():
    # or a run that is killed before its first checkpoint would begin again with others
    config, ids = ModelConfig(vocab_size=11, hidden_size=96), np.arange(11, dtype=np.uint8)
    before, fresh = torch.get_num_threads(), []
    for threads in (1, 2):
        torch.set_num_threads(threads)
        fresh.append(new_model(config, ids, 0).state_dict())
        assert torch.get_num_threads() == threads
    torch.set_num_threads(before)
    assert all(torch.equal(fresh[0][name], fresh[1][name]) for name in fresh[0])
