"""A file can harm nothing but the process that opens it, and that is gone with a sentence."""

import json
import os
import signal
import socket
import sqlite3
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import geopandas as gpd
import openpyxl
import pyogrio
import pytest
import shapely

from etl.confined.geographic import ALLOWED_DRIVERS
from etl.limits import Limits
from etl.read import read_source
from etl.read.confinement import SKIPPED_DRIVERS, reading
from gis.errors import SourceError
from gis.i18n import explain

CODE = "import json, os, sys; request = json.load(sys.stdin); "
ENTITIES = (
    '<!DOCTYPE kml [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">'
    '<!ENTITY secret SYSTEM "file:///etc/passwd">]>'
)
KML = (
    '<?xml version="1.0" encoding="UTF-8"?>{doctype}'
    '<kml xmlns="http://www.opengis.net/kml/2.2"><Document>{body}</Document></kml>'
)
PLACEMARK = (
    "<Placemark><name>{name}</name><Point><coordinates>119.97,31.81</coordinates></Point>"
    "</Placemark>"
)


def _refusal(path: Path, limits: Limits | None = None) -> str:
    with pytest.raises(SourceError) as refused:
        read_source(path, limits=limits)
    assert explain("zh", refused.value) != explain("en", refused.value)
    return refused.value.key


def _point_package(path: Path) -> Path:
    frame = gpd.GeoDataFrame({"名称": ["甲"]}, geometry=[shapely.Point(119.97, 31.81)], crs=4490)
    frame.to_file(path, layer="建筑")
    return path


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    """A server on this machine that nobody should call."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.2)
        yield server


def _is_called(server: socket.socket) -> bool:
    try:
        server.accept()[0].close()
    except TimeoutError:
        return False
    return True


def test_every_driver_of_the_library_is_either_allowed_or_skipped() -> None:
    assert set(pyogrio.list_drivers()) <= ALLOWED_DRIVERS | set(SKIPPED_DRIVERS)
    assert not ALLOWED_DRIVERS & set(SKIPPED_DRIVERS)


@pytest.mark.parametrize("suffix", ["gpkg", "geojson", "kml", "osm"])
def test_a_virtual_file_that_points_elsewhere_is_opened_under_no_name(
    tmp_path: Path, suffix: str
) -> None:
    target = _point_package(tmp_path / "other.gpkg")
    virtual = (
        f"<OGRVRTDataSource><OGRVRTLayer name='建筑'><SrcDataSource>{target}</SrcDataSource>"
        "</OGRVRTLayer></OGRVRTDataSource>"
    )
    (tmp_path / f"x.{suffix}").write_text(virtual)
    assert _refusal(tmp_path / f"x.{suffix}") == "load.unknown_format"


def test_geojson_that_is_a_virtual_file_inside_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.geojson").write_text(
        json.dumps({"type": "FeatureCollection", "features": "/vsicurl/http://127.0.0.1/x"})
    )
    assert _refusal(tmp_path / "x.geojson") in {"load.truncated", "load.not_geojson"}


def test_a_network_link_is_not_followed(tmp_path: Path, listener: socket.socket) -> None:
    port = listener.getsockname()[1]
    link = f"<NetworkLink><Link><href>http://127.0.0.1:{port}/x.kml</href></Link></NetworkLink>"
    path = tmp_path / "x.kml"
    path.write_text(KML.format(doctype="", body=link + PLACEMARK.format(name="甲")))
    [layer] = read_source(path).layers
    assert len(layer.wkb) >= 1
    assert not _is_called(listener)


def test_a_database_with_a_table_that_opens_other_files_does_not_open_them(tmp_path: Path) -> None:
    other = _point_package(tmp_path / "other.gpkg")
    path = _point_package(tmp_path / "x.gpkg")
    with sqlite3.connect(path) as database:
        database.execute("PRAGMA writable_schema = ON")
        database.execute(
            "INSERT INTO sqlite_master (type, name, tbl_name, rootpage, sql) VALUES ('table',"
            f" 'stolen', 'stolen', 0, 'CREATE VIRTUAL TABLE stolen USING VirtualOGR(''{other}'')')"
        )
        database.execute(
            "INSERT INTO gpkg_contents (table_name, data_type, identifier)"
            " VALUES ('stolen', 'attributes', 'stolen')"
        )
    database.close()
    try:
        layers = read_source(path).layers
    except SourceError as refused:
        assert refused.key == "load.truncated"  # noqa: PT017 -- either way out is good
    else:
        assert all(layer.name != "stolen" or not len(layer.attributes) for layer in layers)


@pytest.mark.parametrize("text", ["&b;", "&secret;"])
def test_kml_with_a_document_type_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "x.kml"
    path.write_text(KML.format(doctype=ENTITIES, body=PLACEMARK.format(name=text)))
    assert _refusal(path) == "load.document_type"
    path.write_text(
        KML.format(doctype=ENTITIES, body="").replace("UTF-8", "UTF-16"), encoding="utf-16"
    )
    assert _refusal(path) == "load.document_type"


def test_osm_with_a_document_type_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.osm"
    path.write_text(f'<?xml version="1.0"?>{ENTITIES}<osm version="0.6"></osm>')
    assert _refusal(path) in {"load.document_type", "load.unknown_format"}


def test_a_workbook_with_a_document_type_is_refused(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.append(["a"])
    book.save(tmp_path / "plain.xlsx")
    with (
        zipfile.ZipFile(tmp_path / "plain.xlsx") as source,
        zipfile.ZipFile(tmp_path / "bomb.xlsx", "w") as target,
    ):
        for member in source.infolist():
            content = source.read(member)
            if member.filename.endswith("sheet1.xml"):
                content = ENTITIES.replace("kml", "worksheet").encode() + content
            target.writestr(member, content)
    assert _refusal(tmp_path / "bomb.xlsx") == "load.document_type"


def test_a_cell_in_the_last_corner_of_a_sheet_takes_no_memory_of_ours(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active["A1"] = "名称"
    book.active["XFD1048576"] = "x"
    book.save(tmp_path / "corner.xlsx")
    limits = Limits(max_columns=20_000, max_memory_bytes=1 << 30)
    assert _refusal(tmp_path / "corner.xlsx", limits) == "load.too_much_memory"


def test_a_file_that_takes_too_long_is_given_up(tmp_path: Path) -> None:
    (tmp_path / "long.csv").write_text("名称,地址,面积\n" + "甲,乙,1\n" * 4_000_000)
    assert _refusal(tmp_path / "long.csv", Limits(max_seconds=1)) == "load.too_slow"


@pytest.mark.parametrize(
    ("code", "key"),
    [
        ("os.kill(os.getpid(), 11)", "load.reader_died"),
        ("os.abort()", "load.reader_died"),
        ("os.kill(os.getpid(), 9)", "load.too_much_memory"),
        ("os.kill(os.getpid(), 24)", "load.too_slow"),
        ("raise RuntimeError('fault')", "load.reader_died"),
        ("raise MemoryError", "load.too_much_memory"),
        ("raise OSError(28, 'No space left on device')", "load.no_room"),
        ("pass", "load.reader_died"),
    ],
)
def test_a_reader_that_dies_leaves_a_sentence(tmp_path: Path, code: str, key: str) -> None:
    assert signal.SIGXCPU == 24
    with (
        pytest.raises(SourceError) as refused,
        reading(tmp_path, "普查表.xlsx", Limits(), code=CODE + code),
    ):
        pass
    assert refused.value.key == key
    assert "普查表.xlsx" in explain("zh", refused.value)


def test_the_reader_knows_nothing_of_our_settings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ONEMAP_DATABASE_URL", "postgresql://secret")
    told = "open(request['folder'] + '/answer.json', 'w').write(json.dumps(dict(os.environ)))"
    with reading(tmp_path, "x.csv", Limits(), code=CODE + told) as folder:
        known = json.loads((folder / "answer.json").read_text())
    assert not [name for name in known if name.startswith("ONEMAP") or "secret" in known[name]]
    assert not folder.exists()


def test_the_reader_has_no_network_where_the_machine_can_take_it_away(
    tmp_path: Path, listener: socket.socket
) -> None:
    port = listener.getsockname()[1]
    call = (
        f"sys.path.insert(0, {str(Path(__file__).parents[3])!r}); from etl.confined import process"
        "\nimport socket; before = os.readlink('/proc/self/ns/net')"
        "\nprocess.confine(1 << 32, 60, 1 << 30)"
        "\nmoved = os.readlink('/proc/self/ns/net') != before"
        f"\ntry: socket.create_connection(('127.0.0.1', {port}), 1)"
        "\nexcept OSError: pass"
        "\nopen(request['folder'] + '/answer.json', 'w').write(json.dumps(moved))"
    )
    with reading(tmp_path, "x.csv", Limits(), code=CODE + call) as folder:
        moved = json.loads((folder / "answer.json").read_text())
    if not moved:
        pytest.skip("this machine gives processes no network of their own")
    assert not _is_called(listener)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="counts open files by /proc")
def test_reading_leaves_no_open_files_behind(tmp_path: Path) -> None:
    path = _point_package(tmp_path / "x.gpkg")
    read_source(path)
    before = len(os.listdir("/proc/self/fd"))  # noqa: PTH208 -- a count of descriptors
    for _ in range(3):
        read_source(path)
    assert len(os.listdir("/proc/self/fd")) <= before  # noqa: PTH208


def test_what_a_killed_reading_left_behind_is_gone_the_next_day(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    old, new = tmp_path / "onemap-read-old", tmp_path / "onemap-read-new"
    for folder in (old, new):
        folder.mkdir()
        (folder / "0.arrow").write_text("personal")
    os.utime(old, (0, 0))
    with reading(
        tmp_path, "x.csv", Limits(), code=CODE + "open(request['folder'] + '/answer.json', 'w')"
    ):
        assert (old.exists(), new.exists()) == (False, True)
