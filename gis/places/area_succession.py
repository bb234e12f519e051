"""Which areas go on where an administrative area was abolished."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, text

IS_LIVING: Final = (
    "(({0}.valid_from IS NULL OR {0}.valid_from <= current_date)"
    " AND ({0}.valid_to IS NULL OR {0}.valid_to > current_date))"
)
"""Condition on an administrative area, by alias: it is there today."""
HAS_ENDED: Final = "{0}.valid_to <= current_date"
"""Condition on an administrative area, by alias: it is abolished, not yet to begin."""

HEIRS: Final = f"""
WITH RECURSIVE step (code, heir) AS (
  SELECT a.code, a.code FROM place.admin_area AS a WHERE {HAS_ENDED.format("a")}
  UNION
  SELECT step.code, s.to_code FROM step
  JOIN place.admin_area AS was ON was.code = step.heir AND {HAS_ENDED.format("was")}
  JOIN place.admin_area_succession AS s
    ON s.from_code = step.heir AND s.happened_on <= current_date
)
SELECT step.code, array_agg(step.heir ORDER BY step.heir) AS heirs
FROM step JOIN place.admin_area AS now ON now.code = step.heir AND {IS_LIVING.format("now")}
GROUP BY step.code
"""
"""SQL of abolished areas (`code`) with the living ones that took over (`heirs`), over any number of
steps; one that nobody took over is not among them."""


@dataclass(frozen=True)
class Abolished:
    """An abolished area and those that took over, with their names; in the order of their codes."""

    code: str
    name: str
    heirs: Sequence[str]
    names: Sequence[str]


def abolished_areas(conn: Connection, codes: Sequence[str] | None = None) -> list[Abolished]:
    """Abolished areas that others took over, of these codes or of all."""
    rows = conn.execute(
        text(
            f"SELECT h.code, a.name, h.heirs, ARRAY(SELECT n.name FROM unnest(h.heirs)"
            " WITH ORDINALITY AS o (code, at) JOIN place.admin_area AS n USING (code) ORDER BY at)"
            f" AS names FROM ({HEIRS}) AS h JOIN place.admin_area AS a USING (code)"
            " WHERE CAST(:codes AS text[]) IS NULL OR h.code = ANY (:codes) ORDER BY h.code"
        ),
        {"codes": None if codes is None else list(codes)},
    )
    return [Abolished(row.code, row.name, row.heirs, row.names) for row in rows]
