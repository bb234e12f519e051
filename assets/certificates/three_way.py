"""Three-way match (三相符): the register against the finance system, what is measured, the titles.

Every property is held against each of the three: 账账 the cards of the finance system (资产卡片),
账实 what was surveyed or drawn and the rooms in it, 账证 its title certificates. Nothing is written
and nothing overwritten. Under row security like every read: cards, titles and parts that are not
for the asker are as if there were none, also where sums over the rest then differ, for an answer
must not tell that there is more.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from functools import cache
from typing import Any, Final

from sqlalchemy import Connection, text

from assets.estate.ledgers import compared
from assets.estate.model import IS_CARD_OF_ESTATE, asset_card
from assets.services.packs import Source, pack_rows, source_of
from gis.organizations.then import name_then
from gis.places.counted import own_areas
from gis.places.model import FOLDED_NUMBER
from gis.places.then import places_as_of
from gis.places.vocabulary import IN_FORCE, IS_OPEN, AreaKind
from gis.rights.policies import writable_cells

NAME: Final = "three_way"


class Side(StrEnum):
    """What the register is held against."""

    ACCOUNT = "account"
    """账账: the finance system's cards."""
    ACTUAL = "actual"
    """账实: what was surveyed or drawn."""
    TITLE = "title"
    """账证: the title certificates."""


class Verdict(StrEnum):
    """What a side comes to, the worst first."""

    DIFFERS = "differs"
    LACKS = "lacks"
    """The other side says nothing of it."""
    UNSTATED = "unstated"
    """The other side knows it, and the register has no figure of its own."""
    EQUAL = "equal"
    NOT_OWNED = "not_owned"
    """Rented from others, in whose books and on whose title it stands."""


class Subject(StrEnum):
    """What differs."""

    GROSS = "gross"
    LAND = "land"
    VALUE = "value"
    NUMBER = "number"
    """A certificate number on a card that no title of the property has."""
    OWNER = "owner"
    """The right holder on the title is none of those the register has as owners."""
    ROOMS = "rooms"
    """Rooms measure more, usable, than the register has gross."""


@dataclass(frozen=True)
class Tolerance:
    """Up to which difference two figures count as equal, and whether somebody has verified it."""

    area_m2: Decimal
    value_yuan: Decimal
    is_verified: bool


@dataclass(frozen=True)
class Difference:
    """One thing that a side has otherwise than the register.

    Args:
        ledger: What the register says: an area in m2, a value in yuan, or names and numbers, which
            a reader's language puts together.
        other: What the side says.
    """

    side: Side
    subject: Subject
    ledger: Decimal | tuple[str, ...]
    other: Decimal | tuple[str, ...]

    @property
    def difference(self) -> Decimal | None:
        """The other side less the register, in the unit of both; null where they are words."""
        if isinstance(self.ledger, Decimal) and isinstance(self.other, Decimal):
            return self.other - self.ledger
        return None


@dataclass
class Matched:
    """A property with what each side says of it.

    Args:
        areas: Of each kind of area (`gross`, `land`) the register's figure, the cards', the
            measured one and the certified one, in m2; null: not known.
        value_yuan: The register's book value and the cards'.
        cards: Numbers of its cards.
        titles: Numbers of its titles in force.
        rooms: How many rooms were measured in it, and their usable area.
    """

    place_id: int
    head: Mapping[str, Any]
    is_leased_in: bool = False
    areas: dict[str, dict[str, Decimal | None]] = field(default_factory=dict)
    value_yuan: tuple[Decimal | None, Decimal | None] = (None, None)
    cards: Sequence[str] = ()
    titles: Sequence[str] = ()
    rooms: tuple[int, Decimal] = (0, Decimal())
    differences: list[Difference] = field(default_factory=list)
    verdicts: dict[Side, Verdict] = field(default_factory=dict)


_KNOWN: Final = "(coalesce(c.acquired_on, c.booked_on, c.stated_on) <= :as_of) IS NOT FALSE"
"""Condition on a card: its thing was there on the day, as far as is known."""
# A card of a building is one of its property.
_CARDS: Final = f"""
SELECT CASE WHEN up.kind = 'site' THEN up.place_id ELSE p.place_id END AS property_id,
  array_agg(DISTINCT c.number ORDER BY c.number) AS cards,
  sum(c.area_m2) FILTER (WHERE NOT k.is_land) AS gross,
  sum(coalesce(c.land_area_m2, CASE WHEN k.is_land THEN c.area_m2 END)) AS land,
  sum(c.value_yuan) AS value_yuan,
  array_agg(DISTINCT c.certificate_no) FILTER (WHERE c.certificate_no IS NOT NULL) AS numbers
FROM estate.asset_card AS c
JOIN {{places}} AS p USING (place_id) LEFT JOIN {{places}} AS up ON up.place_id = p.parent_id
CROSS JOIN LATERAL (SELECT coalesce(c.category_name ~ '土地', false) AS is_land) AS k
WHERE {IS_CARD_OF_ESTATE} AND {_KNOWN} AND {IN_FORCE.format("p")} AND {IS_OPEN.format("p")}
GROUP BY 1"""
_UNPLACED: Final = f"""
SELECT c.asset_card_id, c.number, c.name, c.category_name, c.address, c.unit_name, c.area_m2,
  c.land_area_m2, c.value_yuan, c.certificate_no,
  c.place_id IS NULL AND c.rights_cell IN ({writable_cells(asset_card)}) AS may_write
FROM estate.asset_card AS c LEFT JOIN {{places}} AS p
  ON p.place_id = c.place_id AND {IN_FORCE.format("p")} AND {IS_OPEN.format("p")}
WHERE p.place_id IS NULL AND {_KNOWN} AND {IS_CARD_OF_ESTATE}
ORDER BY c.number, c.asset_card_id"""
_PROPERTY: Final = """
SELECT up.place_id FROM {places} AS p JOIN {places} AS up ON up.place_id = p.parent_id
WHERE p.place_id = :place_id AND up.kind = 'site'"""
_OF_PROPERTY: Final = f"""
SELECT c.asset_card_id, c.number, c.name, c.category_name, c.unit_name, c.area_m2, c.value_yuan,
  c.found_by, p.place_id, p.code, c.rights_cell IN ({writable_cells(asset_card)}) AS may_write
FROM estate.asset_card AS c JOIN place.place AS p USING (place_id)
WHERE (p.place_id = :place_id OR p.parent_id = :place_id) AND {IS_CARD_OF_ESTATE}
ORDER BY c.number, c.asset_card_id"""
_OWNED: Final = f"""
WITH property AS (
  SELECT p.place_id, CASE WHEN up.kind = 'site' THEN up.place_id ELSE p.place_id END AS property_id
  FROM {{places}} AS p LEFT JOIN {{places}} AS up ON up.place_id = p.parent_id
  WHERE p.kind IN ('site', 'building', 'structure') AND {IN_FORCE.format("p")}
    AND {IS_OPEN.format("p")}
),
titled AS (
  SELECT r.property_id,
    array_agg(DISTINCT t.owner_name) FILTER (WHERE t.owner_name IS NOT NULL) AS names,
    array_agg(DISTINCT t.owner_id) FILTER (WHERE t.owner_id IS NOT NULL) AS ids
  FROM property AS r JOIN place.title_place AS l USING (place_id)
  JOIN place.title AS t USING (title_id)
  WHERE t.number IS NOT NULL AND {IN_FORCE.format("t")} GROUP BY 1
),
owning AS (
  SELECT r.property_id, array_agg(DISTINCT y.holder_id) AS ids,
    array_agg(DISTINCT {name_then("o")}) AS names
  FROM property AS r JOIN estate.holding AS h USING (place_id)
  JOIN estate.holding_party AS y USING (holding_id)
  JOIN organization.organization AS o ON o.organization_id = y.holder_id
  WHERE h.kind = 'owns' AND {IN_FORCE.format("h")} GROUP BY 1
)
SELECT r.place_id, coalesce(s.is_leased_in, b.is_leased_in, false) AS is_leased_in,
  coalesce(s.book_value_yuan, b.book_value_yuan, x.book_value_yuan) AS value_yuan,
  titled.names AS titled_to, owning.names AS owned_by,
  titled.ids && owning.ids IS FALSE AS is_other_owner
FROM property AS r
LEFT JOIN place.site AS s ON s.place_id = r.place_id
LEFT JOIN place.building AS b ON b.place_id = r.place_id
LEFT JOIN place.structure AS x ON x.place_id = r.place_id
LEFT JOIN titled ON titled.property_id = r.place_id
LEFT JOIN owning ON owning.property_id = r.place_id
WHERE r.place_id = r.property_id"""
# Floor, section, building, site above a room: whichever of them there are.
_ROOMS: Final = f"""
SELECT coalesce(u4.place_id, u3.place_id, u2.place_id, u1.place_id) AS top_id, count(*) AS rooms,
  sum(a.area_m2) AS area_m2
FROM {{places}} AS p JOIN {{areas}} AS a USING (place_id)
LEFT JOIN {{places}} AS u1 ON u1.place_id = p.parent_id
LEFT JOIN {{places}} AS u2 ON u2.place_id = u1.parent_id
LEFT JOIN {{places}} AS u3 ON u3.place_id = u2.parent_id
LEFT JOIN {{places}} AS u4 ON u4.place_id = u3.parent_id
WHERE p.kind = 'room' AND {IN_FORCE.format("p")} AND {IS_OPEN.format("p")}
GROUP BY 1"""


@cache
def _rows(pack: str = "cn") -> tuple[tuple[str, Decimal, Source], ...]:
    return tuple(
        (row["kind"], Decimal(row["value"]), source_of(row))
        for row in pack_rows(pack, "comparison.csv")
    )


def tolerance_of(as_of: date) -> Tolerance:
    """Up to which difference figures count as equal on a day: rows of the country pack."""
    rows = [(kind, value, source) for kind, value, source in _rows() if source.holds_on(as_of)]
    found = {kind: value for kind, value, _source in rows}
    return Tolerance(
        found.get("area", Decimal()),
        found.get("value", Decimal()),
        all(source.is_verified for _kind, _value, source in rows),
    )


def match(conn: Connection, as_of: date) -> list[Matched]:
    """Every property with its verdicts, by code.

    The register's own figure is what was declared, and no other: what was measured and certified is
    what it is held against. Cards carry no days of their figures: what they last said counts.

    Args:
        conn: In the name of whoever asks.
        as_of: The day; what was measured, titled or acquired later does not count.
    """
    tolerance = tolerance_of(as_of)
    found: dict[int, Matched] = {}
    for row in compared(conn, as_of):
        one = found.setdefault(row["place_id"], Matched(row["place_id"], row))
        one.areas[row["area_kind"]] = {
            "ledger": row["departmental_m2"],
            Side.ACTUAL: row["general_m2"],
            Side.TITLE: row["certificate_m2"],
        }
        one.titles = row["titles"] or ()
    places = places_as_of(conn, as_of).by_id
    odd = _owners(conn, as_of, places, found)
    stray = _cards(conn, as_of, places, found)
    _rooms(conn, as_of, places, found)
    for one in found.values():
        _judge(one, tolerance, odd.get(one.place_id), stray.get(one.place_id, ()))
    return sorted(found.values(), key=lambda one: str(one.head["code"]))


def unplaced(conn: Connection, as_of: date) -> Sequence[Mapping[str, Any]]:
    """Cards of land and houses that are of no place of the register on a day, by number."""
    query = _UNPLACED.format(places=places_as_of(conn, as_of).by_id)
    return [dict(row) for row in conn.execute(text(query), {"as_of": as_of}).mappings()]


def property_of(conn: Connection, place_id: int, as_of: date) -> int:
    """The property that a building stood in on the day; any other place is its own."""
    found: int | None = conn.execute(
        text(_PROPERTY.format(places=places_as_of(conn, as_of).by_id)),
        {"place_id": place_id, "as_of": as_of},
    ).scalar_one_or_none()
    return place_id if found is None else found


def cards_of(conn: Connection, place_id: int) -> Sequence[Mapping[str, Any]]:
    """Today's cards of a property and its buildings, with the place and how it was found."""
    rows = conn.execute(text(_OF_PROPERTY), {"place_id": place_id}).mappings()
    return [dict(row) for row in rows]


def _cards(
    conn: Connection, as_of: date, places: str, found: Mapping[int, Matched]
) -> dict[int, Sequence[str]]:
    """Puts in what the cards say; gives the numbers on them that no title has."""
    stray: dict[int, Sequence[str]] = {}
    for row in conn.execute(text(_CARDS.format(places=places)), {"as_of": as_of}):
        one = found.get(row.property_id)
        if one is None:
            continue
        one.cards = row.cards
        one.value_yuan = (one.value_yuan[0], row.value_yuan)
        one.areas["gross"][Side.ACCOUNT] = row.gross
        one.areas["land"][Side.ACCOUNT] = row.land
        stray[row.property_id] = row.numbers or ()
    written = {each for numbers in stray.values() for each in numbers}
    written |= {each for one in found.values() for each in one.titles}
    query = f"SELECT n, {FOLDED_NUMBER.format('n')} FROM unnest(CAST(:all AS text[])) AS n"
    folded: dict[str, str] = {
        row[0]: row[1] for row in conn.execute(text(query), {"all": sorted(written)})
    }
    return {
        place_id: [
            each
            for each in numbers
            if folded[each] not in {folded[title] for title in found[place_id].titles}
        ]
        for place_id, numbers in stray.items()
    }


def _owners(
    conn: Connection, as_of: date, places: str, found: Mapping[int, Matched]
) -> dict[int, tuple[tuple[str, ...], tuple[str, ...]]]:
    """Puts in value and lease; gives owner by the register and by title where they differ."""
    odd: dict[int, tuple[tuple[str, ...], tuple[str, ...]]] = {}
    for row in conn.execute(text(_OWNED.format(places=places)), {"as_of": as_of}):
        one = found.get(row.place_id)
        if one is None:
            continue
        one.is_leased_in = row.is_leased_in
        one.value_yuan = (row.value_yuan, None)
        if row.is_other_owner:
            odd[row.place_id] = (tuple(row.owned_by), tuple(row.titled_to or ()))
    return odd


def _rooms(conn: Connection, as_of: date, places: str, found: Mapping[int, Matched]) -> None:
    areas = own_areas(
        conn, as_of, AreaKind.USABLE, "SELECT place_id FROM place.place WHERE kind = 'room'"
    )
    values = {"as_of": as_of, "report": "*"}
    for row in conn.execute(text(_ROOMS.format(areas=areas, places=places)), values):
        if one := found.get(row.top_id):
            one.rooms = (row.rooms, row.area_m2)


def _judge(
    one: Matched,
    tolerance: Tolerance,
    owners: tuple[tuple[str, ...], tuple[str, ...]] | None,
    stray: Sequence[str],
) -> None:
    """The differences of a property, and what each side comes to."""
    for side in Side:
        for kind, figures in one.areas.items():
            one.differences += _apart(
                side, Subject(kind), figures["ledger"], figures.get(side), tolerance.area_m2
            )
    one.differences += _apart(Side.ACCOUNT, Subject.VALUE, *one.value_yuan, tolerance.value_yuan)
    titles = tuple(one.titles)
    one.differences += [
        Difference(Side.ACCOUNT, Subject.NUMBER, titles, (each,)) for each in stray if titles
    ]
    gross, usable = one.areas["gross"]["ledger"], one.rooms[1]
    if gross is not None and usable - gross > tolerance.area_m2:
        one.differences.append(Difference(Side.ACTUAL, Subject.ROOMS, gross, usable))
    if owners is not None:
        one.differences.append(Difference(Side.TITLE, Subject.OWNER, *owners))
    one.verdicts = {side: _verdict(one, side) for side in Side}


def _apart(
    side: Side,
    subject: Subject,
    ledger: Decimal | None,
    other: Decimal | None,
    tolerance: Decimal,
) -> Iterable[Difference]:
    if ledger is not None and other is not None and abs(other - ledger) > tolerance:
        yield Difference(side, subject, ledger, other)


def _verdict(one: Matched, side: Side) -> Verdict:
    if one.is_leased_in and side is not Side.ACTUAL:
        return Verdict.NOT_OWNED
    if any(each.side is side for each in one.differences):
        return Verdict.DIFFERS
    known = [figures for figures in one.areas.values() if figures.get(side) is not None]
    names = {Side.ACCOUNT: one.cards, Side.TITLE: one.titles}.get(side, ())
    if not known and not names:
        return Verdict.LACKS
    if any(figures["ledger"] is None for figures in known):
        return Verdict.UNSTATED
    # A number without an area is no match of areas.
    return Verdict.EQUAL if known else Verdict.LACKS
