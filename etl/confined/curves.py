"""Find arcs among geometries by their bytes alone."""

from typing import Final

import numpy as np
import pyarrow as pa

_CURVED: Final = (8, 9, 10, 11, 12)
"""ISO kinds: circular string, compound curve, curve polygon, multicurve, multisurface."""
_HEADER_BYTES: Final = 5
_BIG_ENDIAN: Final = 0


def has_curves(shapes: pa.Array) -> bool:
    """Whether any WKB of a binary array is of a kind with arcs; collections are not looked into."""
    known = shapes.drop_null()
    if not len(known):
        return False
    offsets = np.frombuffer(known.buffers()[1], np.int32)[known.offset :][: len(known) + 1]
    content = np.frombuffer(known.buffers()[2] or b"", np.uint8)
    starts = offsets[:-1][np.diff(offsets) >= _HEADER_BYTES]
    if not len(starts):
        return False
    places = np.where(content[starts] == _BIG_ENDIAN, [[4], [3], [2], [1]], [[1], [2], [3], [4]])
    low, next_, upper, high = (content[starts + one].astype(np.uint32) for one in places)
    # Heights and measures stand in the upper bits or as thousands, by the two customs.
    kinds = ((low | next_ << 8 | upper << 16 | high << 24) & 0x0FFFFFFF) % 1000
    return bool(np.isin(kinds, _CURVED).any())
