"""The guided tour: the tutorial's order, and no number that was written down beforehand."""

import numpy as np
import pytest
import torch
from inspection_subjects import subject

from rnn_demo.config import TrainConfig
from rnn_demo.inspection import memory
from rnn_demo.inspection.notice import percent, short, visible
from rnn_demo.inspection.surprise import surprise
from rnn_demo.inspection.tour import LAG, SYMBOLS, Tour, tour

ORDER = ["rnn", "unrolling", "loss", "bptt", "descent", "vanishing", "lstm", "gru", "sampling"]


def values(result: Tour, key: str) -> dict:
    return next(dict(c.values) for c in result.chapters if c.key == key)


@pytest.mark.parametrize("cell", ["rnn", "lstm", "gru"])
def test_the_chapters_follow_the_tutorial_in_both_languages(cell: str) -> None:
    result = tour(subject(cell=cell), TrainConfig(sequence_length=24), clipped=0.02)
    assert [chapter.key for chapter in result.chapters] == ORDER
    for chapter in result.chapters:
        assert chapter.bars
        for language in ("en", "zh"):
            said = chapter.say(language)
            assert "{" not in said
            assert any("\u4e00" <= c <= "\u9fff" for c in said) == (language == "zh")
    assert "2 % of its updates" in result.chapters[5].body()
    assert "after 24 steps" in result.chapters[3].body()


def test_its_numbers_are_those_of_the_views() -> None:
    looked_at = subject(cell="lstm", scale=3.0)
    result = tour(looked_at)
    read = values(result, "unrolling")["text"]
    assert len(read) == SYMBOLS
    assert values(result, "loss")["mean"] == pytest.approx(surprise(looked_at, read).mean_bits)
    windows = looked_at.windows(16, LAG + 2, torch.Generator().manual_seed(0))
    curve = memory.gradient_curve(looked_at.network, windows)
    assert values(result, "bptt")["lag5"] == percent(float(curve[5]))
    assert values(result, "vanishing")["ratio"] == short(float(curve[LAG]))
    logits = looked_at.model(looked_at.read(read).ids[None])[0][0, -1].detach()
    assert values(result, "sampling")["chance"] == percent(float(logits.softmax(-1).max()))
    assert values(result, "rnn")["parameters"] == looked_at.model.config.parameters


def test_a_step_down_the_gradient_is_really_taken() -> None:
    looked_at = subject(cell="gru", scale=3.0)
    result = tour(looked_at)
    found = values(result, "descent")
    ids = looked_at.read(values(result, "unrolling")["text"]).ids
    model = looked_at.model
    before = {name: weight.clone() for name, weight in model.state_dict().items()}

    def bits(parameters) -> torch.Tensor:
        logits, _ = torch.func.functional_call(model, parameters, (ids[None, :-1],))
        return torch.nn.functional.cross_entropy(logits[0], ids[1:]) / np.log(2)

    slopes = torch.func.grad(bits)(dict(model.named_parameters()))
    stepped = {name: at - found["small"] * slopes[name] for name, at in before.items()}
    assert found["before"] == pytest.approx(bits(before).item(), rel=1e-5)
    assert found["small_bits"] == pytest.approx(bits(stepped).item(), rel=1e-5)
    assert found["best_bits"] <= found["small_bits"] < found["before"]
    assert all(torch.equal(before[n], weight) for n, weight in model.state_dict().items())


def test_another_network_has_other_numbers() -> None:
    one, other = (tour(subject(cell="gru", seed=seed, scale=3.0)) for seed in (0, 1))
    for first, second in zip(one.chapters, other.chapters, strict=True):
        if first.key != "lstm":  # made for the comparison: the same for every GRU
            assert first.body() != second.body(), first.key


def test_numbers_are_written_as_people_write_them() -> None:
    assert [short(x) for x in (0.0, 0.0051, 2.5e-9, 6e11, 123.4)] == [
        "0", "0.0051", "2.5·10⁻⁹", "6.0·10¹¹", "123",
    ]  # fmt: skip
    assert [percent(x) for x in (0.93, 0.043, 0.0012, 0.0)] == ["93", "4.3", "0.12", "0"]
    assert visible(" a b\n ") == "␣a b⏎␣"
    assert visible("  ") == "␣␣"
    assert np.isnan(float(short(float("nan"))))
