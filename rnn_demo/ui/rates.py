"""How often a visitor of a public server may do what costs something."""

from __future__ import annotations

import threading

from rnn_demo.errors import LimitError
from rnn_demo.ui.guard import Buckets

RATES = {  # so many in so many seconds
    "start": (12, 3600),
    "load": (20, 3600),
    "write": (60, 60),
    "read": (60, 60),
}


class Rates:
    """One bucket per visitor and kind of action; of no effect for the person at the machine."""

    def __init__(self, active: bool) -> None:
        self.active = active
        self._buckets = Buckets()
        self._lock = threading.Lock()

    def take(self, owner: str, kind: str, count: int = 1) -> None:
        """Count so many actions. Raises LimitError when there were too many."""
        if not self.active:
            return
        most, seconds = RATES[kind]
        with self._lock:
            wait = self._buckets.take((owner, kind), most, most / seconds, count)
        if wait:
            raise LimitError("limit.often", seconds=wait)
