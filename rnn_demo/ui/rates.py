"""How often a visitor of a public server may do what costs something."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable

from rnn_demo.errors import LimitError
from rnn_demo.ui.guard import Buckets

RATES = {  # so many in so many seconds
    "start": (12, 3600),
    "load": (20, 3600),
    "write": (60, 60),
    "read": (60, 60),
}


VISITORS_AN_ADDRESS = 5  # a school class may share one


class Rates:
    """One bucket per visitor and kind of action, and one for all who come from the same address,
    since visitors name themselves; of no effect for the person at the machine."""

    def __init__(self, active: bool, address: Callable[[], str] = str) -> None:
        self.active = active
        self.address = address  # of whoever calls now; "" if that is not known
        self._buckets = Buckets()
        self._lock = threading.Lock()

    def take(self, owner: str, kind: str, count: int = 1) -> None:
        """Count so many actions. Raises LimitError when there were too many."""
        if not self.active:
            return
        most, seconds = RATES[kind]
        many, address = VISITORS_AN_ADDRESS * most, self.address()
        with self._lock:
            wait = self._buckets.take((owner, kind), most, most / seconds, count)
            if address and not wait:
                wait = self._buckets.take((address, kind, "all"), many, many / seconds, count)
        if wait:
            raise LimitError("limit.often", seconds=math.ceil(wait))
