"""Workflows as domains declare them: states, steps, who may take them, what they need. Pure.

A declaration that cannot work is refused when it is imported: a state nobody comes to, one without
a way to the end, a step without anybody to take it.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import Connection, Table

from gis.errors import Conflict, Forbidden, InputError
from gis.rights.grants import ROLES

if TYPE_CHECKING:
    from assets.services.cases import Taken

_NAME: Final = 40


@dataclass(frozen=True)
class Part:
    """A part that somebody has in a case: who is meant is a role within a scope.

    Args:
        name: Its name.
        cell: Column of `Cases.listed` with the rights cell it is held over; null in it: this case
            has no such part, so its steps are nobody's there.
        roles: Any one of these held over the cell, with the right to write there; none: whoever
            may write there.
        unless: Parts that keep their holders from being asked as this one, such as reviewers who
            may write for every agency. They may take its steps all the same.
    """

    name: str
    cell: str = "rights_cell"
    roles: frozenset[str] = frozenset()
    unless: tuple[str, ...] = ()


@dataclass(frozen=True)
class Step:
    """One thing that can be done to a case.

    Args:
        name: Its name; its title is the message `<workflow>.step.<name>`.
        sources: States it may be taken in.
        target: The state it leads to.
        actors: Parts that may take it; any one will do.
        needs_remark: It says why, or it is not taken.
        needs_fields: Columns of the case that must be filled when it is taken.
        not_by: Steps nobody takes it after who took one of them in this case, in their own name
            or by a deputy.
        is_signed: Who takes it confirms with the password what is signed.
        is_awaited: It is what the case waits for, so it stands in the list of what is to do.
        is_return: It gives the case back to be mended.
        effect: What else happens, in the same transaction.
    """

    name: str
    sources: tuple[str, ...]
    target: str
    actors: tuple[str, ...]
    needs_remark: bool = False
    needs_fields: tuple[str, ...] = ()
    not_by: tuple[str, ...] = ()
    is_signed: bool = False
    is_awaited: bool = True
    is_return: bool = False
    effect: "Callable[[Connection, Taken], None] | None" = None


@dataclass(frozen=True)
class Cases:
    """Where the cases of a workflow are kept.

    Args:
        table: With `case_columns` and a primary key of one column.
        listed: SELECT of the cases that are open to steps, without conditions on them: `case_id`,
            `title`, `due_on` (null: none), `rights_cell`, and the cell of each part; where the
            title names a place also `place_id`, and the case has the cell of that place.
        address: Of a case's page, with `{case_id}`.
        content: What a signature is given for; nothing in it may change by a step alone.
        has_own_actions: The domain's own actions take its steps, with checks of theirs.
        tells: Who comes to have something to do is told by a notice; else the domain does it.
        reminder_days: Working days before the date on which it is told again.
    """

    table: Table
    listed: str
    address: str
    content: Callable[[Connection, int], Mapping[str, Any]] | None = None
    has_own_actions: bool = False
    tells: bool = True
    reminder_days: tuple[int, ...] = ()


class Workflow:
    """A small state machine; a case stands in one state, and every step is recorded.

    Args:
        name: Prefix of its messages; `<name>.title` is its title, `<name>.state.<state>` a state's.
        steps: In the order buttons are shown.
        initial: The state a new case stands in.
        final: States in which nothing is awaited any more.
        parts: Who takes part.
        cases: Where they are kept; null: they are not listed.

    Raises:
        ValueError: It cannot work; says what is wrong. Raised when the declaring file is imported.
    """

    def __init__(
        self,
        name: str,
        steps: Sequence[Step],
        *,
        initial: str,
        final: Collection[str],
        parts: Sequence[Part],
        cases: Cases | None = None,
    ) -> None:
        self.name = name
        self.initial = initial
        self.final = frozenset(final)
        self.parts: Mapping[str, Part] = {part.name: part for part in parts}
        self.cases = cases
        self._steps = {step.name: step for step in steps}
        problems = [*self._bad_steps(steps), *self._bad_states()]
        if len(self.parts) < len(parts):
            problems.append("two parts have one name")
        problems += self._bad_cases()
        if problems:
            raise ValueError(f"workflow {name}: {'; '.join(problems)}")

    @property
    def steps(self) -> tuple[Step, ...]:
        """Every step, in the order buttons are shown."""
        return tuple(self._steps.values())

    @property
    def states(self) -> frozenset[str]:
        """Every state that it names."""
        named = {state for step in self.steps for state in (*step.sources, step.target)}
        return frozenset(named | {self.initial} | self.final)

    def open_steps(self, state: str, actors: Collection[str]) -> list[Step]:
        """What these actors may do to a case in a state."""
        return [
            step for step in self.steps if state in step.sources and set(step.actors) & set(actors)
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
            raise InputError("workflow.no_such_step", step=name[:_NAME])
        if not set(step.actors) & set(actors):
            raise Forbidden(f"{self.name}.not_yours.{step.actors[0]}")
        if state not in step.sources:
            raise Conflict(f"{self.name}.cannot.{name}")
        if step.needs_remark and not (remark or "").strip():
            raise InputError("workflow.needs_remark")
        return step

    def _bad_steps(self, steps: Sequence[Step]) -> Iterable[str]:
        if len(self._steps) < len(steps):
            yield "two steps have one name"
        for step in steps:
            if not step.actors:
                yield f"nobody may take {step.name}"
            if unknown := set(step.actors) - set(self.parts):
                yield f"{step.name} is for {', '.join(sorted(unknown))}, which is no part"
            if unknown := set(step.not_by) - set(self._steps):
                yield f"{step.name} names {', '.join(sorted(unknown))}, which is no step"
            if step.is_signed and (self.cases is None or self.cases.content is None):
                yield f"{step.name} is signed, and nothing says what is"
        for part in self.parts.values():
            if odd := part.roles - set(ROLES):
                yield f"{part.name} has {', '.join(sorted(odd))}, which is no role"
            if unknown := set(part.unless) - set(self.parts):
                yield f"{part.name} names {', '.join(sorted(unknown))}, which is no part"

    def _bad_states(self) -> Iterable[str]:
        onward: dict[str, set[str]] = {state: set() for state in self.states}
        back: dict[str, set[str]] = {state: set() for state in self.states}
        for step in self.steps:
            for source in step.sources:
                onward[source].add(step.target)
                back[step.target].add(source)
        for state in sorted(self.states - _reached({self.initial}, onward)):
            yield f"nothing leads to {state}"
        for state in sorted(self.states - _reached(self.final, back)):
            yield f"no way out of {state}"

    def _bad_cases(self) -> Iterable[str]:
        if self.cases is None:
            return
        table = self.cases.table
        if len(table.primary_key.columns) != 1:
            yield f"{table.fullname} has no key of one column"
        needed = {"state", "version", "changed_at", "changed_by", "rights_cell"}
        needed |= {name for step in self.steps for name in step.needs_fields}
        if missing := needed - {column.name for column in table.columns}:
            yield f"{table.fullname} lacks {', '.join(sorted(missing))}"


def awaited_parts(workflow: Workflow, state: str) -> Sequence[str]:
    """Parts from which something is awaited in a state."""
    found = {
        actor
        for step in workflow.steps
        if step.is_awaited and state in step.sources and state not in workflow.final
        for actor in step.actors
    }
    return sorted(found)


def _reached(start: Collection[str], ways: Mapping[str, set[str]]) -> set[str]:
    found, left = set(start), list(start)
    while left:
        for state in ways.get(left.pop(), set()) - found:
            found.add(state)
            left.append(state)
    return found
