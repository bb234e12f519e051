"""The only door for writes to the estate: holdings, stubs, edits by hand."""

from assets.estate.actions.cards import find_places
from assets.estate.actions.holdings import (
    Party,
    end_occupancy,
    mark_secret,
    record_holding,
    refresh_all_derived,
    refresh_derived,
)
from assets.estate.actions.projects import settle_projects

__all__ = [
    "Party",
    "end_occupancy",
    "find_places",
    "mark_secret",
    "record_holding",
    "refresh_all_derived",
    "refresh_derived",
    "settle_projects",
]
