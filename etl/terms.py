"""Vocabularies of the country packs, brought into the database where they differ."""

import csv
from importlib import resources

from sqlalchemy import Connection, text

from etl.pack import PACKS

_UPSERT = text(
    """
    INSERT INTO place.term AS t
      (list, term, parent_term, title_zh, title_en, sort_order, colour, source)
    VALUES (:list, :term, :parent_term, :title_zh, :title_en, :sort_order, :colour, :source)
    ON CONFLICT (list, term) DO UPDATE
      SET parent_term = excluded.parent_term, title_zh = excluded.title_zh,
          title_en = excluded.title_en, sort_order = excluded.sort_order,
          colour = excluded.colour, source = excluded.source
      WHERE (t.parent_term, t.title_zh, t.title_en, t.sort_order, t.colour, t.source)
            IS DISTINCT FROM (excluded.parent_term, excluded.title_zh, excluded.title_en,
                              excluded.sort_order, excluded.colour, excluded.source)
    """
)


def save_terms(conn: Connection, packs: tuple[str, ...] = PACKS) -> None:
    """Write the terms of the packs; those that stand as given are left alone."""
    for pack in packs:
        path = resources.files("assets") / "packs" / pack / "term.csv"
        if not path.is_file():
            continue
        rows = csv.DictReader(path.read_text(encoding="utf-8").splitlines())
        conn.execute(
            _UPSERT,
            [
                {
                    **{name: value or None for name, value in row.items()},
                    "sort_order": int(row["sort_order"]),
                }
                for row in rows
            ],
        )
