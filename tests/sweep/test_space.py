"""A point depends on the seed and its index alone, and lies in the space."""

import pytest

from nncli.sweep.space import Dimension, encoded, grid_point, random_point, size_of_grid, sobol_point

SPACE = (
    Dimension("rate", ("rate",), "log", (0.001, 1.0), 4),
    Dimension("drop", ("drop",), "uniform", (0.0, 0.5), 3),
    Dimension("units", ("units",), "log_integers", (4, 64), 3),
    Dimension("epochs", ("epochs",), "integers", (2, 5)),
    Dimension("name", ("name",), "choices", ("adam", "sgd")),
)


def test_the_grid_has_every_combination_once() -> None:
    points = [grid_point(SPACE, index) for index in range(size_of_grid(SPACE))]
    assert len({tuple(each.values()) for each in points}) == len(points) == 4 * 3 * 3 * 4 * 2
    assert SPACE[0].grid() == (0.001, 0.01, 0.1, 1.0)
    assert SPACE[2].grid() == (4, 16, 64)
    assert points[0] == {"rate": 0.001, "drop": 0.0, "units": 4, "epochs": 2, "name": "adam"}
    assert points[1]["name"] == "sgd"


@pytest.mark.parametrize("point", [random_point, sobol_point])
def test_points_are_in_the_space_and_depend_on_the_index_alone(point) -> None:
    points = [point(SPACE, 7, index) for index in range(64)]
    assert points[5] == point(SPACE, 7, 5) != point(SPACE, 8, 5)
    assert all(0.001 <= each["rate"] <= 1 and 4 <= each["units"] <= 64 for each in points)
    assert {each["epochs"] for each in points} == {2, 3, 4, 5}
    assert 20 < sum(each["rate"] < 0.0316 for each in points) < 44  # half of the range on a logarithmic scale


def test_the_ends_of_a_range_of_integers_are_as_frequent_as_the_others() -> None:
    epochs = SPACE[3]
    assert [epochs.at((share + 0.5) / 8) for share in range(8)] == [2, 2, 3, 3, 4, 4, 5, 5]


def test_choices_that_are_not_scalars_are_stored_as_json() -> None:
    dimension = Dimension("clip_norm", ("clip_norm",), "choices", (None, 1.0))
    assert dimension.stored == ("null", "1.0")
    assert [dimension.decode(each) for each in dimension.stored] == [None, 1.0]


@pytest.mark.parametrize(
    ("changed", "point"),
    [
        ({}, {"rate": 0.1, "layers[0].units": 8, "clip": "null"}),
        ({"rate": 2}, None),  # above the range
        ({"layers": [{"units": 8.5}]}, None),  # not an integer
        ({"clip": 3.0}, None),  # not one of the choices
    ],
)
def test_the_point_of_a_configuration_is_the_one_with_its_values(changed, point) -> None:
    dimensions = (
        Dimension("rate", ("rate",), "log", (0.001, 1.0)),
        Dimension("layers[0].units", ("layers", 0, "units"), "integers", (4, 64)),
        Dimension("clip", ("clip",), "choices", (None, 1.0)),
    )
    configuration = {"rate": 0.1, "layers": [{"units": 8}], "clip": None, "seed": 1}
    assert encoded(dimensions, configuration | changed) == point
