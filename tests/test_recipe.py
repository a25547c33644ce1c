"""The recipe: sensible from a page to a library, from seconds to hours; a wish is granted."""

import numpy as np
import pytest

from rnn_demo.config import RunConfig
from rnn_demo.errors import ConfigError
from rnn_demo.text import tokenizer
from rnn_demo.training import recipe

TEXT = "the quick brown fox jumps over the lazy dog, and so on.\n" * 40
CHARACTERS = tokenizer.learn("char", TEXT)


@pytest.fixture
def machine(monkeypatch):
    """A machine that does so many multiplications a second, without doing them."""

    def set_speed(multiplications: float) -> None:
        def speed(self, model, train):
            return multiplications / (6 * model.parameters)

        monkeypatch.setattr(recipe.Machine, "tokens_per_second", speed)

    set_speed(4e11)
    return set_speed


def planned(count=1_000_000, **wanted) -> recipe.Plan:
    ids = np.resize(CHARACTERS.encode(TEXT), count)
    return recipe.plan(ids, CHARACTERS, RunConfig(device="cpu", **wanted))


def test_a_real_plan_is_made_on_this_machine_in_a_moment():
    plan = recipe.plan(CHARACTERS.encode(TEXT), CHARACTERS, RunConfig(minutes=0.05, device="cpu"))
    assert plan.model.vocab_size == CHARACTERS.vocab_size
    assert plan.train.minutes == 0.05
    assert all(reason.endswith(".") for reason in plan.reasons)


def test_more_time_makes_a_larger_network(machine):
    widths = [planned(10_000_000, minutes=m).model.hidden_size for m in (0.1, 1, 10, 100)]
    assert widths == sorted(widths)
    assert len(set(widths)) == 4


@pytest.mark.parametrize("minutes", [0.01, 0.1, 1, 5, 30])
@pytest.mark.parametrize("size", [30_000, 150_000, 5_000_000])
def test_few_widths_are_timed_and_the_choice_is_as_if_all_were(monkeypatch, minutes, size):
    timed = []

    def speed(self, model, train):  # small networks are slower than their weights would have it
        timed.append(model.hidden_size)
        return 1 / (1.4e-6 + 1.7e-11 * model.parameters)

    monkeypatch.setattr(recipe.Machine, "tokens_per_second", speed)
    few = planned(size, minutes=minutes)
    assert few.tokens_per_second == pytest.approx(speed(None, few.model, few.train))
    looks, timed[:] = len(timed) - 1, []
    monkeypatch.setattr(recipe, "SLOWER", 0.0)
    monkeypatch.setattr(recipe, "FASTER", 1e9)
    assert planned(size, minutes=minutes).model == few.model
    assert looks <= min(5, len(timed))


def test_a_slower_machine_gets_a_smaller_network(machine):
    fast = planned(minutes=1).model.hidden_size
    machine(2e10)
    assert planned(minutes=1).model.hidden_size < fast


def test_a_small_text_gets_a_small_network_however_long_it_may_take(machine):
    small, large = planned(5_000, minutes=60).model, planned(1_000_000, minutes=60).model
    assert small.hidden_size < large.hidden_size
    assert small.parameters < 100_000


def test_the_more_often_the_text_is_read_the_more_dropout(machine):
    drops = [planned(minutes=m).model.dropout for m in (0.005, 0.2, 2, 20)]
    assert drops == sorted(drops)
    assert drops[0] == 0
    assert drops[-1] >= 0.3


def test_a_wide_network_takes_smaller_steps_and_is_pulled_to_zero_as_hard(machine):
    narrow, wide = (planned(hidden=hidden).train for hidden in (256, 1024))
    assert wide.learning_rate < narrow.learning_rate
    pulls = [train.learning_rate * train.weight_decay for train in (narrow, wide)]
    assert pulls[0] == pytest.approx(pulls[1])


def test_streams_are_long_enough_even_of_a_page():
    plan = planned(900, minutes=0.02)
    assert 900 / plan.train.batch_size > 4 * plan.train.sequence_length
    tiny = planned(10, steps=2)
    assert tiny.train.batch_size == 1


def test_validation_stays_affordable(machine):
    for count in (1_000, 1_000_000, 50_000_000):
        for minutes in (0.05, 1, 60):
            plan = planned(count, minutes=minutes)
            train = plan.train
            speed = 4e11 / (6 * plan.model.parameters)
            read = train.evaluations * min(train.validation_tokens, count // 18)
            cost = read / (recipe.READING * speed)
            assert cost < 0.35 * 60 * minutes
            assert minutes < 1 or 25 <= train.evaluations <= 40
            assert 1 <= train.patience <= max(4, train.evaluations)


WISHES = {
    "cell": "rnn",
    "hidden": 24,
    "layers": 3,
    "embedding": 0,
    "dropout": 0.35,
    "batch": 7,
    "length": 19,
    "learning_rate": 0.001,
    "weight_decay": 0.03,
    "seed": 9,
    "threads": 1,
    "steps": 5,
}


def test_every_wish_is_granted(machine):
    plan = planned(**WISHES)
    found = plan.model.to_json() | plan.train.to_json()
    names = {
        "hidden": "hidden_size",
        "embedding": "embedding_size",
        "batch": "batch_size",
        "length": "sequence_length",
    }
    assert {name: found[names.get(name, name)] for name in WISHES} == WISHES


def test_a_wish_that_no_memory_holds_is_refused_before_it_is_allocated():
    with pytest.raises(ConfigError, match="weights; at most"):
        planned(hidden=16384, layers=4)


def test_one_minute_is_the_default(machine):
    assert planned().train.minutes == 1


def test_characters_are_the_default_tokenizer():
    assert recipe.choose_tokenizer(TEXT, RunConfig()) == ("char", None)
    assert recipe.choose_tokenizer(TEXT, RunConfig(tokenizer="subword", vocab_size=300)) == (
        "subword",
        300,
    )


def test_it_is_said_what_a_chosen_vocabulary_leaves_out(machine) -> None:
    text = "abcdefgh" * 500 + "xyz" * 100
    words = tokenizer.learn("char", text, 9)
    ids = words.encode(text)
    reasons = recipe.plan(ids, words, RunConfig()).reasons
    (said,) = (reason for reason in reasons if reason.key == "plan.capped")
    assert said.startswith("7 % of the characters are none of the 9 symbols")
    assert not any(r.key == "plan.capped" for r in planned().reasons)


def test_a_text_of_too_many_kinds_of_characters_is_read_in_pieces() -> None:
    many = "".join(map(chr, range(0x4E00, 0x4E00 + 20_000)))
    assert recipe.choose_tokenizer(many, RunConfig()) == ("subword", None)
    assert recipe.choose_tokenizer(many, RunConfig(tokenizer="char")) == ("char", None)
    assert recipe.choose_tokenizer("one two", RunConfig()) == ("char", None)
