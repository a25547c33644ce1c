"""The gradients by hand against autograd: every form of the network, arithmetic, split."""

import contextlib
import os

import pytest
import torch
from torch.nn import functional as F

from rnn_demo.config import ModelConfig
from rnn_demo.errors import DeviceError
from rnn_demo.network import model as network
from rnn_demo.network.gradients import Gradients
from rnn_demo.network.model import RecurrentLM

CELLS = [("rnn", False), ("lstm", False), ("gru", False), ("gru", True)]
FORMS = {
    "table": {},
    "one-hot": {"embedding_size": 0},
    "many symbols": {"vocab_size": 120, "embedding_size": 16},
    "tied, norm, residual": {
        "embedding_size": 24, "tie_weights": True, "layer_norm": True, "residual": True,
    },
}  # fmt: skip
TOLERANCE = {"float32": 3e-6, "bfloat16": 3e-2}  # of a gradient's norm; bfloat16 has 8 bits


def setting(cell="gru", before=False, *, layers=1, streams=5, **form):
    """A model with weights that hide no mistake, and a batch (B, T) with a state."""
    form = {"vocab_size": 13, "embedding_size": 8, **form}
    config = ModelConfig(cell=cell, hidden_size=24, layers=layers, reset_before=before, **form)
    generator = torch.Generator().manual_seed(3)
    model = RecurrentLM(config, generator)
    for parameter in model.parameters():
        parameter.data += 0.1 * torch.randn(parameter.shape, generator=generator)
    tokens = torch.randint(config.vocab_size, (2, streams, 7), generator=generator)
    state = tuple(
        0.5 * torch.randn(part.shape, generator=generator)
        for part in model.initial_state(streams)
    )  # fmt: skip
    return model, (tokens[0], tokens[1], state)


def by_autograd(model, inputs, targets, state):
    """(loss, state, gradients by name) of the plain path."""
    model.zero_grad(set_to_none=True)
    logits, state = model(inputs, state)
    loss = F.cross_entropy(logits.flatten(0, 1), targets.flatten())
    loss.backward()
    return loss.detach(), state, gradients_of(model)


def by_hand(model, **settings):
    return Gradients(model, by_hand=True, **settings)


def gradients_of(model):
    return {name: parameter.grad.clone() for name, parameter in model.named_parameters()}


@pytest.mark.parametrize("arithmetic", ["float32", "bfloat16"])
@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("layers", [1, 2])
@pytest.mark.parametrize(("cell", "before"), CELLS)
def test_gradients_by_hand_equal_autograd(cell, before, layers, form, arithmetic):
    model, batch = setting(cell, before, layers=layers, **FORMS[form])
    loss, state, expected = by_autograd(model, *batch)
    with contextlib.closing(by_hand(model, arithmetic=arithmetic)) as gradients:
        for _ in range(2):  # the second time with buffers that have been used
            mine, after = gradients(*batch)
    tolerance = TOLERANCE[arithmetic]
    assert mine.item() == pytest.approx(loss.item(), rel=tolerance)
    for part, want in zip(after, state, strict=True):
        torch.testing.assert_close(part, want.detach(), atol=tolerance, rtol=0)
    for name, gradient in gradients_of(model).items():
        error = (gradient - expected[name]).norm() / expected[name].norm()
        assert error < tolerance, name


@pytest.mark.parametrize(("cell", "before"), CELLS)
def test_gradients_by_hand_with_dropout_equal_autograd_under_the_same_masks(
    monkeypatch, cell, before
):
    model, batch = setting(cell, before, layers=2, dropout=0.5)
    with contextlib.closing(by_hand(model)) as gradients:
        loss, _ = gradients(*batch)
        mine, share = gradients_of(model), gradients._shares[5]
    masks = [mask.clone().view(len(mask), 7, 5).permute(2, 1, 0)  # (F, N) -> (B, T, F)
             for mask in (share.embedding_mask, *share.masks)]  # fmt: skip
    assert all(0 < (mask == 0).float().mean() < 1 for mask in masks)
    assert torch.equal(masks[0][:, :1].expand_as(masks[0]), masks[0])
    drawn = iter(masks)
    monkeypatch.setattr(network, "dropout_mask", lambda outputs, share, generator: next(drawn))
    want, _, expected = by_autograd(model, *batch)
    torch.testing.assert_close(loss, want)
    for name, gradient in mine.items():
        torch.testing.assert_close(gradient, expected[name], atol=1e-6, rtol=1e-4)


@pytest.mark.parametrize("arithmetic", ["float32", "bfloat16"])
@pytest.mark.parametrize("form", FORMS)
def test_gradients_by_the_librarys_lstm_equal_autograd(form, arithmetic):
    model, batch = setting("lstm", layers=2, **FORMS[form])
    loss, state, expected = by_autograd(model, *batch)
    gradients = Gradients(model, threads=2, arithmetic=arithmetic, by_hand=False)
    mine, after = gradients(*batch)
    tolerance = TOLERANCE[arithmetic]
    assert mine.item() == pytest.approx(loss.item(), rel=tolerance)
    for part, want in zip(after, state, strict=True):
        torch.testing.assert_close(part, want.detach(), atol=tolerance, rtol=0)
    once = gradients_of(model)
    for name, gradient in once.items():
        assert (gradient - expected[name]).norm() < tolerance * expected[name].norm(), name
    gradients(*batch)
    assert all(torch.equal(gradient, once[name]) for name, gradient in gradients_of(model).items())


def test_bfloat16_is_another_arithmetic_but_not_a_biased_one():
    model, batch = setting(streams=40)
    _, _, exact = by_autograd(model, *batch)
    with contextlib.closing(Gradients(model, arithmetic="bfloat16")) as gradients:
        gradients(*batch)
    rough = gradients_of(model)
    assert any(not torch.allclose(rough[name], exact[name], rtol=1e-5) for name in exact)
    for name, gradient in exact.items():
        along = (rough[name] * gradient).sum() / gradient.square().sum()
        assert along.item() == pytest.approx(1, abs=0.01), name


@pytest.fixture(scope="module")
def helped():
    """Two-process gradients of a model with dropout; starting the process takes seconds."""
    model, batch = setting("lstm", layers=2, dropout=0.5)
    gradients = by_hand(model, threads=2, seed=4)
    with contextlib.closing(gradients):
        yield model, batch, gradients


def test_the_number_of_threads_changes_gradients_by_rounding_only(helped):
    model, batch, gradients = helped
    model.eval()
    loss, state, expected = by_autograd(model, *batch)
    mine, after = gradients(*batch)
    model.train()
    torch.testing.assert_close(mine, loss)
    for part, want in zip(after, state, strict=True):
        torch.testing.assert_close(part, want.detach())
    for name, gradient in gradients_of(model).items():
        torch.testing.assert_close(gradient, expected[name], atol=1e-6, rtol=1e-4)


def test_the_same_seed_and_threads_give_bitwise_equal_gradients(helped):
    model, batch, gradients = helped

    def digest(seed):
        gradients.use(2, seed)
        losses = [gradients(*batch)[0] for _ in range(3)]
        return [*losses, *gradients_of(model).values()]

    one, same, other = digest(1), digest(1), digest(2)
    assert all(torch.equal(a, b) for a, b in zip(one, same, strict=True))
    assert not torch.equal(one[0], other[0])


def test_a_restored_random_state_goes_on_with_the_same_dropout(helped):
    model, batch, gradients = helped
    gradients(*batch)
    kept = gradients.random_state()
    gradients(*batch)
    expected = gradients_of(model)
    gradients(*batch)
    assert not torch.equal(gradients_of(model)["output.weight"], expected["output.weight"])
    gradients.restore_random_state(kept)
    gradients(*batch)
    assert all(torch.equal(g, expected[name]) for name, g in gradients_of(model).items())


def test_shapes_and_numbers_of_threads_may_change_between_steps(helped):
    model, (inputs, targets, state), gradients = helped
    model.eval()
    for threads, streams, steps in [(2, 4, 7), (1, 5, 7), (2, 5, 3), (2, 1, 7), (2, 5, 7)]:
        batch = (inputs[:streams, :steps], targets[:streams, :steps],
                 tuple(part[:, :streams] for part in state))  # fmt: skip
        gradients.use(threads, 0)
        loss, _ = gradients(*batch)
        torch.testing.assert_close(loss, by_autograd(model, *batch)[0])
    model.train()


def test_a_helper_that_died_is_reported_in_words():
    model, batch = setting()
    with contextlib.closing(Gradients(model, threads=2)) as gradients:
        gradients(*batch)
        gradients._busy[0]._process.kill()
        gradients._busy[0]._process.wait()
        with pytest.raises(DeviceError, match="one thread"):
            gradients(*batch)


def test_closing_ends_the_helpers_and_leaves_no_file_open():
    model, batch = setting()
    gradients = Gradients(model, threads=2)
    gradients(*batch)
    process = gradients._busy[0]._process
    descriptors = len(os.listdir("/proc/self/fd")) if os.path.isdir("/proc/self/fd") else 0
    gradients.close()
    assert process.returncode == 0
    if descriptors:
        assert len(os.listdir("/proc/self/fd")) == descriptors - 2  # the two pipes


def test_dropout_keeps_the_mean_and_zeroes_the_share_that_was_asked_for():
    model, _ = setting(dropout=0.25)
    with contextlib.closing(Gradients(model)) as gradients:
        gradients.warm_up(64, 100)
        share = gradients._shares[64]
        share.masks = []
        dropped = share._drop(torch.ones(24, 6400))
    assert (dropped == 0).float().mean().item() == pytest.approx(0.25, abs=0.01)
    assert dropped.mean().item() == pytest.approx(1, abs=0.01)
