"""Splitting and merging places: holdings end with the old and go on in the new."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

from sqlalchemy import Connection, text

from assets.estate.actions.holdings import parties_of_holdings, refresh_edited
from gis.errors import InputError
from gis.places import dividing, edits
from gis.places.dividing import Part
from gis.places.edits import Grounds


def split_place(
    conn: Connection,
    place_id: int,
    parts: Sequence[Part],
    *,
    line: object = None,
    seen_version: str,
    grounds: Grounds,
    confirmed: Collection[str] = (),
) -> list[int]:
    """Split a place; who had it has each part. See `gis.places.dividing.split`."""
    made = dividing.split(
        conn, place_id, parts, line=line, seen_version=seen_version, grounds=grounds,
        confirmed=confirmed,
    )  # fmt: skip
    _carry_over(conn, [place_id], made, grounds)
    refresh_edited(conn)
    return made


def merge_places(
    conn: Connection,
    place_ids: Sequence[int],
    values: Mapping[str, Any],
    *,
    seen_version: str,
    grounds: Grounds,
) -> int:
    """Merge places; who had all of them has the new one. See `gis.places.dividing.merge`."""
    made = dividing.merge(conn, place_ids, values, seen_version=seen_version, grounds=grounds)
    _carry_over(conn, list(dict.fromkeys(place_ids)), [made], grounds)
    refresh_edited(conn)
    return made


def _carry_over(
    conn: Connection, ended: Sequence[int], made: Sequence[int], grounds: Grounds
) -> None:
    """End the holdings of what ended; those alike on all of them go on in what came.

    Raises:
        InputError: One of them began on that day or later.
    """
    asked = {"ended": list(ended), "made": list(made), "day": grounds.effective_on,
             "count": len(ended)}  # fmt: skip
    late = conn.execute(text(_LATE), asked).scalar_one()
    if late is not None:
        raise InputError("estate.dates_reversed", valid_from=late, valid_to=grounds.effective_on)
    for one in conn.execute(text(_ALIKE), asked).mappings().all():
        people = [
            Counter((who.holder_id, each) for who in shared for each in who.sharers)
            for shared in parties_of_holdings(conn, one["holdings"]).values()
        ]
        # Of rooms with other people in each nobody says who sits where in the new one.
        is_alike = all(each == people[0] for each in people)
        values = {**one, "alike": one["holdings"][0] if is_alike else None}
        for place_id in made:
            edits.write(conn, _GO_ON, {**values, "place_id": place_id, "day": grounds.effective_on})
    edits.write(conn, _END, asked)


_STANDS: Final = "(h.valid_to IS NULL OR h.valid_to > :day)"
_LATE: Final = f"""
SELECT max(h.valid_from) FROM estate.holding AS h
WHERE h.place_id = ANY (:ended) AND {_STANDS} AND h.valid_from >= :day
"""
_ALIKE: Final = f"""
SELECT kind, extent, holders, shares, min(decision) AS decision, min(valid_to) AS valid_to,
       array_agg(holding_id ORDER BY holding_id) AS holdings
FROM (
  SELECT h.place_id, h.holding_id, h.kind, h.extent, h.decision, h.valid_to,
         array_agg(p.holder_id ORDER BY p.holder_id) AS holders,
         array_agg(p.share ORDER BY p.holder_id) AS shares
  FROM estate.holding AS h JOIN estate.holding_party AS p USING (holding_id)
  WHERE h.place_id = ANY (:ended) AND {_STANDS} GROUP BY h.holding_id
) AS held
GROUP BY kind, extent, holders, shares HAVING count(DISTINCT place_id) = :count
"""
_GO_ON: Final = """
WITH made AS (
  INSERT INTO estate.holding
    (place_id, kind, extent, valid_from, valid_to, decision, source, rights_cell)
  SELECT place_id, :kind, :extent, :day, :valid_to, :decision, 'entered', rights_cell
  FROM place.place WHERE place_id = :place_id RETURNING holding_id, rights_cell
), people AS (
  INSERT INTO estate.sharer
    (holding_id, holder_id, post_id, rank_code, heads, share, approval_document, rights_cell)
  SELECT made.holding_id, s.holder_id, s.post_id, s.rank_code, s.heads, s.share,
         s.approval_document, made.rights_cell
  FROM made CROSS JOIN estate.sharer AS s WHERE s.holding_id = :alike ORDER BY s.sharer_id
)
INSERT INTO estate.holding_party (holding_id, holder_id, share, rights_cell)
SELECT made.holding_id, w.holder_id, w.share, made.rights_cell
FROM made, unnest(CAST(:holders AS bigint[]), CAST(:shares AS numeric[])) AS w (holder_id, share)
"""
_END: Final = f"""
UPDATE estate.holding AS h SET valid_to = :day WHERE h.place_id = ANY (:ended) AND {_STANDS}
"""
