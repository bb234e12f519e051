"""A frozen report of office space built again names each figure that changed, and by what."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from handed_in import open_account
from sqlalchemy import Connection, text

from assets.estate.actions import Party
from assets.estate.actions.arranging import arrange
from assets.services.changes import Rerun
from assets.space.freezing import freeze_verdicts, frozen_days, frozen_verdicts, rerun_verdicts
from assets.space.model import StandardKind
from assets.space.reports import VERDICTS
from assets.space.rules import Standard
from assets.space.stating import state
from gis.db import Role
from gis.errors import Conflict, Forbidden, InputError, NotFound
from gis.rights.actions import Grant
from tests.assets.space.conftest import DAY, GROUNDS, Offices

_COUNT = """
INSERT INTO organization.headcount
  (organization_id, kind, rank_code, people, counted_on, source, rights_cell)
VALUES (:body, 'quota', 'bureau_below', 4, DATE '2026-01-01', 'census',
        rights.cell_for(:body, NULL, 0::smallint))"""
_FORGET = (
    "DELETE FROM services.frozen_figure",
    "DELETE FROM services.frozen_report",
    "DELETE FROM organization.headcount WHERE rank_code IS NOT NULL",
)


def _as_owner(offices: Offices, statement: str, **values: object) -> None:
    with offices.city.database.engine(Role.OWNER).begin() as conn:
        conn.execute(text(statement), values)


@pytest.fixture
def frozen(offices: Offices) -> Iterator[Offices]:
    """Agency 0, a city's of four posts, has a room of 20 m2; the report of the day is frozen."""
    body = offices.body(0)
    _as_owner(offices, "UPDATE organization.organization SET level_code = 'city'"
              " WHERE organization_id = :body", body=body)  # fmt: skip
    _as_owner(offices, _COUNT, body=body)
    _give(offices, "0.1.0")
    offices.run(lambda conn: freeze_verdicts(conn, DAY))
    yield offices
    for statement in _FORGET:
        _as_owner(offices, statement)


def _give(offices: Offices, name: str) -> None:
    rooms, seen = {offices.room(name): [Party(offices.body(0))]}, offices.seen(name)
    offices.run(lambda conn: arrange(conn, rooms, since=DAY, seen=seen, grounds=GROUNDS))


def _again(offices: Offices) -> Rerun:
    found: Rerun = offices.run(lambda conn: rerun_verdicts(conn, DAY))
    return found


def _of_body(again: Rerun, field: str) -> Any:
    (found,) = [one for one in again.figures
                if (one.table_name, one.row_key, one.field) == ("bodies", "A0", field)]  # fmt: skip
    return found


def test_nothing_has_changed_right_after(frozen: Offices) -> None:
    again = _again(frozen)
    assert (again.figures, again.rules, again.with_sums) == ([], [], True)
    assert any(row["source"] == "space.standard" for row in again.frozen.rules)
    (day,) = frozen.run(frozen_days)
    assert day.as_of == DAY
    kept = frozen.run(lambda conn: frozen_verdicts(conn, DAY))
    assert kept.tables[0].rows[0]["office_actual"] == 20


def test_footnotes_are_those_that_were_handed_in(frozen: Offices) -> None:
    def notes() -> Any:
        return frozen.run(lambda conn: frozen_verdicts(conn, DAY)).footnotes

    assert notes() == frozen.run(lambda conn: VERDICTS.build(conn, DAY)).footnotes
    _as_owner(
        frozen,
        "UPDATE services.frozen_figure SET value = :notes WHERE table_name = 'report.footnotes'",
        notes='[["space.posts.unverified", {"count": 3}]]',
    )
    assert notes() == (("space.posts.unverified", {"count": 3}),)


def test_whoever_does_not_see_its_class_is_refused_instead_of_given_an_empty_report(
    frozen: Offices,
) -> None:
    frozen.tokens["officer"] = open_account(frozen.city.database, "低密级", Grant("operator"))
    assert frozen.run(lambda conn: frozen_verdicts(conn, DAY), "officer").tables[0].rows
    internal = "rights_cell = rights.cell_for(NULL, NULL, 1::smallint)"
    _as_owner(frozen, f"UPDATE services.frozen_figure SET {internal}")
    with pytest.raises(Forbidden, match="not_all_seen"):
        frozen.run(lambda conn: frozen_verdicts(conn, DAY), "officer")


def test_a_room_more_is_named_with_who_gave_it(frozen: Offices) -> None:
    _give(frozen, "0.1.1")
    again = _again(frozen)
    office = _of_body(again, "office_actual")
    assert (office.was, office.now) == (20, 40)
    assert {one.source for one in office.causes} == {"estate.holding", "estate.holding_party"}
    assert {one.operation for one in office.causes} == {"I"}
    # Sums follow from the rows.
    district = [one for one in again.figures if one.field == "known_actual"]
    assert {(one.was, one.now, one.causes) for one in district} == {(20, 40, ())}


def test_another_class_or_area_of_a_room_is_named(frozen: Offices) -> None:
    room = frozen.room("0.1.0")
    changed = "UPDATE place.room SET room_class = :to WHERE place_id = :room"
    _as_owner(frozen, changed, to="technical", room=room)
    try:
        (cause,) = _of_body(_again(frozen), "office_actual").causes
        assert cause.source == "place.room"
        assert ("room_class", "office", "technical") in cause.columns
    finally:
        _as_owner(frozen, changed, to="office", room=room)


def test_other_posts_are_named_where_they_change_what_may_be_had(frozen: Offices) -> None:
    _as_owner(frozen, "UPDATE organization.headcount SET people = 6"
              " WHERE rank_code = 'bureau_below'")  # fmt: skip
    _give(frozen, "0.1.1")
    again = _again(frozen)
    entitled = _of_body(again, "office_entitled")
    assert (entitled.was, entitled.now) == (36, 54)
    assert {one.source for one in entitled.causes} == {"organization.headcount"}
    assert ("people", "4", "6") in entitled.causes[0].columns
    assert "organization.headcount" not in {
        one.source for one in _of_body(again, "office_actual").causes
    }


def test_another_row_of_the_standard_is_named_as_a_rule(frozen: Offices) -> None:
    own = Standard(
        StandardKind.OFFICE_LIMIT, "city", "bureau_below", Decimal(8), "示例文件",
        valid_from=date(2026, 1, 1),
    )  # fmt: skip
    frozen.run(lambda conn: state(conn, own))
    again = _again(frozen)
    assert (_of_body(again, "office_entitled").was, _of_body(again, "office_entitled").now) == (
        36,
        32,
    )
    now = [one["now"]["value"] for one in again.rules if one["now"]]
    was = [one["was"]["value"] for one in again.rules if one["was"]]
    assert (was, now) == (["9"], ["8"])


def test_a_day_is_frozen_once_and_by_whoever_speaks_for_all(frozen: Offices) -> None:
    with pytest.raises(Conflict, match="frozen_already"):
        frozen.run(lambda conn: freeze_verdicts(conn, DAY))

    def days(conn: Connection) -> Any:
        return frozen_days(conn)

    for act in (
        days,
        lambda conn: freeze_verdicts(conn, date(2026, 3, 2)),
        lambda conn: rerun_verdicts(conn, DAY),
        lambda conn: frozen_verdicts(conn, DAY),
    ):
        with pytest.raises(Forbidden):
            frozen.run(act, "clerk")
    with pytest.raises(NotFound):
        frozen.run(lambda conn: rerun_verdicts(conn, date(2026, 3, 2)))
    with pytest.raises(InputError, match="not_yet"):
        frozen.run(lambda conn: freeze_verdicts(conn, date(2126, 3, 1)))
