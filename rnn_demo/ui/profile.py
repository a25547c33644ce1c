"""The two ways to run the app, one code path: on this computer, or for visitors."""

from __future__ import annotations

import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

import torch

from rnn_demo.errors import ConfigError
from rnn_demo.network.devices import choose_device

ASSETS = Path(__file__).resolve().parents[2] / "assets"
BUNDLED_RUN = ASSETS / "bundled-run"
UNSEEN = ASSETS / "hamlet.txt"  # what that run is shown on: no part of what it was trained on
LOOPBACK = ("127.0.0.1", "localhost", "::1")


@dataclass(frozen=True, kw_only=True)
class Profile:
    """How this server is reached decides what visitors may do."""

    public: bool  # per-visitor ownership and caps; otherwise the person here owns everything
    runs: Path  # where run folders lie
    kept: bool = True  # they are still there after a restart
    space: bool = False  # on a Hugging Face Space
    share: bool = False  # through a share link, with a generated password
    mcp: bool = False  # also an MCP server
    device: str = "CPU"  # for the strip
    threads: int = 1


def choose_profile(
    *, host: str, share: bool = False, runs: str | None = None, mcp: bool = False
) -> Profile:
    """Public on a Space, with a share link, or on any address but loopback."""
    space = bool(os.environ.get("SPACE_ID"))
    folder, kept = _runs_folder(runs, space)
    device = choose_device("auto")
    name = torch.cuda.get_device_name(device) if device.type == "cuda" else device.type.upper()
    return Profile(
        device=name,
        threads=os.cpu_count() or 1,
        public=space or share or host not in LOOPBACK,
        runs=folder,
        kept=kept,
        space=space,
        share=share,
        mcp=mcp,
    )


def _runs_folder(asked: str | None, space: bool) -> tuple[Path, bool]:
    """(folder, whether it outlives a restart): as asked, a Space's bucket, or `runs` here."""
    if asked:
        return _writable(Path(asked)), True
    if not space:
        return _writable(Path("runs")), True
    bucket = Path("/data")
    if bucket.is_dir() and os.access(bucket, os.W_OK):
        return _writable(bucket / "runs"), True
    return _writable(Path(tempfile.gettempdir()) / "rnn-demo-runs"), False


def temporary_folder() -> str:
    """Where files lie that a page may fetch for a while: private, under random names."""
    return os.environ.get("GRADIO_TEMP_DIR") or tempfile.gettempdir()


def _writable(folder: Path) -> Path:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=folder):
            return folder.resolve()
    except OSError as error:
        raise ConfigError(
            f"The folder for runs, {folder}, cannot be written ({error.strerror}). "
            "Name another with --runs."
        ) from None
