"""Until when the survey is filed each year: the default, and a rule of the bureau from a day on."""

from datetime import date

import pytest
from bureau import Bureau
from handed_in import open_account
from hypothesis import given
from hypothesis import strategies as st

from assets.campaign.actions.duty import (
    due_rules,
    pack_due_rules,
    set_due_rule,
    usual_due_date,
)
from assets.campaign.rules import DueRule, check_yearly_day, next_due
from gis.errors import Forbidden, InputError
from gis.rights.actions import Grant

DEFAULT = DueRule(9, 30, "示例", is_verified=False, is_default=True)
DAYS = st.dates(date(2020, 1, 1), date(2040, 12, 31))


def _due(*rules: DueRule, on: date) -> date | None:
    found = next_due(rules, on)
    return found[0] if found else None


@given(DAYS)
def test_the_default_is_the_next_30_september(day: date) -> None:
    due_on = _due(DEFAULT, on=day)
    assert due_on is not None
    assert (due_on.month, due_on.day) == (9, 30)
    assert 0 <= (due_on - day).days <= 365


def test_the_last_day_itself_is_still_to_come() -> None:
    assert _due(DEFAULT, on=date(2026, 9, 30)) == date(2026, 9, 30)
    assert _due(DEFAULT, on=date(2026, 10, 1)) == date(2027, 9, 30)


def test_a_rule_of_the_bureau_counts_from_its_day_on() -> None:
    own = DueRule(10, 31, "示例文号", is_verified=True, valid_from=date(2027, 1, 1))
    assert _due(DEFAULT, own, on=date(2026, 9, 1)) == date(2026, 9, 30)
    # The default of 2027 is replaced by what holds then.
    assert _due(DEFAULT, own, on=date(2026, 10, 1)) == date(2027, 10, 31)


def test_without_a_rule_in_force_there_is_no_date() -> None:
    over = DueRule(9, 30, "示例", is_verified=False, valid_to=date(2020, 1, 1))
    assert next_due([over], date(2026, 1, 1)) is None


@pytest.mark.parametrize(("month", "day"), [(2, 29), (13, 1), (0, 1), (4, 31)])
def test_a_day_that_some_years_do_not_have_is_refused(month: int, day: int) -> None:
    with pytest.raises(InputError):
        check_yearly_day(month, day)


def test_the_pack_says_30_september_with_its_source_and_claims_no_check() -> None:
    (rule,) = pack_due_rules("survey")
    assert (rule.month, rule.day, rule.is_verified) == (9, 30, False)
    assert rule.rule_source
    assert pack_due_rules("none") == ()


def test_a_bureau_sets_the_date_and_every_earlier_rule_ends_that_day(own_bureau: Bureau) -> None:
    with own_bureau.reviewer() as conn:
        assert usual_due_date(conn, date(2026, 1, 1)) == (date(2026, 9, 30), due_rules(conn)[0])
        for since, month in ((date(2026, 1, 1), 8), (date(2028, 1, 1), 6), (date(2027, 1, 1), 10)):
            set_due_rule(conn, month, 31 if month != 6 else 30, since=since, rule_source="示例文号")
        own = [(rule.month, rule.valid_from, rule.valid_to) for rule in due_rules(conn)[1:]]
        # The one of 2028 began later than the last that was set.
        assert own == [
            (8, date(2026, 1, 1), date(2027, 1, 1)),
            (10, date(2027, 1, 1), None),
        ]
        assert usual_due_date(conn, date(2026, 9, 15))[0] == date(2027, 10, 31)  # type: ignore[index]


def test_who_may_not_issue_reads_the_date_and_cannot_set_it(own_bureau: Bureau) -> None:
    with own_bureau.clerk(0) as conn:
        assert usual_due_date(conn, date(2026, 1, 1)) is not None
        with pytest.raises(Forbidden):
            set_due_rule(conn, 8, 31, since=date(2026, 1, 1), rule_source="示例文号")
    viewer = open_account(own_bureau.database, "读者", Grant("viewer"))
    with own_bureau.acting(viewer) as conn, pytest.raises(Forbidden):
        set_due_rule(conn, 8, 31, since=date(2026, 1, 1), rule_source="示例文号")


def test_a_rule_names_its_document(own_bureau: Bureau) -> None:
    for words in ("", "  ", "文" * 301):
        with own_bureau.reviewer() as conn, pytest.raises(InputError):
            set_due_rule(conn, 8, 31, since=date(2026, 1, 1), rule_source=words)
