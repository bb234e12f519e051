"""Tables of places: the one map, what identifies a place, its areas, its titles.

Geometry is CGCS2000 (EPSG:4490) and may be null: a place nobody has located yet is still a place.
Dates are `valid_from` (first day) and `valid_to` (first day it no longer holds); null is open.
"""

from typing import Any, Final

from geoalchemy2 import Geometry
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
    Numeric,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from gis.columns import body_column, date_columns
from gis.crs import STORAGE_SRID
from gis.places.vocabulary import AreaSource, PlaceKind
from gis.rights.model import rights_cell_column
from gis.tables import REFUSES, metadata, one_at_a_time, one_of

FORGOTTEN_BY: Final = "forgotten_by"
"""`info` of a table with rows that may be of a place without pointing at it: SQL of the text of a
row `t` that equals a word a place is recognised by, and of the text that holds one."""
STAYS_WITH_STUBS: Final = "stays_with_stubs"
"""`info` of a table whose rows stay when their place turns out to be a state secret; rows of every
other table that point at the place, in any schema, are deleted and forgotten."""


def place_id_column(**kwargs: Any) -> Column[int]:
    """The key of a table that hangs one to one on a place."""
    return Column("place_id", BigInteger, primary_key=True, **kwargs)


def place_link(*, name: str, ondelete: str | None = None) -> ForeignKeyConstraint:
    """Ties a row to its place together with the place's rights cell, so both move as one."""
    return ForeignKeyConstraint(
        ["place_id", "rights_cell"],
        ["place.place.place_id", "place.place.rights_cell"],
        name=f"fk_{name}_place",
        onupdate="CASCADE",
        ondelete=ondelete,
    )


def _area_code(name: str = "admin_area_code") -> Column[str]:
    return Column(name, Text, ForeignKey("place.admin_area.code", onupdate="CASCADE"))


place = Table(
    "place",
    metadata,
    Column("place_id", BigInteger, Identity(), primary_key=True),
    Column(
        "uid",
        Uuid,
        nullable=False,
        unique=True,
        server_default=text("gen_random_uuid()"),
        comment="Stable across systems, for exchange",
    ),
    Column("kind", Text, ForeignKey("place.kind.kind"), nullable=False),
    Column("code", Text, nullable=False, unique=True, comment="Ours"),
    Column("name", Text),
    Column("parent_id", BigInteger),
    Column("parent_kind", Text, comment="Copy of the parent's kind: proves the pair is allowed"),
    _area_code(),
    _area_code("stated_admin_area_code"),
    Column("address", Text),
    Column("geom", Geometry("GEOMETRY", STORAGE_SRID, spatial_index=False)),
    Column(
        "anchor",
        Geometry("POINT", STORAGE_SRID, spatial_index=False),
        comment="Where the place counts: a point on its own surface, else its ancestor's",
    ),
    Column("located_by", Text, comment="own, ancestor, coordinates, address; null: not located"),
    Column("geom_source", Text),
    Column("geom_accuracy_m", Numeric(8, 2)),
    Column("use_status", Text, comment="Term of list use_status"),
    body_column("steward_id", comment="Who answers for the place; null: nobody yet"),
    Column(
        "security_class",
        SmallInteger,
        nullable=False,
        server_default=text("0"),
        comment="0 open, 1 internal, 2 sensitive, 3 state secret: a stub",
    ),
    rights_cell_column(),
    *date_columns(),
    Column(
        "stated_on",
        Date,
        comment="Day its values stand for, but those in stated_days; null: none was named",
    ),
    Column("load_id", BigInteger, ForeignKey("staging.load.load_id")),
    Column("remark", Text),
    UniqueConstraint("place_id", "kind", name="uq_place_place_id_kind"),
    UniqueConstraint("place_id", "rights_cell", name="uq_place_place_id_rights_cell"),
    ForeignKeyConstraint(
        ["parent_id", "parent_kind"],
        ["place.place.place_id", "place.place.kind"],
        name="fk_place_parent",
        deferrable=True,
    ),
    ForeignKeyConstraint(
        ["kind", "parent_kind"],
        ["place.allowed_parent.kind", "place.allowed_parent.parent_kind"],
        name="fk_place_allowed_parent",
    ),
    ForeignKeyConstraint(["rights_cell"], ["rights.cell.cell"], name="fk_place_rights_cell"),
    # A cell that is forgotten is looked for here, among millions.
    Index("ix_place_rights_cell", "rights_cell"),
    CheckConstraint("(parent_id IS NULL) = (parent_kind IS NULL)", name="parent"),
    CheckConstraint(
        "located_by IN ('own', 'ancestor', 'coordinates', 'address')", name="located_by"
    ),
    CheckConstraint("(anchor IS NULL) = (located_by IS NULL)", name="anchor"),
    CheckConstraint("security_class BETWEEN 0 AND 3", name="security_class"),
    # A state secret is a stub, whoever writes it: what it is, its district, its areas elsewhere.
    CheckConstraint(
        "security_class < 3 OR (name IS NULL AND address IS NULL AND geom IS NULL"
        " AND anchor IS NULL AND geom_source IS NULL AND geom_accuracy_m IS NULL"
        " AND use_status IS NULL AND steward_id IS NULL AND remark IS NULL)",
        name="stub",
    ),
    # The card lists children; loads and holdings walk the tree downwards.
    Index("ix_place_parent_id", "parent_id"),
    # Area questions find places by their anchor.
    Index("ix_place_anchor", "anchor", postgresql_using="gist"),
    # Beside every answer stands what nobody has located: few of very many.
    Index("ix_place_unlocated", "place_id", postgresql_where=text("anchor IS NULL")),
    # Tiles draw a place without a shape as a point.
    Index(
        "ix_place_anchor_unshaped",
        "anchor",
        postgresql_using="gist",
        postgresql_where=text("geom IS NULL"),
    ),
    # Loads match places without a code by district and address.
    Index("ix_place_address", "kind", "admin_area_code", "address"),
    schema="place",
    comment="Every place the state holds: one row, one map",
)

for _kind in (PlaceKind.SITE, PlaceKind.PARCEL, PlaceKind.ZONE):
    # Loads find which sites stand on which parcels. Tiles have tables of their own (gis.drawings).
    Index(
        f"ix_place_geom_{_kind.value}",
        place.c.geom,
        postgresql_using="gist",
        postgresql_where=place.c.kind == text(f"'{_kind.value}'"),
    )

place_version = Table(
    "place_version",
    metadata,
    Column("place_version_id", BigInteger, Identity(), primary_key=True),
    Column("place_id", BigInteger, nullable=False),
    Column("name", Text),
    Column("address", Text),
    Column("use_status", Text),
    body_column("steward_id"),
    Column("geom", Geometry("GEOMETRY", STORAGE_SRID, spatial_index=False)),
    Column("number", Text, comment="Of a room"),
    Column("room_class", Text, comment="Of a room: term of list room_class"),
    *date_columns(has_ended=True),
    rights_cell_column(),
    place_link(name="place_version"),
    # As-of reads look for the version in force on a day. Versions follow one another, so two that
    # end together would be one told twice; to exclude every overlap costs eight times the insert.
    Index("uq_place_version_end", "place_id", "valid_to", unique=True),
    schema="place",
    comment="What a place was before: name, address, use, steward, shape, of a room also its number"
    " and class; ended periods only",
)

stated_days = Table(
    "stated_days",
    metadata,
    place_id_column(),
    Column(
        "days",
        JSONB,
        nullable=False,
        comment="Column of the place or its kind to the day it stands for; `lets_out`, `lends`: the"
        " newest day for which a file said that nothing is let or lent; `end.` and a scheme: ends;"
        " `before.` and a column: the days for which it was stated earlier",
    ),
    rights_cell_column(),
    place_link(name="stated_days"),
    schema="place",
    comment="Days for which files stated columns of a place, where they are not place.stated_on",
)

former_parent = Table(
    "former_parent",
    metadata,
    Column("former_parent_id", BigInteger, Identity(), primary_key=True),
    Column("place_id", BigInteger, nullable=False),
    Column(
        "parent_id",
        BigInteger,
        ForeignKey("place.place.place_id"),
        comment="What it hung in; null: in nothing",
    ),
    *date_columns(has_ended=True),
    rights_cell_column(),
    place_link(name="former_parent"),
    # As-of reads look for the one of a day, as with versions.
    Index("uq_former_parent_end", "place_id", "valid_to", unique=True),
    schema="place",
    comment="What a place hung in before it was moved; ended periods only",
)

identifier = Table(
    "identifier",
    metadata,
    Column("identifier_id", BigInteger, Identity(), primary_key=True),
    Column("place_id", BigInteger, nullable=False),
    Column("scheme", Text, nullable=False, comment="Term of list identifier_scheme"),
    Column("value", Text, nullable=False),
    *date_columns(),
    rights_cell_column(),
    place_link(name="identifier"),
    CheckConstraint("valid_from < valid_to", name="dates"),
    # By number first: the index compares 100,000 texts in 40 seconds, and their digests in 4.
    one_at_a_time(
        "ex_identifier_one_place_at_a_time", text("hashtextextended(value, 0)"), "value", "scheme"
    ),
    # Loads match by foreign number.
    Index("ix_identifier_value", "scheme", "value", postgresql_where=text("valid_to IS NULL")),
    Index("ix_identifier_place_id", "place_id"),
    schema="place",
    info={REFUSES: {"ex_identifier_one_place_at_a_time": "place.identifier_taken"}},
    comment="Every foreign number of a place: unit codes, asset cards, source codes",
)

lineage = Table(
    "lineage",
    metadata,
    Column("from_place_id", BigInteger, ForeignKey("place.place.place_id"), primary_key=True),
    Column("to_place_id", BigInteger, ForeignKey("place.place.place_id"), primary_key=True),
    Column("kind", Text, nullable=False),
    Column("happened_on", Date, nullable=False),
    CheckConstraint("kind IN ('split', 'merged', 'rebuilt')", name="kind"),
    schema="place",
    comment="Which place became which: split, merged, rebuilt",
)

FOLDED_NUMBER: Final = (
    "translate(lower(regexp_replace(normalize({0}, NFKC), '\\s+', '', 'g')),"
    " '[]〔〕【】「」〈〉《》–—―‐−', '()()()()()()-----')"
)
"""SQL of a certificate number without spaces, in half width, with round brackets."""

title = Table(
    "title",
    metadata,
    Column("title_id", BigInteger, Identity(), primary_key=True),
    Column("number", Text, comment="Certificate number as written; null where there is none"),
    Column("state", Text, nullable=False, comment="Term of list title_state"),
    Column("kind", Text, nullable=False, comment="Term of list title_kind: 不动产权, 房产, 土地"),
    Column("owner_name", Text, comment="As the certificate says"),
    body_column("owner_id"),
    Column("issued_on", Date),
    *date_columns(),
    Column("stated_on", Date, comment="Newest day a file stated it for; null: none named a day"),
    rights_cell_column(),
    ForeignKeyConstraint(["rights_cell"], ["rights.cell.cell"], name="fk_title_rights_cell"),
    Index("ix_title_rights_cell", "rights_cell"),
    # Loads match by certificate number, however its brackets are written.
    Index("ix_title_number", text(FOLDED_NUMBER.format("number"))),
    schema="place",
    comment="Certificates, and the states of places that have none",
)

title_place = Table(
    "title_place",
    metadata,
    Column("title_id", BigInteger, ForeignKey("place.title.title_id"), primary_key=True),
    place_id_column(),
    Column("share_kind", Text, primary_key=True, server_default=text("'own'")),
    Column("area_m2", Numeric(14, 2)),
    rights_cell_column(),
    place_link(name="title_place"),
    CheckConstraint(
        "share_kind IN ('own', 'apportioned', 'land', 'underground')", name="share_kind"
    ),
    Index("ix_title_place_place_id", "place_id"),
    schema="place",
    comment="Which places a certificate covers, and how much of it is which share",
)

placement = Table(
    "placement",
    metadata,
    place_id_column(),
    Column("method", Text, nullable=False, comment="click: by hand; else what a candidate is of"),
    Column("reason", Text, comment="In the words of who put it there; null: none given"),
    Column("former_admin_area_code", Text, comment="District before, for taking it back"),
    rights_cell_column(),
    place_link(name="placement"),
    CheckConstraint(
        "method IN ('click', 'same_address', 'same_number', 'between_numbers', 'next_number',"
        " 'similar_address', 'same_name', 'parts')",
        name="method",
    ),
    schema="place",
    comment="Where a person put a place that no file locates: how, and why there",
)

area_measure = Table(
    "area_measure",
    metadata,
    Column("area_measure_id", BigInteger, Identity(), primary_key=True),
    Column("place_id", BigInteger, nullable=False),
    Column("area_kind", Text, nullable=False),
    Column("area_m2", Numeric(14, 2), nullable=False),
    Column("source", Text, nullable=False),
    Column("measured_on", Date, comment="The day it is true from; null: not stated"),
    rights_cell_column(),
    place_link(name="area_measure"),
    CheckConstraint("area_m2 >= 0", name="area_m2"),
    CheckConstraint(one_of("source", AreaSource), name="source"),
    # One figure per place, kind, source and day; reads take the newest of the best source.
    Index(
        "uq_area_measure_figure",
        "place_id",
        "area_kind",
        "source",
        "measured_on",
        unique=True,
        postgresql_nulls_not_distinct=True,
    ),
    schema="place",
    info={STAYS_WITH_STUBS: True},
    comment="Every area anybody measured: sources stand side by side, none overwrites another",
)

area_precedence = Table(
    "area_precedence",
    metadata,
    Column("area_precedence_id", BigInteger, Identity(), primary_key=True),
    Column("report", Text, nullable=False, comment="`*` is every report without its own rows"),
    Column("source", Text, nullable=False, comment="Who measured"),
    Column("rank", SmallInteger, nullable=False, comment="The lowest rank counts"),
    *date_columns(),
    Column("rule_source", Text, comment="Document and clause it comes from"),
    Column("is_verified", Boolean, nullable=False, server_default=text("false")),
    CheckConstraint(one_of("source", AreaSource), name="source"),
    CheckConstraint("valid_from < valid_to", name="dates"),
    one_at_a_time("ex_area_precedence_source", "report", "source"),
    one_at_a_time("ex_area_precedence_rank", "report", "rank"),
    schema="place",
    comment="Which source of an area counts, on which days, for which report",
)
