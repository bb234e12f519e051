"""Files over the web: what is taken in, under which name, for whom, and what is refused."""

import io
import json
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text

from gis.db import Database, Role, transaction
from gis.rights import actions as rights_actions
from webmap import uploads
from webmap.session import COOKIE
from webmap.web_settings import EXTENSION


def _send(client: FlaskClient, name: str = "楼栋.csv", content: bytes = b"a,b\n1,2\n") -> object:
    return client.post("/api/uploads", data={"file": (io.BytesIO(content), name)})


def _folder(app: Flask) -> Path:
    return uploads.uploads_dir(app.extensions[EXTENSION])


@pytest.fixture
def stranger(app: Flask, web_database: Database) -> FlaskClient:
    """A browser of somebody who may read a little and brought nothing."""
    with transaction(web_database.engine(Role.OWNER), None) as owner:
        account_id = rights_actions.ensure_account(
            owner, "stranger", [rights_actions.Grant("clerk", max_security_class=0)]
        )
        token = rights_actions.open_session(
            owner, account_id, kind="one_time", lifetime=timedelta(minutes=5)
        )
    browser = app.test_client()
    browser.get(f"/enter?token={token}")
    return browser


def test_a_file_is_kept_under_its_hash_and_queued_to_be_looked_at(
    client: FlaskClient, app: Flask
) -> None:
    answer = _send(client)
    assert answer.status_code == 201
    sent = answer.get_json()
    assert (sent["file"], sent["size_bytes"]) == ("楼栋.csv", 8)
    kept = [path.name for path in _folder(app).iterdir()]
    assert [name for name in kept if name.endswith(".csv") and len(name) == 64 + 4]
    job = client.get(f"/api/jobs/{sent['job_id']}").get_json()
    assert (job["kind"], job["state"], job["asked_by"]) == ("check", "queued", "本机操作员")
    shown = client.get(f"/api/imports/{sent['upload_id']}").get_json()
    assert (shown["file"], shown["look"], shown["check"]["state"]) == ("楼栋.csv", None, "queued")
    listed = client.get("/api/imports").get_json()
    assert sent["job_id"] in [one["job_id"] for one in listed["jobs"]]
    assert sent["upload_id"] in [one["upload_id"] for one in listed["uploads"]]


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("", "upload.no_name"),
        ("名.exe", "upload.unknown_kind"),
        ("没有扩展名", "upload.unknown_kind"),
        ("a\u202excod.csv", "upload.hostile_name"),
        ("长" * 250 + ".csv", "upload.name_too_long"),
    ],
)
def test_a_name_that_deceives_or_cannot_be_read_is_refused(
    client: FlaskClient, name: str, problem: str
) -> None:
    answer = _send(client, name)
    assert answer.status_code == 400
    assert answer.get_json()["type"] == f"urn:onemap:problem:{problem}"


def test_a_path_in_a_name_leads_nowhere(client: FlaskClient, app: Flask) -> None:
    answer = _send(client, "../../etc/表.csv", b"x\n")
    assert answer.get_json()["file"] == "表.csv"
    assert not list(_folder(app).parent.parent.rglob("表.csv"))


def test_an_empty_and_a_too_large_file_are_refused_and_leave_nothing(
    client: FlaskClient, app: Flask
) -> None:
    before = set(_folder(app).iterdir()) if _folder(app).exists() else set()
    assert _send(client, content=b"").status_code == 400
    head = b'--b\r\nContent-Disposition: form-data; name="file"; filename="f.csv"\r\n\r\n'
    too_much = head + bytes(app.extensions[EXTENSION].upload_mb * 1024 * 1024) + b"\r\n--b--\r\n"
    answer = client.post(
        "/api/uploads", data=too_much, content_type="multipart/form-data; boundary=b"
    )
    assert answer.status_code == 413
    assert set(_folder(app).iterdir()) == before


def test_nobody_and_other_sites_upload_nothing(client: FlaskClient, nobody: FlaskClient) -> None:
    assert _send(nobody).status_code == 401
    crossing = client.post("/api/uploads", headers={"Sec-Fetch-Site": "cross-site"})
    assert crossing.status_code == 403


def test_a_stranger_sees_and_touches_nothing_of_anothers_file(
    client: FlaskClient, stranger: FlaskClient
) -> None:
    sent = _send(client).get_json()
    upload_id, job_id = sent["upload_id"], sent["job_id"]
    assert stranger.get(f"/api/imports/{upload_id}").status_code == 404
    assert stranger.post(f"/api/imports/{upload_id}/load", json={}).status_code == 404
    assert stranger.post(f"/api/imports/{upload_id}/cancel").status_code == 404
    assert stranger.get(f"/api/jobs/{job_id}").status_code == 404
    assert stranger.post(f"/api/jobs/{job_id}/cancel").status_code == 404
    assert stranger.get("/api/imports").get_json()["uploads"] == []
    assert client.get(f"/api/jobs/{job_id}").get_json()["state"] == "queued"


def test_a_file_is_worked_on_once_at_a_time_and_can_be_stopped(client: FlaskClient) -> None:
    upload_id = _send(client).get_json()["upload_id"]
    busy = client.post(f"/api/imports/{upload_id}/load", json={})
    assert (busy.status_code, busy.get_json()["type"]) == (409, "urn:onemap:problem:import.busy")
    stopped = client.post(f"/api/imports/{upload_id}/cancel")
    assert stopped.get_json()["state"] == "cancelled"
    assert client.post(f"/api/imports/{upload_id}/cancel").status_code == 409
    asked = client.post(f"/api/imports/{upload_id}/load", json={"datum": "CGCS2000"})
    assert asked.status_code == 202
    shown = client.get(f"/api/imports/{upload_id}").get_json()
    assert shown["check"]["message"] == "已按要求取消，登记簿未作任何改动。"
    assert shown["load"]["options"] == {"datum": "CGCS2000"}


@pytest.mark.parametrize(
    "options",
    [
        {"as_of": "昨天"},
        {"sheets": "x"},
        {"sheets": [{"fingerprint": 1}]},
        {"sheets": [{"fingerprint": "a", "fields": {}}]},
    ],
)
def test_nonsense_options_are_refused(client: FlaskClient, options: dict[str, object]) -> None:
    upload_id = _send(client).get_json()["upload_id"]
    client.post(f"/api/imports/{upload_id}/cancel")
    assert client.post(f"/api/imports/{upload_id}/load", json=options).status_code == 400


def test_a_double_click_asks_once(
    client: FlaskClient, app_client: Callable[[], FlaskClient]
) -> None:
    upload_id = _send(client).get_json()["upload_id"]
    client.post(f"/api/imports/{upload_id}/cancel")
    session = client.get_cookie(COOKIE)
    assert session
    clicks = [app_client() for _ in range(4)]
    for one in clicks:
        one.set_cookie(COOKIE, session.value)
    with ThreadPoolExecutor(len(clicks)) as at_once:
        answers = [
            at_once.submit(one.post, f"/api/imports/{upload_id}/load", json={}) for one in clicks
        ]
    assert sorted(one.result().status_code for one in answers) == [202, 409, 409, 409]


def test_a_file_past_its_time_goes_and_what_is_being_done_keeps_its_file(
    client: FlaskClient, app: Flask, web_database: Database
) -> None:
    settings = app.extensions[EXTENSION]
    old, busy = (_send(client, content=content).get_json() for content in (b"old,1\n", b"busy,1\n"))
    client.post(f"/api/imports/{old['upload_id']}/cancel")
    with web_database.engine(Role.OWNER).begin() as conn:
        conn.execute(
            text(
                "UPDATE staging.upload SET uploaded_at = now() - interval '99 days'"
                " WHERE upload_id = ANY (:ids)"
            ),
            {"ids": [old["upload_id"], busy["upload_id"]]},
        )
    folder = uploads.uploads_dir(settings)
    broken, arriving = folder / "a.part", folder / "b.part"
    for path in (broken, arriving):
        path.write_bytes(b"x")
    for path in folder.iterdir():
        if path != arriving:
            os.utime(path, (0, 0))
    with web_database.engine(Role.LOADER).begin() as conn:
        assert uploads.remove_old(conn, settings) == 2
    assert arriving.exists()
    assert not broken.exists()
    assert client.get(f"/api/imports/{old['upload_id']}").get_json()["is_kept"] is False
    assert client.get(f"/api/imports/{busy['upload_id']}").get_json()["is_kept"] is True
    refused = client.post(f"/api/imports/{old['upload_id']}/load", json={})
    assert refused.get_json()["type"] == "urn:onemap:problem:upload.removed"


def test_issues_are_listed_filtered_and_handed_out_without_formulas(
    client: FlaskClient, web_database: Database, app_client: Callable[[], FlaskClient]
) -> None:
    with web_database.engine(Role.OWNER).begin() as conn:
        load_id = conn.execute(
            text(
                "INSERT INTO staging.load (file_name, file_sha256, account_id, state, issue_count)"
                " SELECT '台账.xlsx', '\\x00', account_id, 'committed', 2 FROM rights.account"
                " WHERE name = 'operator' RETURNING load_id"
            )
        ).scalar_one()
        conn.execute(
            text(
                "INSERT INTO staging.issue (load_id, issue_number, sheet, row_number,"
                " column_header, rule, severity, original, geom) VALUES"
                " (:id, 1, '楼栋', 3, '面积', 'number.negative', 'warn', '=1+1', NULL),"
                " (:id, 2, '楼栋', 4, NULL, 'required.missing', 'reject', NULL,"
                "  ST_Point(119.9, 31.8, 4490))"
            ),
            {"id": load_id},
        )
    address = f"/api/loads/{load_id}/issues"
    everything = client.get(address).get_json()
    assert (everything["total"], everything["items"][0]["severity_title"]) == (2, "提示")
    rejected = client.get(f"{address}?severity=reject&located=true").get_json()
    assert [(one["row"], one["lon"], one["lat"]) for one in rejected["items"]] == [(4, 119.9, 31.8)]
    assert client.get(f"{address}?column=面积&limit=1").get_json()["total"] == 1
    shown = client.get(f"/api/loads/{load_id}").get_json()
    assert shown["issues"]["located"] == 1
    assert {one["address"] for one in shown["downloads"]} == {f"{address}.xlsx", f"{address}.csv"}
    assert "'=1+1" in client.get(f"{address}.csv").get_data().decode("utf-8-sig")
    assert client.get(f"{address}.xlsx").get_data().startswith(b"PK")
    assert client.get(f"{address}.pdf").status_code == 400
    assert app_client().get(address).status_code == 401


def test_what_a_load_would_change_is_a_list_to_take_away(
    client: FlaskClient, web_database: Database
) -> None:
    upload_id = _send(client, "台账.csv").get_json()["upload_id"]
    address = f"/api/imports/{upload_id}/changes.csv"
    assert client.get(address).status_code == 404
    change = {"sheet": "", "row": 2, "code": "Y1", "name": "甲院", "field": "name",
              "header": "名称", "old": "甲院", "new": "=HYPERLINK(1)"}  # fmt: skip
    with web_database.engine(Role.OWNER).begin() as conn:
        conn.execute(
            text(
                "UPDATE staging.job SET state = 'done', result = CAST(:result AS jsonb)"
                " WHERE upload_id = :upload_id"
            ),
            {"upload_id": upload_id, "result": json.dumps({"changes": [change]})},
        )
    lines = client.get(address).get_data().decode("utf-8-sig").splitlines()
    assert lines == ["行,房产,项目,现登记内容,导入后内容", "2,Y1 甲院,名称,甲院,'=HYPERLINK(1)"]
