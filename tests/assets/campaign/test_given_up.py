"""A property that an agency gives up waits for the bureau, which says since when and why."""

from datetime import date
from typing import Any

import pytest
from handed_in import open_account
from sqlalchemy import text

from assets.campaign.actions.filing import Edit, save, submit
from assets.campaign.actions.given_up import rule_on_given_up
from assets.campaign.actions.review import approve
from assets.campaign.queries import filing_rows, filing_steps, find_filing, given_up
from assets.services.notices import my_notices
from gis.errors import Conflict, Forbidden, InputError, NotFound
from gis.rights.actions import Grant

TODAY = date(2026, 9, 1)
ENDED = date(2026, 8, 1)


def _given_up(bureau: Any, agency: int = 0, *, is_approved: bool = True) -> tuple[int, int, int]:
    """A campaign, the filing of an agency that gives its property up, and the row of it."""
    campaign_id = bureau.issue()
    filing_id = bureau.filing(campaign_id, agency)
    with bureau.clerk(agency) as conn:
        row_id = filing_rows(conn, filing_id)[0].row_id
        edit = Edit(removed={row_id: True}, explanations={(row_id, "*"): "已搬迁"})
        version = save(conn, filing_id, edit, seen_version=1)
        version = submit(conn, filing_id, seen_version=version, today=TODAY)
    if is_approved:
        with bureau.reviewer() as conn:
            approve(conn, filing_id, seen_version=version)
    return campaign_id, filing_id, row_id


def _rule(bureau: Any, filing_id: int, row_id: int, **more: Any) -> None:
    with bureau.reviewer() as conn:
        said = {"ended_on": ENDED, "reason": "示例〔2026〕9号", **more}
        version = find_filing(conn, filing_id).version
        rule_on_given_up(conn, filing_id, row_id, seen_version=version, **said)


def _occupied(bureau: Any, agency: int) -> list[tuple[Any, ...]]:
    with bureau.reviewer() as conn:
        rows = conn.execute(
            text(
                "SELECT h.valid_to, h.decision FROM estate.holding AS h"
                " JOIN estate.holding_party USING (holding_id)"
                " WHERE holder_id = :body AND h.kind = 'occupies'"
            ),
            {"body": bureau.city.ids[f"agency {agency}"]},
        )
        return [tuple(row) for row in rows]


def test_it_waits_on_the_board_once_the_filing_is_approved(own_bureau: Any) -> None:
    campaign_id, filing_id, _row_id = _given_up(own_bureau, is_approved=False)
    with own_bureau.reviewer() as conn:
        assert given_up(conn, campaign_id) == []
        approve(conn, filing_id, seen_version=find_filing(conn, filing_id).version)
        (one,) = given_up(conn, campaign_id)
    assert (one.place_code, one.explanation, one.ruling) == ("S0", "已搬迁", None)
    assert _occupied(own_bureau, 0) == [(None, None)]  # approval ends nothing


def test_ended_it_leaves_the_agency_and_its_next_filing_but_not_the_register(
    own_bureau: Any,
) -> None:
    campaign_id, filing_id, row_id = _given_up(own_bureau)
    _rule(own_bureau, filing_id, row_id)
    assert _occupied(own_bureau, 0) == [(ENDED, "示例〔2026〕9号")]
    with own_bureau.reviewer() as conn:
        (one,) = given_up(conn, campaign_id)
        step = filing_steps(conn, filing_id)[0]
        valid_to = conn.execute(
            text("SELECT valid_to FROM place.place WHERE code = 'S0'")
        ).scalar_one()
    assert (one.ruling, one.ended_on, one.ruled_by) == ("ended", ENDED, "看全部")
    assert (step["step"], step["remark"]) == ("end_property", "S0 2026-08-01 示例〔2026〕9号")
    assert valid_to is None
    with own_bureau.clerk(0) as conn:
        assert my_notices(conn)[0]["kind"] == "campaign.notice.end_property"
    later = own_bureau.filing(own_bureau.issue(name="2027年普查"), 0)
    with own_bureau.reviewer() as conn:
        assert filing_rows(conn, later) == []


def test_kept_it_stays_with_the_agency_and_comes_again(own_bureau: Any) -> None:
    campaign_id, filing_id, row_id = _given_up(own_bureau)
    _rule(own_bureau, filing_id, row_id, ended_on=None, reason="未办移交")
    assert _occupied(own_bureau, 0) == [(None, None)]
    with own_bureau.reviewer() as conn:
        assert given_up(conn, campaign_id)[0].ruling == "kept"
    later = own_bureau.filing(own_bureau.issue(name="2027年普查"), 0)
    with own_bureau.reviewer() as conn:
        assert [row.place_code for row in filing_rows(conn, later)] == ["S0"]


def test_what_cannot_be_ruled_on_is_refused(bureau: Any) -> None:
    _campaign_id, filing_id, row_id = _given_up(bureau, 1, is_approved=False)
    with pytest.raises(Conflict, match="not_approved"):
        _rule(bureau, filing_id, row_id)
    _campaign_id, filing_id, row_id = _given_up(bureau, 1)
    for wrong, error, key in (
        ({"reason": "  "}, InputError, "needs_remark"),
        ({"reason": "字" * 2001}, InputError, "too_long"),
    ):
        with pytest.raises(error, match=key):
            _rule(bureau, filing_id, row_id, **wrong)
    with pytest.raises(NotFound):
        _rule(bureau, filing_id, row_id + 1000)
    said = {"ended_on": ENDED, "reason": "示例", "seen_version": 3}
    with bureau.clerk(1) as conn, pytest.raises(Forbidden):
        rule_on_given_up(conn, filing_id, row_id, **said)
    with bureau.reviewer() as conn, pytest.raises(Conflict, match="changed_meanwhile"):
        rule_on_given_up(conn, filing_id, row_id, **said)
    _rule(bureau, filing_id, row_id)
    with pytest.raises(Conflict, match="ruled_already"):
        _rule(bureau, filing_id, row_id)


def test_who_reviews_and_writes_no_place_ends_nothing(own_bureau: Any) -> None:
    campaign_id, filing_id, row_id = _given_up(own_bureau)
    reviewer = open_account(own_bureau.database, "只管普查", Grant("officer", domain="campaign"))
    with own_bureau.acting(reviewer) as conn:
        version = find_filing(conn, filing_id).version
    with (
        pytest.raises(Forbidden, match="holding_not_yours"),
        own_bureau.acting(reviewer) as conn,
    ):
        rule_on_given_up(
            conn, filing_id, row_id, ended_on=ENDED, reason="示例", seen_version=version
        )
    with own_bureau.reviewer() as conn:
        assert given_up(conn, campaign_id)[0].ruling is None
    assert _occupied(own_bureau, 0) == [(None, None)]
