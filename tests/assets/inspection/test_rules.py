"""Scores, terms, and the checklists of the country pack."""

from datetime import date
from decimal import Decimal

import pytest

from assets.inspection.checklists import checklists, pack_items
from assets.inspection.model import Answer, DayKind, Origin
from assets.inspection.rules import Answered, Term, check_points, score, score_by_head
from assets.services.calendar import work_calendar
from gis.errors import InputError

TEN, FIVE = Decimal(10), Decimal(5)


def test_the_pack_has_what_its_sources_state_and_no_more() -> None:
    found = checklists(date(2026, 1, 1))
    assert {name: len(items) for name, items in found.items()} == {
        "changzhou_2018": 7, "taizhou_2021": 11,
    }  # fmt: skip
    assert len({(one.checklist, one.key) for one in pack_items()}) == len(pack_items())
    # Nobody has compared them with the documents, and each says what is left out.
    assert not any(one.is_verified for one in pack_items())
    assert all(one.source and one.note for one in pack_items())
    assert len({one.head for one in found["taizhou_2021"]}) == 11


def test_a_score_counts_what_applies_and_was_answered() -> None:
    items = [
        Answered("制度", TEN, Answer.PASSED),
        Answered("制度", TEN, Answer.FAILED, Decimal(4)),
        Answered("安全", FIVE, Answer.FAILED),
        Answered("安全", FIVE, Answer.NOT_APPLICABLE),
        Answered("安全", None, Answer.PASSED),
        Answered("物业", FIVE, None),
    ]
    whole = score(items)
    assert (whole.passed, whole.failed, whole.not_applicable, whole.open) == (2, 2, 1, 1)
    assert (whole.points, whole.most, whole.share) == (14, 25, 56.0)
    assert whole.pass_share == 0.5
    heads = score_by_head(items)
    assert list(heads) == ["制度", "安全", "物业"]
    assert (heads["制度"].points, heads["安全"].points) == (14, 0)
    # What nobody answered is neither nought nor full marks.
    assert (heads["物业"].points, heads["物业"].share, heads["物业"].pass_share) == (None,) * 3


def test_points_stay_within_the_item() -> None:
    check_points(None, None)
    check_points(FIVE, FIVE)
    for points, most in ((TEN, FIVE), (Decimal(-1), FIVE), (FIVE, None), (Decimal("NaN"), FIVE)):
        with pytest.raises(InputError):
            check_points(points, most)


def test_a_term_counts_working_days_or_all() -> None:
    calendar = work_calendar()
    monday = date(2026, 3, 2)
    working = Term(Origin.FINDING, 5, DayKind.WORKING, "文", is_verified=False)
    every = Term(Origin.FINDING, 5, DayKind.CALENDAR, "文", is_verified=False)
    assert working.last_day(monday, calendar) == date(2026, 3, 9)
    assert every.last_day(monday, calendar) == date(2026, 3, 7)
