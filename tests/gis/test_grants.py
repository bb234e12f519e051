"""Offices that are kept apart, grants that need two persons, and days on which they hold."""

from collections.abc import Callable
from datetime import timedelta
from itertools import count
from typing import Any

import pytest
from makers import make_organization
from people import session_of
from sqlalchemy import text
from three_offices import Bureau

from gis.clock import today
from gis.db import Database, Role, transaction
from gis.rights.accounts import add_account, listed_accounts, reset_password, set_active
from gis.rights.actions import open_session, redeem_one_time_token
from gis.rights.grants import (
    OFFICES,
    Wanted,
    confirm_grant,
    listed_events,
    listed_grants,
    make_grant,
    my_offices,
    revoke_grant,
)
from webmap.worker.grant_days import settle_due_grants

_number = count()
LATER = today() + timedelta(days=9)


@pytest.fixture(scope="module")
def bureau(make_database: Callable[[str], Database]) -> Bureau:
    return Bureau(make_database("onemap_grants"))


@pytest.fixture
def name(bureau: Bureau) -> str:
    made = f"person{next(_number)}"
    bureau.add(made)
    return made


def test_each_office_does_its_own_and_nothing_else(bureau: Bureau, name: str) -> None:
    assert bureau.run("system_admin.a", my_offices) == ["system_admin"]
    assert bureau.run(name, my_offices) == []
    wanted = Wanted(name, "clerk", "bureau")
    for who in ("system_admin.a", "audit_admin.a", name):
        assert bureau.refused(who, make_grant, wanted) == "account.not_your_office"
    for who in ("security_admin.a", "audit_admin.a", name):
        assert bureau.refused(who, add_account, "x.y", None) == "account.not_your_office"
        assert bureau.refused(who, reset_password, name) == "account.not_your_office"
        assert bureau.refused(who, set_active, name, is_active=False) == "account.not_your_office"
    for who in ("security_admin.a", "system_admin.a", name):
        assert bureau.refused(who, listed_events) == "account.not_your_office"
    assert bureau.refused("audit_admin.a", listed_accounts) == "account.not_your_office"
    assert bureau.refused(name, listed_grants) == "account.not_your_office"
    assert bureau.run("audit_admin.a", listed_events)
    assert {"grant_confirmed", "granted"} <= {
        one.kind for one in bureau.run("audit_admin.a", listed_events, most=500)
    }


def test_no_office_shows_anything_of_the_register(bureau: Bureau) -> None:
    for office in OFFICES:
        assert bureau.sees(f"{office}.a") == []


def test_a_grant_gives_what_it_says_and_taken_back_nothing(bureau: Bureau, name: str) -> None:
    assert bureau.sees(name) == []
    made = bureau.grant("security_admin.a", Wanted(name, "clerk", "bureau", reason="示例 1 号"))
    assert not made.is_pending
    assert bureau.sees(name) == ["A"]
    [row] = [one for one in bureau.run("security_admin.b", listed_grants) if one.account == name]
    assert (row.role, row.body, row.reason, row.made_by, row.state) == (
        "clerk", "bureau", "示例 1 号", "security_admin.a", "standing",
    )  # fmt: skip
    bureau.run("security_admin.b", revoke_grant, made.grant_id)
    assert bureau.sees(name) == []
    assert bureau.refused("security_admin.b", revoke_grant, made.grant_id) == "grant.none"


@pytest.mark.parametrize(
    "far",
    [
        {"role": "viewer"}, {"role": "viewer", "area": "3204"},
        {"role": "viewer", "area": "3304"}, {"role": "viewer", "body": "head"},
        {"role": "clerk", "body": "head", "area": "3304"},
        {"role": "viewer", "body": "bureau", "max_security_class": 2},
        {"role": "audit_admin"},
    ],
)  # fmt: skip
def test_a_grant_that_reaches_far_needs_a_second_person(
    bureau: Bureau, name: str, far: dict[str, Any]
) -> None:
    made = bureau.grant("security_admin.a", Wanted(name, **far))
    assert made.is_pending
    assert bureau.sees(name) == []
    assert bureau.run(name, my_offices) == []
    assert bureau.refused("security_admin.a", confirm_grant, made.grant_id) == "grant.second_person"
    assert bureau.refused("system_admin.a", confirm_grant, made.grant_id) == (
        "account.not_your_office"
    )
    bureau.run("security_admin.b", confirm_grant, made.grant_id)
    if far["role"] == "audit_admin":
        assert bureau.run(name, my_offices) == ["audit_admin"]
    elif far.get("area") != "3304" and far.get("body") != "head":
        assert "A" in bureau.sees(name)
    assert bureau.refused("security_admin.b", confirm_grant, made.grant_id) == "grant.none_pending"
    bureau.run("security_admin.a", revoke_grant, made.grant_id)


@pytest.mark.parametrize(
    "near",
    [{"body": "below"}, {"body": "department"}, {"body": "department", "area": "3204"},
     {"body": "bureau", "area": "3304"}, {"body": "head", "area": "320402"},
     {"area": "320402", "role": "viewer"}],
)  # fmt: skip
def test_a_grant_over_a_part_needs_one_person(
    bureau: Bureau, name: str, near: dict[str, Any]
) -> None:
    assert not bureau.grant(
        "security_admin.a", Wanted(name, **{"role": "clerk", **near})
    ).is_pending


def test_the_database_itself_keeps_the_second_person_apart(bureau: Bureau, name: str) -> None:
    made = bureau.grant("security_admin.a", Wanted(name, "viewer"))
    with (
        pytest.raises(Exception, match="second_person"),
        bureau.database.engine(Role.OWNER).begin() as owner,
    ):
        owner.execute(
            text('UPDATE rights."grant" SET confirmed_by = made_by WHERE grant_id = :g'),
            {"g": made.grant_id},
        )
    for statement in (
        'INSERT INTO rights."grant" (account_id, role) VALUES (1, NULL)',
        'UPDATE rights."grant" SET confirmed_at = now()', 'DELETE FROM rights."grant"',
        "UPDATE rights.account SET scope_id = 1", "UPDATE rights.session SET must_change = false",
    ):  # fmt: skip
        for role in (Role.WEB, Role.OPERATOR):
            with (
                pytest.raises(Exception, match="permission denied"),
                bureau.database.engine(role).begin() as conn,
            ):
                conn.execute(text(statement))


def test_nobody_grants_to_themselves_nor_takes_their_own_back(bureau: Bureau) -> None:
    wanted = Wanted("security_admin.a", "audit_admin")
    assert bureau.refused("security_admin.a", make_grant, wanted) == "grant.to_oneself"
    [own] = [
        one.grant_id
        for one in bureau.run("security_admin.a", listed_grants)
        if one.account == "security_admin.a"
    ]
    assert bureau.refused("security_admin.a", revoke_grant, own) == "grant.to_oneself"
    operator = Wanted("operator", "viewer", "bureau")
    assert bureau.refused("security_admin.a", make_grant, operator) == "grant.to_oneself"
    assert bureau.refused("system_admin.a", set_active, "system_admin.a", is_active=False) == (
        "account.not_itself"
    )


def test_an_office_meets_no_other_role_in_one_account(bureau: Bureau, name: str) -> None:
    for wanted in (
        Wanted("system_admin.a", "audit_admin"), Wanted("audit_admin.a", "clerk", "bureau"),
    ):  # fmt: skip
        assert bureau.refused("security_admin.a", make_grant, wanted) == "grant.office_apart"
    # Two that wait at once do not slip past each other either.
    first = bureau.grant("security_admin.a", Wanted(name, "viewer"))
    assert bureau.refused("security_admin.a", make_grant, Wanted(name, "system_admin")) == (
        "grant.office_apart"
    )
    bureau.run("security_admin.a", revoke_grant, first.grant_id)


def test_the_system_administrator_cannot_take_over_an_administrators_account(
    bureau: Bureau,
) -> None:
    assert bureau.refused("system_admin.a", reset_password, "security_admin.a") == (
        "account.office_password"
    )
    assert bureau.refused("system_admin.a", reset_password, "operator") == (
        "account.operator_has_none"
    )


def test_the_last_of_an_office_stays(bureau: Bureau) -> None:
    grants = {
        one.account: one.grant_id
        for one in bureau.run("operator", listed_grants)
        if one.role == "audit_admin" and one.account.startswith("audit")
    }
    bureau.run("system_admin.a", set_active, "audit_admin.a", is_active=False)
    for step in (
        lambda: bureau.refused("system_admin.a", set_active, "audit_admin.b", is_active=False),
        lambda: bureau.refused("security_admin.a", revoke_grant, grants["audit_admin.b"]),
        lambda: bureau.refused("operator", revoke_grant, grants["audit_admin.b"]),
    ):
        assert step() == "grant.last_of_office"
    assert bureau.run("audit_admin.b", my_offices) == ["audit_admin"]
    bureau.run("system_admin.a", set_active, "audit_admin.a", is_active=True)


@pytest.mark.parametrize(
    ("wrong", "key"),
    [
        ({"body": "gone"}, "grant.dissolved_into"), ({"body": "nowhere"}, "grant.unknown_body"),
        ({"area": "999999", "body": "bureau"}, "grant.unknown_area"),
        ({}, "grant.clerk_needs_body"), ({"role": "operator"}, "grant.unknown_role"),
        ({"role": "god"}, "grant.unknown_role"),
        ({"body": "bureau", "max_security_class": 4}, "grant.bad_class"),
        ({"body": "bureau", "valid_to": today()}, "grant.bad_days"),
        ({"body": "bureau", "valid_from": LATER, "valid_to": LATER}, "grant.bad_days"),
        ({"role": "audit_admin", "body": "bureau"}, "grant.office_is_whole"),
        ({"role": "audit_admin", "valid_to": today() + timedelta(9)}, "grant.office_is_whole"),
        ({"body": "bureau", "reason": "长" * 301}, "grant.reason_too_long"),
        ({"account": "nobody", "body": "bureau"}, "account.unknown"),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_refused_with_a_sentence(
    bureau: Bureau, name: str, wrong: dict[str, Any], key: str
) -> None:
    wanted = Wanted(**{"account": name, "role": "clerk", **wrong})
    assert bureau.refused("security_admin.a", make_grant, wanted) == key
    assert bureau.sees(name) == []


def test_a_body_dissolved_while_its_grant_waits_is_refused_at_the_confirmation(
    bureau: Bureau, name: str
) -> None:
    with bureau.database.engine(Role.OWNER).begin() as owner:
        bureau.ids["closing"] = make_organization(owner, f"closing{name}")
    wanted = Wanted(name, "viewer", f"closing{name}", max_security_class=2)
    made = bureau.grant("security_admin.a", wanted)
    with bureau.database.engine(Role.OWNER).begin() as owner:
        owner.execute(
            text("UPDATE organization.organization SET valid_to = current_date"
                 " WHERE organization_id = :o"), {"o": bureau.ids["closing"]},
        )  # fmt: skip
    assert bureau.refused("security_admin.b", confirm_grant, made.grant_id) == "grant.dissolved"


def test_dated_grants_begin_and_end_at_midnight_by_themselves(bureau: Bureau, name: str) -> None:
    settle_due_grants(bureau.database)
    later = today() + timedelta(days=3)
    made = bureau.grant("security_admin.a", Wanted(name, "clerk", "bureau", valid_from=later))
    assert bureau.sees(name) == []

    def turn_to(first: str, end: str) -> None:
        """As if the days stood in the grant already, and today had just come."""
        with bureau.database.engine(Role.OWNER).begin() as owner:
            owner.execute(text('ALTER TABLE rights."grant" DISABLE TRIGGER scopes_are_stale'))
            owner.execute(
                text(f'UPDATE rights."grant" SET valid_from = {first}, valid_to = {end}'
                     " WHERE grant_id = :g"), {"g": made.grant_id},
            )  # fmt: skip
            owner.execute(text('ALTER TABLE rights."grant" ENABLE TRIGGER scopes_are_stale'))
            owner.execute(text("UPDATE rights.version SET grants_settled_on = current_date - 1"))

    def on_a_day(first: str, end: str) -> list[str]:
        turn_to(first, end)
        assert settle_due_grants(bureau.database)
        assert not settle_due_grants(bureau.database)
        return bureau.sees(name)

    assert on_a_day("current_date", "NULL") == ["A"]
    assert on_a_day("current_date - 9", "current_date") == []
    assert on_a_day("current_date", "NULL") == ["A"]
    # Where no worker has looked yet, whoever enters by an address brings the day.
    with bureau.database.engine(Role.OWNER).begin() as owner:
        address = open_session(owner, bureau.ids[name], kind="one_time", lifetime=LATER - today())
    turn_to("current_date - 9", "current_date")
    with transaction(bureau.database.engine(Role.WEB), None) as conn:
        assert redeem_one_time_token(conn, address)
    assert bureau.sees(name) == []


def test_browsers_under_the_old_rights_sign_in_again(bureau: Bureau, name: str) -> None:
    token = session_of(bureau.database, bureau.ids[name])

    def who() -> Any:
        with transaction(bureau.database.engine(Role.WEB), token) as conn:
            return conn.execute(text("SELECT rights.current_account_id()")).scalar()

    assert who() == bureau.ids[name]
    bureau.grant("security_admin.a", Wanted(name, "clerk", "bureau"))
    assert who() is None


def test_a_merged_bodys_heir_is_what_a_grant_names(bureau: Bureau, name: str) -> None:
    bureau.grant("security_admin.a", Wanted(name, "clerk", "heir"))
    assert bureau.sees(name) == ["B"]
