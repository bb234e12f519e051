"""Statements that a connection plans once and then runs again and again.

Planning a tile's query under row security takes as long as running it (1 ms), and each round trip
costs about a tenth of that. psycopg2 prepares nothing by itself, so it is said in SQL.
"""

import functools
import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Engine

_BIND: Final = re.compile(r"(?<!:):([a-z][a-z_]*)")
_TYPES: Final = {
    "as_of": "date",
    "inner": "geometry",
    "outer": "geometry",
    "choices": "jsonb",
    "ranges": "jsonb",
    "holder": "bigint",
    **dict.fromkeys(("z", "x", "y", "cells", "level"), "integer"),
    **dict.fromkeys(("west", "south", "east", "north", "scale_x", "scale_y"), "float8"),
}
"""Type of each parameter, by its name."""


@dataclass(frozen=True)
class PreparedStatement:
    """A statement under a name that tells its text."""

    name: str
    preparing: str
    running: str
    """The SQL that runs it, with psycopg2's named placeholders."""


@functools.cache
def prepared(statement: str) -> PreparedStatement:
    """A statement with parameters such as `:west`, made ready to be prepared."""
    parameters = tuple(dict.fromkeys(_BIND.findall(statement)))
    numbered = _BIND.sub(lambda found: f"${parameters.index(found[1]) + 1}", statement)
    name = "onemap_" + hashlib.blake2s(statement.encode(), digest_size=8).hexdigest()
    types = ", ".join(_TYPES[each] for each in parameters)
    signature = f" ({types})" if types else ""
    values = ", ".join(f"%({each})s" for each in parameters)
    return PreparedStatement(
        name,
        preparing=f"PREPARE {name}{signature} AS {numbered}",
        running=f"EXECUTE {name} ({values})" if values else f"EXECUTE {name}",
    )


@functools.cache
def typed(statement: str) -> str:
    """The same statement for a run without preparing: every parameter says its type."""
    return _BIND.sub(lambda found: f"CAST(:{found[1]} AS {_TYPES[found[1]]})", statement)


class PreparingConnection:
    """A connection of one role that remembers what it has prepared; for one thread at a time."""

    def __init__(self, engine: Engine) -> None:
        pooled = engine.raw_connection()
        driver: Any = pooled.driver_connection
        pooled.detach()
        driver.autocommit = True
        self._driver = driver
        self._known: set[str] = set()
        self._kept: tuple[Any, ...] | None = None

    def answer(
        self, session_token: str, statement: PreparedStatement, values: Mapping[str, Any]
    ) -> tuple[Any, ...]:
        """The one row of a prepared statement, in the name of a session, in one round trip.

        Both commands travel as one message, which the server runs as one transaction: the session
        is set for exactly this answer.

        Raises:
            psycopg2.Error: The connection or the statement failed.
        """
        with self._driver.cursor() as cursor:
            if statement.name not in self._known:
                cursor.execute(statement.preparing)
                self._known.add(statement.name)
            cursor.execute(
                # Not `set_config`, which would be planned and answer a row of its own.
                f"SET LOCAL onemap.session = %(session_token)s;{statement.running}",
                {**values, "session_token": session_token},
            )
            row: tuple[Any, ...] = cursor.fetchone()
        return row

    def keep(
        self,
        session_token: str,
        statements: Sequence[str],
        values: Mapping[str, Any],
        *,
        of: tuple[Any, ...],
    ) -> None:
        """Fill temporary tables that later answers read, unless they hold just this.

        Args:
            session_token: In whose name.
            statements: With parameters such as `:as_of`; run in one transaction.
            values: Of the parameters.
            of: What the rows depend on beside the values: whose they are, and of which version.

        Raises:
            psycopg2.Error: The connection or a statement failed; nothing is kept.
        """
        wanted = (*of, tuple(sorted(values.items())), tuple(statements))
        if self._kept == wanted:
            return
        self._kept = None
        script = ";".join(_BIND.sub(r"%(\1)s", statement) for statement in statements)
        with self._driver.cursor() as cursor:
            cursor.execute(
                f"SET LOCAL onemap.session = %(session_token)s;{script}",
                {**values, "session_token": session_token},
            )
        self._kept = wanted

    @property
    def is_open(self) -> bool:
        """Whether it may be asked again, also after an error."""
        return not self._driver.closed

    def close(self) -> None:
        """Closes the connection."""
        self._driver.close()
