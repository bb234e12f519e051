"""What an answer scores, until when something is put right, and who may say that it is. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Final

from assets.inspection.model import Answer, DayKind, Origin, State, rectification
from assets.services.calendar import WorkCalendar
from assets.services.numbering import Series
from assets.services.workflow import Cases, Part, Step, Workflow
from gis.errors import InputError

BODY: Final = "body"
"""Whoever may write what the body answers for."""
BUREAU: Final = "bureau"
"""Whoever may write what the inspecting bureau answers for."""
NOTICES: Final = Series("inspection.notice", pattern="整改〔{year}〕{number}号")

_LISTED: Final = """
SELECT r.rectification_id AS case_id, g.written || ' · ' || o.name AS title, r.due_on,
  r.rights_cell, r.bureau_cell
FROM inspection.rectification AS r
JOIN services.number_given AS g
  ON g.series = 'inspection.notice' AND g.subject = 'rectification/' || r.rectification_id
JOIN organization.organization AS o ON o.organization_id = r.organization_id"""

WORKFLOW: Final = Workflow(
    "rectification",
    (
        Step("answer", (State.ISSUED,), State.ANSWERED, (BODY,), needs_remark=True),
        Step("recheck", (State.ANSWERED,), State.RECHECKED, (BUREAU,), not_by=("answer",)),
        Step("close", (State.RECHECKED,), State.CLOSED, (BUREAU,), not_by=("answer", "recheck")),
        Step(
            "return",
            (State.ANSWERED, State.RECHECKED),
            State.ISSUED,
            (BUREAU,),
            needs_remark=True,
            is_awaited=False,
            is_return=True,
        ),
        Step(
            "extend",
            (State.ISSUED,),
            State.ISSUED,
            (BUREAU,),
            needs_remark=True,
            is_awaited=False,
        ),
    ),
    initial=State.ISSUED,
    final=(State.CLOSED,),
    parts=(
        # The bureau may write for every body; what these have to do is not its own task.
        Part(BODY, unless=(BUREAU,)),
        Part(BUREAU, cell="bureau_cell"),
    ),
    # A recheck asks the standard again, and an extension names a day.
    cases=Cases(
        rectification,
        _LISTED,
        "/rectifications/{case_id}",
        has_own_actions=True,
        reminder_days=(5, 1),
    ),
)


@dataclass(frozen=True)
class Answered:
    """An item of the checklist with what was found.

    Args:
        most: Points it can bring; null: it is not scored.
        answer: Null: nobody has answered it yet.
        points: As the inspector gave them; null: all when passed, else none.
    """

    head: str
    most: Decimal | None
    answer: Answer | None
    points: Decimal | None = None

    @property
    def brought(self) -> Decimal:
        """Points it brings, of one that counts."""
        if self.points is not None:
            return self.points
        return (self.most or Decimal()) if self.answer is Answer.PASSED else Decimal()


@dataclass(frozen=True)
class Score:
    """What a body comes to, under one head or in all.

    Args:
        passed, failed: Items, of those that apply.
        open: Items nobody has answered.
        points: Brought by the items that are scored; null: none is.
        most: They could have brought; null likewise.
    """

    passed: int
    failed: int
    not_applicable: int
    open: int
    points: Decimal | None
    most: Decimal | None

    @property
    def pass_share(self) -> float | None:
        """Share of the items that apply that passed; null: none was answered."""
        counted = self.passed + self.failed
        return self.passed / counted if counted else None

    @property
    def share(self) -> float | None:
        """Points of a hundred; null: nothing is scored."""
        return (
            float(self.points / self.most * 100) if self.points is not None and self.most else None
        )


def score(items: Sequence[Answered]) -> Score:
    """What answers come to. Items that do not apply, or wait, count on neither side."""
    by = {kind: [one for one in items if one.answer is kind] for kind in (*Answer, None)}
    scored = [one for one in (*by[Answer.PASSED], *by[Answer.FAILED]) if one.most is not None]
    return Score(
        passed=len(by[Answer.PASSED]),
        failed=len(by[Answer.FAILED]),
        not_applicable=len(by[Answer.NOT_APPLICABLE]),
        open=len(by[None]),
        points=sum((one.brought for one in scored), Decimal()) if scored else None,
        most=sum((one.most or Decimal() for one in scored), Decimal()) if scored else None,
    )


def score_by_head(items: Sequence[Answered]) -> Mapping[str, Score]:
    """The score under each head, in the order of the checklist."""
    heads: dict[str, list[Answered]] = {}
    for one in items:
        heads.setdefault(one.head, []).append(one)
    return {head: score(those) for head, those in heads.items()}


def check_points(points: Decimal | None, most: Decimal | None) -> None:
    """Refuse points that an item cannot bring.

    Raises:
        InputError: It is not scored, or brings fewer.
    """
    if points is None:
        return
    if most is None:
        raise InputError("inspection.not_scored")
    if not (points.is_finite() and 0 <= points <= most):
        raise InputError("inspection.bad_points", most=str(most))


@dataclass(frozen=True)
class Term:
    """How long there is to put something right.

    Args:
        days: After the day of the notice.
        valid_from: First day; null: always.
        valid_to: First day it no longer holds; null: open.
        is_verified: Somebody compared it with the document.
    """

    origin: Origin
    days: int
    day_kind: DayKind
    rule_source: str
    is_verified: bool
    valid_from: date | None = None
    valid_to: date | None = None

    def last_day(self, issued_on: date, calendar: WorkCalendar) -> date:
        """The last day to put something right of which a body is told on a day."""
        if self.day_kind is DayKind.WORKING:
            return calendar.after(issued_on, self.days)
        return issued_on + timedelta(days=self.days)
