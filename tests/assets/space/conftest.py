"""A small city of four agencies, each with rooms that are free, and clerks of two."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

import pytest
from handed_in import open_account
from small_city import City, build
from sqlalchemy import Connection, text

from assets.estate.actions.arranging import room_versions
from etl.terms import save_terms
from gis.db import Database, Role, transaction
from gis.places.edits import Grounds
from gis.rights.actions import Grant

GROUNDS = Grounds("办公用房调整", "机管〔2026〕1号")
DAY = date(2026, 3, 1)


@dataclass
class Offices:
    """A city, and who acts in it.

    Args:
        city: Its places and bodies.
        tokens: Of who moves people, and of others.
    """

    city: City
    tokens: dict[str, str] = field(default_factory=dict)

    def room(self, name: str) -> int:
        return self.city.ids[f"room {name}"]

    def body(self, at: int) -> int:
        return self.city.ids[f"agency {at}"]

    def run(self, act: Callable[[Connection], Any], who: str = "everything") -> Any:
        """What an action answers, in the name of somebody; it commits."""
        with transaction(self.city.database.engine(Role.WEB), self.tokens[who]) as conn:
            return act(conn)

    def seen(self, *names: str) -> dict[int, str]:
        """Versions of these rooms as they stand."""
        rooms = [self.room(name) for name in names]
        return self.run(lambda conn: room_versions(conn, rooms))  # type: ignore[no-any-return]

    def sitting(self, name: str, day: date) -> dict[str, str | None]:
        """Who has a room for itself on a day, with their shares."""
        with self.city.database.engine(Role.OWNER).connect() as conn:
            found = conn.execute(
                text(
                    "SELECT o.code, p.share::text AS share FROM estate.holding AS h"
                    " JOIN estate.holding_party AS p USING (holding_id)"
                    " JOIN organization.organization AS o ON o.organization_id = p.holder_id"
                    " WHERE h.place_id = :room AND h.kind = 'occupies'"
                    " AND coalesce(h.valid_from, '-infinity') <= :day"
                    " AND coalesce(h.valid_to, 'infinity') > :day"
                ),
                {"room": self.room(name), "day": day},
            ).all()
        return {row.code: row.share for row in found}


_FORGET: Final = (
    "DELETE FROM estate.sharer",
    "DELETE FROM estate.holding_party WHERE holding_id IN"
    " (SELECT holding_id FROM estate.holding WHERE source = 'entered')",
    "DELETE FROM estate.holding WHERE source = 'entered'",
    "DELETE FROM place.edit",
    "DELETE FROM space.standard",
)


@pytest.fixture(scope="module")
def _offices(make_database: Callable[[str], Database]) -> Offices:
    city = build(make_database("onemap_offices"))
    with transaction(city.database.engine(Role.LOADER), city.everything) as conn:
        save_terms(conn)
    made = Offices(city, {"everything": city.everything, "partial": city.partial})
    made.tokens["clerk"] = open_account(
        city.database, "经办人", Grant("clerk", organization_id=made.body(0))
    )
    return made


@pytest.fixture
def offices(_offices: Offices) -> Iterator[Offices]:
    """A database shared by the tests of a file; who sits where is forgotten after each."""
    yield _offices
    with _offices.city.database.engine(Role.OWNER).begin() as conn:
        for statement in _FORGET:
            conn.execute(text(statement))
