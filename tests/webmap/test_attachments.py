"""Files attached to cases, as a browser hands them in and saves them."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from declared import SUPPLIES, Office, prepare_office
from flask import Flask
from flask.testing import FlaskClient

from assets import registry
from gis.db import Database
from gis.settings import Settings, load_settings
from tests.webmap.conftest import signed_in
from webmap.app import create_app

PDF = b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"


@pytest.fixture(scope="module")
def office(make_database: Callable[[str], Database]) -> Office:
    return prepare_office(make_database("onemap_attachments"))


@pytest.fixture(scope="module")
def app(office: Office, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    folder = Path(tmp_path_factory.mktemp("state"))
    settings = Settings(
        state_dir=folder,
        database_url=None,
        language="zh",
        attachment_mb=1,
        scan_command=("grep", "-vqz", "EICAR"),
    )
    known, registry.WORKFLOWS = registry.WORKFLOWS, (SUPPLIES,)  # type: ignore[misc]
    yield create_app(settings, office.database)
    registry.WORKFLOWS = known  # type: ignore[misc]


@pytest.fixture
def by(app: Flask, office: Office) -> Callable[[str], FlaskClient]:
    return lambda name: signed_in(app, office.tokens[name])


def hand_in(browser: FlaskClient, case_id: int, content: bytes, name: str = "函.pdf") -> tuple:
    # Written by hand: the test client would leave large files of its own open.
    head = f'--b\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'
    answer = browser.post(
        f"/api/cases/supplies/{case_id}/attachments",
        data=head.encode() + content + b"\r\n--b--\r\n",
        content_type="multipart/form-data; boundary=b",
    )
    return answer.status_code, answer.get_json()


def test_a_file_is_attached_listed_saved_and_taken_off(
    office: Office, by: Callable[[str], FlaskClient]
) -> None:
    case_id = office.request()
    zhang = by("zhang")
    status, made = hand_in(zhang, case_id, PDF, "报告.exe")
    assert (status, made["file_name"], made["type"]) == (201, "报告.pdf", "pdf")
    listed = by("li").get(f"/api/cases/supplies/{case_id}/attachments").get_json()["attachments"]
    assert [(one["file_name"], one["size_bytes"], one["who"]) for one in listed] == [
        ("报告.pdf", len(PDF), "zhang")
    ]
    address = f"/api/attachments/{made['attachment_id']}"
    saved = by("li").get(address)
    assert saved.data == PDF
    assert saved.headers["Content-Disposition"].startswith("attachment;")
    assert saved.headers["X-Content-Type-Options"] == "nosniff"
    assert saved.headers["Content-Type"] == "application/pdf"
    assert "sandbox" in saved.headers["Content-Security-Policy"]
    for stranger in (by("zhao"),):
        assert stranger.get(address).status_code == 404
        assert stranger.get(f"/api/cases/supplies/{case_id}/attachments").status_code == 404
        assert hand_in(stranger, case_id, PDF)[0] == 404
    own = f"/api/cases/supplies/attachments/{made['attachment_id']}"
    assert by("wang").delete(own).status_code == 403
    assert zhang.delete(own).status_code == 200
    assert zhang.get(address).status_code == 404


def test_what_is_refused_is_refused_with_a_sentence_and_kept_nowhere(
    office: Office, by: Callable[[str], FlaskClient]
) -> None:
    case_id = office.request()
    zhang = by("zhang")
    for content in (b"MZ" + bytes(64), PDF + b"EICAR", PDF + bytes(1024 * 1024), b""):
        status, said = hand_in(zhang, case_id, content)
        assert (status, bool(said["detail"])) == (400, True)
    assert hand_in(zhang, case_id, PDF + bytes(2 * 1024 * 1024))[0] == 413
    answer = zhang.post(f"/api/cases/supplies/{case_id}/attachments", data={})
    assert answer.status_code == 400
    assert zhang.get(f"/api/cases/supplies/{case_id}/attachments").get_json() == {"attachments": []}


def test_settings_say_what_is_taken_and_who_looks_at_it() -> None:
    stated = load_settings(
        {
            "ONEMAP_ATTACHMENT_TYPES": "PDF, docx",
            "ONEMAP_SCAN_COMMAND": "clamdscan --fdpass 'a b'",
            "ONEMAP_SCAN_SECONDS": "5",
        }
    )
    assert stated.attachment_types == ("pdf", "docx")
    assert (stated.scan_command, stated.scan_seconds) == (("clamdscan", "--fdpass", "a b"), 5)
