"""The sample city as a user's demo has it: loaded by the loader, served by a server of its own.

At its full size it must say what is promised of it to the last square metre.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Final

from sqlalchemy import Connection, text

from bench.database import bench_cluster, own_database
from bench.result import Context
from bench.servers import onemap_server
from gis.db import Database, Role
from gis.settings import load_settings
from webmap.console import Console
from webmap.demo_city import bring_sample_city


@dataclass(frozen=True)
class Reconciled:
    """What a loaded city has of both populations: bodies, properties, square metres.

    Args:
        services: Public institutions (事业单位) in force.
        agencies: Party and government bodies in force, without townships.
        townships: Townships in force.
        of_services: Properties of the institutions and their gross area.
        of_agencies: Properties of the others.
        central: Properties that are centrally managed and their gross area.
    """

    services: int
    agencies: int
    townships: int
    of_services: tuple[int, Decimal]
    of_agencies: int
    central: tuple[int, Decimal]


FULL_CITY: Final = Reconciled(
    services=238,
    agencies=419,
    townships=36,
    of_services=(624, Decimal("4939100.00")),
    of_agencies=812,
    central=(492, Decimal("920000.00")),
)
"""The city at scale 1."""

_BODIES: Final = """
SELECT count(*) FILTER (WHERE type_code = 'institution') AS services,
       count(*) FILTER (WHERE type_code = 'party_government') AS agencies,
       count(*) FILTER (WHERE type_code = 'township') AS townships
FROM organization.organization WHERE valid_to IS NULL
"""
_PROPERTIES: Final = """
SELECT count(*) FILTER (WHERE population = 'institution') AS of_services,
       sum(area_m2) FILTER (WHERE population = 'institution') AS area_of_services,
       count(*) FILTER (WHERE population = 'party_government') AS of_agencies,
       count(*) FILTER (WHERE is_central) AS central,
       sum(area_m2) FILTER (WHERE is_central) AS central_area
FROM (
  SELECT coalesce(s.population, b.population) AS population,
         coalesce(s.is_centrally_managed, b.is_centrally_managed) AS is_central, c.area_m2
  FROM place.place AS p
  LEFT JOIN place.site AS s USING (place_id) LEFT JOIN place.building AS b USING (place_id)
  LEFT JOIN place.counted_area AS c ON c.place_id = p.place_id AND c.area_kind = 'gross'
  WHERE p.kind = 'site' OR p.kind = 'building' AND p.parent_id IS NULL
) AS property
"""


def reconciled(conn: Connection) -> Reconciled:
    """The figures of the register, read as a role that sees all of it."""
    bodies = conn.execute(text(_BODIES)).one()
    found = conn.execute(text(_PROPERTIES)).one()
    return Reconciled(
        bodies.services,
        bodies.agencies,
        bodies.townships,
        (found.of_services, found.area_of_services),
        found.of_agencies,
        (found.central, found.central_area),
    )


def refuse_other_figures(database: Database) -> None:
    """Stops a benchmark whose city is not the promised one.

    Raises:
        RuntimeError: With both sides.
    """
    with database.engine(Role.OWNER).connect() as conn:
        found = reconciled(conn)
    if found != FULL_CITY:
        raise RuntimeError(f"the sample city does not reconcile: {found}, not {FULL_CITY}")


@contextmanager
def served_sample_city(context: Context, name: str) -> Iterator[tuple[Database, int]]:
    """The city in a database of this name, vacuumed, and the port of the server on it."""
    with (
        bench_cluster(context.state_dir).running() as cluster,
        own_database(cluster, name) as database,
    ):
        settings = replace(load_settings(), state_dir=context.state_dir / "bench")
        bring_sample_city(Console(settings), database)
        refuse_other_figures(database)
        with database.admin().connect().execution_options(isolation_level="AUTOCOMMIT") as conn:
            conn.execute(text("VACUUM ANALYZE"))
        with onemap_server(database) as server:
            context.say("bench.measuring")
            yield database, server.port
