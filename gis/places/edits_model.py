"""The table of what people changed in a place by hand: why, on what document, from which day."""

from enum import StrEnum

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Date,
    Identity,
    Index,
    Table,
    Text,
    text,
)

from gis.columns import account_column, made_at_column
from gis.places.model import place_link
from gis.rights.model import rights_cell_column
from gis.tables import metadata, one_of


class EditKind(StrEnum):
    """What a person did to a place."""

    CORRECTED = "corrected"
    """Its values."""
    REDRAWN = "redrawn"
    """Its shape or where it lies."""
    CREATED = "created"
    CLOSED = "closed"
    REOPENED = "reopened"
    HOLDING = "holding"
    """Who has it."""
    SPLIT = "split"
    """It went, and several came in its place."""
    MERGED = "merged"
    """It went with others, and one came in their place."""
    MEASURED = "measured"
    """An area of it was stated."""
    MOVED = "moved"
    """It hangs in another place."""
    CARD = "card"
    """A card of the finance system was linked to it by hand, or taken off it."""
    UNDONE = "undone"
    """An earlier edit was taken back."""


edit = Table(
    "edit",
    metadata,
    Column("edit_id", BigInteger, Identity(), primary_key=True),
    Column("place_id", BigInteger, nullable=False),
    Column("kind", Text, nullable=False),
    Column("reason", Text, nullable=False, comment="In the words of who did it"),
    Column("document", Text, comment="文号 of what it rests on; null: none stated"),
    Column("effective_on", Date, comment="First day it is true; null: it corrects what stood"),
    Column(
        "transaction_id",
        BigInteger,
        nullable=False,
        server_default=text("pg_current_xact_id()::text::bigint"),
        comment="By which the lines of history it left are known, together with made_at",
    ),
    Column(
        "undoes_edit_id",
        BigInteger,
        unique=True,
        comment="The edit of the same place that this one took back",
    ),
    account_column(nullable=False),
    made_at_column(),
    rights_cell_column(),
    place_link(name="edit"),
    CheckConstraint(one_of("kind", EditKind), name="kind"),
    CheckConstraint("(kind = 'undone') = (undoes_edit_id IS NOT NULL)", name="undoes"),
    # The card and the form read the edits of a place, newest first.
    Index("ix_edit_place_id", "place_id", "edit_id"),
    schema="place",
    comment="What people changed in a place by hand: why and on what document",
)
