"""Office space against the standard over HTTP: the list, the reasons, as pages and as JSON."""

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from small_city import City, build
from sqlalchemy import text

from assets.estate.actions import Party, record_holding
from assets.estate.model import HoldingKind
from etl.terms import save_terms
from gis.db import Database, Role, transaction

_RANKS = """
INSERT INTO organization.headcount
  (organization_id, kind, rank_code, people, counted_on, source, rights_cell)
SELECT :body, 'quota', 'bureau_below', 2, DATE '2026-01-01', 'census',
       rights.cell_for(:body, NULL, 0::smallint)"""

_CLASS = "UPDATE place.room SET room_class = :to WHERE place_id = :id"


@pytest.fixture(scope="module")
def city(make_database: Callable[[str], Database]) -> City:
    """Agency 0 is a city's: two people of the lowest rank, in two rooms of 20 m2."""
    made = build(make_database("onemap_space_tests"))
    with transaction(made.database.engine(Role.LOADER), made.everything) as conn:
        save_terms(conn)
    with transaction(made.database.engine(Role.OWNER), None) as conn:
        body = {"body": made.ids["agency 0"]}
        conn.execute(text(_RANKS), body)
        conn.execute(
            text("UPDATE organization.organization SET level_code = 'city'"
                 " WHERE organization_id = :body"), body,
        )  # fmt: skip
        for door in range(2):
            record_holding(
                conn,
                place_id=made.ids[f"room 0.1.{door}"],
                kind=HoldingKind.OCCUPIES,
                parties=[Party(made.ids["agency 0"])],
            )
            conn.execute(text("DROP TABLE IF EXISTS pg_temp.touched_place, pg_temp.touched_tree"))
    return made


def test_the_list_tells_each_body_and_how_many_are_over(
    browse: Callable[[str], FlaskClient], city: City
) -> None:
    answer = browse(city.everything).get("/api/space/verdicts").get_json()
    assert answer["counts"] == {"bodies": 4, "over": 1, "within": 0, "unknown": 3}
    first = answer["items"][0]
    assert (first["name"], first["level_title"], first["quota"]) == ("示例0局", "市级", 2)
    office = first["compared"]["office"]
    assert (office["entitled_m2"], office["actual_m2"], office["difference_m2"]) == (18, 40, 22)
    assert (office["percent"], office["state_title"]) == (122.22, "超标")
    # 2 x 9 + 2 x 8 and 9 % of both.
    whole = first["compared"]["all"]
    assert (whole["entitled_m2"], whole["difference_m2"]) == (37.06, 2.94)
    assert answer["items"][1]["lacks"]


def test_a_body_has_its_reasons_with_document_and_clause(
    browse: Callable[[str], FlaskClient], city: City
) -> None:
    body = city.ids["agency 0"]
    answer = browse(city.everything).get(f"/api/space/verdicts/{body}").get_json()
    lines = [(one["class_title"], one["rank_title"], one["count"], one["rate"], one["area_m2"],
              one["clause"]) for one in answer["lines"]]  # fmt: skip
    assert lines == [
        ("办公室", "局（处）级以下", 2, 9, 18, "表3"),
        ("服务用房", None, 2, 8, 16, "表4"),
        ("设备用房", None, None, 0.09, 3.06, None),
    ]
    assert answer["rooms"] == [
        {"class_title": "办公室", "rooms": 2, "area_m2": 40, "unmeasured": 0, "shared_alike": 0}
    ]
    early = browse(city.everything).get(f"/api/space/verdicts/{body}?as_of=2014-01-01").get_json()
    assert (early["quota"], early["lacks"]) == (None, ["没有编制数"])


def test_pages_show_the_same(browse: Callable[[str], FlaskClient], city: City) -> None:
    browser = browse(city.everything)
    listed = browser.get("/space").get_data(as_text=True)
    assert "示例0局" in listed
    assert "22.00" in listed
    shown = browser.get(f"/space/bodies/{city.ids['agency 0']}").get_data(as_text=True)
    for said in ("发改投资〔2014〕2674号", "表3", "+122.22", "超标"):
        assert said in shown
    english = browse(city.everything)
    english.set_cookie("onemap_language", "en")
    assert english.get("/space").status_code == 200


def test_nobody_is_told_anything_and_others_what_they_may_see(
    browse: Callable[[str], FlaskClient], city: City, city_app: Flask
) -> None:
    assert city_app.test_client().get("/api/space/verdicts").status_code == 401
    seen = browse(city.partial).get("/api/space/verdicts").get_json()
    assert [one["code"] for one in seen["items"]] == ["A0", "A3"]
    for wrong in (city.ids["agency 2"], 2**70):
        answer = browse(city.partial).get(f"/api/space/verdicts/{wrong}")
        assert answer.status_code == 404


def test_the_list_turns_pages_and_keeps_what_was_chosen(
    browse: Callable[[str], FlaskClient], city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("webmap.views.space._A_PAGE", 2)
    browser = browse(city.everything)
    first = browser.get("/space?as_of=2026-03-01").get_data(as_text=True)
    assert ("示例1局" in first, "示例2局" in first) == (True, False)
    assert 'rel="next" href="/space?as_of=2026-03-01&amp;offset=2"' in first
    assert "第1至2个，共4个" in first
    second = browser.get("/space?as_of=2026-03-01&offset=2").get_data(as_text=True)
    assert ("示例1局" in second, "示例2局" in second) == (False, True)
    assert 'rel="prev" href="/space?as_of=2026-03-01"' in second
    assert 'rel="next"' not in second
    over = browser.get("/space?as_of=2026-03-01&state=over").get_data(as_text=True)
    assert ("示例0局" in over, "示例1局" in over, "pager" in over) == (True, False, False)


def test_programs_ask_for_a_part_of_the_list(
    browse: Callable[[str], FlaskClient], city: City
) -> None:
    browser = browse(city.everything)
    part = browser.get("/api/space/verdicts?limit=1&offset=1").get_json()
    assert ([one["code"] for one in part["items"]], part["total"]) == (["A1"], 4)
    over = browser.get("/api/space/verdicts?state=over").get_json()
    assert ([one["code"] for one in over["items"]], over["total"]) == (["A0"], 1)
    for wrong in ("state=much", "limit=0", "offset=-1", "limit=9999999"):
        assert browser.get(f"/api/space/verdicts?{wrong}").status_code == 400, wrong


def test_only_sources_of_the_government_are_links(
    browse: Callable[[str], FlaskClient], city: City
) -> None:
    shown = browse(city.everything).get(f"/space/bodies/{city.ids['agency 0']}")
    page = shown.get_data(as_text=True)
    assert "发改投资〔2014〕2674号" in page
    assert "creditsailing" not in page
    assert "pjsjgswglj" not in page
    body = city.ids["agency 0"]
    lines = browse(city.everything).get(f"/api/space/verdicts/{body}").get_json()["lines"]
    assert {line["source_url"] for line in lines} == {None}
    standards = browse(city.everything).get("/space/standards").get_data(as_text=True)
    assert 'href="https://www.zjc.gov.cn/' in standards
    assert "creditsailing" not in standards


def test_each_room_of_a_body_is_listed(browse: Callable[[str], FlaskClient], city: City) -> None:
    body = city.ids["agency 0"]
    address = f"/api/space/verdicts/{body}/rooms"
    answer = browse(city.everything).get(address).get_json()
    assert answer["total"] == 2
    first, second = answer["items"]
    assert (first["number"], second["number"]) == ("100", "101")
    assert (first["building"], first["floor"], first["class_title"]) == ("1号楼", "1F", "办公室")
    assert (first["area_m2"], first["part_m2"], first["shared_with"]) == (20, 20, [])
    part = browse(city.everything).get(f"{address}?limit=1&offset=1").get_json()
    assert ([one["number"] for one in part["items"]], part["total"]) == (["101"], 2)
    page = browse(city.everything).get(f"/space/bodies/{body}/rooms").get_data(as_text=True)
    assert f"/#p={first['place_id']}" in page
    seen = browse(city.partial).get(f"/api/space/verdicts/{city.ids['agency 2']}/rooms")
    assert seen.status_code == 404


def test_bodies_are_summed_by_system_and_by_district(
    browse: Callable[[str], FlaskClient], city: City
) -> None:
    browser = browse(city.everything)
    systems = browser.get("/api/space/sums").get_json()["items"]
    first = next(one for one in systems if one["code"] == "A0")
    assert (first["name"], first["bodies"], first["over"]) == ("示例0局", 1, 1)
    assert (first["known_entitled"], first["known_actual"], first["known_difference"]) == (
        37.06, 40, 2.94,
    )  # fmt: skip
    districts = browser.get("/api/space/sums?by=district").get_json()["items"]
    assert sum(one["bodies"] for one in districts) == sum(one["bodies"] for one in systems) == 4
    assert "示例0局" in browser.get("/space/sums").get_data(as_text=True)
    assert browser.get("/space/sums?by=planet").status_code == 400


def test_a_day_is_frozen_on_its_page_and_each_change_is_named(
    browse: Callable[[str], FlaskClient], city: City
) -> None:
    browser, day = browse(city.everything), "2026-03-01"
    here = f"/space/frozen/{day}"
    try:
        assert "/space/frozen" in browser.get("/space").get_data(as_text=True)
        assert browser.get(here).status_code == 404
        answer = browser.post("/space/frozen", json={"as_of": day})
        assert answer.get_json() == {"location": here}
        assert browser.post("/space/frozen", json={"as_of": day}).status_code == 409
        assert here in browser.get("/space/frozen").get_data(as_text=True)
        assert "changes-file" not in browser.get(here).get_data(as_text=True)
        with city.database.engine(Role.OWNER).begin() as conn:
            conn.execute(text(_CLASS), {"to": "technical", "id": city.ids["room 0.1.1"]})
        for language, said in (
            ("zh", ("超标", "房间类别", "technical")),
            ("en", ("Class of room",)),
        ):
            browser.set_cookie("onemap_language", language)
            page = browser.get(here).get_data(as_text=True)
            assert all(word in page for word in said)
            assert "space.frozen" not in page
        for file in ("report", "changes"):
            assert browser.get(f"{here}/{file}.xlsx").data[:2] == b"PK"
        assert browser.get(f"{here}/other.xlsx").status_code == 404
        assert browse(city.partial).get(here).status_code == 403
    finally:
        with city.database.engine(Role.OWNER).begin() as conn:
            conn.execute(text(_CLASS), {"to": "office", "id": city.ids["room 0.1.1"]})
            for table in ("frozen_figure", "frozen_report"):
                conn.execute(text(f"DELETE FROM services.{table}"))
