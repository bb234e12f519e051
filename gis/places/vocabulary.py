"""The words of the map itself: kinds of place, kinds of area, who measured."""

from enum import StrEnum
from typing import Final

IS_OPEN: Final = "{0}.security_class < 3"
"""Condition on a place, by alias: no stub of a state secret. What lists places carries it."""
IN_FORCE: Final = (
    "({0}.valid_from IS NULL OR {0}.valid_from <= :as_of)"
    " AND ({0}.valid_to IS NULL OR {0}.valid_to > :as_of)"
)
"""Condition on a dated row, to be formatted with its alias; binds `as_of`."""


class PlaceKind(StrEnum):
    """Kinds the map itself knows; domains add rows to `place.kind` for theirs."""

    PARCEL = "parcel"
    SITE = "site"
    BUILDING = "building"
    STRUCTURE = "structure"
    SECTION = "section"
    FLOOR = "floor"
    ROOM = "room"
    HOUSING_UNIT = "housing_unit"
    METERING_POINT = "metering_point"
    ZONE = "zone"
    """An overlay with its own polygon over rooms of any building; never a parent."""
    PREMISES = "premises"
    """Where a body sits that is in no estate register: meters hang on it, no area counts."""


class AreaKind(StrEnum):
    """What an area measures; the Chinese term of the trade beside each."""

    GROSS = "gross"
    """建筑面积"""
    OFFICE_GROSS = "office_gross"
    """办公用房建筑面积"""
    TECHNICAL_GROSS = "technical_gross"
    """技术业务用房建筑面积"""
    ANCILLARY_GROSS = "ancillary_gross"
    """附属用房建筑面积"""
    USABLE = "usable"
    """使用面积"""
    OFFICE_USABLE = "office_usable"
    """办公室使用面积"""
    SERVICE_USABLE = "service_usable"
    """服务用房使用面积"""
    EQUIPMENT_USABLE = "equipment_usable"
    """设备用房使用面积"""
    CHARGEABLE = "chargeable"
    """计租面积"""
    LAND = "land"
    """用地面积"""
    INTERNAL = "internal"
    """套内面积"""
    APPORTIONED = "apportioned"
    """分摊面积"""
    UNDERGROUND = "underground"
    """地下面积"""
    CIVIL_DEFENCE = "civil_defence"
    """人防面积"""
    SELF_USED = "self_used"
    """自用面积"""
    LET_OUT = "let_out"
    """出租面积"""
    LENT = "lent"
    """出借面积"""
    IDLE = "idle"
    """闲置面积"""
    OTHER_USE = "other_use"
    """其他面积: neither used by the holder nor let, lent or idle"""
    FOOTPRINT = "footprint"
    """基底面积"""


class AreaSource(StrEnum):
    """Who says so. Which counts is data: `place.area_precedence`."""

    CERTIFICATE = "certificate"
    SURVEY = "survey"
    DRAWING = "drawing"
    DECLARED = "declared"
    POLYGON = "polygon"
