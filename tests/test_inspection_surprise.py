"""Surprise: sources with known entropy, the reported loss, and what an off-by-one would break."""

import math

import numpy as np
import pytest
import torch
from inspection_subjects import TEXT, model, subject, tokens, zero

from rnn_demo.inspection import surprise as view
from rnn_demo.inspection.drawing import uniforms, write_rows
from rnn_demo.inspection.notice import record
from rnn_demo.inspection.reading import read
from rnn_demo.inspection.subject import Subject
from rnn_demo.judging import evaluation


class Letters:
    """A tokenizer of the first V letters, for sources of numbers."""

    def __init__(self, size):
        self.letters = "abcdefghijklmnopqrstuvwxyz"[:size]

    def encode(self, text):
        return np.array([self.letters.index(c) for c in text], dtype=np.uint8)

    def decode(self, ids):
        return "".join(self.letters[i] for i in ids)

    def token_bytes(self):
        return [c.encode() for c in self.letters]

    def symbols(self):
        return list(self.letters)

    def unknown(self, text):
        return [c for c in text if c not in self.letters]


def markov(rows: np.ndarray, length: int, seed: int = 0) -> np.ndarray:
    """A first-order source: rows (V, V) of chances."""
    random, state, ids = np.random.default_rng(seed), 0, []
    for uniform in random.random(length):
        state = int(np.searchsorted(np.cumsum(rows[state]), uniform))
        ids.append(min(state, len(rows) - 1))
    return np.array(ids)


def markov_subject(rows: np.ndarray, length: int = 3000, seed: int = 0) -> Subject:
    """A network that knows a Markov source by construction: h is the symbol, one-hot."""
    size = len(rows)
    network = zero(model(cell="rnn", vocab_size=size, embedding_size=0, hidden_size=size)).double()
    with torch.no_grad():
        network.layer_list[0].input_weight.copy_(20 * torch.eye(size))  # tanh(20) is 1
        network.output.weight.copy_(torch.from_numpy(np.log(rows)).T)
    words = Letters(size)
    return Subject("markov", network, words, held_out=words.decode(markov(rows, length, seed)))


ROWS = np.array([[0.7, 0.2, 0.1], [0.1, 0.1, 0.8], [0.3, 0.4, 0.3]])


def test_a_markov_source_has_the_surprise_of_its_entropy_rate():
    result = view.surprise(markov_subject(ROWS), maximum=None)
    stationary = np.linalg.matrix_power(ROWS, 50)[0]
    rate = -(stationary[:, None] * ROWS * np.log2(ROWS)).sum()
    bits = result.surprise_bits[1:]
    assert abs(bits.mean() - rate) < 3 * bits.std() / math.sqrt(len(bits))
    shifted = view.surprise(markov_subject(ROWS.T / ROWS.T.sum(1, keepdims=True)), "abc" * 500)
    assert shifted.mean_bits > rate  # the check can fail


@pytest.mark.parametrize("kind", ["char", "byte"])
@pytest.mark.parametrize("cell", ["lstm", "gru"])
def test_mean_surprise_is_the_reported_validation_loss(cell, kind):
    held_out = TEXT[:257]  # evaluation reads this in one go; of longer texts several streams
    looked_at = subject(cell=cell, kind=kind, held_out=held_out)
    reported = evaluation.score(looked_at.model, looked_at.tokenizer, held_out)
    result = view.surprise(looked_at, maximum=None)
    aside = evaluation.ESCAPE if kind == "char" else 0.0  # for characters outside the vocabulary
    expected = reported.bits_per_char + math.log2(1 - aside)
    assert result.mean_bits == pytest.approx(expected, abs=1e-5)


def test_on_a_long_text_mean_surprise_differs_from_the_reported_loss_by_a_hair():
    looked_at = subject(cell="gru", scale=1.0, held_out=TEXT)
    reported = evaluation.score(looked_at.model, looked_at.tokenizer, TEXT)
    result = view.surprise(looked_at, maximum=None)
    assert result.mean_bits == pytest.approx(reported.bits_per_char, rel=1e-4)


def test_the_first_symbol_has_no_score_and_the_json_says_null():
    looked_at = subject()
    result = record("surprise", view.surprise(looked_at, "He said"))
    assert result["surprise_bits"][0] is None
    assert all(bits > 0 for bits in result["surprise_bits"][1:])
    assert "".join(result["symbols"]) == "He said"
    assert len(result["best"]) == 7
    assert result["best"][0] == []


def test_each_score_is_the_probability_of_that_very_symbol():
    looked_at = subject(cell="gru")
    ids = looked_at.read("He said").ids
    result = view.surprise(looked_at, "He said")
    logits = looked_at.model(ids[None, :3])[0].detach()
    expected = -logits[0, 2].double().log_softmax(-1)[ids[3]] / math.log(2)
    assert result.surprise_bits[3] == pytest.approx(float(expected), abs=1e-5)
    label, chance, choice = result.best[3][0]
    assert choice == int(logits[0, 2].argmax())
    assert label == looked_at.tokenizer.symbols()[choice]
    assert chance == pytest.approx(float(logits[0, 2].softmax(-1).max()), abs=1e-5)


def test_long_texts_are_scored_in_pieces_that_do_not_show(monkeypatch):
    looked_at = subject()
    whole = view.surprise(looked_at, TEXT[:400]).surprise_bits
    monkeypatch.setattr(view, "CHUNK", 7)
    np.testing.assert_allclose(view.surprise(looked_at, TEXT[:400]).surprise_bits, whole, atol=1e-4)


def test_on_its_own_samples_the_surprise_is_the_entropy_it_expected():
    looked_at = subject(cell="gru", scale=4.0)
    ids = write_rows(looked_at.network, tokens(20, 2), uniforms(400, 8, 1), 1.0)
    scores = [view.score(looked_at, row) for row in ids]
    gap = np.concatenate([bits[1:] - entropy[1:] for bits, entropy, *_ in scores])
    assert abs(gap.mean()) < 3 * gap.std() / math.sqrt(len(gap))


def test_chances_mean_what_they_say():
    """Calibration on own samples: what is given 30 % happens 30 % of the time."""
    looked_at = subject(cell="gru", scale=4.0)
    ids = write_rows(looked_at.network, tokens(20, 2), uniforms(400, 8, 2), 1.0)
    with torch.inference_mode():
        chances = looked_at.model(ids[:, :-1])[0].softmax(-1)
    happened = torch.nn.functional.one_hot(ids[:, 1:], chances.shape[-1]).bool()
    chosen = (chances > 0.2) & (chances < 0.4)
    expected, found = chances[chosen].mean(), happened[chosen].float().mean()
    error = math.sqrt(float(expected * (1 - expected)) / int(chosen.sum()))
    assert abs(expected - found) < 3 * error


def test_a_long_text_is_cut_where_it_says_so():
    result = view.surprise(subject(), TEXT, maximum=100)
    assert len(result.symbols) == 100
    assert result.shortened
    assert not view.surprise(subject(), TEXT[:90], maximum=100).shortened


def test_a_branch_is_the_past_and_the_other_symbol():
    looked_at = subject()
    reading = looked_at.read("He said")
    choice = int(looked_at.tokenizer.encode("w")[0])
    assert view.branch(looked_at, reading, 3, choice) == "He w"


def test_symbols_of_several_bytes_know_their_characters():
    looked_at = subject(text="héllo wörld ÅÅÅ 网络" * 30, kind="byte")
    reading = read(looked_at.tokenizer, "hé网")
    assert reading.last.tolist() == [0, 1, 1, 2, 2, 2]
    assert reading.pieces[0] == "h"
    assert reading.pieces[1].startswith("<0x")
    assert reading.text == "hé网"


def test_looking_leaves_the_global_random_numbers_alone():
    looked_at = subject()
    before = torch.get_rng_state()
    view.surprise(looked_at)
    assert torch.equal(torch.get_rng_state(), before)


def test_one_symbol_is_no_text_to_judge():
    assert "longer" in view.surprise(subject(), "H").notice.say()
