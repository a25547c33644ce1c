"""Sampling against four hand-made probabilities, and against Hugging Face transformers.

data/sampling_vectors.json holds what transformers' own processors returned, recorded once, so
that the tests need no transformers.
"""

import json
import math
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from rnn_demo.config import SampleConfig
from rnn_demo.writing import sampling

VECTORS = json.loads((Path(__file__).parent / "data/sampling_vectors.json").read_text())["cases"]
P = np.array([0.5, 0.1, 0.3, 0.1])  # the hand-made probabilities
LOGITS = np.log(P)
OFF = {"temperature": 1.0, "top_p": 1.0}


def config(**settings: object) -> SampleConfig:
    """Every step off but the ones that are asked for; the penalties look at everything."""
    return SampleConfig(**{**OFF, "penalty_window": 1 << 16, **settings})


def final(logits: object, **settings: object) -> np.ndarray:
    return sampling.chain(logits, config(**settings))[-1].probabilities


@pytest.mark.parametrize("case", VECTORS, ids=lambda case: " ".join(case["settings"]) or "none")
def test_every_chain_gives_the_distribution_that_transformers_gives(case):
    stages = sampling.chain(case["logits"], config(**case["settings"]), case["history"])
    np.testing.assert_allclose(stages[-1].probabilities, case["probabilities"], atol=2e-6)


def test_the_temperature_comes_before_top_p():
    stages = sampling.chain([3.0, 2.0, 1.0], config(temperature=0.5, top_p=0.8))
    assert [stage.name for stage in stages] == ["raw", "temperature", "top_p"]
    assert stages[-1].probabilities.tolist() == [1, 0, 0]


def test_without_settings_the_distribution_is_the_softmax():
    (only,) = sampling.chain(LOGITS, config())
    np.testing.assert_allclose(only.probabilities, P, atol=1e-12)
    assert only.survivors == 4
    assert only.bits == pytest.approx(-(P * np.log2(P)).sum())


@pytest.mark.parametrize("temperature", [0, 5e-324, 1e-9, 0.001])
def test_a_temperature_near_zero_is_greedy(temperature):
    np.testing.assert_allclose(final(LOGITS, temperature=temperature), [1, 0, 0, 0], atol=1e-99)


def test_greedy_takes_the_first_of_equals():
    assert final([1.0, 3.0, 3.0], temperature=0).tolist() == [0, 1, 0]


def test_a_high_temperature_is_nearly_uniform():
    np.testing.assert_allclose(final(LOGITS, temperature=100), [0.25] * 4, atol=0.01)


@pytest.mark.parametrize(
    ("settings", "survivors"),
    [
        ({"top_p": 0.0}, [0]),
        ({"top_p": 0.5}, [0]),
        ({"top_p": 0.51}, [0, 2]),
        ({"top_p": 0.79}, [0, 2]),
        ({"top_p": 0.85}, [0, 1, 2]),
        ({"top_k": 1}, [0]),
        ({"top_k": 3}, [0, 1, 2, 3]),  # a tie stays together
        ({"top_k": 99}, [0, 1, 2, 3]),
        ({"min_p": 0.5}, [0, 2]),
        ({"min_p": 1.0}, [0]),
        ({"typical_p": 0.0}, [2]),
        ({"typical_p": 0.79}, [0, 2]),
    ],
)
def test_each_filter_keeps_what_its_definition_says(settings, survivors):
    assert np.flatnonzero(final(LOGITS, **settings)).tolist() == survivors


def test_top_p_cuts_between_equals():
    assert np.flatnonzero(final([0.0] * 4, top_p=0.5)).tolist() == [0, 1]


def test_penalties_count_recent_tokens_only():
    settings = config(frequency_penalty=0.5, presence_penalty=0.25, penalty_window=3)
    stage = sampling.chain([0.0] * 4, settings, [3, 3, 1, 2, 2])[-1]
    assert stage.logits.tolist() == [0, -0.75, -1.25, 0]
    off = config(presence_penalty=1.0, penalty_window=0)
    assert sampling.chain([0.0] * 4, off, [1, 2])[-1].logits.tolist() == [0] * 4


def test_a_ban_that_would_leave_nothing_is_not_applied():
    stage = sampling.chain([1.0, 2.0], config(no_repeat_ngram=1), [0, 1])[-1]
    assert stage.logits.tolist() == [1, 2]


def test_a_bias_is_added_and_can_forbid():
    stages = sampling.chain(LOGITS, config(), bias={0: -math.inf, 1: 1.0})
    assert stages[-1].name == "logit_bias"
    assert stages[-1].probabilities[0] == 0
    assert stages[-1].logits[1] == pytest.approx(LOGITS[1] + 1)


def test_the_scores_that_come_in_are_never_changed():
    logits = LOGITS.copy()
    everything = config(
        temperature=0.5, top_k=2, top_p=0.5, min_p=0.1, typical_p=0.5, repetition_penalty=1.5
    )
    sampling.chain(logits, everything, [0, 1], {1: 2.0})
    assert logits.tolist() == LOGITS.tolist()


def test_twenty_thousand_draws_have_the_final_distribution():
    stage = sampling.chain(LOGITS, config(temperature=1.3, min_p=0.15))[-1]
    chances = sampling.uniforms(1)
    draws = [sampling.draw(stage.logits, next(chances)) for _ in range(20_000)]
    expected = stage.probabilities * len(draws)
    chi_squared = ((np.bincount(draws, minlength=4) - expected) ** 2 / expected).sum()
    assert chi_squared < 16.27  # 3 degrees of freedom, p = 0.001


def test_a_draw_is_where_the_running_sum_by_token_number_passes_the_uniform():
    borders = [(0.0, 0), (0.49, 0), (0.51, 1), (0.59, 1), (0.61, 2), (0.89, 2), (0.91, 3)]
    assert [sampling.draw(LOGITS, u) for u, _ in borders] == [token for _, token in borders]


@pytest.mark.parametrize("uniform", [0.0, 0.5, 1 - 2**-53])
def test_what_is_ruled_out_is_never_drawn(uniform):
    logits = np.array([-np.inf, 0.0, -np.inf, -0.1, -np.inf])
    assert sampling.draw(logits, uniform) in (1, 3)
    assert sampling.draw_many(logits[None], np.array([uniform]))[0] in (1, 3)


scores = st.lists(st.floats(-30, 30), min_size=5, max_size=5)


@settings(max_examples=60, deadline=None)
@given(
    rows=st.lists(scores, min_size=2, max_size=4),
    temperature=st.sampled_from([0.0, 0.5, 1.0]),
    top_k=st.integers(0, 6),
    top_p=st.floats(0, 1),
    min_p=st.floats(0, 1),
    typical_p=st.floats(0, 1),
    uniform=st.floats(0, 1, exclude_max=True),
)
def test_rows_are_treated_alike_and_something_is_always_left(rows, uniform, **settings):
    logits = np.array(rows)
    active = sampling.steps(config(**settings))
    together = sampling.choose_many(active, logits, [()] * len(rows), [uniform] * len(rows))
    alone = [sampling.choose(active, row, (), uniform) for row in logits]
    assert together == alone
    for row, token in zip(logits, alone, strict=True):
        assert np.isfinite(sampling.apply(active, row, ())[token])


@settings(max_examples=200, deadline=None)
@given(
    row=st.lists(st.one_of(st.floats(-30, 30), st.sampled_from([0.0, 1.0])), min_size=1),
    mass=st.one_of(st.floats(0, 1, exclude_max=True), st.sampled_from([0.0, 0.5, 0.95])),
    uniform=st.floats(0, 1, exclude_max=True),
)
def test_drawing_from_the_kept_alone_is_drawing_after_top_p(row, mass, uniform):
    logits = np.array(row)
    plain = sampling.draw(sampling.keep_top_p(logits, mass), uniform)
    assert sampling.draw_top_p(logits, mass, uniform) == plain


def test_uniforms_are_the_generator_s_and_touch_no_other():
    torch.manual_seed(5)
    before = torch.get_rng_state()
    chances = sampling.uniforms(123)
    ours = [next(chances) for _ in range(3 * sampling.UNIFORMS)]
    assert torch.equal(before, torch.get_rng_state())
    generator = torch.Generator().manual_seed(123)
    one = [torch.rand((), dtype=torch.float64, generator=generator).item() for _ in ours]
    assert ours == one
    assert ours[:2] == [0.368895870664273, 0.013365949855291825]  # the page computes them too


def test_two_settings_with_the_same_seed_differ_only_where_the_setting_matters():
    narrow = sampling.steps(config(top_p=0.95))
    chances = sampling.uniforms(9)
    rows = np.log(np.tile([0.9, 0.06, 0.04], (500, 1)))
    pairs = [
        (sampling.draw(sampling.apply(narrow, row, ()), u), sampling.draw(row, u))
        for row, u in zip(rows, chances, strict=False)
    ]
    assert np.mean([a == b for a, b in pairs]) > 0.9
