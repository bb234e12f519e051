"""Files that break their promise are refused whole, each by one rule."""

import io
import json
import zipfile
from pathlib import Path

import openpyxl
import pytest

from assets.estate.contracts import CONTRACTS
from etl.header_block import find_mapping
from etl.limits import Limits
from etl.pack import load_pack
from etl.prepare import prepare
from etl.read import read_source
from gis.errors import SourceError


def _workbook(path: Path, rows: list[list[object]]) -> Path:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    book.save(path)
    return path


def _refusal(path: Path, limits: Limits | None = None) -> str:
    with pytest.raises(SourceError) as refused:
        read_source(path, limits=limits)
    return refused.value.key


@pytest.mark.parametrize("name", ["empty.xlsx", "empty.csv", "empty.gpkg", "empty.geojson"])
def test_an_empty_file_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"")
    assert _refusal(tmp_path / name) == "load.empty_file"


def test_a_truncated_workbook_is_refused(tmp_path: Path) -> None:
    whole = _workbook(tmp_path / "whole.xlsx", [["a", "b"]] * 50).read_bytes()
    (tmp_path / "cut.xlsx").write_bytes(whole[: len(whole) // 2])
    assert _refusal(tmp_path / "cut.xlsx") == "load.truncated"


def test_a_workbook_with_a_damaged_sheet_is_refused(tmp_path: Path) -> None:
    whole = _workbook(tmp_path / "whole.xlsx", [["a", "b"]] * 50)
    damaged = io.BytesIO()
    with zipfile.ZipFile(whole) as source, zipfile.ZipFile(damaged, "w") as target:
        for member in source.infolist():
            content = source.read(member)
            cut = content[:200] if member.filename.endswith("sheet1.xml") else content
            target.writestr(member, cut)
    (tmp_path / "bad.xlsx").write_bytes(damaged.getvalue())
    assert _refusal(tmp_path / "bad.xlsx") == "load.truncated"


def test_a_truncated_csv_is_refused(tmp_path: Path) -> None:
    (tmp_path / "cut.csv").write_text('名称,地址\n"财政局,常州')
    assert _refusal(tmp_path / "cut.csv") == "load.truncated"


def test_malformed_json_is_refused(tmp_path: Path) -> None:
    (tmp_path / "cut.geojson").write_text('{"type": "FeatureCollection", "features": [{"type"')
    assert _refusal(tmp_path / "cut.geojson") == "load.malformed_json"


def test_json_that_names_another_driver_is_refused(tmp_path: Path) -> None:
    pipeline = {"type": "gdal_streamed_alg", "command_line": "gdal vector pipeline ! read x"}
    (tmp_path / "evil.geojson").write_text(json.dumps(pipeline))
    assert _refusal(tmp_path / "evil.geojson") == "load.not_geojson"


def test_a_truncated_geopackage_is_refused(tmp_path: Path) -> None:
    header = b"SQLite format 3\x00" + bytes(52) + b"GPKG" + bytes(100)
    (tmp_path / "cut.gpkg").write_bytes(header)
    assert _refusal(tmp_path / "cut.gpkg") == "load.truncated"


def test_an_sqlite_database_is_no_geopackage(tmp_path: Path) -> None:
    (tmp_path / "other.gpkg").write_bytes(b"SQLite format 3\x00" + bytes(200))
    assert _refusal(tmp_path / "other.gpkg") == "load.not_geopackage"


def test_an_encrypted_workbook_is_refused(tmp_path: Path) -> None:
    ole = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504) + "EncryptedPackage".encode("utf-16-le")
    (tmp_path / "secret.xlsx").write_bytes(ole)
    assert _refusal(tmp_path / "secret.xlsx") == "load.encrypted"


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("really_text.xlsx", "名称,地址\n财政局,常州\n".encode()),
        ("really_json.csv", b'{"type": "FeatureCollection", "features": []}'),
        ("really_csv.geojson", "名称,地址\n".encode()),
    ],
)
def test_a_file_that_is_not_what_its_name_says_is_refused(
    tmp_path: Path, name: str, content: bytes
) -> None:
    (tmp_path / name).write_bytes(content)
    assert _refusal(tmp_path / name) == "load.wrong_name"


def test_a_workbook_named_csv_is_refused(tmp_path: Path) -> None:
    whole = _workbook(tmp_path / "whole.xlsx", [["a"]])
    whole.rename(tmp_path / "whole.csv")
    assert _refusal(tmp_path / "whole.csv") == "load.wrong_name"


@pytest.mark.parametrize("content", [b"%PDF-1.7 ...", b"\x89PNG\r\n\x1a\n\x00\x00", b"<svg></svg>"])
def test_a_picture_or_document_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "scan.csv").write_bytes(content)
    assert _refusal(tmp_path / "scan.csv") == "load.unknown_format"


@pytest.mark.parametrize(
    ("name", "content", "key"),
    [
        ("x.csv", b"<html><table><tr><td>a</td></tr></table></html>", "load.wrong_name"),
        ("x.xls", b"<html><body>please sign in</body></html>", "load.page_without_table"),
        ("x.xls", b"<table><tr><td> &nbsp; </td></tr></table>", "load.page_without_table"),
        ("x.xls", b"MIME-Version: 1.0\r\nX-Document-Type: Workbook\r\n", "load.web_archive"),
    ],
)
def test_a_page_that_is_no_table_is_named_for_what_it_is(
    tmp_path: Path, name: str, content: bytes, key: str
) -> None:
    (tmp_path / name).write_bytes(content)
    assert _refusal(tmp_path / name) == key


@pytest.mark.parametrize("name", ["whole.xls", "whole.et"])
def test_a_new_workbook_under_an_old_name_is_refused_with_both(tmp_path: Path, name: str) -> None:
    _workbook(tmp_path / "whole.xlsx", [["a"]]).rename(tmp_path / name)
    assert _refusal(tmp_path / name) == "load.wrong_name"


@pytest.mark.parametrize("lines_before", [1, 2000])
def test_a_nul_in_a_text_is_told_with_its_line_and_place(tmp_path: Path, lines_before: int) -> None:
    header, line = "楼栋编号,楼栋名称\n", "P1,甲楼\n"
    content = header + line * (lines_before - 1) + "P2,乙\x00楼\n"
    (tmp_path / "nul.csv").write_text(content, "utf-8")
    with pytest.raises(SourceError) as caught:
        read_source(tmp_path / "nul.csv")
    assert caught.value.key == "load.null_character"
    assert (caught.value.params["row"], caught.value.params["position"]) == (lines_before + 1, 5)


def test_a_vrt_that_would_read_another_file_is_refused(tmp_path: Path) -> None:
    vrt = "<OGRVRTDataSource><OGRVRTLayer name='x'><SrcDataSource>/etc/passwd</SrcDataSource>"
    (tmp_path / "x.csv").write_text(vrt)
    assert _refusal(tmp_path / "x.csv") in {"load.unknown_format", "load.wrong_name"}


def test_a_zip_bomb_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "bomb.xlsx", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
        archive.writestr("xl/worksheets/sheet1.xml", bytes(64 * 1024 * 1024))
    assert _refusal(tmp_path / "bomb.xlsx") == "load.zip_bomb"


def test_a_zip_over_the_absolute_ceiling_is_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "large.xlsx", "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("xl/workbook.xml", bytes(2000))
    assert _refusal(tmp_path / "large.xlsx", Limits(max_unpacked_bytes=1000)) == "load.zip_bomb"


def test_text_in_no_known_encoding_is_refused(tmp_path: Path) -> None:
    (tmp_path / "odd.csv").write_bytes(b"\xff\xff\x81\xff,\xff\n")
    assert _refusal(tmp_path / "odd.csv") == "load.unknown_encoding"


def test_more_columns_than_the_ceiling_are_refused(tmp_path: Path) -> None:
    wide = _workbook(tmp_path / "wide.xlsx", [[f"c{n}" for n in range(30)]])
    assert _refusal(wide, Limits(max_columns=20)) == "load.too_many_columns"
    (tmp_path / "wide.csv").write_text(",".join(f"c{n}" for n in range(30)))
    assert _refusal(tmp_path / "wide.csv", Limits(max_columns=20)) == "load.too_many_columns"


def test_more_rows_than_the_ceiling_are_refused(tmp_path: Path) -> None:
    long = _workbook(tmp_path / "long.xlsx", [["a"]] * 30)
    assert _refusal(long, Limits(max_rows=20)) == "load.too_many_rows"
    (tmp_path / "long.csv").write_text("a\n" * 30)
    assert _refusal(tmp_path / "long.csv", Limits(max_rows=20)) == "load.too_many_rows"


def test_two_columns_that_mean_one_field_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "two.csv"
    path.write_text("房屋坐落,地址坐落,建筑面积,使用单位\n甲路1号,甲路1号,100,财政局\n")
    source = read_source(path)
    with pytest.raises(SourceError) as refused:
        prepare(source, CONTRACTS, load_pack(), datum=None)
    assert refused.value.key == "load.two_columns_one_field"
    assert refused.value.params["column"] == "地址坐落"
    assert refused.value.params["other"] == "房屋坐落"


def test_a_sheet_without_a_header_maps_to_nothing(tmp_path: Path) -> None:
    path = tmp_path / "none.csv"
    path.write_text("甲,乙,丙\n1,2,3\n")
    assert find_mapping(read_source(path).grids[0], CONTRACTS, load_pack(), file=path.name) is None
