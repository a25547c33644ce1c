"""The optimizer against its definition, written as a loop over single weights."""

from __future__ import annotations

import math

import torch

from rnn_demo.training.optimizer import CautiousAdamW

RATE, DECAY, BETAS, EPSILON = 0.02, 0.1, (0.9, 0.99), 1e-8


def optimizer_of(*weights: torch.Tensor) -> CautiousAdamW:
    parameters = [torch.nn.Parameter(each.clone()) for each in weights]
    return CautiousAdamW(
        [{"params": parameters, "weight_decay": DECAY}], lr=RATE, betas=BETAS, fused=True
    )


def parameters_of(optimizer: CautiousAdamW) -> list[torch.nn.Parameter]:
    return optimizer.param_groups[0]["params"]


def by_definition(weights: list[float], gradients: list[list[float]]) -> list[float]:
    """Liang et al. 2024, algorithm 1 without its factor, one weight at a time."""
    means, squares = [0.0] * len(weights), [0.0] * len(weights)
    for step, newest in enumerate(gradients, start=1):
        moves = []
        for i, gradient in enumerate(newest):
            means[i] = BETAS[0] * means[i] + (1 - BETAS[0]) * gradient
            squares[i] = BETAS[1] * squares[i] + (1 - BETAS[1]) * gradient**2
            mean = means[i] / (1 - BETAS[0] ** step)
            size = math.sqrt(squares[i] / (1 - BETAS[1] ** step)) + EPSILON
            moves.append(-RATE * (DECAY * weights[i] + mean / size))
        agree = [mean * gradient > 0 for mean, gradient in zip(means, newest, strict=True)]
        weights = [w + a * move for w, a, move in zip(weights, agree, moves, strict=True)]
    return weights


def test_it_does_what_its_definition_says():
    generator = torch.Generator().manual_seed(0)
    weights = torch.randn(40, generator=generator)
    gradients = torch.randn(25, 40, generator=generator)
    optimizer = optimizer_of(weights)
    for gradient in gradients:
        parameters_of(optimizer)[0].grad = gradient.clone()
        optimizer.step()
    wanted = torch.tensor(by_definition(weights.tolist(), gradients.tolist()))
    torch.testing.assert_close(parameters_of(optimizer)[0].data, wanted, rtol=1e-4, atol=1e-5)


def test_a_weight_that_the_newest_gradient_speaks_against_stays():
    optimizer = optimizer_of(torch.ones(2))
    (parameter,) = parameters_of(optimizer)
    for _ in range(5):
        parameter.grad = torch.tensor([1.0, 1.0])
        optimizer.step()
    before = parameter.detach().clone()
    parameter.grad = torch.tensor([-0.1, 1.0])  # the mean of the first is still positive
    optimizer.step()
    assert parameter[0] == before[0]
    assert parameter[1] < before[1]


def test_after_a_bad_step_nothing_moves():
    weights = torch.randn(3, 4), torch.randn(5)
    optimizer = optimizer_of(*weights)
    optimizer.found_inf = torch.ones(())
    for parameter in parameters_of(optimizer):
        parameter.grad = torch.full_like(parameter, math.nan)
    optimizer.step()
    for parameter, before in zip(parameters_of(optimizer), weights, strict=True):
        assert torch.equal(parameter, before)
