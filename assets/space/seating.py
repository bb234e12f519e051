"""Who sits in a room, as it is stated: by heads, by rank or by shares; and what is refused."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import Connection, text

from assets.estate.actions.holdings import Party, Sharer
from assets.estate.actions.sharing import split_by_weight
from assets.space.offices import Fault, PostVerdict
from assets.space.posts import posts_in
from assets.space.readings import pack_readings
from assets.space.rules import office_line, rounded
from assets.space.standards import standards_on
from gis.db import run_script
from gis.errors import Conflict, InputError
from gis.locks import Lock, held
from gis.organizations.then import bodies_then

MOST_SEATS: Final = 50
"""Lines of one room: more is a hall that nobody shares out by name."""
MOST_HEADS: Final = 1000
_MOST_DOCUMENT: Final = 200
_POSTS: Final = """
SELECT post_id, organization_id, title, rank_code, valid_from, valid_to FROM organization.post
WHERE post_id = ANY (:posts)"""
_LEVELS: Final = f"""
SELECT b.organization_id, b.name, b.level_code FROM ({bodies_then()}) AS b
WHERE b.organization_id = ANY (:bodies)"""
_RANKS: Final = "SELECT term FROM place.term WHERE list = 'rank'"


class By(StrEnum):
    """How a room is shared out."""

    HEAD = "head"
    """By how many people each is."""
    RANK = "rank"
    """By what the rank of each may have."""
    SHARE = "share"
    """By shares that are stated."""


@dataclass(frozen=True)
class Stated:
    """One line of who sits in a room, as a person states it.

    Args:
        holder_id: The body.
        post_id: Whose office it is; null: people without a post of their own.
        rank_code: Null: that of the post, or not stated.
        share: Of lines by share; null: of the others.
        approval_document: 批准文号 of a second office; null: none.
    """

    holder_id: int
    post_id: int | None = None
    rank_code: str | None = None
    heads: int = 1
    share: Decimal | None = None
    approval_document: str | None = None


def seated(conn: Connection, stated: Sequence[Stated], by: By, since: date) -> list[Party]:
    """The bodies of a room with their people, each with a share; together they are 1.

    Args:
        since: The day from which on they sit there, by whose posts and standard it goes.

    Raises:
        InputError: No line or too many, a post that is none of the body's on that day, a rank that
            no list has, a number of people that cannot be, shares that do not sum to 1, or a rank
            of which nobody says how much it may have.
    """
    if not 0 < len(stated) <= MOST_SEATS:
        raise InputError("space.seats.how_many", most=MOST_SEATS)
    posts = _posts(conn, stated, since)
    _check(conn, stated)
    if by is By.SHARE:
        shares = [one.share for one in stated if one.share is not None]
        if len(shares) != len(stated) or sum(shares) != 1:
            raise InputError("estate.shares_do_not_sum", total=sum(shares))
    elif by is By.HEAD:
        shares = split_by_weight([Decimal(one.heads) for one in stated])
    else:
        shares = split_by_weight(_by_rank(conn, stated, posts, since))
    parties: dict[int, list[Sharer]] = {}
    for one, share in zip(stated, shares, strict=True):
        document = (one.approval_document or "").strip() or None
        sharer = Sharer(share, one.post_id, one.rank_code, one.heads, document)
        parties.setdefault(one.holder_id, []).append(sharer)
    return [
        Party(body, sum((one.share for one in people), Decimal()), tuple(people))
        for body, people in parties.items()
    ]


def _posts(conn: Connection, stated: Sequence[Stated], since: date) -> Mapping[int, Any]:
    asked = [one.post_id for one in stated if one.post_id is not None]
    found = {row.post_id: row for row in conn.execute(text(_POSTS), {"posts": asked})}
    for one in stated:
        if one.post_id is None:
            continue
        post = found.get(one.post_id)
        if post is None or post.organization_id != one.holder_id:
            raise InputError("space.seats.no_such_post")
        if post.valid_from and post.valid_from > since:
            raise InputError("space.seats.post_not_yet", title=post.title, day=post.valid_from)
        if post.valid_to and post.valid_to <= since:
            raise InputError("space.seats.post_ended", title=post.title, day=post.valid_to)
    return found


def _check(conn: Connection, stated: Sequence[Stated]) -> None:
    ranks = set(conn.execute(text(_RANKS)).scalars())
    for one in stated:
        if one.rank_code is not None and one.rank_code not in ranks:
            raise InputError("space.seats.unknown_rank", value=one.rank_code[:40])
        if not 0 < one.heads <= (MOST_HEADS if one.post_id is None else 1):
            raise InputError("space.seats.heads", most=MOST_HEADS)
        if one.share is not None and one.share <= 0:
            raise InputError("estate.share_impossible")
        if len(one.approval_document or "") > _MOST_DOCUMENT:
            raise InputError("place.edit.document_too_long", most=_MOST_DOCUMENT)


def _by_rank(
    conn: Connection, stated: Sequence[Stated], posts: Mapping[int, Any], since: date
) -> list[Decimal]:
    asked = {"bodies": [one.holder_id for one in stated], "as_of": since}
    bodies = {row.organization_id: row for row in conn.execute(text(_LEVELS), asked)}
    table, weights = standards_on(conn, since), []
    for one in stated:
        body = bodies.get(one.holder_id)
        if body is None:
            raise InputError("estate.no_such_body")
        rank = one.rank_code or (posts[one.post_id].rank_code if one.post_id else None)
        line = office_line(body.level_code, rank, one.heads, table, pack_readings())
        if not line.area_m2:
            raise InputError("space.seats.no_limit", name=body.name)
        weights.append(line.area_m2)
    return weights


def check_offices(conn: Connection, rooms: Sequence[int], since: date) -> None:
    """Whether those who now sit in some rooms have one office each, or an approved second one.

    Nobody else gives people offices before this transaction ends: of two hands at once the second
    sees what the first did.

    Args:
        rooms: What a step has changed, in its transaction.

    Raises:
        Conflict: One has another office without an approval, more than two, or a second one that
            is not below the standard. Where that cannot be told nothing is refused.
    """
    run_script(conn, held(Lock.SEATS))
    found = posts_in(conn, since, rooms)
    for one in found:
        if not any(seat.place_id in rooms for seat in one.seats):
            continue
        title, has = one.seats[0].title or "", _offices(found, one.seats[0].person)
        if Fault.MORE_THAN_TWO in one.faults:
            raise Conflict("space.seats.more_than_two", title=title, rooms=has)
        if Fault.SECOND_UNAPPROVED in one.faults:
            raise Conflict("space.seats.second_unapproved", title=title, rooms=has)
        if Fault.SECOND_NOT_BELOW in one.faults:
            area, limit = rounded(one.compared.actual_m2), one.line.area_m2
            raise Conflict("space.seats.second_not_below", title=title, area=area, limit=limit)


def _offices(found: Sequence[PostVerdict], person: str | None) -> str:
    """Names of the rooms that one person has, whichever post they are for."""
    named = {
        " ".join(filter(None, (seat.building, seat.room)))
        for one in found
        for seat in one.seats
        if seat.person == person
    }
    return "、".join(sorted(named))
