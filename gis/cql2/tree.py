"""The one tree of a filter: CQL2 JSON of known nodes, neither too deep nor too large."""

import json
import math
import re
from collections.abc import Mapping
from typing import Any, Final

from gis.errors import InputError

LONGEST: Final = 20_000
"""Characters of a written filter: an outline drawn by hand fits several times over."""
DEEPEST: Final = 50
"""Operators within one another."""
_MOST_NODES: Final = 20_000
_LAST_NOUGHTS: Final = re.compile(r"(\.[0-9]*?)0+Z$")
_IDLE_NOUGHTS: Final = re.compile(r"\.(?=Z$)")
_PARTS: Final = {
    "Point": 0, "MultiPoint": 1, "LineString": 1, "MultiLineString": 2, "Polygon": 2,
    "MultiPolygon": 3,
}  # fmt: skip
"""How deep the positions of each kind of shape stand."""

Tree = bool | int | float | str | list[Any] | dict[str, Any]
"""A node: a value, a list, or an object with `op`, `property`, `date`, `timestamp`, `interval`,
`bbox`, or `type` (a shape as GeoJSON has it)."""


def parse_json(written: str) -> Tree:
    """The tree of a filter in CQL2 JSON.

    Raises:
        InputError: It is none, or too long or deep.
    """
    refuse_long(written)
    try:
        stated = json.loads(written, parse_constant=_no_number)
        # Half of a character pair is JSON to Python, and text to nobody.
        json.dumps(stated, ensure_ascii=False).encode()
    except RecursionError as error:
        raise InputError("cql2.too_deep", most=DEEPEST) from error
    except ValueError as error:
        raise InputError("cql2.not_json") from error
    return checked(stated)


def refuse_long(written: str) -> None:
    """Refuses a filter that nobody wrote.

    Raises:
        InputError: Says how long it may be.
    """
    if len(written) > LONGEST:
        raise InputError("cql2.too_long", length=f"{len(written):,}", most=f"{LONGEST:,}")


def _no_number(_written: str) -> float:
    raise ValueError


def checked(stated: Any) -> Tree:
    """A tree of known nodes only.

    Raises:
        InputError: One is of no known form, or it is too deep or large.
    """
    _measure(stated)
    return _node(stated)


def _measure(stated: Any) -> None:
    """Without recursion: what is too deep for us is too deep for Python."""
    waiting, count = [(stated, 0, 0)], 0
    while waiting:
        node, operators, brackets = waiting.pop()
        count += 1
        if isinstance(node, Mapping):
            operators += "op" in node
            waiting += [(one, operators, brackets + 1) for one in node.values()]
        elif isinstance(node, list):
            waiting += [(one, operators, brackets + 1) for one in node]
        # An operator is an object with a list in it.
        if operators > DEEPEST or brackets > 3 * DEEPEST:
            raise InputError("cql2.too_deep", most=DEEPEST)
        if count > _MOST_NODES:
            raise InputError("cql2.too_long", length=f"{count:,}", most=f"{_MOST_NODES:,}")


def _node(stated: Any) -> Tree:
    if isinstance(stated, bool | str) or is_number(stated):
        return stated  # type: ignore[no-any-return]
    if isinstance(stated, list):
        return [_node(one) for one in stated]
    found = _object(stated) if isinstance(stated, Mapping) else None
    if found is None:
        raise InputError("cql2.strange", part=str(stated)[:60])
    return found


def _object(stated: Mapping[str, Any]) -> Tree | None:
    if isinstance(stated.get("op"), str) and isinstance(stated.get("args"), list):
        return {"op": stated["op"], "args": [_node(one) for one in stated["args"]]}
    for name in ("property", "date", "timestamp"):
        if isinstance(stated.get(name), str):
            return {name: _moment(stated[name]) if name == "timestamp" else stated[name]}
    interval, box = stated.get("interval"), stated.get("bbox")
    if isinstance(interval, list) and len(interval) == 2:
        return {
            "interval": [_moment(one) if isinstance(one, str) else _node(one) for one in interval]
        }
    if isinstance(box, list) and len(box) in {4, 6} and all(map(is_number, box)):
        return {"bbox": box}
    return _shape(stated) if isinstance(stated.get("type"), str) else None


def _moment(written: str) -> str:
    """A moment without noughts that say nothing, so that one moment is written in one way."""
    return _IDLE_NOUGHTS.sub("", _LAST_NOUGHTS.sub(r"\1Z", written))


def is_number(stated: Any) -> bool:
    """Whether it is a number one can reckon with."""
    is_one = isinstance(stated, int | float) and not isinstance(stated, bool)
    return is_one and abs(stated) < 1e300 and math.isfinite(stated)


def _shape(stated: Mapping[str, Any]) -> Tree:
    kind = stated["type"]
    if kind == "GeometryCollection" and isinstance(stated.get("geometries"), list):
        parts = [_node(one) for one in stated["geometries"]]
        if all(isinstance(one, dict) and one.get("type") in _PARTS for one in parts):
            return {"type": kind, "geometries": parts}
    elif kind in _PARTS and _is_placed(kind, stated.get("coordinates")):
        return {"type": kind, "coordinates": stated["coordinates"]}
    raise InputError("cql2.no_shape", kind=str(kind)[:40])


def _is_placed(kind: str, stated: Any) -> bool:
    """Whether the positions are those of such a shape: rings closed, lines of two points."""
    fits = {"LineString": _is_line, "Polygon": _is_ring}.get(kind.removeprefix("Multi"))
    levels = [stated]
    for level in range(_PARTS[kind], 0, -1):
        if not all(isinstance(one, list) and one for one in levels):
            return False
        if level == 1 and fits is not None and not all(map(fits, levels)):
            return False
        levels = [part for one in levels for part in one]
    return all(
        isinstance(one, list) and len(one) in {2, 3} and all(map(is_number, one)) for one in levels
    )


def _is_line(positions: list[Any]) -> bool:
    return len(positions) >= 2


def _is_ring(positions: list[Any]) -> bool:
    return len(positions) >= 4 and positions[0] == positions[-1]
