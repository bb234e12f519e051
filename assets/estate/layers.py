"""The layers of the estate: what it shows on the map, and how."""

from typing import Final

from assets.estate.model import (
    drawn_building,
    drawn_floor,
    drawn_parcel,
    drawn_property,
    drawn_room,
    drawn_section,
    drawn_structure,
    drawn_zone,
)
from gis.layers import NO_LABELS, Arm, Attribute, Join, Layer, Theme, ThemeClass, of_kind
from gis.places.vocabulary import IN_FORCE

_USE: Final = Attribute("use_status", "estate.attribute.use_status", "term", None, "use_status")
_OWNERSHIP: Final = Attribute(
    "ownership_status", "estate.attribute.ownership_status", "term", None, "ownership_status"
)
_GROSS: Final = Attribute("gross_area_m2", "estate.attribute.gross_area", "number", "m2")
_YEAR: Final = Attribute("year_built", "estate.attribute.year_built", "integer")
_STRUCTURE: Final = Attribute("structure", "estate.attribute.structure", "term", None, "structure")
_AGE: Final = Attribute("age_class", "estate.attribute.age_class")

_BY_USE: Final = Theme("use_status", "estate.theme.use_status", "use_status", "use_status")
_BY_OWNERSHIP: Final = Theme(
    "ownership_status", "estate.theme.ownership_status", "ownership_status", "ownership_status"
)
_BY_STRUCTURE: Final = Theme("structure", "estate.theme.structure", "structure", "structure")
_BY_AGE: Final = Theme(
    "age",
    "estate.theme.age",
    "age_class",
    classes=(
        ThemeClass("before_1980", "estate.age.before_1980", "#8c6bb1"),
        ThemeClass("1980_1999", "estate.age.1980_1999", "#5b8fc4"),
        ThemeClass("2000_2009", "estate.age.2000_2009", "#41a6a0"),
        ThemeClass("2010_2019", "estate.age.2010_2019", "#86b95a"),
        ThemeClass("since_2020", "estate.age.since_2020", "#e0a93b"),
    ),
)


def age_class_sql(year: str) -> str:
    """SQL for the age class of a year of construction; null stays null."""
    return (
        f"CASE WHEN {year} < 1980 THEN 'before_1980' WHEN {year} < 2000 THEN '1980_1999'"
        f" WHEN {year} < 2010 THEN '2000_2009' WHEN {year} < 2020 THEN '2010_2019'"
        f" WHEN {year} IS NOT NULL THEN 'since_2020' END"
    )


_COUNTED_GROSS: Final = Join(
    "place.counted_area", ("area_m2",), alias="gross", where="k.area_kind = 'gross'"
)
_PROPERTY_COLUMNS: Final = ("ownership_status", "population", "year_built")


def _property_arm(table: str, where: str) -> Arm:
    """A property is a site, or a building without one."""
    return Arm(
        where=where,
        values={
            # Sites of the national survey have no name; people know them by their address.
            "name": "coalesce(p.name, p.address)",
            "address": "p.address",
            "use_status": "p.use_status",
            "ownership_status": f"{table}.ownership_status",
            "population": f"{table}.population",
            "year_built": f"{table}.year_built::integer",
            "age_class": age_class_sql(f"{table}.year_built"),
            "gross_area_m2": "gross.area_m2::double precision",
        },
        joins=(of_kind(f"place.{table}", *_PROPERTY_COLUMNS), _COUNTED_GROSS),
    )


_HELD: Final = f"""EXISTS (
  SELECT FROM estate.holding AS h JOIN estate.holding_party AS party USING (holding_id)
  WHERE h.place_id = {{0}}.place_id AND party.holder_id = :holder AND {IN_FORCE.format("h")})"""

PROPERTY: Final = Layer(
    name="property",
    title_key="estate.layer.property",
    group="estate",
    geometry="polygon",
    min_zoom=4,
    detail_zoom=13,
    has_unshaped=True,
    drawn=drawn_property.fullname,
    arms=(
        _property_arm("site", "p.kind = 'site'"),
        _property_arm("building", "p.kind = 'building' AND p.parent_id IS NULL"),
    ),
    attributes=(
        Attribute("address", "estate.attribute.address"),
        _USE,
        _OWNERSHIP,
        Attribute("population", "estate.attribute.population", "term", None, "estate_population"),
        _YEAR,
        _AGE,
        _GROSS,
    ),
    themes=(
        Theme("population", "estate.theme.population", "population", "estate_population"),
        _BY_OWNERSHIP,
        _BY_USE,
        _BY_AGE,
    ),
    kinds=("site", "building"),
    held_sql=_HELD,
)

BUILDING: Final = Layer(
    name="building",
    title_key="estate.layer.building",
    group="estate",
    geometry="polygon",
    min_zoom=13,
    detail_zoom=13,
    label_zoom=16,
    has_unshaped=True,
    drawn=drawn_building.fullname,
    arms=(
        Arm(
            where="p.kind = 'building'",
            values={
                "use_status": "p.use_status",
                "ownership_status": "building.ownership_status",
                "year_built": "building.year_built::integer",
                "age_class": age_class_sql("building.year_built"),
                "structure": "building.structure",
                "floors_above": "building.floors_above::integer",
            },
            joins=(
                of_kind(
                    "place.building", "ownership_status", "year_built", "structure", "floors_above"
                ),
            ),
        ),
    ),
    attributes=(
        _USE,
        _OWNERSHIP,
        _YEAR,
        _AGE,
        _STRUCTURE,
        Attribute("floors_above", "estate.attribute.floors_above", "integer"),
    ),
    themes=(_BY_AGE, _BY_USE, _BY_OWNERSHIP, _BY_STRUCTURE),
)

SECTION: Final = Layer(
    name="section",
    title_key="estate.layer.section",
    group="estate",
    geometry="polygon",
    min_zoom=15,
    detail_zoom=15,
    label_zoom=17,
    has_unshaped=True,
    drawn=drawn_section.fullname,
    arms=(
        Arm(
            where="p.kind = 'section'",
            values={
                "name": "coalesce(section.label, p.name)",
                "label": "section.label",
                "floors_above": "section.floors_above::integer",
                "unit_count": "section.unit_count",
            },
            joins=(of_kind("place.section", "label", "floors_above", "unit_count"),),
        ),
    ),
    attributes=(
        Attribute("label", "estate.attribute.section_label"),
        Attribute("floors_above", "estate.attribute.floors_above", "integer"),
        Attribute("unit_count", "estate.attribute.unit_count", "integer"),
    ),
    is_visible=False,
)

_OF_STRUCTURE: Final = ("use", "ownership_status", "structure", "year_built")

STRUCTURE: Final = Layer(
    name="structure",
    title_key="estate.layer.structure",
    group="estate",
    geometry="polygon",
    min_zoom=13,
    detail_zoom=13,
    label_zoom=16,
    has_unshaped=True,
    lies_beside=True,
    drawn=drawn_structure.fullname,
    arms=(
        Arm(
            where="p.kind = 'structure'",
            values={
                "use": "structure.use",
                "use_status": "p.use_status",
                "ownership_status": "structure.ownership_status",
                "structure": "structure.structure",
                "year_built": "structure.year_built::integer",
                "age_class": age_class_sql("structure.year_built"),
            },
            joins=(of_kind("place.structure", *_OF_STRUCTURE),),
        ),
    ),
    attributes=(
        Attribute("use", "estate.attribute.structure_use"),
        _USE,
        _OWNERSHIP,
        _STRUCTURE,
        _YEAR,
        _AGE,
    ),
    themes=(_BY_USE, _BY_OWNERSHIP, _BY_STRUCTURE, _BY_AGE),
)

FLOOR: Final = Layer(
    name="floor",
    title_key="estate.layer.floor",
    group="estate",
    geometry="polygon",
    min_zoom=16,
    detail_zoom=16,
    max_zoom=19,
    label_zoom=NO_LABELS,
    drawn=drawn_floor.fullname,
    arms=(
        Arm(
            where="p.kind = 'floor'",
            values={"level": "floor.level::integer", "label": "floor.label"},
            joins=(of_kind("place.floor", "level", "label"),),
        ),
    ),
    attributes=(
        Attribute("level", "estate.attribute.level", "integer"),
        Attribute("label", "estate.attribute.floor_label"),
    ),
    level_attribute="level",
)

ROOM: Final = Layer(
    name="room",
    title_key="estate.layer.room",
    group="estate",
    geometry="polygon",
    min_zoom=16,
    detail_zoom=16,
    max_zoom=19,
    label_zoom=17,
    drawn=drawn_room.fullname,
    arms=(
        Arm(
            where="p.kind = 'room'",
            values={
                "level": "floor.level::integer",
                "name": "concat_ws(' ', room.number, p.name)",
                "number": "room.number",
                "room_class": "room.room_class",
                "use_status": "p.use_status",
            },
            joins=(
                of_kind("place.room", "number", "room_class"),
                of_kind("place.floor", "level", on="p.parent_id"),
            ),
        ),
    ),
    attributes=(
        Attribute("level", "estate.attribute.level", "integer"),
        Attribute("number", "estate.attribute.room_number"),
        Attribute("room_class", "estate.attribute.room_class", "term", None, "room_class"),
        _USE,
    ),
    themes=(
        Theme("room_class", "estate.theme.room_class", "room_class", "room_class"),
        _BY_USE,
    ),
    level_attribute="level",
)

PARCEL: Final = Layer(
    name="parcel",
    title_key="estate.layer.parcel",
    group="estate",
    geometry="polygon",
    min_zoom=13,
    detail_zoom=13,
    label_zoom=17,
    drawn=drawn_parcel.fullname,
    arms=(
        Arm(
            where="p.kind = 'parcel'",
            values={"land_right": "parcel.land_right", "land_use": "parcel.land_use"},
            joins=(of_kind("place.parcel", "land_right", "land_use"),),
        ),
    ),
    attributes=(
        Attribute("land_right", "estate.attribute.land_right", "term", None, "land_right"),
        Attribute("land_use", "estate.attribute.land_use"),
    ),
    themes=(Theme("land_right", "estate.theme.land_right", "land_right", "land_right"),),
    is_visible=False,
)

HOUSING: Final = Layer(
    name="housing",
    title_key="estate.layer.housing",
    group="estate",
    geometry="point",
    min_zoom=4,
    arms=(
        Arm(
            where="p.kind = 'housing_unit'",
            values={
                "name": "coalesce(p.name, housing_unit.number)",
                "number": "housing_unit.number",
                "tenure": "housing_unit.tenure",
                "use_status": "p.use_status",
            },
            joins=(of_kind("place.housing_unit", "number", "tenure"),),
        ),
    ),
    attributes=(
        Attribute("number", "estate.attribute.unit_number"),
        Attribute("tenure", "estate.attribute.tenure", "term", None, "housing_tenure"),
        _USE,
    ),
    is_visible=False,
)

METERING_POINT: Final = Layer(
    name="metering_point",
    title_key="estate.layer.metering_point",
    group="energy",
    geometry="point",
    min_zoom=4,
    arms=(
        Arm(
            where="p.kind = 'metering_point'",
            values={
                "carrier": "metering_point.carrier",
                "meter_number": "metering_point.meter_number",
            },
            joins=(of_kind("place.metering_point", "carrier", "meter_number"),),
        ),
    ),
    attributes=(
        Attribute("carrier", "estate.attribute.carrier", "term", None, "energy_carrier"),
        Attribute("meter_number", "estate.attribute.meter_number"),
    ),
    themes=(Theme("carrier", "estate.theme.carrier", "carrier", "energy_carrier"),),
    is_visible=False,
)

ZONE: Final = Layer(
    name="zone",
    title_key="estate.layer.zone",
    group="estate",
    geometry="polygon",
    min_zoom=10,
    detail_zoom=10,
    label_zoom=15,
    arms=(
        Arm(
            where="p.kind = 'zone'",
            values={"zone_type": "zone.zone_type"},
            joins=(of_kind("place.zone", "zone_type"),),
        ),
    ),
    drawn=drawn_zone.fullname,
    attributes=(Attribute("zone_type", "estate.attribute.zone_type", "term", None, "zone_type"),),
    is_visible=False,
)

PREMISES: Final = Layer(
    name="premises",
    title_key="estate.layer.premises",
    group="energy",
    geometry="point",
    min_zoom=4,
    arms=(Arm(where="p.kind = 'premises'", values={"address": "p.address"}),),
    attributes=(Attribute("address", "estate.attribute.address"),),
    is_visible=False,
)

LAYERS: Final = (
    PARCEL,
    PROPERTY,
    BUILDING,
    SECTION,
    STRUCTURE,
    FLOOR,
    ROOM,
    ZONE,
    HOUSING,
    PREMISES,
    METERING_POINT,
)
"""Bottom to top, as the map draws them."""
