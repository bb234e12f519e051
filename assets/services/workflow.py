"""Steps between states: which there are, who may take them, what they need. Pure."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from gis.errors import Conflict, Forbidden, InputError


@dataclass(frozen=True)
class Step:
    """One thing that can be done to a case.

    Args:
        name: Its name; its title is the message `<workflow>.step.<name>`.
        sources: States it may be taken in.
        target: The state it leads to.
        actors: Parties that may take it; any one will do.
        needs_remark: It says why, or it is not taken.
    """

    name: str
    sources: tuple[str, ...]
    target: str
    actors: tuple[str, ...]
    needs_remark: bool = False


class Workflow:
    """A small state machine; a case stands in one state, and every step is recorded.

    Args:
        name: Prefix of its messages.
        steps: In the order buttons are shown.
    """

    def __init__(self, name: str, steps: Sequence[Step]) -> None:
        self.name = name
        self._steps = {step.name: step for step in steps}

    def open_steps(self, state: str, actors: Collection[str]) -> list[Step]:
        """What these actors may do to a case in a state."""
        return [
            step
            for step in self._steps.values()
            if state in step.sources and set(step.actors) & set(actors)
        ]

    def take(
        self, name: str, *, state: str, actors: Collection[str], remark: str | None = None
    ) -> Step:
        """The step of a name, when it may be taken now.

        Raises:
            InputError: There is no such step, or it needs a remark and has none.
            Forbidden: It is for somebody else to take.
            Conflict: The case stands in a state it cannot be taken in.
        """
        step = self._steps.get(name)
        if step is None:
            raise InputError("workflow.no_such_step", step=name[:40])
        if not set(step.actors) & set(actors):
            raise Forbidden(f"{self.name}.not_yours.{step.actors[0]}")
        if state not in step.sources:
            raise Conflict(f"{self.name}.cannot.{name}")
        if step.needs_remark and not (remark or "").strip():
            raise InputError("workflow.needs_remark")
        return step
