"""Sheets of properties, their land and their buildings."""

from typing import Final

from assets.domain import Column, ColumnContract, ColumnType, PlaceRule, RecordRule, Unkept
from assets.estate.contracts.columns import (
    ACCOUNTS,
    ADDRESS,
    AGENCY,
    BUILT,
    CODE,
    DIVISION,
    IDENTIFIERS,
    LAND,
    LINEAGE,
    NAME,
    POINT_COLUMNS,
    REMARK,
    SECRECY,
    SEQUENCE,
    TITLES,
    USE,
    area,
)

PROPERTY: Final = ColumnContract(
    "property",
    (
        SEQUENCE,
        CODE,
        NAME,
        ADDRESS,
        *DIVISION,
        *LAND,
        Column("parcel_code", ColumnType.CODE, unkept=Unkept.NO_HOME),
        Column("building_label", unkept=Unkept.NO_HOME),
        *BUILT,
        # Many forms head the column of the using unit 管理单位 (regulations 7.1).
        Column("manager_name", stands_for="unit_name"),
        *AGENCY,
        *IDENTIFIERS,
        *TITLES,
        *USE,
        *ACCOUNTS,
        *POINT_COLUMNS,
        *LINEAGE,
        SECRECY,
        REMARK,
    ),
    key_fields=(
        ("address", "name"),
        ("gross_area", "land_area"),
        ("unit_name", "code", "asset_card_code"),
    ),
    unique_fields=("code", "asset_card_code"),
    natural_key=("address", "division_code"),
    place=PlaceRule("site", occupancy_extent="part", is_matched_by_address=True, is_census=True),
)


TECHNICAL_PREMISES: Final = ColumnContract(
    "technical_premises",
    (
        SEQUENCE,
        Column("address", is_required=True),
        *DIVISION,
        area("land_area", "land"),
        # What this sheet calls 建筑面积 is that of its premises, a part of the property's own.
        area("gross_area", "technical_gross"),
        Column("unit_name"),
        Column(
            "ownership_status",
            ColumnType.ENUM,
            enum="ownership_status",
            stores="kind.ownership_status",
        ),
        Column("year_built", ColumnType.YEAR, stores="kind.year_built"),
        SECRECY,
        REMARK,
    ),
    key_fields=(("address",), ("gross_area",), ("unit_name",)),
    place=PlaceRule(
        "site",
        holding_source="technical",
        keeps_users=True,
        is_matched_by_address=True,
        may_create=False,
        fills_gaps_only=True,
    ),
)


PROJECT: Final = ColumnContract(
    "project",
    (
        SEQUENCE,
        Column("project_name", is_required=True, stores="record.name"),
        Column("approving_body", stores="record.approving_body"),
        Column("builder_name", stores="record.builder_name"),
        Column("unit_name", stores="record.user_name"),
        Column("address", stores="record.address"),
        Column("planned_area", ColumnType.NUMBER, unit="m2", stores="record.planned_area_m2"),
        Column(
            "estimated_cost", ColumnType.NUMBER, unit="yuan", stores="record.estimated_cost_yuan"
        ),
        Column("remark", stores="record.remark"),
    ),
    key_fields=(("project_name",), ("planned_area", "estimated_cost")),
    natural_key=("project_name", "builder_name"),
    record=RecordRule(
        "estate.construction_project",
        code_letter="J",
        same_by=("name", "builder_name"),
        bodies={"builder_id": "builder_name", "user_id": "user_name"},
    ),
)


SITE: Final = ColumnContract(
    "site",
    (
        CODE,
        NAME,
        ADDRESS,
        *DIVISION,
        *LAND,
        Column("parcel_code", ColumnType.CODE, unkept=Unkept.NO_HOME),
        Column("purpose", stores="kind.purpose"),
        *IDENTIFIERS,
        *TITLES,
        *POINT_COLUMNS,
        Column("category", ColumnType.ENUM, enum="estate_population", stores="kind.population"),
        *LINEAGE,
        SECRECY,
        REMARK,
    ),
    key_fields=(("code",),),
    unique_fields=("code",),
    place=PlaceRule(
        "site",
        area_source="survey",
        holding_source="survey",
        is_matched_by_address=True,
        is_on_parcels=True,
        is_exclusive=True,
    ),
)


PARCEL: Final = ColumnContract(
    "parcel",
    (
        Column("code", ColumnType.CODE, is_required=True),
        NAME,
        Column("site_code", ColumnType.CODE),
        ADDRESS,
        *DIVISION,
        *LAND,
        *IDENTIFIERS,
        *TITLES,
        *LINEAGE,
        SECRECY,
        REMARK,
    ),
    key_fields=(("code",), ("land_area", "land_right", "land_use")),
    unique_fields=("code",),
    place=PlaceRule("parcel", area_source="survey", holding_source="survey", is_on_parcels=True),
)


BUILDING: Final = ColumnContract(
    "building",
    (
        SEQUENCE,
        CODE,
        NAME,
        Column("site_code", ColumnType.CODE),
        Column("site_name", unkept=Unkept.NAMES_PARENT),
        ADDRESS,
        Column("street", unkept=Unkept.IN_ADDRESS),
        Column("house_no", unkept=Unkept.IN_ADDRESS),
        Column("housing_unit_count", ColumnType.INTEGER, stores="kind.housing_unit_count"),
        *DIVISION,
        *BUILT,
        Column("manager_name"),
        *AGENCY,
        *IDENTIFIERS,
        *TITLES,
        *USE,
        *ACCOUNTS,
        *POINT_COLUMNS,
        Column("city", unkept=Unkept.IN_ADDRESS),
        Column("region", unkept=Unkept.IN_ADDRESS),
        Column("postcode", ColumnType.CODE, unkept=Unkept.IN_ADDRESS),
        Column("building_status", ColumnType.ENUM, enum="use_status", stores="place.use_status"),
        Column("place_kind", ColumnType.ENUM, enum="place_kind"),
        Column(
            "tenure",
            ColumnType.ENUM,
            enum="tenure",
            true_value="leased",
            stores="kind.is_leased_in",
        ),
        Column("piece_kind", ColumnType.CODE),
        *LINEAGE,
        SECRECY,
        REMARK,
    ),
    key_fields=(("code", "name", "source_code", "house_no"),),
    unique_fields=("code",),
    place=PlaceRule(
        "building",
        parent_fields=("site_code",),
        area_source="survey",
        holding_source="survey",
        keeps_users=True,
        is_matched_by_address=True,
        belongs_to_top=("asset_card_code",),
        told_by=("name", "address"),
        settles_kind=True,
        is_exclusive=True,
        is_checked_on_map=True,
    ),
)


STRUCTURE: Final = ColumnContract(
    "structure",
    (
        SEQUENCE,
        CODE,
        NAME,
        Column("site_code", ColumnType.CODE),
        Column("site_name", unkept=Unkept.NAMES_PARENT),
        ADDRESS,
        *DIVISION,
        Column("structure_use", stores="kind.use"),
        Column("structure", ColumnType.ENUM, enum="structure", stores="kind.structure"),
        Column("year_built", ColumnType.YEAR, stores="kind.year_built"),
        Column("height", ColumnType.NUMBER, unit="m", stores="kind.height_m"),
        Column("length", ColumnType.NUMBER, unit="m", stores="kind.length_m"),
        Column("book_value", ColumnType.NUMBER, unit="yuan", stores="kind.book_value_yuan"),
        Column("stated_value", unkept=Unkept.NO_HOME, stands_for="book_value"),
        area("gross_area", "gross"),
        area("land_area", "land"),
        area("footprint_area", "footprint"),
        Column("manager_name", stands_for="unit_name"),
        *AGENCY,
        *IDENTIFIERS,
        *TITLES,
        Column("use_status", ColumnType.ENUM, enum="use_status", stores="place.use_status"),
        *ACCOUNTS,
        *POINT_COLUMNS,
        *LINEAGE,
        SECRECY,
        REMARK,
    ),
    key_fields=(("code", "name", "source_code"),),
    unique_fields=("code",),
    place=PlaceRule(
        "structure",
        parent_fields=("site_code",),
        area_source="survey",
        holding_source="survey",
        keeps_users=True,
        told_by=("name",),
        belongs_to_top=("asset_card_code",),
    ),
)


LEASE_IN: Final = ColumnContract(
    "lease_in",
    (
        Column("code", ColumnType.CODE, is_required=True),
        Column("lease_no", ColumnType.CODE, is_required=True),
        NAME,
        ADDRESS,
        Column("city"),
        Column("region"),
        Column("postcode", ColumnType.CODE),
        Column("tenure", ColumnType.ENUM, enum="tenure"),
        Column("starts_on", ColumnType.DATE),
        Column("ends_on", ColumnType.DATE),
        area("rentable_area", "chargeable"),
        Column("rent", ColumnType.NUMBER, unit="yuan"),
        Column("unit_name"),
        *POINT_COLUMNS,
        Column("place_kind", ColumnType.ENUM, enum="place_kind"),
        REMARK,
    ),
    key_fields=(("lease_no",), ("starts_on", "ends_on")),
    is_accepted_only=True,
)
