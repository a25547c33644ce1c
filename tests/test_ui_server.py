"""The server around the page: its own routes, its start, its two profiles."""

from __future__ import annotations

import asyncio
import inspect
import os
import socket
from pathlib import Path

import httpx
import pytest
from gradio import queueing
from ui_app import finished_run, serving

from rnn_demo.cli import main
from rnn_demo.errors import ConfigError
from rnn_demo.jobs.limits import Limits
from rnn_demo.ui import bundled
from rnn_demo.ui.environment import QUIET
from rnn_demo.ui.profile import BUNDLED_RUN, choose_profile
from rnn_demo.ui.routes import script, style
from rnn_demo.ui.server import bind
from rnn_demo.ui.serving import limits, port_of

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def app(tmp_path_factory):
    """(a client of the running server, its jobs)"""
    root = tmp_path_factory.mktemp("runs")
    with serving(root) as (server, jobs), httpx.Client(base_url=server.url) as http:
        yield http, jobs


def test_health_says_enough_and_nothing_about_runs(app):
    http, _ = app
    answer = http.get("/health").json()
    assert set(answer) == {"version", "active", "queued", "disk_free"}


def test_the_page_loads_our_style_and_script_before_gradios(app):
    http, _ = app
    page = http.get("/").text
    assert page.index("page/") < page.index("assets/index")
    for part in ("css", "js"):
        name = page.split(f".{part}")[0].rsplit("page/", 1)[1]
        answer = http.get(f"/page/{name}.{part}")
        assert answer.status_code == 200
        assert "immutable" in answer.headers["cache-control"]


def test_plotly_comes_from_this_machine(app):
    http, _ = app
    answer = http.get("/page/plotly.js")
    assert len(answer.content) > 1_000_000
    assert http.get("/page/other.txt").status_code == 404


def test_the_live_route_answers_with_columns_and_then_news(app):
    http, jobs = app
    run = finished_run(jobs)
    first = http.get(f"/live/{run}").json()
    assert first["reset"]
    assert first["run"]["state"] == "finished"
    assert first["run"]["clip_norm"] > 0
    assert len(first["progress"]["step"]) == len(first["progress"]["nats"]) > 0
    more = http.get(f"/live/{run}?since={first['next']}&epoch={first['epoch']}").json()
    assert not more["reset"]
    assert more["progress"]["step"] == []
    assert http.get("/live/bundled").status_code == 200


def test_a_page_that_arrives_is_told_its_run_before_it_says_who_asks(app):
    http, jobs = app
    run = finished_run(jobs)
    answer = http.get("/live").json()
    assert answer["run"]["id"] == run
    assert answer["facts"]["device"]
    assert http.get("/live?known=bundled").json()["run"]["id"] == run  # of this computer: known


def test_a_stranger_is_told_the_run_that_their_browser_names_and_no_other(tmp_path):
    with (
        serving(tmp_path, public=True) as (server, jobs),
        httpx.Client(base_url=server.url) as http,
    ):
        run = finished_run(jobs)
        assert http.get("/live").json()["run"]["id"] == "bundled"
        assert http.get(f"/live?known={run}").json()["run"]["id"] == run
        assert http.get("/live?known=..%2f").status_code == 404


@pytest.mark.parametrize("run", ["a" * 26, "..%2f..", "x"])
def test_the_live_route_knows_only_runs(app, run):
    http, _ = app
    assert http.get(f"/live/{run}").status_code == 404


@pytest.mark.parametrize("query", ["since=x", "since=1e9", "epoch=abc"])
def test_the_live_route_takes_only_whole_numbers(app, query):
    http, _ = app
    assert http.get(f"/live/bundled?{query}").status_code == 422


def test_behind_a_password_only_health_and_the_login_are_open(tmp_path):
    with (
        serving(tmp_path, public=True, share=True) as (server, _),
        httpx.Client(base_url=server.url) as http,
    ):
        assert http.get("/health").status_code == 200
        assert http.get("/live/bundled").status_code == 401
        assert http.get("/live").status_code == 401
        assert http.post("/login", data={"username": "rnn", "password": "no"}).status_code == 400
        login = {"username": "rnn", "password": server.password}
        assert http.post("/login", data=login).status_code == 200
        assert http.get("/live/bundled").status_code == 200
    assert len(server.password) >= 16


@pytest.mark.parametrize(
    ("options", "public"),
    [
        ({"host": "127.0.0.1"}, False),
        ({"host": "localhost"}, False),
        ({"host": "0.0.0.0"}, True),
        ({"host": "192.168.1.5"}, True),
        ({"host": "127.0.0.1", "share": True}, True),
    ],
)
def test_any_way_in_from_outside_makes_the_app_public(options, public, tmp_path, monkeypatch):
    monkeypatch.delenv("SPACE_ID", raising=False)
    assert choose_profile(runs=str(tmp_path), **options).public is public


def test_a_space_is_public_and_says_that_its_disk_forgets(monkeypatch):
    monkeypatch.setenv("SPACE_ID", "someone/something")
    profile = choose_profile(host="127.0.0.1")
    assert profile.public
    assert profile.kept is (profile.runs.parts[1] == "data")


def test_a_folder_that_cannot_be_written_is_named_at_the_start(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigError, match="--runs"):
        choose_profile(host="127.0.0.1", runs=str(tmp_path / "file" / "runs"))


def test_limits_come_from_profile_environment_and_option(monkeypatch):
    monkeypatch.setenv("RNN_DEMO_QUEUE", "3")
    assert limits("minutes=5", public=True).minutes == 5
    assert limits("minutes=5", public=True).queue == 3
    assert limits("", public=False).minutes == Limits().minutes
    for wrong in ("minutes=many", "speed=5"):
        with pytest.raises(ConfigError, match="--limits"):
            limits(wrong, public=True)


def test_a_port_is_a_port():
    assert (port_of(None), port_of("0")) == (None, 0)
    for wrong in ("x", "-1", "70000"):
        with pytest.raises(ConfigError):
            port_of(wrong)


def test_small_answers_do_not_wait_for_the_one_before_to_be_acknowledged():
    async def is_immediate() -> bool:
        found = asyncio.get_running_loop().create_future()

        async def answer(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            connection = writer.get_extra_info("socket")
            found.set_result(connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
            writer.close()

        listening = bind("127.0.0.1", 0)
        async with await asyncio.start_server(answer, sock=listening):
            _, writer = await asyncio.open_connection(*listening.getsockname())
            immediate = bool(await found)
            writer.close()
        return immediate

    assert asyncio.run(is_immediate())


def test_a_port_that_is_taken_is_named_and_without_a_wish_another_is_found():
    with bind("127.0.0.1", 0) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(ConfigError, match=str(port)):
            bind("127.0.0.1", port)
    with bind("127.0.0.1", None) as one, bind("127.0.0.1", None) as other:
        assert one.getsockname() != other.getsockname()


def test_a_wrong_option_ends_with_code_2(capsys):
    assert main(["serve", "--limits", "nonsense=1"]) == 2
    assert "unknown limit" in capsys.readouterr().err


def test_gradios_queue_still_has_the_pause_that_we_lengthen():
    """A private name: when it goes, an idle server takes a share of the core from training."""
    assert "sleep(self.sleep_when_free)" in inspect.getsource(queueing.Queue)


def test_gradio_is_told_to_be_quiet_before_it_is_imported():
    assert all(os.environ.get(name) for name in QUIET)


def test_our_scripts_never_write_html_and_never_leave_this_machine():
    source = script().decode() + style().decode()
    for word in (
        "innerHTML",
        "outerHTML",
        "insertAdjacentHTML",
        "document.write",
        "eval(",
        "https://",
    ):
        assert word not in source.replace("https://huggingface.co", ""), word


def test_the_bundled_run_is_small_and_has_no_training_text():
    names = {path.name for path in BUNDLED_RUN.rglob("*") if path.is_file()}
    assert sum(p.stat().st_size for p in BUNDLED_RUN.rglob("*") if p.is_file()) <= 2 << 20
    assert {"run.json", "plan.json", "events.jsonl", "model.safetensors"} <= names
    assert "corpus.txt" not in names
    assert '"owner": ""' in (BUNDLED_RUN / "run.json").read_text()


def test_a_bundled_run_is_made_from_any_finished_run(app, tmp_path):
    _, jobs = app
    folder = bundled.keep(jobs.open(finished_run(jobs)).path, tmp_path / "kept")
    assert not (folder / "corpus.txt").exists()
    assert not (folder / "checkpoints").exists()
