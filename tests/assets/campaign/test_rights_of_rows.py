"""What a filing and a frozen report say of a place is for whoever may see the place."""

from datetime import date
from typing import Any

import pytest
from bureau import DUE, TODAY
from handed_in import open_account
from sqlalchemy import Connection, text

from assets.campaign.actions.closing import close_campaign, rerun, subject_of
from assets.campaign.actions.filing import Edit, answer_remark, save, submit
from assets.campaign.actions.given_up import rule_on_given_up
from assets.campaign.actions.issue import Draft, Selection, issue_campaign
from assets.campaign.actions.review import add_remark, approve, refuse_approval, resolve_remark
from assets.campaign.model import UnexplainedPolicy
from assets.campaign.queries import (
    explanations,
    filing_remarks,
    filing_rows,
    filing_steps,
    find_campaign,
    find_filing,
)
from assets.campaign.reports import board
from assets.estate.actions import mark_secret
from assets.services.frozen import find_frozen, frozen_rows
from assets.services.notices import mark_read
from gis.db import Role, transaction
from gis.errors import Forbidden, InputError
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


def _told(bureau: Any, token: str, filing_id: int) -> tuple[int, int]:
    """Steps and notices that name the property, as the account finds them."""
    with bureau.acting(token) as conn:
        steps = [one for one in filing_steps(conn, filing_id) if "S0" in (one["remark"] or "")]
        notices = conn.execute(
            text("SELECT count(*) FROM services.notice WHERE params ? 'property'")
        ).scalar_one()
        return len(steps), notices


def test_what_is_told_of_a_ruling_follows_the_property(own_bureau: Any) -> None:
    bureau = own_bureau
    agency = bureau.city.ids["agency 0"]
    filing_id = bureau.filing(bureau.issue(selection=Selection(organization_ids=(agency,))), 0)
    clerk = _clerk(bureau, ceiling=0)
    with bureau.acting(clerk) as conn:
        [row] = filing_rows(conn, filing_id)
        edit = Edit(removed={row.row_id: True}, explanations={(row.row_id, "*"): "已搬迁"})
        version = save(conn, filing_id, edit, seen_version=1)
        version = submit(conn, filing_id, seen_version=version, today=TODAY)
    with bureau.reviewer() as conn:
        version = approve(conn, filing_id, seen_version=version)
        rule_on_given_up(
            conn, filing_id, row.row_id, ended_on=None, reason="未办移交", seen_version=version
        )
        mark_read(conn)
    assert _told(bureau, clerk, filing_id) == (1, 1)
    site = bureau.city.ids["site 0"]
    with bureau.database.engine(Role.OWNER).begin() as conn:
        conn.execute(text(PLACE), {"id": site})
    high = _clerk(bureau, ceiling=1)
    assert _told(bureau, clerk, filing_id) == (0, 0)
    assert _told(bureau, high, filing_id) == (1, 1)
    with transaction(bureau.database.engine(Role.LOADER), bureau.city.everything) as conn:
        mark_secret(conn, [site], None)
    assert _told(bureau, bureau.city.everything, filing_id) == (0, 0)


def _token(bureau: Any, name: str, *grants: Grant) -> str:
    return open_account(bureau.database, name, *grants)


def test_a_bureau_issues_and_closes_over_what_it_sees_and_does_not_write(internal: Any) -> None:
    """Each row and figure goes into the cell of its property, whoever put it there."""
    sees_more = (Grant("officer", domain="campaign"), Grant("viewer", max_security_class=1))
    token = _token(internal, "牵头处", *sees_more)
    with internal.acting(token) as conn:
        draft = Draft(name="2026年普查", as_of=DUE, due_on=DUE)
        campaign_id = issue_campaign(conn, draft, today=TODAY)
    filing_id = internal.filing(campaign_id, 0)
    for ceiling, count in ((1, 1), (0, 0)):
        with internal.acting(_clerk(internal, ceiling=ceiling)) as conn:
            assert len(filing_rows(conn, filing_id)) == count
    with internal.acting(token) as conn:
        [row] = filing_rows(conn, filing_id)
        add_remark(conn, filing_id, row_id=row.row_id, field="gross_m2", words="请核对")
        close_campaign(conn, campaign_id, seen_version=1, remark="示例")
    kept = {}
    for ceiling in (0, 1):
        viewer = _token(internal, f"读{ceiling}", Grant("viewer", max_security_class=ceiling))
        with internal.acting(viewer) as conn:
            report_id = find_frozen(conn, subject_of(campaign_id)).frozen_report_id
            kept[ceiling] = {
                key
                for name in ("properties", "completeness")
                for key, _, _ in frozen_rows(conn, report_id, name)
            }
    assert "S0" in kept[1] - kept[0]
    assert kept[0] == {"S1", "S2"}


def test_nobody_but_who_reviews_adds_to_cells_he_does_not_write(internal: Any) -> None:
    filing_id = internal.filing(internal.issue(), 0)
    reads = Grant("viewer", max_security_class=1)
    token = _token(internal, "只看", Grant("officer", domain="estate"), reads)
    copied = (
        "INSERT INTO campaign.filing_row (filing_id, place_code, rights_cell)"
        " SELECT :id, 'X', rights_cell FROM campaign.filing_row WHERE filing_id = :id"
    )
    with pytest.raises(Forbidden, match="may_not_write"), internal.acting(token) as conn:
        conn.execute(text(copied), {"id": filing_id})


def _close(bureau: Any, token: str) -> int:
    campaign_id: int = bureau.issue()
    with bureau.acting(token) as conn:
        close_campaign(conn, campaign_id, seen_version=1, remark="示例")
    return campaign_id


def test_a_report_built_again_calls_nothing_changed_that_only_rights_hide(internal: Any) -> None:
    everything = internal.city.everything
    low = _token(internal, "读", Grant("viewer"))
    of_body = _token(internal, "本处", Grant("viewer", internal.city.ids["agency 1"]))
    keeps_low = _token(internal, "只管公开", Grant("officer"))
    by_all, by_low = _close(internal, everything), _close(internal, keeps_low)

    def again(token: str, campaign_id: int) -> Any:
        with internal.acting(token) as conn:
            return rerun(conn, campaign_id)

    for token, campaign_id, with_sums in (
        (everything, by_all, True),
        (low, by_all, False),
        (of_body, by_all, False),
        (everything, by_low, False),
        (low, by_low, True),
        (keeps_low, by_low, True),
    ):
        made = again(token, campaign_id)
        assert (list(made.figures), made.with_sums) == ([], with_sums)
    with internal.database.engine(Role.OWNER).begin() as conn:
        moved = "UPDATE place.place SET address = '新路' WHERE place_id = ANY (:ids)"
        sites = [internal.city.ids[f"site {at}"] for at in (0, 1)]
        conn.execute(text(moved), {"ids": sites})
    changed = {(one.row_key, one.field) for one in again(low, by_all).figures}
    assert changed == {("S1", "address")}
    # S0 is of a class that who closed did not see; it changed, so it is told with what it is now.
    assert {one.row_key for one in again(everything, by_low).figures} == {"S0", "S1"}


@pytest.mark.parametrize("policy", [UnexplainedPolicy.BLOCK, UnexplainedPolicy.FLAG])
def test_differences_are_counted_for_who_sees_them(
    internal: Any, policy: UnexplainedPolicy
) -> None:
    agency = internal.city.ids["agency 0"]
    chosen = Selection(organization_ids=(agency,))
    campaign_id = internal.issue(selection=chosen, unexplained_policy=policy)
    filing_id = internal.filing(campaign_id, 0)
    with internal.acting(_clerk(internal, ceiling=1)) as conn:
        [row] = filing_rows(conn, filing_id)
        edit = Edit(cells={(row.row_id, "gross_m2"): "9000"})
        version = save(conn, filing_id, edit, seen_version=1)
        if policy is UnexplainedPolicy.BLOCK:
            with pytest.raises(InputError):
                submit(conn, filing_id, seen_version=version, today=TODAY)
    hands_in = _clerk(internal, ceiling=int(policy is UnexplainedPolicy.FLAG))
    with internal.acting(hands_in) as conn:
        submit(conn, filing_id, seen_version=version, today=TODAY)

    def counted(token: str) -> int:
        with internal.acting(token) as conn:
            campaign = find_campaign(conn, campaign_id)
            [told] = board(conn, campaign, today=TODAY, language="zh").rows
            assert find_filing(conn, filing_id).unexplained_count == 0
            return told.unexplained_count

    assert counted(internal.city.everything) == 1
    assert counted(_clerk(internal, ceiling=1)) == 1
    assert counted(_clerk(internal, ceiling=0)) == 0
    with internal.reviewer() as conn:
        filing = find_filing(conn, filing_id)
        if policy is UnexplainedPolicy.BLOCK:
            with pytest.raises(InputError, match="unexplained_unseen"):
                refuse_approval(conn, filing, " ")
        refuse_approval(conn, filing, "已电话核实")


def test_who_may_not_write_the_register_is_told_so_before_approving(internal: Any) -> None:
    campaign_id = internal.issue()
    with internal.acting(_clerk(internal, ceiling=1)) as conn:
        filing_id = internal.filing(campaign_id, 0)
        submit(conn, filing_id, seen_version=1, today=TODAY)
    sees = Grant("viewer", max_security_class=1)
    for name, grants in (
        ("只管普查", (Grant("officer", domain="campaign"), sees)),
        ("只管公开", (Grant("officer"), sees)),
    ):
        with internal.acting(_token(internal, name, *grants)) as conn:
            with pytest.raises(Forbidden) as refused:
                refuse_approval(conn, find_filing(conn, filing_id), None)
            assert (refused.value.key, refused.value.params) == (
                "campaign.not_yours.register", {"count": 1},
            )  # fmt: skip
            # Whatever leads to it: what would bring it in is never given with an approval alone.
            with pytest.raises(Forbidden, match=r"not_yours\.register"):
                approve(conn, filing_id, seen_version=2, job_id=1)
    with internal.reviewer() as conn:
        refuse_approval(conn, find_filing(conn, filing_id), None)


def test_who_only_reads_a_property_hands_in_and_talks_about_it(internal: Any) -> None:
    agency = internal.city.ids["agency 0"]
    chosen = Selection(organization_ids=(agency,))
    campaign_id = internal.issue(selection=chosen, unexplained_policy=UnexplainedPolicy.BLOCK)
    filing_id = internal.filing(campaign_id, 0)
    with internal.acting(_clerk(internal, ceiling=1)) as conn:
        [row] = filing_rows(conn, filing_id)
        save(conn, filing_id, Edit(cells={(row.row_id, "gross_m2"): "9000"}), seen_version=1)
    reads = Grant("viewer", max_security_class=1)
    filer = _token(internal, "经办", Grant("clerk", organization_id=agency), reads)
    reviewer = _token(internal, "牵头", Grant("officer", domain="campaign"), reads)
    stranger = _token(internal, "旁人", Grant("officer", domain="estate"), reads)
    with internal.acting(reviewer) as conn:
        made = add_remark(conn, filing_id, row_id=row.row_id, field="gross_m2", words="请核对")
    with internal.acting(filer) as conn:
        answer_remark(conn, filing_id, made, "已核对")
        # Of what he may not write nothing is asked of him: he could not explain it either.
        submit(conn, filing_id, seen_version=2, today=TODAY)
    with internal.acting(stranger) as conn:
        said = "UPDATE campaign.remark SET answer = '改' WHERE remark_id = :id"
        assert conn.execute(text(said), {"id": made}).rowcount == 0
    with internal.acting(reviewer) as conn:
        resolve_remark(conn, filing_id, made)
        [told] = filing_remarks(conn, filing_id)
    assert (told["answer"], told["resolved_at"] is not None) == ("已核对", True)
