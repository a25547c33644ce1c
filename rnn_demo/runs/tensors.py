"""Tensors as bytes and back: safetensors, read strictly.

The format allows things that nobody honest writes (two tensors of one name, gaps, empty shapes
with huge sides), so the header is held against what we expect before the library sees it.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping

import torch
from safetensors import SafetensorError
from safetensors.torch import load as from_bytes
from safetensors.torch import save as to_bytes

from rnn_demo.errors import DamagedError
from rnn_demo.runs.files import unique

HEADER_LIMIT = 64 * 1024  # bytes; ours are a few thousand
SIZES = {"F64": 8, "F32": 4, "F16": 2, "BF16": 2, "I64": 8, "I32": 4, "I16": 2, "I8": 1, "U8": 1}


def pack_tensors(tensors: Mapping[str, torch.Tensor]) -> bytes:
    """Tensors as the bytes of a safetensors file."""
    return to_bytes({n: t.detach().cpu().contiguous() for n, t in tensors.items()})


def unpack_tensors(
    data: bytes, name: str, shapes: Mapping[str, tuple[int, ...]] | None = None
) -> dict[str, torch.Tensor]:
    """Read safetensors bytes strictly; with shapes: exactly these tensors, float32, all finite."""
    header = _header(data, name)
    if shapes is not None:
        _hold_against(header, name, shapes)
    try:
        tensors = from_bytes(data)
    except SafetensorError:  # stricter than we are, as about "__metadata__"
        raise DamagedError("weights.unsound", name=name) from None
    if shapes is not None:
        for tensor_name, tensor in tensors.items():
            if not torch.isfinite(tensor).all():
                raise DamagedError("weights.infinite", name=name, tensor=tensor_name)
    return tensors


def _header(data: bytes, name: str) -> dict[str, dict]:
    """The parsed header, after every check that needs no tensor: no duplicate, gap or overlap."""
    length = int.from_bytes(data[:8], "little")
    if len(data) < 8 or length > min(HEADER_LIMIT, len(data) - 8):
        raise DamagedError("weights.header", name=name, limit=HEADER_LIMIT)
    try:
        header = json.loads(data[8 : 8 + length].decode(), object_pairs_hook=unique)
        header.pop("__metadata__", None)
        end = 0
        for tensor in sorted(header.values(), key=lambda t: t["data_offsets"]):
            start, stop = tensor["data_offsets"]
            if any(type(number) is not int for number in (start, stop, *tensor["shape"])):
                raise ValueError("a number is no whole one")
            count = math.prod(tensor["shape"])
            if start != end or stop - start != count * SIZES[tensor["dtype"]] or len(tensor) != 3:
                raise ValueError("offsets")
            end = stop
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise DamagedError("weights.unsound", name=name) from None
    if len(data) != 8 + length + end:
        raise DamagedError("weights.length", name=name, size=len(data), wanted=8 + length + end)
    return header


def _hold_against(header: dict, name: str, shapes: Mapping[str, tuple[int, ...]]) -> None:
    """The tensors that the settings call for, no more and no fewer, in the right shapes."""
    for tensor in sorted(set(header) ^ set(shapes)):
        key = "weights.lacks" if tensor in shapes else "weights.unknown"
        raise DamagedError(key, name=name, tensor=tensor[:60])
    for tensor, shape in shapes.items():
        found = (header[tensor]["dtype"], tuple(header[tensor]["shape"]))
        if found != ("F32", tuple(shape)):
            raise DamagedError(
                "weights.shape", name=name, tensor=tensor, shape=str(tuple(shape)), found=str(found)
            )
