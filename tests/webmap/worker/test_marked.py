"""The filer's workbook back over the web: written by a worker, in the reader's language."""

import os
import time
from dataclasses import replace
from pathlib import Path

import openpyxl
import pytest
from flask.testing import FlaskClient
from handed_in import footprints
from office import Office
from sqlalchemy import text

from gis.db import Role
from gis.jobs.model import JobKind
from tests.webmap.conftest import one_time_token
from webmap.app import create_app
from webmap.marked import remove_old_marked

ANYWHERE = {"any_area": True}


@pytest.fixture
def browser(
    office: Office,
) -> FlaskClient:
    signed_in = create_app(office.settings, office.database).test_client()
    signed_in.get(f"/enter?token={one_time_token(office.database)}")
    return signed_in


def _workbook(path: Path) -> Path:
    book = openpyxl.Workbook()
    book.active.title = "楼栋"
    book.active.append(["楼栋编号", "楼栋名称", "建筑面积（平方米）"])
    book.active.append(["Y001", "甲楼", 1000])
    book.active.append(["Y002", "乙楼", -300])
    book.save(path)
    return path


def _loaded(office: Office, path: Path) -> tuple[int, int]:
    upload_id = office.hand_in(path)
    ended = office.wait(office.ask(JobKind.LOAD, upload_id=upload_id, options=ANYWHERE))
    assert ended.state == "done", ended.message_key
    return upload_id, ended.result["load_id"]


def test_the_filers_workbook_comes_back_marked_in_the_readers_language(
    office: Office, browser: FlaskClient, tmp_path: Path
) -> None:
    office.start_worker()
    _upload_id, load_id = _loaded(office, _workbook(tmp_path / "房屋.xlsx"))
    address = f"/api/loads/{load_id}/marked"
    offered = browser.get(f"/api/loads/{load_id}").get_json()["downloads"][0]
    assert (offered["address"], offered["to_make"]) == (address, True)
    assert browser.get(address).status_code == 404
    for language, word in (("zh", "负数"), ("en", "negative")):
        browser.set_cookie("onemap_language", language)
        asked = browser.post(address)
        assert asked.status_code == 202
        assert office.wait(asked.get_json()["job_id"]).state == "done"
        with browser.get(address) as answer:
            assert answer.status_code == 200
            (tmp_path / "marked.xlsx").write_bytes(answer.get_data())
        sheet = openpyxl.load_workbook(tmp_path / "marked.xlsx")["楼栋"]
        assert word in sheet["C3"].comment.text
        assert sheet["C2"].comment is None


def test_a_file_of_no_cells_or_no_longer_kept_is_not_offered_marked(
    office: Office, browser: FlaskClient, tmp_path: Path
) -> None:
    office.start_worker()
    _first, of_layer = _loaded(office, footprints(tmp_path / "f.gpkg", 2, 建筑面积=[-5.0, 10.0]))
    upload_id, of_table = _loaded(office, _workbook(tmp_path / "房屋.xlsx"))
    with office.database.engine(Role.OWNER).begin() as conn:
        conn.execute(
            text("UPDATE staging.upload SET is_kept = false WHERE upload_id = :id"),
            {"id": upload_id},
        )
    for load_id in (of_layer, of_table):
        shown = browser.get(f"/api/loads/{load_id}").get_json()["downloads"]
        assert [one["address"].rpartition("/")[2] for one in shown] == ["issues.xlsx", "issues.csv"]
        assert browser.post(f"/api/loads/{load_id}/marked").status_code == 409


def test_marked_workbooks_go_when_files_of_their_age_go(office: Office) -> None:
    folder = office.settings.state_dir / "marked"
    for name, days in (("1", 400), ("2", 1)):
        (folder / name).mkdir(parents=True)
        (folder / name / "房屋.xlsx").write_bytes(b"x")
        then = time.time() - days * 86_400
        os.utime(folder / name, (then, then))
    assert remove_old_marked(replace(office.settings, upload_days=365)) == 1
    assert [path.name for path in folder.iterdir()] == ["2"]


def test_a_stranger_is_told_of_no_such_load(office: Office, tmp_path: Path) -> None:
    office.start_worker()
    _upload_id, load_id = _loaded(office, _workbook(tmp_path / "房屋.xlsx"))
    nobody = create_app(office.settings, office.database).test_client()
    assert nobody.post(f"/api/loads/{load_id}/marked").status_code == 401
    assert nobody.get(f"/api/loads/{load_id}/marked").status_code == 401
