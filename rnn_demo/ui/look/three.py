"""RNN, LSTM and GRU trained on one text by one button: started, watched, found again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rnn_demo.config import CELLS, RunConfig
from rnn_demo.errors import RnnDemoError, RunError
from rnn_demo.runs.states import ACTIVE, RunState, Status
from rnn_demo.text import corpus
from rnn_demo.ui.look.asked import Asked, Part, hint
from rnn_demo.ui.texts import say

if TYPE_CHECKING:
    from rnn_demo.text.corpus import Corpus

STEPS, HIDDEN, EMBEDDING, BATCH, LENGTH = 1200, 128, 32, 32, 128
ENOUGH = 5000  # characters of a pasted text that can be trained on
SAMPLE = "fables"  # for a network that came without its text


@dataclass(frozen=True)
class Trio:
    """The visitor's runs of the three cells on one text, as far as there are any."""

    text: Corpus
    runs: dict[str, Status]  # by cell

    @property
    def ready(self) -> bool:
        return len(self.runs) == len(CELLS) and all(
            run.state == RunState.FINISHED for run in self.runs.values()
        )

    @property
    def busy(self) -> bool:
        return any(run.state in ACTIVE for run in self.runs.values())


def find(asked: Asked) -> Trio:
    """What there is; a run that failed or was stopped does not count."""
    text = _text(asked)
    wanted = {_name(text, cell): cell for cell in CELLS}
    found: dict[str, Status] = {}
    for status in asked.context.jobs.list(asked.visitor.owner):  # the newest first
        cell = wanted.get(status.name)
        usable = status.state in ACTIVE or status.state == RunState.FINISHED
        if cell and cell not in found and usable and _reads(asked, status.id, text):
            found[cell] = status
    return Trio(text, {cell: found[cell] for cell in CELLS if cell in found})


def start(asked: Asked) -> Trio:
    """Begin what is missing. Raises RunError, LimitError."""
    owner = asked.visitor.owner
    if not owner:
        raise RunError("run.identity")
    trio = find(asked)
    jobs = asked.context.jobs
    wanted = [
        RunConfig(
            name=_name(trio.text, cell), cell=cell, steps=STEPS, hidden=HIDDEN,
            embedding=EMBEDDING, layers=1, batch=BATCH, length=LENGTH,
            tokenizer=asked.subject.tokenizer.kind,
        )
        for cell in CELLS if cell not in trio.runs
    ]  # fmt: skip
    asked.context.rates.take(owner, "start", len(wanted))
    jobs.submit_all(trio.text, wanted, owner, address=asked.context.address())
    return find(asked)


def progress(asked: Asked, trio: Trio) -> Part:
    """One bar a cell."""
    rows = []
    for cell in CELLS:
        run = trio.runs.get(cell)
        note, share = asked.say("three.missing"), 0.0
        if run:
            note = say(asked.language, f"js.state.{run.state}", position=run.position)
            share = run.share
        rows.append({"label": cell.upper(), "values": [share], "note": note})
    name = trio.text.report.name
    key = "three.training" if trio.busy else "three.broken"
    bars = {"kind": "bars", "title": asked.say("three.on", name=name), "rows": rows, "most": 1.0}
    return asked.picture("training", None, hint(asked.say(key)), bars)


def _name(text: Corpus, cell: str) -> str:
    return f"{text.report.name[:60]} · {cell.upper()} {HIDDEN}"


def _reads(asked: Asked, run_id: str, text: Corpus) -> bool:
    """Whether a run was made from this very text: names repeat."""
    record = asked.context.open_run(run_id).record
    return record.corpus.get("sha256") == text.report.sha256


def _text(asked: Asked) -> Corpus:
    """The text of the run; of one that came without, a long one that was pasted, or a sample."""
    try:
        folder = asked.context.open_run(asked.run_id)
        return corpus.read_text(folder.text(), str(folder.record.corpus.get("name", "text")))
    except RnnDemoError:
        if len(asked.given) >= ENOUGH:
            return corpus.read_text(asked.given, asked.say("three.pasted"))
        return corpus.sample(SAMPLE)
