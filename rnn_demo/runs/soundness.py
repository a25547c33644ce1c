"""Whether a run folder is what was written, and whether two runs are the same."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from rnn_demo.errors import DamagedError, RnnDemoError
from rnn_demo.events import Evaluated, Saved
from rnn_demo.runs.checkpoint import MODEL, RunFolder
from rnn_demo.runs.files import json_bytes, read_sealed, sha256
from rnn_demo.runs.packing import load_model
from rnn_demo.runs.store import read_folder

RECORDS = ("run.json", "plan.json")


def check(folder: RunFolder) -> list[tuple[str, str]]:
    """Every part of the run with what is wrong with it ("" if sound).

    Where run.json or plan.json is damaged or missing, what they tell of the text and the
    tokenizer is not known, and those two are left out.
    """
    records = [path for path in map(folder.path.joinpath, RECORDS) if path.exists()]
    found = [(path.name, _problem(partial(read_sealed, path))) for path in records]
    wrong = _problem(lambda: folder.record)
    known = not wrong
    if wrong and not any(problem for _, problem in found):  # all that is there is as written
        lost = len(records) < len(RECORDS) and (folder.best.steps() or folder.checkpoints.steps())
        found = [*found, (RECORDS[1], wrong)] if lost else [(RECORDS[0], wrong), *found[1:]]
    if known:
        found.append(("corpus.txt", _problem(folder.text)))
    if known and (folder.has_tokenizer() or RECORDS[1] in dict(found)):
        found.append(("tokenizer", _problem(folder.tokenizer)))
    for store in (folder.start, folder.best, folder.checkpoints):
        for step in store.steps():
            path = store.path(step)
            name = f"{store.folder.name}/{path.name}"
            look = partial(_load, folder, path) if known else partial(read_folder, path)
            found.append((name, _problem(look)))
    problem = _problem(partial(_read_events, folder))
    if problem or folder.log.path.exists():
        found.append(("events.jsonl", problem))
    return found


def _read_events(folder: RunFolder) -> None:
    """Every line, and that log and checkpoints agree on how far the run has come."""
    events, lines = folder.log.read()
    if lines > len(events):
        raise DamagedError("record.lines", bad=lines - len(events), lines=lines)
    durable = folder.checkpoints.steps()[:1]
    if durable > [max((getattr(event, "step", 0) for event in events), default=0)]:
        raise DamagedError("record.cut", step=durable[0])
    saves = [place for place, event in enumerate(events) if isinstance(event, Saved)]
    if saves and not durable:
        raise DamagedError("record.checkpoints")
    before = events[: saves[-1]] if saves else []
    if not folder.best.steps() and any(isinstance(e, Evaluated) and e.best for e in before):
        raise DamagedError("record.best")


def _load(folder: RunFolder, path: Path) -> None:
    contents, _ = read_folder(path)
    config = folder.record.model
    if config:
        load_model(config, contents[MODEL], f"{path.name}/{MODEL}")


def _problem(look: Callable[[], object]) -> str:
    try:
        look()
    except (RnnDemoError, ValueError, OSError) as error:
        return str(error)
    return ""


def digests(folder: RunFolder) -> dict[str, str]:
    """SHA-256 of weights, optimizer, random state and losses: the same for equal runs."""
    contents, _ = folder.checkpoints.newest()
    found = {n.split(".")[0]: sha256(d) for n, d in (contents or {}).items() if "tensors" in n}
    best, _ = folder.best.newest()
    if best:
        found["best"] = sha256(best[MODEL])
    losses = [
        [event.step, event.nats_per_char, event.bits_per_byte]
        for event in folder.history()
        if isinstance(event, Evaluated)
    ]
    return {**found, "losses": sha256(json_bytes(losses))}
