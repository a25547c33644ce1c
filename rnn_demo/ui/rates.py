"""How often a visitor of a public server may do what costs something."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict

from rnn_demo.errors import LimitError
from rnn_demo.ui.guard import Bucket

RATES = {  # so many in so many seconds
    "start": (12, 3600),
    "load": (20, 3600),
    "write": (60, 60),
    "read": (60, 60),
}
MOST_KEPT = 10_000


class Rates:
    """One bucket per visitor and kind of action; of no effect for the person at the machine."""

    def __init__(self, active: bool) -> None:
        self.active = active
        self._buckets: OrderedDict[tuple[str, str], Bucket] = OrderedDict()
        self._lock = threading.Lock()

    def take(self, owner: str, kind: str, count: int = 1) -> None:
        """Count so many actions. Raises LimitError when there were too many."""
        if not self.active:
            return
        most, seconds = RATES[kind]
        now = time.monotonic()
        with self._lock:
            bucket = self._buckets.pop((owner, kind), None) or Bucket(most, now)
            bucket.tokens = min(most, bucket.tokens + (now - bucket.at) * most / seconds)
            bucket.at = now
            self._buckets[owner, kind] = bucket  # the newest last
            while len(self._buckets) > MOST_KEPT:
                self._buckets.popitem(last=False)
            if bucket.tokens < count:
                wait = (count - bucket.tokens) * seconds / most
                raise LimitError("limit.often", seconds=wait)
            bucket.tokens -= count
