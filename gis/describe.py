"""Describes the tables as a document people read: `docs/data-model.md` is made by this."""

from collections.abc import Iterable
from typing import Final

from sqlalchemy import Column, MetaData, Table
from sqlalchemy.dialects.postgresql import dialect

from gis.history import SCHEMA as HISTORY_SCHEMA
from gis.history import is_kept
from gis.rights.policies import is_protected

_DIALECT: Final = dialect()  # type: ignore[no-untyped-call]

_SCHEMA_NOTES = {
    "place": "Where things are: the one map, what identifies a place, its areas and titles.",
    "organization": "Who exists: the tree, dated names, succession, headcounts.",
    "rights": "Who may see and change what.",
    "estate": "Who has what: the dated truth that every domain shares.",
    "services": "What domains share: steps of cases, deputies, numbers, notices, frozen reports.",
    "space": "Office space: by which standard it is judged.",
    "certificates": "Use certificates: who may use which rooms, as it was certified.",
    "inspection": "Inspections: what is asked, what was found, that it is put right.",
    "campaign": "The yearly survey as a task: who files, what was filed, who said what of it.",
    "staging": "What came in, and what became of it.",
}


def data_model(metadata: MetaData) -> str:
    """Markdown of every schema, table and column, in a fixed order.

    History tables are described once, not table by table: they repeat what they keep.
    """
    tables = [table for table in metadata.tables.values() if table.schema != HISTORY_SCHEMA]
    lines = [
        "# Data model",
        "",
        "Made by `./onemap describe` from the models; a test fails when it is not current.",
        "",
        "Geometry is CGCS2000 (EPSG:4490). `valid_from` is the first day a fact holds, `valid_to`"
        " the first day it no longer does; null is open. Areas are square metres, never floating"
        " point. A table marked **protected** carries `rights_cell` and is guarded by row-level"
        " security."
        " A table marked **history** has a twin in schema `history`: its former rows, one line a"
        " change, with the transaction, the account, the load and the digest of the new row.",
        "",
    ]
    for schema in sorted({str(table.schema) for table in tables}):
        lines += [f"## {schema}", ""]
        if schema in _SCHEMA_NOTES:
            lines += [_SCHEMA_NOTES[schema], ""]
        for table in sorted((t for t in tables if t.schema == schema), key=lambda t: t.name):
            lines += _table(table)
    return "\n".join(lines).rstrip() + "\n"


def _table(table: Table) -> Iterable[str]:
    marks = [
        mark
        for mark, holds in (("protected", is_protected(table)), ("history", is_kept(table)))
        if holds
    ]
    yield f"### {table.fullname}"
    yield ""
    yield f"{table.comment or ''}{'  ' if marks else ''}{' '.join(f'**{mark}**' for mark in marks)}"
    yield ""
    yield "| column | type | null | meaning |"
    yield "|---|---|---|---|"
    for column in table.columns:
        yield _column(column)
    yield ""


def _column(column: Column[object]) -> str:
    kind = column.type.compile(dialect=_DIALECT)
    links = sorted({f"`{key.target_fullname}`" for key in column.foreign_keys})
    meaning = ". ".join([*([column.comment] if column.comment else []), *(f"→ {x}" for x in links)])
    name = f"**{column.name}**" if column.primary_key else column.name
    return f"| {name} | {kind} | {'yes' if column.nullable else 'no'} | {meaning} |"
