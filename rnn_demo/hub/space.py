"""Publish a demo: a static Space whose one page runs the network in the visitor's browser.

Static Spaces are free for every account and need no server. The whole app as a Gradio Space is for
accounts that can host one; the Hub answers 402 to the others, and the trouble says what to do.
"""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from rnn_demo import bundle
from rnn_demo.errors import RunError
from rnn_demo.hub import merge
from rnn_demo.hub.address import parse
from rnn_demo.hub.client import Progress, deadline_for, run_errand
from rnn_demo.hub.credential import Credential
from rnn_demo.runs.checkpoint import RunFolder

PROJECT = Path(__file__).resolve().parents[2]
PARTS = ("app.py", "requirements.txt", "README.md", "LICENSE", "rnn_demo", "assets")
BUNDLED = "assets/bundled-run"  # the run that the app shows to whoever has none yet
LARGEST = 20 << 20  # bytes of a page: far more than any network that runs well in a browser


@dataclass(frozen=True)
class Space:
    """Where the demo is."""

    url: str
    commit: str
    files: tuple[str, ...]  # those that differed; none: nothing was sent


def static_files(folder: Path, page: str, title: str, model: str | None) -> None:
    """Fill a folder with a static Space: the page, and a card that links the model."""
    if len(page.encode("utf-8")) > LARGEST:
        raise RunError("page.large", size=len(page.encode("utf-8")) / 1e6, most=LARGEST / 1e6)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "index.html").write_text(page, encoding="utf-8")
    head = {
        "title": title[:60],
        "emoji": "🧶",
        "colorFrom": "indigo",
        "colorTo": "yellow",
        "sdk": "static",
        "short_description": "A small recurrent network that writes in your browser",
        "models": [model] if model else None,
        "tags": ["trained-with-rnn-demo", "text-generation"],
        "pinned": False,
    }
    words = (
        "One page that runs a recurrent neural network in the visitor's browser: nothing is sent "
        "anywhere. Made with rnn-demo."
    )
    body = f"\n{merge.BEGIN}\n\n{words}\n\n{merge.END}\n"
    card = merge.join({name: v for name, v in head.items() if v is not None}, body)
    (folder / "README.md").write_text(card, encoding="utf-8")


def gradio_files(folder: Path, run: RunFolder, title: str, model: str | None) -> None:
    """Fill a folder with this whole app, which opens with the network of this run (without its
    text). Its own README is the Space's card."""
    missing = [name for name in ("app.py", "requirements.txt") if not (PROJECT / name).exists()]
    if missing:
        raise RunError("page.files", names=", ".join(missing))
    for name in PARTS:
        source = PROJECT / name
        if source.is_dir():
            shutil.copytree(source, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        elif source.exists():
            folder.mkdir(parents=True, exist_ok=True)
            shutil.copy(source, folder / name)
    with tempfile.TemporaryDirectory(prefix="rnn-demo-space-") as place:
        bundle.write_bundle(run, Path(place) / "model")
        found = bundle.read_bundle(Path(place) / "model")
        adopted = bundle.adopt(found, Path(place), name=title)
        shutil.rmtree(folder / BUNDLED, ignore_errors=True)
        shutil.copytree(adopted.path, folder / BUNDLED)
    readme = folder / "README.md"
    head, body = merge.split(readme.read_text(encoding="utf-8") if readme.exists() else "")
    head |= {"title": title[:60], "sdk": "gradio"} | ({"models": [model]} if model else {})
    marked = f"\n{merge.BEGIN}\n{body.strip()}\n{merge.END}\n"
    readme.write_text(merge.join(head, marked), encoding="utf-8")


def publish_space(
    space_id: str,
    folder: Path,
    credential: Credential | None,
    *,
    kind: str = "static",
    private: bool = False,
    progress: Progress | None = None,
    seconds: float | None = None,
) -> Space:
    """Make a Space of a folder that static_files() or gradio_files() filled."""
    size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    answer = run_errand(
        "push",
        credential,
        seconds=seconds or deadline_for(size),
        progress=progress,
        repo_id=parse(space_id).repo_id,
        folder=str(folder.resolve()),
        message="Demo published with rnn-demo",
        repo_type="space",
        private=private,
        space={"space_sdk": kind},
    )
    return Space(answer["url"], answer["commit"], tuple(answer["files"]))
