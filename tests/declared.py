"""A domain that only declares: requests for supplies, with the people who write and decide them."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from makers import make_area, make_organization
from people import add_person, session_of
from sqlalchemy import BigInteger, Column, Connection, Date, Identity, Numeric, Table, Text, text

from assets.services.cases import Taken
from assets.services.model import case_columns
from assets.services.workflow import Cases, Part, Step, Workflow
from gis.db import Database, Role, transaction
from gis.errors import Conflict
from gis.rights.actions import Grant
from gis.rights.model import own_cell_column
from gis.rights.policies import READERS, policy_ddl
from gis.tables import metadata

SUPPLY = Table(
    "supply_request",
    metadata,
    Column("supply_request_id", BigInteger, Identity(), primary_key=True),
    Column("name", Text, nullable=False),
    Column("purpose", Text),
    Column("cost_yuan", Numeric(14, 2), nullable=False),
    Column("due_on", Date),
    Column("outcome", Text),
    *case_columns("draft"),
    own_cell_column(),
    schema="services",
    info={"history": False},
    comment="Made by a test",
)
# The register's own tables are none but the product's.
metadata.remove(SUPPLY)


def _content(conn: Connection, case_id: int) -> Mapping[str, Any]:
    query = (
        "SELECT name, purpose, cost_yuan FROM services.supply_request WHERE supply_request_id = :id"
    )
    return dict(conn.execute(text(query), {"id": case_id}).mappings().one())


def _decide(conn: Connection, taken: Taken) -> None:
    if taken.remark == "explode":
        raise Conflict("workflow.changed_meanwhile", who="–", at="–")
    conn.execute(
        text("UPDATE services.supply_request SET outcome = :word WHERE supply_request_id = :id"),
        {"word": f"{taken.step.name} of version {taken.version}", "id": taken.case.case_id},
    )


SUPPLIES = Workflow(
    "supplies",
    (
        Step(
            "submit", ("draft", "returned"), "submitted", ("applicant",), needs_fields=("purpose",)
        ),
        Step("withdraw", ("submitted",), "draft", ("applicant",), is_awaited=False),
        Step("return", ("submitted",), "returned", ("decider",), needs_remark=True, is_return=True),
        Step("reject", ("submitted",), "rejected", ("decider",), needs_remark=True),
        Step(
            "approve",
            ("submitted",),
            "approved",
            ("decider",),
            not_by=("submit",),
            is_signed=True,
            effect=_decide,
        ),
    ),
    initial="draft",
    final=("approved", "rejected"),
    parts=(Part("applicant"), Part("decider", roles=frozenset({"approver"}))),
    cases=Cases(
        SUPPLY,
        "SELECT supply_request_id AS case_id, name AS title, due_on, rights_cell"
        " FROM services.supply_request",
        "/supplies/{case_id}",
        content=_content,
        reminder_days=(3, 1),
    ),
)


@dataclass
class Office:
    """In one body `zhang`, `wang`, `chen` write, `li` approves, `qian` reads; not `zhao`."""

    database: Database
    ids: dict[str, int] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)
    cell: int = 0

    @contextmanager
    def acting(self, name: str) -> Iterator[Connection]:
        with transaction(self.database.engine(Role.WEB), self.tokens[name]) as conn:
            yield conn

    @contextmanager
    def owner(self) -> Iterator[Connection]:
        with self.database.engine(Role.OWNER).begin() as conn:
            yield conn

    def request(self, name: str = "纸张", *, due_on: date | None = None) -> int:
        """A new request of the bureau, which nobody has submitted."""
        values = {"name": name, "purpose": "办公", "cost": Decimal("120.50"), "due_on": due_on}
        with self.acting("zhang") as conn:
            made: int = conn.execute(
                text(
                    "INSERT INTO services.supply_request (name, purpose, cost_yuan, due_on,"
                    " rights_cell) VALUES (:name, :purpose, :cost, :due_on, :cell)"
                    " RETURNING supply_request_id"
                ),
                {**values, "cell": self.cell},
            ).scalar_one()
        return made


def prepare_office(database: Database) -> Office:
    """The office, with the table of its domain."""
    office = Office(database)
    with database.engine(Role.OWNER).begin() as owner:
        metadata._add_table(SUPPLY.name, SUPPLY.schema, SUPPLY)
        try:
            SUPPLY.create(owner)
        finally:
            metadata.remove(SUPPLY)
        for statement in policy_ddl(SUPPLY):
            owner.execute(text(statement))
        roles = ", ".join((*READERS, Role.LOADER))
        owner.execute(text(f"GRANT ALL ON services.supply_request TO {roles}"))
        make_area(owner, "320402")
        bodies = {code: make_organization(owner, code) for code in ("bureau", "other")}
    for name, role, body in (
        ("zhang", "clerk", "bureau"),
        ("wang", "clerk", "bureau"),
        ("chen", "clerk", "bureau"),
        ("li", "approver", "bureau"),
        ("qian", "viewer", "bureau"),
        ("zhao", "approver", "other"),
    ):
        office.ids[name] = add_person(database, name, Grant(role, organization_id=bodies[body]))
        office.tokens[name] = session_of(database, office.ids[name])
    with database.engine(Role.OWNER).begin() as owner:
        query = "SELECT rights.cell_for(:body, '320402', 0::smallint)"
        office.cell = owner.execute(text(query), {"body": bodies["bureau"]}).scalar_one()
    return office
