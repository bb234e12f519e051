"""A city with something of everything, and a caller for every role there is."""

import io
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

from bureau import Bureau, prepare_bureau
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image
from sqlalchemy import text

from etl.load import LoadOptions, load_file
from gis.clock import today
from gis.db import Database, Role, transaction
from gis.rights.actions import EVERYTHING, Grant, ensure_account, open_session
from gis.rights.grants import OFFICES, ROLES
from gis.rights.tokens import make_token
from gis.settings import Settings
from webmap.app import create_app
from webmap.session import COOKIE

NOBODY: Final = "nobody"
PROGRAM: Final = "program"
OPERATOR: Final = "operator"
_LOADED = "楼栋编号,楼栋名称,建筑面积\nX1,甲楼,12\nX2,乙楼,-3\n"


@dataclass(frozen=True)
class Everybody:
    """The application on a database of its own, and who may ask it.

    Args:
        app: As it is served.
        bureau: Its city.
        callers: By role, the headers that make a request this role's; nobody's are none.
        numbers: By the name of a parameter of an address, a number that exists.
    """

    app: Flask
    bureau: Bureau
    callers: Mapping[str, Mapping[str, str]]
    numbers: Mapping[str, int | str]

    def browser(self) -> FlaskClient:
        """A client that keeps no cookies."""
        return self.app.test_client(use_cookies=False)

    def path(self, template: str) -> str:
        """An address of the description, filled in with what exists."""
        return re.sub(r"\{(\w+)\}", lambda found: str(self.numbers.get(found[1], 1)), template)


@contextmanager
def everybody(
    make_database: Callable[[str], Database],
    name: str,
    folder: Path,
    *,
    libraries: Path | None = None,
) -> Iterator[Everybody]:
    """Makes it all, with an issued campaign, a load, a photo and a saved view.

    Args:
        libraries: Where the browser libraries are, for who opens pages.
    """
    database = make_database(name)
    bureau = prepare_bureau(database)
    settings = Settings(
        state_dir=folder, database_url=None, language="zh", upload_mb=1, vendor_dir=libraries
    )
    app = create_app(settings, database)
    callers = _callers(database, bureau)
    numbers = _numbers(app, bureau, callers[OPERATOR], folder)
    yield Everybody(app, bureau, callers, numbers)
    app.extensions["onemap_tiles"].watch.close()


def _callers(database: Database, bureau: Bureau) -> dict[str, dict[str, str]]:
    agency = bureau.city.ids["agency 0"]
    granted = {role: Grant(role, admin_area_code="320401") for role in ROLES}
    granted |= {office: Grant(office) for office in OFFICES}
    granted |= {"clerk": Grant("clerk", organization_id=agency), OPERATOR: EVERYTHING}
    callers: dict[str, dict[str, str]] = {NOBODY: {}}
    with transaction(database.engine(Role.OWNER), None) as owner:
        for role, grant in granted.items():
            account_id = ensure_account(owner, f"test {role}", [grant])
            token = open_session(owner, account_id, kind="web", lifetime=timedelta(hours=2))
            callers[role] = {"Cookie": f"{COOKIE}={token}"}
    with transaction(database.engine(Role.WEB), token) as conn:
        _, read_only = make_token(conn, "只读程序", days=30, can_write=False)
    return {**callers, PROGRAM: {"Authorization": f"Bearer {read_only}"}}


def _numbers(
    app: Flask, bureau: Bureau, operator: Mapping[str, str], folder: Path
) -> dict[str, int | str]:
    ids = bureau.city.ids
    site = ids["site 0"]
    campaign_id = bureau.issue()
    csv = folder / "楼栋.csv"
    csv.write_text(_LOADED, "utf-8")
    token = operator["Cookie"].partition("=")[2]
    load = load_file(bureau.database, csv, token=token, options=LoadOptions(any_area=True))
    client = app.test_client(use_cookies=False)

    def post(path: str, **sent: Any) -> Any:
        answer = client.post(path, headers=dict(operator), **sent)
        assert answer.status_code < 300, answer.text
        return answer.get_json()

    picture = io.BytesIO()
    Image.new("RGB", (64, 48), "teal").save(picture, "PNG")
    picture.seek(0)
    post(f"/api/places/{site}/photos", data={"file": (picture, "a.png")})
    post("/api/uploads", data={"file": (io.BytesIO(_LOADED.encode()), "楼栋.csv")})
    post("/api/plans", data={"building": "D", "level": "1", "file": (io.BytesIO(b"0"), "1F.dxf")})
    post("/api/views", json={"name": "一张图", "link": "#v=1"})
    day = today().isoformat()
    plan = {"name": "巡检", "kind": "full", "starts_on": day, "ends_on": day}
    post("/inspections", json={**plan, "checklist": "taizhou_2021"})
    with bureau.database.engine(Role.OWNER).connect() as conn:

        def first(column: str, table: str, where: str = "true") -> int:
            found: int = conn.execute(
                text(f"SELECT coalesce(min({column}), 1) FROM {table} WHERE {where}")
            ).scalar_one()
            return found

        return {
            "place_id": site,
            "organization_id": ids["agency 0"],
            "campaign_id": campaign_id,
            "filing_id": bureau.filing(campaign_id, 0),
            "load_id": load.load_id or 1,
            "upload_id": first("upload_id", "staging.upload"),
            "job_id": first("job_id", "staging.job"),
            "photo_id": first("photo_id", "place.photo"),
            "view_id": first("saved_view_id", "services.saved_view"),
            "area_id": first("area_measure_id", "place.area_measure", f"place_id = {site}"),
            "holding_id": first("holding_id", "estate.holding", f"place_id = {site}"),
            "inspection_id": first("inspection_id", "inspection.inspection"),
            "item_id": first("item_id", "inspection.item"),
            "visit_id": first("visit_id", "inspection.visit"),
            "session_id": first("session_id", "rights.session"),
            "token_id": first("session_id", "rights.session"),
            "grant_id": first("grant_id", "rights.grant"),
            "workflow": "filing",
            "case_id": bureau.filing(campaign_id, 0),
            "row_number": 2,
            "layer_name": "property",
            "name": "property",
            "written": site,
            "ending": "csv",
            "step": "confirm",
            "z": 14,
            "x": 13639,
            "y": 6655,
        }
