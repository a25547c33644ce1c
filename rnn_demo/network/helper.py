"""A second process that computes some of the streams' gradients, beside the one that trains.

Why a process: two threads of one Python share its lock, the memory allocator and the caches of
the arithmetic library, and together were hardly faster than one. Two processes share nothing but
a block of memory: weights and tokens in, gradients, loss and state out. Each step is one byte
there and one byte back.

The helper ends by itself when its standard input does, so also when the training is killed.
Shapes: B streams (of this helper), T tokens, H hidden, L layers.
"""

from __future__ import annotations

import contextlib
import json
import math
import os
import signal
import subprocess
import sys
import tempfile
import weakref
from pathlib import Path
from typing import IO, Any, cast

import torch
from torch import Tensor

from rnn_demo.config import ModelConfig
from rnn_demo.errors import DeviceError
from rnn_demo.network.model import RecurrentLM, State, without_weights
from rnn_demo.network.share import ARITHMETIC, Share
from rnn_demo.network.weights import Weights, gradient_of, store_gradients

TRAIN, EVALUATE, READ_RANDOM, WRITE_RANDOM, ORDER = (bytes([code]) for code in b"tegso")


class Exchange:
    """The block of memory that both processes see, cut into named tensors."""

    def __init__(self, path: str, model: RecurrentLM, streams: int, steps: int) -> None:
        config = model.config
        parts = 2 if config.cell == "lstm" else 1
        state = (parts, config.layers, streams, config.hidden_size)
        shapes: dict[str, tuple[tuple[int, ...], torch.dtype]] = {
            "inputs": ((streams, steps), torch.int64),
            "targets": ((streams, steps), torch.int64),
            "scale": ((), torch.float64),
            "loss": ((), torch.float32),
            "state": (state, torch.float32),
            "random": (tuple(torch.Generator().get_state().shape), torch.uint8),
        }
        for name, parameter in model.named_parameters():
            shapes[f"weight.{name}"] = shapes[f"gradient.{name}"] = (
                tuple(parameter.shape), torch.float32,
            )  # fmt: skip
        offsets, end = {}, 0
        for name, (shape, dtype) in shapes.items():
            offsets[name] = end
            end += -(-math.prod(shape) * dtype.itemsize // 64) * 64
        memory = torch.from_file(path, shared=True, size=end, dtype=torch.uint8)
        self.tensors = {
            name: memory[offsets[name] :][: math.prod(shape) * dtype.itemsize]
            .view(dtype).view(shape)
            for name, (shape, dtype) in shapes.items()
        }  # fmt: skip

    def __getitem__(self, name: str) -> Tensor:
        return self.tensors[name]

    def all_of(self, kind: str) -> list[Tensor]:
        """The weights, or the gradients, in the order of the model's parameters."""
        return [t for name, t in self.tensors.items() if name.startswith(f"{kind}.")]


class Helper:
    """The training's end of it."""

    exchange: Exchange

    def __init__(self, model: RecurrentLM, arithmetic: str) -> None:
        self.model, self.arithmetic, self.shape = model, arithmetic, (0, 0)
        package = str(Path(__file__).resolve().parents[2])
        paths = os.pathsep.join([package, *filter(None, [os.environ.get("PYTHONPATH")])])
        self._process = subprocess.Popen(
            [sys.executable, "-m", "rnn_demo.network.helper"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=os.environ | {"PYTHONPATH": paths},
            bufsize=0,
        )
        self._input = cast(IO[bytes], self._process.stdin)
        self._output = cast(IO[bytes], self._process.stdout)
        self._end = weakref.finalize(self, _end, self._process)  # also if nobody calls close()

    def engage(self, streams: int, steps: int) -> None:
        """Order a share of so many streams and tokens; wait_until_ready() must follow."""
        self._file, path = _memory()
        self.path = path
        self.exchange = Exchange(path, self.model, streams, steps)
        order = {"config": self.model.config.to_json(), "arithmetic": self.arithmetic,
                 "path": path, "streams": streams, "steps": steps}  # fmt: skip
        self._send(ORDER + json.dumps(order).encode() + b"\n")
        self.shape = (streams, steps)

    def wait_until_ready(self) -> None:
        """After engage(): until the helper is up and sees the memory."""
        try:
            self._receive()
        finally:
            os.close(self._file)  # both have mapped it
            if not hasattr(os, "memfd_create"):
                with contextlib.suppress(OSError):
                    os.unlink(self.path)

    def begin(self, inputs: Tensor, targets: Tensor, state: State, scale: float) -> None:
        """Start a step. inputs and targets (B, T), state parts (L, B, H)."""
        exchange = self.exchange
        exchange["inputs"].copy_(inputs)
        exchange["targets"].copy_(targets)
        exchange["scale"].fill_(scale)
        for mine, part in zip(exchange["state"].unbind(0), state, strict=True):
            mine.copy_(part)
        for mine, parameter in zip(exchange.all_of("weight"), self.model.parameters(), strict=True):
            mine.copy_(parameter)
        self._send(TRAIN if self.model.training else EVALUATE)

    def finish(self) -> tuple[Tensor, State]:
        """Wait for the step, add its gradients to the model's; the loss, and the state."""
        self._receive()
        gradients = self.exchange.all_of("gradient")
        for parameter, more in zip(self.model.parameters(), gradients, strict=True):
            gradient_of(parameter).add_(more)
        return self.exchange["loss"].clone(), tuple(self.exchange["state"].clone().unbind(0))

    def random_state(self) -> Tensor:
        """The state of the helper's generator."""
        self._send(READ_RANDOM)
        self._receive()
        return self.exchange["random"].clone()

    def restore_random_state(self, state: Tensor) -> None:
        """Go on from random_state()."""
        self.exchange["random"].copy_(state)
        self._send(WRITE_RANDOM)
        self._receive()

    def close(self) -> None:
        """End the process."""
        self._end()

    def _send(self, command: bytes) -> None:
        try:
            self._input.write(command)
        except OSError:
            raise DeviceError("train.helper", code=self._process.wait()) from None

    def _receive(self) -> None:
        if not self._output.read(1):
            raise DeviceError("train.helper", code=self._process.wait())


def _end(process: subprocess.Popen[bytes]) -> None:
    """Close both pipes, which is how a helper learns that it is over."""
    for stream in (process.stdin, process.stdout):
        if stream is not None:
            stream.close()
    process.wait()


def _memory() -> tuple[int, str]:
    """A new file to share, and a path by which the helper can open it.

    Where the system can, a file that only exists in memory: a crash leaves nothing behind.
    """
    if hasattr(os, "memfd_create"):
        descriptor = os.memfd_create("rnn-demo")
        return descriptor, f"/proc/{os.getpid()}/fd/{descriptor}"
    return tempfile.mkstemp(prefix="rnn-demo-")


class Assignment:
    """The helper's end: what it was ordered to work on."""

    def __init__(self, order: dict[str, Any]) -> None:
        model = without_weights(ModelConfig.from_json(order["config"]))  # they are in the exchange
        streams, steps = order["streams"], order["steps"]
        self.exchange = exchange = Exchange(order["path"], model, streams, steps)
        weights = {name: exchange[f"weight.{name}"] for name in model.state_dict()}
        model.load_state_dict(weights, assign=True)
        for name, parameter in model.named_parameters():
            parameter.grad = exchange[f"gradient.{name}"]
        self.weights = Weights(model, ARITHMETIC[order["arithmetic"]])
        self.share = Share(self.weights, steps, streams)

    def do(self, command: bytes) -> None:
        """Carry out one command."""
        random = self.exchange["random"]
        if command == READ_RANDOM:
            random.copy_(self.share.generator.get_state())
        elif command == WRITE_RANDOM:
            self.share.generator.set_state(random.clone())
        else:
            self.weights.model.train(command == TRAIN)
            self._step()

    @torch.no_grad()
    def _step(self) -> None:
        exchange, share = self.exchange, self.share
        self.weights.refresh()
        state = tuple(exchange["state"].unbind(0))
        share.run(exchange["inputs"], exchange["targets"], state, exchange["scale"].item())
        store_gradients(self.weights, share.gradients)
        exchange["loss"].copy_(share.loss)
        for mine, part in zip(state, share.state(), strict=True):
            mine.copy_(part)


def serve(source: IO[bytes], sink: int) -> None:
    """One byte in, the work, one byte out, until the input ends."""
    torch.set_num_threads(1)
    assignment: Assignment | None = None
    while command := source.read(1):
        if command == ORDER:
            assignment = Assignment(json.loads(source.readline()))
        elif assignment is not None:
            assignment.do(command)
        os.write(sink, command)


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the training's to handle
    answers = os.dup(1)
    os.dup2(2, 1)  # whatever prints must not look like an answer
    with open(0, "rb", buffering=0) as commands:
        serve(commands, answers)
