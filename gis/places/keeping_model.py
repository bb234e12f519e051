"""Tables of who wins: values that no load overwrites, and which of two files is believed."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
    Identity,
    Table,
    Text,
    UniqueConstraint,
    func,
    text,
)

from gis.columns import date_columns
from gis.places.model import place_link
from gis.rights.model import rights_cell_column
from gis.tables import metadata, one_at_a_time

protected_value = Table(
    "protected_value",
    metadata,
    Column("protected_value_id", BigInteger, Identity(), primary_key=True),
    Column("place_id", BigInteger, nullable=False),
    Column("field", Text, nullable=False, comment="Column of the place or its kind; `area.<kind>`"),
    Column("reason", Text),
    Column("account_id", BigInteger, ForeignKey("rights.account.account_id"), nullable=False),
    Column("protected_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    rights_cell_column(),
    place_link(name="protected_value"),
    UniqueConstraint("place_id", "field", name="uq_protected_value_place_id_field"),
    schema="place",
    comment="Values that stand as a person left them, whatever a file says",
)

column_precedence = Table(
    "column_precedence",
    metadata,
    Column("column_precedence_id", BigInteger, Identity(), primary_key=True),
    Column(
        "source",
        Text,
        nullable=False,
        comment="Kind of sheet or saved profile; `*` is every one without its own",
    ),
    Column("field", Text, nullable=False, comment="Column of the place or of its kind"),
    Column("winner", Text, nullable=False, comment="new: what the file says; known: what stands"),
    *date_columns(),
    Column("rule_source", Text, comment="Document and clause it comes from"),
    Column("is_verified", Boolean, nullable=False, server_default=text("false")),
    CheckConstraint("winner IN ('new', 'known')", name="winner"),
    CheckConstraint("valid_from < valid_to", name="dates"),
    one_at_a_time("ex_column_precedence_one_at_a_time", "source", "field"),
    schema="place",
    comment="Who wins where a file and the register differ, by column, on which days",
)
