"""Train a small recurrent language model on your own text, and see what it learned.

    import rnn_demo

    text = rnn_demo.read_file("my_book.txt")
    for event in rnn_demo.run(text, rnn_demo.RunConfig(minutes=1), "runs/first"):
        print(event)
    model, tokenizer = rnn_demo.load("runs/first")
    print(rnn_demo.write(model, tokenizer, "Once", rnn_demo.SampleConfig(length=300)).text)

The names below are imported when they are first used, so that importing the package is quick.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from rnn_demo.bundle.loading import load as load
    from rnn_demo.config import ModelConfig as ModelConfig
    from rnn_demo.config import RunConfig as RunConfig
    from rnn_demo.config import SampleConfig as SampleConfig
    from rnn_demo.config import TrainConfig as TrainConfig
    from rnn_demo.judging.evaluation import score as score
    from rnn_demo.runs.checkpoint import RunFolder as RunFolder
    from rnn_demo.runs.run import resume as resume
    from rnn_demo.runs.run import run as run
    from rnn_demo.runs.run import summary as summary
    from rnn_demo.text.corpus import read_file as read_file
    from rnn_demo.text.corpus import read_text as read_text
    from rnn_demo.text.corpus import sample as sample
    from rnn_demo.writing.generate import write as write

NAMES = {
    "read_file": "text.corpus",  # a file -> Corpus
    "read_text": "text.corpus",
    "sample": "text.corpus",  # a text that is here already
    "RunConfig": "config",  # what to train; the recipe decides the rest
    "ModelConfig": "config",
    "TrainConfig": "config",
    "SampleConfig": "config",  # how to write
    "run": "runs.run",  # train: a generator of events
    "resume": "runs.run",  # go on with a run: the same
    "summary": "runs.run",  # the figures of a run
    "load": "bundle.loading",  # a run or a model's folder -> (model, tokenizer)
    "write": "writing.generate",
    "score": "judging.evaluation",
    "RunFolder": "runs.checkpoint",
}
__all__ = [*NAMES, "__version__"]


def __getattr__(name: str) -> Any:
    if name not in NAMES:
        raise AttributeError(f"module 'rnn_demo' has no attribute {name!r}")
    return getattr(import_module(f"rnn_demo.{NAMES[name]}"), name)


def __dir__() -> list[str]:
    return sorted(__all__)
