"""The weight space: one vector, named views into it."""

import numpy as np
import pytest

from nncli.engine.parameters import Parameter, Parameters
from nncli.errors import GraphError

SHAPES = {"a.weights": (2, 3), "a.bias": (2,), "factor": ()}


def test_views_cover_the_vector_in_order():
    parameters = Parameters(SHAPES, np.float64)
    parameters.values[...] = np.arange(9)
    assert parameters.size == 9
    assert list(parameters) == list(SHAPES)
    assert parameters.value("a.weights").tolist() == [[0, 1, 2], [3, 4, 5]]
    assert parameters.value("a.bias").tolist() == [6, 7]
    assert parameters.value("factor").tolist() == 8
    assert parameters.spans["a.bias"] == slice(6, 8)


def test_views_write_through_to_the_vector():
    parameters = Parameters(SHAPES)
    parameters.value("a.bias")[1] = 5
    parameters.error("a.weights")[0, 2] = 7
    assert parameters.values.tolist() == [0, 0, 0, 0, 0, 0, 0, 5, 0]
    assert parameters.errors.tolist() == [0, 0, 7, 0, 0, 0, 0, 0, 0]


def test_a_parameter_node_is_a_view_of_the_weight_space():
    parameters = Parameters(SHAPES)
    node = Parameter(parameters, "a.bias")
    parameters.values[...] = 3
    node.error[...] = 4
    assert node.needs_error
    assert node.value.tolist() == [3, 3]
    assert parameters.error("a.bias").tolist() == [4, 4]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_assign_round_trips_named_values(dtype):
    source, target = Parameters(SHAPES, dtype), Parameters(SHAPES, dtype)
    source.values[...] = np.random.default_rng(0).standard_normal(9)
    target.assign(source.named_values())
    assert target.values.dtype == dtype
    assert target.values.tobytes() == source.values.tobytes()


@pytest.mark.parametrize(
    ("change", "message"),
    [({"a.bias": None}, r"'a.bias' \(2,\) is missing"), ({"a.bias": np.ones(3)}, r"'a.bias' has shape \(3,\)")],
)
def test_assign_refuses_what_does_not_fit_and_changes_nothing(change, message):
    parameters = Parameters(SHAPES)
    arrays = {name: np.ones(shape) for name, shape in SHAPES.items()} | change
    with pytest.raises(GraphError, match=message):
        parameters.assign({name: array for name, array in arrays.items() if array is not None})
    assert not parameters.values.any()
