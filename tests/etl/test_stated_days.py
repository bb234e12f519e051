"""Each column of a place stands for a day of its own; a file is older by column, not by place."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import geopandas as gpd
import pytest
import shapely
from handed_in import register_state
from sqlalchemy import Connection, text

from etl.load import LoadOptions, LoadResult, load_file
from etl.undo import undo_load
from gis.clock import today
from gis.db import Database, Role, transaction
from gis.places.correcting import correct, read_form
from gis.places.edits import Grounds
from gis.places.keeping import unprotect
from gis.places.locating import locate, take_off
from gis.places.then import places_as_of
from tests.conftest import Operator

FIRST, BETWEEN, LAST = date(2024, 9, 30), date(2025, 9, 30), date(2026, 9, 30)
HERE = shapely.box(119.9, 31.8, 119.9005, 31.8005)
THERE = shapely.box(119.901, 31.8, 119.9015, 31.8005)
HEADER = "建筑编号,名称,地址,地上层数,备注\n"

Load = Callable[..., LoadResult]


@pytest.fixture
def load(city: Database, operator: Operator, tmp_path: Path) -> Load:
    """Load a table given as text, or a layer of one building's shape, as of a day or of none."""

    def loaded(content: str | shapely.Geometry, on: date | None) -> LoadResult:
        # The name of a file says what it lists where its headers leave that open.
        kinds = {"房产编号": "底册", "院落编号": "院落"}
        kind = kinds.get(str(content).partition(",")[0], "建筑")
        path = tmp_path / f"{kind}{len(list(tmp_path.iterdir()))}"
        if isinstance(content, str):
            path = path.with_suffix(".csv")
            path.write_text(content, encoding="utf-8")
        else:
            path = path.with_suffix(".gpkg")
            gpd.GeoDataFrame({"建筑编号": ["D1"]}, geometry=[content], crs=4490).to_file(path)
        options = LoadOptions(any_area=True, as_of=on)
        return load_file(city, path, token=operator.token, options=options)

    return loaded


def building(city: Database) -> tuple[object, ...]:
    """Name, address, floors and remark of the one building."""
    with city.engine(Role.OWNER).connect() as conn:
        return tuple(
            conn.execute(
                text(
                    "SELECT name, address, floors_above, remark FROM place.place"
                    " JOIN place.building USING (place_id)"
                )
            ).one()
        )


def is_drawn(city: Database, shape: shapely.Geometry) -> bool:
    with city.engine(Role.OWNER).connect() as conn:
        found = conn.execute(text("SELECT ST_AsBinary(geom) FROM place.place")).scalar_one()
    return bool(shapely.from_wkb(bytes(found)).equals_exact(shape, 1e-6, normalize=True))


def told(city: Database, result: LoadResult) -> dict[str, str]:
    """What a file said and the register kept otherwise, by header."""
    with city.engine(Role.OWNER).connect() as conn:
        rows = conn.execute(
            text(
                "SELECT column_header, params ->> 'examples' AS examples FROM staging.issue"
                " WHERE load_id = :id AND rule = 'merge.kept_known.column'"
            ),
            {"id": result.load_id},
        )
        return {row.column_header: row.examples for row in rows}


def test_a_later_layer_of_shapes_says_nothing_of_names(city: Database, load: Load) -> None:
    load(HEADER + "D1,旧楼,甲路1号,3,\n", FIRST)
    load(HERE, LAST)
    load(HEADER + "D1,新楼,甲路2号,4,\n", BETWEEN)
    assert building(city)[:3] == ("新楼", "甲路2号", 4)
    assert is_drawn(city, HERE)
    load(THERE, BETWEEN)
    assert is_drawn(city, HERE)
    load(THERE, LAST)
    assert is_drawn(city, THERE)


def test_a_later_list_of_names_leaves_the_shape_of_a_day_between(
    city: Database, load: Load
) -> None:
    load(HERE, FIRST)
    load(HEADER + "D1,新楼,,,\n", LAST)
    load(THERE, BETWEEN)
    assert is_drawn(city, THERE)
    assert building(city)[0] == "新楼"


def test_what_a_later_file_leaves_blank_a_file_of_a_day_between_may_change(
    city: Database, load: Load
) -> None:
    load(HEADER + "D1,旧楼,甲路1号,3,注\n", FIRST)
    load(HEADER + "D1,新楼,,,\n", LAST)
    between = load(HEADER + "D1,中楼,甲路2号,4,\n", BETWEEN)
    assert building(city) == ("新楼", "甲路2号", 4, "注")
    assert told(city, between) == {"名称": "2: 中楼 ≠ 新楼"}


def test_a_gap_that_an_older_file_filled_is_open_to_a_later_one(city: Database, load: Load) -> None:
    load(HEADER + "D1,新楼,,,\n", LAST)
    load(HEADER + "D1,旧楼,甲路1号,3,\n", FIRST)
    load(HEADER + "D1,中楼,甲路2号,4,\n", BETWEEN)
    assert building(city) == ("新楼", "甲路2号", 4, None)


@pytest.mark.parametrize("undated", ["D1,,,,注\n", "D1,新楼,,,\n"])
def test_a_file_of_no_day_takes_no_day_away(city: Database, load: Load, undated: str) -> None:
    load(HEADER + "D1,楼,甲路1号,3,\n", LAST)
    load(HEADER + undated, None)
    before = building(city)
    load(HEADER + "D1,旧楼,甲路9号,9,旧注\n", FIRST)
    assert building(city)[:3] == before[:3]


def test_a_spot_that_follows_the_place_above_takes_no_day_away(city: Database, load: Load) -> None:
    load("院落编号,名称\nY1,院\n", None)
    load("建筑编号,院落编号,名称\nD1,Y1,新楼\n", LAST)
    load("院落编号,名称,经度,纬度,坐标系\nY1,院,119.9747,31.8079,CGCS2000\n", None)
    with city.engine(Role.OWNER).connect() as conn:
        located = conn.execute(text("SELECT located_by FROM place.place WHERE kind = 'building'"))
        assert located.scalar_one() == "ancestor"
    load("建筑编号,名称\nD1,旧楼\n", FIRST)
    assert building(city)[0] == "新楼"


def test_saying_the_same_for_a_later_day_changes_no_row_and_is_taken_back(
    city: Database, load: Load, operator: Operator
) -> None:
    load(HEADER + "D1,楼,甲路1号,3,\n", FIRST)
    before = register_state(city)
    again = load(HEADER + "D1,楼,甲路1号,,\n", LAST)
    assert (again.updated, again.unchanged) == (0, 1)
    after = register_state(city)
    assert {name for name in before if before[name] != after[name]} == {"place.stated_days"}
    load(HEADER + "D1,旧楼,甲路9号,5,\n", BETWEEN)
    assert building(city)[:3] == ("楼", "甲路1号", 5)
    undo_load(city, again.load_id or 0, token=operator.token, and_later=True)
    assert register_state(city) == before
    load(HEADER + "D1,中楼,甲路9号,5,\n", BETWEEN)
    assert building(city)[:3] == ("中楼", "甲路9号", 5)


@pytest.mark.parametrize(("from_day", "on"), [(LAST, BETWEEN), (None, None)])
def test_what_a_person_entered_stands_for_the_day_of_the_edit_though_no_longer_protected(
    city: Database, load: Load, operator: Operator, from_day: date | None, on: date | None
) -> None:
    load(HEADER + "D1,楼,甲路1号,3,\n", FIRST)
    with transaction(city.engine(Role.WEB), operator.token) as conn:
        place_id = conn.execute(text("SELECT place_id FROM place.place")).scalar_one()
        version = read_form(conn, place_id).version
        values = {"name": "改名", "floors_above": 5}
        correct(conn, place_id, values, seen_version=version, grounds=Grounds("核对", None,
                                                                             from_day))  # fmt: skip
        for field in values:
            unprotect(conn, place_id, field)
    earlier = on or date.fromordinal(today().toordinal() - 1)
    load(HEADER + "D1,中楼,甲路2号,4,\n", earlier)
    assert building(city)[:3] == ("改名", "甲路2号", 5)


CENSUS = (
    "房产编号,名称,地址坐落,行政区划代码,使用单位,总建筑面积（m²）,使用状况,建成年份,"
    "出租面积,备注\n"
)
HALL = "CZ-1,文化馆,天宁区甲路1号,320402,文化馆,1000,在用,1990,"


def let(city: Database) -> list[tuple[object, ...]]:
    """Area and end of what was ever let."""
    with city.engine(Role.OWNER).connect() as conn:
        rows = conn.execute(
            text(
                "SELECT area_m2::int, valid_to FROM estate.holding WHERE kind = 'lets_out'"
                " ORDER BY holding_id"
            )
        )
        return [tuple(row) for row in rows]


@pytest.mark.parametrize("known", [(), ((FIRST, ""),), ((FIRST, "0"),)])
def test_a_later_nought_stands_against_an_older_area_though_nothing_was_let(
    city: Database, load: Load, known: tuple[tuple[date, str], ...]
) -> None:
    for day, area in known:
        load(f"{CENSUS}{HALL}{area},\n", day)
    load(f"{CENSUS}{HALL}0,\n", LAST)
    older = load(f"{CENSUS}{HALL}500,\n", BETWEEN)
    assert let(city) == []
    with city.engine(Role.OWNER).connect() as conn:
        kept = conn.execute(
            text(
                "SELECT column_header, original, params ->> 'day' FROM staging.issue"
                " WHERE load_id = :id AND rule = 'holding.older'"
            ),
            {"id": older.load_id},
        ).all()
    assert [tuple(one) for one in kept] == [("出租面积", "500.00", str(LAST))]
    later = load(f"{CENSUS}{HALL}300,\n", date(2027, 9, 30))
    assert (later.updated, let(city)) == (1, [(300, None)])


@pytest.mark.parametrize("on", [LAST, None])
def test_a_nought_that_takes_a_let_area_back_stands_for_its_day(
    city: Database, load: Load, operator: Operator, on: date | None
) -> None:
    load(f"{CENSUS}{HALL}500,\n", LAST)
    before = register_state(city)
    nought = load(f"{CENSUS}{HALL}0,\n", on)
    older = load(f"{CENSUS}{HALL}500,\n", BETWEEN)
    assert let(city) == []
    for one in (older, nought):
        undo_load(city, one.load_id or 0, token=operator.token)
    assert register_state(city) == before


POINT = "建筑编号,经度,纬度,坐标系\nD1,{0},31.8079,CGCS2000\n"
CLICKED = 119.9747


def _click(conn: Connection) -> int:
    place_id: int = conn.execute(text("SELECT place_id FROM place.place")).scalar_one()
    locate(conn, place_id, (CLICKED, 31.8079), moves=True)
    return place_id


def _lay_at(city: Database, operator: Operator, day: date) -> object:
    """The longitude of the one place on a day."""
    with transaction(city.engine(Role.WEB), operator.token) as conn:
        places = places_as_of(conn, day)
        query = f"SELECT ST_X(p.anchor) FROM {places.by_id} AS p"
        return conn.execute(text(query), {"as_of": day}).scalar_one()


def test_points_of_before_a_click_are_where_the_place_lay_until_then(
    city: Database, load: Load, operator: Operator
) -> None:
    # A list that says nothing of where it lies states no place for its day.
    load("建筑编号,名称\nD1,楼\n", BETWEEN)
    with transaction(city.engine(Role.WEB), operator.token) as conn:
        _click(conn)
    load(POINT.format(119.95), FIRST)
    for day in (FIRST, BETWEEN, LAST):
        assert _lay_at(city, operator, day) == 119.95
    load(POINT.format(119.96), BETWEEN)
    lay = [_lay_at(city, operator, day) for day in (FIRST, BETWEEN, LAST)]
    assert lay == [119.95, 119.96, 119.96]
    assert _lay_at(city, operator, today()) == CLICKED


def test_a_click_taken_back_leaves_no_day_behind(
    city: Database, load: Load, operator: Operator
) -> None:
    load("建筑编号,名称\nD1,楼\n", BETWEEN)
    before = register_state(city)
    with transaction(city.engine(Role.WEB), operator.token) as conn:
        _click(conn)
    with city.engine(Role.OWNER).begin() as owner:
        # The click was some days ago, and is corrected by another.
        owner.execute(text("UPDATE place.stated_days SET days = days || :was"),
                      {"was": f'{{"geom": "{LAST}"}}'})  # fmt: skip
    with transaction(city.engine(Role.WEB), operator.token) as conn:
        place_id = _click(conn)
        days = conn.execute(text("SELECT days -> 'before.geom' FROM place.stated_days"))
        assert days.scalar_one() == [LAST.isoformat()]
        take_off(conn, place_id)
    after = register_state(city)
    assert {name for name in before if before[name] != after[name]} <= {
        "rights.cell", "rights.scope_cell", "rights.scope_group",
    }  # fmt: skip
