"""Floor plans as jobs: looked at as often as their page asks, accepted once, refused for good."""

from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import Any, Final

from sqlalchemy import text

from etl.plans.checking import Asked, judge_plan, place_plan
from etl.plans.correcting import Correction
from etl.plans.drawing import Drawing, read_drawing
from etl.plans.loading import load_plan
from etl.plans.model import Layers
from etl.plans.placement import Control
from etl.plans.register import KnownFloor, known_floor
from etl.plans.telling import seen_of, told
from gis.clock import today
from gis.db import Database, Role, transaction
from gis.errors import Conflict, OneMapError
from gis.jobs.actions import Job, KeptFile
from webmap.uploads import hold

Step = Callable[[str, str, int, int, int], None]

_ONE_BY_ONE: Final = "SELECT pg_advisory_xact_lock(hashtextextended(:what, 0))"
_FORGET: Final = """
UPDATE staging.upload SET is_kept = false
WHERE upload_id = :upload_id
"""
_FORGET_LOOKS: Final = """
UPDATE staging.job SET result = NULL, options = '{}'
WHERE upload_id = :upload_id AND kind IN ('plan', 'plan_load')
"""
_FORGET_EARLIER: Final = """
UPDATE staging.job SET result = NULL
WHERE upload_id = :upload_id AND kind = 'plan' AND job_id < :job_id AND result IS NOT NULL
"""
_STILL_KEPT: Final = """
SELECT EXISTS (SELECT FROM staging.upload
  WHERE is_kept AND file_sha256 = decode(:sha256, 'hex'))
"""


def asked_of(options: Mapping[str, Any]) -> Asked:
    """What a person says of a plan, as its jobs carry it."""
    return Asked(
        building=options["building"],
        level=options["level"],
        layers=Layers(
            *(tuple(options.get(name) or ()) for name in ("rooms", "numbers", "outline"))
        ),
        unit=options.get("unit"),
        close_m=options.get("close_m") or 0.0,
        controls=tuple(Control(*one) for one in options.get("controls") or ()),
        turn=options.get("turn"),
        crs=options.get("crs"),
        corrections=tuple(Correction(**one) for one in options.get("corrections") or ()),
    )


def look_at_plan(
    database: Database, job: Job, *, token: str, path: Path, file: KeptFile, progress: Step
) -> dict[str, Any]:
    """What the page shows of a plan; nothing is kept but this.

    Raises:
        OneMapError: The file cannot be read, or there is no such building.
    """
    progress("read", file.file_name, 1, 2, 5)
    asked = asked_of(job.options)
    floor = _floor(database, token, asked)
    drawing = read_drawing(path, file=file.file_name)
    progress("plan", file.file_name, 2, 2, 60)
    found = _look(drawing, floor, asked)
    # A plan is looked at many times, and each finding is as large as its drawing.
    with transaction(database.engine(Role.LOADER), token) as conn:
        conn.execute(text(_FORGET_EARLIER), {"upload_id": job.upload_id, "job_id": job.job_id})
    return found


def _look(drawing: Drawing, floor: KnownFloor, asked: Asked) -> dict[str, Any]:
    """As far as it goes: what stands in the way is told beside what was found till then."""
    judged = None
    try:
        judged = judge_plan(drawing, asked, floor)
        checked = place_plan(judged, asked)
    except OneMapError as error:
        return told(drawing, floor, judged, None, error)
    return told(drawing, floor, judged, checked, None)


def accept_plan(
    database: Database, job: Job, *, token: str, path: Path, file: KeptFile, progress: Step
) -> Mapping[str, Any]:
    """Load a plan as it was looked at.

    Raises:
        Conflict: What the register knows of the floor is not what was looked at.
        OneMapError: It was refused; nothing changed.
    """
    progress("read", file.file_name, 1, 3, 5)
    asked = asked_of(job.options)
    drawing = read_drawing(path, file=file.file_name)
    day = job.options.get("as_of")
    as_of = date.fromisoformat(day) if day else None
    # Of two who accept plans of one building at once, the second sees what the first loaded.
    with database.engine(Role.LOADER).connect() as lock:
        lock.execute(text(_ONE_BY_ONE), {"what": f"plans of {asked.building}"})
        progress("plan", file.file_name, 2, 3, 30)
        floor = _floor(database, token, asked)
        if job.options["has_floor"] and floor.code is None:
            raise Conflict("plan.floor_closed", code=floor.building_code, level=floor.level)
        if job.options["seen"] != seen_of(floor):
            raise Conflict("plan.floor_changed", code=floor.building_code, level=floor.level)
        checked = place_plan(judge_plan(drawing, asked, floor), asked)
        progress("merge", file.file_name, 3, 3, 50)
        result = load_plan(
            database, checked, token=token, accepts=bool(job.options.get("accepts")),
            with_new=bool(job.options.get("with_new")), as_of=as_of,
            job_id=job.job_id,
        )  # fmt: skip
    return result.as_json()


def drop_plan(
    database: Database, job: Job, *, token: str, path: Path, file: KeptFile
) -> Mapping[str, Any]:
    """Keep nothing of a plan: neither its file nor what was found in it."""
    with transaction(database.engine(Role.LOADER), token) as conn:
        values = {"sha256": file.sha256, "upload_id": job.upload_id}
        hold(conn, file.sha256)
        conn.execute(text(_FORGET), values)
        conn.execute(text(_FORGET_LOOKS), values)
        if not conn.execute(text(_STILL_KEPT), values).scalar_one():
            path.unlink(missing_ok=True)
    return {}


def _floor(database: Database, token: str, asked: Asked) -> KnownFloor:
    with transaction(database.engine(Role.OPERATOR), token) as conn:
        return known_floor(conn, asked.building, asked.level, today())
