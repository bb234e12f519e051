"""Holdings entered by hand: who has a place, since when; corrected, ended, with their reason."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import Connection, text

from assets.estate.actions.holdings import Party, check_parties, record_holding, refresh_edited
from assets.estate.model import Extent, HoldingKind
from gis.errors import Conflict, InputError, NotFound
from gis.places import edits
from gis.places.actions import touch
from gis.places.edits import Grounds
from gis.places.edits_model import EditKind

_MOST_AREA_M2: Final = Decimal(10) ** 10


@dataclass(frozen=True)
class Entered:
    """A holding as a person states it.

    Args:
        kind: In which way they have it.
        parties: Who, each with a share or none with any.
        extent: All of the place, or some of it.
        valid_from: First day; null: not stated.
        valid_to: First day they no longer have it; null: they do.
        area_m2: How much of the place; null: not stated.
    """

    kind: HoldingKind
    parties: Sequence[Party]
    extent: Extent = Extent.WHOLE
    valid_from: date | None = None
    valid_to: date | None = None
    area_m2: Decimal | None = None


def own_holdings(conn: Connection, place_id: int) -> Sequence[Any]:
    """Holdings of the place itself, past ones too; those that stand first, then the newest.

    Returns:
        `holding_id, kind, extent, valid_from, valid_to, area_m2, decision, source, parties` (JSON:
        `organization_id, name, share`), `version` (to be sent back with a change).
    """
    return conn.execute(text(_OWN), {"place_id": place_id}).all()


def add_holding(conn: Connection, place_id: int, entered: Entered, grounds: Grounds) -> int:
    """Write down who has a place.

    Raises:
        InputError: No reason, no party, shares that do not sum to 1, dates backwards.
        Conflict: Somebody else has it, or a part of it, in a way that excludes this one.
        NotFound, Forbidden: As `gis.places.edits.open_place`.
    """
    grounds = grounds.checked()
    place = edits.open_place(conn, place_id)
    _check(entered, place)
    check_bodies(conn, entered.parties)
    # The edit first: where the holding breaks a rule, nothing of it stays.
    edits.record(conn, [place_id], EditKind.HOLDING, grounds)
    return record_holding(
        conn, place_id=place_id, kind=entered.kind, parties=entered.parties,
        extent=entered.extent, valid_from=entered.valid_from, valid_to=entered.valid_to,
        area_m2=entered.area_m2, decision=grounds.document,
    )  # fmt: skip


def correct_holding(
    conn: Connection,
    place_id: int,
    holding_id: int,
    entered: Entered,
    *,
    seen_version: str,
    grounds: Grounds,
) -> None:
    """Write a holding as it truly is, or end it by its last day; loads leave it so from then on.

    Raises:
        Conflict: Somebody changed it since its author saw it, or it excludes another.
        InputError, NotFound, Forbidden: As `add_holding`.
    """
    grounds = grounds.checked()
    place = edits.open_place(conn, place_id)
    known = {one.holding_id: one for one in own_holdings(conn, place_id)}
    if holding_id not in known:
        raise NotFound("estate.no_such_holding")
    if known[holding_id].version != seen_version:
        raise Conflict("estate.holding_meanwhile")
    _check(entered, place)
    check_bodies(conn, entered.parties)
    values = {
        "holding_id": holding_id, "kind": entered.kind.value, "extent": entered.extent.value,
        "valid_from": entered.valid_from, "valid_to": entered.valid_to,
        "area_m2": entered.area_m2, "document": grounds.document,
        "holders": [one.holder_id for one in entered.parties],
        "shares": [one.share for one in entered.parties],
    }  # fmt: skip
    for statement in (_CORRECT, _DROP_PARTIES, _KEEP_PARTIES):
        edits.write(conn, statement, values)
    edits.record(conn, [place_id], EditKind.HOLDING, grounds)
    touch(conn, [place_id])
    refresh_edited(conn)


def _check(entered: Entered, place: Any) -> None:
    begins, ends = entered.valid_from, entered.valid_to
    if begins and ends and begins >= ends:
        raise InputError("estate.dates_reversed", valid_from=begins, valid_to=ends)
    if place.valid_to and (ends is None or ends > place.valid_to):
        raise InputError("estate.holding_after_close", day=place.valid_to)
    check_parties(entered.parties)
    if entered.area_m2 is not None and not 0 <= entered.area_m2 < _MOST_AREA_M2:
        raise InputError("estate.area_impossible")


def check_bodies(conn: Connection, parties: Sequence[Party], begins: date | None = None) -> None:
    """Whether each of them, named once, is in the directory.

    Args:
        begins: The day they begin to have it, on which each must exist; null: not asked.

    Raises:
        InputError: One is not.
        Conflict: One was dissolved by then, or is founded later.
    """
    asked = {"ids": [one.holder_id for one in parties]}
    known = conn.execute(text(_DIRECTORY), asked).all()
    if len(known) != len(parties):
        raise InputError("estate.no_such_body")
    for body in known:
        if begins and body.valid_to and body.valid_to <= begins:
            raise Conflict("estate.body_dissolved", name=body.name, day=body.valid_to)
        if begins and body.valid_from and body.valid_from > begins:
            raise Conflict("estate.body_not_yet", name=body.name, day=body.valid_from)


_DIRECTORY: Final = """
SELECT name, valid_from, valid_to FROM organization.organization
WHERE organization_id = ANY (:ids) ORDER BY organization_id
"""
_OWN: Final = """
SELECT h.holding_id, h.kind, h.extent, h.valid_from, h.valid_to, h.area_m2::float8 AS area_m2,
       h.decision, h.source, who.parties,
       left(encode(sha256(convert_to(h::text || who.parties::text, 'UTF8')), 'hex'), 16) AS version
FROM estate.holding AS h
CROSS JOIN LATERAL (
  SELECT json_agg(json_build_object('organization_id', p.holder_id, 'name', o.name,
                                    'share', p.share) ORDER BY o.name, p.holder_id) AS parties
  FROM estate.holding_party AS p
  JOIN organization.organization AS o ON o.organization_id = p.holder_id
  WHERE p.holding_id = h.holding_id
) AS who
WHERE h.place_id = :place_id
ORDER BY (h.valid_to IS NULL OR h.valid_to > current_date) DESC, h.valid_from DESC NULLS LAST,
         h.holding_id
"""
_CORRECT: Final = """
UPDATE estate.holding SET kind = :kind, extent = :extent, valid_from = :valid_from,
  valid_to = :valid_to, area_m2 = :area_m2, source = 'entered',
  decision = coalesce(CAST(:document AS text), decision)
WHERE holding_id = :holding_id
"""
_DROP_PARTIES: Final = """
DELETE FROM estate.holding_party
WHERE holding_id = :holding_id AND holder_id <> ALL (CAST(:holders AS bigint[]))
"""
_KEEP_PARTIES: Final = """
INSERT INTO estate.holding_party (holding_id, holder_id, share, rights_cell)
SELECT h.holding_id, w.holder_id, w.share, h.rights_cell
FROM estate.holding AS h
CROSS JOIN unnest(CAST(:holders AS bigint[]), CAST(:shares AS numeric[])) AS w (holder_id, share)
WHERE h.holding_id = :holding_id
ON CONFLICT (holding_id, holder_id) DO UPDATE SET share = excluded.share
WHERE estate.holding_party.share IS DISTINCT FROM excluded.share
"""
