"""What leaves the program as files. The page itself is tried out in browser/test_demo_page.py."""

import base64
import json
import re
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from rnn_demo import bundle, export
from rnn_demo.cli import main
from rnn_demo.errors import LimitError
from rnn_demo.network.model import RecurrentLM
from rnn_demo.runs.checkpoint import RunFolder
from rnn_demo.text import tokenizer
from tests.networks import network
from tests.tiny import TEXT, finished_run


@dataclass
class Pair:
    model: RecurrentLM
    tokenizer: tokenizer.Tokenizer


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    folder = finished_run(tmp_path_factory.mktemp("runs") / "run", name="Sea <b>`x`</b>")
    folder.rewrite(owner="f" * 64)
    return folder


@pytest.fixture(scope="module")
def unpacked(run: RunFolder, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("zip")
    zipfile.ZipFile(export.zip_run(run, folder / "run.zip")).extractall(folder / "out")
    return folder / "out"


def element(html: str, name: str) -> str:
    found = re.search(rf'<script type="[^"]+" id="{name}">(.*?)</script>', html, re.DOTALL)
    assert found
    return found[1]


def test_the_page_of_a_bundle_holds_its_weights_and_its_facts(unpacked, run):
    html = export.page(unpacked)
    record = json.loads(element(html, "record"))
    weights = np.frombuffer(base64.b64decode(element(html, "weights")), "<f4")
    state = run.best_model().state_dict()
    for name, (start, count) in record["tensors"].items():
        np.testing.assert_array_equal(weights[start : start + count], state[name].numpy().ravel())
    assert sum(count for _, count in record["tensors"].values()) == len(weights)
    assert record["facts"]["parameters"] == len(weights)
    assert 0 < record["facts"]["bits"] < 10
    assert "<title>Sea &lt;b&gt;`x`&lt;/b&gt;</title>" in html


def test_a_stranger_s_facts_cannot_break_the_page():
    for strange in ([], 5, {"name": 3}, {"text": [], "losses": {"test_bits_per_char": "x"}}):
        pair = Pair(network(4), tokenizer.learn("char", "acgt"))
        pair.training = strange if isinstance(strange, dict) else {"text": strange}
        record = json.loads(element(export.page(pair), "record"))
        assert record["facts"]["bits"] is None
        assert record["facts"]["text"] == ""


def test_no_symbol_can_end_the_script_that_holds_it():
    letters = tokenizer.learn("char", "</script><!--acgt")
    pair = Pair(network(letters.vocab_size), letters)
    html = export.page(pair, title="</title><script>", prompt="</script>")
    assert html.count("</script>") == 3
    assert html.count("</title>") == 1
    assert json.loads(element(html, "record"))["settings"]["prompt"] == "</script>"


def test_a_network_too_heavy_for_a_browser_is_refused(monkeypatch):
    monkeypatch.setattr(export, "LARGEST", 100)
    with pytest.raises(LimitError, match="too heavy"):
        export.page(Pair(network(4), tokenizer.learn("char", "acgt")))


def test_the_zip_holds_the_model_but_neither_text_nor_optimizer(unpacked, run):
    names = {path.name for path in unpacked.iterdir()}
    assert names == {
        *("config.json", "model.safetensors", "tokenizer.json", "training_log.jsonl"),
        *("samples.jsonl", "events.jsonl", "README.md", "write.py", "page.html"),
    }
    everything = b"".join(path.read_bytes() for path in unpacked.iterdir())
    assert TEXT[:200].encode() not in everything
    assert run.record.owner.encode() not in everything
    assert str(run.path).encode() not in everything
    assert bundle.read_bundle(unpacked).config == run.record.model


def test_the_program_in_the_zip_writes_the_first_sample_by_itself(unpacked):
    readme = (unpacked / "README.md").read_text(encoding="utf-8")
    program = re.search(r"```python\n(.*?)\n```", readme, re.DOTALL)
    assert program
    assert program[1] + "\n" == (unpacked / "write.py").read_text(encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-I", "write.py"], cwd=unpacked, capture_output=True, check=True
    )
    sample = json.loads((unpacked / "samples.jsonl").read_text(encoding="utf-8").splitlines()[0])
    assert done.stdout.decode("utf-8") == sample["text"] + "\n"


def test_equal_runs_give_equal_zips(run, tmp_path):
    first, second = (export.zip_run(run, tmp_path / name) for name in ("1.zip", "2.zip"))
    assert first.read_bytes() == second.read_bytes()


def test_export_writes_page_and_zip_from_the_command_line(run, unpacked, tmp_path, capsys):
    files = tmp_path / "demo.html", tmp_path / "run.zip"
    code = main(
        ["export", str(run.path), "--page", str(files[0]), "--zip", str(files[1]), "--json"]
    )
    assert code == 0
    assert json.loads(capsys.readouterr().out) == {"page": str(files[0]), "zip": str(files[1])}
    assert zipfile.is_zipfile(files[1])
    assert main(["export", str(unpacked), "--page", str(files[0]), "--prompt", "the sea"]) == 0
    assert "the sea" in element(files[0].read_text(encoding="utf-8"), "record")
    assert main(["export", str(run.path)]) == 2
    assert "--page" in capsys.readouterr().err


def test_the_run_that_comes_with_the_app_can_be_taken_away_without_its_text(tmp_path):
    bundled = RunFolder.open(Path(__file__).parent.parent / "assets" / "bundled-run")
    with zipfile.ZipFile(export.zip_run(bundled, tmp_path / "run.zip")) as archive:
        assert "page.html" in archive.namelist()
