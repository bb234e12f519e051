"""Everybody who asks: each role that there is, each shape of a grant, and those who are nobody."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from sqlalchemy import Connection, text

from gis.db import Database, Role, transaction
from gis.rights.actions import EVERYTHING, Grant, ensure_account, open_session
from gis.rights.tokens import make_token
from tests.rights.marked_city import MarkedCity
from tests.rights.spots import AWAY, HOME, OTHER_BODY, SEEN_BODY

# Deliberately not by the functions under test: whose a row is, asked in plain words.
_REACHED = """
SELECT DISTINCT c.cell FROM rights.cell AS c
JOIN rights."grant" AS g ON c.security_class <= g.max_security_class
  AND (g.organization_id IS NULL OR g.organization_id = c.organization_id)
  AND (g.admin_area_code IS NULL OR g.admin_area_code = c.admin_area_code)
WHERE g.account_id = :account_id AND g.role <> ALL (ARRAY['system_admin', 'security_admin',
  'audit_admin']) AND (g.valid_to IS NULL OR g.valid_to > current_date)"""


@dataclass(frozen=True)
class Asker:
    """Who asks, with what, and what it should come to.

    Args:
        name: For the tests' names.
        token: Session or token; null: none.
        is_program: It comes as `Authorization: Bearer`, not in a cookie.
        cells: Cells of what it may know of, by the plain question above.
        spots: Names of the spots whose rows it may see; none for one that gets figures only.
        role: Role of its grants; null where it has none.
        can_write: Whether it may change what it sees.
    """

    name: str
    token: str | None
    is_program: bool = False
    cells: frozenset[int] = frozenset()
    spots: frozenset[str] = frozenset()
    role: str | None = None
    can_write: bool = False


NOBODIES = ("expired", "shut", "unknown", "anonymous")
"""Whom the database takes for nobody."""
SHAPES = (
    "viewer", "viewer_internal", "clerk_sensitive", "officer_of_body", "viewer_of_area",
    "viewer_of_city", "viewer_of_two",
)  # fmt: skip
"""One account for each shape of a grant; the others see what one of these sees, or nothing."""


@dataclass
class _Maker:
    conn: Connection
    city: MarkedCity
    made: dict[str, Asker] = field(default_factory=dict)

    def add(self, name: str, *grants: Grant, has_ended: bool = False) -> None:
        account_id = ensure_account(self.conn, f"问者{name}", grants)
        token = open_session(self.conn, account_id, kind="web", lifetime=timedelta(hours=1))
        if has_ended:
            self.conn.execute(
                text("UPDATE rights.session SET expires_at = now() - interval '1 minute'"
                     " WHERE account_id = :id"), {"id": account_id},
            )  # fmt: skip
            self.made[name] = Asker(name, token)
            return
        cells = frozenset(self.conn.execute(text(_REACHED), {"account_id": account_id}).scalars())
        role = grants[0].role if grants else None
        can_write, sees_rows = self._gives(role)
        spots = spots_in(self.conn, self.city, cells) if sees_rows else frozenset()
        self.made[name] = Asker(name, token, False, cells, spots, role, can_write)

    def _gives(self, role: str | None) -> tuple[bool, bool]:
        """Whether the role lets write, and whether it shows rows."""
        found = self.conn.execute(
            text("SELECT can_write, sees_rows FROM rights.role WHERE role = :role"), {"role": role}
        ).one_or_none()
        return (False, False) if found is None else (found.can_write, found.sees_rows)


def spots_in(conn: Connection, city: MarkedCity, cells: frozenset[int]) -> frozenset[str]:
    """Spots whose cell is among these; a stub is in none, it says nothing."""
    found = {
        row.place_id: row.rights_cell
        for row in conn.execute(text("SELECT place_id, rights_cell FROM place.place"))
    }
    return frozenset(
        spot.name
        for spot in city.spots.values()
        if spot.name != "stub" and found[spot.places["building"]] in cells
    )


def make_askers(city: MarkedCity) -> Mapping[str, Asker]:
    """Accounts of every role and office that the database knows, and some who are nobody."""
    database, ours = city.database, city.bodies[SEEN_BODY]
    with transaction(database.engine(Role.OWNER), None) as conn:
        maker = _Maker(conn, city)
        roles = conn.execute(text("SELECT role, is_office FROM rights.role ORDER BY role")).all()
        maker.add("everything", EVERYTHING)
        for role, is_office in roles:
            if is_office:
                maker.add(role, Grant(role))
            elif role != "operator":
                maker.add(role, Grant(role, ours, HOME))
        maker.add("viewer_internal", Grant("viewer", ours, HOME, 1))
        maker.add("clerk_sensitive", Grant("clerk", ours, HOME, 2))
        maker.add("officer_of_body", Grant("officer", ours))
        maker.add("viewer_of_area", Grant("viewer", None, HOME))
        maker.add("viewer_of_city", Grant("viewer"))
        maker.add("viewer_of_undisclosed", Grant("viewer", None, None, 3))
        maker.add("viewer_of_two", Grant("viewer", ours, AWAY),
                  Grant("viewer", city.bodies[OTHER_BODY], HOME))  # fmt: skip
        maker.add("grantless")
        maker.add("ended", Grant("clerk", ours, HOME, valid_to=date(2020, 1, 1)))
        maker.add("expired", Grant("clerk", ours, HOME, 3), has_ended=True)
        maker.add("shut", Grant("clerk", ours, HOME, 3))
        conn.execute(text("UPDATE rights.account SET is_active = false WHERE name = '问者shut'"))
    made = dict(maker.made)
    made["shut"] = Asker("shut", made["shut"].token)
    made["unknown"] = Asker("unknown", "not-a-token")
    made["anonymous"] = Asker("anonymous", None)
    for writes in (False, True):
        one = _program(database, made["clerk"], can_write=writes)
        made[one.name] = one
    return made


def _program(database: Database, clerk: Asker, *, can_write: bool) -> Asker:
    name = "program_writing" if can_write else "program_reading"
    with transaction(database.engine(Role.WEB), clerk.token) as conn:
        _, token = make_token(conn, name, can_write=can_write)
    return Asker(name, token, True, clerk.cells, clerk.spots, clerk.role, can_write)
