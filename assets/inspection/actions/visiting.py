"""Carry an inspection out: answers and findings at a body, and that it is through."""

from datetime import date
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import Connection, insert, text

from assets.campaign.queries import read
from assets.inspection import model
from assets.inspection.model import MOST_WORDS, Answer
from assets.inspection.queries import find_finding, find_inspection, find_visit, inspectors, items
from assets.inspection.rules import check_points
from assets.services.cases import ME
from gis.clock import ZONE
from gis.errors import Conflict, Forbidden, InputError, NotFound
from gis.places import photos
from gis.places.pictures import Picture
from gis.rights.actions import shown_account

MOST_FINDINGS: Final = 300
MOST_PHOTOS: Final = 10
_ADD: Final = """
INSERT INTO inspection.answer (visit_id, item_id, answer, points, words, changed_by, rights_cell)
VALUES (:visit_id, :item_id, :answer, :points, :words, rights.current_account_id(), :cell)
ON CONFLICT DO NOTHING RETURNING version"""
_CHANGE: Final = """
UPDATE inspection.answer SET answer = :answer, points = :points, words = :words,
  version = version + 1, changed_at = clock_timestamp(), changed_by = rights.current_account_id()
WHERE visit_id = :visit_id AND item_id = :item_id AND version = :version RETURNING version"""
_ITEM: Final = """
SELECT t.points FROM inspection.item AS t
WHERE t.item_id = :item_id AND t.inspection_id = :inspection_id FOR SHARE"""
_LAST: Final = """
SELECT t.changed_at, coalesce(a.title, a.name) AS who FROM inspection.answer AS t
LEFT JOIN rights.account AS a ON a.account_id = t.changed_by
WHERE t.visit_id = :visit_id AND t.item_id = :item_id"""
_PLACE: Final = """
SELECT p.place_id, p.rights_cell, p.rights_cell IN (
  SELECT cell FROM rights.my_domain_write_cells WHERE domain = 'inspection') AS may_write
FROM place.place AS p WHERE p.code = :code"""
_HOLD: Final = """
SELECT FROM inspection.inspection WHERE inspection_id = :inspection_id FOR SHARE"""
_DONE: Final = """
UPDATE inspection.visit SET state = 'done', done_on = :today,
  done_by = rights.current_account_id(), version = version + 1
WHERE visit_id = :visit_id AND version = :version AND state = 'open' RETURNING version"""
_REOPEN: Final = """
UPDATE inspection.visit SET state = 'open', done_on = NULL, done_by = NULL, version = version + 1
WHERE visit_id = :visit_id AND version = :version AND state = 'done' RETURNING version"""


def may_carry_out(conn: Connection, visit: dict[str, Any]) -> bool:
    """Whether the account writes for the bureau and, where inspectors are named, is one."""
    if not visit["is_bureau"]:
        return False
    named = inspectors(conn, visit["inspection_id"])
    return not named or any(one["is_me"] for one in named)


def save_answer(
    conn: Connection,
    visit_id: int,
    item_id: int,
    *,
    said: Answer,
    points: Decimal | None,
    words: str | None,
    seen_version: int,
) -> int:
    """Keep what was found of an item.

    Args:
        seen_version: Of the answer its author saw; 0: there was none.

    Returns:
        Its new version.

    Raises:
        NotFound: There is no such visit, or item of its checklist.
        Forbidden: The account does not carry it out.
        Conflict: It is through or closed, or somebody else answered meanwhile; says who and when.
        InputError: More points than the item brings, or too many words.
    """
    visit = open_visit(conn, visit_id)
    # Locked, so that the points it can bring stay what they are until the answer is kept.
    asked = read(conn, _ITEM, item_id=item_id, inspection_id=visit["inspection_id"])
    if not asked:
        raise NotFound("inspection.no_such_item", item=item_id)
    check_points(points, asked[0]["points"])
    if points is not None and said is Answer.NOT_APPLICABLE:
        raise InputError("inspection.not_scored")
    values = {
        "visit_id": visit_id,
        "item_id": item_id,
        "answer": said.value,
        "points": points,
        "words": _cleaned(words, most=1000) or None,
        "version": seen_version,
        "cell": visit["rights_cell"],
    }
    statement = _CHANGE if seen_version else _ADD
    version: int | None = conn.execute(text(statement), values).scalar_one_or_none()
    if version is None:
        # Answers are changed and never removed, so whoever was faster left one.
        last = read(conn, _LAST, visit_id=visit_id, item_id=item_id)
        if not last:
            raise Conflict("inspection.changed_meanwhile")
        at = f"{last[0]['changed_at'].astimezone(ZONE):%Y-%m-%d %H:%M}"
        who = shown_account(last[0]["who"]) or "–"
        raise Conflict("inspection.answered_meanwhile", who=who, at=at)
    return version


def add_finding(
    conn: Connection,
    visit_id: int,
    *,
    words: str,
    item_id: int | None = None,
    place_code: str | None = None,
    picture: Picture | None = None,
) -> int:
    """Write down what is not as it should be.

    Args:
        item_id: Of the checklist; null: of no one item.
        place_code: Our code of the room, building or property; null: of no one place.
        picture: A photo of it, kept with the photos of the place.

    Returns:
        The `finding_id`.

    Raises:
        NotFound: There is no such visit, item or place.
        Forbidden: The account does not carry it out, or does not write there.
        Conflict: It is through or closed, or has three hundred findings.
        InputError: Nothing is said, or a photo without a place.
    """
    visit = open_visit(conn, visit_id)
    said = _cleaned(words, most=MOST_WORDS)
    if not said:
        raise InputError("inspection.no_words")
    if item_id is not None and item_id not in {
        one["item_id"] for one in items(conn, visit["inspection_id"])
    }:
        raise NotFound("inspection.no_such_item", item=item_id)
    if picture is not None and not place_code:
        raise InputError("inspection.photo_without_place")
    if visit["findings"] >= MOST_FINDINGS:
        raise Conflict("inspection.too_many_findings", most=MOST_FINDINGS)
    place = _place(conn, place_code) if place_code else None
    made: int = conn.execute(
        insert(model.finding)
        .values(
            visit_id=visit_id,
            item_id=item_id,
            place_id=place and place["place_id"],
            words=said,
            account_id=ME,
            rights_cell=place["rights_cell"] if place else visit["rights_cell"],
        )
        .returning(model.finding.c.finding_id)
    ).scalar_one()
    if picture is not None:
        add_photo(conn, made, picture)
    return made


def add_photo(conn: Connection, finding_id: int, picture: Picture) -> int:
    """Add a photo of a finding to the photos of its place.

    Raises:
        NotFound: There is no such finding.
        Forbidden: The account does not carry it out, or may not add photos there.
        Conflict: It is through or closed, or ten photos show it, or this very one is known.
        InputError: It names no place.
    """
    found = find_finding(conn, finding_id)
    open_visit(conn, found["visit_id"])
    if found["place_id"] is None:
        raise InputError("inspection.photo_without_place")
    if len(found["photo_ids"]) >= MOST_PHOTOS:
        raise Conflict("inspection.too_many_photos", most=MOST_PHOTOS)
    caption = found["words"][:100]
    photo_id = photos.add_photo(conn, found["place_id"], picture, caption, None)
    conn.execute(
        insert(model.finding_photo).values(
            photo_id=photo_id, finding_id=finding_id, rights_cell=found["rights_cell"]
        )
    )
    return photo_id


def drop_finding(conn: Connection, finding_id: int) -> int:
    """Take a finding back before anybody was told of it; its photos stay with the place.

    Returns:
        Its visit.

    Raises:
        NotFound: There is no such finding.
        Forbidden: The account does not carry it out.
        Conflict: It is through or closed, or a notice was issued.
    """
    found = find_finding(conn, finding_id)
    visit_id: int = found["visit_id"]
    open_visit(conn, visit_id)
    # Read again under the lock: a notice may have come before it.
    if find_finding(conn, finding_id)["rectification_id"] is not None:
        raise Conflict("rectification.issued_already")
    values = {"finding_id": finding_id}
    conn.execute(
        text("DELETE FROM inspection.finding_photo WHERE finding_id = :finding_id"), values
    )
    conn.execute(text("DELETE FROM inspection.finding WHERE finding_id = :finding_id"), values)
    return visit_id


def finish_visit(conn: Connection, visit_id: int, *, seen_version: int, today: date) -> None:
    """Say that a body is through: its answers stand, and the body reads them.

    Raises:
        NotFound: There is no such visit.
        Forbidden: The account does not carry it out.
        Conflict: It is through already, or somebody changed it, or items wait for an answer.
    """
    # Locked as what it will write: two who finish it at once would wait for each other for ever.
    visit = open_visit(conn, visit_id, lock="NO KEY UPDATE")
    # Whoever adds an item holds this: it is counted, or sees that a body is through.
    conn.execute(text(_HOLD), {"inspection_id": visit["inspection_id"]})
    asked = len(items(conn, visit["inspection_id"]))
    count = "SELECT count(*) AS found FROM inspection.answer AS t WHERE t.visit_id = :id"
    left = asked - read(conn, count, id=visit_id)[0]["found"]
    if left:
        raise Conflict("inspection.items_left", count=left)
    values = {"visit_id": visit_id, "version": seen_version, "today": today}
    if conn.execute(text(_DONE), values).one_or_none() is None:
        raise Conflict("inspection.changed_meanwhile")


def reopen_visit(conn: Connection, visit_id: int, *, seen_version: int) -> None:
    """Go on with a body that was through, while the inspection is open.

    Raises:
        NotFound: There is no such visit.
        Forbidden: The account does not carry it out.
        Conflict: It is not through, or the inspection is closed, or somebody changed it.
    """
    _of_inspector(conn, visit_id)
    values = {"visit_id": visit_id, "version": seen_version}
    if conn.execute(text(_REOPEN), values).one_or_none() is None:
        raise Conflict("inspection.changed_meanwhile")


def open_visit(conn: Connection, visit_id: int, *, lock: str = "SHARE") -> dict[str, Any]:
    """A visit that takes answers and findings of the asking account.

    Locked against being finished at the same moment.

    Args:
        lock: Strength of the lock, as SQL has it.

    Raises:
        NotFound: There is no such visit.
        Forbidden: The account does not carry it out, or does not write for the body.
        Conflict: It is through, or the inspection is closed.
    """
    visit = _of_inspector(conn, visit_id)
    state = conn.execute(
        text(f"SELECT v.state FROM inspection.visit AS v WHERE v.visit_id = :id FOR {lock}"),
        {"id": visit_id},
    ).scalar_one_or_none()
    # A row that one does not write is not locked, so none is found.
    if state is None:
        raise Forbidden("inspection.not_inspector")
    if state != "open":
        raise Conflict("inspection.visit_done")
    return visit


def _of_inspector(conn: Connection, visit_id: int) -> dict[str, Any]:
    visit = find_visit(conn, visit_id)
    if not may_carry_out(conn, visit):
        raise Forbidden("inspection.not_inspector")
    if not find_inspection(conn, visit["inspection_id"]).is_open:
        raise Conflict("inspection.closed")
    return visit


def _place(conn: Connection, code: str) -> dict[str, Any]:
    found = read(conn, _PLACE, code=code.replace("\0", "").strip()[:100])
    if not found:
        raise NotFound("inspection.no_such_place", code=code[:100])
    if not found[0]["may_write"]:
        raise Forbidden("inspection.place_not_yours")
    return found[0]


def _cleaned(words: str | None, *, most: int) -> str:
    said = (words or "").replace("\0", "").strip()
    if len(said) > most:
        raise InputError("workflow.too_long", most=most)
    return said
