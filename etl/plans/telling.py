"""What is shown of a plan on its page: the drawing, where it lies, what it is compared with."""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any, Final

import shapely

from etl.plans.checking import Checked, Judged, RoomLine
from etl.plans.drawing import Drawing
from etl.plans.register import KnownFloor
from gis.errors import OneMapError, packed

_DRAWN_DIGITS: Final = 4
_DEGREE_DIGITS: Final = 8


def told(
    drawing: Drawing,
    floor: KnownFloor,
    judged: Judged | None,
    checked: Checked | None,
    problem: OneMapError | None,
) -> dict[str, Any]:
    """As plain JSON: positions in units of the drawing and in degrees, lengths in m, areas in m2.

    Args:
        drawing: As it was read.
        floor: What the register knows.
        judged: Null where it is no plan yet.
        checked: Null where it could not be placed.
        problem: What stands in the way; null where nothing does.
    """
    return {
        "building": floor.building_code,
        "level": floor.level,
        "seen": seen_of(floor),
        "has_floor": floor.code is not None,
        "version": drawing.version,
        "layers": drawing.layers,
        "outside": dict(drawing.outside or {}),
        "problem": None
        if problem is None
        else {"key": problem.key, "params": _plain(problem.params)},
        "footprint": _ground(floor.footprint),
        "known": [
            {
                "code": one.code, "number": one.number, "is_drawn": one.outline is not None,
                "surveyed_m2": one.surveyed_m2, "ledger_m2": one.ledger_m2,
            }
            for one in floor.rooms
        ],
        "plan": None if judged is None else _plan(judged, checked),
        "placed": None if checked is None else _placed(checked),
    }  # fmt: skip


def seen_of(floor: KnownFloor) -> str:
    """What the register knows of a floor, as a hash: another one, and something was changed."""
    parts: list[Any] = [floor.building_code, floor.code, floor.level, _bytes(floor.footprint)]
    for one in floor.rooms:
        parts += [one.code, one.number, one.parent_code, one.surveyed_m2, one.ledger_m2]
        parts.append(_bytes(one.outline))
    return hashlib.sha256(repr(parts).encode()).hexdigest()


def _bytes(shape: Any) -> str | None:
    return None if shape is None else shapely.to_wkb(shape, hex=True)


def _plain(params: Mapping[str, Any]) -> dict[str, Any]:
    return {name: packed(value) for name, value in params.items() if value is not None}


def _plan(judged: Judged, checked: Checked | None) -> dict[str, Any]:
    plan = judged.corrected.plan if checked is None else checked.plan
    return {
        "unit_m": plan.unit_m,
        "unit_by": plan.unit_by,
        "layers": {
            "rooms": plan.layers.rooms, "numbers": plan.layers.numbers, "floor": plan.layers.floor
        },
        "floor": _drawn(plan.floor, plan.unit_m),
        "rooms": [_room(room, plan.unit_m) for room in plan.rooms],
        "findings": [
            {
                "fault": one.fault.value, "x": round(one.x, _DRAWN_DIGITS),
                "y": round(one.y, _DRAWN_DIGITS), "layer": one.layer, "rooms": one.rooms,
                "params": dict(one.params),
                "at": None if checked is None else _spot(checked, one.x, one.y),
            }
            for one in plan.findings
        ],
    }  # fmt: skip


def _room(room: Any, unit_m: float) -> dict[str, Any]:
    inside = shapely.point_on_surface(room.outline)
    return {
        "number": room.number,
        "rings": _drawn(room.outline, unit_m),
        "x": round(inside.x / unit_m, _DRAWN_DIGITS),
        "y": round(inside.y / unit_m, _DRAWN_DIGITS),
        "polygon_m2": round(room.area_m2, 2),
    }


def _drawn(shape: Any, unit_m: float) -> list[list[list[float]]] | None:
    """Rings in units of the drawing; null for no shape."""
    if shape is None:
        return None
    parts = [one for one in shapely.get_parts(shape) if one.geom_type == "Polygon"]
    rings = [ring for one in parts for ring in (one.exterior, *one.interiors)]
    return [(shapely.get_coordinates(one) / unit_m).round(_DRAWN_DIGITS).tolist() for one in rings]


def _placed(checked: Checked) -> dict[str, Any]:
    placement = checked.placement
    shapes = [placement.in_degrees(room.outline) for room in checked.plan.rooms]
    return {
        "by": placement.by,
        "residual_m": round(placement.residual_m, 3),
        "residuals_m": [round(one, 3) for one in placement.residuals_m],
        "turned": round(placement.turned, 2),
        "stretch": round(placement.stretch, 5),
        "is_mirrored": placement.is_mirrored,
        "share": None if placement.share is None else round(placement.share, 4),
        "rooms": [
            {**_line(line), "shape": _ground(shape)}
            for line, shape in zip(checked.lines, shapes, strict=True)
        ],
        "missing": [{"code": one.code, "number": one.number} for one in checked.missing],
    }


def _line(line: RoomLine) -> dict[str, Any]:
    known = line.known
    difference = line.difference_m2
    return {
        "number": line.number,
        "code": None if known is None else known.code,
        "surveyed_m2": None if known is None else known.surveyed_m2,
        "ledger_m2": None if known is None else known.ledger_m2,
        "difference_m2": None if difference is None else round(difference, 2),
        "is_apart": line.is_apart,
        "is_sound": line.is_sound,
        "is_left_out": line.is_left_out,
    }


def _spot(checked: Checked, x: float, y: float) -> Sequence[float]:
    unit_m = checked.plan.unit_m
    at = checked.placement.in_degrees(shapely.Point(x * unit_m, y * unit_m))
    return [round(at.x, _DEGREE_DIGITS), round(at.y, _DEGREE_DIGITS)]


def _ground(shape: Any) -> dict[str, Any] | None:
    """A shape in degrees as GeoJSON; null for none."""
    if shape is None:
        return None
    parts = [one for one in shapely.get_parts(shape) if one.geom_type == "Polygon"]
    coordinates = [
        [
            shapely.get_coordinates(ring).round(_DEGREE_DIGITS).tolist()
            for ring in (one.exterior, *one.interiors)
        ]
        for one in parts
    ]
    return {"type": "MultiPolygon", "coordinates": coordinates}
