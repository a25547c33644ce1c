"""The gradients of one training step, as fast as this machine allows."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

from rnn_demo.model import RecurrentLM, State, detach


class Gradients:
    """Computes loss and gradients of a fixed model, step after step.

    `threads`: the B streams are split over so many Python threads. `arithmetic`: of the matrix
    products, "float32" or "bfloat16" (float32 weights, states and sums), or "auto".
    """

    def __init__(
        self, model: RecurrentLM, *, threads: int = 1, arithmetic: str = "float32", seed: int = 0
    ) -> None:
        self.model = model
        self.threads = threads
        self.arithmetic = arithmetic
        self.generator = torch.Generator(next(model.parameters()).device).manual_seed(seed)

    def __call__(
        self, inputs: Tensor, targets: Tensor, state: State | None
    ) -> tuple[Tensor, State]:
        """Leave the gradients of the mean loss in `.grad` (overwriting what was there).

        inputs and targets (B, T) int64; returns the loss, a scalar tensor in nats per token
        that stays on the device, and the detached state.
        """
        for parameter in self.model.parameters():
            parameter.grad = None
        logits, state = self.model(inputs, state, self.generator)
        loss = F.cross_entropy(logits.flatten(0, 1), targets.flatten())
        loss.backward()
        return loss.detach(), detach(state)

    def random_state(self) -> dict[str, Tensor]:
        """The dropout generators' states, by name, for a checkpoint."""
        return {"dropout": self.generator.get_state()}

    def restore_random_state(self, states: dict[str, Tensor]) -> None:
        """Go on from random_state()."""
        self.generator.set_state(states["dropout"])

    def close(self) -> None:
        """End the helper threads."""
