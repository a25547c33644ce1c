"""The read-out: every figure against a slow and independent way to the same number."""

import lzma
import math
from collections import defaultdict

import numpy as np
import pytest
import torch
from hypothesis import example, given, settings
from hypothesis import strategies as st
from torch.nn import functional as F

from rnn_demo.config import ModelConfig, TrainConfig
from rnn_demo.errors import CorpusError, TokenizerError
from rnn_demo.judging import copying, evaluation, ngrams
from rnn_demo.network.model import RecurrentLM
from rnn_demo.text import corpus, tokenizer
from rnn_demo.training.train import Training

TEXT = (
    "FERRYMAN.\n  Who goes there, and with what weight?\n\nCHILD.\n  Only I, sir, and a café's "
    "worth of bread.\n\n  The river keeps what the river takes, and gives back something else.\n\n"
) * 6
CHINESE = "渔夫每天清晨都到海边去,海边的渔夫。"


def model_for(one: tokenizer.Tokenizer, seed: int = 0) -> RecurrentLM:
    config = ModelConfig(vocab_size=one.vocab_size, embedding_size=8, hidden_size=16)
    return RecurrentLM(config, torch.Generator().manual_seed(seed)).eval()


@torch.no_grad()
def slow_nats(model: RecurrentLM, ids: np.ndarray) -> torch.Tensor:
    """One pass over the whole text, in float64."""
    tokens = torch.from_numpy(ids.astype(np.int64))[None]
    logits, _ = model.double()(tokens[:, :-1])
    return F.cross_entropy(logits[0], tokens[0, 1:], reduction="none")


# -- score ------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["char", "byte", "subword"])
@pytest.mark.parametrize("length", [2, 50, len(TEXT)])
def test_the_score_is_that_of_one_slow_pass_over_the_whole_text(kind, length):
    one = tokenizer.learn(kind, TEXT, 300 if kind == "subword" else None)
    model, text = model_for(one), TEXT[:length]
    found = evaluation.score(model, one, text)
    ids = one.encode(text)
    assert found.nats == pytest.approx(slow_nats(model, ids).sum().item(), rel=1e-3)
    assert found.tokens == len(ids) - 1
    first = one.decode(ids[:1])
    assert found.characters == len(text) - len(first)
    assert found.bytes == len(text.encode()) - len(first.encode())
    assert found.bits_per_byte == pytest.approx(found.nats / math.log(2) / found.bytes)
    assert found.bits_per_char == pytest.approx(found.nats_per_char / math.log(2))


def test_characters_and_bytes_are_those_of_the_predicted_part():
    one = tokenizer.ByteTokenizer()
    found = evaluation.score(model_for(one), one, CHINESE)
    assert found.bytes == len(CHINESE.encode()) - 1 == found.tokens
    assert found.characters == len(CHINESE) - 1


def test_a_uniform_network_scores_the_same_in_any_tokenizer_of_single_bytes():
    text = TEXT.replace("é", "e")
    chars, single = tokenizer.learn("char", text), tokenizer.ByteTokenizer()
    for one in (chars, single):
        model = model_for(one)
        for parameter in model.parameters():
            parameter.data.zero_()
        found = evaluation.score(model, one, text)
        assert found.nats_per_char == pytest.approx(math.log(one.vocab_size), abs=1e-4)
        assert found.bits_per_byte == pytest.approx(found.bits_per_char)


def test_scoring_leaves_the_network_in_the_mode_it_was_in_and_is_reproducible():
    one = tokenizer.learn("char", TEXT)
    model = model_for(one).train()
    first = evaluation.score(model, one, TEXT)
    assert model.training
    assert evaluation.score(model, one, TEXT) == first
    assert evaluation.score(model, one, TEXT, threads=2).nats == pytest.approx(first.nats)


def test_token_nats_line_up_with_the_tokens():
    one = tokenizer.learn("char", TEXT)
    model, ids = model_for(one), one.encode(TEXT[:300])
    nats = evaluation.token_nats(model, ids)
    assert len(nats) == len(ids)
    assert np.isnan(nats[0])
    np.testing.assert_allclose(nats[1:], slow_nats(model, ids).numpy(), rtol=1e-3)


def test_unknown_characters_have_a_price_and_all_chances_sum_to_no_more_than_one():
    one = tokenizer.learn("char", "abc" * 100)
    model = model_for(one)
    known = evaluation.score(model, one, "abca")
    price = math.log(ngrams.UNICODE - 3) - math.log(evaluation.ESCAPE)
    for text in ("ab☃a", "ab\U0001f600a"):
        found = evaluation.score(model, one, text)
        assert found.unknown == 1
        assert found.nats > known.nats
        stand_in = evaluation.token_nats(model, one.encode(text))[1:]
        assert found.nats == pytest.approx(stand_in.sum() + price, abs=1e-4)
    before = evaluation.score(model, one, "ab").nats
    chances = {c: math.exp(before - evaluation.score(model, one, "ab" + c).nats) for c in "abc☃"}
    stand_in = chances[one.mapped("☃")["☃"]]
    others = chances["☃"] * (ngrams.UNICODE - 3)
    assert others == pytest.approx(stand_in * evaluation.ESCAPE, rel=1e-3)
    assert sum(chances[c] for c in "abc") + others == pytest.approx(1, abs=1e-4)


def test_a_capped_vocabulary_pays_for_which_rare_character_it_was():
    one = tokenizer.learn("char", "abcab" * 20 + "xyz", 4)
    model = model_for(one)
    found = evaluation.score(model, one, "abx")
    plain = float(np.nansum(evaluation.token_nats(model, one.encode("abx"))))
    assert found.nats == pytest.approx(plain + math.log(ngrams.UNICODE - 4), abs=1e-4)
    assert found.unknown == 1


@pytest.mark.parametrize(("arithmetic", "tolerance"), [("float32", 1e-6), ("bfloat16", 1e-4)])
def test_validation_while_training_and_the_score_afterwards_mean_the_same(arithmetic, tolerance):
    train, held_out = TEXT, TEXT[:200] + "☃ and λ too"
    one = tokenizer.learn("char", train)
    ids, model = one.encode(held_out), model_for(one)
    unknown = evaluation.unknown_nats(one, held_out) / (len(held_out) - 1)
    config = TrainConfig(
        minutes=None, steps=1, batch_size=2, sequence_length=8, device="cpu", arithmetic=arithmetic
    )
    run = Training(model, one.encode(train), ids, config, validation_unknown=unknown)
    score = evaluation.score(model, one, held_out).nats_per_char
    assert run.validate() == pytest.approx(score, rel=tolerance)
    assert unknown > 0.2


@pytest.mark.parametrize("text", ["ab", "abc", "abcdefgh" * 40])
def test_bytes_of_a_text_whose_first_character_is_unknown(text):
    capped = tokenizer.learn("char", "字母很好是的在有。\n" * 40, 6)
    score = evaluation.score(model_for(capped), capped, text)
    assert score.bits_per_byte == score.bits_per_char


def test_what_cannot_be_scored_is_an_error_for_people():
    one = tokenizer.learn("char", TEXT)
    with pytest.raises(CorpusError, match="two characters"):
        evaluation.score(model_for(one), one, "F")
    many = tokenizer.ByteTokenizer()
    with pytest.raises(CorpusError, match="two characters"):
        evaluation.score(model_for(many), many, "字")  # three tokens, the first of which is given
    with pytest.raises(TokenizerError, match="do not belong together"):
        evaluation.score(model_for(one), tokenizer.ByteTokenizer(), TEXT)


# -- n-grams ----------------------------------------------------------------------------------


class SlowKneserNey:
    """Modified interpolated Kneser-Ney in dictionaries of strings, as Chen and Goodman write it."""

    def __init__(self, train: str, order: int) -> None:
        self.alphabet = sorted(set(train))
        padded = "\0" * order + train
        raw = defaultdict(int)
        self.tables = []
        for n in range(1, order + 1):
            grams = [padded[i - n + 1 : i + 1] for i in range(order, len(padded))]
            if n == order:
                for gram in grams:
                    raw[gram] += 1
                self.tables.append(dict(raw))
            else:
                before = defaultdict(set)
                for i in range(order, len(padded)):
                    before[padded[i - n + 1 : i + 1]].add(padded[i - n])
                self.tables.append({gram: len(those) for gram, those in before.items()})
        self.discounts = [self.discount(table) for table in self.tables]

    @staticmethod
    def discount(table: dict[str, int]) -> list[float]:
        n1, n2, n3, n4 = (sum(c == k for c in table.values()) for k in (1, 2, 3, 4))
        if 0 in (n1, n2, n3, n4):
            return [0, 0.5, 0.75, 1.0]
        y = n1 / (n1 + 2 * n2)
        return [
            0,
            min(max(1 - 2 * y * n2 / n1, 0.1), 1),
            min(max(2 - 3 * y * n3 / n2, 0.1), 2),
            min(max(3 - 4 * y * n4 / n3, 0.1), 3),
        ]

    def chance(self, context: str, symbol: str, n: int) -> float:
        if n == 0:
            share = 1 / (len(self.alphabet) + 1)
            unseen = ngrams.UNICODE - len(self.alphabet)
            return share if symbol in self.alphabet else share / unseen
        table, discount = self.tables[n - 1], self.discounts[n - 1]
        context = context[len(context) - n + 1 :] if n > 1 else ""
        lower = self.chance(context[1:] if n > 1 else "", symbol, n - 1)
        counts = [table.get(context + c, 0) for c in self.alphabet]
        total = sum(counts)
        if total == 0:
            return lower
        own = table.get(context + symbol, 0)
        freed = sum(discount[min(c, 3)] for c in counts)
        return (own - discount[min(own, 3)] + freed * lower) / total

    def nats(self, text: str) -> list[float]:
        order = len(self.tables)
        padded = "\0" * order + text
        return [-math.log(self.chance(padded[i - order : i], padded[i], order))
                for i in range(order, len(padded))]  # fmt: skip


HELD_OUT = "CHILD.\n  Who keeps the river? And is that bread, FERRYMAN?  ☃ weigh\n\nit\U0001f600!"


@pytest.mark.parametrize("order", range(2, 9))
@pytest.mark.parametrize("train", [TEXT, TEXT[:200], "ab" * 120, CHINESE * 20 + "渔人在海边"])
def test_n_grams_are_those_of_a_slow_textbook_count(train, order):
    fast = ngrams.nats_by_order(train, HELD_OUT)
    largest = max(fast)
    assert largest == 8
    np.testing.assert_allclose(fast[order], SlowKneserNey(train, order).nats(HELD_OUT), rtol=1e-9)


@example("bbbabcbcbacccbcabbcabbbaabcabccccbcaccbbb", "bac")  # takes nothing, by the formula
@given(st.text("ab\ncé", min_size=20, max_size=80), st.text("ab\ncdé", max_size=6))
@settings(max_examples=50, deadline=None)
def test_chances_of_all_characters_sum_to_one_in_any_context(train, context):
    alphabet = sorted(set(train))
    unseen = ngrams.UNICODE - len(alphabet)
    last = [ngrams.nats_by_order(train, context + c) for c in [*alphabet, "\U0001f600"]]
    for order in range(2, 9):
        chances = [math.exp(-nats[order][-1]) for nats in last]
        assert sum(chances[:-1]) + chances[-1] * unseen == pytest.approx(1, abs=1e-9)


def test_many_symbols_leave_room_for_shorter_n_grams_only():
    text = "".join(chr(0x4E00 + (i * 7) % 3000) for i in range(6000))
    assert max(ngrams.nats_by_order(text, text[:100])) == 5


# -- the other baselines ----------------------------------------------------------------------


def test_baselines_are_what_their_names_say():
    parts = corpus.split(TEXT * 3, (0.9, 0.1, 0))
    found = evaluation.baselines(parts.train, parts.validation)
    n = len(parts.train)
    assert found.uniform == pytest.approx(math.log(len(set(parts.train))), abs=1e-4)
    expected = -sum(math.log(parts.train.count(c) / n) for c in parts.validation)
    assert found.unigram == pytest.approx(expected / len(parts.validation), abs=1e-4)
    by_order = {k: v.mean() for k, v in ngrams.nats_by_order(*parts[:2]).items()}
    assert found.ngram == min(by_order.values()) == by_order[found.ngram_order]
    both = len(lzma.compress((parts.train + parts.validation).encode()))
    alone = len(lzma.compress(parts.train.encode()))
    assert found.xz == pytest.approx((both - alone) * 8 * math.log(2) / len(parts.validation))
    assert found.ngram < found.unigram < found.uniform


def test_baselines_survive_a_thousand_characters_and_unseen_ones():
    parts = corpus.split(corpus.sample("python-reference").text[:1000] + "☃", (0.9, 0.05, 0.05))
    found = evaluation.baselines(parts.train, parts.test)
    assert "☃" in parts.test
    assert all(map(math.isfinite, (found.uniform, found.unigram, found.ngram, found.xz)))


# -- the copy meter ---------------------------------------------------------------------------


def slow_share(train: str, text: str, minimum: int) -> float:
    inside = [False] * len(text)
    for i in range(len(text) - minimum + 1):
        if text[i : i + minimum] in train:
            inside[i : i + minimum] = [True] * minimum
    return sum(inside) / max(len(text), 1)


@given(st.text("ab", max_size=60), st.text("ab", max_size=60), st.integers(1, 9))
@settings(deadline=None)
def test_the_share_of_copied_characters_is_that_of_looking_everywhere(train, text, minimum):
    found = copying.CopyMeter(train).measure(text, minimum)
    assert found.share == pytest.approx(slow_share(train, text, minimum))
    assert sum(b - a for a, b in found.spans) == pytest.approx(found.share * len(text))
    runs = [text[a:b] for a in range(len(text)) for b in range(a + minimum, len(text) + 1)]
    longest = max((len(run) for run in runs if run in train), default=0)
    assert len(found.longest) == longest
    if longest:
        assert train[found.start : found.start + longest] == found.longest
        assert found.longest in text
    else:
        assert (found.longest, found.start, found.spans) == ("", -1, ())


def test_a_run_of_forty_counts_and_one_of_thirty_nine_does_not():
    rng = np.random.default_rng(0)
    train = "".join(map(chr, rng.integers(97, 123, 5000)))
    meter = evaluation.CopyMeter(train)
    text = "#" * 50 + train[1000:1040] + "#" * 20 + train[2000:2039] + "#" * 50
    found = meter.measure(text)
    assert found.spans == ((50, 90),)
    assert found.share == pytest.approx(40 / len(text))
    assert (found.longest, found.start) == (train[1000:1040], 1000)


def test_a_drawn_line_is_no_copy():
    train = "one\n" + "=" * 60 + "\n| two" + " " * 60 + "|\n" + ("+" + "-" * 20) * 4 + "\nthree\n"
    found = evaluation.CopyMeter(train).measure(train[2:])
    assert (found.share, found.longest) == (0.0, "")


def test_a_text_of_four_letters_can_be_copied_too():
    rng = np.random.default_rng(3)
    train = ">NC_0009 A header of many letters\n" + "".join(rng.choice(list("ACGT"), 3000))
    assert evaluation.CopyMeter(train).measure(train[500:600]).share == 1.0


def test_copies_are_found_across_the_blocks_that_the_text_is_read_in(monkeypatch):
    rng = np.random.default_rng(1)
    train = "".join(map(chr, rng.integers(0x4E00, 0x4F00, 900)))
    monkeypatch.setattr(copying, "BLOCK", 64)
    for start in range(0, 850, 7):
        found = copying.CopyMeter(train).measure("。" + train[start : start + 50] + "。")
        assert (found.spans, found.start) == (((1, 51),), start)


def test_two_copies_side_by_side_are_one_span_but_the_longest_run_is_real():
    rng = np.random.default_rng(2)
    train = "".join(map(chr, rng.integers(97, 123, 3000)))
    found = evaluation.CopyMeter(train).measure(train[100:160] + train[2000:2045])
    assert found.spans == ((0, 105),)
    assert found.longest in train
    assert len(found.longest) in (60, 61)  # by chance the next letter may agree
