"""Pages of campaigns over HTTP: what they show, what they refuse, in both languages."""

import io
import re
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path

import openpyxl
import pytest
from bureau import Bureau, prepare_bureau
from flask import Flask
from flask.testing import FlaskClient
from handed_in import open_account
from sqlalchemy import text

from assets.campaign.actions.issue import Selection
from assets.campaign.queries import filing_rows, find_filing
from gis.clock import today
from gis.db import Database, Role
from gis.i18n import LANGUAGES, catalogue
from gis.rights.actions import Grant
from gis.settings import Settings
from webmap.app import create_app
from webmap.session import COOKIE

TEMPLATES = Path(__file__).parents[2] / "webmap" / "templates" / "campaigns"


@pytest.fixture(scope="module")
def bureau(make_database: Callable[[str], Database]) -> Bureau:
    return prepare_bureau(make_database("onemap_campaign_pages"))


@pytest.fixture(scope="module")
def pages(bureau: Bureau, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    state = Path(tmp_path_factory.mktemp("state"))
    made = create_app(Settings(state_dir=state, database_url=None, language="zh"), bureau.database)
    yield made
    made.extensions["onemap_tiles"].watch.close()


def _browser(app: Flask, token: str) -> FlaskClient:
    client = app.test_client()
    client.set_cookie(COOKIE, token)
    return client


@pytest.fixture
def reviewer(pages: Flask, bureau: Bureau) -> FlaskClient:
    return _browser(pages, bureau.city.everything)


@pytest.fixture
def clerk(pages: Flask, bureau: Bureau) -> FlaskClient:
    return _browser(pages, bureau.clerks[0])


def _row_id(bureau: Bureau, filing_id: int) -> int:
    with bureau.reviewer() as conn:
        return filing_rows(conn, filing_id)[0].row_id


def _post(client: FlaskClient, path: str, **body: object) -> tuple[int, dict]:
    answer = client.post(path, json=body, headers={"Accept": "application/json"})
    return answer.status_code, answer.get_json()


def test_every_sentence_of_a_template_has_a_message() -> None:
    said = {
        key
        for path in TEMPLATES.rglob("*.html")
        for key in re.findall(r"say\('([a-z_.]+)'[,)]", path.read_text(encoding="utf-8"))
    }
    assert said
    assert {key for key in said for one in LANGUAGES if key not in catalogue(one)} == set()


def test_a_campaign_is_issued_from_the_page_and_reaches_its_board(
    reviewer: FlaskClient, clerk: FlaskClient
) -> None:
    status, answer = _post(
        reviewer, "/campaigns", name="2099年统计", as_of="2099-09-30", due_on="2099-09-30",
        late_policy="refuse", unexplained_policy="block", threshold_percent="10",
        reminder_days="10，5, 1", type_codes=["party_government"],
    )  # fmt: skip
    assert status == 200
    board = reviewer.get(answer["location"]).get_data(as_text=True)
    assert "2099年统计" in board
    assert board.count("示例") >= 4
    assert "工作日仅按周末推算" in board  # nobody knows the holidays of 2099
    listed = clerk.get("/campaigns").get_data(as_text=True)
    assert "2099年统计" in listed
    # Who may not issue is not offered it; whoever runs the server is called so, not by a login.
    assert "/campaigns/new" not in listed
    assert "/campaigns/new" in reviewer.get("/campaigns").get_data(as_text=True)
    notices = listed.partition('class="notices"')[2]
    assert "operator" not in notices
    status, answer = _post(
        clerk, "/campaigns", name="冒充", as_of="2099-09-30", due_on="2099-09-30"
    )
    assert (status, answer["detail"]) == (403, "此操作须由下达任务的管理部门办理。")


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": ""}, {"due_on": "昨天"}, {"due_on": "2020-01-01"}, {"late_policy": "x"},
        {"threshold_percent": "x"}, {"reminder_days": "x"}, {"organization_ids": ["x"]},
        {"type_codes": ["no"]}, {"threshold_percent": "NaN"},
    ],
)  # fmt: skip
def test_a_wrong_draft_is_refused_with_a_sentence(reviewer: FlaskClient, wrong: dict) -> None:
    good = {"name": "甲", "as_of": "2099-09-30", "due_on": "2099-09-30"}
    status, answer = _post(reviewer, "/campaigns", **{**good, **wrong})
    assert status == 400
    assert answer["detail"]


def test_a_form_is_saved_handed_in_returned_and_approved(
    reviewer: FlaskClient, clerk: FlaskClient, bureau: Bureau
) -> None:
    filing_id = bureau.filing(bureau.issue(due_on=_later(), as_of=_later()), 0)
    path, row = f"/campaigns/filings/{filing_id}", str(_row_id(bureau, filing_id))
    page = clerk.get(path).get_data(as_text=True)
    assert "示例路0号" in page
    assert 'value="3000.00"' in page
    status, answer = _post(clerk, f"{path}/save", version=1, cells={row: {"gross_m2": "9000"}})
    assert (status, answer["version"]) == (200, 2)
    page = clerk.get(path).get_data(as_text=True)
    assert "+200.0%" in page
    assert "原登记" in page  # no report was frozen before: what is compared with is the register
    assert "上年" not in page
    status, answer = _post(clerk, f"{path}/step", step="submit", version=2)
    assert (status, answer["detail"][:4]) == (400, "还有 1")
    _post(clerk, f"{path}/save", version=2, explanations={row: {"gross_m2": "扩建东楼"}})
    assert _post(clerk, f"{path}/step", step="submit", version=3)[0] == 200
    page = reviewer.get(path).get_data(as_text=True)
    assert "扩建东楼" in page
    assert "data-row" not in page  # nothing to write into while it is being reviewed
    assert _post(reviewer, f"{path}/remarks", row=row, field="gross_m2", words="请附图")[0] == 200
    assert _post(reviewer, f"{path}/step", step="return", version=4, remark="请补")[0] == 200
    page = clerk.get(path).get_data(as_text=True)
    assert "请附图" in page
    assert "请补" in page
    assert _post(clerk, f"{path}/step", step="submit", version=5)[0] == 200
    status, answer = _post(clerk, f"{path}/step", step="approve", version=6)
    assert status == 403
    assert _post(reviewer, f"{path}/step", step="approve", version=6)[0] == 200
    page = reviewer.get(path).get_data(as_text=True)
    assert "等待并入台账" in page


def test_a_deputy_returns_on_the_page_and_the_page_says_for_whom(
    reviewer: FlaskClient, clerk: FlaskClient, bureau: Bureau
) -> None:
    filing_id = bureau.filing(bureau.issue(due_on=_later(), as_of=_later()), 0)
    path, day = f"/campaigns/filings/{filing_id}", today().isoformat()
    assert _post(clerk, f"{path}/step", step="submit", version=1)[0] == 200
    assert "以谁的名义" not in clerk.get(path).get_data(as_text=True)
    named = {"deputy": "经办人0", "first_day": day, "last_day": day, "workflows": "campaign"}
    assert _post(reviewer, "/todo/deputies", **named)[0] == 200
    page = clerk.get(path).get_data(as_text=True)
    form = page.split('name="step" value="return"')[1].split("</form>")[0]
    assert "以谁的名义" in form
    assert "本人" not in form  # by itself it only files
    principal = re.findall(r'<option value="(\d+)">看全部', form)[0]
    returned = {"step": "return", "version": 2, "remark": "面积请核对"}
    assert _post(clerk, f"{path}/step", **returned)[0] == 403
    assert _post(clerk, f"{path}/step", **returned, on_behalf_of="x")[0] == 400
    assert _post(clerk, f"{path}/step", **returned, on_behalf_of=principal)[0] == 200
    assert "代 看全部" in clerk.get(path).get_data(as_text=True)
    which = re.findall(r"/todo/deputies/(\d+)/end", reviewer.get("/todo").get_data(as_text=True))
    assert [_post(reviewer, f"/todo/deputies/{one}/end")[0] for one in which] == [200]


def test_who_handed_it_in_is_not_offered_to_approve_it(
    reviewer: FlaskClient, pages: Flask, bureau: Bureau
) -> None:
    filing_id = bureau.filing(bureau.issue(due_on=_later(), as_of=_later()), 0)
    path = f"/campaigns/filings/{filing_id}"
    assert _post(reviewer, f"{path}/step", step="submit", version=1)[0] == 200
    other = _browser(pages, open_account(bureau.database, "复核人", Grant("officer")))

    def offered(client: FlaskClient) -> tuple[set[str], set[str]]:
        page = client.get(path).get_data(as_text=True)
        case = client.get(f"/api/cases/campaign/{filing_id}").get_json()
        return (
            set(re.findall(r'name="step" value="(\w+)"', page)),
            {one["step"] for one in case["open_steps"]},
        )

    steps = {"withdraw", "return"}
    assert offered(reviewer) == (steps, steps)
    assert offered(other) == (steps | {"approve"}, steps | {"approve"})


def test_a_filing_that_could_not_be_loaded_is_not_approved(
    pages: Flask, clerk: FlaskClient, bureau: Bureau
) -> None:
    filing_id = bureau.filing(bureau.issue(), 0)
    path = f"/campaigns/filings/{filing_id}"
    assert _post(clerk, f"{path}/step", step="submit", version=1)[0] == 200
    token = open_account(bureau.database, "只管普查", Grant("officer", domain="campaign"))
    status, answer = _post(_browser(pages, token), f"{path}/step", step="approve", version=2)
    assert (status, "无权写入资产台账" in answer["detail"]) == (403, True)
    with bureau.reviewer() as conn:
        filing = find_filing(conn, filing_id)
    assert (filing.state, filing.version, filing.job_id) == ("submitted", 2, None)


def _later() -> date:
    """A date that is never past."""
    return today() + timedelta(days=20)


def test_the_second_of_two_writers_is_told_who_and_when(
    reviewer: FlaskClient, clerk: FlaskClient, bureau: Bureau
) -> None:
    filing_id = bureau.filing(bureau.issue(due_on=_later(), as_of=_later()), 0)
    path, row = f"/campaigns/filings/{filing_id}", str(_row_id(bureau, filing_id))
    _post(clerk, f"{path}/save", version=1, cells={row: {"remark": "甲"}})
    status, answer = _post(reviewer, f"{path}/save", version=1, cells={row: {"remark": "乙"}})
    assert status == 409
    assert "经办人0" in answer["detail"]


def test_a_workbook_goes_out_and_comes_back(clerk: FlaskClient, bureau: Bureau) -> None:
    filing_id = bureau.filing(bureau.issue(due_on=_later(), as_of=_later()), 0)
    path = f"/campaigns/filings/{filing_id}/workbook"
    content = clerk.get(path).data
    book = openpyxl.load_workbook(io.BytesIO(content))
    book["县（区、旗）办公用房"]["E5"] = 3200
    changed = io.BytesIO()
    book.save(changed)
    for expected, more in ((200, {}), (409, {}), (200, {"overwrite": "1"})):
        sent = {"file": (io.BytesIO(changed.getvalue()), "填报.xlsx"), "version": "1", **more}
        answer = clerk.post(path, data=sent, headers={"Accept": "application/json"})
        assert answer.status_code == expected, answer.get_json()
    answer = clerk.post(
        path, data={"file": (io.BytesIO(b"no"), "a.exe")}, headers={"Accept": "application/json"}
    )
    assert answer.status_code == 400


def test_nonsense_is_answered_with_a_sentence(reviewer: FlaskClient, bureau: Bureau) -> None:
    filing_id = bureau.filing(bureau.issue(due_on=_later(), as_of=_later()), 0)
    path = f"/campaigns/filings/{filing_id}"
    for address, body, expected in (
        (f"{path}/save", {}, 400),
        (f"{path}/save", {"version": 1, "cells": []}, 400),
        (f"{path}/save", {"version": 1, "cells": {"x": {"gross_m2": "1"}}}, 400),
        (f"{path}/save", {"version": 1, "cells": {"999999": {"gross_m2": "1"}}}, 404),
        (f"{path}/save", {"version": 1, "cells": {"-1": {"nothing": "1"}}}, 400),
        (f"{path}/step", {"version": 1, "step": "burn"}, 400),
        (f"{path}/remarks", {"words": ""}, 400),
        (f"{path}/remarks/99999", {}, 404),
        (f"{path}/extend", {"version": 1, "due_on": "x", "remark": "y"}, 400),
        ("/campaigns/filings/999999999999999999999/save", {"version": 1}, 404),
        ("/campaigns/999999999999999999999/remind", {}, 404),
    ):
        status, answer = _post(reviewer, address, **body)
        assert (address, status) == (address, expected), answer
        assert answer["detail"]
    for address in ("/campaigns/99999", "/campaigns/filings/99999", "/campaigns/99999/report"):
        assert reviewer.get(address).status_code == 404


def test_looking_at_campaigns_empties_no_cache(reviewer: FlaskClient, bureau: Bureau) -> None:
    def version() -> int:
        with bureau.database.engine(Role.OWNER).connect() as conn:
            return conn.execute(text("SELECT rights_version FROM rights.version")).scalar_one()

    reviewer.get("/campaigns")  # the bureau's own cell is made when it is first looked for
    before = version()
    for address in ("/campaigns", "/campaigns/new"):
        assert reviewer.get(address).status_code == 200
    assert version() == before


def test_a_clerk_sees_no_other_filing_and_nobody_sees_anything(
    pages: Flask, clerk: FlaskClient, bureau: Bureau
) -> None:
    campaign_id = bureau.issue(name="示例任务", due_on=_later(), as_of=_later())
    other = bureau.filing(campaign_id, 1)
    for address in (f"/campaigns/filings/{other}", f"/campaigns/filings/{other}/workbook"):
        assert clerk.get(address).status_code == 404
    assert "示例1局" not in clerk.get(f"/campaigns/{campaign_id}").get_data(as_text=True)
    nobody = pages.test_client()
    for address in (
        "/campaigns", "/campaigns/new", f"/campaigns/{campaign_id}",
        f"/campaigns/{campaign_id}/board.xlsx", f"/campaigns/filings/{other}",
    ):  # fmt: skip
        assert nobody.get(address).status_code == 401


def test_the_board_filters_exports_and_reminds(reviewer: FlaskClient, bureau: Bureau) -> None:
    campaign_id = bureau.issue(due_on=_later(), as_of=_later())
    path = f"/campaigns/{campaign_id}"
    shown = reviewer.get(f"{path}?area=320401").get_data(as_text=True)
    agencies = shown[shown.index('id="agencies"') :]
    assert "示例0局" in agencies
    assert "示例1局" not in agencies
    book = openpyxl.load_workbook(io.BytesIO(reviewer.get(f"{path}/board.xlsx").data))
    assert book.sheetnames[0] == "各单位进度"
    assert book.worksheets[0].max_row == 5
    status, answer = _post(reviewer, f"{path}/remind", words="请抓紧")
    assert (status, answer["said"]) == (200, "已提醒 4 家单位。")


def test_the_board_tells_of_properties_that_nobody_files(
    reviewer: FlaskClient, bureau: Bureau
) -> None:
    chosen = Selection(organization_ids=(bureau.city.ids["agency 0"],))
    campaign_id = bureau.issue(due_on=_later(), as_of=_later(), selection=chosen)
    shown = reviewer.get(f"/campaigns/{campaign_id}").get_data(as_text=True)
    assert "另有 2 处房产（6,003.00 m²）" in shown


def test_a_closed_campaign_shows_its_report_and_what_changed(
    reviewer: FlaskClient, bureau: Bureau
) -> None:
    campaign_id = bureau.issue()
    path = f"/campaigns/{campaign_id}"
    status, answer = _post(reviewer, f"{path}/close", version=1)
    assert (status, "示例" in answer["detail"]) == (400, True)
    status, answer = _post(reviewer, f"{path}/close", version=1, remark="试运行")
    assert (status, answer["location"]) == (200, f"{path}/report")
    assert "完全一致" in reviewer.get(answer["location"]).get_data(as_text=True)
    with bureau.reviewer() as conn:
        conn.execute(
            text("UPDATE place.place SET address = '新路8号' WHERE place_id = :id"),
            {"id": bureau.city.ids["site 2"]},
        )
    shown = reviewer.get(answer["location"]).get_data(as_text=True)
    assert "新路8号" in shown
    book = openpyxl.load_workbook(io.BytesIO(reviewer.get(f"{path}/report.xlsx").data))
    cells = [cell.value for row in book.worksheets[0] for cell in row]
    assert "示例路2号" in cells  # as it was handed in
    assert "新路8号" not in cells
    assert "看全部" in shown
    assert f"{path}/changes.xlsx" in shown
    changes = openpyxl.load_workbook(io.BytesIO(reviewer.get(f"{path}/changes.xlsx").data))
    figures, rules = changes.worksheets
    heads, changed, *notes = list(figures.iter_rows(values_only=True))
    told = dict(zip(heads, changed, strict=True))
    assert (told["封存时"], told["现在"]) == ("示例路2号", "新路8号")
    assert told["操作人"] == "看全部"
    assert told["变化原因"] == "修改 基本情况 地址坐落 示例路2号 → 新路8号"
    assert "封存；数据快照" in notes[-1][0]
    assert rules.max_row == 2  # headers and the note: no rule changed


def test_pages_speak_english_too(pages: Flask, bureau: Bureau) -> None:
    client = _browser(pages, bureau.city.everything)
    client.set_cookie("onemap_language", "en")
    filing_id = bureau.filing(bureau.issue(name="Survey", due_on=_later(), as_of=_later()), 0)
    shown = client.get(f"/campaigns/filings/{filing_id}").get_data(as_text=True)
    assert "Hand in" in shown
    assert "campaign.page." not in shown


def test_a_new_campaign_is_prefilled_by_the_yearly_rule_which_the_bureau_can_change(
    reviewer: FlaskClient, clerk: FlaskClient
) -> None:
    def prefilled() -> tuple[str, str]:
        page = reviewer.get("/campaigns/new").get_data(as_text=True)
        (said,) = re.findall(r'id="due-rule">([^<]+)<', page)
        (due_on,) = re.findall(r'name="due_on" type="date" required value="([^"]*)"', page)
        return said, due_on

    said, due_on = prefilled()
    assert due_on.endswith("-09-30")
    assert "每年9月30日" in said
    assert "未核对" in said
    rule = {"month": "11", "day": "15", "since": "2020-01-01", "rule_source": "示例文号第3条",
            "is_verified": "on"}  # fmt: skip
    assert _post(clerk, "/campaigns/due-date", **rule)[0] == 403
    for wrong in ({"month": "2", "day": "30"}, {"day": "x"}, {"since": ""}, {"rule_source": ""}):
        assert _post(reviewer, "/campaigns/due-date", **{**rule, **wrong})[0] == 400
    assert _post(reviewer, "/campaigns/due-date", **rule)[0] == 200
    said, due_on = prefilled()
    assert due_on.endswith("-11-15")
    assert "每年11月15日" in said
    assert "示例文号第3条" in said
    assert "未核对" not in said
