"""Files that do not say where their coordinates are meant land where their places are."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pytest
import shapely
from handed_in import open_account
from sqlalchemy import text

from assets.estate.contracts import CONTRACTS
from etl import datum as datums
from etl.admin_areas import packaged_city, save_areas
from etl.load import LoadOptions, LoadResult, check_file, load_file
from etl.located import Register
from etl.pack import load_pack
from etl.prepare import prepare
from etl.read import read_source
from gis.db import Database, Role
from gis.errors import SourceError
from gis.i18n import explain
from gis.rights.actions import Grant
from tests.conftest import Operator, open_operator

COUNT = 30
EAST, NORTH = 119.95, 31.78


@dataclass(frozen=True)
class Known:
    """A city with located buildings, for checks that keep nothing."""

    database: Database
    operator: Operator

    def check(self, path: Path, **more: object) -> tuple[LoadResult, pd.DataFrame]:
        """What a load would do, and its issues."""
        options = LoadOptions(any_area=True, **more)
        return check_file(self.database, path, token=self.operator.token, options=options)

    def lie(self, path: Path, datum: str | None) -> np.ndarray:
        """Where the rows of a file come to lie."""
        register = Register(self.database, self.operator.token)
        prepared = prepare(read_source(path), CONTRACTS, load_pack(), datum=datum, known=register)
        return shapely.get_coordinates(prepared.sheets[0].located.geometry)


@pytest.fixture(scope="module")
def known(
    make_database: Callable[[str], Database], tmp_path_factory: pytest.TempPathFactory
) -> Known:
    database = make_database("onemap_georeference")
    with database.engine(Role.OWNER).begin() as conn:
        save_areas(conn, packaged_city("320400"))
    operator = open_operator(database)
    _register(database, operator, tmp_path_factory.mktemp("known"))
    return Known(database, operator)


def _truth(count: int = COUNT) -> np.ndarray:
    at = np.arange(count)
    return np.column_stack([EAST + at % 6 * 0.01, NORTH + at // 6 * 0.01])


def _boxes(count: int = COUNT) -> list[shapely.Polygon]:
    return [shapely.box(x - 2e-4, y - 2e-4, x + 2e-4, y + 2e-4) for x, y in _truth(count)]


def _shifted(datum: str, at: np.ndarray | None = None) -> np.ndarray:
    truth = _truth() if at is None else at
    return truth + datums.offset_of(datum, truth)


def _register(city: Database, operator: Operator, folder: Path, count: int = COUNT) -> None:
    """Buildings that are located, with code and address."""
    columns = {
        "要素编号": [f"D{n:04d}" for n in range(count)],
        "地址": [f"示例路 {n} 号" for n in range(count)],
        "行政区划代码": ["320402"] * count,
    }
    path = folder / "known.gpkg"
    gpd.GeoDataFrame(columns, geometry=_boxes(count), crs=4490).to_file(path, layer="建筑")
    load_file(city, path, token=operator.token, options=LoadOptions(any_area=True))


def _points(
    path: Path, xy: np.ndarray, *, header: str = "经度,纬度", codes: str = "D{:04d}"
) -> Path:
    """A list of institutions that sit where the register's buildings stand."""
    lines = [f"机构编号,机构名称,地址,行政区划代码,{header}"]
    for n, pair in enumerate(xy):
        written = ",".join(f'"{one}"' for one in pair)
        lines.append(f"{codes.format(n)},示例机构{n},示例路{n}号,320402,{written}")
    path.write_text("\n".join(lines), "utf-8")
    return path


def _sites(path: Path, cells: list[tuple[str, ...]], header: str) -> Path:
    """New properties: what is written is where they come to lie."""
    lines = [f"院落编号,院落名称,地址,{header}"]
    lines += [
        f"Y{n:03d},示例院{n},新路{n}号," + ",".join(f'"{one}"' for one in row)
        for n, row in enumerate(cells)
    ]
    path.write_text("\n".join(lines), "utf-8")
    return path


def _listed(issues: pd.DataFrame, rule: str) -> list[tuple[object, ...]]:
    found = issues[issues["rule"] == rule]
    return list(found[["row", "suggestion", "original"]].itertuples(index=False, name=None))


@pytest.mark.parametrize("datum", ["CGCS2000", "GCJ-02", "BD-09"])
@pytest.mark.parametrize("codes", ["D{:04d}", "别的{}"])
def test_a_point_list_without_a_datum_is_told_by_codes_or_by_addresses(
    known: Known, tmp_path: Path, datum: str, codes: str
) -> None:
    path = _points(tmp_path / "p.csv", np.round(_shifted(datum), 6), codes=codes)
    result, issues = known.check(path)
    notice = issues[issues["rule"] == "datum.by_displacement"].iloc[0]
    assert (notice["suggestion"], notice["params"]["pairs"]) == (datum, COUNT)
    assert result.rejected == 0


def test_new_places_of_the_file_land_where_they_are_and_the_load_says_why(
    city: Database, operator: Operator, tmp_path: Path
) -> None:
    _register(city, operator, tmp_path)
    lines = ["建筑编号,建筑名称,地址,经度,纬度"]
    lines += [f"D{n:04d},,,{x:.7f},{y:.7f}" for n, (x, y) in enumerate(_shifted("BD-09"))]
    x, y = _shifted("BD-09", np.array([[119.96, 31.79]]))[0]
    lines.append(f"Y999,新楼,新路9号,{x:.7f},{y:.7f}")
    path = tmp_path / "b.csv"
    path.write_text("\n".join(lines), "utf-8")
    options = LoadOptions(any_area=True)
    result = load_file(city, path, token=operator.token, options=options)
    with city.engine(Role.OWNER).connect() as conn:
        at = conn.execute(
            text("SELECT ST_X(anchor), ST_Y(anchor) FROM place.place WHERE code = 'Y999'")
        ).one()
        notice = conn.execute(
            text(
                "SELECT row_number, suggestion, params FROM staging.issue"
                " WHERE load_id = :id AND rule = 'datum.by_displacement'"
            ),
            {"id": result.load_id},
        ).one()
        used = conn.execute(
            text("SELECT options->'datums_used'->0 FROM staging.load WHERE load_id = :id"),
            {"id": result.load_id},
        ).scalar_one()
    assert tuple(at) == pytest.approx((119.96, 31.79), abs=2e-6)
    assert (notice.row_number, notice.suggestion) == (2, "BD-09")
    assert notice.params["distance_m"] == pytest.approx(1155, abs=40)
    assert (used["datum"], used["by"]) == ("BD-09", "displacement")


def test_what_the_person_states_overrules_the_register(known: Known, tmp_path: Path) -> None:
    path = _points(tmp_path / "p.csv", _shifted("GCJ-02"))
    _result, issues = known.check(path, datum="CGCS2000")
    assert not _listed(issues, "datum.by_displacement")
    assert known.lie(path, "CGCS2000") == pytest.approx(_shifted("GCJ-02"))


def test_too_few_pairs_ask_and_tell_the_evidence(known: Known, tmp_path: Path) -> None:
    path = _points(tmp_path / "p.csv", _shifted("GCJ-02")[:19])
    with pytest.raises(SourceError) as refused:
        known.check(path)
    assert refused.value.key == "load.unknown_datum_few"
    sentence = explain("zh", refused.value)
    assert "19 处" in sentence
    assert "GCJ-02 " in sentence.split("供参考")[1]
    assert "--datum" in explain("en", refused.value)


def test_a_shift_that_is_no_datum_s_asks_and_tells_it(known: Known, tmp_path: Path) -> None:
    with pytest.raises(SourceError) as refused:
        known.check(_points(tmp_path / "p.csv", _truth() + np.array([0.0, 0.0045])))
    assert refused.value.key == "load.unknown_datum_ambiguous"
    assert "500 米" in explain("zh", refused.value)


def test_places_the_account_may_not_see_prove_nothing(known: Known, tmp_path: Path) -> None:
    stranger = open_account(known.database, "外区", Grant("clerk", admin_area_code="320413"))
    path = _points(tmp_path / "p.csv", _shifted("GCJ-02"))
    with pytest.raises(SourceError) as refused:
        check_file(known.database, path, token=stranger, options=LoadOptions(any_area=True))
    assert refused.value.key == "load.unknown_datum"


def test_footprints_without_a_system_are_told_by_the_outlines_they_cover(
    known: Known, tmp_path: Path
) -> None:
    moved = shapely.transform(_boxes(), lambda at: at + datums.offset_of("GCJ-02", at))
    codes = [f"N{n}" for n in range(COUNT)]
    frame = gpd.GeoDataFrame({"要素编号": codes}, geometry=moved, crs=4490)
    path = tmp_path / "建筑.shp"
    pyogrio.write_dataframe(frame, path, encoding="GB18030")
    path.with_suffix(".prj").unlink()
    result, issues = known.check(path)
    assert [one[1] for one in _listed(issues, "datum.by_displacement")] == ["GCJ-02"]
    assert result.rejected == 0


def test_a_row_with_the_wrong_label_is_listed_with_the_right_one(
    known: Known, tmp_path: Path
) -> None:
    labels = ["GCJ-02"] * COUNT
    labels[4] = "CGCS2000"
    rows = np.column_stack([_shifted("GCJ-02").round(6).astype(str), labels])
    _result, issues = known.check(_points(tmp_path / "p.csv", rows, header="经度,纬度,坐标系"))
    assert _listed(issues, "datum.label_differs") == [(6, "GCJ-02", "CGCS2000")]


@pytest.mark.parametrize(
    ("header", "cells"),
    [
        ("经度,纬度", ("119.97", "31.81")),
        ("经度,纬度", ("119°58′12″", "31°48′36″")),
        ("经度,纬度", ("119 58 12", "31 48 36")),
        ("经度,纬度", ("31.81", "119.97")),
        ("经度,纬度", ("N31°48′36″", "E119°58′12″")),
        ("经度,纬度", ("119.97,31.81", "")),
        ("经度,纬度", ("119,97", "31,81")),
        ("经纬度", ("119.97,31.81",)),
        ("经纬度", ("31.81, 119.97",)),
        ("坐标", ("东经119度58分12秒 北纬31度48分36秒",)),
        ("X坐标,Y坐标", ("497159.376", "3520784.648")),
        ("X坐标,Y坐标", ("3520784.648", "497159.376")),
        ("X坐标,Y坐标", ("40497159.376", "3520784.648")),
        ("X坐标,Y坐标", ("3,520,784.648", "40,497,159.376")),
        ("X坐标,Y坐标", ("3524629.080", "20781278.202")),
        ("X坐标,Y坐标", ("781278.202", "3524629.080")),
        ("X坐标,Y坐标", ("13354999.310", "3738395.934")),
    ],
)
def test_every_writing_of_a_position_lands_on_it(
    known: Known, tmp_path: Path, header: str, cells: tuple[str, ...]
) -> None:
    path = _sites(tmp_path / "s.csv", [cells] * 3, header)
    stated = None if "X" in header else "CGCS2000"
    assert known.lie(path, stated) == pytest.approx(np.array([[119.97, 31.81]] * 3), abs=3e-6)


def test_a_column_that_agrees_is_one_issue_and_a_stray_row_its_own(
    known: Known, tmp_path: Path
) -> None:
    swapped = _sites(tmp_path / "a.csv", [("31.81", "119.97")] * 3, "经度,纬度")
    _result, issues = known.check(swapped, datum="WGS84")
    whole = issues[issues["rule"] == "coordinates.swapped.all"]
    assert list(whole["row"]) == [2]
    assert [params["count"] for params in whole["params"]] == [3]
    assert not _listed(issues, "coordinates.swapped")
    cells = [("119.97", "31.81"), ("31.82", "119.98"), ("119.97", "31.81")]
    _result, issues = known.check(_sites(tmp_path / "b.csv", cells, "经度,纬度"), datum="WGS84")
    assert _listed(issues, "coordinates.swapped") == [(3, "119.98, 31.82", "31.82, 119.98")]


def test_swapped_degrees_of_the_far_west_are_told_by_where_the_register_lies(
    own_database: Database, operator: Operator, tmp_path: Path
) -> None:
    with own_database.engine(Role.OWNER).begin() as conn:
        conn.execute(
            text(
                "INSERT INTO place.admin_area (code, name, level, geom) VALUES"
                " ('650100', '乌鲁木齐市', 'city', ST_Multi(ST_MakeEnvelope(86, 42, 89, 45, 4490)))"
            )
        )
    west = Known(own_database, operator)
    path = _sites(tmp_path / "s.csv", [("43.82", "87.62")] * 2, "经度,纬度")
    assert west.lie(path, "CGCS2000")[0] == pytest.approx((87.62, 43.82))


def test_metres_without_zone_number_ask_where_no_register_tells_the_zone(
    own_database: Database, operator: Operator, tmp_path: Path
) -> None:
    path = _sites(tmp_path / "s.csv", [("497159.376", "3520784.648")] * 2, "X坐标,Y坐标")
    with pytest.raises(SourceError) as refused:
        Known(own_database, operator).check(path)
    assert refused.value.key == "load.unknown_datum"


def test_a_row_without_a_readable_position_stays_out_with_what_it_said(
    known: Known, tmp_path: Path
) -> None:
    cells = [("119.97", "31.81"), ("看不清", "31.81"), ("1199.7", "31.8")]
    result, issues = known.check(_sites(tmp_path / "s.csv", cells, "经度,纬度"), datum="CGCS2000")
    assert (result.inserted, result.rejected) == (1, 2)
    assert {row for row, *_ in _listed(issues, "coordinates.impossible")} == {3, 4}
    assert _listed(issues, "coordinates.unreadable") == [(3, None, "看不清")]
