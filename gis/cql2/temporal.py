"""How two periods stand to one another: Allen's relations, as CQL2 names them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import ColumnElement, and_, literal_column, not_, or_

Value = ColumnElement[Any]


@dataclass(frozen=True)
class Moments:
    """A period; of a moment both ends are the same."""

    begins: Value
    ends: Value


def open_end(*, is_last: bool) -> Value:
    """The end of a period that has none."""
    return literal_column("'infinity'::timestamptz" if is_last else "'-infinity'::timestamptz")


def _apart(a: Moments, b: Moments) -> Value:
    return or_(a.ends < b.begins, a.begins > b.ends)


RELATIONS: Final[Mapping[str, Callable[[Moments, Moments], Value]]] = {
    "t_after": lambda a, b: a.begins > b.ends,
    "t_before": lambda a, b: a.ends < b.begins,
    "t_contains": lambda a, b: and_(a.begins < b.begins, a.ends > b.ends),
    "t_disjoint": _apart,
    "t_during": lambda a, b: and_(a.begins > b.begins, a.ends < b.ends),
    "t_equals": lambda a, b: and_(a.begins == b.begins, a.ends == b.ends),
    "t_finishedBy": lambda a, b: and_(a.begins < b.begins, a.ends == b.ends),
    "t_finishes": lambda a, b: and_(a.begins > b.begins, a.ends == b.ends),
    "t_intersects": lambda a, b: not_(_apart(a, b)),
    "t_meets": lambda a, b: a.ends == b.begins,
    "t_metBy": lambda a, b: a.begins == b.ends,
    "t_overlappedBy": lambda a, b: and_(a.begins > b.begins, a.begins < b.ends, a.ends > b.ends),
    "t_overlaps": lambda a, b: and_(a.begins < b.begins, a.ends > b.begins, a.ends < b.ends),
    "t_startedBy": lambda a, b: and_(a.begins == b.begins, a.ends > b.ends),
    "t_starts": lambda a, b: and_(a.begins == b.begins, a.ends < b.ends),
}
"""SQL of each relation between two periods."""
