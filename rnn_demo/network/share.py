"""What one thread does in a training step: some of the streams, all of the network, by hand.

Everything is feature-major: activations are (F, N) with N = T * B columns, so weights multiply
from the left as they are. A gradient of weights is one product over all N. The layers' loops are
in kernels.py.

Shapes: B streams (of one share), T tokens, V vocabulary, E embedding, H hidden, G gates.
"""

from __future__ import annotations

import torch
from torch import Tensor

from rnn_demo.network.dropout import dropout_mask
from rnn_demo.network.kernels import make_loop
from rnn_demo.network.loop import LAYOUTS, scripted
from rnn_demo.network.model import State
from rnn_demo.network.weights import Weights

ARITHMETIC = {"float32": torch.float32, "bfloat16": torch.bfloat16}  # of the products


def embed(tokens: Tensor, table: Tensor, one_hot: Tensor, products: Tensor) -> None:
    """tokens (N,): fill one_hot (V, N) and products (G*H, N) = table @ one_hot."""
    one_hot.zero_().scatter_(0, tokens.unsqueeze(0), 1.0)
    torch.mm(table, one_hot, out=products)


def output_layer(
    signal: Tensor, targets: Tensor, output: Tensor, output_t: Tensor, bias: Tensor, scale: float
) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """signal (H, N), targets (N,): the loss times scale, and its gradients.

    Returns the loss, the gradients of bias (V), of output (V, H), and of the signal (H, N).
    """
    places = targets.unsqueeze(0)
    logits = torch.mm(output, signal).float()  # (V, N)
    logits.add_(bias.unsqueeze(1))
    logits = torch.log_softmax(logits, 0)
    loss = logits.gather(0, places).sum().mul(-scale)
    logits.exp_().scatter_add_(0, places, torch.full_like(places, -1.0, dtype=logits.dtype))
    logits.mul_(scale)
    low = logits.to(signal.dtype)
    return loss, logits.sum(1), torch.mm(low, signal.t()), torch.mm(output_t, low)


def sums(rows: Tensor, ones: Tensor) -> Tensor:
    """The sum of every row of (R, N) in float32, by a product: far faster on bfloat16."""
    return torch.mm(rows, ones).float().squeeze(1)


class Share:
    """Some of the streams: the whole step for them, in one thread."""

    def __init__(self, weights: Weights, steps: int, streams: int) -> None:
        model, config, low = weights.model, weights.model.config, weights.low
        self.weights, self.config = weights, config
        self.generator = torch.Generator()  # draws dropout masks
        self.steps, self.streams, self.columns = steps, streams, steps * streams
        self.layout = LAYOUTS[model.cell]
        hidden = config.hidden_size
        self.loops = [
            make_loop(model.cell, steps, streams, hidden, low) for _ in range(config.layers)
        ]
        vocabulary = config.vocab_size if weights.uses_table else 0
        self.one_hot = torch.zeros(vocabulary, self.columns, dtype=low)
        self.products = torch.zeros(len(weights.layers[0].u), self.columns, dtype=low)
        self.ones = torch.ones(self.columns, 1, dtype=low)
        self.embedding_mask: Tensor | None = None  # (E, N)
        self.loss = torch.zeros(())
        self.gradients: dict[str, Tensor] = {}
        self.embed, self.output_layer, self.sums = map(scripted, (embed, output_layer, sums))

    def run(self, inputs: Tensor, targets: Tensor, state: State, scale: float) -> None:
        """Forward and backward. inputs and targets (B, T), state parts (L, B, H)."""
        with torch.inference_mode():
            self.gradients = {}
            for index, loop in enumerate(self.loops):
                loop.all_h[0].copy_(state[0][index].t())
                if loop.is_low:
                    loop.all_low_h[0].copy_(loop.all_h[0])
                if self.config.cell == "lstm":
                    loop.all_c[0].copy_(state[1][index].t())
            signal = self._forward(inputs.t().flatten())
            weights = self.weights
            self.loss, self.gradients["output.bias"], self.gradients["output.weight"], d_signal = (
                self.output_layer(
                    *(signal, targets.t().flatten(), weights.output, weights.output_t),
                    *(weights.model.output.bias, scale),
                )
            )
            self._backward(d_signal)

    def state(self) -> State:
        """The state after the last token, parts (L, B, H)."""
        parts = [torch.stack([loop.all_h[-1].t() for loop in self.loops])]
        if self.config.cell == "lstm":
            parts.append(torch.stack([loop.all_c[-1].t() for loop in self.loops]))
        return tuple(parts)

    def _forward(self, tokens: Tensor) -> Tensor:
        """tokens (N,) -> what the output layer reads (H, N); keeps what backward needs."""
        self.tokens = tokens
        self.masks: list[Tensor | None] = []
        self.norms: list[tuple[Tensor, Tensor] | None] = []
        self.inputs: list[Tensor] = []
        signal = self.one_hot
        for index, loop in enumerate(self.loops):
            weights = self.weights.layers[index]
            below = signal
            if index == 0 and self.weights.uses_table:
                self.embed(tokens, self.weights.table, self.one_hot, self.products)
                self.norms.append(None)
            else:
                if index == 0:
                    signal = self._embedding(tokens)
                signal = self._normalise(index, signal)
                torch.addmm(weights.low_bias, weights.w, signal, out=self.products)
            self.inputs.append(signal)
            loop(self.products, weights.u, weights.recurrent_bias)
            outputs = loop.states.view(self.config.hidden_size, -1)[:, self.streams :]
            signal = self._drop(outputs)
            if self.config.residual and index:
                signal = signal + below
        return signal

    def _embedding(self, tokens: Tensor) -> Tensor:
        """tokens (N,) -> (E, N), with the same features zeroed for all tokens of a stream."""
        signal = self.weights.model.embedding.weight[tokens].t().to(self.weights.low)
        self.embedding_mask = None
        if self._drops and self.config.embedding_dropout:
            shape = signal[:, : self.streams]  # N counts the streams first
            mask = dropout_mask(shape, self.config.embedding_dropout, self.generator)
            self.embedding_mask = mask.repeat(1, self.steps)
            signal = signal * self.embedding_mask
        return signal

    @property
    def _drops(self) -> bool:
        return bool(self.config.dropout and self.weights.model.training)

    def _drop(self, outputs: Tensor) -> Tensor:
        """Zero a share of (H, N), from this share's own generator."""
        if not self._drops:
            self.masks.append(None)
            return outputs
        mask = dropout_mask(outputs, self.config.dropout, self.generator)
        self.masks.append(mask)
        return outputs * mask

    def _normalise(self, index: int, signal: Tensor) -> Tensor:
        """LayerNorm over the features of (I, N), if this layer has one."""
        norm = self.weights.model.layer_list[index].norm
        if norm is None:
            self.norms.append(None)
            return signal
        values = signal.float()
        values = values - values.mean(0)
        scale = (values.square().mean(0) + norm.eps).rsqrt()
        values *= scale
        self.norms.append((values, scale))
        return (values * norm.weight[:, None] + norm.bias[:, None]).to(signal.dtype)

    def _backward(self, d_signal: Tensor) -> None:
        """From the gradient of the last layer's output (H, N) down to the embedding."""
        hidden = self.config.hidden_size
        for index in reversed(range(len(self.loops))):
            loop, weights, mask = self.loops[index], self.weights.layers[index], self.masks[index]
            loop.backward(d_signal if mask is None else d_signal * mask, weights.ut)
            rows = loop.rows.view(-1, self.columns)
            self._recurrent_gradient(index, rows)
            d_products = rows[: len(self.layout.inputs) * hidden]
            if index == 0 and self.weights.uses_table:
                self.gradients["table"] = d_products @ self.one_hot.t()
                return
            self.gradients[f"{index}.w"] = d_products @ self.inputs[index].t()
            d_below = self._normalise_backward(index, weights.wt @ d_products)
            if self.config.residual and index:
                d_below = d_below + d_signal
            d_signal = d_below
        if self.embedding_mask is not None:
            d_signal = d_signal * self.embedding_mask
        table = torch.zeros_like(self.weights.model.embedding.weight)
        self.gradients["embedding"] = table.index_add_(0, self.tokens, d_signal.t().float())

    def _recurrent_gradient(self, index: int, rows: Tensor) -> None:
        """The gradients of U and of the biases from those before the gates (R, N)."""
        loop, hidden = self.loops[index], self.config.hidden_size
        d_recurrent = rows[self.layout.recurrent_from * hidden :]
        before = loop.states.view(hidden, -1)[:, : self.columns].t()  # (N, H)
        if self.weights.model.cell == "gru_before":
            reset = loop.all_low_rh.transpose(0, 1).reshape(hidden, -1).t()
            parts = [d_recurrent[:hidden] @ reset, d_recurrent[hidden:] @ before]
            self.gradients[f"{index}.u"] = torch.cat(parts)
        else:
            self.gradients[f"{index}.u"] = d_recurrent @ before
        self.gradients[f"{index}.rows"] = self.sums(rows, self.ones)

    def _normalise_backward(self, index: int, gradient: Tensor) -> Tensor:
        """Back through LayerNorm: the gradients of its output, then of its input, (I, N)."""
        kept, norm = self.norms[index], self.weights.model.layer_list[index].norm
        if kept is None or norm is None:
            return gradient
        values, scale = kept
        d_output = gradient.float()
        self.gradients[f"{index}.norm.weight"] = (d_output * values).sum(1)
        self.gradients[f"{index}.norm.bias"] = d_output.sum(1)
        d_values = d_output * norm.weight[:, None]
        d_values = d_values - d_values.mean(0) - values * (d_values * values).mean(0)
        return d_values.mul_(scale).to(gradient.dtype)
