"""Tables that places refer to: vocabularies, administrative areas, kinds and what hangs in what."""

from geoalchemy2 import Geometry
from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Index,
    SmallInteger,
    Table,
    Text,
    text,
)

from gis.columns import date_columns
from gis.crs import STORAGE_SRID
from gis.tables import metadata

term = Table(
    "term",
    metadata,
    Column("list", Text, primary_key=True, comment="Which vocabulary"),
    Column("term", Text, primary_key=True, comment="The code other tables hold"),
    Column("parent_term", Text),
    Column("title_zh", Text, nullable=False),
    Column("title_en", Text, nullable=False),
    Column("sort_order", SmallInteger, nullable=False, server_default=text("0")),
    Column("colour", Text, comment="How maps and charts draw it, #rrggbb"),
    Column("source", Text, comment="Document and clause it comes from"),
    Column("is_verified", Boolean, nullable=False, server_default=text("false")),
    *date_columns(),
    schema="place",
    comment="Controlled vocabularies of the country pack: ranks, uses, states, levels",
)

admin_area = Table(
    "admin_area",
    metadata,
    Column("code", Text, primary_key=True, comment="GB/T 2260 where there is one, else ours"),
    Column("name", Text, nullable=False),
    Column("level", Text, nullable=False, comment="province, city, district, town or village"),
    Column("kind", Text, nullable=False, server_default=text("'statutory'")),
    Column("parent_code", Text, ForeignKey("place.admin_area.code", onupdate="CASCADE")),
    Column(
        "statistics_code", Text, comment="Under which statutory code a functional area is counted"
    ),
    Column("geom", Geometry("MULTIPOLYGON", STORAGE_SRID, spatial_index=False)),
    Column(
        "is_indicative",
        Boolean,
        nullable=False,
        server_default=text("true"),
        comment="示意边界: not an official boundary; maps say so, reports do not cite it",
    ),
    Column("source", Text),
    *date_columns(),
    CheckConstraint("kind IN ('statutory', 'functional')", name="kind"),
    CheckConstraint("level IN ('province', 'city', 'district', 'town', 'village')", name="level"),
    # A place is tagged with the area its anchor lies in.
    Index("ix_admin_area_geom", "geom", postgresql_using="gist"),
    schema="place",
    comment="Administrative areas with their dates and boundaries",
)

admin_area_succession = Table(
    "admin_area_succession",
    metadata,
    Column(
        "from_code", Text, ForeignKey("place.admin_area.code", onupdate="CASCADE"), primary_key=True
    ),
    Column(
        "to_code", Text, ForeignKey("place.admin_area.code", onupdate="CASCADE"), primary_key=True
    ),
    Column("happened_on", Date, nullable=False),
    CheckConstraint("from_code <> to_code", name="not_itself"),
    # Rights on a new area reach what is still kept under the one it took over.
    Index("ix_admin_area_succession_to_code", "to_code"),
    schema="place",
    comment="Which area took over from which, when",
)

kind = Table(
    "kind",
    metadata,
    Column("kind", Text, primary_key=True),
    Column("is_estate", Boolean, nullable=False, comment="Whether areas of this kind are estate"),
    schema="place",
    info={"history": False},
    comment="Kinds of place; a domain that brings a kind adds a row",
)

allowed_parent = Table(
    "allowed_parent",
    metadata,
    Column("kind", Text, ForeignKey("place.kind.kind"), primary_key=True),
    Column("parent_kind", Text, ForeignKey("place.kind.kind"), primary_key=True),
    schema="place",
    info={"history": False},
    comment="What may hang in what",
)
