"""Kept sums answer exactly as place by place, whoever asks, whatever changed, fresh or stale."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text
from summed_town import (
    SOON,
    TODAY,
    UNDRAWN,
    Town,
    answer_of,
    answers,
    change_something,
    compare,
    found_town,
)

from assets.estate.actions import refresh_derived
from gis.db import Database, Role, transaction
from gis.places.actions import touch
from gis.questions import asked_area, parse_question
from gis.summed import collect_summed
from gis.summing import refresh_sums

ROUNDS = 2


@pytest.fixture(scope="module")
def town(make_database: Callable[[str], Database]) -> Town:
    return found_town(make_database("onemap_sums"))


def test_sums_answer_as_places_do_whatever_changes(town: Town) -> None:
    compare(town)  # nothing was ever summed
    assert town.refresh() > 0
    assert compare(town, 6) > 50
    for _ in range(ROUNDS):
        for _ in range(6):
            with transaction(town.database.engine(Role.OWNER), None) as conn:
                change_something(conn, town)
        assert compare(town) > 0  # some squares stale, the others by their sums
        assert town.refresh() > 0
        assert compare(town) > 0
    assert town.refresh() == 0


def test_earlier_days_districts_without_a_boundary_and_touched_places_count_by_sums(
    town: Town,
) -> None:
    town.refresh()
    quarter = {"type": "Polygon", "coordinates": [[
        [119.7, 31.6], [119.85, 31.6], [119.85, 31.66], [119.7, 31.66], [119.7, 31.6]
    ]]}  # fmt: skip
    forms: list[dict[str, Any]] = [
        {"within": {}},
        {"within": {"admin_area": UNDRAWN}},
        {"within": {"admin_area": UNDRAWN}, "invert": True},
        {"within": {"geometry": quarter}, "touching": True},
        {"within": {"geometry": quarter}, "touching": True, "invert": True},
    ]
    for name, token in town.tokens.items():
        for as_of in (TODAY, *(TODAY - timedelta(days=days) for days in (0, 1, 60, 100, 9000))):
            for body in forms:
                with transaction(town.database.engine(Role.WEB), token, is_one_moment=True) as conn:
                    kept, asked = answer_of(conn, body, as_of, collect_summed)
                    assert asked.is_summed, (body, as_of)
                    squares = conn.execute(
                        text("SELECT count(*) FROM pg_temp.asked_square")
                    ).scalar_one()
                    assert squares or name == "nobody", (name, body, as_of)
                    assert kept == answer_of(conn, body, as_of)[0], (name, body, as_of)


def test_what_counts_by_other_rules_on_an_earlier_day_is_asked_singly(town: Town) -> None:
    town.refresh()
    with town.database.engine(Role.OWNER).connect() as conn:
        change = "UPDATE place.area_precedence SET valid_from = :day WHERE report = '*'"
        conn.execute(text(change), {"day": TODAY - timedelta(days=30)})
        for days, is_summed in ((0, True), (30, True), (31, False)):
            question = parse_question({"within": {}}, TODAY - timedelta(days=days))
            asked = collect_summed(conn, question, asked_area(conn, question))
            assert asked.is_summed is is_summed
        conn.rollback()


def test_other_rules_of_what_counts_change_the_sums_of_earlier_days_too(town: Town) -> None:
    town.refresh()
    swapped = "UPDATE place.{} SET rank = CASE source WHEN 'survey' THEN 9 ELSE rank END"
    with transaction(town.database.engine(Role.OWNER), None) as conn:
        for table in ("area_precedence", "counted_by"):
            conn.execute(text(swapped.format(table)))
        touch(conn, town.places)
        refresh_derived(conn)
    compare(town)
    assert town.refresh() > 0
    assert compare(town) > 0


def test_who_has_not_committed_when_sums_are_made_is_asked_singly_after(town: Town) -> None:
    town.refresh()
    owner = town.database.engine(Role.OWNER)
    with owner.begin() as writing:
        moved = writing.execute(
            text(
                "UPDATE place.place SET use_status = CASE use_status WHEN 'idle' THEN 'in_use'"
                " ELSE 'idle' END WHERE kind = 'room' AND anchor IS NOT NULL"
            )
        ).rowcount
        assert moved > 0
        with transaction(owner, None) as conn:  # gives the squares of a round something to do
            conn.execute(text("UPDATE place.place SET address = address WHERE kind <> 'room'"))
        assert town.refresh() > 0
        assert compare(town) > 0
    assert compare(town) >= 0
    assert town.refresh() > 0
    assert compare(town) > 0


def test_a_reader_of_one_moment_sees_no_half_of_achange_something(town: Town) -> None:
    town.refresh()
    web, owner = town.database.engine(Role.WEB), town.database.engine(Role.OWNER)
    body = {"within": {"admin_area": "320402"}}
    with transaction(web, town.city.everything, is_one_moment=True) as conn:
        question = parse_question(body, TODAY)
        asked = collect_summed(conn, question, asked_area(conn, question))
        with transaction(owner, None) as writing:
            writing.execute(text("UPDATE place.place SET address = 'anders'"))
        town.refresh()
        kept = answers(conn, asked)
        assert kept == answer_of(conn, body, TODAY)[0]


def test_sums_hold_until_the_day_on_which_something_begins(town: Town) -> None:
    town.refresh()
    with transaction(town.database.engine(Role.OWNER), None) as conn:
        found = conn.execute(
            text("SELECT count(*) FROM place.summed_square WHERE holds_until <= :day"),
            {"day": SOON},
        ).scalar_one()
    assert found > 0
    assert refresh_sums(town.database.engine(Role.LOADER), SOON) > 0
    with transaction(town.database.engine(Role.WEB), town.city.everything) as conn:
        later = SOON + timedelta(days=1)
        for body in ({"within": {}}, {"within": {"admin_area": "320401"}}):
            kept, asked = answer_of(conn, body, later, collect_summed)
            assert asked.is_summed
            assert kept == answer_of(conn, body, later)[0]
            today_kept, _ = answer_of(conn, body, TODAY, collect_summed)
            assert today_kept == answer_of(conn, body, TODAY)[0]
    assert town.refresh() > 0  # back to the sums of today
