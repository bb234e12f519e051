"""The bureau's own rows of the standard, dated, before those of the pack."""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from handed_in import open_account
from sqlalchemy import text

from assets.space.model import StandardKind
from assets.space.queries import bodies, verdicts
from assets.space.reports import build_standards
from assets.space.rules import Standard, StandardTable
from assets.space.standards import (
    Key,
    OwnRow,
    counting_rows,
    own_rows,
    pack_standards,
    standards_on,
)
from assets.space.stated import check_stated, figure_of, read_number
from assets.space.stating import confirm, may_state, restate, state, withdraw
from gis.clock import today
from gis.db import Role, transaction
from gis.errors import Conflict, Forbidden, InputError, NotFound
from gis.rights.actions import Grant
from tests.assets.space.conftest import Offices

KEY: Key = (StandardKind.OFFICE_LIMIT, "town", "town_chief")
SERVICE: Key = (StandardKind.SERVICE_RATE, "county", None)
TERMS: Mapping[str, Mapping[str, str | None]] = {
    "organization_level": {"town": None, "county": None},
    "rank": {"town_chief": "town", "county_chief": "county"},
    "building_height": {"multistory": None, "highrise": None},
}


def _row(value: str = "24", since: int = 2026, key: Key = KEY, **more: Any) -> Standard:
    stated = Standard(*key, Decimal(value), "示例〔2026〕1号", valid_from=date(since, 1, 1))
    return replace(stated, **more)


def _bad(**more: Any) -> InputError:
    cap = more.pop("above", None)
    with pytest.raises(InputError) as refused:
        check_stated(_row(**more), TERMS, cap)
    return refused.value


@pytest.mark.parametrize(
    ("written", "is_share", "number"),
    [("24", False, "24"), (" 0.65 ", True, "0.65"), ("9%", True, "0.09"), ("9 ％", True, "0.09"),
     ("１２", False, "12"), ("1e2", False, "100"), ("-3", False, "-3")],
)  # fmt: skip
def test_numbers_are_read_as_people_write_them(written: str, is_share: bool, number: str) -> None:
    assert read_number("value", written, is_share=is_share) == Decimal(number)


@pytest.mark.parametrize("written", ["九", "NaN", "inf", "1,5", "9%", "0.00001", "1e30", "24m2"])
def test_what_is_no_number_is_refused_and_named(written: str) -> None:
    with pytest.raises(InputError) as refused:
        read_number("value", written)
    assert refused.value.key == "space.standards.no_number"
    assert refused.value.params["value"] == written


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ({"value": "0"}, "bad_value"),
        ({"value": "-1"}, "bad_value"),
        ({"value": "2400"}, "bad_value"),
        ({"value": "25", "above": Decimal(24)}, "above_cap"),
        ({"level": "county"}, "unknown_rank"),
        ({"level": "village"}, "unknown_level"),
        ({"level": None}, "unknown_level"),
        ({"rank": "chief"}, "unknown_rank"),
        ({"rank": None}, "unknown_rank"),
        ({"valid_to": date(2025, 1, 1)}, "bad_days"),
        ({"valid_to": date(2026, 1, 1)}, "bad_days"),
        ({"valid_from": None}, "no_day"),
        ({"source": " "}, "no_document"),
        ({"source": "文" * 301}, "long_words"),
        ({"note": "注" * 501}, "long_words"),
        ({"source_url": "javascript:alert(1)"}, "no_address"),
        ({"from_count": Decimal(100)}, "no_steps_here"),
        ({"key": (StandardKind.TOLERANCE, "town", None)}, "no_level_here"),
        ({"key": (StandardKind.TOLERANCE, None, "town_chief")}, "no_rank_here"),
        ({"key": (StandardKind.LEAVE_RETURN, None, None), "value": "1.5"}, "whole_number"),
        ({"key": (StandardKind.IDLE_TERM, None, None), "value": "0.5"}, "whole_number"),
        ({"key": (StandardKind.USABLE_RATIO, None, "tower"), "value": "0.6"}, "unknown_height"),
        ({"key": (StandardKind.EQUIPMENT_RATIO, None, None), "value": "9"}, "bad_share"),
        ({"key": SERVICE, "to_count": Decimal(200)}, "steps_apart"),
        ({"key": (StandardKind.CANTEEN_RATE, None, None), "to_count": Decimal(9)}, "steps_apart"),
    ],
)
def test_what_no_row_can_say_is_refused(more: dict[str, Any], says: str) -> None:
    assert _bad(**more).key == f"space.standards.{says}"


@pytest.mark.parametrize(
    ("first", "last", "beyond", "says"),
    [(200, 100, "6", "counts_backwards"), (100, 100, "6", "counts_backwards"),
     (100, 200, "9", "rises"), (0, 200, "6", "bad_count"), (100, "200.5", "6", "bad_count")],
)  # fmt: skip
def test_steps_run_forwards_and_fall(first: int, last: object, beyond: str, says: str) -> None:
    steps = {"from_count": Decimal(first), "to_count": Decimal(str(last))}
    refused = _bad(key=SERVICE, value="8", value_beyond=Decimal(beyond), **steps)
    assert refused.key == f"space.standards.{says}"


def test_every_row_of_the_pack_with_a_value_is_one_that_could_be_stated(offices: Offices) -> None:
    def state_all(conn: Any) -> int:
        for row in (row for row in pack_standards() if row.value is not None):
            state(conn, replace(row, valid_from=row.valid_from or date(2020, 1, 1)))
        return len(own_rows(conn))

    assert offices.run(state_all) == sum(row.value is not None for row in pack_standards())


def _own(offices: Offices, key: Key = KEY) -> list[OwnRow]:
    return list(offices.run(lambda conn: own_rows(conn, key)))


def _value(offices: Offices, day: date, key: Key = KEY) -> Decimal | None:
    row = offices.run(lambda conn: standards_on(conn, day)).of(*key)
    return None if row is None else row.value


def _state(offices: Offices, row: Standard) -> int:
    made: int = offices.run(lambda conn: state(conn, row))
    return made


def test_a_row_counts_from_its_day_and_ends_the_open_one_before(offices: Offices) -> None:
    _state(offices, _row("20", 2020))
    _state(offices, _row("22", 2026))
    assert [_value(offices, date(year, 12, 31)) for year in (2019, 2025, 2026)] == [None, 20, 22]
    first, second = _own(offices)
    assert (first.row.valid_to, second.row.valid_to) == (date(2026, 1, 1), None)
    assert second.row.cap == 24
    assert (second.set_by is not None, second.row.is_verified) == (True, False)


@pytest.mark.parametrize(
    ("since", "until"), [(2020, None), (2019, None), (2022, 2030), (2019, 2022), (2019, 2021)]
)
def test_days_that_overlap_are_refused_with_those_days(
    offices: Offices, since: int, until: int | None
) -> None:
    _state(offices, _row("20", 2020, valid_to=date(2025, 1, 1)))
    row = _row("21", since, valid_to=until and date(until, 1, 1))
    with pytest.raises(InputError) as refused:
        _state(offices, row)
    assert refused.value.key == "space.standards.overlaps"
    assert refused.value.params == {"since": date(2020, 1, 1), "until": date(2025, 1, 1)}
    assert len(_own(offices)) == 1
    _state(offices, _row("21", 2025))
    assert len(_own(offices)) == 2


def test_a_row_is_changed_where_it_was_seen_and_ended(offices: Offices) -> None:
    standard_id = _state(offices, _row("20", 2026))
    changed = _row("21", 2025)
    offices.run(lambda conn: restate(conn, standard_id, changed, seen_version=1))
    assert _value(offices, date(2025, 6, 1)) == 21
    for version, row, error in (
        (1, changed, Conflict), (2, _row(key=SERVICE), InputError), (2, _row("25"), InputError)
    ):  # fmt: skip
        with pytest.raises(error):
            offices.run(
                lambda conn, row=row, version=version: restate(
                    conn, standard_id, row, seen_version=version
                )
            )
    day = date(2026, 3, 1)
    offices.run(lambda conn: withdraw(conn, standard_id, since=day, seen_version=2))
    assert [_value(offices, one) for one in (date(2026, 2, 28), day)] == [21, None]
    with pytest.raises(InputError):
        offices.run(lambda conn: withdraw(conn, standard_id, since=day, seen_version=3))
    first = date(2025, 1, 1)
    offices.run(lambda conn: withdraw(conn, standard_id, since=first, seen_version=3))
    assert _own(offices) == []
    with pytest.raises(NotFound):
        offices.run(lambda conn: withdraw(conn, standard_id, since=first, seen_version=3))


def test_a_row_of_the_pack_is_marked_as_compared_with_who_and_when(offices: Offices) -> None:
    day = date(2026, 5, 1)
    offices.run(lambda conn: confirm(conn, SERVICE, as_of=day, compared_on=day))
    [one] = _own(offices, SERVICE)
    assert one.is_confirmation
    assert one.compared_by is not None
    assert (one.compared_on, one.row.is_verified) == (day, True)
    packs = StandardTable(pack_standards(), day).of(*SERVICE)
    assert packs is not None
    assert replace(one.row, is_verified=False, is_default=True) == replace(packs, note=None)
    # A row of the bureau's own that is in force is marked itself.
    _state(offices, _row("20", 2026))
    offices.run(lambda conn: confirm(conn, KEY, as_of=day, compared_on=day))
    [own] = _own(offices)
    assert (own.is_confirmation, own.row.is_verified, own.compared_on) == (False, True, day)
    nobody = (StandardKind.OFFICE_LIMIT, "town", "minister")
    with pytest.raises(NotFound):
        offices.run(lambda conn: confirm(conn, nobody, as_of=day, compared_on=day))


def test_what_was_only_compared_makes_room_for_what_is_stated(offices: Offices) -> None:
    day = date(2026, 5, 1)
    offices.run(lambda conn: confirm(conn, SERVICE, as_of=day, compared_on=day))
    _state(offices, _row("7", 2027, key=SERVICE, valid_to=date(2028, 1, 1)))
    found = [(one.row.valid_from, one.row.valid_to, one.is_confirmation)
             for one in _own(offices, SERVICE)]  # fmt: skip
    assert found == [
        (date(2014, 11, 24), date(2027, 1, 1), True),
        (date(2027, 1, 1), date(2028, 1, 1), False),
        (date(2028, 1, 1), None, True),
    ]
    _state(offices, _row("6", 2014, key=SERVICE, valid_to=date(2027, 1, 1)))
    _state(offices, _row("5", 2028, key=SERVICE))
    assert [one.is_confirmation for one in _own(offices, SERVICE)] == [False] * 3
    # Compared where the pack counts: between those of the bureau.
    offices.run(
        lambda conn: withdraw(
            conn, _own(offices, SERVICE)[1].standard_id, since=date(2027, 1, 1), seen_version=1
        )
    )
    gap = date(2027, 6, 1)
    offices.run(lambda conn: confirm(conn, SERVICE, as_of=gap, compared_on=gap))
    between = next(one for one in _own(offices, SERVICE) if one.is_confirmation)
    assert (between.row.valid_from, between.row.valid_to) == (date(2027, 1, 1), date(2028, 1, 1))


def test_a_newer_row_of_the_pack_counts_before_what_was_compared_of_the_older(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    older = next(row for row in pack_standards() if row.kind is StandardKind.GUARD_RATE)
    newer = replace(older, value=Decimal(30), valid_from=date(2030, 1, 1))
    monkeypatch.setattr("assets.space.standards.pack_standards", lambda: (older, newer))
    compared = replace(older, is_verified=True, is_default=False)
    own = OwnRow(1, 1, compared, True, "甲", date(2026, 1, 1), "甲", None)  # type: ignore[arg-type]
    for day, value in ((date(2029, 1, 1), 25), (date(2030, 1, 1), 30)):
        row = StandardTable(counting_rows([own], day), day).of(StandardKind.GUARD_RATE)
        assert row is not None
        assert row.value == value
    stated = replace(own, is_confirmation=False)
    day = date(2031, 1, 1)
    kept = StandardTable(counting_rows([stated], day), day).of(StandardKind.GUARD_RATE)
    assert kept is not None
    assert kept.value == 25


def test_only_who_writes_for_the_whole_bureau_states_it_and_everybody_reads_it(
    offices: Offices,
) -> None:
    standard_id = _state(offices, _row("20", 2026))
    database = offices.city.database
    officers = {"space": True, "campaign": False}
    for domain, may in officers.items():
        grant = Grant("officer", domain=domain)
        offices.tokens[domain] = open_account(database, f"主管{domain}", grant)
        assert offices.run(may_state, domain) is may
    key = (StandardKind.TOLERANCE, None, None)
    offices.run(lambda conn: state(conn, _row("1", 2026, key=key)), "space")
    offices.tokens["viewer"] = open_account(database, "只读", Grant("viewer"))
    day = today()
    for who in ("clerk", "viewer", "campaign"):
        row = offices.run(lambda conn: standards_on(conn, day), who).of(*KEY)
        assert row.value == 20
        for act in (
            lambda conn: state(conn, _row("22", 2027)),
            lambda conn: restate(conn, standard_id, _row("22", 2026), seen_version=1),
            lambda conn: confirm(conn, KEY, as_of=day, compared_on=day),
            lambda conn: withdraw(conn, standard_id, since=day, seen_version=1),
        ):
            with pytest.raises(Forbidden):
                offices.run(act, who)
    assert len(_own(offices)) == 1


def test_verdicts_and_the_report_go_by_what_holds_on_their_day(offices: Offices) -> None:
    body = offices.body(0)
    owner = offices.city.database.engine(Role.OWNER)
    with owner.begin() as conn:
        conn.execute(
            text("UPDATE organization.organization SET level_code = 'town'"
                 " WHERE organization_id = :body"), {"body": body},
        )  # fmt: skip
        conn.execute(
            text("INSERT INTO organization.headcount (organization_id, kind, rank_code, people,"
                 " counted_on, source, rights_cell) SELECT :body, 'quota', 'town_chief', 2,"
                 " DATE '2020-01-01', 'census', rights.cell_for(:body, NULL, 0::smallint)"),
            {"body": body},
        )  # fmt: skip
    _state(offices, _row("20", 2026, is_verified=True))

    def office(day: date) -> Any:
        [one] = offices.run(
            lambda conn: verdicts(conn, day, of=bodies(conn, day, organization_id=body))
        )
        line = one.entitlement.lines[0]
        return line.area_m2, line.standard.source, line.standard.is_verified

    assert office(date(2025, 12, 31))[0] is None
    assert office(date(2026, 1, 1)) == (40, "示例〔2026〕1号", True)
    table = offices.run(lambda conn: build_standards(conn, date(2026, 1, 1))).tables[0]
    [row] = [row for row in table.rows if row["rank"] == "乡级正职"]
    assert (row["value"], row["origin"], row["verified"]) == (20, "own", "yes")
    assert sum(row["origin"] == "own" for row in table.rows) == 1


def test_two_who_state_the_same_at_once_leave_one(offices: Offices) -> None:
    engine, token = offices.city.database.engine(Role.WEB), offices.tokens["everything"]
    row = _row("20", 2026)
    with ThreadPoolExecutor(1) as pool:
        with transaction(engine, token) as conn:
            state(conn, row)
            second = pool.submit(_state, offices, row)
        # It saw the first, or waited for it.
        with pytest.raises((Conflict, InputError)):
            second.result(30)
    assert len(_own(offices)) == 1


@pytest.mark.parametrize(
    ("kind", "level", "key"),
    [("office_limit", "town", "left_open_cap"), ("service_rate", "town", "left_open"),
     ("service_rate", "city", "falls"), ("canteen_rate", None, "tiers"),
     ("equipment_ratio", None, "percent"), ("guard_rate", None, "m2")],
)  # fmt: skip
def test_a_row_says_its_figure_in_words(kind: str, level: str | None, key: str) -> None:
    row = next(row for row in pack_standards() if (row.kind, row.level) == (kind, level))
    assert figure_of(row).key == f"space.standards.{key}"
