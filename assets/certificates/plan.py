"""Plans of floors with the rooms of a certificate marked, as pictures for its paper."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, text

from gis.places.vocabulary import IS_OPEN

MOST_FLOORS: Final = 40
_INCHES: Final = (6.1, 4.2)
_DPI: Final = 200
_FILL: Final = "#f0c674"
_OTHER: Final = "#f5f6f8"
_LINE: Final = "#4a5563"
# The rooms on the floors of some rooms, each ring as text: x east and y north in degrees.
_ROOMS: Final = f"""
WITH marked AS (
  SELECT p.place_id, p.parent_id, p.geom IS NOT NULL AS is_drawn FROM place.place AS p
  WHERE p.place_id = ANY (CAST(:rooms AS bigint[])) AND p.parent_kind = 'floor'
)
SELECT s.parent_id AS floor_id, s.place_id, coalesce(r.number, s.name) AS number,
  ST_AsGeoJSON(s.geom, 8)::jsonb AS shape, marked.place_id IS NOT NULL AS is_marked
FROM place.place AS s JOIN place.room AS r USING (place_id)
LEFT JOIN marked ON marked.place_id = s.place_id
WHERE s.parent_id IN (SELECT parent_id FROM marked WHERE is_drawn) AND s.geom IS NOT NULL
  AND {IS_OPEN.format("s")} AND (s.valid_to IS NULL OR marked.place_id IS NOT NULL)
ORDER BY s.parent_id, s.place_id"""


@dataclass(frozen=True)
class FloorPlan:
    """A floor as a picture.

    Args:
        rooms: Numbers of the marked rooms on it.
    """

    floor_id: int
    rooms: frozenset[int]
    png: bytes


def floor_plans(conn: Connection, rooms: Sequence[int]) -> list[FloorPlan]:
    """The floors of some rooms with these marked, as they are drawn today.

    Rooms without an outline are on none, nor is any beyond `MOST_FLOORS`.
    """
    floors: dict[int, list[Any]] = {}
    for row in conn.execute(text(_ROOMS), {"rooms": list(rooms)}):
        floors.setdefault(row.floor_id, []).append(row)
    return [
        FloorPlan(
            floor_id,
            frozenset(row.place_id for row in drawn if row.is_marked),
            _picture(drawn),
        )
        for floor_id, drawn in list(floors.items())[:MOST_FLOORS]
    ]


def _picture(drawn: Sequence[Any]) -> bytes:
    # Drawing needs libraries that nothing else here does.
    from matplotlib.figure import Figure  # noqa: PLC0415
    from matplotlib.patches import PathPatch  # noqa: PLC0415
    from matplotlib.path import Path  # noqa: PLC0415

    from assets.services.papers.pictures import FAMILIES, png_of  # noqa: PLC0415

    figure = Figure(figsize=_INCHES, dpi=_DPI)
    axes = figure.subplots()
    for row in drawn:
        for rings in _polygons(row.shape):
            points = [tuple(point[:2]) for ring in rings for point in ring]
            codes = [
                Path.MOVETO if at == 0 else Path.LINETO for ring in rings for at in range(len(ring))
            ]
            patch = PathPatch(
                Path(points, codes),
                facecolor=_FILL if row.is_marked else _OTHER,
                edgecolor=_LINE,
                linewidth=1.1 if row.is_marked else 0.6,
                hatch="///" if row.is_marked else None,
            )
            axes.add_patch(patch)
            xs, ys = zip(*rings[0], strict=True) if len(rings[0][0]) == 2 else ((), ())
            if xs and row.number:
                axes.text(
                    (min(xs) + max(xs)) / 2, (min(ys) + max(ys)) / 2, row.number, ha="center",
                    va="center", fontsize=7, family=list(FAMILIES),
                    bbox={"facecolor": "white", "edgecolor": "none", "pad": 1},
                )  # fmt: skip
    axes.autoscale_view()
    # A degree of longitude is shorter than one of latitude.
    axes.set_aspect(1 / math.cos(math.radians(axes.get_ylim()[0])))
    axes.set_axis_off()
    return png_of(figure)


def _polygons(shape: Mapping[str, Any]) -> list[Any]:
    if shape["type"] == "MultiPolygon":
        return list(shape["coordinates"])
    return [shape["coordinates"]] if shape["type"] == "Polygon" else []
