"""Tables of office space."""

from enum import StrEnum
from typing import Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    Identity,
    Integer,
    Numeric,
    Table,
    Text,
    func,
    text,
)

from gis.columns import account_column, date_columns
from gis.rights.model import own_cell_column
from gis.squares import sum_table
from gis.tables import REFUSES, metadata, one_at_a_time, one_of


class StandardKind(StrEnum):
    """What a row of the standard says."""

    OFFICE_LIMIT = "office_limit"
    """办公室: m2 a person, by level of the body and rank (表3)."""
    SERVICE_RATE = "service_rate"
    """服务用房: m2 a person of the quota, by level; falls in a straight line between two counts
    (表4)."""
    EQUIPMENT_RATIO = "equipment_ratio"
    """设备用房: share of offices and service rooms together."""
    USABLE_RATIO = "usable_ratio"
    """使用面积系数 K: least usable share of gross area; by kind of building in place of rank."""
    CANTEEN_RATE = "canteen_rate"
    """食堂: gross m2 a person, less for those above a count."""
    GARAGE_RATE = "garage_rate"
    """汽车库: gross m2 a parking space, less for those above a count."""
    BICYCLE_RATE = "bicycle_rate"
    """自行车库: gross m2 each."""
    MOTORBIKE_RATE = "motorbike_rate"
    """电动车、摩托车库: gross m2 each."""
    GUARD_RATE = "guard_rate"
    """警卫用房: gross m2 a guard of the quota."""
    TOILET_LIMIT = "toilet_limit"
    """A toilet of one's own, within the limit of the office."""
    SECOND_RETURN = "second_return"
    """兼职办公用房腾退: months after the concurrent post ended."""
    LEAVE_RETURN = "leave_return"
    """调离、退休办公用房收回: months after the post was left."""
    MOVED_RETURN = "moved_return"
    """搬入新用房后移交原用房: months after the new rooms were given."""
    IDLE_TERM = "idle_term"
    """闲置收回: days that a room may stand idle."""
    REPAIR_INTERVAL = "repair_interval"
    """大中修间隔: years between two of one building; a hint."""
    TOLERANCE = "tolerance"
    """m2 above the entitlement that are not yet over it: a setting, not law."""


ONE_AT_A_TIME: Final = "ex_standard_one_at_a_time"

standard = Table(
    "standard",
    metadata,
    Column("standard_id", BigInteger, Identity(), primary_key=True),
    Column("kind", Text, nullable=False),
    Column("level_code", Text, comment="Term of list organization_level; null: of every level"),
    Column(
        "rank_code",
        Text,
        comment="Term of list rank, or of building_height; null: of every one",
    ),
    Column("from_count", Numeric(), comment="Up to how many people the value holds"),
    Column("to_count", Numeric(), comment="From how many on value_beyond holds"),
    Column("value", Numeric(), comment="m2, or a share; null: left open by the standard"),
    Column("value_beyond", Numeric()),
    Column("cap", Numeric(), comment="What value may not exceed; null: nothing said"),
    *date_columns(),
    Column("rule_source", Text, nullable=False, comment="The document"),
    Column("clause", Text, comment="Where in it"),
    Column("source_url", Text),
    Column("note", Text),
    Column(
        "is_confirmation",
        Boolean,
        nullable=False,
        server_default=text("false"),
        comment="Only says that the row of the country pack was compared with the document",
    ),
    Column("is_verified", Boolean, nullable=False, server_default=text("false")),
    account_column("compared_by", comment="Who compared it with the document"),
    Column("compared_on", Date),
    Column("version", Integer, nullable=False, server_default=text("1")),
    account_column("set_by", comment="Who wrote it as it stands"),
    Column("set_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    own_cell_column(),
    CheckConstraint(one_of("kind", StandardKind), name="kind"),
    CheckConstraint("valid_from < valid_to", name="dates"),
    CheckConstraint("value >= 0 AND value_beyond >= 0", name="values"),
    CheckConstraint("from_count < to_count", name="counts"),
    CheckConstraint(
        "is_verified OR (compared_by IS NULL AND compared_on IS NULL)", name="verified"
    ),
    one_at_a_time(
        ONE_AT_A_TIME, "kind", text("coalesce(level_code, '')"), text("coalesce(rank_code, '')")
    ),
    schema="space",
    info={"seen_by": "signed_in", REFUSES: {ONE_AT_A_TIME: "space.standards.overlaps_now"}},
    comment="The bureau's own rows of the standard of office space, before those of the pack",
)

room_sum = sum_table(
    "space",
    "room_sum",
    Column("room_class", Text, comment="Null: not stated"),
    Column("rooms", BigInteger, nullable=False),
    Column("vacant_rooms", BigInteger, nullable=False, comment="That nobody has"),
    Column("measured_rooms", BigInteger, nullable=False, comment="With a known usable area"),
    Column("area_m2", Numeric, nullable=False, comment="Usable"),
    Column("vacant_m2", Numeric, nullable=False, comment="Of this, of vacant rooms"),
    comment="Derived: rooms by square, class and whether nobody has them",
)
