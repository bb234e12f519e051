"""How plans go: who takes which step, what it needs, what it does."""

from typing import Final

from assets.redeployment import effects
from assets.redeployment.model import State, plan
from assets.services.workflow import Cases, Part, Step, Workflow

_APPROVERS: Final = frozenset({"approver"})
_LISTED: Final = """
SELECT p.plan_id AS case_id, concat_ws(' · ', '#' || p.plan_id, o.name, p.name) AS title,
  CAST(NULL AS date) AS due_on, p.rights_cell, p.bureau_cell,
  CASE WHEN p.merged_edit_ids IS NOT NULL THEN p.bureau_cell END AS merged_cell
FROM redeployment.plan AS p JOIN organization.organization AS o USING (organization_id)"""
REDEPLOYMENT: Final = Workflow(
    "redeployment",
    (
        Step(
            "propose",
            (State.DRAFT, State.RETURNED),
            State.PROPOSED,
            ("planner",),
            effect=effects.propose,
        ),
        Step("withdraw", (State.PROPOSED,), State.DRAFT, ("planner",), is_awaited=False),
        Step(
            "drop",
            (State.DRAFT, State.RETURNED),
            State.DROPPED,
            ("planner",),
            needs_remark=True,
            is_awaited=False,
        ),
        Step("review", (State.PROPOSED,), State.REVIEWED, ("officer",), not_by=("propose",)),
        Step(
            "approve",
            (State.REVIEWED,),
            State.APPROVED,
            ("approver",),
            not_by=("propose", "review"),
            effect=effects.merge,
        ),
        Step(
            "return",
            (State.PROPOSED, State.REVIEWED),
            State.RETURNED,
            ("officer", "approver"),
            needs_remark=True,
            is_awaited=False,
            is_return=True,
        ),
        Step(
            "reject",
            (State.PROPOSED, State.REVIEWED),
            State.REJECTED,
            ("approver",),
            needs_remark=True,
            not_by=("propose",),
            is_awaited=False,
        ),
        # What it changed is taken back, and it waits for a decision anew.
        Step(
            "revoke",
            (State.APPROVED,),
            State.REVIEWED,
            ("merger",),
            needs_remark=True,
            is_awaited=False,
            effect=effects.unmerge,
        ),
    ),
    initial=State.DRAFT,
    final=(State.APPROVED, State.REJECTED, State.DROPPED),
    parts=(
        Part("planner"),
        Part("officer", cell="bureau_cell"),
        Part("approver", cell="bureau_cell", roles=_APPROVERS),
        Part("merger", cell="merged_cell", roles=_APPROVERS),
    ),
    cases=Cases(plan, _LISTED, "/redeployment/plans/{case_id}"),
)
