"""Features of collections: what the database holds, page by page, under the rights of the asker."""

import json
from datetime import timedelta
from typing import Any

import pyproj
import pytest
import shapely
from flask import Flask
from flask.testing import FlaskClient
from shapely.geometry import shape
from small_city import City
from sqlalchemy import text

from assets.registry import LAYERS
from gis.clock import today
from gis.db import Role, transaction
from tests.webmap.ogc.conftest import Read, Refuse, pages

EPSG = "http://www.opengis.net/def/crs/EPSG/0/"
CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
NAMES = [layer.name for layer in LAYERS]


def in_database(city: City, token: str, name: str) -> dict[Any, dict[str, Any]]:
    """What the view of a layer holds for a session, by key."""
    with transaction(city.database.engine(Role.WEB), token) as conn:
        rows = conn.execute(
            text(
                f"SELECT to_jsonb(v) - 'geom' - 'anchor' AS said,"
                f" ST_AsText(coalesce(geom, anchor)) AS wkt FROM map.{name} AS v"
            )
        ).all()
    key = "code" if name == "admin_area" else "place_id"
    return {row.said[key]: {"said": row.said, "wkt": row.wkt} for row in rows}


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("who", ["everything", "partial"])
def test_every_collection_says_what_the_database_holds(
    name: str, who: str, city: City, request: pytest.FixtureRequest
) -> None:
    client: FlaskClient = request.getfixturevalue(who)
    held = in_database(city, getattr(city, who), name)
    answer = client.get(f"/ogc/collections/{name}/items", query_string={"limit": 2})
    found: dict[Any, dict[str, Any]] = {}
    for page in pages(client, answer):
        assert page["numberMatched"] == len(held)
        assert page["numberReturned"] == len(page["features"]) <= 2
        for feature in page["features"]:
            assert feature["id"] not in found
            found[feature["id"]] = feature
    assert list(found) == sorted(held)
    for key, feature in found.items():
        said = dict(held[key]["said"])
        if name == "admin_area":
            assert said.pop("place_id") is None
        assert feature["properties"] == said
        assert (feature["geometry"] is None) == (held[key]["wkt"] is None)
        if feature["geometry"]:
            drawn = shape(feature["geometry"])
            assert drawn.normalize().equals_exact(shapely.from_wkt(held[key]["wkt"]).normalize(), 0)
            one = client.get(f"/ogc/collections/{name}/items/{key}").get_json()
            assert one["geometry"] == feature["geometry"]
            assert one["properties"] == feature["properties"]


def test_the_city_fills_the_collections_that_are_compared(read: Read) -> None:
    counts = {name: read(f"/collections/{name}/items")["numberMatched"] for name in NAMES}
    assert {name: counts[name] for name in ("admin_area", "property", "building", "room")} == {
        "admin_area": 3,
        "property": 4,
        "building": 6,
        "room": 12,
    }


def test_pages_lead_there_and_back(everything: FlaskClient) -> None:
    first = everything.get("/ogc/collections/room/items?limit=5&properties=code")
    there = [[one["id"] for one in page["features"]] for page in pages(everything, first)]
    assert [len(page) for page in there] == [5, 5, 2]
    *_, last = pages(everything, first)
    self_link = next(one["href"] for one in last["links"] if one["rel"] == "self")
    back = [
        [one["id"] for one in page["features"]]
        for page in pages(everything, everything.get(self_link), "prev")
    ]
    assert back == there[::-1]
    assert {tuple(one["properties"]) for one in last["features"]} == {("code",)}


def test_pages_stay_in_step_with_a_register_that_changes(
    everything: FlaskClient, city: City
) -> None:
    answer = everything.get("/ogc/collections/building/items?limit=2")
    walk = pages(everything, answer)
    first = next(walk)
    ids = [one["id"] for one in first["features"]]
    engine = city.database.engine(Role.OWNER)
    ended = "UPDATE place.place SET valid_to = {} WHERE place_id = ANY (:ids)"
    with transaction(engine, None) as conn:
        conn.execute(text(ended.format("DATE '2001-01-01'")), {"ids": ids})
    try:
        rest = [one["id"] for page in walk for one in page["features"]]
    finally:
        with transaction(engine, None) as conn:
            conn.execute(text(ended.format("NULL")), {"ids": ids})
    assert len(rest) == 4
    assert not set(rest) & set(ids)


@pytest.mark.parametrize("code", [4490, 4549, 3857])
def test_coordinates_come_in_the_system_and_order_asked_for(
    code: int, everything: FlaskClient
) -> None:
    path = "/ogc/collections/building/items"
    plain = everything.get(path)
    assert plain.headers["Content-Crs"] == f"<{CRS84}>"
    asked = everything.get(path, query_string={"crs": f"{EPSG}{code}"})
    assert asked.headers["Content-Crs"] == f"<{EPSG}{code}>"
    # Without always_xy: axes in the order that EPSG gives them.
    there = pyproj.Transformer.from_crs("OGC:CRS84", f"EPSG:{code}")
    tolerance = 1e-9 if code == 4490 else 1e-3
    compared = 0
    for one, other in zip(plain.json["features"], asked.json["features"], strict=True):
        ring, moved = (each["geometry"]["coordinates"][0] for each in (one, other))
        for (lon, lat), (first, second) in zip(ring, moved, strict=True):
            assert there.transform(lon, lat) == pytest.approx((first, second), abs=tolerance)
            compared += 1
    assert compared == 30
    first, second = asked.json["features"][0]["geometry"]["coordinates"][0][0]
    assert {4490: 31 < first < 32, 4549: 3e6 < first < 4e6, 3857: 1.3e7 < first < 1.4e7}[code]
    one = everything.get(f"{path}/{asked.json['features'][0]['id']}?crs={EPSG}{code}")
    assert one.headers["Content-Crs"] == f"<{EPSG}{code}>"
    assert one.json["geometry"] == asked.json["features"][0]["geometry"]


@pytest.mark.parametrize("uri", [CRS84, f"{EPSG}4490", f"{EPSG}4549", f"{EPSG}3857", f"{EPSG}4544"])
def test_a_box_means_the_same_in_every_system(uri: str, read: Read) -> None:
    west, south, east, north = 119.745, 31.64, 119.76, 31.66
    there = pyproj.Transformer.from_crs("OGC:CRS84", uri)
    corners = [there.transform(x, y) for x in (west, east) for y in (south, north)]
    box = [
        min(one[0] for one in corners), min(one[1] for one in corners),
        max(one[0] for one in corners), max(one[1] for one in corners),
    ]  # fmt: skip
    found = read("/collections/building/items", bbox=",".join(map(repr, box)), **{"bbox-crs": uri})
    assert [one["properties"]["code"] for one in found["features"]] == ["B00", "B01"]
    assert found["numberMatched"] == 2


@pytest.mark.parametrize(
    ("box", "codes"),
    [
        ("-180,-90,180,90", ["S0", "S1", "S2"]),
        ("119.751,31.651,119.751,31.651", ["S0"]),
        ("119.7,31.651,119.9,31.651", ["S0", "S1"]),
        ("119.7,31.6,-5,119.9,31.7,900", ["S0", "S1"]),
        ("119.9,31.6,-170,31.7", ["S2"]),
        ("0,0,1,1", []),
        ("200,31,210,32", []),
    ],
)
def test_boxes_of_every_form(box: str, codes: list[str], read: Read) -> None:
    found = read("/collections/property/items", bbox=box)
    assert [one["properties"]["code"] for one in found["features"]] == codes
    assert found["numberMatched"] == len(codes)


def test_a_box_finds_what_is_only_a_point_and_what_an_earlier_day_showed(read: Read) -> None:
    box = "119.7,31.6,119.8,31.7"
    for name in NAMES:
        inside = read(f"/collections/{name}/items", bbox=box)["features"]
        every = read(f"/collections/{name}/items")["features"]
        located = [one for one in every if one["geometry"]]
        area = shapely.box(119.7, 31.6, 119.8, 31.7)
        wanted = [one["id"] for one in located if shape(one["geometry"]).intersects(area)]
        assert [one["id"] for one in inside] == wanted
        earlier = read(f"/collections/{name}/items", bbox=box, datetime="2001-01-01")["features"]
        assert [one["id"] for one in earlier] == wanted


def test_days_and_spans_of_days(read: Read, city: City) -> None:
    site = city.ids["site 1"]
    engine = city.database.engine(Role.OWNER)
    dates = "UPDATE place.place SET valid_from = {}, valid_to = {} WHERE place_id = :id"
    with transaction(engine, None) as conn:
        conn.execute(text(dates.format("DATE '2001-05-01'", "DATE '2010-01-01'")), {"id": site})
    try:
        is_there = {
            asked: site in [one["id"] for one in read(
                "/collections/property/items", datetime=asked)["features"]]
            for asked in (
                "2001-04-30", "2001-05-01", "2009-12-31", "2010-01-01",
                "2009-12-31T15:59:59Z", "2009-12-31T16:00:00Z",
                "1990-01-01/2001-04-30", "../2001-05-01", "2010-01-01/..", "2009-12-31/",
                "1990-01-01/2030-01-01", "../..",
            )
        }  # fmt: skip
        without = [one["id"] for one in read("/collections/property/items")["features"]]
    finally:
        with transaction(engine, None) as conn:
            conn.execute(text(dates.format("NULL", "NULL")), {"id": site})
    assert [asked for asked, there in is_there.items() if not there] == [
        "2001-04-30", "2010-01-01", "2009-12-31T16:00:00Z", "1990-01-01/2001-04-30",
        "2010-01-01/..",
    ]  # fmt: skip
    assert site not in without


def test_an_earlier_day_tells_the_former_name(read: Read, city: City) -> None:
    place = city.ids["building 0.0"]
    day = today() - timedelta(days=40)
    with transaction(city.database.engine(Role.OWNER), None) as conn:
        conn.execute(
            text(
                "INSERT INTO place.place_version (place_id, name, valid_to, rights_cell)"
                " SELECT place_id, '旧一号楼', :day, rights_cell FROM place.place"
                " WHERE place_id = :id"
            ),
            {"id": place, "day": day},
        )
    try:
        path = f"/collections/building/items/{place}"
        before = read(path, datetime=(day - timedelta(days=1)).isoformat())
        assert before["properties"]["name"] == "旧一号楼"
        assert read(path)["properties"]["name"] == "1号楼"
        listed = read(
            "/collections/building/items", datetime=f"../{day - timedelta(days=1)}", limit=1
        )
        assert listed["features"][0]["properties"]["name"] == "旧一号楼"
        assert listed["numberMatched"] == 6
    finally:
        with transaction(city.database.engine(Role.OWNER), None) as conn:
            conn.execute(
                text("DELETE FROM place.place_version WHERE place_id = :id"), {"id": place}
            )


def test_limits_are_capped(read: Read) -> None:
    for limit in (10**9, "9" * 4000):
        assert read("/collections/room/items", limit=limit)["numberReturned"] == 12


@pytest.mark.parametrize(
    ("parameters", "kind"),
    [
        ({"limit": "0"}, "ogc.limit"),
        ({"limit": "-1"}, "ogc.limit"),
        ({"limit": "many"}, "ogc.limit"),
        ({"limit": "１"}, "ogc.limit"),
        ({"crs": "EPSG:9999"}, "ogc.no_such_crs"),
        ({"crs": ""}, "ogc.no_such_crs"),
        ({"bbox-crs": "x"}, "ogc.no_such_crs"),
        ({"bbox": "1,2,3"}, "ogc.bbox"),
        ({"bbox": "1,2,3,4,5"}, "ogc.bbox"),
        ({"bbox": "1,2,nan,4"}, "ogc.bbox"),
        ({"bbox": "1,2,1e400,4"}, "ogc.bbox"),
        ({"bbox": "1,2,1e999999999,4"}, "ogc.bbox"),
        ({"bbox": "1,2,3,'"}, "ogc.bbox"),
        ({"bbox": "119,32,120,31"}, "ogc.bbox_reversed"),
        ({"bbox": "119,31,120,30", "bbox-crs": f"{EPSG}3857"}, "ogc.bbox_reversed"),
        ({"datetime": "yesterday"}, "ogc.datetime"),
        ({"datetime": "2026-13-01"}, "ogc.datetime"),
        ({"datetime": "2026-01-01T00:00:00"}, "ogc.datetime"),
        ({"datetime": "2026-01-01/2026-02-01/2026-03-01"}, "ogc.datetime"),
        ({"datetime": "0001-01-01T00:00:00+14:00"}, "ogc.datetime"),
        ({"datetime": "2026-02-01/2026-01-01"}, "ogc.datetime_reversed"),
        ({"properties": "name,price"}, "ogc.no_such_property"),
        ({"page": "AAAA"}, "ogc.page"),
        ({"page": "é"}, "ogc.page"),
        ({"bogus": "1"}, "ogc.no_such_parameter"),
    ],
)
def test_what_cannot_be_meant_is_refused_with_a_sentence(
    parameters: dict[str, str], kind: str, refuse: Refuse
) -> None:
    problem = refuse("/collections/building/items", **parameters)
    assert problem["type"] == f"urn:onemap:problem:{kind}"
    assert problem["detail"]
    assert "{" not in problem["detail"]


def test_what_is_not_there(refuse: Refuse) -> None:
    for path in ("/collections/nowhere", "/collections/nowhere/items", "/collections/room/items/x",
                 "/collections/room/items/99999999999999999999", "/collections/room/items/0",
                 "/collections/admin_area/items/999999"):  # fmt: skip
        assert refuse(path, 404)["detail"]


def test_a_page_of_another_collection_is_refused(everything: FlaskClient, refuse: Refuse) -> None:
    first = everything.get("/ogc/collections/room/items?limit=1").get_json()
    href = next(one["href"] for one in first["links"] if one["rel"] == "next")
    page = href.split("page=")[1].split("&")[0]
    assert refuse("/collections/building/items", page=page)["type"].endswith("ogc.page")


def test_nobody_and_limited_accounts_see_no_more_than_they_may(
    city_app: Flask, city: City, partial: FlaskClient, refuse: Refuse
) -> None:
    nobody = city_app.test_client()
    for path in ("/collections", "/collections/room", "/collections/room/items",
                 f"/collections/room/items/{city.ids['room 0.1.0']}"):  # fmt: skip
        assert nobody.get(f"/ogc{path}").status_code == 401
    hidden = city.ids["building 2.0"]
    assert partial.get(f"/ogc/collections/building/items/{hidden}").status_code == 404
    listed = partial.get("/ogc/collections/building/items?bbox=-180,-90,180,90").get_json()
    assert listed["numberMatched"] == 4
    assert json.dumps(hidden) not in [json.dumps(one["id"]) for one in listed["features"]]
