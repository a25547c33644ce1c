"""The network's weights as the kernels want them, and the way of the gradients back.

Shapes: V vocabulary, E embedding, H hidden, G gates; blocks of H rows in the order of loop.py.
"""

from __future__ import annotations

import torch
from torch import Tensor

from rnn_demo.config import GATES
from rnn_demo.network.loop import LAYOUTS
from rnn_demo.network.model import RecurrentLM


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
        self.low_bias = torch.zeros(rows, 1, dtype=low)
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
        self.low_bias.copy_(self.bias[:, None])
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
            and config.embedding_dropout == 0
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


def _block(rows: Tensor, index: int, hidden: int) -> Tensor:
    """Block `index` of H rows."""
    return rows[index * hidden : (index + 1) * hidden]


def store_gradients(weights: Weights, gradients: dict[str, Tensor]) -> None:
    """Leave a share's gradients in the model's `.grad`, overwriting what was there."""
    model, config = weights.model, weights.model.config
    total = {name: gradient.float() for name, gradient in gradients.items()}
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
            gradient_of(layer.layer.norm.weight).copy_(total[f"{index}.norm.weight"])
            gradient_of(layer.layer.norm.bias).copy_(total[f"{index}.norm.bias"])
    gradient_of(model.output.bias).copy_(total["output.bias"])
    if config.tie_weights:
        total["embedding"] = total["embedding"] + total["output.weight"]
    else:
        gradient_of(model.output.weight).copy_(total["output.weight"])
    if config.embedding_size:
        gradient_of(model.embedding.weight).copy_(total["embedding"])


def _layer_gradients(
    weights: LayerWeights, inputs: Tensor, recurrent: Tensor, rows: Tensor, hidden: int
) -> None:
    """Back from the kernels' order of blocks to PyTorch's."""
    layer, layout = weights.layer, weights.layout
    for k, gate in enumerate(layout.inputs):
        _block(gradient_of(layer.input_weight), gate, hidden).copy_(_block(inputs, k, hidden))
        _block(gradient_of(layer.input_bias), gate, hidden).copy_(_block(rows, k, hidden))
    for k, gate in enumerate(layout.recurrent):
        _block(gradient_of(layer.recurrent_weight), gate, hidden).copy_(
            _block(recurrent, k, hidden)
        )
        row = _block(rows, k + layout.recurrent_from, hidden)
        _block(gradient_of(layer.recurrent_bias), gate, hidden).copy_(row)


def gradient_of(parameter: Tensor) -> Tensor:
    """The tensor that holds a parameter's gradient, made if it is not there yet."""
    if parameter.grad is None:
        parameter.grad = torch.zeros_like(parameter)
    return parameter.grad
