"""How much of a file onemap takes in before it refuses."""

from dataclasses import dataclass

MEGABYTE = 1024 * 1024


@dataclass(frozen=True)
class Limits:
    """Ceilings for one file; the defaults fit a province's census on an office machine."""

    max_rows: int = 5_000_000
    """Data rows in one sheet or layer."""

    max_columns: int = 256
    """Columns in one sheet or layer; wider sheets are a format mistake, not a census."""

    max_file_bytes: int = 2048 * MEGABYTE
    """Size of the file as it comes."""

    max_unpacked_bytes: int = 4096 * MEGABYTE
    """Size of a zipped file (xlsx, zipped Shapefile) once unpacked."""

    max_unpack_ratio: int = 200
    """Unpacked over packed; real workbooks stay under 40."""

    ratio_applies_over_bytes: int = 32 * MEGABYTE
    """Small files may be packed tighter; they harm nobody."""

    max_memory_bytes: int = 6144 * MEGABYTE
    """Address space of the process that opens the file."""

    max_seconds: int = 900
    """Wall time of opening the file, and processor time as well."""
