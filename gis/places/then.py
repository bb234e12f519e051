"""What a place hung in on an earlier day; the other things it was are versions of it."""

from typing import Final

from gis.places.vocabulary import IN_FORCE

JOIN_THEN: Final = (
    "LEFT JOIN place.former_parent AS hung ON hung.place_id = {0}.place_id AND "
    + IN_FORCE.format("hung")
)
"""Join to a place, by alias, that `PARENT_THEN` needs; binds `as_of`."""
PARENT_THEN: Final = "CASE WHEN hung.place_id IS NULL THEN {0}.parent_id ELSE hung.parent_id END"
"""SQL of what a place, by alias, hung in on day `:as_of`; null: in nothing."""
EVER_IN: Final = (
    "SELECT place_id FROM place.place WHERE parent_id = {0}"
    " UNION ALL SELECT place_id FROM place.former_parent WHERE parent_id = {0}"
)
"""SQL of the places that hang in another, or ever did."""
