"""What a request for features may say, each part refused with a sentence that says what it may."""

import base64
import json
import math
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from flask import request

from assets.registry import LAYERS
from gis.clock import ZONE, today
from gis.columns import LARGEST_ID
from gis.cql2.conditions import condition_of
from gis.cql2.tree import Tree, parse_json
from gis.cql2.written import parse_text
from gis.errors import InputError, NotFound, Phrase
from gis.features.collection import Property, Rows, Span, key_of, on_day, properties_of
from gis.features.reading import Condition, Position
from gis.features.reference import (
    LONGITUDE_FIRST,
    REFERENCE_BY_URI,
    Box,
    Reference,
    box_of,
)
from gis.layers import Layer

# GDAL knows the text by its name of the draft.
_LANGUAGES: Final = {"cql2-text": parse_text, "cql2-json": parse_json, "cql-text": parse_text}
DEFAULT_LIMIT: Final = 100
MOST: Final = 10_000
"""Features of one answer; a larger limit is taken for this, as the standard wants it."""
_NUMBER: Final = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?", re.ASCII)
_LAYER_BY_NAME: Final = {layer.name: layer for layer in LAYERS}


def layer_named(name: str) -> Layer:
    """The layer of a collection.

    Raises:
        NotFound: There is none.
    """
    if name not in _LAYER_BY_NAME:
        known = ", ".join(_LAYER_BY_NAME)
        raise NotFound("ogc.no_such_collection", name=name[:60], known=known)
    return _LAYER_BY_NAME[name]


def refuse_unknown(known: Collection[str]) -> None:
    """Refuses parameters of the address that mean nothing here: a slip must not widen an answer.

    Raises:
        InputError: Names them, and those there are.
    """
    unknown = [name[:60] for name in request.args if name not in known]
    if unknown:
        raise InputError("ogc.no_such_parameter", names=tuple(unknown), known=", ".join(known))


def asked_limit() -> int:
    """How many features at most.

    Raises:
        InputError: Not a whole number from 1 on.
    """
    written = request.args.get("limit", str(DEFAULT_LIMIT))
    is_number = written.isascii() and written.isdigit() and written.strip("0") != ""
    if not is_number:
        raise InputError("ogc.limit", value=written[:40], most=f"{MOST:,}")
    return MOST if len(written) > 18 else min(int(written), MOST)


def asked_reference(name: str) -> Reference:
    """The coordinate system that a parameter names; without it longitude, latitude.

    Raises:
        InputError: Features are not given in it.
    """
    uri = request.args.get(name)
    if uri is None:
        return LONGITUDE_FIRST
    if uri not in REFERENCE_BY_URI:
        known = ", ".join(REFERENCE_BY_URI)
        raise InputError("ogc.no_such_crs", name=name, value=uri[:100], known=known)
    return REFERENCE_BY_URI[uri]


def asked_box() -> Box | None:
    """What features have to touch; null where they may lie anywhere.

    Raises:
        InputError: Not four or six numbers, or with the upper corner below the lower one.
    """
    written = request.args.get("bbox")
    reference = asked_reference("bbox-crs")
    if written is None:
        return None
    parts = [part.strip() for part in written.split(",")]
    if len(parts) not in {4, 6} or not all(_NUMBER.fullmatch(part) for part in parts):
        raise InputError("ogc.bbox", value=written[:100])
    numbers = [float(part) for part in parts]
    if not all(math.isfinite(one) for one in numbers):
        raise InputError("ogc.bbox", value=written[:100])
    half = len(numbers) // 2  # heights, where they stand, do not matter
    lower, upper = numbers[:2], numbers[half : half + 2]
    across, up = (1, 0) if reference.is_north_first else (0, 1)
    may_wrap = reference.is_degrees
    if lower[up] > upper[up] or (lower[across] > upper[across] and not may_wrap):
        raise InputError("ogc.bbox_reversed", value=written[:100])
    return box_of((lower[0], lower[1], upper[0], upper[1]), reference)


def asked_span() -> Span:
    """The days asked about; without them today.

    Raises:
        InputError: Neither a day or moment, nor two with a slash between them.
    """
    written = request.args.get("datetime")
    if written is None:
        return on_day(today())
    parts = written.split("/")
    if len(parts) > 2:
        raise InputError("ogc.datetime", value=written[:60])
    if len(parts) == 1:
        return on_day(_day(parts[0], written))
    first, last = (None if part in {"", ".."} else _day(part, written) for part in parts)
    if first is not None and last is not None and first > last:
        raise InputError("ogc.datetime_reversed", value=written[:60])
    return Span(first, last)


def _day(part: str, written: str) -> date:
    """The day of the register on which a moment lies."""
    try:
        if len(part) == 10:
            return date.fromisoformat(part)
        moment = datetime.fromisoformat(part)
        if len(part) < 19 or moment.tzinfo is None:
            raise ValueError(part)
        return moment.astimezone(ZONE).date()
    except (ValueError, OverflowError) as error:
        raise InputError("ogc.datetime", value=written[:60]) from error


def asked_properties(layer: Layer) -> Sequence[str] | None:
    """What features are to say; null: everything.

    Raises:
        InputError: They do not say it.
    """
    written = request.args.get("properties")
    if written is None:
        return None
    names = [part.strip() for part in written.split(",") if part.strip()]
    known = [one.name for one in properties_of(layer)]
    unknown = [name[:60] for name in names if name not in known]
    if unknown:
        raise InputError(
            "ogc.no_such_property", names=tuple(unknown), layer=layer.name, known=", ".join(known)
        )
    return names


def key_written(layer: Layer, written: str) -> int | str:
    """The key of a feature as it stands in an address.

    Raises:
        NotFound: No feature can have it.
    """
    if key_of(layer) == "code":
        return written.replace("\0", "")
    is_number = written.isascii() and written.isdigit() and len(written) <= 18
    if not is_number:
        raise NotFound("ogc.no_such_feature", id=written[:60], layer=layer.name)
    return int(written)


def position_text(layer: Layer, key: int | str, *, is_before: bool) -> str:
    """Where a page begins, for the address of that page."""
    said = json.dumps([layer.name, "before" if is_before else "after", key], ensure_ascii=False)
    return base64.urlsafe_b64encode(said.encode()).decode().rstrip("=")


def asked_position(layer: Layer) -> Position:
    """Where the page begins, as `position_text` wrote it.

    Raises:
        InputError: It did not write that, or for another collection.
    """
    written = request.args.get("page")
    if written is None:
        return Position()
    try:
        padded = written + "=" * (-len(written) % 4)
        said: Any = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
        name, side, key = said
    except (ValueError, TypeError, RecursionError) as error:
        raise InputError("ogc.page") from error
    is_text = key_of(layer) == "code"
    is_key = (
        isinstance(key, str) and "\0" not in key and key.isprintable()
        if is_text
        else type(key) is int and 0 <= key <= LARGEST_ID
    )
    if name != layer.name or side not in ("after", "before") or not is_key:
        raise InputError("ogc.page")
    return Position(key, is_before=side == "before")


@dataclass(frozen=True)
class Asked:
    """A filter of an address: its tree, and the system in which its shapes stand."""

    tree: Tree
    reference: Reference

    def on(self, rows: Rows) -> Condition:
        """The same as a condition on the rows of a layer.

        Raises:
            InputError: The layer cannot answer it.
        """
        return condition_of(self.tree, rows, self.reference)


def asked_filters(layer: Layer) -> list[Asked]:
    """What has to hold: `filter`, and each property that the address gives a value.

    Raises:
        InputError: It cannot be understood.
    """
    reference = asked_reference("filter-crs")
    written = request.args.get("filter-lang", "cql2-text")
    if written not in _LANGUAGES:
        known = ", ".join(_LANGUAGES)
        raise InputError("ogc.no_such_language", value=written[:40], known=known)
    found: list[Tree] = []
    if (stated := request.args.get("filter")) is not None:
        found.append(_LANGUAGES[written](stated))
    for one in properties_of(layer):
        if (value := request.args.get(one.name)) is not None:
            args: list[Tree] = [{"property": one.name}, _value(one, value)]
            found.append({"op": "=", "args": args})
    return [Asked(tree, reference) for tree in found]


def _value(one: Property, written: str) -> Tree:
    """A value of an address, as its property has them."""
    if one.type in {"number", "integer"} and _NUMBER.fullmatch(written) and len(written) <= 40:
        return float(written) if set(written) & set(".eE") else int(written)
    if one.type == "boolean" and written in {"true", "false"}:
        return written == "true"
    if one.type in {"text", "date"}:
        return written
    raise InputError(
        "ogc.value",
        name=one.name,
        value=written[:40],
        kind=Phrase(f"cql2.type.{'number' if one.type == 'integer' else one.type}"),
    )
