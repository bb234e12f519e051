"""What must hold after all kills: everything acknowledged is there, once, and nothing is half."""

import hashlib
import random
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, text

from assets.domain import AreaAnswer
from assets.estate.area import AREA_FACTS
from assets.registry import METADATA
from bench.kills_register import SOUTH, WEST, Register
from bench.kills_writers import ROWS_OF_A_LOAD, Written
from etl.load import settle_stale_loads
from gis.audit.keys import SealFiles
from gis.audit.verifying import verify_history
from gis.clock import today
from gis.db import Database, Role, transaction
from gis.questions import Asked, asked_area, collect_places, parse_question
from gis.summed import collect_summed
from gis.summing import refresh_sums

_FOUND: Final = {
    "edit": "SELECT DISTINCT name FROM (SELECT name FROM place.place"
            " UNION ALL SELECT name FROM history.place_place) AS every",
    "room": "SELECT number FROM place.room",
    "area": "SELECT area_m2::text FROM place.area_measure",
    "holding": "SELECT decision FROM estate.holding",
    "photo": "SELECT caption FROM place.photo JOIN place.photo_image USING (photo_id)",
    "view": "SELECT name FROM services.saved_view",
    "token": "SELECT title FROM rights.session",
    "upload": "SELECT split_part(file_name, '.', 1) FROM staging.upload",
    "filing": "SELECT address FROM campaign.filing_row",
    "load": "SELECT split_part(file_name, '.', 1) FROM staging.load WHERE state = 'committed'",
}  # fmt: skip
"""By kind: the marks that the register holds. What a later one overwrote stands in history."""

_HALF: Final = {
    "a place without the row of its kind":
        "SELECT p.code FROM place.place AS p"
        " WHERE p.kind IN ('building', 'room') AND NOT EXISTS"
        "  (SELECT FROM place.building AS b WHERE b.place_id = p.place_id)"
        " AND NOT EXISTS (SELECT FROM place.room AS r WHERE r.place_id = p.place_id)",
    "a photo without its picture":
        "SELECT photo_id FROM place.photo WHERE photo_id NOT IN"
        " (SELECT photo_id FROM place.photo_image)",
    "a load that neither ended nor failed":
        "SELECT load_id FROM staging.load WHERE state = 'running'",
    "a load whose places are not all there, or there without it":
        "SELECT mark FROM (SELECT left(code, -3) AS mark, count(*) AS places FROM place.place"
        f"  WHERE code LIKE 'LOADZ%' GROUP BY 1) AS c WHERE places <> {ROWS_OF_A_LOAD}"
        "  OR NOT EXISTS (SELECT FROM staging.load AS l WHERE l.state = 'committed'"
        "                 AND split_part(l.file_name, '.', 1) = mark)",
    "a load that is told to have ended, without places":
        "SELECT file_name FROM staging.load WHERE state = 'committed' AND file_name LIKE 'LOADZ%'"
        " AND NOT EXISTS (SELECT FROM place.place"
        "                 WHERE code = split_part(file_name, '.', 1) || '000')",
    "a place that is not drawn":
        "SELECT p.code FROM place.place AS p JOIN place.building USING (place_id)"
        " WHERE p.anchor IS NOT NULL AND NOT EXISTS"
        "  (SELECT FROM place.counted_area AS c WHERE c.place_id = p.place_id)",
    "a filing whose version is not the number of what was saved":
        "SELECT f.filing_id FROM campaign.filing AS f WHERE f.version - 1 <>"
        " (SELECT count(*) FROM campaign.filing_row AS r WHERE r.filing_id = f.filing_id)",
}  # fmt: skip
"""By what it would be: a query that finds it."""
_QUESTIONS: Final = 40


@dataclass(frozen=True)
class Proof:
    """What was found wrong, by its marks; empty where all is well.

    Args:
        lost: Acknowledged, and not there.
        twice: There more than once.
        half_done: There in part.
        findings: Of the audit of the history, and seals it no longer has.
        unequal: Questions whose kept sums say something else than the places.
        kept_unsaid: How many were kept although their answer did not arrive: neither is wrong.
    """

    lost: list[str]
    twice: list[str]
    half_done: list[str]
    findings: list[str]
    unequal: list[str]
    kept_unsaid: int
    lines: int
    seals: int
    questions: int

    def wrong(self) -> list[str]:
        """All of it, each with what it is."""
        named = {"lost": self.lost, "twice": self.twice, "half-done": self.half_done,
                 "audit": self.findings, "sums": self.unequal}  # fmt: skip
        return [f"{name}: {one}" for name, every in named.items() for one in every]


def prove(
    database: Database, register: Register, written: Sequence[Written], heads: Sequence[str]
) -> Proof:
    """Looks at everything, as the owner of the tables and, for figures, as the writers' account.

    Args:
        heads: Seals that were acknowledged.
    """
    with transaction(database.engine(Role.LOADER), register.token) as conn:
        settle_stale_loads(conn)
    with transaction(database.engine(Role.OWNER), None) as conn:
        found = {kind: Counter(conn.execute(text(sql)).scalars()) for kind, sql in _FOUND.items()}
        half = [
            f"{what}: {one}"
            for what, sql in _HALF.items()
            for one in conn.execute(text(sql)).scalars()
        ]
        half += _files_that_differ(conn, register)
    acknowledged = [one for one in written if one.is_acknowledged]
    marks = {one.mark for one in written}
    verified = verify_history(database.engine(Role.OWNER), METADATA, SealFiles(register.folder))
    unequal = list(_unequal(database, register.token))
    return Proof(
        lost=[one.mark for one in acknowledged if not found[one.kind][one.mark]],
        twice=[
            mark
            for every in found.values()
            for mark, count in every.items()
            if mark in marks and count > 1
        ],
        half_done=half,
        findings=[
            *(f"{one.key} {one.params}" for one in verified.findings),
            *(f"no seal {head}" for head in heads if not verified.has(head)),
        ],
        unequal=unequal,
        kept_unsaid=sum(
            bool(found[one.kind][one.mark]) for one in written if not one.is_acknowledged
        ),
        lines=verified.lines,
        seals=verified.seals,
        questions=_QUESTIONS,
    )


def _files_that_differ(conn: Connection, register: Register) -> Iterator[str]:
    """Uploads whose file is not there to the last byte."""
    for digest, name in conn.execute(text("SELECT file_sha256, file_name FROM staging.upload")):
        file = register.folder / "uploads" / f"{bytes(digest).hex()}.csv"
        if not file.is_file() or hashlib.sha256(file.read_bytes()).digest() != bytes(digest):
            yield f"a file that is not as it was handed in: {name}"


def _unequal(database: Database, token: str) -> Iterator[str]:
    refresh_sums(database.engine(Role.LOADER), today())
    dice = random.Random(20261123)
    with transaction(database.engine(Role.WEB), token, is_one_moment=True) as conn:
        for at in range(_QUESTIONS):
            body = _question(dice, at)
            if _answer(conn, body, collect_places) != _answer(conn, body, collect_summed):
                yield str(body)


def _question(dice: random.Random, at: int) -> dict[str, Any]:
    if at == 0:
        return {"within": {}}
    point = [WEST + dice.uniform(0, 0.03), SOUTH + dice.uniform(0, 0.02)]
    return {"within": {"point": point, "radius_m": dice.uniform(50, 4000)}}


def _answer(conn: Connection, body: dict[str, Any], collect: Callable[..., Asked]) -> AreaAnswer:
    question = parse_question(body, today())
    return AREA_FACTS.answer(conn, collect(conn, question, asked_area(conn, question)))
