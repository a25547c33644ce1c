"""inspect, as a person and a script meet it: every view of a real tiny run."""

import json
import math
from pathlib import Path

import pytest

from rnn_demo.bundle import write_bundle
from rnn_demo.cli import main
from rnn_demo.cli.inspect import VIEWS
from rnn_demo.cli.looking import VIEWS as ANSWERS
from rnn_demo.judging.evaluation import ESCAPE, score
from rnn_demo.runs import readout
from rnn_demo.runs.checkpoint import RunFolder
from tests.tiny import TEXT, finished_run


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(readout, "READ_OUT_CHARACTERS", 100)
        return finished_run(tmp_path_factory.mktemp("runs") / "abc", cell="lstm", layers=2)


def inspect(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict:
    code = main(["inspect", *arguments, "--json"])
    captured = capsys.readouterr()
    assert code == 0, captured.err
    return json.loads(captured.out.splitlines()[-1])


def test_every_view_that_is_named_is_there():
    assert set(VIEWS) == set(ANSWERS)


@pytest.mark.parametrize("view", sorted(set(VIEWS) - {"authorship"}))
def test_every_view_answers_with_a_sentence_an_equation_and_strict_json(
    folder: RunFolder, capsys: pytest.CaptureFixture[str], view: str
) -> None:
    found = inspect(capsys, str(folder.path), view)
    assert found["view"] == view
    assert len(found["notice"]) > 20
    assert found["equation"]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_without_json_a_sentence_is_for_people(
    folder: RunFolder, capsys: pytest.CaptureFixture[str], language: str
) -> None:
    assert main(["inspect", str(folder.path), "tour", "--language", language]) == 0
    out = capsys.readouterr().out
    assert "hₜ = f(xₜ, hₜ₋₁)" in out
    assert ("循环网络" in out) == (language == "zh")


def test_surprise_of_a_file_has_one_number_a_symbol_and_null_first(
    folder: RunFolder, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "part.txt").write_text(TEXT[:200], encoding="utf-8")
    found = inspect(capsys, str(folder.path), "surprise", "--text-file", str(tmp_path / "part.txt"))
    bits = found["surprise_bits"]
    assert len(bits) == len(found["symbols"]) == 200
    assert bits[0] is None
    reported = score(folder.best_model(), folder.tokenizer(), TEXT[:200]).bits_per_char
    expected = reported + math.log2(1 - ESCAPE)  # set aside for characters never seen
    assert math.fsum(bits[1:]) / 199 == pytest.approx(expected, abs=1e-5)


def test_a_long_file_is_scored_to_its_end(
    folder: RunFolder, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "part.txt").write_text(TEXT, encoding="utf-8")
    found = inspect(capsys, str(folder.path), "surprise", "--text-file", str(tmp_path / "part.txt"))
    assert len(found["surprise_bits"]) == len(TEXT)
    assert not found["shortened"]


def test_authorship_compares_runs(
    folder: RunFolder, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "who.txt").write_text(TEXT[:500], encoding="utf-8")
    text = ("--text-file", str(tmp_path / "who.txt"))
    run = str(folder.path)
    found = inspect(capsys, run, "authorship", "--against", run, *text)
    assert not found["decided"]
    assert found["difference"] == 0


def test_a_pulled_model_without_a_text_is_looked_at_on_its_own_words(
    folder: RunFolder, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    write_bundle(folder, tmp_path / "model")
    found = inspect(capsys, str(tmp_path / "model"), "surprise")
    assert len(found["symbols"]) == 500
    memory = inspect(capsys, str(tmp_path / "model"), "memory")
    assert memory["ngram_contexts"] == []


@pytest.mark.parametrize(
    "arguments",
    [
        ("no-such-run", "surprise"),
        ("RUN", "step", "--layer", "9"),
        ("RUN", "neuron", "--property", "nonsense"),
        ("RUN", "neuron", "--pattern", "("),
        ("RUN", "authorship"),
        ("RUN", "surprise", "--text-file", "missing.txt"),
        ("RUN", "swap", "--position", "0"),
    ],
)
def test_a_mistake_is_told_and_the_exit_code_is_two(
    folder: RunFolder,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    arguments: tuple[str, ...],
) -> None:
    monkeypatch.chdir(tmp_path)
    given = [str(folder.path) if part == "RUN" else part for part in arguments]
    assert main(["inspect", *given]) == 2
    assert capsys.readouterr().err.startswith("error: ")
