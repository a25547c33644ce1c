"""How fast and in how much memory 100 MB of text load, are encoded, and are compared.

    python -m tests.benchmarks.corpus [--megabytes 100]

Each text is handled in a fresh process, so that its peak memory is its own; the figure beside it
is the peak above what the imports need, as a multiple of the size of the file.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from rnn_demo.text import corpus, tokenizer

SENTENCE = (
    "the old keeper of the light said nothing and looked out over the grey water until "
    "morning came with rain against the glass"
)
WORDS = SENTENCE.split()
TEXTS = {
    "ascii": lambda i: f"{i} " + " ".join(WORDS[(i * k) % 23] for k in range(1, 12)) + "\n",
    "ascii, CRLF and emoji": lambda i: f"{i} " + WORDS[i % 23] * 9 + " \U0001f600\r\n",
    "chinese": lambda i: "".join(chr(0x4E00 + (i * k * k) % 5000) for k in range(1, 40)) + "。\n",
    "one line": lambda i: f"{i} " + " ".join(WORDS[(i * k) % 23] for k in range(1, 12)),
    "empty lines": lambda i: f"{i}\n\n\n\n\n\n\n\n",
}


def write(kind: str, path: Path, size: int) -> None:
    """A file of about so many bytes that repeats after one megabyte."""
    block = "".join(map(TEXTS[kind], range(1 << 14))).encode("utf-8")[: 1 << 20]
    block = block.decode("utf-8", "ignore").encode("utf-8")
    with path.open("wb") as file:
        for _ in range(max(1, size // len(block))):
            file.write(block)


def measure(path: str) -> None:
    """In a process of its own: load, then learn characters and encode; print a line of figures."""
    before, size = peak(), Path(path).stat().st_size
    start = time.perf_counter()
    loaded = corpus.read_file(path)
    load = time.perf_counter() - start
    memory = (peak() - before) / size
    start = time.perf_counter()
    ids = tokenizer.learn("char", loaded.text).encode(loaded.text)
    encode = time.perf_counter() - start
    total = (peak() - before) / size
    print(f"load {load:5.2f} s {memory:4.1f}x   learn, encode {encode:5.2f} s {total:4.1f}x   "
          f"{len(ids):,} {ids.dtype}")  # fmt: skip


def peak() -> int:
    """Bytes of memory that this process has had at most."""
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--megabytes", type=int, default=100)
    parser.add_argument("--measure", metavar="FILE", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.measure:
        measure(arguments.measure)
        return
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "text.txt"
        for kind in TEXTS:
            write(kind, path, arguments.megabytes << 20)
            print(f"{kind:24}", end="", flush=True)
            command = [sys.executable, "-m", "tests.benchmarks.corpus", "--measure", str(path)]
            subprocess.run(command, check=True)


if __name__ == "__main__":
    main()
