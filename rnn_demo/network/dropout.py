"""Dropout: zero some of a layer's outputs while training, and let the others make up for it.

Each output of a layer is on its own. A feature of the embedding is zeroed for all T tokens of a
stream at once (Gal and Ghahramani 2016, "variational"): a small text is learned by heart later.
"""

from __future__ import annotations

import torch
from torch import Tensor


def dropout_mask(outputs: Tensor, share: float, generator: torch.Generator | None) -> Tensor:
    """Zeros for `share` of the outputs, 1 / (1 - share) for the rest; of their shape and type.

    On a CPU a byte decides, six times as fast as a number for each: there the share is rounded
    to 256ths.
    """
    if outputs.device.type != "cpu":
        mask = torch.empty(outputs.shape, dtype=outputs.dtype, device=outputs.device)
        return mask.bernoulli_(1 - share, generator=generator).div_(1 - share)
    threshold = min(round(share * 256), 255)
    words = torch.empty(-(-outputs.numel() // 8), dtype=torch.int64)
    words.random_(-(2**63), None, generator=generator)
    bits = words.view(torch.uint8)[: outputs.numel()].view(outputs.shape)
    return (bits >= threshold).to(outputs.dtype).mul_(256 / (256 - threshold))
