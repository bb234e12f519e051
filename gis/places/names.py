"""How a place is called where it stands alone: a name of its own, else what its kind offers."""

from typing import Final

_OF_KIND: Final = {
    "floor": "SELECT k.label FROM place.floor AS k WHERE k.place_id = {p}.place_id",
    "section": "SELECT k.label FROM place.section AS k WHERE k.place_id = {p}.place_id",
    "room": (
        "SELECT nullif(concat_ws(' ', k.number, {p}.name), '') FROM {rooms} AS k"
        " WHERE k.place_id = {p}.place_id"
    ),
    "housing_unit": "SELECT k.number FROM place.housing_unit AS k WHERE k.place_id = {p}.place_id",
}


def shown_name(alias: str, name: str | None = None, rooms: str = "place.room") -> str:
    """SQL of a place's shown name; null only for a place without any name, number or address.

    Args:
        alias: Alias of `place.place` in the query; it is read row by row, so for short lists only.
        name: SQL of the name that counts, such as that of an earlier day; null means the column.
        rooms: What tells the numbers of rooms; of an earlier day `Places.rooms`.
    """
    cases = " ".join(
        f"WHEN '{kind}' THEN ({sql.format(p=alias, rooms=rooms)})" for kind, sql in _OF_KIND.items()
    )
    return f"coalesce(CASE {alias}.kind {cases} END, {name or f'{alias}.name'}, {alias}.address)"


def property_name(building: str, site: str) -> str:
    """SQL of what tells one 1号楼 from every other: its site, else where it stands; or null.

    Args:
        building: Alias of `place.place` for the building.
        site: Alias of `place.place` for what it hangs in, null where that is nothing.
    """
    own = f"CASE WHEN {building}.name IS NOT NULL THEN {building}.address END"
    return f"coalesce({site}.name, {own})"


def standing_name(alias: str) -> str:
    """SQL of a place's shown name behind what it stands in: property, building, floor.

    As far as the asker may see those; for a site its name alone. Null where the alias has no row.

    Args:
        alias: As of `shown_name`; for short lists only.
    """
    above = ("up1", "up2", "up3")
    houses = " ".join(f"WHEN {one}.kind THEN {one}.place_id" for one in (alias, *above))
    return f"""(SELECT nullif(concat_ws(' ', {property_name("house", "site")},
    CASE WHEN house.place_id <> {alias}.place_id
      THEN coalesce({shown_name("house")}, house.code) END,
    story.label, coalesce({shown_name(alias)}, {alias}.code)), '')
  FROM (SELECT {alias}.parent_id AS place_id) AS above
  LEFT JOIN place.place AS up1 USING (place_id)
  LEFT JOIN place.place AS up2 ON up2.place_id = up1.parent_id
  LEFT JOIN place.place AS up3 ON up3.place_id = up2.parent_id
  LEFT JOIN place.floor AS story ON story.place_id = up1.place_id
  LEFT JOIN place.place AS house ON house.place_id = CASE 'building' {houses} END
  LEFT JOIN place.place AS site ON site.place_id = house.parent_id AND site.kind = 'site')"""
