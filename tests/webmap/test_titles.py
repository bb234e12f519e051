"""The page of titles: each property against cards, measured areas and title certificates."""

import io
import re
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from handed_in import open_account
from small_city import City, build
from sqlalchemy import text

from gis.db import Database, Role, transaction
from gis.rights.actions import Grant
from tests.webmap.conftest import signed_in


@pytest.fixture(scope="module")
def city(make_database: Callable[[str], Database]) -> City:
    made = build(make_database("onemap_title_pages"))
    with transaction(made.database.engine(Role.OWNER), made.everything) as conn:
        conn.execute(
            text(
                "INSERT INTO estate.asset_card (code, number, area_m2, place_id, found_by,"
                " rights_cell) SELECT 'K1', '卡甲', 1, place_id, 'number', rights_cell"
                " FROM place.place WHERE kind = 'site' ORDER BY place_id LIMIT 1"
            )
        )
        conn.execute(
            text(
                "INSERT INTO estate.asset_card (code, number, category_name, rights_cell)"
                " SELECT 'K2', '卡乙', '房屋', min(cell) FROM rights.cell"
            )
        )
    return made


@pytest.fixture
def client(city_app: Flask, city: City) -> FlaskClient:
    return signed_in(city_app, city.everything)


def _codes(page: str) -> list[str]:
    table = page.partition('id="titles"')[2].partition("</table>")[0]
    return re.findall(r'<span class="faint">([^<]+)</span></th>', table)


def test_the_page_lists_what_was_asked_for_and_cards_of_no_place(client: FlaskClient) -> None:
    page = client.get("/titles").text
    every = _codes(page)
    assert len(every) > 1
    assert "卡乙" in page.partition('id="loose-cards"')[2]
    assert _codes(client.get("/titles?q=卡甲").text) == every[:1]
    lacking = _codes(client.get("/titles?side=account&verdict=lacks").text)
    assert lacking == every[1:]
    assert _codes(client.get("/titles?q=没有这样的").text) == []
    assert client.get("/titles?side=nonsense").status_code == 400


def _verdicts(page: str, code: str) -> list[str]:
    row = page.partition(f">{code}</span></th>")[2].partition("</tr>")[0]
    return re.findall(r'<span class="state [^"]*">([^<]+)</span>', row)[:3]


def test_who_does_not_see_all_parts_is_answered_by_those_he_sees_and_told_so(
    city_app: Flask, city: City
) -> None:
    with transaction(city.database.engine(Role.OWNER), city.everything) as conn:
        conn.execute(
            text(
                "INSERT INTO place.area_measure (place_id, area_kind, area_m2, source,"
                " rights_cell) SELECT place_id, 'gross', 1500, 'survey', rights_cell"
                " FROM place.place WHERE place_id = ANY (:ids)"
            ),
            {"ids": [city.ids["building 0.0"], city.ids["building 0.1"]]},
        )
    assert _verdicts(signed_in(city_app, city.partial).get("/titles").text, "S0")[1] == "相符"
    with transaction(city.database.engine(Role.OWNER), city.everything) as conn:
        conn.execute(
            text(
                "UPDATE place.place AS p SET steward_id = o.steward_id, admin_area_code ="
                " o.admin_area_code, rights_cell = o.rights_cell FROM place.place AS o"
                " WHERE o.place_id = :other AND p.place_id = :part"
            ),
            {"other": city.ids["site 2"], "part": city.ids["building 0.1"]},
        )
    whole = signed_in(city_app, city.everything).get("/titles").text
    assert _verdicts(whole, "S0")[1] == "相符"
    page = signed_in(city_app, city.partial).get("/titles").text
    assert _verdicts(page, "S0")[1] == "不符"
    assert "只比对您有权查看的" in page


def test_the_report_is_a_workbook_and_a_paper(client: FlaskClient) -> None:
    for ending in ("xlsx", "docx"):
        assert client.get(f"/api/reports/three_way.{ending}").status_code == 200


def test_a_property_is_put_on_record_from_the_page_and_found_by_its_state(
    client: FlaskClient, city_app: Flask, city: City
) -> None:
    every = _codes(client.get("/titles").text)
    site = city.ids["site 0"]
    made = client.post("/titles/records", json={"place_id": str(site)})
    assert made.status_code == 200, made.text
    where = made.json["location"]
    said = client.post(
        where, json={"version": "1", "cause": "papers_missing", "reason": "<b>档案遗失</b>"}
    )
    assert said.status_code == 200, said.text
    case = made.json["ownership_record_id"]
    file = {"file": (io.BytesIO(b"%PDF-1.4\n%%EOF\n"), "说明.pdf")}
    kept = client.post(f"/api/cases/ownership/{case}/attachments", data=file)
    assert kept.status_code == 201, kept.text
    assert client.post(f"{where}/steps/submit", json={"version": "1"}).status_code == 409
    assert client.post(f"{where}/steps/submit", json={"version": "2"}).status_code == 200
    page = client.get(where).text
    assert "说明.pdf" in page
    assert "&lt;b&gt;档案遗失" in page
    assert 'id="step-withdraw"' in page
    assert 'id="step-record"' not in page  # who handed it in does not decide
    assert page.count("须由另一人办理") == 1
    assert 'id="grounds"' not in page
    second = open_account(city.database, "第二人", Grant("officer"))
    seconds = signed_in(city_app, second).get(where).text
    assert ('id="step-record"' in seconds, "须由另一人办理" in seconds) == (True, False)

    assert _codes(client.get("/titles?ownership=handed_in").text) == ["S0"]
    assert _codes(client.get("/titles?ownership=open").text) == [
        one for one in every if one != "S0"
    ]
    assert _codes(client.get("/titles?ownership=handed_in&as_of=2020-01-01").text) == []
    assert "/titles/records" not in client.get("/titles?as_of=2020-01-01").text
    assert client.get("/titles?ownership=dropped").status_code == 400
    card = client.get(f"/api/places/{site}").json
    assert [
        row["title"] for one in card["facts"] if one["domain"] == "certificates"
        for row in one["rows"]
    ] == ["权属备案：已报"]  # fmt: skip


def test_a_rented_property_is_counted_apart_and_offers_no_record(
    client: FlaskClient, city: City
) -> None:
    with city.database.engine(Role.OWNER).begin() as owner:
        rented = {"id": city.ids["site 1"]}
        owner.execute(
            text(
                "INSERT INTO place.site (place_id, is_leased_in, rights_cell)"
                " SELECT place_id, true, rights_cell FROM place.place WHERE place_id = :id"
                " ON CONFLICT (place_id) DO UPDATE SET is_leased_in = true"
            ),
            rented,
        )
    assert _codes(client.get("/titles?ownership=leased_in").text) == ["S1"]
    assert "S1" not in _codes(client.get("/titles?ownership=open").text)
    one = client.get(f"/titles?place={rented['id']}").text
    assert "租入，无需备案" in one.partition('id="titles"')[2]
    assert 'data-post="/titles/records"' not in one
    said = one.partition('id="ownership-sums"')[2].partition("</p>")[0]
    assert re.search(r'租入，无需备案 <a [^>]+ownership=leased_in">1</a>', said)
    assert client.post("/titles/records", json={"place_id": str(rented["id"])}).status_code == 400


@pytest.mark.parametrize("stated", [None, "", "x", "0", "9" * 19, True])
def test_no_property_is_told(client: FlaskClient, stated: object) -> None:
    answer = client.post("/titles/records", json={"place_id": stated})
    assert answer.status_code in (400, 404)
    assert client.get("/titles/records/1000000").status_code == 404


def _card(city: City, number: str) -> tuple[object, ...]:
    with transaction(city.database.engine(Role.OWNER), None) as conn:
        found = conn.execute(
            text(
                "SELECT c.asset_card_id, p.code, c.found_by, c.rights_cell = p.rights_cell"
                " FROM estate.asset_card AS c LEFT JOIN place.place AS p USING (place_id)"
                " WHERE c.number = :number"
            ),
            {"number": number},
        ).one()
        return tuple(found)


def _search(client: FlaskClient) -> None:
    page = client.get("/titles").text
    count = re.findall(r'name="count" value="(\d+)"', page)[0]
    assert client.post("/titles/cards/search", json={"count": count}).status_code == 200
    assert client.post("/titles/cards/search", json={"count": "99"}).status_code == 409


def test_a_card_is_linked_taken_off_and_each_taken_back_by_hand(
    client: FlaskClient, city_app: Flask, city: City
) -> None:
    card, site = _card(city, "卡乙")[0], city.ids["site 1"]
    link, off = f"/titles/cards/{card}/place", f"/titles/cards/{card}/off"
    assert link in client.get("/titles").text
    reader = signed_in(city_app, city.partial)
    assert link not in reader.get("/titles").text
    assert reader.post(link, json={"code": "S0", "reason": "试"}).status_code in (403, 404)
    for bad in ({"code": "S1"}, {"code": "", "reason": "试"}, {"code": 1, "reason": "试"}):
        assert client.post(link, json=bad).status_code == 400
    assert client.post(link, json={"code": "R100", "reason": "试"}).status_code == 404
    made = client.post(link, json={"code": "S1", "reason": "卡片是本院的"})
    assert made.status_code == 200, made.text
    assert _card(city, "卡乙")[1:] == ("S1", "hand", True)
    assert client.post(link, json={"code": "S2", "reason": "试"}).status_code == 409
    page = client.get(f"/titles?place={site}").text
    assert off in page
    assert "卡乙" in page.partition('id="own-cards"')[2].partition("</table>")[0]
    # A building is led to its property.
    assert _codes(client.get(f"/titles?place={city.ids['building 1.0']}").text) == ["S1"]

    def last_edit() -> dict[str, object]:
        return dict(client.get(f"/api/places/{site}").json["last_edit"])

    assert last_edit()["kind_title"] == "资产卡片"
    back = client.delete(f"/api/places/{site}/edits/{last_edit()['edit_id']}")
    assert back.status_code == 200, back.text
    assert _card(city, "卡乙")[1:] == (None, None, None)

    assert client.post(link, json={"code": "S1", "reason": "卡片是本院的"}).status_code == 200
    wrong = {"place_id": str(city.ids["site 2"]), "reason": "试"}
    assert client.post(off, json=wrong).status_code == 409
    taken = client.post(off, json={"place_id": str(site), "reason": "不是本院的"})
    assert taken.status_code == 200, taken.text
    assert _card(city, "卡乙")[1:] == (None, "hand", None)
    # What a person took off no search puts back, though the number is now the place's.
    with transaction(city.database.engine(Role.OWNER), city.everything) as conn:
        conn.execute(text("UPDATE estate.asset_card SET number = 'S1' WHERE number = '卡乙'"))
    _search(client)
    assert _card(city, "S1")[1:] == (None, "hand", None)
    with transaction(city.database.engine(Role.OWNER), city.everything) as conn:
        conn.execute(text("UPDATE estate.asset_card SET number = '卡乙' WHERE number = 'S1'"))
    back = client.delete(f"/api/places/{site}/edits/{last_edit()['edit_id']}")
    assert back.status_code == 200, back.text
    assert _card(city, "卡乙")[1:] == ("S1", "hand", True)
    # Taken off and put elsewhere: the older edit is not undone behind that one's back.
    assert client.post(off, json={"place_id": str(site), "reason": "不是"}).status_code == 200
    assert client.post(link, json={"code": "S2", "reason": "是"}).status_code == 200
    back = client.delete(f"/api/places/{site}/edits/{last_edit()['edit_id']}")
    assert back.status_code == 409
    assert _card(city, "卡乙")[1] == "S2"


def test_a_card_is_looked_for_again_where_the_register_changed(
    client: FlaskClient, city: City
) -> None:
    with transaction(city.database.engine(Role.OWNER), city.everything) as conn:
        conn.execute(
            text(
                "INSERT INTO estate.asset_card (code, number, category_name, address, rights_cell)"
                " SELECT 'K3', '卡丙', '房屋', '新改路9号', min(cell) FROM rights.cell"
            )
        )
    _search(client)
    assert _card(city, "卡丙")[1] is None
    form = client.get(f"/api/places/{city.ids['site 2']}/edit").json
    saved = client.post(
        f"/api/places/{city.ids['site 2']}/edit",
        json={"values": {"address": "新改路9号"}, "version": form["version"], "reason": "改名"},
    )
    assert saved.status_code == 200, saved.text
    _search(client)
    assert _card(city, "卡丙")[1:] == ("S2", "address", True)
