"""A place as it was on a day, and who changed what: told from dated versions and history."""

from datetime import date
from pathlib import Path

import openpyxl
from handed_in import register_state
from sqlalchemy import text

from assets.estate.queries import place_facts, place_past
from etl.load import LoadOptions, LoadResult, load_file
from etl.undo import undo_load
from gis.db import Database, Role, transaction
from gis.places.past import place_history
from gis.places.queries import place_card
from tests.conftest import Operator

HEADERS = ["房产编号", "名称", "地址坐落", "行政区划代码", "使用单位", "总建筑面积（m²）",
           "不动产权证号", "卡片编号", "使用状况"]  # fmt: skip
OLD = [
    "CZ-1",
    "文化馆",
    "天宁区甲路1号",
    "320402",
    "文化馆",
    1000,
    "苏(2020)常州市第0001号",
    "K-1",
    "在用",
]
NEW = [
    "CZ-1",
    "艺术馆",
    "天宁区乙路2号",
    "320402",
    "美术馆",
    1000,
    "苏(2020)常州市第0001号",
    "K-1",
    "闲置",
]
THEN, NOW = date(2025, 9, 30), date(2026, 9, 30)


def _load(
    city: Database, operator: Operator, folder: Path, row: list[object], day: date | None
) -> LoadResult:
    book = openpyxl.Workbook()
    book.active.append(HEADERS)
    book.active.append(row)
    path = folder / f"{row[1]}-{day}.xlsx"
    book.save(path)
    return load_file(
        city, path, token=operator.token, options=LoadOptions(any_area=True, as_of=day)
    )


def _place_id(city: Database) -> int:
    with city.engine(Role.OWNER).connect() as conn:
        found: int = conn.execute(text("SELECT place_id FROM place.place")).scalar_one()
        return found


def _as_of(city: Database, operator: Operator, day: date) -> tuple[object, ...]:
    with transaction(city.engine(Role.WEB), operator.token) as conn:
        place_id = _place_id(city)
        place = place_card(conn, place_id, day).place
        held = place_facts(conn, place_id, day).holdings
        holders = [holder.name for one in held for holder in one.holders]
        return place["name"], place["address"], place["use_status"], holders


def test_a_later_census_leaves_the_place_of_then_readable(
    city: Database, operator: Operator, tmp_path: Path
) -> None:
    _load(city, operator, tmp_path, OLD, THEN)
    before = register_state(city)
    later = _load(city, operator, tmp_path, NEW, NOW)
    assert _as_of(city, operator, THEN) == ("文化馆", "天宁区甲路1号", "in_use", ["文化馆"])
    assert _as_of(city, operator, NOW) == ("艺术馆", "天宁区乙路2号", "idle", ["美术馆"])
    undo_load(city, later.load_id or 0, token=operator.token)
    assert register_state(city) == before
    assert _as_of(city, operator, THEN)[0] == "文化馆"


def test_a_file_of_the_same_day_or_of_none_corrects_and_leaves_no_version(
    city: Database, operator: Operator, tmp_path: Path
) -> None:
    for day in (THEN, None):
        _load(city, operator, tmp_path, OLD, THEN)
        _load(city, operator, tmp_path, NEW, day)
        assert _as_of(city, operator, THEN)[:2] == ("艺术馆", "天宁区乙路2号")


def test_bodies_are_called_on_the_card_what_they_were_called_then(
    city: Database, operator: Operator, tmp_path: Path
) -> None:
    _load(city, operator, tmp_path, OLD, THEN)
    with city.engine(Role.OWNER).begin() as conn:
        conn.execute(
            text(
                "INSERT INTO organization.organization_name"
                " (organization_id, name, kind, valid_to)"
                " SELECT organization_id, '群艺馆', 'official', '2025-12-01'"
                " FROM organization.organization"
            )
        )
        conn.execute(text("UPDATE organization.organization SET name = '文化中心'"))
    assert _as_of(city, operator, THEN)[3] == ["群艺馆"]
    assert _as_of(city, operator, NOW)[3] == ["文化中心"]
    with transaction(city.engine(Role.WEB), operator.token) as conn:
        place = place_card(conn, _place_id(city), THEN).place
        assert place["steward_name"] == "群艺馆"


def test_history_tells_of_numbers_titles_and_holders_too(
    city: Database, operator: Operator, tmp_path: Path
) -> None:
    _load(city, operator, tmp_path, OLD, THEN)
    _load(city, operator, tmp_path, NEW, NOW)
    with city.engine(Role.OWNER).begin() as conn:
        conn.execute(text("UPDATE place.identifier SET value = 'K-2' WHERE value = 'K-1'"))
        conn.execute(text("UPDATE place.title SET number = '苏(2021)常州市第0002号'"))
    with transaction(city.engine(Role.WEB), operator.token) as conn:
        place_id = _place_id(city)
        past = place_history(conn, place_id, "site", place_past(conn, place_id))
    told = [
        [(one.attribute.name, one.named, one.old, one.new) for one in entry.changes]
        for entry in past
    ]
    first, second, third = (set(changes) for changes in reversed(told))
    card, house = ("identifier_scheme", "asset_card"), ("title_kind", "house")
    assert ("value", card, None, "K-1") in first
    assert ("number", house, None, "苏(2020)常州市第0001号") in first
    assert ("holder", None, None, "文化馆") in first
    assert ("holder", None, None, "美术馆") in second
    assert ("valid_to", None, None, NOW) in second
    assert third == {
        ("value", card, "K-1", "K-2"),
        ("number", house, "苏(2020)常州市第0001号", "苏(2021)常州市第0002号"),
    }
    assert [entry.load_id is None for entry in past] == [True, False, False]
