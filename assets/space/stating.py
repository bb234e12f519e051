"""What the bureau states as the standard: rows of its own, dated, with document and clause.

A row counts from its first day on, before the pack's. What no row of the bureau can say is refused
with what would do; nothing is changed then.
"""

from dataclasses import replace
from datetime import date
from typing import Any, Final

from sqlalchemy import Connection, text

from assets.space.rules import Standard, StandardTable
from assets.space.standards import Key, OwnRow, key_of, own_rows, pack_standards, standards_in
from assets.space.stated import HEIGHTS, LEVELS, RANKS, SHAPES, check_stated
from gis.errors import Conflict, Forbidden, InputError, NotFound

_TERMS: Final = """
SELECT list, term, parent_term FROM place.term WHERE list = ANY (:lists)
ORDER BY list, sort_order"""
_CELL: Final = """
SELECT c.cell FROM rights.cells_for(
  ARRAY[NULL]::bigint[], ARRAY[NULL]::text[], ARRAY[0]::smallint[]) AS c"""
_MAY_SET: Final = """
SELECT EXISTS (SELECT FROM rights.my_domain_write_cells AS mine
               WHERE mine.domain = 'space' AND mine.cell = :cell)"""
_STATED: Final = (
    "from_count", "to_count", "value", "value_beyond", "cap", "valid_from", "valid_to", "clause",
    "source_url", "note", "is_verified",
)  # fmt: skip
_COLUMNS: Final = (
    "kind", "level_code", "rank_code", "rule_source", *_STATED, "is_confirmation", "compared_on",
)  # fmt: skip
_ADD: Final = (
    f"INSERT INTO space.standard ({', '.join(_COLUMNS)}, compared_by, set_by, rights_cell)"
    f" VALUES ({', '.join(f':{name}' for name in _COLUMNS)},"
    " CASE WHEN :is_compared THEN rights.current_writer_id() END, rights.current_writer_id(),"
    " :cell) RETURNING standard_id"
)
_CHANGE: Final = (
    f"UPDATE space.standard SET {', '.join(f'{name} = :{name}' for name in _COLUMNS)},"
    " compared_by = CASE WHEN :is_compared THEN rights.current_writer_id() END,"
    " set_by = rights.current_writer_id(), set_at = now(), version = version + 1"
    " WHERE standard_id = :standard_id"
)
_COMPARED: Final = """
UPDATE space.standard SET is_verified = true, compared_by = rights.current_writer_id(),
  compared_on = :day, version = version + 1 WHERE standard_id = :standard_id"""
_DATES: Final = """
UPDATE space.standard SET valid_from = :since, valid_to = :until, version = version + 1
WHERE standard_id = :standard_id"""
# Who compared the row in two halves is the same.
_AT: Final = {"valid_from": ":since", "valid_to": ":until"}
_COPY: Final = f"""
INSERT INTO space.standard ({", ".join(_COLUMNS)}, compared_by, set_by, set_at, rights_cell)
SELECT {", ".join(_AT.get(name, name) for name in _COLUMNS)}, compared_by, set_by, set_at,
  rights_cell
FROM space.standard WHERE standard_id = :standard_id"""
_DROP: Final = "DELETE FROM space.standard WHERE standard_id = :standard_id"
_LOCKED: Final = "SELECT version FROM space.standard WHERE standard_id = :standard_id FOR UPDATE"


def may_state(conn: Connection) -> bool:
    """Whether the account may state rows of the standard for the whole bureau."""
    return bool(conn.execute(text(_MAY_SET), {"cell": _cell(conn)}).scalar_one())


def state(conn: Connection, stated: Standard, *, compared_on: date | None = None) -> int:
    """State a row of the bureau's own.

    An open row of the same that begins before ends where this begins; what merely says that the
    pack's row was compared makes room. The cap that another row sets stays over this one.

    Args:
        conn: In the name of an officer of the bureau, of this domain or of all.
        stated: The row; `is_verified` says that the account compared it with the document.
        compared_on: When it did, where it did.

    Returns:
        Number of the row.

    Raises:
        InputError: What no row of its kind says, a date before another, no document, or another row
            of the same on one of its days.
        Forbidden: It is not the account's to say.
    """
    cell = refuse_strangers(conn)
    stated = _checked(conn, stated)
    _make_room(conn, stated)
    values = {**_values(stated, compared_on), "cell": cell}
    standard_id: int = conn.execute(text(_ADD), values).scalar_one()
    return standard_id


def restate(
    conn: Connection,
    standard_id: int,
    stated: Standard,
    *,
    seen_version: int,
    compared_on: date | None = None,
) -> None:
    """Change a row of the bureau's own: everything but what it speaks of; see `state`.

    Raises:
        NotFound: There is no such row.
        Conflict: Somebody changed it since it was seen.
        InputError: As `state` says, or it speaks of something else.
        Forbidden: It is not the account's to say.
    """
    refuse_strangers(conn)
    known = _find(conn, standard_id, seen_version)
    if key_of(known.row) != key_of(stated):
        raise InputError("space.standards.other_key")
    stated = _checked(conn, stated)
    _make_room(conn, stated, besides=standard_id)
    values = {**_values(stated, compared_on), "standard_id": standard_id}
    conn.execute(text(_CHANGE), values)


def confirm(conn: Connection, key: Key, *, as_of: date, compared_on: date) -> None:
    """Say that the row that counts on a day was compared with the document, by the account.

    Of a row of the pack that is a row of the bureau's own, with the pack's figures and as long as
    the pack's own counts there.

    Raises:
        NotFound: Nothing counts there on the day.
        Forbidden: It is not the account's to say.
    """
    cell = refuse_strangers(conn)
    own = own_rows(conn, key)
    counting = standards_in(own, as_of).of(*key)
    if counting is None:
        raise NotFound("space.standards.no_row")
    if not counting.is_default:
        here = next(one for one in own if one.row is counting)
        conn.execute(text(_COMPARED), {"standard_id": here.standard_id, "day": compared_on})
        return
    ends = [one.row.valid_to for one in own if one.row.valid_to and one.row.valid_to <= as_of]
    begins = [
        one.row.valid_from for one in own if one.row.valid_from and one.row.valid_from > as_of
    ]
    stated = replace(
        counting,
        valid_from=max([day for day in (counting.valid_from, *ends) if day], default=None),
        valid_to=min([day for day in (counting.valid_to, *begins) if day], default=None),
        is_verified=True,
        # What an unverified row says of itself is that it has to be compared.
        note=counting.note if counting.is_verified else None,
    )
    _make_room(conn, stated)
    values = {**_values(stated, compared_on), "is_confirmation": True, "cell": cell}
    conn.execute(text(_ADD), values)


def withdraw(conn: Connection, standard_id: int, *, since: date, seen_version: int) -> None:
    """A row of the bureau's own holds no longer from a day on: the pack's counts there again.

    One that would hold on no day is gone; its history stays.

    Raises:
        NotFound: There is no such row.
        Conflict: Somebody changed it since it was seen.
        InputError: It has ended by then.
        Forbidden: It is not the account's to say.
    """
    refuse_strangers(conn)
    row = _find(conn, standard_id, seen_version).row
    if row.valid_to is not None and row.valid_to <= since:
        raise InputError("space.standards.ended_before", until=row.valid_to)
    begins = row.valid_from
    gone = begins is not None and since <= begins
    values = {"standard_id": standard_id, "since": begins, "until": since}
    conn.execute(text(_DROP if gone else _DATES), values)


def _cell(conn: Connection) -> int:
    found: int = conn.execute(text(_CELL)).scalar_one()
    return found


def refuse_strangers(conn: Connection) -> int:
    """The cell of what the bureau says for all.

    Raises:
        Forbidden: The account may not say it.
    """
    cell = _cell(conn)
    if not conn.execute(text(_MAY_SET), {"cell": cell}).scalar_one():
        raise Forbidden("space.standards.not_yours")
    return cell


def _find(conn: Connection, standard_id: int, seen_version: int) -> OwnRow:
    version = conn.execute(text(_LOCKED), {"standard_id": standard_id}).scalar_one_or_none()
    if version is None:
        raise NotFound("space.standards.no_row")
    if version != seen_version:
        raise Conflict("space.standards.changed_meanwhile")
    return next(one for one in own_rows(conn) if one.standard_id == standard_id)


def _checked(conn: Connection, stated: Standard) -> Standard:
    # What the pack names is known before any file has brought the vocabularies.
    terms: dict[str, dict[str, str | None]] = {LEVELS: {}, RANKS: {}, HEIGHTS: {}}
    for row in pack_standards():
        if row.level is not None:
            terms[LEVELS][row.level] = None
        if row.rank is not None:
            terms[SHAPES[row.kind].whom or RANKS][row.rank] = row.level
    for term in conn.execute(text(_TERMS), {"lists": list(terms)}):
        terms[term.list][term.term] = term.parent_term
    before = StandardTable(pack_standards(), stated.valid_from or date.max).of(*key_of(stated))
    return check_stated(stated, terms, before.cap if before else None)


def _values(stated: Standard, compared_on: date | None) -> dict[str, Any]:
    return {
        "kind": stated.kind.value,
        "level_code": stated.level,
        "rank_code": stated.rank,
        "rule_source": stated.source,
        **{name: getattr(stated, name) for name in _STATED},
        "is_confirmation": False,
        "compared_on": compared_on if stated.is_verified else None,
        "is_compared": stated.is_verified,
    }


def _make_room(conn: Connection, stated: Standard, *, besides: int | None = None) -> None:
    """No day has two rows of the same: what may give way does, what may not refuses."""
    first, last = stated.valid_from or date.min, stated.valid_to or date.max
    for one in own_rows(conn, key_of(stated)):
        begins, ends = one.row.valid_from or date.min, one.row.valid_to or date.max
        if one.standard_id == besides or ends <= first or last <= begins:
            continue
        if one.is_confirmation:
            _leave_out(conn, one, first, last)
        elif begins < first and one.row.valid_to is None and stated.valid_to is None:
            _set_dates(conn, one, one.row.valid_from, first)
        else:
            raise InputError(
                "space.standards.overlaps",
                since=one.row.valid_from or "–",
                until=one.row.valid_to or "–",
            )


def _leave_out(conn: Connection, one: OwnRow, first: date, last: date) -> None:
    """A row without the days from the first to before the last, in two where it goes on after."""
    since, until = one.row.valid_from, one.row.valid_to
    is_left, is_right = (since or date.min) < first, last < (until or date.max)
    if is_left:
        _set_dates(conn, one, since, first)
        if is_right:
            copied = {"standard_id": one.standard_id, "since": last, "until": until}
            conn.execute(text(_COPY), copied)
    elif is_right:
        _set_dates(conn, one, last, until)
    else:
        conn.execute(text(_DROP), {"standard_id": one.standard_id})


def _set_dates(conn: Connection, one: OwnRow, since: date | None, until: date | None) -> None:
    values = {"standard_id": one.standard_id, "since": since, "until": until}
    conn.execute(text(_DATES), values)
