"""What the engine says: every sentence in both languages, every one used, none said otherwise."""

import ast
import json
import re
from dataclasses import fields
from pathlib import Path
from string import Formatter

import gradio as gr
import pytest
from tiny import TEXT, tiny_corpus
from ui_app import ANNA, context

from rnn_demo import config
from rnn_demo.errors import ConfigError, CorpusError, DamagedError, RnnDemoError
from rnn_demo.events import Failed, Planned, from_json
from rnn_demo.messages import message
from rnn_demo.messages.message import MODULES, TABLE, Message, named, say
from rnn_demo.text import corpus
from rnn_demo.ui import planning
from rnn_demo.ui.look.tab import LookTab
from rnn_demo.ui.text_tab import TextTab
from rnn_demo.ui.train_tab import TrainTab

PACKAGE = Path(__file__).parent.parent / "rnn_demo"
TERMINAL = ("cli", "ui/serving.py", "ui/server.py", "ui/profile.py", "ui/bundled.py")
HALF_WIDTH = re.compile(r"[\u4e00-\u9fff][,:;?!()]|[,:;?!()][\u4e00-\u9fff]")
CHINESE = {"secret": ANNA, "language": "zh"}
FORM = ("steps", 5, "gru", "char", 90, "", "", *("" for _ in planning.FINE))


def kinds(error: type = RnnDemoError) -> set[str]:
    """Names of all our error classes; HubTrouble has kinds of its own."""
    return {error.__name__}.union(*map(kinds, error.__subclasses__())) - {"HubTrouble"}


def sayings() -> list[tuple[str, ast.expr, list[str | None]]]:
    """Where a sentence for the page is made: (file and line, its key, the names of its values)."""
    found = []
    for path in sorted(PACKAGE.rglob("*.py")):
        if path.relative_to(PACKAGE).as_posix().startswith((*TERMINAL, "errors.py", "messages/")):
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
                continue
            place = {"require": 1} | dict.fromkeys({*kinds(), "Message"}, 0)
            if node.func.id in place and len(node.args) > place[node.func.id]:
                where = f"{path.relative_to(PACKAGE)}:{node.lineno}"
                key = node.args[place[node.func.id]]
                found.append((where, key, [keyword.arg for keyword in node.keywords]))
    return found


def strings() -> set[str]:
    """Every string constant of the package outside of the tables."""
    files = [path for path in PACKAGE.rglob("*.py") if path.parent.name != "messages"]
    trees = [ast.parse(path.read_text(encoding="utf-8")) for path in files]
    nodes = [node for tree in trees for node in ast.walk(tree)]
    return {n.value for n in nodes if isinstance(n, ast.Constant) and isinstance(n.value, str)}


def places(template: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(template) if name is not None}


def test_no_key_is_defined_twice():
    assert len(TABLE) == sum(len(module.MESSAGES) for module in MODULES)


def test_both_languages_have_the_same_places():
    assert not [
        key for key, (english, chinese) in TABLE.items() if places(english) ^ places(chinese)
    ]


def test_chinese_has_punctuation_of_its_own():
    assert not [key for key, (_, chinese) in TABLE.items() if HALF_WIDTH.search(chinese)]


def test_the_engine_says_nothing_that_is_not_in_the_table():
    """A key that is computed must be one of the table's; a sentence put together here is not."""
    wrong = []
    for where, key, values in sayings():
        if isinstance(key, ast.Constant):
            known = key.value in TABLE and set(values) == places(TABLE[key.value][0])
            wrong += [] if known else [f"{where}: {key.value!r} with {values}"]
        elif isinstance(key, ast.JoinedStr):
            wrong.append(f"{where}: a sentence without Chinese")
    assert not wrong, "\n".join(wrong)
    assert len(sayings()) > 150


def test_no_sentence_is_unused():
    used = strings()
    settings = {f.name for kind in config.Config.__subclasses__() for f in fields(kind)}
    used |= {f"name.{word}" for word in settings | used} | {f"hub.{word}" for word in used}
    assert not set(TABLE) - used


def test_every_setting_that_is_checked_has_a_name_in_chinese():
    numbers = re.findall(r'^\s+\("(\w+)", [\d(]', (PACKAGE / "config.py").read_text(), re.M)
    assert len(numbers) > 30
    assert {f"name.{name}" for name in numbers} <= set(TABLE)


def test_a_message_is_its_english_and_remembers_the_rest():
    said = Message("run.fork.shape", name=named("hidden"), value=8, asked=9)
    assert said == "A fork keeps the network: units (hidden) is 8 and cannot be 9."
    assert said.say("zh") == "分支沿用原来的网络：单元数是 8，不能改为 9。"
    assert str(RnnDemoError(said)) == said
    assert RnnDemoError(said).message is said


def test_words_without_a_key_stand_for_themselves():
    assert Message("What {never} was a key.").say("zh") == "What {never} was a key."
    assert say("plain", "zh") == "plain"


def test_several_sentences_follow_each_other():
    wrong = [Message("file.missing", name="a"), Message("file.incomplete", name="b")]
    said = Message("weights.none", wrong=wrong)
    assert said.endswith("a is missing. b is incomplete.")
    assert said.say("zh").endswith("a 不见了。b 不完整。")


def test_events_keep_what_was_said_in_both_languages():
    damage = Message("file.missing", name="model.safetensors")
    said = Message("train.recovered", damage=damage, step=7)
    for event in (Failed(7, said), Planned([said, damage], 9)):
        again = from_json(event.to_json())
        assert again == event
        words = again.message if isinstance(again, Failed) else again.reasons[0]
        assert words.say("zh") == "model.safetensors 不见了。从第 7 步继续。"


def test_events_from_before_there_were_messages_are_shown_as_they_are():
    old = from_json('{"event":"Failed","step":1,"message":"It broke."}')
    assert (old.message, say(old.message, "zh")) == ("It broke.", "It broke.")


@pytest.mark.parametrize(
    "said",
    [
        {"key": "file.missing", "values": {}},
        {"key": "limit.disk", "values": {"size": "many", "most": 1}},
        {"key": "file.missing", "values": {"name": {"key": 1, "values": 2}}},
        {"key": ["file.missing"], "values": {"name": "a"}},
        {"key": "file.missing", "values": [1]},
    ],
)
def test_a_message_of_a_file_that_makes_no_sense_is_damage(said):
    with pytest.raises(DamagedError):
        from_json(json.dumps({"event": "Failed", "step": 1, "message": said}))
    with pytest.raises(ValueError, match="without sense"):
        message.from_json(said)


# -- the page in Chinese --------------------------------------------------------------------------


@pytest.fixture
def local(tmp_path):
    with context(tmp_path) as made:
        yield made


def refusal(handler, *arguments) -> str:
    """The words of the message that a handler shows."""
    with pytest.raises(gr.Error) as shown:
        handler(*arguments)
    return shown.value.message


def test_a_binary_file_an_empty_one_and_none_are_refused_in_chinese(local, tmp_path):
    def upload(data: bytes) -> str:
        path = tmp_path / "file.txt"
        path.write_bytes(data)
        return refusal(TextTab(local).take_files, CHINESE, "char", 90, [str(path)])

    assert upload(b"%PDF-1.7 and so on").startswith("这不是文本，而是 PDF 文档；请复制其中的文字")
    assert upload(b"").startswith("文本只有 0 个字符；至少要有 200 个才能学到东西")
    assert upload(TEXT.encode() + b"\0" * 200).startswith("这看起来是二进制数据")
    assert (
        refusal(TrainTab(local).begin, CHINESE, "", "k", None, *FORM) == "请先在第 1 页选择文本。"
    )


@pytest.mark.parametrize(
    ("place", "value", "words"),
    [
        ("hidden", "many", "单元数须是 1 到 4,096 之间的整数，而不是 &#x27;many&#x27;。"),
        ("dropout", "2", "Dropout 须是 0 到 0.9 之间的数，而不是 &#x27;2&#x27;。"),
        ("learning_rate", "99", "学习率须是 0.000001 到 10 之间的数，而不是 &#x27;99&#x27;。"),
    ],
)
def test_a_bad_setting_is_refused_in_chinese_by_the_name_on_the_page(local, place, value, words):
    form = list(FORM)
    form[7 + [field for field, *_ in planning.FINE].index(place)] = value
    assert refusal(TrainTab(local).begin, CHINESE, "", "k", tiny_corpus(), *form) == words


def test_a_run_that_is_gone_and_a_view_that_cannot_be_shown_are_explained_in_chinese(local):
    gone = "没有这个训练，或者它不属于你。"
    assert refusal(TrainTab(local).stop, CHINESE, "a" * 26) == gone
    tab = LookTab(local)
    found = tab.answer(tab.by_name["neuron"].show, CHINESE, "a" * 26, "", "digit", "")
    assert found["parts"] == [{"kind": "warning", "text": gone}]


def test_the_verdict_on_a_text_is_chinese_too(local):
    found = corpus.read_text(TEXT).report
    assert "characters of" in found.verdict
    assert re.fullmatch(r"[\d,]+ 个字符，\d+ 种，很短：.*。", found.verdict.say("zh"))


def test_errors_are_still_python_errors():
    with pytest.raises(ValueError, match="repeats one character"):
        corpus.read_text("a" * 300)
    with pytest.raises(CorpusError):
        corpus.read_text("")
    with pytest.raises(CorpusError, match="nothing but blanks"):
        corpus.read_text(" \n" * 3000)
    with pytest.raises(ConfigError, match=r"units \(hidden\) must be in 1\.\.16,384, not 0\."):
        config.RunConfig(hidden=0)
