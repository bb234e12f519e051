"""Areas stated by hand: of which kind, who measured, since when; each beside what others say."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import Connection, text

from gis.clock import today
from gis.errors import Conflict, InputError, NotFound, Phrase
from gis.places import edits
from gis.places.actions import touch
from gis.places.edits import Grounds
from gis.places.edits_model import EditKind
from gis.places.keeping import protect
from gis.places.vocabulary import AreaKind, AreaSource

STATED_SOURCES: Final = tuple(one for one in AreaSource if one is not AreaSource.POLYGON)
"""Who can be named; what an outline encloses is measured, not stated."""
_MOST_M2: Final = Decimal(10) ** 10


@dataclass(frozen=True)
class Measure:
    """An area as somebody measured it.

    Args:
        area_kind: What it is an area of.
        area_m2: Square metres.
        source: Who says so.
        measured_on: The day it is true from; null: not stated.
    """

    area_kind: AreaKind
    area_m2: Decimal
    source: AreaSource
    measured_on: date | None = None


def own_areas(conn: Connection, place_id: int) -> Sequence[Any]:
    """Every area that is stated of the place itself, by kind, source and day, the newest first.

    Returns:
        `area_measure_id, area_kind, area_m2, source, measured_on`, and `version` (sent back with a
        correction).
    """
    kinds = [kind.value for kind in AreaKind]
    return conn.execute(text(_OWN), {"place_id": place_id, "kinds": kinds}).all()


def state_area(
    conn: Connection,
    place_id: int,
    measure: Measure,
    *,
    measure_id: int | None = None,
    seen_version: str = "",
    grounds: Grounds,
) -> None:
    """Write an area of a place down, beside those that stand or in place of a wrong one.

    Loads leave areas of that kind alone from then on, as `onemap protect` does. The caller renews
    what is derived.

    Args:
        conn: As the web role, in the name of who does it.
        place_id: Which.
        measure: The area as it is.
        measure_id: The one that was wrong; null adds one.
        seen_version: Of that one, as its author saw it.
        grounds: Why, and on what document; the day is the measure's.

    Raises:
        InputError: No reason, no area that can be, a day that has not come, nothing that differs.
        Conflict: Somebody changed it meanwhile, or the same source states that kind for that day.
        NotFound, Forbidden: As `edits.open_place`; there is no such area.
    """
    if not 0 <= measure.area_m2 < _MOST_M2:
        raise InputError("place.divide.area_impossible")
    if measure.measured_on and measure.measured_on > today():
        raise InputError("place.edit.not_yet", day=measure.measured_on)
    grounds = replace(grounds, effective_on=measure.measured_on).checked()
    edits.open_place(conn, place_id)
    known = {one.area_measure_id: one for one in own_areas(conn, place_id)}
    if measure_id is not None:
        _check_standing(known.get(measure_id), measure, seen_version)
    figure = (measure.area_kind, measure.source, measure.measured_on)
    for one in known.values():
        is_other = one.area_measure_id != measure_id
        if is_other and (one.area_kind, one.source, one.measured_on) == figure:
            raise Conflict("place.area.stated_already", area=f"{one.area_m2:,.2f}", **_named(one))
    values = {"place_id": place_id, "id": measure_id, "kind": measure.area_kind.value,
              "area_m2": measure.area_m2, "source": measure.source.value,
              "day": measure.measured_on}  # fmt: skip
    edits.write(conn, _ADD if measure_id is None else _CORRECT, values)
    protect(conn, place_id, f"area.{measure.area_kind.value}", reason=grounds.reason)
    edits.record(conn, [place_id], EditKind.MEASURED, grounds)
    touch(conn, [place_id])


def _check_standing(standing: Any, measure: Measure, seen_version: str) -> None:
    if standing is None:
        raise NotFound("place.area.no_such")
    if standing.version != seen_version:
        raise Conflict("place.area.meanwhile")
    stated = (measure.area_kind, measure.area_m2, measure.source, measure.measured_on)
    if stated == (standing.area_kind, standing.area_m2, standing.source, standing.measured_on):
        raise InputError("place.edit.nothing_changed")


def _named(one: Any) -> dict[str, Phrase]:
    return {
        "kind": Phrase(f"place.area.{one.area_kind}"),
        "source": Phrase(f"place.area_source.{one.source}"),
    }


_OWN: Final = """
SELECT m.area_measure_id, m.area_kind, m.area_m2, m.source, m.measured_on,
       left(encode(sha256(convert_to(m::text, 'UTF8')), 'hex'), 16) AS version
FROM place.area_measure AS m WHERE m.place_id = :place_id
ORDER BY array_position(CAST(:kinds AS text[]), m.area_kind), m.source,
         m.measured_on DESC NULLS LAST, m.area_measure_id
"""
_ADD: Final = """
INSERT INTO place.area_measure (place_id, area_kind, area_m2, source, measured_on, rights_cell)
SELECT place_id, :kind, :area_m2, :source, :day, rights_cell
FROM place.place WHERE place_id = :place_id
"""
_CORRECT: Final = """
UPDATE place.area_measure
SET area_kind = :kind, area_m2 = :area_m2, source = :source, measured_on = :day
WHERE area_measure_id = :id AND place_id = :place_id
"""
