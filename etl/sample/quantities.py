"""How much of everything the sample city has, and sharing a total out exactly."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

import numpy as np
from numpy.typing import NDArray

from gis.errors import InputError

SEED: Final = 320400
SURVEY_ON: Final = "2025-09-30"
MARK: Final = "示例数据"

HUNDREDTHS: Final = 100
"""Areas are shared out as whole hundredths of a square metre, so sums are exact."""


@dataclass(frozen=True)
class Quantities:
    """Totals of one sample city; areas are gross floor area in hundredths of m2."""

    agencies: int
    townships: int
    agency_properties: int
    central_properties: int
    central_area: int
    other_area: int
    service_bodies: int
    service_properties: int
    service_area: int
    rooms: int
    housing_units: int
    energy_bodies: int
    metering_points: int


_AT_SCALE_ONE: Final = Quantities(
    agencies=419,
    townships=36,
    agency_properties=812,
    central_properties=492,
    central_area=920_000 * HUNDREDTHS,
    other_area=266_500 * HUNDREDTHS,
    service_bodies=238,
    service_properties=624,
    service_area=4_939_100 * HUNDREDTHS,
    rooms=60_000,
    housing_units=5_000,
    energy_bodies=760,
    metering_points=5_973,
)
SMALLEST_SCALE: Final = 0.05
LARGEST_SCALE: Final = 100.0


def quantities_at(scale: float) -> Quantities:
    """The city's totals, each times `scale` and rounded; at 1 the figures of the real reports.

    Raises:
        InputError: The scale is outside 0.05 to 100: smaller has no room for every kind of file.
    """
    if not SMALLEST_SCALE <= scale <= LARGEST_SCALE:
        raise InputError(
            "sample.scale_out_of_range", scale=scale, least=SMALLEST_SCALE, most=LARGEST_SCALE
        )
    return Quantities(
        **{name: round(amount * scale) for name, amount in vars(_AT_SCALE_ONE).items()}
    )


def share_out(
    total: int, weights: Sequence[float] | NDArray[np.float64], *, least: int = 0
) -> NDArray[np.int64]:
    """Whole parts that sum to `total` exactly, in proportion to `weights`, each at least `least`.

    The largest remainders get the leftover units, ties by position.
    """
    shares = np.asarray(weights, dtype=np.float64)
    free = total - least * len(shares)
    exact = shares / shares.sum() * free
    parts = np.floor(exact).astype(np.int64)
    leftover = int(free - parts.sum())
    parts[np.argsort(parts - exact, kind="stable")[:leftover]] += 1
    return np.asarray(parts + least, dtype=np.int64)


def square_metres(hundredths: int) -> Decimal:
    """An area with its two decimals."""
    return Decimal(int(hundredths)).scaleb(-2)


def stage(seed: int, name: str) -> np.random.Generator:
    """The random numbers of one stage, so that a change in one stage leaves the others alone."""
    return np.random.default_rng([seed, *name.encode()])
