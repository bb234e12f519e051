"""Tables of requests: what is asked for, which rooms would do, what it rests on, what is returned.

A request carries its body's cell; what it says of a room or a building carries that place's.
"""

from enum import StrEnum
from typing import Final

from sqlalchemy import (
    ARRAY,
    BigInteger,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    Double,
    ForeignKey,
    Identity,
    Index,
    Integer,
    Numeric,
    Table,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from assets.services.model import case_columns
from gis.columns import account_column, body_column, made_at_column
from gis.places.model import place_link
from gis.rights.model import own_cell_column, rights_cell_column
from gis.tables import REFUSES, metadata, one_of


class Item(StrEnum):
    """What is asked for, in the order of preference of those that give rooms."""

    TRANSFER = "transfer"
    """调剂: vacant rooms of the stock."""
    EXCHANGE = "exchange"
    """置换: rooms for others given up."""
    LEASE = "lease"
    """租用: rooms leased in."""
    CONSTRUCT = "construct"
    """建设: new, extended, rebuilt or bought."""
    REPAIR = "repair"
    """大中修."""
    LEADER_OFFICE = "leader_office"
    """领导干部办公用房配置."""


class State(StrEnum):
    """Where a request stands."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    CHECKED = "checked"
    REVIEWED = "reviewed"
    FUNDED = "funded"
    RETURNED = "returned"
    APPROVED = "approved"
    DONE = "done"
    REJECTED = "rejected"
    DROPPED = "dropped"
    """Given up by who asked."""


class Part(StrEnum):
    """What a place is to a request."""

    SUBJECT = "subject"
    """It is about it: the building to be repaired, the leader's office."""
    CANDIDATE = "candidate"
    """A vacant room that would do."""
    LEFT = "left"
    """A room that the body has and gives back for what it gets."""


class OldRooms(StrEnum):
    """What becomes of the rooms a body has when it gets others."""

    KEPT = "kept"
    """Nothing: the new ones come on top."""
    SOME = "some"
    """Those that are named are given back."""
    ALL = "all"
    """It moves: what it had before it asked is given back, as far as it has it still."""


class Answer(StrEnum):
    """What became of a room that would do."""

    TAKEN = "taken"
    REFUSED = "refused"


class ReturnKind(StrEnum):
    """Why rooms are given back, which says until when."""

    LEFT = "left"
    """Transferred to another body, or retired."""
    SECOND_POST = "second_post"
    """Holds the second post no more."""
    MOVED = "moved"
    """Moved into new premises."""
    DECISION = "decision"
    """By decision, until the day it names."""


class ReturnState(StrEnum):
    """Where the return of a room stands."""

    OPEN = "open"
    RETURNED = "returned"
    DROPPED = "dropped"


SCHEMA: Final = "requests"


def _request_id() -> Column[int]:
    return Column(
        "request_id", BigInteger, ForeignKey("requests.request.request_id"), nullable=False
    )


request = Table(
    "request",
    metadata,
    Column("request_id", BigInteger, Identity(), primary_key=True),
    Column("number", Text, unique=True, comment="文号 of its own, given when first handed in"),
    Column("item", Text, nullable=False),
    Column("first_item", Text, comment="What was asked for before it became a transfer"),
    body_column(nullable=False),
    *case_columns("draft"),
    Column("reason", Text, nullable=False),
    Column("needed_m2", Numeric(14, 2), comment="Usable area asked for; null: not of this item"),
    Column("posts", JSONB, comment="People to be placed, by term of list rank"),
    Column("rank_code", Text, comment="Term of list rank: of the leader whose office it is"),
    Column("old_rooms", Text, comment="What becomes of the rooms it has; null: nobody said"),
    Column("from_on", Date, comment="From when it is needed"),
    Column("due_on", Date, comment="Last day to decide; null: none was stated"),
    Column(
        "admin_area_code",
        Text,
        ForeignKey("place.admin_area.code", onupdate="CASCADE"),
        comment="Where it is wanted; null: anywhere",
    ),
    Column("longitude", Double(), comment="EPSG:4490, of the point to be near; null: none"),
    Column("latitude", Double()),
    Column("radius_m", Integer),
    Column("amount_yuan", Numeric(16, 2), comment="Yearly rent, estimate or price asked for"),
    Column("budget_yuan", Numeric(16, 2), comment="What finance provides"),
    Column("budget_document", Text, comment="文号 of finance's answer"),
    Column("project_name", Text, comment="Of a building project or repair"),
    Column("project_address", Text),
    Column("other_ways_reason", Text, comment="Why neither exchange nor lease will do"),
    Column("other_ways_document", Text),
    Column("classified_document", Text, comment="文号 by which it must be built; null: open"),
    Column("checked_on", Date, comment="Day of the stock that was looked through"),
    Column("checked_at", DateTime(timezone=True)),
    account_column("checked_by"),
    Column("decision_document", Text, comment="文号 of the decision"),
    Column(
        "given_edit_ids",
        ARRAY(BigInteger),
        comment="Edits that gave its rooms out, one a room; null: none, or they were taken back",
    ),
    made_at_column(),
    account_column("made_by"),
    Column(
        "bureau_cell",
        Integer,
        ForeignKey("rights.cell.cell"),
        nullable=False,
        index=True,
        comment="Over this the bureau's parts in it are held",
    ),
    own_cell_column(),
    CheckConstraint(one_of("item", Item), name="item"),
    CheckConstraint(one_of("first_item", Item), name="first_item"),
    CheckConstraint(one_of("state", State), name="state"),
    CheckConstraint(one_of("old_rooms", OldRooms), name="old_rooms"),
    CheckConstraint("needed_m2 > 0", name="needed"),
    CheckConstraint("amount_yuan >= 0 AND budget_yuan >= 0", name="amounts"),
    CheckConstraint(
        "(longitude IS NULL) = (latitude IS NULL) AND (longitude IS NULL) = (radius_m IS NULL)",
        name="near",
    ),
    Index("ix_request_organization_id", "organization_id"),
    # When an edit is taken back, the request that it gave rooms to is looked for.
    Index(
        "ix_request_given_edit_ids",
        "given_edit_ids",
        postgresql_using="gin",
        postgresql_where=text("given_edit_ids IS NOT NULL"),
    ),
    schema=SCHEMA,
    comment="What a body asks for: one of the six items that are approved",
)

request_place = Table(
    "request_place",
    metadata,
    Column("request_place_id", BigInteger, Identity(), primary_key=True),
    _request_id(),
    Column("place_id", BigInteger, comment="Null: the place is gone; what was said of it stays"),
    Column("part", Text, nullable=False),
    Column("place_title", Text, nullable=False, comment="As it was called then"),
    Column("area_m2", Numeric(14, 2), comment="Usable then; null: not known"),
    Column("distance_m", Integer, comment="From the point to be near; null: there was none"),
    Column("vacant_since", Date, comment="Null: not known"),
    Column("answer", Text, comment="Null: nobody has answered for it yet"),
    Column("answer_reason", Text),
    Column("answered_at", DateTime(timezone=True)),
    account_column("answered_by"),
    rights_cell_column(),
    place_link(name="request_place", ondelete="SET NULL (place_id)"),
    CheckConstraint(one_of("part", Part), name="part"),
    CheckConstraint(one_of("answer", Answer), name="answer"),
    CheckConstraint("answer <> 'refused' OR answer_reason IS NOT NULL", name="refused"),
    # A request is read as a whole, and has each place once in each part.
    Index("uq_request_place_part", "request_id", "part", "place_id", unique=True),
    # A place that goes is looked for here.
    Index("ix_request_place_place_id", "place_id"),
    schema=SCHEMA,
    comment="A place a request is about, or a vacant room that would do, as it stood when checked",
)

document = Table(
    "document",
    metadata,
    Column("document_id", BigInteger, Identity(), primary_key=True),
    _request_id(),
    Column("kind", Text, nullable=False, comment="Of the rows of the country pack"),
    Column("reference", Text, nullable=False, comment="文号, or how it is found"),
    made_at_column(),
    account_column(),
    own_cell_column(),
    Index("uq_document_kind", "request_id", "kind", unique=True),
    CheckConstraint("length(reference) <= 200", name="reference"),
    schema=SCHEMA,
    comment="A document that a request rests on",
)

room_return = Table(
    "room_return",
    metadata,
    Column("room_return_id", BigInteger, Identity(), primary_key=True),
    Column("place_id", BigInteger, comment="Null: the room is gone"),
    Column("place_title", Text, nullable=False, comment="As it was called then"),
    body_column(nullable=False, comment="Who gives it back"),
    Column("kind", Text, nullable=False),
    Column("began_on", Date, nullable=False, comment="Day of leaving, moving or deciding"),
    Column("due_on", Date, nullable=False, comment="Last day to give it back"),
    Column("rule_source", Text, comment="The document and clause that the day comes from"),
    Column("reason", Text, nullable=False),
    Column("document", Text, comment="文号 of what it rests on"),
    Column(
        "request_id",
        BigInteger,
        ForeignKey("requests.request.request_id", ondelete="SET NULL"),
        comment="That gave the body other rooms; null: none",
    ),
    Column("returned_on", Date, comment="First day that nobody had it; null: not yet"),
    *case_columns("open"),
    made_at_column(),
    account_column("made_by"),
    rights_cell_column(),
    place_link(name="room_return", ondelete="SET NULL (place_id)"),
    CheckConstraint(one_of("kind", ReturnKind), name="kind"),
    CheckConstraint(one_of("state", ReturnState), name="state"),
    CheckConstraint("due_on >= began_on", name="dates"),
    CheckConstraint("returned_on IS NULL OR state = 'returned'", name="returned"),
    Index("ix_room_return_organization_id", "organization_id"),
    Index("ix_room_return_place_id", "place_id"),
    Index("ix_room_return_request_id", "request_id"),
    # A room is asked back once at a time.
    Index(
        "uq_room_return_open",
        "place_id",
        unique=True,
        postgresql_where=text("state = 'open' AND place_id IS NOT NULL"),
    ),
    schema=SCHEMA,
    info={REFUSES: {"uq_room_return_open": "requests.asked_back"}},
    comment="A room that somebody has to give back until a day",
)
