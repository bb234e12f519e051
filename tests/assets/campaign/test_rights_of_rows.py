"""What a filing and a frozen report say of a place is for whoever may see the place."""

from typing import Any

import pytest
from handed_in import open_account
from sqlalchemy import Connection, text

from assets.campaign.actions.closing import close_campaign, subject_of
from assets.campaign.actions.filing import Edit, save
from assets.campaign.actions.issue import Selection
from assets.campaign.actions.review import add_remark
from assets.campaign.queries import explanations, filing_remarks, filing_rows
from assets.services.frozen import find_frozen, frozen_rows
from gis.db import Role
from gis.rights.actions import Grant

PLACE = """
UPDATE place.place SET security_class = 1,
  rights_cell = rights.cell_for(steward_id, admin_area_code, 1::smallint)
WHERE place_id = :id"""
PROJECT = """
INSERT INTO estate.construction_project (code, name, admin_area_code, rights_cell)
SELECT 'P' || class, '项目', '320401', rights.cell_for(NULL, '320401', class::smallint)
FROM generate_series(0, 1) AS class"""


@pytest.fixture
def internal(own_bureau: Any) -> Any:
    """A bureau of which the first agency's site is internal."""
    with own_bureau.database.engine(Role.OWNER).begin() as conn:
        conn.execute(text(PLACE), {"id": own_bureau.city.ids["site 0"]})
        conn.execute(text(PROJECT))
    return own_bureau


def _clerk(bureau: Any, *, ceiling: int) -> str:
    body = bureau.city.ids["agency 0"]
    grant = Grant("clerk", organization_id=body, max_security_class=ceiling)
    return open_account(bureau.database, f"到{ceiling}", grant)


def _said(conn: Connection, filing_id: int) -> tuple[int, int, int, int]:
    """Rows, rows of a year ago, explanations and remarks that the account finds."""
    rows = filing_rows(conn, filing_id)
    former = sum(row.filed.was is not None for row in rows)
    found = conn.execute(text("SELECT count(*) FROM campaign.baseline_row")).scalar_one()
    assert found == former
    said = explanations(conn, filing_id)
    return len(rows), former, len(said), len(filing_remarks(conn, filing_id))


def test_a_filing_shows_nobody_a_property_above_their_ceiling(internal: Any) -> None:
    agency = internal.city.ids["agency 0"]
    campaign_id = internal.issue(selection=Selection(organization_ids=(agency,)))
    filing_id = internal.filing(campaign_id, 0)
    high = _clerk(internal, ceiling=1)
    with internal.acting(high) as conn:
        [row] = filing_rows(conn, filing_id)
        edit = Edit(explanations={(row.row_id, "gross_m2"): "测绘更正"})
        save(conn, filing_id, edit, seen_version=1)
    with internal.reviewer() as conn:
        add_remark(conn, filing_id, row_id=row.row_id, field="gross_m2", words="请核对")
        add_remark(conn, filing_id, row_id=None, field=None, words="请尽快")
    with internal.acting(high) as conn:
        assert _said(conn, filing_id) == (1, 1, 1, 2)
    with internal.acting(_clerk(internal, ceiling=0)) as conn:
        assert _said(conn, filing_id) == (0, 0, 0, 1)


def test_a_property_the_agency_adds_is_for_who_files(internal: Any) -> None:
    filing_id = internal.filing(internal.issue(), 0)
    with internal.acting(_clerk(internal, ceiling=0)) as conn:
        save(conn, filing_id, Edit(cells={(-1, "address"): "示例路9号"}), seen_version=1)
        assert [row.filed.now["address"] for row in filing_rows(conn, filing_id)] == ["示例路9号"]


def test_a_frozen_report_keeps_rows_and_sums_from_who_may_not_see_what_is_in_them(
    internal: Any,
) -> None:
    campaign_id = internal.issue()
    with internal.reviewer() as conn:
        close_campaign(conn, campaign_id, seen_version=1, remark="示例")

    def frozen(token: str) -> dict[str, set[str]]:
        with internal.acting(token) as conn:
            report_id = find_frozen(conn, subject_of(campaign_id)).frozen_report_id
            return {
                name: {key for key, _, _ in frozen_rows(conn, report_id, name)}
                for name in ("properties", "projects", "completeness")
            }

    everything = frozen(internal.city.everything)
    city_wide = frozen(open_account(internal.database, "全市", Grant("viewer")))
    assert everything["properties"] - city_wide["properties"] == {"S0"}
    assert (everything["projects"], city_wide["projects"]) == ({"P0", "P1"}, {"P0"})
    assert everything["completeness"]
    assert city_wide["completeness"] == set()
