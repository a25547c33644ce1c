"""The run that comes with the project: what is kept of a run folder so that it is small and free.

    python -m rnn_demo train tinyshakespeare.txt --hidden 288 --layers 1 \\
        --minutes 4 --name Shakespeare --prompt "ROMEO:" --run /tmp/run
    python -m rnn_demo.ui.bundled /tmp/run

Weights, tokenizer, events and the samples among them are kept; the text, the checkpoints, the log
and the owner are not. Look inside shows such a network on text that it writes itself.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from rnn_demo.errors import ConfigError
from rnn_demo.runs.checkpoint import RunFolder
from rnn_demo.ui.profile import BUNDLED_RUN

MOST_BYTES = 2 << 20
KEPT = ("run.json", "plan.json", "tokenizer.json", "tokenizer.model", "events.jsonl")


def keep(run: Path, target: Path = BUNDLED_RUN) -> Path:
    """Copy what the app shows of a run to `target`, in place of what is there."""
    source = RunFolder.open(run)
    source.best_model()  # raises when there are no sound weights
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    for name in KEPT:
        if (run / name).is_file():
            shutil.copyfile(run / name, target / name)
    shutil.copytree(run / "best", target / "best")
    folder = RunFolder.open(target)
    folder.rewrite(owner="", key="", parent="")
    size = folder.size()
    if size > MOST_BYTES:
        raise ConfigError(f"The bundled run has {size:,} bytes; at most {MOST_BYTES:,} are wanted.")
    return target


if __name__ == "__main__":
    keep(Path(sys.argv[1]))
