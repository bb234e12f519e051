"""What people decided of doubtful rows, honoured; and rows that wait, kept so that they can decide.

A decision belongs to what identifies a row (kind of sheet, numbers, name, address, district), not
to a line of a file: it holds for the same file loaded again and for a repaired one.
"""

from typing import Final

from sqlalchemy import Connection, text

from assets.domain import ColumnContract, PlaceRule
from etl.folding import FOLDED
from etl.merge.pairs_sql import field_of, gross_of, kind_of
from gis.db import run_script

_IDENTIFYING: Final = ("code", "asset_card_code", "real_estate_unit_code", "division_code")
_WORDED: Final = ("name", "address")


def apply_decisions(conn: Connection, contract: ColumnContract) -> None:
    """Fill `decided`; rows decided to be a place, or to have become one, are matched with it.

    Leaves `decided (row_number, decision_id, choice, place_id, fills_gaps)`: `place_id` is null for
    a new place not yet made and for what stays out. A decision on a place that is gone, ended or
    secret is not honoured: its row waits with `match.decision_outdated`.

    A row decided to be what an earlier row of the sheet is goes with that row (`folded`), whatever
    place that row means by now; where only decided rows are loaded, it fills what the place lacks.
    """
    run_script(conn, _NONE_DECIDED)
    is_any = text("SELECT EXISTS (SELECT FROM staging.match_decision WHERE withdrawn_at IS NULL)")
    if not conn.execute(is_any).scalar_one():
        return
    _key_rows(conn, contract)
    run_script(conn, "DELETE FROM pg_temp.stage WHERE NOT is_chosen")
    run_script(conn, _DECIDED)
    if conn.execute(text("SELECT EXISTS (SELECT FROM pg_temp.folded)")).scalar_one():
        _fold(conn, contract)


def _fold(conn: Connection, contract: ColumnContract) -> None:
    """What a row says beyond the one it goes with is said by that one; its bodies are too."""
    fields = [f'"{column.field}"' for column in contract.columns if not column.is_keyed]
    filled = ", ".join(f"{field} = coalesce(a.{field}, b.{field})" for field in fields)
    for field in fields:
        run_script(conn, _NOTE_FOLDED.format(field=field, name=field.strip('"')))
    run_script(conn, _FOLD.format(filled=filled))


_NOTE_FOLDED: Final = """
INSERT INTO pg_temp.note (row_number, column_field, rule, suggestion, original)
SELECT b.row_number, '{name}', 'merge.kept_known', a.{field}::text, b.{field}::text
FROM pg_temp.folded AS f JOIN pg_temp.stage AS a ON a.row_number = f.into_row
JOIN pg_temp.stage AS b ON b.row_number = f.row_number
WHERE a.{field} <> b.{field} AND '{name}' NOT IN ('sequence_no', 'unit_name', 'credit_code')
"""
_FOLD: Final = """
UPDATE pg_temp.stage AS a
SET {filled}, geom = coalesce(a.geom, b.geom),
    located_by = CASE WHEN a.geom IS NULL THEN b.located_by ELSE a.located_by END
FROM (SELECT DISTINCT ON (into_row) into_row, row_number FROM pg_temp.folded
      ORDER BY into_row, row_number) AS f
JOIN pg_temp.stage AS b ON b.row_number = f.row_number WHERE a.row_number = f.into_row;
UPDATE pg_temp.stage_unit AS u SET row_number = f.into_row
FROM pg_temp.folded AS f WHERE u.row_number = f.row_number;
INSERT INTO pg_temp.stage_steward (row_number, organization_id)
SELECT DISTINCT ON (f.into_row) f.into_row, s.organization_id
FROM pg_temp.folded AS f JOIN pg_temp.stage_steward AS s USING (row_number)
WHERE NOT EXISTS (SELECT FROM pg_temp.stage_steward AS o WHERE o.row_number = f.into_row)
ORDER BY f.into_row, f.row_number;
DELETE FROM pg_temp.stage_steward AS s USING pg_temp.folded AS f WHERE f.row_number = s.row_number;
DELETE FROM pg_temp.stage AS s USING pg_temp.folded AS f WHERE f.row_number = s.row_number
"""


def keep_questions(
    conn: Connection, contract: ColumnContract, rule: PlaceRule, *, sheet: str | None, load_id: int
) -> None:
    """Keep the waiting rows that a decision would free, with their candidates."""
    found = text(
        "SELECT EXISTS (SELECT FROM pg_temp.held WHERE rule = ANY (:rules)"
        " AND severity = 'question')"
    )
    if not conn.execute(found, {"rules": list(_ASKED)}).scalar_one():
        return
    _key_rows(conn, contract)
    values = {"load_id": load_id, "sheet": sheet or "", "contract": contract.name,
              "rules": list(_ASKED)}  # fmt: skip
    plain = [column.field for column in contract.columns if not column.is_keyed]
    fields = ", ".join(f"'{field}'" for field in plain)
    conn.execute(text(_KEEP.format(
        kind=kind_of(contract, rule),
        name=field_of(contract, "name"),
        address=field_of(contract, "address"),
        gross=gross_of(contract),
        fields=fields,
    )), values)  # fmt: skip
    conn.execute(text(_KEEP_CANDIDATES), values)


def record_applied(conn: Connection, load_id: int) -> None:
    """Note which load brought a decided row, and what a new place became; after the places are."""
    if not conn.execute(text("SELECT EXISTS (SELECT FROM pg_temp.decided)")).scalar_one():
        return
    conn.execute(text(_APPLIED), {"load_id": load_id})
    run_script(conn, _NOTE_DECIDED)


_ASKED: Final = (
    "match.similar", "match.same_title", "match.twin", "match.ambiguous", "match.kind_differs",
    "match.decision_outdated", "match.not_found", "duplicate.differs",
)  # fmt: skip

_NONE_DECIDED: Final = """
DROP TABLE IF EXISTS pg_temp.decided, pg_temp.folded, pg_temp.row_key;
CREATE TEMP TABLE decided (row_number integer PRIMARY KEY, decision_id bigint, choice text,
  place_id bigint, other_row integer, fills_gaps boolean) ON COMMIT DROP;
CREATE TEMP TABLE folded (row_number integer PRIMARY KEY, into_row integer) ON COMMIT DROP
"""


def _key_rows(conn: Connection, contract: ColumnContract) -> None:
    """`row_key (row_number, row_key)`, once a sheet; rows that agree in all are told by order."""
    is_made = text("SELECT to_regclass('pg_temp.row_key') IS NOT NULL")
    if conn.execute(is_made).scalar_one():
        return
    # A part without a number is told from others in its parent alone.
    rule = contract.place
    own = (*rule.parent_fields, *rule.told_by, *rule.told_within) if rule and rule.told_by else ()
    names = dict.fromkeys((*_IDENTIFYING, *own))
    fields = [f"upper(trim({_text_of(contract, name)}))" for name in names if name not in _WORDED]
    fields += [FOLDED.format(field_of(contract, name)) for name in _WORDED]
    told = ", ".join(f"coalesce({field}, '')" for field in fields)
    run_script(
        conn,
        f"""
        CREATE TEMP TABLE row_key ON COMMIT DROP AS
        SELECT row_number, encode(sha256(convert_to(concat_ws(E'\\x1f', '{contract.name}', told,
          row_number() OVER (PARTITION BY told ORDER BY row_number)), 'UTF8')), 'hex') AS row_key
        FROM (SELECT s.row_number, concat_ws(E'\\x1f', {told}) AS told
              FROM pg_temp.stage AS s) AS row;
        ALTER TABLE pg_temp.row_key ADD PRIMARY KEY (row_number);
        ANALYZE pg_temp.row_key""",
    )


def _text_of(contract: ColumnContract, name: str) -> str:
    return f"{field_of(contract, name)}::text"


# A place that a row was decided to make may have gone with a load taken back: it is made again.
_DECIDED: Final = """
INSERT INTO pg_temp.decided (row_number, decision_id, choice, place_id, other_row, fills_gaps)
SELECT k.row_number, d.match_decision_id, d.choice, p.place_id, there.row_number,
       o.row_number IS NOT NULL AND there.row_number IS NULL
FROM pg_temp.row_key AS k JOIN pg_temp.stage AS own USING (row_number)
JOIN staging.match_decision AS d ON d.row_key = k.row_key AND d.withdrawn_at IS NULL
LEFT JOIN pg_temp.row_key AS o
  ON o.row_key = d.other_row_key AND o.row_number <> k.row_number
LEFT JOIN pg_temp.stage AS there ON there.row_number = o.row_number
LEFT JOIN place.place AS p ON p.place_id = coalesce(d.place_id, d.made_place_id)
  AND p.valid_to IS NULL AND p.security_class < 3;
INSERT INTO pg_temp.folded (row_number, into_row)
SELECT row_number, other_row FROM pg_temp.decided AS d
WHERE other_row IS NOT NULL AND NOT EXISTS (
  SELECT FROM pg_temp.decided AS o
  WHERE o.row_number = d.other_row AND (o.choice = 'out' OR o.other_row IS NOT NULL));
INSERT INTO pg_temp.held (row_number, rule, severity)
SELECT row_number, 'match.left_out', 'reject' FROM pg_temp.decided WHERE choice = 'out'
UNION ALL
SELECT row_number, 'match.decision_outdated', 'question' FROM pg_temp.decided
WHERE choice = 'same' AND place_id IS NULL
  AND row_number NOT IN (SELECT row_number FROM pg_temp.folded);
INSERT INTO pg_temp.stage_match (row_number, place_id)
SELECT row_number, place_id FROM pg_temp.decided
WHERE place_id IS NOT NULL AND row_number NOT IN (SELECT row_number FROM pg_temp.folded)
"""

_KEEP: Final = """
INSERT INTO staging.match_question (load_id, sheet, row_number, row_key, contract, kind, rule,
  other_row, name, address, holder, gross_area_m2, values, geom)
SELECT :load_id, :sheet, s.row_number, k.row_key, :contract, {kind}, h.rule,
       coalesce((SELECT other_row FROM pg_temp.twin AS t WHERE t.row_number = s.row_number
                 ORDER BY score DESC, other_row LIMIT 1),
                (SELECT min(other_row) FROM pg_temp.candidate AS c
                 WHERE c.row_number = s.row_number)), {name}, {address},
       coalesce(o.name, b.name), {gross},
       (SELECT coalesce(jsonb_object_agg(v.key, v.value), '{{}}'::jsonb)
        FROM jsonb_each_text(to_jsonb(s) - 'geom') AS v
        WHERE v.key IN ({fields}) AND v.value <> ''), s.geom
FROM (SELECT row_number, min(rule) AS rule FROM pg_temp.held
      WHERE rule = ANY (:rules) AND severity = 'question' GROUP BY row_number) AS h
JOIN pg_temp.stage AS s USING (row_number) JOIN pg_temp.row_key AS k USING (row_number)
LEFT JOIN pg_temp.stage_steward AS st USING (row_number)
LEFT JOIN organization.organization AS o USING (organization_id)
LEFT JOIN pg_temp.new_body AS b USING (organization_id)
WHERE s.is_secret IS NOT TRUE
  AND NOT EXISTS (SELECT FROM pg_temp.held AS r
                  WHERE r.row_number = s.row_number AND r.severity LIKE '%reject')
"""

_KEEP_CANDIDATES: Final = """
INSERT INTO staging.match_candidate (load_id, sheet, row_number, place_id, score, address_score,
  name_score, overlap_score, area_score, distance_m, is_same_holder, is_same_title, other_row_key)
SELECT q.load_id, q.sheet, c.row_number, c.place_id, c.score, c.address_score, c.name_score,
       c.overlap_score, c.area_score, c.distance_m, c.is_same_holder, c.is_same_title,
       k.row_key
FROM pg_temp.candidate AS c JOIN staging.match_question AS q
  ON q.load_id = :load_id AND q.sheet = :sheet AND q.row_number = c.row_number
LEFT JOIN pg_temp.row_key AS k ON k.row_number = c.other_row
"""

_APPLIED: Final = """
UPDATE staging.match_decision AS d
SET applied_load_id = CASE WHEN applied.load_id IS NULL THEN :load_id ELSE d.applied_load_id END,
    made_place_id = CASE WHEN d.choice = 'new' THEN t.place_id END
FROM pg_temp.decided AS own LEFT JOIN pg_temp.folded AS f USING (row_number)
JOIN pg_temp.target AS t ON t.row_number = coalesce(f.into_row, own.row_number)
LEFT JOIN staging.match_decision AS old ON old.match_decision_id = own.decision_id
LEFT JOIN staging.load AS applied
  ON applied.load_id = old.applied_load_id AND applied.state = 'committed'
WHERE d.match_decision_id = own.decision_id
"""

_NOTE_DECIDED: Final = """
INSERT INTO pg_temp.note (row_number, rule, suggestion)
SELECT own.row_number, 'match.decided_' || own.choice, p.code
FROM pg_temp.decided AS own LEFT JOIN pg_temp.folded AS f USING (row_number)
JOIN pg_temp.target AS t ON t.row_number = coalesce(f.into_row, own.row_number)
LEFT JOIN place.place AS p ON p.place_id = own.place_id
"""
