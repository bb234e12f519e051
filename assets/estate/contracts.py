"""What files may say about the estate: one column contract for each kind of sheet or layer."""

from typing import Final

from assets.domain import Column, ColumnContract, ColumnType, PlaceRule

_CODE: Final = Column("code", ColumnType.CODE)
_NAME: Final = Column("name", stores="place.name")
_ADDRESS: Final = Column("address", stores="place.address")
_DIVISION: Final = (
    Column("division_code", ColumnType.CODE),
    Column("division_name"),
)
_REMARK: Final = Column("remark", stores="place.remark")
_SEQUENCE: Final = Column("sequence_no")
_COORDINATES: Final = (
    Column("longitude", ColumnType.NUMBER),
    Column("latitude", ColumnType.NUMBER),
    Column("datum", ColumnType.ENUM, enum="datum"),
)
_IDENTIFIERS: Final = (
    Column("credit_code", ColumnType.CODE, check="credit_code", is_repeated=True),
    Column(
        "real_estate_unit_code",
        ColumnType.CODE,
        check="real_estate_unit",
        stores="identifier.real_estate_unit",
    ),
    Column("asset_card_code", ColumnType.CODE, stores="identifier.asset_card"),
    Column("source_code", ColumnType.CODE, stores="identifier.source"),
)
_TITLES: Final = (
    Column("certificate_no", check="certificate"),
    Column("land_certificate_no"),
    Column("certificate_on", ColumnType.DATE),
    Column("certificate_area", ColumnType.NUMBER, unit="m2"),
    Column("owner_name"),
    Column(
        "ownership_status",
        ColumnType.ENUM,
        enum="ownership_status",
        stores="kind.ownership_status",
    ),
)


def _area(name: str, area_kind: str | None = None) -> Column:
    stores = f"area.{area_kind}" if area_kind else None
    return Column(name, ColumnType.NUMBER, unit="m2", stores=stores)


_LAND: Final = (
    _area("land_area", "land"),
    Column("land_right", ColumnType.ENUM, enum="land_right", stores="kind.land_right"),
    Column("land_use", stores="kind.land_use"),
)
_BUILT: Final = (
    _area("gross_area", "gross"),
    _area("office_gross_area", "office_gross"),
    _area("technical_gross_area", "technical_gross"),
    _area("ancillary_gross_area", "ancillary_gross"),
    _area("underground_area", "underground"),
    _area("usable_area", "usable"),
    _area("office_usable_area", "office_usable"),
    _area("service_usable_area", "service_usable"),
    _area("equipment_usable_area", "equipment_usable"),
    Column("year_built", ColumnType.YEAR, stores="kind.year_built"),
    Column("structure", ColumnType.ENUM, enum="structure", stores="kind.structure"),
    Column("floors_above", ColumnType.INTEGER, stores="kind.floors_above"),
    Column("floors_below", ColumnType.INTEGER, stores="kind.floors_below"),
    Column("height", ColumnType.NUMBER, unit="m", stores="kind.height_m"),
    _area("footprint_area"),
    _area("rentable_area", "chargeable"),
    Column("building_count", ColumnType.INTEGER),
    Column("purpose"),
    Column("category", ColumnType.ENUM, enum="estate_population", stores="kind.population"),
    Column("book_value", ColumnType.NUMBER, unit="yuan"),
)
_USE: Final = (
    Column("use_status", ColumnType.ENUM, enum="use_status", stores="place.use_status"),
    Column("is_rented_in", ColumnType.BOOLEAN, stores="kind.is_leased_in"),
    _area("self_used_area", "self_used"),
    _area("let_area", "let_out"),
    _area("lent_area", "lent"),
    _area("idle_area", "idle"),
    _area("other_area"),
)
_AGENCY: Final = (
    Column("unit_name", is_repeated=True),
    Column("unit_type", ColumnType.ENUM, enum="organization_category", is_repeated=True),
    Column("staff_quota", ColumnType.INTEGER, is_repeated=True, stores="headcount.quota"),
    Column("quota", ColumnType.INTEGER, is_repeated=True, is_keyed=True, stores="headcount.quota"),
)

ORGANIZATION: Final = ColumnContract(
    "organization",
    (
        _SEQUENCE,
        Column("code", ColumnType.CODE),
        Column("name", is_required=True),
        Column("short_name"),
        Column("former_names"),
        Column("linked_name"),
        Column("linked_credit_code", ColumnType.CODE, check="credit_code"),
        Column("credit_code", ColumnType.CODE, check="credit_code"),
        Column("parent_name"),
        Column("unit_type", ColumnType.ENUM, enum="organization_category"),
        Column("admin_level", ColumnType.ENUM, enum="organization_level"),
        *_DIVISION,
        Column("staff_quota", ColumnType.INTEGER, stores="headcount.quota"),
        Column("staff_actual", ColumnType.INTEGER, stores="headcount.actual"),
        Column("staff_non_quota", ColumnType.INTEGER, stores="headcount.non_quota"),
        Column("energy_users", ColumnType.INTEGER, stores="headcount.energy_users"),
        Column("quota", ColumnType.INTEGER, is_keyed=True, stores="headcount.quota"),
        _ADDRESS,
        _REMARK,
    ),
    key_fields=(("name",), ("credit_code", "unit_type", "staff_quota", "energy_users")),
    unique_fields=("credit_code", "code"),
)

SUCCESSION: Final = ColumnContract(
    "succession",
    (
        _SEQUENCE,
        Column("former_name", is_required=True),
        Column("former_credit_code", ColumnType.CODE, check="credit_code"),
        Column("change_kind", ColumnType.ENUM, enum="succession_kind"),
        Column("successor_name", is_required=True),
        Column("successor_credit_code", ColumnType.CODE, check="credit_code"),
        Column("share", ColumnType.NUMBER),
        Column("changed_on", ColumnType.DATE),
        _REMARK,
    ),
    key_fields=(("former_name",), ("successor_name",)),
)

PROPERTY: Final = ColumnContract(
    "property",
    (
        _SEQUENCE,
        _CODE,
        _NAME,
        _ADDRESS,
        *_DIVISION,
        *_LAND,
        *_BUILT,
        *_AGENCY,
        *_IDENTIFIERS,
        *_TITLES,
        *_USE,
        *_COORDINATES,
        _REMARK,
    ),
    key_fields=(("address", "name"), ("gross_area", "land_area"), ("unit_name", "code")),
    unique_fields=("code", "asset_card_code"),
    natural_key=("address", "division_code"),
    place=PlaceRule("site", occupancy_extent="part", is_matched_by_address=True),
)

TECHNICAL_PREMISES: Final = ColumnContract(
    "technical_premises",
    (
        _SEQUENCE,
        Column("address", is_required=True),
        *_DIVISION,
        _area("land_area", "land"),
        _area("gross_area", "gross"),
        Column("unit_name"),
        Column("ownership_status", ColumnType.ENUM, enum="ownership_status"),
        Column("year_built", ColumnType.YEAR),
        _REMARK,
    ),
    key_fields=(("address",), ("gross_area",), ("unit_name",)),
    place=PlaceRule("site", is_matched_by_address=True, may_create=False, fills_gaps_only=True),
)

PROJECT: Final = ColumnContract(
    "project",
    (
        _SEQUENCE,
        Column("project_name", is_required=True),
        Column("approving_body"),
        Column("builder_name"),
        Column("unit_name"),
        _ADDRESS,
        Column("planned_area", ColumnType.NUMBER, unit="m2"),
        Column("estimated_cost", ColumnType.NUMBER, unit="yuan"),
        _REMARK,
    ),
    key_fields=(("project_name",), ("planned_area", "estimated_cost")),
    is_accepted_only=True,
)

SITE: Final = ColumnContract(
    "site",
    (
        _CODE,
        _NAME,
        _ADDRESS,
        *_DIVISION,
        *_LAND,
        *_IDENTIFIERS,
        *_TITLES,
        *_COORDINATES,
        Column("category", ColumnType.ENUM, enum="estate_population", stores="kind.population"),
        _REMARK,
    ),
    key_fields=(("code",),),
    unique_fields=("code",),
    place=PlaceRule(
        "site", area_source="survey", holding_source="survey", is_matched_by_address=True
    ),
)

PARCEL: Final = ColumnContract(
    "parcel",
    (
        Column("code", ColumnType.CODE, is_required=True),
        _NAME,
        Column("site_code", ColumnType.CODE),
        _ADDRESS,
        *_DIVISION,
        *_LAND,
        *_IDENTIFIERS,
        *_TITLES,
        _REMARK,
    ),
    key_fields=(("code",), ("land_area", "land_right", "land_use")),
    unique_fields=("code",),
    place=PlaceRule("parcel", area_source="survey", holding_source="survey"),
)

BUILDING: Final = ColumnContract(
    "building",
    (
        _SEQUENCE,
        _CODE,
        _NAME,
        Column("site_code", ColumnType.CODE),
        Column("site_name"),
        _ADDRESS,
        Column("street"),
        Column("house_no"),
        *_DIVISION,
        *_BUILT,
        *_AGENCY,
        *_IDENTIFIERS,
        *_TITLES,
        *_USE,
        *_COORDINATES,
        Column("city"),
        Column("region"),
        Column("postcode", ColumnType.CODE),
        Column("building_status", ColumnType.ENUM, enum="use_status", stores="place.use_status"),
        Column("place_kind", ColumnType.ENUM, enum="place_kind"),
        Column("tenure", ColumnType.ENUM, enum="tenure"),
        Column("piece_kind", ColumnType.CODE),
        _REMARK,
    ),
    key_fields=(("code", "name", "source_code"),),
    unique_fields=("code",),
    place=PlaceRule(
        "building",
        parent_fields=("site_code",),
        area_source="survey",
        holding_source="survey",
        is_matched_by_address=True,
    ),
)

FLOOR: Final = ColumnContract(
    "floor",
    (
        _CODE,
        Column("building_code", ColumnType.CODE, is_required=True),
        Column("floor_label", stores="kind.label"),
        Column("floor_level", ColumnType.INTEGER, stores="kind.level"),
        _area("gross_area", "gross"),
        _area("usable_area", "usable"),
        _REMARK,
    ),
    key_fields=(("building_code",), ("floor_level", "floor_label")),
    unique_fields=("code",),
    place=PlaceRule(
        "floor", parent_fields=("building_code",), is_parent_required=True, area_source="survey"
    ),
)

ROOM: Final = ColumnContract(
    "room",
    (
        Column("code", ColumnType.CODE),
        Column("room_no", ColumnType.CODE, stores="kind.number"),
        _NAME,
        Column("building_code", ColumnType.CODE),
        Column("floor_code", ColumnType.CODE),
        Column("floor_label"),
        Column("floor_level", ColumnType.INTEGER),
        Column("room_kind", ColumnType.ENUM, enum="room_class", stores="kind.room_class"),
        _area("usable_area", "usable"),
        _area("gross_area", "gross"),
        Column("unit_name"),
        Column("credit_code", ColumnType.CODE, check="credit_code"),
        Column("post_name"),
        Column("is_shared", ColumnType.BOOLEAN),
        Column("use_status", ColumnType.ENUM, enum="use_status", stores="place.use_status"),
        _REMARK,
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
    ),
)

SECTION: Final = ColumnContract(
    "section",
    (
        _CODE,
        _NAME,
        Column("building_code", ColumnType.CODE, is_required=True),
        Column("section_label", stores="kind.label"),
        Column("floors_above", ColumnType.INTEGER),
        Column("unit_count", ColumnType.INTEGER),
        _area("gross_area", "gross"),
        _REMARK,
    ),
    key_fields=(("building_code",), ("section_label",)),
    unique_fields=("code",),
    place=PlaceRule(
        "section", parent_fields=("building_code",), is_parent_required=True, area_source="survey"
    ),
)

HOUSING_UNIT: Final = ColumnContract(
    "housing_unit",
    (
        _CODE,
        Column("unit_no", ColumnType.CODE, stores="kind.number"),
        _NAME,
        Column("building_code", ColumnType.CODE),
        Column("section_code", ColumnType.CODE),
        Column("section_label"),
        Column("floor_level", ColumnType.INTEGER, stores="kind.floor_level"),
        Column("estate_name"),
        Column("building_label"),
        _ADDRESS,
        *_DIVISION,
        Column("layout", stores="kind.layout"),
        Column("structure", ColumnType.ENUM, enum="structure"),
        Column("year_built", ColumnType.YEAR),
        _area("gross_area", "gross"),
        _area("usable_area", "usable"),
        _area("rentable_area", "chargeable"),
        _area("inner_area", "internal"),
        _area("shared_area", "apportioned"),
        Column("use_status", ColumnType.ENUM, enum="housing_tenure", stores="kind.tenure"),
        *_IDENTIFIERS,
        *_TITLES,
        _REMARK,
    ),
    key_fields=(
        ("code", "unit_no"),
        ("section_code", "section_label", "inner_area", "estate_name"),
    ),
    unique_fields=("code",),
    place=PlaceRule(
        "housing_unit", parent_fields=("section_code", "building_code"), is_parent_required=True
    ),
)

METERING_POINT: Final = ColumnContract(
    "metering_point",
    (
        Column("code", ColumnType.CODE, is_required=True),
        _NAME,
        Column("building_code", ColumnType.CODE),
        Column("place_code", ColumnType.CODE),
        Column("unit_name"),
        Column("unit_code", ColumnType.CODE),
        Column("credit_code", ColumnType.CODE, check="credit_code"),
        _ADDRESS,
        Column("parent_point_code", ColumnType.CODE),
        Column("energy_kind", ColumnType.ENUM, enum="energy_carrier", stores="kind.carrier"),
        Column("meter_kind", ColumnType.ENUM, enum="meter_kind"),
        Column("energy_use"),
        Column("reading_unit"),
        Column("installed_on", ColumnType.DATE),
        Column("meter_no", ColumnType.CODE, stores="kind.meter_number"),
        Column("account_no", ColumnType.CODE),
        Column("multiplier", ColumnType.NUMBER),
        *_COORDINATES,
        _REMARK,
    ),
    key_fields=(("code",), ("energy_kind", "meter_no")),
    unique_fields=("code",),
    place=PlaceRule("metering_point", parent_fields=("place_code", "building_code", "unit_code")),
)

COORDINATES: Final = ColumnContract(
    "coordinates",
    (
        _SEQUENCE,
        _CODE,
        _NAME,
        _ADDRESS,
        *_DIVISION,
        Column("longitude", ColumnType.NUMBER, is_required=True),
        Column("latitude", ColumnType.NUMBER, is_required=True),
        Column("datum", ColumnType.ENUM, enum="datum"),
        _REMARK,
    ),
    key_fields=(("code", "name", "address"), ("longitude",), ("latitude",)),
    unique_fields=("code",),
    place=PlaceRule("premises", is_matched_by_address=True, may_create=False),
)

LEASE_IN: Final = ColumnContract(
    "lease_in",
    (
        Column("code", ColumnType.CODE, is_required=True),
        Column("lease_no", ColumnType.CODE, is_required=True),
        _NAME,
        _ADDRESS,
        Column("city"),
        Column("region"),
        Column("postcode", ColumnType.CODE),
        Column("tenure", ColumnType.ENUM, enum="tenure"),
        Column("starts_on", ColumnType.DATE),
        Column("ends_on", ColumnType.DATE),
        _area("rentable_area", "chargeable"),
        Column("rent", ColumnType.NUMBER, unit="yuan"),
        Column("unit_name"),
        Column("longitude", ColumnType.NUMBER),
        Column("latitude", ColumnType.NUMBER),
        Column("datum", ColumnType.ENUM, enum="datum"),
        Column("place_kind", ColumnType.ENUM, enum="place_kind"),
        _REMARK,
    ),
    key_fields=(("lease_no",), ("starts_on", "ends_on")),
    is_accepted_only=True,
)

CONTRACTS: Final = (
    ORGANIZATION,
    SUCCESSION,
    PROPERTY,
    TECHNICAL_PREMISES,
    PROJECT,
    SITE,
    PARCEL,
    BUILDING,
    FLOOR,
    ROOM,
    SECTION,
    HOUSING_UNIT,
    METERING_POINT,
    COORDINATES,
    LEASE_IN,
)
"""In the order a tie between two kinds is settled: the earlier wins."""
