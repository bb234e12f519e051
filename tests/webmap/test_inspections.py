"""The pages of inspections: planned, carried out, told, put right; as a person would go through."""

import io
from collections.abc import Callable
from typing import Any

import pytest
from docx import Document
from flask import Flask
from flask.testing import FlaskClient
from handed_in import open_account
from PIL import Image
from small_city import City, build
from sqlalchemy import text

from etl.terms import save_terms
from gis.clock import today
from gis.db import Database, Role, transaction
from gis.rights.actions import EVERYTHING, Grant
from tests.webmap.conftest import signed_in

DAY = today().isoformat()
LATER = today().replace(year=today().year + 1).isoformat() if today().month != 2 else "2099-01-01"


@pytest.fixture(scope="module")
def city(make_database: Callable[[str], Database]) -> City:
    made = build(make_database("onemap_inspection_pages"))
    with transaction(made.database.engine(Role.LOADER), made.everything) as conn:
        save_terms(conn)
    return made


@pytest.fixture
def inspector(city_app: Flask, city: City) -> FlaskClient:
    return signed_in(city_app, city.everything)


@pytest.fixture
def second(city_app: Flask, city: City) -> FlaskClient:
    return signed_in(city_app, open_account(city.database, "检查员乙", EVERYTHING))


@pytest.fixture
def clerk(city_app: Flask, city: City) -> FlaskClient:
    own = Grant("clerk", organization_id=city.ids["agency 0"])
    return signed_in(city_app, open_account(city.database, "经办人", own))


def _post(browser: FlaskClient, path: str, **body: Any) -> Any:
    answer = browser.post(path, json=body)
    assert answer.status_code == 200, answer.get_json()
    return answer.get_json()


def _planned(browser: FlaskClient, city: City) -> str:
    """Address of an inspection of the first agency."""
    plan = {"name": "年度<b>巡检</b>", "kind": "full", "starts_on": DAY, "ends_on": DAY}
    chosen = {"organization_ids": [str(city.ids["agency 0"])], "checklist": "taizhou_2021"}
    location: str = _post(browser, "/inspections", **plan, **chosen)["location"]
    return location


def _numbers(city: City, query: str) -> list[int]:
    with city.database.engine(Role.OWNER).connect() as conn:
        return list(conn.execute(text(query)).scalars())


def _visit(city: City, inspection: str) -> tuple[int, list[int]]:
    """Its one visit, and its items."""
    of = (
        f"FROM inspection.{{}} WHERE inspection_id = {int(inspection.rsplit('/', 1)[1])} ORDER BY 1"
    )
    [visit] = _numbers(city, "SELECT visit_id " + of.format("visit"))
    return visit, _numbers(city, "SELECT item_id " + of.format("item"))


def _photo() -> io.BytesIO:
    content = io.BytesIO()
    Image.new("RGB", (64, 48), "teal").save(content, "PNG")
    content.seek(0)
    return content


def test_an_inspection_from_plan_to_closed_notice(
    inspector: FlaskClient, second: FlaskClient, clerk: FlaskClient, city: City
) -> None:
    here = _planned(inspector, city)
    visit, asked = _visit(city, here)
    for path in ("/inspections", here):
        page = inspector.get(path).get_data(as_text=True)
        assert "年度&lt;b&gt;巡检" in page
    at = f"/inspections/visits/{visit}"
    for item in asked:
        assert _post(inspector, f"{at}/answers", item=str(item), answer="pass") == {"version": 1}
    late = second.post(f"{at}/answers", json={"item": str(asked[0]), "answer": "fail"})
    assert (late.status_code, "看全部" in late.get_json()["detail"]) == (409, True)
    assert clerk.get(at).status_code == 404

    sent = {"words": "改作库房", "place": "R010 1号楼 101", "file": (_photo(), "a.png")}
    assert inspector.post(f"{at}/findings", data=sent).status_code == 200
    bare = inspector.post(f"{at}/findings", data={"words": "x", "file": (_photo(), "b.png")})
    assert bare.status_code == 400
    [finding] = _numbers(
        city, f"SELECT finding_id FROM inspection.finding WHERE visit_id = {visit}"
    )
    photos = _numbers(
        city, f"SELECT photo_id FROM inspection.finding_photo WHERE finding_id = {finding}"
    )
    assert f"/api/photos/{photos[0]}/thumbnail" in inspector.get(at).get_data(as_text=True)
    _post(inspector, f"{at}/finish", version="1")
    assert "改作库房" in clerk.get(at).get_data(as_text=True)

    told = _post(inspector, f"/inspections/findings/{finding}/notice", due_on=LATER)
    case = told["location"]
    tasks = clerk.get("/api/todo").get_json()["tasks"]
    assert [(one["workflow"], one["steps"], one["address"]) for one in tasks] == [
        ("rectification", ["answer"], case)
    ]
    assert "问题整改" in clerk.get("/todo").get_data(as_text=True)
    page = clerk.get(case).get_data(as_text=True)
    assert ('id="step-answer"' in page, 'id="step-recheck"' in page) == (True, False)
    _post(clerk, f"{case}/steps/answer", version="1", remark="已恢复")
    _post(second, f"{case}/steps/recheck", version="2")
    assert 'id="step-close"' not in second.get(case).get_data(as_text=True)
    assert second.post(f"{case}/steps/close", json={"version": "3"}).status_code == 403
    _post(inspector, f"{case}/steps/close", version="3")
    assert "已销号" in clerk.get(case).get_data(as_text=True)
    for path in (
        f"{here}/report.xlsx",
        f"{here}/report",
        f"{case}/notice",
        "/api/reports/rectifications.xlsx",
    ):
        answer = inspector.get(path)
        assert (answer.status_code, answer.data[:2]) == (200, b"PK")
    assert inspector.get(f"{case}/notice?format=odt").status_code == 400
    assert inspector.get(f"{here}/report?format=odt").status_code == 400
    paper = Document(io.BytesIO(inspector.get(f"{here}/report").data))
    said = "\n".join(one.text for one in paper.paragraphs)
    assert "共检查1家单位，已完成1家；发现问题1项，整改中0项，已销号1项。" in said
    assert "1. 改作库房" in said
    assert len(paper.inline_shapes) == 1


def test_two_bodies_of_one_name_have_findings_of_their_own_on_the_report(
    inspector: FlaskClient, city: City
) -> None:
    bodies = [city.ids["agency 0"], city.ids["agency 1"]]
    plan = {"name": "同名", "kind": "full", "starts_on": DAY, "ends_on": DAY}
    chosen = {"organization_ids": [str(one) for one in bodies], "checklist": "taizhou_2021"}
    here = _post(inspector, "/inspections", **plan, **chosen)["location"]
    number = int(here.rsplit("/", 1)[1])
    of = "FROM inspection.{} WHERE inspection_id = " + f"{number} ORDER BY 1"
    asked = _numbers(city, "SELECT item_id " + of.format("item"))
    for at, visit in enumerate(_numbers(city, "SELECT visit_id " + of.format("visit"))):
        page = f"/inspections/visits/{visit}"
        for item in asked:
            _post(inspector, f"{page}/answers", item=str(item), answer="pass")
        found = inspector.post(f"{page}/findings", data={"words": f"问题{at}"})
        assert found.status_code == 200
        _post(inspector, f"{page}/finish", version="1")
    rename = text(
        "UPDATE organization.organization AS o SET name = CASE WHEN :is_one THEN '示例0局'"
        " ELSE '示例1局' END WHERE organization_id = :body"
    )
    with city.database.engine(Role.OWNER).begin() as conn:
        conn.execute(rename, {"is_one": True, "body": bodies[1]})
    try:
        paper = Document(io.BytesIO(inspector.get(f"{here}/report").data))
    finally:
        with city.database.engine(Role.OWNER).begin() as conn:
            conn.execute(rename, {"is_one": False, "body": bodies[1]})
    said = [one.text for one in paper.paragraphs]
    where = [
        said.index(one) for one in ("（一）示例0局 A0", "1. 问题0", "（二）示例0局 A1", "1. 问题1")
    ]
    assert where == sorted(where)


def test_points_items_and_terms_are_set_on_the_pages(inspector: FlaskClient, city: City) -> None:
    here = _planned(inspector, city)
    _visit_id, asked = _visit(city, here)
    _post(inspector, f"{here}/items", head="安全", title="消防<i>", points="10")
    _post(inspector, f"{here}/items/{asked[0]}", points="5", version="1")
    for points in ("x", "0", "-1", "NaN", "1e9"):
        answer = inspector.post(f"{here}/items/{asked[1]}", json={"points": points, "version": "1"})
        assert answer.status_code == 400
    assert "消防&lt;i&gt;" in inspector.get(here).get_data(as_text=True)
    term = {"origin": "finding", "day_kind": "working", "since": DAY, "rule_source": "示例1号"}
    _post(inspector, "/inspections/term", **term, days="15")
    assert "示例1号" in inspector.get("/inspections").get_data(as_text=True)
    assert inspector.post("/inspections/term", json={**term, "days": "0"}).status_code == 400
    _post(inspector, f"{here}/close", version="1")
    assert inspector.post(f"{here}/items", json={"head": "a", "title": "b"}).status_code == 409


def test_a_clerk_plans_nothing_and_is_offered_nothing(
    inspector: FlaskClient, clerk: FlaskClient, city: City
) -> None:
    here = _planned(inspector, city)
    assert 'data-post="/inspections"' not in clerk.get("/inspections/new").get_data(as_text=True)
    assert "add-item" not in clerk.get(here).get_data(as_text=True)
    assert "put-right" not in clerk.get("/space").get_data(as_text=True)
    for path, body in (
        ("/inspections", {"name": "x", "kind": "full", "starts_on": DAY, "ends_on": DAY}),
        (f"{here}/close", {"version": "1"}),
        ("/rectifications", {"organization_ids": [str(city.ids["agency 0"])], "demand": "x"}),
    ):
        assert clerk.post(path, json=body).status_code == 403


def test_what_is_stated_badly_is_refused(inspector: FlaskClient, city: City) -> None:
    plan = {"name": "x", "kind": "full", "starts_on": DAY, "ends_on": DAY}
    for body in (
        {**plan, "kind": "surprise"}, {**plan, "name": " "}, {**plan, "ends_on": "2000-01-01"},
        {**plan, "checklist": "none"}, {**plan, "organization_ids": ["a"]},
    ):  # fmt: skip
        assert inspector.post("/inspections", json=body).status_code == 400
    assert inspector.get("/rectifications/1000000").status_code == 404
    page = inspector.get(f"/rectifications/new?body={city.ids['agency 0']}&body=x")
    assert "今天不超标或无法判定" in page.get_data(as_text=True)
    over = {"organization_ids": [str(city.ids["agency 0"])], "demand": "腾退", "due_on": LATER}
    assert inspector.post("/rectifications", json=over).status_code == 409
    assert (
        inspector.post("/rectifications", json={**over, "organization_ids": []}).status_code == 400
    )


def test_what_was_found_is_listed_by_place_with_its_parts(
    inspector: FlaskClient, clerk: FlaskClient, city: City
) -> None:
    here = _planned(inspector, city)
    visit, asked = _visit(city, here)
    at = f"/inspections/visits/{visit}"
    for item in asked:
        _post(inspector, f"{at}/answers", item=str(item), answer="pass")
    for words, place in (("墙面<i>渗水", "R010"), ("消防通道堆物", "S0"), ("资料不全", "")):
        sent = {"words": words, "place": place}
        assert inspector.post(f"{at}/findings", data=sent).status_code == 200

    def said(browser: FlaskClient, place: str, **more: str) -> tuple[bool, ...]:
        query = {"place": city.ids[place], **more}
        page = browser.get("/inspections", query_string=query).get_data(as_text=True)
        return tuple(words in page for words in ("墙面&lt;i&gt;渗水", "消防通道", "资料不全"))

    assert said(inspector, "site 0") == (True, True, False)
    assert said(inspector, "room 0.1.0") == (True, False, False)
    assert said(inspector, "site 1") == (False, False, False)
    # Until the body is through only the bureau reads it.
    assert said(clerk, "site 0") == (False, False, False)
    _post(inspector, f"{at}/finish", version="1")
    assert said(clerk, "site 0") == (True, True, False)
    [finding] = _numbers(
        city,
        f"SELECT finding_id FROM inspection.finding WHERE visit_id = {visit} AND words ~ '消防'",
    )
    told = _post(inspector, f"/inspections/findings/{finding}/notice", due_on=LATER)["location"]
    for place, is_listed in (("site 0", True), ("room 0.1.0", False)):
        query = {"place": city.ids[place], "state": "issued"}
        page = clerk.get("/inspections", query_string=query).get_data(as_text=True)
        assert (told in page) is is_listed
    for bad, status in (("x", 400), ("0", 400), ("999999999", 404)):
        assert inspector.get(f"/inspections?place={bad}").status_code == status
    assert clerk.get(f"/inspections?place={city.ids['site 1']}").status_code == 404


def test_bodies_are_listed_page_by_page(
    inspector: FlaskClient, city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("webmap.views.inspections.A_PAGE", 1)
    bodies = [str(city.ids[f"agency {at}"]) for at in range(2)]
    plan = {"name": "分页巡检", "kind": "full", "starts_on": DAY, "ends_on": DAY}
    here = _post(inspector, "/inspections", **plan, organization_ids=bodies)["location"]
    first = inspector.get(here).get_data(as_text=True)
    assert ("示例0局" in first, "示例1局" in first, "offset=1" in first) == (True, False, True)
    second = inspector.get(f"{here}?offset=1").get_data(as_text=True)
    assert ("示例0局" in second, "示例1局" in second, 'rel="prev"' in second) == (False, True, True)
    assert 'rel="next"' not in second
