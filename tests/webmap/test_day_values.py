"""Every answer as of an earlier day says what held on that day, whatever later days changed."""

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyogrio
import pytest
from flask import Flask
from flask.testing import FlaskClient
from small_city import SOUTH, WEST, City, build
from sqlalchemy import text

from assets.estate.reports import build_survey
from etl.terms import save_terms
from gis.clock import today
from gis.db import Database, Role, transaction
from gis.places.queries import place_card
from gis.places.then import places_as_of
from tests.webmap.conftest import signed_in

DAY, BEFORE = "2026-03-01", "2026-02-28"
DISTRICTS = ("320401", "320402", "320403")
BOX = (WEST - 0.1, SOUTH - 0.1, WEST + 0.5, SOUTH + 0.3)
SITES = (*((WEST + at * 0.1 + 0.05, SOUTH + 0.05) for at in range(3)), (WEST + 0.12, SOUTH + 0.02))
"""South-western corners, 0.002 degrees wide; the last is where the third one goes."""
LISTS = (
    "properties", "gross_areas", "usable_areas", "buildings", "rooms", "idle_rooms",
    "without_address", "agencies", "assignable_rooms",
)  # fmt: skip
CHANGED = ("site 0", "site 1", "site 2", "building 0.1", "building 1.1", "room 0.1.0", "room 1.1.1",
           "room 2.1.1")  # fmt: skip
_CARD: Any = (
    "name", "address", "admin_area", "ancestors", "children", "floors", "lon", "lat", "extent",
    "attributes", "domains", "steward",
)  # fmt: skip


@pytest.fixture(scope="module")
def city(make_database: Callable[[str], Database]) -> City:
    made = build(make_database("onemap_day_values"))
    with transaction(made.database.engine(Role.LOADER), made.everything) as conn:
        save_terms(conn)
    return made


@pytest.fixture(scope="module")
def clients(city_app: Flask, city: City) -> dict[str, FlaskClient]:
    return {
        "everything": signed_in(city_app, city.everything),
        "partial": signed_in(city_app, city.partial),
    }


def _square(west: float, south: float, side: float) -> dict[str, Any]:
    east, north = west + side, south + side
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return {"type": "Polygon", "coordinates": [ring]}


def _change(client: FlaskClient, city: City) -> None:
    """Names, uses, addresses, shapes, spots, parents and districts, all from one day on."""

    def step(name: str, what: str, **more: Any) -> None:
        place = city.ids[name]
        version = client.get(f"/api/places/{place}/edit").get_json()["version"]
        body = {"version": version, "reason": "调整", "effective_on": DAY, **more}
        done = client.post(f"/api/places/{place}/{what}", json=body)
        assert done.status_code == 200, done.get_json()

    step("site 0", "edit", values={"address": "新路100号"})
    step("building 0.1", "edit", values={"name": "新楼"})
    step("room 0.1.0", "edit", values={"use_status": "idle"})
    step("room 2.1.1", "edit", values={"use_status": "in_use"})
    step("room 1.1.1", "edit", values={"room_class": "service", "number": "新9"})
    # With its parts into the second district, and a room to another floor before that.
    step("room 0.1.0", "move", parent_id=city.ids["floor 0.2"], confirmed=["overlaps"])
    step("site 2", "shape", geometry=_square(WEST + 0.12, SOUTH + 0.02, 0.002), moves_parts=True)
    step("building 1.1", "move", parent_id=None)
    # Its ground stays where it is: what it hung in alone says where it belonged.
    step("building 0.1", "move", parent_id=city.ids["site 1"], confirmed=["outside"])


def _ask(client: FlaskClient, address: str, **body: Any) -> Any:
    answer = client.post(address, json={"as_of": BEFORE, **body})
    assert answer.status_code == 200, answer.get_json()
    return answer.get_json()


def _figures(client: FlaskClient, at: str = "estate", **body: Any) -> dict[str, Any]:
    answer = _ask(client, "/api/area-summary", **body)
    (domain,) = (one for one in answer["domains"] if one["name"] == at)
    tables = {one["name"]: one["rows"] for one in domain["tables"]}
    return {one["name"]: one["value"] for one in domain["figures"]} | tables


def _theme(client: FlaskClient, indicator: str, by: str) -> Any:
    asked = {"indicator": f"estate.{indicator}", "by": by, "as_of": BEFORE}
    return client.get("/api/theme", query_string=asked).get_json()["values"]


def _tiles(client: FlaskClient, folder: Path, layer: str, z: int, more: str = "") -> Any:
    """What the tiles of all sites at a zoom hold: attributes, counts and where they stand."""
    side = 1 << z

    def column_row(lon: float, lat: float) -> tuple[int, int]:
        turned = math.asinh(math.tan(math.radians(lat)))
        return int((lon + 180) / 360 * side), int((1 - turned / math.pi) / 2 * side)

    near = {
        column_row(west + dx, south + dy)
        for west, south in SITES
        for dx in (0, 0.001, 0.002)
        for dy in (0, 0.001, 0.002)
    }
    found = []
    for x, y in near:
        content = client.get(f"/tiles/{layer}/{z}/{x}/{y}.mvt?as_of={BEFORE}{more}").data
        if content:
            path = folder / "tile.mvt"
            path.write_bytes(content)
            frame = pyogrio.read_dataframe(path)
            frame["at"] = frame.geometry.to_wkt(rounding_precision=0)
            for one in frame.drop(columns="geometry").to_dict("records"):
                known = sorted((k, str(v)) for k, v in one.items() if v == v and v is not None)
                found.append((x, y, known))
    return sorted(found)


def _all_said(client: FlaskClient, city: City, token: str, folder: Path) -> dict[str, Any]:
    said: dict[str, Any] = {"city": _figures(client)}
    for code in DISTRICTS:
        said[code] = _figures(client, within={"admin_area": code})
    said["site"] = _figures(client, within={"place_id": city.ids["site 0"]})
    idle = {"room": {"use_status": ["idle"]}, "property": {"year_built": [None, 2010]}}
    said["filtered"] = _figures(client, filters=idle)
    said["layer"] = _figures(client, within={"layer": "property"}, buffer_m=10)
    for name in LISTS:
        answer = _ask(client, "/api/area-list", list=name)
        said[f"list {name}"] = (answer["rows"], answer["total"], answer["sums"])
    said["space"] = _figures(client, at="space", within={"admin_area": DISTRICTS[1]})
    for indicator in ("gross_area", "idle_area", "property_count", "vacancy"):
        said[f"theme {indicator}"] = _theme(client, indicator, "district")
    asked = {"indicator": "space.assignable_area", "by": "district", "as_of": BEFORE}
    said["theme of space"] = client.get("/api/theme", query_string=asked).get_json()["values"]
    said["rooms of classes"] = _ask(client, "/api/layers/room/breakdown")["charts"]
    said["offices"] = _figures(client, filters={"room": {"room_class": ["office"]}})
    for building in ("building 0.0", "building 1.0"):
        for way in ("room_class", "verdict"):
            address = f"/api/space/buildings/{city.ids[building]}?by={way}&as_of={BEFORE}"
            said[f"stack {building} {way}"] = client.get(address).get_json()["floors"]
    said["theme of places"] = _theme(client, "gross_area", "place")
    said["charts"] = _ask(client, "/api/layers/property/breakdown")["charts"]
    for layer, z, more in (
        ("property", 6, ""), ("property", 12, ""), ("property", 15, ""), ("building", 15, ""),
        ("room", 17, "&floor=1"), ("room", 17, "&floor=2"),
        ("property", 12, '&filter={"year_built":[null,2010]}'),
        ("building", 15, '&filter={"use_status":[""]}'),
    ):  # fmt: skip
        said[f"tiles {layer} {z}{more}"] = _tiles(client, folder, layer, z, more)
    said["layers"] = client.get("/api/layers", query_string={"as_of": BEFORE}).get_json()["groups"]
    for layer in ("property", "building", "room"):
        said[f"file {layer}"] = client.post(
            f"/api/layers/{layer}/export", json={"as_of": BEFORE, "format": "csv"}
        ).data
    # Where the third site stood on that day, and where it goes.
    for west, south in SITES[2:]:
        box = f"{west - 0.0005},{south - 0.0005},{west + 0.0025},{south + 0.0025}"
        asked = {"layers": "property,building", "box": box, "as_of": BEFORE}
        said[f"shapes at {west}"] = client.get("/api/drawn", query_string=asked).get_json()
    for name in CHANGED:
        card = client.get(f"/api/places/{city.ids[name]}", query_string={"as_of": BEFORE})
        whole = card.get_json()
        said[f"card {name}"] = {key: whole.get(key) for key in _CARD}
    with transaction(city.database.engine(Role.WEB), token) as conn:
        report = build_survey(conn, BEFORE_DATE)
        said["survey"] = [list(map(dict, table.rows)) for table in report.tables]
    return said


BEFORE_DATE = today().replace(year=2026, month=2, day=28)


@pytest.fixture(scope="module")
def said(
    clients: dict[str, FlaskClient], city: City, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Any]:
    """What each account was told before the changes and after them, of the day before them."""
    folder = tmp_path_factory.mktemp("tiles")
    tokens = {"everything": city.everything, "partial": city.partial}
    told: dict[str, Any] = {}
    for moment in ("before", "after"):
        if moment == "after":
            _change(clients["everything"], city)
        for name, client in clients.items():
            told[f"{name} {moment}"] = _all_said(client, city, tokens[name], folder)
    return told


def test_no_answer_about_an_earlier_day_changes_with_what_a_later_day_brought(
    said: dict[str, Any],
) -> None:
    before, after = said["everything before"], said["everything after"]
    for what in before:
        assert after[what] == before[what], what
    assert before["city"]["idle_room_count"] == 6
    assert [what for what, told in before.items() if not told] == []
    assert "新" not in str(after)


def test_the_answers_of_today_are_those_of_today(
    clients: dict[str, FlaskClient], city: City, said: dict[str, Any]
) -> None:
    everything = clients["everything"]
    now = _figures(everything, as_of=DAY)
    then = said["everything after"]["city"]
    assert now["property_count"] == then["property_count"] + 1
    assert now["by_district"] != then["by_district"]
    assert said["everything after"]["320403"]["building_count"] == 2
    assert _figures(everything, as_of=DAY, within={"admin_area": "320403"})["building_count"] == 0
    listed = _ask(everything, "/api/area-list", list="buildings", as_of=DAY)["rows"]
    assert "新楼" in {row["name"] for row in listed}


def test_the_parts_of_the_city_sum_to_the_city_on_that_day(
    clients: dict[str, FlaskClient], said: dict[str, Any]
) -> None:
    for name in ("everything", "partial"):
        after = said[f"{name} after"]
        for figure in ("gross_area", "room_count", "building_count", "property_count"):
            parts = sum(after[code][figure] for code in DISTRICTS)
            assert parts == pytest.approx(after["city"][figure]), figure
        west, south, east, north = BOX
        tiles = [
            _figures(
                clients[name],
                within={"geometry": {"type": "Polygon", "coordinates": [[
                    [x, south], [x + 0.1, south], [x + 0.1, north], [x, north], [x, south]]]}},
            )
            for x in (west + step * 0.1 for step in range(round((east - west) / 0.1)))
        ]  # fmt: skip
        for figure in ("gross_area", "room_count", "idle_room_count"):
            assert sum(one[figure] for one in tiles) == pytest.approx(after["city"][figure])
        _, _, sums = after["list gross_areas"]
        assert sums["counted_area_m2"] == pytest.approx(after["city"]["gross_area"])
        assert after["list idle_rooms"][1] == after["city"]["idle_room_count"]
        assert after["list properties"][1] == after["city"]["property_count"]


def test_who_may_not_see_a_place_any_more_is_told_nothing_of_what_it_was(
    clients: dict[str, FlaskClient], city: City, said: dict[str, Any]
) -> None:
    """What came into an account's reach is told with its past; what it cannot see, in no answer."""
    told = str(said["partial after"])
    # Its agency's site and the second district, into which the third site has come since.
    assert {"S0", "S1", "S2"} <= {
        row["code"] for row in said["partial after"]["list properties"][0]
    }
    hidden = city.ids["building 0.0"]
    with transaction(city.database.engine(Role.OWNER), None) as owner:
        owner.execute(
            text(
                "UPDATE place.place SET steward_id = :body,"
                " rights_cell = rights.cell_for(:body, admin_area_code, 0::smallint)"
                " WHERE place_id = :id"
            ),
            {"body": city.ids["agency 2"], "id": hidden},
        )
        owner.execute(
            text(
                "INSERT INTO place.place_version (place_id, name, valid_to, rights_cell)"
                " SELECT place_id, '从前的楼', :day, rights_cell FROM place.place"
                " WHERE place_id = :id"
            ),
            {"id": hidden, "day": DAY},
        )
    assert "B00" in told
    for name, is_seen in (("everything", True), ("partial", False)):
        rows = _ask(clients[name], "/api/area-list", list="buildings")["rows"]
        assert ("从前的楼" in {row["name"] for row in rows}) is is_seen
    with transaction(city.database.engine(Role.WEB), city.partial) as conn:
        places = places_as_of(conn, BEFORE_DATE)
        for rows in (places.by_id, places.by_spot):
            names = conn.execute(text(f"SELECT name FROM {rows} AS p")).scalars().all()
            assert names
            assert "从前的楼" not in names
    with transaction(city.database.engine(Role.WEB), None) as conn:
        places = places_as_of(conn, BEFORE_DATE)
        assert conn.execute(text(f"SELECT count(*) FROM {places.by_id} AS p")).scalar_one() == 0


def test_a_correction_holds_for_earlier_days_too(
    clients: dict[str, FlaskClient], city: City
) -> None:
    place = city.ids["room 1.1.0"]
    version = clients["everything"].get(f"/api/places/{place}/edit").get_json()["version"]
    body = {"version": version, "reason": "更正", "values": {"use_status": "idle"}}
    before = _figures(clients["everything"])["idle_room_count"]
    done = clients["everything"].post(f"/api/places/{place}/edit", json=body)
    assert done.status_code == 200, done.get_json()
    assert _figures(clients["everything"])["idle_room_count"] == before + 1
    with transaction(city.database.engine(Role.WEB), city.everything) as conn:
        assert place_card(conn, place, BEFORE_DATE).place["use_status"] == "idle"
