"""What the README says is done here: its commands, its program, its words for Spaces."""

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
CHINESE = (ROOT / "README.zh-CN.md").read_text(encoding="utf-8")
FIGURE = re.compile(r"\d(?:[\d,.]*\d)?")
BLOCKS = re.findall(r"```(\w*)\n(.*?)```", README, re.S)
COMMANDS = [
    line
    for language, block in BLOCKS
    for line in block.splitlines()
    if not language and line.startswith("python -m rnn_demo ")
]
ELSEWHERE = {"push", "pull", "publish-space", "autosave"}  # need a Hub: test_hub.py


def run(arguments: list[str], folder: Path) -> str:
    """A command in a fresh process, in a folder of its own; what it printed."""
    environment = {"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin", "HOME": str(folder)}
    done = subprocess.run(
        [sys.executable, *arguments], cwd=folder, env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A newcomer's folder: a book of their own, and another text."""
    folder = tmp_path_factory.mktemp("newcomer")
    fables = (ROOT / "assets" / "fables.txt").read_text(encoding="utf-8")
    (folder / "my_book.txt").write_text(fables[:8000], encoding="utf-8")
    (folder / "other.txt").write_text(fables[8000:10_000], encoding="utf-8")
    return folder


def shorter(command: str) -> str:
    """The same with a few steps instead of minutes."""
    return re.sub(r"--minutes \S+", "--steps 3", command)


def test_the_commands_work_one_after_the_other(folder):
    assert len(COMMANDS) >= 8
    for command in COMMANDS:
        words = shlex.split(shorter(command))[1:]
        if words[2] in ELSEWHERE:
            continue
        if "<id>" in command:
            run_id = next((folder / "runs").iterdir()).name
            words = [word.replace("<id>", run_id) for word in words]
        assert run(words, folder).strip()


def test_the_program_works(folder):
    program = next(block for language, block in BLOCKS if "import rnn_demo" in block)
    shown = run(["-c", program.replace("minutes=0.2", "steps=3")], folder)
    assert "Finished" in shown


def test_a_newcomer_needs_two_commands():
    assert "pip install -r requirements.txt && python app.py" in README
    assert (ROOT / ".ci/run").read_text(encoding="utf-8").strip().endswith("bash tests/run")


def test_the_front_matter_is_what_a_space_accepts():
    facts = yaml.safe_load(README.split("---")[1])
    assert facts["sdk"] == "gradio"
    assert (ROOT / facts["app_file"]).is_file()
    assert len(facts["short_description"]) <= 60
    assert facts["hf_oauth_scopes"] == ["contribute-repos"]
    low, high = re.search(
        r"gradio\S*>=([\d.]+),<(\d+)", (ROOT / "requirements.txt").read_text()
    ).groups()
    version = [int(part) for part in facts["sdk_version"].split(".")]
    assert [int(part) for part in low.split(".")] <= version < [int(high)]


def section(text: str, number: int) -> str:
    return re.split(r"^## ", text, flags=re.M)[number]


def test_both_languages_say_the_same():
    """As many headings, the same programs and commands, and the same figures in the benchmark."""
    assert len(re.findall("^#", README, re.M)) == len(re.findall("^#", CHINESE, re.M))
    for language, block in BLOCKS:
        assert language != "python" or block in CHINESE
    for command in COMMANDS:
        assert " ".join(command.split()[:4]) in CHINESE
    good = next(n for n in range(1, 9) if section(README, n).startswith("How good it is"))
    figures = [sorted(FIGURE.findall(section(text, good))) for text in (README, CHINESE)]
    assert figures[0] == figures[1]
