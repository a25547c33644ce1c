"""The command line as a person and a script meet it."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from rnn_demo.cli import build_parser, main
from rnn_demo.cli.progress import quoted
from rnn_demo.cli.training import Interrupts
from rnn_demo.runs import readout
from rnn_demo.runs import run as journey
from rnn_demo.runs.checkpoint import RunFolder
from rnn_demo.runs.states import RunState
from tests.tiny import TEXT, finished_run

ROOT = Path(__file__).parent.parent
SMALL = [
    *("--hidden", "8", "--embedding", "4", "--batch", "4", "--length", "8"),
    *("--threads", "1", "--device", "cpu"),
]


@pytest.fixture(autouse=True)
def _in_an_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(readout, "READ_OUT_CHARACTERS", 100)
    Path("harbour.txt").write_text(TEXT)


@pytest.fixture
def folder(tmp_path: Path) -> RunFolder:
    return finished_run(tmp_path / "runs" / "abc")


def last_line(capsys: pytest.CaptureFixture[str]) -> dict:
    return json.loads(capsys.readouterr().out.splitlines()[-1])


def train(*options: str) -> int:
    return main(["train", "harbour.txt", "--steps", "12", *SMALL, *options])


def test_train_shows_plan_losses_baselines_samples_and_what_to_do_next(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert train("--prompt", "the sea") == 0
    out = capsys.readouterr().out
    for expected in (
        "harbour.txt",
        "weights to learn",
        "held-out",
        "this network",
        "counting runs of",
        "| the sea",
        "generate runs",
        "resume runs",
    ):
        assert expected in out


def test_train_json_is_the_contract_and_standard_output_holds_nothing_else(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert train("--json", "--run", "here", "--name", "Harbour") == 0
    out = capsys.readouterr().out
    assert len(out.splitlines()) == 1
    record = json.loads(out)
    assert record["run"] == "here"
    assert record["name"] == "Harbour"
    assert record["steps"] == 12
    expected = (
        *("parameters", "seconds", "tokens_per_second", "validation_nats_per_char"),
        *("validation_bits_per_char", "validation_bits_per_byte", "test_bits_per_char"),
        *("baselines", "copied_share"),
    )
    assert all(record[name] is not None for name in expected)


def test_every_flag_of_the_contract_is_there() -> None:
    flags = (
        "minutes 2,cell rnn,tokenizer byte,vocab-size 100,hidden 5,layers 2,embedding 3,"
        "dropout 0.1,batch 2,length 4,learning-rate 0.01,weight-decay 0.1,split 90/10,seed 3,"
        "threads 1,device cpu,run here,name x"
    )
    words = [word for flag in flags.split(",") for word in f"--{flag}".split()]
    options = build_parser().parse_args(["train", "text", *words, "--json"])
    assert (options.minutes, options.vocab_size, options.learning_rate) == (2.0, 100, 0.01)


def test_the_run_folder_is_below_runs_and_named_by_its_id() -> None:
    assert train() == 0
    (path,) = Path("runs").iterdir()
    assert RunFolder.open(path).record.id == path.name


def test_a_run_is_found_by_folder_id_beginning_name_and_last(
    folder: RunFolder, capsys: pytest.CaptureFixture[str]
) -> None:
    for meant in (str(folder.path), "abc", "ab", "last", "harbour.txt"):
        assert main(["check", meant, "--json"]) == 0
        assert last_line(capsys)["sound"] is True


def test_generate_writes_the_same_text_for_the_same_seed(
    folder: RunFolder, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["generate", "abc", "--prompt", "the", "--seed", "3", "--length", "40"]
    assert main(arguments) == 0
    shown = capsys.readouterr().out.rstrip("\n")
    assert main([*arguments, "--json"]) == 0
    record = last_line(capsys)
    assert shown == "the" + record["text"]
    assert (record["prompt"], record["seed"], len(record["text"])) == ("the", 3, 40)
    assert record["characters_per_second"] > 0


def test_generate_writes_several_texts_and_a_file(
    folder: RunFolder, capsys: pytest.CaptureFixture[str]
) -> None:
    command = "generate abc --count 3 --seed 5 --length 20 --output out.txt --json"
    assert main(command.split()) == 0
    record = last_line(capsys)
    assert [sample["seed"] for sample in record["samples"]] == [5, 6, 7]
    assert Path("out.txt").read_text().startswith(record["text"])


def test_generate_finds_the_likeliest_completions(
    folder: RunFolder, capsys: pytest.CaptureFixture[str]
) -> None:
    assert (
        main(["generate", "abc", "--prompt", "the", "--beams", "3", "--length", "6", "--json"]) == 0
    )
    record = last_line(capsys)
    scores = [beam["score"] for beam in record["beams"]]
    assert len(scores) == 3
    assert scores == sorted(scores, reverse=True)
    assert record["text"] == record["beams"][0]["text"]
    search = ["generate", "abc", "--beams", "2", "--length", "6", "--output", "out.txt"]
    assert main(search) == 0
    assert len(Path("out.txt").read_text().split("\n\n")) >= 2
    for foreign in (["--bias", "e=-100"], ["--temperature", "0.5"], ["--count", "2"]):
        assert main([*search, *foreign]) == 2
        assert foreign[0] in capsys.readouterr().err


def test_generate_takes_a_bias_and_escaped_stop_strings(
    folder: RunFolder, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["generate", "abc", "--length", "99", "--bias", "e=-1000", "--json"]) == 0
    assert "e" not in last_line(capsys)["text"]
    only_line_ends = ["generate", "abc", "--bias", "\\n=1000", "--json"]
    assert main([*only_line_ends, "--stop", "x\\x", "--stop", "\\n"]) == 0
    assert last_line(capsys)["text"] == ""
    assert main(["generate", "abc", "--bias", "e"]) == 2


def test_evaluate_scores_another_text_beside_the_baselines(
    folder: RunFolder, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("other.txt").write_text(TEXT[::-1])
    assert main(["evaluate", "abc", "other.txt", "--json"]) == 0
    record = last_line(capsys)
    assert record["characters"] == pytest.approx(len(TEXT), abs=1)
    assert record["bits_per_char"] > 0
    assert record["bits_per_byte"] > 0
    assert set(record["baselines"]) == {"uniform", "unigram", "ngram", "xz"}


def test_evaluate_takes_a_short_text_and_says_when_it_was_trained_on(
    folder: RunFolder, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("short.txt").write_text(TEXT[:90])
    assert main(["evaluate", "abc", "short.txt"]) == 0
    assert "these figures flatter" in capsys.readouterr().out
    Path("empty.txt").write_text("")
    assert main(["evaluate", "abc", "empty.txt"]) == 2


def test_after_an_explosion_the_command_that_tries_again_is_said_and_works(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert train("--learning-rate", "100", "--cell", "rnn", "--run", "wild", "--steps", "400") == 2
    told = capsys.readouterr()
    assert "stopped being a number" in told.err
    for _ in range(6):  # each time a third of the rate
        again = re.search(r"python -m rnn_demo (resume wild --learning-rate (\S+))", told.out)
        if main(again[1].split()) == 0:
            break
        told = capsys.readouterr()
    assert RunFolder(Path("wild")).finished()
    assert RunFolder(Path("wild")).record.train.learning_rate == float(again[2]) < 100
    assert main(["resume", "wild", "--steps", "1", "--learning-rate", "-1"]) == 2


def test_of_several_files_the_one_that_is_refused_is_named_and_short_ones_are_taken(
    capsys: pytest.CaptureFixture[str],
) -> None:
    Path("note.txt").write_bytes("A short note.".encode("utf-16"))
    Path("paper.txt").write_bytes(b"%PDF-1.7" + bytes(300))
    assert main(["train", "harbour.txt", "note.txt", "paper.txt"]) == 2
    assert "paper.txt: This is not a text but a PDF" in capsys.readouterr().err
    files = ["harbour.txt", "note.txt"]
    assert main(["train", *files, "--steps", "12", *SMALL, "--run", "both"]) == 0
    assert "(UTF-8, UTF-16 LE)" in " ".join(capsys.readouterr().out.split())
    assert RunFolder(Path("both")).text().endswith("\n\nA short note.")


def test_a_fork_keeps_its_tokenizer_and_says_so(
    folder: RunFolder, capsys: pytest.CaptureFixture[str]
) -> None:
    assert train("--from", "abc", "--tokenizer", "byte") == 2
    assert "tokenizer is char and cannot be byte" in capsys.readouterr().err
    assert main(["train", "--from", "abc", "--steps", "3", "--tie-weights"]) == 2
    assert "tie_weights is False and cannot be True" in capsys.readouterr().err
    assert main(["train", "--from", "abc", "--steps", "3", "--embedding", "0"]) == 2


def test_a_network_of_unigram_pieces_can_be_forked(tmp_path: Path) -> None:
    finished_run(tmp_path / "runs" / "pieces", tokenizer="unigram", vocab_size=300)
    fork = ["train", "--from", "pieces", "--steps", "3", "--tokenizer", "unigram", "--run", "fork"]
    assert main(fork) == 0


def test_evaluate_without_a_text_takes_the_test_part(
    folder: RunFolder, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["evaluate", "abc", "--json"]) == 0
    expected = journey.summary(folder)["test_bits_per_char"]
    assert last_line(capsys)["bits_per_char"] == pytest.approx(expected, rel=1e-4)


def test_check_says_which_file_is_damaged_with_exit_code_3(
    folder: RunFolder, capsys: pytest.CaptureFixture[str]
) -> None:
    path = next(folder.path.glob("best/*/model.safetensors"))
    path.write_bytes(path.read_bytes()[:-4] + b"\0\0\0\0")
    assert main(["check", "abc", "--json"]) == 3
    captured = capsys.readouterr()
    record = json.loads(captured.out)
    assert record["sound"] is False
    assert record["damaged"][0].startswith("best/")
    assert "DAMAGED" in captured.err


def test_check_blames_the_plan_alone_for_what_is_wrong_with_it(
    folder: RunFolder, capsys: pytest.CaptureFixture[str]
) -> None:
    path = folder.path / "plan.json"
    path.write_text(path.read_text().replace("12", "13"))
    assert main(["check", "abc", "--json"]) == 3
    assert last_line(capsys)["damaged"] == ["plan.json"]
    path.unlink()
    assert main(["check", "abc", "--json"]) == 3
    assert last_line(capsys)["damaged"] == ["plan.json"]


@pytest.mark.parametrize(
    ("name", "damage"),
    [
        ("run.json", "flip"),
        ("plan.json", "flip"),
        ("plan.json", "remove"),
        ("tokenizer.json", "flip"),
        ("tokenizer.json", "remove"),
        ("events.jsonl", "remove"),
        ("events.jsonl", "cut"),
        ("events.jsonl", "flip"),
        ("best", "remove"),
        ("checkpoints", "remove"),
    ],
)
def test_check_sees_damage_of_every_kind(folder: RunFolder, name: str, damage: str) -> None:
    path = folder.path / name
    if path.is_dir():
        shutil.rmtree(path)
    elif damage == "remove":
        path.unlink()
    elif damage == "cut":
        path.write_bytes(path.read_bytes()[:300])
    else:  # still sound JSON: other letters in a vocabulary, another number in the settings
        text = path.read_text()
        path.write_text(text.replace('"w"', '"x"') if "token" in name else text.replace("12", "13"))
    assert main(["check", "abc"]) == 3


def test_a_lost_tokenizer_is_learned_again_and_that_is_said(
    folder: RunFolder, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder.path / "tokenizer.json").unlink()
    assert main(["resume", "abc", "--steps", "2"]) == 0
    assert "learned again" in capsys.readouterr().out
    assert main(["check", "abc"]) == 0


def test_writing_without_the_best_weights_says_so(
    folder: RunFolder, capsys: pytest.CaptureFixture[str]
) -> None:
    next(folder.path.glob("best/*/model.safetensors")).write_bytes(b"rot")
    assert main(["generate", "abc", "--length", "5"]) == 0
    assert "The newest checkpoint is used" in capsys.readouterr().err


def test_a_run_that_was_paused_on_a_page_goes_on_and_is_heard_there(folder: RunFolder) -> None:
    folder.ask("pause")
    assert main(["resume", "abc", "--steps", "4"]) == 0
    assert folder.control().want == "run"
    with Interrupts(folder.path) as interrupts:
        assert interrupts.wishes().want == "run"
        folder.ask("stop")
        assert interrupts.wishes().want == "stop"
        os.kill(os.getpid(), signal.SIGTERM)
        assert interrupts.wishes().want == "pause"


def test_resume_without_a_budget_of_a_finished_run_explains_what_to_do(
    folder: RunFolder, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["resume", "abc"]) == 2
    assert "--minutes" in capsys.readouterr().err


def test_resume_trains_longer(folder: RunFolder, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["resume", "abc", "--steps", "4", "--json"]) == 0
    assert last_line(capsys)["steps"] == 16


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["train"], "Give a file of text"),
        (["train", "nowhere.txt"], "nowhere.txt"),
        (["train", "harbour.txt", "--dropout", "2"], "dropout"),
        (["train", "harbour.txt", "--hidden", "0"], "hidden"),
        (["train", "harbour.txt", "--split", "1/x"], "split"),
        (["train", "--sample", "nothing"], "nothing"),
        (["generate", "nothing"], "nothing"),
        (["check", "nothing"], "nothing"),
        (["resume", "abc", "--minutes", "-1"], "above 0"),
        (["delete", "abc"], "Nothing was removed"),
    ],
)
def test_a_mistake_is_explained_with_exit_code_2(
    folder: RunFolder, arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*arguments, "--json"]) == 2
    captured = capsys.readouterr()
    assert words in captured.err
    assert words in json.loads(captured.out)["error"]
    assert "Traceback" not in captured.err


@pytest.mark.parametrize("mistake", ["--vocab-size 1", "--hidden 16000 --layers 64"])
def test_a_mistake_that_shows_late_leaves_no_run_behind(mistake: str) -> None:
    assert main(["train", "harbour.txt", *mistake.split()]) == 2
    assert not list(Path("runs").iterdir())


def test_the_other_forms_of_the_network_can_be_asked_for() -> None:
    options = ["--cell", "gru", "--reset-before", "--tie-weights", "--tokenizer", "unigram"]
    sizes = ["--hidden", "8", "--batch", "4", "--length", "8", "--threads", "1"]
    command = ["train", "harbour.txt", "--steps", "2", "--run", "here", *sizes, *options]
    assert main([*command, "--vocab-size", "300"]) == 0
    folder = RunFolder.open(Path("here"))
    model = folder.record.model
    assert (model.reset_before, model.tie_weights, model.embedding_size) == (True, True, 8)
    assert folder.tokenizer().describe()["algorithm"] == "unigram"
    assert main(["train", "harbour.txt", "--reset-before"]) == 2


def test_an_output_of_an_old_encoding_does_not_end_a_command(folder: RunFolder) -> None:
    command = [sys.executable, "-m", "rnn_demo", "generate", str(folder.path), "--prompt", "狐狸"]
    environment = {**os.environ, "PYTHONIOENCODING": "ascii", "PYTHONPATH": str(ROOT)}
    for more in ([], ["--json"]):
        done = subprocess.run([*command, *more], capture_output=True, env=environment, check=True)
    assert json.loads(done.stdout)["prompt"] == "狐狸"


def test_without_a_command_the_help_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 2
    assert "train on a text" in capsys.readouterr().err


def test_help_fits_a_terminal_of_80_columns(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    for command in ("train", "resume", "generate", "evaluate", "check", "runs", "delete"):
        with pytest.raises(SystemExit):
            main([command, "--help"])
        assert max(map(len, capsys.readouterr().out.splitlines())) <= 80


def test_a_binary_file_is_refused_by_name(capsys: pytest.CaptureFixture[str]) -> None:
    Path("book.pdf").write_bytes(b"%PDF-1.7\n" + bytes(range(256)) * 20)
    assert main(["train", "book.pdf"]) == 2
    assert "PDF" in capsys.readouterr().err


def test_an_unknown_option_has_exit_code_2_and_is_told_to_scripts_too(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["train", "harbour.txt", "--minuets", "3", "--json"]) == 2
    assert "--minuets" in last_line(capsys)["error"]
    assert main(["train", "harbour.txt", "--steps", "abc"]) == 2
    assert "usage:" in capsys.readouterr().err


@pytest.mark.parametrize("how", ["", ">&-", ">/dev/full", "2>&-", "<&-"])
def test_a_stream_that_is_closed_or_full_is_no_mistake_of_ours(how: str) -> None:
    if "full" in how and not Path("/dev/full").exists():
        pytest.skip("a device of Linux")
    command = f"{sys.executable} -m rnn_demo runs --json {how}"
    ended = subprocess.run(
        command, shell=True, capture_output=True, text=True, check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert "Traceback" not in ended.stderr
    assert ended.returncode == (2 if "full" in how else 0)


@pytest.mark.skipif(sys.platform == "win32", reason="pipes of POSIX")
@pytest.mark.parametrize("reader", ["| head -1", ">/dev/full"])
def test_a_training_goes_on_when_its_reader_has_gone(reader: str) -> None:
    if "full" in reader and not Path("/dev/full").exists():
        pytest.skip("a device of Linux")
    options = "--steps 4 --hidden 8 --layers 1 --embedding 4 --batch 4 --length 8 --run kept"
    command = f"{sys.executable} -m rnn_demo train harbour.txt {options} {reader}"
    ended = subprocess.run(
        command, shell=True, capture_output=True, text=True, check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert ended.stdout.startswith("harbour.txt" if "head" in reader else "")
    assert ended.stderr == ""
    assert ended.returncode == 0
    assert RunFolder(Path("kept")).finished()


@pytest.mark.skipif(sys.platform == "win32", reason="pipes of POSIX")
def test_a_text_that_nobody_reads_is_not_written(folder: RunFolder) -> None:
    command = f"{sys.executable} -m rnn_demo generate abc --length 5000000 | head -c 10"
    ended = subprocess.run(
        command, shell=True, capture_output=True, text=True, check=False, timeout=60,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert len(ended.stdout) == 10
    assert "Traceback" not in ended.stderr


def test_a_device_is_no_text(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["train", "/dev/zero"]) == 2
    assert "device" in capsys.readouterr().err


def test_an_update_that_needs_too_much_memory_is_refused(
    capsys: pytest.CaptureFixture[str],
) -> None:
    wide = ["--hidden", "4096", "--batch", "8192", "--length", "8192"]
    assert main(["train", "harbour.txt", "--steps", "2", *wide]) == 2
    assert "MB of memory" in capsys.readouterr().err


def test_names_that_are_no_text_become_text(capsys: pytest.CaptureFixture[str]) -> None:
    Path("harbour.txt").rename("caf\udce9.txt")
    assert main(["train", "caf\udce9.txt", "--steps", "2", "--prompt", "\udcff", *SMALL]) == 0
    assert main(["rename", "last", "\udcff x", "--json"]) == 0
    assert last_line(capsys)["name"] == "? x"


def test_the_largest_seed_trains() -> None:
    assert train("--seed", str(2**63 - 1), "--dropout", "0.5") == 0


@pytest.mark.parametrize("bias", ["e=nan", "e=inf"])
def test_a_bias_that_is_no_number_is_refused(folder: RunFolder, bias: str) -> None:
    assert main(["generate", "abc", "--bias", bias]) == 2
    assert main(["generate", "abc", "--length", "9", "--bias", "e=-inf"]) == 0


@pytest.mark.parametrize("name", ["worker.json", "events.jsonl", "control.json", "run.json"])
def test_an_odd_file_of_one_run_hides_no_other(
    folder: RunFolder, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert train("--name", "sound") == 0
    path = folder.path / name
    path.unlink(missing_ok=True)
    path.mkdir() if name == "events.jsonl" else path.write_text("[" * 100_000)
    capsys.readouterr()
    assert main(["runs", "--json"]) == 0
    runs = last_line(capsys)["runs"]
    assert "sound" in [record.get("name") for record in runs]
    assert len(runs) == 2, "what is damaged is named, not hidden"
    damaged = [record for record in runs if record["state"] == "damaged"]
    assert bool(damaged) == (name in ("events.jsonl", "run.json"))


def test_an_existing_run_folder_is_not_overwritten(
    folder: RunFolder, capsys: pytest.CaptureFixture[str]
) -> None:
    assert train("--run", str(folder.path)) == 2
    assert "there already" in capsys.readouterr().err


def test_runs_lists_renames_and_deletes(
    folder: RunFolder, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["rename", "last", "  My   harbour "]) == 0
    assert main(["runs", "--json"]) == 0
    (record,) = last_line(capsys)["runs"]
    assert (record["name"], record["state"], record["steps"]) == ("My harbour", "finished", 12)
    assert main(["delete", "last", "--yes"]) == 0
    assert not folder.path.exists()
    assert main(["runs"]) == 0


def test_samples_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["train", "--sample", "list"]) == 0
    assert "python-reference" in capsys.readouterr().out


def test_every_command_explains_itself_with_examples(capsys: pytest.CaptureFixture[str]) -> None:
    for command in ("train", "resume", "generate", "evaluate", "check", "runs", "delete"):
        with pytest.raises(SystemExit) as ended:
            main([command, "--help"])
        assert ended.value.code == 0
        out = capsys.readouterr().out
        assert "example" in out
        assert f"python -m rnn_demo {command}" in out
        assert "--json" in out


def test_help_imports_nothing_heavy() -> None:
    code = (
        "import sys, rnn_demo.cli as c; c.build_parser(); "
        "print([m for m in ('torch', 'numpy', 'gradio', 'tqdm') if m in sys.modules])"
    )
    found = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True
    )
    assert found.stdout.strip() == "[]"


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
def test_ctrl_c_saves_a_checkpoint_and_says_how_to_go_on(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "rnn_demo", "train", str(tmp_path / "harbour.txt")]
    command += ["--minutes", "5", "--run", str(tmp_path / "run"), *SMALL]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    until = time.monotonic() + 60
    while time.monotonic() < until:
        if (tmp_path / "run" / "best").exists():
            break
        time.sleep(0.05)
    os.kill(process.pid, signal.SIGINT)
    out, _ = process.communicate(timeout=60)
    assert process.returncode == 0
    assert f"resume {tmp_path / 'run'}" in out
    folder = RunFolder.open(tmp_path / "run")
    assert folder.state() is RunState.PAUSED
    assert folder.checkpoints.steps()


def test_samples_are_quoted_without_empty_lines() -> None:
    assert quoted("a\n\n b\nc\nd", 3) == "    | a\n    |  b\n    | c"
