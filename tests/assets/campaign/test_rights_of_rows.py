"""What a filing and a frozen report say of a place is for whoever may see the place."""

from datetime import date
from typing import Any

import pytest
from handed_in import open_account
from sqlalchemy import Connection, text

from assets.campaign.actions.closing import close_campaign, subject_of
from assets.campaign.actions.filing import Edit, save, submit
from assets.campaign.actions.given_up import rule_on_given_up
from assets.campaign.actions.issue import Selection
from assets.campaign.actions.review import add_remark, approve
from assets.campaign.queries import explanations, filing_remarks, filing_rows, filing_steps
from assets.services.frozen import find_frozen, frozen_rows
from gis.db import Role
from gis.errors import Forbidden
from gis.rights.actions import Grant

PLACE = """
UPDATE place.place SET security_class = 1,
  rights_cell = rights.cell_for(steward_id, admin_area_code, 1::smallint)
WHERE place_id = :id"""
FIGURES = text(
    "SELECT count(*) FROM services.frozen_figure WHERE place_id IS NOT NULL AND row_key = 'S0'"
)
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


def _explained(bureau: Any, filing_id: int, token: str) -> int:
    """The one row of a filing, explained by the account."""
    with bureau.acting(token) as conn:
        [row] = filing_rows(conn, filing_id)
        edit = Edit(explanations={(row.row_id, "gross_m2"): "测绘更正"})
        save(conn, filing_id, edit, seen_version=1)
    return row.row_id


def test_a_filing_shows_nobody_a_property_above_their_ceiling(internal: Any) -> None:
    agency = internal.city.ids["agency 0"]
    campaign_id = internal.issue(selection=Selection(organization_ids=(agency,)))
    filing_id = internal.filing(campaign_id, 0)
    high = _clerk(internal, ceiling=1)
    row_id = _explained(internal, filing_id, high)
    with internal.reviewer() as conn:
        add_remark(conn, filing_id, row_id=row_id, field="gross_m2", words="请核对")
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


def test_what_is_filed_of_a_place_follows_it_when_it_is_classified(own_bureau: Any) -> None:
    bureau = own_bureau
    agency = bureau.city.ids["agency 0"]
    campaign_id = bureau.issue(selection=Selection(organization_ids=(agency,)))
    filing_id = bureau.filing(campaign_id, 0)
    clerk = _clerk(bureau, ceiling=0)
    row_id = _explained(bureau, filing_id, clerk)
    with bureau.reviewer() as conn:
        add_remark(conn, filing_id, row_id=row_id, field="gross_m2", words="请核对")
        assert _said(conn, filing_id) == (1, 1, 1, 1)
        close_campaign(conn, campaign_id, seen_version=1, remark="示例")
    with bureau.database.engine(Role.OWNER).begin() as conn:
        conn.execute(text(PLACE), {"id": bureau.city.ids["site 0"]})
    with bureau.acting(clerk) as conn:
        assert _said(conn, filing_id) == (0, 0, 0, 0)
        assert conn.execute(FIGURES).scalar_one() == 0
    with bureau.acting(_clerk(bureau, ceiling=1)) as conn:
        assert _said(conn, filing_id) == (1, 1, 1, 1)
        assert conn.execute(FIGURES).scalar_one() > 0


def test_who_only_reads_a_property_is_told_that_it_is_not_saved(internal: Any) -> None:
    agency = internal.city.ids["agency 0"]
    filing_id = internal.filing(internal.issue(selection=Selection(organization_ids=(agency,))), 0)
    files_class_0 = Grant("clerk", organization_id=agency)
    reads_class_1 = Grant("viewer", organization_id=agency, max_security_class=1)
    token = open_account(internal.database, "只读一处", files_class_0, reads_class_1)
    with internal.acting(token) as conn:
        [row] = filing_rows(conn, filing_id)
    with pytest.raises(Forbidden, match="row_not_yours"), internal.acting(token) as conn:
        save(conn, filing_id, Edit(cells={(row.row_id, "remark"): "改"}), seen_version=1)
    with internal.acting(token) as conn:
        assert filing_rows(conn, filing_id)[0].filed.now["remark"] is None


def test_a_ruling_names_the_property_to_whoever_may_see_it(internal: Any) -> None:
    agency = internal.city.ids["agency 0"]
    filing_id = internal.filing(internal.issue(selection=Selection(organization_ids=(agency,))), 0)
    with internal.acting(_clerk(internal, ceiling=1)) as conn:
        [row] = filing_rows(conn, filing_id)
        edit = Edit(removed={row.row_id: True}, explanations={(row.row_id, "*"): "已搬迁"})
        version = save(conn, filing_id, edit, seen_version=1)
        version = submit(conn, filing_id, seen_version=version, today=date(2026, 9, 1))
    with internal.reviewer() as conn:
        version = approve(conn, filing_id, seen_version=version)
        rule_on_given_up(
            conn, filing_id, row.row_id, ended_on=None, reason="未办移交", seen_version=version
        )
        assert "S0" in filing_steps(conn, filing_id)[0]["remark"]
    with internal.acting(_clerk(internal, ceiling=0)) as conn:
        assert not any("S0" in (step["remark"] or "") for step in filing_steps(conn, filing_id))
