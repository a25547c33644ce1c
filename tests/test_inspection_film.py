"""The film costs the weights nothing; the explosion explodes, and clipping saves it."""

import math
from pathlib import Path

import pytest
import torch

from rnn_demo import events
from rnn_demo.errors import RunError
from rnn_demo.inspection import explosion, film
from rnn_demo.runs import journey, readout
from rnn_demo.runs.soundness import digests
from rnn_demo.training import recipe
from tests.tiny import finished_run

LICENSE = (Path(__file__).parent.parent / "LICENSE").read_text(encoding="utf-8")
PLAIN = torch.tensor([ord(c) for c in LICENSE])  # a real text: noise has no gradient to speak of


def test_the_film_reads_samples_norms_and_clipping_from_the_events():
    def progress(step, norm, clipped):
        return events.Progress(step, step / 10, 0.1, 2.0, 100.0, 1e-3, norm, clipped)

    happened = [
        progress(10, 3.0, 1.0),
        events.Evaluated(10, 1.0, math.log(2) * 4, 4.0, True),
        events.Sampled(10, 1.0, "The", 0, "xqz"),
        progress(40, 0.5, 0.0),
        events.Evaluated(40, 4.0, math.log(2) * 2, 2.0, True),
        events.Sampled(40, 4.0, "The", 0, " cat"),
    ]
    result = film.film(happened, limit=1.0)
    assert [(frame.step, frame.text, frame.bits) for frame in result.frames] == [
        (10, "xqz", pytest.approx(4.0)),
        (40, " cat", pytest.approx(2.0)),
    ]
    assert result.norms.tolist() == [3.0, 0.5]
    assert result.clipped_share == pytest.approx(0.25)  # 10 of 40 updates
    assert "from 4.00 to 2.00 bits" in result.notice.say()


def test_a_run_without_samples_has_nothing_to_show_yet():
    assert "Nothing to see yet" in film.film([]).notice.say()


def test_a_limit_of_infinity_changes_no_bit():
    result = explosion.explosion(PLAIN, limit=1e30, updates=4)
    assert result.free == result.clipped


def test_after_clipping_no_norm_is_above_the_limit():
    clipped = list(explosion.train(PLAIN, 0.5, 6))
    assert any(update.norm > 0.5 for update in clipped)
    assert all(update.clipped_norm <= 0.5 * (1 + 1e-6) for update in clipped)
    assert all(update.clipped_norm == update.norm for update in clipped if update.norm <= 0.5)


def test_it_explodes_and_clipping_saves_it():
    result = explosion.explosion(PLAIN)
    assert result.exploded_at is not None
    assert not math.isfinite(result.free[-1].loss_bits)
    assert all(math.isfinite(update.loss_bits) for update in result.clipped)
    assert result.clipped[-1].loss_bits < result.clipped[0].loss_bits - 0.5
    assert f"update {result.exploded_at}" in result.notice.say()


def test_a_short_text_is_refused():
    with pytest.raises(RunError, match="too short"):
        list(explosion.train(PLAIN[:50], 1.0))


def test_a_filmed_training_ends_with_the_same_weights_bit_for_bit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(readout, "READ_OUT_CHARACTERS", 100)
    monkeypatch.setattr(recipe, "fast_arithmetic", lambda device: "float32")  # else it is timed
    filmed = finished_run(tmp_path / "on")
    assert film.film(filmed.history()).frames
    blank = events.Sampled(0, 0.0, "", 0, "")  # nothing is drawn from the network
    monkeypatch.setattr(journey.Journey, "_sample", lambda self: blank)
    plain = finished_run(tmp_path / "off")
    assert not any(frame.text for frame in film.film(plain.history()).frames)
    assert digests(filmed) == digests(plain)
