"""Tables of inspections.

A plan with its checklist is announced to every account. What is said of a body carries the cell of
the body; what is said of a place the cell of the place, and follows it.
"""

from enum import StrEnum
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    ForeignKeyConstraint,
    Identity,
    Index,
    Integer,
    Numeric,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from assets.services.model import case_columns
from gis.columns import account_column, body_column, date_columns, made_at_column
from gis.places.model import place_link
from gis.rights.model import own_cell_column, rights_cell_column
from gis.tables import REFUSES, metadata, one_at_a_time, one_of


class Kind(StrEnum):
    """What an inspection is."""

    FULL = "full"
    """全面检查"""
    SPECIAL = "special"
    """专项检查"""
    FOCUS = "focus"
    """重点检查"""


class Answer(StrEnum):
    """What is found of an item of the checklist."""

    PASSED = "pass"
    """合格"""
    FAILED = "fail"
    """不合格"""
    NOT_APPLICABLE = "not_applicable"
    """不适用"""


class Origin(StrEnum):
    """What is to be put right."""

    FINDING = "finding"
    """What an inspection found."""
    VERDICT = "verdict"
    """A body has more office space than the standard lets it."""


class DayKind(StrEnum):
    """How the days of a term are counted."""

    WORKING = "working"
    CALENDAR = "calendar"


class State(StrEnum):
    """Where a rectification stands."""

    ISSUED = "issued"
    """整改中"""
    ANSWERED = "answered"
    """待复查"""
    RECHECKED = "rechecked"
    """待销号"""
    CLOSED = "closed"
    """已销号"""


def _inspection_id(*, primary_key: bool = False) -> Column[int]:
    return Column(
        "inspection_id",
        BigInteger,
        ForeignKey("inspection.inspection.inspection_id"),
        nullable=False,
        primary_key=primary_key,
    )


def _version() -> Column[Any]:
    return Column("version", Integer, nullable=False, server_default=text("1"))


inspection = Table(
    "inspection",
    metadata,
    Column("inspection_id", BigInteger, Identity(), primary_key=True),
    Column("name", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("state", Text, nullable=False, server_default=text("'open'")),
    Column("starts_on", Date, nullable=False),
    Column("ends_on", Date, nullable=False, comment="Last day"),
    Column("checklist", Text, comment="Of the country pack; null: items of its own"),
    Column("instructions", Text),
    _version(),
    made_at_column(),
    account_column(nullable=False),
    own_cell_column(),
    CheckConstraint(one_of("kind", Kind), name="kind"),
    CheckConstraint("state IN ('open', 'closed')", name="state"),
    CheckConstraint("starts_on <= ends_on", name="days"),
    CheckConstraint("length(name) BETWEEN 1 AND 200", name="name"),
    schema="inspection",
    info={"seen_by": "signed_in"},
    comment="An inspection as it is planned: what, when, by which checklist",
)

item = Table(
    "item",
    metadata,
    Column("item_id", BigInteger, Identity(), primary_key=True),
    _inspection_id(),
    Column("position", Integer, nullable=False, comment="In the order it is gone through, from 1"),
    Column("key", Text, comment="Of the row of the country pack; null: an item of its own"),
    Column("head", Text, nullable=False, comment="What it is scored under"),
    Column("title", Text, nullable=False),
    Column("points", Numeric(6, 2), comment="Most it can bring; null: it is not scored"),
    Column("rule_source", Text, comment="The document; null: the bureau's own"),
    _version(),
    own_cell_column(),
    CheckConstraint("points > 0", name="points"),
    CheckConstraint("length(title) BETWEEN 1 AND 300", name="title"),
    CheckConstraint("length(head) BETWEEN 1 AND 100", name="head"),
    UniqueConstraint("inspection_id", "position"),
    schema="inspection",
    info={
        "seen_by": "signed_in",
        REFUSES: {"uq_item_inspection_id_position": "inspection.changed_meanwhile"},
    },
    comment="What an inspection asks, as it was when it was planned",
)

inspector = Table(
    "inspector",
    metadata,
    _inspection_id(primary_key=True),
    account_column(primary_key=True),
    own_cell_column(),
    Index("ix_inspector_account_id", "account_id"),
    schema="inspection",
    comment="Who carries an inspection out; nobody: whoever may write what the bureau answers for",
)

visit = Table(
    "visit",
    metadata,
    Column("visit_id", BigInteger, Identity(), primary_key=True),
    _inspection_id(),
    body_column(nullable=False),
    Column("state", Text, nullable=False, server_default=text("'open'")),
    Column("done_on", Date, comment="When it was gone through; null: not yet"),
    account_column("done_by"),
    _version(),
    own_cell_column(),
    CheckConstraint("state IN ('open', 'done')", name="state"),
    CheckConstraint("(state = 'done') = (done_on IS NOT NULL)", name="done"),
    UniqueConstraint("inspection_id", "organization_id"),
    UniqueConstraint("visit_id", "rights_cell"),
    Index("ix_visit_organization_id", "organization_id"),
    schema="inspection",
    comment="A body as an inspection goes through it",
)


def _visit_link(name: str) -> ForeignKeyConstraint:
    return ForeignKeyConstraint(
        ["visit_id", "rights_cell"],
        ["inspection.visit.visit_id", "inspection.visit.rights_cell"],
        name=f"fk_{name}_visit",
        onupdate="CASCADE",
    )


answer = Table(
    "answer",
    metadata,
    Column("visit_id", BigInteger, primary_key=True),
    Column("item_id", BigInteger, ForeignKey("inspection.item.item_id"), primary_key=True),
    Column("answer", Text, nullable=False),
    Column("points", Numeric(6, 2), comment="It brings; null: all of them when passed, else none"),
    Column("words", Text),
    _version(),
    made_at_column("changed_at"),
    account_column("changed_by", nullable=False),
    rights_cell_column(),
    _visit_link("answer"),
    CheckConstraint(one_of("answer", Answer), name="answer"),
    CheckConstraint("points >= 0", name="points"),
    CheckConstraint("length(words) <= 1000", name="words"),
    Index("ix_answer_item_id", "item_id"),
    schema="inspection",
    comment="What was found of an item of the checklist at a body",
)

finding = Table(
    "finding",
    metadata,
    Column("finding_id", BigInteger, Identity(), primary_key=True),
    Column("visit_id", BigInteger, ForeignKey("inspection.visit.visit_id"), nullable=False),
    Column("item_id", BigInteger, ForeignKey("inspection.item.item_id"), comment="Null: of none"),
    Column("place_id", BigInteger, comment="Null: of no one place; else its cell follows it"),
    Column("words", Text, nullable=False),
    made_at_column(),
    account_column(nullable=False),
    own_cell_column(),
    place_link(name="finding", ondelete="SET NULL (place_id)"),
    UniqueConstraint("finding_id", "rights_cell"),
    CheckConstraint("length(words) BETWEEN 1 AND 2000", name="words"),
    Index("ix_finding_visit_id", "visit_id"),
    Index("ix_finding_item_id", "item_id"),
    Index("ix_finding_place_id", "place_id", postgresql_where=text("place_id IS NOT NULL")),
    schema="inspection",
    comment="What is not as it should be: at which body, in which place, in words",
)

finding_photo = Table(
    "finding_photo",
    metadata,
    Column(
        "photo_id",
        BigInteger,
        ForeignKey("place.photo.photo_id", ondelete="CASCADE"),
        primary_key=True,
    ),
    Column("finding_id", BigInteger, nullable=False),
    rights_cell_column(),
    ForeignKeyConstraint(
        ["finding_id", "rights_cell"],
        ["inspection.finding.finding_id", "inspection.finding.rights_cell"],
        name="fk_finding_photo_finding",
        onupdate="CASCADE",
        ondelete="CASCADE",
    ),
    Index("ix_finding_photo_finding_id", "finding_id"),
    schema="inspection",
    info={"history": False},
    comment="Which photos of a place show a finding",
)

rectification = Table(
    "rectification",
    metadata,
    Column("rectification_id", BigInteger, Identity(), primary_key=True),
    Column("origin", Text, nullable=False),
    Column("finding_id", BigInteger, ForeignKey("inspection.finding.finding_id")),
    body_column(nullable=False),
    Column("demand", Text, comment="What the body is told; null: the words of the finding"),
    Column("issued_on", Date, nullable=False),
    Column("due_on", Date, nullable=False, comment="Last day"),
    Column("room_class", Text, comment="Term of list room_class; null: all three together"),
    Column("judged_on", Date, comment="The day of the verdict"),
    Column("rechecked_on", Date),
    Column("rechecked_version", Integer, comment="Of the case after it; null: not rechecked"),
    *case_columns("issued"),
    Column(
        "bureau_cell",
        Integer,
        ForeignKey("rights.cell.cell"),
        nullable=False,
        index=True,
        comment="Whoever may write it rechecks and closes",
    ),
    own_cell_column(),
    CheckConstraint(one_of("origin", Origin), name="origin"),
    CheckConstraint(one_of("state", State), name="state"),
    CheckConstraint("(origin = 'finding') = (finding_id IS NOT NULL)", name="finding"),
    CheckConstraint("(origin = 'verdict') = (judged_on IS NOT NULL)", name="verdict"),
    CheckConstraint("origin = 'finding' OR demand IS NOT NULL", name="told"),
    CheckConstraint("issued_on <= due_on", name="days"),
    CheckConstraint("length(demand) BETWEEN 1 AND 2000", name="demand"),
    Index("uq_rectification_finding", "finding_id", unique=True),
    # Nobody is told twice to give up the same rooms while the first notice stands.
    Index(
        "uq_rectification_verdict",
        "organization_id",
        text("coalesce(room_class, '')"),
        unique=True,
        postgresql_where=text("origin = 'verdict' AND state <> 'closed'"),
    ),
    Index("ix_rectification_organization_id", "organization_id"),
    schema="inspection",
    info={
        REFUSES: {
            "uq_rectification_finding": "rectification.issued_already",
            "uq_rectification_verdict": "rectification.issued_already",
        }
    },
    comment="Something to be put right: notice, last day, what was done, rechecked, closed",
)

surplus = Table(
    "surplus",
    metadata,
    Column(
        "rectification_id",
        BigInteger,
        ForeignKey("inspection.rectification.rectification_id"),
        primary_key=True,
    ),
    Column(
        "version",
        Integer,
        primary_key=True,
        comment="Of the case as it was told: 1 with the notice, another with each recheck",
    ),
    Column(
        "over_m2",
        Numeric(14, 2),
        nullable=False,
        comment="Usable; what it had over the standard, below zero less than it may have",
    ),
    own_cell_column(),
    schema="inspection",
    comment="By how much a body was over: for who sees the highest class of the rooms in it",
)

term_rule = Table(
    "term_rule",
    metadata,
    Column("term_rule_id", BigInteger, Identity(), primary_key=True),
    Column("origin", Text, nullable=False),
    Column("days", Integer, nullable=False, comment="After the day of the notice"),
    Column("day_kind", Text, nullable=False),
    *date_columns(),
    Column("rule_source", Text, nullable=False, comment="Document and clause it comes from"),
    Column("is_verified", Boolean, nullable=False, server_default=text("false")),
    own_cell_column(),
    CheckConstraint(one_of("origin", Origin), name="origin"),
    CheckConstraint(one_of("day_kind", DayKind), name="day_kind"),
    CheckConstraint("days BETWEEN 1 AND 1000", name="days"),
    CheckConstraint("valid_from < valid_to", name="dates"),
    one_at_a_time("ex_term_rule_origin", "origin"),
    schema="inspection",
    info={
        "seen_by": "signed_in",
        REFUSES: {"ex_term_rule_origin": "inspection.changed_meanwhile"},
    },
    comment="How long there is to put something right, as the bureau says",
)

MOST_WORDS: Final = 2000
