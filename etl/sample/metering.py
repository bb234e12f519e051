"""Public institutions in the energy register (公共机构) and their metering points."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from etl.sample.agencies import SERVICE, Bodies, Organization
from etl.sample.footprints import Lot
from etl.sample.properties import Property
from etl.sample.quantities import Quantities, share_out, stage
from etl.sample.towns import DISTRICTS, District, Town, towns
from etl.sample.vocabulary import words

_LINKED_SERVICES: Final = 0.9
_LINKED_AGENCIES: Final = 0.73
_OWN_KINDS: Final = ("社区卫生服务站", "社区幼儿园", "敬老院", "文化站", "农技站", "救助站")
_MAIN_SOURCES: Final = (("电", 1.0), ("水", 1.0), ("天然气", 0.45), ("热力", 0.08))
UNITS: Final = {"电": "千瓦时", "水": "立方米", "天然气": "立方米", "热力": "吉焦"}
_ELECTRIC_ITEMS: Final = ("照明插座", "空调", "动力", "特殊")


@dataclass
class EnergyBody:
    """One institution: linked to a body of the register, or of its own with a lot and no more."""

    number: int
    name: str
    kind: str
    linked: Organization | None
    site: Property | None
    lot: Lot
    town: Town
    district: District
    users: int
    non_quota: int
    address: str = ""

    @property
    def code(self) -> str:
        return f"GJ-{self.number:05d}"


@dataclass
class Meter:
    """One metering point; a sub-meter names the main meter over it."""

    number: int
    body: EnergyBody
    source: str
    parent: "Meter | None"
    item: str
    spot: str

    @property
    def code(self) -> str:
        return f"JL-{self.number:06d}"


def make_energy_bodies(
    amounts: Quantities, bodies: Bodies, properties: Sequence[Property], seed: int
) -> list[EnergyBody]:
    """The register: service bodies and agencies that are linked, then institutions of their own."""
    rng = stage(seed, "energy bodies")
    seats: dict[str, Property] = {}
    for made in properties:
        for user in made.users:
            seats.setdefault(user.credit_code, made)
    services = bodies.services[: round(len(bodies.services) * _LINKED_SERVICES)]
    agencies = bodies.agencies[: round(len(bodies.agencies) * _LINKED_AGENCIES)]
    linked = [*services, *agencies][: amounts.energy_bodies]
    found = [
        _linked(number, body, seats[body.credit_code]) for number, body in enumerate(linked, 1)
    ]
    names = iter(words(rng, amounts.energy_bodies))
    for number in range(len(found) + 1, amounts.energy_bodies + 1):
        found.append(_independent(rng, number, next(names)))
    return found


def _linked(number: int, body: Organization, site: Property) -> EnergyBody:
    ending = "本部" if body.population == SERVICE else "机关"
    return EnergyBody(
        number=number,
        name=f"{body.name}{ending}",
        kind="团体组织" if body.kind == "人民团体" else body.energy_kind,
        linked=body,
        site=site,
        lot=site.lot,
        town=site.town,
        district=site.district,
        users=body.energy_users,
        non_quota=body.non_quota,
    )


def _independent(rng: np.random.Generator, number: int, word: str) -> EnergyBody:
    weights = np.array([district.agencies for district in DISTRICTS], dtype=np.float64)
    district = DISTRICTS[int(rng.choice(len(DISTRICTS), p=weights / weights.sum()))]
    choices = [town for town in towns() if town.district is district]
    pulls = np.array([town.pull for town in choices])
    users = int(rng.integers(8, 70))
    return EnergyBody(
        number=number,
        name=f"{district.name}{word}{_OWN_KINDS[number % len(_OWN_KINDS)]}",
        kind=SERVICE,
        linked=None,
        site=None,
        lot=Lot(width=float(rng.uniform(24, 46)), depth=float(rng.uniform(22, 38))),
        town=choices[int(rng.choice(len(choices), p=pulls / pulls.sum()))],
        district=district,
        users=users,
        non_quota=users // 5,
    )


def make_meters(amounts: Quantities, bodies: Sequence[EnergyBody], seed: int) -> list[Meter]:
    """Metering points in their exact number: main meters first, the rest sub-meters by size."""
    rng = stage(seed, "meters")
    mains = [[source for source, odds in _MAIN_SOURCES if rng.random() < odds] for _ in bodies]
    left = amounts.metering_points - sum(len(sources) for sources in mains)
    weights = np.array([body.users**0.8 for body in bodies])
    found: list[Meter] = []
    for body, sources, count in zip(bodies, mains, share_out(left, weights), strict=True):
        found += _meters_of(rng, body, sources, int(count), len(found))
    return found


def _meters_of(
    rng: np.random.Generator, body: EnergyBody, sources: list[str], count: int, first: int
) -> Iterator[Meter]:
    mains = []
    for source in sources:
        first += 1
        spot = "配电房" if source == "电" else "院落入口表井"
        mains.append(Meter(first, body, source, None, "", spot))
    yield from mains
    names = [building.name for building in body.lot.buildings] or ["主楼"]
    for position in range(count):
        main = mains[1] if rng.random() < 0.18 else mains[0]
        item = _ELECTRIC_ITEMS[position % 4] if main.source == "电" else ""
        first += 1
        spot = f"{names[position // 4 % len(names)]}{position // 4 + 1}#"
        yield Meter(first, body, main.source, main, item, spot)
