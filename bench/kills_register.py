"""What the writers of `bench kills` write into: a building and a filing each, of a body each."""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Final

from sqlalchemy import text

from assets.campaign.actions.issue import Draft, issue_campaign
from assets.estate.actions import Party, record_holding, refresh_derived
from assets.estate.model import Extent, HoldingKind
from etl.admin_areas import packaged_city, save_areas
from etl.load import LoadOptions, load_file
from gis.clock import today
from gis.db import Database, Role, transaction
from gis.places.actions import touch
from gis.rights.actions import EVERYTHING, ensure_account, open_session

WEST: Final = 119.93
SOUTH: Final = 31.78
_CITY: Final = "320400"
_LIFETIME: Final = timedelta(hours=24)
_BUILDINGS: Final = "SELECT place_id FROM place.place WHERE kind = 'building' ORDER BY code"
_BODY: Final = """
INSERT INTO organization.organization (code, name)
VALUES ('K' || :at, '示例第' || :at || '局')
RETURNING organization_id"""


@dataclass(frozen=True)
class Register:
    """Who writes, and where.

    Args:
        token: Of the session of an account that may do everything.
        buildings: One a writer.
        bodies: Who has that building.
        filings: One a writer.
    """

    database: Database
    folder: Path
    token: str
    buildings: Sequence[int]
    bodies: Sequence[int]
    filings: Sequence[int]


def make_register(database: Database, folder: Path, writers: int) -> Register:
    """Loads buildings, some in every writer's hands and as many beside, and asks for filings."""
    for role in Role:
        database.engine(role)  # made here: several threads would each make their own
    with transaction(database.engine(Role.OWNER), None) as conn:
        account_id = ensure_account(conn, "bench kills", [EVERYTHING])
        token = open_session(conn, account_id, kind="web", lifetime=_LIFETIME)
    with transaction(database.engine(Role.LOADER), token) as conn:
        save_areas(conn, packaged_city(_CITY))
    file = folder / "楼栋.csv"
    write_buildings(file, "K", writers)
    load_file(database, file, token=token, options=LoadOptions(any_area=True, datum="cgcs2000"))
    with transaction(database.engine(Role.OWNER), None) as conn:
        buildings = conn.execute(text(_BUILDINGS)).scalars().all()
        bodies: list[int] = []
        for place_id in buildings:
            body_id = conn.execute(text(_BODY), {"at": place_id}).scalar_one()
            bodies.append(body_id)
            record_holding(
                conn,
                place_id=place_id,
                kind=HoldingKind.OCCUPIES,
                parties=[Party(body_id)],
                extent=Extent.WHOLE,
                source="census",
            )
        touch(conn, buildings)
        refresh_derived(conn)
    due = today() + timedelta(days=30)
    with transaction(database.engine(Role.WEB), token) as conn:
        draft = Draft(name="示例普查", as_of=due, due_on=due)
        campaign_id = issue_campaign(conn, draft, today=today())
        filings = conn.execute(
            text("SELECT filing_id FROM campaign.filing WHERE campaign_id = :one ORDER BY 1"),
            {"one": campaign_id},
        ).scalars()
        return Register(database, folder, token, buildings, bodies, list(filings))


def write_buildings(file: Path, prefix: str, count: int) -> None:
    """A list of buildings with numbers, areas and places on the map."""
    with file.open("w", encoding="utf-8-sig", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(["楼栋编号", "楼栋名称", "建筑面积", "经度", "纬度"])
        for at in range(count):
            spot = (f"{WEST + at * 0.0011:.6f}", f"{SOUTH + at * 0.0007:.6f}")
            writer.writerow(
                [f"{prefix}{at:03}", f"示例{prefix}楼{at + 1}号", f"{1000 + at}.5", *spot]
            )
