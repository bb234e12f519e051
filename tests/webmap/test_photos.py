"""Photos of places over HTTP: added, shown, described, removed, with the rights of their place."""

import io
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image
from small_city import City, build
from sqlalchemy import text
from werkzeug.test import TestResponse

from gis.clock import today
from gis.db import Database, Role, transaction
from gis.places import photos
from gis.places.actions import make_stubs
from tests.webmap.conftest import signed_in


@pytest.fixture(scope="module")
def city(make_database: Callable[[str], Database]) -> City:
    return build(make_database("onemap_photos"))


@pytest.fixture
def partial(city_app: Flask, city: City) -> FlaskClient:
    return signed_in(city_app, city.partial)


def a_file(shade: int, size: tuple[int, int] = (64, 48)) -> bytes:
    written = io.BytesIO()
    Image.new("RGB", size, (shade, 90, 30)).save(written, "JPEG")
    return written.getvalue()


def add(client: FlaskClient, place_id: int, content: bytes, **said: str) -> TestResponse:
    form = {"file": (io.BytesIO(content), "IMG_0001.jpg"), **said}
    return client.post(f"/api/places/{place_id}/photos", data=form)


def photos_on_card(client: FlaskClient, place_id: int) -> list[Any]:
    shown: list[Any] = client.get(f"/api/places/{place_id}").get_json()["photos"]
    return shown


def test_a_photo_is_added_shown_described_and_removed_and_the_past_tells_it(
    everything: FlaskClient, city: City
) -> None:
    place = city.ids["building 1.0"]
    answer = add(everything, place, a_file(10, (3000, 2000)), caption=" 东 门\n口 ")
    assert answer.status_code == 201, answer.get_json()
    photo = answer.get_json()["photo_id"]
    (shown,) = photos_on_card(everything, place)
    assert shown["caption"] == "东 门 口"
    assert (shown["width_px"], shown["height_px"]) == (2400, 1600)
    assert shown["added_by"] == "看全部"
    for size, longest in (("image", 2400), ("thumbnail", 360)):
        got = everything.get(f"/api/photos/{photo}/{size}")
        assert got.mimetype == "image/jpeg"
        assert max(Image.open(io.BytesIO(got.data)).size) == longest
        again = everything.get(
            f"/api/photos/{photo}/{size}", headers={"If-None-Match": got.headers["ETag"]}
        )
        assert (again.status_code, again.data) == (304, b"")

    said = {"caption": "西门", "taken_on": "2024-05-06"}
    assert everything.patch(f"/api/photos/{photo}", json=said).status_code == 200
    (shown,) = photos_on_card(everything, place)
    assert (shown["caption"], shown["taken_on"]) == ("西门", "2024-05-06")

    assert everything.delete(f"/api/photos/{photo}").status_code == 200
    assert photos_on_card(everything, place) == []
    assert everything.get(f"/api/photos/{photo}/image").status_code == 404
    with city.database.engine(Role.OWNER).connect() as owner:
        assert owner.execute(text("SELECT count(*) FROM place.photo_image")).scalar_one() == 0
    past = everything.get(f"/api/places/{place}").get_json()["history"]
    told = [
        (change["old"], change["new"])
        for entry in past
        for change in entry["changes"]
        if change["title"] == "照片"
    ]
    assert told == [("西门", None), ("东 门 口", "西门"), (None, "东 门 口")]


def test_the_newest_day_stands_first_and_the_same_file_is_not_added_twice(
    everything: FlaskClient, city: City
) -> None:
    place = city.ids["building 1.1"]
    days = ["2023-01-01", "", "2025-01-01"]
    for at, day in enumerate(days):
        assert add(everything, place, a_file(at), taken_on=day).status_code == 201
    shown = photos_on_card(everything, place)
    assert [one["taken_on"] for one in shown] == ["2025-01-01", "2023-01-01", None]
    again = add(everything, place, a_file(0))
    assert again.status_code == 409
    assert again.get_json()["detail"] == "这处资产已有同一张照片。"
    # Another place may have it too.
    other = add(everything, city.ids["building 2.0"], a_file(0))
    assert other.status_code == 201
    assert everything.delete(f"/api/photos/{other.get_json()['photo_id']}").status_code == 200


def test_photos_are_seen_and_changed_by_who_sees_and_changes_the_place(
    everything: FlaskClient, partial: FlaskClient, nobody: FlaskClient, city: City
) -> None:
    seen, hidden = city.ids["building 0.0"], city.ids["building 2.0"]
    shown, secret = (
        add(everything, place, a_file(40)).get_json()["photo_id"] for place in (seen, hidden)
    )
    assert len(photos_on_card(partial, seen)) == 1
    assert partial.get(f"/api/photos/{shown}/thumbnail").status_code == 200
    for size in ("image", "thumbnail"):
        assert partial.get(f"/api/photos/{secret}/{size}").status_code == 404
        assert nobody.get(f"/api/photos/{shown}/{size}").status_code == 401
    assert add(partial, hidden, a_file(41)).status_code == 404
    assert add(partial, seen, a_file(41)).status_code == 403
    assert partial.delete(f"/api/photos/{secret}").status_code == 404
    assert partial.delete(f"/api/photos/{shown}").status_code == 403
    assert partial.patch(f"/api/photos/{shown}", json={"caption": "x"}).status_code == 403
    assert add(nobody, seen, a_file(41)).status_code == 401
    assert len(photos_on_card(everything, seen)) == 1


def test_nothing_is_kept_of_what_is_refused(everything: FlaskClient, city: City) -> None:
    place = city.ids["building 0.1"]
    later = (today() + timedelta(days=1)).isoformat()
    for content, said, status, words in (
        (b"", {}, 400, "文件是空的"),
        (b"MZ" * 4000, {}, 400, "不是可识别的照片"),
        (a_file(1), {"caption": "长" * 201}, 400, "最多 200 个字"),
        (a_file(1), {"taken_on": "05/06"}, 400, "05/06"),
        (a_file(1), {"taken_on": later}, 400, "还没有到"),
    ):
        answer = add(everything, place, content, **said)
        assert answer.status_code == status, answer.get_json()
        assert words in answer.get_json()["detail"]
    address = f"/api/places/{place}/photos"
    assert everything.post(address, data={"x": "y"}).status_code == 400
    huge = everything.post(
        address, data=b"\0" * (32 * 1024 * 1024), content_type="multipart/form-data; boundary=x"
    )
    assert huge.status_code == 413
    assert add(everything, 10**17, a_file(1)).status_code == 404
    assert everything.get(f"/api/photos/{2**70}/image").status_code == 404
    assert everything.patch("/api/photos/1", json={"caption": 7}).status_code == 400
    assert photos_on_card(everything, place) == []


def test_a_place_keeps_a_hundred_photos(
    everything: FlaskClient, city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(photos, "MOST", 1)
    place = city.ids["site 1"]
    assert add(everything, place, a_file(5)).status_code == 201
    refused = add(everything, place, a_file(6))
    assert (refused.status_code, len(photos_on_card(everything, place))) == (409, 1)


def test_the_pictures_of_a_state_secret_go_with_their_past(
    everything: FlaskClient, city: City
) -> None:
    site = city.ids["site 2"]
    for place in (site, city.ids["building 2.1"]):
        assert add(everything, place, a_file(70), caption="涉密楼").status_code == 201
    with transaction(city.database.engine(Role.LOADER), city.everything) as conn:
        make_stubs(conn, [site], "示例决定")
    with city.database.engine(Role.OWNER).connect() as owner:
        for table in ("place.photo", "place.photo_image", "history.place_photo"):
            left = owner.execute(
                text(f"SELECT count(*) FROM {table} WHERE place_id = ANY (:ids)"),
                {"ids": [site, city.ids["building 2.0"], city.ids["building 2.1"]]},
            ).scalar_one()
            assert left == 0, table
    assert add(everything, site, a_file(71)).status_code == 409


def test_a_place_made_by_hand_is_not_taken_back_from_under_its_photos(
    everything: FlaskClient, city: City
) -> None:
    body = {"kind": "building", "parent_id": city.ids["site 0"], "values": {"name": "新楼"},
            "reason": "新建", "confirmed": []}  # fmt: skip
    made = everything.post("/api/places", json=body).get_json()
    place = made["place_id"]
    photo = add(everything, place, a_file(90)).get_json()["photo_id"]
    edit = everything.get(f"/api/places/{place}").get_json()["last_edit"]["edit_id"]
    assert everything.delete(f"/api/places/{place}/edits/{edit}").status_code == 409
    assert everything.delete(f"/api/photos/{photo}").status_code == 200
    assert everything.delete(f"/api/places/{place}/edits/{edit}").status_code == 200


def test_the_day_is_the_cameras_unless_a_person_says_another(
    everything: FlaskClient, city: City
) -> None:
    place = city.ids["building 0.1"]
    exif = Image.Exif()
    exif.get_ifd(0x8769)[36867] = "2022:02:03 04:05:06"
    written = io.BytesIO()
    Image.new("RGB", (30, 30)).save(written, "JPEG", exif=exif)
    photo = add(everything, place, written.getvalue()).get_json()["photo_id"]
    (shown,) = photos_on_card(everything, place)
    assert shown["taken_on"] == date(2022, 2, 3).isoformat()
    assert everything.delete(f"/api/photos/{photo}").status_code == 200
    said = add(everything, place, written.getvalue(), taken_on="2021-01-01")
    assert photos_on_card(everything, place)[0]["taken_on"] == "2021-01-01"
    assert everything.delete(f"/api/photos/{said.get_json()['photo_id']}").status_code == 200
