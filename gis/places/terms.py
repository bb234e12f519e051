"""Vocabularies of the country pack, read from the database: titles and colours of codes."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, text


@dataclass(frozen=True)
class Term:
    """One code of a vocabulary."""

    code: str
    title: str
    colour: str | None
    is_verified: bool


class Terms:
    """All vocabularies, in one language.

    Args:
        lists: Terms by list and code, in the order of the list.
    """

    def __init__(self, lists: Mapping[str, Mapping[str, Term]]) -> None:
        self._lists = lists

    def of(self, list_name: str | None) -> Mapping[str, Term]:
        """The terms of a list; empty when no pack has brought it."""
        return self._lists.get(list_name or "", {})

    def title(self, list_name: str | None, code: object) -> str | None:
        """How people call a code: its title, else the code itself; null stays null."""
        if code is None:
            return None
        term = self.of(list_name).get(str(code))
        return term.title if term else str(code)


def read_terms(conn: Connection, language: str) -> Terms:
    """Every vocabulary in one language."""
    title = "title_en" if language == "en" else "title_zh"
    rows = conn.execute(
        text(
            f"SELECT list, term, {title} AS title, colour, is_verified FROM place.term"
            " ORDER BY list, sort_order, term"
        )
    )
    lists: dict[str, dict[str, Term]] = {}
    for row in rows:
        lists.setdefault(row.list, {})[row.term] = Term(
            row.term, row.title, row.colour, row.is_verified
        )
    return Terms(lists)
