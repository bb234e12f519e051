"""Agencies merged or renamed while a campaign runs: who files in their place."""

from datetime import date
from typing import Any

import pytest
from handed_in import open_account
from makers import make_organization
from sqlalchemy import insert, text

from assets.campaign.actions.filing import Edit, save, submit
from assets.campaign.actions.review import add_remark
from assets.campaign.actions.succession import apply_successions, pending_successions
from assets.campaign.model import State
from assets.campaign.queries import (
    explanations,
    filing_remarks,
    filing_rows,
    filing_steps,
    find_filing,
)
from gis.db import Role, transaction
from gis.errors import Conflict, Forbidden
from gis.organizations.model import succession
from gis.rights.actions import Grant
from gis.rights.refusals import call

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


def test_a_filing_passes_whole_also_what_its_reviewer_does_not_see(own_bureau: Any) -> None:
    bureau = own_bureau
    campaign_id = bureau.issue()
    old, heir = (bureau.filing(campaign_id, at) for at in (0, 1))
    agencies = [bureau.city.ids[f"agency {at}"] for at in (0, 1)]
    classified = (
        "UPDATE place.place SET security_class = 1,"
        " rights_cell = rights.cell_for(steward_id, admin_area_code, 1::smallint) WHERE code = 'S0'"
    )
    with transaction(bureau.database.engine(Role.OWNER), None) as conn:
        conn.execute(text(classified))
    clerk = Grant("clerk", organization_id=agencies[0], max_security_class=1)
    with bureau.acting(open_account(bureau.database, "甲经办", clerk)) as conn:
        [row] = filing_rows(conn, old)
        edit = Edit(
            {(row.row_id, "gross_m2"): "9000", (-1, "address"): "示例路9号"},
            explanations={(row.row_id, "gross_m2"): "扩建"},
        )
        save(conn, old, edit, seen_version=1)
    with bureau.reviewer() as conn:
        made = add_remark(conn, old, row_id=row.row_id, field="gross_m2", words="请附图")
    _succeed(bureau, *agencies)
    low = open_account(bureau.database, "只管公开", Grant("officer"))
    with bureau.acting(low) as conn:
        assert [row.place_code for row in filing_rows(conn, old)] == [None]
        apply_successions(conn, campaign_id, today=TODAY)
        assert [row.place_code for row in filing_rows(conn, heir)] == ["S1", None]
    sees_all = Grant("clerk", organization_id=agencies[1], max_security_class=1)
    grants = (sees_all, Grant("viewer", organization_id=agencies[0], max_security_class=1))
    with bureau.acting(open_account(bureau.database, "乙经办", *grants)) as conn:
        rows = {row.place_code: row for row in filing_rows(conn, heir)}
        assert set(rows) == {"S1", "S0", None}
        assert rows["S0"].filed.was is not None
        assert explanations(conn, heir) == {(rows["S0"].row_id, "gross_m2"): "扩建"}
        [remark] = filing_remarks(conn, heir)
        assert (remark["text"], remark["filing_row_id"]) == ("请附图", rows["S0"].row_id)
        assert remark["remark_id"] != made
    with bureau.clerk(1) as conn:  # whom the property is hidden from, it still is
        assert [row.place_code for row in filing_rows(conn, heir)] == ["S1", None]


@pytest.mark.parametrize(
    ("who", "heirs"), [("clerk", [1]), ("reviewer", [2]), ("reviewer", [1, 1])]
)
def test_nothing_passes_that_is_not_to_be_passed(
    own_bureau: Any, who: str, heirs: list[int]
) -> None:
    """Neither by who files, nor to whom it does not pass, nor twice."""
    campaign_id = own_bureau.issue()
    old, *others = (own_bureau.filing(campaign_id, at) for at in (0, 1, 2))
    agencies = [own_bureau.city.ids[f"agency {at}"] for at in (0, 1)]
    _succeed(own_bureau, *agencies)
    asked = "SELECT campaign.pass_filing(CAST(:old AS bigint), CAST(:new AS bigint))"
    acting = own_bureau.clerk(1) if who == "clerk" else own_bureau.reviewer()
    with pytest.raises(Forbidden, match="not_yours"), acting as conn:
        [call(conn, asked, old=old, new=others[at - 1]) for at in heirs]
    with own_bureau.reviewer() as conn:
        assert find_filing(conn, old).succeeded_by_filing_id is None
        assert [row.place_code for row in filing_rows(conn, others[0])] == ["S1"]


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
