"""A city of three districts on a grid, small enough to know by heart, and accounts that see it.

Districts are squares of 0.1 degrees side by side from 119.7 E, 31.6 N. Each has an agency with one
site of two buildings; the first building has two floors of two rooms. One more agency has a site
that nobody has located yet.
"""

from dataclasses import dataclass
from datetime import timedelta

from makers import make_area, make_organization, make_place
from sqlalchemy import Connection, insert, text

from assets.estate.actions import Party, record_holding, refresh_derived
from assets.estate.model import Extent, HoldingKind
from gis.db import Database, Role, transaction
from gis.organizations.model import headcount
from gis.organizations.search import refresh_body_texts
from gis.places.actions import touch
from gis.rights import actions as rights_actions
from gis.rights.actions import EVERYTHING, Grant
from gis.tables import metadata

WEST, SOUTH, SIDE = 119.7, 31.6, 0.1
DISTRICTS = ("320401", "320402", "320403")
PARTIAL_GRANTS = 3


@dataclass(frozen=True)
class City:
    """Ids by name, and session tokens."""

    database: Database
    ids: dict[str, int]
    everything: str
    """Token of an account that sees all."""
    partial: str
    """Token of an account with three grants: the first district's agency, the second district, and
    the agency whose site nobody has located."""


def square(west: float, south: float, side: float) -> str:
    """WKT of a square in degrees."""
    east, north = west + side, south + side
    return f"POLYGON(({west} {south},{east} {south},{east} {north},{west} {north},{west} {south}))"


def build(database: Database) -> City:
    """Builds the city and commits it."""
    with transaction(database.engine(Role.OWNER), None) as conn:
        ids = _places(conn)
        accounts = {
            "everything": rights_actions.ensure_account(conn, "看全部", [EVERYTHING]),
            "partial": rights_actions.ensure_account(
                conn,
                "看部分",
                [
                    Grant("viewer", organization_id=ids["agency 0"]),
                    Grant("viewer", admin_area_code="320402"),
                    Grant("viewer", organization_id=ids["agency 3"]),
                ],
            ),
        }
        tokens = {
            name: rights_actions.open_session(
                conn, account_id, kind="web", lifetime=timedelta(hours=1)
            )
            for name, account_id in accounts.items()
        }
    return City(database, ids, tokens["everything"], tokens["partial"])


def _places(conn: Connection) -> dict[str, int]:
    ids: dict[str, int] = {}
    make_area(conn, "320400", name="示例市", level="city")
    for at, code in enumerate(DISTRICTS):
        box = square(WEST + at * SIDE, SOUTH, SIDE)
        make_area(
            conn,
            code,
            name=f"示例{at}区",
            parent_code="320400",
            geom=text("ST_Multi(ST_GeomFromText(:box, 4490))").bindparams(box=box),
        )
    for at in range(4):
        ids[f"agency {at}"] = make_organization(
            conn,
            f"A{at}",
            name=f"示例{at}局",
            type_code="party_government",
            category_code="state_organ",
        )
        for kind, people in (("quota", 10 + at), ("actual", 9 + at)):
            conn.execute(
                insert(headcount).values(
                    organization_id=ids[f"agency {at}"],
                    kind=kind,
                    people=people,
                    counted_on=text("DATE '2025-09-30'"),
                    source="directory",
                    rights_cell=text(f"rights.cell_for({ids[f'agency {at}']}, NULL, 0::smallint)"),
                )
            )
    for at, code in enumerate(DISTRICTS):
        _site(conn, ids, at, code)
    _unlocated(conn, ids)
    touch(conn, [place_id for name, place_id in ids.items() if not name.startswith("agency")])
    refresh_derived(conn)
    refresh_body_texts(conn)
    return ids


def _site(conn: Connection, ids: dict[str, int], at: int, district: str) -> None:
    common = {"admin_area_code": district, "steward_id": ids[f"agency {at}"]}
    west, south = WEST + at * SIDE + 0.05, SOUTH + 0.05
    site = ids[f"site {at}"] = make_place(
        conn,
        f"S{at}",
        name=None,
        address=f"示例路{at}号",
        wkt=square(west, south, 0.002),
        areas={"gross": 3000 + at, "land": 5000},
        **common,
    )
    _kind_row(conn, "site", site, population="party_government", ownership_status="registered",
              year_built=1985 + 20 * at)  # fmt: skip
    for number in range(2):
        building = ids[f"building {at}.{number}"] = make_place(
            conn,
            f"B{at}{number}",
            "building",
            name=f"{number + 1}号楼",
            parent=(site, "site"),
            wkt=square(west + 0.0002 + number * 0.0008, south + 0.0004, 0.0004),
            areas={"gross": 1000},
            **common,
        )
        _kind_row(conn, "building", building, year_built=1985 + 20 * at, floors_above=2)
    for level in (1, 2):
        floor = ids[f"floor {at}.{level}"] = make_place(
            conn, f"F{at}{level}", "floor", name=f"{level}层",
            parent=(ids[f"building {at}.0"], "building"), **common,
        )  # fmt: skip
        _kind_row(conn, "floor", floor, level=level, label=f"{level}F")
        for door in range(2):
            room = ids[f"room {at}.{level}.{door}"] = make_place(
                conn,
                f"R{at}{level}{door}",
                "room",
                parent=(floor, "floor"),
                wkt=square(west + 0.0002 + door * 0.0002, south + 0.0004, 0.0002),
                use_status="idle" if door else "in_use",
                areas={"usable": 20 + at},
                **common,
            )
            _kind_row(conn, "room", room, number=f"{level}0{door}", room_class="office")
    record_holding(
        conn,
        place_id=site,
        kind=HoldingKind.OCCUPIES,
        parties=[Party(ids[f"agency {at}"])],
        extent=Extent.PART,
        source="census",
    )


def _unlocated(conn: Connection, ids: dict[str, int]) -> None:
    site = ids["site 3"] = make_place(
        conn, "S3", name="未定位院落", address="示例路无号", steward_id=ids["agency 3"],
        areas={"gross": 500},
    )  # fmt: skip
    _kind_row(conn, "site", site, population="institution")


def _kind_row(conn: Connection, table: str, place_id: int, **values: object) -> None:
    cell = conn.execute(
        text("SELECT rights_cell FROM place.place WHERE place_id = :id"), {"id": place_id}
    ).scalar_one()
    conn.execute(
        insert(metadata.tables[f"place.{table}"]).values(
            place_id=place_id, rights_cell=cell, **values
        )
    )
