"""A dense city straight in the tables, and an account with three grants that sees most of it."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import numpy as np
import pyarrow as pa
import shapely
from numpy.typing import NDArray
from sqlalchemy import Connection, text

from bench.footprints import SEED, Footprints, make_footprints
from gis.crs import STORAGE_SRID
from gis.db import Database, Role, transaction
from gis.places.actions import copy_rows
from gis.rights import actions as rights_actions
from gis.rights.actions import Grant

DISTRICTS: Final = 6
BUREAUS: Final = 30
AGENCIES_A_BUREAU: Final = 10
_CITY_SHARE: Final = 0.3
_SEEN_BUREAUS: Final = 20
"""Of the bureaus; with two districts the account sees some three quarters of the buildings."""


@dataclass(frozen=True)
class DenseCity:
    """A filled database and who asks it."""

    footprints: Footprints
    token: str
    """Session of the account with three grants."""


def build(database: Database, count: int) -> DenseCity:
    """Fills a migrated database and commits."""
    footprints = make_footprints(count)
    with transaction(database.engine(Role.OWNER), None) as conn:
        _bodies(conn)
        _buildings(conn, footprints)
        account_id = rights_actions.ensure_account(
            conn,
            "bench",
            [
                Grant("viewer", _organization_id(conn, "SEEN"), max_security_class=1),
                Grant("viewer", admin_area_code=_district(0), max_security_class=1),
                Grant("viewer", admin_area_code=_district(1), max_security_class=1),
            ],
        )
        token = rights_actions.open_session(
            conn, account_id, kind="web", lifetime=timedelta(hours=2)
        )
    with database.admin().connect().execution_options(isolation_level="AUTOCOMMIT") as conn:
        conn.execute(text("VACUUM ANALYZE"))
    return DenseCity(footprints, token)


def _district(at: int) -> str:
    return f"BENCH{at}"


def _organization_id(conn: Connection, code: str) -> int:
    found: int = conn.execute(
        text("SELECT organization_id FROM organization.organization WHERE code = :code"),
        {"code": code},
    ).scalar_one()
    return found


def _bodies(conn: Connection) -> None:
    """Districts, two trees of bureaus with their agencies, and every cell of the three."""
    for at in range(DISTRICTS):
        conn.execute(
            text(
                "INSERT INTO place.admin_area (code, name, level) VALUES (:code, :code, 'district')"
            ),
            {"code": _district(at)},
        )
    conn.execute(
        text(
            "INSERT INTO organization.organization (code, name)"
            " VALUES ('SEEN', '示例一'), ('OTHER', '示例二')"
        )
    )
    for count, parent, code in (
        (BUREAUS, f"CASE WHEN i < {_SEEN_BUREAUS} THEN 'SEEN' ELSE 'OTHER' END", "'B' || i"),
        (BUREAUS * AGENCIES_A_BUREAU, f"'B' || i / {AGENCIES_A_BUREAU}", "'A' || i"),
    ):
        conn.execute(
            text(
                "INSERT INTO organization.organization (code, name, parent_id)"
                f" SELECT {code}, {code}, o.organization_id"
                " FROM generate_series(0, :last) AS i"
                f" JOIN organization.organization AS o ON o.code = {parent}"
            ),
            {"last": count - 1},
        )
    conn.execute(
        text(
            "INSERT INTO rights.cell (organization_id, admin_area_code, security_class)"
            " SELECT o.organization_id, a.code, class FROM organization.organization AS o,"
            " place.admin_area AS a, generate_series(0, 1) AS class WHERE o.code LIKE 'A%'"
            " AND (a.code = 'BENCH' || substr(o.code, 2)::int % :groups"
            " OR substr(o.code, 2)::int % :groups = :city)"
        ),
        {"groups": DISTRICTS + 1, "city": DISTRICTS},
    )


def _agencies(district: NDArray[np.int64], random: np.random.Generator) -> NDArray[np.int64]:
    """Number of the agency that answers for each building: one of its district, or of the city."""
    groups = DISTRICTS + 1
    of_city = random.random(len(district)) < _CITY_SHARE
    turn = random.integers(0, BUREAUS * AGENCIES_A_BUREAU // groups, len(district))
    return turn * groups + np.where(of_city, DISTRICTS, district)


def _buildings(conn: Connection, footprints: Footprints) -> None:
    count = len(footprints.shapes)
    random = np.random.default_rng(SEED)
    west, south, east, north = footprints.extent
    points = shapely.get_coordinates(shapely.centroid(footprints.shapes))
    column = np.clip((points[:, 0] - west) / (east - west) * 3, 0, 2).astype(int)
    row = np.clip((points[:, 1] - south) / (north - south) * 2, 0, 1).astype(int)
    conn.execute(
        text(
            "CREATE TEMP TABLE drawn (n int, wkb text, district text, agency text, class int,"
            " year_built int, floors int) ON COMMIT DROP"
        )
    )
    copy_rows(
        conn,
        "pg_temp.drawn",
        pa.table(
            {
                "n": pa.array(np.arange(count)),
                "wkb": pa.array(shapely.to_wkb(footprints.shapes, hex=True), pa.string()),
                "district": pa.array([_district(at) for at in row * 3 + column]),
                "agency": pa.array([f"A{at}" for at in _agencies(row * 3 + column, random)]),
                "class": pa.array((random.random(count) < 0.05).astype(int)),
                "year_built": pa.array(footprints.year_built),
                "floors": pa.array(footprints.floors),
            }
        ),
    )
    conn.execute(text("ANALYZE pg_temp.drawn"))
    conn.execute(
        text(
            "INSERT INTO place.place (kind, code, name, admin_area_code, steward_id,"
            " security_class, rights_cell, geom, anchor, located_by, geom_source, use_status)"
            " SELECT 'building', 'B' || to_char(d.n, 'FM0000000'), d.n || '号楼', d.district,"
            " o.organization_id, d.class, c.cell, g.geom, ST_PointOnSurface(g.geom), 'own',"
            " 'survey', (ARRAY['in_use', 'idle', 'let_out'])[1 + d.n % 3]"
            " FROM pg_temp.drawn AS d"
            " JOIN organization.organization AS o ON o.code = d.agency"
            " JOIN rights.cell AS c ON c.organization_id = o.organization_id"
            " AND c.admin_area_code = d.district AND c.security_class = d.class"
            f" CROSS JOIN LATERAL (SELECT ST_SetSRID(d.wkb::geometry, {STORAGE_SRID}) AS geom) AS g"
            " ORDER BY d.n"
        )
    )
    conn.execute(
        text(
            "INSERT INTO place.building (place_id, rights_cell, ownership_status, year_built,"
            " structure, floors_above)"
            " SELECT p.place_id, p.rights_cell, (ARRAY['certified', 'uncertified'])[1 + d.n % 2],"
            " d.year_built, (ARRAY['steel_concrete', 'brick_concrete', 'steel'])[1 + d.n % 3],"
            " d.floors FROM pg_temp.drawn AS d"
            " JOIN place.place AS p ON p.code = 'B' || to_char(d.n, 'FM0000000')"
        )
    )
