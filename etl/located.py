"""What the register knows of places that lie somewhere, for files that do not say where theirs do.

Only places that the asking account may see are compared with, so an answer tells nobody of others.
Everything happens in temporary tables that go with their transaction.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final, Protocol

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import shapely
from sqlalchemy import Connection, text

from etl.clean import Cleaned
from etl.displacement import Coordinates
from etl.folding import FOLDED
from etl.frames import Extent
from gis.crs import STORAGE_SRID
from gis.db import Database, Role, run_script, transaction
from gis.places.actions import copy_rows

MOST_ROWS: Final = 5_000
"""Rows compared; a datum shows in far fewer."""
_MOST_SHAPES: Final = 1_000
_ENOUGH: Final = 200
_CODE_FIELDS: Final = (
    "code", "source_code", "real_estate_unit_code", "asset_card_code", "unit_code", "building_code",
)  # fmt: skip
_TEXT_FIELDS: Final = ("address", "name")
_KEYS: Final = {
    "code": "SELECT k.row_number, p.place_id FROM pg_temp.file_key AS k"
    " JOIN place.place AS p ON p.code = k.value WHERE k.field = 'code'"
    " UNION SELECT k.row_number, i.place_id FROM pg_temp.file_key AS k"
    " JOIN place.identifier AS i ON i.value = k.value AND i.valid_to IS NULL"
    " WHERE k.field = 'code'",
    **{
        name: "SELECT k.row_number, p.place_id"
        f" FROM (SELECT row_number, {FOLDED.format('value')} AS folded FROM pg_temp.file_key"
        f"       WHERE field = '{name}') AS k"
        f" JOIN place.place AS p ON {FOLDED.format('p.' + name)} = k.folded"
        " WHERE p.kind IN ('site', 'building', 'structure', 'parcel', 'premises')"
        " AND p.parent_id IS NULL"
        for name in _TEXT_FIELDS
    },
}


class KnownPlaces(Protocol):
    """What the register can tell about locations."""

    def extent(self) -> Extent | None:
        """Where the registered areas lie, degrees; null without any."""

    def pairs(
        self, cleaned: Cleaned, rows: npt.NDArray[np.int64]
    ) -> tuple[npt.NDArray[np.int64], Coordinates]:
        """Positions in the table whose place is known and located, and where that is."""

    def covered(self, shapes: dict[str, npt.NDArray[np.object_]]) -> dict[str, Any]:
        """By candidate datum: positions of shapes that cover a known outline, and its middle."""

    def district_shares(
        self, codes: npt.NDArray[np.object_], at: dict[str, Coordinates]
    ) -> dict[str, float]:
        """By candidate datum, the share of points that fall in the district stated for them."""


class Register:
    """The places of a database, as one account sees them.

    Args:
        database: Where.
        token: The session in whose name.
    """

    def __init__(self, database: Database, token: str | None) -> None:
        self._database = database
        self._token = token

    @contextmanager
    def _looking(self) -> Iterator[Connection]:
        with transaction(self._database.engine(Role.LOADER), self._token) as conn:
            yield conn

    def extent(self) -> Extent | None:
        """See `KnownPlaces`."""
        with self._looking() as conn:
            row = conn.execute(
                text(
                    "SELECT ST_XMin(box), ST_YMin(box), ST_XMax(box), ST_YMax(box)"
                    " FROM (SELECT ST_Extent(geom) AS box FROM place.admin_area) AS found"
                )
            ).one()
        return None if row[0] is None else (row[0], row[1], row[2], row[3])

    def pairs(
        self, cleaned: Cleaned, rows: npt.NDArray[np.int64]
    ) -> tuple[npt.NDArray[np.int64], Coordinates]:
        """See `KnownPlaces`."""
        keys = _keys(cleaned, rows[:: -(-len(rows) // MOST_ROWS)])
        with self._looking() as conn:
            _start(conn, keys)
            for name in ("code", *_TEXT_FIELDS):
                if _found(conn) >= _ENOUGH:
                    break
                run_script(conn, _MATCH.format(select=_KEYS[name]))
            found = conn.execute(text(_LOCATED)).all()
        at = np.array([row.row_number for row in found], dtype="int64")
        return at, np.array([(row.lon, row.lat) for row in found], dtype="float64").reshape(-1, 2)

    def covered(self, shapes: dict[str, npt.NDArray[np.object_]]) -> dict[str, Any]:
        """See `KnownPlaces`."""
        answer: dict[str, Any] = {}
        with self._looking() as conn:
            run_script(
                conn,
                "CREATE TEMP TABLE file_shape (candidate text, row_number integer,"
                f" geom geometry(Geometry, {STORAGE_SRID})) ON COMMIT DROP",
            )
            for name, found in shapes.items():
                rows = np.flatnonzero(~shapely.is_missing(found))[:_MOST_SHAPES]
                hexed = shapely.to_wkb(
                    shapely.set_srid(found[rows], STORAGE_SRID), hex=True, include_srid=True
                )
                copy_rows(conn, "pg_temp.file_shape", pa.table({
                    "candidate": pa.array([name] * len(rows), pa.string()),
                    "row_number": pa.array(rows, pa.int64()),
                    "geom": pa.array(hexed, pa.string()),
                }))  # fmt: skip
            run_script(conn, "ANALYZE pg_temp.file_shape")
            frame = pd.DataFrame(
                conn.execute(text(_COVERED)).all(), columns=["candidate", "row", "lon", "lat"]
            )
        for name in shapes:
            own = frame[frame["candidate"] == name]
            answer[name] = (
                own["row"].to_numpy(dtype="int64"),
                own[["lon", "lat"]].to_numpy(dtype="float64"),
            )
        return answer

    def district_shares(
        self, codes: npt.NDArray[np.object_], at: dict[str, Coordinates]
    ) -> dict[str, float]:
        """See `KnownPlaces`."""
        shares = {}
        with self._looking() as conn:
            for name, points in at.items():
                row = conn.execute(
                    text(_IN_DISTRICT),
                    {
                        "codes": [str(code) for code in codes[:MOST_ROWS]],
                        "lons": points[:MOST_ROWS, 0].tolist(),
                        "lats": points[:MOST_ROWS, 1].tolist(),
                    },
                ).one()
                if row.stated:
                    shares[name] = row.inside / row.stated
        return shares


# A row that means several places proves nothing; several bodies at one address prove it several
# times over.
_MATCH: Final = """
INSERT INTO pg_temp.file_match (row_number, place_id)
SELECT found.row_number, min(found.place_id)
FROM ({select}) AS found (row_number, place_id)
JOIN place.place AS p USING (place_id)
WHERE p.anchor IS NOT NULL AND p.located_by <> 'ancestor'
  AND p.rights_cell IN (SELECT cell FROM rights.my_cells)
  AND NOT EXISTS (SELECT FROM pg_temp.file_match AS m WHERE m.row_number = found.row_number)
GROUP BY found.row_number HAVING count(*) = 1
"""
_LOCATED: Final = """
SELECT m.row_number, ST_X(at.point) AS lon, ST_Y(at.point) AS lat
FROM pg_temp.file_match AS m JOIN place.place AS p USING (place_id)
CROSS JOIN LATERAL (SELECT CASE WHEN GeometryType(p.geom) IN ('POLYGON', 'MULTIPOLYGON')
                                THEN ST_Centroid(p.geom) ELSE p.anchor END AS point) AS at
ORDER BY 1
"""
_COVERED: Final = """
SELECT s.candidate, s.row_number, min(ST_X(ST_Centroid(p.geom))), min(ST_Y(ST_Centroid(p.geom)))
FROM pg_temp.file_shape AS s
JOIN place.place AS p ON p.geom && s.geom AND p.kind IN ('site', 'building', 'structure')
WHERE p.rights_cell IN (SELECT cell FROM rights.my_cells)
  AND GeometryType(p.geom) IN ('POLYGON', 'MULTIPOLYGON') AND ST_IsValid(s.geom)
  AND ST_Area(ST_Intersection(p.geom, s.geom))
      > 0.6 * greatest(ST_Area(p.geom), ST_Area(s.geom))
GROUP BY s.candidate, s.row_number
"""
_IN_DISTRICT: Final = """
SELECT count(*) AS stated,
       count(*) FILTER (WHERE ST_Intersects(a.geom, ST_SetSRID(ST_MakePoint(lon, lat),
                                                               ST_SRID(a.geom)))) AS inside
FROM unnest(CAST(:codes AS text[]), CAST(:lons AS float8[]), CAST(:lats AS float8[]))
  AS s (code, lon, lat)
JOIN place.admin_area AS a ON a.code = left(s.code, 6) AND a.geom IS NOT NULL
"""


def _keys(cleaned: Cleaned, rows: npt.NDArray[np.int64]) -> pa.Table:
    numbers: list[npt.NDArray[np.int64]] = []
    fields: list[str] = []
    written: list[str] = []
    for field in (*_CODE_FIELDS, *_TEXT_FIELDS):
        values = cleaned.text(field).to_numpy(dtype=object)[rows]
        known = pd.notna(values)
        numbers.append(rows[known])
        fields += ["code" if field in _CODE_FIELDS else field] * int(known.sum())
        written += [str(value) for value in values[known]]
    if (codes := cleaned.table.place_codes) is not None:
        known = pd.notna(codes[rows])
        numbers.append(rows[known])
        fields += ["code"] * int(known.sum())
        written += [str(code) for code in codes[rows][known]]
    return pa.table(
        {
            "row_number": pa.array(np.concatenate(numbers), pa.int64()),
            "field": pa.array(fields, pa.string()),
            "value": pa.array(written, pa.string()),
        }
    )


def _start(conn: Connection, keys: pa.Table) -> None:
    run_script(
        conn,
        "CREATE TEMP TABLE file_key (row_number integer, field text, value text) ON COMMIT DROP;"
        "CREATE TEMP TABLE file_match (row_number integer PRIMARY KEY, place_id bigint)"
        " ON COMMIT DROP",
    )
    copy_rows(conn, "pg_temp.file_key", keys)
    run_script(conn, "ANALYZE pg_temp.file_key")


def _found(conn: Connection) -> int:
    count: int = conn.execute(text("SELECT count(*) FROM pg_temp.file_match")).scalar_one()
    return count
