"""Which shapes of a plan meet which, with a bound on how many may."""

from typing import Any, Final

import numpy as np
import numpy.typing as npt
import shapely

from gis.errors import InputError

MOST_MEETING: Final = 1_000_000
"""More have lines that are no outlines, such as cross-hatching; each would be cut by the others."""
_AT_ONCE: Final = 256

_Positions = npt.NDArray[np.int64]


def meeting(
    shapes: npt.NDArray[np.object_], *, within: float | None = None, most: int = MOST_MEETING
) -> tuple[_Positions, _Positions]:
    """Pairs of shapes that meet, or are no further apart than `within`, the first position lower.

    Raises:
        InputError: There are more than `most`, which is more than any floor plan has.
    """
    tree = shapely.STRtree(shapes)
    how: dict[str, Any] = {"predicate": "intersects"}
    if within is not None:
        how = {"predicate": "dwithin", "distance": within}
    ones: list[_Positions] = []
    others: list[_Positions] = []
    count = 0
    for start in range(0, len(shapes), _AT_ONCE):
        one, other = tree.query(shapes[start : start + _AT_ONCE], **how)
        one = one + start
        is_pair = one < other
        ones.append(one[is_pair])
        others.append(other[is_pair])
        count += int(is_pair.sum())
        if count > most:
            raise InputError("plan.too_dense", limit=most)
    nothing = np.empty(0, dtype="int64")
    return np.concatenate([nothing, *ones]), np.concatenate([nothing, *others])
