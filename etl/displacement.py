"""In which datum points are, by how far they lie from places whose location is known.

GCJ-02 moves a point by about half a kilometre and BD-09 by about one and a tenth, each in one
direction throughout a city. Address noise is larger than that for a single point but has no
direction, so the median of the displacement vectors tells the datum where a share of points in the
right district cannot.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from etl import datum as datums

Coordinates = npt.NDArray[np.float64]

CANDIDATES: Final = (datums.GEOGRAPHIC[0], *datums.OFFSET)
"""CGCS2000 stands for WGS84 too: they differ by decimetres."""

FEWEST_PAIRS: Final = 20
_DEGREE_M: Final = 111_195.0
"""Metres of a degree of latitude on a sphere: enough to compare distances of a kilometre."""
_MOST_OFF_M: Final = 150.0
"""How far the median may lie from what the chosen datum does at that spot."""
_LEAST_CLEARER: Final = 2.0
"""The next best datum must miss by this many times more."""
_LEAST_NEAREST: Final = 0.6
"""Share of the single pairs that must be nearest to the chosen datum, or the file mixes datums."""


@dataclass(frozen=True)
class Verdict:
    """What the displacements say.

    Args:
        datum: The datum, or null when they do not tell.
        pairs: Points compared with a known place.
        distance_m: Length of the median displacement.
        direction_deg: Its direction, clockwise from north.
        spread_m: Median distance of single displacements from the median.
        off_m: By candidate, how far the median is from what that datum would do.
        reason: Message key stem of why nothing was decided; null when it was.
    """

    datum: str | None
    pairs: int
    distance_m: float = 0.0
    direction_deg: float = 0.0
    spread_m: float = 0.0
    off_m: Mapping[str, float] | None = None
    reason: str | None = None

    def as_params(self) -> dict[str, Any]:
        """What a message fills in; whole metres and degrees."""
        return {
            "datum": self.datum,
            "pairs": self.pairs,
            "distance_m": round(self.distance_m),
            "direction_deg": round(self.direction_deg),
            "spread_m": round(self.spread_m),
        }


def decide(stated: Coordinates, known: Coordinates) -> Verdict:
    """The datum of points whose true location is known.

    Args:
        stated: (n, 2) degrees as the file gives them.
        known: (n, 2) where the same places lie, storage coordinates.
    """
    count = len(stated)
    if count < FEWEST_PAIRS:
        return Verdict(None, count, reason="few")
    scale = _scale(known)
    moved = (stated - known) * scale
    median = np.median(moved, axis=0)
    spread = float(np.median(np.hypot(*(moved - median).T)))
    missed = {name: moved - datums.offset_of(name, known) * scale for name in CANDIDATES}
    off = {name: float(np.hypot(*np.median(found, axis=0))) for name, found in missed.items()}
    best, next_best = sorted(off, key=off.__getitem__)[:2]
    distances = np.array([np.hypot(*missed[name].T) for name in CANDIDATES])
    nearest = float(np.mean(np.argmin(distances, axis=0) == CANDIDATES.index(best)))
    is_clear = (
        off[best] <= _MOST_OFF_M
        and off[next_best] >= _LEAST_CLEARER * max(off[best], _MOST_OFF_M / 2)
        and nearest >= _LEAST_NEAREST
    )
    return Verdict(
        datum=best if is_clear else None,
        pairs=count,
        distance_m=float(np.hypot(*median)),
        direction_deg=float(np.degrees(np.arctan2(median[0], median[1])) % 360),
        spread_m=spread,
        off_m=off,
        reason=None if is_clear else "ambiguous",
    )


def misses_m(stated: Coordinates, known: Coordinates, datum: str) -> npt.NDArray[np.float64]:
    """Metres between each point, taken to be in a datum, and its known place."""
    missed = (stated - known - datums.offset_of(datum, known)) * _scale(known)
    return np.asarray(np.hypot(*missed.T))


def _scale(at: Coordinates) -> Coordinates:
    """Metres per degree, east and north, at each point."""
    return np.column_stack([_DEGREE_M * np.cos(np.radians(at[:, 1])), np.full(len(at), _DEGREE_M)])
