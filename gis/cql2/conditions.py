"""A filter's tree as a condition on the rows of a layer; every value is bound."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    ColumnElement,
    Date,
    DateTime,
    Double,
    Numeric,
    Text,
    and_,
    cast,
    func,
    literal,
    not_,
    or_,
    text,
)

from gis.cql2.shapes import shape_text
from gis.cql2.temporal import RELATIONS, Moments, open_end
from gis.cql2.tree import Tree
from gis.errors import InputError, Phrase
from gis.features.collection import GEOMETRY, Rows, properties_of
from gis.features.reading import Condition
from gis.features.reference import POSTGIS, Reference

Value = ColumnElement[Any]
SPATIAL: Final = {
    "s_intersects": "ST_Intersects", "s_equals": "ST_Equals", "s_disjoint": "ST_Disjoint",
    "s_touches": "ST_Touches", "s_within": "ST_Within", "s_overlaps": "ST_Overlaps",
    "s_crosses": "ST_Crosses", "s_contains": "ST_Contains",
}  # fmt: skip
_COMPARED: Final[Mapping[str, Callable[[Value, Value], Value]]] = {
    "=": lambda left, right: left == right,
    "<>": lambda left, right: left != right,
    "<": lambda left, right: left < right,
    ">": lambda left, right: left > right,
    "<=": lambda left, right: left <= right,
    ">=": lambda left, right: left >= right,
}
_RECKONED: Final = ("+", "-", "*", "/", "%", "div", "^")
_MARKS: Final = "[\u0300-\u036f]+"
"""Accents, once a letter is taken apart."""


@dataclass(frozen=True)
class Typed:
    """SQL of a node, and what it is: `text`, `number`, `boolean`, `date` or `moment`."""

    sql: Value
    type: str


def condition_of(tree: Tree, rows: Rows, reference: Reference) -> Condition:
    """A filter as SQL.

    Args:
        tree: As `parse_text` and `parse_json` give it.
        rows: Of the layer it is asked of.
        reference: In which its shapes stand.

    Raises:
        InputError: It asks what the layer does not say, or compares what cannot be compared.
    """
    translator = _Translator(rows, reference)
    passing = translator.truth(tree)
    terms = tree["args"] if isinstance(tree, dict) and tree.get("op") == "and" else [tree]
    near = [one for one in map(translator.area_needed, terms) if one is not None]
    return Condition(passing, tuple(near))


class _Translator:
    def __init__(self, rows: Rows, reference: Reference) -> None:
        self._rows = rows
        self._reference = reference
        self._types = {one.name: one.type for one in properties_of(rows.layer)}
        self._needed: dict[int, Value] = {}
        """Area by the identity of the node that needs it touched."""

    def area_needed(self, term: Tree) -> Value | None:
        """The area that a feature has to touch for a term to hold; null where there is none."""
        return self._needed.get(id(term))

    def truth(self, node: Tree) -> Value:
        """A node that holds or does not."""
        found = self.value(node)
        if found.type != "boolean":
            raise _wrong("boolean", found.type)
        return found.sql

    def value(self, node: Tree) -> Typed:
        """Any node but a shape, a list or an interval."""
        if isinstance(node, bool):
            return Typed(literal(node, Boolean), "boolean")
        if isinstance(node, int | float):
            is_whole = isinstance(node, int) and abs(node) < 2**63
            return Typed(literal(node, BigInteger if is_whole else Double), "number")
        if isinstance(node, str):
            return Typed(literal(node.replace("\0", ""), Text), "text")
        if isinstance(node, list):
            raise InputError("cql2.list")
        if "op" in node:
            return self._operation(node)
        if "property" in node:
            return self._property(node["property"])
        if "date" in node:
            return Typed(literal(_day(node["date"]), Date), "date")
        if "timestamp" in node:
            return Typed(literal(_moment(node["timestamp"]), DateTime(timezone=True)), "moment")
        raise InputError("cql2.misplaced", part=_named(node))

    def _property(self, name: str) -> Typed:
        if name not in self._types:
            if name in {GEOMETRY, "geom"}:
                raise InputError("cql2.geometry_compared", name=name)
            known = ", ".join((*self._types, GEOMETRY))
            layer = self._rows.layer.name
            raise InputError("ogc.no_such_property", names=name[:60], layer=layer, known=known)
        kind = self._types[name]
        return Typed(self._rows.column(name), "number" if kind == "integer" else kind)

    def _operation(self, node: dict[str, Any]) -> Typed:
        op, args = node["op"], node["args"]
        if op in {"and", "or"} and args:
            joined = (and_ if op == "and" else or_)(*(self.truth(one) for one in args))
            return Typed(joined, "boolean")
        if op in _RECKONED:
            return self._reckoned(op, *_so_many(args, 2, op))
        if op in {"casei", "accenti"}:
            return self._folded(op, *_so_many(args, 1, op))
        if op.startswith("a_"):
            raise InputError("cql2.no_lists", op=op[:40], layer=self._rows.layer.name)
        made = self._tests().get(op)
        if made is None and op in _COMPARED:
            left, right = self._alike(*_so_many(args, 2, op))
            return Typed(_COMPARED[op](left.sql, right.sql), "boolean")
        if made is None:
            raise InputError("cql2.no_such_function", op=op[:40])
        count, test = made
        return Typed(test(node, *_so_many(args, count, op)), "boolean")

    def _tests(self) -> Mapping[str, tuple[int, Callable[..., Value]]]:
        return {
            "not": (1, lambda _node, one: not_(self.truth(one))),
            "isNull": (1, lambda _node, one: self._is_unknown(one)),
            "like": (2, lambda _node, one, pattern: self._like(one, pattern)),
            "between": (3, lambda _node, *three: self._between(*three)),
            "in": (2, lambda _node, one, listed: self._in(one, listed)),
            **dict.fromkeys(SPATIAL, (2, self._spatial)),
            **dict.fromkeys(RELATIONS, (2, self._temporal)),
        }

    def _alike(self, *nodes: Tree) -> list[Typed]:
        """Values that can be compared with one another."""
        found = [self.value(one) for one in nodes]
        if any(one.type in {"date", "moment"} for one in found):
            # Many clients write days as plain texts.
            found = [
                self._time(node) if isinstance(node, str) else one
                for node, one in zip(nodes, found, strict=True)
            ]
        kinds = {"time" if one.type in {"date", "moment"} else one.type for one in found}
        if len(kinds) > 1:
            first, second = sorted(kinds)[:2]
            raise InputError("cql2.not_comparable", one=_kind(first), other=_kind(second))
        return found

    def _time(self, written: str) -> Typed:
        return self.value({"date" if len(written) == 10 else "timestamp": written})

    def _is_unknown(self, node: Tree) -> Value:
        if _is_shape_property(node):
            return self._rows.shape.is_(None)
        return self.value(node).sql.is_(None)

    def _like(self, node: Tree, pattern: Tree) -> Value:
        left, right = self.value(node), self.value(pattern)
        for one in (left, right):
            if one.type != "text":
                raise _wrong("text", one.type)
        return left.sql.like(right.sql)

    def _between(self, node: Tree, low: Tree, high: Tree) -> Value:
        found, least, most = self._alike(node, low, high)
        return and_(found.sql >= least.sql, found.sql <= most.sql)

    def _in(self, node: Tree, listed: Tree) -> Value:
        if not isinstance(listed, list) or not listed:
            raise InputError("cql2.in_list")
        found, *values = self._alike(node, *listed)
        return found.sql.in_([one.sql for one in values])

    def _folded(self, op: str, node: Tree) -> Typed:
        # Folding what is folded changes nothing, and would nest deeper than statements can.
        ops = {op}
        while (inner := _fold_of(node)) is not None:
            ops.add(inner[0])
            node = inner[1]
        found = self.value(node)
        if found.type != "text":
            raise _wrong("text", found.type)
        if "casei" in ops:
            found = Typed(func.lower(found.sql), "text")
        if "accenti" not in ops:
            return found
        apart = func.normalize(found.sql, text("NFD"))
        bare = func.regexp_replace(apart, literal(_MARKS, Text), literal("", Text), literal("g"))
        return Typed(func.normalize(bare, text("NFC")), "text")

    def _reckoned(self, op: str, one: Tree, other: Tree) -> Typed:
        left, right = self.value(one), self.value(other)
        for each in (left, right):
            if each.type != "number":
                raise _wrong("number", each.type)
        kind = Numeric if op in {"%", "div"} else Double
        a, b = cast(left.sql, kind), cast(right.sql, kind)
        made: Mapping[str, Callable[[], Value]] = {
            "+": lambda: a + b,
            "-": lambda: a - b,
            "*": lambda: a * b,
            "/": lambda: a / b,
            "%": lambda: a % b,
            "div": lambda: func.div(a, b),
            "^": lambda: func.power(a, b),
        }
        return Typed(cast(made[op](), Double), "number")

    def _spatial(self, node: dict[str, Any], one: Tree, other: Tree) -> Value:
        shapes = [self._shape(each, node["op"]) for each in (one, other)]
        is_own = [_is_shape_property(each) for each in (one, other)]
        if is_own[0] != is_own[1] and node["op"] != "s_disjoint":
            self._needed[id(node)] = shapes[0] if is_own[1] else shapes[1]
        return getattr(POSTGIS, SPATIAL[node["op"]])(*shapes, type_=Boolean)  # type: ignore[no-any-return]

    def _shape(self, node: Tree, op: str) -> Value:
        if _is_shape_property(node):
            return self._rows.shape
        if not isinstance(node, dict) or not {"bbox", "type"} & set(node):
            raise InputError("cql2.needs_shape", op=op, name=GEOMETRY)
        return self._reference.kept(shape_text(node, self._reference))

    def _temporal(self, node: dict[str, Any], one: Tree, other: Tree) -> Value:
        return RELATIONS[node["op"]](self._moments(one), self._moments(other))

    def _moments(self, node: Tree) -> Moments:
        if isinstance(node, dict) and "interval" in node:
            begins, ends = node["interval"]
            return Moments(self._end(begins, is_last=False), self._end(ends, is_last=True))
        at = self._as_moment(node)
        return Moments(at, at)

    def _end(self, node: Tree, *, is_last: bool) -> Value:
        if node == "..":
            return open_end(is_last=is_last)
        # What the register leaves open is open.
        return func.coalesce(self._as_moment(node), open_end(is_last=is_last))

    def _as_moment(self, node: Tree) -> Value:
        found = self._time(node) if isinstance(node, str) else self.value(node)
        if found.type not in {"date", "moment"}:
            raise _wrong("date", found.type)
        return cast(found.sql, DateTime(timezone=True))


def _is_shape_property(node: Tree) -> bool:
    return isinstance(node, dict) and node.get("property") in {GEOMETRY, "geom"}


def _fold_of(node: Tree) -> tuple[str, Tree] | None:
    """The operator and what it folds, of a node that folds text; null for any other."""
    if isinstance(node, dict) and node.get("op") in {"casei", "accenti"}:
        [inner] = _so_many(node["args"], 1, node["op"])
        return node["op"], inner
    return None


def _so_many(args: Sequence[Tree], count: int, op: str) -> Sequence[Tree]:
    if len(args) != count:
        raise InputError("cql2.arguments", op=op[:40], count=count, stated=len(args))
    return args


def _named(node: Mapping[str, Any]) -> str:
    return str(node.get("type") or next(iter(node)))[:40]


def _kind(name: str) -> Phrase:
    return Phrase(f"cql2.type.{name}")


def _wrong(wanted: str, found: str) -> InputError:
    return InputError("cql2.wrong_type", wanted=_kind(wanted), found=_kind(found))


def _day(written: str) -> date:
    try:
        if len(written) != 10:
            raise ValueError(written)
        return date.fromisoformat(written)
    except ValueError as error:
        raise InputError("cql2.no_date", value=written[:40]) from error


def _moment(written: str) -> datetime:
    try:
        moment = datetime.fromisoformat(written)
        if len(written) < 19 or moment.tzinfo is None:
            raise ValueError(written)
    except ValueError as error:
        raise InputError("cql2.no_date", value=written[:40]) from error
    return moment
