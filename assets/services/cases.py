"""Cases and the steps taken with them, of whatever domain: the one door for a change of state."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from sqlalchemy import Connection, Table, text, update

from assets.services.notices import Notice, send
from assets.services.signatures import signed_digest
from assets.services.workflow import Cases, Step, Workflow, awaited_parts
from gis.clock import ZONE, today
from gis.errors import Conflict, Forbidden, InputError, NotFound, Phrase
from gis.rights.actions import shown_account
from gis.rights.policies import domain_of, writable_cells
from gis.rights.refusals import call

ME: Final = text("rights.current_account_id()")
_LONGEST_REMARK: Final = 2000
_HELD: Final = """
SELECT p.acting_for, p.role, p.cell FROM services.my_parts() AS p
WHERE p.cell = ANY (:cells)
  AND (p.workflows IS NULL OR :workflow = ANY (p.workflows))
  AND (p.domain IS NULL OR p.domain = coalesce(:domain, p.domain))"""
_TAKEN_BEFORE: Final = """
SELECT s.step FROM services.taken_by_us(:workflow) AS s
WHERE s.case_id = :case_id AND s.step = ANY (:steps)
  AND (s.account_id = ANY (:people) OR s.on_behalf_of = ANY (:people))
ORDER BY s.step_taken_id LIMIT 1"""
_NOTE: Final = """
INSERT INTO services.step_taken (workflow, case_id, step, from_state, to_state, version, account_id,
  on_behalf_of, remark, is_late, signed_sha256, place_id, rights_cell)
VALUES (:workflow, :case_id, :step, :from_state, :to_state, :version, rights.current_account_id(),
  :on_behalf_of, :remark, :is_late, :signed_sha256, :place_id, :rights_cell)"""


@dataclass(frozen=True)
class Case:
    """A case as it stands.

    Args:
        due_on: Last day of what is awaited; null: none.
        cells: The cell over which each part is held; a part that it does not have is missing.
        place_id: The place its title names, of the cell of the case; null: it names none.
    """

    case_id: int
    title: str
    state: str
    version: int
    due_on: date | None
    rights_cell: int
    cells: Mapping[str, int]
    place_id: int | None = None


@dataclass(frozen=True)
class Taken:
    """A step as it is taken.

    Args:
        case: As it stood before.
        version: Of the case after it.
        on_behalf_of: The account whose deputy takes it; null: in one's own name.
        place_id: The place it names, in whose cell it is then; null: it names none.
    """

    workflow: Workflow
    case: Case
    step: Step
    version: int
    remark: str | None
    on_behalf_of: int | None
    place_id: int | None = None


def cases_of(workflow: Workflow) -> Cases:
    """Where the cases of a workflow are kept.

    Raises:
        NotFound: It lists none.
    """
    if workflow.cases is None:
        raise NotFound("workflow.unknown", workflow=workflow.name)
    return workflow.cases


def listed_cases(workflow: Workflow) -> str:
    """SELECT of the open cases with their state, version and the cell of each part."""
    cases = cases_of(workflow)
    (key,) = cases.table.primary_key.columns
    return (
        f"SELECT c.*, t.state, t.version FROM ({cases.listed}) AS c"
        f" JOIN {cases.table.fullname} AS t ON t.{key.name} = c.case_id"
    )


def find_case(conn: Connection, workflow: Workflow, case_id: int) -> Case:
    """A case that is open to steps.

    Raises:
        NotFound: There is none of this number, or the account may not see it.
    """
    row = (
        conn.execute(
            text(f"SELECT * FROM ({listed_cases(workflow)}) AS c WHERE case_id = :case_id"),
            {"case_id": case_id},
        )
        .mappings()
        .one_or_none()
    )
    if row is None:
        raise NotFound("workflow.no_such_case", case_id=case_id)
    return case_of(workflow, dict(row))


def case_of(workflow: Workflow, row: Mapping[str, Any]) -> Case:
    """A case from a row of `listed_cases`."""
    held = {name: row[part.cell] for name, part in workflow.parts.items()}
    cells = {name: cell for name, cell in held.items() if cell is not None}
    names = ("case_id", "title", "state", "version", "due_on", "rights_cell")
    return Case(**{name: row[name] for name in names}, cells=cells, place_id=row.get("place_id"))


def parts_held(
    conn: Connection, workflow: Workflow, case: Case, *, on_behalf_of: int | None = None
) -> frozenset[str]:
    """The parts in a case that the asking account holds, or holds as somebody's deputy.

    Who may not write the case holds none: a deputyship lends a part, and no rights.
    """
    return parts_by_person(conn, workflow, case).get(on_behalf_of, frozenset())


def parts_by_person(
    conn: Connection, workflow: Workflow, case: Case
) -> Mapping[int | None, frozenset[str]]:
    """The parts in a case that the asking account holds (null) and those of whom it stands in for.

    Whoever holds none is left out: the account's own come first, then those of others by number.
    """
    if not may_write(conn, workflow, case):
        return {}
    asked = {
        "cells": list(case.cells.values()),
        "workflow": workflow.name,
        "domain": domain_of(cases_of(workflow).table),
    }
    held: dict[int | None, set[str]] = {}
    for acting_for, role, cell in conn.execute(text(_HELD), asked):
        found = held.setdefault(acting_for, set())
        found |= {
            name
            for name, part in workflow.parts.items()
            if cell == case.cells.get(name) and (not part.roles or role in part.roles)
        }
    people = sorted(held, key=lambda one: (one is not None, one or 0))
    return {one: frozenset(held[one]) for one in people if held[one]}


def may_write(conn: Connection, workflow: Workflow, case: Case) -> bool:
    """Whether the asking account may write a case, which every step does."""
    cells = writable_cells(cases_of(workflow).table)
    found = conn.execute(text(f"SELECT :cell IN ({cells})"), {"cell": case.rights_cell})
    return bool(found.scalar_one())


def refuse_reader(conn: Connection, workflow: Workflow, case: Case) -> None:
    """Tell who sees a case and may not write it.

    Raises:
        Forbidden: The asking account is one; nobody whose deputy it is changes that.
    """
    if not may_write(conn, workflow, case):
        raise Forbidden("workflow.may_not_write")


def take(
    conn: Connection,
    workflow: Workflow,
    name: str,
    case_id: int,
    *,
    seen_version: int,
    remark: str | None = None,
    on_behalf_of: int | None = None,
    values: Mapping[str, Any] | None = None,
) -> int:
    """Take a step: state, record, effect and notices in the transaction of `conn`, or none of them.

    Args:
        conn: In the name of who takes it.
        workflow: As declared.
        name: Of the step.
        case_id: Which case.
        seen_version: The version its author saw.
        remark: Why; blank or null: nothing is said.
        on_behalf_of: The account whose deputy the asking one acts as; null: in its own name.
        values: Columns of the case that the step fills.

    Returns:
        The new version of the case.

    Raises:
        NotFound: There is no such case.
        Forbidden: It is somebody else's to take, or the account took a step of this case that
            rules it out (four eyes), or may not write the case, or it is signed and the password
            was not confirmed for what stands there now.
        Conflict: The case stands in another state, or somebody changed it meanwhile.
        InputError: A reason or a field is missing.
    """
    case = find_case(conn, workflow, case_id)
    refuse_reader(conn, workflow, case)
    held = parts_held(conn, workflow, case, on_behalf_of=on_behalf_of)
    said = _cleaned(remark)
    step = workflow.take(name, state=case.state, actors=held, remark=said)
    refuse_same_person(conn, workflow, case, step, on_behalf_of)
    signed = signed_digest(conn, workflow, step, case_id) if step.is_signed else None
    version = advance(
        conn, workflow, step, case_id, case.version, seen_version=seen_version, values=values
    )
    _require_fields(conn, workflow, step, case_id)
    taken = Taken(workflow, case, step, version, said, on_behalf_of, case.place_id)
    note(conn, taken, is_late=case.due_on is not None and today() > case.due_on, signed=signed)
    if step.effect is not None:
        step.effect(conn, taken)
    tell(conn, taken)
    return version


def advance(
    conn: Connection,
    workflow: Workflow,
    step: Step,
    case_id: int,
    version: int,
    *,
    seen_version: int,
    values: Mapping[str, Any] | None,
    stale: str = "workflow.changed_meanwhile",
) -> int:
    """Bring a case to the state of a step when nobody changed it since it was seen.

    Args:
        conn: In the name of who takes it.
        workflow: As declared.
        step: Which.
        case_id: Which case.
        version: Of the case as it was when the step was checked.
        seen_version: What its author saw.
        values: Other columns of the case; null: none.
        stale: Key of the sentence for who saw an older one; it fills in who and when.

    Returns:
        Its new version.

    Raises:
        Conflict: Somebody did; says who and when.
        NotFound: The case is gone.
    """
    table = cases_of(workflow).table
    (key,) = table.primary_key.columns
    # What was checked is this version, so no other may be written: not even one the author saw.
    if version != seen_version:
        raise Conflict(stale, **_last_change(conn, table, case_id))
    changed = conn.execute(
        update(table)
        .where(key == case_id, table.c.version == seen_version)
        .values(
            state=step.target,
            version=table.c.version + 1,
            changed_at=text("clock_timestamp()"),
            changed_by=ME,
            **(values or {}),
        )
        .returning(table.c.version)
    ).scalar_one_or_none()
    if changed is None:
        raise Conflict(stale, **_last_change(conn, table, case_id))
    now: int = changed
    return now


def _last_change(conn: Connection, table: Table, case_id: int) -> dict[str, Any]:
    """Who changed a case last, and when."""
    (key,) = table.primary_key.columns
    query = (
        "SELECT t.changed_at, coalesce(a.title, a.name) AS who"
        f" FROM {table.fullname} AS t LEFT JOIN rights.account AS a ON a.account_id = t.changed_by"
        f" WHERE t.{key.name} = :case_id"
    )
    now = conn.execute(text(query), {"case_id": case_id}).one_or_none()
    if now is None:
        raise NotFound("workflow.no_such_case", case_id=case_id)
    at = f"{now.changed_at.astimezone(ZONE):%Y-%m-%d %H:%M}"
    return {"who": shown_account(now.who) or "–", "at": at}


def note(
    conn: Connection, taken: Taken, *, is_late: bool = False, signed: bytes | None = None
) -> None:
    """Record a step: who, for whom, when, from where to where, why.

    Raises:
        Forbidden: There is no such deputyship today, or the signature was not confirmed.
    """
    call(
        conn,
        _NOTE,
        workflow=taken.workflow.name,
        case_id=taken.case.case_id,
        step=taken.step.name,
        from_state=taken.case.state,
        to_state=taken.step.target,
        version=taken.version,
        on_behalf_of=taken.on_behalf_of,
        remark=taken.remark,
        is_late=is_late,
        signed_sha256=signed,
        place_id=taken.place_id,
        rights_cell=taken.case.rights_cell,
    )


def _cleaned(remark: str | None) -> str | None:
    said = (remark or "").replace("\0", "").strip()
    if len(said) > _LONGEST_REMARK:
        raise InputError("workflow.too_long", most=_LONGEST_REMARK)
    return said or None


def refuse_same_person(
    conn: Connection, workflow: Workflow, case: Case, step: Step, on_behalf_of: int | None
) -> None:
    """Two persons are two persons: neither as a deputy nor for a principal is one of them both.

    Raises:
        Forbidden: One of them took a step that rules this one out.
    """
    before = step_that_bars(conn, workflow, case, step, on_behalf_of)
    if before is not None:
        raise Forbidden("workflow.four_eyes", step=Phrase(f"{workflow.name}.step.{before}"))


def step_that_bars(
    conn: Connection, workflow: Workflow, case: Case, step: Step, on_behalf_of: int | None
) -> str | None:
    """The step that the asking account took, or whom it acts for, and that rules this one out."""
    if not step.not_by:
        return None
    me = conn.execute(text("SELECT rights.current_account_id()")).scalar_one()
    asked = {
        "workflow": workflow.name,
        "case_id": case.case_id,
        "steps": list(step.not_by),
        "people": [one for one in (me, on_behalf_of) if one is not None],
    }
    found: str | None = conn.execute(text(_TAKEN_BEFORE), asked).scalar_one_or_none()
    return found


def _require_fields(conn: Connection, workflow: Workflow, step: Step, case_id: int) -> None:
    if not step.needs_fields:
        return
    table = cases_of(workflow).table
    (key,) = table.primary_key.columns
    names = ", ".join(step.needs_fields)
    query = text(f"SELECT {names} FROM {table.fullname} WHERE {key.name} = :case_id")
    row = conn.execute(query, {"case_id": case_id}).mappings().one()
    for name in step.needs_fields:
        if row[name] is None or row[name] == "":
            raise InputError("workflow.needs_field", field=Phrase(f"{workflow.name}.field.{name}"))


def tell(conn: Connection, taken: Taken) -> None:
    """Tell who comes to have something to do, or gets the case back, where the workflow does."""
    if not cases_of(taken.workflow).tells:
        return
    step, case = taken.step, taken.case
    before = awaited_parts(taken.workflow, case.state)
    parts = [
        part
        for part in awaited_parts(taken.workflow, step.target)
        if part in case.cells and (step.is_return or part not in before)
    ]
    kind = "services.notice.returned" if step.is_return else "services.notice.yours"
    address = cases_of(taken.workflow).address.format(case_id=case.case_id)
    send(
        conn,
        [
            Notice(
                audience=part,
                kind=kind,
                params={"title": case.title},
                remark=taken.remark,
                address=address,
                reader_cell=case.cells[part],
                rights_cell=case.rights_cell,
                place_id=case.place_id,
            )
            for part in parts
        ],
    )
