"""The bodies of the sample city: agencies, townships, service bodies, and what became of them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from etl.sample.codes import credit_code
from etl.sample.quantities import Quantities, share_out, stage
from etl.sample.towns import CITY, REPORTERS, District, Town, towns
from etl.sample.vocabulary import (
    BRANCHING,
    OFFICES,
    SERVICES,
    Office,
    Service,
    chinese_numeral,
    words,
)

AGENCY: Final = "党政机关"
SERVICE: Final = "事业单位"
RANKS: Final = {
    "市级": ("市级正职", "市级副职", "正局（处）级", "副局（处）级", "局（处）级以下"),
    "县级": ("县级正职", "县级副职", "正科级", "副科级", "科级以下"),
    "乡级": ("乡级正职", "乡级副职", "乡级以下"),
}
_LEADERS: Final = {
    "市级": ((1, 7), (1, 3), (1, 6), (1, 5)),
    "县级": ((1, 6), (1, 2), (1, 5), (1, 4)),
}
"""Chief and deputy posts of the four leading offices, in the order of the offices."""


@dataclass(frozen=True)
class Organization:
    """One body. `ranks` are approved posts in the order of `RANKS[level]`, empty without ranks.

    `home` is the town a township or district body lives in; city bodies live all over the core.
    `technical_share` is the part of its floor area for technical work.
    """

    number: int
    population: str
    name: str
    short_name: str
    former_name: str | None
    credit_code: str
    kind: str
    level: str
    superior: str
    district: District
    home: Town | None
    quota: int
    actual: int
    non_quota: int
    energy_users: int
    ranks: tuple[int, ...] = ()
    technical_share: float = 0.0
    size: float = 1.0
    energy_kind: str = "国家机关"

    @property
    def is_township(self) -> bool:
        return self.level == "乡级"


@dataclass(frozen=True)
class Succession:
    """A former body or name and what took its place; `former_code` differs when a body ended."""

    former_name: str
    former_code: str
    kind: str
    successor: Organization
    share: str
    on: str


@dataclass
class Bodies:
    """All bodies, each list in the order of the register."""

    agencies: list[Organization] = field(default_factory=list)
    services: list[Organization] = field(default_factory=list)
    successions: list[Succession] = field(default_factory=list)


def make_bodies(amounts: Quantities, seed: int) -> Bodies:
    """Agencies, townships and service bodies in their exact numbers, with head counts."""
    rng = stage(seed, "bodies")
    bodies = Bodies()
    counts = share_out(amounts.agencies, [district.agencies for district in REPORTERS])
    townships = share_out(amounts.townships, [district.townships for district in REPORTERS])
    for district, count, township_count in zip(REPORTERS, counts, townships, strict=True):
        bodies.agencies += _agencies(rng, district, int(count), len(bodies.agencies))
        bodies.agencies += _townships(rng, district, int(township_count), len(bodies.agencies))
    weights = [district.service_bodies for district in REPORTERS]
    names = iter(words(rng, amounts.service_bodies))
    for district, count in zip(REPORTERS, share_out(amounts.service_bodies, weights), strict=True):
        superiors = [body for body in bodies.agencies if body.district is district]
        first = len(bodies.services)
        chosen = [next(names) for _ in range(count)]
        bodies.services += _services(rng, district, first, chosen, superiors)
    bodies.successions = _successions(bodies)
    return bodies


def _headcounts(rng: np.random.Generator, quota: int) -> tuple[int, int, int]:
    actual = int(quota * rng.uniform(0.84, 1.0))
    non_quota = int(quota * rng.uniform(0.0, 0.35))
    return actual, non_quota, actual + non_quota + int(rng.integers(0, 4))


def _office_at(position: int) -> tuple[Office, str, str]:
    """The office at a position in a district's list, with its name; later rounds are branches."""
    if position < len(OFFICES):
        office = OFFICES[position]
        return office, office.name, office.short
    branch = position - len(OFFICES)
    office = BRANCHING[branch % len(BRANCHING)]
    label = f"第{chinese_numeral(branch // len(BRANCHING) + 1)}分局"
    return (
        office,
        f"{office.name.removesuffix('局')}{label}",
        office.short.removesuffix("局") + label,
    )


def _agencies(
    rng: np.random.Generator, district: District, count: int, first: int
) -> Iterator[Organization]:
    level = "市级" if district is CITY else "县级"
    superior = "常州市政务统筹办公室" if district is CITY else f"{district.name}政务统筹办公室"
    middle = (46.0, 110.0) if level == "市级" else (14.0, 34.0)
    for position in range(count):
        office, name, short = _office_at(position)
        ranks = _ranks(rng, level, position, office, middle)
        quota = sum(ranks)
        actual, non_quota, users = _headcounts(rng, quota)
        yield Organization(
            number=first + position + 1,
            population=AGENCY,
            name=f"{district.name}{name}",
            short_name=f"{district.name[:-1].removeprefix('常州')}{short}"
            if district is not CITY
            else f"市{short}",
            former_name=f"{district.name}{office.former}"
            if office.former and position < len(OFFICES)
            else None,
            credit_code=credit_code("11", district.division_code, first + position + 1),
            kind=office.kind if position < len(OFFICES) else "派出机构",
            level=level,
            superior="" if name == "政务统筹办公室" else superior,
            district=district,
            home=None,
            quota=quota,
            actual=actual,
            non_quota=non_quota,
            energy_users=users,
            ranks=ranks,
            technical_share=office.technical_share,
            size=office.size,
        )


def _ranks(
    rng: np.random.Generator,
    level: str,
    position: int,
    office: Office,
    middle: tuple[float, float],
) -> tuple[int, ...]:
    chief, deputy = _LEADERS[level][position] if position < 4 else (0, 0)
    heads = 1 + int(rng.random() < 0.3)
    seconds = int(rng.integers(2, 6))
    below = max(4, int(rng.uniform(*middle) * office.size * 1.25))
    return (chief, deputy, heads, seconds, below)


def _townships(
    rng: np.random.Generator, district: District, count: int, first: int
) -> Iterator[Organization]:
    centres = [town for town in towns() if town.district is district and not town.is_core]
    for position in range(count):
        town = centres[position % len(centres)]
        lap = position // len(centres)
        name = f"{district.name}{town.name}" + (f"第{chinese_numeral(lap)}片区" if lap else "")
        ranks = (
            int(rng.integers(2, 4)),
            int(rng.integers(5, 9)),
            int(rng.integers(38, 95)),
        )
        actual, non_quota, users = _headcounts(rng, sum(ranks))
        yield Organization(
            number=first + position + 1,
            population=AGENCY,
            name=f"{name}人民政府",
            short_name=f"{town.name}" + (f"第{chinese_numeral(lap)}片区" if lap else "") + "政府",
            former_name=None,
            credit_code=credit_code("11", district.division_code, first + position + 1),
            kind="乡镇",
            level="乡级",
            superior=f"{district.name}政务统筹办公室",
            district=district,
            home=town,
            quota=sum(ranks),
            actual=actual,
            non_quota=non_quota,
            energy_users=users,
            ranks=ranks,
            size=1.2,
        )


def _services(
    rng: np.random.Generator,
    district: District,
    first: int,
    names: Sequence[str],
    superiors: list[Organization],
) -> Iterator[Organization]:
    likely = np.array([6, 5, 3, 1.2, 1.6, 1, 1, 1, 1, 0.6, 0.8] + [1.0] * 9)
    picks = rng.choice(len(SERVICES), size=len(names), p=likely / likely.sum())
    departments = {body.name.removeprefix(district.name): body.name for body in superiors}
    for position, (pick, word) in enumerate(zip(picks, names, strict=True)):
        service: Service = SERVICES[pick]
        quota = max(8, int(service.people * rng.lognormal(0, 0.35)))
        actual, non_quota, users = _headcounts(rng, quota)
        yield Organization(
            number=first + position + 1,
            population=SERVICE,
            name=f"{district.name}{word}{service.ending}",
            short_name=f"{word}{service.short}",
            former_name=None,
            credit_code=credit_code("12", district.division_code, 500_000 + first + position + 1),
            kind=service.kind,
            level="市级" if district is CITY else "县级",
            superior=departments.get(service.department, superiors[0].name if superiors else ""),
            district=district,
            home=None,
            quota=quota,
            actual=actual,
            non_quota=non_quota,
            energy_users=users,
            size=service.size,
            energy_kind=SERVICE,
        )


def _successions(bodies: Bodies) -> list[Succession]:
    """Renamed agencies keep their code; some service bodies absorbed or inherited another."""
    found = [
        Succession(body.former_name, body.credit_code, "更名", body, "1", "2019-03-01")
        for body in bodies.agencies
        if body.former_name
    ]
    for position, body in enumerate(bodies.services[::17]):
        code = credit_code("12", body.district.division_code, 900_000 + position)
        former = f"{body.district.name}{body.short_name[:2]}分部管理站"
        found.append(Succession(former, code, "合并", body, "1", "2021-07-01"))
    for position, (left, right) in enumerate(
        zip(bodies.services[5::48], bodies.services[6::48], strict=False)
    ):
        code = credit_code("12", left.district.division_code, 950_000 + position)
        former = f"{left.district.name}{left.short_name[:2]}{right.short_name[:2]}联合服务站"
        found.append(Succession(former, code, "分立", left, "0.6", "2022-01-01"))
        found.append(Succession(former, code, "分立", right, "0.4", "2022-01-01"))
    return found
