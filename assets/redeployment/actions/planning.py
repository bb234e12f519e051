"""Make a plan, copy it, rename it, show it to others. Nothing here touches the register."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from sqlalchemy import Connection, insert, text, update

from assets.redeployment import model
from assets.redeployment.model import State
from assets.redeployment.plan import EDITABLE, find_plan, refuse_hidden
from assets.redeployment.workflows import REDEPLOYMENT
from assets.requests.queries import bureau_cell, cell_of_body
from assets.services.cases import ME
from assets.services.steps import note_opened
from gis.clock import today
from gis.errors import Conflict, Forbidden, InputError
from gis.rights.actions import shown_account

LONGEST: Final[Mapping[str, int]] = {"name": 100, "note": 2000, "document": 200}
_FURTHEST: Final = timedelta(days=3660)
_MAY_WRITE: Final = """
SELECT CAST(:cell AS integer) IN (
  SELECT cell FROM rights.my_domain_write_cells WHERE domain = 'redeployment')"""
_COPY: Final = """
INSERT INTO redeployment.plan_room (plan_id, step, kind, place_id, place_title, seen_version, stood,
  wanted, released_to, receiver_id, made_by, rights_cell)
SELECT :made, 1, n.kind, n.place_id, n.place_title, n.seen_version, n.stood, n.wanted,
  n.released_to, n.receiver_id, rights.current_account_id(), n.rights_cell
FROM (
  SELECT DISTINCT ON (r.place_id) r.* FROM redeployment.plan_room AS r
  WHERE r.plan_id = :plan AND r.place_id IS NOT NULL ORDER BY r.place_id, r.step DESC) AS n
WHERE n.kind <> 'leave'"""
_CHANGED: Final = """
SELECT coalesce(a.title, a.name) AS who, p.changed_at FROM redeployment.plan AS p
LEFT JOIN rights.account AS a ON a.account_id = p.changed_by WHERE p.plan_id = :plan"""


@dataclass(frozen=True)
class Draft:
    """What a person states of a plan.

    Args:
        organization_id: Who plans.
        from_on: First day on which it may be carried out.
        document: 文号 of what it rests on; null: none yet.
    """

    name: str
    organization_id: int
    from_on: date
    note: str | None = None
    document: str | None = None

    def checked(self, known_from: date | None = None) -> dict[str, Any]:
        """Its columns, without outer blanks.

        Args:
            known_from: The day that a plan already has, which may have passed.

        Raises:
            InputError: No name, a text that is too long, or a day out of reach.
        """
        said: dict[str, Any] = {}
        for field, most in LONGEST.items():
            said[field] = (getattr(self, field) or "").replace("\0", "").strip() or None
            if len(said[field] or "") > most:
                raise InputError("redeployment.too_long", most=most)
        if said["name"] is None:
            raise InputError("redeployment.no_name")
        if self.from_on != known_from and not today() <= self.from_on <= today() + _FURTHEST:
            raise InputError("redeployment.bad_day", first=today(), last=today() + _FURTHEST)
        return {**said, "organization_id": self.organization_id, "from_on": self.from_on}


def create(conn: Connection, draft: Draft) -> int:
    """Make a plan that says nothing yet; only its maker sees it.

    Returns:
        Its `plan_id`.

    Raises:
        InputError: As `Draft.checked`.
        NotFound: There is no such body.
        Forbidden: The account does not plan for the body.
    """
    return _make(conn, draft.checked())


def copy(conn: Connection, plan_id: int, name: str) -> int:
    """Make a plan of one's own that says what another one says, in one step.

    Returns:
        Its `plan_id`.

    Raises:
        NotFound: There is no such plan.
        Forbidden: The account does not see all its rooms, or does not plan for its body.
        InputError: No name.
    """
    found = find_plan(conn, plan_id)
    refuse_hidden(conn, plan_id)
    said = Draft(name, found["organization_id"], max(found["from_on"], today()), found["note"])
    made = _make(conn, said.checked())
    conn.execute(text(_COPY), {"plan": plan_id, "made": made})
    return made


def save(conn: Connection, plan_id: int, draft: Draft, *, seen_version: int) -> None:
    """Change what is said of a plan as a whole.

    Raises:
        InputError: As `Draft.checked`, or another body.
        NotFound, Forbidden, Conflict: As `change`.
    """
    found = find_plan(conn, plan_id)
    _refuse_reader(found)
    if found["organization_id"] != draft.organization_id:
        raise InputError("redeployment.other_body")
    change(conn, found, draft.checked(found["from_on"]), seen_version=seen_version)


def share(conn: Connection, plan_id: int, *, is_shared: bool, seen_version: int) -> None:
    """Show a plan to whoever sees its body, or no more to anybody else.

    Raises:
        Forbidden: Somebody else made it.
        NotFound, Conflict: As `change`; or it was proposed once, and cannot be private again.
    """
    found = find_plan(conn, plan_id)
    if not found["is_mine"]:
        raise Forbidden("redeployment.not_your_plan")
    states = EDITABLE if is_shared else (State.DRAFT,)
    change(conn, found, {"is_shared": is_shared}, states, seen_version=seen_version)


def change(
    conn: Connection,
    found: Mapping[str, Any],
    values: Mapping[str, Any],
    states: Collection[State] = EDITABLE,
    *,
    seen_version: int,
) -> None:
    """Write columns of a plan in one of some states, when nobody changed it meanwhile.

    Raises:
        Forbidden: The account does not plan for its body.
        Conflict: It stands in another state, or somebody changed it meanwhile.
    """
    _refuse_reader(found)
    if found["state"] not in set(states):
        raise Conflict("redeployment.not_now")
    table = model.plan
    changed = conn.execute(
        update(table)
        .where(table.c.plan_id == found["plan_id"], table.c.version == seen_version)
        .where(table.c.state == found["state"])
        .values(
            **values,
            version=table.c.version + 1,
            changed_at=text("clock_timestamp()"),
            changed_by=ME,
        )
    ).rowcount
    if not changed:
        last = conn.execute(text(_CHANGED), {"plan": found["plan_id"]}).one()
        at = f"{last.changed_at:%Y-%m-%d %H:%M}"
        raise Conflict("workflow.changed_meanwhile", who=shown_account(last.who) or "–", at=at)


def _refuse_reader(found: Mapping[str, Any]) -> None:
    if not found["may_write"]:
        raise Forbidden("redeployment.not_your_body")


def _make(conn: Connection, said: Mapping[str, Any]) -> int:
    cell = cell_of_body(conn, said["organization_id"])
    if not conn.execute(text(_MAY_WRITE), {"cell": cell}).scalar_one():
        raise Forbidden("redeployment.not_your_body")
    table = model.plan
    # What is private is read back by its maker alone, so the account is written, not defaulted.
    made: int = conn.execute(
        insert(table)
        .values(**said, rights_cell=cell, bureau_cell=bureau_cell(conn), made_by=ME, changed_by=ME)
        .returning(table.c.plan_id)
    ).scalar_one()
    note_opened(conn, REDEPLOYMENT, "open", [(made, cell)])
    return made
