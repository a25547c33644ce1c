"""Keep a long run safe on the Hub, and go on with it elsewhere: a free Space forgets its disk.

Unlike a push, an autosave holds all that is needed to go on to the bit: the newest checkpoint with
optimizer and random state. It only ever goes to a private repository. The text goes along only if
the person ticks it; without it, going on needs the same text again, held against its SHA-256.
"""

from __future__ import annotations

import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import replace as changed
from pathlib import Path
from typing import Any

from rnn_demo import bundle
from rnn_demo.bundle.facts import facts
from rnn_demo.errors import DamagedError, RnnDemoError, RunError
from rnn_demo.events import Event, from_json
from rnn_demo.hub import merge
from rnn_demo.hub.address import parse
from rnn_demo.hub.card import plain
from rnn_demo.hub.client import Progress, deadline_for, run_errand
from rnn_demo.hub.credential import Credential
from rnn_demo.hub.pull import at_most, pull
from rnn_demo.hub.trouble import HubTrouble
from rnn_demo.messages.message import Message
from rnn_demo.runs import files
from rnn_demo.runs.checkpoint import RunFolder
from rnn_demo.runs.record import RunRecord, new_id
from rnn_demo.runs.store import Store, read_folder

RUN = "run"  # the folder in the repository
PARTS = ("model.safetensors", "optimizer.safetensors", "random.safetensors", "state.json",
         "MANIFEST.json")  # fmt: skip
MB = 1 << 20
LIMITS = bundle.LIMITS | {
    **{f"{RUN}/{name}": MB for name in ("run.json", "plan.json")},
    **{f"{RUN}/{name}": 64 * MB for name in ("events.jsonl", "corpus.txt")},
    **{f"{RUN}/{place}/{name}": 1024 * MB for place in ("checkpoint", "best") for name in PARTS},
}
CARD = """
{begin}

# {name}, in training

This is the state of a run of rnn-demo at step {step:,}, saved so that it can go on elsewhere:

```sh
python -m rnn_demo restore {repo_id}
```

{end}
"""


def save(
    run: RunFolder,
    repo_id: str,
    credential: Credential | None,
    *,
    include_text: bool = False,
    progress: Progress | None = None,
    seconds: float | None = None,
) -> int:
    """Save where a run stands to a private repository; returns the step that was saved."""
    repo_id = parse(repo_id).repo_id
    with tempfile.TemporaryDirectory(prefix="rnn-demo-autosave-") as place:
        folder = Path(place)
        step = _write(run, folder, repo_id, include_text)
        size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
        run_errand(
            "push",
            credential,
            seconds=seconds or deadline_for(size),
            progress=progress,
            repo_id=repo_id,
            folder=place,
            message=f"Autosave at step {step}",
            only_private=True,
            obsolete=tuple(LIMITS),
        )
    return step


def restore(
    text: str,
    runs: Path,
    credential: Credential | None,
    *,
    owner: str = "",
    corpus_text: str | None = None,
    largest: int | None = None,
    progress: Progress | None = None,
    seconds: float | None = None,
) -> RunFolder:
    """An autosave as a run folder under a fresh id, ready to be resumed; no file of it is larger
    than `largest` bytes."""
    limits = at_most(largest, LIMITS)
    with tempfile.TemporaryDirectory(prefix="rnn-demo-restore-") as place:
        folder = Path(place) / "saved"
        pulled = pull(text, folder, credential, limits=limits, progress=progress, seconds=seconds)
        saved = folder / RUN
        if not (saved / "run.json").is_file():
            detail = Message("hub.no.run")
            raise HubTrouble("foreign", repo=pulled.address.repo_id, detail=detail)
        plan = saved / "plan.json"
        record = RunRecord.from_json(
            files.read_sealed(saved / "run.json"),
            files.read_sealed(plan) if plan.exists() else None,
        )
        if record.model not in (None, pulled.bundle.config):
            raise DamagedError("hub.plan.other")
        record = changed(record, id=new_id(), owner=owner, key="")
        content = _text(saved / "corpus.txt", corpus_text, record.text_sha256)
        told = _events(saved / "events.jsonl")
        run = RunFolder.create(Path(runs) / record.id, record, content)
        with run.filled():
            run.save_tokenizer(pulled.bundle.tokenizer)
            if record.model and record.train:
                run.save_plan(record.model, record.train, list(record.reasons))
            _copy(saved / "checkpoint", run.checkpoints)
            _copy(saved / "best", run.best)
            for event in told:
                run.append(event)
        return run


class Autosave:
    """Saves a run again and again, in a thread that holds the credential, until the run rests."""

    def __init__(
        self,
        run: RunFolder,
        repo_id: str,
        credential: Credential,
        *,
        minutes: float,
        include_text: bool = False,
        told: Callable[[str, Any], None] = lambda what, value: None,
    ) -> None:
        self.run, self.repo_id = run, parse(repo_id).repo_id
        self.credential: Credential | None = credential
        self.seconds, self.include_text, self.told = 60 * minutes, include_text, told
        self.saved_step = -1
        self.saved_at = 0.0  # seconds since 1970
        self.trouble: RnnDemoError | None = None  # of the last try
        self.tried = threading.Event()  # once the first save has gone well or not
        self.stopping = threading.Event()
        self.thread = threading.Thread(target=self._work, name="autosave", daemon=True)

    def start(self) -> Autosave:
        self.thread.start()
        return self

    def stop(self) -> None:
        """No further save; one under way comes to its end."""
        self.stopping.set()

    def _work(self) -> None:
        while True:
            rests = not self.run.alive()
            try:
                self.save_once()
            finally:
                self.tried.set()
            if rests or self.stopping.wait(self.seconds):
                self.credential = None  # who asks for how it went keeps this object
                return

    def save_once(self) -> None:
        """Save if there is a newer checkpoint. A trouble is kept; the next try may go well."""
        steps = self.run.checkpoints.steps()
        if not steps or steps[0] == self.saved_step:
            return
        try:
            self.saved_step = save(
                self.run, self.repo_id, self.credential, include_text=self.include_text
            )
        except OSError as error:
            self._note(HubTrouble("disk", detail=error.strerror))
        except RnnDemoError as error:
            self._note(error)
        else:
            self.trouble, self.saved_at = None, time.time()
            self.told("saved", self.saved_step)

    def _note(self, trouble: RnnDemoError) -> None:
        self.trouble = trouble
        self.told("trouble", trouble)


def _write(run: RunFolder, folder: Path, repo_id: str, include_text: bool) -> int:
    """Everything of the run's newest checkpoint, and the best weights as a model of their own."""
    words, record = run.tokenizer(), run.record
    bundle.save_model(folder, run.best_model(), words, facts(run))
    saved = folder / RUN
    step = -1
    for store, name in ((run.checkpoints, "checkpoint"), (run.best, "best")):
        newest = store.steps()[:1]
        if not newest:
            continue
        contents, manifest = read_folder(store.path(newest[0]))
        (saved / name).mkdir(parents=True)
        for part, data in contents.items():
            (saved / name / part).write_bytes(data)
        (saved / name / "MANIFEST.json").write_bytes(files.sealed(manifest))
        step = max(step, newest[0] if name == "checkpoint" else -1)
    if step < 0:
        raise RunError("autosave.early")
    anonymous = changed(record, owner="", key="")
    (saved / "run.json").write_bytes(files.sealed(anonymous.to_json()))
    (saved / "plan.json").write_bytes((run.path / "plan.json").read_bytes())
    lines = [event.to_json() for event in run.events()]
    (saved / "events.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    if include_text:
        (saved / "corpus.txt").write_text(run.text(), encoding="utf-8", newline="")
    name = plain(record.name or "A run")
    body = CARD.format(begin=merge.BEGIN, end=merge.END, name=name, step=step, repo_id=repo_id)
    head = {"library_name": "rnn-demo", "tags": ["rnn-demo-autosave"]}
    (folder / "README.md").write_text(merge.join(head, body), encoding="utf-8")
    return step


def _events(path: Path) -> list[Event]:
    """Each event of an autosave; all of them must be sound."""
    if not path.is_file():
        raise DamagedError("file.missing", name=path.name)
    lines = path.read_text(encoding="utf-8", errors="replace").split("\n")
    return [from_json(line) for line in lines if line]


def _copy(saved: Path, store: Store) -> None:
    """A checkpoint out of an autosave into a run folder, held against its manifest."""
    if not saved.is_dir():
        return
    contents, manifest = read_folder(saved)
    if not set(contents) <= set(PARTS) or type(manifest.get("step")) is not int:
        raise DamagedError("autosave.kind")
    about = {name: value for name, value in manifest.items() if name not in ("files", "format")}
    store.save(about.pop("step"), contents, about)


def _text(path: Path, given: str | None, wanted: str) -> str:
    """The text of the run: saved along, or given again, but in any case the same."""
    if given is not None:
        found = given
    elif path.is_file():
        found = path.read_text(encoding="utf-8", errors="replace")
    else:
        raise RunError("autosave.textless", digest=wanted)
    if files.sha256(found.encode("utf-8")) != wanted:
        raise RunError("autosave.text", digest=wanted)
    return found
