"""What files may say about the estate: one column contract for each kind of sheet or layer."""

from typing import Final

from assets.estate.contracts.cards import ASSET_CARD
from assets.estate.contracts.organizations import ORGANIZATION, POST, SUCCESSION
from assets.estate.contracts.parts import (
    COORDINATES,
    FLOOR,
    HOUSING_UNIT,
    METERING_POINT,
    ROOM,
    SECTION,
)
from assets.estate.contracts.properties import (
    BUILDING,
    LEASE_IN,
    PARCEL,
    PROJECT,
    PROPERTY,
    SITE,
    STRUCTURE,
    TECHNICAL_PREMISES,
)

CONTRACTS: Final = (
    ORGANIZATION,
    SUCCESSION,
    POST,
    PROPERTY,
    TECHNICAL_PREMISES,
    PROJECT,
    SITE,
    PARCEL,
    BUILDING,
    STRUCTURE,
    FLOOR,
    ROOM,
    SECTION,
    HOUSING_UNIT,
    METERING_POINT,
    COORDINATES,
    LEASE_IN,
    ASSET_CARD,
)
"""In the order a tie between two kinds is settled: the earlier wins."""
