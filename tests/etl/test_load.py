"""Files become rows of the register, once; what cannot be taken stays in staging."""

import subprocess
import sys
import threading
from datetime import date, timedelta
from pathlib import Path

import geopandas as gpd
import openpyxl
import pytest
import shapely
from sqlalchemy import text

from etl.admin_areas import packaged_city, save_areas
from etl.load import LoadOptions, LoadResult, check_file, load_file
from etl.undo import undo_load
from gis.db import Database, Role, transaction
from gis.errors import Conflict, Forbidden, SourceError
from gis.rights import actions as rights_actions
from tests.conftest import Operator

ANYWHERE = LoadOptions(any_area=True)
COUNTED = (
    "place.place", "place.site", "place.building", "place.room", "place.floor", "place.identifier",
    "place.title", "place.title_place", "place.area_measure", "place.counted_area",
    "organization.organization", "organization.organization_name", "organization.headcount",
    "organization.organization_register", "organization.succession", "estate.holding",
    "estate.holding_party", "estate.holding_leaf", "rights.cell", "rights.scope_cell",
)  # fmt: skip


def _state(database: Database) -> dict[str, str]:
    """A digest of every table an undo must restore, row by row."""
    with database.engine(Role.OWNER).connect() as conn:
        return {
            name: conn.execute(
                text(
                    "SELECT count(*) || coalesce(md5(string_agg(r, '|' ORDER BY r)), '')"
                    f" FROM (SELECT t::text AS r FROM {name} AS t) AS rows"
                )
            ).scalar_one()
            for name in COUNTED
        }


def _value(database: Database, query: str, **values: object) -> object:
    with database.engine(Role.OWNER).connect() as conn:
        return conn.execute(text(query), values).scalar_one()


def _rules(database: Database, load_id: int | None) -> set[str]:
    with database.engine(Role.OWNER).connect() as conn:
        return set(
            conn.execute(
                text("SELECT rule FROM staging.issue WHERE load_id = :id"), {"id": load_id}
            ).scalars()
        )


def _load(database: Database, operator: Operator, path: Path, **more: object) -> LoadResult:
    return load_file(
        database, path, token=operator.token, options=LoadOptions(any_area=True, **more)
    )


def _footprints(path: Path, count: int = 3, **columns: list[object]) -> Path:
    boxes = [
        shapely.box(119.9 + n / 1000, 31.8, 119.9 + n / 1000 + 0.0005, 31.8005)
        for n in range(count)
    ]
    rows = {"要素编号": [f"D{n:04d}" for n in range(count)], **columns}
    gpd.GeoDataFrame(rows, geometry=boxes, crs=4490).to_file(path, layer="建筑")
    return path


def _national(path: Path, *, second_unit: str = "税务局") -> Path:
    """The national form with a property over two agency rows and one over one."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "县（区、旗）办公用房"
    sheet.append(["县（区、旗）办公用房信息统计表"])
    single = ["序号", "地址坐落", "行政区划代码", "用地面积（m²）", "总建筑面积（m²）",
              "办公用房建筑面积（m²）", "技术业务用房建筑面积（m²）"]  # fmt: skip
    tail = ["附属用房建筑面积（m²）", "权属登记情况", "建设年代", "是否为租（借）用", "备注"]
    group = "使用单位（多个单位填多条）及批复编制情况（人）"
    ranks = ["县级正职", "县级副职", "正科级", "副科级", "科级以下"]
    usable = "基本办公用房使用面积（m²）"
    sheet.append([*single, group, *[None] * 6, usable, None, None, None, *tail])
    sheet.append(
        [None] * 7 + ["单位名称", "类别", "按编制部门正式批复的各职级编制数"] + [None] * 4
        + ["办公室", "服务用房", "设备用房", "合计"]
    )  # fmt: skip
    sheet.append([None] * 9 + ranks)
    one = [1, "常州市天宁区甲路1号", "320402", 900, 1500.5, 1200.5, 300]
    rest = [400, 200, 100, 700, 50, "已登记", 1998, "否", "集中管理"]
    sheet.append([*one, "财政局", "机关本级", 0, 1, 2, 3, 4, *rest])
    sheet.append([None] * 7 + [second_unit, "机关本级", 0, 0, 1, 1, 2])
    two = [2, "常州市天宁区乙路2号", "320402", 100, 200, 200, 0]
    sheet.append(
        [
            *two,
            "档案室",
            "参公事业",
            0,
            0,
            0,
            1,
            1,
            50,
            20,
            10,
            80,
            5,
            "未登记",
            "80年代",
            "否",
            None,
        ]
    )
    sheet.merge_cells("A1:W1")
    for column in "ABCDEFG":
        sheet.merge_cells(f"{column}2:{column}4")
        sheet.merge_cells(f"{column}5:{column}6")
    for column in "OPQRSTUVW":
        sheet.merge_cells(f"{column}5:{column}6")
    sheet.merge_cells("H2:N2")
    sheet.merge_cells("O2:R2")
    sheet.merge_cells("J3:N3")
    book.save(path)
    return path


@pytest.fixture
def city(own_database: Database) -> Database:
    """A database with the districts of the city."""
    with own_database.engine(Role.OWNER).begin() as conn:
        save_areas(conn, packaged_city("320400"))
    return own_database


def test_the_national_form_becomes_properties_units_and_figures(
    city: Database, operator: Operator, tmp_path: Path
) -> None:
    result = _load(city, operator, _national(tmp_path / "form.xlsx"))
    assert (result.rows, result.inserted, result.rejected, result.waiting) == (3, 3, 0, 0)
    assert _value(city, "SELECT count(*) FROM place.site") == 2
    assert (
        _value(city, "SELECT sum(area_m2)::text FROM place.area_measure WHERE area_kind = 'gross'")
        == "1700.50"
    )
    assert _value(city, "SELECT count(*) FROM place.site WHERE is_centrally_managed") == 1
    assert _value(
        city, "SELECT count(*) FROM estate.holding_party JOIN estate.holding USING (holding_id)"
              " WHERE kind = 'occupies' AND extent = 'part'"
    ) == 3  # fmt: skip
    assert (
        _value(
            city, "SELECT sum(people) FROM organization.headcount WHERE rank_code = 'section_below'"
        )
        == 7
    )
    assert _value(city, "SELECT min(year_built) FROM place.site") == 1980
    assert {"year.decade", "unit.created"} <= _rules(city, result.load_id)


def test_loading_a_file_again_changes_nothing_not_even_history(
    city: Database, operator: Operator, tmp_path: Path
) -> None:
    path = _national(tmp_path / "form.xlsx")
    _load(city, operator, path)
    before = _state(city)
    again = _load(city, operator, path)
    assert (again.unchanged, again.inserted, again.updated) == (3, 0, 0)
    assert _state(city) == before
    assert _value(
        city, "SELECT count(*) FROM history.place_place WHERE history_load_id = :id",
        id=again.load_id,
    ) == 0  # fmt: skip


def test_a_corrected_file_changes_only_what_differs(
    city: Database, operator: Operator, tmp_path: Path
) -> None:
    _load(city, operator, _national(tmp_path / "form.xlsx"))
    result = _load(city, operator, _national(tmp_path / "form.xlsx", second_unit="审计局"))
    assert (result.updated, result.unchanged) == (2, 1)


def test_a_later_census_ends_who_sat_there_and_an_undo_brings_them_back(
    city: Database, operator: Operator, tmp_path: Path
) -> None:
    seated = """
        SELECT string_agg(o.name, '、' ORDER BY o.name) FROM estate.holding AS h
        JOIN estate.holding_party USING (holding_id)
        JOIN organization.organization AS o ON o.organization_id = holder_id
        JOIN place.place AS p ON p.place_id = h.place_id AND p.address LIKE '%甲路1号'
        WHERE h.kind = 'occupies' AND (h.valid_from IS NULL OR h.valid_from <= CAST(:day AS date))
          AND (h.valid_to IS NULL OR h.valid_to > CAST(:day AS date))"""
    first, second = date(2025, 9, 30), date(2026, 9, 30)
    _load(city, operator, _national(tmp_path / "2025.xlsx"), as_of=first)
    one = _state(city)
    moved = _national(tmp_path / "2026.xlsx", second_unit="审计局")
    later = _load(city, operator, moved, as_of=second)
    assert _value(city, seated, day="2026-09-29") == "税务局、财政局"
    assert _value(city, seated, day="2026-09-30") == "审计局、财政局"
    corrected = _load(city, operator, _national(tmp_path / "c.xlsx"), as_of=second)
    assert _value(city, seated, day="2026-09-30") == "税务局、财政局"
    undo_load(city, corrected.load_id or 0, token=operator.token)
    undo_load(city, later.load_id or 0, token=operator.token)
    assert _state(city) == one


def test_undo_puts_everything_back(city: Database, operator: Operator, tmp_path: Path) -> None:
    empty = _state(city)
    first = _load(city, operator, _national(tmp_path / "form.xlsx"))
    one = _state(city)
    second = _load(city, operator, _national(tmp_path / "two.xlsx", second_unit="审计局"))
    undo_load(city, second.load_id or 0, token=operator.token)
    assert _state(city) == one
    undo_load(city, first.load_id or 0, token=operator.token)
    assert _state(city) == empty


def test_undo_refuses_when_a_later_load_changed_the_rows(
    city: Database, operator: Operator, tmp_path: Path
) -> None:
    empty = _state(city)
    first = _load(city, operator, _national(tmp_path / "form.xlsx"))
    second = _load(city, operator, _national(tmp_path / "two.xlsx", second_unit="审计局"))
    built_on = _state(city)
    with pytest.raises(Conflict) as refused:
        undo_load(city, first.load_id or 0, token=operator.token)
    assert refused.value.key == "load.changed_since"
    assert str(second.load_id) in refused.value.params["later"]
    assert _state(city) == built_on
    both = undo_load(city, first.load_id or 0, token=operator.token, and_later=True)
    assert both.undone == (second.load_id, first.load_id)
    assert _state(city) == empty


def test_footprints_are_matched_by_number_and_repaired(
    city: Database, operator: Operator, tmp_path: Path
) -> None:
    path = _footprints(tmp_path / "f.gpkg", 建筑面积=[100.0, 200.0, 300.0])
    assert _load(city, operator, path).inserted == 3
    assert _load(city, operator, path).unchanged == 3
    assert _value(
        city, "SELECT count(*) FROM place.place WHERE admin_area_code LIKE '3204%'"
              " AND ST_SRID(geom) = 4490 AND located_by = 'own'"
    ) == 3  # fmt: skip


def test_rows_that_cannot_be_taken_wait_and_the_others_load(
    city: Database, operator: Operator, tmp_path: Path
) -> None:
    path = tmp_path / "f.gpkg"
    good = shapely.box(119.9, 31.8, 119.9005, 31.8005)
    flat = shapely.Polygon([(119.9, 31.8), (119.91, 31.8), (119.9, 31.8)])
    far = shapely.box(500, 31.8, 500.1, 31.9)
    spur = shapely.Polygon(
        [(119.95, 31.8), (119.96, 31.8), (119.96, 31.81), (119.95, 31.81), (119.95, 31.82),
         (119.95, 31.81)]
    )  # fmt: skip
    gpd.GeoDataFrame(
        {"要素编号": ["A", "A", "B", "C", "D"]}, geometry=[good, good, flat, far, spur], crs=4490
    ).to_file(path, layer="建筑")
    result = _load(city, operator, path)
    assert (result.inserted, result.rejected) == (2, 3)
    assert {
        "duplicate.code", "geometry.beyond_repair", "coordinates.impossible", "geometry.repaired",
    } <= _rules(city, result.load_id)  # fmt: skip
    held = _value(
        city, "SELECT string_agg(cells->>'要素编号', ',' ORDER BY row_number)"
              " FROM staging.held_row WHERE load_id = :id", id=result.load_id,
    )  # fmt: skip
    assert held == "A,B,C"


def test_a_part_of_an_unknown_building_is_rejected(
    city: Database, operator: Operator, tmp_path: Path
) -> None:
    path = tmp_path / "floors.csv"
    path.write_text("要素编号,建筑编号,层号,层名\nL1,D9999,1,1F\n", encoding="utf-8")
    result = _load(city, operator, path)
    assert (result.rows, result.rejected) == (1, 1)
    assert "parent.unknown" in _rules(city, result.load_id)


def test_bodies_whose_parents_go_round_in_a_circle_are_rejected(
    city: Database, operator: Operator, tmp_path: Path
) -> None:
    path = tmp_path / "bodies.csv"
    path.write_text(
        "单位名称,机构类型,上级单位\n甲署,机关本级,乙署\n乙署,机关本级,甲署\n丙署,机关本级,\n",
        encoding="gb18030",
    )
    result = _load(city, operator, path)
    assert (result.inserted, result.rejected) == (1, 2)
    assert "parent.cycle" in _rules(city, result.load_id)


def test_coordinates_without_a_datum_are_refused_until_it_is_stated(
    city: Database, operator: Operator, tmp_path: Path
) -> None:
    path = tmp_path / "b.csv"
    path.write_text("建筑编号,楼栋名称,经度,纬度\nD1,一号楼,119.974741,31.807948\n")
    before = _state(city)
    with pytest.raises(SourceError) as refused:
        _load(city, operator, path)
    assert refused.value.key == "load.unknown_datum"
    assert _state(city) == before
    _load(city, operator, path, datum="GCJ-02")
    assert _value(
        city, "SELECT round(ST_X(geom)::numeric, 5) || ' ' || round(ST_Y(geom)::numeric, 5)"
              " FROM place.place WHERE code = 'D1'"
    ) == "119.97000 31.81000"  # fmt: skip


def test_a_place_outside_the_area_is_listed_unless_expected(
    city: Database, operator: Operator, tmp_path: Path
) -> None:
    path = tmp_path / "b.csv"
    path.write_text("建筑编号,楼栋名称,经度,纬度,坐标系\nD1,一号楼,10,50,WGS84\n")
    listed = load_file(city, path, token=operator.token)
    assert (listed.inserted, _rules(city, listed.load_id)) == (1, {"area.outside"})
    assert _rules(city, _load(city, operator, path).load_id) == set()


def test_sql_and_html_in_text_fields_are_just_text(
    city: Database, operator: Operator, tmp_path: Path
) -> None:
    evil = "'); DROP TABLE place.place; -- <script>alert(1)</script> $$ %s :x \\"
    path = _footprints(tmp_path / "f.gpkg", 1, 楼座名称=[evil], 坐落=[evil], 备注=[evil])
    assert _load(city, operator, path).inserted == 1
    assert _value(city, "SELECT name FROM place.place WHERE code = 'D0000'") == evil


def test_an_account_without_the_right_loads_nothing(
    city: Database, operator: Operator, tmp_path: Path
) -> None:
    path = _footprints(tmp_path / "f.gpkg")
    before = _state(city)
    with pytest.raises(Forbidden):
        load_file(city, path, token=None, options=ANYWHERE)
    with transaction(city.engine(Role.OWNER), None) as owner:
        elsewhere = rights_actions.Grant(role="clerk", admin_area_code="320481")
        account_id = rights_actions.ensure_account(owner, "clerk", [elsewhere])
        token = rights_actions.open_session(owner, account_id, lifetime=timedelta(hours=1))
    with pytest.raises(Forbidden):
        load_file(city, path, token=token, options=ANYWHERE)
    assert _state(city) == before


def test_check_tells_what_a_load_would_do_and_keeps_nothing(
    city: Database, operator: Operator, tmp_path: Path
) -> None:
    before = _state(city)
    result, issues = check_file(
        city, _national(tmp_path / "form.xlsx"), token=operator.token, options=ANYWHERE
    )
    assert (result.inserted, result.load_id) == (3, None)
    assert "year.decade" in set(issues["rule"])
    assert _state(city) == before
    assert _value(city, "SELECT count(*) FROM staging.load") == 0


def test_two_loads_of_one_file_at_once_insert_it_once(
    city: Database, operator: Operator, tmp_path: Path
) -> None:
    path = _footprints(tmp_path / "f.gpkg", 40)
    results: list[LoadResult] = []
    threads = [
        threading.Thread(target=lambda: results.append(_load(city, operator, path)))
        for _ in range(2)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted((one.inserted, one.unchanged) for one in results) == [(0, 40), (40, 0)]


def test_a_load_killed_in_the_middle_leaves_nothing_and_is_marked_failed(
    city: Database, operator: Operator, tmp_path: Path
) -> None:
    path = _footprints(tmp_path / "f.gpkg")
    url = city.url(Role.LOADER).render_as_string(hide_password=False)
    script = f"""
import os, sys
from pathlib import Path
from sqlalchemy import make_url
from gis.db import Database
from etl.load import load_file
def die(step, what):
    if step == "derive":
        os._exit(9)
load_file(Database(lambda role: make_url({url!r})), Path({str(path)!r}),
          token={operator.token!r}, progress=die)
"""
    before = _state(city)
    killed = subprocess.run([sys.executable, "-c", script], check=False)
    assert killed.returncode == 9
    assert _state(city) == before
    after = _load(city, operator, path)
    assert after.inserted == 3
    assert (
        _value(city, "SELECT state FROM staging.load WHERE load_id <> :id", id=after.load_id)
        == "failed"
    )


def test_a_census_and_a_survey_layer_do_not_overwrite_each_other_in_turns(
    city: Database, operator: Operator, tmp_path: Path
) -> None:
    form = _national(tmp_path / "form.xlsx")
    layer = tmp_path / "f.gpkg"
    gpd.GeoDataFrame(
        {
            "要素编号": ["Y1"],
            "名称": ["甲大院"],
            "坐落": ["常州市天宁区甲路1号"],
            "行政区划代码": ["320402"],
            "备注": ["另一种说法"],
        },
        geometry=[shapely.box(119.97, 31.78, 119.971, 31.781)],
        crs=4490,
    ).to_file(layer, layer="院落")
    _load(city, operator, form)
    first = _load(city, operator, layer)
    assert (first.updated, first.inserted) == (1, 0)
    assert _load(city, operator, form).unchanged == 3
    assert _load(city, operator, layer).unchanged == 1
    assert _value(city, "SELECT name || remark FROM place.place WHERE name = '甲大院'") == (
        "甲大院集中管理"
    )
