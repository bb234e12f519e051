"""Every format that offices hand in reads the same, in every encoding they write."""

import datetime as dt
import shutil
import sqlite3
import struct
import zipfile
from pathlib import Path

import geopandas as gpd
import numpy as np
import openpyxl
import pandas as pd
import pyarrow as pa
import pyogrio
import pytest
import shapely

from etl.confined.curves import has_curves
from etl.read import Layer, read_source
from etl.read.geographic import geometries
from gis.errors import SourceError
from tests.written_again import as_libreoffice, as_wps

FILES = Path(__file__).parent / "files"
ROWS = [["建筑编号", "名称", "坐落"], ["A001", "办公楼（示例）", "天宁区甲路１号"]]
RING = [(119.97, 31.81), (119.98, 31.81), (119.98, 31.82), (119.97, 31.82), (119.97, 31.81)]
HOLE = [(119.972, 31.812), (119.974, 31.812), (119.974, 31.814), (119.972, 31.812)]
COURT = shapely.MultiPolygon([shapely.Polygon(RING, [HOLE]), shapely.box(120, 31.8, 120.001, 31.9)])
ODS = """<?xml version="1.0" encoding="UTF-8"?><office:document-content
 xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"
 xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"
 xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"><office:body><office:spreadsheet>
<table:table table:name="建筑"><table:table-row>
<table:table-cell office:value-type="string"><text:p>建筑编号</text:p></table:table-cell>
<table:table-cell office:value-type="string"><text:p>建筑面积</text:p></table:table-cell>
<table:table-cell office:value-type="string"><text:p>建成日期</text:p></table:table-cell>
</table:table-row><table:table-row>
<table:table-cell office:value-type="string"><text:p>A001</text:p></table:table-cell>
<table:table-cell office:value-type="float" office:value="1200.5"><text:p>1200.5</text:p></table:table-cell>
<table:table-cell office:value-type="date" office:date-value="1998-05-01"><text:p>98-5-1</text:p></table:table-cell>
</table:table-row></table:table></office:spreadsheet></office:body></office:document-content>"""  # noqa: E501
MANIFEST = """<?xml version="1.0" encoding="UTF-8"?><manifest:manifest
 xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>"""
KML = """<?xml version="1.0" encoding="{encoding}"?><kml xmlns="http://www.opengis.net/kml/2.2">
<Document><Schema name="s" id="s"><SimpleField type="float" name="建筑面积"/></Schema>
<Folder><name>建筑</name><Placemark><name>办公楼</name><ExtendedData><SchemaData schemaUrl="#s">
<SimpleData name="建筑面积">1200.5</SimpleData></SchemaData></ExtendedData><Polygon>
<outerBoundaryIs><LinearRing><coordinates>{ring}</coordinates></LinearRing></outerBoundaryIs>
<innerBoundaryIs><LinearRing><coordinates>{hole}</coordinates></LinearRing></innerBoundaryIs>
</Polygon></Placemark></Folder></Document></kml>"""


def _kml(encoding: str) -> bytes:
    written = {
        name: " ".join(f"{x},{y}" for x, y in points)
        for name, points in (("ring", RING), ("hole", HOLE))
    }
    return KML.format(encoding=encoding, **written).encode(encoding)


def _shapefile(folder: Path, *, encoding: str, names: list[str], stem: str = "宗地") -> Path:
    frame = gpd.GeoDataFrame(
        {"宗地号": [f"Z{n}" for n in range(len(names))], "权利人": names},
        geometry=[shapely.box(119.9, 31.8 + n, 119.905, 31.81 + n) for n in range(len(names))],
        crs=4490,
    )  # fmt: skip
    folder.mkdir(exist_ok=True)
    pyogrio.write_dataframe(frame, folder / f"{stem}.shp", encoding=encoding)
    return folder / f"{stem}.shp"


class _NamedInGbk(zipfile.ZipInfo):
    """A member as Chinese packers write it: bytes of GBK, and nothing said of them."""

    def _encodeFilenameFlags(self) -> tuple[bytes, int]:  # noqa: N802 -- the library's own name
        return self.filename.encode("gbk"), self.flag_bits


def _only(path: Path) -> Layer:
    [layer] = read_source(path).layers
    return layer


def _rules(path: Path) -> list[str]:
    return [note.rule for note in read_source(path).notes]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "gbk", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
def test_delimited_text_in_every_encoding(tmp_path: Path, encoding: str, delimiter: str) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes("\r\n".join(delimiter.join(row) for row in ROWS).encode(encoding))
    [grid] = read_source(path).grids
    assert grid.cells.to_numpy().tolist() == ROWS


def test_a_four_byte_character_of_gb18030_is_kept(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_bytes("名称,地址\n㐀𠀀大厦,甲路\n".encode("gb18030"))
    [grid] = read_source(tmp_path / "x.csv").grids
    assert grid.cells.iloc[1, 0] == "㐀𠀀大厦"


def test_short_rows_of_text_end_in_nothing(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text("标题\n名称,地址,面积\n甲,,1\n")
    [grid] = read_source(tmp_path / "x.csv").grids
    assert grid.cells.to_numpy().tolist() == [
        ["标题", None, None], ["名称", "地址", "面积"], ["甲", None, "1"],
    ]  # fmt: skip


def test_an_old_workbook_keeps_types_merges_and_hidden_sheets() -> None:
    shown, hidden = read_source(FILES / "buildings.xls").grids
    assert shown.cells.iloc[3].tolist() == [
        "A001", "办公楼", 1200.5, 800.0, dt.date(1998, 5, 1), True,
    ]  # fmt: skip
    assert shown.cells.iloc[4, 3] == "约200"
    assert ((1, 2), (1, 3)) in shown.merges
    assert (shown.is_hidden, hidden.is_hidden) == (False, True)


def test_an_open_document_keeps_types(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "x.ods", "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", ODS.replace("\n", ""))
        archive.writestr("META-INF/manifest.xml", MANIFEST)
    [grid] = read_source(tmp_path / "x.ods").grids
    assert grid.cells.iloc[1].tolist() == ["A001", 1200.5, dt.date(1998, 5, 1)]


def test_values_of_many_types_in_one_column_keep_their_types(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    cells = ["编号", 1, 1.5, True, dt.date(2020, 1, 2), _MORNING, None, "尾"]
    for cell in cells:
        book.active.append([cell, "x"])
    book.save(tmp_path / "x.xlsx")
    [grid] = read_source(tmp_path / "x.xlsx").grids
    found = grid.cells[0].tolist()
    assert found == cells
    assert [type(cell) for cell in found] == [
        str, float, float, bool, dt.date, dt.datetime, type(None), str,
    ]  # fmt: skip


@pytest.mark.skipif(not shutil.which("soffice"), reason="LibreOffice is not here")
@pytest.mark.parametrize("kind", ["xls", "ods", "xlsx"])
def test_a_workbook_saved_again_by_libreoffice_says_the_same(tmp_path: Path, kind: str) -> None:
    book = openpyxl.Workbook()
    rows = [["建筑编号", "名称", "建筑面积"], ["A001", "办公楼", 1200.5], ["A002", None, "约3"]]
    for row in rows:
        book.active.append(row)
    book.active.merge_cells("A4:B5")
    book.save(tmp_path / "x.xlsx")
    again = as_libreoffice(tmp_path / "x.xlsx", kind)
    [grid] = read_source(again).grids
    assert grid.cells.head(3).to_numpy().tolist() == rows


@pytest.mark.parametrize("encoding", ["GBK", "UTF-8"])
def test_a_shapefile_without_cpg_is_read_in_its_own_encoding(tmp_path: Path, encoding: str) -> None:
    path = _shapefile(
        tmp_path / "s", encoding=encoding, names=["财政局", "税务局", "档案馆", "图书馆"]
    )
    path.with_suffix(".cpg").unlink(missing_ok=True)
    assert _only(path).attributes["权利人"].tolist() == ["财政局", "税务局", "档案馆", "图书馆"]
    assert _rules(path) == []


@pytest.mark.parametrize(("written", "stated"), [("GBK", "UTF-8"), ("UTF-8", "GBK")])
def test_a_cpg_of_another_layer_is_not_believed(tmp_path: Path, written: str, stated: str) -> None:
    names = ["常州市财政局", "税务局", "档案馆", "图书馆"]
    path = _shapefile(tmp_path / "s", encoding=written, names=names)
    path.with_suffix(".cpg").write_text(stated)
    assert _only(path).attributes["权利人"].tolist() == names
    assert _rules(path) == ["shapefile.wrong_encoding"]


def test_a_name_cut_off_within_a_character_does_not_hide_the_encoding(tmp_path: Path) -> None:
    whole = ("常州市机关事务管理局" * 13)[:127]
    path = _shapefile(tmp_path / "s", encoding="GBK", names=[whole, "税务局"])
    path.with_suffix(".cpg").unlink(missing_ok=True)
    table = path.with_suffix(".dbf")
    cut = b"A" + whole.encode("gbk")[:-1]
    table.write_bytes(table.read_bytes().replace(whole.encode("gbk"), cut))
    found = _only(path).attributes["权利人"].tolist()
    assert found[1] == "税务局"
    assert found[0].startswith("A常州市机关事务管理局")


def test_the_parts_of_a_shapefile_may_be_in_capitals_and_lack_the_index(tmp_path: Path) -> None:
    path = _shapefile(tmp_path / "s", encoding="UTF-8", names=["财政局"])
    path.with_suffix(".shx").unlink()
    for part in list(path.parent.iterdir()):
        part.rename(part.with_suffix(part.suffix.upper()))
    layer = _only(path.with_suffix(".SHP"))
    assert len(layer.wkb) == 1
    assert layer.crs == "EPSG:4490"
    assert "shapefile.no_index" in _rules(path.with_suffix(".SHP"))
    assert not path.with_suffix(".shx").exists()


def test_a_shapefile_without_its_table_is_refused(tmp_path: Path) -> None:
    path = _shapefile(tmp_path / "s", encoding="UTF-8", names=["财政局"])
    path.with_suffix(".dbf").unlink()
    with pytest.raises(SourceError) as refused:
        read_source(path)
    assert (refused.value.key, refused.value.params["part"]) == ("load.missing_part", ".dbf")


def test_every_shapefile_of_an_archive_is_a_layer_under_its_chinese_name(tmp_path: Path) -> None:
    one = _shapefile(tmp_path / "s", encoding="GBK", names=["财政局"] * 2, stem="zongdi")
    two = _shapefile(tmp_path / "t", encoding="UTF-8", names=["税务局"], stem="loudong")
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as archive:
        for part in one.parent.iterdir():
            if part.suffix != ".cpg":
                archive.writestr(_NamedInGbk(f"宗地{part.suffix}"), part.read_bytes())
        for part in two.parent.iterdir():
            archive.writestr(f"成果/楼栋{part.suffix}", part.read_bytes())
    layers = {layer.name: layer for layer in read_source(tmp_path / "x.zip").layers}
    assert sorted(layers) == ["宗地", "楼栋"]
    assert layers["宗地"].attributes["权利人"].tolist() == ["财政局"] * 2
    assert layers["楼栋"].attributes["权利人"].tolist() == ["税务局"]


def test_a_name_in_an_archive_that_leads_out_of_it_writes_nowhere(tmp_path: Path) -> None:
    path = _shapefile(tmp_path / "s", encoding="UTF-8", names=["财政局"])
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as archive:
        for part in path.parent.iterdir():
            archive.writestr(f"../../{tmp_path.name}/out{part.suffix}", part.read_bytes())
    assert _only(tmp_path / "x.zip").name == "out"
    assert not list(tmp_path.glob("out.*"))


def test_every_layer_of_a_geopackage_is_read_in_its_order(tmp_path: Path) -> None:
    path = tmp_path / "x.gpkg"
    frame = gpd.GeoDataFrame({"编号": ["A1", "A2"]}, geometry=[COURT, None], crs=4490)
    frame.to_file(path, layer="院落")
    frame.to_file(path, layer="建筑", mode="a")
    pyogrio.write_dataframe(pd.DataFrame({"编号": [1, None]}), path, layer="说明", append=True)
    layers = read_source(path).layers
    assert [layer.name for layer in layers] == ["院落", "建筑", "说明"]
    assert geometries(layers[0].wkb)[0].equals(COURT)
    assert layers[0].wkb[1] is None
    assert list(layers[2].wkb) == [None, None]


def test_a_layer_of_any_kind_with_heights_reads(tmp_path: Path) -> None:
    path = tmp_path / "x.gpkg"
    shapes = [shapely.Point(119.97, 31.81, 5), shapely.force_3d(shapely.box(119, 31, 120, 32))]
    frame = gpd.GeoDataFrame({"编号": ["A1", "A2"]}, geometry=shapes, crs=4490)
    pyogrio.write_dataframe(frame, path, layer="混合", geometry_type="Unknown")
    with sqlite3.connect(path) as database:
        database.execute("UPDATE gpkg_geometry_columns SET z = 1")
    database.close()
    before = path.read_bytes()
    layer = _only(path)
    assert geometries(layer.wkb)[1].geom_type == "Polygon"
    assert path.read_bytes() == before


def test_geojson_keeps_parts_and_holes(tmp_path: Path) -> None:
    path = tmp_path / "x.geojson"
    gpd.GeoDataFrame({"编号": ["A1"]}, geometry=[COURT], crs=4326).to_file(path)
    layer = _only(path)
    found = geometries(layer.wkb)[0]
    assert found.geom_type == "MultiPolygon"
    assert [len(part.interiors) for part in found.geoms] == [1, 0]
    assert layer.crs == "EPSG:4326"


@pytest.mark.parametrize("encoding", ["UTF-8", "GBK", "GB2312", "UTF-16"])
def test_kml_in_every_encoding_keeps_holes_and_fields(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "x.kml"
    path.write_bytes(_kml(encoding))
    layer = _only(path)
    assert layer.name == "建筑"
    assert layer.attributes.iloc[0][["Name", "建筑面积"]].tolist() == ["办公楼", 1200.5]
    assert len(geometries(layer.wkb)[0].interiors) == 1
    assert layer.crs == "EPSG:4326"
    assert "tessellate" not in layer.attributes


@pytest.mark.parametrize(
    ("label", "columns"),
    [("", ["名称"]), ("办公楼", ["名称"]), ("别的名字", ["Name", "名称"])],
)
def test_a_label_of_a_kml_that_says_nothing_of_its_own_is_no_column(
    tmp_path: Path, label: str, columns: list[str]
) -> None:
    schema = "<Schema name='s' id='s'><SimpleField type='string' name='名称'/></Schema>"
    field = "<SchemaData schemaUrl='#s'><SimpleData name='名称'>办公楼</SimpleData></SchemaData>"
    mark = f"<name>{label}</name><ExtendedData>{field}</ExtendedData>"
    point = "<Point><coordinates>119.97,31.81</coordinates></Point>"
    (tmp_path / "x.kml").write_text(
        '<?xml version="1.0" encoding="UTF-8"?><kml xmlns="http://www.opengis.net/kml/2.2">'
        f"<Document>{schema}<Placemark>{mark}{point}</Placemark></Document></kml>",
        "utf-8",
    )
    assert list(_only(tmp_path / "x.kml").attributes.columns) == columns


def test_untyped_fields_of_a_kml_keep_their_chinese_names(tmp_path: Path) -> None:
    cells = {
        "建筑编号": "A001",
        "建筑面积": "1200.5",
        "名&amp;称": "甲",
        "code_2": "x",
        "备注": "",
    }
    fields = "".join(
        f"<Data  name={quote}{name}{quote}><displayName>n</displayName><value>{cell}</value></Data>"
        for (name, cell), quote in zip(cells.items(), '"\'"\'"', strict=True)
    )
    point = "<Point><coordinates>119.97,31.81</coordinates></Point>"
    (tmp_path / "x.kml").write_text(
        '<?xml version="1.0" encoding="UTF-8"?><kml xmlns="http://www.opengis.net/kml/2.2">'
        f"<Document><Placemark><ExtendedData>{fields}</ExtendedData>{point}</Placemark>"
        "</Document></kml>",
        "utf-8",
    )
    [row] = _only(tmp_path / "x.kml").attributes.to_dict("records")
    assert row == {
        "建筑编号": "A001", "建筑面积": "1200.5", "名&称": "甲", "code_2": "x", "备注": "",
    }  # fmt: skip


def test_a_packed_kml_reads_as_the_kml_in_it(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "x.kmz", "w") as archive:
        archive.writestr("files/photo.png", b"")
        archive.writestr("doc.kml", _kml("UTF-8"))
    assert _only(tmp_path / "x.kmz").name == "建筑"


_MORNING = dt.datetime(2020, 1, 2, 3, 4)  # noqa: DTZ001 -- sheets know no zones
OSM = """<?xml version="1.0" encoding="UTF-8"?><osm version="0.6">
<node id="1" lat="31.81" lon="119.97"/><node id="2" lat="31.81" lon="119.98"/>
<node id="3" lat="31.82" lon="119.98"/><node id="4" lat="31.82" lon="119.97"/>
<way id="7"><nd ref="1"/><nd ref="2"/><nd ref="3"/><nd ref="1"/>
<tag k="building" v="yes"/><tag k="name" v="图书馆"/><tag k="addr:housenumber" v="12"/></way>
<way id="8"><nd ref="1"/><nd ref="2"/><nd ref="4"/><nd ref="1"/><tag k="landuse" v="grass"/></way>
<way id="9"><nd ref="1"/><nd ref="2"/><nd ref="4"/><nd ref="1"/></way>
<relation id="7"><member type="way" ref="9" role="outer"/>
<tag k="type" v="multipolygon"/><tag k="building" v="school"/></relation></osm>"""


def test_of_an_open_street_map_only_buildings_are_read(tmp_path: Path) -> None:
    (tmp_path / "x.osm").write_text(OSM)
    layer = _only(tmp_path / "x.osm")
    numbers = dict(zip(layer.attributes["osm_id"], layer.attributes["name"], strict=True))
    assert sorted(numbers) == ["relation/7", "way/7"]
    assert numbers["way/7"] == "图书馆"
    assert np.isin(shapely.get_type_id(geometries(layer.wkb)), (3, 6)).all()


@pytest.mark.parametrize(
    ("wkb", "is_curved"),
    [
        (shapely.to_wkb(shapely.Point(1, 2)), False),
        (shapely.to_wkb(shapely.Point(1, 2, 3), byte_order=0), False),
        (struct.pack("<BI", 1, 8) + bytes(20), True),
        (struct.pack(">BI", 0, 10) + bytes(20), True),
        (struct.pack("<BI", 1, 1012) + bytes(20), True),
        (struct.pack("<BI", 1, 0x80000009) + bytes(20), True),
        (b"\x01", False),
    ],
)
def test_arcs_are_found_by_their_bytes(wkb: bytes, is_curved: bool) -> None:
    shapes = pa.array([None, shapely.to_wkb(shapely.Point(0, 0)), wkb], pa.binary())
    assert has_curves(shapes) is is_curved
    assert has_curves(shapes[2:]) is is_curved
    assert not has_curves(shapes[:2])


def test_a_workbook_as_wps_saves_it_says_the_same(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    rows = [["建筑编号", "名称", "建筑面积"], ["A001", "办公楼", 1200.5], ["A002", None, "约3"]]
    for row in rows:
        book.active.append(row)
    book.active.merge_cells("A4:B5")
    book.save(tmp_path / "x.xlsx")
    [grid] = read_source(as_wps(tmp_path / "x.xlsx", tmp_path / "wps.xlsx")).grids
    assert grid.cells.head(3).to_numpy().tolist() == rows
    assert grid.merges == (((3, 0), (4, 1)),)
