"""The sampling lab: bars that sum to one, draws that follow them, an order that matters."""

import numpy as np
import pytest
from inspection_subjects import subject

from rnn_demo.config import SampleConfig
from rnn_demo.inspection import sampling_lab as view
from rnn_demo.writing.generate import Writer
from rnn_demo.writing.sampling import chain, draw


def test_the_bars_sum_to_one_at_every_stage():
    config = SampleConfig(temperature=0.7, top_k=9, top_p=0.9, min_p=0.02, typical_p=0.9)
    result = view.lab(subject(), "He said", config)
    assert [bars.name for bars in result.stages] == [
        "raw", "temperature", "top_k", "top_p", "min_p", "typical_p",
    ]  # fmt: skip
    for bars in result.stages:
        assert bars.chances.sum() + bars.others == pytest.approx(1)
    survivors = [bars.survivors for bars in result.stages]
    assert survivors == sorted(survivors, reverse=True)


def test_without_settings_the_bars_are_the_networks_own():
    looked_at = subject()
    config = SampleConfig(temperature=1.0, top_p=1.0)
    result = view.lab(looked_at, "He said", config)
    logits = looked_at.model(looked_at.read("He said").ids[None])[0][0, -1].detach()
    np.testing.assert_allclose(
        result.stages[-1].chances, logits.softmax(-1).numpy()[result.ids], atol=1e-6
    )


def test_the_vector_for_which_the_order_matters():
    order = view.order_of(np.array([3.0, 2.0, 1.0]), SampleConfig(top_p=0.8, temperature=0.5))
    assert (order.first, order.last) == (1, 2)
    same = view.order_of(np.array([3.0, 2.0, 1.0]), SampleConfig(top_p=0.8, temperature=1.0))
    assert same.first == same.last == 2


def test_draws_follow_the_final_bars():
    logits = np.array([2.0, 1.0, 0.5, -1.0, 0.0])
    stage = chain(logits, SampleConfig(temperature=0.9, top_k=4, top_p=1.0))[-1]
    draws = np.random.default_rng(0).random(20_000)
    found = np.bincount([draw(stage.logits, u) for u in draws], minlength=5)
    expected = stage.probabilities * 20_000
    alive = expected > 0
    assert found[~alive].sum() == 0
    assert (((found - expected) ** 2)[alive] / expected[alive]).sum() < 16.3  # chi^2, 3 df, 1e-3


def test_the_drawn_symbol_is_one_of_the_survivors():
    for seed in range(20):
        result = view.lab(subject(), "He said", SampleConfig(top_k=2, seed=seed))
        assert result.drawn in result.ids[:2]


def test_what_is_drawn_is_what_would_be_written():
    looked_at = subject()
    writer = Writer(looked_at.model, looked_at.tokenizer)
    for seed in range(20):
        config = SampleConfig(temperature=0.9, seed=seed, length=1)
        written = writer.write("He said", config).text
        assert view.lab(looked_at, "He said", config).drawn == looked_at.read(written).ids[0]


def test_rows_of_a_sweep_differ_by_the_temperature_only():
    looked_at = subject()
    config = SampleConfig(seed=3, top_p=1.0)
    same = view.sweep(looked_at, "He", config, [0.8, 0.8], 80)
    assert same.texts[0] == same.texts[1]
    one, five = (view.sweep(looked_at, "He", config, t, 80) for t in ([0.8], [0.3, 0.8, 1.3]))
    assert five.texts[1] == one.texts[0]
    assert len(set(five.texts)) == 3


def test_temperature_zero_writes_the_best_symbol_always():
    looked_at = subject()
    greedy = view.sweep(looked_at, "He said", SampleConfig(seed=1), [0.0], 5).texts[0]
    logits = looked_at.model(looked_at.read("He said").ids[None])[0][0, -1]
    assert looked_at.read(greedy).ids[0] == int(logits.argmax())


def test_a_bias_takes_a_symbol_away():
    looked_at = subject()
    best = view.lab(looked_at, "He", SampleConfig())
    symbol = looked_at.tokenizer.decode([best.ids[0]])
    after = view.lab(looked_at, "He", SampleConfig(logit_bias={symbol: -100.0}))
    assert after.stages[1].name == "logit_bias"
    assert after.stages[-1].chances[0] < 1e-20


def test_an_empty_prompt_begins_with_the_text():
    looked_at = subject()
    begun = view.lab(looked_at, looked_at.held_out[:40], SampleConfig()).symbols
    assert view.lab(looked_at, "", SampleConfig()).symbols == begun
