"""The model card: valid, honest, safe, and its programs run."""

import ast
import io
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from hub_subjects import PROMPT, tiny_run
from huggingface_hub import ModelCard
from PIL import Image

from rnn_demo import bundle
from rnn_demo.config import SampleConfig
from rnn_demo.hub import merge
from rnn_demo.hub.card import Labels, fence
from rnn_demo.hub.commands import train_command
from rnn_demo.hub.picture import loss_curve
from rnn_demo.hub.push import prepare
from rnn_demo.hub.snippet import snippet
from rnn_demo.hub.trouble import HubTrouble
from rnn_demo.runs.record import new_id, tidy
from rnn_demo.writing.generate import Writer

ROOT = Path(__file__).parent.parent
LABELS = Labels(license="mit", language="en")
NETWORKS = (
    ("char", {"cell": "gru"}),
    ("byte", {"cell": "lstm", "layers": 2, "layer_norm": True, "residual": True}),
    ("subword", {"cell": "rnn", "embedding_size": 0}),
    ("char", {"reset_before": True, "tie_weights": True, "embedding_size": 16, "layers": 2}),
)


def programs(card: str) -> list[str]:
    """The Python blocks of a card."""
    return re.findall(r"^(`{3,})python\n(.*?)^\1$", card, re.MULTILINE | re.DOTALL)


def run_alone(program: str, folder: Path, *paths: Path) -> bytes:
    """Run a program in a fresh interpreter that knows nothing but `paths`; warnings are errors."""
    (folder / "program.py").write_text(program, encoding="utf-8")
    environment = {"PYTHONPATH": ":".join(map(str, paths)), "PATH": "", "PYTHONUTF8": "1"}
    done = subprocess.run(
        [sys.executable, "-W", "error", "program.py"], cwd=folder, env=environment,
        capture_output=True, check=False, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr.decode()[-2000:]
    return done.stdout


@pytest.mark.parametrize(("kind", "settings"), NETWORKS)
def test_the_program_without_this_package_writes_what_the_app_writes(tmp_path, kind, settings):
    run = tiny_run(tmp_path / new_id(), kind, **settings)
    package = prepare(run, tmp_path / "lamp", "alice/lamp", LABELS)
    (_, ours), (_, alone) = programs(package.card)
    assert "rnn_demo" in ours
    assert "rnn_demo" not in alone
    sample = json.loads((tmp_path / "lamp" / bundle.SAMPLES).read_text("utf-8").split("\n")[0])
    config = SampleConfig(seed=sample["seed"], **sample["settings"])
    wanted = Writer(run.best_model(), run.tokenizer()).write(PROMPT, config).text
    assert sample["text"] == wanted
    assert run_alone(alone, tmp_path).decode("utf-8") == wanted + "\n"


@pytest.mark.parametrize("prompt", ["😀\n", "𠮷\u3000", "\"'\\", "\u202e"])
def test_any_prompt_can_stand_in_the_program(tmp_path, prompt):
    prepare(tiny_run(tmp_path / new_id()), tmp_path / "lamp", "alice/lamp", LABELS)
    record = bundle.read_config(tmp_path / "lamp")
    sample = json.loads((tmp_path / "lamp" / bundle.SAMPLES).read_text("utf-8").split("\n")[0])
    program = snippet(record, "alice/lamp", {**sample, "prompt": prompt})
    found = [node.value for node in ast.walk(ast.parse(program)) if isinstance(node, ast.Constant)]
    assert program.encode("utf-8")
    assert prompt in found


def test_the_three_lines_with_this_package_write_the_same(tmp_path):
    run = tiny_run(tmp_path / new_id())
    package = prepare(run, tmp_path / "alice" / "lamp", "alice/lamp", LABELS)
    (_, ours), (_, alone) = programs(package.card)
    assert len([line for line in ours.splitlines() if line]) == 3
    alone = alone.replace('folder = "lamp"', 'folder = "alice/lamp"')
    assert run_alone(ours, tmp_path, ROOT) == run_alone(alone, tmp_path)


def test_the_head_is_what_the_hub_reads(tmp_path):
    package = prepare(tiny_run(tmp_path / new_id()), tmp_path / "b", "alice/lamp", LABELS)
    card = ModelCard(package.card)
    assert (card.data.license, card.data.language) == ("mit", ["en"])
    assert (card.data.library_name, card.data.pipeline_tag) == ("rnn-demo", "text-generation")
    assert {"gru", "character-level", "from-scratch", "trained-with-rnn-demo"} <= set(
        card.data.tags
    )
    found = {result.metric_type: result.metric_value for result in card.data.eval_results}
    assert found == {"bits_per_char": pytest.approx(1.6 / 0.693147, abs=1e-3), "bits_per_byte": 2.2}
    assert card.data.widget[0]["text"] == PROMPT


def test_the_card_shows_the_network_beside_its_baselines(tmp_path):
    package = prepare(tiny_run(tmp_path / new_id()), tmp_path / "b", "alice/lamp", LABELS)
    assert "| **this network**, validation part | 2.164 | 2.100 | 4.48 |" in package.card
    assert "| Kneser-Ney n-grams of 4 characters | 1.443 |" in package.card
    assert "more than the 1.44 bits of counting runs of 4 characters" in package.card
    assert re.search(r"SHA-256 `[0-9a-f]{64}`", package.card)
    assert "python -m rnn_demo train lamp.txt --steps 40" in package.card
    assert "![Loss curve](assets/loss.png)" in package.card
    assert "In a longer sample, written when the training ended, 10.0% did" in package.card
    assert "but not the same bits" in package.card  # the clock chose the threads


def test_a_network_that_began_with_another_says_so(tmp_path):
    parent = tiny_run(tmp_path / new_id())
    for origin, words in (("bob/first@0123abc", "[bob/first]"), ("", "another network like it")):
        run = tiny_run(tmp_path / new_id())
        run.save_start(parent.record.model, parent.best_model().state_dict(), origin)
        card = prepare(run, tmp_path / f"b{len(origin)}", "alice/lamp", LABELS).card
        assert words in card
        assert "from scratch" not in card
        assert "train lamp.txt --from runs/<id> --steps 40" in card
        head = ModelCard(card).data
        assert "from-scratch" not in head.tags
        assert head.base_model == ("bob/first" if origin else None)


def test_the_command_of_the_card_knows_every_option_of_the_network():
    model = {"cell": "gru", "hidden_size": 8, "layers": 1, "embedding_size": 8, "dropout": 0.0}
    record = {"model": model | {"reset_before": True, "tie_weights": True},
              "tokenizer": {"kind": "char"}}  # fmt: skip
    for command in train_command({"wanted": {"cell": "gru", "reset_before": True}}, record).split(
        "\n"
    ):
        assert ("--reset-before" in command) == (not command.startswith("#"))


def test_without_a_license_there_is_no_card():
    with pytest.raises(HubTrouble, match="Choose a license"):
        Labels(license=" ")


def test_the_same_run_gives_the_same_package(tmp_path):
    run = tiny_run(tmp_path / new_id())
    twice = [prepare(run, tmp_path / name, "alice/lamp", LABELS).folder for name in ("a", "b")]
    contents = [{p.name: p.read_bytes() for p in f.rglob("*") if p.is_file()} for f in twice]
    assert contents[0] == contents[1]


HOSTILE = '<img src=x onerror=alert(1)> | `*_[a](javascript:1) --- \n# {{7*7}} """ \\'


def test_names_and_texts_are_never_markup(tmp_path):
    run = tiny_run(tmp_path / new_id(), name=HOSTILE)
    card = prepare(run, tmp_path / "b", "alice/lamp", LABELS).card
    body = merge.split(card)[1]
    outside = re.sub(r"^(`{3,}).*?^\1$", "", body, flags=re.MULTILINE | re.DOTALL)
    assert "<img" not in outside.replace("\\<img", "")
    assert "[a](javascript" not in outside
    assert ModelCard(card).data.to_dict()["model-index"][0]["name"] == tidy(HOSTILE)


def test_a_fence_is_longer_than_any_run_of_backticks_inside():
    assert fence("a ```` b", "text").startswith("`````text\n")


WILD = [
    {"step": 10**7, "train_bits_per_char": 1e9, "held_out_bits_per_char": 1e-9},
    {"step": 2 * 10**7, "train_bits_per_char": None, "held_out_bits_per_char": 2.0},
]


@pytest.mark.parametrize("log", [[], [{"step": 1, "held_out_bits_per_char": 3.0}], WILD])
def test_the_picture_is_a_picture_whatever_the_numbers(log):
    training = {"baselines": {"bits_per_char": {"ngram": 2.0}, "ngram_order": 5}}
    data = loss_curve(log, training)
    assert Image.open(io.BytesIO(data)).size == (1200, 600)
    assert data == loss_curve(log, training)


# -- a card that a person has edited -----------------------------------------------------------

OURS = merge.join({"license": "mit", "tags": ["gru"]}, f"\n{merge.BEGIN}\nnew\n{merge.END}\n")


def test_a_persons_words_around_ours_are_kept():
    theirs = (
        "---\nlicense: cc0-1.0\nthumbnail: a.png\ntags: [poetry]\n---\nMy words.\n"
        f"{merge.BEGIN}\nold\n{merge.END}\nMore words.\n"
    )
    head, body = merge.split(merge.merge(theirs, OURS))
    assert head == {"license": "mit", "thumbnail": "a.png", "tags": ["poetry", "gru"]}
    assert body == f"My words.\n{merge.BEGIN}\nnew\n{merge.END}\nMore words.\n"


def test_a_card_without_our_marks_gets_our_part_at_its_end():
    assert merge.split(merge.merge("# By hand\n", OURS))[1] == (
        f"# By hand\n\n{merge.BEGIN}\nnew\n{merge.END}\n"
    )


def test_merging_twice_changes_nothing_more():
    once = merge.merge("---\ntags: poetry\n---\nMine.\n", OURS)
    assert merge.merge(once, OURS) == once
    assert merge.merge(OURS, OURS) == OURS


def test_tags_that_are_no_text_are_left_out():
    theirs = "---\na: &a [x, x]\ntags: [poetry, [*a, *a], {b: *a}, 3]\n---\nMine.\n"
    assert merge.split(merge.merge(theirs, OURS))[0]["tags"] == ["poetry", "gru"]
    assert merge.split(merge.merge("---\ntags: {a: b}\n---\n", OURS))[0]["tags"] == ["gru"]


@pytest.mark.parametrize(
    "broken", ["---\n: : :\n---\nMine.", "---\n- a\n---\nMine.", "\ufeffMine."]
)
def test_a_head_that_cannot_be_read_costs_nobody_their_words(broken):
    merged = merge.merge(broken, OURS)
    assert "Mine." in merged
    assert ModelCard(merged).data.license == "mit"
