"""A workflow that cannot work is refused where it is declared."""

import pytest
from declared import SUPPLY

from assets.services.workflow import Cases, Part, Step, Workflow

SUBMIT = Step("submit", ("draft",), "done", ("anybody",))
ANYBODY = Part("anybody")


@pytest.mark.parametrize(
    ("steps", "says"),
    [
        (
            (SUBMIT, Step("lost", ("elsewhere",), "done", ("anybody",))),
            "nothing leads to elsewhere",
        ),
        ((SUBMIT, Step("stray", ("draft",), "stuck", ("anybody",))), "no way out of stuck"),
        ((Step("submit", ("draft",), "done", ()),), "nobody may take submit"),
        ((Step("submit", ("draft",), "done", ("ghost",)),), "ghost, which is no part"),
        ((SUBMIT, SUBMIT), "two steps have one name"),
        (
            (Step("submit", ("draft",), "done", ("anybody",), not_by=("check",)),),
            "check, which is no",
        ),
        (
            (Step("submit", ("draft",), "done", ("anybody",), is_signed=True),),
            "nothing says what is",
        ),
        ((Step("submit", ("draft",), "done", ("anybody",), needs_fields=("sum",)),), "lacks sum"),
    ],
)
def test_a_declaration_that_cannot_work_is_refused(steps: tuple[Step, ...], says: str) -> None:
    cases = Cases(SUPPLY, "", "/")
    with pytest.raises(ValueError, match=says):
        Workflow("bad", steps, initial="draft", final=("done",), parts=(ANYBODY,), cases=cases)


def test_a_role_that_nobody_can_have_and_a_part_twice_are_refused() -> None:
    for parts in ((Part("anybody", roles=frozenset({"king"})),), (ANYBODY, ANYBODY)):
        with pytest.raises(ValueError, match=r"no role|one name"):
            Workflow("bad", (SUBMIT,), initial="draft", final=("done",), parts=parts)
