"""Stubs of state secrets: what is left of a place is its kind, its district and its areas.

Marking a place deletes everything else of it and of its parts, in every schema, with its past and
its copies in staging. Which tables that are is read from the models: any table that points at a
place, or at a row that goes, unless its `info` says that its rows stay. A new domain is covered
without a line of its own. Rows that may be of a place without pointing at it go by their words.
"""

from collections.abc import Iterable, Sequence
from typing import Final

from sqlalchemy import MetaData, Table

from gis.audit.lines import found_sql
from gis.db import sql_resource
from gis.history import SCHEMA, history_name, is_kept
from gis.places.model import FORGOTTEN_BY, STAYS_WITH_STUBS
from gis.squares import forget_sums_sql

_PLACE: Final = "place.place"
_KEPT_OF_LINE: Final = frozenset(
    {"place_id", "kind", "code", "uid", "security_class", "admin_area_code", "rights_cell"}
)
"""What the one line of a stub's past still says; the class is the one before."""


def stubs_ddl(metadata: MetaData) -> str:
    """The functions that make stubs, with a deletion for every table that says more of a place."""
    deletions, past = (list(one) for one in _deletions(metadata))
    blanks = ", ".join(
        f'"{column.name}" = NULL'
        for column in metadata.tables[_PLACE].columns
        if column.name not in _KEPT_OF_LINE
    )
    script = sql_resource("gis", "sql/stubs.sql")
    areas = metadata.tables["place.area_measure"]
    return (
        script.replace("-- <deletions>", "\n  ".join(deletions))
        .replace("-- <past>", "\n  ".join(past))
        .replace("-- <forgotten>", "\n  ".join(_forgotten(metadata)))
        .replace("<blanks>", blanks)
        .replace("-- <found>", found_sql(areas, "t.place_id = ANY (ids)"))
    )


def _deletions(metadata: MetaData) -> tuple[list[str], list[str]]:
    """Rows that go, those that point at others first; and the past of all of them.

    Sums of their squares go as well: they are asked place by place until they are made anew.
    """
    rows = list(forget_sums_sql(metadata.sorted_tables, "place_id = ANY (ids)"))
    gone = _tables_that_go(metadata)
    past = []
    for table in reversed(gone):
        rows.append(f"DELETE FROM {table.fullname} AS t WHERE {_says_of_stub(table, gone, 't')};")
        if is_kept(table):
            key = ", ".join(f'"{column.name}"' for column in table.primary_key.columns)
            kept = f"{SCHEMA}.{history_name(table)}"
            past.append(
                f"DELETE FROM {kept} WHERE ({key}) IN (SELECT {key} FROM {kept} AS t"
                f" WHERE {_says_of_stub(table, gone, 't', is_past=True)});"
            )
    return rows, past


def _forgotten(metadata: MetaData) -> Iterable[str]:
    """Rows that say a word the places are recognised by go, wherever they hang; then their past."""
    for table in metadata.sorted_tables:
        if (texts := table.info.get(FORGOTTEN_BY)) is None:
            continue
        key = ", ".join(f'"{column.name}"' for column in table.primary_key.columns)
        yield _forget_sql(table.fullname, key, texts)
        if is_kept(table):
            yield _forget_sql(f"{SCHEMA}.{history_name(table)}", key, texts)


def _forget_sql(name: str, key: str, texts: tuple[str, str]) -> str:
    # Worked out once a row: there are many words.
    return f"""DELETE FROM {name} WHERE ({key}) IN (
    WITH row AS MATERIALIZED (
      SELECT {key}, place.normalised({texts[0]}) AS whole, place.normalised({texts[1]}) AS said
      FROM {name} AS t)
    SELECT {key} FROM row WHERE EXISTS (SELECT FROM unnest(telling) AS told
      WHERE row.whole = told OR position(told IN row.said) > 0));"""


def _tables_that_go(metadata: MetaData) -> list[Table]:
    """Tables whose rows point at a place, directly or through a row that goes; parents first."""
    gone: list[Table] = []
    for table in metadata.sorted_tables:
        if table.schema == SCHEMA or table.fullname == _PLACE or table.info.get(STAYS_WITH_STUBS):
            continue
        targets = {key.column.table for key in table.foreign_keys}
        if any(target.fullname == _PLACE or target in gone for target in targets):
            gone.append(table)
    return gone


def _says_of_stub(table: Table, gone: Sequence[Table], alias: str, *, is_past: bool = False) -> str:
    """Condition on a row: it points at a place of `ids`, or at a row that does."""
    conditions = set()
    for key in table.foreign_keys:
        target, column = key.column.table, f'{alias}."{key.parent.name}"'
        if target.fullname == _PLACE and key.column.name == "place_id":
            conditions.add(f"{column} = ANY (ids)")
        elif target in gone and key.column.primary_key:
            inner = f"{alias}_"
            name = f'"{key.column.name}"'
            # Deleted later than this table, and its past last of all: both still say whose it is.
            sources = [target.fullname] if not is_past else []
            if is_kept(target):
                sources.append(f"{SCHEMA}.{history_name(target)}")
            conditions |= {
                f"{column} IN (SELECT {inner}.{name} FROM {source} AS {inner}"
                f" WHERE {_says_of_stub(target, gone, inner, is_past=is_past)})"
                for source in sources
            }
    return " OR ".join(sorted(conditions))
