"""Who wrote this, and maps: verdicts that equal the analytic ratio, and refusals where due."""

import json
import math
from string import Formatter

import numpy as np
import pytest
import torch
from inspection_subjects import TEXT, subject
from test_inspection_surprise import ROWS, Letters, markov, markov_subject

from rnn_demo.cli.inspect import VIEWS
from rnn_demo.errors import ConfigError
from rnn_demo.inspection import authorship, symbol_map
from rnn_demo.inspection.notice import notice, record
from rnn_demo.inspection.sentences import EQUATIONS, SENTENCES, STEP_EQUATIONS
from rnn_demo.inspection.surprise import surprise
from rnn_demo.network.cells import STEPS

SOURCES = [ROWS, np.roll(ROWS, 1, 1), np.full((3, 3), 1 / 3)]


def analytic(rows: np.ndarray, ids: np.ndarray) -> float:
    """Bits a symbol of a text under a source that it may or may not be from."""
    pairs = np.log2(rows)[ids[:-1], ids[1:]]
    return float((math.log2(len(rows)) - pairs.sum()) / len(ids))


def test_the_verdict_is_the_analytic_likelihood_ratio():
    models = [markov_subject(rows) for rows in SOURCES]
    for rows in SOURCES:
        ids = markov(rows, 1500, seed=5)
        verdict = authorship.who_wrote(models, Letters(3).decode(ids))
        expected = sorted(analytic(source, ids) for source in SOURCES)
        assert [s.bits_per_byte for s in verdict.scores] == pytest.approx(expected, abs=1e-6)
        assert verdict.decided
        assert verdict.low < verdict.difference < verdict.high


def test_two_equal_models_get_no_verdict():
    models = [markov_subject(ROWS), markov_subject(ROWS * 1.0)]
    verdict = authorship.who_wrote(models, Letters(3).decode(markov(ROWS, 400)))
    assert not verdict.decided
    assert "No verdict" in verdict.notice.say()


def test_a_text_of_pure_chance_decides_nothing_between_two_wrong_models():
    """Sources that are mirror images are equally wrong about a coin."""
    coin = np.array([[0.7, 0.3], [0.7, 0.3]])
    models = [markov_subject(coin), markov_subject(coin[:, ::-1].copy())]
    decided = 0
    for seed in range(20):
        ids = np.random.default_rng(seed).integers(2, size=400)
        decided += authorship.who_wrote(models, Letters(2).decode(ids)).decided
    assert decided <= 4  # 1 in 20 is expected


def test_a_character_that_a_model_does_not_know_makes_it_look_worse():
    knows, lacks = subject(TEXT + "ß" * 20), subject(TEXT)
    text = TEXT[:200] + "ß" * 30
    verdict = authorship.who_wrote([lacks, knows], text)
    by_name = {s.unknown: s.bits_per_byte for s in verdict.scores}
    assert set(by_name) == {0, 30}
    assert by_name[30] > by_name[0]


def test_bits_belong_to_the_piece_in_which_a_symbol_ends():
    looked_at = subject(kind="subword", text=TEXT)
    text = TEXT[:600]
    units = authorship.pieces(text)
    bits = authorship.unit_bits(looked_at, text, units)
    whole = surprise(looked_at, text, maximum=None).surprise_bits
    first = math.log2(looked_at.model.config.vocab_size)
    assert bits.sum() == pytest.approx(np.nansum(whole) + first)
    assert (bits > 0).all()


def test_fewer_than_two_models_cannot_be_compared():
    with pytest.raises(ConfigError):
        authorship.who_wrote([subject()], TEXT)


def test_odd_places_are_the_most_surprising_ones():
    looked_at = markov_subject(np.array([[0.001, 0.998, 0.001], [0.998, 0.001, 0.001], ROWS[2]]))
    odd = authorship.oddities(surprise(looked_at, "ababababbabab"))
    assert odd.places[0].position == 8
    assert (odd.places[0].symbol, odd.places[0].expected) == ("b", "a")
    assert odd.count == len(odd.places)
    assert "Nothing found" in authorship.oddities(surprise(looked_at, "abababab")).notice.say()


def test_the_first_two_principal_directions_are_found():
    generator = torch.Generator().manual_seed(0)
    plane = torch.randn(2, 9, generator=generator)
    points = torch.randn(30, 2, generator=generator) @ plane
    places, share = symbol_map.principal(points)
    assert share == pytest.approx(1)
    np.testing.assert_allclose(
        torch.cdist(places, places), torch.cdist(points.double(), points.double()), atol=1e-4
    )


@pytest.mark.parametrize("embedding", [0, 8])
def test_the_map_shows_the_frequent_symbols(embedding):
    result = symbol_map.symbol_map(subject(embedding_size=embedding))
    assert result.places.shape == (len(result.symbols), 2)
    assert result.counts == sorted(result.counts, reverse=True)
    assert all(
        name not in near for name, near in zip(result.symbols, result.neighbours, strict=True)
    )


def test_the_nearest_moment_of_a_text_that_repeats_is_its_repetition():
    looked_at = subject(cell="gru", scale=1.0)
    result = symbol_map.nearest_moments(looked_at, "He said: ", 8)
    assert result.moments[0].symbol == " "
    assert result.moments[0].before.endswith("said:")
    assert result.moments[0].likeness > 0.9


def places(template: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(template) if name}


def test_every_sentence_can_be_said_in_both_languages_and_every_view_has_an_equation():
    for key, (english, chinese) in SENTENCES.items():
        assert places(chinese) <= places(english), key
        assert any("\u4e00" <= c <= "\u9fff" for c in chinese), key
    assert set(EQUATIONS) | {"step", "gates"} >= set(VIEWS)  # these two show their cell's
    assert set(STEP_EQUATIONS) == set(STEPS)
    with pytest.raises(KeyError):
        notice("no such sentence")


def test_a_record_is_strict_json():
    result = record("surprise", surprise(subject(), TEXT[:30]))
    assert json.loads(json.dumps(result, allow_nan=False))["view"] == "surprise"
