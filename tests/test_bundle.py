"""Bundles: written completely, read back equal, and never believed."""

import json
import struct
import time
from pathlib import Path

import pytest
import torch
from hub_subjects import TEXT, tiny_model, tiny_run
from safetensors.torch import save_file

from rnn_demo import bundle
from rnn_demo.config import SampleConfig
from rnn_demo.errors import ConfigError, DamagedError, RnnDemoError, RunError, TokenizerError
from rnn_demo.events import Evaluated, Progress
from rnn_demo.runs.record import new_id
from rnn_demo.text import tokenizer
from rnn_demo.writing.generate import Writer

SHAPES = (
    {},
    {"cell": "lstm", "layers": 3, "layer_norm": True, "residual": True},
    {"cell": "rnn", "embedding_size": 0},
    {"reset_before": True, "tie_weights": True, "embedding_size": 16},
)


@pytest.fixture
def folder(tmp_path):
    """A sound bundle to be damaged."""
    words = tokenizer.learn("char", TEXT)
    return bundle.save_model(tmp_path / "bundle", tiny_model(words), words, {"name": "Lamp"})


def change_config(folder: Path, **changes: object) -> None:
    path = folder / "config.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))


def change_model(folder: Path, **changes: object) -> None:
    record = json.loads((folder / "config.json").read_text())
    change_config(folder, model=record["model"] | changes)


@pytest.mark.parametrize("settings", SHAPES)
@pytest.mark.parametrize("kind", ["char", "byte", "subword"])
def test_a_model_comes_back_as_it_was(tmp_path, kind, settings):
    words = tokenizer.learn(kind, TEXT, 300 if kind == "subword" else None)
    model = tiny_model(words, **settings)
    found = bundle.read_bundle(bundle.save_model(tmp_path, model, words, {}))
    tokens = torch.as_tensor(words.encode("The lamp").astype("int64"))[None]
    torch.testing.assert_close(found.model(tokens)[0], model(tokens)[0], rtol=0, atol=0)
    assert found.tokenizer.decode(found.tokenizer.encode(TEXT)) == TEXT


def test_equal_weights_are_equal_files(tmp_path):
    words = tokenizer.learn("char", TEXT)
    files = {
        (bundle.save_model(tmp_path / str(i), tiny_model(words), words, {}) / bundle.WEIGHTS)
        .read_bytes()
        for i in range(8)
    }  # fmt: skip
    assert len(files) == 1


def test_a_run_becomes_a_bundle_without_text_path_owner_or_optimizer(tmp_path):
    run = tiny_run(tmp_path / "secret-place" / new_id())
    files = bundle.write_bundle(run, tmp_path / "bundle")
    assert {path.name for path in files} == {
        "config.json", "model.safetensors", "tokenizer.json", "training_log.jsonl", "samples.jsonl",
    }  # fmt: skip
    everything = b"".join(path.read_bytes() for path in files)
    for hidden in (
        b"secret-place",
        b"a" * 32,
        b"optimizer",
        run.id.encode(),
        str(tmp_path).encode(),
    ):
        assert hidden not in everything
    assert "gull cries" not in (tmp_path / "bundle" / "config.json").read_text()


def test_the_text_goes_along_only_if_asked_for(tmp_path):
    run = tiny_run(tmp_path / new_id())
    files = bundle.write_bundle(run, tmp_path / "bundle", include_text=True)
    (path,) = [path for path in files if path.name == bundle.TEXT]
    assert path.read_text(encoding="utf-8") == TEXT


def test_the_samples_are_what_the_app_writes_for_their_seeds(tmp_path):
    run = tiny_run(tmp_path / new_id())
    bundle.write_bundle(run, tmp_path / "bundle")
    writer = Writer(run.best_model(), run.tokenizer())
    lines = (tmp_path / "bundle" / bundle.SAMPLES).read_text(encoding="utf-8").split("\n")
    for sample in map(json.loads, filter(None, lines)):
        config = SampleConfig(seed=sample["seed"], **sample["settings"])
        assert writer.write(sample["prompt"], config).text == sample["text"]


def test_a_bundle_becomes_a_run_that_tells_the_same(tmp_path):
    run = tiny_run(tmp_path / new_id())
    bundle.write_bundle(run, tmp_path / "bundle", include_text=True)
    found = bundle.adopt(
        bundle.read_bundle(tmp_path / "bundle"), tmp_path, name="alice/lamp", owner="me"
    )
    assert found.id == found.path.name != run.id
    assert (found.record.name, found.record.owner, found.text()) == ("alice/lamp", "me", TEXT)
    assert found.state() == run.state()
    curves = [[(type(e), e.step, pytest.approx(e.nats_per_char, abs=1e-4)) for e in r.events()
               if isinstance(e, Progress | Evaluated)] for r in (run, found)]  # fmt: skip
    assert curves[0] == curves[1]
    assert found.finished().validation_nats_per_char == pytest.approx(1.5, abs=1e-4)
    for name, tensor in found.best_model().state_dict().items():
        torch.testing.assert_close(tensor, run.best_model().state_dict()[name], rtol=0, atol=0)


def test_odd_facts_of_a_stranger_are_left_out(tmp_path, folder):
    change_config(folder, training={
        "losses": {"best_step": -1, "validation_bits_per_char": "1e9"}, "seconds": [], "text": 7,
        "train": {"steps": 10**30}, "baselines": {"bits_per_char": {"uniform": True}}})  # fmt: skip
    (folder / bundle.LOG).write_text('not json\n{"step": 1}\n[]\n' + "[" * 100_000 + "\n")
    run = bundle.adopt(bundle.read_bundle(folder), tmp_path, name="x")
    assert run.finished().best_step == 0
    assert len(run.events()) == 1


# -- what is refused, and in which words --------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"hidden_size": 10**9}, "hidden_size"),
        ({"hidden_size": 16384, "layers": 64}, "weights"),
        ({"layers": -1}, "layers"),
        ({"vocab_size": 2**31}, "vocab_size"),
        ({"hidden_size": "16"}, "hidden_size"),
        ({"hidden_size": 16.0}, "hidden_size"),
        ({"cell": "transformer"}, "transformer"),
        ({"surprise": 1}, "surprise"),
        ({"hidden_size": 17}, "weights that config.json describes"),
    ],
)
def test_settings_out_of_range_are_named_before_memory_is_taken(folder, changes, words):
    change_model(folder, **changes)
    began = time.perf_counter()
    with pytest.raises((ConfigError, DamagedError), match=words):
        bundle.read_bundle(folder)
    assert time.perf_counter() - began < 1


def test_a_config_is_read_only_up_to_its_limit(folder):
    (folder / "config.json").write_text("[" * 50_000_000)
    with pytest.raises(DamagedError, match="at most 65,536 are read"):
        bundle.read_bundle(folder)


@pytest.mark.parametrize("text", ["[" * 60_000, '{"a": 1, "a": 2}', "", "\ufeff{}", "NaN"])
def test_a_config_that_is_no_sound_json_object_is_refused(folder, text):
    (folder / "config.json").write_text(text, encoding="utf-8")
    with pytest.raises(RunError):
        bundle.read_bundle(folder)


def test_a_newer_format_says_that_it_is_newer(folder):
    change_config(folder, schema_version=2)
    with pytest.raises(RunError, match="newer version of rnn-demo"):
        bundle.read_bundle(folder)


def test_somebody_elses_model_is_refused_in_plain_words(tmp_path):
    (tmp_path / "config.json").write_text('{"architectures": ["GPT2LMHeadModel"]}')
    with pytest.raises(RunError, match="not a model that rnn-demo can load"):
        bundle.read_bundle(tmp_path)


def test_pickled_weights_are_never_opened(folder):
    (folder / "model.safetensors").rename(folder / "pytorch_model.bin")
    with pytest.raises(RunError, match="never opened"):
        bundle.read_bundle(folder)


def rewrite_weights(folder: Path, change) -> None:
    """Change the tensors of a bundle, and make config.json agree with the new file."""
    words = tokenizer.load(folder / "tokenizer.json")
    tensors = {n: t.clone() for n, t in tiny_model(words).state_dict().items()}
    change(tensors)
    save_file(tensors, folder / "model.safetensors")
    record = json.loads((folder / "config.json").read_text())
    digest = bundle.layout.sha256(folder / "model.safetensors")
    change_config(folder, weights=record["weights"] | {"sha256": digest})


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda t: t.pop("output.bias"), "."),
        (lambda t: t.update(extra=torch.zeros(1)), "extra"),
        (lambda t: t.update({"output.bias": t["output.bias"].double()}), "."),
        (lambda t: t.update({"output.bias": t["output.bias"][None]}), "output.bias"),
        (lambda t: t["output.bias"].fill_(float("nan")), "non-finite"),
        (lambda t: t["output.bias"].fill_(float("inf")), "non-finite"),
    ],
)
def test_weights_that_do_not_fit_the_settings_are_refused(folder, change, words):
    rewrite_weights(folder, change)
    with pytest.raises(DamagedError, match=words):
        bundle.read_bundle(folder)


@pytest.mark.parametrize("length", [2**31, 2**62, 10**6, 0])
def test_a_header_of_impossible_length_is_refused(folder, length):
    path = folder / "model.safetensors"
    path.write_bytes(struct.pack("<Q", length) + path.read_bytes()[8:])
    with pytest.raises(DamagedError):
        bundle.read_bundle(folder)


def test_a_single_flipped_bit_is_found(folder):
    path = folder / "model.safetensors"
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(bytes(data))
    with pytest.raises(DamagedError, match="SHA-256"):
        bundle.read_bundle(folder)


def test_a_tokenizer_of_another_model_is_refused_with_both_numbers(folder):
    words = tokenizer.learn("char", "other symbols")
    path = words.save(folder)
    record = json.loads((folder / "config.json").read_text())
    digest = bundle.layout.sha256(path)
    change_config(folder, tokenizer=record["tokenizer"] | {"sha256": digest})
    with pytest.raises(TokenizerError, match=rf"{words.vocab_size} symbols.*built for \d+"):
        bundle.read_bundle(folder)


def test_a_foreign_sentencepiece_model_is_tried_in_a_child_first(tmp_path):
    words = tokenizer.learn("subword", TEXT, 300)
    bundle.save_model(tmp_path, tiny_model(words), words, {})
    (tmp_path / "tokenizer.model").write_bytes(b"\x0a\xff\xff\xff\xff\x0f" * 100)
    record = json.loads((tmp_path / "config.json").read_text())
    digest = bundle.layout.sha256(tmp_path / "tokenizer.model")
    change_config(tmp_path, tokenizer=record["tokenizer"] | {"sha256": digest})
    with pytest.raises(RnnDemoError, match=r"tokenizer\.model"):
        bundle.read_bundle(tmp_path)
