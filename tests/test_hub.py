"""Push, pull, Space, autosave with the real client, against a Hub of our own that misbehaves."""

import json
import logging
import os
import pickle
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch
from hub_server import TOKENS, HubServer
from hub_subjects import TEXT, tiny_run

from rnn_demo import bundle
from rnn_demo.errors import DamagedError, RunError
from rnn_demo.hub import autosave, client, merge, space
from rnn_demo.hub.address import parse, slug
from rnn_demo.hub.card import Labels
from rnn_demo.hub.credential import Secret, find_credential
from rnn_demo.hub.explain import explain
from rnn_demo.hub.pull import pull, pull_run
from rnn_demo.hub.push import Package, look, prepare, push, sign_in
from rnn_demo.hub.trouble import HubTrouble
from rnn_demo.messages.hub import MESSAGES
from rnn_demo.messages.message import Message
from rnn_demo.runs.checkpoint import RunFolder
from rnn_demo.runs.files import sealed
from rnn_demo.runs.record import new_id
from rnn_demo.runs.soundness import digests

WRITE, READ, CONTRIBUTE, BOB = (find_credential(typed=token) for token in TOKENS)
MIT = Labels(license="mit")


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return tiny_run(tmp_path_factory.mktemp("runs") / new_id())


@pytest.fixture(scope="module")
def other(tmp_path_factory):
    return tiny_run(tmp_path_factory.mktemp("runs") / new_id(), seed=1)


@pytest.fixture
def hub(monkeypatch):
    with HubServer() as server:
        monkeypatch.setenv("HF_ENDPOINT", server.url)
        monkeypatch.setenv("HF_HUB_DISABLE_XET", "1")
        monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)
        yield server


@pytest.fixture(scope="module")
def prepared(run, tmp_path_factory):
    return prepare(run, tmp_path_factory.mktemp("package") / "lamp", "alice/lamp", MIT)


@pytest.fixture
def package(prepared, tmp_path):
    """A package of one's own."""
    folder = Path(shutil.copytree(prepared.folder, tmp_path / "package"))
    return Package(folder, prepared.repo_id, prepared.title)


def trouble_of(action, *arguments, **more) -> HubTrouble:
    with pytest.raises(HubTrouble) as error:
        action(*arguments, **more)
    return error.value


# -- push ----------------------------------------------------------------------------------------


def test_a_push_makes_a_private_repository_in_one_commit(hub, package):
    phases = []
    done = push(package, WRITE, progress=phases.append)
    assert hub.titles("alice/lamp") == ["initial", "Lamp, pushed with rnn-demo"]
    files = hub.files("alice/lamp")
    assert set(files) == {name for name, _ in package.files} | {".gitattributes"}
    assert all(files[name] == (package.folder / name).read_bytes() for name, _ in package.files)
    assert done.private
    assert done.url == f"{hub.url}/alice/lamp"
    assert [phase.name for phase in phases] == ["looking", "creating", "sending", "checking"]
    assert {phase.values["limit"] for phase in phases} == {"60"}  # seconds, as people are told
    assert not hub.storage_saw_a_token


def test_pushing_the_same_again_sends_nothing(hub, package):
    push(package, WRITE)
    hub.asked.clear()
    assert push(package, WRITE).files == ()
    assert all(method in ("GET", "HEAD") for method, _ in hub.asked)


def test_pushing_again_sends_only_what_changed(hub, run, package, tmp_path):
    push(package, WRITE)
    relabelled = prepare(run, tmp_path / "second", "alice/lamp", Labels(license="cc0-1.0"))
    assert push(relabelled, WRITE).files == ("README.md",)


def test_a_text_that_is_no_longer_ticked_is_removed(hub, run, package, tmp_path):
    with_text = prepare(run, tmp_path / "second", "alice/lamp", MIT, include_text=True)
    push(with_text, WRITE)
    assert bundle.TEXT in hub.files("alice/lamp")
    push(package, WRITE)
    assert bundle.TEXT not in hub.files("alice/lamp")


def test_a_hand_edited_card_keeps_the_persons_words(hub, package, other, tmp_path):
    push(package, WRITE)
    files = dict(hub.files("alice/lamp"))
    card = files["README.md"].decode() + "\nMy own remarks.\n"
    hub.repositories["alice/lamp"].commit("main", files | {"README.md": card.encode()}, "by hand")
    push(prepare(other, tmp_path / "second", "alice/lamp", MIT), WRITE)
    after = hub.files("alice/lamp")["README.md"].decode()
    assert after.endswith("My own remarks.\n")
    assert after.count(merge.BEGIN) == 1
    assert after != card


def test_a_push_goes_to_an_organization(hub, run, tmp_path):
    done = push(prepare(run, tmp_path / "p", "acme/lamp", MIT), WRITE, private=False)
    assert not done.private
    assert "acme/lamp" in hub.repositories


def test_somebody_elses_repository_becomes_one_pull_request(hub, package, other, tmp_path):
    push(package, WRITE, private=False)
    offer = prepare(other, tmp_path / "offer", "alice/lamp", MIT)
    assert trouble_of(push, offer, BOB).kind == "not_yours"
    main = hub.repositories["alice/lamp"].branches["main"]
    requests = {push(offer, BOB, pull_request=True).pull_request for _ in range(2)}
    assert requests == {f"{hub.url}/alice/lamp/discussions/1"}
    assert hub.repositories["alice/lamp"].branches["main"] == main
    offered = hub.files("alice/lamp", "refs/pr/1")["model.safetensors"]
    assert offered == (offer.folder / "model.safetensors").read_bytes()


def test_no_pull_request_is_opened_when_nothing_differs(hub, package):
    push(package, WRITE, private=False)
    assert push(package, BOB, pull_request=True).pull_request is None
    assert hub.repositories["alice/lamp"].discussions == []


def test_a_look_tells_what_a_push_would_meet(hub, package):
    assert not look("alice/lamp", WRITE).exists
    push(package, WRITE)
    found = look("alice/lamp", WRITE)
    assert (found.exists, found.ours, found.private) == (True, True, True)
    assert found.card_after(package) == package.card
    assert not look("alice/lamp", BOB).exists


# -- tokens and rights: each its own sentence ----------------------------------------------------


def test_who_is_signed_in_and_where_pushes_may_go(hub):
    account = sign_in(WRITE)
    assert (account.user, account.role, account.namespaces) == ("alice", "write", ("alice", "acme"))


@pytest.mark.parametrize(
    ("credential", "kind"),
    [
        (None, "no_token"),
        (find_credential(typed="hf_mistyped_token_000"), "bad_token"),
        (READ, "read_only"),
        (BOB, "rights"),
    ],
)
def test_without_the_right_token_a_push_says_which_is_missing(hub, package, credential, kind):
    assert trouble_of(push, package, credential).kind == kind
    assert "alice/lamp" not in hub.repositories


def test_a_reading_token_and_a_narrow_sign_in_have_different_remedies(
    hub, package, other, tmp_path
):
    push(package, WRITE)
    changed = prepare(other, tmp_path / "second", "alice/lamp", MIT)
    assert trouble_of(push, changed, READ).kind == "read_only"
    assert trouble_of(push, changed, CONTRIBUTE).kind == "scope"


def test_a_sign_in_may_write_to_what_it_has_made(hub, package):
    assert push(package, CONTRIBUTE).files


def test_a_repository_that_holds_something_else_is_left_alone(hub, package):
    push(package, WRITE)
    files = hub.files("alice/lamp")
    for content in (b'{"architectures": ["GPT2LMHeadModel"]}', b"not json"):
        hub.repositories["alice/lamp"].commit("main", files | {"config.json": content}, "theirs")
        assert trouble_of(push, package, WRITE).kind == "name_taken"


def test_a_wrong_license_is_named(hub, run, tmp_path):
    wrong = prepare(run, tmp_path / "p", "alice/lamp", Labels(license="mitt"))
    trouble = trouble_of(push, wrong, WRITE)
    assert trouble.kind == "card"
    assert '"license"' in str(trouble)
    assert "mitt" in str(trouble)


@pytest.mark.parametrize(
    "name",
    ["lamp", "a/b/c", "a/../b", "alice/lamp--x", "alice/.lamp", "https://huggingface.co/a/b",
     "a/b@", "//x", "file:///etc", "x@y:z", "alice/lamp.git", "alice/" + "x" * 100, "a b/c",
     "a/b\0", "a/b@../../x"],
)  # fmt: skip
def test_only_user_slash_name_is_a_name(name):
    assert trouble_of(parse, name).kind == "name"


def test_titles_become_names_and_revisions_are_read():
    assert slug("Tiny Shakespeare.txt") == "tiny-shakespeare.txt"
    assert slug("海") == "my-model"
    assert parse(f"alice/{slug('--A..b--/..git')}").name
    assert str(parse(" alice/lamp@refs/pr/1 ")) == "alice/lamp@refs/pr/1"


# -- faults --------------------------------------------------------------------------------------

ONCE = [
    ("POST", "/commit/", "status"),
    ("POST", "/commit/", "lose"),
    ("POST", "/commit/", "drop"),
    ("POST", "/preupload/", "status"),
    ("PUT", "/lfs/", "drop"),
    ("POST", "/repos/create", "lose"),
    ("POST", "/validate-yaml", "status"),
    ("POST", "/paths-info/", "status"),
    ("GET", "/api/models/alice/lamp", "drop"),
]


@pytest.mark.parametrize(("method", "path", "how"), ONCE)
def test_a_passing_fault_costs_time_but_no_second_commit(hub, package, method, path, how):
    hub.fail(method, path, how)
    assert "model.safetensors" in push(package, WRITE).files
    assert hub.titles("alice/lamp") == ["initial", "Lamp, pushed with rnn-demo"]
    assert hub.faults[0].times == 0


@pytest.mark.parametrize("status", [412, 409])
def test_a_refused_commit_looks_again_before_it_goes_on(hub, package, status):
    hub.fail("POST", "/commit/", status=status)
    push(package, WRITE)
    assert len(hub.titles("alice/lamp")) == 2


def test_a_409_that_names_no_repository_is_a_conflict(hub, package):
    hub.fail("POST", "/repos/create", status=409, times=99)
    assert trouble_of(push, package, WRITE, seconds=6).kind == "conflict"


def test_a_short_pause_is_waited_for(hub, package):
    hub.fail("POST", "/preupload/", status=429, headers={"Retry-After": "1"})
    phases = []
    push(package, WRITE, progress=phases.append)
    assert "waiting" in [phase.name for phase in phases]


def test_a_pause_of_an_hour_is_told_at_once(hub, package):
    hub.fail("POST", "/preupload/", status=429, headers={"Retry-After": "3600"}, times=99)
    began = time.monotonic()
    trouble = trouble_of(push, package, WRITE)
    assert time.monotonic() - began < 10
    assert trouble.kind == "rate"
    assert "a pause of 60 minutes" in str(trouble)


def test_a_hub_that_stays_broken_is_named_before_the_deadline(hub, package):
    hub.fail("POST", "/commit/", status=503, times=999)
    trouble = trouble_of(push, package, WRITE, seconds=8)
    assert trouble.kind == "server"
    assert "503" in str(trouble)
    assert hub.titles("alice/lamp") == ["initial"]


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        ("Server error: Request error: HTTP status server error (500 Internal Server Error), "
         "domain: http://127.0.0.1:50123/cas/v1/xorbs/default/d8", "server"),
        ("Network error: Request middleware error: error sending request for url (http://x)",
         "connection"),
    ],
)  # fmt: skip
def test_what_xet_says_in_words_only_is_understood(words, kind):
    for failure in (ConnectionError(words), RuntimeError(f"Task error: {words}")):
        assert explain(failure).kind == kind


def test_a_stalled_hub_meets_the_deadline_and_nothing_happens_afterwards(hub, package):
    hub.fail("POST", "/commit/", "stall", times=99)
    began = time.monotonic()
    trouble = trouble_of(push, package, WRITE, seconds=3)
    assert time.monotonic() - began < 5
    assert trouble.kind == "deadline"
    assert "3 seconds" in str(trouble)
    asked = len(hub.asked)
    hub.released.set()
    hub.faults.clear()
    assert look("alice/lamp", WRITE).exists
    assert not [path for _, path in hub.asked[asked:] if "/commit/" in path]


def test_without_a_network_only_the_hub_is_missing(monkeypatch, package):
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    assert trouble_of(look, "alice/lamp", WRITE, 5).kind == "offline"
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    assert trouble_of(look, "alice/lamp", WRITE).kind == "offline_mode"


def test_every_trouble_is_a_sentence_with_something_to_do():
    kinds = [key.removeprefix("hub.") for key in MESSAGES if key.count(".") == 1]
    for kind in kinds:
        trouble = HubTrouble(kind)
        again = HubTrouble.from_json(json.loads(json.dumps(trouble.to_json())))
        assert str(again) == str(trouble)
        assert str(trouble).endswith(".")
    assert len(kinds) > 25
    found = HubTrouble("foreign", repo="a/b", detail=Message("hub.no.config"))
    assert "其中没有 config.json" in HubTrouble.from_json(found.to_json()).message.say("zh")


# -- pull ----------------------------------------------------------------------------------------


def test_a_model_is_pulled_by_name_and_by_commit(hub, package, other, tmp_path):
    first = push(package, WRITE, private=False)
    push(prepare(other, tmp_path / "second", "alice/lamp", MIT), WRITE)
    weights = (package.folder / "model.safetensors").read_bytes()
    phases = []
    newest = pull("alice/lamp", tmp_path / "newest", seconds=30, progress=phases.append)
    assert {phase.values["limit"] for phase in phases} == {"30"}
    assert (tmp_path / "newest" / "model.safetensors").read_bytes() != weights
    pinned = pull(f"alice/lamp@{first.commit}", tmp_path / "pinned")
    assert (tmp_path / "pinned" / "model.safetensors").read_bytes() == weights
    assert pinned.commit == first.commit != newest.commit
    assert {p.name for p in (tmp_path / "pinned").iterdir()} == set(bundle.LIMITS) - {
        "tokenizer.model", bundle.TEXT}  # fmt: skip


def test_a_flipped_bit_is_found_and_nothing_of_it_is_kept(hub, package, tmp_path):
    push(package, WRITE)
    hub.fail("GET", "/lfs/", "flip", times=99)
    trouble = trouble_of(pull, "alice/lamp", tmp_path / "model", WRITE)
    assert (trouble.kind, trouble.values["file"]) == ("damaged", "model.safetensors")
    assert not list(tmp_path.glob("*model*"))
    assert not list(tmp_path.glob(".tmp*"))


def test_a_bit_that_was_flipped_once_is_fetched_again(hub, package, tmp_path):
    push(package, WRITE)
    hub.fail("GET", "/resolve/.*tokenizer.json", "flip")
    assert pull("alice/lamp", tmp_path / "model", WRITE).commit
    assert hub.faults[0].times == 0


@pytest.mark.parametrize(
    ("change", "kind", "words"),
    [
        (
            {"model.safetensors": None, "pytorch_model.bin": pickle.dumps(0)},
            "foreign",
            "only pytorch",
        ),
        ({"config.json": None}, "foreign", "no config.json"),
        ({"config.json": b'{"architectures": ["X"]}'}, "foreign", "does not name"),
        ({"config.json": b"[" * 65_537}, "too_big", "66 kB"),
        ({"tokenizer.json": b" " * 2_200_000}, "too_big", "tokenizer.json"),
        ({"tokenizer.json": b"{}"}, "foreign", "SHA-256"),
        ({"../../evil": b"x", "evil.py": b"x"}, None, ""),
    ],
)
def test_what_is_not_ours_is_refused_with_the_reason(hub, package, tmp_path, change, kind, words):
    push(package, WRITE)
    files = {**hub.files("alice/lamp"), **change}
    files = {name: data for name, data in files.items() if data is not None}
    hub.repositories["alice/lamp"].commit("main", files, "changed")
    if kind is None:
        pull("alice/lamp", tmp_path / "deep" / "model", WRITE)
        assert not [path for path in tmp_path.rglob("*") if "evil" in path.name]
        return
    trouble = trouble_of(pull, "alice/lamp", tmp_path / "model", WRITE)
    assert trouble.kind == kind
    assert words in str(trouble)
    assert not (tmp_path / "model").exists()


def test_missing_private_and_unknown_revision_are_told_apart_only_as_far_as_one_may(
    hub, package, tmp_path
):
    push(package, WRITE)
    unseen = [trouble_of(pull, name, tmp_path / "m", BOB) for name in ("alice/lamp", "alice/none")]
    assert {trouble.kind for trouble in unseen} == {"missing"}
    trouble = trouble_of(pull, "alice/lamp@v9", tmp_path / "m", WRITE)
    assert (trouble.kind, trouble.values["revision"]) == ("revision", "v9")


def test_a_private_model_that_one_visitor_pulled_is_not_served_to_another(hub, package, tmp_path):
    push(package, WRITE)
    mine = pull_run("alice/lamp", tmp_path, WRITE, owner="alice's browser")
    assert mine.record.owner == "alice's browser"
    for credential in (BOB, None):
        trouble = trouble_of(pull_run, "alice/lamp", tmp_path, credential, owner="another's")
        assert trouble.kind == "missing"
    again = pull_run("alice/lamp", tmp_path, WRITE, owner="alice's browser")
    assert again.path == mine.path
    assert len(list(tmp_path.glob("*/run.json"))) == 1


# -- Spaces --------------------------------------------------------------------------------------


def test_a_static_space_is_one_page_and_a_card(hub, tmp_path):
    space.static_files(tmp_path / "s", "<p>page</p>", "Lamp", "alice/lamp")
    done = space.publish_space("alice/lamp-demo", tmp_path / "s", WRITE)
    files = hub.files("spaces/alice/lamp-demo")
    assert files["index.html"] == b"<p>page</p>"
    head, _ = merge.split(files["README.md"].decode())
    assert (head["sdk"], head["models"]) == ("static", ["alice/lamp"])
    assert len(head["short_description"]) <= 60
    assert done.url == f"{hub.url}/spaces/alice/lamp-demo"
    assert space.publish_space("alice/lamp-demo", tmp_path / "s", WRITE).files == ()
    app = ("alice/lamp-demo", tmp_path / "s", WRITE)
    assert trouble_of(space.publish_space, *app, kind="gradio").kind == "other_kind"


def test_a_gradio_space_on_a_free_account_is_answered_with_the_free_way(hub, run, tmp_path):
    space.gradio_files(tmp_path / "s", run, "Lamp", None)
    trouble = trouble_of(space.publish_space, "alice/app", tmp_path / "s", WRITE, kind="gradio")
    assert trouble.kind == "plan"
    assert "static demo" in str(trouble)


def test_a_gradio_space_holds_the_whole_app_with_this_network_and_nothing_else(hub, run, tmp_path):
    space.gradio_files(tmp_path / "s", run, "Lamp", None)
    shown = RunFolder.open(tmp_path / "s" / "assets" / "bundled-run")
    torch.testing.assert_close(
        dict(shown.best_model().state_dict()), dict(run.best_model().state_dict())
    )
    assert (shown.record.name, shown.has_text()) == ("Lamp", False)
    space.publish_space("bob/app", tmp_path / "s", BOB, kind="gradio")
    files = set(hub.files("spaces/bob/app"))
    assert {"app.py", "requirements.txt", "README.md", "rnn_demo/network/model.py"} <= files
    unwanted = [name for name in files if "__pycache__" in name or name.startswith(("runs", "."))]
    assert unwanted == [".gitattributes"]


# -- autosave ------------------------------------------------------------------------------------


def test_an_autosave_is_resumed_elsewhere_to_the_bit(hub, run, tmp_path):
    assert autosave.save(run, "alice/auto", WRITE, include_text=True) == 40
    found = autosave.restore("alice/auto", tmp_path, WRITE, owner="me")
    assert (found.record.owner, found.text()) == ("me", TEXT)
    assert digests(found) == digests(run)
    before, after = run.newest_snapshot()[0], found.newest_snapshot()[0]
    assert before.record == after.record
    torch.testing.assert_close(after.tensors, before.tensors, rtol=0, atol=0)
    assert [e.to_json() for e in found.events()] == [e.to_json() for e in run.events()]


def test_an_autosave_without_its_text_wants_the_same_text_again(hub, run, tmp_path):
    autosave.save(run, "alice/auto", WRITE)
    assert not [name for name in hub.files("alice/auto") if "corpus" in name or "text" in name]
    for wrong in (None, TEXT + "!"):
        with pytest.raises(RunError, match="SHA-256"):
            autosave.restore("alice/auto", tmp_path, WRITE, corpus_text=wrong)
    assert autosave.restore("alice/auto", tmp_path, WRITE, corpus_text=TEXT).text() == TEXT


def test_an_autosave_never_goes_to_a_public_repository(hub, run, package):
    push(package, WRITE, private=False)
    trouble = trouble_of(autosave.save, run, "alice/lamp", WRITE)
    assert trouble.kind == "not_private"
    assert "run/run.json" not in hub.files("alice/lamp")


def test_an_autosave_names_no_owner(hub, run):
    autosave.save(run, "alice/auto", WRITE)
    assert json.loads(hub.files("alice/auto")["run/run.json"])["owner"] == ""


def test_an_autosaver_saves_once_more_when_the_run_rests_and_ends(hub, run):
    told = []
    saver = autosave.Autosave(run, "alice/auto", WRITE, minutes=60,
                              told=lambda *words: told.append(words))  # fmt: skip
    saver.start().thread.join(timeout=30)
    assert not saver.thread.is_alive()
    assert told == [("saved", 40)]
    saver.save_once()
    assert len(hub.titles("alice/auto")) == 2


def test_an_autosaver_survives_a_full_disk_and_says_so(hub, run, monkeypatch):
    def full(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(autosave, "save", full)
    saver = autosave.Autosave(run, "alice/auto", WRITE, minutes=60)
    saver.start().thread.join(timeout=30)
    assert saver.trouble.kind == "disk"
    assert saver.credential is None


def test_an_autosave_whose_plan_is_of_another_network_is_refused(hub, run, tmp_path):
    autosave.save(run, "alice/auto", WRITE, include_text=True)
    files = hub.repositories["alice/auto"].at("main")["files"]
    plan = json.loads(files["run/plan.json"])
    plan["model"]["hidden_size"] = 3500
    del plan["sha256"]
    files["run/plan.json"] = sealed(plan)
    with pytest.raises(DamagedError, match="another network"):
        autosave.restore("alice/auto", tmp_path / "runs", WRITE)


def test_an_autosave_that_is_not_sound_leaves_no_run_behind(hub, run, tmp_path, monkeypatch):
    autosave.save(run, "alice/auto", WRITE, include_text=True)
    monkeypatch.setattr(autosave, "PARTS", ())  # a checkpoint of files that nobody knows
    with pytest.raises(DamagedError):
        autosave.restore("alice/auto", tmp_path / "runs", WRITE)
    assert list((tmp_path / "runs").iterdir()) == []


# -- the token never shows itself ----------------------------------------------------------------

CANARY = next(iter(TOKENS))


def test_a_secret_does_not_print_compare_or_travel():
    secret = Secret(CANARY)
    assert CANARY not in f"{secret} {secret!r} {find_credential(typed=CANARY)!r}"
    with pytest.raises(TypeError):
        pickle.dumps(secret)


def test_a_trouble_that_quotes_a_token_blacks_it_out():
    assert CANARY not in str(HubTrouble("unknown", detail=f"Bearer {CANARY} was wrong"))


def test_no_token_in_files_logs_requests_to_storage_or_the_childs_environment(
    hub, run, tmp_path, monkeypatch, caplog, capfd
):
    monkeypatch.setenv("HF_TOKEN", CANARY)
    monkeypatch.setenv("SOMETHING", CANARY)
    caplog.set_level(logging.DEBUG)
    package = prepare(run, tmp_path / "package", "alice/lamp", MIT)
    push(package, WRITE)
    hub.fail("POST", "/commit/", status=500, times=99)
    autosaved = trouble_of(autosave.save, run, "alice/auto", WRITE, seconds=6)
    pull_run("alice/lamp", tmp_path / "runs", WRITE)
    assert CANARY not in "".join(client._environment(tmp_path).values())
    stored = [*run.path.rglob("*"), *tmp_path.rglob("*")]
    assert not [p for p in stored if p.is_file() and CANARY.encode() in p.read_bytes()]
    pushed = [d for r in hub.repositories.values() for c in r.commits for d in c["files"].values()]
    assert not [data for data in pushed if CANARY.encode() in data]
    out = capfd.readouterr()
    assert CANARY not in caplog.text + out.out + out.err + str(autosaved)
    assert not hub.storage_saw_a_token


def test_this_machines_login_is_used_only_where_it_is_allowed(monkeypatch):
    monkeypatch.setenv("HF_TOKEN", CANARY)
    assert find_credential() is None
    assert find_credential(allow_machine=True).source == "machine"
    assert (
        find_credential(oauth="hf_oauth_x", typed="hf_typed", allow_machine=True).source == "oauth"
    )


# -- from the command line -----------------------------------------------------------------------


def test_push_and_pull_from_the_command_line(hub, run, tmp_path):
    environment = {**os.environ, "HF_TOKEN": CANARY, "HF_HOME": str(tmp_path)}

    def command(*arguments: str) -> tuple[int, dict, str]:
        line = [sys.executable, "-m", "rnn_demo", *arguments]
        done = subprocess.run(
            [*line, "--runs", str(tmp_path / "runs"), "--json"],
            env=environment, capture_output=True, text=True, check=False, timeout=120,
        )  # fmt: skip
        return done.returncode, json.loads(done.stdout.splitlines()[-1]), done.stderr

    code, answer, _ = command("push", str(run.path), "alice/lamp", "--license", "mit")
    assert (code, answer["url"], answer["private"]) == (0, f"{hub.url}/alice/lamp", True)
    code, answer, _ = command("pull", "alice/lamp")
    assert (code, answer["name"]) == (0, "alice/lamp")
    assert RunFolder.open(answer["run"]).best_model().config == run.record.model
    pulled = answer["run"]
    code, answer, _ = command("resume", pulled, "--steps", "1")
    assert (code, f"train TEXT --from {pulled}" in answer["error"]) == (2, True)
    (tmp_path / "text.txt").write_text(TEXT, encoding="utf-8")
    code, answer, _ = command("train", str(tmp_path / "text.txt"), "--from", pulled, "--steps", "1")
    assert (code, RunFolder.open(answer["run"]).start_model()) == (0, run.record.model)
    code, answer, words = command("push", str(run.path), "bob/lamp", "--license", "mit")
    assert code == 2
    assert answer["error"] in words
    assert "may not create anything under bob" in words
