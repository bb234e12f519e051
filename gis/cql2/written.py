"""Reads CQL2 text into the tree that CQL2 JSON is, word by word, never going back.

The parsers there are were measured first (`docs/decisions/ogc-api.md`): they try again what they
have tried, so that twenty brackets took seconds, or fall with the process over a deep filter.
"""

from collections.abc import Callable
from typing import Any, Final

from gis.cql2.tree import DEEPEST, Tree, checked, refuse_long
from gis.cql2.words import Word, words_of
from gis.errors import InputError

_COMPARED: Final = {"=", "<>", "<", ">", "<=", ">=", "!="}
_SHAPES: Final = {
    "POINT": "Point", "LINESTRING": "LineString", "POLYGON": "Polygon",
    "MULTIPOINT": "MultiPoint", "MULTILINESTRING": "MultiLineString",
    "MULTIPOLYGON": "MultiPolygon",
}  # fmt: skip
_DEPTHS: Final = {
    "LINESTRING": 1, "POLYGON": 2, "MULTILINESTRING": 2, "MULTIPOLYGON": 3,
}  # fmt: skip
_KEYWORDS: Final = {"AND", "OR", "NOT", "LIKE", "BETWEEN", "IN", "IS", "NULL", "DIV"}
_NAMED: Final = {
    name.lower(): name
    for name in (
        "casei", "accenti", "s_intersects", "s_equals", "s_disjoint", "s_touches", "s_within",
        "s_overlaps", "s_crosses", "s_contains", "t_after", "t_before", "t_contains", "t_disjoint",
        "t_during", "t_equals", "t_finishedBy", "t_finishes", "t_intersects", "t_meets", "t_metBy",
        "t_overlappedBy", "t_overlaps", "t_startedBy", "t_starts", "a_equals", "a_contains",
        "a_containedBy", "a_overlaps",
    )
}  # fmt: skip
"""Functions of the standard, as JSON spells them; others are called as they are written."""


def parse_text(written: str) -> Tree:
    """The tree of a filter in CQL2 text.

    Raises:
        InputError: It cannot be understood, with the place of the first word that does not fit.
    """
    refuse_long(written)
    reader = _Reader(words_of(written))
    tree = reader.either()
    if reader.word.kind != "end":
        raise reader.misfit()
    return checked(tree)


class _Reader:
    """One word ahead, from left to right."""

    def __init__(self, words: list[Word]) -> None:
        self._words = words
        self._at = 0
        self._depth = 0
        self._closed: dict[int, int] = {}
        """Where brackets around one thing open, and where they close."""

    @property
    def word(self) -> Word:
        """The word that comes next."""
        return self._words[self._at]

    def misfit(self) -> InputError:
        """What is said of a word that cannot stand where it stands."""
        if self.word.kind == "end":
            return InputError("cql2.ends_early")
        return InputError("cql2.not_understood", at=self.word.at, part=self.word.said[:40])

    def take(self) -> Word:
        """The next word, passed over."""
        self._at += 1
        return self._words[self._at - 1]

    def takes(self, *folded: str) -> str | None:
        """The next word if it is one of these key words or signs, passed over; else null."""
        return self.take().folded if self.word.folded in folded else None

    def need(self, sign: str) -> None:
        """Passes over what has to stand here."""
        if self.takes(sign) is None:
            raise self.misfit()

    def either(self) -> Tree:
        """Terms with OR between them."""
        self._depth += 1
        if self._depth > DEEPEST:
            raise InputError("cql2.too_deep", most=DEEPEST)
        terms = [self._both()]
        while self.takes("OR"):
            terms.append(self._both())
        self._depth -= 1
        return terms[0] if len(terms) == 1 else {"op": "or", "args": terms}

    def _both(self) -> Tree:
        terms = [self._negated()]
        while self.takes("AND"):
            terms.append(self._negated())
        return terms[0] if len(terms) == 1 else {"op": "and", "args": terms}

    def _negated(self) -> Tree:
        times = 0
        while self.takes("NOT"):
            times += 1
            if times > DEEPEST:
                raise InputError("cql2.too_deep", most=DEEPEST)
        found = self._predicate()
        for _time in range(times):
            found = {"op": "not", "args": [found]}
        return found

    def _predicate(self) -> Tree:
        left = self._sum()
        if sign := self.takes(*_COMPARED):
            return {"op": "<>" if sign == "!=" else sign, "args": [left, self._sum()]}
        if self.takes("IS"):
            is_not = self.takes("NOT")
            self.need("NULL")
            return _unless(is_not, {"op": "isNull", "args": [left]})
        is_not = self.takes("NOT")
        if self.takes("LIKE"):
            return _unless(is_not, {"op": "like", "args": [left, self._sum()]})
        if self.takes("BETWEEN"):
            low = self._sum()
            self.need("AND")
            return _unless(is_not, {"op": "between", "args": [left, low, self._sum()]})
        if self.takes("IN"):
            self.need("(")
            return _unless(is_not, {"op": "in", "args": [left, self._list(self._sum)]})
        if is_not:
            raise self.misfit()
        return left

    def _sum(self) -> Tree:
        found = self._product()
        while sign := self.takes("+", "-"):
            found = {"op": sign, "args": [found, self._product()]}
        return found

    def _product(self) -> Tree:
        found = self._power()
        while sign := self.takes("*", "/", "%", "DIV"):
            found = {"op": sign.lower(), "args": [found, self._power()]}
        return found

    def _power(self) -> Tree:
        found = self._signed()
        if self.takes("^"):
            found = {"op": "^", "args": [found, self._signed()]}
        return found

    def _signed(self) -> Tree:
        if self.takes("+"):
            return self._number()
        if self.takes("-"):
            if self.word.kind == "number":
                return -self._number()
            return {"op": "*", "args": [-1, self._one()]}
        return self._one()

    def _number(self) -> int | float:
        if self.word.kind != "number":
            raise self.misfit()
        said = self.take().said
        return int(said) if said.isdigit() else float(said)

    def _one(self) -> Tree:
        """A value, a property, a function, a shape, or what stands in brackets."""
        word = self.word
        if word.kind == "number":
            return self._number()
        if word.kind == "text":
            return self.take().said
        if word.kind == "quoted":
            return self._property_or_function()
        if self.takes("("):
            return self._bracketed()
        if word.kind != "name" or word.folded in _KEYWORDS:
            raise self.misfit()
        if word.folded in {"TRUE", "FALSE"}:
            return self.take().folded == "TRUE"
        return self._property_or_function()

    def _bracketed(self) -> Tree:
        """One thing in brackets is that thing; several, or none, are a list."""
        opened = self._at - 1
        if self.takes(")"):
            return []
        first = self.either()
        if self.takes(")"):
            self._closed[opened] = self._at - 1
            return first
        self.need(",")
        return [first, *self._list(self.either)]

    def _list(self, one: Callable[[], Tree]) -> list[Tree]:
        """What stands up to the closing bracket, commas between."""
        found = [one()]
        while self.takes(","):
            found.append(one())
        self.need(")")
        return found

    def _property_or_function(self) -> Tree:
        word = self.take()
        name = word.folded
        if self.takes("Z") and (name not in _SHAPES and name != "GEOMETRYCOLLECTION"):
            self._at -= 1
        if not self.takes("("):
            return {"property": word.said}
        if name in _SHAPES:
            return self._shape(name)
        if name == "GEOMETRYCOLLECTION":
            return {"type": "GeometryCollection", "geometries": self._list(self._part)}
        if name == "BBOX":
            return {"bbox": self._list(self._coordinate)}
        if name in {"DATE", "TIMESTAMP"}:
            if self.word.kind != "text":
                raise self.misfit()
            said = self.take().said
            self.need(")")
            return {name.lower(): said}
        arguments: list[Tree] = [] if self.takes(")") else self._list(self._argument)
        if name == "INTERVAL":
            return {"interval": arguments}
        return {"op": _NAMED.get(word.said.lower(), word.said), "args": arguments}

    def _argument(self) -> Tree:
        """An argument; a list in brackets stays one, however many stand in it."""
        start = self._at
        found = self.either()
        is_bracketed = self._closed.get(start) == self._at - 1
        return [found] if is_bracketed and _is_plain(found) else found

    def _part(self) -> Tree:
        name = self.take().folded
        self.takes("Z")
        if name not in _SHAPES or not self.takes("("):
            self._at -= 1
            raise self.misfit()
        return self._shape(name)

    def _shape(self, name: str) -> dict[str, Any]:
        """A shape, after its opening bracket."""
        if name == "POINT":
            return {"type": "Point", "coordinates": self._position(")")}
        if name == "MULTIPOINT":
            return {"type": "MultiPoint", "coordinates": self._list(self._point)}
        return {"type": _SHAPES[name], "coordinates": self._positions(_DEPTHS[name])}

    def _positions(self, depth: int) -> list[Any]:
        found = []
        while True:
            if depth == 1:
                found.append(self._position())
            else:
                self.need("(")
                found.append(self._positions(depth - 1))
            if not self.takes(","):
                self.need(")")
                return found

    def _point(self) -> list[int | float]:
        self.need("(")
        return self._position(")")

    def _position(self, end: str | None = None) -> list[int | float]:
        found = [self._coordinate(), self._coordinate()]
        if self.word.kind == "number" or self.word.folded in {"+", "-"}:
            found.append(self._coordinate())
        if end is not None:
            self.need(end)
        return found

    def _coordinate(self) -> int | float:
        is_minus = self.takes("-", "+") == "-"
        return -self._number() if is_minus else self._number()


def _unless(is_not: str | None, found: dict[str, Any]) -> Tree:
    return {"op": "not", "args": [found]} if is_not else found


def _is_plain(found: Tree) -> bool:
    return isinstance(found, str) or (isinstance(found, dict) and "property" not in found
                                      and "op" not in found)  # fmt: skip
