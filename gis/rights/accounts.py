"""What the system administrator does: accounts, first passwords, shutting and opening.

As the web role or the operator, in the name of a session; the database asks for the office.
"""

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import Connection

from gis.errors import InputError
from gis.rights.passwords import first_password, new_credential
from gis.rights.refusals import call
from gis.rights.sign_in import account_name

_LONGEST_TITLE: Final = 60
_LONGEST_SUBJECT: Final = 512
"""OpenID Connect allows no longer one."""
_CREDENTIAL: Final = ":salt, :time_cost, :memory_kib, :parallelism, :verifier"


def add_account(
    conn: Connection, stated_name: str, title: str | None, *, address: str | None = None
) -> tuple[str, str]:
    """A new account that may do nothing yet.

    Returns:
        Its name as it is kept, and a password to hand over, good for a week and for choosing
        another.

    Raises:
        InputError: Not a name.
        Conflict: There is one of this name.
        Forbidden: Not the office of whoever asks.
    """
    name = account_name(stated_name)
    shown = (title or "").strip()
    if len(shown) > _LONGEST_TITLE:
        raise InputError("account.title_too_long", most=_LONGEST_TITLE)
    password = first_password()
    call(
        conn,
        f"SELECT rights.add_account(:name, :title, {_CREDENTIAL}, :address)",
        name=name,
        title=shown or None,
        address=address,
        **_kept(password),
    )
    return name, password


def reset_password(conn: Connection, name: str, *, address: str | None = None) -> str:
    """A new password to hand over; the account's sessions end and it may try again at once.

    Raises:
        NotFound: No such account.
        Forbidden: Not the office of whoever asks, or an administrator's.
    """
    password = first_password()
    call(
        conn,
        f"SELECT rights.reset_password(:name, {_CREDENTIAL}, :address)",
        name=name,
        address=address,
        **_kept(password),
    )
    return password


def set_active(conn: Connection, name: str, *, is_active: bool, address: str | None = None) -> None:
    """Shut an account, which ends its sessions, or open it again.

    Raises:
        NotFound: No such account.
        Forbidden: One's own, or not the office of whoever asks.
    """
    call(
        conn,
        "SELECT rights.set_account_active(:name, :is_active, :address)",
        name=name,
        is_active=is_active,
        address=address,
    )


def link_account(
    conn: Connection, name: str, subject: str | None, *, address: str | None = None
) -> None:
    """Let somebody of a provider sign in to an account; null: nobody any more.

    Args:
        conn: Of a system administrator.
        name: The account's.
        subject: Provider, claim and value, as signing in compares them.
        address: Network address of whoever asks.

    Raises:
        InputError: Too long to be what a provider says.
        NotFound: No such account.
        Conflict: Another account is linked so, or this one holds an office.
        Forbidden: One's own, or not the office of whoever asks.
    """
    known = (subject or "").strip() or None
    if known and (len(known) > _LONGEST_SUBJECT or not known.isprintable()):
        raise InputError("account.bad_subject", most=_LONGEST_SUBJECT)
    call(
        conn,
        "SELECT rights.link_account(:name, :subject, :address)",
        name=name,
        subject=known,
        address=address,
    )


def drop_code(conn: Connection, name: str, *, address: str | None = None) -> None:
    """Let an account sign in without one-time codes, as when a phone was lost.

    Raises:
        NotFound: No such account, or it has none.
        Forbidden: Not the office of whoever asks, or an administrator's.
    """
    call(conn, "SELECT rights.drop_code_of(:name, :address)", name=name, address=address)


def listed_accounts(conn: Connection) -> Sequence[Any]:
    """Every account but the operator's, by name."""
    return call(conn, "SELECT * FROM rights.listed_accounts()").all()


def state_of(account: Any) -> str:
    """One word for how a listed account stands."""
    if not account.is_active:
        return "disabled"
    if account.is_locked:
        return "locked"
    if not account.has_password:
        return "no_password"
    return "first_password" if account.must_change else "active"


def _kept(password: str) -> dict[str, Any]:
    made = new_credential(password)
    return {"salt": made.salt, "verifier": made.verifier, **vars(made.cost)}
