"""Questions narrowed by the filters of layers: what a map shows is what its figures cover."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Final

from sqlalchemy import Connection, text

from gis.db import run_script
from gis.filters import Filter, of_told_place, values_of
from gis.layers import Layer
from gis.places.then import JOIN_THEN, PARENT_THEN, Places
from gis.prepared import typed
from gis.questions import Asked

# The asked places and all above them, each once: a part may lie in the area, its whole beside it.
_LINES: Final = f"""
CREATE TEMP TABLE narrowed_line ON COMMIT DROP AS
WITH RECURSIVE up AS (
  SELECT p.place_id, {PARENT_THEN.format("p")} AS parent_id
  FROM {{table}} JOIN place.place AS p USING (place_id) {JOIN_THEN.format("p")}
  UNION
  SELECT p.place_id, {PARENT_THEN.format("p")}
  FROM up JOIN place.place AS p ON p.place_id = up.parent_id {JOIN_THEN.format("p")}
)
SELECT place_id, parent_id FROM up"""


def keep_matching(conn: Connection, asked: Asked, filters: Sequence[tuple[Layer, Filter]]) -> Asked:
    """Takes out of `pg_temp.asked_place` what does not pass, with all that is part of it.

    A building of a property that does not pass goes with it, and so do its rooms; what stands
    above a place that does not pass stays.

    Args:
        conn: Within a session, after `collect_places`.
        asked: What that answered.
        filters: Of layers of places; a layer's places that are in several have to pass them all.

    Returns:
        What stands in `pg_temp.asked_place` now.
    """
    if not filters:
        return asked
    narrow(conn, "pg_temp.asked_place", asked.places, asked.as_of, filters)
    return replace(asked, is_everything=False)


def narrow(
    conn: Connection,
    table: str,
    places: Places,
    as_of: date,
    filters: Sequence[tuple[Layer, Filter]],
) -> None:
    """As `keep_matching`, of any temporary table with a `place_id`.

    Args:
        conn: Within a session.
        table: With its schema.
        places: With what held of them on the day.
        as_of: The day.
        filters: As there.
    """
    run_script(conn, "DROP TABLE IF EXISTS pg_temp.narrowed_line")
    conn.execute(text(_LINES.format(table=table)), {"as_of": as_of})
    run_script(conn, "ANALYZE pg_temp.narrowed_line")
    for layer, chosen in filters:
        values = {**values_of(chosen), "as_of": as_of}
        if layer.held_sql is None:
            del values["holder"], values["as_of"]
        statement = (
            f"DELETE FROM {table} WHERE place_id IN (WITH RECURSIVE gone AS ("
            " SELECT line.place_id FROM pg_temp.narrowed_line AS line"
            f" JOIN {places.by_id} AS p USING (place_id)"
            f" WHERE ({layer.place_condition}) AND NOT {of_told_place(layer, 'p', places)}"
            " UNION SELECT line.place_id FROM gone"
            " JOIN pg_temp.narrowed_line AS line ON line.parent_id = gone.place_id"
            ") SELECT place_id FROM gone)"
        )
        conn.execute(text(typed(statement)), values)
