"""Accounts with passwords, as an administrator hands them out and their owners choose them."""

from datetime import timedelta

from gis.db import Database, Role, transaction
from gis.rights import accounts
from gis.rights.actions import Grant, ensure_account, open_session
from gis.rights.passwords import new_credential
from gis.rights.refusals import call
from gis.rights.sign_in import Attempt, sign_in
from tests.conftest import open_operator

CHOSEN = "green kettle walks north 27"
OFFICE = "10.1.2.3"


def add_person(database: Database, name: str, *grants: Grant) -> int:
    """An account with grants that has chosen its password (`CHOSEN`) already."""
    with transaction(database.engine(Role.OWNER), None) as owner:
        account_id = ensure_account(owner, name, grants)
        made = new_credential(CHOSEN)
        call(
            owner,
            "SELECT rights.put_credential(:account_id, :salt, :time_cost, :memory_kib,"
            " :parallelism, :verifier, false)",
            account_id=account_id,
            salt=made.salt,
            verifier=made.verifier,
            **vars(made.cost),
        )
    return account_id


def add_beginner(database: Database, name: str) -> str:
    """An account as the operator makes it; its first password."""
    with transaction(database.engine(Role.OPERATOR), open_operator(database).token) as conn:
        return accounts.add_account(conn, name, None)[1]


def attempt(database: Database, name: str, password: str, *, address: str = OFFICE) -> Attempt:
    """Sign in as the web does."""
    with transaction(database.engine(Role.WEB), None) as conn:
        idle = timedelta(minutes=30)
        return sign_in(conn, name, password, address=address, idle=idle)


def session_of(database: Database, account_id: int) -> str:
    """A session of an account, without its password."""
    with transaction(database.engine(Role.OWNER), None) as owner:
        return open_session(owner, account_id, kind="web", lifetime=timedelta(hours=1))
