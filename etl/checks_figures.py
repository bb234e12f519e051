"""Figures of one row that cannot all be right, and rows of another level than their sheet."""

from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from etl.clean import Cleaned
from etl.issues import IssueList, Severity

Floats = npt.NDArray[np.float64]

CENT: Final = 0.011
"""Two decimals on both sides: sums agree when they differ by less than one unit of the last."""
_MU: Final = 2000 / 3
_MYRIAD: Final = 10_000.0
_GREATEST_PLOT_RATIO: Final = 25.0
"""Gross area to land; the densest towers stay under it."""
_LIKELY_PLOT_RATIO: Final = (0.02, 15.0)
_LEAST_PLOT_RATIO: Final = 0.001
_LIKELY_USABLE: Final = (0.3, 1.0)
_CERTIFIED_SHARE: Final = 0.03
"""Measured and certified areas may differ by this much of the certificate."""
_MOST: Final = 0.5
_USERS: Final = {"room": "unit_name", "housing_unit": "tenant_name"}
"""Kind of place to the field that names who uses one of them alone."""
_WHOLE_HOUSES: Final = ("site", "building")
_INNER_NAME: Final = (
    r"(?:\d|[一二三四五六七八九十])+(?:层|楼层|F)$|(?:^|\D)[A-Z]?\d{3,4}(?:室|房|房间|办公室)$"
)


def check_magnitudes(cleaned: Cleaned, issues: IssueList) -> None:
    """Areas that are in another unit than the column, of the land, or missing beside others."""
    gross, land = cleaned.number("gross_area"), cleaned.number("land_area")
    usable = np.fmax(cleaned.number("usable_area"), cleaned.number("self_used_area"))
    with np.errstate(divide="ignore", invalid="ignore"):
        plot_ratio = gross / land
        is_dense = plot_ratio > _GREATEST_PLOT_RATIO
        in_mu = is_dense & _between(plot_ratio / _MU, _LIKELY_PLOT_RATIO)
        as_myriad = gross * _MYRIAD
        fits = _between(usable / as_myriad, _LIKELY_USABLE) | (
            np.isnan(usable) & _between(as_myriad / land, _LIKELY_PLOT_RATIO)
        )
        is_tiny = (usable > 20 * gross) | (plot_ratio < _LEAST_PLOT_RATIO)
    in_myriads = (gross > 0) & is_tiny & fits
    _suspect(cleaned, issues, in_mu, "land_area", land * _MU)
    _suspect(cleaned, issues, in_myriads, "gross_area", as_myriad)
    is_same = (gross == land) & (gross > 0)
    warn(cleaned, issues, is_same, "area.land_is_gross", "gross_area")
    rule = cleaned.table.contract.place
    if rule is not None and rule.is_census and "gross_area" in cleaned.values:
        parts = ("usable_area", "office_gross_area", "technical_gross_area", "self_used_area")
        others = np.nansum(np.array([cleaned.number(name) for name in parts]), axis=0)
        # A mark for nothing, or a figure that cannot be read, has been listed already.
        is_blank = np.isnan(gross) & cleaned.table.cells["gross_area"].isna().to_numpy()
        missing = ((gross == 0) | is_blank) & (others > 0)
        halves = cleaned.number("office_gross_area") + cleaned.number("technical_gross_area")
        warn(cleaned, issues, missing, "area.nothing", "gross_area", suggestion=np.round(halves, 2))


def _between(values: Floats, bounds: tuple[float, float]) -> npt.NDArray[np.bool_]:
    return np.asarray((values > bounds[0]) & (values <= bounds[1]))


def _suspect(
    cleaned: Cleaned,
    issues: IssueList,
    where: npt.NDArray[np.bool_],
    field: str,
    suggestion: Floats,
) -> None:
    warn(cleaned, issues, where, "area.magnitude", field, suggestion=np.round(suggestion, 2))


def check_certified_areas(cleaned: Cleaned, issues: IssueList) -> None:
    """The certificate's area beside the measured one; one certificate's over all its rows."""
    if "certificate_area" not in cleaned.values:
        return
    certified, gross = cleaned.number("certificate_area"), cleaned.number("gross_area")
    own, shared = cleaned.number("own_gross_area"), cleaned.number("shared_gross_area")
    number = cleaned.text("certificate_no")
    # A word in its place (being issued, lost) is no certificate that rows could share.
    number = number.where(number.fillna("").astype(str).str.contains(r"\d", regex=True), None)
    is_head = cleaned.table.group == cleaned.table.rows
    is_shared = (number.notna() & number[is_head].duplicated(keep=False)).fillna(False).to_numpy()
    with np.errstate(invalid="ignore"):
        differs = np.abs(gross - certified) > _CERTIFIED_SHARE * certified
        # What is neither its own nor shared is kept nowhere.
        parts = np.abs(own + np.nan_to_num(shared) - certified) > CENT
        parts |= np.isnan(own) & (shared > certified + CENT)
    warn(cleaned, issues, differs & ~is_shared & (certified > 0) & (gross > 0),
         "area.certificate_differs", "certificate_area", suggestion=gross)  # fmt: skip
    warn(cleaned, issues, parts, "area.certificate_parts_differ", "certificate_area",
         suggestion=np.round(np.nan_to_num(own) + np.nan_to_num(shared), 2))  # fmt: skip
    summed = pd.Series(np.where(is_head, gross, np.nan)).groupby(number).transform("sum")
    with np.errstate(invalid="ignore"):
        over = summed.to_numpy(dtype="float64") > certified * (1 + _CERTIFIED_SHARE)
    is_later = number.duplicated(keep="first").to_numpy()
    warn(cleaned, issues, over & is_shared & is_later, "area.over_certificate",
         "certificate_area", suggestion=np.round(summed.to_numpy(dtype="float64"), 2))  # fmt: skip


def check_idle(cleaned: Cleaned, issues: IssueList) -> None:
    """The word for the use against how most of the area is used, and an idle room's user.

    A house that is used for the most part is in use, whatever stands idle in it.
    """
    status = cleaned.text("use_status")
    in_use, is_idle = (status == "in_use").to_numpy(), (status == "idle").to_numpy()
    gross, idle = cleaned.number("gross_area"), cleaned.number("idle_area")
    others = np.array(
        [cleaned.number(name) for name in ("self_used_area", "let_area", "lent_area")]
    )
    used = np.nansum(others, axis=0)
    with np.errstate(invalid="ignore"):
        mostly_idle = (idle > _MOST * gross) & (idle > used)
        mostly_used = (used > _MOST * gross) & ~(idle > used)
    warn(cleaned, issues, in_use & mostly_idle, "area.idle_in_use", "idle_area")
    warn(cleaned, issues, is_idle & mostly_used, "use.idle_but_used", "use_status")
    rule = cleaned.table.contract.place
    user = None if rule is None else _USERS.get(rule.kind)
    if user is not None:
        has_user = cleaned.text(user).notna().to_numpy()
        is_empty = is_idle | (status == "vacant").to_numpy()
        warn(cleaned, issues, is_empty & has_user, "use.idle_with_user", "use_status")


def check_levels(cleaned: Cleaned, issues: IssueList) -> None:
    """Storeys and rooms in a list of houses."""
    rule = cleaned.table.contract.place
    if rule is None or rule.kind not in _WHOLE_HOUSES:
        return
    names = cleaned.text("name").fillna("").astype(str)
    is_inner = names.str.contains(_INNER_NAME, regex=True).to_numpy(dtype=bool)
    warn(cleaned, issues, is_inner, "level.differs", "name")


def warn(
    cleaned: Cleaned,
    issues: IssueList,
    where: npt.NDArray[np.bool_],
    rule: str,
    field: str | None,
    *,
    suggestion: Floats | npt.NDArray[np.int64] | None = None,
) -> None:
    """List a rule at the rows where it is broken, once for each thing unless the field repeats."""
    table = cleaned.table
    hit = np.asarray(where, dtype=bool) & (
        (table.group == table.rows) if field is None or not _is_repeated(cleaned, field) else True
    )
    original = table.cells[field].to_numpy()[hit] if field and field in table.cells else None
    issues.add(
        sheet=table.sheet,
        rows=table.rows[hit],
        column=table.header(field) if field else None,
        rule=rule,
        severity=Severity.WARN,
        original=original,
        suggestion=None if suggestion is None else suggestion[hit],
    )


def _is_repeated(cleaned: Cleaned, field: str) -> bool:
    return field in cleaned.values and cleaned.table.contract.column(field).is_repeated
