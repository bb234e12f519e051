"""Doubtful rows of loads: what waits for a person, what may be the same, and the person's word."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, text
from sqlalchemy.exc import IntegrityError

from gis.errors import Conflict, Forbidden, InputError, NotFound
from gis.loads.matches_model import Choice

MOST_AT_ONCE: Final = 10_000
_STUB: Final = 3
NOT_FOUND: Final = "match.not_found"
"""Nothing resembles the row, so a person may name any whole place."""
_WHOLE: Final = frozenset({"site", "building", "structure", "premises"})
"""Kinds that a row may be said to be where nothing resembles it."""

# A row that a later load brought up again is asked there; a decision from before a load that still
# holds the row did not help, so it is asked once more.
_STANDS: Final = """
l.state = 'committed' AND NOT EXISTS (
  SELECT FROM staging.match_question AS later JOIN staging.load AS of_later USING (load_id)
  WHERE later.row_key = q.row_key AND later.load_id > q.load_id AND of_later.state = 'committed')
"""
_IS_OPEN: Final = "(d.match_decision_id IS NULL OR d.decided_at < l.started_at)"
_FROM: Final = """
staging.match_question AS q JOIN staging.load AS l USING (load_id)
LEFT JOIN staging.match_decision AS d ON d.row_key = q.row_key AND d.withdrawn_at IS NULL
LEFT JOIN rights.account AS a ON a.account_id = d.account_id
"""
_COLUMNS: Final = f"""
q.load_id, q.sheet, q.row_number, q.kind, q.contract, q.rule, q.name, q.address, q.holder,
q.gross_area_m2, q.other_row, l.file_name, {_IS_OPEN} AS is_open, d.match_decision_id, d.choice,
d.place_id, d.decided_at, d.applied_load_id,
EXISTS (SELECT FROM staging.load AS brought WHERE brought.load_id = d.applied_load_id
        AND brought.state = 'committed') AS is_applied,
a.name AS decided_by, a.title AS decided_by_title,
(SELECT max(c.score) FROM staging.match_candidate AS c
 WHERE (c.load_id, c.sheet, c.row_number) = (q.load_id, q.sheet, q.row_number)) AS best
"""
_ONE: Final = "q.load_id = :load_id AND q.sheet = :sheet AND q.row_number = :row_number"
_CANDIDATES: Final = """
SELECT c.*, p.code, p.kind, p.name, p.address, p.valid_to, o.name AS holder,
       area.area_m2 AS gross_area_m2, ST_AsGeoJSON(p.geom, 7) AS shape,
       ST_X(p.anchor) AS lon, ST_Y(p.anchor) AS lat,
       (SELECT string_agg(i.value, '、' ORDER BY i.value) FROM place.identifier AS i
        WHERE i.place_id = p.place_id AND i.valid_to IS NULL) AS numbers
FROM staging.match_candidate AS c JOIN place.place AS p USING (place_id)
LEFT JOIN organization.organization AS o ON o.organization_id = p.steward_id
LEFT JOIN place.counted_area AS area ON area.place_id = p.place_id AND area.area_kind = 'gross'
WHERE c.load_id = :load_id AND c.sheet = :sheet AND c.row_number = :row_number
ORDER BY c.score DESC, c.place_id
"""


@dataclass(frozen=True)
class Queue:
    """Doubtful rows, likeliest twins first within a load, newest load first.

    Args:
        open_count: Rows that wait for a person, whatever is listed.
        total: Rows that fit what was asked for.
        rows: Those asked for.
    """

    open_count: int
    total: int
    rows: Sequence[Any]


@dataclass(frozen=True)
class Question:
    """One doubtful row, with every candidate the account sees, best first.

    Args:
        row: The row and its decision, if there is one.
        values: Field to value, as read.
        shape: GeoJSON of its geometry; null when it lies nowhere.
        candidates: With the clues of each pair (see `staging.match_candidate`).
    """

    row: Any
    values: dict[str, str]
    shape: str | None
    candidates: Sequence[Any]


def queue(
    conn: Connection, *, load_id: int | None = None, decided: bool = False,
    limit: int = 100, offset: int = 0,
) -> Queue:  # fmt: skip
    """Rows of the loads the account sees: those that wait, or those that are decided."""
    wanted = f"NOT {_IS_OPEN}" if decided else _IS_OPEN
    where = f"{_STANDS} AND {wanted} AND (CAST(:load_id AS bigint) IS NULL OR q.load_id = :load_id)"
    values = {"load_id": load_id, "limit": limit, "offset": offset}
    counts = conn.execute(
        text(
            f"SELECT count(*) FILTER (WHERE {_STANDS} AND {_IS_OPEN}) AS open_count,"
            f" count(*) FILTER (WHERE {where}) AS total FROM {_FROM}"
        ),
        values,
    ).one()
    rows = conn.execute(
        text(
            f"SELECT {_COLUMNS} FROM {_FROM} WHERE {where} ORDER BY q.load_id DESC,"
            " best DESC NULLS LAST, q.sheet, q.row_number LIMIT :limit OFFSET :offset"
        ),
        values,
    ).all()
    return Queue(counts.open_count, counts.total, rows)


def question(conn: Connection, load_id: int, sheet: str, row_number: int) -> Question:
    """One doubtful row beside what it may be.

    Raises:
        NotFound: No such row waits, or the account does not see its load.
    """
    values = {"load_id": load_id, "sheet": sheet, "row_number": row_number}
    row = conn.execute(
        text(
            f"SELECT {_COLUMNS}, q.values AS cells, ST_AsGeoJSON(q.geom, 7) AS shape"
            f" FROM {_FROM} WHERE {_ONE}"
        ),
        values,
    ).one_or_none()
    if row is None:
        raise NotFound("match.no_such_row", load_id=load_id, row=row_number)
    return Question(row, row.cells, row.shape, conn.execute(text(_CANDIDATES), values).all())


def decide(
    conn: Connection,
    load_id: int,
    sheet: str,
    row_number: int,
    choice: Choice,
    *,
    place_id: int | None = None,
) -> int:
    """Say what a doubtful row is; it is loaded when its file is, or by the job for decided rows.

    Args:
        conn: In the name of who decides.
        load_id: The load that holds the row.
        sheet: Its sheet; empty for a csv file.
        row_number: Its first row.
        choice: What it is.
        place_id: Which place, for `Choice.SAME`.

    Returns:
        The decision's number.

    Raises:
        NotFound: No such row waits, or the account does not see it or the place.
        InputError: The place is missing, or is none of the row's candidates; of a row that nothing
            resembles (`match.not_found`), or no property or building.
        Conflict: The load was taken back, the place has ended, or somebody decided meanwhile.
        Forbidden: The account may not write the place.
    """
    values = {"load_id": load_id, "sheet": sheet, "row_number": row_number}
    row = conn.execute(
        text(f"SELECT {_COLUMNS}, q.row_key, l.state FROM {_FROM} WHERE {_ONE}"), values
    ).one_or_none()
    if row is None:
        raise NotFound("match.no_such_row", load_id=load_id, row=row_number)
    if row.state != "committed":
        raise Conflict("match.load_undone", load_id=load_id)
    if (choice is Choice.SAME) != (place_id is not None):
        raise InputError("match.place_missing" if place_id is None else "match.place_needless")
    _refuse_decided(conn, row)
    if place_id is not None:
        _refuse_place(conn, {**values, "place_id": place_id}, is_free=row.rule == NOT_FOUND)
    if row.match_decision_id is not None:
        _withdraw(conn, row.match_decision_id)
    try:
        with conn.begin_nested():
            decision_id: int = conn.execute(
                text(_DECIDE), {**values, "choice": choice.value, "place_id": place_id,
                                "row_key": row.row_key}
            ).scalar_one()  # fmt: skip
    except IntegrityError as error:
        # Somebody else's word was committed between our look and our own.
        now = conn.execute(text(f"SELECT {_COLUMNS} FROM {_FROM} WHERE {_ONE}"), values).one()
        raise _decided_meanwhile(now) from error
    return decision_id


_DECIDE: Final = """
INSERT INTO staging.match_decision
  (row_key, choice, place_id, other_row_key, account_id, load_id, sheet, row_number)
SELECT :row_key, :choice, :place_id,
       (SELECT c.other_row_key FROM staging.match_candidate AS c WHERE c.load_id = :load_id
        AND c.sheet = :sheet AND c.row_number = :row_number AND c.place_id = :place_id),
       rights.current_account_id(), :load_id, :sheet, :row_number
RETURNING match_decision_id
"""


def place_of_code(conn: Connection, code: str) -> int:
    """The place a person names by its code.

    Raises:
        NotFound: There is none, or the account does not see it.
    """
    found = conn.execute(
        text("SELECT place_id FROM place.place WHERE code = :code"), {"code": code}
    ).scalar_one_or_none()
    if found is None:
        raise NotFound("match.no_such_code", code=code)
    return int(found)


def decide_alike(conn: Connection, load_id: int, least: float) -> int:
    """Say of every row of a load that its best candidate is it, where the two are alone.

    Alone: the candidate is the only one from `least` on, and no other open row has it as its best.

    Returns:
        How many rows were decided.

    Raises:
        InputError: `least` is no score.
    """
    if not 0 < least <= 1:
        raise InputError("match.least_impossible")
    rows = conn.execute(text(_ALIKE), {"load_id": load_id, "least": least, "most": MOST_AT_ONCE})
    found = rows.all()
    for row in found:
        decide(conn, load_id, row.sheet, row.row_number, Choice.SAME, place_id=row.place_id)
    return len(found)


_ALIKE: Final = f"""
SELECT sheet, row_number, place_id FROM (
  SELECT q.sheet, q.row_number, c.place_id,
         count(*) OVER (PARTITION BY q.sheet, q.row_number) AS places,
         count(*) OVER (PARTITION BY c.place_id) AS rows
  FROM {_FROM} JOIN staging.match_candidate AS c
    ON (c.load_id, c.sheet, c.row_number) = (q.load_id, q.sheet, q.row_number)
  JOIN place.place AS p ON p.place_id = c.place_id AND p.valid_to IS NULL
    AND p.rights_cell IN (SELECT cell FROM rights.my_write_cells)
  WHERE q.load_id = :load_id AND {_STANDS} AND {_IS_OPEN} AND c.score >= :least
) AS pair WHERE places = 1 AND rows = 1 ORDER BY sheet, row_number LIMIT :most
"""


def withdraw(conn: Connection, decision_id: int) -> None:
    """Take a decision back: the row waits again.

    Raises:
        NotFound: No such decision holds, or the account does not see it.
        Conflict: A load brought the row by it; that load is to be taken back first.
    """
    found = conn.execute(
        text(
            "SELECT d.match_decision_id, applied.load_id AS applied_load_id"
            " FROM staging.match_decision AS d LEFT JOIN staging.load AS applied"
            "   ON applied.load_id = d.applied_load_id AND applied.state = 'committed'"
            " WHERE d.match_decision_id = :id AND d.withdrawn_at IS NULL"
        ),
        {"id": decision_id},
    ).one_or_none()
    if found is None:
        raise NotFound("match.no_such_decision", decision_id=decision_id)
    if found.applied_load_id is not None:
        raise Conflict("match.already_loaded", load_id=found.applied_load_id)
    _withdraw(conn, decision_id)


def _withdraw(conn: Connection, decision_id: int) -> None:
    conn.execute(
        text(
            "UPDATE staging.match_decision SET withdrawn_at = clock_timestamp()"
            " WHERE match_decision_id = :id AND withdrawn_at IS NULL"
        ),
        {"id": decision_id},
    )


def _refuse_decided(conn: Connection, row: Any) -> None:
    if row.match_decision_id is None or row.is_open:
        return
    applied = conn.execute(
        text("SELECT load_id FROM staging.load WHERE load_id = :id AND state = 'committed'"),
        {"id": row.applied_load_id},
    ).scalar_one_or_none()
    if applied is not None:
        raise Conflict("match.already_loaded", load_id=applied)
    raise _decided_meanwhile(row)


def _decided_meanwhile(row: Any) -> Conflict:
    who = row.decided_by_title or row.decided_by or "–"
    return Conflict("match.decided_meanwhile", row=row.row_number, account=who)


def _refuse_place(conn: Connection, values: dict[str, Any], *, is_free: bool) -> None:
    """Only a candidate the account sees and may write, that still stands.

    Args:
        conn: In the name of who decides.
        values: Of the row, and `place_id`.
        is_free: Nothing resembles the row, so the person may name any property or building.
    """
    place = conn.execute(
        text(
            "SELECT p.code, p.valid_to, p.security_class, p.kind,"
            " p.rights_cell IN (SELECT cell FROM rights.my_write_cells) AS may_write,"
            " EXISTS (SELECT FROM staging.match_candidate AS c WHERE c.load_id = :load_id"
            "   AND c.sheet = :sheet AND c.row_number = :row_number"
            "   AND c.place_id = p.place_id) AS is_candidate"
            " FROM place.place AS p WHERE p.place_id = :place_id"
        ),
        values,
    ).one_or_none()
    if place is None or place.security_class >= _STUB:
        raise NotFound("place.not_found", place_id=values["place_id"])
    if place.valid_to is not None:
        raise Conflict("match.place_ended", code=place.code, day=place.valid_to.isoformat())
    if not place.may_write:
        raise Forbidden("match.place_forbidden", code=place.code)
    if not place.is_candidate and not (is_free and place.kind in _WHOLE):
        raise InputError("match.no_candidate", code=place.code, row=values["row_number"])
