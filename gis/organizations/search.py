"""Search for bodies: by name, short or former name, alias, codes and numbers, initials.

The directory is small beside the register, so what is written of a body stands normalised in one
narrow table: beginnings are a range of its index, middles a look through it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

import pyarrow as pa
from sqlalchemy import Connection, text

from gis.db import run_script
from gis.places.actions import copy_rows
from gis.places.pinyin import initials_of_all
from gis.places.vocabulary import IN_FORCE

_LAST: Final = "\U0010ffff"
_SPOKEN: Final = "('name', 'former_name')"
"""What has pinyin initials."""
_WANTED: Final = """
CREATE TEMP TABLE wanted_text ON COMMIT DROP AS
SELECT DISTINCT w.organization_id, w.field, w.written FROM (
  SELECT o.organization_id, own.field, own.written FROM organization.organization AS o
  CROSS JOIN LATERAL (VALUES ('name', o.name), ('name', o.short_name), ('code', o.code),
    ('code', o.credit_code)) AS own (field, written)
  UNION ALL
  SELECT n.organization_id, 'former_name', n.name FROM organization.organization_name AS n
  UNION ALL
  SELECT r.organization_id, 'code', r.number FROM organization.organization_register AS r
) AS w WHERE place.normalised(w.written) <> '';
CREATE INDEX ON pg_temp.wanted_text (organization_id);
DELETE FROM organization.body_text AS t WHERE NOT EXISTS (
  SELECT FROM pg_temp.wanted_text AS w
  WHERE w.organization_id = t.organization_id AND w.written = t.written
    AND (w.field = t.field OR t.field = 'pinyin'));
INSERT INTO organization.body_text (organization_id, field, written, text)
SELECT w.organization_id, w.field, w.written, place.normalised(w.written)
FROM pg_temp.wanted_text AS w
ON CONFLICT (organization_id, field, written) DO NOTHING;
DROP TABLE pg_temp.wanted_text"""
_SILENT: Final = f"""
SELECT DISTINCT t.written FROM organization.body_text AS t
WHERE t.field IN {_SPOKEN} AND NOT EXISTS (
  SELECT FROM organization.body_text AS p
  WHERE p.organization_id = t.organization_id AND p.written = t.written AND p.field = 'pinyin')"""
_FIND: Final = text(
    f"""
    WITH typed AS (
      SELECT text, text || :last AS after FROM (SELECT place.normalised(:typed) AS text) AS t
    ),
    hits AS (
      SELECT t.organization_id, t.field, t.written, t.text,
        CASE WHEN t.text = typed.text THEN 0 ELSE 1 END AS distance
      FROM typed JOIN organization.body_text AS t
        ON t.text ~>=~ typed.text AND t.text ~<~ typed.after WHERE typed.text <> ''
      UNION ALL
      SELECT t.organization_id, t.field, t.written, t.text, 2
      FROM typed JOIN organization.body_text AS t ON position(typed.text IN t.text) > 1
      WHERE length(typed.text) > 1 AND t.field <> 'code'
    ),
    best AS (
      SELECT DISTINCT ON (organization_id) *, array_position(:fields, field) AS weight
      FROM hits ORDER BY organization_id, distance, array_position(:fields, field), length(text)
    )
    SELECT o.organization_id, o.code, o.name, best.field, best.written, best.distance,
      superior.name AS superior_name, area.name AS admin_area_name
    FROM best JOIN organization.organization AS o USING (organization_id)
    LEFT JOIN organization.organization AS superior ON superior.organization_id = o.parent_id
    LEFT JOIN place.admin_area AS area ON area.code = o.admin_area_code
    WHERE CAST(:as_of AS date) IS NULL OR ({IN_FORCE.format("o")})
    ORDER BY best.distance, best.weight, o.valid_to IS NOT NULL, length(best.text), o.code
    LIMIT :most
    """
)
_FIELDS: Final = ["code", "name", "former_name", "pinyin"]
"""What a match in is worth, the most first."""


@dataclass(frozen=True)
class BodyHit:
    """A body that was found.

    Args:
        organization_id: Ours.
        code: Its code.
        name: Its name in force now.
        superior_name: Null where it has none.
        admin_area_name: Its district, null when unknown.
        matched: The field that matched: code, name, former_name or pinyin.
        written: What matched, as it is written.
        distance: 0 exact, 1 beginning, 2 middle.
    """

    organization_id: int
    code: str
    name: str
    superior_name: str | None
    admin_area_name: str | None
    matched: str
    written: str
    distance: int


def search_bodies(
    conn: Connection, typed: str, limit: int, as_of: date | None = None
) -> Sequence[BodyHit]:
    """Bodies that match what was typed, best first; blanks between words do not matter.

    Args:
        conn: Within a session: the directory is for whoever is signed in.
        typed: Anything; blank finds nothing.
        limit: Most hits.
        as_of: Only bodies that exist on that day; null: past ones too.
    """
    words = typed.split()
    if not words:
        return []
    rows = conn.execute(
        _FIND,
        {
            "typed": "".join(words)[:100], "last": _LAST, "fields": _FIELDS, "most": limit,
            "as_of": as_of,
        },
    )  # fmt: skip
    return [
        BodyHit(
            row.organization_id, row.code, row.name, row.superior_name, row.admin_area_name,
            row.field, row.written, row.distance,
        )
        for row in rows
    ]  # fmt: skip


def refresh_body_texts(conn: Connection) -> None:
    """Makes the search texts of all bodies what the directory says; writes only what differs.

    Args:
        conn: As the loader, at the end of a transaction that may have changed the directory.
    """
    run_script(conn, _WANTED)
    initials = initials_of_all(conn.execute(text(_SILENT)).scalars())
    if not initials:
        return
    run_script(conn, "CREATE TEMP TABLE spoken_body (written text, text text) ON COMMIT DROP")
    copy_rows(
        conn,
        "pg_temp.spoken_body",
        pa.table(
            {
                "written": pa.array(list(initials), pa.string()),
                "text": pa.array(list(initials.values()), pa.string()),
            }
        ),
    )
    conn.execute(
        text(
            "INSERT INTO organization.body_text (organization_id, field, written, text)"
            " SELECT DISTINCT t.organization_id, 'pinyin', t.written, place.normalised(s.text)"
            " FROM organization.body_text AS t JOIN pg_temp.spoken_body AS s USING (written)"
            f" WHERE t.field IN {_SPOKEN} ON CONFLICT DO NOTHING"
        )
    )
    run_script(conn, "DROP TABLE pg_temp.spoken_body")
