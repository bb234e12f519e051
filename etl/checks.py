"""Figures that contradict one another: listed, never a reason to keep a row out."""

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from etl.checks_figures import (
    CENT,
    check_certified_areas,
    check_idle,
    check_levels,
    check_magnitudes,
    warn,
)
from etl.clean import Cleaned
from etl.georeference import Located
from etl.issues import IssueList, Severity
from etl.repair import areas_m2

_LEAST_RATIO: Final = 0.45
_GREATEST_RATIO: Final = 0.85
_USABLE_PARTS: Final = ("office_usable_area", "service_usable_area", "equipment_usable_area")
_OVERLAP_SHARE: Final = 0.02
"""Neighbours drawn from one line may touch by a sliver."""
_SHAPES_AT_ONCE: Final = 1_000
"""Where all lie on one spot, each meets each: so many rows of pairs are held at a time."""


def check_sheet(cleaned: Cleaned, located: Located, issues: IssueList) -> None:
    """List the contradictions of `regulations.md` 7.7 and 7.8 in a table."""
    _check_areas(cleaned, issues)
    check_magnitudes(cleaned, issues)
    check_certified_areas(cleaned, issues)
    _check_use(cleaned, issues)
    _check_people(cleaned, issues)
    _check_parts(cleaned, issues)
    _check_certificates(cleaned, issues)
    check_levels(cleaned, issues)
    rule = cleaned.table.contract.place
    if rule is not None and rule.is_exclusive:
        _check_overlaps(cleaned, located, issues)


def _check_areas(cleaned: Cleaned, issues: IssueList) -> None:
    gross, usable = cleaned.number("gross_area"), cleaned.number("usable_area")
    is_over = usable > gross + CENT
    warn(cleaned, issues, is_over, "area.usable_over_gross", "usable_area")
    odd = _is_odd(usable, gross) & _is_odd(usable, _office_of(cleaned, gross)) & ~is_over
    warn(cleaned, issues, odd, "area.ratio", "usable_area")
    _check_sum(
        cleaned,
        issues,
        total="gross_area",
        parts=("office_gross_area", "technical_gross_area"),
        rule="area.total_differs",
    )
    _check_sum(
        cleaned,
        issues,
        total="usable_area",
        parts=_USABLE_PARTS,
        rule="area.usable_total_differs",
    )
    if "usable_area" in cleaned.values:
        summed = np.nansum(np.array([cleaned.number(name) for name in _USABLE_PARTS]), axis=0)
        is_blank = cleaned.table.cells["usable_area"].isna().to_numpy() & (summed > 0)
        warn(cleaned, issues, is_blank, "area.usable_nothing", "usable_area",
             suggestion=np.round(summed, 2))  # fmt: skip


def _is_odd(
    usable: npt.NDArray[np.float64], gross: npt.NDArray[np.float64]
) -> npt.NDArray[np.bool_]:
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = usable / gross
    return np.asarray((ratio < _LEAST_RATIO) | (ratio > _GREATEST_RATIO))


def _office_of(cleaned: Cleaned, gross: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """The gross area without technical floors, where the usable area may be of the rest alone.

    The national form sums it over office, service and equipment rooms; some offices count the
    technical ones in. Either reading is a reason not to call a figure odd.
    """
    office = cleaned.number("office_gross_area")
    parts = np.array([cleaned.number(name) for name in _USABLE_PARTS])
    return np.where(~np.isnan(parts).all(axis=0) & (office > 0), office, gross)


def _check_use(cleaned: Cleaned, issues: IssueList) -> None:
    parts = (
        "self_used_area", "let_area", "lent_area", "let_or_lent_area", "idle_area", "scrap_area",
        "invested_area", "pledged_area", "other_area",
    )  # fmt: skip
    present = tuple(name for name in parts if name in cleaned.values)
    if len(present) > 1:
        _check_sum(
            cleaned, issues, total="gross_area", parts=present, rule="area.use_split_differs"
        )
    check_idle(cleaned, issues)


def _check_sum(
    cleaned: Cleaned, issues: IssueList, *, total: str, parts: Sequence[str], rule: str
) -> None:
    figures = np.array([cleaned.number(name) for name in parts])
    known = ~np.isnan(figures).all(axis=0)
    summed = np.nansum(figures, axis=0)
    differs = known & (np.abs(cleaned.number(total) - summed) > CENT)
    warn(cleaned, issues, differs, rule, total, suggestion=np.round(summed, 2))


def _check_people(cleaned: Cleaned, issues: IssueList) -> None:
    quota = cleaned.number("staff_quota")
    over = cleaned.number("staff_actual") > quota
    warn(cleaned, issues, over & (quota > 0), "headcount.actual_over_quota", "staff_actual")
    ranks = [name for name in cleaned.values if name.startswith("quota.")]
    if not ranks or "staff_quota" not in cleaned.values:
        return
    figures = np.array([cleaned.number(name) for name in ranks])
    known = ~np.isnan(figures).all(axis=0)
    summed = np.nansum(figures, axis=0)
    differs = known & (np.abs(quota - summed) > 0)
    warn(cleaned, issues, differs, "headcount.ranks_differ", "staff_quota",
         suggestion=summed.astype("int64"))  # fmt: skip


def _check_parts(cleaned: Cleaned, issues: IssueList) -> None:
    """Posts and people by sort against a total beside them; it counts, whatever they come to.

    Fewer than the total contradict it only where a row fills every one of several columns.
    """
    parts: dict[str, list[str]] = {}
    for field in cleaned.values:
        whole = cleaned.table.contract.column(field).part_of
        if whole in cleaned.values:
            parts.setdefault(whole, []).append(field)
    for whole, fields in parts.items():
        figures = np.array([cleaned.number(field) for field in fields])
        summed, total = np.nansum(figures, axis=0), cleaned.number(whole)
        is_filled = ~np.isnan(figures).any(axis=0) & (len(fields) > 1)
        differs = (summed > total) | (is_filled & (summed < total))
        warn(cleaned, issues, differs, "headcount.parts_differ", whole,
             suggestion=summed.astype("int64"))  # fmt: skip


def _check_certificates(cleaned: Cleaned, issues: IssueList) -> None:
    number = cleaned.text("certificate_no")
    has_number = number.notna() & number.fillna("").str.contains(r"\d", regex=True)
    repeated = (has_number & number.duplicated(keep="first")).to_numpy()
    warn(cleaned, issues, repeated, "duplicate.certificate", "certificate_no")
    house = number.fillna("").str.contains("国用|集用|土地证", regex=True)
    # One certificate may cover house and land; it is the house's, not a second one of the land.
    land = cleaned.text("land_certificate_no").fillna("")
    is_house = land.str.contains("房权证|房产证", regex=True) | (
        land.str.contains("不动产权", regex=False) & has_number
    )
    warn(cleaned, issues, house.to_numpy(), "certificate.wrong_column", "certificate_no")
    warn(cleaned, issues, is_house.to_numpy(), "certificate.wrong_column", "land_certificate_no")


def _check_overlaps(cleaned: Cleaned, located: Located, issues: IssueList) -> None:
    """Outlines of one kind that share more than a sliver; rooms only with rooms of their floor."""
    shapes = located.geometry
    # Where a state secret meets another row would tell where it is.
    is_quotable = ~np.isin(cleaned.table.rows, issues.hidden_rows(cleaned.table.sheet))
    usable = np.flatnonzero((located.source == "polygon") & is_quotable)
    if len(usable) < 2:
        return
    one, other = _overlapping(shapes, usable, cleaned.text("floor_code").to_numpy())
    if not len(one):
        return
    common = shapely.intersection(shapes[one], shapes[other])
    shared = shapely.area(common)
    least = np.minimum(shapely.area(shapes[one]), shapely.area(shapes[other]))
    is_real = shared > _OVERLAP_SHARE * least
    _list_overlaps(cleaned, issues, (one[is_real], other[is_real]), common[is_real])


def _list_overlaps(
    cleaned: Cleaned,
    issues: IssueList,
    pairs: tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]],
    common: npt.NDArray[np.object_],
) -> None:
    """The largest overlap of each later outline with an earlier one, with how much and where."""
    one, other = pairs
    size = areas_m2(common)
    largest = np.lexsort((-size, one))
    largest = largest[np.unique(one[largest], return_index=True)[1]]
    table = cleaned.table
    issues.add(
        sheet=table.sheet,
        rows=table.rows[one[largest]],
        column=None,
        rule="geometry.overlaps",
        severity=Severity.WARN,
        params=[
            {"other_row": int(row), "area_m2": round(float(area), 2)}
            for row, area in zip(table.rows[other[largest]], size[largest], strict=True)
        ],
        where=common[largest],
    )


def _overlapping(
    shapes: npt.NDArray[Any], usable: npt.NDArray[np.int64], floor: npt.NDArray[Any]
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Positions of each pair that overlaps, the later row first.

    Boxes first and each pair once: to let the tree try the predicate would try each twice, and
    each shape with itself.
    """
    tree = shapely.STRtree(shapes[usable])
    found = []
    for start in range(0, len(usable), _SHAPES_AT_ONCE):
        first, second = tree.query(shapes[usable[start : start + _SHAPES_AT_ONCE]])
        one, other = usable[first + start], usable[second]
        later = one > other
        one, other = one[later], other[later]
        kept = (floor[one] == floor[other]) | pd.isna(floor[one])
        kept[kept] = shapely.intersects(shapes[one[kept]], shapes[other[kept]])
        # Not `overlaps`: a shape drawn twice, or inside another, overlaps nothing in that sense.
        kept[kept] = ~shapely.touches(shapes[one[kept]], shapes[other[kept]])
        found.append((one[kept], other[kept]))
    return np.concatenate([one for one, _ in found]), np.concatenate([other for _, other in found])
