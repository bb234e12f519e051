"""Files of administrative areas: outlines of official boundaries, and tables of codes."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd
import shapely

from etl import datum as datums
from etl.admin_areas import COUNTRY_PREFIX, AdminArea
from etl.clean.values import is_blank, plain_text
from etl.read import Source, read_source
from etl.read.geographic import geometries
from gis.errors import SourceError

_LEVELS: Final = ("province", "city", "district", "town", "village")
_LEVEL_BY_LENGTH: Final = {2: "province", 4: "city", 6: "district", 9: "town", 12: "village"}
_FIELDS: Final = {
    "code": ("code", "行政区划代码", "区划代码", "代码", "gb", "XZQDM"),
    "name": ("name", "行政区划名称", "名称", "XZQMC"),
    "level": ("level", "级别"),
    "parent_code": ("parent_code", "上级代码"),
}
_HEADER_SEARCH_ROWS: Final = 20


@dataclass(frozen=True)
class _Listed:
    """Rows of a file: fields as text, null where empty; outlines in storage coordinates."""

    fields: pd.DataFrame
    outlines: Any


def areas_from_file(path: Path, *, source: str, within: str | None = None) -> list[AdminArea]:
    """Areas of any file that onemap reads, parents before children.

    Args:
        path: With columns code and name (or 行政区划代码, 名称), optionally level and parent_code;
            an outline makes an official boundary, without one it is a table of codes.
        source: What reports cite for the boundaries.
        within: Only this area and what lies in it, by its code; null takes all.

    Raises:
        SourceError: It cannot be read, has no such columns, or no coordinate system.
    """
    listed = _listed(read_source(path), path.name)
    codes = listed.fields["code"].map(_full_code)
    levels = listed.fields["level"].where(listed.fields["level"].notna(), codes.map(_level_of))
    stated = listed.fields["parent_code"]
    parents = np.array(
        [
            _full_code(above) if isinstance(above, str) else _parent_of(code)
            for above, code in zip(stated, codes, strict=True)
        ],
        dtype=object,
    )
    is_wanted = codes.str.startswith(_stem(within) if within else "")
    areas = [
        AdminArea(code, name, level, parent, outline, outline is None, source)
        for code, name, level, parent, outline in zip(
            codes[is_wanted], listed.fields["name"][is_wanted], levels[is_wanted],
            parents[is_wanted.to_numpy()], listed.outlines[is_wanted.to_numpy()], strict=True,
        )
    ]  # fmt: skip
    unknown = {area.level for area in areas} - set(_LEVELS)
    if unknown:
        raise SourceError("admin_areas.unknown_level", file=path.name, level=unknown.pop())
    if not areas:
        raise SourceError("admin_areas.none", file=path.name)
    return sorted(areas, key=lambda area: (_LEVELS.index(area.level), area.code))


def _listed(source: Source, file: str) -> _Listed:
    if source.layers:
        layer = source.layers[0]
        found = layer.attributes
        outlines = _outlines(layer.wkb, layer.crs, file)
    else:
        found = _under_header(source.grids[0].cells if source.grids else pd.DataFrame(), file)
        outlines = np.full(len(found), None, dtype=object)
    columns = {name: _column(found.columns, wanted) for name, wanted in _FIELDS.items()}
    for name in ("code", "name"):
        if columns[name] is None:
            raise _no_column(file, name)
    fields = pd.DataFrame(
        {
            name: found[column].map(_text) if column else pd.Series([None] * len(found))
            for name, column in columns.items()
        },
        dtype=object,
    )
    has_code = fields["code"].notna().to_numpy() & fields["name"].notna().to_numpy()
    return _Listed(fields[has_code].reset_index(drop=True), outlines[has_code])


def _under_header(cells: pd.DataFrame, file: str) -> pd.DataFrame:
    for row in range(min(len(cells), _HEADER_SEARCH_ROWS)):
        headers = [_text(cell) or "" for cell in cells.iloc[row]]
        if all(_column(headers, _FIELDS[name]) for name in ("code", "name")):
            return cells.iloc[row + 1 :].set_axis(headers, axis=1).reset_index(drop=True)
    raise _no_column(file, "code")


def _outlines(wkb: Any, crs: str | None, file: str) -> Any:
    if crs is None or not datums.is_known(crs):
        raise SourceError("admin_areas.no_crs", file=file)
    shapes = shapely.force_2d(geometries(wkb))
    move = datums.to_storage(crs)
    if move is not None:
        shapes = shapely.transform(shapes, move)
    return shapely.make_valid(shapes)


def _column(present: Any, wanted: tuple[str, ...]) -> str | None:
    return next((name for name in wanted if name in present), None)


def _no_column(file: str, name: str) -> SourceError:
    return SourceError("admin_areas.no_column", file=file, wanted=" / ".join(_FIELDS[name]))


def _text(cell: Any) -> str | None:
    return None if cell is pd.NA or is_blank(cell, frozenset()) else plain_text(cell)


def _full_code(code: str) -> str:
    """A code in full: statistics write provinces with two digits and cities with four."""
    # No area below a province begins with 156, so a town's nine digits are never mistaken.
    digits = code.removeprefix(COUNTRY_PREFIX) if len(code) in (9, 15) else code
    return digits.ljust(6, "0") if digits.isdigit() and len(digits) in (2, 4) else digits


def _stem(code: str) -> str:
    """What the codes of everything in an area begin with."""
    full = _full_code(code)
    return full.removesuffix("00").removesuffix("00") if len(full) == 6 else full


def _level_of(code: str) -> str:
    return _LEVEL_BY_LENGTH.get(len(_stem(code)), "district")


def _parent_of(code: str) -> str | None:
    """The area above by its code; null for a city, the top of what a bureau keeps."""
    stem = _stem(code)
    if len(stem) <= 4:
        return None
    return stem[:-3] if len(stem) > 6 else f"{stem[:4]}00"
