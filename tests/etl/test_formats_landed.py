"""A file lands in the register as the same workbook does, whatever format it comes in."""

import datetime as dt
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import openpyxl
import pytest
from sqlalchemy import text

from etl.load import LoadOptions, load_file
from etl.undo import undo_load
from gis.db import Database, Role
from tests.conftest import Operator
from tests.written_again import as_libreoffice, as_wps

ANYWHERE: Final = LoadOptions(any_area=True, datum="CGCS2000")
HEADERS: Final = (
    ("序号", "院落名称", "地址坐落", "面积(㎡)", None, "使用单位", None, "竣工日期", "发证日期",
     "不动产权证号", "是否租用", "资产编号", "备注"),
    (None, None, None, "建筑面积", "使用面积", "单位名称", "编制数", *[None] * 6),
)  # fmt: skip
ROWS: Final = (
    (1, "甲院", "天宁区甲路1号", 1200.5, "约800", "文化馆", 12, dt.date(1998, 5, 1),
     dt.date(2019, 3, 7), "苏（2019）常州市不动产权第0000001号", "否", 320400000000123,
     "㐀𠀀大厦"),
    (None, None, None, None, None, "图书馆", 7, None, None, None, None, None, None),
    (2, "乙院", "天宁区乙路２号", "1,300平方米", 900, "图书馆", 7, "80年代", "2001.5", "办理中",
     "是", 1001, "=1+1"),
    (3, "丙院", "天宁区丙路3号", "一千", None, "没有的单位", None, 2003, None, None, "√",
     None, None),
)  # fmt: skip
POINTS: Final = (
    ("楼栋编号", "楼栋名称", "院落名称", "经度", "纬度", "建筑面积", "结构"),
    ("D1", "一号楼", "甲院", 119.9712345, 31.8123456, 600.25, "框架"),
    ("D2", "二号楼", "甲院", "119°58′12″", "31°48′36″", 600.25, "砖混"),
)
BODIES: Final = "单位名称,机构类型,行政区划代码\n文化馆,事业单位,320402\n图书馆,事业单位,320402\n"
RING: Final = ((119.97, 31.81), (119.971, 31.81), (119.971, 31.811), (119.97, 31.811))
STATE: Final = {
    "place": "SELECT kind, CASE kind WHEN 'building' THEN code END, name, address, use_status,"
    " remark, admin_area_code, ST_AsText(anchor, 9), located_by FROM place.place",
    "site": "SELECT to_jsonb(t) - 'place_id' - 'rights_cell' FROM place.site AS t",
    "building": "SELECT to_jsonb(t) - 'place_id' - 'rights_cell' FROM place.building AS t",
    "area": "SELECT p.name, area_kind, source, area_m2 FROM place.area_measure"
    " JOIN place.place AS p USING (place_id)",
    "identifier": "SELECT scheme, value FROM place.identifier",
    "title": "SELECT number, state, kind, issued_on FROM place.title",
    "holding": "SELECT h.kind, p.name, o.name FROM estate.holding AS h"
    " JOIN estate.holding_party USING (holding_id)"
    " JOIN organization.organization AS o ON o.organization_id = holder_id"
    " JOIN place.place AS p ON p.place_id = h.place_id",
    "people": "SELECT o.name, c.kind, c.people FROM organization.headcount AS c"
    " JOIN organization.organization AS o USING (organization_id)",
    "issue": "SELECT sheet, row_number, column_header, rule, original FROM staging.issue"
    " WHERE load_id = (SELECT max(load_id) FROM staging.load)",
    "held": "SELECT row_number, cells FROM staging.held_row"
    " WHERE load_id = (SELECT max(load_id) FROM staging.load)",
}
"""What a load leaves, without our own numbers."""


def _workbook(path: Path) -> Path:
    book = openpyxl.Workbook()
    ledger = book.active
    ledger.title = "房产台账"
    ledger.append(["常州市机关房产台账（示例数据）"])
    for row in (*HEADERS, *ROWS):
        ledger.append(row)
    ledger["M6"].data_type = "s"  # a remark that begins with = is a text
    for merged in ("A1:M1", "D2:E2", "F2:G2", "B4:B5", "C4:C5"):
        ledger.merge_cells(merged)
    for row in POINTS:
        _append(book, row)
    book.save(path)
    return path


def _append(book: openpyxl.Workbook, row: tuple[Any, ...]) -> None:
    if "楼栋" not in book.sheetnames:
        book.create_sheet("楼栋")
    book["楼栋"].append(row)


def _state(city: Database) -> dict[str, list[str]]:
    with city.engine(Role.OWNER).connect() as conn:
        return {
            name: sorted(str(tuple(row)) for row in conn.execute(text(query)))
            for name, query in STATE.items()
        }


@pytest.fixture
def known(city: Database, operator: Operator, tmp_path: Path) -> Database:
    """The districts and two bodies."""
    (tmp_path / "机构.csv").write_text(BODIES, "utf-8")
    assert load_file(city, tmp_path / "机构.csv", token=operator.token).inserted == 2
    return city


def _landed(city: Database, operator: Operator, path: Path) -> dict[str, list[str]]:
    """What a file leaves in the register, which is then as before."""
    result = load_file(city, path, token=operator.token, options=ANYWHERE)
    state = _state(city)
    undo_load(city, result.load_id, token=operator.token)
    return state


AGAIN: Final[dict[str, Callable[[Path], Path]]] = {
    "wps.xlsx": lambda path: as_wps(path, path.with_name("wps.xlsx")),
    "xlsx": lambda path: as_libreoffice(path, "xlsx"),
    "xls": lambda path: as_libreoffice(path, "xls"),
    "et": lambda path: as_libreoffice(path, "xls").rename(path.with_suffix(".et")),
    "ods": lambda path: as_libreoffice(path, "ods"),
}


@pytest.mark.skipif(not shutil.which("soffice"), reason="LibreOffice is not here")
def test_a_workbook_of_any_format_lands_as_the_one_it_was_saved_from(
    known: Database, operator: Operator, tmp_path: Path
) -> None:
    path = _workbook(tmp_path / "台账.xlsx")
    landed = _landed(known, operator, path)
    assert len(landed["place"]) == 5
    assert len(landed["area"]) == 7
    assert all(landed[name] for name in ("title", "holding", "people", "issue", "identifier"))
    for name, save in AGAIN.items():
        again = _landed(known, operator, save(path))
        assert {one: again[one] for one in STATE} == landed, name


def _kml(rows: tuple[tuple[Any, ...], ...]) -> str:
    ring = " ".join(f"{x},{y}" for x, y in (*RING, RING[0]))
    shape = (
        "<Polygon><outerBoundaryIs><LinearRing><coordinates>"
        f"{ring}</coordinates></LinearRing></outerBoundaryIs></Polygon>"
    )
    marks = "".join(
        "<Placemark><ExtendedData><SchemaData schemaUrl='#s'>"
        + "".join(
            f"<SimpleData name='{name}'>{cell}</SimpleData>"
            for name, cell in zip(rows[0], row, strict=True)
        )
        + f"</SchemaData></ExtendedData>{shape}</Placemark>"
        for row in rows[1:]
    )
    fields = "".join(f"<SimpleField type='string' name='{name}'/>" for name in rows[0])
    return (
        '<?xml version="1.0" encoding="UTF-8"?><kml xmlns="http://www.opengis.net/kml/2.2">'
        f"<Document><Schema name='s' id='s'>{fields}</Schema><Folder><name>楼栋</name>{marks}"
        "</Folder></Document></kml>"
    )


def test_a_kml_lands_as_the_workbook_of_its_table_and_with_its_outlines(
    known: Database, operator: Operator, tmp_path: Path
) -> None:
    table = (
        ("楼栋编号", "楼栋名称", "地址", "建筑面积", "竣工日期", "结构", "发证日期",
         "不动产权证号", "备注"),
        ("D1", "一号楼（示例）", "天宁区甲路１号", "约1200.5", "1998-5-1", "框架", "2019-03-07",
         "苏（2019）常州市不动产权第0000001号", "㐀𠀀大厦"),
    )  # fmt: skip
    book = openpyxl.Workbook()
    book.active.title = "楼栋"
    for row in table:
        book.active.append(row)
    book.save(tmp_path / "楼栋.xlsx")
    (tmp_path / "楼栋.kml").write_text(_kml(table), "utf-8")
    written = _landed(known, operator, tmp_path / "楼栋.xlsx")
    drawn = _landed(known, operator, tmp_path / "楼栋.kml")
    for name in ("building", "identifier", "title", "holding"):
        assert drawn[name] == written[name]
    assert [one for one in drawn["area"] if "polygon" not in one] == written["area"]
    assert len(written["area"]) == 1
    [place], [drawn_place] = written["place"], drawn["place"]
    # The outline tells the district too.
    assert drawn_place.split(", ")[:6] == place.split(", ")[:6]
    assert "320411" in drawn_place
    load_file(known, tmp_path / "楼栋.kml", token=operator.token, options=ANYWHERE)
    with known.engine(Role.OWNER).connect() as conn:
        outline = conn.execute(text("SELECT ST_AsText(geom, 6) FROM place.place")).scalar_one()
    written_ring = ",".join(f"{x} {y}" for x, y in (*RING, RING[0]))
    assert outline in (f"POLYGON(({written_ring}))", f"MULTIPOLYGON((({written_ring})))")


# Two outlines of one building, the first around a court; the ends of each are written too.
_EAST: Final = tuple((x + 0.002, y) for x, y in RING)
_COURT: Final = ((119.9703, 31.8103), (119.9703, 31.8106), (119.9706, 31.8106), (119.9706, 31.8103))


def _closed(ring: tuple[tuple[float, float], ...]) -> list[tuple[float, float]]:
    return [*ring, ring[0]]


def test_a_geojson_of_several_outlines_with_a_hole_lands_as_it_is_drawn(
    known: Database, operator: Operator, tmp_path: Path
) -> None:
    shape = {
        "type": "MultiPolygon",
        "coordinates": [[_closed(RING), _closed(_COURT)], [_closed(_EAST)]],
    }
    feature = {"type": "Feature", "geometry": shape,
               "properties": {"楼栋编号": "D1", "楼栋名称": "回字楼（示例）"}}  # fmt: skip
    path = tmp_path / "楼栋.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}), "utf-8")
    result = load_file(known, path, token=operator.token, options=ANYWHERE)
    assert (result.inserted, result.rejected, result.waiting) == (1, 0, 0)
    with known.engine(Role.OWNER).connect() as conn:
        landed = conn.execute(
            text(
                "SELECT GeometryType(geom), ST_NumGeometries(geom), ST_NRings(geom),"
                " ST_Equals(geom, ST_SetSRID(ST_GeomFromGeoJSON(:drawn), ST_SRID(geom))),"
                " ST_Area(geom::geography) FROM place.place"
            ),
            {"drawn": json.dumps(shape)},
        ).one()
    assert tuple(landed)[:4] == ("MULTIPOLYGON", 2, 3, True)
    # 0.001 by 0.001 degrees at 31.81 N, twice, less a court of 0.0003 by 0.0003.
    side_m2 = 110_882 * 94_660 * 1e-6
    assert landed[4] == pytest.approx(side_m2 * (2 - 0.09), rel=0.002)


@pytest.mark.parametrize(("encoding", "remark"), [("gbk", "甲乙丙大厦"), ("gb18030", "㐀𠀀大厦"),
                                                  ("utf-8-sig", "㐀𠀀大厦")])  # fmt: skip
def test_a_csv_of_any_encoding_lands_as_the_workbook_of_its_table(
    known: Database, operator: Operator, tmp_path: Path, encoding: str, remark: str
) -> None:
    table = (
        ("院落名称", "地址坐落", "建筑面积(m2)", "使用单位", "编制数", "竣工日期",
         "不动产权证号", "是否租用", "资产编号", "备注"),
        ("甲院", "天宁区甲路1号", "1200.5", "文化馆", "12", "1998-05-01",
         "苏（2019）常州市不动产权第0000001号", "否", "KP-0001", remark),
        ("乙院", "天宁区乙路２号", "1,300平方米", "图书馆", "7", "80年代", "办理中", "是",
         "KP-0002", "含“引号”，和逗号"),
        ("丙院", "天宁区丙路3号", "一千", "没有的单位", "", "2003", "", "√", "", ""),
    )  # fmt: skip
    book = openpyxl.Workbook()
    book.active.title = "房产台账"
    for row in table:
        book.active.append([cell or None for cell in row])
    book.save(tmp_path / "房产台账.xlsx")
    lines = (",".join(f'"{cell}"' if "," in cell else cell for cell in row) for row in table)
    (tmp_path / "房产台账.csv").write_bytes("\r\n".join(lines).encode(encoding))
    written = _landed(known, operator, tmp_path / "房产台账.xlsx")
    read = _landed(known, operator, tmp_path / "房产台账.csv")
    assert len(written["place"]) == 3
    assert remark in "".join(written["place"])
    # A csv has no sheet to name.
    for state in (written, read):
        state["issue"] = [one.partition(", ")[2] for one in state["issue"]]
        state["issue"].sort()
    assert read == written
