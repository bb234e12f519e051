"""Geometry of a read layer."""

from typing import Any

import shapely


def geometries(wkb: Any) -> Any:
    """Shapely geometries of WKB; null where there is none or the bytes make no geometry."""
    return shapely.from_wkb(wkb, on_invalid="ignore")
