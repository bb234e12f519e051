"""What a redeployment plan is asked for: agencies, places, rules and weights."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from functools import cached_property
from typing import Final

TOLERANCE_M2: Final = 0.01
ROUNDING_M2: Final = 1e-6
"""Less than this is rounding, far below the tolerance plans are judged by."""
MOST_FREE_PLACES: Final = 3
"""Places an agency may be given beside those it is fixed to: every set of so many is looked at."""
MOST_OPTIONS: Final = 40
"""Places that one agency may choose from: sets of three of them are listed one by one."""


class Repair(StrEnum):
    """How a place stands; what is unfit is nobody's option."""

    SOUND = "sound"
    NEEDS_REPAIR = "needs_repair"
    UNFIT = "unfit"


@dataclass(frozen=True)
class Agency:
    """A body that needs basic office space.

    Args:
        headcount: Heads by rank code.
        office_m2: What the standard gives to all heads of a rank together, by rank code.
        service_m2: Service area by the standard.
        max_places: How many places it may be spread over.
        needs_protected: Whether only protected places will do.
    """

    agency_id: int
    name: str
    headcount: Mapping[str, int]
    office_m2: Mapping[str, float]
    service_m2: float = 0.0
    max_places: int = MOST_FREE_PLACES
    needs_protected: bool = False

    @cached_property
    def need_m2(self) -> float:
        """Office and service area together; nought when nobody works there."""
        return sum(self.office_m2.values()) + self.service_m2

    @cached_property
    def people(self) -> int:
        return sum(self.headcount.values())


@dataclass(frozen=True)
class Place:
    """A building, or a site that is used as one.

    Args:
        site_id: Places of one site count as neighbours.
        capacity_m2: Usable area that the plan may give to its agencies.
        running_yuan: A year's cost while anybody sits there: running it, and rent where leased.
        fit_out_yuan_per_m2: Paid once for each m² that somebody moves into.
        free_from: First day on which it can be used; null: it can be used now.
        lease_ends_on: Last day of its lease; null: it is no lease.
    """

    place_id: int
    name: str
    site_id: int
    capacity_m2: float
    running_yuan: float = 0.0
    fit_out_yuan_per_m2: float = 0.0
    repair: Repair = Repair.SOUND
    is_protected: bool = False
    free_from: date | None = None
    lease_ends_on: date | None = None


@dataclass(frozen=True)
class Option:
    """A place that an agency may be given.

    Args:
        distance_km: From the point the agency serves, by road or straight; null: no way leads
            there, which is refused rather than taken for near.
    """

    agency_id: int
    place_id: int
    distance_km: float | None


@dataclass(frozen=True)
class Share:
    """Area of one agency in one place."""

    agency_id: int
    place_id: int
    area_m2: float


@dataclass(frozen=True)
class Together:
    """Two agencies that wish for places of one site; the weight is paid when they have none."""

    one_id: int
    other_id: int
    weight_yuan: float


@dataclass(frozen=True)
class Weights:
    """What each aim counts in yuan a year. None may be negative."""

    running: float = 1.0
    """Of a year's running cost of a place that somebody uses."""
    once: float = 0.1
    """Of money paid once: a tenth a year."""
    person_km: float = 150.0
    """Of one person one km farther from the point served than the nearest option is."""
    person_moved: float = 300.0
    """Of one person who moves."""
    extra_place: float = 60_000.0
    """Of each place an agency has beyond its first."""


@dataclass(frozen=True)
class Problem:
    """Everything a plan depends on.

    Args:
        options: Pairs that may be used; no others are.
        held: What agencies have now; staying there costs no move.
        fixed: What an agency keeps at least in a place.
        forbidden: Pairs of agency and place, although listed as options.
        min_part_m2: No agency has less than this in a place, unless it needs less altogether.
        move_yuan_per_m2: Paid once for each m² moved, beside the fit-out of the place.
        budget_yuan: Most that all moves may cost once; null: no limit.
        most_people_moved: Most heads that may move; null: no limit.
        until: Last day the plan has to hold: leases that end before do not carry it.
    """

    agencies: tuple[Agency, ...]
    places: tuple[Place, ...]
    options: tuple[Option, ...]
    from_on: date
    until: date
    held: tuple[Share, ...] = ()
    fixed: tuple[Share, ...] = ()
    forbidden: frozenset[tuple[int, int]] = frozenset()
    together: tuple[Together, ...] = ()
    weights: Weights = field(default_factory=Weights)
    min_part_m2: float = 30.0
    move_yuan_per_m2: float = 40.0
    budget_yuan: float | None = None
    most_people_moved: float | None = None


@dataclass(frozen=True)
class Plan:
    """Who has how much where, ordered by agency and place.

    Args:
        unplaced: Agencies that no room was found for; empty in a plan that can be carried out.
        objective_yuan: Cost a year by the weights, of the placed agencies. It has no constant:
            each term is nought for some choice (running, moves, km beyond the nearest option, ...).
    """

    shares: tuple[Share, ...]
    unplaced: tuple[int, ...]
    objective_yuan: float
