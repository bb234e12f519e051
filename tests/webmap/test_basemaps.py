"""Base maps by configuration, from a server of our own that plays the mapping agency's."""

import gzip
import os
import sqlite3
import struct
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from small_city import City, build

from gis.db import Database
from gis.errors import ConfigError, NotFound
from gis.i18n import explain
from gis.settings import Settings
from webmap.app import create_app
from webmap.basemaps import Basemaps, BasemapUnavailable, _keep, read_basemaps, remove_surplus
from webmap.pmtiles_file import read_tile
from webmap.session import COOKIE

PNG = b"\x89PNG\r\n\x1a\n" + bytes(20)


@dataclass
class Agency:
    """What was asked of the other server, and what it answers."""

    port: int = 0
    asked: list[str] = field(default_factory=list)
    status: int = 200
    body: bytes = PNG
    location: str = ""


@pytest.fixture
def agency() -> Iterator[Agency]:
    played = Agency()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            played.asked.append(self.path)
            self.send_response(played.status)
            if played.location:
                self.send_header("Location", played.location)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(played.body)

        def log_message(self, *_: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    played.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield played
    server.shutdown()
    thread.join()
    server.server_close()


def configuration(agency: Agency) -> str:
    address = f"http://127.0.0.1:{agency.port}"
    return f"""
[[basemap]]
name = "vec_c"
title = "示例底图（经纬度）"
grid = "4490"
url = "{address}/vec_c/wmts?TILEMATRIX={{z}}&TILEROW={{y}}&TILECOL={{x}}&tk={{key}}"
key = "secret-token"
min_zoom = 1
review_number = "示例审图号"

[[basemap]]
name = "file"
title = "示例底图（文件）"
kind = "mbtiles"
file = "ground.mbtiles"
"""


@pytest.fixture(scope="module")
def city(make_database: Callable[[str], Database]) -> City:
    return build(make_database("onemap_basemap_tests"))


@pytest.fixture
def app(agency: Agency, city: City, tmp_path: Path) -> Iterator[Flask]:
    with sqlite3.connect(tmp_path / "ground.mbtiles") as archive:
        archive.execute("CREATE TABLE tiles (zoom_level, tile_column, tile_row, tile_data)")
        # Row 1 of two at zoom 1, counted from the south, is the northern one.
        archive.execute("INSERT INTO tiles VALUES (1, 0, 1, ?)", (PNG + b"north",))
    listed = tmp_path / "basemaps.toml"
    listed.write_text(configuration(agency), encoding="utf-8")
    settings = Settings(
        state_dir=tmp_path / "state", database_url=None, language="zh", basemaps=listed
    )
    made = create_app(settings, city.database)
    yield made
    made.extensions["onemap_tiles"].watch.close()


@pytest.fixture
def client(app: Flask, city: City) -> FlaskClient:
    made = app.test_client()
    made.set_cookie(COOKIE, city.everything)
    return made


def test_a_tile_comes_through_our_server_and_is_kept(client: FlaskClient, agency: Agency) -> None:
    first = client.get("/basemap/vec_c/10/852/166")
    assert (first.status_code, first.mimetype, first.data) == (200, "image/png", PNG)
    assert agency.asked == ["/vec_c/wmts?TILEMATRIX=10&TILEROW=166&TILECOL=852&tk=secret-token"]
    assert client.get("/basemap/vec_c/10/852/166").data == PNG
    assert len(agency.asked) == 1


def test_a_browser_learns_neither_address_nor_key_nor_path(
    client: FlaskClient, tmp_path: Path
) -> None:
    told = client.get("/api/layers")
    assert [one["name"] for one in told.json["basemaps"]] == ["vec_c", "file"]
    assert told.json["basemaps"][0]["review_number"] == "示例审图号"
    for hidden in ("secret-token", "127.0.0.1", str(tmp_path)):
        assert hidden not in told.get_data(as_text=True)


def test_nobody_and_nothing_beside_the_configuration_is_served(
    client: FlaskClient, app: Flask, agency: Agency
) -> None:
    assert app.test_client().get("/basemap/vec_c/10/852/166").status_code == 401
    for missing in (
        "/basemap/other/1/0/0", "/basemap/vec_c/0/0/0", "/basemap/vec_c/19/0/0",
        "/basemap/vec_c/1/2/0", "/basemap/vec_c/1/0/1", "/basemap/vec_c/999999999999/0/0",
    ):  # fmt: skip
        assert client.get(missing).status_code == 404, missing
    assert agency.asked == []


def test_what_is_no_image_and_what_leads_elsewhere_is_not_handed_on(
    client: FlaskClient, agency: Agency
) -> None:
    agency.body = b"<html>quota exceeded</html>"
    refused = client.get("/basemap/vec_c/3/1/1", headers={"Accept": "application/json"})
    assert (refused.status_code, "请检查网络、密钥和配额" in refused.json["detail"]) == (503, True)
    agency.status, agency.location = 302, f"http://127.0.0.1:{agency.port}/elsewhere"
    assert client.get("/basemap/vec_c/3/1/1").status_code == 503
    assert "/elsewhere" not in agency.asked
    agency.status, agency.location, agency.body = 200, "", PNG
    assert client.get("/basemap/vec_c/3/1/1").status_code == 200


def test_a_file_of_tiles_counts_its_rows_from_the_south(client: FlaskClient) -> None:
    assert client.get("/basemap/file/1/0/0").data == PNG + b"north"
    assert client.get("/basemap/file/1/0/1").status_code == 404


def varint(value: int) -> bytes:
    written = b""
    while value > 0x7F:
        written += bytes([value & 0x7F | 0x80])
        value >>= 7
    return written + bytes([value])


def directory(*entries: tuple[int, int, int, int]) -> bytes:
    """Of id, run, length and offset."""
    ids = [one[0] for one in entries]
    steps = [here - before for here, before in zip(ids, [0, *ids[:-1]], strict=True)]
    columns = [len(entries), *steps, *(one[1] for one in entries), *(one[2] for one in entries),
               *(one[3] + 1 for one in entries)]  # fmt: skip
    return gzip.compress(b"".join(varint(one) for one in columns))


def archive(kind: int = 2) -> bytes:
    """Three tiles: zoom 0; zoom 1, twice the same, behind a further directory."""
    world, half = PNG + b"world", PNG + b"west"
    leaf = directory((1, 2, len(half), len(world)))
    root = directory((0, 1, len(world), 0), (1, 0, len(leaf), 0))
    at = 127 + len(root)
    header = struct.pack(
        "<7sB11Q6B", b"PMTiles", 3, 127, len(root), at, 0, at, len(leaf), at + len(leaf),
        len(world) + len(half), 3, 3, 2, 1, 2, 1, kind, 0, 1,
    )  # fmt: skip
    return header.ljust(127, b"\0") + root + leaf + world + half


def test_a_tile_is_read_from_a_pmtiles_archive(tmp_path: Path) -> None:
    path = tmp_path / "ground.pmtiles"
    path.write_bytes(archive())
    assert read_tile(path, 0, 0, 0) == PNG + b"world"
    assert read_tile(path, 1, 0, 0) == read_tile(path, 1, 0, 1) == PNG + b"west"
    assert read_tile(path, 1, 1, 1) is None
    listed = tmp_path / "basemaps.toml"
    listed.write_text('[[basemap]]\nname = "p"\nkind = "pmtiles"\nfile = "ground.pmtiles"')
    served = Basemaps(read_basemaps(listed), tmp_path / "cache")
    assert served.tile("p", 1, 0, 1) == (PNG + b"west", "image/png")
    with pytest.raises(NotFound):
        served.tile("p", 1, 1, 1)
    path.write_bytes(archive()[:-3])
    with pytest.raises(BasemapUnavailable):
        served.tile("p", 1, 0, 0)
    for wrong, said in ((archive(kind=1), "矢量切片"), (b"no archive", "无法读取")):
        path.write_bytes(wrong)
        with pytest.raises(ConfigError) as refused:
            read_basemaps(listed)
        assert said in explain("zh", refused.value)


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("[[basemap]", "无法读取"),
        ('[[basemap]]\nname = "a b"', "name"),
        ('[[basemap]]\nname = "a"\nurl = "https://agency.example/{z}/{x}"', "url"),
        ('[[basemap]]\nname = "a"\nurl = "https://{x}.example/{z}/{x}/{y}"', "url"),
        ('[[basemap]]\nname = "a"\nurl = "file:///etc/{z}/{x}/{y}"', "url"),
        ('[[basemap]]\nname = "a"\nurl = "https://agency.example/{z}/{x}/{y}?tk={key}"', "key"),
        ('[[basemap]]\nname = "a"\nurl = "https://t.amap.com/{z}/{x}/{y}"', "偏移"),
        ('[[basemap]]\nname = "a"\nkind = "mbtiles"\nfile = "nothing.mbtiles"', "不存在"),
        ('[[basemap]]\nname = "a"\ncolour = "red"', "colour"),
        ('[[basemap]]\nname = "a"\nmax_zoom = "deep"', "max_zoom"),
    ],
)
def test_a_configuration_that_cannot_be_is_refused_with_what_is_wrong(
    tmp_path: Path, written: str, said: str
) -> None:
    listed = tmp_path / "basemaps.toml"
    listed.write_text(written, encoding="utf-8")
    with pytest.raises(ConfigError) as refused:
        read_basemaps(listed)
    assert said in explain("zh", refused.value)


def test_without_configuration_there_is_none(tmp_path: Path) -> None:
    assert read_basemaps(None) == {}
    with pytest.raises(ConfigError):
        read_basemaps(tmp_path / "nothing.toml")


def test_a_tile_that_cannot_be_kept_leaves_nothing_behind(tmp_path: Path) -> None:
    (tmp_path / "tile" / "in its place").mkdir(parents=True)
    _keep(tmp_path / "tile", b"x")
    assert [path.name for path in tmp_path.iterdir()] == ["tile"]


def test_kept_tiles_go_from_the_oldest_when_there_is_no_more_room(tmp_path: Path) -> None:
    kept = [tmp_path / "ground" / "3" / str(x) / "0" for x in range(4)]
    for age, path in enumerate(kept):
        path.parent.mkdir(parents=True)
        path.write_bytes(b"x" * 100)
        os.utime(path, (1_700_000_000 - age, 1_700_000_000 - age))
    assert remove_surplus(tmp_path, 400) == 0
    assert remove_surplus(tmp_path, 250) == 2
    assert [path.exists() for path in kept] == [True, True, False, False]
    assert remove_surplus(tmp_path / "never used", 1) == 0
