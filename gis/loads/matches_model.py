"""Tables of doubtful matches: rows that wait, the places they may mean, what people decided.

None of them points at places by a foreign key: a load that is taken back may take the place with
it, and what was asked and answered stays known.
"""

from enum import StrEnum
from typing import Final

from geoalchemy2 import Geometry
from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
    ForeignKeyConstraint,
    Identity,
    Index,
    Integer,
    Numeric,
    Table,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from gis.columns import account_column, made_at_column
from gis.crs import STORAGE_SRID
from gis.tables import metadata, one_of


class Choice(StrEnum):
    """What a person says of a doubtful row."""

    SAME = "same"
    """It means the place named with it."""
    NEW = "new"
    """It is a place of its own."""
    OUT = "out"
    """It stays out of the register."""


_QUESTION: Final = ("load_id", "sheet", "row_number")


def _of_question(name: str, *, ondelete: str | None = None) -> ForeignKeyConstraint:
    """Ties a row to the question it belongs to."""
    known = [f"staging.match_question.{column}" for column in _QUESTION]
    return ForeignKeyConstraint(_QUESTION, known, name=name, ondelete=ondelete)


match_question = Table(
    "match_question",
    metadata,
    Column("load_id", BigInteger, ForeignKey("staging.load.load_id"), primary_key=True),
    Column("sheet", Text, primary_key=True, comment="Sheet or layer; empty for a csv file"),
    Column("row_number", Integer, primary_key=True, comment="First row of the thing, from 1"),
    Column(
        "row_key",
        Text,
        nullable=False,
        comment="Of what identifies the row, whatever file and line it stands in",
    ),
    Column("contract", Text, nullable=False),
    Column("kind", Text, nullable=False, comment="Kind of place the row would become"),
    Column("rule", Text, nullable=False, comment="Why it waits; the key of its message"),
    Column("other_row", Integer, comment="Row of the same sheet that may be the same thing"),
    Column("name", Text),
    Column("address", Text),
    Column("holder", Text, comment="Who answers for it, as found in the directory"),
    Column("gross_area_m2", Numeric(14, 2)),
    Column("values", JSONB, nullable=False, comment="Field to value as read, without blanks"),
    Column("geom", Geometry("GEOMETRY", STORAGE_SRID, spatial_index=False)),
    # The page and the next load look a row up by what identifies it.
    Index("ix_match_question_row_key", "row_key"),
    schema="staging",
    info={"history": False},
    comment="Rows that wait because they may mean a place that is known",
)

match_candidate = Table(
    "match_candidate",
    metadata,
    Column("load_id", BigInteger, primary_key=True),
    Column("sheet", Text, primary_key=True),
    Column("row_number", Integer, primary_key=True),
    Column("place_id", BigInteger, primary_key=True, comment="May be gone: no foreign key"),
    Column("score", Numeric(4, 3), nullable=False, comment="0 to 1, of all clues together"),
    Column("address_score", Numeric(4, 3), comment="Null: one of the two has none"),
    Column("name_score", Numeric(4, 3), comment="Null: one of the two has none that tells"),
    Column("overlap_score", Numeric(4, 3), comment="Shared ground of all ground of both"),
    Column("area_score", Numeric(4, 3), comment="Smaller gross area of the larger one"),
    Column("distance_m", Numeric(12, 1), comment="Between anchors; null: one lies nowhere"),
    Column("is_same_holder", Boolean, comment="Null: one has none"),
    Column(
        "is_same_title", Boolean, comment="Both bear one certificate number; null: not compared"
    ),
    Column(
        "other_row_key", Text, comment="Row key of the row of the same sheet that means the place"
    ),
    _of_question("fk_match_candidate_question", ondelete="CASCADE"),
    CheckConstraint("score BETWEEN 0 AND 1", name="score"),
    schema="staging",
    info={"history": False},
    comment="Known places that a waiting row may mean, with what speaks for each",
)

match_decision = Table(
    "match_decision",
    metadata,
    Column("match_decision_id", BigInteger, Identity(always=True), primary_key=True),
    Column("row_key", Text, nullable=False),
    Column("choice", Text, nullable=False),
    Column("place_id", BigInteger, comment="Which place it is; null for the other choices"),
    Column(
        "other_row_key",
        Text,
        comment="The place is what this row of the same sheet means, whichever load made it",
    ),
    account_column(nullable=False),
    Column("load_id", BigInteger, nullable=False, comment="The load whose row was looked at"),
    Column("sheet", Text, nullable=False),
    Column("row_number", Integer, nullable=False),
    made_at_column("decided_at"),
    Column("withdrawn_at", DateTime(timezone=True), comment="Null: it holds"),
    Column(
        "applied_load_id",
        BigInteger,
        ForeignKey("staging.load.load_id"),
        comment="First load that brought the row by it; null: none yet",
    ),
    Column("made_place_id", BigInteger, comment="What a row decided to be new became"),
    CheckConstraint(one_of("choice", Choice), name="choice"),
    CheckConstraint("(choice = 'same') = (place_id IS NOT NULL)", name="same_names_a_place"),
    _of_question("fk_match_decision_question"),
    # Of two people who decide one row, the second is told of the first.
    Index(
        "uq_match_decision_holds",
        "row_key",
        unique=True,
        postgresql_where=text("withdrawn_at IS NULL"),
    ),
    schema="staging",
    info={"history": False},
    comment="What people decided of doubtful rows; honoured whenever such a row is loaded",
)
