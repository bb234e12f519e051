"""Files of administrative areas: outlines of official boundaries, and tables of codes."""

import re
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd
import shapely

from etl import datum as datums
from etl.admin_areas import COUNTRY_PREFIX, AdminArea
from etl.clean.dates import read_date
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
    "valid_from": ("valid_from", "start_date", "启用日期", "启用时间", "生效日期", "设立日期"),
    "valid_to": ("valid_to", "end_date", "停用日期", "停用时间", "废止日期", "撤销日期"),
    "former_codes": ("former_code", "former_codes", "原代码", "原行政区划代码", "原区划代码"),
    "successor_codes": (
        "successor_code", "successor_codes", "新代码", "现代码", "新行政区划代码", "变更后代码",
    ),
}  # fmt: skip
_DATES: Final = ("valid_from", "valid_to")
_SEVERAL: Final = re.compile(r"[\s、,，;；/]+")
_HEADER_SEARCH_ROWS: Final = 20


@dataclass(frozen=True)
class _Listed:
    """Rows of a file: fields as text, null where empty; outlines in storage coordinates."""

    fields: pd.DataFrame
    outlines: Any


def areas_from_file(path: Path, *, source: str, within: str | None = None) -> list[AdminArea]:
    """Areas of any file that onemap reads, parents before children.

    Args:
        path: With columns code and name (or 行政区划代码, 名称), optionally level, parent_code,
            the days it begins and ends (启用日期, 停用日期), the codes it took over from (原代码)
            and those that took over from it (新代码), one or several in a cell; an outline makes
            an official boundary, without one it is a table of codes.
        source: What reports cite for the boundaries.
        within: Only this area and what lies in it, by its code; null takes all.

    Raises:
        SourceError: It cannot be read, has no such columns, no coordinate system, or a day that is
            none.
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
        AdminArea(code, name, level, parent, outline, outline is None, source, **dated)
        for code, name, level, parent, outline, dated in zip(
            codes[is_wanted], listed.fields["name"][is_wanted], levels[is_wanted],
            parents[is_wanted.to_numpy()], listed.outlines[is_wanted.to_numpy()],
            _dated(listed.fields[is_wanted], codes[is_wanted], path.name), strict=True,
        )
    ]  # fmt: skip
    unknown = {area.level for area in areas} - set(_LEVELS)
    if unknown:
        raise SourceError("admin_areas.unknown_level", file=path.name, level=unknown.pop())
    if not areas:
        raise SourceError("admin_areas.none", file=path.name)
    return sorted(areas, key=lambda area: (_LEVELS.index(area.level), area.code))


def _dated(fields: pd.DataFrame, codes: pd.Series, file: str) -> list[dict[str, Any]]:
    """Per area the days it begins and ends, and the codes before and after it."""
    found = []
    for code, row in zip(codes, fields.to_dict("records"), strict=True):
        days = {name: _day(row[name], name, code, file) for name in _DATES}
        if days["valid_from"] and days["valid_to"] and days["valid_to"] <= days["valid_from"]:
            raise SourceError(
                "admin_areas.ends_before", file=file, code=code,
                begins=days["valid_from"], ends=days["valid_to"],
            )  # fmt: skip
        others = {name: _codes(row[name]) for name in ("former_codes", "successor_codes")}
        found.append({**days, **{n: tuple(c for c in of if c != code) for n, of in others.items()}})
    return found


def _codes(written: object) -> tuple[str, ...]:
    parts = _SEVERAL.split(written) if isinstance(written, str) else ()
    return tuple(dict.fromkeys(_full_code(one) for one in parts if one))


def _day(written: object, name: str, code: str, file: str) -> date | None:
    if not isinstance(written, str):
        return None
    day: date | None = read_date(written).value
    if day is None:
        raise SourceError(
            "admin_areas.no_date", file=file, code=code, column=_FIELDS[name][2], value=written
        )
    return day


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
