"""Archives of places: files by category, added, sorted, taken out, counted, and forgotten."""

import io
import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import openpyxl
import pytest
from flask import Flask
from flask.testing import FlaskClient
from small_city import City, build
from sqlalchemy import text

from assets.certificates.archive_report import build_archive
from assets.estate.actions import mark_secret
from assets.services.archive import categories
from assets.services.attachments import forget_orphans
from gis.clock import today
from gis.db import Database, Role, transaction
from gis.i18n import LANGUAGES, catalogue
from gis.rights import actions as rights_actions
from gis.rights.actions import Grant
from tests.webmap.conftest import signed_in

PDF = b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"


@pytest.fixture(scope="module")
def city(make_database: Callable[[str], Database]) -> City:
    return build(make_database("onemap_archives"))


@pytest.fixture(autouse=True)
def _emptied(city: City) -> Iterator[None]:
    yield
    with transaction(city.database.engine(Role.OWNER), None) as conn:
        conn.execute(text("DELETE FROM estate.archive_file"))
    _forget(city)


@pytest.fixture
def site(city: City) -> int:
    return _site_of(city, "agency 0")


def _site_of(city: City, agency: str) -> int:
    with city.database.engine(Role.OWNER).connect() as conn:
        found: int = conn.execute(
            text(
                "SELECT place_id FROM place.place WHERE kind = 'site' AND steward_id = :agency"
                " ORDER BY code LIMIT 1"
            ),
            {"agency": city.ids[agency]},
        ).scalar_one()
    return found


@pytest.fixture
def writer(city_app: Flask, city: City) -> FlaskClient:
    return _clerk(city_app, city, "agency 0")


def _clerk(app: Flask, city: City, agency: str) -> FlaskClient:
    return _client(app, city, f"归档员 {agency}", Grant("clerk", organization_id=city.ids[agency]))


def _client(app: Flask, city: City, name: str, *grants: Grant) -> FlaskClient:
    with transaction(city.database.engine(Role.OWNER), None) as conn:
        account = rights_actions.ensure_account(conn, name, list(grants))
        token = rights_actions.open_session(conn, account, kind="web", lifetime=timedelta(hours=1))
    return signed_in(app, token)


def _add(browser: FlaskClient, place_id: int, content: bytes = PDF, **said: str) -> Any:
    form = {"category": "planning", "title": "规划许可证", **said}
    return browser.post(
        f"/archive/{place_id}/files", data={**form, "file": (io.BytesIO(content), "证.pdf")}
    )


def _contents(city: City) -> int:
    with city.database.engine(Role.OWNER).connect() as conn:
        query = text("SELECT count(*) FROM services.attachment_content")
        found: int = conn.execute(query).scalar_one()
    return found


def _forget(city: City) -> None:
    """What nothing holds goes, as if an hour had passed."""
    with transaction(city.database.engine(Role.OWNER), None) as conn:
        conn.execute(
            text("UPDATE services.attachment_content SET kept_at = kept_at - interval '2 hours'")
        )
    with transaction(city.database.engine(Role.LOADER), None) as conn:
        forget_orphans(conn)


def test_a_file_is_added_shown_sorted_and_taken_out(city_app: Flask, city: City) -> None:
    site, writer = _site_of(city, "agency 1"), _clerk(city_app, city, "agency 1")
    before = writer.get(f"/archive/{site}").text
    assert 'id="empty"' in before
    made = _add(writer, site, dated_on="2019-05-06", is_original="on")
    assert made.status_code == 201, made.text
    number = made.get_json()["archive_file_id"]
    assert _add(writer, site).status_code == 409  # this very file
    page = writer.get(f"/archive/{site}").text
    row = page.partition(f'id="file-{number}"')[2].partition("</tr>")[0]
    assert "规划许可证" in row
    assert "2019-05-06" in row
    warned = page.partition('id="empty"')[2].partition("</p>")[0]
    assert '#planning"' not in warned
    assert '#title"' in warned
    saved = writer.get(f"/archive/files/{number}")
    assert saved.data == PDF
    assert saved.headers["Content-Disposition"].startswith("attachment;")
    assert "sandbox" in saved.headers["Content-Security-Policy"]

    said = {"category": "title", "title": "不动产权证", "version": "1"}
    address = f"/archive/files/{number}"
    assert writer.post(f"{address}/describe", json=said).status_code == 200
    stale = writer.post(f"{address}/describe", json=said)
    assert stale.status_code == 409
    assert writer.post(f"{address}/remove", json={"version": "1"}).status_code == 409
    assert writer.post(f"{address}/remove", json={"version": "2"}).status_code == 200
    assert writer.get(address).status_code == 404
    told = [
        (change["title"], change["old"], change["new"])
        for entry in writer.get(f"/api/places/{site}").get_json()["history"]
        for change in entry["changes"]
        if "证.pdf" in f"{change['old']}{change['new']}"
    ]
    assert told == [
        ("权属管理档案", "不动产权证 (证.pdf)", None),
        ("规划建设档案", "规划许可证 (证.pdf)", None),
        ("权属管理档案", None, "不动产权证 (证.pdf)"),
        ("规划建设档案", None, "规划许可证 (证.pdf)"),
    ]
    _forget(city)
    assert _contents(city) == 1  # it may be put back


def _removed_days_ago(city: City, number: int, days: int) -> None:
    with transaction(city.database.engine(Role.OWNER), None) as conn:
        conn.execute(
            text(
                "UPDATE estate.archive_file SET removed_at = removed_at - make_interval(days => :n)"
                " WHERE archive_file_id = :id"
            ),
            {"n": days, "id": number},
        )


def test_a_file_that_was_taken_out_is_put_back_as_it_was_for_a_month(
    city_app: Flask, city: City, site: int, writer: FlaskClient
) -> None:
    number = _add(writer, site, title="移出再放回").get_json()["archive_file_id"]
    address = f"/archive/files/{number}"
    assert writer.post(f"{address}/restore", json={"version": "1"}).status_code == 404
    assert writer.post(f"{address}/remove", json={"version": "1"}).status_code == 200
    page = writer.get(f"/archive/{site}").text
    kept = page.partition('id="removed"')[2]
    assert "移出再放回" in kept
    assert 'href="#planning"' in page.partition('id="empty"')[2].partition("</p>")[0]
    with transaction(city.database.engine(Role.WEB), city.everything) as conn:
        assert {row["files"] for row in build_archive(conn, today()).tables[1].rows} == {0}
    # Gone for who describes it or takes it out again; only who writes the place sees it at all.
    said = {"category": "title", "title": "x", "version": "2"}
    assert writer.post(f"{address}/describe", json=said).status_code == 404
    assert writer.post(f"{address}/remove", json={"version": "2"}).status_code == 404
    reader = _client(city_app, city, "查看员", Grant("viewer"))
    assert "移出再放回" not in reader.get(f"/archive/{site}").text
    assert reader.post(f"{address}/restore", json={"version": "2"}).status_code == 403
    stranger = _clerk(city_app, city, "agency 1")
    assert stranger.post(f"{address}/restore", json={"version": "2"}).status_code == 404
    # The very file may be handed in again meanwhile, and then the old one is not put back.
    again = _add(writer, site).get_json()["archive_file_id"]
    assert writer.post(f"{address}/restore", json={"version": "2"}).status_code == 409
    assert writer.post(f"/archive/files/{again}/remove", json={"version": "1"}).status_code == 200
    _removed_days_ago(city, again, 31)
    _removed_days_ago(city, number, 29)
    _forget(city)
    assert writer.post(f"{address}/restore", json={"version": "1"}).status_code == 409
    assert writer.post(f"{address}/restore", json={"version": "2"}).status_code == 200
    assert writer.get(address).data == PDF
    assert 'id="removed"' not in writer.get(f"/archive/{site}").text
    told = [
        (change["old"], change["new"])
        for entry in writer.get(f"/api/places/{site}").get_json()["history"]
        for change in entry["changes"]
        if "移出再放回" in f"{change['old']}{change['new']}"
    ]
    named = "移出再放回 (证.pdf)"
    assert told == [(None, named), (named, None), (None, named)]
    # After a month it is gone for good, and with it what it held.
    assert writer.post(f"{address}/remove", json={"version": "3"}).status_code == 200
    _removed_days_ago(city, number, 31)
    _forget(city)
    assert _contents(city) == 0
    assert writer.post(f"{address}/restore", json={"version": "4"}).status_code == 404


def test_what_is_said_wrongly_is_refused_with_a_sentence(
    city: City, site: int, writer: FlaskClient
) -> None:
    for said in (
        {"category": "nonsense"}, {"category": ""}, {"title": " "}, {"title": "长" * 201},
        {"dated_on": "2999-01-01"}, {"dated_on": "昨天"},
    ):  # fmt: skip
        answer = _add(writer, site, **said)
        assert answer.status_code == 400, said
        assert answer.get_json()["detail"]
    assert _add(writer, site, b"MZ" + bytes(64)).status_code == 400
    assert _contents(city) == 0
    assert writer.get("/archive?missing=nonsense").status_code == 400
    assert writer.get("/archive/999999").status_code == 404


def test_only_who_writes_the_place_adds_and_only_who_sees_it_reads(
    city_app: Flask, city: City, site: int, writer: FlaskClient
) -> None:
    number = _add(writer, site).get_json()["archive_file_id"]
    address, gone = f"/archive/files/{number}", {"version": "1"}
    reader = _client(city_app, city, "查看员", Grant("viewer"))
    assert reader.get(address).data == PDF
    assert "data-upload" not in reader.get(f"/archive/{site}").text
    assert _add(reader, site, PDF + b" ").status_code == 403
    assert reader.post(f"{address}/remove", json=gone).status_code == 403
    stranger = _clerk(city_app, city, "agency 1")
    assert stranger.get(address).status_code == 404
    assert stranger.get(f"/archive/{site}").status_code == 404
    assert _add(stranger, site, PDF + b" ").status_code == 404
    assert stranger.post(f"{address}/remove", json=gone).status_code == 404
    _forget(city)
    assert _contents(city) == 1


def test_a_file_of_a_part_counts_for_its_property_and_the_report_says_what_lacks(
    city_app: Flask, city: City, site: int, writer: FlaskClient
) -> None:
    with city.database.engine(Role.OWNER).connect() as conn:
        room, code = conn.execute(
            text(
                "SELECT r.place_id, s.code FROM place.place AS r"
                " JOIN place.place AS f ON f.place_id = r.parent_id"
                " JOIN place.place AS b ON b.place_id = f.parent_id"
                " JOIN place.place AS s ON s.place_id = b.parent_id"
                " WHERE r.kind = 'room' AND s.place_id = :site ORDER BY 1 LIMIT 1"
            ),
            {"site": site},
        ).one()
    _add(writer, room, category="repair", title="维修验收", is_original="on")
    _add(writer, site, PDF + b" ", category="repair", title="维修合同")
    assert f'href="/archive/{room}"' in writer.get(f"/archive/{site}").text
    reader = signed_in(city_app, city.everything)
    lacking = re.findall(r'<a href="/archive/(\d+)">', reader.get("/archive?missing=repair").text)
    every = re.findall(r'<a href="/archive/(\d+)">', reader.get("/archive").text)
    assert set(every) - set(lacking) == {str(site)}
    sheet = openpyxl.load_workbook(io.BytesIO(reader.get("/api/reports/archive.xlsx").data))
    assert any("维修验收" not in str(cell) and "维修档案" in str(cell) for one in sheet
               for row in one.iter_rows(values_only=True) for cell in row)  # fmt: skip
    with transaction(city.database.engine(Role.WEB), city.everything) as conn:
        report = build_archive(conn, today())
        then = build_archive(conn, today() - timedelta(days=1))
    (own,) = [row for row in report.tables[1].rows if row["code"] == code]
    assert (own["repair"], own["planning"], own["files"], own["originals"]) == (2, 0, 2, 1)
    assert own["empty"] == len(categories()) - 1
    repair = next(row for row in report.tables[0].rows if row["category"] == "repair")
    assert (repair["with_files"], repair["files"]) == (1, 2)
    assert repair["without_files"] == len(report.tables[1].rows) - 1
    assert {row["files"] for row in then.tables[1].rows} == {0}


def test_of_a_place_that_becomes_a_state_secret_no_file_is_left(
    city_app: Flask, city: City
) -> None:
    site, writer = _site_of(city, "agency 2"), _clerk(city_app, city, "agency 2")
    number = _add(writer, site, title="绝不外传").get_json()["archive_file_id"]
    with transaction(city.database.engine(Role.LOADER), city.everything) as conn:
        mark_secret(conn, [site], None)
    with transaction(city.database.engine(Role.OWNER), None) as conn:
        rows = conn.execute(
            text(
                "SELECT (SELECT count(*) FROM estate.archive_file),"
                " (SELECT count(*) FROM history.estate_archive_file WHERE place_id = :site)"
            ),
            {"site": site},
        ).one()
    assert tuple(rows) == (0, 0)
    _forget(city)
    assert _contents(city) == 0
    reader = signed_in(city_app, city.everything)
    assert reader.get(f"/archive/files/{number}").status_code == 404
    assert reader.get(f"/archive/{site}").status_code == 404


def test_every_category_of_the_pack_has_a_title_and_a_source() -> None:
    assert categories()
    for one in categories():
        assert one.source
        for language in LANGUAGES:
            assert f"archive.category.{one.category}" in catalogue(language)
