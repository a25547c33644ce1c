"""The gradients of one training step, by the fastest way for the cell and the device.

GRU and RNN on a CPU: by hand (share.py). The B streams are split over processes with one
arithmetic thread each, which meet once a step, without a barrier at every small operation.
LSTM on a CPU, and everything on a GPU: the library's kernels and autograd. oneDNN runs a whole
LSTM in one call, also in bfloat16; measured, by hand is 1.2 to 2 times slower.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

from rnn_demo.network.helper import Helper
from rnn_demo.network.model import RecurrentLM, State, detach
from rnn_demo.network.share import ARITHMETIC, Share
from rnn_demo.network.weights import Weights, store_gradients


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
        self.arithmetic = arithmetic
        self._on_cpu = model.output.bias.device.type == "cpu"
        if by_hand is None:
            by_hand = model.cell != "lstm" or not torch.backends.mkldnn.is_available()
        by_hand = by_hand and self._on_cpu
        self._weights = Weights(model, ARITHMETIC[arithmetic]) if by_hand else None
        self._shares: dict[int, Share] = {}  # by number of streams
        self._helpers: list[Helper] = []  # running, perhaps more than are busy
        self._busy: list[Helper] = []
        self._shape = (0, 0)
        self.use(threads, seed)

    def use(self, threads: int, seed: int) -> None:
        """From here on share the streams among so many cores, with dropout drawn from `seed`.

        Helpers that are not needed stay, asleep, so that going back costs nothing.
        """
        self.threads = threads
        device = self.model.output.bias.device
        self.generators = [
            torch.Generator(device).manual_seed(seed * 1009 + index)
            for index in range(threads if self._weights else 1)
        ]
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
        if not self._on_cpu:
            return self._by_autograd(inputs, targets, state)
        intra = torch.get_num_threads()
        torch.set_num_threads(1 if self._weights else self.threads)
        try:
            if self._weights is None:
                return self._by_autograd(inputs, targets, state, ARITHMETIC[self.arithmetic])
            with torch.no_grad():
                return self._by_hand(self._weights, inputs, targets, state)
        finally:
            torch.set_num_threads(intra)

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
        """End the helper processes."""
        helpers, self._helpers, self._busy, self._shape = self._helpers, [], [], (0, 0)
        self._shares.clear()
        for helper in helpers:
            helper.close()

    def _by_autograd(
        self, inputs: Tensor, targets: Tensor, state: State, products: torch.dtype | None = None
    ) -> tuple[Tensor, State]:
        for parameter in self.model.parameters():
            parameter.grad = None
        logits, state = self.model(inputs, state, self.generators[0], products)
        loss = F.cross_entropy(logits.flatten(0, 1), targets.flatten())
        loss.backward()
        return loss.detach(), detach(state)

    def _by_hand(
        self, weights: Weights, inputs: Tensor, targets: Tensor, state: State
    ) -> tuple[Tensor, State]:
        share = self._prepare(weights, *inputs.shape)
        first, jobs = share.streams, [slice(share.streams)]
        for helper in self._busy:
            jobs.append(slice(first, first := first + helper.shape[0]))
        work = [
            (inputs[job], targets[job], tuple(part[:, job] for part in state), 1 / inputs.numel())
            for job in jobs
        ]
        for helper, job in zip(self._busy, work[1:], strict=True):
            helper.begin(*job)
        weights.refresh()
        share.run(*work[0])
        store_gradients(weights, share.gradients)
        loss, states = share.loss.clone(), [share.state()]
        for helper in self._busy:
            more, after = helper.finish()
            loss += more
            states.append(after)
        return loss, tuple(torch.cat(parts, dim=1) for parts in zip(*states, strict=True))

    def _prepare(self, weights: Weights, streams: int, steps: int) -> Share:
        """This process's share of a batch (B, T), and the helpers that do the rest."""
        count = min(self.threads, streams)
        sizes = [(streams + count - 1 - index) // count for index in range(count)]
        if self._shape != (streams, steps):
            self._read_random_states()
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
