"""Properties (处) of the two populations: who uses them, how large they are, how they stand.

All areas are hundredths of a square metre, so the totals of a population hold to the last digit.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from etl.sample.agencies import AGENCY, SERVICE, Bodies, Organization
from etl.sample.footprints import (
    Building,
    Lot,
    arrange,
    floors_for,
    shape_building,
)
from etl.sample.quantities import HUNDREDTHS, Quantities, share_out, stage
from etl.sample.towns import REPORTERS, District, Town, towns

STRUCTURES: Final = ("钢混结构", "砖混", "砖木", "钢结构")
REGISTERED_CENTRALLY: Final = "已统一登记"
OTHER_REGISTRATIONS: Final = ("登记在使用单位", "权属备案", "未登记")
LARGEST_GROUP: Final = 12
"""At most so many bodies share one property, as rows of a form."""


@dataclass
class Property:
    """One property with its users in order; the first is the main one.

    `gross` is what the population's total counts: for agencies office plus technical area
    (auxiliary buildings come on top), for service bodies all floor area.
    """

    number: int
    population: str
    reporter: District
    district: District
    town: Town
    users: list[Organization]
    gross: int
    office: int
    technical: int
    auxiliary: int
    is_central: bool
    is_fenced: bool
    registration: str
    year: int
    structure: str
    is_rented: bool
    lot: Lot
    code: str | None = None
    idle: int = 0
    let: int = 0
    lent: int = 0
    usable: dict[str, int] = field(default_factory=dict)
    address: str = ""

    @property
    def name(self) -> str:
        """What a sign at the gate would say."""
        main = self.users[0]
        if self.population == SERVICE or len(self.users) == 1:
            return f"{main.name}院落" if self.is_fenced else f"{main.name}用房"
        return f"{main.name}集中办公区"

    @property
    def below(self) -> int:
        """Floor area under ground."""
        return sum(
            area
            for building in self.lot.buildings
            for level, area in zip(building.levels, level_areas(building), strict=True)
            if level < 0
        )


def level_areas(building: Building) -> list[int]:
    """Floor area of each level, in the order of `levels`; they sum to the building's."""
    return [int(part) for part in share_out(building.area, np.ones(len(building.levels)))]


def make_properties(amounts: Quantities, bodies: Bodies, seed: int) -> list[Property]:
    """All properties, agencies' first, in the order of the reporting districts."""
    rng = stage(seed, "properties")
    found = [
        *_agency_properties(rng, amounts, bodies),
        *_service_properties(rng, amounts, bodies),
    ]
    for number, made in enumerate(found, start=1):
        made.number = number
    return found


def _agency_properties(
    rng: np.random.Generator, amounts: Quantities, bodies: Bodies
) -> list[Property]:
    user_groups = list(_agency_groups(rng, amounts, bodies))
    weights = np.array(
        [
            sum(user.quota * (1.0 if is_main else 0.22) for user in users)
            * rng.lognormal(0.0, 0.45)
            for users, is_main in user_groups
        ]
    )
    order = np.argsort(-weights * rng.lognormal(0.0, 0.5, len(weights)), kind="stable")
    is_central = np.zeros(len(weights), dtype=bool)
    is_central[order[: amounts.central_properties]] = True
    areas = np.zeros(len(weights), dtype=np.int64)
    least = 60 * HUNDREDTHS
    areas[is_central] = share_out(amounts.central_area, weights[is_central], least=least)
    areas[~is_central] = share_out(amounts.other_area, weights[~is_central], least=least)
    return [
        _agency_property(rng, users, int(area), central=bool(central))
        for (users, _), area, central in zip(user_groups, areas, is_central, strict=True)
    ]


def _agency_groups(
    rng: np.random.Generator, amounts: Quantities, bodies: Bodies
) -> Iterator[tuple[list[Organization], bool]]:
    """Who uses each property: compounds and main seats first, then each body's further ones."""
    places = [
        (district, is_township)
        for district in REPORTERS
        for is_township in (False, True)
        if any(
            body.district is district and body.is_township == is_township
            for body in bodies.agencies
        )
    ]
    wanted = [
        district.township_properties if is_township else district.agency_properties
        for district, is_township in places
    ]
    counts = share_out(amounts.agency_properties, wanted, least=1)
    for (district, is_township), count in zip(places, counts, strict=True):
        users = [
            body
            for body in bodies.agencies
            if body.district is district and body.is_township == is_township
        ]
        yield from _groups(rng, users, int(count), is_shared=not is_township)


def _groups(
    rng: np.random.Generator, users: list[Organization], count: int, *, is_shared: bool
) -> Iterator[tuple[list[Organization], bool]]:
    groups: list[list[Organization]] = []
    rest = list(users)
    if is_shared:
        share = min(LARGEST_GROUP, len(rest) // 3 + 1)
        groups.append(rest[:share])
        rest = [rest[share + int(i)] for i in rng.permutation(len(rest) - share)]
    while rest:
        size = int(rng.choice([1, 1, 1, 2, 2, 3, 4])) if is_shared else 1
        groups.append(rest[:size])
        rest = rest[size:]
    while len(groups) > count:
        groups[-2] += groups.pop()
    yield from ((group, True) for group in groups)
    weights = np.array([user.size for user in users])
    picks = rng.choice(len(users), size=count - len(groups), p=weights / weights.sum())
    for pick in picks:
        extra = [users[int(pick)]]
        if is_shared and rng.random() < 0.12:
            second = users[int(rng.integers(0, len(users)))]
            extra += [second] if second is not extra[0] else []
        yield extra, False


def _agency_property(
    rng: np.random.Generator, users: list[Organization], area: int, *, central: bool
) -> Property:
    main = users[0]
    is_fenced = (area > 900 * HUNDREDTHS and rng.random() < 0.85) or rng.random() < 0.3
    technical = 0
    if main.technical_share and area > 1_200 * HUNDREDTHS and len(users) == 1:
        technical = round(area * main.technical_share * rng.uniform(0.7, 1.2))
    auxiliary = round(area * rng.uniform(0.05, 0.14)) if is_fenced and rng.random() < 0.75 else 0
    year = _year(rng)
    structure = _structure(rng, year)
    buildings = _buildings(rng, area - technical, "办公", year, structure)
    if technical:
        buildings += _buildings(rng, technical, "技术业务", year, structure)
    if auxiliary:
        buildings += _auxiliary(rng, auxiliary, year)
    if not is_fenced:
        buildings = buildings[:1] if len(buildings) == 1 else buildings
        is_fenced = len(buildings) > 1
    _name_buildings(buildings)
    town, district = _seat(rng, main)
    return Property(
        number=0,
        population=AGENCY,
        reporter=main.district,
        district=district,
        town=town,
        users=users,
        gross=area,
        office=area - technical,
        technical=technical,
        auxiliary=auxiliary,
        is_central=central,
        is_fenced=is_fenced,
        registration=REGISTERED_CENTRALLY
        if central
        else str(rng.choice(OTHER_REGISTRATIONS, p=[0.5, 0.35, 0.15])),
        year=year,
        structure=structure,
        is_rented=not central and rng.random() < 0.12,
        lot=arrange(rng, buildings, is_fenced=is_fenced),
    )


def _service_properties(
    rng: np.random.Generator, amounts: Quantities, bodies: Bodies
) -> list[Property]:
    users = bodies.services
    extra = amounts.service_properties - len(users)
    size = np.array([user.size for user in users])
    picks = rng.choice(len(users), size=extra, p=size / size.sum())
    holders = [*range(len(users)), *(int(pick) for pick in picks)]
    order = sorted(range(len(holders)), key=lambda place: (holders[place], place))
    weights = np.array(
        [
            users[holders[place]].size
            * (1.0 if place < len(users) else 0.4)
            * rng.lognormal(0, 0.6)
            for place in order
        ]
    )
    areas = share_out(amounts.service_area, weights, least=150 * HUNDREDTHS)
    made = [
        _service_property(rng, users[holders[place]], int(area))
        for place, area in zip(order, areas, strict=True)
    ]
    for number, found in enumerate(made, start=1):
        found.code = f"SYFC-{number:06d}"
    return made


def _service_property(rng: np.random.Generator, user: Organization, area: int) -> Property:
    is_fenced = area > 1_500 * HUNDREDTHS or rng.random() < 0.4
    year = _year(rng)
    structure = _structure(rng, year)
    use = {"公益一类": "公益服务", "公益二类": "业务"}[user.kind]
    buildings = _buildings(rng, area, use, year, structure)
    is_fenced = is_fenced or len(buildings) > 1
    buildings[0].use = "办公"
    _name_buildings(buildings)
    town, district = _seat(rng, user)
    made = Property(
        number=0,
        population=SERVICE,
        reporter=user.district,
        district=district,
        town=town,
        users=[user],
        gross=area,
        office=area,
        technical=0,
        auxiliary=0,
        is_central=False,
        is_fenced=is_fenced,
        registration=str(rng.choice(["已登记", "已登记", "已登记", "未登记"])),
        year=year,
        structure=structure,
        is_rented=False,
        lot=arrange(rng, buildings, is_fenced=is_fenced),
    )
    kind = rng.random()
    if kind < 0.10:
        made.let = round(area * rng.uniform(0.03, 0.5))
    elif kind < 0.15:
        made.idle = area
    elif kind < 0.22:
        made.idle = round(area * rng.uniform(0.05, 0.4))
    elif kind < 0.25:
        made.lent = round(area * rng.uniform(0.1, 0.6))
    return made


def _buildings(
    rng: np.random.Generator, area: int, use: str, year: int, structure: str
) -> list[Building]:
    """Buildings of one use that share an area exactly: one, or several when it is large."""
    square_metres = area / HUNDREDTHS
    count = 1
    if square_metres > 2_600:
        count = 1 + min(8, int(rng.poisson(square_metres / 4_200)))
    shares = share_out(area, np.sort(rng.lognormal(0, 0.55, count))[::-1])
    return [_building(rng, int(share), use, year, structure) for share in shares]


def _building(rng: np.random.Generator, area: int, use: str, year: int, structure: str) -> Building:
    above, below = floors_for(rng, area / HUNDREDTHS)
    bars, outline = shape_building(rng, area / HUNDREDTHS / (above + below))
    return Building("", use, area, above, below, bars, outline, year, structure)


def _auxiliary(rng: np.random.Generator, area: int, year: int) -> list[Building]:
    floors = 1 if area < 500 * HUNDREDTHS else 2
    bars, outline = shape_building(rng, area / HUNDREDTHS / floors)
    return [Building("", "附属", area, floors, 0, bars, outline, year, "砖混")]


def _name_buildings(buildings: list[Building]) -> None:
    numbered = 0
    for building in buildings:
        if building.use == "附属":
            building.name = "附属用房"
        else:
            numbered += 1
            building.name = f"{numbered}号楼"


def _seat(rng: np.random.Generator, main: Organization) -> tuple[Town, District]:
    """The town a body's property stands in; city bodies sit in the four inner districts."""
    if main.home is not None:
        return main.home, main.district
    code = main.district.code
    if code == "320400":
        code = str(rng.choice(["320411", "320402", "320404", "320412"], p=[0.4, 0.27, 0.2, 0.13]))
    choices = [town for town in towns() if town.district.code == code]
    pulls = np.array([town.pull for town in choices])
    town = choices[int(rng.choice(len(choices), p=pulls / pulls.sum()))]
    return town, town.district


def _year(rng: np.random.Generator) -> int:
    return int(np.clip(rng.normal(2003, 10), 1958, 2024))


def _structure(rng: np.random.Generator, year: int) -> str:
    odds = [0.75, 0.2, 0.0, 0.05] if year >= 1995 else [0.25, 0.6, 0.15, 0.0]
    return str(rng.choice(STRUCTURES, p=odds))
