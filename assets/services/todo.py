"""What waits for an account, over all domains: as itself, and as the deputy of others."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from sqlalchemy import Connection, text

from assets.services.calendar import TimeLeft, time_left, work_calendar
from assets.services.cases import Case, case_of, cases_of, listed_cases
from assets.services.notices import Notice, send
from assets.services.workflow import Part, Step, Workflow, awaited_parts
from gis.rights.policies import domain_of, writable_cells

MOST: Final = 200
"""Tasks that are listed; all are counted."""


@dataclass(frozen=True)
class Task:
    """A case that waits for the asking account.

    Args:
        steps: What may be done; any of these is what it waits for.
        due_on: Last day; null: none.
        left: How long there is; null without a last day.
        acting_for: The account for whom one would act; null: oneself.
    """

    workflow: str
    case_id: int
    title: str
    state: str
    steps: tuple[str, ...]
    due_on: date | None
    left: TimeLeft | None
    acting_for: int | None
    acting_for_name: str | None
    address: str

    @property
    def is_overdue(self) -> bool:
        return self.left is not None and self.left.days < 0


@dataclass(frozen=True)
class Todo:
    """What waits: the most pressing first, at most `MOST`.

    Args:
        total: How many there are in all.
        overdue: How many of these are past their day.
    """

    tasks: Sequence[Task]
    total: int
    overdue: int


_HEAD: Final = """
WITH held AS MATERIALIZED (
  SELECT coalesce(p.acting_for, 0) AS acting_for, p.role, p.cell FROM services.my_parts() AS p
  WHERE (p.workflows IS NULL OR :workflow = ANY (p.workflows))
    AND (p.domain IS NULL OR p.domain = coalesce(:domain, p.domain))
),
taken AS MATERIALIZED (SELECT * FROM services.taken_by_us(:workflow)),
waiting AS MATERIALIZED (
  SELECT * FROM ({listed}) AS c
  WHERE c.state = ANY (:states) AND c.rights_cell IN ({writable})
),
task AS ({arms})
SELECT c.case_id, c.title, c.state, c.due_on, nullif(task.acting_for, 0) AS acting_for,
  coalesce(a.title, a.name) AS acting_for_name, array_agg(DISTINCT task.step) AS steps,
  count(*) OVER () AS total, count(*) FILTER (WHERE c.due_on < :today) OVER () AS overdue
FROM task JOIN waiting AS c USING (case_id)
LEFT JOIN rights.account AS a ON a.account_id = task.acting_for
-- What one may do as oneself waits once, whoever else asked for it to be looked after.
WHERE task.acting_for = 0 OR NOT EXISTS (
  SELECT FROM task AS own
  WHERE own.acting_for = 0 AND own.case_id = task.case_id AND own.step = task.step)
GROUP BY c.case_id, c.title, c.state, c.due_on, task.acting_for, a.title, a.name
ORDER BY c.due_on NULLS LAST, c.case_id, task.acting_for LIMIT {most}"""
_ARM: Final = """
  SELECT c.case_id, h.acting_for, '{step}' AS step FROM waiting AS c
  JOIN held AS h ON h.cell = c.{cell}
  WHERE c.state = ANY ({states}) AND {roles}{unless}{four_eyes}"""
_UNLESS: Final = """
  AND NOT EXISTS (SELECT FROM held AS other WHERE other.cell = c.{cell}
                  AND other.acting_for = h.acting_for AND {roles})"""
_FOUR_EYES: Final = """
  AND NOT EXISTS (SELECT FROM taken AS s
    WHERE s.case_id = c.case_id AND s.step = ANY ({steps})
      AND (s.account_id IN ((SELECT rights.current_account_id()), h.acting_for)
        OR s.on_behalf_of IN ((SELECT rights.current_account_id()), h.acting_for)))"""


def todo(conn: Connection, workflows: Sequence[Workflow], *, today: date) -> Todo:
    """What waits for the asking account: the nearest day first, those without a day last.

    One query a workflow, however many cases there are.
    """
    tasks: list[Task] = []
    total = overdue = 0
    for workflow in workflows:
        rows = _rows(conn, workflow, today)
        tasks += [_task(workflow, row, today) for row in rows]
        total += rows[0]["total"] if rows else 0
        overdue += rows[0]["overdue"] if rows else 0
    tasks.sort(key=lambda one: (one.due_on or date.max, one.workflow, one.case_id))
    return Todo(tasks[:MOST], total, overdue)


def _rows(conn: Connection, workflow: Workflow, today: date) -> list[dict[str, Any]]:
    awaited = [step for step in workflow.steps if step.is_awaited]
    arms = [_arm(workflow, step, workflow.parts[name]) for step in awaited for name in step.actors]
    if not arms or workflow.cases is None:
        return []
    table = workflow.cases.table
    query = _HEAD.format(
        listed=listed_cases(workflow),
        writable=writable_cells(table),
        arms=" UNION ALL ".join(arms),
        most=MOST,
    )
    states = {state for step in awaited for state in step.sources} - workflow.final
    asked = {
        "workflow": workflow.name,
        "domain": domain_of(table),
        "states": sorted(states),
        "today": today,
    }
    return [dict(row) for row in conn.execute(text(query), asked).mappings()]


def _arm(workflow: Workflow, step: Step, part: Part) -> str:
    """Who is asked for a step as one part; all words are the declaration's own."""
    others = [workflow.parts[name] for name in part.unless]
    return _ARM.format(
        step=step.name,
        cell=part.cell,
        states=_words(step.sources),
        roles=_has_role("h", part),
        unless="".join(
            _UNLESS.format(cell=one.cell, roles=_has_role("other", one)) for one in others
        ),
        four_eyes=_FOUR_EYES.format(steps=_words(step.not_by)) if step.not_by else "",
    )


def _has_role(alias: str, part: Part) -> str:
    return f"{alias}.role = ANY ({_words(sorted(part.roles))})" if part.roles else "true"


def _words(words: Sequence[str]) -> str:
    return f"ARRAY[{', '.join(repr(str(word)) for word in words)}]::text[]"


def _task(workflow: Workflow, row: Mapping[str, Any], today: date) -> Task:
    due_on = row["due_on"]
    return Task(
        workflow=workflow.name,
        case_id=row["case_id"],
        title=row["title"],
        state=row["state"],
        steps=tuple(step.name for step in workflow.steps if step.name in row["steps"]),
        due_on=due_on,
        left=None if due_on is None else time_left(due_on, today),
        acting_for=row["acting_for"],
        acting_for_name=row["acting_for_name"],
        address=cases_of(workflow).address.format(case_id=row["case_id"]),
    )


def remind_of_cases(conn: Connection, workflows: Sequence[Workflow], *, today: date) -> int:
    """Remind of cases whose day is near, once for each number of days, and when it has passed.

    Args:
        conn: Past row security: the worker's own, in nobody's name.
        workflows: Those of the register; one without `reminder_days` reminds of nothing.
        today: The day it is.

    Returns:
        How many notices were sent.
    """
    sent = 0
    for workflow in workflows:
        if workflow.cases is None or not workflow.cases.reminder_days:
            continue
        query = f"SELECT * FROM ({listed_cases(workflow)}) AS c WHERE c.due_on IS NOT NULL"
        rows = [dict(row) for row in conn.execute(text(query)).mappings()]
        cases = [case_of(workflow, row) for row in rows if row["state"] not in workflow.final]
        sent += send(
            conn, [one for case in cases for one in _reminders(workflow, case, today=today)]
        )
    return sent


def _reminders(workflow: Workflow, case: Case, *, today: date) -> list[Notice]:
    cases = cases_of(workflow)
    due_on = case.due_on or today
    left = work_calendar().between(today, due_on)
    is_over = today > due_on
    reached = [days for days in cases.reminder_days if 0 <= left <= days]
    if not is_over and not reached:
        return []
    when = "over" if is_over else str(min(reached))
    return [
        Notice(
            audience=part,
            kind="services.notice.overdue" if is_over else "services.notice.near",
            params={"title": case.title, "due_on": due_on.isoformat()},
            address=cases.address.format(case_id=case.case_id),
            reader_cell=case.cells[part],
            rights_cell=case.rights_cell,
            place_id=case.place_id,
            occasion=f"{workflow.name}/{case.case_id}/{case.state}/{part}/{due_on}/{when}",
        )
        for part in awaited_parts(workflow, case.state)
        if part in case.cells
    ]
