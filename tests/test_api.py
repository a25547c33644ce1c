"""The endpoints for scripts, through gradio_client and through raw HTTP as an attacker would."""

from __future__ import annotations

import time

import httpx
import pytest
from gradio_client import Client
from tiny import TEXT
from ui_app import ANNA, BERT, finished_run, serving

from rnn_demo.jobs.limits import Limits
from rnn_demo.ui.context import owner_of

CONTRACT = {
    "/train": ["text", "minutes", "cell", "secret"],
    "/status": ["run"],
    "/generate": ["run", "prompt", "temperature", "length", "seed"],
    "/evaluate": ["run", "text"],
    "/runs": ["secret"],
    "/stop": ["run", "secret"],
}


@pytest.fixture(scope="module")
def local(tmp_path_factory):
    with serving(tmp_path_factory.mktemp("local")) as (server, jobs):
        client = Client(server.url, verbose=False)
        yield client, jobs
        client.close()


@pytest.fixture(scope="module")
def public(tmp_path_factory):
    root = tmp_path_factory.mktemp("public")
    with serving(root, Limits.public(), public=True) as (server, jobs):
        client = Client(server.url, verbose=False)
        yield client, jobs, server
        client.close()


def until_ended(client, run, seconds=60):
    end = time.monotonic() + seconds
    while (status := client.predict(run, api_name="/status"))["state"] not in (
        "finished",
        "stopped",
    ):
        assert time.monotonic() < end, status
        assert status["state"] not in ("failed", "interrupted"), status
        time.sleep(0.1)
    return status


def test_the_endpoints_are_the_contract_and_nothing_else(local):
    client, _ = local
    found = client.view_api(return_format="dict")["named_endpoints"]
    names = {
        name: [parameter["parameter_name"] for parameter in endpoint["parameters"]]
        for name, endpoint in found.items()
    }
    assert names == CONTRACT


def test_a_script_trains_watches_writes_judges_and_lists(local):
    client, _ = local
    run = client.predict(TEXT, 0.02, "gru", api_name="/train")
    status = until_ended(client, run)
    assert status["validation_bits_per_char"] > 0
    assert status["step"] > 0
    first, second = (client.predict(run, "the ", 0.8, 50, 7, api_name="/generate") for _ in "ab")
    assert first == second
    assert len(first) == 50
    score = client.predict(run, TEXT[:500], api_name="/evaluate")
    assert 0 < score["bits_per_char"] < 10
    assert run in [each["id"] for each in client.predict(api_name="/runs")]


def test_a_script_stops_a_run(local):
    client, _ = local
    run = client.predict(TEXT, 5, "rnn", api_name="/train")
    client.predict(run, api_name="/stop")
    assert until_ended(client, run)["state"] == "stopped"


def test_a_mistake_is_explained(local):
    client, _ = local
    with pytest.raises(Exception, match="at least 200 are needed"):
        client.predict("too short", 1, "gru", api_name="/train")
    with pytest.raises(Exception, match=r"cell must be one of rnn, lstm, gru.*<transformer>"):
        client.predict(TEXT, 1, "<transformer>", api_name="/train")
    with pytest.raises(Exception, match="no such run"):
        client.predict("a" * 26, api_name="/status")


@pytest.mark.parametrize(
    ("endpoint", "arguments"),
    [
        ("/train", (TEXT, True)),
        ("/train", (TEXT, "0.02")),
        ("/train", (TEXT, [1])),
        ("/train", (None,)),
        ("/evaluate", ("bundled", None)),
        ("/generate", ("bundled", 5)),
        ("/generate", ("bundled", "x", "y")),
    ],
)
def test_an_argument_of_a_wrong_kind_is_explained_and_leaves_nothing(local, endpoint, arguments):
    client, jobs = local
    before = set(jobs.root.iterdir())
    with pytest.raises(Exception, match="must be"):
        client.predict(*arguments, api_name=endpoint)
    assert set(jobs.root.iterdir()) == before


@pytest.mark.parametrize("run", ["../../etc", "", ".", "a" * 300, "%2e%2e", "A" * 26, "\0" * 26])
def test_a_run_is_never_a_path(local, run):
    client, _ = local
    with pytest.raises(Exception, match="no such run"):
        client.predict(run, api_name="/status")


def test_on_a_public_server_a_secret_owns_and_others_only_read(public):
    client, jobs, _ = public
    run = finished_run(jobs, owner_of(ANNA))
    assert [each["id"] for each in client.predict(ANNA, api_name="/runs")] == [run]
    assert client.predict(BERT, api_name="/runs") == []
    assert client.predict(api_name="/runs") == []
    assert client.predict(run, api_name="/status")["state"] == "finished"
    with pytest.raises(Exception, match="no such run"):
        client.predict(run, BERT, api_name="/stop")


def test_the_caps_of_a_public_server_hold_for_scripts(public):
    client, _, _ = public
    with pytest.raises(Exception, match="At most 15 minutes"):
        client.predict(TEXT, 60, "gru", ANNA, api_name="/train")
    with pytest.raises(Exception, match="4,000"):
        client.predict("bundled", "", 1, 100_000, 1, api_name="/generate")


def call(server, index, data):
    """Any event by its number, as the page would call it; answers the queue's last message."""
    with httpx.Client(base_url=server.url, timeout=20) as http:
        body = {"data": data, "fn_index": index, "session_hash": "s" * 10, "event_data": None}
        joined = http.post("/gradio_api/queue/join", json=body)
        if joined.status_code != 200:
            return joined.text
        with http.stream(
            "GET", "/gradio_api/queue/data", params={"session_hash": "s" * 10}
        ) as lines:
            for line in lines.iter_lines():
                if "process_completed" in line or "unexpected_error" in line:
                    return line
    return ""


def test_private_events_check_the_caller_as_well(public):
    client, jobs, server = public
    run = finished_run(jobs, owner_of(ANNA), "keep me")
    config = client.config
    inputs = {d["id"]: d["inputs"] for d in config["dependencies"] if d["targets"]}
    stranger = {"secret": BERT, "language": "en"}
    for index, parts in inputs.items():
        if 0 < len(parts) <= 4:
            call(server, index, [stranger, run, 1.0, None][: len(parts)])
    assert jobs.open(run).record.name == "keep me"
    assert str(jobs.status(run).state) == "finished"


def test_what_gradio_offers_beyond_the_app_is_closed(public):
    _, _, server = public
    with httpx.Client(base_url=server.url) as http:
        for path in (
            "/gradio_api/file=https://example.org/",
            "/gradio_api/deep_link?session_hash=s",
            "/monitoring/summary",
            "/docs",
            "/openapi.json",
        ):
            assert http.get(path).status_code in (401, 403, 404), path
        assert http.get("/gradio_api/file=/etc/passwd").status_code in (403, 404)
        runs = str(server.profile.runs)
        assert http.get(f"/gradio_api/file={runs}/run.json").status_code in (403, 404)
        big = http.post("/gradio_api/queue/join", content=b"x" * (25 << 20))
        assert big.status_code == 413


def test_who_gives_no_secret_is_known_by_their_address_and_lists_nothing(public):
    client, jobs, _ = public
    run = client.predict(TEXT, 0.5, "gru", api_name="/train")
    assert client.predict(api_name="/runs") == []
    assert client.predict(run, api_name="/stop")["state"] in ("stopping", "stopped")
    until_ended(client, run)
    assert jobs.open(run).record.owner, "it counts for somebody"
