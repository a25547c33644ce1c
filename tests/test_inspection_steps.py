"""One step with real numbers: what is shown, multiplied again, gives what is shown."""

import math

import numpy as np
import pytest
import torch
from inspection_subjects import TEXT, VARIANTS, subject

from rnn_demo.errors import ConfigError
from rnn_demo.inspection import one_step as view


def sigmoid(x: float) -> float:
    return 1 / (1 + math.exp(-x))


@pytest.mark.parametrize("settings", VARIANTS, ids=str)
def test_the_numbers_on_the_page_give_the_numbers_on_the_page(settings):
    if settings.get("tie_weights"):
        settings = {**settings, "embedding_size": 12}
    layer = settings.get("layers", 1) - 1
    result = view.one_step(subject(**settings), TEXT, 17, layer)
    assert result.cell == settings["cell"] + "_before" * ("reset_before" in settings)
    for unit in result.units:
        values = {}
        for row in unit.rows:
            total = row.from_input + row.from_state + row.bias
            values[row.name] = {"tanh": math.tanh, "sigmoid": sigmoid}[row.function](total)
            assert values[row.name] == pytest.approx(row.value, abs=2e-6)
        if result.cell == "lstm":
            c = values["f"] * unit.c_before + values["i"] * values["g"]
            assert c == pytest.approx(unit.c, abs=1e-5)
            assert values["o"] * math.tanh(c) == pytest.approx(unit.h, abs=1e-5)
        elif settings["cell"] == "gru":
            h = values["z"] * unit.h_before + (1 - values["z"]) * values["n"]
            assert h == pytest.approx(unit.h, abs=1e-5)


def test_the_scores_are_the_models_own():
    looked_at = subject(cell="gru")
    result = view.one_step(looked_at, TEXT, 17)
    with torch.inference_mode():
        logits = looked_at.model(looked_at.read(TEXT).ids[None, :18])[0][0, -1]
    names = looked_at.tokenizer.symbols()
    assert result.logits[0][0] == names[int(logits.argmax())]
    assert result.logits[0][1] == pytest.approx(float(logits.max()), abs=1e-5)
    assert result.logits[0][2] == pytest.approx(float(logits.softmax(-1).max()), abs=1e-5)


def test_the_first_step_begins_with_zeros():
    result = view.one_step(subject(cell="lstm"), TEXT, 0)
    assert all(unit.h_before == unit.c_before == 0 for unit in result.units)


def test_the_form_of_the_gru_is_named():
    assert view.one_step(subject(cell="gru"), TEXT, 5).cell == "gru"
    assert view.one_step(subject(cell="gru", reset_before=True), TEXT, 5).cell == "gru_before"
    assert view.one_step(subject(cell="rnn"), TEXT, 5).cell == "rnn"


def test_gates_set_by_hand_are_saturated_all_the_time():
    looked_at = subject(cell="lstm", scale=0.0)
    looked_at.network.weights["layers.0.input_bias"][12:24] = 10.0  # f open
    looked_at.network.weights["layers.0.input_bias"][:12] = -10.0  # i shut
    result = view.gates(looked_at, TEXT)
    assert result.open["f"] == result.closed["i"] == 1
    assert result.open["i"] == result.closed["f"] == result.open["o"] == 0


def test_gates_over_time_are_sorted_by_what_they_keep():
    looked_at = subject(cell="gru")
    result = view.gates(looked_at, TEXT)
    keep = result.over_time["z"].mean(1)
    assert (np.diff(keep) <= 1e-6).all()
    assert sorted(result.order) == list(range(12))
    assert result.over_time["z"].shape == (12, len(result.symbols))


def test_an_rnn_has_no_gates_and_the_sentence_says_so():
    result = view.gates(subject(cell="rnn"), TEXT)
    assert "no gates" in result.notice.say()
    assert list(result.over_time) == ["h"]


def test_layers_and_units_that_are_not_there_are_refused():
    with pytest.raises(ConfigError):
        view.one_step(subject(), TEXT, 0, layer=1)
    with pytest.raises(ConfigError):
        view.one_step(subject(), TEXT, 0, units=[12])
    for layer in (-1, 1):
        with pytest.raises(ConfigError):
            view.gates(subject(), TEXT, layer=layer)
