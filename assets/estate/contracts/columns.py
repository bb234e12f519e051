"""Columns that several kinds of sheet share."""

from typing import Final

from assets.domain import Column, ColumnType, Unkept

CODE: Final = Column("code", ColumnType.CODE)


NAME: Final = Column("name", stores="place.name")


ADDRESS: Final = Column("address", stores="place.address")


DIVISION: Final = (
    Column("division_code", ColumnType.CODE),
    Column("division_name", unkept=Unkept.NAMES_AREA),
)


REMARK: Final = Column("remark", stores="place.remark")


LINEAGE: Final = (
    Column("split_from"),
    Column("merged_from"),
    Column("rebuilt_from"),
    Column("changed_on", ColumnType.DATE),
)
"""Codes of the places that this one was made of, and when."""


SECRECY: Final = Column("secrecy", ColumnType.ENUM, enum="secrecy")
"""A row that says it is a state secret becomes a stub; nothing else it says is kept."""


SEQUENCE: Final = Column("sequence_no")


POINT_COLUMNS: Final = (
    Column("longitude", ColumnType.COORDINATE),
    Column("latitude", ColumnType.COORDINATE),
    Column("position", ColumnType.COORDINATE),
    Column("datum", ColumnType.ENUM, enum="datum"),
)


IDENTIFIERS: Final = (
    Column("credit_code", ColumnType.CODE, check="credit_code", is_repeated=True),
    Column(
        "real_estate_unit_code",
        ColumnType.CODE,
        check="real_estate_unit",
        stores="identifier.real_estate_unit",
    ),
    Column("real_estate_unit_ended_on", ColumnType.DATE, ends="real_estate_unit_code"),
    Column("asset_card_code", ColumnType.CODE, stores="identifier.asset_card"),
    Column("asset_card_ended_on", ColumnType.DATE, ends="asset_card_code"),
    Column("source_code", ColumnType.CODE, stores="identifier.source"),
    Column("source_ended_on", ColumnType.DATE, ends="source_code"),
)


TITLES: Final = (
    Column("certificate_no", check="certificate"),
    Column("land_certificate_no"),
    Column("certificate_on", ColumnType.DATE),
    Column("certificate_area", ColumnType.NUMBER, unit="m2"),
    Column("own_gross_area", ColumnType.NUMBER, unit="m2"),
    Column("shared_gross_area", ColumnType.NUMBER, unit="m2"),
    Column("certificate_underground_area", ColumnType.NUMBER, unit="m2"),
    Column("land_certificate_area", ColumnType.NUMBER, unit="m2"),
    Column("land_own_area", ColumnType.NUMBER, unit="m2"),
    Column("land_shared_area", ColumnType.NUMBER, unit="m2"),
    Column("owner_name"),
    Column(
        "ownership_status",
        ColumnType.ENUM,
        enum="ownership_status",
        stores="kind.ownership_status",
    ),
)


def area(name: str, area_kind: str | None = None) -> Column:
    stores = f"area.{area_kind}" if area_kind else None
    return Column(name, ColumnType.NUMBER, unit="m2", stores=stores)


BOUNDARIES: Final = tuple(
    Column(name, unkept=Unkept.NO_HOME)
    for name in ("boundary", "boundary_east", "boundary_south", "boundary_west", "boundary_north")
)
"""四至: whom the ground borders on, in words; the register has its outline."""


LAND: Final = (
    area("land_area", "land"),
    Column("land_right", ColumnType.ENUM, enum="land_right", stores="kind.land_right"),
    Column("land_use", stores="kind.land_use"),
    Column("land_right_starts_on", ColumnType.DATE, stores="kind.right_starts_on"),
    Column("land_right_ends_on", ColumnType.DATE, stores="kind.right_ends_on"),
    Column("land_right_years", unkept=Unkept.NO_HOME),
    *BOUNDARIES,
)


BUILT: Final = (
    area("gross_area", "gross"),
    area("office_gross_area", "office_gross"),
    area("technical_gross_area", "technical_gross"),
    area("ancillary_gross_area", "ancillary_gross"),
    area("underground_area", "underground"),
    area("usable_area", "usable"),
    area("inner_area", "internal"),
    area("office_usable_area", "office_usable"),
    area("service_usable_area", "service_usable"),
    area("equipment_usable_area", "equipment_usable"),
    area("computer_room_area", "computer_room"),
    area("meeting_room_area", "meeting_room"),
    area("garage_area", "garage"),
    area("canteen_area", "canteen"),
    area("power_room_area", "power_room"),
    Column("room_count", ColumnType.INTEGER, stores="kind.room_count"),
    Column("year_built", ColumnType.YEAR, stores="kind.year_built"),
    Column("structure", ColumnType.ENUM, enum="structure", stores="kind.structure"),
    Column("floors_above", ColumnType.INTEGER, stores="kind.floors_above"),
    Column("floors_below", ColumnType.INTEGER, stores="kind.floors_below"),
    Column("height", ColumnType.NUMBER, unit="m", stores="kind.height_m"),
    area("footprint_area", "footprint"),
    area("rentable_area", "chargeable"),
    Column("building_count", ColumnType.INTEGER, stores="kind.building_count"),
    Column("purpose", stores="kind.purpose"),
    Column("category", ColumnType.ENUM, enum="estate_population", stores="kind.population"),
    Column("book_value", ColumnType.NUMBER, unit="yuan", stores="kind.book_value_yuan"),
    Column("stated_value", unkept=Unkept.NO_HOME, stands_for="book_value"),
    *(
        Column(name, unkept=Unkept.NO_HOME)
        for name in ("elevator_count", "air_conditioning", "heating", "floor_label")
    ),
)


USE: Final = (
    Column("use_status", ColumnType.ENUM, enum="use_status", stores="place.use_status"),
    Column("is_rented_in", ColumnType.BOOLEAN, stores="kind.is_leased_in"),
    area("self_used_area", "self_used"),
    area("let_area", "let_out"),
    area("lent_area", "lent"),
    area("idle_area", "idle"),
    area("let_or_lent_area", "let_or_lent"),
    area("scrap_area", "to_scrap"),
    area("invested_area", "invested"),
    area("pledged_area", "pledged"),
    area("other_area", "other_use"),
    area("cost_borne_area", "cost_borne"),
)


STAFF: Final = (
    Column("staff_actual", ColumnType.INTEGER, is_repeated=True, stores="headcount.actual"),
    Column("staff_non_quota", ColumnType.INTEGER, is_repeated=True, stores="headcount.non_quota"),
    *(
        Column(
            field,
            ColumnType.INTEGER,
            is_repeated=True,
            stores=f"headcount.{kind}",
            part_of=whole,
        )
        for field, kind, whole in (
            ("quota_administrative", "quota_administrative", "staff_quota"),
            ("quota_political_legal", "quota_political_legal", "staff_quota"),
            ("quota_civil_service", "quota_civil_service", "staff_quota"),
            ("quota_institution", "quota_institution", "staff_quota"),
            ("quota_support", "quota_support", "staff_quota"),
            ("staff_hired", "hired", "staff_non_quota"),
            ("staff_dispatched", "dispatched", "staff_non_quota"),
            ("staff_seconded", "seconded", "staff_non_quota"),
            ("staff_temporary", "temporary", "staff_non_quota"),
        )
    ),
)
"""People on the payroll and beside it, and what sorts of them the totals are made up of."""


PEOPLE: Final = tuple(
    Column(name, unkept=Unkept.PERSONAL)
    for name in (
        "contact_name",
        "contact_phone",
        "form_filler_name",
        "head_name",
        "legal_representative",
        "keeper_name",
    )
)
"""Who is named on a sheet: told to be left out, the register keeps none of it."""


ACCOUNTS: Final = tuple(
    Column(name, unkept=Unkept.NO_HOME)
    for name in (
        "net_value",
        "depreciation",
        "assessed_value",
        "fiscal_funds",
        "other_funds",
        "category_code",
        "category_name",
        "acquired_how",
        "acquired_on",
        "booked_on",
        "account_title",
        "voucher_no",
        "department_name",
        "ownership_proof",
    )
)
"""What the finance system keeps of an asset: its cards are compared with the register."""


AGENCY: Final = (
    Column("unit_name", is_repeated=True),
    Column("filing_unit_name", unkept=Unkept.NO_HOME, stands_for="unit_name"),
    Column("unit_type", ColumnType.ENUM, enum="organization_category", is_repeated=True),
    Column("admin_level", unkept=Unkept.NO_HOME),
    Column("staff_quota", ColumnType.INTEGER, is_repeated=True, stores="headcount.quota"),
    Column("quota", ColumnType.INTEGER, is_repeated=True, is_keyed=True, stores="headcount.quota"),
    *STAFF,
    *PEOPLE,
)
