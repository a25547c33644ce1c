"""How many threads: found out by doing real updates with each number, and again when it slows.

A number that is right on an idle machine can be several times too slow beside another program, and
the other way round; no rule knows, a clock does. Nothing is lost by asking: the updates count.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from rnn_demo.messages.message import Message

TRIAL_SECONDS = 0.1  # of timing a number of threads
LONG_SECONDS = 1.0  # an update that takes so long is timed only once
SLOW_SECONDS = 5.0  # at less than half the pace before the threads are chosen anew
FEWER_SECONDS = 60.0  # with fewer threads than there could be: what stood in the way may have gone


class Pace:
    """Chooses among numbers of threads for one training."""

    def __init__(
        self,
        update: Callable[[], None],
        use_threads: Callable[[int], None],
        is_over: Callable[[], bool],  # the budget leaves no room for another update
        tokens: int,  # of an update
    ) -> None:
        self.update = update
        self.use_threads = use_threads
        self.is_over = is_over
        self.tokens = tokens
        self.best = 0.0  # tokens per second when the threads were chosen
        self.slow_since: float | None = None
        self.fewer = False  # threads than there could be
        self.fewer_since: float | None = None

    def choose(self, counts: list[int], seconds: float = TRIAL_SECONDS) -> str:
        """Use the fastest of these numbers of threads from here on; says what was found, if the
        budget left room to find anything."""
        rates = dict.fromkeys(counts, 0.0)
        for threads in [*counts, *counts]:  # twice: another program may have looked in
            if 0 < rates[threads] < self.tokens / LONG_SECONDS:
                continue
            self.use_threads(threads)
            rates[threads] = max(rates[threads], self._rate(seconds))
        threads = max(rates, key=lambda count: rates[count])
        self.use_threads(threads)
        self.best, self.slow_since = rates[threads], None
        self.fewer, self.fewer_since = threads < max(counts), None
        found = "; ".join(f"{count}: {rate:,.0f}" for count, rate in rates.items() if rate)
        return Message("pace.threads", rates=found) if found else ""

    def _rate(self, seconds: float) -> float:
        """Tokens per second; 0 when the budget leaves no room to measure."""
        begin, steps = time.perf_counter(), -1
        while not self.is_over():
            self.update()
            steps += 1
            passed = time.perf_counter() - begin
            if steps == 0:  # the first one paid for preparations
                begin = time.perf_counter()
            elif passed > LONG_SECONDS or (steps >= 2 and passed >= seconds):
                return steps * self.tokens / passed
        return 0.0

    def has_slowed(self, tokens_per_second: float, now: float) -> bool:
        """Whether the pace has been less than half for a while. `now`: seconds of training."""
        if tokens_per_second > self.best / 2:
            self.slow_since = None
            return False
        self.slow_since = now if self.slow_since is None else self.slow_since
        return now - self.slow_since > SLOW_SECONDS

    def may_be_better(self, now: float) -> bool:
        """Whether fewer threads than there could be have worked for a while."""
        if self.fewer and self.fewer_since is None:
            self.fewer_since = now
        return self.fewer_since is not None and now - self.fewer_since > FEWER_SECONDS
