"""The standard of office space against its own table and worked examples."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from assets.space.comparing import State, compare
from assets.space.readings import pack_readings
from assets.space.rules import (
    Entitlement,
    Lack,
    Line,
    Standard,
    StandardKind,
    StandardTable,
    entitlement,
    falling_rate,
    gross_area,
    public_link,
    rounded,
    tiered_area,
)
from assets.space.standards import pack_standards

DAY = date(2026, 9, 30)
CITY = ("city_chief", "city_deputy", "bureau_chief", "bureau_deputy", "bureau_below")
COUNTY = ("county_chief", "county_deputy", "section_chief", "section_deputy", "section_below")


@pytest.fixture(scope="module")
def table() -> StandardTable:
    return StandardTable(pack_standards(), DAY)


def _row(
    table: StandardTable, kind: StandardKind, level: str | None = None, rank: str | None = None
) -> Standard:
    row = table.of(kind, level, rank)
    assert row is not None
    return row


def _of(table: StandardTable, level: str, **quota: int) -> Entitlement:
    return entitlement(level, quota, table)


def _areas(found: Entitlement) -> tuple[Decimal | None, ...]:
    return tuple(found.area_m2(each) for each in ("office", "service", "equipment", None))


def test_limits_of_offices_are_those_of_table_3() -> None:
    limits: dict[str, list[int]] = defaultdict(list)
    for row in pack_standards():
        if row.kind is StandardKind.OFFICE_LIMIT and row.value is not None:
            limits[row.level or ""].append(int(row.value))
    assert limits == {
        "central": [54, 42, 24, 18, 12, 9],
        "province": [54, 42, 30, 24, 18, 12, 9],
        "city": [42, 30, 24, 18, 9],
        "county": [30, 24, 18, 12, 9],
    }


def test_numbers_of_the_edition_of_1999_and_made_up_ones_are_not_in_it() -> None:
    """They are what a search finds first: 9 and 6 of central bodies, 32, 18 and 20 elsewhere."""
    rows = pack_standards()
    said = {(row.level, row.rank, int(row.value)) for row in rows
            if row.kind is StandardKind.OFFICE_LIMIT and row.value is not None}  # fmt: skip
    wrong = {
        ("central", "central_division", 9), ("central", "central_below", 6),
        ("city", "city_chief", 32), ("city", "city_deputy", 18), ("county", "county_chief", 20),
        ("county", "county_deputy", 15), ("county", "section_chief", 12),
    }  # fmt: skip
    assert said & wrong == set()
    assert {value for _, _, value in said} == {54, 42, 30, 24, 18, 12, 9}
    ratios = {row.value for row in rows if row.kind is StandardKind.USABLE_RATIO}
    assert ratios == {Decimal("0.65"), Decimal("0.60")}, "not 0.60 and 0.57 of 1999"
    assert [row for row in rows if "建标" in row.source or "2250" in row.source] == []
    rates = [row.value for row in rows if row.kind is StandardKind.SERVICE_RATE]
    assert rates == [9, 9, 8, 8, None], "not 5 to 10 of everybody"


def test_there_is_no_standard_before_the_day_of_its_issue() -> None:
    before = StandardTable(pack_standards(), date(2014, 11, 23))
    assert {row.kind for row in before} == {StandardKind.IDLE_TERM, StandardKind.TOLERANCE}
    found = entitlement("city", {"bureau_chief": 1}, before)
    assert (found.area_m2(), found.lacks) == (None, (Lack.NO_STANDARD,))


def test_rows_from_memory_are_marked_and_every_row_names_its_document() -> None:
    rows = pack_standards()
    assert {row.source for row in rows if not row.source} == set()
    unverified = {(row.kind.value, row.level) for row in rows if not row.is_verified}
    assert unverified == {
        ("service_rate", "central"), ("service_rate", "province"), ("service_rate", "county"),
        ("service_rate", "town"), ("office_limit", "town"), ("tolerance", None),
        ("second_return", None), ("leave_return", None), ("moved_return", None),
        ("idle_term", None), ("repair_interval", None),
    }  # fmt: skip
    assert [row for row in rows if row.is_verified and not row.source_url] == []


@pytest.mark.parametrize(
    ("level", "quota", "office", "rate", "service", "equipment", "usable", "gross"),
    [
        ("city", dict(zip(CITY, (0, 0, 1, 4, 115), strict=True)),
         "1131", "8", "960", "188.19", "2279.19", "3506.45"),
        ("city", dict(zip(CITY, (0, 0, 1, 6, 293), strict=True)),
         "2769", "7", "2100", "438.21", "5307.21", "8164.94"),
        ("county", dict(zip(COUNTY, (0, 0, 1, 3, 46), strict=True)),
         "468", "8", "400", "78.12", "946.12", "1455.57"),
        ("county", dict(zip(COUNTY, (0, 0, 1, 4, 145), strict=True)),
         "1371", "7", "1050", "217.89", "2638.89", "4059.83"),
    ],
)  # fmt: skip
def test_worked_examples(
    table: StandardTable, level: str, quota: Mapping[str, int],
    office: str, rate: str, service: str, equipment: str, usable: str, gross: str,
) -> None:  # fmt: skip
    found = _of(table, level, **quota)
    said = tuple(Decimal(each) for each in (office, service, equipment, usable))
    assert _areas(found) == said
    assert [line.rate for line in found.lines if line.room_class == "service"] == [Decimal(rate)]
    ratio = _row(table, StandardKind.USABLE_RATIO, None, "multistory")
    assert rounded(gross_area(said[-1], ratio) or Decimal()) == Decimal(gross)


def test_a_building_of_its_own_with_canteen_and_parking(table: StandardTable) -> None:
    canteen, garage = (_row(table, kind) for kind in (
        StandardKind.CANTEEN_RATE, StandardKind.GARAGE_RATE))  # fmt: skip
    assert tiered_area(120, canteen) == Decimal(422)
    assert tiered_area(100, canteen) == Decimal(370)
    assert tiered_area(30, garage) == Decimal(1200)
    assert tiered_area(250, garage) == Decimal(9900)
    ratios = {
        name: _row(table, StandardKind.USABLE_RATIO, None, name)
        for name in ("multistory", "highrise")
    }
    usable = Decimal("2279.19")
    low, high = (gross_area(usable, ratios[name]) or Decimal() for name in ratios)
    assert rounded(low + 422 + 1200) == Decimal("5128.45")
    assert rounded(high) == Decimal("3798.65")
    guards = _row(table, StandardKind.GUARD_RATE)
    assert tiered_area(4, guards) == Decimal(100)


@pytest.mark.parametrize(
    ("level", "count", "total"),
    [
        ("city", 200, "1600"), ("city", 201, "1605.99"), ("city", 300, "2100"),
        ("city", 399, "2397.99"), ("city", 400, "2400"), ("city", 401, "2406"),
        ("county", 100, "800"), ("county", 150, "1050"), ("county", 199, "1197.98"),
        ("county", 200, "1200"), ("county", 201, "1206"),
        ("province", 200, "1800"), ("province", 300, "2400"), ("province", 400, "2800"),
    ],
)  # fmt: skip
def test_service_rooms_by_headcount_to_the_square_decimetre(
    table: StandardTable, level: str, count: int, total: str
) -> None:
    rate = falling_rate(count, _row(table, StandardKind.SERVICE_RATE, level))
    assert rate is not None
    assert rate * count == Decimal(total)


@pytest.mark.parametrize(
    ("level", "least", "most", "start", "per"),
    [
        ("city", 200, 400, 1000, 100),
        ("county", 100, 200, 500, 50),
        ("central", 200, 400, 1100, 100),
    ],
)
def test_between_the_breakpoints_the_line_is_the_formula_of_table_4(
    table: StandardTable, level: str, least: int, most: int, start: int, per: int
) -> None:
    row = _row(table, StandardKind.SERVICE_RATE, level)
    for count in range(least, most + 1):
        assert falling_rate(count, row) == Decimal(start - count) / per


def test_the_same_rank_gets_what_the_level_of_the_body_gives(table: StandardTable) -> None:
    """A deputy division head has 18 in a city's body, and 12 in a province's."""
    city = _of(table, "city", bureau_deputy=1).area_m2("office")
    province = _of(table, "province", division_deputy=1).area_m2("office")
    assert (city, province) == (18, 12)


@pytest.mark.parametrize(
    ("level", "quota", "lacks", "office"),
    [
        (None, {"bureau_chief": 1}, (Lack.NO_LEVEL,), None),
        ("city", {}, (Lack.NO_HEADCOUNT,), None),
        ("city", {None: 12}, (Lack.NO_RANK,), None),
        ("city", {None: 12, "bureau_below": 10}, (Lack.NO_RANK,), None),
        ("city", {None: 9, "bureau_below": 10}, (), Decimal(90)),
        ("city", {"section_chief": 2}, (Lack.OTHER_LEVEL,), None),
        ("village", {"bureau_chief": 1}, (Lack.NO_STANDARD,), None),
        ("town", {"town_chief": 2, "town_below": 40}, (Lack.LEFT_OPEN,), None),
        ("city", {None: 0}, (), Decimal(0)),
    ],
)
def test_what_is_not_known_is_said_and_never_made_up(
    table: StandardTable, level: str | None, quota: Mapping[str | None, int],
    lacks: tuple[Lack, ...], office: Decimal | None,
) -> None:  # fmt: skip
    found = entitlement(level, quota, table)
    assert (found.lacks, found.area_m2("office")) == (lacks, office)
    assert (found.area_m2() is None) == bool(lacks)


def test_a_row_of_the_bureau_counts_before_the_packs_for_its_days() -> None:
    of_town = next(row for row in pack_standards() if row.rank == "town_chief")
    own = replace(of_town, value=Decimal(24), source="省文", is_default=False,
                  valid_from=date(2020, 1, 1), valid_to=date(2025, 1, 1))  # fmt: skip
    later = replace(own, value=Decimal(20), valid_from=date(2025, 1, 1), valid_to=None)
    rows = (own, later, *pack_standards())
    at = {day: _row(StandardTable(rows, day), of_town.kind, "town", "town_chief").value
          for day in (date(2019, 12, 31), date(2020, 1, 1), date(2025, 1, 1))}  # fmt: skip
    assert list(at.values()) == [None, 24, 20]


def test_a_verdict_that_rests_on_memory_says_so(table: StandardTable) -> None:
    assert _of(table, "county", section_below=5).uses_unverified
    assert not _of(table, "city", bureau_below=5).uses_unverified


def test_ranks_of_other_levels_are_read_by_the_row_that_names_them(table: StandardTable) -> None:
    (line, *_) = entitlement("city", {"section_chief": 2}, table, pack_readings()).lines
    assert (line.rank, line.count, line.rate, line.area_m2) == ("section_chief", 2, 9, 18)
    assert line.reading is not None
    assert (line.standard and line.standard.rank, line.is_verified) == ("bureau_below", False)
    # A 副处 has 18 in a city, 12 in a province and 12 in a central body.
    rates = {level: entitlement(level, {"division_deputy": 1}, table, pack_readings()).lines[0].rate
             for level in ("city", "province", "central")}  # fmt: skip
    assert rates == {"city": 18, "province": 12, "central": 12}


def test_a_reading_holds_on_its_days(table: StandardTable) -> None:
    (reading,) = [one for one in pack_readings()
                  if (one.level, one.rank) == ("city", "section_chief")]  # fmt: skip
    for ends, lack in ((DAY, Lack.OTHER_LEVEL), (date(2026, 10, 1), None)):
        readings = [replace(reading, valid_to=ends)]
        (line, *_) = entitlement("city", {"section_chief": 1}, table, readings).lines
        assert line.lack is lack


def test_every_reading_leads_to_a_limit_and_none_to_a_rank_of_its_own_level() -> None:
    limits = {(row.level, row.rank) for row in pack_standards()
              if row.kind is StandardKind.OFFICE_LIMIT}  # fmt: skip
    readings = pack_readings()
    assert readings
    assert {(one.level, one.counts_as) for one in readings} <= limits
    assert {(one.level, one.rank) for one in readings} & limits == set()
    assert {one.rank for one in readings} <= {rank for _, rank in limits}


@pytest.mark.parametrize(
    ("level", "rank", "lack"),
    [
        ("county", "bureau_chief", Lack.OTHER_LEVEL),
        ("city", "made_up", Lack.UNKNOWN_RANK),
        ("ward", "bureau_chief", Lack.NO_STANDARD),
    ],
)
def test_a_rank_without_a_limit_says_why(
    table: StandardTable, level: str, rank: str, lack: Lack
) -> None:
    assert entitlement(level, {rank: 1}, table).lines[0].lack is lack


def test_fewer_posts_than_none_are_refused(table: StandardTable) -> None:
    with pytest.raises(ValueError, match="negative"):
        entitlement("city", {"bureau_chief": -1}, table)


@pytest.mark.parametrize(
    ("address", "is_linked"),
    [
        ("https://www.zjc.gov.cn/info/11671/1065762.htm", True),
        ("http://pjsjgswglj.com.cn/2018_11/06_14/content-126321.html", False),
        ("https://gov.cn.example.com/", False),
        ("https://notgov.cn/", False),
        ("javascript://www.gov.cn/%0aalert(1)", False),
        ("http://[gov.cn", False),
        (None, False),
    ],
)
def test_only_pages_of_the_government_become_links(address: str | None, is_linked: bool) -> None:
    assert public_link(address) == (address if is_linked else None)


@pytest.mark.parametrize(
    ("actual", "state"),
    [("10.00", State.WITHIN), ("14.99", State.WITHIN), ("15.00", State.WITHIN),
     ("15.01", State.OVER)],
)  # fmt: skip
def test_who_is_over_by_no_more_than_the_tolerance_is_not_over(actual: str, state: State) -> None:
    classes = ("office", "service", "equipment")
    entitled = Entitlement(tuple(Line(one, area_m2=Decimal(10)) for one in classes), 1)
    office = compare(entitled, {"office": Decimal(actual)}, Decimal(5))[0]
    assert (office.state, office.difference_m2) == (state, Decimal(actual) - 10)
