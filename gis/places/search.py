"""Search: what people type, found in names, holders, addresses, numbers, titles, codes, initials.

Every comparison is an equality or a range on a btree, which stays fast under row security;
pattern operators would first read every row the policies allow.
"""

from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, text

from gis.places.codes import CODE_TAIL, NO_DISTRICT
from gis.places.names import shown_name
from gis.places.vocabulary import IS_OPEN

MOST: Final = 50
_LAST: Final = "\U0010ffff"
"""Sorts after every text that begins with what stands before it."""

_CANDIDATES: Final = 3_000
"""Places looked at for the middle of a text: those of its rarest pair of characters."""

# A room has no address of its own: that of the building it is in tells one from another.
_ABOVE: Final = """
      WITH RECURSIVE up AS (
        SELECT p.parent_id, p.address, 0 AS step
        UNION ALL
        SELECT q.parent_id, q.address, up.step + 1
        FROM up JOIN place.place AS q ON q.place_id = up.parent_id
        WHERE up.address IS NULL AND up.step < 6
      )
      SELECT address FROM up WHERE address IS NOT NULL LIMIT 1"""

# A certificate has rights of its own: its number leads only those to the place who see it too.
_MAY_BE_READ: Final = """({0}.field <> 'title' OR EXISTS (
        SELECT FROM place.title_place AS tp JOIN place.title AS title USING (title_id)
        WHERE tp.place_id = {0}.place_id AND place.normalised(title.number) = {0}.text OFFSET 0))"""

_FIND: Final = text(
    f"""
    WITH typed AS (
      SELECT text, text || :last AS after FROM (SELECT place.normalised(:typed) AS text) AS t
    ),
    -- Beginnings: one range of texts, one of codes.
    begins AS (
      SELECT t.place_id, t.field, t.text, t.text = typed.text AS is_exact
      FROM typed JOIN place.search_text AS t
        ON t.text ~>=~ typed.text AND t.text ~<~ typed.after
      WHERE typed.text <> '' -- punctuation alone is no beginning of everything
        AND {_MAY_BE_READ.format("t")}
      LIMIT :candidates
    ),
    codes AS (
      SELECT p.place_id, 'code'::text, p.code, p.code = upper(:raw)
      FROM place.place AS p
      WHERE p.code >= upper(:raw) AND p.code < upper(:raw) || :last AND {IS_OPEN.format("p")}
      ORDER BY p.code LIMIT :most
    ),
    -- Codes without their district, as people read them out: one look at the index a district.
    tails AS (
      SELECT p.place_id, p.code
      FROM (SELECT code FROM place.admin_area WHERE level = 'district' AND :is_tail
            UNION ALL SELECT '{NO_DISTRICT}' WHERE :is_tail) AS area
      JOIN LATERAL (SELECT one.place_id, one.code FROM place.place AS one
                    WHERE one.code = area.code || '-' || upper(:raw)
                      AND {IS_OPEN.format("one")} OFFSET 0) AS p ON true
    ),
    -- Middles: the places of the rarest pair of neighbouring characters, compared with their texts.
    -- Who typed a whole number or code means that place: the same digits elsewhere would be noise.
    pairs AS (
      SELECT q.bigram, sum(b.place_count) AS place_count
      FROM (SELECT DISTINCT substr(typed.text, start, 2) AS bigram
            FROM typed, generate_series(1, length(typed.text) - 1) AS start) AS q
      LEFT JOIN LATERAL (SELECT p.place_count FROM place.search_posting AS p
                         WHERE p.bigram = q.bigram OFFSET 0) AS b ON true
      WHERE :has_others
        OR NOT EXISTS (SELECT FROM begins WHERE is_exact AND field IN ('identifier', 'title'))
       AND NOT EXISTS (SELECT FROM codes AS c (place_id, field, code, exact) WHERE exact)
       AND NOT EXISTS (SELECT FROM tails)
      GROUP BY q.bigram ORDER BY sum(b.place_count) NULLS FIRST LIMIT 1
    ),
    candidates AS (
      SELECT DISTINCT place_id FROM (
        SELECT unnest(b.place_ids) AS place_id
        FROM pairs JOIN place.search_posting AS b USING (bigram) LIMIT :candidates
      ) AS listed
    ),
    middles AS (
      SELECT t.place_id, t.field, t.text, false
      FROM typed, candidates JOIN LATERAL (
        SELECT s.place_id, s.field, s.text FROM place.search_text AS s
        WHERE s.place_id = candidates.place_id OFFSET 0) AS t ON true
      WHERE position(typed.text IN t.text) > 0 AND {_MAY_BE_READ.format("t")}
    ),
    hits AS (
      SELECT place_id, field, text, CASE WHEN is_exact THEN 0 ELSE 1 END AS distance FROM begins
      UNION ALL SELECT place_id, field, code, CASE WHEN exact THEN 0 ELSE 1 END
        FROM codes AS c (place_id, field, code, exact)
      -- Before the same digits in a number of another scheme.
      UNION ALL SELECT place_id, 'code', code, -1 FROM tails
      UNION ALL SELECT place_id, field, text, 2 FROM middles
    ),
    best AS (
      SELECT DISTINCT ON (place_id) place_id, field, distance, text, length(text) AS length,
             array_position(:fields, field) AS weight
      FROM hits ORDER BY place_id, distance, weight
    )
    SELECT p.place_id, p.kind, p.code, {shown_name("p")} AS name,
           coalesce(p.address, ({_ABOVE})) AS address, p.admin_area_code,
           area.name AS admin_area_name, best.field AS matched,
           ST_X(p.anchor) AS lon, ST_Y(p.anchor) AS lat,
           ST_XMin(box) AS west, ST_YMin(box) AS south, ST_XMax(box) AS east, ST_YMax(box) AS north
    FROM best
    JOIN LATERAL (SELECT * FROM place.place AS one
                  WHERE one.place_id = best.place_id OFFSET 0) AS p ON true
    LEFT JOIN place.admin_area AS area ON area.code = p.admin_area_code
    CROSS JOIN LATERAL ST_Envelope(coalesce(p.geom, p.anchor)) AS box
    WHERE NOT EXISTS (
      SELECT FROM unnest(CAST(:others AS text[])) AS other
      WHERE NOT EXISTS (
        SELECT FROM place.search_text AS t
        WHERE t.place_id = p.place_id AND position(place.normalised(other) IN t.text) > 0
          AND {_MAY_BE_READ.format("t")}))
    ORDER BY best.distance, array_position(:kinds, p.kind) NULLS LAST, best.weight, best.length,
             p.code
    LIMIT :most
    """
)

_FIELDS: Final = ["code", "name", "identifier", "title", "holder", "pinyin", "address"]
"""What a match in is worth, the most first."""

_KINDS: Final = ["site", "building", "parcel", "structure", "section", "metering_point",
                 "room"]  # fmt: skip
"""Which of two equal matches people mean: the larger place."""


@dataclass(frozen=True)
class Hit:
    """A place that was found.

    Args:
        place_id: Ours.
        kind: Its kind.
        code: Its code.
        name: Null where nobody gave it one.
        address: Null where none is known.
        admin_area_name: District, null when unknown.
        matched: The field that matched: code, name, identifier, title, holder, pinyin or address.
        anchor: Longitude and latitude, CGCS2000; null when not located.
        extent: West, south, east, north; null when not located.
    """

    place_id: int
    kind: str
    code: str
    name: str | None
    address: str | None
    admin_area_name: str | None
    matched: str
    anchor: tuple[float, float] | None
    extent: tuple[float, float, float, float] | None


def search(conn: Connection, typed: str, limit: int = 20) -> list[Hit]:
    """Places that match what was typed and that the account may see, best first.

    Args:
        conn: Within a session.
        typed: Anything; several words must all match. Blank finds nothing.
        limit: At most 50.

    Returns:
        Exact matches before beginnings before middles; larger places before their parts. A code
        without its district finds its place before all others.
    """
    words = sorted(typed.split()[:8], key=len, reverse=True)
    if not words:
        return []
    rows = conn.execute(
        _FIND,
        {
            "typed": words[0][:100],
            "raw": words[0][:100],
            "is_tail": CODE_TAIL.fullmatch(words[0]) is not None,
            "others": [word[:100] for word in words[1:]],
            "last": _LAST,
            "candidates": _CANDIDATES,
            "has_others": len(words) > 1,
            "most": max(1, min(limit, MOST)),
            "fields": _FIELDS,
            "kinds": _KINDS,
        },
    ).mappings()
    return [_hit(row) for row in rows]


def _hit(row: Any) -> Hit:
    located = row["lon"] is not None
    return Hit(
        place_id=row["place_id"],
        kind=row["kind"],
        code=row["code"],
        name=row["name"],
        address=row["address"],
        admin_area_name=row["admin_area_name"],
        matched=row["matched"],
        anchor=(row["lon"], row["lat"]) if located else None,
        extent=(row["west"], row["south"], row["east"], row["north"]) if located else None,
    )
