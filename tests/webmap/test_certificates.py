"""Certificates over HTTP: the register, one, its code, its paper, and the forms."""

import io
import re
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from docx import Document
from flask import Flask
from flask.testing import FlaskClient
from handed_in import open_account
from PIL import Image
from small_city import City, build
from sqlalchemy import text

from assets.certificates.queries import find
from assets.certificates.rules import code_text
from assets.estate.actions import Party, record_holding
from assets.estate.model import HoldingKind
from etl.terms import save_terms
from gis.clock import today
from gis.db import Database, Role, transaction
from gis.rights.actions import Grant
from gis.settings import Settings
from tests.webmap.conftest import signed_in
from webmap.app import create_app

HERE = "/certificates"


@pytest.fixture(scope="module")
def city(make_database: Callable[[str], Database]) -> City:
    made = build(make_database("onemap_certificate_pages"))
    with transaction(made.database.engine(Role.LOADER), made.everything) as conn:
        save_terms(conn)
    with transaction(made.database.engine(Role.OWNER), None) as conn:
        for name in ("0.1.0", "0.1.1", "0.2.0"):
            record_holding(
                conn,
                place_id=made.ids[f"room {name}"],
                kind=HoldingKind.OCCUPIES,
                parties=[Party(made.ids["agency 0"])],
            )
            conn.execute(text("DROP TABLE IF EXISTS pg_temp.touched_place, pg_temp.touched_tree"))
    return made


@pytest.fixture
def officer(city_app: Flask, city: City) -> Iterator[FlaskClient]:
    yield signed_in(city_app, city.everything)
    with city.database.engine(Role.OWNER).begin() as owner:
        for table in ("certified_room", "edition", "certificate"):
            owner.execute(text(f"DELETE FROM certificates.{table}"))
        owner.execute(text("DELETE FROM services.number_given"))
        owner.execute(text("DELETE FROM services.number_counter"))


def _issue(browser: FlaskClient, city: City, *names: str, **stated: str) -> str:
    day = today().isoformat()
    form = {
        "holder": str(city.ids["agency 0"]), "called": "使用凭证", "issuer": "示例<b>局",
        "word": "示机用证", "issued_on": day, "valid_from": day, "agreement_number": "协1",
        **{f"room_{city.ids[f'room {name}']}": "on" for name in names}, **stated,
    }  # fmt: skip
    answer = browser.post(HERE, json=form)
    assert answer.status_code == 200, answer.get_data(as_text=True)
    return str(answer.get_json()["location"])


def _uid(city: City) -> UUID:
    with city.database.engine(Role.OWNER).connect() as conn:
        found: UUID = conn.execute(text("SELECT uid FROM certificates.certificate")).scalar_one()
    return found


def test_one_is_issued_from_the_rooms_of_a_body_and_stands_in_the_register(
    officer: FlaskClient, city: City
) -> None:
    draft = officer.get(f"{HERE}/new?body={city.ids['agency 0']}").get_data(as_text=True)
    assert draft.count('type="checkbox"') == 3
    here = _issue(officer, city, "0.1.0", "0.1.1")
    [row] = officer.get("/api/certificates").get_json()["items"]
    assert (row["holder_name"], row["rooms"], row["area_m2"], row["state"]) == (
        "示例0局", 2, 40, "in_force",
    )  # fmt: skip
    for language in ("zh", "en"):
        officer.set_cookie("onemap_language", language)
        for address in (HERE, here, f"{here}/change", f"{HERE}/new?body={city.ids['agency 0']}"):
            shown = officer.get(address)
            said = shown.get_data(as_text=True)
            untold = re.findall(r"certificates\.(?!xlsx|csv)[a-z]", said)
            assert (shown.status_code, untold) == (200, []), address
            assert "示例<b>局" not in said
    again = officer.post(HERE, json={
        "holder": city.ids["agency 0"], "rooms": [city.ids["room 0.1.0"]], "issuer": "局",
        "word": "字", "issued_on": today().isoformat(), "valid_from": today().isoformat(),
    })  # fmt: skip
    assert (again.status_code, row["number"] in again.get_json()["detail"]) == (400, True)


def test_the_register_is_searched_by_words_state_holder_place_and_code(
    officer: FlaskClient, city: City
) -> None:
    _issue(officer, city, "0.1.0")
    code = f"示机用证〔2026〕1号 /certificates/code/{_uid(city)}"
    building, other = city.ids["building 0.0"], city.ids["building 0.1"]
    for asked, total in {
        "q=用证": 1, "q=没有": 0, f"q={code}": 1, f"q={uuid4()}": 0, "state=in_force": 1,
        "state=cancelled": 0, "state=to_change": 1, f"holder={city.ids['agency 0']}": 1,
        f"holder={city.ids['agency 1']}": 0, f"place={building}": 1, f"place={other}": 0,
        f"place={city.ids['room 0.1.0']}": 1, "as_of=2012-01-01&state=coming": 1,
    }.items():  # fmt: skip
        answer = officer.get(f"/api/certificates?{asked}")
        assert (answer.status_code, answer.get_json()["total"]) == (200, total), asked
    assert officer.get("/api/certificates?state=x").status_code == 400


def test_the_register_is_taken_as_text_narrowed_as_its_page(
    officer: FlaskClient, city: City
) -> None:
    _issue(officer, city, "0.1.0")
    number = f"示机用证〔{today().year}〕1号"
    page = officer.get(f"{HERE}?q=用证&state=in_force").get_data(as_text=True)
    [link] = re.findall(r'href="(/certificates\.csv[^"]+)"', page)
    for asked, total in {link.replace("&amp;", "&"): 1, f"{HERE}.csv?state=cancelled": 0}.items():
        taken = officer.get(asked)
        _head, *rows = taken.data.decode("utf-8-sig").splitlines()
        assert (taken.status_code, sum(number in row for row in rows)) == (200, total), asked
    assert officer.get(f"{HERE}.csv?state=x").status_code == 400


def test_it_is_changed_cancelled_and_taken_back_on_its_page(
    officer: FlaskClient, city: City
) -> None:
    here, day = _issue(officer, city, "0.1.0"), today().isoformat()
    cancel = {"since": day, "reason": "腾退", "version": "1"}
    refused = officer.post(f"{here}/cancel", json=cancel)
    assert (refused.status_code, "仍在使用其中 1 间" in refused.get_json()["detail"]) == (400, True)
    done = officer.post(f"{here}/cancel", json={**cancel, "although_used": "on"})
    assert done.get_json() == {"location": here}
    assert "已注销" in officer.get(here).get_data(as_text=True)
    assert officer.post(f"{here}/take-back", json={"version": "2"}).status_code == 200
    change = {"since": "2100-01-01", "reason": "调整", "version": "3", "rooms": [
        city.ids["room 0.1.1"]]}  # fmt: skip
    assert officer.post(f"{here}/change", json=change).status_code == 200
    assert "调整" in officer.get(f"{here}?edition=1").get_data(as_text=True)
    assert officer.get(f"{here}?edition=3").status_code == 404


def test_a_code_opens_the_record_for_who_may_see_it_and_nothing_for_others(
    officer: FlaskClient, city_app: Flask, city: City
) -> None:
    here = _issue(officer, city, "0.1.0")
    code = f"{HERE}/code/{_uid(city)}"
    assert officer.get(code).headers["Location"] == here
    for wrong in (uuid4(), "1"):
        assert officer.get(f"{HERE}/code/{wrong}").status_code == 404
    token = open_account(city.database, "外人", Grant("viewer", admin_area_code="320402"))
    stranger = signed_in(city_app, token)
    for address in (code, here, f"{here}/paper.docx", f"{here}/change"):
        answer = stranger.get(address)
        assert (answer.status_code, "示例0局" in answer.get_data(as_text=True)) == (404, False)
    nobody = city_app.test_client().get(code, headers={"Accept": "text/html"})
    assert (nobody.status_code, "/sign-in" in nobody.headers["Location"]) == (303, True)


def test_the_card_of_room_and_building_names_it(officer: FlaskClient, city: City) -> None:
    _issue(officer, city, "0.1.0")
    for name in ("room 0.1.0", "building 0.0", "site 0"):
        card = officer.get(f"/api/places/{city.ids[name]}").get_json()
        [said] = [one for one in card["facts"] if one["domain"] == "certificates"]
        lines = {one["title"]: one["value"] for one in said["rows"]}
        number = f"示机用证〔{today().year}〕1号"
        assert lines["使用凭证"] == f"{number} 示例0局"
        # The agency has more rooms there than it was given on paper.
        assert lines["与现状不符的凭证"] == number


def test_the_paper_has_its_facts_rooms_plans_and_code(officer: FlaskClient, city: City) -> None:
    here = _issue(officer, city, "0.1.0", "0.2.0")
    answer = officer.get(f"{here}/paper.docx")
    paper = Document(io.BytesIO(answer.data))
    said = "\n".join(one.text for one in paper.paragraphs)
    for words in ("示机用证〔", "不得用于出租、出借、经营", "示例<b>局", "附图"):
        assert words in said
    facts, rooms = paper.tables
    assert [row.cells[1].text for row in facts.rows][:1] == ["示例0局"]
    assert [cell.text for cell in rooms.rows[1].cells][3:] == ["办公室", "20.00", "20.00"]
    assert [cell.text for cell in rooms.rows[3].cells][4:] == ["40.00", "40.00"]
    pictures = [
        Image.open(io.BytesIO(part.blob))
        for part in paper.part.package.iter_parts()
        if part.partname.endswith(".png")
    ]
    # A square code, and a plan of either floor.
    assert sorted(one.size[0] == one.size[1] for one in pictures) == [False, False, True]
    # The code and its line stand beside who issues it, lest they need a page of their own.
    framed = [one for one in paper.paragraphs if one._p.xpath("./w:pPr/w:framePr")]
    assert (len(framed), framed[1].text) == (2, "扫描核验")
    assert framed[1]._p.getnext().getnext().xpath("string(.)") == "示例<b>局"
    assert officer.get(f"{here}/paper.odt").status_code == 400


def test_pages_and_paper_say_the_same_last_day(officer: FlaskClient, city: City) -> None:
    end = date(today().year + 2, 3, 1)
    here = _issue(officer, city, "0.1.0", valid_to=end.isoformat())
    last = end - timedelta(days=1)
    for page in (officer.get(here).text, officer.get(HERE).text):
        assert f"{today()} – {last}" in page
    paper = Document(io.BytesIO(officer.get(f"{here}/paper.docx").data))
    said = "\n".join(one.text for one in paper.paragraphs)
    assert f"期限：{last.year}年{last.month}月{last.day}日" in said


def test_the_paper_says_what_its_holder_may_have_where_that_is_known(
    officer: FlaskClient, city: City
) -> None:
    here = _issue(officer, city, "0.1.0")

    def facts() -> dict[str, str]:
        paper = Document(io.BytesIO(officer.get(f"{here}/paper.docx").data))
        return {row.cells[0].text: row.cells[1].text for row in paper.tables[0].rows}

    # Ten people and no level: nobody can tell their area.
    assert facts()["编制数"] == "10（持证单位全部）"
    assert "核定面积（使用面积）" not in facts()
    body = {"body": city.ids["agency 0"]}
    level = text(
        "UPDATE organization.organization SET level_code = :to WHERE organization_id = :body"
    )
    with city.database.engine(Role.OWNER).begin() as owner:
        owner.execute(level, {**body, "to": "city"})
        owner.execute(
            text(
                "INSERT INTO organization.headcount (organization_id, kind, rank_code, people,"
                " counted_on, source, rights_cell) SELECT :body, 'quota', 'bureau_below', 10,"
                " DATE '2025-09-30', 'census', rights.cell_for(:body, NULL, 0::smallint)"
            ),
            body,
        )
    try:
        # 10 x 9, 10 x 8, 9 % of both.
        assert facts()["核定面积（使用面积）"] == (
            "185.30 m²（持证单位全部）；办公室 90.00 m²；服务用房 80.00 m²；设备用房 15.30 m²"
        )
        assert f"{today().year}年" in facts()["核定依据"]
    finally:
        with city.database.engine(Role.OWNER).begin() as owner:
            owner.execute(level, {**body, "to": None})
            owner.execute(
                text("DELETE FROM organization.headcount WHERE rank_code = 'bureau_below'")
            )


def test_the_code_carries_the_address_of_the_server_where_it_has_one(city: City) -> None:
    uid = uuid4()
    assert code_text(uid, "号1", "https://a.example/map") == (
        f"https://a.example/map/certificates/code/{uid}"
    )
    assert code_text(uid, "号1", None) == f"号1 /certificates/code/{uid}"


def test_who_does_not_see_all_of_its_rooms_is_told_so_and_prints_nothing(
    officer: FlaskClient, city_app: Flask, city: City
) -> None:
    here = _issue(officer, city, "0.1.0", "0.1.1")
    number = int(here.rpartition("/")[2])
    with city.database.engine(Role.OWNER).begin() as owner:
        cell = owner.execute(
            text("SELECT rights.cell_for(:body, '320401', 2::smallint)"),
            {"body": city.ids["agency 0"]},
        ).scalar_one()
        of = {"room": city.ids["room 0.1.1"], "cell": cell}
        former = owner.execute(
            text("SELECT rights_cell FROM place.place WHERE place_id = :room"), of
        ).scalar_one()
        move = "UPDATE place.place SET security_class = :class, rights_cell = :cell"
        move = text(f"{move} WHERE place_id = :room")
        owner.execute(move, {**of, "class": 2})
    viewer = signed_in(city_app, open_account(city.database, "普通", Grant("viewer")))
    shown = viewer.get(here).get_data(as_text=True)
    assert ("您不能查看的房间" in shown, "101" in shown, "paper.pdf" in shown) == (
        True,
        False,
        False,
    )
    assert viewer.get(f"{here}/paper.docx").status_code == 403
    with transaction(city.database.engine(Role.WEB), city.everything) as conn:
        assert find(conn, number, today()).is_whole
    with city.database.engine(Role.OWNER).begin() as owner:
        owner.execute(move, {**of, "class": 0, "cell": former})


def test_it_is_called_what_the_settings_say(city: City, tmp_path: Path) -> None:
    settings = Settings(
        state_dir=tmp_path, database_url=None, language="zh", certificate_name="使用权证"
    )
    app = create_app(settings, city.database)
    try:
        shown = signed_in(app, city.everything).get(HERE).get_data(as_text=True)
        assert "使用权证登记簿" in shown
    finally:
        app.extensions["onemap_tiles"].watch.close()
