"""Memory: closed forms that a wrong picture cannot meet, and sources whose answer is known."""

import math

import numpy as np
import pytest
import torch
from inspection_subjects import TEXT, model, orthogonal, subject, tokens, zero
from torch.nn import functional

from rnn_demo.errors import RunError
from rnn_demo.inspection import memory as view
from rnn_demo.inspection.subject import Subject
from rnn_demo.inspection.unrolled import Unrolled
from rnn_demo.inspection.untrained import forget_bias, fresh
from rnn_demo.judging.ngrams import nats_by_order

SIGMOID_2 = 1 / (1 + math.exp(-2))


def blank(cell: str, **settings):
    """All weights 0 but the output's, in double precision."""
    network = zero(model(cell=cell, **settings).double())
    with torch.no_grad():
        generator = torch.Generator().manual_seed(0)
        network.output.weight.normal_(generator=generator)
    return network


def test_gradient_of_an_rnn_that_shrinks_by_a_tenth_is_nine_tenths_to_the_lag():
    network = blank("rnn")
    with torch.no_grad():
        network.layer_list[0].recurrent_weight.copy_(0.9 * orthogonal(12))
    curve = view.inside_curve(Unrolled(network), tokens(11, 4, 52), part="h")
    np.testing.assert_allclose(curve, 0.9 ** np.arange(51), rtol=1e-12)
    assert curve[10] == pytest.approx(0.34867844, abs=1e-8)
    assert curve[50] == pytest.approx(0.0051537752, abs=1e-10)


def test_gradient_of_an_lstms_cell_is_its_forget_gate_to_the_lag():
    network = blank("lstm")
    with torch.no_grad():
        network.layer_list[0].input_bias[12:24] = 2.0
    curve = view.inside_curve(Unrolled(network), tokens(11, 4, 30), part="c")
    np.testing.assert_allclose(curve, SIGMOID_2 ** np.arange(29), rtol=1e-12)
    assert curve[10] == pytest.approx(0.28103386, abs=1e-8)


@pytest.mark.parametrize("reset_before", [False, True])
def test_gradient_of_a_gru_is_its_update_gate_to_the_lag(reset_before):
    network = blank("gru", reset_before=reset_before)
    with torch.no_grad():
        network.layer_list[0].input_bias[12:24] = 2.0
    curve = view.inside_curve(Unrolled(network), tokens(11, 4, 30))
    np.testing.assert_allclose(curve, SIGMOID_2 ** np.arange(29), rtol=1e-12)


@pytest.mark.parametrize("cell", ["rnn", "lstm", "gru"])
def test_gradients_agree_with_finite_differences(cell):
    network = Unrolled(model(cell=cell, layers=2, scale=2.0).double())
    windows, lag, size = tokens(11, 1, 12), 4, 1e-6
    inputs = network.embed(windows[:, :-1]).detach()

    def loss(x):
        logits = network.logits(network.run(x).outputs[:, -1])
        return float(functional.cross_entropy(logits, windows[:, -1]))

    def norm(place):
        slopes = []
        for unit in range(inputs.shape[-1]):
            step = torch.zeros_like(inputs)
            step[0, place, unit] = size
            slopes.append((loss(inputs + step) - loss(inputs - step)) / (2 * size))
        return np.linalg.norm(slopes)

    curve = view.gradient_curve(network, windows)
    assert curve[lag] == pytest.approx(norm(10 - lag) / norm(10), rel=1e-5)
    assert curve[0] == 1


def test_a_fresh_rnn_vanishes_and_no_curve_is_zero_before_the_last_step():
    for cell in ("rnn", "lstm", "gru"):
        curve = view.gradient_curve(Unrolled(fresh(cell, 0.0)), tokens(64, 8, 22))
        assert curve[1] > 0  # a gradient retained on a fused kernel's output would be 0
        if cell == "rnn":
            assert curve[20] < 0.01  # the gradient of a summed loss would stay near 1


def test_the_average_over_windows_is_geometric():
    norms = torch.tensor([[1.0, 1.0], [1e-4, 1.0]])
    np.testing.assert_allclose(view.relative(norms), [1.0, 1e-2])


def test_a_forget_bias_opens_the_lstms_memory_before_any_training():
    closed, open_ = forget_bias(0.0), forget_bias(2.0)
    assert open_.curves["lstm"][40] == pytest.approx(1 / 7, rel=0.1)  # as the page says
    assert closed.curves["lstm"][40] < 1e-6
    assert open_.curves["lstm"][40] > 1e-2
    assert np.array_equal(closed.curves["rnn"], open_.curves["rnn"])
    np.testing.assert_allclose(open_.gate[:3], [1, SIGMOID_2, SIGMOID_2**2])


# Sources with analytic answers. The networks that know them are made by hand.


def delay_line(lag: int, symbols: int) -> torch.nn.Module:
    """A tanh RNN whose state is its last `lag` symbols, shifted on at every step.

    Each place holds +-tanh-saturated bits, so what was read `lag` symbols ago is known exactly;
    it gives that symbol the chance .9 + .1 / V, and .1 / V to each other.
    """
    network = zero(
        model(cell="rnn", vocab_size=symbols, embedding_size=0, hidden_size=lag * symbols)
    )
    eye, layer = torch.eye(symbols), network.layer_list[0]
    strength = 20.0
    high = math.log((0.9 + 0.1 / symbols) / (0.1 / symbols))
    with torch.no_grad():
        layer.input_weight[:symbols] = strength * eye
        for place in range(1, lag):
            rows = slice(place * symbols, (place + 1) * symbols)
            layer.recurrent_weight[rows, (place - 1) * symbols : place * symbols] = strength * eye
        network.output.weight[:, (lag - 1) * symbols :] = high * eye
    return network


def copy_source(lag: int, symbols: int, length: int, seed: int = 0) -> torch.Tensor:
    """x_t = x_{t - lag} with chance .9, else any symbol."""
    random = np.random.default_rng(seed)
    ids = list(random.integers(symbols, size=lag))
    for again, other in zip(
        random.random(length) < 0.9, random.integers(symbols, size=length), strict=True
    ):
        ids.append(ids[-lag] if again else other)
    return torch.tensor(ids)


def test_memory_of_a_copy_source_falls_off_a_cliff_exactly_at_its_lag():
    ids = copy_source(6, 8, 4000)
    windows = ids.unfold(0, 65, 7)
    contexts = [1, 2, 4, 5, 6, 8, 16, 64]
    nats = view.horizon(delay_line(6, 8), windows, contexts) * math.log(2)
    floor = 0.467  # -(.9125 ln .9125 + 7 * .0125 ln .0125)
    for k, loss in zip(contexts, nats.mean(0), strict=True):
        error = 3 * nats.std() / math.sqrt(len(nats)) + 0.01
        expected = math.log(8) if k < 6 else floor
        assert abs(loss - expected) < error, k
    extra, band = view.against_longest(nats)
    assert extra[3] - band[3] > 1
    assert extra[4] == 0
    assert nats.mean(0)[-1] > floor - 3 * nats[:, -1].std() / math.sqrt(len(nats))  # no leak


def test_the_gradient_of_a_copy_network_is_at_its_lag_only():
    windows = copy_source(6, 8, 500).unfold(0, 21, 11)
    network = Unrolled(delay_line(6, 8).double())
    for name in ("layers.0.input_weight", "layers.0.recurrent_weight"):
        network.weights[name] /= 20  # tanh's slope at 20 is nothing
    inputs = network.embed(windows[:, :-1]).requires_grad_()
    logits = network.logits(network.run(inputs).outputs[:, -1])
    (gradient,) = torch.autograd.grad(functional.cross_entropy(logits, windows[:, -1]), inputs)
    by_lag = gradient.norm(dim=-1).flip(1)
    assert (by_lag[:, 5] > 0).all()  # the sixth symbol back from the target was read at lag 5
    assert float(by_lag[:, :5].max()) == float(by_lag[:, 6:].max()) == 0


def test_a_markov_source_needs_one_symbol_and_its_entropy_rate():
    from test_inspection_surprise import ROWS, markov_subject  # noqa: PLC0415

    looked_at = markov_subject(ROWS, 6000)
    windows = looked_at.read(looked_at.held_out).ids.unfold(0, 33, 9)
    bits = view.horizon(looked_at.model, windows, [1, 2, 8, 32])
    stationary = np.linalg.matrix_power(ROWS, 50)[0]
    rate = -(stationary[:, None] * ROWS * np.log2(ROWS)).sum()
    np.testing.assert_allclose(bits, bits[:, -1:].repeat(4, 1), atol=1e-9)  # flat after one
    assert abs(bits[:, 0].mean() - rate) < 3 * bits[:, 0].std() / math.sqrt(len(bits))


def test_a_wrong_past_hurts_a_short_context_and_not_a_long_one():
    windows = copy_source(6, 8, 3000).unfold(0, 33, 7)
    others = copy_source(6, 8, 3000, seed=1).unfold(0, 16, 7)[: len(windows)]
    network = delay_line(6, 8)
    blank_start = view.horizon(network, windows, [1, 32]).mean(0)
    wrong = view.horizon(network, windows, [1, 32], others).mean(0)
    assert wrong[0] > blank_start[0] + 1  # it copies what was never there
    assert wrong[1] == pytest.approx(blank_start[1])


def test_the_line_of_counts_is_measured_at_the_same_targets():
    looked_at = subject(text=TEXT)
    reading = looked_at.read(TEXT[-600:])
    line = view.ngram_line(TEXT[:-600], reading, np.array([400, 401, 500]))
    by_order = nats_by_order(TEXT[:-600], TEXT[-600:])
    assert list(line) == [order - 1 for order in by_order]  # n symbols see n - 1 before them
    assert line[3] == pytest.approx(by_order[4][[400, 401, 500]].mean() / math.log(2))


def test_the_line_of_counts_adds_up_the_characters_of_a_longer_symbol():
    looked_at = subject(text=TEXT, kind="subword")
    reading = looked_at.read(TEXT[-600:])
    everything = view.ngram_line(TEXT[:-600], reading, np.arange(1, len(reading)))
    characters = nats_by_order(TEXT[:-600], reading.text)[2]
    first = reading.last[0] + 1
    total = everything[1] * (len(reading) - 1) * math.log(2)
    assert total == pytest.approx(characters[first:].sum())


def test_the_view_says_when_a_network_uses_no_past():
    network = zero(model(vocab_size=subject().model.config.vocab_size))
    looked_at = Subject("blank", network, subject().tokenizer, TEXT, TEXT)
    result = view.memory(looked_at)
    assert "Nothing found" in result.notice.say()
    assert result.horizon == 1


def test_the_view_fills_every_array_and_refuses_a_text_that_is_too_short():
    result = view.memory(subject(cell="lstm"))
    assert len(result.contexts) == len(result.loss_bits) == len(result.band_bits)
    assert len(result.ngram_bits) == len(result.ngram_contexts) == 7
    assert result.extra_bits[-1] == 0
    assert result.gradient[0] == 1
    with pytest.raises(RunError, match="too short"):
        view.memory(subject(text="abc abd", held_out="ab"))
