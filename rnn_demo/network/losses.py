"""How surprised the network is by every token of a text it may not have seen: nats per token.

Training validates with it and evaluation.py builds on it, so both mean the same by a loss.
Shapes: N tokens of the text, S streams read at once, T tokens at a time, V vocabulary.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import torch
from torch import Tensor
from torch.nn import functional as F

from rnn_demo.network.model import RecurrentLM

WARM = 128  # tokens that are read before a stream is scored
STREAMS, GPU_STREAMS = 32, 256  # a GPU reads many as fast as one, and one stream no faster
CHUNK_VALUES = 1 << 22  # in the largest array of a chunk: what is larger, caches do not hold
GPU_CHUNK_VALUES = 1 << 26  # 256 MB


@torch.no_grad()
def token_losses(
    model: RecurrentLM,
    ids: Tensor,
    *,
    streams: int | None = None,
    threads: int = 1,
    products: torch.dtype | None = None,
) -> Tensor:
    """Nats of every token but the first, given all before it: ids (N,) -> (N - 1,) on the CPU.

    `products`: the arithmetic, as in model.py. `threads`: of a CPU; a GPU needs one.

    The text is cut into equal streams that are read side by side; each first reads the tokens
    before it, so its state is as warm as if the whole text had been read in one go.
    """
    count = len(ids) - 1
    if count < 1:
        return torch.zeros(0)
    gpu = ids.device.type != "cpu"
    if gpu:
        threads = 1
    length = max(2 * WARM, -(-count // (streams or (GPU_STREAMS if gpu else STREAMS))))
    starts = list(range(0, count, length))
    groups = [starts[index::threads] for index in range(min(threads, len(starts)))]
    training = model.training
    model.eval()
    try:
        parts = _in_threads(lambda group: _read(model, ids, group, length, products), groups)
    finally:
        model.train(training)
    rows = {start: row for group, part in zip(groups, parts, strict=True)
            for start, row in zip(group, part, strict=True)}  # fmt: skip
    return torch.cat([rows[start] for start in starts])[:count]


def _in_threads(work: Callable[[list[int]], Tensor], groups: list[list[int]]) -> list[Tensor]:
    """One Python thread a group, each with one thread of its own for the arithmetic.

    That holds for one group, too: OpenMP's threads wait for each other at every operation, and
    twenty times as long as they work when another job wants their core.
    """
    with ThreadPoolExecutor(len(groups), initializer=torch.set_num_threads, initargs=(1,)) as pool:
        return list(pool.map(work, groups))


@torch.no_grad()
def _read(
    model: RecurrentLM, ids: Tensor, starts: list[int], length: int, products: torch.dtype | None
) -> Tensor:
    """Losses of the `length` tokens after each start, (S, length); past the end they are void."""
    first = torch.tensor(starts, device=ids.device)
    places = torch.arange(-WARM, length + 1, device=ids.device)
    tokens = ids[(first[:, None] + places).clamp(0, len(ids) - 1)].long()
    _, state = model(tokens[:, :WARM], products=products)
    state = tuple(s * (first > 0).to(s)[:, None] for s in state)  # nothing lies before the text
    losses = []
    widest = max(model.config.vocab_size, 4 * model.config.hidden_size)
    values = CHUNK_VALUES if ids.device.type == "cpu" else GPU_CHUNK_VALUES
    chunk = min(max(values // (widest * len(starts)), 16), 256)  # T
    for start in range(WARM, WARM + length, chunk):
        window = tokens[:, start : start + chunk + 1]
        logits, state = model(window[:, :-1], state, products=products)
        targets = window[:, 1:]
        loss = F.cross_entropy(logits.flatten(0, 1).float(), targets.flatten(), reduction="none")
        losses.append(loss.view_as(targets))
    return torch.cat(losses, dim=1).cpu()
