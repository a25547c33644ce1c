"""The run that comes with the app, on a text it never saw: what Look inside shows of it is there.

Whoever replaces that run and sees one of these fail has a network that shows less.
"""

from dataclasses import replace

import numpy as np
import pytest

from rnn_demo.inspection import influence, knob, neuron
from rnn_demo.inspection.subject import Subject, from_run
from rnn_demo.inspection.surprise import surprise
from rnn_demo.runs.checkpoint import RunFolder
from rnn_demo.ui.profile import BUNDLED_RUN, UNSEEN


@pytest.fixture(scope="module")
def bundled() -> Subject:
    unseen = UNSEEN.read_text(encoding="utf-8")
    return replace(from_run(RunFolder.open(BUNDLED_RUN)), held_out=unseen)


def test_typing_errors_are_where_it_is_surprised(bundled: Subject):
    """Area under the curve: how often an error is more surprising than a symbol that is none."""
    random = np.random.default_rng(0)
    letters = list(bundled.held_out[:6000])
    wrong = random.random(len(letters)) < 0.02
    for place in np.flatnonzero(wrong):
        letters[place] = random.choice([c for c in "etaoinshrdlu" if c != letters[place]])
    bits = surprise(bundled, "".join(letters), maximum=None).surprise_bits
    errors, others = bits[1:][wrong[1:]], bits[1:][~wrong[1:]]
    area = (errors[:, None] > others[None]).mean()
    assert area >= 0.9
    assert errors.mean() > 2 * others.mean()


def test_the_gradient_agrees_with_really_replacing_symbols(bundled: Subject):
    agreement = [influence.swap(bundled, "", at).agreement for at in range(40, 96, 5)]
    assert np.mean(agreement) >= 0.7


def test_a_unit_counts_the_line_and_is_a_knob(bundled: Subject):
    found = neuron.find(bundled, "line_position")
    assert found.found
    turned = knob.turn(bundled, found.unit, knob.doses(found.unit, found.low, found.high))
    assert "works" in turned.notice.say()
    low, high = sorted((turned.response[0], turned.response[-1]))
    assert high > 5 * low
    for index in np.random.default_rng(1).choice(bundled.model.config.hidden_size, 3):
        other = replace(found.unit, index=int(index))
        ends = knob.turn(bundled, other, [found.low, found.high]).response
        assert max(ends) < 2.5 * min(ends)
