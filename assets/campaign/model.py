"""Tables of campaigns.

A campaign is announced to every account; a filing belongs to its agency and carries its cell. What
is said of a place the register knows carries the place's cell, and follows it. Figures have columns
of their own, so the typed history of each row tells who changed what, when.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    ForeignKey,
    ForeignKeyConstraint,
    Identity,
    Index,
    Integer,
    Numeric,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from assets.services.model import case_columns
from gis.columns import account_column, body_column, date_columns, made_at_column
from gis.places.model import place_link
from gis.rights.model import ADDED_BESIDE, CHANGED_BESIDE, own_cell_column, rights_cell_column
from gis.tables import metadata, one_at_a_time, one_of


class State(StrEnum):
    """Where a filing stands."""

    NOT_STARTED = "not_started"
    """未填"""
    IN_PROGRESS = "in_progress"
    """填报中"""
    SUBMITTED = "submitted"
    """已上报"""
    RETURNED = "returned"
    """退回"""
    APPROVED = "approved"
    """已审核"""


class LatePolicy(StrEnum):
    """What becomes of a filing handed in after its date."""

    ACCEPT = "accept"
    REFUSE = "refuse"


class UnexplainedPolicy(StrEnum):
    """What becomes of a filing with large differences that nobody has explained."""

    BLOCK = "block"
    FLAG = "flag"


@dataclass(frozen=True)
class Field:
    """One column of a filing.

    Args:
        name: Column of `filing_row`, and, for areas, the area kind with `_m2`.
        kind: `text`, `area`, `year`, `boolean` or `term`.
        title_key: Message of its header.
        enum: The vocabulary of a term.
    """

    name: str
    kind: str
    title_key: str
    enum: str | None = None


AREA_KINDS: Final = (
    "land", "gross", "office_gross", "technical_gross", "office_usable", "service_usable",
    "equipment_usable", "usable", "ancillary_gross",
)  # fmt: skip
FIELDS: Final = (
    Field("address", "text", "estate.survey.address"),
    Field("admin_area_code", "text", "estate.survey.admin_area_code"),
    *(Field(f"{kind}_m2", "area", f"place.area.{kind}") for kind in AREA_KINDS),
    Field("ownership_status", "term", "estate.survey.ownership", "ownership_status"),
    Field("year_built", "year", "estate.survey.year_built"),
    Field("is_leased_in", "boolean", "estate.survey.is_leased_in"),
    Field("remark", "text", "estate.survey.remark"),
)
"""What the survey asks about a property, in the order of its form."""
_TYPES: Final[Mapping[str, Callable[[], Any]]] = {
    "text": Text,
    "term": Text,
    "area": lambda: Numeric(14, 2),
    "year": SmallInteger,
    "boolean": Boolean,
}


def _value_column(field: Field) -> Column[object]:
    return Column(field.name, _TYPES[field.kind]())


def _filing_id(*, primary_key: bool = False) -> Column[int]:
    return Column(
        "filing_id",
        BigInteger,
        ForeignKey("campaign.filing.filing_id"),
        nullable=False,
        primary_key=primary_key,
    )


def _row_link(name: str) -> ForeignKeyConstraint:
    """Ties what is said of a row to the row together with its cell, which follows its place."""
    return ForeignKeyConstraint(
        ["filing_row_id", "rights_cell"],
        ["campaign.filing_row.filing_row_id", "campaign.filing_row.rights_cell"],
        name=f"fk_{name}_row",
        onupdate="CASCADE",
    )


_SEEN_BY: Final = """
  rights_cell IN (SELECT cell FROM rights.my_cells) AND EXISTS (
    SELECT FROM campaign.filing AS f JOIN campaign.campaign AS c USING (campaign_id){join}
    WHERE {row} AND EXISTS (
      SELECT FROM rights.my_domain_write_cells AS mine
      WHERE mine.domain = 'campaign' AND mine.cell IN ({whose})))"""
_REVIEWERS: Final = "c.rights_cell"
"""Who reviews a campaign prepares its filings, and remarks on them, of all that he sees: of a
property of a higher class than he writes too, in the cell of the property."""


def _by_filing(table: str) -> str:
    return _SEEN_BY.format(join="", row=f"f.filing_id = {table}.filing_id", whose=_REVIEWERS)


def _by_either(table: str) -> str:
    """Whoever files, too: a remark is answered by who reads it."""
    return _SEEN_BY.format(
        join="", row=f"f.filing_id = {table}.filing_id", whose=f"{_REVIEWERS}, f.rights_cell"
    )


def _by_row(table: str) -> str:
    return _SEEN_BY.format(
        join=" JOIN campaign.filing_row AS r USING (filing_id)",
        row=f"r.filing_row_id = {table}.filing_row_id",
        whose=_REVIEWERS,
    )


campaign = Table(
    "campaign",
    metadata,
    Column("campaign_id", BigInteger, Identity(), primary_key=True),
    Column("name", Text, nullable=False),
    Column("form", Text, nullable=False, comment="Report that is filed, such as survey"),
    Column("state", Text, nullable=False, server_default=text("'open'")),
    Column("as_of", Date, nullable=False, comment="The day the figures hold for"),
    Column("due_on", Date, nullable=False, comment="Last day to file"),
    Column("late_policy", Text, nullable=False),
    Column("unexplained_policy", Text, nullable=False),
    Column(
        "threshold_percent",
        Numeric(6, 2),
        nullable=False,
        comment="From which change on a figure must be explained",
    ),
    Column(
        "reminder_days",
        JSONB,
        nullable=False,
        server_default=text("'[]'::jsonb"),
        comment="Working days before the date on which agencies are reminded",
    ),
    Column(
        "selection", JSONB, nullable=False, comment="By which agencies were chosen, for the record"
    ),
    Column("instructions", Text, comment="What the bureau says to those who file"),
    Column(
        "baseline_report_id",
        BigInteger,
        comment="Frozen report that figures are compared with; null: the register when issued",
    ),
    Column("baseline_on", Date, nullable=False, comment="The day the former figures hold for"),
    Column("version", Integer, nullable=False, server_default=text("1")),
    made_at_column("issued_at"),
    account_column("issued_by"),
    Column("closed_at", DateTime(timezone=True)),
    account_column("closed_by"),
    Column("closing_remark", Text),
    own_cell_column(),
    CheckConstraint("state IN ('open', 'closed')", name="state"),
    CheckConstraint(one_of("late_policy", LatePolicy), name="late_policy"),
    CheckConstraint(one_of("unexplained_policy", UnexplainedPolicy), name="unexplained_policy"),
    CheckConstraint("threshold_percent >= 0", name="threshold"),
    CheckConstraint("(state = 'closed') = (closed_at IS NOT NULL)", name="closing"),
    schema="campaign",
    info={"seen_by": "signed_in"},
    comment="A survey issued to agencies as a task with a date",
)

due_rule = Table(
    "due_rule",
    metadata,
    Column("due_rule_id", BigInteger, Identity(), primary_key=True),
    Column("form", Text, nullable=False, comment="Report that is filed, such as survey"),
    Column("month", SmallInteger, nullable=False),
    Column("day", SmallInteger, nullable=False, comment="Last day to file, each year"),
    *date_columns(),
    Column("rule_source", Text, nullable=False, comment="Document and clause it comes from"),
    Column("is_verified", Boolean, nullable=False, server_default=text("false")),
    own_cell_column(),
    CheckConstraint("month BETWEEN 1 AND 12 AND day BETWEEN 1 AND 31", name="day"),
    CheckConstraint("valid_from < valid_to", name="dates"),
    one_at_a_time("ex_due_rule_form", "form"),
    schema="campaign",
    info={"seen_by": "signed_in"},
    comment="Until when a form is filed each year, before the default of the country pack",
)

filing = Table(
    "filing",
    metadata,
    Column("filing_id", BigInteger, Identity(), primary_key=True),
    Column("campaign_id", BigInteger, ForeignKey("campaign.campaign.campaign_id"), nullable=False),
    body_column(nullable=False),
    *case_columns("not_started"),
    Column(
        "due_on", Date, comment="An extension granted to this agency; null: the campaign's date"
    ),
    Column("submitted_at", DateTime(timezone=True), comment="When last handed in"),
    Column("is_late", Boolean, nullable=False, server_default=text("false")),
    Column(
        "unexplained_count",
        Integer,
        nullable=False,
        server_default=text("0"),
        comment="Large differences without an explanation when handed in, in rows of its own cell",
    ),
    Column(
        "job_id",
        BigInteger,
        ForeignKey("staging.job.job_id"),
        comment="The work that brings it into the register once approved",
    ),
    Column(
        "succeeded_by_filing_id",
        BigInteger,
        ForeignKey("campaign.filing.filing_id"),
        comment="The agency was merged or renamed meanwhile: who files in its place",
    ),
    own_cell_column(),
    UniqueConstraint("campaign_id", "organization_id"),
    CheckConstraint(one_of("state", State), name="state"),
    Index("ix_filing_organization_id", "organization_id"),
    schema="campaign",
    comment="What one agency hands in for a campaign",
)

filing_row = Table(
    "filing_row",
    metadata,
    Column("filing_row_id", BigInteger, Identity(), primary_key=True),
    _filing_id(),
    Column("place_id", BigInteger, comment="Null: a property the register does not know"),
    Column(
        "place_code", Text, comment="Travels in the workbook so that a row finds its place again"
    ),
    Column("is_removed", Boolean, nullable=False, server_default=text("false")),
    Column("ruling", Text, comment="What the bureau decided of a property given up; null: not yet"),
    Column("ended_on", Date, comment="First day the agency no longer has it"),
    Column("ruling_reason", Text),
    Column("ruled_at", DateTime(timezone=True)),
    account_column("ruled_by"),
    *(_value_column(field) for field in FIELDS),
    own_cell_column(),
    # A load that is undone takes its places with it; what the agency stated stays.
    place_link(name="filing_row", ondelete="SET NULL (place_id)"),
    UniqueConstraint("filing_row_id", "rights_cell"),
    CheckConstraint("ruling IN ('ended', 'kept')", name="ruling"),
    CheckConstraint("(ruling = 'ended') = (ended_on IS NOT NULL)", name="ended"),
    CheckConstraint("(ruling IS NULL) = (ruling_reason IS NULL)", name="reasoned"),
    # A filing is read as a whole.
    Index("ix_filing_row_filing_id", "filing_id", "filing_row_id"),
    Index("uq_filing_row_place", "filing_id", "place_id", unique=True),
    # A place that goes is looked for here.
    Index("ix_filing_row_place_id", "place_id"),
    schema="campaign",
    info={ADDED_BESIDE: _by_filing("filing_row")},
    comment="A property as an agency files it; areas in m2",
)

baseline_row = Table(
    "baseline_row",
    metadata,
    Column("filing_row_id", BigInteger, primary_key=True),
    *(_value_column(field) for field in FIELDS),
    rights_cell_column(),
    _row_link("baseline_row"),
    schema="campaign",
    info={"history": False, ADDED_BESIDE: _by_row("baseline_row")},
    comment="The same property a year ago; without a line, the property is new",
)

filing_headcount = Table(
    "filing_headcount",
    metadata,
    _filing_id(primary_key=True),
    Column("rank_code", Text, primary_key=True, comment="Term of list rank"),
    Column("people", Integer),
    Column("people_before", Integer),
    rights_cell_column(),
    CheckConstraint("people >= 0", name="people"),
    schema="campaign",
    comment="Approved posts by rank as the agency files them, and a year ago",
)

explanation = Table(
    "explanation",
    metadata,
    Column("filing_row_id", BigInteger, primary_key=True),
    Column("field", Text, primary_key=True, comment="Field of the row; * for the row itself"),
    Column("text", Text, nullable=False),
    made_at_column("explained_at"),
    account_column(),
    rights_cell_column(),
    _row_link("explanation"),
    schema="campaign",
    info={ADDED_BESIDE: _by_row("explanation")},
    comment="Why a figure is not what it was a year ago",
)

remark = Table(
    "remark",
    metadata,
    Column("remark_id", BigInteger, Identity(), primary_key=True),
    _filing_id(),
    Column("filing_row_id", BigInteger, comment="Null: about the filing as a whole"),
    Column("field", Text, comment="Null: about the row as a whole"),
    Column("text", Text, nullable=False),
    made_at_column(),
    account_column(),
    Column("answer", Text),
    Column("answered_at", DateTime(timezone=True)),
    account_column("answered_by"),
    Column("resolved_at", DateTime(timezone=True)),
    account_column("resolved_by"),
    rights_cell_column(),
    _row_link("remark"),
    Index("ix_remark_filing_id", "filing_id", "remark_id"),
    schema="campaign",
    info={ADDED_BESIDE: _by_filing("remark"), CHANGED_BESIDE: _by_either("remark")},
    comment="What the reviewer says of a cell, and what the agency answers",
)
