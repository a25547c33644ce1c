"""Where a text that is being written ends, and how much of it may be shown before that."""

from __future__ import annotations

from rnn_demo.config import SampleConfig


class Ending:
    """Watches a growing text for its end, and holds back what could be a stop string.

    The text ends after `length` characters, or before the first stop string that begins at
    `minimum_length` or later. `reason` is empty until then.
    """

    def __init__(self, config: SampleConfig) -> None:
        self.length, self.minimum = config.length, config.minimum_length
        self.stop = tuple(stop for stop in config.stop if stop)
        self.longest = max(map(len, self.stop), default=1)
        self.text = ""
        self.shown = 0
        self.reason = "" if self.length else "length"

    @property
    def shown_text(self) -> str:
        """All that was given back so far."""
        return self.text[: self.shown]

    def push(self, more: str) -> str:
        """Take new text, give back what may be shown now."""
        if not self.stop and len(self.text) + len(more) < self.length:  # the usual case
            self.text += more
            self.shown = len(self.text)
            return more
        searched = max(self.minimum, len(self.text) - self.longest + 1)
        self.text += more
        end = len(self.text)
        for stop in self.stop:
            found = self.text.find(stop, searched, self.length)
            if 0 <= found < end:
                end, self.reason = found, "stop"
        if not self.reason and end >= self.length:
            end, self.reason = self.length, "length"
        return self._show(end if self.reason else end - self._held())

    def _held(self) -> int:
        """How many of the last characters could be the beginning of a stop string."""
        for count in range(min(self.longest - 1, len(self.text) - self.minimum), 0, -1):
            tail = self.text[-count:]
            if any(stop.startswith(tail) for stop in self.stop):
                return count
        return 0

    def _show(self, end: int) -> str:
        fresh = self.text[self.shown : end]
        self.shown = max(self.shown, end)
        return fresh
