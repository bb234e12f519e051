"""Twins within one list: a city's properties, some written again further down, and neighbours.

The register is empty. What was planted is known, so what waits can be counted.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from bench.matching_rows import Row, misspelt, plain, spoken, told_apart
from etl.sample.properties import Property

_TWIN_SHARE: Final = 0.3
_NEIGHBOUR_SHARE: Final = 0.5


@dataclass(frozen=True)
class Listed:
    """Lines of a list: `number` of the property a line speaks of; null for a neighbour."""

    rows: Sequence[Row]

    def twins(self) -> dict[int, str]:
        """Rows of the sheet that say a property again, by how they are written."""
        seen: set[int] = set()
        found = {}
        for at, row in enumerate(self.rows, start=2):
            if row.number is not None and row.number in seen:
                found[at] = row.written
            if row.number is not None:
                seen.add(row.number)
        return found


def one_list(properties: Sequence[Property], rng: random.Random) -> Listed:
    """All properties, some again in another writing, and neighbours of others."""
    rows = [Row(plain(made), "plain", made.number) for made in properties]
    picked = rng.sample(list(properties), round(len(properties) * _TWIN_SHARE))
    rows += [_again(made, rng) for made in picked]
    for made in rng.sample(list(properties), round(len(properties) * _NEIGHBOUR_SHARE)):
        rows.append(_neighbour(made, rng))
    rows[len(properties) :] = rng.sample(rows[len(properties) :], len(rows) - len(properties))
    return Listed(told_apart(rows))


def _again(made: Property, rng: random.Random) -> Row:
    name, _address, area_code, gross, holder = plain(made)
    street, number = made.lot.street, made.lot.house_number
    township = f"江苏省常州市{made.district.name}示例街道"
    written = {
        "without areas": (name, f"{street}{number}号"),
        "with a township": (name, f"{township}{street}{number}号"),
        "Chinese numerals": (name, f"{street}{spoken(number)}号"),
        "no name": (None, f"{made.district.name}{street}{number}号"),
        "a name behind": (None, f"{street}{number}号（{name}）"),
        "another character": (name, f"{misspelt(street, rng)}{number}号"),
        "a short name": (str(name).removeprefix("常州市"), f"{township}{street}{number}号"),
    }
    how = rng.choice(list(written))
    area = float(str(gross)) * rng.choice([1, 1, 1.003])
    cells = (*written[how], area_code, round(area, 2), rng.choice([holder, holder, None]))
    return Row(cells, how, made.number)


def _neighbour(made: Property, rng: random.Random) -> Row:
    """What stands beside a property in a real list: near it in all but one respect."""
    name, _address, area_code, gross, holder = plain(made)
    street, number = made.lot.street, made.lot.house_number
    township = f"常州市{made.district.name}示例街道{street}"
    area = float(str(gross))
    kinds = {
        "another building": (f"{name}2号楼", f"{township}{number}号2幢", area, holder),
        "a wing": (f"{name}附楼", f"{township}{number}号", area * 0.4, holder),
        "another agency": (None, f"{township}{number}号", area * 0.7, "示例中心另一单位"),
        "the next house": (name, f"{township}{number + 1000}号", area, holder),
        "one plan twice": (None, f"{township}{number + 2000}号", area, holder),
        "a flat": (None, f"{township}{number}号附{rng.randint(2, 9)}", area, holder),
        "a longer range": (None, f"{township}{number}-{number + 2}号", area * 0.5, holder),
    }
    how = rng.choice(list(kinds))
    new_name, address, size, who = kinds[how]
    return Row((new_name, address, area_code, round(size, 2), who), f"neighbour: {how}", None)


def scores(
    listed: Listed, waiting: dict[int, int | None]
) -> tuple[dict[str, float], dict[str, str]]:
    """Precision and recall of the rows that wait, and how many of each writing do.

    Args:
        listed: The list.
        waiting: Row that waits to the row it is said to repeat.
    """
    twins = listed.twins()
    by = dict(enumerate(listed.rows, start=2))
    # Of two rows of one property either may wait.
    right = [
        at for at, other in waiting.items()
        if other in by and by[at].number is not None and by[at].number == by[other].number
    ]  # fmt: skip
    values = {
        "within_precision": round(len(right) / len(waiting), 3) if waiting else 0.0,
        "within_recall": round(len(right) / len(twins), 3),
    }
    beside = {"within, rows": f"{len(by)}, of them {len(twins)} twins"}
    for how in dict.fromkeys(row.written for row in listed.rows):
        of = [at for at, row in by.items() if row.written == how]
        beside[f"within, {how}"] = f"{sum(at in waiting for at in of)} of {len(of)} wait"
    return values, beside
