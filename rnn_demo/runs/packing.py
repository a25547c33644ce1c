"""Networks and snapshots as bytes and back, held against what they must be."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping

import torch
from torch import Tensor

from rnn_demo.config import ModelConfig
from rnn_demo.errors import TrainingError
from rnn_demo.network.model import RecurrentLM, with_weights, without_weights
from rnn_demo.runs.files import json_bytes
from rnn_demo.runs.tensors import pack_tensors, unpack_tensors
from rnn_demo.training.train import Snapshot


def load_model(config: ModelConfig, data: bytes, name: str) -> RecurrentLM:
    """Weights from safetensors bytes into a network in eval mode, checked tensor by tensor."""
    shapes = {n: tuple(t.shape) for n, t in without_weights(config).state_dict().items()}
    return with_weights(config, unpack_tensors(data, name, shapes))


def pack_snapshot(snapshot: Snapshot) -> dict[str, bytes]:
    """File name -> contents. Refuses weights that are not finite."""
    require_finite(snapshot.tensors["model"])
    contents = {f"{n}.safetensors": pack_tensors(t) for n, t in snapshot.tensors.items()}
    return {**contents, "state.json": json_bytes(snapshot.record)}


def unpack_snapshot(contents: Mapping[str, bytes]) -> Snapshot:
    """The snapshot that was packed."""
    tensors = {
        name.removesuffix(".safetensors"): unpack_tensors(data, name)
        for name, data in contents.items()
        if name.endswith(".safetensors")
    }
    return Snapshot(tensors, json.loads(contents["state.json"]))


def require_finite(tensors: Mapping[str, Tensor]) -> None:
    """Raise TrainingError for the first tensor with a number that is none."""
    for name, tensor in tensors.items():
        if not math.isfinite(tensor.detach().to(torch.float64).sum().item()):
            raise TrainingError("train.infinite", name=name)
