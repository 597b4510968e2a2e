"""Diagrams: boxes in columns that do not overlap, arrows from box to box, and labels beside them."""

import itertools

import pytest
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch

from nncli.figures.diagram import NEGATIVE, POSITIVE, Arrow, Node, draw

CHAIN = [
    Node("a", ["a", "$\\bar{w}^{(1)}_{11} = 0.5$"]),
    Node("b", ["b"]),
    Node("c", ["c"], [Arrow("a", "+1", 1), Arrow("b", "-2", -2)], marked=["0.25"]),
    Node("d", ["a long line of text"], [Arrow("c"), Arrow("a", "0.1")]),  # passes the column of c
    Node("e", ["e"]),
    Node("f", ["f"], [Arrow("d"), Arrow("e")]),
]


def parts(kind, figure):
    return [patch for patch in figure.axes[0].patches if isinstance(patch, kind)]


def boxes(figure):
    """Return (left, top, right, bottom) of each box by its first line."""
    names = {text.get_text(): text.get_position() for text in figure.axes[0].texts}
    found = {}
    for patch in parts(FancyBboxPatch, figure):
        (x0, y0), (x1, y1) = patch.get_path().get_extents().get_points()
        inside = [name for name, (x, y) in names.items() if x0 <= x <= x1 and y0 <= y <= y1]
        found[inside[0]] = (x0, y0, x1, y1)
    return found


@pytest.mark.parametrize("inputs_first", [True, False])
def test_boxes_stand_apart_on_the_page_each_to_the_right_of_its_parents(inputs_first):
    figure = draw(CHAIN, title="title", inputs_first=inputs_first)
    found = boxes(figure)
    width, height = figure.bbox.size
    assert all(0 <= x0 < x1 <= width and 70 <= y0 < y1 <= height for x0, y0, x1, y1 in found.values())
    for one, other in itertools.combinations(found.values(), 2):
        assert one[2] <= other[0] or other[2] <= one[0] or one[3] <= other[1] or other[3] <= one[1]
    lines = {node.name: node.lines[0] for node in CHAIN}
    for node in CHAIN:
        for arrow in node.arrows:
            assert found[lines[arrow.source]][2] < found[node.lines[0]][0]
    assert (found["e"][0] == found["a"][0]) == inputs_first


def test_an_arrow_ends_at_its_boxes_and_passes_the_columns_between_beside_the_boxes():
    figure = draw(CHAIN, title="title")
    found, arrows = boxes(figure), parts(FancyArrowPatch, figure)
    assert len(arrows) == 6
    (passing,) = (arrow._path_original.vertices for arrow in arrows if len(arrow._path_original.vertices) == 4)
    a, c, d = found["a"], found["c"], found["a long line of text"]
    assert (passing[0][0], passing[-1][0]) == (a[2], d[0])
    assert d[1] < passing[-1][1] < d[3]
    assert passing[1][0] <= c[0]
    assert passing[2][0] >= c[2]
    assert not c[1] <= passing[1][1] <= c[3]


def test_the_sign_of_a_weight_is_seen_without_colours_too():
    arrows = parts(FancyArrowPatch, draw(CHAIN, title="title"))
    colours = {arrow.get_edgecolor(): arrow.get_linestyle() for arrow in arrows}
    assert len(colours) == 3
    assert len(set(map(str, colours.values()))) == 2
    labels = {text.get_text(): text.get_color() for text in draw(CHAIN, title="title").axes[0].texts}
    assert (labels["+1"], labels["-2"]) == (POSITIVE, NEGATIVE)


def test_columns_are_sorted_until_no_arrows_cross():
    below = [Node(f"x{k}", [f"x{k}"]) for k in range(4)]
    crossed = [Node(f"y{k}", [f"y{k}"], [Arrow(f"x{3 - k}")]) for k in range(4)]
    found = boxes(draw([*below, *crossed], title="title"))
    assert [found[f"y{k}"][1] for k in range(4)] == [found[f"x{3 - k}"][1] for k in range(4)]
