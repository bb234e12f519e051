"""Geometry of a read layer."""

from typing import Any

import numpy as np
import shapely


def geometries(wkb: Any) -> Any:
    """Shapely geometries of WKB; null where there is none or the bytes make no geometry."""
    try:
        return shapely.from_wkb(wkb, on_invalid="ignore")
    except NotImplementedError:
        # Arcs within a collection: the one such shape must not take the others with it.
        return np.array([_geometry(one) for one in wkb], dtype=object)


def _geometry(wkb: Any) -> Any:
    try:
        return shapely.from_wkb(wkb, on_invalid="ignore")
    except NotImplementedError:
        return None
