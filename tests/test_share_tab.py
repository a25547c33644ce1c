"""The Share tab: who may push what, with whose token, and what the page then says."""

import threading
import zipfile
from dataclasses import replace
from types import SimpleNamespace

import pytest
from hub_server import TOKENS, HubServer
from hub_subjects import tiny_run
from ui_app import ANNA, BERT, context

from rnn_demo import bundle
from rnn_demo.errors import RunError
from rnn_demo.hub.client import Phase
from rnn_demo.hub.trouble import HubTrouble
from rnn_demo.runs.record import new_id
from rnn_demo.ui.context import owner_of
from rnn_demo.ui.share.tab import ShareTab
from rnn_demo.ui.sharing import follow, words_of
from rnn_demo.ui.texts import literal

ALICE, READ, _, BOB = TOKENS
ME = {"language": "en"}
VISITORS = {"anna": {"secret": ANNA}, "bert": {"secret": BERT}}


@pytest.fixture
def hub(monkeypatch):
    with HubServer() as server:
        monkeypatch.setenv("HF_ENDPOINT", server.url)
        monkeypatch.setenv("HF_HUB_DISABLE_XET", "1")
        monkeypatch.delenv("HF_TOKEN", raising=False)
        yield server


@pytest.fixture
def local(tmp_path):
    """The tab of a person at this machine, and the id of a run."""
    run = tiny_run(tmp_path / "runs" / new_id())
    with context(tmp_path / "runs") as found:
        yield ShareTab(found), run.id


@pytest.fixture
def public(tmp_path):
    """The tab on a server for visitors, and the id of Anna's run."""
    run = tiny_run(tmp_path / "runs" / new_id())
    run.rewrite(owner=owner_of(ANNA))
    with context(tmp_path / "runs", public=True) as found:
        yield ShareTab(found), run.id


def form(run_id: str, **changes: object) -> list[object]:
    fields = {"run": run_id, "account": "alice", "name": "lamp", "seen": "private"}
    fields |= {"license": "mit", "language": "en", "title": "", "text": False, "request": False}
    return list((fields | changes).values())


def last_words(steps) -> str:
    """What stands there at the end: words, or what was there before an update without words."""
    said = [step[0] for step in steps]
    return [words for words in said if isinstance(words, str)][-1]


def test_a_push_tells_its_phases_its_limit_and_where_it_went(hub, local):
    tab, run_id = local
    steps = [step[0] for step in tab.pushing.push(None, ME, ALICE, *form(run_id))]
    said = [words for words in steps if isinstance(words, str)]
    assert any("Sending" in words and "s of at most" in words for words in said)
    assert f"[alice/lamp]({hub.url}/alice/lamp)" in said[-1]
    assert 'load("alice/lamp")' in said[-1]
    assert hub.repositories["alice/lamp"].private


def test_a_trouble_stays_on_the_page_and_everything_is_kept(hub, local):
    tab, run_id = local
    words = last_words(tab.pushing.push(None, ME, "", *form(run_id)))
    assert "You are not signed in" in words
    assert "download it as a zip" in words
    chinese = last_words(tab.pushing.push(None, {"language": "zh"}, "", *form(run_id)))
    assert "你还没有登录" in chinese


def test_without_a_license_nothing_is_sent(hub, local):
    tab, run_id = local
    words = last_words(tab.pushing.push(None, ME, ALICE, *form(run_id, license=None)))
    assert "Choose a license" in words
    assert not hub.repositories


def test_the_preview_shows_every_file_and_sends_nothing(hub, local):
    tab, run_id = local
    *_, shown = tab.pushing.preview(None, ME, ALICE, *form(run_id))
    summary, _, picture, card, _, source, *_ = shown
    assert "`model.safetensors`" in summary
    assert "It will be created" in summary
    assert picture.size == (1200, 600)
    assert "# Lamp" in card
    assert source.startswith("---\nlicense: mit")
    assert not hub.repositories


def test_the_preview_of_a_second_push_shows_the_card_as_it_will_be(hub, local):
    tab, run_id = local
    list(tab.pushing.push(None, ME, ALICE, *form(run_id)))
    repository = hub.repositories["alice/lamp"]
    files = hub.files("alice/lamp")
    card = files["README.md"] + b"\nMine.\n"
    repository.commit("main", files | {"README.md": card}, "by hand")
    *_, shown = tab.pushing.preview(None, ME, ALICE, *form(run_id))
    summary, source = shown[0], shown[5]
    assert "It is there already" in summary
    assert source.endswith("Mine.\n")


def test_somebody_elses_repository_is_offered_a_pull_request_with_one_more_click(hub, local):
    tab, run_id = local
    list(tab.pushing.push(None, ME, ALICE, *form(run_id, seen="public")))
    *_, shown = tab.pushing.preview(None, ME, BOB, *form(run_id, title="Bob's"))
    assert "belongs to somebody else" in shown[0]
    assert shown[-1].value is True
    *_, refused = tab.pushing.push(None, ME, BOB, *form(run_id, title="Bob's"))
    assert "press Push again" in refused[0]
    assert refused[-1].value is True
    words = last_words(tab.pushing.push(None, ME, BOB, *form(run_id, title="B", request=True)))
    assert "pull request" in words
    assert len(hub.repositories["alice/lamp"].discussions) == 1


def test_a_preview_needs_no_network(local, monkeypatch):
    tab, run_id = local
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    *_, shown = tab.pushing.preview(None, ME, ALICE, *form(run_id))
    summary = shown[0]
    assert "cannot be reached" in summary
    assert "alice/lamp" in summary


def test_the_zip_holds_the_bundle(local):
    tab, run_id = local
    file = tab.pushing.bundle_zip(ME, *form(run_id, license=None))
    with zipfile.ZipFile(file.value["path"]) as archive:
        assert {bundle.CONFIG, bundle.WEIGHTS, bundle.SAMPLES} <= set(archive.namelist())
        assert bundle.TEXT not in archive.namelist()


def test_one_html_page_holds_the_network(local):
    tab, run_id = local
    page = tab.demos.one_page(ME, run_id).value["path"]
    assert page.endswith("lamp.html")


# -- sign-in -------------------------------------------------------------------------------------


def test_the_page_says_who_is_signed_in_and_where_pushes_go(hub, local):
    tab, _ = local
    words, accounts = tab.show_account(None, ME, ALICE)
    assert "Signed in as **alice** (by the token below). Pushes go to alice, acme." in words
    assert accounts.choices == [("alice", "alice"), ("acme", "acme")]
    asked = len(hub.asked)
    tab.show_account(None, ME, ALICE)
    assert len(hub.asked) == asked  # remembered: the Hub limits this question
    assert "only read" in tab.show_account(None, ME, READ)[0]
    assert "does not know this token" in tab.show_account(None, ME, "hf_wrong_wrong_wrong")[0]


def test_this_machines_login_serves_the_person_at_it(hub, local, monkeypatch):
    tab, run_id = local
    monkeypatch.setenv("HF_TOKEN", ALICE)
    assert "this computer's login" in tab.show_account(None, ME, "")[0]
    assert "Done" in last_words(tab.pushing.push(None, ME, "", *form(run_id)))


def test_this_machines_login_never_serves_a_visitor(hub, public, monkeypatch):
    tab, run_id = public
    monkeypatch.setenv("HF_TOKEN", ALICE)
    anna = VISITORS["anna"]
    words, _ = tab.show_account(None, anna, "")
    assert "Not signed in" in words
    assert "hf auth login" not in words
    assert "not signed in" in last_words(tab.pushing.push(None, anna, "", *form(run_id)))
    assert not hub.repositories


def test_on_a_space_the_visitors_own_sign_in_counts(hub, public):
    tab, run_id = public
    oauth = SimpleNamespace(token=ALICE)
    assert "through this Space" in tab.show_account(oauth, VISITORS["anna"], "")[0]
    words = last_words(tab.pushing.push(oauth, VISITORS["anna"], "", *form(run_id)))
    assert "Done" in words


def test_gradio_hands_the_sign_in_to_every_handler_that_needs_it(local):
    from gradio.helpers import special_args  # noqa: PLC0415

    tab, _ = local
    for handler in (tab.show_account, tab.pushing.push, tab.pushing.preview, tab.demos.publish,
                    tab.loading.load, tab.loading.restore, tab.saving.start_autosave):  # fmt: skip
        assert special_args(handler, ["who", *"abcdefg"])[0][:3] == [None, "who", "a"]


# -- whose run it is -----------------------------------------------------------------------------


def test_a_visitor_pushes_only_runs_of_their_own(hub, public):
    tab, run_id = public
    bert = VISITORS["bert"]
    for run in (run_id, new_id(), "../x", None):
        words = last_words(tab.pushing.push(None, bert, BOB, *form(run, account="bob")))
        assert "no such run, or it is not yours" in words
    with pytest.raises(Exception, match="not yours"):
        tab.pushing.bundle_zip(bert, *form(run_id))
    (refused,) = tab.saving.start_autosave(None, bert, BOB, run_id, "bob", "x", 5, False)
    assert "not yours" in refused[0]
    assert not hub.repositories


def test_a_loaded_model_belongs_to_the_visitor_who_loaded_it(hub, public):
    tab, run_id = public
    anna, bert = VISITORS["anna"], VISITORS["bert"]
    list(tab.pushing.push(None, anna, ALICE, *form(run_id)))
    loaded = [step for step in tab.loading.load(None, anna, ALICE, "alice/lamp")][-1][0]
    assert tab.context.jobs.open(loaded, owner_of(ANNA)).record.name == "alice/lamp"
    assert tab.context.writers.get(loaded).copied("Not known, as the text is not here.") is None
    with pytest.raises(RunError, match="not yours"):
        tab.context.jobs.open(loaded, owner_of(BERT))
    words = [step[1] for step in tab.loading.load(None, bert, BOB, "alice/lamp")][-1]
    assert "There is no alice/lamp that you can see" in words


def test_a_visitor_loads_no_more_and_nothing_larger_than_the_server_has_room_for(hub, public):
    tab, run_id = public
    anna = VISITORS["anna"]
    list(tab.pushing.push(None, anna, ALICE, *form(run_id)))
    jobs = tab.context.jobs
    jobs.limits = replace(jobs.limits, parameters=100)
    words = [step[1] for step in tab.loading.load(None, anna, ALICE, "alice/lamp")][-1]
    assert "at most 1 kB are loaded" in words
    jobs.runs.limits = replace(jobs.limits, runs_per_owner=1)
    words = [step[1] for step in tab.loading.load(None, anna, ALICE, "alice/lamp")][-1]
    assert "1 runs" in words
    assert len(list(jobs.root.glob("*/run.json"))) == 1


def test_an_autosave_shows_what_it_does_and_can_be_restored(hub, local):
    tab, run_id = local
    steps = tab.saving.start_autosave(None, ME, ALICE, run_id, "alice", "auto", 5, True)
    assert "The first save is under way" in next(steps)[0]
    (saved,) = steps
    assert "autosave has ended. Last saved: step 40" in saved[0]
    assert "Last saved: step 40" in tab.saving.show_autosave(ME, run_id)[0]
    restored = list(tab.loading.restore(None, ME, ALICE, "alice/auto", None))[-1]
    assert "restored at step 40" in restored[1]
    assert tab.context.jobs.open(restored[0], "local").text()


def test_a_demo_is_published(hub, local):
    tab, run_id = local
    words = last_words(
        tab.demos.publish(None, ME, ALICE, run_id, "alice", "demo", "static", "lamp")
    )
    assert f"{hub.url}/spaces/alice/demo" in words
    assert b"<html" in hub.files("spaces/alice/demo")["index.html"]
    words = last_words(tab.demos.publish(None, ME, ALICE, run_id, "alice", "app", "gradio", "lamp"))
    assert "static demo instead" in words


# -- words ---------------------------------------------------------------------------------------


def test_names_from_elsewhere_are_not_markup_in_the_page():
    hostile = "<img src=x onerror=alert(1)> [a](javascript:b) `c`"
    assert not set(literal(hostile)) & set("<>[]`")
    assert "<img" not in words_of(HubTrouble("foreign", detail=hostile), "en")


def test_an_errand_goes_on_when_the_page_is_closed():
    go, done = threading.Event(), threading.Event()

    def work(tell):
        tell(Phase("looking"))
        go.wait(10)
        done.set()

    steps = follow(work, "en")
    assert next(steps)[0].startswith("Looking")
    steps.close()
    go.set()
    assert done.wait(10)
