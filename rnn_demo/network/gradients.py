"""The gradients of one training step on a CPU, by the fastest way for the cell.

The B streams are split over the cores, which meet once a step, without a barrier at every small
operation: beside another program, OpenMP's two threads fall to a third of what one does.
GRU, RNN, and a wide LSTM in bfloat16: by hand (share.py), in processes, because two interpreters of
many small operations stand in each other's way. Any other LSTM: oneDNN and autograd, in threads,
because oneDNN runs a whole sequence in one call.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import torch
from torch import Tensor
from torch.nn import functional as F

from rnn_demo.errors import DeviceError
from rnn_demo.network.helper import Helper
from rnn_demo.network.model import RecurrentLM, State, detach
from rnn_demo.network.share import ARITHMETIC, Share
from rnn_demo.network.weights import Weights, gradient_of, store_gradients

BY_HAND_FROM = 768  # units of an LSTM in bfloat16: 1.2 to 1.4 times as fast as oneDNN
Work = tuple[Tensor, Tensor, State, float]  # inputs, targets, state, scale of the loss's sum


class Gradients:
    """Computes loss and gradients of one model, step after step.

    `threads`: how many cores share the work. `arithmetic`: of the matrix products, float32 or
    bfloat16 (weights, and by hand states and sums, stay float32). `by_hand`: None for whichever
    is faster. Equal seeds, threads and inputs give bitwise equal results.
    """

    def __init__(
        self,
        model: RecurrentLM,
        *,
        threads: int = 1,
        arithmetic: str = "float32",
        seed: int = 0,
        by_hand: bool | None = None,
    ) -> None:
        self.model = model
        self.arithmetic, self.products = arithmetic, ARITHMETIC[arithmetic]
        if by_hand is None:
            by_hand = _is_faster_by_hand(model, arithmetic)
        self._weights = Weights(model, self.products) if by_hand else None
        self._shares: dict[int, Share] = {}  # by number of streams
        self._helpers: list[Helper] = []  # running, perhaps more than are busy
        self._busy: list[Helper] = []
        self._shape = (0, 0)
        self._pool = ThreadPoolExecutor(initializer=torch.set_num_threads, initargs=(1,))
        self.use(threads, seed)

    def use(self, threads: int, seed: int) -> None:
        """From here on share the streams among so many cores, with dropout drawn from `seed`.

        Helpers that are not needed stay, asleep, so that going back costs nothing.
        """
        self.threads = threads
        seeds = [(seed * 1009 + index) % (1 << 63) for index in range(threads)]
        self.generators = [torch.Generator().manual_seed(each) for each in seeds]
        self._busy, self._shape = [], (0, 0)

    def warm_up(self, streams: int, steps: int) -> None:
        """Start and await what a batch of this shape needs: a helper takes seconds to start."""
        if self._weights is not None:
            self._prepare(self._weights, streams, steps)

    def __call__(
        self, inputs: Tensor, targets: Tensor, state: State | None
    ) -> tuple[Tensor, State]:
        """Leave the gradients of the mean loss in `.grad` (overwriting what was there).

        inputs and targets (B, T) int64; returns the loss, a scalar tensor in nats per token
        that stays on the device, and the detached state.
        """
        state = self.model.initial_state(len(inputs)) if state is None else state
        jobs, first = [], 0
        for size in self._sizes(len(inputs)):
            job = slice(first, first := first + size)
            own_state = tuple(part[:, job] for part in state)
            jobs.append((inputs[job], targets[job], own_state, 1 / inputs.numel()))
        if self._weights is None:
            return self._by_library(jobs)
        intra = torch.get_num_threads()
        torch.set_num_threads(1)
        try:
            with torch.no_grad():
                return self._by_hand(self._weights, jobs)
        finally:
            torch.set_num_threads(intra)

    def _sizes(self, streams: int) -> list[int]:
        """How many of the streams each thread takes."""
        count = min(self.threads, streams)
        return [(streams + count - 1 - index) // count for index in range(count)]

    def random_state(self) -> dict[str, Tensor]:
        """The dropout generators' states, by name, for a checkpoint."""
        self._read_random_states()
        return {f"dropout.{i}": g.get_state() for i, g in enumerate(self.generators)}

    def restore_random_state(self, states: dict[str, Tensor]) -> None:
        """Go on from random_state() of as many threads."""
        for index, generator in enumerate(self.generators):
            generator.set_state(states[f"dropout.{index}"])
        for helper, generator in zip(self._busy, self.generators[1:], strict=False):
            helper.restore_random_state(generator.get_state())

    def close(self) -> None:
        """End the helper processes and threads; random_state() still tells where they were."""
        self._pool.shutdown()
        if self._shape != (0, 0):  # all are ready
            with suppress(DeviceError):  # of a helper that has died nothing can be learned
                self._read_random_states()
        helpers, self._helpers, self._busy, self._shape = self._helpers, [], [], (0, 0)
        self._shares.clear()
        for helper in helpers:
            helper.close()

    def _by_library(self, jobs: list[Work]) -> tuple[Tensor, State]:
        parts = self._pool.map(self._autograd, jobs, self.generators)
        losses, states, gradients = zip(*parts, strict=True)
        for parameter, *shares in zip(self.model.parameters(), *gradients, strict=True):
            total = gradient_of(parameter).copy_(shares[0])
            for share in shares[1:]:
                total.add_(share)
        return torch.stack(losses).sum(), _join(states)

    def _autograd(
        self, job: Work, generator: torch.Generator
    ) -> tuple[Tensor, State, tuple[Tensor, ...]]:
        """Loss, state and gradients of some of the streams."""
        inputs, targets, state, scale = job
        logits, state = self.model(inputs, state, generator, self.products)
        loss = F.cross_entropy(logits.flatten(0, 1), targets.flatten(), reduction="sum") * scale
        gradients = torch.autograd.grad(loss, list(self.model.parameters()))
        return loss.detach(), detach(state), gradients

    def _by_hand(self, weights: Weights, jobs: list[Work]) -> tuple[Tensor, State]:
        inputs = jobs[0][0]
        share = self._prepare(weights, sum(len(job[0]) for job in jobs), inputs.shape[1])
        for helper, job in zip(self._busy, jobs[1:], strict=True):
            helper.begin(*job)
        weights.refresh()
        share.run(*jobs[0])
        store_gradients(weights, share.gradients)
        loss, states = share.loss.clone(), [share.state()]
        for helper in self._busy:
            more, after = helper.finish()
            loss += more
            states.append(after)
        return loss, _join(states)

    def _prepare(self, weights: Weights, streams: int, steps: int) -> Share:
        """This process's share of a batch (B, T), and the helpers that do the rest."""
        sizes = self._sizes(streams)
        if self._shape != (streams, steps):
            self._read_random_states()
            self._shape = (0, 0)  # until all are ready
            self._engage(sizes[1:], steps)
            self._shares = {n: share for n, share in self._shares.items() if share.steps == steps}
            self._shape = (streams, steps)
        if sizes[0] not in self._shares:
            self._shares[sizes[0]] = Share(weights, steps, sizes[0])
        share = self._shares[sizes[0]]
        share.generator = self.generators[0]
        return share

    def _engage(self, sizes: list[int], steps: int) -> None:
        """Have a helper for each of these shares of streams, and its generator where ours is."""
        while len(self._helpers) < len(sizes):
            self._helpers.append(Helper(self.model, self.arithmetic))
        self._busy = self._helpers[: len(sizes)]
        new = [
            helper
            for helper, size in zip(self._busy, sizes, strict=True)
            if helper.shape != (size, steps)
        ]
        for helper, size in zip(self._busy, sizes, strict=True):
            if helper in new:
                helper.engage(size, steps)
        for helper in new:  # all start at once
            helper.wait_until_ready()
        for helper, generator in zip(self._busy, self.generators[1:], strict=False):
            helper.restore_random_state(generator.get_state())

    def _read_random_states(self) -> None:
        for helper, generator in zip(self._busy, self.generators[1:], strict=False):
            generator.set_state(helper.random_state())


def _is_faster_by_hand(model: RecurrentLM, arithmetic: str) -> bool:
    """As measured (tests/benchmarks/LOG.md): a rule, not a clock, so that equal runs are equal."""
    if model.cell != "lstm" or not torch.backends.mkldnn.is_available():
        return True
    return arithmetic == "bfloat16" and model.config.hidden_size >= BY_HAND_FROM


def _join(states: Sequence[State]) -> State:
    """The state of all streams from those of the threads, parts (L, B, H)."""
    return tuple(torch.cat(parts, dim=1) for parts in zip(*states, strict=True))
