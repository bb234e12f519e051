"""Which values a load may overwrite: those people protected, and who wins column by column."""

from collections.abc import Sequence
from datetime import date
from typing import Any, Final

from sqlalchemy import Connection, text

from gis.errors import Conflict, Forbidden, InputError, NotFound
from gis.places.stating import empty_before, state
from gis.places.vocabulary import AreaKind
from gis.tables import metadata

EVERY_SOURCE: Final = "*"
EDITABLE: Final = ("name", "address", "use_status", "remark")
"""Columns of the place that can be entered by hand together with their protection."""
_MOST_REASON: Final = 500
_STUB: Final = 3
_KINDS: Final = ("site", "building", "structure", "section", "floor", "room", "housing_unit",
                 "parcel", "metering_point", "premises")  # fmt: skip


def fields_of(kind: str | None = None) -> Sequence[str]:
    """What can be protected, or have a rule: columns of places and of a kind, or of all kinds."""
    own = [
        column.name
        for name in ([kind] if kind else _KINDS)
        if (table := metadata.tables.get(f"place.{name}")) is not None
        for column in table.columns
        if column.name not in {"place_id", "rights_cell"}
    ]
    return tuple(dict.fromkeys((*EDITABLE, "geom", *own)))


def protect(
    conn: Connection, place_id: int, field: str, *, reason: str | None = None,
    value: str | None = None,
) -> None:  # fmt: skip
    """Let no load overwrite a value of a place; a new value may be entered with it.

    Args:
        conn: In the name of who does it.
        place_id: Which place.
        field: Column of the place or its kind, or `area.<kind>`.
        reason: In the person's words.
        value: What it shall be from now on, for one of `EDITABLE`; null leaves what stands.

    Raises:
        NotFound: The account does not see the place.
        InputError: There is no such field, or it cannot be entered by hand.
        Forbidden: The account may not write the place.
        Conflict: It is the stub of a state secret.
    """
    place = _place(conn, place_id)
    areas = [f"area.{kind.value}" for kind in AreaKind]
    if field not in (*fields_of(place.kind), *areas):
        known = ", ".join((*fields_of(place.kind), *areas))
        raise InputError("place.field_unknown", field=field[:60], known=known)
    if reason is not None and len(reason) > _MOST_REASON:
        raise InputError("place.reason_too_long", most=_MOST_REASON)
    if value is not None:
        if field not in EDITABLE:
            raise InputError("place.field_not_editable", field=field, known=", ".join(EDITABLE))
        empty = empty_before(conn, [place_id], [field])
        conn.execute(
            text(f"UPDATE place.place SET {field} = :value WHERE place_id = :place_id"),
            {"value": value, "place_id": place_id},
        )
        state(conn, [place_id], [field], None, empty)
    conn.execute(text(_PROTECT), {"place_id": place_id, "field": field, "reason": reason})


def unprotect(conn: Connection, place_id: int, field: str) -> None:
    """Let loads overwrite the value again.

    Raises:
        NotFound: The account does not see the place, or the value is not protected.
        Forbidden: The account may not write the place.
    """
    _place(conn, place_id)
    found = conn.execute(
        text(
            "DELETE FROM place.protected_value WHERE place_id = :place_id AND field = :field"
            " RETURNING place_id"
        ),
        {"place_id": place_id, "field": field},
    ).one_or_none()
    if found is None:
        raise NotFound("place.not_protected", field=field[:60])


def protected(conn: Connection, place_id: int | None = None) -> Sequence[Any]:
    """Protected values the account sees: of one place, or all, by code and field."""
    return conn.execute(text(_LIST), {"place_id": place_id}).all()


def place_with_code(conn: Connection, code: str) -> int:
    """The place of a code, also for the loader, who sees past row security.

    Raises:
        NotFound: There is none that the account sees.
    """
    found = conn.execute(
        text(
            "SELECT place_id FROM place.place WHERE code = :code"
            " AND rights_cell IN (SELECT cell FROM rights.my_cells)"
        ),
        {"code": code},
    ).scalar_one_or_none()
    if found is None:
        raise NotFound("match.no_such_code", code=code[:60])
    return int(found)


_PROTECT: Final = """
INSERT INTO place.protected_value (place_id, field, reason, account_id, rights_cell)
SELECT place_id, :field, :reason, rights.current_account_id(), rights_cell
FROM place.place WHERE place_id = :place_id
ON CONFLICT (place_id, field) DO UPDATE SET reason = coalesce(excluded.reason,
  place.protected_value.reason)
"""
_LIST: Final = """
SELECT p.place_id, p.code, p.name, v.field, v.reason, v.protected_at, a.name AS account,
       a.title AS account_title
FROM place.protected_value AS v JOIN place.place AS p USING (place_id)
LEFT JOIN rights.account AS a ON a.account_id = v.account_id
WHERE CAST(:place_id AS bigint) IS NULL OR v.place_id = :place_id ORDER BY p.code, v.field
"""


def _place(conn: Connection, place_id: int) -> Any:
    place = conn.execute(
        text(
            "SELECT kind, code, security_class,"
            " rights_cell IN (SELECT cell FROM rights.my_write_cells) AS may_write"
            " FROM place.place WHERE place_id = :place_id"
        ),
        {"place_id": place_id},
    ).one_or_none()
    if place is None:
        raise NotFound("place.not_found", place_id=place_id)
    if place.security_class >= _STUB:
        raise Conflict("place.stub_has_no_values")
    if not place.may_write:
        raise Forbidden("place.protect_forbidden", code=place.code)
    return place


_DROP: Final = """
DELETE FROM place.column_precedence
WHERE source = :source AND field = :field AND valid_from >= :since"""
_SHORTEN: Final = """
UPDATE place.column_precedence SET valid_to = :since
WHERE source = :source AND field = :field AND (valid_to IS NULL OR valid_to > :since)"""
_ADD: Final = """
INSERT INTO place.column_precedence (source, field, winner, valid_from, rule_source, is_verified)
VALUES (:source, :field, :winner, :since, :rule_source, :is_verified)"""


def set_column_precedence(
    conn: Connection,
    field: str,
    winner: str | None,
    *,
    source: str = EVERY_SOURCE,
    since: date,
    rule_source: str,
    is_verified: bool = False,
) -> None:
    """From a day on, files of a source win over what stands in a column, or lose to it.

    Args:
        conn: In the name of an account that may write every place.
        field: Column of places or of a kind.
        winner: `new` or `known`; null goes by what the kind of sheet says of itself again.
        source: Kind of sheet or saved profile; `*`: every one without its own.
        since: The first day; rules that begin later are dropped.
        rule_source: Document and clause it rests on.
        is_verified: Whether somebody compared it with the document.

    Raises:
        InputError: No such column.
        Forbidden: The account has limits.
    """
    if field not in fields_of():
        raise InputError("place.field_unknown", field=field[:60], known=", ".join(fields_of()))
    if not conn.execute(text("SELECT rights.may_write_all()")).scalar_one():
        raise Forbidden("place.precedence_forbidden")
    values = {"source": source, "field": field, "winner": winner, "since": since,
              "rule_source": rule_source, "is_verified": is_verified}  # fmt: skip
    for statement in (_DROP, _SHORTEN, *((_ADD,) if winner else ())):
        conn.execute(text(statement), values)


def column_rules(conn: Connection) -> Sequence[Any]:
    """Every rule of who wins in a column, past ones too, by source, column and first day.

    Each with who set it and when, as the history tells; null when a migration did.
    """
    return conn.execute(text(_RULES)).all()


_RULES: Final = """
SELECT r.source, r.field, r.winner, r.valid_from, r.valid_to, r.rule_source, r.is_verified,
       line.history_at AS set_at, coalesce(a.title, a.name) AS set_by
FROM place.column_precedence AS r
LEFT JOIN LATERAL (
  SELECT h.history_at, h.history_account_id FROM history.place_column_precedence AS h
  WHERE h.column_precedence_id = r.column_precedence_id AND h.history_operation = 'I'
  ORDER BY h.history_id LIMIT 1) AS line ON true
LEFT JOIN rights.account AS a ON a.account_id = line.history_account_id
ORDER BY r.source, r.field, r.valid_from NULLS FIRST
"""


def winners(conn: Connection, sources: Sequence[str], on: date) -> dict[str, str]:
    """Column to who wins there on a day; of several sources' rules the first one's."""
    ranked = [*sources, EVERY_SOURCE]
    rows = conn.execute(
        text(
            "SELECT DISTINCT ON (field) field, winner FROM place.column_precedence"
            " WHERE source = ANY (:sources) AND (valid_from IS NULL OR valid_from <= :on)"
            " AND (valid_to IS NULL OR valid_to > :on)"
            " ORDER BY field, array_position(CAST(:sources AS text[]), source)"
        ),
        {"sources": ranked, "on": on},
    )
    return {row.field: row.winner for row in rows}
