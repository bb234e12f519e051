"""An approved filing is brought into the register by a worker at work, from page to place."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from bureau import Bureau, prepare_bureau
from flask.testing import FlaskClient
from office import Office
from sqlalchemy import text

from assets.campaign.actions.filing import Edit, save, submit
from assets.campaign.queries import filing_rows, find_filing
from gis.clock import today
from gis.db import Role
from webmap.app import create_app
from webmap.session import COOKIE


@pytest.fixture
def bureau(office: Office) -> Bureau:
    with office.database.engine(Role.OWNER).begin() as conn:
        conn.execute(text("DELETE FROM place.admin_area"))  # the small city brings its own
    return prepare_bureau(office.database)


@pytest.fixture
def reviewer(office: Office, bureau: Bureau) -> Iterator[FlaskClient]:
    app = create_app(replace(office.settings, database_url=None), bureau.database)
    client = app.test_client()
    client.set_cookie(COOKIE, bureau.city.everything)
    yield client
    app.extensions["onemap_tiles"].watch.close()


def _approve(bureau: Bureau, reviewer: FlaskClient, edit: Edit, agency: int) -> int:
    """The filing of an agency, handed in and approved on the page."""
    day = today() + timedelta(days=20)
    filing_id = bureau.filing(bureau.issue(due_on=day, as_of=today()), agency)
    with bureau.clerk(agency) as conn:
        row_id = filing_rows(conn, filing_id)[0].row_id
        cells = {(row_id, name): value for (_row, name), value in edit.cells.items()}
        removed = {row_id: True} if edit.removed else {}
        why = {(row_id, name): "说明" for name in ("gross_m2", "*")}
        version = save(conn, filing_id, Edit(cells, removed, {}, why), seen_version=1)
        version = submit(conn, filing_id, seen_version=version, today=today())
    path = f"/campaigns/filings/{filing_id}"
    asked = {"step": "approve", "version": version}
    assert reviewer.post(f"{path}/step", json=asked).status_code == 200
    assert "等待并入台账" in reviewer.get(path).get_data(as_text=True)
    return filing_id


def _job_id(office: Office, filing_id: int) -> int:
    with office.database.engine(Role.OWNER).connect() as conn:
        found: int = conn.execute(
            text("SELECT job_id FROM campaign.filing WHERE filing_id = :id"), {"id": filing_id}
        ).scalar_one()
    return found


def _gross(bureau: Bureau, code: str) -> Decimal:
    with bureau.reviewer() as conn:
        found: Decimal = conn.execute(
            text(
                "SELECT area_m2 FROM place.counted_area JOIN place.place USING (place_id)"
                " WHERE code = :code AND area_kind = 'gross'"
            ),
            {"code": code},
        ).scalar_one()
    return found


def test_what_the_agency_stated_is_in_the_register_when_the_worker_is_done(
    office: Office, bureau: Bureau, reviewer: FlaskClient
) -> None:
    filing_id = _approve(bureau, reviewer, Edit({(0, "gross_m2"): "3055.50"}), 0)
    assert _gross(bureau, "S0") == Decimal("3000.00")
    office.start_worker()
    ended = office.wait(_job_id(office, filing_id))
    assert (ended.state, ended.result["updated"], ended.result["rejected"]) == ("done", 1, 0)
    assert _gross(bureau, "S0") == Decimal("3055.50")
    page = reviewer.get(f"/campaigns/filings/{filing_id}").get_data(as_text=True)
    assert f"已并入台账（第 {ended.result['load_id']} 批导入）" in page
    with bureau.reviewer() as conn:
        assert find_filing(conn, filing_id).load_id == ended.result["load_id"]


def test_a_filing_that_gives_up_its_only_property_changes_no_place(
    office: Office, bureau: Bureau, reviewer: FlaskClient
) -> None:
    filing_id = _approve(bureau, reviewer, Edit(removed={0: True}), 1)
    office.start_worker()
    ended = office.wait(_job_id(office, filing_id))
    assert ended.state == "done", ended
    assert ended.result["rows"] == 0
    assert _gross(bureau, "S1") == Decimal("3001.00")
