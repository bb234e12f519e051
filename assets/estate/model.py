"""Tables of the estate: holdings, the dated truth about who has what, and building projects.

A holding is a period over a place; its parties share it. A holding of a whole place expands to
leaf places, where one exclusion constraint holds across all domains and levels: letting floor 3
blocks room 301. A holding of an unspecified part (what a census says of a shared courtyard) is
true as stated but claims no room, so it expands to nothing.
"""

from enum import StrEnum

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
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import DATERANGE, JSONB, ExcludeConstraint

from gis.columns import body_column, date_columns
from gis.drawings import drawn_table
from gis.places.model import FORGOTTEN_BY, place_link
from gis.rights.model import rights_cell_column
from gis.squares import sum_table
from gis.tables import REFUSES, metadata, one_of


class HoldingKind(StrEnum):
    OWNS = "owns"
    MANAGES = "manages"
    OCCUPIES = "occupies"
    LETS_OUT = "lets_out"
    LEASES_IN = "leases_in"
    LENDS = "lends"
    RESERVES = "reserves"


class Extent(StrEnum):
    WHOLE = "whole"
    """All of the place: nobody else can have it in the same exclusive group."""
    PART = "part"
    """Some of it, which part is not stated: no exclusion, no leaves."""


class FoundBy(StrEnum):
    """How the place of a finance system's card was found, surest first."""

    NUMBER = "number"
    CERTIFICATE = "certificate"
    ADDRESS_AND_NAME = "address_and_name"
    ADDRESS = "address"
    HAND = "hand"
    """A person said so; also that it is of no place that could be found."""


holding_kind = Table(
    "holding_kind",
    metadata,
    Column("kind", Text, primary_key=True),
    Column(
        "exclusive_group",
        Text,
        comment="Kinds of one group exclude each other on a leaf; null: no exclusion",
    ),
    schema="estate",
    info={"history": False},
    comment="Kinds of holding and which exclude each other",
)

holding = Table(
    "holding",
    metadata,
    Column("holding_id", BigInteger, Identity(), primary_key=True),
    Column("place_id", BigInteger, nullable=False),
    Column("kind", Text, ForeignKey("estate.holding_kind.kind"), nullable=False),
    Column("extent", Text, nullable=False),
    *date_columns(),
    Column("stated_on", Date, comment="The day its source states it for; null: not said"),
    Column("area_m2", Numeric(14, 2), comment="How much of the place; null: not stated"),
    Column("decision", Text, comment="Document or minutes it rests on"),
    Column("source", Text, nullable=False, comment="Term of list holding_source"),
    Column("load_id", BigInteger, ForeignKey("staging.load.load_id")),
    rights_cell_column(),
    place_link(name="holding"),
    CheckConstraint(one_of("extent", Extent), name="extent"),
    CheckConstraint("valid_from < valid_to", name="dates"),
    # Whoever shares it is shown to whom it is.
    UniqueConstraint("holding_id", "rights_cell", name="uq_holding_holding_id_rights_cell"),
    # The card and area questions read the holdings of a place.
    Index("ix_holding_place_id", "place_id"),
    schema="estate",
    comment="Who has what, since when: a period over a place",
)

holding_party = Table(
    "holding_party",
    metadata,
    Column("holding_id", BigInteger, primary_key=True),
    body_column("holder_id", primary_key=True),
    Column("share", Numeric(9, 6), comment="Null on every party of a holding: shares not stated"),
    rights_cell_column(),
    # A place that changes its cell takes its holdings along, and they those who share them.
    ForeignKeyConstraint(
        ["holding_id", "rights_cell"],
        ["estate.holding.holding_id", "estate.holding.rights_cell"],
        name="fk_holding_party_holding",
        onupdate="CASCADE",
    ),
    CheckConstraint("share > 0 AND share <= 1", name="share"),
    # What does an agency hold?
    Index("ix_holding_party_holder_id", "holder_id"),
    schema="estate",
    info={REFUSES: {"ck_holding_party_sum": "estate.shares_do_not_sum_now"}},
    comment="Who shares a holding; stated shares are stated of all and sum to 1",
)

sharer = Table(
    "sharer",
    metadata,
    Column("sharer_id", BigInteger, Identity(), primary_key=True),
    Column("holding_id", BigInteger, nullable=False),
    Column("holder_id", BigInteger, nullable=False),
    Column(
        "post_id",
        BigInteger,
        ForeignKey("organization.post.post_id"),
        comment="The post whose office it is; null: people without a post of their own",
    ),
    Column("rank_code", Text, comment="Term of list rank; null: not stated"),
    Column("heads", Integer, nullable=False, comment="How many people"),
    Column("share", Numeric(9, 6), nullable=False, comment="Part of the whole room"),
    Column(
        "approval_document", Text, comment="批准文号 of a second office of one person; null: none"
    ),
    rights_cell_column(),
    ForeignKeyConstraint(
        ["holding_id", "rights_cell"],
        ["estate.holding.holding_id", "estate.holding.rights_cell"],
        name="fk_sharer_holding",
        onupdate="CASCADE",
    ),
    # Whoever no longer has a part of the room has nobody in it.
    ForeignKeyConstraint(
        ["holding_id", "holder_id"],
        ["estate.holding_party.holding_id", "estate.holding_party.holder_id"],
        name="fk_sharer_party",
        ondelete="CASCADE",
    ),
    CheckConstraint("heads > 0", name="heads"),
    CheckConstraint("post_id IS NULL OR heads = 1", name="post"),
    CheckConstraint("share > 0 AND share <= 1", name="share"),
    # Who sits in the room; and no post twice.
    Index(
        "uq_sharer_post",
        "holding_id",
        "post_id",
        unique=True,
        postgresql_where=text("post_id IS NOT NULL"),
    ),
    Index("ix_sharer_holding_id", "holding_id", "holder_id"),
    # Which offices has a post?
    Index("ix_sharer_post_id", "post_id"),
    schema="estate",
    info={REFUSES: {"ck_sharer_sum": "estate.sharers_do_not_sum_now"}},
    comment="Who of a body sits in a room it has: posts, or so many people of a rank, each with"
    " their part; those of a body sum to its share",
)

holding_leaf = Table(
    "holding_leaf",
    metadata,
    Column(
        "holding_id",
        BigInteger,
        # Also leaves that whoever takes the holding back may not see.
        ForeignKey("estate.holding.holding_id", ondelete="CASCADE"),
        primary_key=True,
    ),
    Column("place_id", BigInteger, primary_key=True, comment="A leaf under the holding's place"),
    Column("exclusive_group", Text, nullable=False),
    Column("during", DATERANGE, nullable=False),
    rights_cell_column(),
    place_link(name="holding_leaf"),
    # The rule itself: one use of a leaf at a time, whichever domain and level it came from.
    ExcludeConstraint(
        ("place_id", "="),
        ("exclusive_group", "="),
        ("during", "&&"),
        name="ex_holding_leaf_one_at_a_time",
        using="gist",
        deferrable=True,
    ),
    schema="estate",
    info={
        "history": False,
        REFUSES: {"ex_holding_leaf_one_at_a_time": "estate.already_held"},
    },
    comment="Derived: exclusive holdings spread to the leaves they cover",
)

construction_project = Table(
    "construction_project",
    metadata,
    Column("project_id", BigInteger, Identity(), primary_key=True),
    Column("code", Text, nullable=False, unique=True, comment="Ours"),
    Column("name", Text, nullable=False),
    Column("approving_body", Text, comment="审批部门; as written"),
    Column("builder_name", Text, comment="建设单位; as written"),
    body_column("builder_id", comment="The body of that name; null: not in the directory"),
    Column("user_name", Text, comment="主要使用单位; as written"),
    body_column("user_id", comment="The body of that name; null: not in the directory"),
    Column("address", Text),
    Column(
        "admin_area_code",
        Text,
        ForeignKey("place.admin_area.code", onupdate="CASCADE"),
        comment="District or city whose survey lists it; null: no file has said",
    ),
    Column("planned_area_m2", Numeric(14, 2), comment="建设规模; null: not stated"),
    Column("estimated_cost_yuan", Numeric(16, 2), comment="估算投资; null: not stated"),
    Column("remark", Text),
    Column("stated_on", Date, comment="The day it was first stated for; null: not said"),
    Column(
        "stated_days", JSONB, comment="Column to the day it stands for, where that is not stated_on"
    ),
    Column("load_id", BigInteger, ForeignKey("staging.load.load_id")),
    rights_cell_column(),
    # Loads match a project without a code by its name.
    Index("ix_construction_project_name", "name"),
    schema="estate",
    comment="Office buildings planned or being built (办公用房建设项目); not yet a place",
)

IS_CARD_OF_ESTATE = (
    "(CASE WHEN c.category_code ~ '^[0-9]+$' THEN c.category_code LIKE '1%'"
    " ELSE coalesce(c.category_name ~ '房|楼|土地|用地|院|构筑|(?<!数据)库|宿舍', false)"
    " OR c.area_m2 > 0 OR c.land_area_m2 > 0 END) IS TRUE"
)
"""SQL condition on a card `c`: it is one of land, a house or a structure, and of no movable."""

# A part may have the address of its site, or one certificate with it. What found an open place by
# more than the address may say the address of that place; by the certificate, that certificate.
_CARD_SAYS = (
    "concat_ws('|', t.name, t.remark,"
    " CASE WHEN t.found_by IS NULL OR t.found_by = 'address' OR NOT EXISTS ("
    "SELECT FROM place.place AS p WHERE p.place_id = t.place_id"
    " AND place.normalised(p.address) = place.normalised(t.address)) THEN t.address END,"
    " CASE WHEN t.found_by IS DISTINCT FROM 'certificate' THEN t.certificate_no END)"
)

asset_card = Table(
    "asset_card",
    metadata,
    Column("asset_card_id", BigInteger, Identity(), primary_key=True),
    Column("code", Text, nullable=False, unique=True, comment="Ours"),
    Column("number", Text, nullable=False, comment="卡片编号: that of the finance system"),
    Column("name", Text),
    Column("category_code", Text, comment="资产分类代码, of either edition; as written"),
    Column("category_name", Text),
    Column("address", Text),
    Column("unit_name", Text, comment="使用部门; as written"),
    body_column("unit_id", comment="The body of that name; null: not in the directory"),
    Column("quantity", Numeric(14, 2)),
    Column("area_m2", Numeric(14, 2), comment="Of a house, or of land where it is a card of land"),
    Column("land_area_m2", Numeric(14, 2)),
    Column("value_yuan", Numeric(16, 2), comment="账面原值"),
    Column("depreciation_yuan", Numeric(16, 2), comment="累计折旧"),
    Column("net_value_yuan", Numeric(16, 2), comment="净值"),
    Column("assessed_value_yuan", Numeric(16, 2)),
    Column("fiscal_funds_yuan", Numeric(16, 2)),
    Column("other_funds_yuan", Numeric(16, 2)),
    Column("use_status", Text, comment="Term of list use_status; null: not stated"),
    Column("certificate_no", Text, comment="权证号, as written"),
    Column("acquired_how", Text),
    Column("acquired_on", Date),
    Column("booked_on", Date),
    Column("account_title", Text),
    Column("voucher_no", Text),
    Column("remark", Text),
    Column(
        "admin_area_code",
        Text,
        ForeignKey("place.admin_area.code", onupdate="CASCADE"),
        comment="District or city of the file; null: no file has said",
    ),
    Column("stated_on", Date, comment="The day it was first stated for; null: not said"),
    Column(
        "stated_days", JSONB, comment="Column to the day it stands for, where that is not stated_on"
    ),
    Column("place_id", BigInteger, comment="What it is the card of; null: not found"),
    Column(
        "found_by",
        Text,
        comment="How that place was found; null: not found; hand without a place: taken off it",
    ),
    Column("load_id", BigInteger, ForeignKey("staging.load.load_id")),
    rights_cell_column(),
    # Of a place it is shown to whom that is, and goes where that becomes a secret.
    place_link(name="asset_card"),
    # Without a place nothing else says that its cell is in use.
    ForeignKeyConstraint(["rights_cell"], ["rights.cell.cell"], name="fk_asset_card_rights_cell"),
    Index("ix_asset_card_rights_cell", "rights_cell"),
    CheckConstraint("(place_id IS NULL) = (found_by IS NULL) OR found_by = 'hand'", name="found"),
    CheckConstraint(one_of("found_by", FoundBy), name="found_by"),
    # Loads find a card by its number; a place its cards.
    Index("ix_asset_card_number", "number"),
    Index("ix_asset_card_place_id", "place_id"),
    schema="estate",
    comment="Cards of the finance system (资产卡片): the other ledger, compared and never merged",
    info={FORGOTTEN_BY: ("t.number", _CARD_SAYS)},
)

drawn_property = drawn_table("estate", "property")
drawn_building = drawn_table("estate", "building")
drawn_section = drawn_table("estate", "section")
drawn_structure = drawn_table("estate", "structure")
drawn_floor = drawn_table("estate", "floor")
drawn_room = drawn_table("estate", "room")
drawn_parcel = drawn_table("estate", "parcel")
drawn_zone = drawn_table("estate", "zone")


def _count(name: str, comment: str | None = None) -> Column[int]:
    return Column(name, BigInteger, nullable=False, comment=comment)


place_sum = sum_table(
    "estate",
    "place_sum",
    Column("kind", Text, nullable=False),
    _count("place_count"),
    _count("idle_count"),
    _count("property_count"),
    _count("with_address", "Of the properties"),
    _count("with_shape", "Of the properties"),
    _count("titled_in_cell", "Properties with a registered title of the same cell"),
    _count("titled_in_group", "Properties with one of the same district and class"),
    comment="Derived: places by square, kind and district",
)
counted_sum = sum_table(
    "estate",
    "counted_sum",
    Column("area_kind", Text, nullable=False),
    _count("place_count", "Places with such an area"),
    Column("area_m2", Numeric, nullable=False, comment="Nets, of all places"),
    Column("room_area_m2", Numeric, nullable=False, comment="Of these, of rooms"),
    Column("idle_area_m2", Numeric, nullable=False, comment="Of these, of idle rooms"),
    _count("properties", "Properties with such an area"),
    comment="Derived: counted areas by square, kind and district",
)
built_sum = sum_table(
    "estate",
    "built_sum",
    Column("is_property", Boolean, nullable=False),
    Column("is_building", Boolean, nullable=False),
    Column("ownership_status", Text),
    Column("year_built", SmallInteger),
    _count("place_count"),
    _count("with_gross", "Of these, with a known gross area"),
    Column("gross_area_m2", Numeric, comment="Whole areas; null where none is known"),
    comment="Derived: properties and buildings by square, ownership and year",
)
counted_change = sum_table(
    "estate",
    "counted_change",
    Column("place_id", BigInteger, nullable=False),
    Column("area_kind", Text, nullable=False),
    _count("place_count", "1: counted only before the day; -1: only from it on; 0: both"),
    Column("area_m2", Numeric, nullable=False, comment="How much more it counted before the day"),
    Column("net_area_m2", Numeric, nullable=False, comment="Likewise, of its net"),
    comment="Derived: how single places counted otherwise before a day; none of today, no wholes",
)
square_holder = sum_table(
    "estate",
    "square_holder",
    Column("holder_id", BigInteger, nullable=False),
    _count("party_count", "How often"),
    comment="Derived: bodies that occupy something in a square",
)
title_elsewhere = sum_table(
    "estate",
    "title_elsewhere",
    Column("place_id", BigInteger, nullable=False),
    Column("is_in_group", Boolean, nullable=False),
    _count("place_count"),
    comment="Derived: properties that only titles of other cells cover, which not all may see",
)
