"""Leaders and guides: figures of districts, and not a row, whatever they ask and wherever."""

import io
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from openpyxl import load_workbook
from small_city import City, build
from sqlalchemy import Connection, text

from assets.estate.districts import AREAS, COUNTS, WHOLE, district_figures
from gis.clock import today
from gis.db import Database, Role, transaction
from gis.rights.actions import Grant, ensure_account, open_session
from tests.webmap.conftest import signed_in

ROLES = ("leader", "guide")
_GUARDED = """
SELECT n.nspname || '.' || quote_ident(c.relname) FROM pg_class AS c
JOIN pg_namespace AS n ON n.oid = c.relnamespace
WHERE c.relrowsecurity AND has_table_privilege('onemap_web', c.oid, 'SELECT') ORDER BY 1"""


@pytest.fixture(scope="module")
def city(make_database: Callable[[str], Database]) -> City:
    return build(make_database("onemap_figures_only"))


def _token(city: City, *grants: Grant) -> str:
    with transaction(city.database.engine(Role.OWNER), None) as owner:
        made = ensure_account(owner, f"figures {grants}", list(grants))
        return open_session(owner, made, kind="web", lifetime=timedelta(hours=1))


def _asked(city: City, token: str, ask: Callable[[Connection], Any]) -> Any:
    with transaction(city.database.engine(Role.WEB), token) as conn:
        return ask(conn)


def _by_district(conn: Connection) -> dict[str | None, dict[str, Any]]:
    return {row["district"]: row for row in district_figures(conn)}


@pytest.mark.parametrize("role", ROLES)
def test_no_guarded_table_shows_a_row(city: City, role: str) -> None:
    """Asked of the catalogue: a table that anybody adds is covered without a line here."""
    token = _token(city, Grant(role, max_security_class=3))
    tables = _asked(
        city, city.everything, lambda conn: conn.execute(text(_GUARDED)).scalars().all()
    )

    def counts(conn: Connection) -> dict[str, int]:
        return {
            table: conn.execute(text(f"SELECT count(*) FROM {table}")).scalar_one()
            for table in tables
        }

    assert {table for table, count in _asked(city, token, counts).items() if count} == set()
    everything = _asked(city, city.everything, counts)
    assert {"place.place", "organization.organization", "place.search_text"} <= {
        table for table, count in everything.items() if count
    }
    for view in ("my_cells", "my_write_cells", "my_domain_write_cells", "my_shared_write_cells"):
        seen = text(f"SELECT count(*) FROM rights.{view}")
        assert _asked(city, token, lambda conn, seen=seen: conn.execute(seen).scalar_one()) == 0


@pytest.mark.parametrize("role", ROLES)
def test_figures_are_those_of_who_sees_all_rows(city: City, role: str) -> None:
    everything = _asked(city, city.everything, _by_district)
    assert everything["320401"]["building_count"] == 2
    assert everything["320401"]["room_count"] == 4
    assert everything["320401"]["gross_area_m2"] > 0
    assert _asked(city, _token(city, Grant(role)), _by_district) == everything
    whole = everything[WHOLE]
    for name in (*COUNTS, *AREAS):
        if name != "agency_count":
            assert whole[name] == sum(row[name] for key, row in everything.items() if key != WHOLE)


def test_figures_cover_the_area_the_bodies_and_the_ceiling_of_the_grant(city: City) -> None:
    everything = _asked(city, city.everything, _by_district)
    one = _asked(city, _token(city, Grant("leader", admin_area_code="320402")), _by_district)
    assert one == {"320402": everything["320402"]}
    guided = Grant("guide", organization_id=city.ids["agency 0"])
    assert set(_asked(city, _token(city, guided), _by_district)) == {"320401"}
    with city.database.engine(Role.OWNER).begin() as owner:
        place = city.ids["site 2"]
        cell = "rights.cell_for(steward_id, admin_area_code, CAST(:class AS smallint))"
        grade = text(
            f"UPDATE place.place SET security_class = :class, rights_cell = {cell}"
            " WHERE place_id = :id"
        )
        owner.execute(grade, {"class": 2, "id": place})
    low = _asked(city, _token(city, Grant("leader", max_security_class=1)), _by_district)
    high = _asked(city, _token(city, Grant("leader", max_security_class=2)), _by_district)
    with city.database.engine(Role.OWNER).begin() as owner:
        owner.execute(grade, {"class": 0, "id": place})
    assert low["320403"]["property_count"] == high["320403"]["property_count"] - 1


def test_who_guides_sees_rows_where_a_grant_of_their_own_gives_them(city: City) -> None:
    """指导: aggregates of the bodies guided; 主管: the subtree one has a grant over."""
    own = Grant("planner", organization_id=city.ids["agency 0"])
    token = _token(city, own, Grant("guide"))
    rows = "SELECT DISTINCT admin_area_code FROM place.place"
    assert _asked(city, token, lambda conn: conn.execute(text(rows)).scalars().all()) == ["320401"]
    assert _asked(city, token, _by_district) == _asked(city, city.everything, _by_district)


@pytest.mark.parametrize(
    "path",
    [
        "/api/layers", "/api/search?q=示例", "/api/places/{site 0}", "/api/places/{site 0}/history",
        "/api/organizations/{agency 0}", "/api/exports/property?format=geojson",
        "/api/reports/survey", "/api/reports/survey.json", "/api/reports/analysis",
        "/api/reports/areas.xlsx", "/api/dates", "/imports", "/campaigns", "/ogc/collections",
        "/ogc/collections/property/items", "/api/unlocated", "/api/views",
    ],
)  # fmt: skip
def test_pages_of_rows_say_why_not(city: City, city_app: Flask, path: str) -> None:
    for name, number in city.ids.items():
        path = path.replace(f"{{{name}}}", str(number))
    client = signed_in(city_app, _token(city, Grant("leader", max_security_class=3)))
    answer = client.get(path)
    assert answer.status_code in {403, 404}, path
    words = answer.get_data(as_text=True)
    assert "示例0局" not in words
    if answer.status_code == 403 and answer.is_json:
        assert answer.get_json()["detail"].startswith("您的授权只提供各区县汇总数")


def test_an_area_is_not_summed_up_for_a_leader(city: City, city_app: Flask) -> None:
    client = signed_in(city_app, _token(city, Grant("leader")))
    square = [[[119.7, 31.6], [119.71, 31.6], [119.71, 31.61], [119.7, 31.6]]]
    for within in (
        {},
        {"admin_area": "320401"},
        {"geometry": {"type": "Polygon", "coordinates": square}},
    ):
        for path in ("/api/area-summary", "/api/area-list", "/api/layers/property/breakdown"):
            answer = client.post(path, json={"within": within, "list": "properties"})
            assert answer.status_code == 403
    tile = client.get("/tiles/building/14/13648/6690.mvt")
    assert tile.status_code in {200, 204, 403}
    assert len(tile.data) < 40 or "示例".encode() not in tile.data


@pytest.fixture
def leader(city: City, city_app: Flask) -> FlaskClient:
    return signed_in(city_app, _token(city, Grant("leader")))


def test_the_map_page_of_a_leader_shows_figures_and_says_why(leader: FlaskClient) -> None:
    for path in ("/", "/figures"):
        page = leader.get(path).get_data(as_text=True)
        assert "只提供各区县汇总数" in page
        assert "示例1区" in page
        assert "示例1局" not in page
        assert "main.js" not in page


def test_who_sees_rows_has_the_map_and_the_figures_beside(city: City, city_app: Flask) -> None:
    client = signed_in(city_app, city.everything)
    assert "main.js" in client.get("/").get_data(as_text=True)
    page = client.get("/figures").get_data(as_text=True)
    assert "示例1区" in page
    assert "why-figures" not in page


def test_the_report_of_figures_is_taken_by_a_leader_as_of_today_only(leader: FlaskClient) -> None:
    report = leader.get("/api/reports/districts.json").get_json()
    rows = {row["district"]: row for row in report["tables"][0]["rows"]}
    assert rows["320401"]["building_count"] == 2
    assert leader.get("/api/reports/districts.xlsx").status_code == 200
    day = (today() - timedelta(days=1)).isoformat()
    refused = leader.get(f"/api/reports/districts.json?as_of={day}")
    assert refused.status_code == 400
    assert "当日" in refused.get_json()["detail"]


def test_an_account_without_any_grant_is_no_leader(city: City) -> None:
    ask = text("SELECT rights.current_reader_id() IS NOT NULL")
    for grants, reads in (((), True), ((Grant("leader", admin_area_code="320401"),), False)):
        token = _token(city, *grants)
        assert _asked(city, token, lambda conn: conn.execute(ask).scalar_one()) is reads


def test_the_row_of_sums_has_a_name_in_files_too(leader: FlaskClient) -> None:
    answer = leader.get("/api/reports/districts.xlsx")
    (sheet, *_) = load_workbook(io.BytesIO(answer.data)).worksheets
    firsts = [row[0] for row in sheet.iter_rows(values_only=True)]
    assert "合计" in firsts
    assert WHOLE not in firsts
    (table, *_) = leader.get("/api/reports/districts.json").get_json()["tables"]
    assert [row.get("district_title") for row in table["rows"]][-1] == "合计"
