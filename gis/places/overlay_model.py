"""Tables of what lies over places: zones, and which of them are stubs by which decision."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Index,
    Numeric,
    Table,
    Text,
)

from gis.columns import date_columns
from gis.places.model import STAYS_WITH_STUBS, place_id_column, place_link
from gis.rights.model import rights_cell_column
from gis.tables import metadata

zone = Table(
    "zone",
    metadata,
    place_id_column(),
    Column("zone_type", Text, comment="Term of list zone_type: 防火分区, 物业片区 …"),
    rights_cell_column(),
    place_link(name="zone"),
    schema="place",
    comment="片区: an overlay with a polygon of its own; never a parent",
)

zone_member = Table(
    "zone_member",
    metadata,
    Column("zone_id", BigInteger, ForeignKey("place.place.place_id"), primary_key=True),
    Column("place_id", BigInteger, ForeignKey("place.place.place_id"), primary_key=True),
    Column("share", Numeric(9, 6), comment="Part of the place, 0 to 1"),
    Column("area_m2", Numeric(14, 2), comment="How much of the place; both null: all of it"),
    *date_columns(),
    CheckConstraint("share > 0 AND share <= 1", name="share"),
    CheckConstraint("area_m2 > 0", name="area_m2"),
    CheckConstraint("share IS NULL OR area_m2 IS NULL", name="share_or_area"),
    CheckConstraint("zone_id <> place_id", name="not_itself"),
    # The card of a room lists the zones over it.
    Index("ix_zone_member_place_id", "place_id"),
    schema="place",
    comment="Which places a zone covers, in whole or in part",
)

secrecy = Table(
    "secrecy",
    metadata,
    place_id_column(),
    Column("decision", Text, comment="Document it rests on; null: a census said so"),
    Column("marked_on", Date, nullable=False),
    rights_cell_column(),
    place_link(name="secrecy"),
    schema="place",
    info={STAYS_WITH_STUBS: True},
    comment="Which places were made stubs of state secrets, and by which decision",
)
