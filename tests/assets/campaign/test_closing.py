"""Closing freezes the report; built again it tells each figure that changed, and by what."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import text

from assets.campaign.actions.closing import close_campaign, rerun, subject_of
from assets.campaign.actions.filing import Edit, save, submit
from assets.campaign.actions.review import approve
from assets.campaign.queries import filing_rows, find_campaign
from assets.services.frozen import find_frozen, frozen_rows
from gis.db import Role, transaction
from gis.errors import Conflict, Forbidden, InputError, NotFound
from gis.places.actions import make_stubs

TODAY = date(2026, 9, 1)


def _close(bureau: Any, campaign_id: int, remark: str | None = "其余单位已撤销") -> int:
    with bureau.reviewer() as conn:
        return close_campaign(conn, campaign_id, seen_version=1, remark=remark)


def _as_operator(bureau: Any, statement: str, **values: object) -> None:
    with bureau.reviewer() as conn:
        conn.execute(text(statement), values)


def test_a_campaign_with_open_filings_is_closed_only_with_a_reason(own_bureau: Any) -> None:
    campaign_id = own_bureau.issue()
    with pytest.raises(InputError, match="unfinished"):
        _close(own_bureau, campaign_id, remark=None)
    with own_bureau.clerk(0) as conn, pytest.raises(Forbidden):
        close_campaign(conn, campaign_id, seen_version=1, remark="我来结束")
    _close(own_bureau, campaign_id)
    with pytest.raises(Conflict):
        _close(own_bureau, campaign_id)
    with own_bureau.clerk(0) as conn:
        assert not find_campaign(conn, campaign_id).is_open
    filing_id = own_bureau.filing(campaign_id, 0)
    for act in (
        lambda conn: save(conn, filing_id, Edit(), seen_version=1),
        lambda conn: submit(conn, filing_id, seen_version=1, today=TODAY),
        lambda conn: approve(conn, filing_id, seen_version=1),
    ):
        with own_bureau.reviewer() as conn, pytest.raises(Conflict, match="is_closed"):
            act(conn)


def test_the_frozen_report_is_what_the_register_said_and_stays_so(own_bureau: Any) -> None:
    campaign_id = own_bureau.issue()
    _close(own_bureau, campaign_id)
    site = own_bureau.city.ids["site 0"]
    _as_operator(
        own_bureau,
        "UPDATE place.area_measure SET area_m2 = 7777 WHERE place_id = :id AND area_kind = 'land'",
        id=site,
    )
    with own_bureau.reviewer() as conn:
        frozen = find_frozen(conn, subject_of(campaign_id))
        rows = {
            key: values
            for key, _place, values in frozen_rows(conn, frozen.frozen_report_id, "properties")
        }
        assert rows["S0"]["land_m2"] == Decimal("5000.00")
        assert rows["S0"]["units"] == ["示例0局"]
        assert {rule["source"] for rule in frozen.rules} == {
            "place.area_precedence", "place.term",
        }  # fmt: skip
        assert frozen.figure_count > 0


def test_built_again_unchanged_it_lists_nothing(own_bureau: Any) -> None:
    campaign_id = own_bureau.issue()
    _close(own_bureau, campaign_id)
    with own_bureau.reviewer() as conn:
        again = rerun(conn, campaign_id)
    assert (list(again.figures), list(again.rules)) == ([], [])


def test_each_changed_figure_names_the_change_that_did_it(own_bureau: Any) -> None:
    campaign_id = own_bureau.issue()
    _close(own_bureau, campaign_id)
    ids = own_bureau.city.ids
    _as_operator(
        own_bureau,
        "UPDATE place.area_measure SET area_m2 = 9000 WHERE place_id = :id AND area_kind = 'land'",
        id=ids["site 0"],
    )
    _as_operator(
        own_bureau,
        "UPDATE place.counted_area SET area_m2 = 9000, net_area_m2 = 9000"
        " WHERE place_id = :id AND area_kind = 'land'",
        id=ids["site 0"],
    )
    _as_operator(
        own_bureau, "UPDATE place.place SET address = '新路1号' WHERE place_id = :id",
        id=ids["site 1"],
    )  # fmt: skip
    with own_bureau.reviewer() as conn:
        found = {(one.row_key, one.field): one for one in rerun(conn, campaign_id).figures}
    assert set(found) == {("S0", "land_m2"), ("S1", "address")}
    land, address = found["S0", "land_m2"], found["S1", "address"]
    assert (land.was, land.now) == (Decimal("5000.00"), Decimal("9000.00"))
    assert [(one.source, one.operation, one.who) for one in land.causes] == [
        ("place.area_measure", "U", "看全部")
    ]
    assert ("area_m2", "5000.00", "9000.00") in land.causes[0].columns
    assert address.causes[0].columns == (("address", "示例路1号", "新路1号"),)


def test_a_changed_rule_is_told_beside_the_figures(own_bureau: Any) -> None:
    campaign_id = own_bureau.issue()
    _close(own_bureau, campaign_id)
    with own_bureau.database.admin().begin() as conn:
        conn.execute(
            text(
                "UPDATE place.term SET title_zh = '已确权' WHERE list = 'ownership_status'"
                " AND term = 'registered'"
            )
        )
    with own_bureau.reviewer() as conn:
        again = rerun(conn, campaign_id)
    assert [(rule["was"] is None, rule["now"] is None) for rule in again.rules] == [
        (False, True), (True, False),
    ]  # fmt: skip
    assert {one.field for one in again.figures} == {"ownership"}


def test_next_year_is_compared_with_the_frozen_report(own_bureau: Any) -> None:
    first = own_bureau.issue(as_of=date(2026, 8, 1))
    _close(own_bureau, first)
    site = own_bureau.city.ids["site 0"]
    _as_operator(
        own_bureau, "UPDATE place.site SET year_built = 1990 WHERE place_id = :id", id=site
    )
    second = own_bureau.issue()
    filing_id = own_bureau.filing(second, 0)
    with own_bureau.clerk(0) as conn:
        row = filing_rows(conn, filing_id)[0].filed
        assert find_campaign(conn, second).baseline_on == date(2026, 8, 1)
    assert row.was is not None
    assert (row.was["year_built"], row.now["year_built"]) == (1985, 1990)
    assert row.was["gross_m2"] == row.now["gross_m2"] == Decimal("3000.00")
    assert row.was["ownership_status"] == row.now["ownership_status"] == "registered"


def test_a_campaign_that_is_open_has_no_frozen_report(own_bureau: Any) -> None:
    campaign_id = own_bureau.issue()
    with own_bureau.reviewer() as conn, pytest.raises(NotFound):
        rerun(conn, campaign_id)


def test_a_place_that_becomes_a_state_secret_leaves_filings_and_frozen_reports(
    own_bureau: Any,
) -> None:
    campaign_id = own_bureau.issue()
    filing_id = own_bureau.filing(campaign_id, 0)
    with own_bureau.clerk(0) as conn:
        row_id = filing_rows(conn, filing_id)[0].row_id
        edit = Edit({(row_id, "remark"): "地下"}, explanations={(row_id, "remark"): "说明"})
        save(conn, filing_id, edit, seen_version=1)
    _close(own_bureau, campaign_id)
    token = own_bureau.city.everything
    with transaction(own_bureau.database.engine(Role.LOADER), token) as conn:
        make_stubs(conn, [own_bureau.city.ids["site 0"]], "示例决定")
    with own_bureau.reviewer() as conn:
        assert filing_rows(conn, filing_id) == []
        frozen = find_frozen(conn, subject_of(campaign_id))
        kept = {key for key, _, _ in frozen_rows(conn, frozen.frozen_report_id, "properties")}
        told = conn.execute(
            text("SELECT count(*) FROM history.campaign_filing_row WHERE address LIKE '%0号'")
        ).scalar_one()
    assert (kept, told) == ({"S1", "S2"}, 0)
