"""Classes of a theme: where one colour ends and the next begins, and which colours.

The breaks are mapclassify's, the colours ColorBrewer's by way of branca. All ramps run from light
to dark in one hue or two neighbouring ones: no pair is told apart by red against green.
"""

import warnings
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from branca.utilities import color_brewer

from gis.errors import InputError

METHODS: Final = ("natural_breaks", "quantiles", "equal_interval", "head_tail")
RAMPS: Final = ("Blues", "YlGnBu", "Purples", "OrRd", "Greys")
FEWEST: Final = 2
MOST: Final = 9
NO_FIGURE_COLOUR: Final = "#d5d9df"
"""Beside every ramp, and never one of its colours."""
_SAMPLE: Final = 300
"""Natural breaks compare every value with every other; so many keep it under half a second."""


@dataclass(frozen=True)
class ThemeClass:
    """One colour of a theme.

    Args:
        lower: The value above which it begins; the first class holds its own lower value too.
        upper: The last value that belongs to it.
        count: Units in it.
        colour: `#rrggbb`.
    """

    lower: float
    upper: float
    count: int
    colour: str


@dataclass(frozen=True)
class Classified:
    """A theme's legend and which class each unit is in.

    Args:
        classes: From the smallest values to the largest; none without a figure.
        class_of: By unit; those without a figure are missing.
    """

    classes: tuple[ThemeClass, ...]
    class_of: Mapping[str, int]


def classify(values: Mapping[str, float], *, method: str, count: int, ramp: str) -> Classified:
    """Puts values into classes.

    Args:
        values: By unit.
        method: One of `METHODS`.
        count: Classes asked for; fewer where there are fewer different values. `head_tail` finds
            the number by itself.
        ramp: One of `RAMPS`.

    Raises:
        InputError: No such method or ramp, or a number of classes out of bounds.
    """
    if method not in METHODS:
        raise InputError("theme.no_such_method", method=method)
    if ramp not in RAMPS:
        raise InputError("theme.no_such_ramp", ramp=ramp)
    if not FEWEST <= count <= MOST:
        raise InputError("theme.bad_count", least=FEWEST, most=MOST)
    if not values:
        return Classified((), {})
    ordered = sorted(values.values())
    uppers = _upper_bounds(ordered, method, count)
    class_of = {unit: bisect_left(uppers, value) for unit, value in values.items()}
    sizes = [0] * len(uppers)
    for at in class_of.values():
        sizes[at] += 1
    lowers = [ordered[0], *uppers[:-1]]
    colours = ramp_colours(ramp, len(uppers))
    classes = tuple(ThemeClass(*one) for one in zip(lowers, uppers, sizes, colours, strict=True))
    return Classified(classes, class_of)


def ramp_colours(ramp: str, count: int) -> Sequence[str]:
    """So many colours of a ramp, light to dark; without the palest, which is no colour on paper."""
    colours: list[str] = color_brewer(ramp, min(9, max(3, count + 1)))
    return colours[-count:]


def _upper_bounds(ordered: Sequence[float], method: str, count: int) -> list[float]:
    """The last value of each class, ascending; the last is the largest value."""
    different = sorted(set(ordered))
    if len(different) <= (1 if method == "head_tail" else count):
        return different
    bounds = sorted({float(bound) for bound in _breaks(ordered, method, count)})
    kept = [bound for bound in bounds if different[0] <= bound < different[-1]]
    return [*kept[: MOST - 1], different[-1]]


def _breaks(ordered: Sequence[float], method: str, count: int) -> Sequence[float]:
    # It brings scipy and scikit-learn along, which take a second and 100 MB: only who asks for a
    # theme pays for them.
    import mapclassify  # noqa: PLC0415

    found: Any
    with warnings.catch_warnings():
        # That natural breaks would be quicker compiled; the sample keeps them quick enough.
        warnings.simplefilter("ignore", UserWarning)
        if method == "natural_breaks":
            found = mapclassify.FisherJenks(_sample(ordered, count), k=count)
        elif method == "quantiles":
            found = mapclassify.Quantiles(ordered, k=count)
        elif method == "equal_interval":
            found = mapclassify.EqualInterval(ordered, k=count)
        else:
            found = mapclassify.HeadTailBreaks(ordered)
    return list(found.bins)


def _sample(ordered: Sequence[float], count: int) -> Sequence[float]:
    """Evenly spaced values of a long list, the smallest and the largest among them."""
    if len(ordered) <= _SAMPLE:
        return ordered
    step = (len(ordered) - 1) / (_SAMPLE - 1)
    found = [ordered[round(at * step)] for at in range(_SAMPLE)]
    # Where most values are one and the same, the others would hardly be met.
    return found if len(set(found)) >= count else _sample(sorted(set(ordered)), 0)
