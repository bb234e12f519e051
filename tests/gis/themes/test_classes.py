"""Classes of a theme: each value in exactly one, at most as many as asked, light to dark."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gis.errors import InputError
from gis.themes.classes import METHODS, MOST, NO_FIGURE_COLOUR, RAMPS, classify, ramp_colours


def units(*values: float) -> dict[str, float]:
    return {str(at): value for at, value in enumerate(values)}


def classed(values: dict[str, float], method: str = "natural_breaks", count: int = 5) -> list[int]:
    return [one.count for one in classify(values, method=method, count=count, ramp="Blues").classes]


@pytest.mark.parametrize(
    ("method", "count", "expected"),
    [
        # Two heaps far apart are two classes; quantiles cut in the middle, wherever that is.
        ("natural_breaks", 2, [6, 2]),
        ("quantiles", 2, [4, 4]),
        ("equal_interval", 2, [6, 2]),
        ("head_tail", 5, [6, 1, 1]),
    ],
)
def test_each_method_cuts_where_it_says(method: str, count: int, expected: list[int]) -> None:
    assert classed(units(1, 2, 3, 4, 5, 6, 90, 100), method, count) == expected


def test_a_value_on_a_break_belongs_to_the_lower_class() -> None:
    found = classify(units(0, 5, 10), method="equal_interval", count=2, ramp="Blues")
    assert [found.class_of[unit] for unit in "012"] == [0, 0, 1]
    assert [(one.lower, one.upper) for one in found.classes] == [(0, 5), (5, 10)]


@pytest.mark.parametrize("method", METHODS)
def test_fewer_different_values_than_classes_are_a_class_each(method: str) -> None:
    found = classify(units(3, 3, 3), method=method, count=5, ramp="Blues")
    assert [(one.lower, one.upper, one.count) for one in found.classes] == [(3, 3, 3)]
    assert classify({}, method=method, count=5, ramp="Blues").classes == ()


@settings(deadline=None, max_examples=40)
@given(
    st.lists(st.floats(-1e9, 1e9), min_size=1, max_size=400),
    st.sampled_from(METHODS),
    st.integers(2, MOST),
)
def test_every_value_is_in_the_class_that_holds_it(
    values: list[float], method: str, count: int
) -> None:
    found = classify(units(*values), method=method, count=count, ramp="YlGnBu")
    assert sum(one.count for one in found.classes) == len(values)
    assert len(found.classes) <= (MOST if method == "head_tail" else count)
    for unit, value in units(*values).items():
        one = found.classes[found.class_of[unit]]
        assert one.lower <= value <= one.upper
    assert len({one.colour for one in found.classes}) == len(found.classes)


def test_many_values_of_which_most_are_equal_have_natural_breaks() -> None:
    values = units(*[0.0] * 20_000, *range(1, 9))
    assert classed(values, count=5)[0] >= 20_000


@pytest.mark.parametrize("ramp", RAMPS)
def test_a_ramp_grows_darker_and_never_meets_the_colour_of_no_figure(ramp: str) -> None:
    for count in range(1, MOST + 1):
        colours = ramp_colours(ramp, count)
        light = [sum(int(one[at : at + 2], 16) for at in (1, 3, 5)) for one in colours]
        assert light == sorted(light, reverse=True)
        assert len(set(colours)) == count
        assert NO_FIGURE_COLOUR not in colours


@pytest.mark.parametrize(
    ("method", "count", "ramp"),
    [("by_luck", 5, "Blues"), ("quantiles", 1, "Blues"), ("quantiles", 10, "Blues"),
     ("quantiles", 5, "RdYlGn")],
)  # fmt: skip
def test_what_no_legend_can_show_is_refused(method: str, count: int, ramp: str) -> None:
    with pytest.raises(InputError):
        classify(units(1, 2, 3), method=method, count=count, ramp=ramp)
