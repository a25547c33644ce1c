"""The gradients of one training step: by hand on a CPU, by the library's kernels on a GPU.

On a CPU the B streams are split over Python threads with one arithmetic thread each, which meet
once a step: the same gradients, without a barrier at every small operation.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import torch
from torch import Tensor
from torch.nn import functional as F

from rnn_demo.model import RecurrentLM, State, detach
from rnn_demo.share import Share
from rnn_demo.weights import Weights, store_gradients

ARITHMETIC = {"float32": torch.float32, "bfloat16": torch.bfloat16}


class Gradients:
    """Computes loss and gradients of one model, step after step.

    `threads`: how many threads share the streams. `arithmetic`: of the matrix products, float32
    or bfloat16 (weights, states and sums stay float32). Equal seeds, threads and inputs give
    bitwise equal results.
    """

    def __init__(
        self, model: RecurrentLM, *, threads: int = 1, arithmetic: str = "float32", seed: int = 0
    ) -> None:
        self.model = model
        self.threads = threads
        self.arithmetic = arithmetic
        device = model.output.bias.device
        self.by_hand = device.type == "cpu"
        self.generators = [
            torch.Generator(device).manual_seed(seed * 1009 + index)
            for index in range(threads if self.by_hand else 1)
        ]
        self._shares: dict[tuple[int, int], list[Share]] = {}
        self._weights = Weights(model, ARITHMETIC[arithmetic]) if self.by_hand else None
        self._pool = ThreadPoolExecutor(
            max(1, threads - 1), "gradients", torch.set_num_threads, (1,)
        )

    def __call__(
        self, inputs: Tensor, targets: Tensor, state: State | None
    ) -> tuple[Tensor, State]:
        """Leave the gradients of the mean loss in `.grad` (overwriting what was there).

        inputs and targets (B, T) int64; returns the loss, a scalar tensor in nats per token
        that stays on the device, and the detached state.
        """
        state = self.model.initial_state(len(inputs)) if state is None else state
        if self._weights is None:
            return self._by_autograd(inputs, targets, state)
        threads = torch.get_num_threads()
        torch.set_num_threads(1)
        try:
            return self._by_hand(self._weights, inputs, targets, state)
        finally:
            torch.set_num_threads(threads)

    def random_state(self) -> dict[str, Tensor]:
        """The dropout generators' states, by name, for a checkpoint."""
        return {f"dropout.{i}": g.get_state() for i, g in enumerate(self.generators)}

    def restore_random_state(self, states: dict[str, Tensor]) -> None:
        """Go on from random_state() of as many threads."""
        for index, generator in enumerate(self.generators):
            generator.set_state(states[f"dropout.{index}"])

    def close(self) -> None:
        """End the helper threads."""
        self._pool.shutdown()

    def _by_autograd(self, inputs: Tensor, targets: Tensor, state: State) -> tuple[Tensor, State]:
        for parameter in self.model.parameters():
            parameter.grad = None
        logits, state = self.model(inputs, state, self.generators[0])
        loss = F.cross_entropy(logits.flatten(0, 1), targets.flatten())
        loss.backward()
        return loss.detach(), detach(state)

    def _by_hand(
        self, weights: Weights, inputs: Tensor, targets: Tensor, state: State
    ) -> tuple[Tensor, State]:
        shares = self._shares_of(weights, inputs)
        with torch.no_grad():
            weights.refresh()
        jobs, first = [], 0
        for share in shares:
            mine = slice(first, first := first + share.streams)
            parts = tuple(part[:, mine] for part in state)
            jobs.append((inputs[mine], targets[mine], parts, 1 / inputs.numel()))
        others = [
            self._pool.submit(share.run, *job)
            for share, job in zip(shares[1:], jobs[1:], strict=True)
        ]
        shares[0].run(*jobs[0])
        for other in others:
            other.result()
        with torch.no_grad():
            store_gradients(weights, [share.gradients for share in shares])
            loss = torch.stack([share.loss for share in shares]).sum()
            return loss, _joined([share.state() for share in shares])

    def _shares_of(self, weights: Weights, inputs: Tensor) -> list[Share]:
        """The threads' shares for inputs of this shape; their buffers are kept for the next."""
        streams, steps = inputs.shape
        if (streams, steps) not in self._shares:
            self._shares.clear()  # one shape at a time: the buffers are large
            count = min(self.threads, streams)
            self._shares[streams, steps] = [
                Share(weights, steps, (streams + i) // count, self.generators[i])
                for i in range(count)
            ]
        return self._shares[streams, steps]


def _joined(shares: list[list[tuple[Tensor, ...]]]) -> State:
    """States of shares of layers, parts (H, B of a share) -> parts (L, B, H)."""
    layers = [
        tuple(torch.cat([part.t() for part in parts]) for parts in zip(*of_layer, strict=True))
        for of_layer in zip(*shares, strict=True)
    ]
    return tuple(torch.stack(parts) for parts in zip(*layers, strict=True))
