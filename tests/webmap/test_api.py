"""What programs ask of the map, as an account that sees all and as one with three grants."""

import html
import io
import shutil
import time
import zipfile
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import openpyxl
import pytest
from flask import Flask
from flask.testing import FlaskClient
from small_city import City, build
from sqlalchemy import text

from gis.db import Database, Role, transaction
from gis.rights.actions import open_session, token_digest
from gis.tiles import bounds
from webmap.session import COOKIE
from webmap.views.tiles import TileServer
from webmap.web_settings import EXTENSION


@pytest.fixture(scope="module")
def city(make_database: Callable[[str], Database]) -> City:
    return build(make_database("onemap_api_tests"))


def browser(app: Flask, token: str | None) -> FlaskClient:
    client = app.test_client()
    if token is not None:
        client.set_cookie(COOKIE, token)
    return client


@pytest.fixture
def everything(city_app: Flask, city: City) -> FlaskClient:
    return browser(city_app, city.everything)


@pytest.fixture
def partial(city_app: Flask, city: City) -> FlaskClient:
    return browser(city_app, city.partial)


@pytest.fixture
def nobody_here(city_app: Flask) -> FlaskClient:
    return browser(city_app, None)


def layer_of(answer: Any, name: str) -> Any:
    return next(
        layer for group in answer["groups"] for layer in group["layers"] if layer["name"] == name
    )


def test_sheets_carry_the_review_number_that_is_configured(
    everything: FlaskClient, city_app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert everything.get("/api/layers").json["review_number"] is None
    settings = replace(city_app.extensions[EXTENSION], map_review_number="示例审图号")
    monkeypatch.setitem(city_app.extensions, EXTENSION, settings)
    assert everything.get("/api/layers").json["review_number"] == "示例审图号"


def test_the_layer_tree_counts_what_the_account_sees(
    everything: FlaskClient, partial: FlaskClient
) -> None:
    whole = everything.get("/api/layers").get_json()
    part = partial.get("/api/layers").get_json()
    assert layer_of(whole, "property")["count"] == 4
    assert layer_of(part, "property")["count"] == 3
    assert layer_of(whole, "room")["count"] == 12
    assert layer_of(part, "room")["count"] == 8
    assert layer_of(whole, "room")["floor_aware"] is True
    assert layer_of(whole, "admin_area")["notice"] == "行政区界线为示意边界"
    ages = next(t for t in layer_of(whole, "building")["themes"] if t["name"] == "age")
    assert ages["classes"][0] == {
        "value": "before_1980", "title": "1980年以前", "colour": "#8c6bb1",
    }  # fmt: skip
    west, south, east, north = whole["extent"]
    assert 119.7 < west < east < 120.0
    assert 31.6 < south <= north < 31.7


def test_districts_come_with_their_extents(partial: FlaskClient) -> None:
    items = partial.get("/api/admin-areas").get_json()["items"]
    assert [item["code"] for item in items] == ["320401", "320402", "320403"]
    assert items[0]["extent"] == pytest.approx([119.7, 31.6, 119.8, 31.7])


@pytest.mark.parametrize("token", [None, "", "unknown"])
@pytest.mark.parametrize(
    "address",
    ["/api/layers", "/api/admin-areas", "/api/places/1", "/tiles/building/15/27283/13310.mvt"],
)
def test_nobody_is_asked_to_sign_in(city_app: Flask, token: str | None, address: str) -> None:
    answer = browser(city_app, token).get(address)
    assert answer.status_code == 401
    assert answer.mimetype == "application/problem+json"


def test_the_card_tells_what_the_register_holds(everything: FlaskClient, city: City) -> None:
    card = everything.get(f"/api/places/{city.ids['site 1']}").get_json()
    assert card["kind_title"] == "院落"
    assert card["name"] == card["address"] == "示例路1号"
    assert card["admin_area"] == {"code": "320402", "name": "示例1区"}
    assert card["located_by_title"] == "按自身图形定位"
    gross = next(area for area in card["areas"] if area["area_kind"] == "gross")
    assert gross == {
        "area_kind": "gross",
        "area_kind_title": "建筑面积",
        "area_m2": 3001.0,
        "source_title": "填报",
        "measured_on": None,
        "counts": True,
    }
    assert card["holdings"] == [
        {
            "kind": "occupies",
            "kind_title": "使用",
            "holders": [
                {"organization_id": city.ids["agency 1"], "name": "示例1局", "share": None}
            ],
            "valid_from": None,
            "valid_to": None,
            "decision": None,
            "area_m2": None,
        }
    ]
    assert [group["kind"] for group in card["children"]] == ["building"]
    assert card["children"][0]["count"] == 2
    assert [floor["level"] for floor in card["floors"]] == [2, 1]
    facts = {row["title"]: row["value"] for row in card["facts"][0]["rows"]}
    assert facts["建筑面积合计"] == 3001.0
    assert facts["未分配建筑面积"] == 1001.0
    assert facts["空置房间数"] == 2


def test_a_room_knows_what_it_stands_in_and_its_floors(everything: FlaskClient, city: City) -> None:
    card = everything.get(f"/api/places/{city.ids['room 0.1.0']}").get_json()
    assert [one["kind_title"] for one in card["ancestors"]] == ["院落", "楼栋", "楼层"]
    assert [floor["label"] for floor in card["floors"]] == ["2F", "1F"]
    # A floor goes by its label and a room by its number: their codes tell nobody anything.
    assert card["ancestors"][-1]["name"] == "1F"
    assert card["name"].startswith("100 ")


def test_what_a_building_contains_goes_by_its_label(everything: FlaskClient, city: City) -> None:
    room = everything.get(f"/api/places/{city.ids['room 0.1.0']}").get_json()
    building = room["ancestors"][1]["place_id"]
    card = everything.get(f"/api/places/{building}").get_json()
    floors = {group["kind"]: group["items"] for group in card["children"]}["floor"]
    assert {one["name"] for one in floors} == {"1F", "2F"}


def test_a_card_one_may_not_see_does_not_exist(partial: FlaskClient, city: City) -> None:
    hidden = partial.get(f"/api/places/{city.ids['site 2']}")
    missing = partial.get("/api/places/987654321")
    assert hidden.status_code == missing.status_code == 404
    assert hidden.get_json()["type"] == missing.get_json()["type"]
    assert partial.get(f"/api/places/{city.ids['site 0']}").status_code == 200
    assert partial.get(f"/api/places/{10**30}").status_code == 404


def test_the_card_reads_the_history(everything: FlaskClient, city: City) -> None:
    with transaction(city.database.engine(Role.OPERATOR), city.everything) as conn:
        conn.execute(
            text("UPDATE place.place SET use_status = 'idle', name = '旧楼' WHERE place_id = :id"),
            {"id": city.ids["building 2.1"]},
        )
    card = everything.get(f"/api/places/{city.ids['building 2.1']}").get_json()
    assert [entry["operation_title"] for entry in card["history"]] == ["变更", "新增"]
    changed = card["history"][0]
    assert changed["who"] == "看全部"
    assert {(c["title"], c["old"], c["new"]) for c in changed["changes"]} == {
        ("名称", "2号楼", "旧楼"),
        ("使用状况", None, "idle"),
    }


def test_history_hides_former_rows_of_cells_one_may_not_see(
    everything: FlaskClient, partial: FlaskClient, city: City
) -> None:
    # A building of district 3 is handed to the first agency: the account sees it from then on.
    with transaction(city.database.engine(Role.OWNER), None) as conn:
        conn.execute(
            text("UPDATE place.place SET remark = '内部情况' WHERE place_id = :id"),
            {"id": city.ids["building 2.0"]},
        )
        conn.execute(
            text(
                "UPDATE place.place SET steward_id = :agency, remark = NULL, rights_cell ="
                " rights.cell_for(:agency, admin_area_code, security_class) WHERE place_id = :id"
            ),
            {"id": city.ids["building 2.0"], "agency": city.ids["agency 0"]},
        )
    address = f"/api/places/{city.ids['building 2.0']}"
    assert "内部情况" in everything.get(address).get_data(as_text=True)
    assert partial.get(address).status_code == 200
    assert "内部情况" not in partial.get(address).get_data(as_text=True)


@pytest.mark.parametrize(
    "address",
    [
        "/tiles/building/23/0/0.mvt",
        "/tiles/building/2/4/0.mvt",
        "/tiles/nothing/2/0/0.mvt",
        "/tiles/building/-1/0/0.mvt",
        "/tiles/building/a/0/0.mvt",
        "/tiles/building/2/99999999999999999999999999/0.mvt",
    ],
)
def test_impossible_tiles_are_not_found(everything: FlaskClient, address: str) -> None:
    answer = everything.get(address)
    assert answer.status_code == 404
    assert answer.mimetype == "application/problem+json"


@pytest.mark.parametrize("query", ["as_of=yesterday", "floor=x", "floor=9999", "floor=150.5"])
def test_what_a_tile_cannot_be_asked_is_refused(everything: FlaskClient, query: str) -> None:
    answer = everything.get(f"/tiles/room/17/109132/53241.mvt?{query}")
    assert answer.status_code == 400
    assert answer.mimetype == "application/problem+json"


def tile_address() -> str:
    return "/tiles/property/6/53/26.mvt"


def test_a_tile_is_private_and_tagged(everything: FlaskClient, partial: FlaskClient) -> None:
    answer = everything.get(tile_address())
    assert answer.status_code == 200
    assert answer.data
    assert answer.headers["Cache-Control"] == "private, no-cache"
    again = everything.get(tile_address(), headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304
    other = partial.get(tile_address())
    assert other.headers["ETag"] != answer.headers["ETag"]
    assert other.data != answer.data


def tiles_of_a_site() -> list[str]:
    """Addresses of tiles of three zooms that hold the first district's site."""
    longitude, latitude = 119.751, 31.651
    found = []
    for z in (14, 15, 16):
        x = int((longitude + 180) / 360 * 2**z)
        y = next(
            row
            for row in range(2**z // 3, 2**z // 2)
            if bounds(z, x, row)[1] <= latitude < bounds(z, x, row)[3]
        )
        found.append(f"/tiles/property/{z}/{x}/{y}.mvt")
    return found


def wait_until_listening(server: TileServer, before: object = None) -> None:
    """Until the watch knows the versions in force, and other ones than before."""
    for _ in range(1200):
        if server.watch.current() not in (None, before):
            return
        time.sleep(0.05)
    raise AssertionError("the watch does not hear")


def test_a_kept_tile_falls_out_with_the_next_change(
    city_app: Flask, everything: FlaskClient, city: City
) -> None:
    server: TileServer = city_app.extensions["onemap_tiles"]
    wait_until_listening(server)
    before = server.watch.current()
    first = everything.get(tile_address())
    assert everything.get(tile_address()).headers["ETag"] == first.headers["ETag"]
    with transaction(city.database.engine(Role.OPERATOR), city.everything) as conn:
        conn.execute(
            text("UPDATE place.place SET valid_to = current_date - 1 WHERE place_id = :id"),
            {"id": city.ids["site 2"]},
        )
    wait_until_listening(server, before)
    second = everything.get(tile_address())
    assert second.headers["ETag"] != first.headers["ETag"]
    assert second.data != first.data


def test_a_session_ended_within_seconds_gets_no_new_tile_and_spoils_none(
    city_app: Flask, everything: FlaskClient, city: City
) -> None:
    server: TileServer = city_app.extensions["onemap_tiles"]
    with transaction(city.database.engine(Role.OWNER), None) as conn:
        account_id = conn.execute(
            text("SELECT account_id FROM rights.account WHERE name = '看全部'")
        ).scalar_one()
        token = open_session(conn, account_id, kind="web", lifetime=timedelta(hours=1))
    leaving = browser(city_app, token)
    wait_until_listening(server)
    first, second, third = tiles_of_a_site()
    assert leaving.get(first).data  # from here on the worker knows whose session it is
    assert leaving.get(second).data
    with transaction(city.database.engine(Role.OWNER), None) as conn:
        conn.execute(
            text("DELETE FROM rights.session WHERE token_digest = :digest"),
            {"digest": token_digest(token)},
        )
    assert leaving.get(third).status_code == 401
    assert everything.get(third).data


def test_without_a_listener_nothing_is_kept(city: City) -> None:
    server = TileServer(city.database)
    server.watch.close()
    assert server.watch.current() is None


def test_search_finds_what_the_account_sees(everything: FlaskClient, partial: FlaskClient) -> None:
    found = everything.get("/api/search?q=示例路1").get_json()["items"]
    assert found[0]["name"] == "示例路1号"
    assert found[0]["kind_title"] == "院落"
    hidden = {item["code"] for item in partial.get("/api/search?q=示例路").get_json()["items"]}
    assert "S2" not in hidden
    assert {"S0", "S1"} <= hidden
    assert partial.get("/api/search?q=").get_json() == {"items": []}
    assert partial.get("/api/search?q=x&limit=900").status_code == 400


@pytest.mark.parametrize("text", ["'; DROP TABLE place.place --", "<script>", "%", "_", "\\", "\0"])
def test_search_takes_any_text_as_text(everything: FlaskClient, text: str) -> None:
    answer = everything.get("/api/search", query_string={"q": text})
    assert answer.status_code == 200
    assert answer.get_json() == {"items": []}


def test_the_survey_downloads_as_workbooks(
    everything: FlaskClient, partial: FlaskClient, nobody_here: FlaskClient
) -> None:
    whole = everything.get("/api/reports/survey")
    with zipfile.ZipFile(io.BytesIO(whole.data)) as archive:
        assert len(archive.namelist()) >= 2
    one = partial.get("/api/reports/survey?area=320402")
    assert one.data.startswith(b"PK")
    assert "320402.xlsx" in one.headers["Content-Disposition"]
    assert partial.get("/api/reports/survey?area=320403").status_code == 404
    signed = partial.get(
        "/api/reports/survey",
        query_string={"area": "320402", "filled_by": " 示例局，甲 ", "telephone": "0519-0"},
    )
    cover = openpyxl.load_workbook(io.BytesIO(signed.data))["行政区划"]
    said = {row[0]: row[1] for row in cover.iter_rows(min_row=2, values_only=True)}
    assert (said["填表人单位，姓名"], said["联系电话"]) == ("示例局，甲", "0519-0")
    assert nobody_here.get("/api/reports/survey").status_code == 401
    tables = partial.get("/api/reports/survey.json").get_json()["tables"]
    assert {row["reporter_code"] for row in tables[0]["rows"]} == {"320401", "320402"}
    assert partial.get("/api/reports/magic.json").status_code == 404
    assert partial.get("/api/reports").get_json()["items"][0]["name"] == "survey"


def test_any_report_downloads_as_a_workbook_of_what_the_account_sees(
    everything: FlaskClient, partial: FlaskClient, nobody_here: FlaskClient
) -> None:
    def codes(client: FlaskClient) -> set[object]:
        answer = client.get("/api/reports/ledgers.xlsx?as_of=2026-06-30")
        assert "2026-06-30.xlsx" in answer.headers["Content-Disposition"]
        book = openpyxl.load_workbook(io.BytesIO(answer.data))
        return {row[0] for row in book["逐处对账"].iter_rows(min_row=2, values_only=True)}

    assert {"S0", "S2"} <= codes(everything)
    assert "S0" in codes(partial)
    assert "S2" not in codes(partial)
    assert partial.get("/api/reports/magic.xlsx").status_code == 404
    assert nobody_here.get("/api/reports/ledgers.xlsx").status_code == 401


def test_a_form_downloads_as_a_workbook_and_a_paper_with_who_hands_it_in(
    everything: FlaskClient, partial: FlaskClient, nobody_here: FlaskClient
) -> None:
    asked = {"as_of": "2026-06-30", "filed_by": "示例市机关事务管理局"}
    answer = everything.get("/api/reports/overall_use.xlsx", query_string=asked)
    sheet = openpyxl.load_workbook(io.BytesIO(answer.data)).worksheets[1]
    assert "填报单位：示例市机关事务管理局" in str(sheet["A2"].value)
    paper = everything.get("/api/reports/overall_use.docx", query_string=asked)
    assert "2026-06-30.docx" in paper.headers["Content-Disposition"]

    def said(client: FlaskClient, name: str) -> str:
        content = client.get(f"/api/reports/{name}.docx").data
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return archive.read("word/document.xml").decode()

    assert "示例2局" in said(everything, "overall_use")
    assert "示例2局" not in said(partial, "overall_use")
    assert nobody_here.get("/api/reports/overall_use.docx").status_code == 401
    assert everything.get("/api/reports/magic.docx").status_code == 404


def test_a_report_is_asked_only_what_it_knows(everything: FlaskClient) -> None:
    vacated = "/api/reports/vacated.json?as_of=2026-06-30"
    assert everything.get(vacated).get_json()["since"] == "2026-01-01"
    assert everything.get(f"{vacated}&since=2025-07-01").get_json()["since"] == "2025-07-01"
    for wrong in ("since=2026-07-01", "since=today", "body=nobody"):
        assert everything.get(f"{vacated}&{wrong}").status_code == 400, wrong
    assert everything.get("/api/reports/areas.json?body=A0").status_code == 400
    of_one = everything.get("/api/reports/publication.json?body=A0").get_json()
    assert {row["code"] for row in of_one["tables"][0]["rows"]} == {"A0"}
    listed = {one["name"]: one["takes"] for one in
              everything.get("/api/reports").get_json()["items"]}  # fmt: skip
    assert (listed["vacated"], listed["overall_use"]) == (["body", "since"], [])


def test_the_page_of_reports_asks_each_what_it_knows(everything: FlaskClient) -> None:
    chosen = "as_of=2026-06-30&since=2026-02-01&body=A0&filed_by=甲"
    page = html.unescape(everything.get(f"/reports?{chosen}").get_data(as_text=True))
    day = "as_of=2026-06-30&filed_by=%E7%94%B2"
    for address in (
        f"/api/reports/vacated.pdf?{day}&body=A0&since=2026-02-01",
        f"/api/reports/publication.docx?{day}&body=A0",
        f"/api/reports/overall_use.xlsx?{day}",
    ):
        assert f'"{address}"' in page, address
    assert '<option value="A2">示例2局</option>' in page
    assert everything.get("/reports?since=soon").status_code == 400


@pytest.mark.skipif(not shutil.which("soffice"), reason="needs LibreOffice")
def test_a_report_downloads_as_pdf(everything: FlaskClient) -> None:
    answer = everything.get("/api/reports/over_standard.pdf")
    assert answer.mimetype == "application/pdf"
    assert answer.data.startswith(b"%PDF")


def test_days_of_change_are_told_up_to_today_and_only_of_what_one_sees(
    everything: FlaskClient, partial: FlaskClient, nobody_here: FlaskClient, city: City
) -> None:
    with transaction(city.database.engine(Role.OWNER), None) as conn:
        for name, day in (("site 0", "2001-02-03"), ("site 2", "2002-03-04")):
            conn.execute(
                text("UPDATE place.place SET valid_from = CAST(:day AS date) WHERE place_id = :id"),
                {"day": day, "id": city.ids[name]},
            )
    whole = everything.get("/api/dates").get_json()["items"]
    assert whole == sorted(whole)
    assert {"2001-02-03", "2002-03-04"} <= set(whole)
    assert everything.get("/api/dates").get_json()["first"] == whole[0]
    part = partial.get("/api/dates").get_json()["items"]
    assert "2001-02-03" in part
    assert "2002-03-04" not in part
    assert part[-1] == whole[-1] == everything.get("/api/layers").get_json()["as_of"]
    assert nobody_here.get("/api/dates").status_code == 401
