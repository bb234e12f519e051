"""An inspection of the marked register: findings at every spot, and what each body was told."""

from collections.abc import Mapping

from sqlalchemy import Connection, insert, text

from assets.campaign.actions.issue import Selection
from assets.campaign.queries import read
from assets.inspection.actions.planning import Plan, plan_inspection
from assets.inspection.actions.rectifying import issue_for_finding
from assets.inspection.actions.visiting import add_finding, finish_visit, save_answer
from assets.inspection.model import Answer, Kind, finding_photo, inspector
from assets.inspection.queries import items, visits
from assets.services.cases import ME
from gis.clock import today
from gis.db import Database, Role, transaction
from tests.rights.spots import Spot

_PLACE = """
SELECT p.code, p.steward_id FROM place.place AS p WHERE p.place_id = :id"""
_CELL = "SELECT f.rights_cell FROM inspection.finding AS f WHERE f.finding_id = :id"
# As a notice about space over the standard says it: in the cell of what it sums.
_SURPLUS = """
INSERT INTO inspection.surplus (rectification_id, version, over_m2, rights_cell)
SELECT r.rectification_id, 1, 12.34, f.rights_cell
FROM inspection.rectification AS r JOIN inspection.finding AS f USING (finding_id)"""


def inspected_by_all(
    database: Database, operator: str, made: Mapping[str, Spot]
) -> dict[str, tuple[int, ...]]:
    """Go through every body, write a finding at each spot, and issue a notice for each."""
    day = today()
    with transaction(database.engine(Role.WEB), operator) as conn:
        plan = Plan("示例巡检", Kind.FULL, day, day, Selection(), checklist="taizhou_2021")
        inspection_id = plan_inspection(conn, plan, today=day)
        found = visits(conn, inspection_id)
        of_body = {one["organization_id"]: one["visit_id"] for one in found}
        findings = []
        for spot in made.values():
            place = read(conn, _PLACE, id=spot.places.get("site", spot.places["room"]))
            # What is left of a state secret says nothing of itself.
            if place and place[0]["code"] and spot.name != "stub":
                visit_id = of_body.get(place[0]["steward_id"], found[-1]["visit_id"])
                findings.append(_find(conn, visit_id, spot, place[0]["code"]))
        asked = items(conn, inspection_id)
        for one in found:
            for item in asked:
                save_answer(conn, one["visit_id"], item["item_id"], said=Answer.PASSED,
                            points=None, words="示例", seen_version=0)  # fmt: skip
            finish_visit(conn, one["visit_id"], seen_version=1, today=day)
        notices = [
            issue_for_finding(conn, finding_id, demand=None, due_on=day, today=day)
            for finding_id in findings
        ]
        conn.execute(text(_SURPLUS))
        cell = read(conn, "SELECT rights_cell FROM inspection.inspection")[0]["rights_cell"]
        conn.execute(
            insert(inspector).values(inspection_id=inspection_id, account_id=ME, rights_cell=cell)
        )
    return {
        "inspection_id": (inspection_id,),
        "visit_id": tuple(of_body.values()),
        "finding_id": tuple(findings),
        "rectification_id": tuple(notices),
        "item_id": (asked[0]["item_id"],),
    }


def _find(conn: Connection, visit_id: int, spot: Spot, code: str) -> int:
    made = add_finding(conn, visit_id, words=spot.text("检"), place_code=code)
    photo = conn.execute(
        text(
            "SELECT f.photo_id FROM place.photo AS f JOIN inspection.finding AS g"
            " ON g.place_id = f.place_id WHERE g.finding_id = :id"
        ),
        {"id": made},
    ).scalar()
    if photo is not None:
        cell = read(conn, _CELL, id=made)[0]["rights_cell"]
        conn.execute(
            insert(finding_photo).values(photo_id=photo, finding_id=made, rights_cell=cell)
        )
    return made
