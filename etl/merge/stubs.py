"""Rows that a file marks 涉密, and rows of what is secret already: stubs, never more.

Such a row may find its place by what it says, inside the load's own session; then everything but
kind, district and areas is emptied before the register is touched. A place it finds in the open is
made a stub when the load ends. A stub is told from another by our own code, else by its kind,
district and figures: nothing else is kept of it.
"""

from typing import Final

from sqlalchemy import Connection, text

from assets.domain import ColumnContract, PlaceRule
from etl.staging import stored_columns
from gis.db import run_script
from gis.places.actions import forget_unlisted, make_stubs

_KEPT: Final = frozenset(
    {"row_number", "is_secret", "is_chosen", "secrecy", "place_kind", "division_code"}
)


def begin_stubs(conn: Connection) -> None:
    """The tables a load gathers its secrets in: places found in the open, codes of new stubs."""
    run_script(
        conn,
        "CREATE TEMP TABLE secret_place (place_id bigint PRIMARY KEY) ON COMMIT DROP;"
        "CREATE TEMP TABLE secret_code (code text PRIMARY KEY, place_id bigint) ON COMMIT DROP;"
        "CREATE TEMP TABLE secret_word (word text, is_name boolean) ON COMMIT DROP",
    )


def set_apart(conn: Connection, contract: ColumnContract, rule: PlaceRule) -> None:
    """Empty the secret rows of a staged sheet; after matches and parents are known.

    Leaves `secret_row (row_number, code, above_id)`; each is noted, so that it is listed.
    """
    says = "s.secrecy = 'secret'" if "secrecy" in contract.fields else "false"
    run_script(conn, _NO_ROWS)
    # Hardly any register or file has one: rows are compared with places only when there is.
    is_any = text(f"SELECT {_IS_ANY} OR EXISTS (SELECT FROM pg_temp.stage AS s WHERE {says})")
    if not conn.execute(is_any).scalar_one():
        return
    run_script(conn, _ROWS_OF_SECRETS.format(says=says))
    if not conn.execute(text("SELECT count(*) FROM pg_temp.secret_row")).scalar_one():
        return
    areas = stored_columns(contract, "area")
    run_script(conn, _CUT_OFF)
    _drop_areas_counted_above(conn, areas)
    _remember_words(conn, contract)
    kept = _KEPT | {one.field for one in contract.columns if (one.stores or "").startswith("area.")}
    emptied = [f'"{name}"' for name in conn.execute(text(_COLUMNS)).scalars() if name not in kept]
    run_script(
        conn,
        "UPDATE pg_temp.stage AS s SET is_secret = true,"
        f" {', '.join(f'{name} = NULL' for name in emptied)}"
        " FROM pg_temp.secret_row AS r WHERE r.row_number = s.row_number",
    )
    if "division_code" in contract.fields:
        run_script(conn, _DISTRICT)
    for table in ("stage_unit", "stage_steward", "note"):
        run_script(
            conn,
            f"DELETE FROM pg_temp.{table} WHERE row_number IN"
            " (SELECT row_number FROM pg_temp.secret_row)",
        )
    run_script(
        conn,
        "DELETE FROM pg_temp.stage_headcount AS h WHERE NOT EXISTS"
        " (SELECT FROM pg_temp.stage_unit AS u WHERE u.unit_row = h.unit_row)",
    )
    _match_by_figures(conn, contract, rule, areas)
    run_script(conn, _REMEMBER)


def _remember_words(conn: Connection, contract: ColumnContract) -> None:
    """What other rows may say of the secrets, until the load ends."""
    fields = {
        one.field: one.stores == "place.name"
        for one in contract.columns
        if one.field in _NUMBERS or (one.stores or "").startswith(_TELLING)
    }
    for field, is_name in fields.items():
        run_script(
            conn,
            f"""INSERT INTO pg_temp.secret_word (word, is_name)
            SELECT DISTINCT s."{field}"::text, {is_name} FROM pg_temp.stage AS s
            JOIN pg_temp.secret_row AS r USING (row_number) WHERE s."{field}" IS NOT NULL""",
        )


_NUMBERS: Final = frozenset({"code", "certificate_no", "land_certificate_no"})
_TELLING: Final = ("place.name", "place.address", "identifier.")

_COLUMNS: Final = (
    "SELECT attname FROM pg_attribute WHERE attrelid = 'pg_temp.stage'::regclass"
    " AND attnum > 0 AND NOT attisdropped ORDER BY attnum"
)

_NO_ROWS: Final = """
DROP TABLE IF EXISTS pg_temp.secret_row;
CREATE TEMP TABLE secret_row
  (row_number integer, code text, above_id bigint, is_inside boolean) ON COMMIT DROP
"""

_IS_ANY: Final = (
    "EXISTS (SELECT FROM rights.cell WHERE security_class = 3)"
    " OR EXISTS (SELECT FROM pg_temp.secret_place)"
)

_ROWS_OF_SECRETS: Final = """
INSERT INTO pg_temp.secret_row
SELECT s.row_number, to_jsonb(s) ->> 'code' AS code, parent.parent_id AS above_id,
       coalesce(above.security_class = 3, false) OR EXISTS (
         SELECT FROM pg_temp.secret_place AS k WHERE k.place_id = parent.parent_id) AS is_inside
FROM pg_temp.stage AS s
LEFT JOIN pg_temp.stage_match AS m USING (row_number)
LEFT JOIN place.place AS p USING (place_id)
LEFT JOIN pg_temp.parent AS parent ON parent.row_number = s.row_number
LEFT JOIN place.place AS above ON above.place_id = parent.parent_id
WHERE {says} OR p.security_class = 3 OR above.security_class = 3
   OR m.place_id IN (SELECT place_id FROM pg_temp.secret_place)
   OR parent.parent_id IN (SELECT place_id FROM pg_temp.secret_place)
"""

# A part of an open place: the link would say where it is.
_CUT_OFF: Final = """
DELETE FROM pg_temp.parent AS p USING pg_temp.secret_row AS r
WHERE r.row_number = p.row_number AND NOT r.is_inside
"""

_DISTRICT: Final = """
UPDATE pg_temp.stage AS s
SET division_code = coalesce(place.district_of(s.division_code),
                             place.district_of(left(s.division_code, 6)))
WHERE s.is_secret
"""


def _drop_areas_counted_above(conn: Connection, areas: dict[str, str]) -> None:
    """What an open place states of an area holds its secret parts already."""
    for area_kind, fields in areas.items():
        for field in fields.split('"')[1::2]:
            run_script(
                conn,
                f"""
                WITH RECURSIVE up AS (
                  SELECT row_number, above_id AS at FROM pg_temp.secret_row
                  WHERE NOT is_inside AND above_id IS NOT NULL
                  UNION ALL
                  SELECT up.row_number, p.parent_id
                  FROM up JOIN place.place AS p ON p.place_id = up.at WHERE p.parent_id IS NOT NULL
                )
                UPDATE pg_temp.stage AS s SET "{field}" = NULL
                FROM up JOIN place.area_measure AS m
                  ON m.place_id = up.at AND m.area_kind = '{area_kind}'
                WHERE s.row_number = up.row_number
                """,
            )


def _match_by_figures(
    conn: Connection, contract: ColumnContract, rule: PlaceRule, areas: dict[str, str]
) -> None:
    """The first row of some kind, district and figures is the first such stub, and so on."""
    kind = f"coalesce(s.place_kind, '{rule.kind}')" if "place_kind" in contract.fields else (
        f"'{rule.kind}'"
    )  # fmt: skip
    area = "s.division_code" if "division_code" in contract.fields else "NULL::text"
    pairs = ", ".join(f"('{name}', round({sql}, 2))" for name, sql in areas.items())
    figures = (
        "(SELECT string_agg(v.area_kind || ' ' || v.area_m2, ',' ORDER BY v.area_kind)"
        f" FROM (VALUES {pairs}) AS v (area_kind, area_m2) WHERE v.area_m2 IS NOT NULL)"
        if pairs
        else "NULL::text"
    )
    run_script(
        conn,
        _MATCH_BY_FIGURES.format(kind=kind, area=area, figures=figures, source=rule.area_source),
    )


_MATCH_BY_FIGURES: Final = """
WITH mine AS (
  SELECT row_number, told, row_number() OVER (PARTITION BY told ORDER BY row_number) AS nth
  FROM (SELECT s.row_number,
               concat_ws('|', {kind}, coalesce(above.admin_area_code, {area}), parent.parent_id,
                         {figures}) AS told
        FROM pg_temp.stage AS s
        LEFT JOIN pg_temp.parent AS parent USING (row_number)
        LEFT JOIN place.place AS above ON above.place_id = parent.parent_id
        WHERE s.is_secret AND NOT EXISTS (SELECT FROM pg_temp.stage_match AS m
                                          WHERE m.row_number = s.row_number)) AS row
),
theirs AS (
  SELECT place_id, told, row_number() OVER (PARTITION BY told ORDER BY place_id) AS nth
  FROM (SELECT p.place_id, concat_ws('|', p.kind, p.admin_area_code, p.parent_id,
          (SELECT string_agg(v.area_kind || ' ' || v.area_m2, ',' ORDER BY v.area_kind)
           FROM (SELECT DISTINCT ON (m.area_kind) m.area_kind, m.area_m2
                 FROM place.area_measure AS m
                 WHERE m.place_id = p.place_id AND m.source = '{source}'
                 ORDER BY m.area_kind, m.measured_on DESC NULLS LAST) AS v)) AS told
        FROM place.place AS p
        WHERE p.security_class = 3 AND NOT EXISTS (
          SELECT FROM pg_temp.stage_match AS m WHERE m.place_id = p.place_id)) AS stub
)
INSERT INTO pg_temp.stage_match (row_number, place_id)
SELECT mine.row_number, theirs.place_id FROM mine JOIN theirs USING (told, nth)
"""

_REMEMBER: Final = """
INSERT INTO pg_temp.secret_place (place_id)
SELECT m.place_id FROM pg_temp.secret_row AS r JOIN pg_temp.stage_match AS m USING (row_number)
JOIN place.place AS p USING (place_id) WHERE p.security_class < 3
ON CONFLICT DO NOTHING;
INSERT INTO pg_temp.note (row_number, rule)
SELECT row_number, 'secret.stub' FROM pg_temp.secret_row;
"""


def remember_codes(conn: Connection) -> None:
    """Which place the code of a secret row stands for, so that parts in other sheets find it."""
    run_script(
        conn,
        "INSERT INTO pg_temp.secret_code (code, place_id)"
        " SELECT r.code, t.place_id FROM pg_temp.secret_row AS r"
        " JOIN pg_temp.target AS t USING (row_number) WHERE r.code IS NOT NULL"
        " ON CONFLICT DO NOTHING",
    )


def secret_rows(conn: Connection) -> list[int]:
    """Row numbers of the things of the sheet that are secret."""
    return list(conn.execute(text("SELECT row_number FROM pg_temp.secret_row")).scalars())


def make_stubs_of_load(conn: Connection) -> None:
    """Make stubs of the places that the load found in the open; forget what tells of the others."""
    said = conn.execute(text("SELECT word, is_name FROM pg_temp.secret_word")).all()
    if said:
        forget_unlisted(
            conn,
            [one.word for one in said if not one.is_name],
            [one.word for one in said if one.is_name],
        )
    found = conn.execute(text("SELECT place_id FROM pg_temp.secret_place")).scalars().all()
    if found:
        make_stubs(conn, found, None)
