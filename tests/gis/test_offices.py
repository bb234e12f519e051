"""Who may come to hold an office: nobody whose password or tokens another could have."""

from collections.abc import Callable
from typing import Any

import pytest
from people import CHOSEN, attempt
from sqlalchemy import text
from three_offices import Bureau

from gis.db import Database, Role, transaction
from gis.rights.accounts import add_account, reset_password
from gis.rights.actions import ensure_account
from gis.rights.grants import Wanted, confirm_grant, make_grant, revoke_grant
from gis.rights.sign_in import Outcome, change_password
from gis.rights.tokens import make_token


@pytest.fixture(scope="module")
def bureau(make_database: Callable[[str], Database]) -> Bureau:
    return Bureau(make_database("onemap_offices"))


def _first_password(bureau: Bureau, who: str, name: str) -> str:
    password: str = bureau.run(who, add_account, name, None)[1]
    with bureau.database.engine(Role.OWNER).begin() as owner:
        bureau.ids[name] = owner.execute(
            text("SELECT account_id FROM rights.account WHERE name = :name"), {"name": name}
        ).scalar_one()
    return password


def test_an_account_whose_maker_knows_its_password_takes_no_office(bureau: Bureau) -> None:
    first = _first_password(bureau, "system_admin.a", "puppet")
    wanted = Wanted("puppet", "security_admin")
    for who in ("security_admin.a", "operator"):
        assert bureau.refused(who, make_grant, wanted) == "grant.office_first_password"
    # Roles of the register are given before somebody's first day.
    made = bureau.grant("security_admin.a", Wanted("puppet", "clerk", "bureau"))
    bureau.run("security_admin.a", revoke_grant, made.grant_id)
    come = attempt(bureau.database, "puppet", first)
    with transaction(bureau.database.engine(Role.WEB), come.token) as conn:
        assert change_password(conn, first, CHOSEN, address="").outcome is Outcome.CHANGED
    # A password that was handed over anew counts again, whoever asks.
    bureau.run("system_admin.a", reset_password, "puppet")
    for who in ("security_admin.a", "operator"):
        assert bureau.refused(who, make_grant, wanted) == "grant.office_first_password"
    bureau.run("operator", reset_password, "puppet")
    assert bureau.refused("security_admin.a", make_grant, wanted) == "grant.office_first_password"
    assert bureau.grant("operator", wanted).is_pending


def test_an_office_asked_on_the_server_waits_for_its_holders_password(bureau: Bureau) -> None:
    first = _first_password(bureau, "operator", "successor")
    made = bureau.grant("operator", Wanted("successor", "audit_admin"))
    assert made.is_pending
    refused = bureau.refused("security_admin.a", confirm_grant, made.grant_id)
    assert refused == "grant.office_first_password"
    come = attempt(bureau.database, "successor", first)
    with transaction(bureau.database.engine(Role.WEB), come.token) as conn:
        change_password(conn, first, CHOSEN, address="")
    bureau.run("security_admin.a", confirm_grant, made.grant_id)


def test_an_account_without_a_password_takes_no_office(bureau: Bureau) -> None:
    with bureau.database.engine(Role.OWNER).begin() as owner:
        ensure_account(owner, "bare", [])
    wanted = Wanted("bare", "audit_admin")
    assert bureau.refused("security_admin.a", make_grant, wanted) == "grant.office_first_password"


def test_tokens_made_before_an_office_end_with_it(bureau: Bureau) -> None:
    name = "program"
    bureau.add(name)

    def token() -> str:
        made: str = bureau.run(name, make_token, "QGIS")[1]
        return made

    def who(held: str) -> Any:
        with transaction(bureau.database.engine(Role.WEB), held) as conn:
            return conn.execute(text("SELECT rights.current_account_id()")).scalar()

    early = token()
    clerk = bureau.grant("security_admin.a", Wanted(name, "clerk", "bureau"))
    assert who(early) == bureau.ids[name]
    bureau.run("security_admin.a", revoke_grant, clerk.grant_id)
    office = bureau.grant("security_admin.a", Wanted(name, "audit_admin"))
    assert who(early) == bureau.ids[name]
    bureau.run("security_admin.b", confirm_grant, office.grant_id)
    assert who(early) is None
    late = token()
    bureau.run("security_admin.a", revoke_grant, office.grant_id)
    assert who(late) is None
