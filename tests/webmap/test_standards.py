"""The pages of the standard of office space: what holds on a day, and the bureau's own rows."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from handed_in import open_account
from small_city import City, build
from sqlalchemy import text

from assets.space.standards import own_rows, pack_standards
from etl.terms import save_terms
from gis.clock import today
from gis.db import Database, Role, transaction
from gis.rights.actions import Grant
from tests.webmap.conftest import signed_in

HERE = "/space/standards"
KEY = {"kind": "office_limit", "level": "town", "rank": "town_chief"}
ONE = f"{HERE}/one?kind=office_limit&level=town&rank=town_chief"
ROW = {**KEY, "value": "22", "valid_from": "2026-01-01", "source": "示例<b>1号</b>",
       "source_url": "https://example.org/1", "clause": "第1条"}  # fmt: skip


@pytest.fixture(scope="module")
def city(make_database: Callable[[str], Database]) -> City:
    made = build(make_database("onemap_standards_page"))
    with transaction(made.database.engine(Role.LOADER), made.everything) as conn:
        save_terms(conn)
    return made


@pytest.fixture
def officer(city_app: Flask, city: City) -> Iterator[FlaskClient]:
    yield signed_in(city_app, city.everything)
    with city.database.engine(Role.OWNER).begin() as owner:
        owner.execute(text("DELETE FROM space.standard"))


def _items(browser: FlaskClient, day: str = "") -> list[dict[str, Any]]:
    answer = browser.get(f"/api/space/standards?as_of={day}" if day else "/api/space/standards")
    items: list[dict[str, Any]] = answer.get_json()["items"]
    return items


def _one(browser: FlaskClient, day: str = "") -> dict[str, Any]:
    [found] = [one for one in _items(browser, day) if one["rank"] == "town_chief"]
    return found


def test_the_list_shows_every_row_with_document_clause_and_what_is_not_compared(
    officer: FlaskClient,
) -> None:
    assert len(_items(officer)) == len(pack_standards())
    assert [one["kind"] for one in _items(officer, "2014-01-01")] == ["idle_term", "tolerance"]
    assert _one(officer)["figure"] == "由省级规定，待填写（不超过 24 m²）"
    page = officer.get(HERE).get_data(as_text=True)
    assert all(
        said in page for said in ("发改投资〔2014〕2674号", "表3", "未核对", "本局没有自己的")
    )
    assert page.count("/space/standards/compared") == page.count("state-in_progress") - 1 == 13
    for language in ("zh", "en"):
        officer.set_cookie("onemap_language", language)
        for address in (HERE, ONE, f"{HERE}?as_of=2014-01-01"):
            shown = officer.get(address)
            assert shown.status_code == 200
            assert "space.standard" not in shown.get_data(as_text=True)


def test_a_row_is_stated_shown_changed_marked_and_ended(officer: FlaskClient, city: City) -> None:
    assert officer.post(HERE, json=ROW).get_json() == {"location": ONE}
    row = _one(officer)
    assert (row["figure"], row["origin"], row["valid_from"]) == ("22 m²", "own", "2026-01-01")
    assert _one(officer, "2025-12-31")["origin"] == "pack"
    page = officer.get(ONE).get_data(as_text=True)
    assert "示例&lt;b&gt;1号" in page
    assert "由本局条目代替" in page
    form = officer.get(f"{HERE}/own/{row['standard_id']}").get_data(as_text=True)
    assert 'value="22"' in form

    changed = {**ROW, "value": "20", "version": str(row["version"]), "is_verified": "on"}
    address = f"{HERE}/own/{row['standard_id']}"
    assert officer.post(address, json=changed).status_code == 200
    stale = officer.post(address, json=changed)
    assert (stale.status_code, "有人修改过" in stale.get_json()["detail"]) == (409, True)
    row = _one(officer)
    assert (row["value"], row["is_verified"]) == (20, True)
    assert (row["compared_on"], bool(row["compared_by"])) == (today().isoformat(), True)

    since = (today() - timedelta(days=1)).isoformat()
    end = {**KEY, "since": since, "version": str(row["version"])}
    assert officer.post(f"{address}/end", json=end).get_json() == {"location": ONE}
    assert _one(officer)["origin"] == "pack"
    assert "已终止" in officer.get(ONE).get_data(as_text=True)


def test_a_row_of_the_pack_is_marked_in_the_list(officer: FlaskClient, city: City) -> None:
    key = {"kind": "service_rate", "level": "county", "is_listed": "on"}
    before = officer.get(HERE).get_data(as_text=True)
    assert officer.post(f"{HERE}/compared", json=key).get_json() == {"location": HERE}
    [row] = [one for one in _items(officer) if (one["kind"], one["level"]) == (
        "service_rate", "county")]  # fmt: skip
    assert (row["origin"], row["is_verified"], row["is_confirmation"]) == ("own", True, True)
    after = officer.get(HERE).get_data(as_text=True)
    marks = "/space/standards/compared"
    assert after.count(marks) == before.count(marks) - 1
    with transaction(city.database.engine(Role.OPERATOR), city.everything) as conn:
        assert [one.compared_on for one in own_rows(conn)] == [today()]


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"value": "很多"}, "“很多”，不是数"),
        ({"value": "30"}, "超过标准为本项设的上限 24"),
        ({"value": ""}, "请填写指标值"),
        ({"value": True}, ""),
        ({"valid_to": "2025-01-01"}, "不晚于施行日期"),
        ({"valid_from": "2026-02-30"}, "2026-02-30"),
        ({"valid_from": ""}, "请填写施行日期"),
        ({"rank": "county_chief"}, "没有职级“county_chief”"),
        ({"level": "village"}, "没有级别“village”"),
        ({"kind": "height"}, "没有项目“height”"),
        ({"source": " "}, "请填写依据"),
        ({"source_url": "javascript:alert(1)"}, "http"),
        ({"from_count": "3"}, "没有“下段至（人）”"),
    ],
)
def test_a_wrong_row_is_refused_with_a_sentence_and_none_is_kept(
    officer: FlaskClient, wrong: dict[str, Any], says: str
) -> None:
    answer = officer.post(HERE, json={**ROW, **wrong})
    assert (answer.status_code, answer.mimetype) == (400, "application/problem+json")
    assert says in answer.get_json()["detail"]
    assert _one(officer)["origin"] == "pack"


def test_days_that_overlap_are_refused(officer: FlaskClient) -> None:
    first = {**ROW, "valid_to": "2027-01-01"}
    assert officer.post(HERE, json=first).status_code == 200
    answer = officer.post(HERE, json={**ROW, "value": "21", "valid_from": "2026-06-01"})
    assert answer.status_code == 400
    assert "自 2026-01-01 至 2027-01-01" in answer.get_json()["detail"]


def test_others_read_and_find_no_form(officer: FlaskClient, city_app: Flask, city: City) -> None:
    assert officer.post(HERE, json=ROW).status_code == 200
    row = _one(officer)
    viewer = signed_in(city_app, open_account(city.database, "只读", Grant("viewer")))
    assert _one(viewer)["value"] == 22
    for address in (HERE, ONE):
        page = viewer.get(address)
        assert page.status_code == 200
        assert "data-post" not in page.get_data(as_text=True)
    own = f"{HERE}/own/{row['standard_id']}"
    end = {**KEY, "since": "2026-02-01", "version": "1"}
    tries = ((HERE, ROW), (own, {**ROW, "version": "1"}), (f"{own}/end", end),
             (f"{HERE}/compared", KEY))  # fmt: skip
    assert [viewer.post(address, json=body).status_code for address, body in tries] == [403] * 4
    assert viewer.get(own).status_code == 404
    assert city_app.test_client().get("/api/space/standards").status_code == 401
    for nothing in (f"{HERE}/own/999", f"{HERE}/one?kind=office_limit&level=town&rank=x"):
        assert officer.get(nothing).status_code == 404
