"""Technical premises (技术业务用房): a part of a property, or all that is known of one."""

from datetime import date
from pathlib import Path

import pytest
from conftest import Operator
from handed_in import hand_in, issues_of
from sqlalchemy import text

from etl.load import LoadResult
from gis.db import Database, Role, transaction
from gis.errors import InputError
from gis.loads import matches
from gis.loads.matches_model import Choice

CENSUS = (
    "地址坐落,行政区划代码,用地面积,总建筑面积（m²）,使用单位,权属登记情况,建设年代,备注\n"
    "天宁区甲路1号,320402,500,1000,文化馆,已登记,1990,老楼\n"
)
HEADERS = "地址坐落,行政区划代码,用地面积,建筑面积,主要使用单位,权属登记情况,建设年代,备注\n"
KNOWN = "天宁区甲路1号,320402,400,300,文化馆,未登记,1985,机房\n"
ALONE = "天宁区乙路8号,320402,400,{},文化馆,未登记,{},机房\n"


def _premises(
    city: Database, operator: Operator, path: Path, row: str, **options: object
) -> LoadResult:
    return hand_in(city, operator, path, HEADERS + row, profile="technical_premises", **options)


def _areas(city: Database) -> dict[str, float]:
    with city.engine(Role.OWNER).connect() as conn:
        rows = conn.execute(
            text(
                "SELECT DISTINCT ON (area_kind) area_kind, area_m2 FROM place.area_measure"
                " ORDER BY area_kind, measured_on DESC NULLS LAST"
            )
        )
        return {row.area_kind: float(row.area_m2) for row in rows}


def _issues(city: Database, result: LoadResult) -> list[tuple[object, ...]]:
    return issues_of(city, result, columns="rule, column_header, original, suggestion")


def _decide(
    city: Database,
    operator: Operator,
    result: LoadResult,
    choice: Choice,
    place_id: int | None = None,
) -> None:
    with transaction(city.engine(Role.OPERATOR), operator.token) as conn:
        assert matches.queue(conn, load_id=result.load_id).open_count == 1
        matches.decide(conn, result.load_id or 0, "", 2, choice, place_id=place_id)


def test_their_area_is_a_part_of_the_property_and_every_other_word_is_told(
    city: Database, operator: Operator, tmp_path: Path
) -> None:
    hand_in(city, operator, tmp_path / "census.csv", CENSUS)
    result = _premises(city, operator, tmp_path / "technical.csv", KNOWN)
    assert (result.updated, result.waiting) == (1, 0)
    assert _areas(city) == {"land": 500, "gross": 1000, "technical_gross": 300}
    assert sorted(_issues(city, result)) == [
        ("merge.kept_known", "备注", "机房", "老楼"),
        ("merge.kept_known", "建设年代", "1985", "1990"),
        ("merge.kept_known", "权属登记情况", "未登记", "已登记"),
        ("merge.kept_known", "用地面积", "400", "500.00"),
    ]
    again = _premises(city, operator, tmp_path / "technical.csv", KNOWN)
    assert again.unchanged == 1


def test_premises_nobody_knows_become_a_place_once_somebody_says_so(
    city: Database, operator: Operator, tmp_path: Path
) -> None:
    hand_in(city, operator, tmp_path / "census.csv", CENSUS)
    path, row = tmp_path / "technical.csv", ALONE.format(250, 1985)
    waiting = _premises(city, operator, path, row, as_of=date(2025, 9, 30))
    assert (waiting.inserted, waiting.waiting) == (0, 1)
    assert [one[0] for one in _issues(city, waiting)] == ["match.not_found"]
    _decide(city, operator, waiting, Choice.NEW)
    options = {"as_of": date(2025, 9, 30), "decided_of": waiting.load_id}
    assert _premises(city, operator, path, row, **options).inserted == 1
    assert _areas(city)["technical_gross"] == 250
    # Nothing else is known of the place, so its own list goes on speaking of it.
    later = _premises(city, operator, path, ALONE.format(260, 1986), as_of=date(2026, 9, 30))
    assert (later.updated, later.waiting) == (1, 0)
    assert _areas(city)["technical_gross"] == 260
    assert [one[0] for one in _issues(city, later)] == ["match.decided_new"]


def test_premises_nobody_knows_are_the_place_that_somebody_names(
    city: Database, operator: Operator, tmp_path: Path
) -> None:
    hand_in(city, operator, tmp_path / "census.csv", CENSUS)
    path, row = tmp_path / "technical.csv", ALONE.format(250, 1985)
    waiting = _premises(city, operator, path, row)
    with city.engine(Role.OWNER).connect() as conn:
        place_id = conn.execute(text("SELECT place_id FROM place.place")).scalar_one()
    _decide(city, operator, waiting, Choice.SAME, place_id)
    loaded = _premises(city, operator, path, row, decided_of=waiting.load_id)
    assert (loaded.inserted, loaded.updated) == (0, 1)
    assert _areas(city) == {"land": 500, "gross": 1000, "technical_gross": 250}


def test_premises_nobody_knows_are_no_room(
    city: Database, operator: Operator, tmp_path: Path
) -> None:
    hand_in(city, operator, tmp_path / "b.csv", "楼栋编号,楼栋名称,建筑面积\nD1,甲楼,1000\n")
    floors = "building_code,floor_label,floor_level\nD1,F1,1\n"
    assert hand_in(city, operator, tmp_path / "f.csv", floors, profile="floor").inserted == 1
    waiting = _premises(city, operator, tmp_path / "technical.csv", ALONE.format(250, 1985))
    with city.engine(Role.OWNER).connect() as conn:
        floor = conn.execute(
            text("SELECT place_id FROM place.place WHERE kind = 'floor'")
        ).scalar_one()
    with pytest.raises(InputError) as refused:
        _decide(city, operator, waiting, Choice.SAME, floor)
    assert refused.value.key == "match.no_candidate"
