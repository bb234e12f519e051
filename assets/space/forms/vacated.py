"""党政机关办公用房清理腾退情况统计表: what bodies gave up in a period, and what became of it."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import Connection, text

from assets.estate.reconciled import UNVERIFIED_RULES
from assets.report import NOTHING_CHOSEN, Choice, Form, Report, ReportBuilder, ReportTable
from assets.space.forms.noted import BASIC, Notes, said, shown, titled
from assets.space.queries import REPORT
from gis.db import run_script
from gis.errors import InputError
from gis.organizations.then import bodies_then
from gis.places.counted import own_areas, uses_unverified_rules
from gis.places.names import shown_name
from gis.places.then import places_as_of
from gis.places.vocabulary import IN_FORCE, IS_OPEN, AreaKind

_NAME: Final = "vacated"
_SUM: Final = "-"
MOST_LISTED: Final = 20_000
"""Rooms listed one by one; the sums are of all of them."""
_AFTER: Final = ("reassigned", "lets_out", "lends", "reserves", "closed", "free")
"""What became of a room, in the order of the form's rows."""
# A body gave a room up where it does not have it any more on the day after: who only shares it
# anew, has the whole floor from then on, or what the room was divided into, gave up nothing.
_COLLECT: Final = f"""
CREATE TEMP TABLE vacated_leaf ON COMMIT DROP AS
SELECT l.place_id, y.holder_id, h.holding_id, h.decision, upper(l.during) AS vacated_on,
  lower(l.during) AS had_since, coalesce(y.share, 1.0 / shared.parties) AS share,
  p.kind = 'room' AS is_room, r.room_class,
  NOT ({IN_FORCE.format("p")}) AS is_closed
FROM estate.holding_leaf AS l
JOIN estate.holding AS h ON h.holding_id = l.holding_id AND h.kind = 'occupies'
JOIN estate.holding_party AS y ON y.holding_id = h.holding_id
JOIN place.place AS p ON p.place_id = l.place_id AND {IS_OPEN.format("p")}
LEFT JOIN {{rooms}} AS r ON r.place_id = p.place_id
CROSS JOIN LATERAL (SELECT count(*) AS parties FROM estate.holding_party AS every
                    WHERE every.holding_id = h.holding_id) AS shared
WHERE upper(l.during) BETWEEN :since AND :as_of
  AND (CAST(:body AS text) IS NULL OR y.holder_id IN (
    SELECT o.organization_id FROM organization.organization AS o WHERE o.code = :body))
  AND NOT EXISTS (
    SELECT FROM estate.holding_leaf AS next
    JOIN estate.holding AS g ON g.holding_id = next.holding_id AND g.kind = 'occupies'
    JOIN estate.holding_party AS again ON again.holding_id = g.holding_id
      AND again.holder_id = y.holder_id
    WHERE next.during @> upper(l.during) AND (next.place_id = l.place_id
      OR next.place_id IN (SELECT part.to_place_id FROM place.lineage AS part
                           WHERE part.from_place_id = l.place_id)))"""
_LISTED: Final = f"""
SELECT b.code AS body_code, b.name AS body, v.place_id, room.code,
  {shown_name("room", rooms="{rooms}")} AS room,
  building.name AS building, v.room_class, v.is_room, v.had_since, v.vacated_on, v.decision,
  c.area_m2 * v.share AS area_m2,
  CASE WHEN v.is_closed THEN 'closed' WHEN now.kind = 'occupies' THEN 'reassigned'
       ELSE coalesce(now.kind, 'free') END AS after, now.names AS now_had_by
FROM pg_temp.vacated_leaf AS v
JOIN ({bodies_then()}) AS b ON b.organization_id = v.holder_id
JOIN place.place AS room ON room.place_id = v.place_id
LEFT JOIN {{areas}} AS c ON c.place_id = v.place_id
LEFT JOIN LATERAL (
  SELECT h.kind, array_agg(o.name ORDER BY o.code) AS names FROM estate.holding_leaf AS l
  JOIN estate.holding AS h ON h.holding_id = l.holding_id
  LEFT JOIN estate.holding_party AS y ON y.holding_id = h.holding_id
  LEFT JOIN organization.organization AS o ON o.organization_id = y.holder_id
  WHERE l.place_id = v.place_id AND l.exclusive_group = 'use'
    AND l.during @> CAST(:as_of AS date)
  GROUP BY h.holding_id, h.kind LIMIT 1) AS now ON true
LEFT JOIN LATERAL (
  WITH RECURSIVE above AS (
    SELECT room.parent_id AS place_id
    UNION
    SELECT up.parent_id FROM above JOIN place.place AS up USING (place_id)
    WHERE up.kind <> 'building'
  )
  SELECT coalesce(up.name, up.code) AS name FROM above
  JOIN place.place AS up USING (place_id) WHERE up.kind = 'building') AS building ON true
ORDER BY v.vacated_on, b.code, room.code, v.holding_id"""
_SUMMED_CLASSES: Final = (*BASIC, "ancillary")
_SUM_COLUMNS: Final = (
    said("after", says="space.vacated.after.{}"), said("rooms"),
    *(said(f"{name}_m2", "m2", "basic_usable") for name in (*BASIC, "subtotal")),
    said("ancillary_m2", "m2"), said("other_m2", "m2"), said("unmeasured"), said("remark"),
)  # fmt: skip
_LIST_COLUMNS: Final = (
    said("code"), said("body_code"), said("body"), said("building"), said("room"),
    said("room_class", says="space.form.class.{}"), titled("area_m2", "usable", "m2"),
    said("had_since"), said("vacated_on"), said("decision"),
    said("after", says="space.vacated.after.{}"), said("now_had_by"),
)  # fmt: skip


def build_vacated(conn: Connection, as_of: date, choice: Choice = NOTHING_CHOSEN) -> Report:
    """What was given up from `since` (the year's first day, where none is said) to the day.

    By what became of it on that day, and room by room. A room given up twice counts twice; of a
    shared one the part of whoever left counts.

    Raises:
        InputError: There is no such body that the account sees.
    """
    since = choice.since or as_of.replace(month=1, day=1)
    require_body(conn, choice.body)
    values = {"as_of": as_of, "since": since, "body": choice.body, "report": REPORT}
    run_script(conn, "DROP TABLE IF EXISTS pg_temp.vacated_leaf")
    rooms_then = places_as_of(conn, as_of).rooms
    conn.execute(text(_COLLECT.format(rooms=rooms_then)), values)
    places = "SELECT place_id FROM pg_temp.vacated_leaf"
    areas = own_areas(conn, as_of, AreaKind.USABLE, places, REPORT)
    listing = text(_LISTED.format(areas=areas, rooms=rooms_then))
    found: list[Mapping[str, Any]] = [dict(row) for row in conn.execute(listing, values).mappings()]
    rooms = [row for row in found if row["is_room"]]
    sums = [_summed(after, [row for row in rooms if row["after"] == after]) for after in _AFTER]
    shown_sums = [row for row in sums if row["rooms"]]
    if shown_sums:
        shown_sums.append(_summed(_SUM, rooms))
    listed = [_listed(row) for row in rooms[:MOST_LISTED]]
    tables = (
        ReportTable("sums", "space.vacated.title", _SUM_COLUMNS, shown_sums, ("after",),
                    sum_key=_SUM),
        ReportTable("rooms", "space.vacated.rooms", _LIST_COLUMNS, listed,
                    ("code", "body_code", "vacated_on"), "code"),
    )  # fmt: skip
    notes = _notes(conn, as_of, rooms, untold=len(found) - len(rooms))
    form = Form(since=since)
    return Report(_NAME, "space.vacated.title", as_of, tables, tuple(notes), form)


def require_body(conn: Connection, code: str | None) -> None:
    """Refuses the code of a body that is not there.

    Raises:
        InputError: As above.
    """
    query = "SELECT EXISTS (SELECT FROM organization.organization WHERE code = :code)"
    if code is not None and not conn.execute(text(query), {"code": code}).scalar_one():
        raise InputError("space.no_such_body", code=code[:40])


def _summed(after: str, rooms: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    areas = {
        name: _area(row["area_m2"] for row in rooms if row["room_class"] == name)
        for name in _SUMMED_CLASSES
    }
    other = _area(row["area_m2"] for row in rooms if row["room_class"] not in _SUMMED_CLASSES)
    return {
        "after": after,
        "rooms": len(rooms),
        **{f"{name}_m2": shown(area) for name, area in areas.items()},
        "subtotal_m2": shown(sum((areas[name] for name in BASIC), Decimal())),
        "other_m2": shown(other),
        "unmeasured": sum(row["area_m2"] is None for row in rooms),
        "remark": None,
    }


def _area(figures: Iterable[Decimal | None]) -> Decimal:
    return sum((one for one in figures if one is not None), Decimal())


def _listed(row: Mapping[str, Any]) -> dict[str, Any]:
    fields = (column.field for column in _LIST_COLUMNS)
    listed = {field: row[field] for field in fields}
    return {
        **listed,
        "area_m2": shown(row["area_m2"]),
        "room_class": row["room_class"] or "unstated",
        "now_had_by": list(row["now_had_by"] or ()) if row["after"] == "reassigned" else None,
    }


def _notes(
    conn: Connection, as_of: date, rooms: Sequence[Mapping[str, Any]], *, untold: int
) -> Notes:
    counted = {
        "unmeasured": sum(row["area_m2"] is None for row in rooms),
        "unclassed": sum(row["room_class"] is None for row in rooms),
    }
    notes: Notes = [("space.vacated.note", {})]
    notes += [
        (f"space.form.note.{name}", {"count": count}) for name, count in counted.items() if count
    ]
    if untold:
        notes.append(("space.vacated.untold", {"count": untold}))
    if len(rooms) > MOST_LISTED:
        notes.append(("space.vacated.too_many", {"most": MOST_LISTED, "count": len(rooms)}))
    if uses_unverified_rules(conn, as_of, REPORT):
        notes.append(UNVERIFIED_RULES)
    return notes


VACATED: Final = ReportBuilder(
    _NAME, "space.vacated.title", build_vacated, ("room_class",), takes=("body", "since")
)
