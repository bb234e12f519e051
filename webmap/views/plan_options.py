"""What a page may state of a floor plan, checked before it is kept with a job."""

import math
from collections.abc import Mapping
from typing import Any, Final

from etl.plans.model import UNITS_M
from gis.errors import InputError

_LONGEST: Final = 200
_MOST_CONTROLS: Final = 100
_MOST_CORRECTIONS: Final = 5_000
_MOST_LAYERS: Final = 100
_LEVELS: Final = (-99, 999)


def building_and_level(stated: Mapping[str, Any]) -> dict[str, Any]:
    """Of which floor a plan is.

    Raises:
        InputError: It is not said.
    """
    building = str(stated.get("building") or "").strip()[:_LONGEST]
    if not building:
        raise InputError("plan.which_building")
    try:
        level = int(str(stated.get("level", "")).strip())
    except ValueError as error:
        raise InputError("plan.which_floor") from error
    if not _LEVELS[0] <= level <= _LEVELS[1]:
        raise InputError("plan.which_floor")
    return {"building": building, "level": level}


def checked_options(stated: Mapping[str, Any]) -> dict[str, Any]:
    """Everything that is stated of a plan, as its jobs carry it.

    Raises:
        InputError: One of it is not of the kind it should be.
    """
    options = building_and_level(stated)
    for name in ("rooms", "numbers", "outline"):
        options[name] = [str(one)[:_LONGEST] for one in _listed(stated, name, _MOST_LAYERS)]
    unit = stated.get("unit") or None
    if unit is not None and (not isinstance(unit, str) or unit not in UNITS_M):
        raise InputError("plan.no_such_unit", unit=str(unit)[:_LONGEST], known=", ".join(UNITS_M))
    close_m = _number(stated.get("close_m") or 0)
    if not 0 <= close_m <= 1:
        raise InputError("plan.bad_option", name="close_m")
    turn = stated.get("turn")
    controls = [_control(one) for one in _listed(stated, "controls", _MOST_CONTROLS)]
    corrections = [_correction(one) for one in _listed(stated, "corrections", _MOST_CORRECTIONS)]
    return {
        **options,
        "unit": unit,
        "close_m": close_m,
        "turn": None if turn in (None, "") else round(_number(turn)) % 360,
        "crs": str(stated.get("crs") or "").strip()[:_LONGEST] or None,
        "controls": controls,
        "corrections": corrections,
    }


def _listed(stated: Mapping[str, Any], name: str, most: int) -> list[Any]:
    found = stated.get(name) or []
    if not isinstance(found, list) or len(found) > most:
        raise InputError("plan.bad_option", name=name)
    return found


def _number(said: Any) -> float:
    """A finite number, from a number or from what was typed.

    Raises:
        InputError: It is none.
    """
    try:
        number = float(said)
    except (TypeError, ValueError, OverflowError) as error:
        raise InputError("plan.no_number", said=str(said)[:_LONGEST]) from error
    if isinstance(said, bool) or not math.isfinite(number):
        raise InputError("plan.no_number", said=str(said)[:_LONGEST])
    return number


def _control(stated: Any) -> list[float]:
    if not isinstance(stated, list) or len(stated) != 4:
        raise InputError("plan.bad_option", name="controls")
    x, y, longitude, latitude = (_number(one) for one in stated)
    if abs(longitude) > 180 or abs(latitude) > 90:
        raise InputError("plan.bad_control", said=f"{longitude},{latitude}")
    return [x, y, longitude, latitude]


def _correction(stated: Any) -> dict[str, Any]:
    if not isinstance(stated, dict):
        raise InputError("plan.bad_option", name="corrections")
    number = str(stated.get("number") or "").strip()[:_LONGEST]
    code = str(stated.get("code") or "").strip()[:_LONGEST]
    return {
        "x": _number(stated.get("x")),
        "y": _number(stated.get("y")),
        "number": number or None,
        "code": code or None,
        "is_left_out": bool(stated.get("is_left_out")),
    }
