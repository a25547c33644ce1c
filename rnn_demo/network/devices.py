"""Where the arithmetic happens, and in which numbers."""

from __future__ import annotations

import functools
import os
import time

import torch

from rnn_demo.errors import DeviceError

CORES = torch.get_num_threads()  # as PyTorch counts them: of an Apple chip, the fast ones


def choose_device(name: str) -> torch.device:
    """auto: an NVIDIA GPU if there is one. Raises DeviceError if the wanted device is not there.

    An Apple GPU ("mps") must be named: up to 2.13 PyTorch multiplies wrongly there now and then
    (pytorch/pytorch#193487), and none has run this program's tests.
    """
    there = {
        "cpu": True,
        "cuda": torch.cuda.is_available(),
        "mps": torch.backends.mps.is_available(),
    }
    if name == "auto":
        return torch.device(next(kind for kind in ("cuda", "cpu") if there[kind]))
    if not there.get(name, False):
        others = " or ".join(kind for kind, found in there.items() if found)
        raise DeviceError("device.missing", name=name, others=others)
    return torch.device(name)


def takes_bfloat16(device: torch.device, arithmetic: str) -> bool:
    """Whether products run in bfloat16 on this GPU; a CPU's arithmetic is for gradients.py."""
    if device.type != "cuda" or arithmetic == "float32":
        return False
    return torch.cuda.is_bf16_supported(including_emulation=False)


@functools.cache
def fast_arithmetic(device: torch.device) -> str:
    """bfloat16 where this processor multiplies it much faster than float32, else float32.

    Measured once in a process, on one thread, as training multiplies: small products in float32
    gain from a second one, in bfloat16 they do not, and float32 would seem to be as fast.
    """
    if device.type != "cpu":
        return "bfloat16" if takes_bfloat16(device, "bfloat16") else "float32"
    kinds = (torch.float32, torch.bfloat16)
    best = dict.fromkeys(kinds, float("inf"))
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        for _ in range(8):  # in turn: another program may have looked in
            for kind in kinds:
                best[kind] = min(best[kind], _product_seconds(kind))
    finally:
        torch.set_num_threads(threads)
    return "bfloat16" if best[torch.bfloat16] < 0.7 * best[torch.float32] else "float32"


def _product_seconds(kind: torch.dtype) -> float:
    """The fastest of a few products of the size that a recurrent layer needs at every token."""
    weight, states = torch.ones(1024, 256, dtype=kind), torch.ones(256, 32, dtype=kind)
    best = float("inf")
    for _ in range(10):
        begin = time.perf_counter()
        weight @ states
        best = min(best, time.perf_counter() - begin)
    return best


def thread_counts(most: int) -> list[int]:
    """Numbers of threads worth trying here: 1, 2, 4 ... and one for each core we may use."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else CORES
    powers = [1 << exponent for exponent in range(cores.bit_length())]
    return [count for count in sorted({*powers, cores}) if count <= min(cores, most)] or [1]
