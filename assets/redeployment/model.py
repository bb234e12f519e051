"""Tables of redeployment plans: a plan is a private branch of who has which rooms from a day.

What a plan says of a room carries the room's cell. Each step of a plan adds rows and changes none,
so the newest row of a room counts and a step is taken back by removing its rows.
"""

from enum import StrEnum
from typing import Final

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Identity,
    Index,
    Integer,
    Table,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from assets.services.model import case_columns
from gis.columns import account_column, body_column, made_at_column
from gis.places.model import place_link
from gis.rights.model import SEEN_WHEN, own_cell_column, rights_cell_column
from gis.tables import metadata, one_of


class State(StrEnum):
    """Where a plan stands."""

    DRAFT = "draft"
    PROPOSED = "proposed"
    REVIEWED = "reviewed"
    RETURNED = "returned"
    APPROVED = "approved"
    """Merged: the register says what it wanted."""
    REJECTED = "rejected"
    DROPPED = "dropped"


class StepKind(StrEnum):
    """What a step of a plan does to its rooms."""

    ASSIGN = "assign"
    MOVE = "move"
    """Who sits in a room sits in another; of two that change places too."""
    VACATE = "vacate"
    RELEASE = "release"
    KEEP = "keep"
    """What is wanted stands, on what the register says now."""
    LEAVE = "leave"
    """The room is none of the plan's any more."""


class ReleasedTo(StrEnum):
    """For what a room is given up."""

    LEVEL = "level"
    """Another level of government."""
    DISTRICT = "district"
    DEPARTMENT = "department"
    LEASING = "leasing"
    DISPOSAL = "disposal"


SCHEMA: Final = "redeployment"
_IS_SHOWN: Final = "(is_shared OR made_by = (SELECT rights.current_account_id()))"
_OF_SHOWN: Final = "plan_id IN (SELECT shown.plan_id FROM redeployment.plan AS shown)"

plan = Table(
    "plan",
    metadata,
    Column("plan_id", BigInteger, Identity(), primary_key=True),
    Column("name", Text, nullable=False),
    Column("note", Text, comment="What it is for, in the planner's words"),
    Column("document", Text, comment="文号 of what it rests on; null: none yet"),
    Column("from_on", Date, nullable=False, comment="First day on which it may be carried out"),
    body_column(nullable=False, comment="Who plans"),
    Column(
        "is_shared",
        Boolean,
        nullable=False,
        server_default=text("false"),
        comment="Else it is its maker's alone; what is proposed is shared",
    ),
    *case_columns("draft"),
    Column("merged_on", Date, comment="First day of what it changed; null: it changed nothing"),
    Column(
        "merged_edit_ids",
        ARRAY(BigInteger),
        comment="Edits that carried it out, one a room; null: none, or they were taken back",
    ),
    made_at_column(),
    account_column("made_by", nullable=False),
    Column(
        "bureau_cell",
        Integer,
        ForeignKey("rights.cell.cell"),
        nullable=False,
        index=True,
        comment="Over this the bureau's parts in it are held",
    ),
    own_cell_column(),
    CheckConstraint(one_of("state", State), name="state"),
    CheckConstraint("length(name) BETWEEN 1 AND 100", name="name"),
    CheckConstraint("(merged_on IS NULL) = (merged_edit_ids IS NULL)", name="merged"),
    Index("ix_plan_organization_id", "organization_id"),
    # When an edit is taken back, the plan that it carried out is looked for.
    Index(
        "ix_plan_merged_edit_ids",
        "merged_edit_ids",
        postgresql_using="gin",
        postgresql_where=text("merged_edit_ids IS NOT NULL"),
    ),
    schema=SCHEMA,
    info={SEEN_WHEN: _IS_SHOWN},
    comment="A redeployment plan: who is to have which rooms, beside what the register says",
)

plan_room = Table(
    "plan_room",
    metadata,
    Column("plan_room_id", BigInteger, Identity(), primary_key=True),
    Column(
        "plan_id",
        BigInteger,
        ForeignKey("redeployment.plan.plan_id", ondelete="CASCADE"),
        nullable=False,
    ),
    Column("step", Integer, nullable=False, comment="Of the plan; the newest of a room counts"),
    Column("kind", Text, nullable=False),
    Column("place_id", BigInteger, comment="Null: the room is gone; what was said of it stays"),
    Column("place_title", Text, nullable=False, comment="As it was called then"),
    Column("seen_version", Text, nullable=False, comment="Of who had it as the step was taken"),
    Column("stood", JSONB, nullable=False, comment="Who had it then: bodies, shares, people"),
    Column("wanted", JSONB, nullable=False, comment="Who is to have it; of none: nobody"),
    Column("released_to", Text, comment="What it is given up for; null: it is not"),
    body_column("receiver_id", comment="Who gets what is given up; null: not said"),
    made_at_column(),
    account_column("made_by", nullable=False),
    rights_cell_column(),
    place_link(name="plan_room", ondelete="SET NULL (place_id)"),
    CheckConstraint(one_of("kind", StepKind), name="kind"),
    CheckConstraint(one_of("released_to", ReleasedTo), name="released_to"),
    CheckConstraint("receiver_id IS NULL OR released_to IS NOT NULL", name="receiver"),
    # A plan is read as a whole, the newest step of each room first.
    Index("uq_plan_room_step", "plan_id", "place_id", "step", unique=True),
    # A place that goes, or whose card is shown, is looked for here.
    Index("ix_plan_room_place_id", "place_id"),
    schema=SCHEMA,
    info={SEEN_WHEN: _OF_SHOWN},
    comment="What a step of a plan says of a room, beside what stood when it was taken",
)
