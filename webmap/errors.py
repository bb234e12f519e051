"""One table from what went wrong to what a program is told: HTTP status and exit code."""

import logging
import secrets
from dataclasses import dataclass
from typing import Final

import psycopg2
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from gis.errors import ConfigError, Conflict, Forbidden, InputError, NotFound, OneMapError

log = logging.getLogger("onemap")


class NotSignedIn(Forbidden):
    """Nobody is asking: no session, or one that has ended."""


class MustChangePassword(NotSignedIn):
    """Somebody with a password that was handed over, who has not chosen one yet."""


class Busy(OneMapError):
    """All connections to the database are taken; in a moment one may be free."""


class TakesTooLong(OneMapError):
    """The database was told to stop working at it."""


class Away(OneMapError):
    """The database does not answer, as while it starts again; what was asked may have been kept."""


class TooManyAttempts(Forbidden):
    """Too many wrong passwords: nothing was tried."""


class TooOften(OneMapError):
    """More than the allowance of a minute.

    Args:
        wait_s: Seconds until one may ask again.
    """

    def __init__(self, wait_s: int) -> None:
        super().__init__("web.too_often", seconds=wait_s)
        self.wait_s = wait_s


class ProviderFailed(Forbidden):
    """Whom a provider sent is not believed, or has no account here; or it does not answer."""


@dataclass(frozen=True)
class Outcome:
    """How a class of error leaves the program."""

    status: int
    """HTTP status of the problem document."""

    exit_code: int
    """Of the command line: 2 = the person's input, nothing changed; 1 = a fault of ours."""


OUTCOMES: Final[dict[type[OneMapError], Outcome]] = {
    InputError: Outcome(400, 2),
    NotFound: Outcome(404, 2),
    Conflict: Outcome(409, 2),
    NotSignedIn: Outcome(401, 2),
    ProviderFailed: Outcome(401, 2),
    TooManyAttempts: Outcome(429, 2),
    TooOften: Outcome(429, 2),
    Forbidden: Outcome(403, 2),
    Busy: Outcome(503, 1),
    Away: Outcome(503, 1),
    ConfigError: Outcome(503, 1),
    TakesTooLong: Outcome(504, 1),
    OneMapError: Outcome(500, 1),
}

FAULT: Final = Outcome(500, 1)
"""Anything that is not an error of ours to explain: a bug."""


def outcome_of(error: BaseException) -> Outcome:
    """The row of the nearest class the error belongs to."""
    for kind in type(error).__mro__:
        if kind in OUTCOMES:
            return OUTCOMES[kind]
    return FAULT


_TAKEN: Final = ("too many clients", "too many connections", "connection slots are reserved")
"""How the server refuses a connection for want of one; it has no other sign before there is one."""


def is_busy(error: BaseException) -> bool:
    """Whether the pool's or the server's connections are all taken."""
    if isinstance(error, PoolTimeout):
        return True
    said = error.orig if isinstance(error, DBAPIError) else error
    return isinstance(said, psycopg2.OperationalError) and any(one in str(said) for one in _TAKEN)


_ENDED: Final = ("57P01", "57P02", "57P03")
"""The server ends, or its session; or it starts and takes nobody yet."""


def is_away(error: BaseException) -> bool:
    """Whether the connection to the database broke, or none came about."""
    if isinstance(error, DBAPIError) and error.connection_invalidated:
        return True
    said = error.orig if isinstance(error, DBAPIError) else error
    # A statement that fails has a code; a connection that fails has none.
    return isinstance(said, psycopg2.OperationalError) and said.pgcode in (None, *_ENDED)


def cause_of(error: BaseException) -> str:
    """What the database's driver says of a failed connection, in one line."""
    said = error.orig if isinstance(error, DBAPIError) else error
    return " ".join(str(said).split())


_CANCELLED: Final = "57014"
_IDLE_FOR_TOO_LONG: Final = "25P03"
_LOCKED: Final = "55P03"


def overrun_of(error: BaseException) -> OneMapError | None:
    """What to tell somebody whom the database is too slow for, or away; null for other errors."""
    if is_busy(error):
        return Busy("web.busy")
    said = error.orig if isinstance(error, DBAPIError) else error
    code = said.pgcode if isinstance(said, psycopg2.Error) else None
    if code in (_CANCELLED, _IDLE_FOR_TOO_LONG):
        return TakesTooLong("web.too_long")
    if code == _LOCKED:
        return Busy("web.locked")
    return Away("web.away") if is_away(error) else None


def log_fault(error: BaseException) -> str:
    """Write a bug to the log with its trace; the id returned is all that a person is shown."""
    fault_id = secrets.token_hex(4)
    log.error("fault %s", fault_id, exc_info=error)
    return fault_id
