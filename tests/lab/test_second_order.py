"""L-BFGS against gradient descent: the function they share, and who comes lower."""

import numpy as np
import pytest

from nncli.engine.gradcheck import directional_derivative
from nncli.lab import second_order
from nncli.lab.demonstration import count_until
from nncli.lab.second_order import L2, Objective, gradient_descent, lbfgs


@pytest.fixture
def objective(looking_at):
    return Objective(looking_at(second_order, 150), (6,), seed=1)


def test_the_objective_is_a_function_with_its_gradient(objective):
    rng = np.random.default_rng(0)
    weights, direction = objective.start + 0.1, rng.standard_normal(objective.start.size)
    direction /= np.linalg.norm(direction)
    _, gradient = objective(weights)
    numeric = directional_derivative(lambda: objective(weights)[0], weights, direction)
    assert float(gradient @ direction) == pytest.approx(numeric, rel=1e-7)


def test_the_loss_is_cross_entropy_with_its_penalty(objective):
    loss, _ = objective(np.zeros_like(objective.start))
    assert loss == pytest.approx(np.log(10))
    matrix = next(name for name in objective.network.parameters if name.endswith("output.weights"))
    weights = np.zeros_like(objective.start)
    weights[objective.network.parameters.spans[matrix]] = 2.0  # tanh(0) = 0 below, so that the data loss stays
    assert objective(weights)[0] == pytest.approx(np.log(10) + L2 / 2 * 4 * 60)


def test_gradient_descent_follows_the_gradient(objective):
    w = objective.start.copy()
    losses = []
    for _ in range(4):
        loss, gradient = objective(w)
        losses.append(loss)
        w = w - 0.2 * gradient
    found = gradient_descent(objective, 4, 0.2)
    assert found["losses"] == pytest.approx(losses, rel=1e-14)


def test_gradient_descent_that_diverges_stops(objective):
    found = gradient_descent(objective, 50, 1e300)
    assert 1 <= len(found["losses"]) < 50
    assert np.isfinite(found["losses"]).all()


def test_lbfgs_reaches_a_lower_loss_with_the_same_number_of_gradients(objective):
    fast = lbfgs(objective, 30)
    assert len(fast["losses"]) <= 30
    assert fast["losses"] == sorted(fast["losses"], reverse=True)
    slow = min((gradient_descent(objective, 30, rate) for rate in (0.1, 0.5, 1.0)), key=lambda each: each["losses"][-1])
    assert fast["losses"][0] == slow["losses"][0]
    needed = count_until(fast["losses"], slow["losses"][-1])
    assert needed is not None
    assert needed < 20


def test_every_method_has_the_same_start_and_count(looking_at):
    looking_at(second_order, 150)
    values = second_order.run(units=(5, 4), evaluations=6).values
    descents = values["descents"]
    methods = ["L-BFGS", *(f"gradient descent, rate {rate}" for rate in ("0.1", "0.3", "1", "3"))]
    assert [each["method"] for each in descents] == methods
    assert len({each["losses"][0] for each in descents}) == 1
    assert {len(each["losses"]) for each in descents} == {6}
    assert values["parameters"] == 784 * 5 + 5 + 5 * 4 + 4 + 4 * 10 + 10
    assert values["best_gradient_descent"] == min(descents[1:], key=lambda each: each["losses"][-1])["method"]
