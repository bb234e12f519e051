"""Cards of the finance system that a person links to a place or takes off it, as its edits."""

from typing import Any, Final

from sqlalchemy import Connection, text

from assets.estate.model import FoundBy
from gis.errors import Conflict, NotFound
from gis.places import edits
from gis.places.edits import Grounds
from gis.places.edits_model import EditKind
from gis.places.vocabulary import IN_FORCE, IS_OPEN


def link_card(conn: Connection, asset_card_id: int, place_code: str, grounds: Grounds) -> int:
    """Say of which place an unplaced card is; the `place_id`.

    Raises:
        InputError: No reason.
        NotFound: No such card, or no such site, building or structure today.
        Forbidden: The account may not write the card or the place.
        Conflict: The card has a place meanwhile, or somebody is at this one.
    """
    grounds = grounds.checked()
    values = {"asset_card_id": asset_card_id, "code": place_code.strip()}
    _card(conn, asset_card_id)
    place_id: int | None = conn.execute(text(_PLACE), values).scalar_one_or_none()
    if place_id is None:
        raise NotFound("cards.no_such_place", code=place_code.strip()[:60])
    edits.open_place(conn, place_id)
    if _card(conn, asset_card_id, lock=True).place_id is not None:
        raise Conflict("cards.changed_meanwhile")
    edits.record(conn, [place_id], EditKind.CARD, grounds)
    if edits.write(conn, _LINK, values | {"place_id": place_id}) != 1:
        raise edits.beyond_rights()
    return place_id


def unlink_card(conn: Connection, asset_card_id: int, place_id: int, grounds: Grounds) -> None:
    """Take a card off its place; no load puts it there again.

    It is in the cell of its body from then on, as a card that no place was found for.

    Args:
        conn: In the name of whoever asks.
        asset_card_id: The card.
        place_id: Its place as the asker saw it.
        grounds: Why.

    Raises:
        InputError: No reason.
        NotFound: No such card.
        Forbidden: The account may not write the place, or the card where it goes.
        Conflict: The card is of another place meanwhile, or somebody is at this one.
    """
    grounds = grounds.checked()
    if _card(conn, asset_card_id).place_id != place_id:
        raise Conflict("cards.changed_meanwhile")
    edits.open_place(conn, place_id)
    if _card(conn, asset_card_id, lock=True).place_id != place_id:
        raise Conflict("cards.changed_meanwhile")
    edits.record(conn, [place_id], EditKind.CARD, grounds)
    if edits.write(conn, _UNLINK, {"asset_card_id": asset_card_id}) != 1:
        raise edits.beyond_rights()


def edit_taken_back(conn: Connection, edit_id: int) -> None:
    """A card that the edit took off its place is put back: it no longer says of which place it was.

    Raises:
        Conflict: It has another place meanwhile.
    """
    values = {"edit_id": edit_id}
    taken_off = conn.execute(text(_TAKEN_OFF), values).one_or_none()
    if taken_off is None:
        return
    if edits.write(conn, _PUT_BACK, {**taken_off._mapping}) != 1:
        raise Conflict("place.edit.changed_since")


def _card(conn: Connection, asset_card_id: int, *, lock: bool = False) -> Any:
    found = conn.execute(
        text(_CARD + (" FOR UPDATE" if lock else "")), {"asset_card_id": asset_card_id}
    ).one_or_none()
    if found is None:
        if lock:
            raise edits.beyond_rights()
        raise NotFound("cards.no_such_card")
    return found


_CARD: Final = "SELECT place_id FROM estate.asset_card WHERE asset_card_id = :asset_card_id"
_PLACE: Final = f"""
SELECT p.place_id FROM place.place AS p
WHERE p.code = :code AND p.kind IN ('site', 'building', 'structure')
  AND {IN_FORCE.format("p").replace(":as_of", "current_date")} AND {IS_OPEN.format("p")}"""
_LINK: Final = f"""
UPDATE estate.asset_card AS c
SET place_id = p.place_id, found_by = '{FoundBy.HAND.value}', rights_cell = p.rights_cell
FROM place.place AS p WHERE c.asset_card_id = :asset_card_id AND p.place_id = :place_id"""
_UNLINK: Final = f"""
UPDATE estate.asset_card AS c
SET place_id = NULL, found_by = '{FoundBy.HAND.value}', rights_cell = own.cell
FROM estate.asset_card AS o,
  rights.cells_for(ARRAY[o.unit_id], ARRAY[o.admin_area_code], ARRAY[0::smallint]) AS own
WHERE c.asset_card_id = :asset_card_id AND o.asset_card_id = c.asset_card_id"""
_TAKEN_OFF: Final = """
SELECT h.asset_card_id, h.place_id, h.found_by
FROM place.edit AS e JOIN history.estate_asset_card AS h
  ON h.place_id = e.place_id AND h.history_transaction_id = e.transaction_id
  AND h.history_at = e.made_at AND h.history_operation = 'U'
WHERE e.edit_id = :edit_id AND e.kind = 'card'"""
_PUT_BACK: Final = f"""
UPDATE estate.asset_card AS c
SET place_id = p.place_id, found_by = :found_by, rights_cell = p.rights_cell
FROM place.place AS p WHERE c.asset_card_id = :asset_card_id AND p.place_id = :place_id
  AND c.place_id IS NULL AND c.found_by = '{FoundBy.HAND.value}'"""
