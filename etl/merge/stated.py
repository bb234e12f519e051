"""For which day each column of a place stands, and which of them a file of a day may change.

A column stands for the day in `place.stated_days`, else for the one in `place.stated_on`, else for
none. So a file is older column by column: a list that leaves an address blank says nothing of it,
and a layer of shapes says nothing of names.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from sqlalchemy import Connection, text

from assets.domain import ColumnContract, PlaceRule
from etl.merge.keeping import known_of_kind
from etl.staging import stored_columns
from gis.places.stating import EARLIER, KEPT
from gis.places.then import OF_ROOM

TEXTS: Final = ("name", "address", "use_status", "remark")
"""Columns of the place that sheets state in words."""
GIVEN_AWAY: Final = {"let_area": "lets_out", "lent_area": "lends"}
"""Fields that say how much of a place others have, and the holdings they mean."""
_IS_HELD: Final = (
    "EXISTS (SELECT FROM estate.holding AS h WHERE h.place_id = m.place_id AND h.kind = '{kind}'"
    " AND h.valid_to IS NULL)"
)
SINCE: Final = "greatest(p.stated_on, p.valid_from)"


@dataclass(frozen=True)
class Stated:
    """What a sheet says of a column: SQL over stage `s`, place `p` and `parent`."""

    value: str
    counts: str
    """Whether it stands for the file's day, whatever later files say; may be null for false."""
    known: str | None = None
    """SQL of what the register says, of place `p`; null: the column of `p`."""


def day_of_load(conn: Connection) -> date | None:
    """The day for which the file is stated; null: it names none."""
    found: date | None = conn.execute(text("SELECT stated_on FROM pg_temp.this_load")).scalar_one()
    return found


def stands_for(field: str, *, days: str = "known.days", since: str = SINCE) -> str:
    """SQL of the day for which a column stands."""
    return f"coalesce(({days} ->> '{field}')::date, {since})"


def older(day: date | None, field: str, *, days: str = "known.days", since: str = SINCE) -> str:
    """SQL of whether a column stands for a later day than the file's; may be null for false."""
    if day is None:
        return "false"
    return f"(DATE '{day}' < {stands_for(field, days=days, since=since)})"


def yields(
    rule: PlaceRule, winner: str | None, *, is_older: str, is_declared: str, is_wider: str
) -> str:
    """SQL of whether a sheet's value leaves a known one as it stands; may be null for false.

    A rule of the column goes before all. The words of a census stand against those of a survey
    layer, whichever came last; so files that word one thing differently do not overwrite each other
    in turns.
    """
    if winner is not None:
        return "false" if winner == "new" else "true"
    if rule.fills_gaps_only:
        return f"{is_older} OR {is_wider}"
    if rule.area_source == "survey":
        return f"{is_older} OR {is_declared}"
    return is_older


def dated(
    contract: ColumnContract,
    rule: PlaceRule,
    winners: Mapping[str, str],
    day: date | None,
    *,
    draws: str,
    is_declared: str,
    is_wider: str,
    days: str = "known.days",
    since: str = SINCE,
) -> dict[str, Stated]:
    """What the sheet says of the columns of which is kept what they were (`gis.places.stating`).

    Args as of `days_sql` and `stands_for`; `draws` is SQL of whether the sheet draws a place of no
    shape where it counts.
    """

    def says(name: str, value: str, blocked: str = "false", known: str | None = None) -> Stated:
        known = known or f"p.{name}"
        return Stated(
            value,
            f"({value}) IS NOT NULL AND (({blocked}) IS NOT TRUE OR {known} IS NULL)"
            f" AND (s.own_place_code IS NULL OR {known} IS DISTINCT FROM {value})",
            known,
        )

    def blocked(name: str) -> str:
        winner = winners.get(name)
        if winner is not None:
            return "true" if winner == "known" else older(day, name, days=days, since=since)
        if rule.fills_gaps_only:
            return is_wider
        return is_declared if rule.area_source == "survey" else "false"

    texts = stored_columns(contract, "place")
    found: dict[str, Stated] = {
        name: says(name, texts[name], blocked(name)) for name in KEPT if name in texts
    }
    is_known = winners.get("geom") == "known" or (rule.fills_gaps_only and "geom" not in winners)
    # A point and a shape are no two states of a place; a shape that is known takes a point's place.
    apart = (
        "p.geom IS NOT NULL"
        " AND (GeometryType(s.geom) = 'POINT') <> (GeometryType(p.geom) = 'POINT')"
        f" AND (GeometryType(s.geom) = 'POINT' OR {older(day, 'geom', days=days, since=since)})"
    )
    shape = says("geom", "s.geom", "true" if is_known else apart)
    found["geom"] = Stated(shape.value, f"{shape.counts} AND ({draws}) IS NOT TRUE", shape.known)
    found["parent_id"] = says("parent_id", "parent.parent_id")
    of_room = stored_columns(contract, "kind") if rule.kind == "room" else {}
    for name in (one for one in OF_ROOM if one in of_room):
        found[name] = says(name, of_room[name], blocked(name), known_of_kind(name, rule))
    return found


def earlier_days(
    said: Mapping[str, Stated], day: date, *, known: str = "known.days", since: str = SINCE
) -> str:
    """SQL of the earlier days of columns (jsonb) of which the sheet states one more."""
    pairs = []
    for name, one in said.items():
        days = f"{known} -> '{EARLIER}{name}'"
        newest = stands_for(name, days=known, since=since)
        pairs.append(
            f"'{EARLIER}{name}', CASE WHEN {one.counts}"
            f" AND ({one.known or f'p.{name}'} IS NOT NULL OR {known} ->> '{name}' IS NOT NULL)"
            f" AND {newest} IS DISTINCT FROM DATE '{day}'"
            f" AND ({days} ? '{day}') IS NOT TRUE THEN coalesce({days}, '[]')"
            f" || to_jsonb(least(coalesce({newest}, '-infinity'), DATE '{day}')) END"
        )
    return f"jsonb_strip_nulls(jsonb_build_object({', '.join(pairs)}))"


def days_sql(
    contract: ColumnContract,
    rule: PlaceRule,
    winners: Mapping[str, str],
    day: date | None,
    *,
    others: Mapping[str, str],
    said: Mapping[str, Stated],
    is_declared: str,
    is_wider: str,
) -> str:
    """SQL of the days of a place (jsonb) after the sheet, from what `target` is made of.

    A column that the sheet states, and that does not yield, stands for the file's day from then on,
    though it says the same. As printed in our own export it says nothing. A nought of what is let
    or lent has its day too: no holding could keep it.

    Args:
        contract: The sheet's.
        rule: How its rows become places.
        winners: Who wins by a rule of the column.
        day: The file's; null changes no day.
        others: By column, SQL of whether the sheet states it, where that is no text.
        said: Of `dated`, with the aliases of `target`.
        is_declared: SQL, as for `yields`.
        is_wider: SQL, as for `yields`.
    """
    if day is None:
        return "known.days"
    noughts = {
        kind: f"round(s.{field}, 2) = 0"
        f" AND (DATE '{day}' > (known.days ->> '{kind}')::date) IS NOT FALSE"
        f" AND (s.own_place_code IS NULL OR {_IS_HELD.format(kind=kind)})"
        for field, kind in GIVEN_AWAY.items()
        if field in contract.fields
    }
    stated = dict(others)
    for name, (value, known) in _written(contract, rule).items():
        stays = yields(rule, winners.get(name), is_older=older(day, name),
                       is_declared=is_declared, is_wider=is_wider)  # fmt: skip
        stated[name] = (
            f"({value}) IS NOT NULL AND (({stays}) IS NOT TRUE OR ({known}) IS NULL)"
            f" AND (s.own_place_code IS NULL"
            f" OR ({known})::text IS DISTINCT FROM ({value})::text)"
        )
    patch = {
        name: f"{sql} AND DATE '{day}' IS DISTINCT FROM {stands_for(name)}"
        for name, sql in stated.items()
    }
    return (
        f"CASE WHEN m.place_id IS NULL THEN {_object(noughts.items(), day)}"
        f" ELSE nullif(coalesce(known.days, '{{}}')"
        f" || coalesce({_object((patch | noughts).items(), day)}, '{{}}')"
        f" || {earlier_days(said, day)}, '{{}}') END"
    )


def _written(contract: ColumnContract, rule: PlaceRule) -> dict[str, tuple[str, str]]:
    """Columns of the place and its kind: SQL of what the sheet says, and of what is known."""
    of_kind = stored_columns(contract, "kind")
    if rule.is_census:
        # What no cell says follows from who answers for the place.
        said = ", ".join(filter(None, (of_kind.get("population"), "s.population_hint")))
        of_kind["population"] = f"coalesce({said}, CASE WHEN s.own_place_code IS NULL THEN '' END)"
    of_kind["is_centrally_managed"] = "s.is_centrally_managed"
    texts = stored_columns(contract, "place")
    return {name: (sql, f"p.{name}") for name, sql in texts.items() if name in TEXTS} | {
        name: (sql, known_of_kind(name, rule)) for name, sql in of_kind.items()
    }


def _object(pairs: Iterable[tuple[str, str]], day: date) -> str:
    """SQL of an object that has the day for each key whose condition holds; null: for none."""
    found = list(pairs)
    if not found:
        return "NULL::jsonb"
    keys = ", ".join(f"'{key}'" for key, _condition in found)
    values = ", ".join(f"CASE WHEN {sql} THEN '{day}' END" for _key, sql in found)
    return (
        f"nullif(jsonb_strip_nulls(jsonb_object(ARRAY[{keys}],"
        f" CAST(ARRAY[{values}] AS text[]))), '{{}}')"
    )


SAVE_DAYS: Final = """
INSERT INTO place.stated_days AS old (place_id, days, rights_cell)
SELECT t.place_id, t.days, t.rights_cell FROM pg_temp.saved_place AS t
WHERE t.days IS NOT NULL AND t.days IS DISTINCT FROM t.old_days
ON CONFLICT (place_id) DO UPDATE SET days = excluded.days
"""
"""The days of the places of `saved_place`: no row of the register counts as changed for them."""
