"""Of which place a card of the finance system is: found by what both ledgers say of it."""

from typing import Final

from sqlalchemy import Connection, text

from assets.estate.model import IS_CARD_OF_ESTATE, FoundBy, asset_card
from gis.places.model import FOLDED_NUMBER
from gis.places.vocabulary import IN_FORCE, IS_OPEN
from gis.rights.policies import writable_cells

_WAYS: Final = tuple(way.value for way in FoundBy if way is not FoundBy.HAND)
# Every way names one place or none: what two places share finds neither, so no join multiplies.
# Of a property and its buildings that all bear the number, the card is the property's. Where bodies
# have cards of one number, it finds what the card's own body keeps.
_FIND: Final = """
WITH card AS MATERIALIZED (
  SELECT c.asset_card_id, c.number, {certificate} AS certificate, {address} AS address,
         {name} AS name, c.unit_id, EXISTS (
           SELECT FROM estate.asset_card AS o WHERE o.number = c.number
             AND o.asset_card_id <> c.asset_card_id) AS is_shared
  FROM estate.asset_card AS c WHERE c.place_id IS NULL AND c.found_by IS NULL
    AND {is_of_estate} AND (:may_all OR c.rights_cell IN ({writable}))
),
known AS MATERIALIZED (
  SELECT p.place_id, p.parent_id, p.code, {known_address} AS address, {known_name} AS name
  FROM place.place AS p
  WHERE p.kind IN ('site', 'building', 'structure') AND {in_force} AND {is_open}
    AND p.security_class < 3
    AND (:may_all OR p.rights_cell IN ({writable}))
),
key AS (
  SELECT 'number' AS way, i.value AS said, k.place_id, k.parent_id
  FROM place.identifier AS i JOIN known AS k USING (place_id)
  WHERE i.scheme = 'asset_card' AND i.valid_to IS NULL
    AND i.value IN (SELECT number FROM card)
  UNION SELECT 'number', k.code, k.place_id, k.parent_id FROM known AS k
  WHERE k.code IN (SELECT number FROM card)
  UNION SELECT 'certificate', {title}, k.place_id, k.parent_id
  FROM place.title AS t JOIN place.title_place AS l USING (title_id)
  JOIN known AS k ON k.place_id = l.place_id
  WHERE t.valid_to IS NULL AND {title} IN (SELECT certificate FROM card)
  UNION SELECT 'address_and_name', k.address || '|' || k.name, k.place_id, k.parent_id
  FROM known AS k WHERE k.name <> '' AND k.address IN (SELECT address FROM card)
  UNION SELECT 'address', k.address, k.place_id, NULL FROM known AS k
  WHERE k.address IN (SELECT address FROM card) AND k.parent_id IS NULL
),
sole AS (
  SELECT way, said, min(place_id) AS place_id
  FROM (SELECT key.*, EXISTS (SELECT FROM key AS above WHERE above.way = key.way
                 AND above.said = key.said AND above.place_id = key.parent_id) AS is_inside
        FROM key WHERE said IS NOT NULL) AS told
  WHERE NOT is_inside GROUP BY way, said HAVING count(*) = 1
),
found AS (
  SELECT DISTINCT ON (card.asset_card_id) card.asset_card_id, sole.place_id, sole.way
  FROM card CROSS JOIN LATERAL (VALUES
    ('number', card.number), ('certificate', card.certificate),
    ('address_and_name', card.address || '|' || card.name), ('address', card.address)
  ) AS asked (way, said)
  JOIN sole ON sole.way = asked.way AND sole.said = asked.said
  JOIN place.place AS p USING (place_id)
  WHERE asked.way <> 'number' OR NOT card.is_shared OR p.steward_id = card.unit_id
  ORDER BY card.asset_card_id, array_position(CAST(:ways AS text[]), sole.way)
)
UPDATE estate.asset_card AS c
SET place_id = found.place_id, found_by = found.way, rights_cell = p.rights_cell
FROM found JOIN place.place AS p USING (place_id)
WHERE c.asset_card_id = found.asset_card_id"""

_IS_ANY_LOOSE: Final = f"""
SELECT EXISTS (SELECT FROM estate.asset_card AS c
  WHERE c.place_id IS NULL AND c.found_by IS NULL AND {IS_CARD_OF_ESTATE})"""


def find_places(conn: Connection) -> int:
    """Find the places of cards of estate without one, among those the asking account may write.

    A card that is found is in the cell of its place from then on.

    A card that a person took off a place is left alone: only a person links it again.

    Args:
        conn: As the loader in somebody's name, or in the name of whoever asks.

    Returns:
        How many were found.
    """
    if not conn.execute(text(_IS_ANY_LOOSE)).scalar_one():
        return 0

    def folded(sql: str) -> str:
        return FOLDED_NUMBER.format(sql)

    query = _FIND.format(
        is_of_estate=IS_CARD_OF_ESTATE,
        certificate=folded("c.certificate_no"),
        address=folded("c.address"),
        name=folded("c.name"),
        known_address=folded("p.address"),
        known_name=folded("p.name"),
        title=folded("t.number"),
        in_force=IN_FORCE.format("p").replace(":as_of", "current_date"),
        is_open=IS_OPEN.format("p"),
        writable=writable_cells(asset_card),
    )
    may_all = conn.execute(text("SELECT rights.may_write_all()")).scalar_one()
    return conn.execute(text(query), {"ways": list(_WAYS), "may_all": bool(may_all)}).rowcount
