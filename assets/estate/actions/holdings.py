"""The only door for writes to holdings, and for making a place a stub."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import Connection, insert, select, text, update
from sqlalchemy.exc import IntegrityError

from assets.estate.actions.sharing import split_by_weight
from assets.estate.model import Extent, HoldingKind, holding, holding_party, sharer
from gis.db import run_script, sql_resource
from gis.errors import Conflict, Forbidden, InputError, NotFound
from gis.organizations.search import refresh_body_texts
from gis.places.actions import find_trees, make_stubs, refresh_texts, touch
from gis.places.actions import refresh_derived as refresh_places
from gis.places.model import place
from gis.rights.actions import TOP_SECURITY_CLASS
from gis.tables import conflict_of

SEARCH_TEXTS: Final = (
    "SELECT DISTINCT h.place_id, 'holder', o.name, held.rights_cell FROM estate.holding AS h"
    " JOIN pg_temp.touched_place USING (place_id)"
    " JOIN estate.holding_party AS p USING (holding_id)"
    " JOIN organization.organization AS o ON o.organization_id = p.holder_id"
    " JOIN place.place AS held USING (place_id)"
    " WHERE h.valid_to IS NULL AND held.kind IN ('site', 'building')",
)
"""People look for a place by who sits there; rooms are found through their building."""


@dataclass(frozen=True)
class Sharer:
    """A post, or so many people of a rank, who sit in a room that their body has.

    Args:
        share: Part of the whole room, 0 to 1.
        post_id: Whose office it is; null: people without a post of their own.
        rank_code: Null: not stated.
        heads: How many people; of a post one.
        approval_document: 批准文号, where it is a second office of one person; null: none.
    """

    share: Decimal
    post_id: int | None = None
    rank_code: str | None = None
    heads: int = 1
    approval_document: str | None = None


@dataclass(frozen=True)
class Party:
    """One of those who share a holding."""

    holder_id: int
    share: Decimal | None = None
    """Part of the whole, 0 to 1; null on every party when the shares are not known."""
    sharers: tuple[Sharer, ...] = ()
    """Its people in a room, as far as stated; their shares sum to its own."""


def record_holding(
    conn: Connection,
    *,
    place_id: int,
    kind: HoldingKind,
    parties: Sequence[Party],
    extent: Extent = Extent.WHOLE,
    valid_from: date | None = None,
    valid_to: date | None = None,
    area_m2: Decimal | None = None,
    decision: str | None = None,
    source: str = "entered",
) -> int:
    """Records who has a place, since when.

    Returns:
        The `holding_id`.

    Raises:
        NotFound: The place does not exist, or the account may not see it.
        InputError: No party, one twice, stated shares that do not sum to 1, or dates the wrong way
            round.
        Conflict: Somebody else has the place, or a part of it, in the same exclusive group;
            or it is the stub of a state secret.
    """
    check_parties(parties)
    if valid_from and valid_to and valid_from >= valid_to:
        raise InputError("estate.dates_reversed", valid_from=valid_from, valid_to=valid_to)
    found = conn.execute(
        select(place.c.rights_cell, place.c.security_class).where(place.c.place_id == place_id)
    ).one_or_none()
    if found is None:
        raise NotFound("estate.no_such_place", place_id=place_id)
    if found.security_class == TOP_SECURITY_CLASS:
        raise Conflict("estate.is_stub", place_id=place_id)
    values = {
        "place_id": place_id,
        "kind": kind.value,
        "extent": extent.value,
        "valid_from": valid_from,
        "valid_to": valid_to,
        "area_m2": area_m2,
        "decision": decision,
        "source": source,
        "rights_cell": found.rights_cell,
    }
    try:
        return _insert(conn, values, parties)
    except IntegrityError as error:
        if (conflict := conflict_of(error)) is not None:
            raise conflict from error
        raise


def _insert(conn: Connection, values: dict[str, Any], parties: Sequence[Party]) -> int:
    holding_id: int = conn.execute(
        insert(holding).values(values).returning(holding.c.holding_id)
    ).scalar_one()
    cell = values["rights_cell"]
    insert_parties(conn, [(holding_id, cell, parties)])
    touch(conn, [values["place_id"]])
    refresh_edited(conn)
    return holding_id


def insert_parties(conn: Connection, holdings: Sequence[tuple[int, int, Sequence[Party]]]) -> None:
    """Write who shares each of some holdings, by number and rights cell, with their people."""
    parties = [
        {"holding_id": number, "rights_cell": cell, "holder_id": one.holder_id, "share": one.share}
        for number, cell, shared in holdings
        for one in shared
    ]
    conn.execute(insert(holding_party), parties)
    people = [
        {"holding_id": number, "rights_cell": cell, "holder_id": one.holder_id, **vars(each)}
        for number, cell, shared in holdings
        for one in shared
        for each in one.sharers
    ]
    if people:
        conn.execute(insert(sharer), people)


_PARTIES: Final = """
SELECT p.holding_id, p.holder_id, p.share, s.sharer_id, s.share AS part, s.post_id, s.rank_code,
       s.heads, s.approval_document
FROM estate.holding_party AS p LEFT JOIN estate.sharer AS s USING (holding_id, holder_id)
WHERE p.holding_id = ANY (:holdings)
ORDER BY p.holding_id, p.holder_id, s.sharer_id"""


def parties_of_holdings(conn: Connection, holding_ids: Sequence[int]) -> dict[int, list[Party]]:
    """Who shares each of some holdings, with their people."""
    found: dict[int, dict[int, Party]] = {number: {} for number in holding_ids}
    for row in conn.execute(text(_PARTIES), {"holdings": list(holding_ids)}):
        shared = found[row.holding_id]
        known = shared.get(row.holder_id, Party(row.holder_id, row.share))
        people = () if row.sharer_id is None else (_sharer(row),)
        shared[row.holder_id] = replace(known, sharers=(*known.sharers, *people))
    return {number: list(shared.values()) for number, shared in found.items()}


def _sharer(row: Any) -> Sharer:
    return Sharer(row.part, row.post_id, row.rank_code, row.heads, row.approval_document)


_HELD: Final = """
WITH RECURSIVE tree AS (
  SELECT place_id FROM place.place WHERE place_id = :place_id
  UNION ALL
  SELECT p.place_id FROM place.place AS p JOIN tree ON p.parent_id = tree.place_id
)
SELECT h.*, array_agg(party.holder_id ORDER BY party.holder_id) AS holders
FROM tree JOIN estate.holding AS h USING (place_id)
JOIN estate.holding_party AS party USING (holding_id)
WHERE h.kind = 'occupies' AND (h.valid_to IS NULL OR h.valid_to > :ended_on)
GROUP BY h.holding_id HAVING bool_or(party.holder_id = ANY(:holders)) ORDER BY h.holding_id"""


def end_occupancy(
    conn: Connection, *, place_id: int, holder_ids: Sequence[int], ended_on: date, decision: str
) -> int:
    """Ends what bodies occupy of a place and of all in it; those they share with stay there.

    Args:
        holder_ids: The body and those it took over from.
        ended_on: First day it no longer holds.
        decision: What the end rests on; added to what the holding itself rests on.

    Returns:
        How many holdings ended.

    Raises:
        InputError: One of them began on that day or later.
        Forbidden: The account may not write one of them.
    """
    leaving = set(holder_ids)
    asked = {"place_id": place_id, "holders": list(leaving), "ended_on": ended_on}
    found = conn.execute(text(_HELD), asked).mappings().all()
    for one in found:
        if one["valid_from"] and one["valid_from"] >= ended_on:
            raise InputError(
                "estate.dates_reversed", valid_from=one["valid_from"], valid_to=ended_on
            )
        rests_on = "；".join(filter(None, (one["decision"], decision)))
        done = conn.execute(
            update(holding)
            .where(holding.c.holding_id == one["holding_id"])
            .values(valid_to=ended_on, decision=rests_on)
        )
        if not done.rowcount:  # it may be read, not written
            raise Forbidden("estate.holding_not_yours")
        touch(conn, [one["place_id"]])
    if found:
        refresh_edited(conn)
    shared = parties_of_holdings(conn, [one["holding_id"] for one in found])
    for one in found:
        if staying := [who for who in shared[one["holding_id"]] if who.holder_id not in leaving]:
            record_holding(
                conn,
                place_id=one["place_id"],
                kind=HoldingKind.OCCUPIES,
                parties=_left_alone(staying),
                extent=Extent(one["extent"]),
                valid_from=ended_on,
                valid_to=one["valid_to"],
                decision=one["decision"],
                source=one["source"],
            )
    return len(found)


def _left_alone(staying: Sequence[Party]) -> Sequence[Party]:
    """Those who stay where others left: how they share from then on nobody said, but of one."""
    (first, *others) = staying
    if others or not first.sharers:
        return [Party(one.holder_id) for one in staying]
    parts = split_by_weight([one.share for one in first.sharers])
    people = [replace(one, share=part) for one, part in zip(first.sharers, parts, strict=True)]
    return [Party(first.holder_id, Decimal(1), tuple(people))]


def check_parties(parties: Sequence[Party]) -> None:
    """Whether these can share a holding.

    Raises:
        InputError: Nobody, somebody twice, or shares that do not sum to 1, or to that of the body.
    """
    bodies = [one.holder_id for one in parties]
    if len(set(bodies)) != len(bodies):
        raise InputError("estate.party_twice")
    if not bodies:
        raise InputError("estate.no_party")
    shares = [one.share for one in parties if one.share is not None]
    if any(not 0 < share <= 1 for share in shares) or (
        shares and (len(shares) != len(bodies) or sum(shares) != 1)
    ):
        raise InputError("estate.shares_do_not_sum", total=sum(shares))
    for one in parties:
        if one.sharers and sum(each.share for each in one.sharers) != one.share:
            raise InputError("estate.sharers_do_not_sum")
    posts = [each.post_id for one in parties for each in one.sharers if each.post_id is not None]
    if len(set(posts)) != len(posts):
        raise InputError("estate.post_twice")


def mark_secret(conn: Connection, place_ids: Sequence[int], decision: str | None) -> None:
    """Makes stubs of places that are state secrets, and of all in them: for good, no undo.

    See `gis.places.actions.make_stubs` for what goes and what stays, and for the errors.
    """
    make_stubs(conn, place_ids, decision)
    refresh_derived(conn)


def refresh_derived(conn: Connection) -> None:
    """Renews all that is derived from the touched places: leaves, counted areas, search texts.

    Call it once at the end of a transaction that changed places, areas, identifiers or holdings,
    after `gis.places.actions.touch`.

    Raises:
        sqlalchemy.exc.IntegrityError: Two exclusive holdings meet on a leaf.
    """
    find_trees(conn)
    run_script(conn, "SET CONSTRAINTS estate.ex_holding_leaf_one_at_a_time DEFERRED")
    run_script(conn, sql_resource("assets", "estate/leaves.sql"))
    run_script(conn, "SET CONSTRAINTS estate.ex_holding_leaf_one_at_a_time IMMEDIATE")
    refresh_places(conn, SEARCH_TEXTS)


def refresh_edited(conn: Connection) -> None:
    """As `refresh_derived`, after an edit in the name of an account that may not see whole trees.

    Sums and leaves are made by the owner: from the part of a tree that the account sees they would
    come out wrong for everybody. Texts are of the touched places alone; those of titles stay.

    Raises:
        sqlalchemy.exc.IntegrityError: Two exclusive holdings meet on a leaf.
    """
    touched = list(conn.execute(text("SELECT place_id FROM pg_temp.touched_place")).scalars())
    run_script(conn, "DROP TABLE pg_temp.touched_place")
    conn.execute(text("SELECT estate.refresh_derived(:places)"), {"places": touched})
    touch(conn, touched)
    refresh_texts(conn, SEARCH_TEXTS)


def refresh_all_derived(conn: Connection) -> None:
    """As `refresh_derived`, and what is derived from the directory: for what may change both.

    Args:
        conn: As the loader.
    """
    refresh_derived(conn)
    refresh_body_texts(conn)
