"""RecurrentLM: embedding -> L recurrent layers -> a score for every symbol of the vocabulary.

The state is a value: what comes out of one call goes into the next. Names and layouts of the
weights are PyTorch's, so that they can be exported as they are.
Shapes: B streams, T tokens, V vocabulary, E embedding, H hidden, L layers, G gates of the cell.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from rnn_demo.config import GATES, ModelConfig
from rnn_demo.network import cells
from rnn_demo.network.dropout import dropout_mask

State = tuple[Tensor, ...]  # (h,) or, for the LSTM, (h, c); each (L, B, H)


def detach(state: State) -> State:
    """The same values without their history: where back-propagation through time ends."""
    return tuple(s.detach() for s in state)


class Matrix(nn.Module):
    """A weight, and a bias if asked for, without an opinion on how they are filled."""

    def __init__(self, rows: int, columns: int, *, weight: bool = True, bias: bool = True) -> None:
        super().__init__()
        if weight:
            self.weight = nn.Parameter(torch.zeros(rows, columns))
        if bias:
            self.bias = nn.Parameter(torch.zeros(rows))


class Layer(nn.Module):
    """The weights of one recurrent layer; LayerNorm on its input if asked for."""

    def __init__(self, gates: int, inputs: int, hidden: int, *, norm: bool) -> None:
        super().__init__()
        self.input_weight = nn.Parameter(torch.zeros(gates * hidden, inputs))
        self.recurrent_weight = nn.Parameter(torch.zeros(gates * hidden, hidden))
        self.input_bias = nn.Parameter(torch.zeros(gates * hidden))
        self.recurrent_bias = nn.Parameter(torch.zeros(gates * hidden))
        self.norm = nn.LayerNorm(inputs) if norm else None

    def weights(self) -> cells.Weights:
        """The four tensors in the order of cells.py."""
        return cells.Weights(
            self.input_weight, self.recurrent_weight, self.input_bias, self.recurrent_bias
        )


class RecurrentLM(nn.Module):
    """The language model of the whole project. All randomness comes from `generator`."""

    def __init__(self, config: ModelConfig, generator: torch.Generator | None = None) -> None:
        super().__init__()
        self.config = config
        vocabulary, hidden, gates = config.vocab_size, config.hidden_size, GATES[config.cell]
        if config.embedding_size:
            self.embedding = Matrix(vocabulary, config.embedding_size, bias=False)
        self.layers = nn.ModuleList(
            Layer(
                gates,
                hidden if index else config.input_size,
                hidden,
                norm=config.layer_norm and index > 0,
            )
            for index in range(config.layers)
        )
        self.output = Matrix(vocabulary, hidden, weight=not config.tie_weights)
        self._initialise(generator)

    @property
    def cell(self) -> str:
        """The key of cells.STEPS: the GRU has two forms."""
        return "gru_before" if self.config.reset_before else self.config.cell

    @property
    def layer_list(self) -> list[Layer]:
        """The layers, from the input to the output."""
        return [cast(Layer, layer) for layer in self.layers]

    @property
    def output_weight(self) -> Tensor:
        """(V, H): the output's own, or the embedding when they are tied."""
        return self.embedding.weight if self.config.tie_weights else self.output.weight

    def _apply(self, function: Callable[[Tensor], Tensor], recurse: bool = True) -> RecurrentLM:
        """What every move to a device or type goes through, as in nn.RNNBase."""
        super()._apply(function, recurse)
        for layer in self.layer_list:
            cells.lay_out(self.cell, layer.weights())
        return self

    def forward(
        self,
        tokens: Tensor,
        state: State | None = None,
        generator: torch.Generator | None = None,
        products: torch.dtype | None = None,
    ) -> tuple[Tensor, State]:
        """tokens (B, T) int64 -> logits (B, T, V) and the state after the last token.

        `generator` draws the dropout masks, in training mode only. `products`: the arithmetic
        of the recurrent layers and the output, if it is not that of the weights.
        """
        outputs, state = self.read(tokens, state, generator, products)
        return self.logits(outputs), state

    def read(
        self,
        tokens: Tensor,
        state: State | None = None,
        generator: torch.Generator | None = None,
        products: torch.dtype | None = None,
    ) -> tuple[Tensor, State]:
        """The same up to the output layer: tokens (B, T) -> what it reads, (B, T, H), and state."""
        if state is None:
            state = self.initial_state(tokens.shape[0])
        signal, last = self._embed(tokens, generator), []
        for index, layer in enumerate(self.layer_list):
            norm = layer.norm
            inputs = signal if norm is None else norm(signal.to(norm.weight))
            carried = tuple(s[index] for s in state)
            outputs, carried = cells.sequence(self.cell, inputs, carried, layer.weights(), products)
            outputs = self._drop(outputs, generator)
            signal = outputs + signal if self.config.residual and index else outputs
            last.append(carried)
        return signal, tuple(torch.stack(parts) for parts in zip(*last, strict=True))

    def logits(self, outputs: Tensor) -> Tensor:
        """The output layer, multiplied in the type of what it reads: (..., H) -> (..., V)."""
        weight, bias = self.output_weight.to(outputs), self.output.bias.to(outputs)
        return F.linear(outputs, weight, bias).to(self.output.bias)

    def initial_state(self, batch_size: int) -> State:
        """Zeros: nothing has been read yet."""
        shape = (self.config.layers, batch_size, self.config.hidden_size)
        zeros = torch.zeros(shape, device=self.output.bias.device, dtype=self.output.bias.dtype)
        return (zeros, zeros.clone()) if self.config.cell == "lstm" else (zeros,)

    @torch.no_grad()
    def set_output_bias(self, counts: Tensor) -> None:
        """Begin at the unigram loss, not at ln V. counts (V,): how often each token occurs."""
        shares = (counts.to(self.output.bias) + 0.5) / (counts.sum() + 0.5 * len(counts))
        self.output.bias.copy_(shares.log())

    def _embed(self, tokens: Tensor, generator: torch.Generator | None) -> Tensor:
        if not self.config.embedding_size:
            return F.one_hot(tokens, self.config.vocab_size).to(self.output.bias.dtype)
        signal, share = F.embedding(tokens, self.embedding.weight), self.config.embedding_dropout
        if not self.training or share == 0:
            return signal
        return signal * dropout_mask(signal[:, :1], share, generator)

    def _drop(self, outputs: Tensor, generator: torch.Generator | None) -> Tensor:
        if not self.training or self.config.dropout == 0:
            return outputs
        return outputs * dropout_mask(outputs, self.config.dropout, generator)

    @torch.no_grad()
    def _initialise(self, generator: torch.Generator | None) -> None:
        hidden = self.config.hidden_size
        if self.output.bias.is_meta:  # every weight will come from a file
            return
        if self.config.embedding_size:
            nn.init.normal_(self.embedding.weight, std=0.1, generator=generator)
        for layer in self.layer_list:
            for block in layer.input_weight.split(hidden):
                nn.init.xavier_uniform_(block, generator=generator)
            for block in layer.recurrent_weight.split(hidden):
                nn.init.orthogonal_(block, generator=generator)
            if self.config.cell != "rnn":  # forget gate, or update gate: remember by default
                layer.input_bias[hidden : 2 * hidden] = 1.0
        if not self.config.tie_weights:
            nn.init.normal_(self.output.weight, std=hidden**-0.5 / 2, generator=generator)


def without_weights(config: ModelConfig) -> RecurrentLM:
    """A network of names and shapes only: no memory, nothing drawn at random."""
    with torch.device("meta"):
        return RecurrentLM(config)


def with_weights(config: ModelConfig, weights: Mapping[str, Tensor]) -> RecurrentLM:
    """A network in eval mode on these very tensors, by name: nothing is drawn, nothing copied."""
    model = without_weights(config)
    model.load_state_dict(weights, strict=True, assign=True)
    return model.eval()
