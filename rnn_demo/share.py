"""What one thread does in a training step: some of the streams, all of the network, by hand.

Everything is feature-major: activations are (F, N) with N = T * B columns, so weights multiply
from the left as they are. A gradient of weights is one product over all N. The layers' loops are
in kernels.py.

Shapes: B streams (of one share), T tokens, V vocabulary, E embedding, H hidden, G gates.
"""

from __future__ import annotations

import torch
from torch import Tensor

from rnn_demo.config import GATES
from rnn_demo.model import RecurrentLM, State
from rnn_demo.tapes import LAYOUTS, Tape


class LayerWeights:
    """One layer's weights in the kernels' order of blocks and arithmetic; refreshed each step."""

    def __init__(self, model: RecurrentLM, index: int, low: torch.dtype) -> None:
        self.layer, self.layout = model.layer_list[index], LAYOUTS[model.cell]
        self.hidden = model.config.hidden_size
        rows, inputs = self.layer.input_weight.shape
        self.u = torch.zeros(rows, self.hidden, dtype=low)
        self.ut = torch.zeros(self.hidden, rows, dtype=low)
        self.w = torch.zeros(rows, inputs, dtype=low)
        self.wt = torch.zeros(inputs, rows, dtype=low)
        self.w32 = torch.zeros(rows, inputs)
        self.bias = torch.zeros(rows)
        self.recurrent_bias = torch.zeros(self.hidden)
        self.keeps_bias = model.cell == "gru"  # the reset gate acts on U's bias for n

    def refresh(self) -> None:
        """Read the model's weights as they are now."""
        layer, hidden = self.layer, self.hidden
        for k, gate in enumerate(self.layout.recurrent):
            _block(self.u, k, hidden).copy_(_block(layer.recurrent_weight, gate, hidden))
        self.ut.copy_(self.u.t())
        for k, gate in enumerate(self.layout.inputs):
            _block(self.w32, k, hidden).copy_(_block(layer.input_weight, gate, hidden))
            bias = _block(self.bias, k, hidden)
            bias.copy_(_block(layer.input_bias, gate, hidden))
            if not (self.keeps_bias and gate == 2):
                bias.add_(_block(layer.recurrent_bias, gate, hidden))
        if self.keeps_bias:
            self.recurrent_bias.copy_(_block(layer.recurrent_bias, 2, hidden))

    def refresh_inputs(self) -> None:
        """What a layer needs whose inputs are not looked up in a table."""
        self.w.copy_(self.w32)
        self.wt.copy_(self.w.t())


class Weights:
    """The whole network's weights, prepared for the kernels."""

    def __init__(self, model: RecurrentLM, low: torch.dtype) -> None:
        config = model.config
        self.model, self.low = model, low
        self.layers = [LayerWeights(model, index, low) for index in range(config.layers)]
        self.output = torch.zeros(config.vocab_size, config.hidden_size, dtype=low)
        self.output_t = torch.zeros(config.hidden_size, config.vocab_size, dtype=low)
        # A small vocabulary: embedding and input product become one table (G*H, V).
        self.uses_table = not config.embedding_size or (
            config.vocab_size <= max(2 * config.embedding_size, 96)
        )
        rows = GATES[config.cell] * config.hidden_size
        self.table = torch.zeros(rows if self.uses_table else 0, config.vocab_size, dtype=low)

    def refresh(self) -> None:
        """Read the model's weights as they are now."""
        for index, layer in enumerate(self.layers):
            layer.refresh()
            if index or not self.uses_table:
                layer.refresh_inputs()
        self.output.copy_(self.model.output_weight)
        self.output_t.copy_(self.output.t())
        if self.uses_table:
            first = self.layers[0]
            table = first.w32
            if self.model.config.embedding_size:
                table = table @ self.model.embedding.weight.t()
            self.table.copy_(table + first.bias[:, None])


class Share:
    """Some of the streams: the whole step for them, in one thread."""

    def __init__(
        self, weights: Weights, steps: int, streams: int, generator: torch.Generator
    ) -> None:
        model, config, low = weights.model, weights.model.config, weights.low
        self.weights, self.config = weights, config
        self.steps, self.streams, self.columns = steps, streams, steps * streams
        self.generator = generator
        hidden, layers = config.hidden_size, config.layers
        self.tapes = [Tape(model.cell, steps, streams, hidden, low) for _ in range(layers)]
        self.states = [torch.zeros(hidden, steps + 1, streams, dtype=low) for _ in range(layers)]
        self.gradient_rows = [
            torch.zeros(tape.low_d.shape[1], steps, streams, dtype=low) for tape in self.tapes
        ]
        self.one_hot = torch.zeros(
            config.vocab_size if weights.uses_table else 0, self.columns, dtype=low
        )
        self.loss = torch.zeros(())
        self.gradients: dict[str, Tensor] = {}

    def run(self, inputs: Tensor, targets: Tensor, state: State, scale: float) -> None:
        """Forward and backward. inputs and targets (B, T), state parts (L, B, H)."""
        with torch.inference_mode():
            self.gradients = {}
            for index, tape in enumerate(self.tapes):
                tape.start(tuple(part[index].t() for part in state))
            signal = self._forward(inputs)
            d_signal = self._loss(signal, targets, scale)
            self._backward(d_signal)

    def state(self) -> list[tuple[Tensor, ...]]:
        """For each layer, the state after the last token; parts are (H, B)."""
        return [tape.state() for tape in self.tapes]

    def _forward(self, tokens: Tensor) -> Tensor:
        """tokens (B, T) -> what the output layer reads (H, N); keeps what backward needs."""
        self.masks: list[Tensor | None] = []
        self.norms: list[tuple[Tensor, Tensor] | None] = []
        self.inputs: list[Tensor] = []
        signal = self._embed(tokens.t().flatten())
        for index, tape in enumerate(self.tapes):
            weights = self.weights.layers[index]
            below = signal
            if index == 0 and self.weights.uses_table:
                products = self.weights.table @ self.one_hot
                self.norms.append(None)
            else:
                signal = self._normalise(index, signal)
                products = torch.addmm(weights.bias[:, None].to(signal.dtype), weights.w, signal)
            self.inputs.append(signal)
            tape.fill(products, weights.recurrent_bias)
            tape.forward(weights.u)
            states = self.states[index]
            states.copy_(tape.low_h.transpose(0, 1))
            signal = self._drop(states.view(self.config.hidden_size, -1)[:, self.streams :])
            if self.config.residual and index:
                signal = signal + below
        return signal

    def _embed(self, tokens: Tensor) -> Tensor:
        """tokens (N,) -> (E, N), or the one-hot matrix (V, N) if a table is used."""
        self.tokens = tokens
        if self.weights.uses_table:
            return self.one_hot.zero_().scatter_(0, tokens[None], 1.0)
        return self.weights.model.embedding.weight[tokens].t().to(self.weights.low)

    def _drop(self, outputs: Tensor) -> Tensor:
        """Zero a share of (H, N), from this share's own generator: one random byte each."""
        threshold = round(self.config.dropout * 256)
        if not (threshold and self.weights.model.training):
            self.masks.append(None)
            return outputs
        words = torch.empty(-(-outputs.numel() // 8), dtype=torch.int64)
        words.random_(-(2**63), None, generator=self.generator)
        bits = words.view(torch.uint8)[: outputs.numel()].view(outputs.shape)
        mask = (bits >= threshold).to(outputs.dtype).mul_(256 / (256 - threshold))
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

    def _loss(self, signal: Tensor, targets: Tensor, scale: float) -> Tensor:
        """Cross-entropy of (H, N), summed; gradients of the output layer; returns (H, N)."""
        weights, places = self.weights, targets.t().flatten()[None]  # (1, N)
        logits = (weights.output @ signal).float()
        logits += weights.model.output.bias[:, None]
        logits = torch.log_softmax(logits, 0)
        self.loss = logits.gather(0, places).sum().mul_(-scale)
        d_logits = logits.exp_().scatter_add_(0, places, torch.full((1, self.columns), -1.0))
        d_logits *= scale
        self.gradients["output.bias"] = d_logits.sum(1)
        low = d_logits.to(weights.low)
        self.gradients["output.weight"] = low @ signal.t()
        return weights.output_t @ low

    def _backward(self, d_signal: Tensor) -> None:
        """From the gradient of the last layer's output (H, N) down to the embedding."""
        hidden = self.config.hidden_size
        for index in reversed(range(len(self.tapes))):
            tape, weights, mask = self.tapes[index], self.weights.layers[index], self.masks[index]
            d_outputs = d_signal if mask is None else d_signal * mask
            tape.d_out.copy_(d_outputs.view(hidden, self.steps, self.streams).transpose(0, 1))
            tape.backward(weights.ut)
            rows = self.gradient_rows[index].copy_(tape.low_d.transpose(0, 1))
            rows = rows.view(-1, self.columns)
            d_inputs = rows[: len(tape.layout.inputs) * hidden]
            self._recurrent_gradient(index, rows)
            if index == 0 and self.weights.uses_table:
                self.gradients["table"] = d_inputs @ self.one_hot.t()
                return
            self.gradients[f"{index}.w"] = d_inputs @ self.inputs[index].t()
            d_below = self._normalise_backward(index, weights.wt @ d_inputs)
            if self.config.residual and index:
                d_below = d_below + d_signal
            d_signal = d_below
        table = torch.zeros_like(self.weights.model.embedding.weight)
        self.gradients["embedding"] = table.index_add_(0, self.tokens, d_signal.t().float())

    def _recurrent_gradient(self, index: int, rows: Tensor) -> None:
        """The gradients of U and of the biases from those before the gates (rows, N)."""
        tape, hidden = self.tapes[index], self.config.hidden_size
        d_recurrent = rows[tape.layout.recurrent_from * hidden :]
        gradient = []
        for first, last, multiplied in tape.recurrent_inputs():
            if multiplied.shape[0] == self.steps and multiplied.data_ptr() == tape.low_h.data_ptr():
                by_row = self.states[index].view(hidden, -1)[:, : self.columns]
            else:
                by_row = multiplied.transpose(0, 1).reshape(hidden, self.columns)
            gradient.append(d_recurrent[first:last] @ by_row.t())
        self.gradients[f"{index}.u"] = gradient[0] if len(gradient) == 1 else torch.cat(gradient)
        self.gradients[f"{index}.rows"] = rows.sum(1, dtype=torch.float32)

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


def _block(rows: Tensor, index: int, hidden: int) -> Tensor:
    """Block `index` of H rows."""
    return rows[index * hidden : (index + 1) * hidden]


def store_gradients(weights: Weights, shares: list[dict[str, Tensor]]) -> None:
    """Add up the shares' gradients and leave them in the model's `.grad`."""
    model, config = weights.model, weights.model.config
    total = {name: _sum([share[name] for share in shares]) for name in shares[0]}
    hidden = config.hidden_size
    for index, layer in enumerate(weights.layers):
        inputs = total.get(f"{index}.w")
        if inputs is None:  # from the table
            inputs = total["table"]
            if config.embedding_size:
                total["embedding"] = inputs.t() @ layer.w32
                inputs = inputs @ model.embedding.weight
        _layer_gradients(layer, inputs, total[f"{index}.u"], total[f"{index}.rows"], hidden)
        if layer.layer.norm is not None:
            _grad(layer.layer.norm.weight).copy_(total[f"{index}.norm.weight"])
            _grad(layer.layer.norm.bias).copy_(total[f"{index}.norm.bias"])
    _grad(model.output.bias).copy_(total["output.bias"])
    if config.tie_weights:
        total["embedding"] = total["embedding"] + total["output.weight"]
    else:
        _grad(model.output.weight).copy_(total["output.weight"])
    if config.embedding_size:
        _grad(model.embedding.weight).copy_(total["embedding"])


def _layer_gradients(
    weights: LayerWeights, inputs: Tensor, recurrent: Tensor, rows: Tensor, hidden: int
) -> None:
    """Back from the kernels' order of blocks to PyTorch's."""
    layer, layout = weights.layer, weights.layout
    for k, gate in enumerate(layout.inputs):
        _block(_grad(layer.input_weight), gate, hidden).copy_(_block(inputs, k, hidden))
        _block(_grad(layer.input_bias), gate, hidden).copy_(_block(rows, k, hidden))
    for k, gate in enumerate(layout.recurrent):
        _block(_grad(layer.recurrent_weight), gate, hidden).copy_(_block(recurrent, k, hidden))
        row = _block(rows, k + layout.recurrent_from, hidden)
        _block(_grad(layer.recurrent_bias), gate, hidden).copy_(row)


def _grad(parameter: Tensor) -> Tensor:
    """The tensor that holds a parameter's gradient, made if it is not there yet."""
    if parameter.grad is None:
        parameter.grad = torch.zeros_like(parameter)
    return parameter.grad


def _sum(parts: list[Tensor]) -> Tensor:
    """The sum in float32."""
    total = parts[0].float()
    for part in parts[1:]:
        total = total + part
    return total
