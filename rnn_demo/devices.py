"""Where the arithmetic happens, and in which numbers."""

from __future__ import annotations

import os

import torch

from rnn_demo.errors import DeviceError


def choose_device(name: str) -> torch.device:
    """auto: the GPU if there is one. Raises DeviceError if the wanted device is not there."""
    there = {
        "cpu": True,
        "cuda": torch.cuda.is_available(),
        "mps": torch.backends.mps.is_available(),
    }
    if name == "auto":
        return torch.device(next(kind for kind in ("cuda", "mps", "cpu") if there[kind]))
    if not there.get(name, False):
        others = " or ".join(kind for kind, found in there.items() if found)
        raise DeviceError(f"The device {name!r} is not there for PyTorch; choose auto or {others}.")
    return torch.device(name)


def takes_bfloat16(device: torch.device, arithmetic: str) -> bool:
    """Whether products run in bfloat16 on this GPU; a CPU's arithmetic is for gradients.py."""
    if device.type != "cuda" or arithmetic == "float32":
        return False
    return torch.cuda.is_bf16_supported(including_emulation=False)


def thread_counts(most: int) -> list[int]:
    """Numbers of threads worth trying here: 1, 2, 4 ... and one for each core we may use."""
    if hasattr(os, "sched_getaffinity"):
        cores = len(os.sched_getaffinity(0))
    else:
        cores = os.cpu_count() or 1
    powers = [1 << exponent for exponent in range(cores.bit_length())]
    return [count for count in sorted({*powers, cores}) if count <= min(cores, most)] or [1]
