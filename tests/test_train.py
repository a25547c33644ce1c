"""Training on tiny real texts: it learns, it reports, it goes on bit for bit, it stops in time."""

import math
from contextlib import nullcontext
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch.optim import optimizer

from rnn_demo.config import ModelConfig, TrainConfig
from rnn_demo.errors import DeviceError, TrainingError
from rnn_demo.events import Evaluated, Progress, Started
from rnn_demo.network import devices
from rnn_demo.network.dropout import dropout_mask
from rnn_demo.network.losses import token_losses
from rnn_demo.training import train
from rnn_demo.training.train import Snapshot, Training, choose_device, new_model

PATTERN = np.array(list(b"abcabcabd") * 60) - 97  # 540 tokens, 4 symbols
NOISE = np.random.default_rng(0).integers(0, 4, 540)


def training(ids=PATTERN, *, cell="gru", dropout=0.0, layers=1, seed=0, **settings) -> Training:
    model = new_model(
        ModelConfig(
            vocab_size=4,
            cell=cell,
            embedding_size=4,
            hidden_size=8,
            layers=layers,
            dropout=dropout,
        ),
        ids,
        seed,
    )
    settings = {"arithmetic": "float32", "threads": 1, "device": "cpu"} | settings
    settings = {"batch_size": 4, "sequence_length": 8} | settings
    if "minutes" not in settings:
        settings = {"minutes": None, "steps": 60} | settings
    return Training(model, ids, ids[:200], TrainConfig(seed=seed, **settings))


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
@pytest.mark.parametrize("arithmetic", ["float32", "bfloat16"])
@pytest.mark.parametrize("cell", ["rnn", "lstm", "gru"])
def test_a_gpu_learns_too(cell, arithmetic):
    run = training(cell=cell, device="cuda", arithmetic=arithmetic, learning_rate=0.02)
    losses = [event.nats_per_char for event in run.run() if isinstance(event, Evaluated)]
    assert losses[-1] < losses[0]


def digest(run: Training) -> list[bytes]:
    """Weights, optimizer and random states, byte for byte."""
    tensors = run.snapshot().tensors
    return [t.numpy().tobytes() for file in tensors.values() for _, t in sorted(file.items())]


def test_a_pattern_is_learned():
    run = training(steps=250, learning_rate=0.02)
    events = list(run.run())
    assert run.best < 0.3 < math.log(3)
    assert run.reason == "budget"
    assert isinstance(events[0], Started)


def test_validations_come_early_and_then_evenly_and_at_the_end():
    events = list(training(steps=60, evaluations=3).run())
    assert [e.step for e in events if isinstance(e, Evaluated)] == [5, 20, 40, 60]


@pytest.mark.parametrize("cell", ["rnn", "lstm", "gru"])
@pytest.mark.parametrize("dropout", [0.0, 0.2])
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_a_training_goes_on_bit_for_bit_from_a_snapshot(cell, dropout, seed):
    whole = training(cell=cell, dropout=dropout, seed=seed, layers=2, evaluations=4)
    list(whole.run())
    first = training(cell=cell, dropout=dropout, seed=seed, layers=2, evaluations=4)
    middle = None
    for event in first.run():
        if isinstance(event, Evaluated) and event.step == 30:
            middle = first.snapshot()
    second = training(cell=cell, dropout=dropout, seed=seed, layers=2, evaluations=4)
    second.restore(middle)
    list(second.run())
    assert digest(second) == digest(whole)
    assert second.best == whole.best


def test_a_training_that_goes_on_without_a_step_reports_no_loss_of_zero():
    first = training(steps=30, threads=0, evaluations=1)
    list(first.run())
    second = training(steps=30, threads=0, evaluations=1)
    second.restore(replace(first.snapshot(), record={**first.snapshot().record, "reason": None}))
    reports = [event for event in second.run() if isinstance(event, Progress)]
    assert all(event.nats_per_char > 0 for event in reports)


@pytest.mark.parametrize("left_out", ["gradients/dropout.0", "state/0", "position"])
def test_leaving_something_out_of_a_snapshot_is_noticed(left_out):
    whole = training(dropout=0.2, evaluations=4)
    list(whole.run())
    first = training(dropout=0.2, evaluations=4)
    middle = next(
        first.snapshot() for e in first.run() if isinstance(e, Evaluated) and e.step == 30
    )
    fresh = training(dropout=0.2).snapshot()
    if left_out == "position":
        middle.record["position"] = fresh.record["position"]
    elif left_out.startswith("state"):
        del middle.tensors["random"][left_out]
    else:
        middle.tensors["random"][left_out] = fresh.tensors["random"][left_out]
    second = training(dropout=0.2, evaluations=4)
    second.restore(middle)
    list(second.run())
    assert digest(second) != digest(whole)


def test_a_snapshot_does_not_change_with_the_training_that_goes_on():
    run = training()
    stream = run.run()
    next(stream), next(stream)
    taken = run.snapshot()
    before = {name: t.clone() for name, t in taken.tensors["model"].items()}
    list(stream)
    assert isinstance(taken, Snapshot)
    assert all(torch.equal(before[name], t) for name, t in taken.tensors["model"].items())
    assert not all(torch.equal(before[name], p) for name, p in run.parameters.items())


@pytest.mark.parametrize("cell", ["rnn", "lstm", "gru"])
def test_the_five_lines_of_a_gpu_learn_what_the_cpu_learns(cell):
    plain = training(cell=cell, layers=2, arithmetic="float32", steps=20)
    fast = training(cell=cell, layers=2, arithmetic="float32", steps=20)
    plain.gradients.close()
    plain.gradients = None
    list(plain.run()), list(fast.run())
    for name, tensor in plain.weights().items():
        torch.testing.assert_close(fast.weights()[name], tensor, rtol=1e-3, atol=1e-4)


def test_a_gpu_learns_of_a_bad_step_at_the_report_and_has_kept_the_weights():
    run = training(steps=100)
    run.device = torch.device("meta")  # any but a CPU: no number is asked for at a step
    good = run.weights()
    compute = run.gradients
    run.gradients = lambda i, t, s: (compute(i, t, s)[0] * math.nan, None)
    run.update(), run.update()
    with pytest.raises(TrainingError, match="learning rate"):
        run.check()
    assert all(torch.equal(good[name], tensor) for name, tensor in run.weights().items())


@pytest.fixture
def a_device_without_numbers(monkeypatch):
    """In the place of a GPU, "meta": it has shapes and types, and refuses to tell a number or to
    calculate with a tensor of the CPU."""
    generator, supported = torch.Generator, optimizer._get_fused_kernels_supported_devices()

    class OnTheCpu(generator):
        def __new__(cls, device=None):
            return generator.__new__(cls)

    monkeypatch.setattr(torch, "Generator", OnTheCpu)
    monkeypatch.setattr(torch, "autocast", lambda *_, **__: nullcontext())
    monkeypatch.setattr(
        optimizer, "_get_fused_kernels_supported_devices", lambda: [*supported, "meta"]
    )
    monkeypatch.setattr(train, "choose_device", lambda _: torch.device("meta"))


@pytest.mark.parametrize("cell", ["rnn", "lstm", "gru"])
def test_an_update_stays_on_its_device_and_asks_it_for_no_number(cell, a_device_without_numbers):
    run = training(cell=cell, layers=2, dropout=0.2, batch_size=8, sequence_length=16)
    for _ in range(run.streams.steps_per_pass + 1):  # a new pass begins, too
        run.update()
    of_optimizer = [t for state in run.optimizer.state.values() for t in state.values()]
    tensors = [*run.parameters.values(), *run.state, *of_optimizer, run.fault, run.meters.sums]
    assert {tensor.device.type for tensor in tensors} == {"meta"}
    with pytest.raises(RuntimeError, match="meta"):
        run.check()  # a report does ask


def test_validation_leaves_the_training_as_it_was():
    often, once = training(dropout=0.2, evaluations=20), training(dropout=0.2, evaluations=1)
    list(often.run()), list(once.run())
    assert digest(often) == digest(once)


@pytest.mark.parametrize("where", ["loss", "gradient"])
def test_the_first_number_that_is_not_finite_stops_the_training_with_good_weights(where):
    run = training()
    stream = run.run()
    next(stream), next(stream)
    good = run.weights()
    run.reason, run.step = None, 10
    compute = run.gradients

    def explode(inputs, targets, state):
        loss, state = compute(inputs, targets, state)
        if where == "loss":
            return loss * math.nan, state
        run.parameters["output.bias"].grad[0] = math.inf
        return loss, state

    explode.close = compute.close
    run.gradients = explode
    with pytest.raises(TrainingError, match=r"step 11.*learning rate"):
        run.update()
    assert all(torch.equal(good[name], tensor) for name, tensor in run.weights().items())
    with pytest.raises(TrainingError):
        run.snapshot()


def test_a_text_that_cannot_be_learned_ends_early():
    run = training(NOISE, steps=2000, patience=3, learning_rate=0.05, evaluations=40)
    run.validation_ids = torch.from_numpy(np.random.default_rng(1).integers(0, 4, 300))
    list(run.run())
    assert run.reason == "early"
    assert run.step < 2000
    assert run.best_step < run.step


def test_a_time_budget_counts_only_training():
    run = training(minutes=0.3 / 60, evaluations=2)
    events = list(run.run())
    assert 0.3 <= run.seconds < 0.6
    assert events[-1].seconds == run.seconds
    shares = [e.share for e in events if isinstance(e, Progress)]
    assert shares == sorted(shares)
    assert shares[-1] == 1


def test_the_learning_rate_rises_and_then_falls_to_its_last_share():
    settings = {"steps": 100, "warmup": 0.1, "learning_rate": 0.01, "final_learning_rate": 0.1}
    run = training(**settings)
    rates = []
    while run.step < 100:
        run.update()
        rates.append(run.learning_rate)
    assert rates[0] < rates[5] < rates[10] == pytest.approx(0.01)
    assert rates[10:] == sorted(rates[10:], reverse=True)
    assert rates[-1] == pytest.approx(0.0011, rel=0.01)


def test_only_matrices_decay():
    decays = {
        id(p): group["weight_decay"]
        for run in [training(weight_decay=0.5)]
        for group in run.optimizer.param_groups
        for p in group["params"]
    }
    run = training(weight_decay=0.5)
    for group in run.optimizer.param_groups:
        assert all((p.dim() > 1) == (group["weight_decay"] == 0.5) for p in group["params"])
    assert len(decays) == len(run.parameters)


def test_the_reported_norm_is_the_one_before_clipping():
    run = training(clip_norm=1e-4, steps=5)
    progress = [e for e in run.run() if isinstance(e, Progress)]
    assert progress[-1].gradient_norm > 1e-3
    assert progress[-1].clipped == 1


def test_losses_are_counted_per_character():
    plain, double = training(), training()
    double.validation_characters_per_token = 2.0
    assert double.validate() == pytest.approx(plain.validate() / 2)


def test_reading_in_streams_equals_reading_in_one_go():
    run = training(steps=50)
    list(run.run())
    ids = torch.from_numpy(np.tile(PATTERN, 3))
    many = token_losses(run.model, ids, streams=5, threads=2)
    logits, _ = run.model.eval()(ids[None, :-1])
    one = torch.nn.functional.cross_entropy(logits[0], ids[1:], reduction="none")
    torch.testing.assert_close(many, one.detach(), rtol=1e-3, atol=1e-4)


def test_threads_are_chosen_by_timing_real_updates_that_count():
    run = training(threads=0, steps=400, evaluations=1)
    at_once, first, chosen, *_ = run.run()
    assert isinstance(at_once, Started)
    assert isinstance(first, Progress)  # a loss to look at before the helpers are up
    assert chosen.note.startswith("Symbols a second by threads")
    assert chosen.step > first.step > 0
    assert run.step == 400


def test_a_budget_too_small_for_a_trial_is_still_kept():
    run = training(threads=0, steps=3, evaluations=1)
    list(run.run())
    assert run.step == 3


@pytest.mark.parametrize(("seconds", "chosen"), [(0.6, "bfloat16"), (0.8, "float32")])
def test_the_arithmetic_is_chosen_by_a_clock_and_on_one_thread(seconds, chosen, monkeypatch):
    threads, seen = torch.get_num_threads(), set()

    def product_seconds(kind):
        seen.add(torch.get_num_threads())
        return seconds if kind == torch.bfloat16 else 1.0

    monkeypatch.setattr(devices, "_product_seconds", product_seconds)
    torch.set_num_threads(2)
    try:
        assert devices.fast_arithmetic.__wrapped__(torch.device("cpu")) == chosen
        assert (seen, torch.get_num_threads()) == ({1}, 2)
    finally:
        torch.set_num_threads(threads)


def test_more_threads_are_tried_again_now_and_then():
    run = training(steps=400, threads=0)
    pace = run.pace
    pace.choose([1, 2])
    assert not pace.may_be_better(0.0)
    assert pace.may_be_better(61.0) == pace.fewer
    pace.fewer, pace.fewer_since = True, None
    assert [pace.may_be_better(now) for now in (100.0, 159.0, 161.0)] == [False, False, True]
    run.close()


def test_threads_are_chosen_anew_when_the_pace_has_halved():
    run = training(threads=0, steps=100_000, evaluations=1)
    stream = run.run()
    next(stream), next(stream), next(stream)
    run.pace.best, run.pace.slow_since = 1e12, -10.0
    notes = [e.note for _, e in zip(range(6), stream, strict=False) if isinstance(e, Started)]
    assert notes
    assert notes[0].startswith("Slower by half")


def test_a_device_that_is_not_there_is_a_sentence():
    missing = "mps" if not torch.backends.mps.is_available() else "cuda"
    with pytest.raises(DeviceError, match="choose auto or cpu"):
        choose_device(missing)
    assert choose_device("cpu").type == "cpu"


def test_an_apple_gpu_is_taken_when_it_is_named_only(monkeypatch):
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert choose_device("auto").type == "cpu"
    assert choose_device("mps").type == "mps"


def test_the_mask_of_dropout_has_no_gaps_whatever_the_outputs_have():
    outputs = torch.empty(5, 3, 4, device="meta").transpose(0, 1)  # as a GRU's of a GPU
    assert dropout_mask(outputs, 0.5, None).is_contiguous()


def test_settings_survive_json():
    config = TrainConfig(minutes=None, steps=7, arithmetic="float32")
    assert TrainConfig.from_json(config.to_json()) == config
    assert replace(config, steps=8) != config
