"""Lines and texts of a drawing's model space, blocks taken apart and curves made of short lines."""

import math
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final

import pyarrow as pa
from ezdxf import bbox, path
from ezdxf.lldxf.const import DXFError
from ezdxf.lldxf.encoding import decode_dxf_unicode

from etl.confined.answer import Answer
from gis.errors import SourceError

STROKE_SCHEMA: Final = pa.schema(
    [
        ("layer", pa.string()),
        ("kind", pa.string()),
        ("is_closed", pa.bool_()),
        ("xs", pa.list_(pa.float64())),
        ("ys", pa.list_(pa.float64())),
    ]
)
"""A line of the drawing in its units; `is_closed` where the drawing itself says so."""
TEXT_SCHEMA: Final = pa.schema(
    [
        ("layer", pa.string()),
        ("tag", pa.string()),
        ("text", pa.string()),
        ("x", pa.float64()),
        ("y", pa.float64()),
        ("at_x", pa.float64()),
        ("at_y", pa.float64()),
    ]
)
"""A text: the middle of where it is written, and the point it was put at; `tag` of attributes."""
_LINES: Final = frozenset({"LINE", "ARC", "CIRCLE", "ELLIPSE", "SPLINE", "LWPOLYLINE", "POLYLINE"})
_TEXTS: Final = frozenset({"TEXT", "MTEXT", "ATTRIB"})
_PARTS: Final = _LINES | _TEXTS | {"HATCH"}
_MOST_STROKES: Final = 500_000
_MOST_POINTS: Final = 5_000_000
_DEEPEST: Final = 16
"""Blocks within blocks; a block that holds itself would go on for ever."""
_UNITS_M: Final = {1: 0.0254, 2: 0.3048, 4: 0.001, 5: 0.01, 6: 1.0, 14: 0.1, 21: 0.3048006096}
"""Metres of a unit of `$INSUNITS`, those that a building may be drawn in."""
_ARC_M: Final = 0.005
"""How far a chord may lie from its arc, where the drawing says its unit."""
_ARC_SHARE: Final = 1 / 20_000
"""The same as a share of the whole drawing, where it does not."""
_WIDE, _NARROW = 1.0, 0.62
"""Width of a letter over its height: of an ideogram, and of a figure or Latin letter."""
_LINE_HEIGHT: Final = 1.6
_FIRST_WIDE: Final = 0x2E80


@dataclass
class _Found:
    strokes: dict[str, list[Any]] = field(
        default_factory=lambda: {name: [] for name in STROKE_SCHEMA.names}
    )
    texts: dict[str, list[Any]] = field(
        default_factory=lambda: {name: [] for name in TEXT_SCHEMA.names}
    )
    points: int = 0
    skipped: Counter[str] = field(default_factory=Counter)
    outside: dict[str, str] = field(default_factory=dict)
    """Names of external references to the paths they point at."""


def read_model(drawing: Any, file: str, answer: Answer) -> None:
    """Writes the strokes and texts of the model space, and what the drawing says of itself.

    Raises:
        SourceError: All of it stands on sheets of paper, or it is more than any floor plan.
    """
    model = drawing.modelspace()
    unit = _UNITS_M.get(int(drawing.header.get("$INSUNITS", 0) or 0))
    found = _Found()
    # Blocks of blocks may stand for more than could be taken apart in a day.
    if _part_count(model, 0, {}) > _MOST_STROKES:
        raise SourceError("plan.too_many", file=file, limit=_MOST_STROKES)
    tolerance = _ARC_M / unit if unit else _size(model) * _ARC_SHARE
    for layer, entity in _flat(model, None, 0, found):
        _take(entity, layer, tolerance, found)
        count = max(len(found.strokes["layer"]), len(found.texts["layer"]))
        if count > _MOST_STROKES or found.points > _MOST_POINTS:
            raise SourceError("plan.too_many", file=file, limit=_MOST_STROKES)
    on_paper = sum(len(layout) for layout in drawing.layouts if layout is not model)
    if not found.strokes["layer"] and not found.outside:
        raise SourceError("plan.only_paper" if on_paper else "plan.empty", file=file)
    answer.layers = [
        {"name": name, "table": _written(answer, schema, columns), "crs": None}
        for name, schema, columns in (
            ("strokes", STROKE_SCHEMA, found.strokes),
            ("texts", TEXT_SCHEMA, found.texts),
        )
    ]
    answer.facts = {
        "version": drawing.acad_release,
        "unit_m": unit,
        "tolerance": tolerance,
        "on_paper": on_paper,
        "hidden_layers": [
            _text(layer.dxf.name) for layer in drawing.layers if layer.is_off() or layer.is_frozen()
        ],
        "outside": {_text(name): _text(path) for name, path in found.outside.items()},
        "skipped": dict(found.skipped),
    }


def _written(answer: Answer, schema: pa.Schema, columns: dict[str, list[Any]]) -> str:
    columns = {
        name: [None if one is None else _text(one) for one in values]
        if schema.field(name).type == pa.string() else values
        for name, values in columns.items()
    }  # fmt: skip
    batch = pa.RecordBatch.from_pydict(columns, schema=schema)
    return answer.write_table(schema, [batch])


def _text(said: str) -> str:
    """A text with `?` for bytes that are no letters of any code page it may be in."""
    return decode_dxf_unicode(said).replace("\0", "").encode("utf-8", "replace").decode()


def _size(model: Any) -> float:
    """Length of the diagonal of all that is drawn; 1 where that cannot be told."""
    try:
        extents = bbox.extents(model, fast=True)
    except (DXFError, ValueError, TypeError, ArithmeticError):
        return 1.0
    length = float(extents.size.magnitude) if extents.has_data else 0.0
    return length if math.isfinite(length) and length > 0 else 1.0


def _part_count(entities: Iterable[Any], depth: int, known: dict[tuple[str, int], int]) -> int:
    """How many lines, texts and blocks `_flat` comes upon when it takes all blocks apart.

    Blocks count themselves, for even empty ones within each other may take for ever.

    Args:
        entities: Of the model space or of a block.
        depth: How many blocks they stand in.
        known: Counts by block and depth, filled here.
    """
    count = 0
    for entity in entities:
        kind = entity.dxftype()
        if kind in _PARTS:
            count += 1
        elif kind == "INSERT":
            count += max(entity.mcount, 1)
        if kind == "INSERT" and depth < _DEEPEST:
            block = entity.block()
            if block is None or block.block.is_xref or block.block.is_xref_overlay:
                continue
            inside = (block.name, depth + 1)
            if inside not in known:
                known[inside] = _part_count(block, depth + 1, known)
            count += max(entity.mcount, 1) * known[inside]
    return count


def _flat(
    entities: Iterable[Any], inherited: str | None, depth: int, found: _Found
) -> Iterator[tuple[str, Any]]:
    """Entities with the layer they show on; what stands in a block on layer 0 is on the block's."""
    for entity in entities:
        layer = entity.dxf.get("layer", "0")
        layer = inherited if layer == "0" and inherited is not None else layer
        if entity.dxftype() != "INSERT":
            yield layer, entity
            continue
        yield from ((one.dxf.get("layer", layer), one) for one in entity.attribs)
        block = entity.block()
        if block is None:
            found.skipped["INSERT"] += 1
        elif block.block.is_xref or block.block.is_xref_overlay:
            found.outside[block.name] = block.block.dxf.get("xref_path", "") or block.name
        elif depth >= _DEEPEST:
            found.skipped["INSERT"] += 1
        else:
            copies = entity.multi_insert() if entity.mcount > 1 else (entity,)
            for copy in copies:
                yield from _flat(copy.virtual_entities(), layer, depth + 1, found)


def _take(entity: Any, layer: str, tolerance: float, found: _Found) -> None:
    kind = entity.dxftype()
    try:
        if kind in _LINES:
            _add(found, layer, kind, path.make_path(entity), tolerance, is_said=_is_closed(entity))
        elif kind == "HATCH":
            for one in path.from_hatch(entity):
                _add(found, layer, kind, one, tolerance, is_said=True)
        elif kind in _TEXTS:
            _add_text(found, layer, entity)
        elif kind not in {"POINT", "DIMENSION", "ATTDEF", "VIEWPORT"}:
            found.skipped[kind] += 1
    except (DXFError, ValueError, TypeError, ArithmeticError):
        found.skipped[kind] += 1


def _is_closed(entity: Any) -> bool:
    kind = entity.dxftype()
    if kind == "LWPOLYLINE":
        return bool(entity.closed)
    return kind == "CIRCLE" or (kind == "POLYLINE" and bool(entity.is_closed))


def _add(
    found: _Found, layer: str, kind: str, line: Any, tolerance: float, *, is_said: bool
) -> None:
    points = [(at.x, at.y) for at in line.flattening(tolerance)]
    if len(points) < 2:
        return
    if not all(math.isfinite(x) and math.isfinite(y) for x, y in points):
        found.skipped[kind] += 1
        return
    found.points += len(points)
    row = (layer, kind, is_said, [x for x, _ in points], [y for _, y in points])
    for name, value in zip(STROKE_SCHEMA.names, row, strict=True):
        found.strokes[name].append(value)


def _add_text(found: _Found, layer: str, entity: Any) -> None:
    kind = entity.dxftype()
    said = entity.plain_text().strip()
    if not said or entity.dxf.get("invisible", 0):
        return
    at = entity.dxf.insert if kind == "MTEXT" else _placed(entity)
    middle = _middle(entity, said, at)
    if not all(math.isfinite(one) for one in (at.x, at.y, *middle)):
        found.skipped[kind] += 1
        return
    tag = entity.dxf.tag if kind == "ATTRIB" else None
    row = (layer, tag, said, *middle, at.x, at.y)
    for name, value in zip(TEXT_SCHEMA.names, row, strict=True):
        found.texts[name].append(value)


def _placed(entity: Any) -> Any:
    _alignment, first, _second = entity.get_placement()
    return entity.ocs().to_wcs(first)


def _middle(entity: Any, said: str, at: Any) -> tuple[float, float]:
    """About where the middle of a text is, by the width its letters usually have."""
    is_block = entity.dxftype() == "MTEXT"
    height = float(entity.dxf.get("char_height" if is_block else "height", 0.0) or 0.0)
    lines = said.splitlines() or [said]
    wide = max(sum(_WIDE if ord(one) >= _FIRST_WIDE else _NARROW for one in line) for line in lines)
    width = wide * height * (1.0 if is_block else float(entity.dxf.get("width", 1.0) or 1.0))
    tall = height + (len(lines) - 1) * height * _LINE_HEIGHT
    across, up = _alignment(entity, is_block=is_block)
    turned = math.radians(float(entity.get_rotation() if is_block else entity.dxf.rotation))
    along, above = across * width, up * tall
    return (
        at.x + along * math.cos(turned) - above * math.sin(turned),
        at.y + along * math.sin(turned) + above * math.cos(turned),
    )


def _alignment(entity: Any, *, is_block: bool) -> tuple[float, float]:
    """From the point a text hangs on to its middle, as shares of its width and height."""
    if is_block:
        place = int(entity.dxf.get("attachment_point", 1)) - 1
        return (0.5, 0.0, -0.5)[place % 3], (-0.5, 0.0, 0.5)[min(place // 3, 2)]
    across = {1: 0.0, 2: -0.5, 4: 0.0}.get(int(entity.dxf.get("halign", 0)), 0.5)
    up = {2: 0.0, 3: -0.5}.get(int(entity.dxf.get("valign", 0)), 0.5)
    return across, (0.0 if entity.dxf.get("halign", 0) == 4 else up)
