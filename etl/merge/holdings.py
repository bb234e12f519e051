"""What a sheet says of who has a place, and how much of it is let or lent."""

from typing import Final

from sqlalchemy import Connection, text

from assets.domain import ColumnContract, PlaceRule
from etl.folding import FOLDED
from etl.merge import seats
from etl.merge.stated import GIVEN_AWAY
from etl.merge.units import BODY_OF_NAME
from gis.db import run_script


def save_holdings(
    conn: Connection, contract: ColumnContract, rule: PlaceRule, load_id: int
) -> None:
    """Holdings of the sheet's source: who occupies, owns, lets out and lends, where it says so.

    A census names who sits in a property without saying in which rooms: a holding of a part. One
    open holding a place, kind and source. When the parties are others, a file that states a later
    day ends the old holding on that day and begins a new one; a file of the same day, or of none,
    corrects it in place. A file of an earlier day than any holding of the kind is known for
    changes none of them: what it says otherwise is listed. That nothing is let or lent is known for
    a day too, though no holding keeps it (`place.stated_days`).

    Of a property let or lent in part the sheet gives an area and no rooms: a part too, which claims
    no leaf, held by whoever answers for the place. An area of nought ends it, or takes it back when
    the file is of the same day.

    What a person entered, corrected or ended by hand stands, and is listed with what the sheet
    says.
    """
    if rule.occupancy_extent:
        run_script(
            conn,
            "DROP TABLE IF EXISTS pg_temp.wanted_party;"
            "CREATE TEMP TABLE wanted_party ON COMMIT DROP AS"
            " SELECT DISTINCT t.row_number, t.place_id, u.organization_id AS holder_id,"
            " NULL::numeric AS area_m2"
            " FROM pg_temp.target AS t JOIN pg_temp.stage_unit AS u USING (row_number)"
            " WHERE u.organization_id IS NOT NULL",
        )
        seats.begin_seats(conn, rule)
        save_holding(conn, rule, "occupies", rule.occupancy_extent, load_id)
        seats.save_seats(conn, rule, load_id)
    if "owner_name" in contract.fields:
        run_script(
            conn,
            "DROP TABLE IF EXISTS pg_temp.wanted_party;"
            "CREATE TEMP TABLE wanted_party ON COMMIT DROP AS"
            " SELECT t.row_number, t.place_id, k.organization_id AS holder_id,"
            " NULL::numeric AS area_m2"
            " FROM pg_temp.target AS t JOIN pg_temp.stage AS s USING (row_number)"
            f" JOIN ({BODY_OF_NAME}) AS k ON k.spelling = {FOLDED.format('s.owner_name')}",
        )
        save_holding(conn, rule, "owns", "whole", load_id, field="owner_name")
    _save_given_away(conn, contract, rule, load_id)


def _save_given_away(
    conn: Connection, contract: ColumnContract, rule: PlaceRule, load_id: int
) -> None:
    """Holdings of what is let or lent, by whoever answers for the place."""
    for field, kind in GIVEN_AWAY.items():
        if field in contract.fields:
            run_script(
                conn,
                "DROP TABLE IF EXISTS pg_temp.wanted_party;"
                "CREATE TEMP TABLE wanted_party ON COMMIT DROP AS"
                " SELECT t.row_number, t.place_id, p.steward_id AS holder_id,"
                f" round(s.{field}, 2) AS area_m2"
                " FROM pg_temp.target AS t JOIN pg_temp.stage AS s USING (row_number)"
                " JOIN place.place AS p USING (place_id)"
                f" WHERE s.{field} IS NOT NULL AND p.steward_id IS NOT NULL",
            )
            _end_given_back(conn, rule, kind, field)
            save_holding(conn, rule, kind, "part", load_id, field=field)


def _end_given_back(conn: Connection, rule: PlaceRule, kind: str, field: str) -> None:
    """Nothing is let any more: a later file ends the holding, one of the same day takes it back."""
    values = {"kind": kind, "source": rule.holding_source, "field": field}
    for statement in _GIVEN_BACK:
        conn.execute(text(statement), values)


_GIVEN_BACK: Final = (
    "DROP TABLE IF EXISTS pg_temp.given_back",
    """
    CREATE TEMP TABLE given_back ON COMMIT DROP AS
    SELECT w.row_number, w.place_id, h.holding_id, h.stated_on < l.stated_on AS is_later,
           l.stated_on, coalesce(l.stated_on < h.stated_on, false) AS is_older
    FROM pg_temp.wanted_party AS w CROSS JOIN pg_temp.this_load AS l
    JOIN estate.holding AS h ON h.place_id = w.place_id AND h.kind = :kind
      AND h.source = :source AND h.valid_to IS NULL
    WHERE w.area_m2 = 0
    """,
    """
    INSERT INTO pg_temp.note (row_number, column_field, rule, suggestion, original, params)
    SELECT g.row_number, :field, 'holding.older', h.area_m2::text, '0',
           jsonb_build_object('day', h.stated_on::text)
    FROM pg_temp.given_back AS g JOIN estate.holding AS h USING (holding_id) WHERE g.is_older
    """,
    "DELETE FROM pg_temp.given_back WHERE is_older",
    "INSERT INTO pg_temp.changed_row SELECT row_number FROM pg_temp.given_back",
    # A file of no day corrects the newest: nothing is let for the day of what it takes back.
    """
    INSERT INTO place.stated_days AS d (place_id, days, rights_cell)
    SELECT g.place_id, jsonb_build_object(CAST(:kind AS text), max(h.stated_on)), h.rights_cell
    FROM pg_temp.given_back AS g JOIN estate.holding AS h USING (holding_id)
    WHERE g.stated_on IS NULL AND h.stated_on IS NOT NULL GROUP BY g.place_id, h.rights_cell
    ON CONFLICT (place_id) DO UPDATE SET days = d.days || excluded.days
    """,
    """
    UPDATE estate.holding AS h SET valid_to = g.stated_on
    FROM pg_temp.given_back AS g WHERE g.holding_id = h.holding_id AND g.is_later
    """,
    """
    DELETE FROM estate.holding_party AS p USING pg_temp.given_back AS g
    WHERE g.holding_id = p.holding_id AND g.is_later IS NOT TRUE
    """,
    """
    DELETE FROM estate.holding AS h USING pg_temp.given_back AS g
    WHERE g.holding_id = h.holding_id AND g.is_later IS NOT TRUE
    """,
    "DELETE FROM pg_temp.wanted_party WHERE area_m2 = 0",
)


def save_holding(
    conn: Connection,
    rule: PlaceRule,
    kind: str,
    extent: str,
    load_id: int,
    *,
    field: str = "unit_name",
) -> None:
    """Holdings of one kind, from `wanted_party (row_number, place_id, holder_id, area_m2)`.

    `field` is where the sheet says so.
    """
    values = {
        "kind": kind,
        "extent": extent,
        "source": rule.holding_source,
        "load_id": load_id,
        "field": field,
    }
    for statement in _STATEMENTS:
        conn.execute(text(statement), values)


_STATEMENTS: Final = (
    "DROP TABLE IF EXISTS pg_temp.holding_now, pg_temp.holding_kept, pg_temp.holding_differs",
    """
    CREATE TEMP TABLE holding_now ON COMMIT DROP AS
    SELECT w.place_id, min(w.row_number) AS row_number, old.holding_id,
           array_agg(DISTINCT w.holder_id ORDER BY w.holder_id) AS holders,
           max(w.area_m2) AS area_m2,
           old.stated_on < l.stated_on AS is_later, l.stated_on, NULL::date AS begins_on,
           bool_or(s.own_place_code IS NOT NULL) AS is_of_ours, known.day AS known_on
    FROM pg_temp.wanted_party AS w JOIN pg_temp.stage AS s USING (row_number)
    CROSS JOIN pg_temp.this_load AS l
    LEFT JOIN LATERAL (
      SELECT h.holding_id, h.stated_on FROM estate.holding AS h
      WHERE h.place_id = w.place_id AND h.kind = :kind AND h.source = :source
        AND h.valid_to IS NULL
      ORDER BY h.holding_id LIMIT 1
    ) AS old ON true
    LEFT JOIN LATERAL (
      SELECT greatest(
        (SELECT max(greatest(h.stated_on, h.valid_to)) FROM estate.holding AS h
         WHERE h.place_id = w.place_id AND h.kind = :kind AND h.source = :source),
        (SELECT (d.days ->> :kind)::date FROM place.stated_days AS d
         WHERE d.place_id = w.place_id)) AS day
    ) AS known ON true
    GROUP BY w.place_id, old.holding_id, old.stated_on, l.stated_on, known.day
    """,
    # Our own export prints who occupies a place, whoever said so: as printed, it says nothing.
    """
    DELETE FROM pg_temp.holding_now AS n
    WHERE n.is_of_ours AND n.holding_id IS NULL AND n.holders = (
      SELECT array_agg(DISTINCT p.holder_id ORDER BY p.holder_id)
      FROM estate.holding AS h JOIN estate.holding_party AS p USING (holding_id)
      WHERE h.place_id = n.place_id AND h.kind = :kind AND h.valid_to IS NULL)
    """,
    # By hand somebody has it where the sheet's own source knew of nobody, or it was ended by hand.
    """
    CREATE TEMP TABLE holding_kept ON COMMIT DROP AS
    SELECT n.place_id, n.row_number, n.holders, n.area_m2, e.holding_id
    FROM pg_temp.holding_now AS n
    CROSS JOIN LATERAL (
      SELECT h.holding_id FROM estate.holding AS h
      WHERE h.place_id = n.place_id AND h.kind = :kind AND h.source = 'entered'
        AND (n.holding_id IS NULL AND (h.valid_to IS NULL OR h.valid_to > current_date)
             OR EXISTS (SELECT FROM estate.holding_party AS p
                        WHERE p.holding_id = h.holding_id AND p.holder_id = ANY (n.holders)))
      ORDER BY h.valid_to DESC NULLS FIRST, h.holding_id LIMIT 1
    ) AS e
    WHERE n.holding_id IS NULL OR n.holders <> (
      SELECT array_agg(p.holder_id ORDER BY p.holder_id) FROM estate.holding_party AS p
      WHERE p.holding_id = n.holding_id)
    """,
    """
    INSERT INTO pg_temp.note (row_number, column_field, rule, suggestion, original)
    SELECT k.row_number, :field, 'merge.protected',
           coalesce(CASE WHEN k.area_m2 IS NULL THEN known.names ELSE h.area_m2::text END, '')
             || coalesce('（–' || h.valid_to || '）', ''),
           CASE WHEN k.area_m2 IS NULL THEN written.names ELSE k.area_m2::text END
    FROM pg_temp.holding_kept AS k JOIN estate.holding AS h USING (holding_id)
    CROSS JOIN LATERAL (
      SELECT array_agg(o.organization_id ORDER BY o.organization_id) AS holders,
             string_agg(o.name, '、' ORDER BY o.name) AS names
      FROM estate.holding_party AS p
      JOIN organization.organization AS o ON o.organization_id = p.holder_id
      WHERE p.holding_id = h.holding_id
    ) AS known
    CROSS JOIN LATERAL (
      SELECT string_agg(o.name, '、' ORDER BY o.name) AS names
      FROM organization.organization AS o WHERE o.organization_id = ANY (k.holders)
    ) AS written
    WHERE h.valid_to <= current_date OR known.holders IS DISTINCT FROM k.holders
       OR k.area_m2 <> coalesce(h.area_m2, -1)
    """,
    """
    DELETE FROM pg_temp.holding_now AS n USING pg_temp.holding_kept AS k
    WHERE k.place_id = n.place_id
    """,
    """
    INSERT INTO pg_temp.note (row_number, column_field, rule, suggestion, original, params)
    SELECT n.row_number, :field, 'holding.older',
           CASE WHEN n.area_m2 IS NULL THEN known.names ELSE h.area_m2::text END,
           CASE WHEN n.area_m2 IS NULL THEN written.names ELSE n.area_m2::text END,
           jsonb_build_object('day', n.known_on::text)
    FROM pg_temp.holding_now AS n LEFT JOIN estate.holding AS h USING (holding_id)
    CROSS JOIN LATERAL (
      SELECT array_agg(o.organization_id ORDER BY o.organization_id) AS holders,
             string_agg(o.name, '、' ORDER BY o.name) AS names
      FROM estate.holding_party AS p
      JOIN organization.organization AS o ON o.organization_id = p.holder_id
      WHERE p.holding_id = n.holding_id
    ) AS known
    CROSS JOIN LATERAL (
      SELECT string_agg(o.name, '、' ORDER BY o.name) AS names
      FROM organization.organization AS o WHERE o.organization_id = ANY (n.holders)
    ) AS written
    WHERE n.stated_on < n.known_on
      AND (known.holders IS DISTINCT FROM n.holders OR n.area_m2 <> coalesce(h.area_m2, -1))
    """,
    "DELETE FROM pg_temp.holding_now WHERE stated_on < known_on",
    """
    CREATE TEMP TABLE holding_differs ON COMMIT DROP AS
    SELECT n.place_id FROM pg_temp.holding_now AS n
    WHERE n.holding_id IS NULL OR n.holders <> (
      SELECT array_agg(p.holder_id ORDER BY p.holder_id) FROM estate.holding_party AS p
      WHERE p.holding_id = n.holding_id)
    OR n.area_m2 <> (SELECT h.area_m2 FROM estate.holding AS h WHERE h.holding_id = n.holding_id)
    """,
    """
    INSERT INTO pg_temp.changed_row
    SELECT n.row_number FROM pg_temp.holding_now AS n JOIN pg_temp.holding_differs USING (place_id)
    """,
    """
    UPDATE estate.holding AS h SET valid_to = n.stated_on
    FROM pg_temp.holding_now AS n JOIN pg_temp.holding_differs USING (place_id)
    WHERE h.holding_id = n.holding_id AND n.is_later
    """,
    """
    UPDATE pg_temp.holding_now AS n SET holding_id = NULL, begins_on = n.stated_on
    FROM pg_temp.holding_differs AS d WHERE d.place_id = n.place_id AND n.is_later
    """,
    """
    UPDATE estate.holding AS h SET area_m2 = n.area_m2
    FROM pg_temp.holding_now AS n
    WHERE h.holding_id = n.holding_id AND n.area_m2 <> h.area_m2
    """,
    # Who says the same of a later day confirms it: a file of a day between them is an older one.
    # Our own export says nothing as printed.
    """
    UPDATE estate.holding AS h SET stated_on = n.stated_on
    FROM pg_temp.holding_now AS n
    WHERE h.holding_id = n.holding_id AND NOT n.is_of_ours
      AND coalesce(h.stated_on, '-infinity') < n.stated_on
    """,
    """
    WITH added AS (
      INSERT INTO estate.holding
        (place_id, kind, extent, source, valid_from, stated_on, area_m2, load_id, rights_cell)
      SELECT n.place_id, :kind, :extent, :source, n.begins_on, n.stated_on, n.area_m2, :load_id,
             p.rights_cell
      FROM pg_temp.holding_now AS n JOIN place.place AS p USING (place_id)
      WHERE n.holding_id IS NULL
      RETURNING holding_id, place_id
    )
    UPDATE pg_temp.holding_now AS n SET holding_id = added.holding_id
    FROM added WHERE added.place_id = n.place_id
    """,
    # Of other bodies than those that shared it nobody has said yet how they do.
    """
    DELETE FROM estate.sharer AS s USING pg_temp.holding_now AS n JOIN pg_temp.holding_differs AS d
      USING (place_id) WHERE s.holding_id = n.holding_id
    """,
    """
    UPDATE estate.holding_party AS p SET share = NULL
    FROM pg_temp.holding_now AS n JOIN pg_temp.holding_differs AS d USING (place_id)
    WHERE p.holding_id = n.holding_id AND p.share IS NOT NULL
    """,
    """
    DELETE FROM estate.holding_party AS p USING pg_temp.holding_now AS n
    WHERE p.holding_id = n.holding_id AND p.holder_id <> ALL (n.holders)
    """,
    """
    INSERT INTO estate.holding_party (holding_id, holder_id, rights_cell)
    SELECT n.holding_id, holder_id, p.rights_cell
    FROM pg_temp.holding_now AS n JOIN place.place AS p USING (place_id)
    CROSS JOIN LATERAL unnest(n.holders) AS holder_id
    ON CONFLICT (holding_id, holder_id) DO NOTHING
    """,
)
