"""Finding a unit and turning it: planted units are found, noise is not, the knob is exact."""

import numpy as np
import pytest
import torch
from inspection_subjects import TEXT, model, subject, tokens, zero

from rnn_demo.errors import ConfigError
from rnn_demo.inspection import knob, neuron, properties
from rnn_demo.inspection.drawing import pick, uniforms, write_rows
from rnn_demo.inspection.subject import Subject
from rnn_demo.inspection.unrolled import Clamp
from rnn_demo.text import tokenizer

QUOTED = "Anna said “go there now” and then “come back” to Tom. " * 60


def latch_subject(text: str = QUOTED) -> Subject:
    """An LSTM whose unit 7 alone is set by hand: it is +1 from an opening mark to a closing one.

    A mark opens the input gate and shuts the forget gate; any other symbol does the opposite.
    """
    words = tokenizer.learn("char", text)
    opening, closing = words.encode("“”").tolist()
    network = model(cell="lstm", vocab_size=words.vocab_size, embedding_size=0)
    layer, size = network.layer_list[0], 12
    row = {gate: index * size + 7 for index, gate in enumerate("ifgo")}
    with torch.no_grad():
        for index in row.values():
            layer.input_weight[index] = 0
            layer.recurrent_weight[index] = 0
            layer.recurrent_bias[index] = 0
        for mark, value in ((opening, 20), (closing, -20)):
            layer.input_weight[row["i"], mark] = 40
            layer.input_weight[row["f"], mark] = -40
            layer.input_weight[row["g"], mark] = value
        for gate, value in (("i", -20), ("f", 20), ("o", 20)):
            layer.input_bias[row[gate]] = value
    return Subject("latch", network, words, text[: len(text) // 2], text[len(text) // 2 :])


def test_a_planted_latch_is_found_and_named():
    result = neuron.find(latch_subject(), "in_quotes")
    assert result.found
    assert result.unit.index == 7
    assert result.unit.correlation > 0.99
    assert result.untrained < 0.7
    assert "Unit 8 of layer 1" in result.notice.say()


def test_of_all_properties_the_one_that_is_followed_is_named():
    result = neuron.find(latch_subject())
    assert (result.property, result.unit.index, result.found) == ("in_quotes", 7, True)
    assert "inside quotation marks" in result.notice.say()


def test_shuffled_labels_find_nothing():
    looked_at = subject(cell="gru", text=TEXT)
    reading = looked_at.read(TEXT)
    states = neuron.states_of(looked_at.network, reading.ids)
    random = np.random.default_rng(0).permutation(len(states.values)) % 2
    found = neuron.correlate(states.values, torch.from_numpy(random).float(), len(random) // 2)
    assert abs(float(found.r[0])) < 4 / (len(random) // 2) ** 0.5


def test_the_unit_is_chosen_on_one_half_and_scored_on_the_other():
    values = torch.randn(4000, 50, generator=torch.Generator().manual_seed(0))
    labels = values[:, 3].clone()
    labels[2000:] = values[2000:, 9]  # what was true of the first half is false of the second
    found = neuron.correlate(values, labels, 2000)
    assert int(found.order[0]) == 3
    assert abs(float(found.r[0])) < 0.1


def test_a_text_without_the_property_finds_nothing():
    result = neuron.find(subject(text="abc " * 800), "digit")
    assert not result.found
    assert "no variation" in result.notice.say()


def test_an_untrained_network_finds_nothing_in_itself():
    looked_at = subject(cell="lstm", scale=1.0, seed=0)
    assert not neuron.find(looked_at, "after_space").found


def test_states_are_those_of_one_long_read_after_the_warm_up():
    looked_at = subject(cell="gru", scale=1.0)
    ids = looked_at.read(TEXT).ids
    states = neuron.states_of(looked_at.network, ids)
    whole = looked_at.network.read(ids[None]).layers[0].values["h"][0]
    torch.testing.assert_close(states.values, whole[states.positions], atol=0.02, rtol=0)
    assert len(set(states.positions.tolist())) == len(states.positions)


def test_snippets_end_where_the_unit_is_highest():
    result = neuron.find(latch_subject(), "in_quotes")
    top = [value for _, value in result.snippets]
    assert top == sorted(top, reverse=True)
    assert top[0] >= result.values.max() - 1e-6


# The knob


@pytest.mark.parametrize(("cell", "part"), [("gru", "h"), ("lstm", "h"), ("lstm", "c")])
def test_holding_a_unit_at_its_own_values_writes_the_same_text(cell, part):
    network = subject(cell=cell, scale=3.0).network
    prompt, draws = tokens(20, 4), uniforms(80, 3, 1)
    free = write_rows(network, prompt, draws, 1.0)
    whole = torch.cat([prompt.repeat(3, 1), free[:, :-1]], 1)
    own = network.read(whole).layers[0].values[part][:, len(prompt) - 1 :, 4]
    held = write_rows(network, prompt, draws, 1.0, Clamp(0, 4, own, part))
    assert torch.equal(free, held)
    other = write_rows(network, prompt, draws, 1.0, Clamp(0, 4, -own, part))
    assert not torch.equal(free, other)  # the check can fail


def line_end_subject() -> Subject:
    """A network in which one unit alone decides how likely a line end is."""
    text = "abcd\n" * 100
    words = tokenizer.learn("char", text)
    network = zero(model(cell="gru", vocab_size=words.vocab_size))
    with torch.no_grad():
        network.output.weight[int(words.encode("\n")[0]), 3] = 3.0
    return Subject("lines", network, words, text, text)


def test_a_planted_knob_turns_and_other_units_do_not():
    looked_at = line_end_subject()
    turned = knob.turn(looked_at, neuron.Unit(0, 3, "h", 0.0), list(knob.STEPS), rows=8)
    assert turned.response == sorted(turned.response, reverse=True)
    assert turned.response[0] > 3 * turned.response[-1]
    assert "works" in turned.notice.say()
    idle = knob.turn(looked_at, neuron.Unit(0, 5, "h", 0.0), list(knob.STEPS), rows=8)
    assert len(set(idle.samples)) == 1  # common random numbers: nothing differs at all
    assert idle.samples[0] == idle.free_sample
    assert "no clear knob" in idle.notice.say()


def test_a_unit_that_is_not_there_is_refused():
    with pytest.raises(ConfigError, match="unit must be"):
        knob.turn(line_end_subject(), neuron.Unit(0, 12, "h", 0.0), [0.0])
    with pytest.raises(ConfigError, match="LSTM"):
        knob.turn(line_end_subject(), neuron.Unit(0, 1, "c", 0.0), [0.0])


def test_rows_with_the_same_numbers_write_the_same_text():
    network = subject().network
    draws = uniforms(50, 1, 3).expand(-1, 4)
    ids = write_rows(network, tokens(20, 3), draws, 1.0)
    assert (ids == ids[:1]).all()


def test_picking_is_the_inverse_distribution_function():
    chances = torch.tensor([[0.2, 0.0, 0.5, 0.3]]).repeat(5, 1)
    numbers = torch.tensor([0.0, 0.19, 0.2, 0.69, 0.9999])
    assert pick(chances, numbers).tolist() == [0, 0, 2, 2, 3]


# Properties


def test_properties_on_a_small_text():
    text = 'Ab "c(1)"\nD'
    expected = {
        "line_position": [1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1],
        "in_quotes": [0, 0, 0, 1, 1, 1, 1, 1, 0, 0, 0],
        "in_brackets": [0, 0, 0, 0, 0, 1, 1, 0, 0, 0, 0],
        "after_space": [0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 1],
        "capital": [1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1],
        "digit": [0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0],
        "word_position": [1, 2, 0, 0, 1, 0, 0, 0, 0, 0, 1],
    }
    assert set(expected) == set(properties.PROPERTIES)
    for name, labels in expected.items():
        assert properties.labels_of(text, name).tolist() == labels, name
        assert len(properties.labels_of("", name)) == 0


def test_an_own_pattern_marks_its_matches():
    assert properties.labels_of("a12b3", "pattern", r"\d+").tolist() == [0, 1, 1, 0, 1]


@pytest.mark.parametrize("pattern", ["(", "", "x" * 300])
def test_what_is_no_pattern_is_refused(pattern):
    with pytest.raises(ConfigError):
        properties.matches("text", pattern)


def test_a_pattern_that_takes_for_ever_is_ended():
    with pytest.raises(ConfigError, match="too long"):
        properties.matches("a" * 40 + "b", "(a+)+$", seconds=0.5)
