"""What the card of a place shows of each kind, and how history calls what changed."""

from collections.abc import Mapping
from typing import Final

from gis.layers import Attribute
from gis.places.vocabulary import PlaceKind

_OWNERSHIP: Final = Attribute(
    "ownership_status", "place.attribute.ownership_status", "term", None, "ownership_status"
)
_POPULATION: Final = Attribute(
    "population", "place.attribute.population", "term", None, "estate_population"
)
_LEASED_IN: Final = Attribute("is_leased_in", "place.attribute.is_leased_in", "boolean")
_CENTRAL: Final = Attribute(
    "is_centrally_managed", "place.attribute.is_centrally_managed", "boolean"
)
_YEAR: Final = Attribute("year_built", "place.attribute.year_built", "integer")
_STATED_OF_PROPERTY: Final = (
    Attribute("structure", "place.attribute.structure", "term", None, "structure"),
    Attribute("floors_above", "place.attribute.floors_above", "integer"),
    Attribute("floors_below", "place.attribute.floors_below", "integer"),
    Attribute("building_count", "place.attribute.building_count", "integer"),
    Attribute("room_count", "place.attribute.room_count", "integer"),
    Attribute("purpose", "place.attribute.purpose"),
    Attribute("land_right", "place.attribute.land_right", "term", None, "land_right"),
    Attribute("land_use", "place.attribute.land_use"),
)

OF_PLACE: Final = (
    Attribute("use_status", "place.attribute.use_status", "term", None, "use_status"),
    Attribute("valid_from", "place.attribute.valid_from", "date"),
    Attribute("valid_to", "place.attribute.valid_to", "date"),
    Attribute("geom_accuracy_m", "place.attribute.geom_accuracy", "number", "m"),
    Attribute("remark", "place.attribute.remark"),
)
"""Columns of place.place that any place may have."""

OF_KIND: Final[Mapping[str, tuple[Attribute, ...]]] = {
    PlaceKind.PARCEL: (
        Attribute("land_right", "place.attribute.land_right", "term", None, "land_right"),
        Attribute("land_use", "place.attribute.land_use"),
        Attribute("right_starts_on", "place.attribute.right_starts_on", "date"),
        Attribute("right_ends_on", "place.attribute.right_ends_on", "date"),
    ),
    PlaceKind.SITE: (_POPULATION, _OWNERSHIP, _LEASED_IN, _CENTRAL, _YEAR, *_STATED_OF_PROPERTY),
    PlaceKind.BUILDING: (
        _POPULATION,
        _OWNERSHIP,
        _LEASED_IN,
        _CENTRAL,
        _YEAR,
        *_STATED_OF_PROPERTY,
        Attribute("height_m", "place.attribute.height", "number", "m"),
    ),
    PlaceKind.STRUCTURE: (
        Attribute("use", "place.attribute.use"),
        _OWNERSHIP,
        Attribute("structure", "place.attribute.structure", "term", None, "structure"),
        _YEAR,
        Attribute("height_m", "place.attribute.structure_height", "number", "m"),
        Attribute("length_m", "place.attribute.length", "number", "m"),
    ),
    PlaceKind.SECTION: (
        Attribute("label", "place.attribute.label"),
        Attribute("floors_above", "place.attribute.floors_above", "integer"),
        Attribute("unit_count", "place.attribute.unit_count", "integer"),
    ),
    PlaceKind.FLOOR: (
        Attribute("level", "place.attribute.level", "integer"),
        Attribute("label", "place.attribute.label"),
    ),
    PlaceKind.ROOM: (
        Attribute("number", "place.attribute.room_number"),
        Attribute("room_class", "place.attribute.room_class", "term", None, "room_class"),
        Attribute("room_use", "place.attribute.room_use", "term", None, "room_use"),
        Attribute("floor_level", "place.attribute.level", "integer"),
        Attribute("floor_label", "place.attribute.floor_label"),
        Attribute("post_name", "place.attribute.post_name"),
        Attribute("post_rank", "place.attribute.post_rank"),
        Attribute("is_shared", "place.attribute.is_shared", "boolean"),
    ),
    PlaceKind.HOUSING_UNIT: (
        Attribute("number", "place.attribute.room_number"),
        Attribute("floor_level", "place.attribute.level", "integer"),
        Attribute("tenure", "place.attribute.tenure", "term", None, "housing_tenure"),
        Attribute("layout", "place.attribute.layout"),
        Attribute("estate_name", "place.attribute.estate_name"),
        Attribute("building_label", "place.attribute.building_label"),
        Attribute("section_label", "place.attribute.section_label"),
        Attribute("structure", "place.attribute.structure", "term", None, "structure"),
        _YEAR,
    ),
    PlaceKind.ZONE: (
        Attribute("zone_type", "place.attribute.zone_type", "term", None, "zone_type"),
    ),
    PlaceKind.METERING_POINT: (
        Attribute("carrier", "place.attribute.carrier", "term", None, "energy_carrier"),
        Attribute("meter_number", "place.attribute.meter_number"),
        Attribute("is_main", "place.attribute.is_main", "boolean"),
        Attribute("parent_number", "place.attribute.parent_number"),
        Attribute("account_number", "place.attribute.account_number"),
        Attribute("energy_use", "place.attribute.energy_use"),
        Attribute("reading_unit", "place.attribute.reading_unit"),
        Attribute("multiplier", "place.attribute.multiplier", "number"),
        Attribute("installed_on", "place.attribute.installed_on", "date"),
    ),
}
"""Columns of `place.<kind>`."""

IN_HISTORY: Final = (
    Attribute("code", "place.attribute.code"),
    Attribute("name", "place.attribute.name"),
    Attribute("address", "place.attribute.address"),
    Attribute("admin_area_code", "place.attribute.admin_area"),
    Attribute("parent_id", "place.attribute.parent", "place"),
    Attribute("steward_id", "place.attribute.steward", "body"),
    Attribute("security_class", "place.attribute.security_class", "integer"),
    Attribute("geom", "place.attribute.geom", "geometry"),
    *OF_PLACE,
)
"""Columns of place.place whose changes a person wants to read."""
