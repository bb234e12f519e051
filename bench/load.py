"""Loading footprints: the whole loader against the least that any loader must do."""

import shutil
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import shapely
from sqlalchemy import Connection, text

from bench.database import bench_cluster, own_database
from bench.footprints import make_footprints
from bench.result import Context, Figures, ratio
from etl.admin_areas import packaged_city, save_areas
from etl.load import load_file
from etl.options import LoadOptions
from gis.backup import drop_database
from gis.cluster import Cluster
from gis.crs import STORAGE_SRID
from gis.database import private_database
from gis.db import Database, Role, transaction
from gis.places.actions import copy_rows
from gis.rights import actions as rights_actions

ROWS: Final = 200_000
MANY_ROWS: Final = 2_000_000
ROUNDS: Final = 3
_CITY: Final = "320400"
_TEMPLATE: Final = "onemap_bench_load"
_ADDRESS_SHARE: Final = 0.7

Seconds = Callable[[Database, Path], float]


def run(context: Context) -> Figures:
    """The figures of `bench load`."""
    with (
        tempfile.TemporaryDirectory() as folder,
        bench_cluster(context.state_dir).running() as cluster,
        own_database(cluster, _TEMPLATE) as template,
    ):
        with transaction(template.engine(Role.OWNER), None) as conn:
            save_areas(conn, packaged_city(_CITY))
        template.dispose()
        file = Path(folder) / "footprints.gpkg"
        context.say("bench.writing_file", count=ROWS)
        write_file(file, ROWS)
        taken = _measure(cluster, file, context)
        values: dict[str, float] = {
            "load_vs_floor": ratio(taken["load"], taken["floor"]),
            "vs_to_postgis": ratio(taken["load"], taken["to_postgis"]),
        }
        not_measured: dict[str, str] = {}
        if "ogr2ogr" in taken:
            values["vs_ogr2ogr"] = ratio(taken["load"], taken["ogr2ogr"])
        else:
            not_measured["vs_ogr2ogr"] = "bench.no_ogr2ogr"
        beside = {name: f"{statistics.median(times):.1f} s" for name, times in taken.items()}
        if context.is_large:
            few, many = _few_and_many(cluster, file, context)
            values["per_row_2m_vs_200k"] = round(many / MANY_ROWS / (few / ROWS), 2)
            beside["load of 2,000,000"] = f"{many:.0f} s"
        else:
            not_measured["per_row_2m_vs_200k"] = "bench.only_large"
    return Figures(values, beside, not_measured)


def _measure(cluster: Cluster, file: Path, context: Context) -> dict[str, list[float]]:
    measured: dict[str, Seconds] = {
        "load": _seconds_of_load,
        "floor": _seconds_of_floor,
        "to_postgis": _seconds_of_to_postgis,
    }
    if shutil.which("ogr2ogr"):
        measured["ogr2ogr"] = _seconds_of_ogr2ogr
    else:
        context.say("bench.no_ogr2ogr")
    taken: dict[str, list[float]] = {name: [] for name in measured}
    for turn in range(ROUNDS):
        for name in list(measured) if turn % 2 == 0 else reversed(measured):
            with _copy_of_template(cluster) as database:
                taken[name].append(measured[name](database, file))
            context.say("bench.took", name=name, seconds=f"{taken[name][-1]:.1f}")
    return taken


def _few_and_many(cluster: Cluster, file: Path, context: Context) -> tuple[float, float]:
    """Seconds of the small and of the large load: the small one before and after, their mean."""
    larger = file.with_stem("many_footprints")
    context.say("bench.writing_file", count=MANY_ROWS)
    write_file(larger, MANY_ROWS)
    taken = []
    for one in (file, larger, file):
        with _copy_of_template(cluster) as database:
            taken.append(_seconds_of_load(database, one))
        context.say("bench.took", name=one.stem, seconds=f"{taken[-1]:.1f}")
    return (taken[0] + taken[2]) / 2, taken[1]


@contextmanager
def _copy_of_template(cluster: Cluster) -> Iterator[Database]:
    """An empty register with the city's districts; each measurement has a new one."""
    name = f"{_TEMPLATE}_copy"
    drop_database(cluster, name)
    cluster.create_database(name, template=_TEMPLATE)
    database = private_database(cluster, name)
    try:
        with database.admin().connect().execution_options(isolation_level="AUTOCOMMIT") as conn:
            conn.execute(text("CHECKPOINT"))
        yield database
    finally:
        database.dispose()
        drop_database(cluster, name)


def write_file(file: Path, count: int) -> None:
    """A GeoPackage as a surveyor hands it in: name, code, address here and there, area, year."""
    _frame(count).to_file(file, layer="建筑", engine="pyogrio", mode="w")


def _frame(count: int) -> gpd.GeoDataFrame:
    footprints = make_footprints(count)
    number = pd.Series(np.arange(count))
    has_address = np.random.default_rng(1).random(count) < _ADDRESS_SHARE
    street = "示例" + (number // 400 + 1).astype(str) + "路" + (number % 400 + 1).astype(str) + "号"
    return gpd.GeoDataFrame(
        {
            "建筑编号": "B" + number.astype(str).str.zfill(8),
            "名称": "示例楼" + (number + 1).astype(str) + "号",
            "坐落": street.where(has_address, None),
            "建筑面积": (footprints.ground_area_m2 * footprints.floors).round(2),
            "地上层数": footprints.floors,
            "建成年份": footprints.year_built,
        },
        geometry=footprints.shapes,
        crs=STORAGE_SRID,
    )


def _seconds_of_load(database: Database, file: Path) -> float:
    with transaction(database.engine(Role.OWNER), None) as owner:
        account_id = rights_actions.ensure_account(owner, "bench", [rights_actions.EVERYTHING])
        token = rights_actions.open_session(owner, account_id, lifetime=timedelta(hours=2))
    started = time.perf_counter()
    result = load_file(database, file, token=token, options=LoadOptions())
    seconds = time.perf_counter() - started
    if result.inserted != result.rows:
        raise AssertionError(f"not every row was inserted: {result}")
    return seconds


def _seconds_of_floor(database: Database, file: Path) -> float:
    """COPY and one INSERT … SELECT a table, into the same indexed, history-kept tables.

    The rows are in memory, known to be right, with district and rights cell: it reads nothing,
    checks nothing and derives nothing, but what it writes is what the loader writes.
    """
    with transaction(database.engine(Role.OWNER), None) as conn:
        rows = _finished_rows(conn, file)
        load_id = conn.execute(
            text(
                "INSERT INTO staging.load (file_name, file_sha256) VALUES ('floor', '')"
                " RETURNING load_id"
            )
        ).scalar_one()
    with transaction(database.engine(Role.LOADER), None, load_id=load_id) as conn:
        started = time.perf_counter()
        conn.execute(
            text(
                "CREATE TEMP TABLE floor_row (code text, name text, address text, area_m2 numeric,"
                " floors int, year_built int, wkb text, area_code text, cell int) ON COMMIT DROP"
            )
        )
        copy_rows(conn, "pg_temp.floor_row", rows)
        conn.execute(text(_FLOOR_PLACES), {"load_id": load_id})
        conn.execute(text(_FLOOR_BUILDINGS))
        conn.execute(text(_FLOOR_AREAS))
    return time.perf_counter() - started


_FLOOR_PLACES: Final = f"""
INSERT INTO place.place (kind, code, name, address, geom, anchor, located_by, geom_source,
                         admin_area_code, rights_cell, load_id)
SELECT 'building', code, name, address, geom, ST_PointOnSurface(geom), 'own', 'survey',
       area_code, cell, :load_id
FROM pg_temp.floor_row, LATERAL (SELECT ST_SetSRID(wkb::geometry, {STORAGE_SRID}) AS geom) AS g
"""
_FLOOR_BUILDINGS: Final = """
INSERT INTO place.building (place_id, rights_cell, year_built, floors_above)
SELECT place_id, rights_cell, year_built, floors
FROM pg_temp.floor_row JOIN place.place USING (code)
"""
_FLOOR_AREAS: Final = """
INSERT INTO place.area_measure (place_id, area_kind, area_m2, source, rights_cell)
SELECT place_id, 'gross', area_m2, 'survey', rights_cell
FROM pg_temp.floor_row JOIN place.place USING (code)
"""


def _finished_rows(conn: Connection, file: Path) -> pa.Table:
    """The file's rows with district and cell, as the register shall have them."""
    districts = gpd.read_postgis(
        "SELECT code, geom FROM place.admin_area WHERE level = 'district' AND kind = 'statutory'"
        " AND geom IS NOT NULL",
        conn,
    )
    cells = {
        code: conn.execute(
            text("SELECT rights.cell_for(NULL, :code, CAST(0 AS smallint))"), {"code": code}
        ).scalar_one()
        for code in (*districts["code"], None)
    }
    rows = gpd.read_file(file, engine="pyogrio")
    shapes = rows.geometry.to_numpy()
    at, district = shapely.STRtree(districts.geometry.to_numpy()).query(
        shapely.point_on_surface(shapes), predicate="within"
    )
    lies_in = pd.Series([None] * len(rows), dtype=object)
    lies_in.iloc[at] = districts["code"].to_numpy()[district]
    return pa.table(
        {
            "code": pa.array(rows["建筑编号"]),
            "name": pa.array(rows["名称"]),
            "address": pa.array(rows["坐落"], pa.string(), from_pandas=True),
            "area_m2": pa.array(rows["建筑面积"]),
            "floors": pa.array(rows["地上层数"]),
            "year_built": pa.array(rows["建成年份"]),
            "wkb": pa.array(shapely.to_wkb(shapes, hex=True), pa.string()),
            "area_code": pa.array(lies_in, pa.string(), from_pandas=True),
            "cell": pa.array([cells[code] for code in lies_in]),
        }
    )


def _seconds_of_to_postgis(database: Database, file: Path) -> float:
    with database.admin().begin() as conn:
        conn.execute(text("CREATE SCHEMA bench_peer"))
    started = time.perf_counter()
    gpd.read_file(file, engine="pyogrio").to_postgis(
        "footprint", database.admin(), schema="bench_peer", chunksize=20_000
    )
    return time.perf_counter() - started


def _seconds_of_ogr2ogr(database: Database, file: Path) -> float:
    url = database.url(Role.OWNER)
    target = f"PG:host={url.query['host']} user={url.username} dbname={url.database}"
    # By the superuser: a database made from a template has none of its privileges.
    with database.admin().begin() as conn:
        conn.execute(text(f"CREATE SCHEMA bench_peer AUTHORIZATION {Role.OWNER}"))
    started = time.perf_counter()
    subprocess.run(
        ["ogr2ogr", "-f", "PostgreSQL", target, str(file), "-lco", "SCHEMA=bench_peer",
         "--config", "PG_USE_COPY", "YES"],
        check=True,
    )  # fmt: skip
    return time.perf_counter() - started
