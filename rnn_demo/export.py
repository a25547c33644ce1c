"""What leaves the program as files: one page that runs the network by itself, and a zip of a run.

The page holds the weights, the symbols and assets/demo/engine.js; it asks no server for anything,
and its own policy forbids it to. The same page is the demo Space (hub/space.py).
"""

from __future__ import annotations

import base64
import hashlib
import html
import json
import shlex
import tempfile
import zipfile
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Protocol

import numpy as np

from rnn_demo import bundle
from rnn_demo.bundle import facts
from rnn_demo.config import SampleConfig
from rnn_demo.errors import LimitError
from rnn_demo.hub.card import fence, read_lines
from rnn_demo.hub.snippet import snippet
from rnn_demo.network.model import RecurrentLM
from rnn_demo.runs.checkpoint import RunFolder
from rnn_demo.text.tokenizer import LOOK_ALIKES, CharTokenizer, SubwordTokenizer, Tokenizer

DEMO = Path(__file__).resolve().parent.parent / "assets" / "demo"
LARGEST = 30_000_000  # weights in one page: 160 MB of it, more than a browser likes
MOMENT = (1980, 1, 1, 0, 0, 0)  # of every file in a zip: equal runs give equal zips
README = """\
# {name}

A recurrent language model ({cell}, {layers} x {hidden}, {parameters:,} weights) that learned to
write from one text. The text itself is not in here.

- `page.html`: open it in a browser, and the network writes there. Nothing is sent anywhere.
- `write.py`: a short program that writes with the network and needs only `pip install {others}`.
- `model.safetensors`, `config.json`, `{tokenizer}`: the weights, the settings, the symbols.
- `samples.jsonl`, `training_log.jsonl`, `events.jsonl`: what it wrote, and how its training went.

With rnn-demo, in the folder where this was unpacked:

{ours}

Without it, `write.py` is this program; it prints the first text of `samples.jsonl`:

{program}
"""
SHOWN = ("temperature", "top_k", "top_p", "min_p", "length")  # settings that the page has


class Source(Protocol):
    """A model with its tokenizer: a Bundle, or anything like it."""

    @property
    def model(self) -> RecurrentLM: ...
    @property
    def tokenizer(self) -> Tokenizer: ...


def page(source: str | Path | Source, *, title: str = "", prompt: str = "") -> str:
    """One HTML page that runs the network in the browser of whoever opens it.

    The source is a bundle's folder, or an object with `model` and `tokenizer`.
    """
    found = bundle.read_bundle(Path(source)) if isinstance(source, str | Path) else source
    training: dict[str, Any] = getattr(found, "training", {})
    count = found.model.config.parameters
    if count > LARGEST:
        raise LimitError("page.heavy", count=count, most=LARGEST)
    weights, places = _weights(found.model)
    record = {
        "config": found.model.config.to_json(),
        "tensors": places,
        "tokenizer": _symbols(found.tokenizer),
        "facts": _facts(training, count),
        "settings": {name: getattr(SampleConfig(), name) for name in SHOWN} | {"prompt": prompt},
    }
    script = "\n".join(_asset(name) for name in ("engine.js", "page.js"))
    style = _asset("page.css")
    return _filled(
        _asset("page.html"),
        title=html.escape(title or str(training.get("name") or "") or "rnn-demo"),
        policy=_policy(script),
        style=style,
        record=json.dumps(record, ensure_ascii=False).replace("<", "\\u003c"),
        weights=weights,
        script=script,
    )


def page_of_run(run: RunFolder, *, title: str = "", prompt: str = "") -> str:
    """The same for the best weights of a run."""
    found = SimpleNamespace(
        model=run.best_model(), tokenizer=run.tokenizer(), training=facts.facts(run)
    )
    return page(found, title=title, prompt=prompt or run.record.wanted.prompt)


def zip_run(run: RunFolder, target: Path) -> Path:
    """Pack a run to keep or to give away: all but the training text and the optimizer.

    What comes out of the zip is a bundle with a page, a program and a README beside it.
    """
    with tempfile.TemporaryDirectory(prefix="rnn-demo-zip-") as place:
        folder = Path(place)
        bundle.write_bundle(run, folder)
        (folder / "page.html").write_text(page(folder), encoding="utf-8")
        events = "".join(event.to_json() + "\n" for event in run.history())
        (folder / "events.jsonl").write_text(events, encoding="utf-8")
        program = _program(folder)
        (folder / "write.py").write_text(program, encoding="utf-8")
        (folder / "README.md").write_text(_readme(folder, program), encoding="utf-8")
        with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
            for path in sorted(folder.iterdir()):
                entry = zipfile.ZipInfo(path.name, MOMENT)
                entry.compress_type = zipfile.ZIP_DEFLATED
                archive.writestr(entry, path.read_bytes())
    return target


def _program(folder: Path) -> str:
    """The self-contained program of the card, for files that lie beside it."""
    record, samples = bundle.read_config(folder), read_lines(folder / bundle.SAMPLES)
    lines = snippet(record, "model", samples[0]).splitlines()
    place = next(i for i, line in enumerate(lines) if line.startswith("folder = "))
    lines[place] = 'folder = "."  # where model.safetensors lies'
    return "\n".join(lines) + "\n"


def _readme(folder: Path, program: str) -> str:
    record = bundle.read_config(folder)
    config = bundle.read_bundle(folder).config
    sample = read_lines(folder / bundle.SAMPLES)[0]
    prompt = shlex.quote(sample["prompt"])
    subwords = record["tokenizer"]["kind"] == "subword"
    ours = f"python -m rnn_demo generate . --prompt {prompt} --seed {sample['seed']}"
    name = " ".join(str(record["training"].get("name") or "A run of rnn-demo").split())
    return README.format(
        name=name.translate(str.maketrans("<>[]`", "()()'")),
        cell=config.cell.upper(),
        layers=config.layers,
        hidden=config.hidden_size,
        parameters=config.parameters,
        others="torch safetensors sentencepiece" if subwords else "torch safetensors",
        tokenizer=record["tokenizer"]["file"],
        ours=fence(ours, "bash"),
        program=fence(program.rstrip(), "python"),
    )


def _filled(template: str, **values: str) -> str:
    """Put values where {{name}} stands; what a value contains is never looked at again."""
    parts = template.split("{{")
    filled = [parts[0]]
    for part in parts[1:]:
        name, rest = part.split("}}", 1)
        filled += [values[name], rest]
    return "".join(filled)


def _policy(script: str) -> str:
    """Only this script may run, and nothing may be fetched."""
    digest = base64.b64encode(hashlib.sha256(script.encode("utf-8")).digest()).decode()
    rules = ("default-src 'none'", "style-src 'unsafe-inline'", "img-src data:")
    return "; ".join([*rules, f"script-src 'sha256-{digest}'"])


def _weights(model: RecurrentLM) -> tuple[str, dict[str, tuple[int, int]]]:
    """All weights as one base64 text of little-endian float32, and where each begins."""
    places, blocks, start = {}, [], 0
    for name, tensor in model.state_dict().items():
        block = tensor.detach().float().cpu().numpy().astype("<f4").ravel()
        places[name] = (start, block.size)
        blocks.append(block)
        start += block.size
    return base64.b64encode(np.concatenate(blocks).tobytes()).decode(), places


def _symbols(tokenizer: Tokenizer) -> dict[str, Any]:
    """All that engine.js needs to turn text into tokens and back."""
    record: dict[str, Any] = {
        "kind": tokenizer.kind,
        "labels": tokenizer.symbols(),
        "bytes": [base64.b64encode(raw).decode() for raw in tokenizer.token_bytes()],
    }
    if isinstance(tokenizer, CharTokenizer):
        alikes = {chr(code): other for code, other in LOOK_ALIKES.items()}
        record |= {"characters": tokenizer.characters, "unknown": tokenizer.unknown_id}
        record |= {"look_alikes": alikes}
    if isinstance(tokenizer, SubwordTokenizer):
        record |= tokenizer.describe()
    return record


def _facts(training: dict[str, Any], parameters: int) -> dict[str, Any]:
    """What the page says about the network. A stranger's facts may be anything."""

    def find(*names: str) -> Any:
        value: Any = training
        for name in names:
            value = value.get(name) if isinstance(value, dict) else None
        return value

    def bits(*names: str) -> float | None:
        value = find(*names)
        return value if isinstance(value, int | float) and 0 < value < 100 else None

    text = find("text", "name")
    return {
        "parameters": parameters,
        "text": text[:80] if isinstance(text, str) else "",
        "bits": bits("losses", "test_bits_per_char") or bits("losses", "validation_bits_per_char"),
        "counting": bits("baselines", "bits_per_char", "ngram"),
    }


def _asset(name: str) -> str:
    return (DEMO / name).read_text(encoding="utf-8")
