"""Charts and district maps as pictures for papers, drawn from the figures they stand beside."""

import math
from collections.abc import Mapping
from typing import Final

import matplotlib as mpl
from geopandas import GeoSeries
from matplotlib.figure import Figure
from matplotlib.patheffects import withStroke
from shapely.geometry.base import BaseGeometry

from assets.services.papers.pictures import FAMILIES, png_of

_BLUE: Final = "#2c6fbb"
_RAMP: Final = ("#dbe8f5", "#a9c8e8", "#74a3d8", "#3f7cbd", "#1a4f8a")
_UNKNOWN: Final = "#eef0f2"
_INCHES_WIDE: Final = 6.1
_MAP_INCHES_HIGH: Final = 4.4
"""Half a page: a map as large as the text leaves the page before it empty."""
_DPI: Final = 200

mpl.rcParams["font.family"] = list(FAMILIES)


def bar_chart(values: Mapping[str, float], printed: Mapping[str, str]) -> bytes:
    """Bars from left to right, one a line in the given order, with what stands beside each.

    Args:
        values: By label.
        printed: The value of each label in words.

    Returns:
        A PNG.
    """
    figure = Figure(figsize=(_INCHES_WIDE, 0.6 + 0.32 * len(values)), dpi=_DPI)
    axes = figure.subplots()
    labels = list(values)
    axes.barh(range(len(labels)), list(values.values()), color=_BLUE, height=0.62)
    axes.set_yticks(range(len(labels)), labels, fontsize=9)
    axes.invert_yaxis()
    axes.xaxis.set_visible(False)
    axes.spines[["top", "right", "bottom"]].set_visible(False)
    axes.spines["left"].set_color("#9aa7b5")
    axes.tick_params(length=0)
    most = max(values.values(), default=0) or 1
    axes.set_xlim(0, most * 1.18)
    for at, label in enumerate(labels):
        axes.text(values[label] + most * 0.01, at, printed[label], va="center", fontsize=8)
    return png_of(figure)


def district_map(
    shapes: Mapping[str, BaseGeometry], values: Mapping[str, float], printed: Mapping[str, str]
) -> bytes:
    """Districts in five equal steps of their values, each with its name and value.

    Args:
        shapes: By name, in degrees.
        values: By name; a district without one stays grey.
        printed: The value of each name in words.

    Returns:
        A PNG.
    """
    drawn = GeoSeries(dict(shapes))
    west, south, east, north = drawn.total_bounds
    # A degree of longitude is shorter than one of latitude; at the middle the map keeps its angles.
    stretch = 1 / math.cos(math.radians((south + north) / 2))
    tall = (north - south) * stretch / (east - west)
    figure = Figure(figsize=(_INCHES_WIDE, min(_MAP_INCHES_HIGH, _INCHES_WIDE * tall)), dpi=_DPI)
    axes = figure.subplots()
    most = max(values.values(), default=0) or 1
    colours = [_shade(values.get(name), most) for name in drawn.index]
    drawn.plot(ax=axes, color=colours, edgecolor="#ffffff", linewidth=0.8, aspect=stretch)
    for name, spot in drawn.representative_point().items():
        axes.annotate(
            f"{name}\n{printed.get(str(name), '—')}",
            (spot.x, spot.y),
            ha="center",
            va="center",
            fontsize=7.5,
            color="#16283d",
            path_effects=[withStroke(linewidth=2, foreground="#ffffff")],
        )
    axes.set_axis_off()
    return png_of(figure)


def _shade(value: float | None, most: float) -> str:
    if value is None:
        return _UNKNOWN
    return _RAMP[min(int(value / most * len(_RAMP)), len(_RAMP) - 1)]
