"""Agencies merged or renamed while a campaign runs: who files in their place."""

from datetime import date
from typing import Any

import pytest
from handed_in import open_account
from makers import make_organization
from sqlalchemy import insert

from assets.campaign.actions.filing import Edit, save, submit
from assets.campaign.actions.succession import apply_successions, pending_successions
from assets.campaign.model import State
from assets.campaign.queries import explanations, filing_rows, filing_steps, find_filing
from gis.db import Role, transaction
from gis.errors import Conflict, Forbidden
from gis.organizations.model import succession
from gis.rights.actions import Grant

TODAY = date(2026, 9, 15)


def _succeed(bureau: Any, old: int, new: int, kind: str = "merged", share: float = 1) -> None:
    with transaction(bureau.database.engine(Role.OWNER), None) as conn:
        conn.execute(
            insert(succession).values(
                from_organization_id=old, to_organization_id=new, kind=kind, share=share,
                happened_on=date(2026, 9, 10),
            )
        )  # fmt: skip


def test_what_a_merged_agency_filed_goes_on_with_its_successor(own_bureau: Any) -> None:
    campaign_id = own_bureau.issue()
    old, heir = (own_bureau.filing(campaign_id, at) for at in (0, 1))
    with own_bureau.clerk(0) as conn:
        row_id = filing_rows(conn, old)[0].row_id
        edit = Edit({(row_id, "gross_m2"): "9000"}, explanations={(row_id, "gross_m2"): "扩建"})
        save(conn, old, edit, seen_version=1)
    with own_bureau.clerk(1) as conn:
        submit(conn, heir, seen_version=1, today=TODAY)
    ids = own_bureau.city.ids
    _succeed(own_bureau, ids["agency 0"], ids["agency 1"])
    with own_bureau.clerk(1) as conn, pytest.raises(Forbidden):
        apply_successions(conn, campaign_id, today=TODAY)
    with own_bureau.reviewer() as conn:
        passed = apply_successions(conn, campaign_id, today=TODAY)
        assert pending_successions(conn, campaign_id, TODAY) == []
        assert apply_successions(conn, campaign_id, today=TODAY) == []
    assert [(one.former_name, one.heir_name) for one in passed] == [("示例0局", "示例1局")]
    with own_bureau.clerk(1) as conn:
        rows = filing_rows(conn, heir)
        assert [row.place_code for row in rows] == ["S1", "S0"]
        assert rows[1].filed.was is not None
        assert explanations(conn, heir) == {(rows[1].row_id, "gross_m2"): "扩建"}
        assert find_filing(conn, heir).state is State.RETURNED
        assert filing_steps(conn, heir)[0]["remark"] == "示例0局"
        with pytest.raises(Conflict, match="is_succeeded"):
            save(conn, old, Edit(), seen_version=3)


def test_a_new_body_that_replaces_an_agency_gets_a_filing(own_bureau: Any) -> None:
    campaign_id = own_bureau.issue()
    with transaction(own_bureau.database.engine(Role.OWNER), None) as conn:
        new = make_organization(conn, "NEW", name="示例新局", admin_area_code="320403")
    _succeed(own_bureau, own_bureau.city.ids["agency 2"], new, kind="replaced")
    with own_bureau.reviewer() as conn:
        passed = apply_successions(conn, campaign_id, today=TODAY)
    token = open_account(own_bureau.database, "新局经办人", Grant("clerk", organization_id=new))
    with own_bureau.acting(token) as conn:
        filing = find_filing(conn, passed[0].filing_id)
        assert filing.organization_name == "示例新局"
        assert [row.place_code for row in filing_rows(conn, filing.filing_id)] == ["S2"]
        submit(conn, filing.filing_id, seen_version=filing.version, today=TODAY)


def test_of_several_successors_the_largest_files_and_the_bureau_is_told(own_bureau: Any) -> None:
    campaign_id = own_bureau.issue()
    ids = own_bureau.city.ids
    _succeed(own_bureau, ids["agency 0"], ids["agency 1"], kind="split", share=0.3)
    _succeed(own_bureau, ids["agency 0"], ids["agency 2"], kind="split", share=0.7)
    with own_bureau.reviewer() as conn:
        passed = apply_successions(conn, campaign_id, today=TODAY)
    assert [(one.heir_name, one.heirs) for one in passed] == [("示例2局", 2)]
