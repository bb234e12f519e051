"""The record of cases: who took which step, for whom, when and why."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import Connection, insert, text

from assets.services.cases import ME, Case, parts_by_person, step_that_bars
from assets.services.model import step_taken
from assets.services.workflow import Step, Workflow

_STEPS: Final = """
SELECT s.step_taken_id, s.step, s.from_state, s.to_state, s.made_at, s.remark, s.is_late, s.version,
  coalesce(a.title, a.name) AS who, coalesce(b.title, b.name) AS on_behalf_of, s.signed_sha256
FROM services.step_taken AS s LEFT JOIN rights.account AS a USING (account_id)
LEFT JOIN rights.account AS b ON b.account_id = s.on_behalf_of
WHERE s.workflow = :workflow AND s.case_id = :case_id ORDER BY s.step_taken_id DESC"""


@dataclass(frozen=True)
class Choices:
    """What the asking account may do to a case now.

    Args:
        may: Steps that it may take, each with in whose name: null for its own.
        barred: Steps that it may not, in no name, only for having taken another itself: the name
            of each with the name of that other. Somebody else has to.
    """

    may: list[tuple[Step, int | None]] = field(default_factory=list)
    barred: dict[str, str] = field(default_factory=dict)


def choices_of(conn: Connection, workflow: Workflow, case: Case) -> Choices:
    """The steps of a case for the asking account and whom it may act for, as declared."""
    found = Choices()
    for principal, held in parts_by_person(conn, workflow, case).items():
        for step in workflow.open_steps(case.state, held):
            before = step_that_bars(conn, workflow, case, step, principal)
            if before is None:
                found.may.append((step, principal))
            else:
                found.barred.setdefault(step.name, before)
    for step, _principal in found.may:
        found.barred.pop(step.name, None)
    return found


def note_opened(
    conn: Connection,
    workflow: Workflow,
    step: str,
    cases: Sequence[tuple[int, int]],
    *,
    place_id: int | None = None,
) -> None:
    """Record who opened cases.

    Args:
        conn: In the name of who did.
        workflow: As declared.
        step: What the opening is called.
        cases: Number and cell of each.
        place_id: The place that they are about, of their cell; null: it is not said.
    """
    if not cases:
        return
    conn.execute(
        insert(step_taken).values(
            workflow=workflow.name,
            step=step,
            from_state=workflow.initial,
            to_state=workflow.initial,
            version=1,
            account_id=ME,
            place_id=place_id,
        ),
        [{"case_id": case_id, "rights_cell": cell} for case_id, cell in cases],
    )


def steps_taken(conn: Connection, workflow: Workflow, case_id: int) -> list[dict[str, Any]]:
    """Every step of a case, the newest first, with the names of who took it and for whom."""
    asked = {"workflow": workflow.name, "case_id": case_id}
    return [dict(row) for row in conn.execute(text(_STEPS), asked).mappings()]
