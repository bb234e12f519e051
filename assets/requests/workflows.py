"""How requests go: who takes which step, what it needs, when it is due."""

from typing import Final

from assets.requests import effects
from assets.requests.model import State, request
from assets.services.workflow import Cases, Part, Step, Workflow

_DECIDED_UPON: Final = (State.SUBMITTED, State.CHECKED, State.REVIEWED, State.FUNDED)
_APPROVERS: Final = frozenset({"approver"})
_LISTED: Final = """
SELECT r.request_id AS case_id,
  concat_ws(' · ', coalesce(r.number, '#' || r.request_id), o.name, left(r.reason, 30)) AS title,
  CASE WHEN r.state NOT IN ('approved', 'done', 'rejected', 'dropped') THEN r.due_on END AS due_on,
  r.rights_cell, r.bureau_cell,
  CASE WHEN r.item = 'lease' THEN r.bureau_cell END AS leasing_cell,
  CASE WHEN r.item <> 'lease' THEN r.bureau_cell END AS other_cell,
  CASE WHEN r.given_edit_ids IS NOT NULL THEN r.bureau_cell END AS given_cell
FROM requests.request AS r JOIN organization.organization AS o USING (organization_id)"""
REQUESTS: Final = Workflow(
    "requests",
    (
        Step(
            "submit",
            (State.DRAFT, State.RETURNED),
            State.SUBMITTED,
            ("applicant",),
            effect=effects.number,
        ),
        Step("withdraw", (State.SUBMITTED,), State.DRAFT, ("applicant",), is_awaited=False),
        Step(
            "drop",
            (State.DRAFT, State.RETURNED),
            State.DROPPED,
            ("applicant",),
            needs_remark=True,
            is_awaited=False,
        ),
        Step("check", (State.SUBMITTED,), State.CHECKED, ("officer",), effect=effects.check),
        Step("review", (State.CHECKED,), State.REVIEWED, ("officer",), not_by=("submit",)),
        # Only of a lease: finance answers before anybody decides.
        Step(
            "fund",
            (State.REVIEWED,),
            State.FUNDED,
            ("leasing_officer",),
            needs_fields=("budget_yuan", "budget_document"),
            not_by=("submit",),
        ),
        Step(
            "approve",
            (State.REVIEWED,),
            State.APPROVED,
            ("decider",),
            not_by=("submit", "check", "review"),
            effect=effects.approve,
        ),
        Step(
            "approve_lease",
            (State.FUNDED,),
            State.APPROVED,
            ("leasing_decider",),
            not_by=("submit", "check", "review", "fund"),
            effect=effects.approve,
        ),
        Step(
            "return",
            _DECIDED_UPON,
            State.RETURNED,
            ("officer", "approver"),
            needs_remark=True,
            is_awaited=False,
            is_return=True,
        ),
        Step(
            "reject",
            (State.CHECKED, State.REVIEWED, State.FUNDED),
            State.REJECTED,
            ("approver",),
            needs_remark=True,
            not_by=("submit",),
            is_awaited=False,
        ),
        # Of a request that gave rooms out: they are taken back, and it waits for a decision anew.
        Step(
            "revoke",
            (State.APPROVED,),
            State.REVIEWED,
            ("giver",),
            needs_remark=True,
            is_awaited=False,
            effect=effects.take_rooms_back,
        ),
        Step("finish", (State.APPROVED,), State.DONE, ("officer",), effect=effects.finish),
    ),
    initial=State.DRAFT,
    final=(State.DONE, State.REJECTED, State.DROPPED),
    parts=(
        # Who writes for every body is not asked for the requests of each.
        Part("applicant", unless=("officer",)),
        Part("officer", cell="bureau_cell"),
        Part("approver", cell="bureau_cell", roles=_APPROVERS),
        Part("leasing_officer", cell="leasing_cell"),
        Part("decider", cell="other_cell", roles=_APPROVERS),
        Part("leasing_decider", cell="leasing_cell", roles=_APPROVERS),
        Part("giver", cell="given_cell", roles=_APPROVERS),
    ),
    cases=Cases(request, _LISTED, "/requests/{case_id}", reminder_days=(5, 1)),
)
