"""Streams of text: contiguous, complete, restorable, whatever the size of the text."""

import numpy as np
import pytest
import torch

from rnn_demo.errors import CorpusError
from rnn_demo.training.batches import Streams


def test_rows_continue_the_rows_before_until_a_batch_is_fresh():
    streams = Streams(np.arange(1000, dtype=np.uint16), 4, 8)
    before = streams.next()
    assert before.fresh
    for _ in range(100):
        batch = streams.next()
        torch.testing.assert_close(batch.inputs[:, 1:], batch.targets[:, :-1])
        assert torch.equal((batch.inputs + 1) % 1000, batch.targets)
        if not batch.fresh:
            assert torch.equal(batch.inputs[:, 0], before.targets[:, -1])
        before = batch


@pytest.mark.parametrize(("count", "size", "length"), [(1000, 4, 8), (999, 7, 5), (50, 32, 32)])
def test_every_token_is_a_target_in_every_pass(count, size, length):
    streams = Streams(np.arange(count), size, length)
    for _ in range(3):
        seen = set()
        for step in range(streams.steps_per_pass):
            batch = streams.next()
            assert batch.fresh == (step == 0)
            seen |= set(batch.targets.flatten().tolist())
        assert seen == set(range(count))


def test_passes_begin_at_different_places_that_depend_on_the_seed():
    def starts(seed):
        streams = Streams(np.arange(1000), 2, 100, seed=seed)
        return [batch.inputs[0, 0].item() for _ in range(30) if (batch := streams.next()).fresh]

    assert len(set(starts(0))) > 3
    assert starts(0) == starts(0) != starts(1)


@pytest.mark.parametrize("steps", [0, 1, 7, 23])
def test_a_restored_position_goes_on_with_the_same_batches(steps):
    streams, other = (Streams(np.arange(200) % 90, 3, 5, seed=9) for _ in range(2))
    for _ in range(steps):
        streams.next()
    other.restore(streams.position())
    for _ in range(40):
        one, two = streams.next(), other.next()
        assert torch.equal(one.inputs, two.inputs)
        assert torch.equal(one.targets, two.targets)
        assert one.fresh == two.fresh


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.int32, np.int64])
def test_tokens_of_any_integer_type_come_out_as_int64(dtype):
    batch = Streams(np.arange(9, dtype=dtype), 2, 2).next()
    assert batch.inputs.dtype == batch.targets.dtype == torch.int64


def test_a_text_of_one_token_is_refused_with_its_length():
    with pytest.raises(CorpusError, match="not 1"):
        Streams(np.zeros(1, np.uint8), 2, 2)
