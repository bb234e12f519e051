"""The whole sample city as objects, before it is written to files."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from etl.sample.agencies import Bodies, make_bodies
from etl.sample.footprints import Building, Lot
from etl.sample.housing import Compound, make_compounds
from etl.sample.metering import EnergyBody, Meter, make_energy_bodies, make_meters
from etl.sample.properties import Property, make_properties
from etl.sample.quantities import Quantities, quantities_at
from etl.sample.rooms import Rooms, make_rooms
from etl.sample.streets import place_in_town
from etl.sample.towns import DISTRICTS, District, Town, towns
from gis.errors import InputError

Owner = Property | Compound | EnergyBody
"""Whatever stands on a lot of its own."""

Progress = Callable[[str, float], None]
"""Called with a message key and the share done, 0 to 1."""


@dataclass
class City:
    """Everything the files are written from; `buildings` in the order of their numbers."""

    amounts: Quantities
    seed: int
    bodies: Bodies
    properties: list[Property]
    compounds: list[Compound]
    energy_bodies: list[EnergyBody]
    meters: list[Meter]
    rooms: Rooms
    buildings: list[tuple[Building, Lot, Town]]


def build_city(scale: float, seed: int, progress: Progress) -> City:
    """The city of a scale and seed; the same arguments give the same city."""
    amounts = quantities_at(scale)
    progress("sample.step.bodies", 0.0)
    bodies = make_bodies(amounts, seed)
    properties = make_properties(amounts, bodies, seed)
    compounds = make_compounds(amounts, seed)
    energy_bodies = make_energy_bodies(amounts, bodies, properties, seed)
    progress("sample.step.streets", 0.05)
    _place(properties, compounds, energy_bodies, seed)
    buildings = _number_buildings(properties, compounds)
    progress("sample.step.rooms", 0.15)
    rooms = make_rooms(properties, amounts.rooms, seed)
    meters = make_meters(amounts, energy_bodies, seed)
    return City(
        amounts, seed, bodies, properties, compounds, energy_bodies, meters, rooms, buildings
    )


def _place(
    properties: list[Property],
    compounds: list[Compound],
    energy_bodies: list[EnergyBody],
    seed: int,
) -> None:
    """Give every lot its place along a street, and everything on it the address."""
    owners: list[Owner] = [
        *properties,
        *compounds,
        *(body for body in energy_bodies if body.site is None),
    ]
    for district in DISTRICTS:
        _place_in_district(district, [o for o in owners if o.town.district is district], seed)
    for owner in owners:
        owner.address = _address(owner.town, owner.lot)
    for body in energy_bodies:
        if body.site is not None:
            body.address = body.site.address


def _place_in_district(district: District, owners: Sequence[Owner], seed: int) -> None:
    """Place town by town, the core first; what finds no room spreads over the other towns.

    Raises:
        InputError: The whole district is full: the scale is too large for it.
    """
    queues: dict[int, list[Owner]] = defaultdict(list)
    for owner in owners:
        queues[owner.town.index].append(owner)
    own = [town for town in towns() if town.district is district]
    for place, town in enumerate(own):
        queue = queues[town.index]
        waiting = {id(lot) for lot in place_in_town(town, [o.lot for o in queue], seed)}
        homeless = [owner for owner in queue if id(owner.lot) in waiting]
        others = own[place + 1 :]
        if homeless and not others:
            raise InputError("sample.no_room_left", town=district.name, lots=len(homeless))
        for number, owner in enumerate(homeless):
            owner.town = others[number % len(others)]
            queues[owner.town.index].append(owner)


def _address(town: Town, lot: Lot) -> str:
    place = town.district.address + ("" if town.is_core else town.name)
    return f"{place}{lot.street}{lot.house_number}号"


def _number_buildings(
    properties: list[Property], compounds: list[Compound]
) -> list[tuple[Building, Lot, Town]]:
    owners: list[Property | Compound] = [*properties, *compounds]
    found = [(building, made.lot, made.town) for made in owners for building in made.lot.buildings]
    for number, (building, _, _) in enumerate(found, start=1):
        building.number = number
    return found


def building_origins(city: City) -> NDArray[np.float64]:
    """South-west corner of every building along its town's streets, (n, 2), by number from 1."""
    return np.array(
        [
            (lot.corner[0] + building.x, lot.corner[1] + building.y)
            for building, lot, _ in city.buildings
        ]
    )
