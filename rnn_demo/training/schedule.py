"""What happens when during a training: the learning rate, the validations, the sums for a report.

Everything is a function of the share of the budget that is used, so minutes and steps mean the
same, and a longer budget stretches the whole course.
"""

from __future__ import annotations

import torch
from torch import Tensor

from rnn_demo.config import TrainConfig


def learning_rate(share: float, config: TrainConfig) -> float:
    """The rate when `share` of the budget is used: a line up, then a line down to almost nothing.

    In trials the line ended a little lower than half a cosine.
    """
    if share < config.warmup:
        return config.learning_rate * max(share / config.warmup, 0.01)
    left = 1 - min(1.0, (share - config.warmup) / max(1e-9, 1 - config.warmup))
    low = config.final_learning_rate
    return config.learning_rate * (low + (1 - low) * left)


def evaluation_shares(count: int) -> list[float]:
    """When to validate: after every 1/count of the budget, and once early for the chart."""
    return [0.25 / count] + [(index + 1) / count for index in range(count)]


class Meters:
    """Sums since the last report; they stay on the device until someone asks."""

    def __init__(self, device: torch.device) -> None:
        self.sums = torch.zeros(3, device=device)  # loss, norm before clipping, clipped steps
        self.steps = 0
        self.seconds = 0.0  # of training when the meters were last emptied

    def add(self, loss: Tensor, norm: Tensor, clip_norm: float) -> None:
        self.sums += torch.stack([loss, norm, (norm > clip_norm).to(norm)])
        self.steps += 1

    def empty(self, seconds: float) -> tuple[float, float, float, int]:
        """Means of the loss, the norm and the clipped share, and of how many steps."""
        loss, norm, clipped = (self.sums / max(1, self.steps)).tolist()
        steps, self.steps, self.seconds = self.steps, 0, seconds
        self.sums.zero_()
        return loss, norm, clipped, steps
