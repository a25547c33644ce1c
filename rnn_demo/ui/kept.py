"""The text that each visitor chose last, so that a page that is loaded again still has it."""

from __future__ import annotations

import time
from collections import OrderedDict
from dataclasses import dataclass, field
from threading import Lock

from rnn_demo.text.corpus import Corpus

MOST_TEXTS = 32  # of as many visitors; in memory only
SECONDS = 6 * 3600  # after which one is not given again; it goes when the next page is loaded


@dataclass(frozen=True)
class Kept:
    """A text and how it is to be read."""

    text: Corpus
    tokenizer: str
    share: float  # per cent to train on
    since: float = field(default_factory=time.monotonic)


class KeptTexts:
    """One text for each owner; the oldest make way."""

    def __init__(self) -> None:
        self._texts: OrderedDict[str, Kept] = OrderedDict()
        self._lock = Lock()

    def put(self, owner: str, kept: Kept) -> None:
        """Keep this text instead of the owner's last one; nobody ("") has none."""
        if not owner:
            return
        with self._lock:
            self._texts.pop(owner, None)
            self._texts[owner] = kept
            while len(self._texts) > MOST_TEXTS:
                self._texts.popitem(last=False)

    def get(self, owner: str) -> Kept | None:
        """What this owner chose last."""
        with self._lock:
            for old in [o for o, k in self._texts.items() if time.monotonic() - k.since > SECONDS]:
                del self._texts[old]
            return self._texts.get(owner)
