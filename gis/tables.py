"""The one catalogue of tables, how their constraints are named, and what those say to a person."""

from enum import StrEnum
from typing import Final

from sqlalchemy import MetaData, TextClause, text
from sqlalchemy.dialects.postgresql import ExcludeConstraint
from sqlalchemy.exc import IntegrityError

from gis.errors import Conflict

metadata: Final = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)
"""Every table of every package; each `model.py` adds its own."""

REFUSES: Final = "refuses"
"""`info` of a table: name of a constraint to the message key of what it says when it is broken."""


def one_of(column: str, words: type[StrEnum]) -> str:
    """Condition that a column holds one of the words of an enumeration."""
    return f"{column} IN ({', '.join(repr(str(word)) for word in words)})"


def one_at_a_time(name: str, *same: str | TextClause) -> ExcludeConstraint:
    """Of rows that are the same in some columns, the dates never overlap.

    Args:
        name: Of the constraint.
        same: Columns, or expressions; the first is what the index looks for first.

    Dates are `valid_from` and `valid_to`, open where null.
    """
    return ExcludeConstraint(
        *((column, "=") for column in same),
        (text("daterange(valid_from, valid_to)"), "&&"),
        name=name,
        using="gist",
    )


def conflict_of(error: IntegrityError) -> Conflict | None:
    """What a person is told of a broken constraint; null for one that only a bug can break.

    The sentence names nobody: a constraint sees rows that rights hide.
    """
    broken = error.orig.diag  # type: ignore[union-attr]
    table = metadata.tables.get(f"{broken.schema_name}.{broken.table_name}")
    key = None if table is None else table.info.get(REFUSES, {}).get(broken.constraint_name)
    return Conflict(key) if key else None
