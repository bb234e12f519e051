"""Tables of what only one kind of place has; their rows follow the rights of the place."""

from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    ForeignKey,
    Integer,
    Numeric,
    SmallInteger,
    Table,
    Text,
)

from gis.places.model import place_id_column, place_link
from gis.rights.model import rights_cell_column
from gis.tables import metadata


def _kind_table(name: str, *columns: Column[Any], comment: str) -> Table:
    """A table of what only one kind of place has; its rows follow the place's rights."""
    return Table(
        name,
        metadata,
        place_id_column(),
        *columns,
        rights_cell_column(),
        place_link(name=name),
        schema="place",
        comment=comment,
    )


def _stated_of_property() -> tuple[Column[Any], ...]:
    """What a ledger says of a property, be it a site or one building."""
    return (
        Column("structure", Text, comment="Term of list structure: 钢混, 砖混 …"),
        Column("floors_above", SmallInteger),
        Column("floors_below", SmallInteger),
        Column("building_count", Integer, comment="As stated; the buildings themselves are places"),
        Column("room_count", Integer, comment="As stated; the rooms themselves are places"),
        Column("purpose", Text, comment="用途, as written"),
        Column("land_right", Text, comment="Term of list land_right, as a ledger states it"),
        Column("land_use", Text, comment="地类, as a ledger states it"),
    )


parcel = _kind_table(
    "parcel",
    Column("land_right", Text, comment="Term of list land_right: 划拨, 出让 …"),
    Column("land_use", Text),
    Column("right_starts_on", Date, comment="土地使用起始日期"),
    Column("right_ends_on", Date, comment="土地使用终止日期"),
    comment="宗地",
)
site = _kind_table(
    "site",
    Column("ownership_status", Text, comment="Term of list ownership_status"),
    Column("is_leased_in", Boolean, comment="Null: not stated"),
    Column("is_centrally_managed", Boolean, comment="集中管理; null: not stated"),
    Column("year_built", SmallInteger, comment="As stated for the whole property"),
    Column("book_value_yuan", Numeric(18, 2), comment="原值, as the register's own ledger states"),
    Column("population", Text, comment="Term of list estate_population: which census reports it"),
    *_stated_of_property(),
    comment="院落: a property as the census counts it",
)
site_parcel = Table(
    "site_parcel",
    metadata,
    Column("site_id", BigInteger, ForeignKey("place.place.place_id"), primary_key=True),
    Column("parcel_id", BigInteger, ForeignKey("place.place.place_id"), primary_key=True),
    schema="place",
    comment="Which parcels a site stands on",
)
building = _kind_table(
    "building",
    Column("ownership_status", Text, comment="Term of list ownership_status"),
    Column("is_leased_in", Boolean),
    Column("is_centrally_managed", Boolean),
    Column("year_built", SmallInteger),
    Column("book_value_yuan", Numeric(18, 2), comment="原值, as the register's own ledger states"),
    *_stated_of_property(),
    Column("height_m", Numeric(7, 2)),
    Column("housing_unit_count", Integer, comment="As stated; the units themselves are places"),
    Column("population", Text, comment="Term of list estate_population, for one without a site"),
    comment="楼栋",
)
structure = _kind_table(
    "structure",
    Column("use", Text, comment="用途, as written: 围墙, 水塔, 水池 …"),
    Column("ownership_status", Text, comment="Term of list ownership_status"),
    Column("structure", Text, comment="Term of list structure: 钢混, 砖混 …"),
    Column("year_built", SmallInteger),
    Column("height_m", Numeric(7, 2)),
    Column("length_m", Numeric(9, 2), comment="Of a wall, a fence, a pipe"),
    Column("book_value_yuan", Numeric(18, 2), comment="原值, as the register's own ledger states"),
    comment="构筑物: built, yet no building",
)
section = _kind_table(
    "section",
    Column("label", Text),
    Column("floors_above", SmallInteger),
    Column("unit_count", Integer, comment="As stated; the units themselves are places"),
    comment="单元, 裙楼: a part of a building",
)
floor = _kind_table(
    "floor",
    Column("level", SmallInteger, nullable=False, comment="Signed: -1 is the first basement"),
    Column("label", Text),
    comment="楼层",
)
room = _kind_table(
    "room",
    Column("number", Text),
    Column("room_class", Text, comment="Term of list room_class: 办公室, 服务用房 …"),
    Column("room_use", Text, comment="Term of list room_use: 会议室, 档案室 …"),
    Column("floor_level", SmallInteger, comment="As stated; its floor is its parent, where known"),
    Column("floor_label", Text, comment="As stated; its floor is its parent, where known"),
    Column("post_name", Text, comment="职务 that it serves, as written"),
    Column("post_rank", Text, comment="职级 that it serves, as written"),
    Column("is_shared", Boolean, comment="Whether several use it; null: not stated"),
    comment="房间",
)
housing_unit = _kind_table(
    "housing_unit",
    Column("number", Text),
    Column("floor_level", SmallInteger),
    Column("tenure", Text, comment="Term of list housing_tenure"),
    Column("layout", Text),
    Column("estate_name", Text, comment="小区, as written"),
    Column("building_label", Text, comment="幢号, as written"),
    Column("section_label", Text, comment="单元, as written"),
    Column("structure", Text, comment="Term of list structure, as its ledger states it"),
    Column("year_built", SmallInteger, comment="As its ledger states it"),
    comment="公有住房的一套",
)
metering_point = _kind_table(
    "metering_point",
    Column("carrier", Text, comment="Term of list energy_carrier: electricity, water, gas, heat"),
    Column("meter_number", Text),
    Column("is_main", Boolean, comment="Main meter, as against a sub-meter"),
    Column("parent_number", Text, comment="上级计量点编号, as written"),
    Column("account_number", Text, comment="户号 with the supplier"),
    Column("energy_use", Text, comment="用能分项, as written"),
    Column("reading_unit", Text, comment="Unit of its readings, as written"),
    Column("multiplier", Numeric(12, 4), comment="倍率: readings times this are the use"),
    Column("installed_on", Date),
    comment="计量点",
)
