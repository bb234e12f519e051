"""Of a file that was loaded before, only the rows that a person has decided since."""

from dataclasses import replace
from typing import Final

import numpy as np
from sqlalchemy import text

from etl.prepare import Prepared, Sheet
from gis.db import Database, Role, transaction
from gis.errors import Conflict, InputError, NotFound

_LOAD: Final = "SELECT file_sha256, state FROM staging.load WHERE load_id = :load_id"

# What hung on a waiting row was refused for want of its parent: it is tried again with it.
_ROWS: Final = """
SELECT q.sheet, q.row_number FROM staging.match_question AS q
JOIN staging.match_decision AS d ON d.row_key = q.row_key AND d.withdrawn_at IS NULL
WHERE q.load_id = :load_id
UNION
SELECT coalesce(i.sheet, ''), i.row_number FROM staging.issue AS i
WHERE i.load_id = :load_id AND i.rule = 'parent.unknown'
  AND EXISTS (SELECT FROM staging.match_question AS q
              JOIN staging.match_decision AS d ON d.row_key = q.row_key AND d.withdrawn_at IS NULL
              WHERE q.load_id = :load_id AND d.choice <> 'out')
"""


def only_decided(
    database: Database, prepared: Prepared, load_id: int, *, token: str | None
) -> Prepared:
    """The file with nothing chosen but what was decided of `load_id`, and what hung on it.

    Raises:
        NotFound: There is no such load, or the account does not see it.
        InputError: It was a load of another file.
        Conflict: It was taken back, or nothing of it is decided.
    """
    with transaction(database.engine(Role.OPERATOR), token) as conn:
        values = {"load_id": load_id}
        load = conn.execute(text(_LOAD), values).one_or_none()
        if load is None:
            raise NotFound("load.no_such_load", load_id=load_id)
        if bytes(load.file_sha256).hex() != prepared.sha256:
            raise InputError("match.other_file", load_id=load_id, file=prepared.file)
        if load.state != "committed":
            raise Conflict("match.load_undone", load_id=load_id)
        found = conn.execute(text(_ROWS), values).all()
    if not found:
        raise Conflict("match.nothing_decided", load_id=load_id)
    rows: dict[str, list[int]] = {}
    for row in found:
        rows.setdefault(row.sheet, []).append(row.row_number)
    sheets = tuple(_only(sheet, rows.get(sheet.table.sheet or "", [])) for sheet in prepared.sheets)
    for sheet in sheets:
        prepared.issues.keep_only(sheet.table.sheet, sheet.table.rows[sheet.is_chosen])
    return replace(prepared, sheets=sheets)


def _only(sheet: Sheet, rows: list[int]) -> Sheet:
    is_chosen = np.isin(sheet.table.group, rows)
    return replace(
        sheet,
        is_chosen=is_chosen,
        is_rejected=sheet.is_rejected | ~is_chosen,
        is_thing=sheet.is_thing & is_chosen,
        is_told=sheet.is_thing,
        waiting=sheet.waiting & is_chosen,
    )
