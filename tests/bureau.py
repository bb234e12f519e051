"""A small city with a bureau that issues, and clerks who each file for one agency."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import date

from handed_in import open_account
from small_city import City, build
from sqlalchemy import Connection, text

from assets.campaign.actions.issue import Draft, issue_campaign
from assets.campaign.queries import read
from etl.terms import save_terms
from gis.db import Database, Role, transaction
from gis.rights.actions import Grant

TODAY = date(2026, 9, 1)
DUE = date(2026, 9, 30)


@dataclass(frozen=True)
class Bureau:
    """A city whose bureau has issued nothing yet.

    Args:
        city: Its places and bodies.
        clerks: Session tokens of those who file, by agency number.
    """

    city: City
    clerks: dict[int, str]

    @property
    def database(self) -> Database:
        return self.city.database

    @contextmanager
    def acting(self, token: str) -> Iterator[Connection]:
        with transaction(self.database.engine(Role.WEB), token) as conn:
            yield conn

    def reviewer(self) -> AbstractContextManager[Connection]:
        return self.acting(self.city.everything)

    def clerk(self, agency: int) -> AbstractContextManager[Connection]:
        return self.acting(self.clerks[agency])

    def issue(self, **more: object) -> int:
        """A campaign to every agency, due on 30 September."""
        draft = Draft(**{"name": "2026年普查", "as_of": DUE, "due_on": DUE, **more})  # type: ignore[arg-type]
        with self.reviewer() as conn:
            return issue_campaign(conn, draft, today=TODAY)

    def filing(self, campaign_id: int, agency: int) -> int:
        """Number of an agency's filing."""
        with self.reviewer() as conn:
            found = read(
                conn,
                "SELECT filing_id FROM campaign.filing"
                " WHERE campaign_id = :campaign AND organization_id = :body",
                campaign=campaign_id,
                body=self.city.ids[f"agency {agency}"],
            )
        filing_id: int = found[0]["filing_id"]
        return filing_id


def prepare_bureau(database: Database) -> Bureau:
    """A small city with terms and clerks."""
    city = build(database)
    with transaction(database.engine(Role.LOADER), city.everything) as conn:
        save_terms(conn)
    with transaction(database.engine(Role.OWNER), None) as conn:
        for at in range(4):
            conn.execute(
                text(
                    "UPDATE organization.organization SET admin_area_code = :area,"
                    " level_code = 'county' WHERE organization_id = :id"
                ),
                {"area": f"32040{min(at, 2) + 1}", "id": city.ids[f"agency {at}"]},
            )
    clerks = {
        at: open_account(
            database, f"经办人{at}", Grant("clerk", organization_id=city.ids[f"agency {at}"])
        )
        for at in range(4)
    }
    return Bureau(city, clerks)
