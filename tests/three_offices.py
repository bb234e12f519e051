"""A register with administrators of each office, who act one after the other."""

from collections.abc import Callable
from typing import Any

import pytest
from makers import make_area, make_organization, make_place
from people import add_person, session_of
from sqlalchemy import text

from gis.db import Database, Role, transaction
from gis.errors import OneMapError
from gis.rights.grants import OFFICES, Made, Wanted, confirm_grant, make_grant
from tests.conftest import open_operator


class Bureau:
    """A register with two administrators of each office."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.ids: dict[str, int] = {}
        with database.engine(Role.OWNER).begin() as owner:
            make_area(owner, "3204", level="city")
            make_area(owner, "320402", parent_code="3204")
            for code in ("bureau", "gone", "heir", "head"):
                self.ids[code] = make_organization(owner, code)
            self.ids["below"] = make_organization(owner, "below", parent_id=self.ids["head"])
            # Most bodies stand under the head; a department has one of its own.
            for at in range(6):
                make_organization(owner, f"below {at}", parent_id=self.ids["below"])
            self.ids["department"] = make_organization(owner, "department")
            make_organization(owner, "school", parent_id=self.ids["department"])
            make_area(owner, "33", level="province")
            make_area(owner, "3304", level="city", parent_code="33")
            make_place(owner, "A", steward_id=self.ids["bureau"], admin_area_code="320402")
            make_place(owner, "B", steward_id=self.ids["heir"], admin_area_code="320402")
            owner.execute(
                text("INSERT INTO organization.succession (from_organization_id,"
                     " to_organization_id, kind, happened_on)"
                     " VALUES (:a, :b, 'merged', '2019-03-01')"),
                {"a": self.ids["gone"], "b": self.ids["heir"]},
            )  # fmt: skip
        for office in OFFICES:
            for which in "ab":
                self.add(f"{office}.{which}")
        # The second security administrator needs the first; the others are the operator's to fill
        # as long as none is there.
        for name in ("system_admin.a", "system_admin.b", "audit_admin.a", "audit_admin.b"):
            self.grant("operator", Wanted(name, name[:-2]))
        self.grant("operator", Wanted("security_admin.a", "security_admin"))
        waits = self.grant("operator", Wanted("security_admin.b", "security_admin"))
        assert waits.is_pending
        self.run("security_admin.a", confirm_grant, waits.grant_id)

    def add(self, name: str) -> int:
        self.ids[name] = add_person(self.database, name)
        return self.ids[name]

    def run(self, who: str, action: Callable[..., Any], *arguments: Any, **more: Any) -> Any:
        token = (
            open_operator(self.database).token
            if who == "operator"
            else session_of(self.database, self.ids[who])
        )
        role = Role.OPERATOR if who == "operator" else Role.WEB
        with transaction(self.database.engine(role), token) as conn:
            return action(conn, *arguments, **more)

    def grant(self, who: str, wanted: Wanted) -> Made:
        made: Made = self.run(who, make_grant, wanted)
        return made

    def sees(self, name: str) -> list[str]:
        def codes(conn: Any) -> list[str]:
            return list(conn.execute(text("SELECT code FROM place.place ORDER BY code")).scalars())

        return list(self.run(name, codes))

    def refused(self, who: str, action: Callable[..., Any], *arguments: Any, **more: Any) -> str:
        with pytest.raises(OneMapError) as refused:
            self.run(who, action, *arguments, **more)
        return refused.value.key
