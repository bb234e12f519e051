"""Public housing: compounds of blocks with stairwell sections, two homes to a landing."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from etl.sample.footprints import Bar, Building, Lot
from etl.sample.quantities import HUNDREDTHS, Quantities, stage
from etl.sample.towns import Town, towns
from etl.sample.vocabulary import words

_DEPTH_M: Final = 11.4
_HOMES_PER_COMPOUND: Final = 190
LAYOUTS: Final = ("一室一厅", "两室一厅", "两室两厅", "三室一厅")


@dataclass
class Section:
    """One stairwell of a block: `bar` stands relative to its block."""

    label: str
    bar: Bar
    homes: int = 0
    number: int = 0


@dataclass
class Block:
    """One housing block with its sections, west to east."""

    building: Building
    sections: list[Section]


@dataclass
class Home:
    """One housing unit; areas in hundredths of m2."""

    number: int
    block: Block
    section: Section
    floor: int
    door: str
    gross: int
    usable: int
    layout: str


@dataclass
class Compound:
    """One housing compound with its blocks and homes."""

    name: str
    town: Town
    lot: Lot
    blocks: list[Block]
    homes: list[Home] = field(default_factory=list)
    address: str = ""


def make_compounds(amounts: Quantities, seed: int) -> list[Compound]:
    """Compounds that hold the wanted number of homes exactly; the last block is part sold."""
    rng = stage(seed, "housing")
    count = max(1, round(amounts.housing_units / _HOMES_PER_COMPOUND))
    cores = [town for town in towns() if town.is_core]
    found: list[Compound] = []
    left = amounts.housing_units
    names = iter(words(rng, 40 + 4 * count))
    while left:
        town = cores[int(rng.choice(len(cores), p=_odds(cores)))]
        compound = _compound(rng, f"{next(names)}新村", town)
        compound.homes = list(_homes(rng, compound, left, amounts.housing_units - left))
        left -= len(compound.homes)
        found.append(compound)
    return found


def _odds(cores: list[Town]) -> list[float]:
    """Most public housing stands in the inner districts, by the pull of their centres."""
    inner = {"320402": 2.6, "320404": 2.2, "320411": 1.5, "320412": 1.1}
    weights = [town.pull * inner.get(town.district.code, 0.6) for town in cores]
    return [weight / sum(weights) for weight in weights]


def _compound(rng: np.random.Generator, name: str, town: Town) -> Compound:
    """Rows of parallel blocks, the winter sun's distance apart."""
    columns, rows = int(rng.integers(1, 3)), int(rng.integers(2, 5))
    sections, above = int(rng.integers(2, 5)), int(rng.integers(5, 7))
    year = int(rng.integers(1982, 2006))
    width = float(rng.uniform(15.6, 19.2))
    margin, gap, alley = 9.0, float(rng.uniform(18.0, 22.0)), 8.0
    blocks: list[Block] = []
    for row in range(rows):
        for column in range(columns):
            block = _block(f"{len(blocks) + 1}幢", sections, above, width, year)
            block.building.x = margin + column * (sections * width + alley)
            block.building.y = margin + row * (_DEPTH_M + gap)
            blocks.append(block)
    lot = Lot(
        width=2 * margin + columns * sections * width + (columns - 1) * alley,
        depth=2 * margin + rows * _DEPTH_M + (rows - 1) * gap,
        buildings=[block.building for block in blocks],
    )
    return Compound(name, town, lot, blocks)


def _block(name: str, sections: int, above: int, width: float, year: int) -> Block:
    length = sections * width
    building = Building(
        name=name,
        use="住宅",
        area=round(length * _DEPTH_M * above * HUNDREDTHS),
        above=above,
        below=0,
        bars=[(0, 0, length, _DEPTH_M)],
        outline=[(0, 0), (length, 0), (length, _DEPTH_M), (0, _DEPTH_M)],
        year=year,
        structure="砖混",
    )
    made = [
        Section(f"{position + 1}单元", (position * width, 0, (position + 1) * width, _DEPTH_M))
        for position in range(sections)
    ]
    return Block(building, made)


def _homes(rng: np.random.Generator, compound: Compound, most: int, first: int) -> Iterator[Home]:
    made = 0
    for block in compound.blocks:
        for section in block.sections:
            west, _, east, north = section.bar
            gross = round((east - west) * north / 2 * HUNDREDTHS)
            for floor in range(1, block.building.above + 1):
                for side in (1, 2):
                    if made == most:
                        return
                    made += 1
                    section.homes += 1
                    usable = round(gross * float(rng.uniform(0.71, 0.78)))
                    layout = LAYOUTS[min(3, gross // (28 * HUNDREDTHS) - 1)]
                    door = f"{floor}0{side}"
                    yield Home(first + made, block, section, floor, door, gross, usable, layout)
