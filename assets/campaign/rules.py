"""What may happen to a filing, what a cell may hold, what counts as a difference. Pure."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Any, Final

from assets.campaign.model import FIELDS, Field, State, filing
from assets.services.workflow import Cases, Part, Step, Workflow
from gis.errors import InputError


class Party(StrEnum):
    FILER = "filer"
    """Whoever may write what the agency answers for."""
    REVIEWER = "reviewer"
    """Whoever may write what the issuing bureau answers for."""


EDITABLE: Final = (State.NOT_STARTED, State.IN_PROGRESS, State.RETURNED)
"""States in which the agency may change what it files."""
HANDED_IN: Final = (State.SUBMITTED, State.APPROVED)

_LISTED: Final = """
SELECT f.filing_id AS case_id, c.name || ' · ' || o.name AS title,
  coalesce(f.due_on, c.due_on) AS due_on, f.rights_cell, c.rights_cell AS review_cell
FROM campaign.filing AS f
JOIN campaign.campaign AS c USING (campaign_id)
JOIN organization.organization AS o USING (organization_id)
WHERE c.state = 'open' AND f.succeeded_by_filing_id IS NULL"""
WORKFLOW: Final = Workflow(
    "campaign",
    (
        Step("save", EDITABLE, State.IN_PROGRESS, (Party.FILER,)),
        Step("submit", EDITABLE, State.SUBMITTED, (Party.FILER,)),
        Step("withdraw", (State.SUBMITTED,), State.IN_PROGRESS, (Party.FILER,), is_awaited=False),
        Step(
            "approve",
            (State.SUBMITTED,),
            State.APPROVED,
            (Party.REVIEWER,),
            not_by=("submit",),
        ),
        Step(
            "return",
            (State.SUBMITTED,),
            State.RETURNED,
            (Party.REVIEWER,),
            needs_remark=True,
            is_return=True,
        ),
        Step(
            "reopen",
            (State.APPROVED,),
            State.RETURNED,
            (Party.REVIEWER,),
            needs_remark=True,
            is_awaited=False,
            is_return=True,
        ),
    ),
    initial=State.NOT_STARTED,
    final=(State.APPROVED,),
    parts=(
        # Whoever reviews has rights over every agency: its forms are theirs to fill in, not his.
        Part(Party.FILER, unless=(Party.REVIEWER,)),
        Part(Party.REVIEWER, cell="review_cell"),
    ),
    # Its own actions tell and remind: what they say names the campaign and its terms.
    cases=Cases(filing, _LISTED, "/campaigns/filings/{case_id}", tells=False, has_own_actions=True),
)


BY_NAME: Final[Mapping[str, Field]] = {field.name: field for field in FIELDS}
FIGURES: Final = tuple(field.name for field in FIELDS if field.kind == "area")
"""Fields whose change is measured."""
WHOLE_ROW: Final = "*"
"""Field of a difference that is about the row: it came, or it went."""

_MOST_AREA: Final = Decimal("99999999.99")
_CENT: Final = Decimal("0.01")
_FIRST_YEAR: Final = 1840
_LONGEST_TEXT: Final = 500
_AREA_CODE: Final = re.compile(r"\d{6}(\d{3}|\d{6})?")
_TRUTH: Final = {"是": True, "true": True, "1": True, "否": False, "false": False, "0": False}


def read_value(name: str, written: str | None, *, terms: Mapping[str, Sequence[str]]) -> Any:
    """The typed value of what a person wrote into a cell; null for an empty one.

    Args:
        name: Name of the field.
        written: As typed: half or full width, with grouping commas or not.
        terms: The codes of each vocabulary.

    Raises:
        InputError: There is no such field, or it cannot hold this.
    """
    field = BY_NAME.get(name)
    if field is None:
        raise InputError("campaign.no_such_field", field=name[:40])
    text = (written or "").replace("\0", "").strip()
    if not text:
        return None
    match field.kind:
        case "area":
            return _read_area(text)
        case "year":
            return _read_year(text)
        case "boolean":
            return _read_truth(text)
        case "term":
            return _read_term(text, terms.get(field.enum or "", ()))
        case _:
            return _read_text(name, text)


def _read_truth(text: str) -> bool:
    if text.lower() not in _TRUTH:
        raise InputError("campaign.bad_truth", value=text[:40])
    return _TRUTH[text.lower()]


def _read_term(text: str, terms: Sequence[str]) -> str:
    if text not in terms:
        raise InputError("campaign.bad_term", value=text[:40])
    return text


def _read_text(name: str, text: str) -> str:
    if name == "admin_area_code" and not _AREA_CODE.fullmatch(text):
        raise InputError("campaign.bad_area_code", value=text[:40])
    if len(text) > _LONGEST_TEXT:
        raise InputError("campaign.too_long", most=_LONGEST_TEXT)
    return text


_HALF_WIDTH: Final = str.maketrans("０１２３４５６７８９．，－", "0123456789.,-")


def _read_area(text: str) -> Decimal:
    try:
        found = Decimal(text.translate(_HALF_WIDTH).replace(",", ""))
    except InvalidOperation as error:
        raise InputError("campaign.bad_number", value=text[:40]) from error
    if not found.is_finite() or not 0 <= found <= _MOST_AREA:
        raise InputError("campaign.bad_number", value=text[:40])
    if found != found.quantize(_CENT):
        raise InputError("campaign.too_exact", value=text[:40])
    return found.quantize(_CENT)


def _read_year(text: str) -> int:
    digits = text.translate(_HALF_WIDTH).removesuffix("年")
    # Python also reads the digits of other scripts, and underscores between digits.
    if not (digits.isascii() and digits.isdecimal() and _FIRST_YEAR <= int(digits) <= 2100):
        raise InputError("campaign.bad_year", value=text[:40])
    return int(digits)


def read_people(written: str | None) -> int | None:
    """A number of posts; null for an empty cell.

    Raises:
        InputError: It is no whole number of people.
    """
    text = (written or "").strip().translate(_HALF_WIDTH)
    if not text:
        return None
    if not (text.isascii() and text.isdecimal() and len(text) <= 6):
        raise InputError("campaign.bad_people", value=text[:40])
    return int(text)


@dataclass(frozen=True)
class Difference:
    """A figure that is not what it was a year ago.

    Args:
        row_id: Row of the filing.
        field: Name of the field; `*` for a row that came or went.
        was: Before; null when nothing was stated, or the row is new.
        now: Filed; null when nothing is stated, or the row is gone.
        change: Part of the former figure, signed; null when there is nothing to divide by.
        needs_explanation: It is over the campaign's threshold.
        explanation: What the agency says about it; null when it says nothing yet.
    """

    row_id: int
    field: str
    was: Any
    now: Any
    change: Decimal | None
    needs_explanation: bool
    explanation: str | None = None

    @property
    def is_unexplained(self) -> bool:
        return self.needs_explanation and not self.explanation


@dataclass(frozen=True)
class FiledRow:
    """A property as it is filed, and as it stood a year ago.

    Args:
        row_id: Its number.
        now: Filed values by field.
        was: Values of a year ago by field; null for a new row.
        is_removed: The agency says that it no longer has it.
    """

    row_id: int
    now: Mapping[str, Any]
    was: Mapping[str, Any] | None
    is_removed: bool = False


def differences(
    rows: Sequence[FiledRow],
    explanations: Mapping[tuple[int, str], str],
    *,
    threshold_percent: Decimal,
) -> list[Difference]:
    """What changed against a year ago, row by row in the order of the form.

    A row that came or went, and a figure that appeared or vanished, always need an explanation; a
    figure that moved needs one from the threshold on.
    """
    found = []
    for row in rows:
        if row.is_removed and row.was is None:
            continue
        if row.is_removed or row.was is None:
            said = explanations.get((row.row_id, WHOLE_ROW))
            area = (row.was or row.now).get("gross_m2")
            was, now = (area, None) if row.is_removed else (None, area)
            found.append(Difference(row.row_id, WHOLE_ROW, was, now, None, True, said))
            continue
        for name in BY_NAME:
            was, now = row.was.get(name), row.now.get(name)
            if was != now:
                change, is_large = _measured(name, was, now, threshold_percent)
                said = explanations.get((row.row_id, name))
                found.append(Difference(row.row_id, name, was, now, change, is_large, said))
    return found


def _measured(
    name: str, was: Any, now: Any, threshold_percent: Decimal
) -> tuple[Decimal | None, bool]:
    """By how much a figure moved, and whether that must be explained."""
    if name not in FIGURES:
        return None, False
    before, after = was or Decimal(0), now or Decimal(0)
    if before == 0:
        # Nothing to measure by: a figure out of nothing is told, whatever the threshold.
        return None, after != 0
    change = (after - before) / before
    return change, after != before and abs(change) * 100 >= threshold_percent


def contradictions(values: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Cells of a row that contradict each other: `(field, message key)`, in the form's order."""
    found = []
    gross = values.get("gross_m2")
    parts = _known(values, ("office_gross_m2", "technical_gross_m2"))
    if gross is not None and sum(parts) > gross:
        found.append(("gross_m2", "campaign.check.parts_over_gross"))
    names = ("office_usable_m2", "service_usable_m2", "equipment_usable_m2")
    shares = _known(values, names)
    usable = values.get("usable_m2")
    if usable is not None and len(shares) == len(names) and sum(shares) != usable:
        found.append(("usable_m2", "campaign.check.usable_sum"))
    if gross is not None and usable is not None and usable > gross:
        found.append(("usable_m2", "campaign.check.usable_over_gross"))
    if not values.get("address"):
        found.append(("address", "campaign.check.no_address"))
    return found


def _known(values: Mapping[str, Any], names: Sequence[str]) -> list[Decimal]:
    return [values[name] for name in names if values.get(name) is not None]


def is_late(due_on: date, today: date) -> bool:
    """Whether a filing handed in today is late: the last day itself is in time."""
    return today > due_on


@dataclass(frozen=True)
class DueRule:
    """Until when a form is filed each year.

    Args:
        rule_source: Document and clause it comes from.
        is_verified: Whether somebody compared it with the document.
        valid_from: First due date it may set; null: any.
        valid_to: First day it no longer holds; null: open.
        is_default: It is the country pack's: where a rule of the bureau holds, that one counts.
    """

    month: int
    day: int
    rule_source: str
    is_verified: bool
    valid_from: date | None = None
    valid_to: date | None = None
    is_default: bool = False

    def holds_on(self, day: date) -> bool:
        """Whether it is in force on a day."""
        return (self.valid_from is None or self.valid_from <= day) and (
            self.valid_to is None or day < self.valid_to
        )


def check_yearly_day(month: int, day: int) -> None:
    """Refuse a day that some years do not have.

    Raises:
        InputError: There is no such day, or it is 29 February.
    """
    try:
        date(2001, month, day)
    except ValueError as error:
        raise InputError("campaign.bad_yearly_day", month=month, day=day) from error


def next_due(rules: Sequence[DueRule], today: date) -> tuple[date, DueRule] | None:
    """The next yearly due date, today included, and the rule that sets it; null without a rule."""
    found = []
    for rule in rules:
        for year in (today.year, today.year + 1):
            due_on = date(year, rule.month, rule.day)
            is_replaced = rule.is_default and any(
                other.holds_on(due_on) for other in rules if not other.is_default
            )
            if due_on >= today and rule.holds_on(due_on) and not is_replaced:
                found.append((due_on, rule))
    return min(found, key=lambda one: one[0], default=None)
