"""Sheets of what is inside a property: floors, rooms, dwellings, meters, and lists of points."""

from dataclasses import replace
from typing import Final

from assets.domain import Column, ColumnContract, ColumnType, PlaceRule, Unkept
from assets.estate.contracts.columns import (
    ADDRESS,
    CODE,
    DIVISION,
    IDENTIFIERS,
    LINEAGE,
    NAME,
    PEOPLE,
    POINT_COLUMNS,
    REMARK,
    SECRECY,
    SEQUENCE,
    TITLES,
    area,
)

FLOOR: Final = ColumnContract(
    "floor",
    (
        CODE,
        Column("building_code", ColumnType.CODE, is_required=True),
        Column("floor_label", stores="kind.label"),
        Column("floor_level", ColumnType.INTEGER, is_required=True, stores="kind.level"),
        area("gross_area", "gross"),
        area("usable_area", "usable"),
        SECRECY,
        REMARK,
    ),
    key_fields=(("building_code",), ("floor_level", "floor_label")),
    unique_fields=("code",),
    place=PlaceRule(
        "floor",
        parent_fields=("building_code",),
        is_parent_required=True,
        area_source="survey",
        told_by=("floor_level",),
    ),
)


ROOM: Final = ColumnContract(
    "room",
    (
        Column("code", ColumnType.CODE),
        Column("room_no", ColumnType.CODE, stores="kind.number"),
        NAME,
        Column("building_code", ColumnType.CODE),
        Column("floor_code", ColumnType.CODE),
        Column("floor_label", stores="kind.floor_label"),
        Column("floor_level", ColumnType.INTEGER, stores="kind.floor_level"),
        Column("room_kind", ColumnType.ENUM, enum="room_class", stores="kind.room_class"),
        Column("room_use", ColumnType.ENUM, enum="room_use", stores="kind.room_use"),
        area("usable_area", "usable"),
        area("gross_area", "gross"),
        Column("unit_name", is_repeated=True),
        Column("credit_code", ColumnType.CODE, check="credit_code", is_repeated=True),
        Column("post_name", stores="kind.post_name", is_repeated=True),
        Column("post_rank", stores="kind.post_rank", is_repeated=True),
        Column("person_key", ColumnType.CODE, is_repeated=True),
        Column("is_shared", ColumnType.BOOLEAN, stores="kind.is_shared"),
        *(replace(one, is_repeated=True) for one in PEOPLE),
        Column("user_name", unkept=Unkept.PERSONAL, is_repeated=True),
        *(
            Column(name, unkept=Unkept.NO_HOME)
            for name in (
                "former_usable_area",
                "approved_area",
                "standard_area",
                "excess_area",
                "excess_share",
                "filing_state",
                "remedy",
            )
        ),
        Column("use_status", ColumnType.ENUM, enum="use_status", stores="place.use_status"),
        *LINEAGE,
        SECRECY,
        REMARK,
    ),
    key_fields=(("code", "room_no"), ("building_code", "floor_code")),
    unique_fields=("code",),
    place=PlaceRule(
        "room",
        parent_fields=("floor_code", "building_code"),
        is_parent_required=True,
        area_source="survey",
        holding_source="survey",
        occupancy_extent="whole",
        told_by=("room_no", "name"),
        told_within=("floor_level", "floor_label"),
        is_within_building=True,
        is_exclusive=True,
        people=("user_name", "keeper_name", "post_name", "post_rank", "person_key"),
    ),
)


SECTION: Final = ColumnContract(
    "section",
    (
        CODE,
        NAME,
        Column("building_code", ColumnType.CODE, is_required=True),
        Column("section_label", stores="kind.label"),
        Column("floors_above", ColumnType.INTEGER, stores="kind.floors_above"),
        Column("unit_count", ColumnType.INTEGER, stores="kind.unit_count"),
        area("gross_area", "gross"),
        SECRECY,
        REMARK,
    ),
    key_fields=(("building_code",), ("section_label",)),
    unique_fields=("code",),
    place=PlaceRule(
        "section",
        parent_fields=("building_code",),
        is_parent_required=True,
        area_source="survey",
        told_by=("section_label", "name"),
    ),
)


HOUSING_UNIT: Final = ColumnContract(
    "housing_unit",
    (
        CODE,
        Column("unit_no", ColumnType.CODE, stores="kind.number"),
        NAME,
        Column("building_code", ColumnType.CODE),
        Column("section_code", ColumnType.CODE),
        Column("section_label", stores="kind.section_label"),
        Column("floor_level", ColumnType.INTEGER, stores="kind.floor_level"),
        Column("estate_name", stores="kind.estate_name"),
        Column("building_label", stores="kind.building_label"),
        ADDRESS,
        *DIVISION,
        Column("layout", stores="kind.layout"),
        Column("structure", ColumnType.ENUM, enum="structure", stores="kind.structure"),
        Column("year_built", ColumnType.YEAR, stores="kind.year_built"),
        area("gross_area", "gross"),
        area("usable_area", "usable"),
        area("rentable_area", "chargeable"),
        area("inner_area", "internal"),
        area("shared_area", "apportioned"),
        Column("use_status", ColumnType.ENUM, enum="housing_tenure", stores="kind.tenure"),
        # What lists call its state is the tenure; a layer of ours has both.
        Column("place_use_status", ColumnType.ENUM, enum="use_status", stores="place.use_status"),
        Column("tenant_name", unkept=Unkept.PERSONAL),
        *IDENTIFIERS,
        *TITLES,
        SECRECY,
        REMARK,
    ),
    key_fields=(
        ("code", "unit_no"),
        ("section_code", "section_label", "inner_area", "estate_name"),
    ),
    unique_fields=("code",),
    place=PlaceRule(
        "housing_unit",
        parent_fields=("section_code", "building_code"),
        is_parent_required=True,
        told_by=("unit_no", "name", "address"),
        told_within=("floor_level", "section_label", "building_label"),
        section_field="section_label",
    ),
)


METERING_POINT: Final = ColumnContract(
    "metering_point",
    (
        Column("code", ColumnType.CODE, is_required=True),
        NAME,
        Column("building_code", ColumnType.CODE),
        Column("place_code", ColumnType.CODE),
        Column("unit_name", unkept=Unkept.NAMES_STEWARD),
        Column("unit_code", ColumnType.CODE),
        Column("credit_code", ColumnType.CODE, check="credit_code"),
        ADDRESS,
        Column("parent_point_code", ColumnType.CODE, stores="kind.parent_number"),
        Column("energy_kind", ColumnType.ENUM, enum="energy_carrier", stores="kind.carrier"),
        Column(
            "meter_kind",
            ColumnType.ENUM,
            enum="meter_kind",
            true_value="main",
            stores="kind.is_main",
        ),
        Column("energy_use", stores="kind.energy_use"),
        Column("reading_unit", stores="kind.reading_unit"),
        Column("installed_on", ColumnType.DATE, stores="kind.installed_on"),
        Column("meter_no", ColumnType.CODE, stores="kind.meter_number"),
        Column("account_no", ColumnType.CODE, stores="kind.account_number"),
        Column("multiplier", ColumnType.NUMBER, stores="kind.multiplier"),
        *POINT_COLUMNS,
        SECRECY,
        REMARK,
    ),
    key_fields=(("code",), ("energy_kind", "meter_no")),
    unique_fields=("code",),
    place=PlaceRule(
        "metering_point",
        parent_fields=("place_code", "building_code", "unit_code"),
        register_field="unit_code",
    ),
)


COORDINATES: Final = ColumnContract(
    "coordinates",
    (
        SEQUENCE,
        CODE,
        NAME,
        ADDRESS,
        *DIVISION,
        *POINT_COLUMNS,
        REMARK,
    ),
    key_fields=(("code", "name", "address"), ("longitude", "position"), ("latitude", "position")),
    unique_fields=("code",),
    natural_key=("name", "address"),
    place=PlaceRule(
        "premises",
        is_matched_by_address=True,
        may_create=False,
        matched_kinds=("site", "building", "premises"),
        register_field="code",
        is_made_by_register=True,
        needs_position=True,
    ),
)
