"""A folder of workbooks as clerks hand them in: some clean ones to load first, then the spoilt."""

import csv
from collections.abc import Sequence
from dataclasses import astuple, dataclass, fields
from decimal import Decimal
from pathlib import Path
from typing import Final

import numpy as np
import shapely

from bench.clerks import pages
from bench.clerks.layout import write_text, write_workbook
from bench.clerks.mistakes import Town
from bench.clerks.mistakes_places import all_in_other_datum, other_datum
from bench.clerks.names import DISTRICTS, Body, Papers, bodies
from bench.clerks.page import Page, Planted
from bench.clerks.spoil import spoil
from etl.admin_areas import packaged_city

CITY: Final = "320400"
_COVER: Final = {"示例数据": "本表单位、人员均为虚构", "填表日期": "2025-09-30"}
_ATTEMPTS: Final = 40


@dataclass(frozen=True)
class Written:
    """What was written.

    Args:
        clean: Files to load first, in this order.
        spoilt: Files whose mistakes are known.
        planted: The mistakes.
        data_rows: Rows under a header, per file and sheet.
    """

    clean: tuple[Path, ...]
    spoilt: tuple[Path, ...]
    planted: tuple[Planted, ...]


def write_clerks(folder: Path, *, seed: int, size: int = 80) -> Written:
    """Write a folder; the same seed and size give the same rows and mistakes.

    Args:
        folder: Where; made if missing.
        seed: Another seed gives other bodies, houses and mistakes.
        size: Properties on each sheet, 40 at least, so that each mistake finds rows of its own.
    """
    rng = np.random.default_rng([seed, 20_250_930])
    folder.mkdir(parents=True, exist_ok=True)
    papers, users = Papers(rng), bodies(rng)
    spots = _spots(rng, 6 * size)
    known = pages.directory(users, file="机构名录（本局）.xlsx", has_aliases=True)
    houses = pages.ledger(rng, papers, users, spots, file="已报台账.xlsx", count=size)
    reported = pages.form(rng, papers, users, file="已报统计表.xlsx", count=size)
    clean = []
    for page in (known, houses, reported):
        clean.append(folder / page.file)
        write_workbook(folder / page.file, [page], cover=_cover(page))
    town = Town(users, reported)
    made = [
        *_forms(rng, papers, users, size),
        pages.ledger(rng, papers, users, spots, file="区属房产台账.xlsx", count=2 * size),
        pages.listing(rng, papers, users, spots, file="楼栋导出.csv", count=2 * size),
        pages.directory(users, file="各区报送名录.xlsx", has_aliases=False),
        pages.points(houses, file="现场定位.xlsx", count=size, has_datum=True),
    ]
    for page in made:
        spoil(rng, page, town)
    _relabelled(rng, made[-1], town)
    unlabelled = pages.points(houses, file="手机定位.xlsx", count=size, has_datum=False)
    all_in_other_datum(unlabelled)
    made.append(unlabelled)
    planted: list[Planted] = []
    for page in made:
        _printed(rng, page)
        planted += _write(folder, page)
    _write_truth(folder / "truth.csv", planted)
    return Written(tuple(clean), tuple(folder / page.file for page in made), tuple(planted))


def _forms(
    rng: np.random.Generator, papers: Papers, users: Sequence[Body], size: int
) -> list[Page]:
    """A form of each of two districts, as each fills it."""
    made = []
    for division in ("320412", "320481"):
        mine = [body for body in users if body.division == division]
        page = pages.form(rng, papers, mine, file=f"{DISTRICTS[division]}统计表.xlsx", count=size)
        page.has_counting_row = division == "320481"
        made.append(page)
    return made


def _cover(page: Page) -> dict[str, str]:
    return _COVER if page.has("use_office") else {}


def _write(folder: Path, page: Page) -> list[Planted]:
    if page.file.endswith(".csv"):
        return write_text(folder / page.file, page, encoding="gb18030")
    return write_workbook(folder / page.file, [page], cover=_cover(page))


def _relabelled(rng: np.random.Generator, page: Page, town: Town) -> None:
    for _time in range(4):
        row = page.pick(rng, page.heads(), "spot")
        if row is not None:
            other_datum(rng, page, row, town)


def _printed(rng: np.random.Generator, page: Page) -> None:
    """Subtotals between the rows and a header that printing repeats; never inside a property."""
    if not page.has("gross", "number"):
        return
    starts = [at for at in page.heads() if at > 5]
    for at in sorted(rng.choice(starts, 3, replace=False).tolist(), reverse=True):
        _insert_total(page, int(at), ("小计", "小  计", "本页小计")[int(rng.integers(3))])
    _insert_total(page, len(page.rows), ("合计", "总计")[int(rng.integers(2))])
    if not page.user_keys:
        totals = page.total_rows
        page.header_again = [at for at in (len(page.rows) // 2,) if at not in totals]


def _insert_total(page: Page, at: int, word: str) -> None:
    cells: list[object] = [None] * len(page.columns)
    cells[0 if len(word) > 2 else 1] = word
    figures = [page.get(row, "gross") for row in range(at)]
    cells[page.at("gross")] = sum(
        (figure for figure in figures if isinstance(figure, Decimal)), Decimal(0)
    )
    page.rows.insert(at, cells)
    page.things.insert(at, max(page.things) + 1)
    page.marks = [
        (row if row is None or row < at else row + 1, key, kind) for row, key, kind in page.marks
    ]
    page.total_rows = {row if row < at else row + 1 for row in page.total_rows} | {at}


def _spots(rng: np.random.Generator, each: int) -> pages.Spots:
    """Points well inside each district."""
    found: pages.Spots = {}
    for area in packaged_city(CITY):
        if area.code not in DISTRICTS or area.outline is None:
            continue
        inner = area.outline.buffer(-0.01)
        west, south, east, north = inner.bounds
        x = rng.uniform(west, east, each * _ATTEMPTS)
        y = rng.uniform(south, north, each * _ATTEMPTS)
        inside = np.flatnonzero(shapely.contains_xy(inner, x, y))[:each]
        found[area.code] = [(float(x[at]), float(y[at])) for at in inside]
    return found


def _write_truth(path: Path, planted: Sequence[Planted]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([one.name for one in fields(Planted)])
        writer.writerows(astuple(one) for one in planted)
