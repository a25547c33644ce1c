"""The Hugging Face Hub: push what you trained, load what others trained, publish a demo.

In reading order:
    address      user/name[@revision], nothing else
    credential   who acts, and with which token; the token never shows itself
    trouble      everything that can go wrong, a sentence for each
    snippet, commands, picture, card, merge   what the model card is made of
    client       runs an errand in a child process, inside a deadline
    errand, tasks, attempt, repository, explain   that child: all that talks to the Hub
    push, pull, space, autosave               what a person can do
"""

from importlib import import_module
from typing import Any


def __getattr__(name: str) -> Any:
    """`load` is imported on first use: the child process starts without PyTorch."""
    if name != "load":
        raise AttributeError(name)
    return import_module(f"{__name__}.pull").load
