"""Writing: the fast step against the model, batches against single texts, and every ending."""

import math
import time
from dataclasses import replace
from itertools import product

import numpy as np
import pytest
import torch

from rnn_demo.config import SampleConfig
from rnn_demo.errors import ConfigError
from rnn_demo.network.model import RecurrentLM
from rnn_demo.text import tokenizer
from rnn_demo.writing import generate, stepping
from rnn_demo.writing.beam import beam_search
from rnn_demo.writing.ending import Ending
from rnn_demo.writing.stepping import MANY, State, Stepper
from tests.networks import SHAPES, network

TEXT = "the quick brown fox\njumps over the lazy dog\n"
PLAIN = SampleConfig(temperature=1.0, top_p=1.0, length=40, seed=1)


@pytest.fixture(scope="module")
def letters() -> tokenizer.Tokenizer:
    return tokenizer.learn("char", TEXT)


@pytest.fixture(scope="module")
def writer(letters) -> generate.Writer:
    return generate.Writer(network(letters.vocab_size), letters)


def scores(stepper: Stepper, state: State, tokens: np.ndarray) -> np.ndarray:
    stepper.read(tokens, state)
    return stepper.scores(state)


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
@pytest.mark.parametrize("streams", [1, 3])
@pytest.mark.parametrize("amd", [False, True])
def test_the_fast_step_is_the_model(shape, streams, amd, monkeypatch):
    monkeypatch.setattr(stepping, "is_by_amd", lambda: amd)
    model, ids = network(11, **shape), torch.randint(11, (streams, 20))
    stepper = Stepper(model)
    state = stepper.initial_state(streams)
    steps = [scores(stepper, state, column.numpy()) for column in ids.T]
    expected, last = model(ids)
    np.testing.assert_allclose(np.stack(steps, 1), expected.detach(), atol=2e-5)
    for part, theirs in enumerate(last):
        for layer, ours in enumerate(state.layers):
            np.testing.assert_allclose(ours.parts[part], theirs[layer].detach(), atol=2e-5)


def test_without_its_table_the_first_layer_reads_the_same(monkeypatch, letters):
    model = network(letters.vocab_size)
    with_table = generate.write(model, letters, "the", PLAIN).text
    monkeypatch.setattr("rnn_demo.writing.stepping.LARGEST_TABLE", 0)
    assert Stepper(model).table is None
    assert generate.write(model, letters, "the", PLAIN).text == with_table


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
@pytest.mark.parametrize("streams", [1, MANY])
def test_in_parts_the_weights_are_the_same(shape, streams, monkeypatch):
    model, symbols = network(11, **shape), np.random.default_rng(0).integers(11, size=(6, streams))
    whole = Stepper(model)
    monkeypatch.setattr("rnn_demo.writing.stepping.PART", 1 << 10)
    parted = Stepper(model)
    assert len(parted.layers[0].recurrent.parts) > 1 == len(whole.layers[0].recurrent.parts)
    first, second = (stepper.initial_state(streams) for stepper in (whole, parted))
    for row in symbols:
        np.testing.assert_allclose(
            scores(whole, first, row), scores(parted, second, row), atol=1e-6
        )


def test_greedy_text_is_what_the_model_itself_would_write(letters):
    model = network(letters.vocab_size)
    ids = torch.from_numpy(letters.encode("the quick").astype(np.int64))[None]
    for _ in range(30):
        logits, _ = model(ids)
        ids = torch.cat([ids, logits[:, -1].argmax(-1, keepdim=True)], 1)
    expected = letters.decode(ids[0, 9:].numpy())
    greedy = replace(PLAIN, temperature=0.0, length=30)
    assert generate.write(model, letters, "the quick", greedy).text == expected


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
def test_texts_written_together_are_the_texts_written_alone(shape, letters):
    writer = generate.Writer(network(letters.vocab_size, **shape), letters)
    prompts = ["the ", "", "quick brown fox jumps", "over", "z"]
    configs = [
        replace(PLAIN, seed=number, length=20 + 10 * number, temperature=temperature)
        for number, temperature in enumerate([1.0, 0.7, 1.0, 0.0, 1.3])
    ]
    configs[2] = replace(configs[2], top_p=0.9, min_p=0.01)
    configs[3] = replace(configs[3], no_repeat_ngram=4)
    together = [written.text for written in writer.write_many(prompts, configs)]
    alone = [writer.write(p, c).text for p, c in zip(prompts, configs, strict=True)]
    assert together == alone
    assert [len(text) for text in together] == [20, 30, 40, 50, 60]


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
def test_many_streams_are_read_like_one_but_for_roundings(shape, letters):
    stepper = Stepper(network(letters.vocab_size, **shape))
    streams = MANY + 3
    symbols = np.random.default_rng(0).integers(letters.vocab_size, size=(20, streams))
    together, alone = stepper.initial_state(streams), stepper.initial_state(1)
    for row in symbols:
        many = scores(stepper, together, row)
        one = scores(stepper, alone, row[4:5])
    np.testing.assert_allclose(many[4], one[0], rtol=0, atol=1e-5)


def test_one_config_for_many_gives_each_text_a_seed_of_its_own(writer):
    many = writer.write_many(["the"] * 70, PLAIN)  # more than one batch
    assert [written.seed for written in many] == list(range(1, 71))
    assert len({written.text for written in many}) > 60
    assert many[69].text == writer.write("the", replace(PLAIN, seed=70)).text


def test_the_same_seed_writes_the_same_and_a_fresh_one_is_told(writer):
    assert writer.write("fox", PLAIN).text == writer.write("fox", PLAIN).text
    fresh = writer.write("fox", replace(PLAIN, seed=None))
    again = writer.write("fox", replace(PLAIN, seed=fresh.seed))
    assert again.text == fresh.text
    assert fresh.seed != writer.write("fox", replace(PLAIN, seed=None)).seed


def test_writing_leaves_the_global_random_numbers_alone(writer):
    before = torch.get_rng_state()
    writer.write("fox", replace(PLAIN, seed=None))
    assert torch.equal(before, torch.get_rng_state())


def test_the_pieces_are_the_text_and_carry_the_network_s_own_probability(writer, letters):
    config = replace(PLAIN, temperature=0.5, top_p=0.9)
    pieces = list(writer.generate("the", config))
    assert "".join(piece.text for piece in pieces) == writer.write("the", config).text
    (raw, *_) = writer.next_symbols("the", config)
    assert pieces[0].probability == pytest.approx(raw.probabilities[pieces[0].token])


def test_the_stream_can_be_left_at_any_time(writer):
    stream = writer.generate("the", replace(PLAIN, length=10**7))
    assert len([next(stream) for _ in range(5)]) == 5
    stream.close()


def test_next_symbols_shows_every_active_step(writer):
    stages = writer.next_symbols("the ", replace(PLAIN, temperature=0.7, top_k=5))
    assert [stage.name for stage in stages] == ["raw", "temperature", "top_k"]
    assert stages[-1].survivors == 5
    for stage in stages:
        assert stage.probabilities.sum() == pytest.approx(1)


def test_an_empty_prompt_is_a_line_end_and_is_not_part_of_the_text(writer):
    assert writer.write("", PLAIN).text == writer.write("\n", PLAIN).text


def test_a_vocabulary_without_line_ends_writes_from_an_empty_prompt_too():
    dna = tokenizer.learn("char", "acgtacgt")
    assert len(generate.write(network(4), dna, "", PLAIN).text) == 40


def test_unknown_symbols_of_the_prompt_are_read_as_others_and_explained(writer):
    written = writer.write("thé 字", PLAIN)
    assert written.text == writer.write("the  ", PLAIN).text
    (note,) = written.notes
    assert "“é” → “e”" in note
    assert writer.write("the", PLAIN).notes == ()


def test_a_long_prompt_is_read_to_its_end(writer):
    tail = writer.write("x" * 3000 + "the", PLAIN).text
    assert len(tail) == 40


def test_a_repetition_penalty_on_characters_comes_with_a_warning(writer):
    (note,) = writer.write("the", replace(PLAIN, repetition_penalty=1.3)).notes
    assert "spelling" in note


def test_logit_bias_names_symbols(writer):
    only = replace(PLAIN, logit_bias={"e": 1000.0})
    assert writer.write("th", only).text == "e" * 40
    assert writer.write("th", replace(PLAIN, logit_bias={"⏎": 1000.0})).text == "\n" * 40
    with pytest.raises(ConfigError, match="'xyz' is not one symbol"):
        writer.write("th", replace(PLAIN, logit_bias={"xyz": 1.0}))


def test_length_zero_writes_nothing(writer):
    assert writer.write("the", replace(PLAIN, length=0)).text == ""
    assert list(writer.generate("the", replace(PLAIN, length=0))) == []


def stopped(chunks: list[str], **settings: object) -> tuple[list[str], Ending]:
    ending = Ending(replace(PLAIN, length=100, **settings))
    shown = []
    for chunk in chunks:
        if not ending.reason:
            shown.append(ending.push(chunk))
    return shown, ending


def test_what_could_be_a_stop_string_is_held_back_until_it_is_clear():
    shown, ending = stopped(list("ab-->c--d"), stop=("--d", "-->x"))
    assert shown == ["a", "b", "", "", "", "-->c", "", "", ""]
    assert ending.reason == "stop"


def test_the_first_of_several_stop_strings_ends_the_text_even_inside_a_chunk():
    shown, _ = stopped(["one STOP two. three"], stop=(".", " STOP", ""))
    assert shown == ["one"]


def test_stop_strings_do_not_count_before_the_minimum_length():
    shown, _ = stopped(list("a.b.c.d"), stop=(".",), minimum_length=4)
    assert "".join(shown) == "a.b.c"


def test_a_text_that_ends_by_its_length_shows_what_was_held_back():
    shown, ending = stopped(list("abcab"), stop=("abd",), **{})
    assert shown == ["", "", "abc", "", ""]
    ending = Ending(replace(PLAIN, length=5, stop=("abd",)))
    assert "".join(ending.push(c) for c in "abcab") == "abcab"
    assert ending.reason == "length"


def test_a_stop_string_ends_a_written_text(letters):
    writer = generate.Writer(network(letters.vocab_size, noise=0.05), letters)
    config = replace(PLAIN, stop=("e",), length=5000)
    written = writer.write("the", config)
    free = writer.write("the", replace(config, stop=()))
    assert written.ended == "stop"
    assert written.text == free.text.split("e")[0]
    assert written.characters_per_second > 0


@pytest.mark.parametrize("kind", ["byte", "subword"])
def test_other_tokenizers_never_show_half_a_character(kind):
    text = "größer als 字母 und mehr Wörter für alle\n" * 20
    pieces = tokenizer.learn(kind, text, 320 if kind == "subword" else None)
    writer = generate.Writer(network(pieces.vocab_size, noise=0.05), pieces)
    written = writer.write("grö", replace(PLAIN, length=200))
    assert len(written.text) == 200
    shown = "".join(piece.text for piece in writer.generate("grö", replace(PLAIN, length=200)))
    assert shown == written.text
    assert written.text.encode("utf-8")


def test_tokens_that_stand_for_no_text_are_never_drawn():
    pieces = tokenizer.learn("subword", TEXT * 20, 300)
    nothing = pieces.token_bytes().index(b"")
    assert generate.bias(pieces, PLAIN)[nothing] == -math.inf
    model = network(pieces.vocab_size)
    with torch.no_grad():
        model.output.bias[nothing] = 1000.0
    pieces_written = list(generate.generate(model, pieces, "the", PLAIN))
    assert nothing not in [piece.token for piece in pieces_written]


def log_probability(model: RecurrentLM, ids: list[int], begin: int) -> float:
    logits, _ = model(torch.tensor([ids]))
    shares = logits[0].double().log_softmax(-1)
    return sum(shares[i - 1, ids[i]].item() for i in range(begin, len(ids)))


def test_a_wide_enough_beam_finds_the_likeliest_of_all_completions():
    dna = tokenizer.learn("char", "acgt")
    model = network(4)
    best = max(product(range(4), repeat=4), key=lambda ids: log_probability(model, [0, 1, *ids], 2))
    found = beam_search(model, dna, "ac", width=64, length=4)
    assert found[0].text == dna.decode(best)
    assert found[0].score == pytest.approx(log_probability(model, [0, 1, *best], 2), abs=1e-4)
    assert [beam.score for beam in found] == sorted((b.score for b in found), reverse=True)


def test_a_beam_of_one_is_greedy_and_ends_at_a_stop_string(letters):
    model = network(letters.vocab_size, noise=0.2)
    greedy = generate.write(model, letters, "the", replace(PLAIN, temperature=0.0)).text
    (beam,) = beam_search(model, letters, "the", width=1, length=40)
    assert beam.text == greedy
    stop = greedy[5:7]
    (ended,) = beam_search(model, letters, "the", width=1, length=40, stop=(stop,))
    assert ended.text == greedy[: greedy.index(stop)]


def test_writing_is_quick(writer):
    """A floor far below the true speed, so that only a mistake can break it."""
    began = time.perf_counter()
    writer.write("the", replace(PLAIN, length=1000))
    assert 1000 / (time.perf_counter() - began) > 500
