"""The ceilings an operator has set.

Apart from `etl.limits`, because the process that opens files may not read the environment.
"""

from etl.limits import MEGABYTE, Limits
from gis.settings import Settings, load_settings


def limits_of(settings: Settings) -> Limits:
    """The ceilings an operator has set."""
    return Limits(
        max_rows=settings.file_rows,
        max_columns=settings.file_columns,
        max_file_bytes=settings.file_mb * MEGABYTE,
        max_unpacked_bytes=2 * settings.file_mb * MEGABYTE,
        max_memory_bytes=settings.file_memory_mb * MEGABYTE,
        max_seconds=settings.file_seconds,
    )


def usual_limits() -> Limits:
    """The ceilings of this installation, for who says none."""
    return limits_of(load_settings())
