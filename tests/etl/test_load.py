"""Files become rows of the register, once; what cannot be taken stays in staging."""

from datetime import date
from pathlib import Path

import geopandas as gpd
import pytest
import shapely
from handed_in import footprints, national_form, register_state
from sqlalchemy import text

from etl.load import LoadOptions, LoadResult, check_file, load_file
from etl.undo import undo_load
from gis.db import Database, Role
from gis.errors import Conflict, SourceError
from tests.conftest import Operator

ANYWHERE = LoadOptions(any_area=True)


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


def test_the_national_form_becomes_properties_units_and_figures(
    city: Database, operator: Operator, tmp_path: Path
) -> None:
    result = _load(city, operator, national_form(tmp_path / "form.xlsx"))
    assert (result.rows, result.inserted, result.rejected, result.waiting) == (3, 3, 0, 0)
    assert _value(city, "SELECT count(*) FROM place.site") == 2
    assert _value(city, "SELECT bool_and(code ~ '^320402-Y[0-9]{6}$') FROM place.place") is True
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
    path = national_form(tmp_path / "form.xlsx")
    _load(city, operator, path)
    before = register_state(city)
    again = _load(city, operator, path)
    assert (again.unchanged, again.inserted, again.updated) == (3, 0, 0)
    assert register_state(city) == before
    assert _value(
        city, "SELECT count(*) FROM history.place_place WHERE history_load_id = :id",
        id=again.load_id,
    ) == 0  # fmt: skip


def test_a_corrected_file_changes_only_what_differs(
    city: Database, operator: Operator, tmp_path: Path
) -> None:
    _load(city, operator, national_form(tmp_path / "form.xlsx"))
    result = _load(city, operator, national_form(tmp_path / "form.xlsx", second_unit="审计局"))
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
    _load(city, operator, national_form(tmp_path / "2025.xlsx"), as_of=first)
    one = register_state(city)
    moved = national_form(tmp_path / "2026.xlsx", second_unit="审计局")
    later = _load(city, operator, moved, as_of=second)
    assert _value(city, seated, day="2026-09-29") == "税务局、财政局"
    assert _value(city, seated, day="2026-09-30") == "审计局、财政局"
    corrected = _load(city, operator, national_form(tmp_path / "c.xlsx"), as_of=second)
    assert _value(city, seated, day="2026-09-30") == "税务局、财政局"
    undo_load(city, corrected.load_id or 0, token=operator.token)
    undo_load(city, later.load_id or 0, token=operator.token)
    assert register_state(city) == one


def test_undo_puts_everything_back(city: Database, operator: Operator, tmp_path: Path) -> None:
    empty = register_state(city)
    first = _load(city, operator, national_form(tmp_path / "form.xlsx"))
    one = register_state(city)
    second = _load(city, operator, national_form(tmp_path / "two.xlsx", second_unit="审计局"))
    undo_load(city, second.load_id or 0, token=operator.token)
    assert register_state(city) == one
    undo_load(city, first.load_id or 0, token=operator.token)
    assert register_state(city) == empty


def test_undo_refuses_when_a_later_load_changed_the_rows(
    city: Database, operator: Operator, tmp_path: Path
) -> None:
    empty = register_state(city)
    first = _load(city, operator, national_form(tmp_path / "form.xlsx"))
    second = _load(city, operator, national_form(tmp_path / "two.xlsx", second_unit="审计局"))
    built_on = register_state(city)
    with pytest.raises(Conflict) as refused:
        undo_load(city, first.load_id or 0, token=operator.token)
    assert refused.value.key == "load.changed_since"
    assert str(second.load_id) in refused.value.params["later"]
    assert register_state(city) == built_on
    both = undo_load(city, first.load_id or 0, token=operator.token, and_later=True)
    assert both.undone == (second.load_id, first.load_id)
    assert register_state(city) == empty


def test_footprints_are_matched_by_number_and_repaired(
    city: Database, operator: Operator, tmp_path: Path
) -> None:
    path = footprints(tmp_path / "f.gpkg", 建筑面积=[100.0, 200.0, 300.0])
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
    before = register_state(city)
    with pytest.raises(SourceError) as refused:
        _load(city, operator, path)
    assert refused.value.key == "load.unknown_datum"
    assert register_state(city) == before
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
    path = footprints(tmp_path / "f.gpkg", 1, 楼座名称=[evil], 坐落=[evil], 备注=[evil])
    assert _load(city, operator, path).inserted == 1
    assert _value(city, "SELECT name FROM place.place WHERE code = 'D0000'") == evil


def test_check_tells_what_a_load_would_do_and_keeps_nothing(
    city: Database, operator: Operator, tmp_path: Path
) -> None:
    before = register_state(city)
    result, issues = check_file(
        city, national_form(tmp_path / "form.xlsx"), token=operator.token, options=ANYWHERE
    )
    assert (result.inserted, result.load_id) == (3, None)
    assert "year.decade" in set(issues["rule"])
    assert register_state(city) == before
    assert _value(city, "SELECT count(*) FROM staging.load") == 0


def test_a_census_and_a_survey_layer_do_not_overwrite_each_other_in_turns(
    city: Database, operator: Operator, tmp_path: Path
) -> None:
    form = national_form(tmp_path / "form.xlsx")
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


def test_a_property_that_turns_out_to_be_a_building_keeps_all_that_was_said_of_it(
    city: Database, operator: Operator, tmp_path: Path
) -> None:
    ledger = tmp_path / "台账.csv"
    ledger.write_text(
        "资产编号,房屋名称,坐落,行政区划代码,使用单位,建筑面积,建成年份,权属登记情况,账面原值（元）\n"
        "FC-1,甲楼,常州市天宁区甲路1号,320402,示例一局,1000,1998,已登记,1234567.89\n",
        "gb18030",
    )
    _load(city, operator, ledger)
    layer = footprints(
        tmp_path / "f.gpkg", 1, 坐落=["常州市天宁区甲路1号"], 行政区划代码=["320402"]
    )
    assert _load(city, operator, layer).updated == 1
    assert _value(city, "SELECT count(*) FROM place.site") == 0
    assert _value(
        city, "SELECT concat_ws(' ', book_value_yuan, year_built, ownership_status)"
              " FROM place.building"
    ) == "1234567.89 1998 registered"  # fmt: skip


def _bodies(database: Database) -> set[str]:
    with database.engine(Role.OWNER).connect() as conn:
        return set(conn.execute(text("SELECT name FROM organization.organization")).scalars())


def test_a_cell_of_several_bodies_is_split_when_one_of_them_is_known(
    city: Database, operator: Operator, tmp_path: Path
) -> None:
    _load(city, operator, national_form(tmp_path / "a.xlsx"))
    several = national_form(tmp_path / "b.xlsx", second_unit="税务局\n审计局；统计局")
    result = _load(city, operator, several)
    assert {"审计局", "统计局"} <= _bodies(city)
    assert not [name for name in _bodies(city) if "、" in name or "；" in name]
    assert {"unit.several", "unit.created"} <= _rules(city, result.load_id)


def test_a_name_with_a_mark_in_it_stays_whole(
    city: Database, operator: Operator, tmp_path: Path
) -> None:
    directory = tmp_path / "机构名录.csv"
    directory.write_text("单位名称,统一社会信用代码\n文化、体育和旅游局,\n旅游局,\n文化,\n")
    _load(city, operator, directory)
    assert "文化、体育和旅游局" in _bodies(city)
    form = national_form(tmp_path / "a.xlsx", second_unit="文化、体育和旅游局")
    result = _load(city, operator, form)
    assert "unit.several" not in _rules(city, result.load_id)
    unknown = national_form(tmp_path / "b.xlsx", second_unit="农业、农村事务服务大院")
    _load(city, operator, unknown)
    assert "农业、农村事务服务大院" in _bodies(city)
