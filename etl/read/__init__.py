"""Open a file by what is in it and give its sheets, cells and geometry as they stand."""

from etl.read.open import read_source
from etl.read.source import Grid, Layer, Source

__all__ = ["Grid", "Layer", "Source", "read_source"]
