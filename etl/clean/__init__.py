"""Turn cells as people write them into values, and list every repair."""

from etl.clean.columns import Cleaned, clean_table

__all__ = ["Cleaned", "clean_table"]
