"""What every edit by hand has in common: one at a time, with a reason, seen by who comes second."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import Connection, text
from sqlalchemy.exc import OperationalError, ProgrammingError

from gis.clock import today
from gis.db import run_script
from gis.errors import Conflict, Forbidden, InputError, NotFound
from gis.loads.model import NO_LOAD_MEANWHILE
from gis.places.edits_model import EditKind
from gis.rights.actions import shown_account
from gis.tables import metadata

MOST_REASON: Final = 500
MOST_DOCUMENT: Final = 200
_STUB: Final = 3
_PATIENCE: Final = "SET LOCAL lock_timeout = '3s'"
_USUAL_PATIENCE: Final = "SELECT current_setting('lock_timeout')"
_AS_PATIENT: Final = "SELECT set_config('lock_timeout', :usual, true)"
_WAITED_TOO_LONG: Final = "55P03"
_MAY_NOT: Final = "42501"


@dataclass(frozen=True)
class Grounds:
    """Why a place is edited.

    Args:
        reason: In the person's words; never blank.
        document: 文号 of what it rests on; null: none.
        effective_on: First day it is true; null corrects what stood.
    """

    reason: str
    document: str | None = None
    effective_on: date | None = None

    def checked(self) -> "Grounds":
        """The same, without outer blanks.

        Raises:
            InputError: No reason, a text that is too long, or a day that has not come.
        """
        reason, document = self.reason.strip(), (self.document or "").strip() or None
        if not reason:
            raise InputError("place.edit.no_reason")
        if len(reason) > MOST_REASON:
            raise InputError("place.reason_too_long", most=MOST_REASON)
        if document and len(document) > MOST_DOCUMENT:
            raise InputError("place.edit.document_too_long", most=MOST_DOCUMENT)
        if self.effective_on and self.effective_on > today():
            raise InputError("place.edit.not_yet", day=self.effective_on)
        return Grounds(reason, document, self.effective_on)


@dataclass(frozen=True)
class LastChange:
    """Who changed a place last, when, and by which load; nulls where nobody is known."""

    at: datetime | None
    who: str | None
    load_id: int | None


class EditedMeanwhile(Conflict):
    """Somebody changed the place since its author saw it; nothing was written.

    Args:
        form: What stands now, as the form reads it.
        last: Who did it.
    """

    def __init__(self, form: Any, last: LastChange) -> None:
        at = last.at.strftime("%Y-%m-%d %H:%M") if last.at else ""
        super().__init__("place.edit.meanwhile", who=shown_account(last.who), at=at)
        self.form = form
        self.last = last


@dataclass(frozen=True)
class LastEdit:
    """The newest edit of a place that stands, and whether the account may take it back."""

    edit_id: int
    kind: str
    reason: str
    made_at: datetime
    is_mine: bool


def open_place(conn: Connection, place_id: int) -> Any:
    """The row of a place that the account is about to change, locked to the end of the transaction.

    Returns:
        `place_id, kind, code, parent_id, parent_kind, steward_id, admin_area_code, security_class,
        valid_from, valid_to`.

    Raises:
        NotFound: The account does not see it.
        Forbidden: It may not write it.
        Conflict: It is the stub of a state secret, or a load or another person is at it right now.
    """
    may_open(conn, place_id)
    usual = conn.execute(text(_USUAL_PATIENCE)).scalar_one()
    wait_for_loads(conn)
    try:
        found = conn.execute(text(_LOCK), {"place_id": place_id}).one()
    except OperationalError as error:
        raise _busy(error) from error
    conn.execute(text(_AS_PATIENT), {"usual": usual})
    return found


def may_open(conn: Connection, place_id: int) -> None:
    """Whether the account could change a place; nothing is locked, and no load is waited for.

    Raises:
        NotFound, Forbidden: As `open_place`.
        Conflict: It is the stub of a state secret.
    """
    found = conn.execute(text(_MAY), {"place_id": place_id}).one_or_none()
    if found is None:
        raise NotFound("place.not_found", place_id=place_id)
    if found.security_class >= _STUB:
        raise Conflict("place.edit.stub")
    if not found.may_write:
        raise Forbidden("place.edit.forbidden", code=found.code)


def standing(conn: Connection, place_id: int) -> Any:
    """The row of a place as `open_place` reads it, without a lock; `may_open` came before."""
    return conn.execute(text(_LOCK.replace("FOR UPDATE", "")), {"place_id": place_id}).one()


def refuse_hidden_parts(conn: Connection, place_id: int) -> None:
    """What is about to reach all parts of a place reaches parts that the account sees.

    Raises:
        Conflict: There are others, open or closed; they would be left behind.
    """
    hidden = text("SELECT place.has_hidden_parts(:place_id, '-infinity')")
    if conn.execute(hidden, {"place_id": place_id}).scalar_one():
        raise Conflict("place.edit.others_inside")


def wait_for_loads(conn: Connection) -> None:
    """Lets no load begin to merge before this transaction ends, and waits a little for one at it.

    Raises:
        Conflict: It takes longer than a person waits.
    """
    try:
        run_script(conn, _PATIENCE)
        run_script(conn, NO_LOAD_MEANWHILE)
    except OperationalError as error:
        raise _busy(error) from error


def _busy(error: OperationalError) -> Exception:
    code = getattr(error.orig, "pgcode", None)
    return Conflict("place.edit.load_at_work") if code == _WAITED_TOO_LONG else error


def write(conn: Connection, statement: str, values: Mapping[str, Any]) -> int:
    """Run a statement that row security may refuse; how many rows it touched.

    Raises:
        Forbidden: A row would end up where the account may not write.
    """
    try:
        return conn.execute(text(statement), values).rowcount
    except ProgrammingError as error:
        if getattr(error.orig, "pgcode", None) == _MAY_NOT:
            raise beyond_rights() from error
        raise


def beyond_rights() -> Forbidden:
    """A row is, or would be, where the account may not write."""
    return Forbidden("place.edit.beyond_rights")


def record(
    conn: Connection, place_ids: Sequence[int], kind: EditKind, grounds: Grounds
) -> Sequence[int]:
    """Write down an edit of each place in the account's name; the numbers of the edits."""
    values = {"place_ids": list(place_ids), "kind": kind.value, "reason": grounds.reason,
              "document": grounds.document, "effective_on": grounds.effective_on}  # fmt: skip
    return conn.execute(text(_RECORD), values).scalars().all()


def last_change(conn: Connection, place_id: int, kind: str) -> LastChange:
    """Who changed the place or what its kind has last, as far as the account may know."""
    more = f"history.place_{kind}" if f"place.{kind}" in metadata.tables else "history.place_place"
    row = conn.execute(text(_LAST.format(more=more)), {"place_id": place_id}).one_or_none()
    return LastChange(row.at, row.who, row.load_id) if row else LastChange(None, None, None)


def last_edit(conn: Connection, place_id: int) -> LastEdit | None:
    """The newest edit that stands; null: there is none."""
    row = conn.execute(text(_LAST_EDIT), {"place_id": place_id}).one_or_none()
    if row is None:
        return None
    return LastEdit(row.edit_id, row.kind, row.reason, row.made_at, row.is_mine)


_MAY: Final = """
SELECT p.code, p.security_class,
       p.rights_cell IN (SELECT cell FROM rights.my_write_cells) AS may_write
FROM place.place AS p WHERE p.place_id = :place_id
"""
_LOCK: Final = """
SELECT p.place_id, p.kind, p.code, p.parent_id, p.parent_kind, p.steward_id,
       p.admin_area_code, p.security_class, p.valid_from, p.valid_to
FROM place.place AS p WHERE p.place_id = :place_id FOR UPDATE
"""
_RECORD: Final = """
INSERT INTO place.edit (place_id, kind, reason, document, effective_on, account_id, rights_cell)
SELECT p.place_id, :kind, :reason, :document, :effective_on, rights.current_account_id(),
       p.rights_cell
FROM place.place AS p WHERE p.place_id = ANY (:place_ids) ORDER BY p.place_id RETURNING edit_id
"""
_LAST: Final = """
SELECT h.history_at AS at, coalesce(a.title, a.name) AS who, h.history_load_id AS load_id
FROM (SELECT history_at, history_account_id, history_load_id FROM history.place_place
      WHERE place_id = :place_id
      UNION ALL
      SELECT history_at, history_account_id, history_load_id FROM {more}
      WHERE place_id = :place_id) AS h
LEFT JOIN rights.account AS a ON a.account_id = h.history_account_id
ORDER BY 1 DESC LIMIT 1
"""
_LAST_EDIT: Final = """
SELECT e.edit_id, e.kind, e.reason, e.made_at,
       e.account_id = rights.current_account_id() AS is_mine
FROM place.edit AS e
WHERE e.place_id = :place_id AND e.kind <> 'undone'
  AND NOT EXISTS (SELECT FROM place.edit AS u WHERE u.undoes_edit_id = e.edit_id)
ORDER BY e.edit_id DESC LIMIT 1
"""
