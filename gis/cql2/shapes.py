"""Shapes of a filter as the database reads them: east first, within the reach of their system."""

from collections.abc import Mapping, Sequence
from typing import Any

from gis.errors import InputError
from gis.features.reference import Reference, box_of

_EMPTY = "POLYGON EMPTY"


def shape_text(node: Mapping[str, Any], reference: Reference) -> str:
    """A shape of the tree as WKT.

    Args:
        node: With `bbox`, or `type`.
        reference: In which its coordinates stand.

    Raises:
        InputError: A coordinate lies where the system has no meaning.
    """
    if "bbox" in node:
        numbers = [float(one) for one in node["bbox"]]
        half = len(numbers) // 2
        first, second = numbers[:2]
        third, fourth = numbers[half : half + 2]
        return box_of((first, second, third, fourth), reference).wkt or _EMPTY
    if node["type"] == "GeometryCollection":
        parts = ",".join(shape_text(one, reference) for one in node["geometries"])
        return f"GEOMETRYCOLLECTION({parts})"
    kind = node["type"].upper()
    coordinates = node["coordinates"]
    return f"{kind}{_written(coordinates if kind != 'POINT' else [coordinates], reference)}"


def _written(positions: Sequence[Any], reference: Reference) -> str:
    said = [
        _position(one, reference) if not isinstance(one[0], list) else _written(one, reference)
        for one in positions
    ]
    return f"({','.join(said)})"


def _position(numbers: Sequence[float], reference: Reference) -> str:
    east, north = float(numbers[0]), float(numbers[1])
    if reference.is_north_first:
        east, north = north, east
    if not reference.holds(east, north):
        raise InputError("cql2.out_of_reach", value=f"{numbers[0]} {numbers[1]}", crs=reference.uri)
    return f"{east!r} {north!r}"
