"""Correcting a place over HTTP: form, second writer, versions, rights, taking back."""

import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from small_city import City, build
from sqlalchemy import text
from werkzeug.test import TestResponse

from assets.estate.actions import refresh_derived
from gis.clock import today
from gis.db import Database, Role, transaction
from gis.loads.model import LOAD_LOCK
from gis.places.actions import touch
from gis.rights import actions as rights_actions
from gis.rights.actions import Grant
from tests.webmap.conftest import signed_in

_PROBLEM = "application/problem+json"


@pytest.fixture(scope="module")
def city(make_database: Callable[[str], Database]) -> City:
    return build(make_database("onemap_editing"))


def _account(city: City, name: str, *grants: Grant) -> str:
    with transaction(city.database.engine(Role.OWNER), None) as owner:
        account_id = rights_actions.ensure_account(owner, name, list(grants))
        return rights_actions.open_session(
            owner, account_id, kind="web", lifetime=timedelta(hours=1)
        )


@pytest.fixture
def clerk(city_app: Flask, city: City) -> FlaskClient:
    """Writes for the first agency alone."""
    grant = Grant("clerk", organization_id=city.ids["agency 0"])
    return signed_in(city_app, _account(city, "经办员", grant))


def _form(client: FlaskClient, place_id: int) -> Any:
    answer = client.get(f"/api/places/{place_id}/edit")
    assert answer.status_code == 200
    return answer.get_json()


def _save(client: FlaskClient, place_id: int, values: dict[str, Any], **more: Any) -> TestResponse:
    body = {"version": _form(client, place_id)["version"], "reason": "核对", **more}
    return client.post(f"/api/places/{place_id}/edit", json={"values": values, **body})


def _undo_all(client: FlaskClient, place_id: int) -> int:
    count = 0
    while (last := client.get(f"/api/places/{place_id}").get_json()["last_edit"]) is not None:
        gone = client.delete(f"/api/places/{place_id}/edits/{last['edit_id']}")
        assert gone.status_code == 200, gone.get_json()
        count += 1
    return count


def test_a_corrected_value_shows_is_protected_and_found_and_is_taken_back(
    everything: FlaskClient, city: City
) -> None:
    place = city.ids["building 0.0"]
    before = _form(everything, place)
    saved = _save(
        everything, place, {"name": "南楼", "year_built": 1987}, document="示例〔2026〕1号"
    )
    assert saved.status_code == 200, saved.get_json()
    card = everything.get(f"/api/places/{place}").get_json()
    assert card["name"] == "南楼"
    newest = card["history"][0]
    assert newest["edit"] == {
        "kind_title": "更正", "reason": "核对", "document": "示例〔2026〕1号", "effective_on": None,
    }  # fmt: skip
    assert {change["title"]: change["new"] for change in newest["changes"]} == {
        "名称": "南楼", "建设年代": 1987,
    }  # fmt: skip
    assert set(_form(everything, place)["protected"]) == {"name", "year_built"}
    found = everything.get("/api/search", query_string={"q": "南楼"}).get_json()["items"]
    assert [one["place_id"] for one in found] == [place]
    assert _undo_all(everything, place) == 1
    assert _form(everything, place) == before
    assert everything.get("/api/search", query_string={"q": "南楼"}).get_json()["items"] == []


def test_a_later_day_keeps_what_stood_and_none_corrects_it(
    everything: FlaskClient, city: City
) -> None:
    place = city.ids["building 0.1"]
    assert _save(everything, place, {"name": "旧名更正"}).status_code == 200
    changed = _save(everything, place, {"name": "新名"}, effective_on="2024-05-01")
    assert changed.status_code == 200, changed.get_json()
    address = f"/api/places/{place}"
    assert everything.get(address, query_string={"as_of": "2024-04-30"}).get_json()["name"] == (
        "旧名更正"
    )
    assert everything.get(address, query_string={"as_of": "2024-05-01"}).get_json()["name"] == (
        "新名"
    )
    earlier = _save(everything, place, {"name": "更早"}, effective_on="2024-04-30")
    assert earlier.status_code == 400
    assert "2024-05-01" in earlier.get_json()["detail"]
    # The same day corrects, and makes no second version.
    assert _save(everything, place, {"name": "再正"}, effective_on="2024-05-01").status_code == 200
    assert everything.get(address, query_string={"as_of": "2024-04-30"}).get_json()["name"] == (
        "旧名更正"
    )
    assert _undo_all(everything, place) == 3
    assert everything.get(address, query_string={"as_of": "2024-04-30"}).get_json()["name"] == (
        "2号楼"
    )


def test_the_second_of_two_writers_sees_both_versions_and_writes_nothing(
    everything: FlaskClient, clerk: FlaskClient, city: City
) -> None:
    place = city.ids["site 0"]
    seen = _form(clerk, place)["version"]
    assert _save(everything, place, {"address": "示例路100号"}).status_code == 200
    body = {"version": seen, "reason": "现场", "values": {"address": "示例路200号"}}
    second = clerk.post(f"/api/places/{place}/edit", json=body)
    assert (second.status_code, second.mimetype) == (409, "application/problem+json")
    current = second.get_json()["current"]
    assert (current["values"]["address"], current["who"]) == ("示例路100号", "看全部")
    assert "看全部" in second.get_json()["detail"]
    assert _form(clerk, place)["values"]["address"] == "示例路100号"
    again = clerk.post(f"/api/places/{place}/edit", json={**body, "version": current["version"]})
    assert again.status_code == 200
    # What another did last is not one's own to take back, nor what lies under it.
    last = everything.get(f"/api/places/{place}").get_json()["last_edit"]
    assert (last["is_mine"], last["reason"]) == (False, "现场")
    refused = everything.delete(f"/api/places/{place}/edits/{last['edit_id']}")
    assert refused.status_code == 403
    assert clerk.delete(f"/api/places/{place}/edits/{last['edit_id']}").status_code == 200
    assert _undo_all(everything, place) == 1


def test_two_who_save_at_the_same_moment_do_not_both_win(
    city_app: Flask, city: City, everything: FlaskClient
) -> None:
    place = city.ids["site 1"]
    seen = _form(everything, place)["version"]
    answers = []

    def save(address: str) -> None:
        body = {"version": seen, "reason": "同时", "values": {"address": address}}
        client = signed_in(city_app, city.everything)
        answers.append(client.post(f"/api/places/{place}/edit", json=body).status_code)

    both = [threading.Thread(target=save, args=(f"示例路{n}号",)) for n in (301, 302)]
    for one in both:
        one.start()
    for one in both:
        one.join()
    assert sorted(answers) == [200, 409]
    _undo_all(everything, place)


@pytest.mark.parametrize(
    ("values", "more"),
    [
        ({"name": "x"}, {"reason": "  "}),
        ({"name": "x"}, {"reason": 5}),
        ({"name": "长" * 501}, {}),
        ({"name": 5}, {}),
        ({"name": "1号楼"}, {}),
        ({}, {}),
        ({"code": "X"}, {}),
        ({"geom": "POINT(0 0)"}, {}),
        ({"use_status": "burnt"}, {}),
        ({"year_built": "一九九九"}, {}),
        ({"year_built": 99999}, {}),
        ({"year_built": 1999.5}, {}),
        ({"height_m": "NaN"}, {}),
        ({"height_m": 1e9}, {}),
        ({"is_leased_in": "yes"}, {}),
        ({"valid_from": "2024-02-30"}, {}),
        ({"steward_id": 999999}, {}),
        ({"steward_id": None, "name": ["x"]}, {}),
        ({"name": "x"}, {"effective_on": "next year"}),
        ({"name": "x"}, {"effective_on": (today() + timedelta(days=1)).isoformat()}),
        ({"name": "x"}, {"document": "长" * 201}),
    ],
)
def test_nonsense_is_refused_with_a_sentence_and_changes_nothing(
    everything: FlaskClient, city: City, values: dict[str, Any], more: dict[str, Any]
) -> None:
    place = city.ids["building 1.0"]
    before = _form(everything, place)
    answer = _save(everything, place, values, **more)
    assert (answer.status_code, answer.mimetype) == (400, "application/problem+json")
    detail = answer.get_json()["detail"]
    assert detail
    assert "place.edit" not in detail
    assert "{" not in detail
    assert _form(everything, place) == before


def test_text_is_kept_as_it_was_typed(everything: FlaskClient, city: City) -> None:
    place = city.ids["room 1.1.0"]
    hostile = "<b>'; DROP TABLE place.place; --</b> \u202e 𠀀 \\"
    assert _save(everything, place, {"remark": hostile}, reason=hostile).status_code == 200
    assert _form(everything, place)["values"]["remark"] == hostile
    assert _undo_all(everything, place) == 1


def test_rights_decide_who_edits_what(
    everything: FlaskClient, clerk: FlaskClient, city_app: Flask, city: City
) -> None:
    own, foreign = city.ids["site 0"], city.ids["site 2"]
    assert clerk.get(f"/api/places/{own}").get_json()["may_write"] is True
    assert clerk.get(f"/api/places/{foreign}/edit").status_code == 404
    reader = signed_in(city_app, city.partial)
    assert reader.get(f"/api/places/{own}").get_json()["may_write"] is False
    refused = _save(reader, own, {"name": "x"})
    assert refused.status_code == 403
    assert "S0" in refused.get_json()["detail"]
    # An officer of another domain reads the place, and is told that it is not theirs to change.
    grant = Grant("officer", organization_id=city.ids["agency 0"], domain="campaign")
    officer = signed_in(city_app, _account(city, "普查专员", grant))
    assert officer.get(f"/api/places/{own}").get_json()["may_write"] is False
    refused = _save(officer, own, {"name": "x"})
    assert refused.status_code == 403
    assert "S0" in refused.get_json()["detail"]
    # Nobody gives a place away to where he may not write himself.
    away = _save(clerk, own, {"steward_id": city.ids["agency 1"]})
    assert away.status_code == 403
    stranger = city_app.test_client()
    assert stranger.post(f"/api/places/{own}/edit", json={"values": {}}).status_code == 401
    elsewhere = everything.post(
        f"/api/places/{own}/edit", json={}, headers={"Origin": "http://evil.invalid"}
    )
    assert elsewhere.status_code == 403


def test_a_new_steward_takes_the_parts_along_and_gives_them_back(
    everything: FlaskClient, clerk: FlaskClient, city: City
) -> None:
    site, room = city.ids["site 0"], city.ids["room 0.1.0"]
    moved = _save(everything, site, {"steward_id": city.ids["agency 1"]}, effective_on="2025-01-01")
    assert moved.status_code == 200, moved.get_json()
    assert everything.get(f"/api/places/{room}").get_json()["steward"]["name"] == "示例1局"
    then = everything.get(f"/api/places/{room}", query_string={"as_of": "2024-12-31"}).get_json()
    assert then["steward"]["name"] == "示例0局"
    assert clerk.get(f"/api/places/{room}").status_code == 404
    assert _undo_all(everything, site) == 1
    assert everything.get(f"/api/places/{room}").get_json()["steward"]["name"] == "示例0局"
    assert clerk.get(f"/api/places/{room}").status_code == 200


@pytest.mark.parametrize("sees", [False, True])
def test_a_steward_does_not_change_over_parts_out_of_reach(
    everything: FlaskClient, city_app: Flask, city: City, sees: bool
) -> None:
    site, room = city.ids["site 2"], city.ids["room 2.2.0"]
    put = text(
        "UPDATE place.place SET admin_area_code = :area, rights_cell ="
        " rights.cell_for(steward_id, :area, 0::smallint) WHERE place_id = :id"
    )
    bodies = [city.ids["agency 2"], city.ids["agency 1"]]
    grants = [Grant("clerk", organization_id=one, admin_area_code="320403") for one in bodies]
    if sees:
        grants.append(Grant("viewer", organization_id=bodies[0]))
    client = signed_in(city_app, _account(city, f"经办员-{sees}", *grants))
    with city.database.engine(Role.OWNER).begin() as owner:
        owner.execute(put, {"area": "320402", "id": room})
    before = _form(client, site)
    refused = _save(client, site, {"steward_id": bodies[1]}, effective_on="2025-01-01")
    assert (refused.status_code, refused.mimetype) == (403 if sees else 409, _PROBLEM)
    assert _form(client, site) == before
    with city.database.engine(Role.OWNER).begin() as owner:
        owner.execute(put, {"area": "320403", "id": room})
    # Within reach it is done.
    done = _save(client, site, {"steward_id": bodies[1]}, effective_on="2025-01-01")
    assert done.status_code == 200, done.get_json()
    assert _undo_all(client, site) == 1


@pytest.fixture
def load_at_work(city: City) -> Iterator[None]:
    """A load that merges just now."""
    with city.database.engine(Role.LOADER).connect() as conn:
        conn.execute(text(LOAD_LOCK))
        yield
        conn.rollback()


def test_while_a_load_merges_an_edit_waits_and_then_says_so(
    everything: FlaskClient, city: City, load_at_work: None
) -> None:
    answer = _save(everything, city.ids["site 2"], {"name": "x"})
    assert answer.status_code == 409
    assert "入库" in answer.get_json()["detail"]


def test_what_changed_after_an_edit_cannot_be_taken_back_by_it(
    everything: FlaskClient, city: City
) -> None:
    place = city.ids["building 2.0"]
    assert _save(everything, place, {"name": "先改"}).status_code == 200
    with city.database.engine(Role.OWNER).begin() as owner:
        owner.execute(
            text("UPDATE place.place SET remark = '后改' WHERE place_id = :id"), {"id": place}
        )
    last = everything.get(f"/api/places/{place}").get_json()["last_edit"]
    answer = everything.delete(f"/api/places/{place}/edits/{last['edit_id']}")
    assert answer.status_code == 409
    assert _form(everything, place)["values"]["name"] == "先改"


def test_bodies_are_found_by_a_part_of_their_name(everything: FlaskClient, city: City) -> None:
    for typed in ("示例2", "示例２局", "sl2j", "A2"):
        answer = everything.get("/api/organizations", query_string={"q": typed})
        (found,) = answer.get_json()["items"]
        assert (found["organization_id"], found["name"]) == (city.ids["agency 2"], "示例2局")
    assert everything.get("/api/organizations").get_json()["items"] == []
    assert everything.get("/api/organizations", query_string={"q": "%"}).get_json()["items"] == []


def test_an_open_map_learns_of_a_change(everything: FlaskClient, city: City) -> None:
    before = everything.get("/api/version").get_json()["data"]
    assert _save(everything, city.ids["room 2.1.0"], {"remark": "看过"}).status_code == 200
    deadline = time.monotonic() + 60
    while everything.get("/api/version").get_json()["data"] <= before:
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_who_sees_a_part_of_a_tree_leaves_sums_and_leaves_right_for_all(
    city_app: Flask, city: City
) -> None:
    building, hidden = city.ids["building 1.0"], city.ids["room 1.1.0"]
    with city.database.engine(Role.OWNER).begin() as owner:
        owner.execute(
            text(
                "UPDATE place.place SET steward_id = :other, rights_cell ="
                " rights.cell_for(:other, admin_area_code, 0::smallint) WHERE place_id = :id"
            ),
            {"other": city.ids["agency 2"], "id": hidden},
        )
    client = signed_in(
        city_app, _account(city, "经办员1", Grant("clerk", organization_id=city.ids["agency 1"]))
    )
    assert client.get(f"/api/places/{hidden}").status_code == 404
    sums = "SELECT place_id, area_kind, net_area_m2 FROM place.counted_area ORDER BY 1, 2"
    with city.database.engine(Role.OWNER).connect() as owner:
        before = owner.execute(text(sums)).all()
    assert _save(client, building, {"name": "看得见一半的楼"}).status_code == 200
    agency = {"organization_id": city.ids["agency 1"]}
    held = {"kind": "occupies", "parties": [agency], "reason": "分配"}
    assert client.post(f"/api/places/{building}/holdings", json=held).status_code == 200
    with city.database.engine(Role.OWNER).connect() as owner:
        assert owner.execute(text(sums)).all() == before
        taken = owner.execute(
            text("SELECT count(*) FROM estate.holding_leaf WHERE place_id = :id"), {"id": hidden}
        ).scalar_one()
    assert taken == 1
    assert _undo_all(client, building) == 2
    with city.database.engine(Role.OWNER).connect() as owner:
        assert owner.execute(text(sums)).all() == before


def test_an_edit_leaves_certificates_found_that_its_author_does_not_see(
    city_app: Flask, city: City, everything: FlaskClient
) -> None:
    site = city.ids["site 1"]
    with city.database.engine(Role.OWNER).begin() as owner:
        owner.execute(
            text(
                "WITH made AS (INSERT INTO place.title (number, state, kind, rights_cell) VALUES"
                " ('示例房权证字第7730号', 'registered', 'real_estate',"
                "  rights.cell_for(:other, NULL, 0::smallint)) RETURNING title_id)"
                " INSERT INTO place.title_place (title_id, place_id, rights_cell)"
                " SELECT made.title_id, p.place_id, p.rights_cell FROM made, place.place AS p"
                " WHERE p.place_id = :site"
            ),
            {"other": city.ids["agency 2"], "site": site},
        )
        touch(owner, [site])
        refresh_derived(owner)

    def found(client: FlaskClient) -> list[int]:
        items = client.get("/api/search", query_string={"q": "字第7730号"}).get_json()["items"]
        return [one["place_id"] for one in items]

    client = signed_in(
        city_app, _account(city, "经办员2", Grant("clerk", organization_id=city.ids["agency 1"]))
    )
    assert (found(everything), found(client)) == ([site], [])
    assert _save(client, site, {"name": "证书之外"}).status_code == 200
    assert found(everything) == [site]
    held = {
        "kind": "manages", "parties": [{"organization_id": city.ids["agency 1"]}], "reason": "移交",
    }  # fmt: skip
    assert client.post(f"/api/places/{site}/holdings", json=held).status_code == 200
    assert found(everything) == [site]
    assert _undo_all(client, site) == 2
    assert (found(everything), found(client)) == ([site], [])
