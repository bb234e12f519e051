"""Doubtful matches: known twins and true newcomers of the sample city, told apart by the loader.

The register holds nine tenths of the city's properties from one list. A second list brings every
one of them again, written another way each time, and the tenth that is new, among them neighbours
that differ by a house number, a side of the street or a building only.
"""

import random
import time
from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import openpyxl
from sqlalchemy import text

from bench.database import bench_cluster, own_database
from bench.matching_rows import Row, misspelt, plain, spoken, told_apart
from bench.result import Context, Figures
from bench.within import one_list, scores
from etl.admin_areas import packaged_city, save_areas
from etl.load import LoadResult, load_file
from etl.options import LoadOptions
from etl.sample.city import build_city
from etl.sample.properties import Property
from etl.sample.quantities import SEED
from gis.db import Database, Role, transaction
from gis.rights import actions as rights_actions

_CITY: Final = "320400"
_HEADERS: Final = ("院落名称", "坐落", "行政区划代码", "总建筑面积（㎡）", "使用单位")
_NEW_SHARE: Final = 0.1
_NEIGHBOUR_SHARE: Final = 0.5
_HOLDER_SHARE: Final = 0.7
_SHEET: Final = "房产"


def run(context: Context) -> Figures:
    """The figures of `bench matching`."""
    city = build_city(1.0, SEED, lambda _step, _share: None)
    rng = random.Random(SEED)
    properties = list(city.properties)
    rng.shuffle(properties)
    cut = round(len(properties) * _NEW_SHARE)
    new, known = properties[:cut], properties[cut:]
    rows = told_apart([twin(made, rng) for made in known] + newcomers(new, known, rng))
    with (
        TemporaryDirectory() as folder,
        bench_cluster(context.state_dir).running() as cluster,
        own_database(cluster, "onemap_bench_matching") as database,
    ):
        with transaction(database.engine(Role.OWNER), None) as conn:
            save_areas(conn, packaged_city(_CITY))
        first = _book(Path(folder) / "first.xlsx", [plain(made) for made in known])
        _load(database, first)
        second = _book(Path(folder) / "second.xlsx", [row.cells for row in rows])
        started = time.perf_counter()
        loaded = _load(database, second)
        seconds = time.perf_counter() - started
        found = _asked(database, loaded)
        truth = _truth(database, known)
        listed = one_list(properties, rng)
        with own_database(cluster, "onemap_bench_within") as empty:
            third = _book(Path(folder) / "third.xlsx", [row.cells for row in listed.rows])
            waiting = _waiting(empty, _load(empty, third))
    figures = _figures(rows, found, truth, seconds)
    values, beside = scores(listed, waiting)
    return Figures({**figures.values, **values}, {**figures.beside, **beside})


def twin(made: Property, rng: random.Random) -> Row:
    """A known property as another office writes it."""
    written = rng.choice(list(_WRITTEN))
    name, address, area_code, gross, holder = plain(made)
    name, address = _WRITTEN[written](str(name), made, rng)
    area = rng.choice([float(str(gross)), round(float(str(gross))), float(str(gross)) * 1.05])
    if rng.random() > _HOLDER_SHARE:
        holder = None
    return Row((name, address, area_code, round(area, 2), holder), written, made.number)


def _street(made: Property) -> str:
    return made.lot.street


_Writer = Callable[[str, Property, random.Random], tuple[str | None, str | None]]
_WRITTEN: Final[dict[str, _Writer]] = {
    "without areas": lambda _n, m, _r: (None, f"{_street(m)}{m.lot.house_number}号"),
    "with a township": lambda n, m, _r: (
        n, f"江苏省常州市{m.district.name}示例街道{_street(m)}{m.lot.house_number}号"),
    "Chinese numerals": lambda _n, m, _r: (None, f"{_street(m)}{spoken(m.lot.house_number)}号"),
    "another character": lambda _n, m, r: (
        None, f"{misspelt(_street(m), r)}{m.lot.house_number}号"),
    "a name behind": lambda n, m, _r: (None, f"{_street(m)}{m.lot.house_number}号（{n}）"),
    "no house number": lambda n, m, _r: (n, f"{m.district.name}{_street(m)}"),
    "a name alone": lambda n, _m, _r: (n.removeprefix("常州市"), None),
    "another name": lambda n, m, _r: (f"{n[-4:]}大楼", f"{_street(m)} {m.lot.house_number} 號"),
}  # fmt: skip


def newcomers(new: Sequence[Property], known: Sequence[Property], rng: random.Random) -> list[Row]:
    """The tenth nobody knows, as it is written, and neighbours of known ones."""
    addresses = {made.address for made in known}
    rows = [Row(plain(made), "new", None) for made in new if made.address not in addresses]
    taken = {(made.lot.street, made.lot.house_number) for made in (*known, *new)}
    for made in rng.sample(known, round(len(known) * _NEIGHBOUR_SHARE)):
        number = made.lot.house_number
        other = rng.choice([
            f"{_street(made)}{number + 2}号", f"{_street(made)}{str(number)[::-1]}1号",
            f"{_street(made)}{number}号{rng.randint(2, 9)}幢", f"{_street(made)}{number + 1}号甲",
        ])  # fmt: skip
        if (made.lot.street, number + 2) in taken:
            continue
        cells = (None, other, made.district.division_code, made.gross / 100 * 0.6, None)
        rows.append(Row(cells, "neighbour", None))
    return rows


def _book(path: Path, rows: Sequence[tuple[Any, ...]]) -> Path:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = _SHEET
    for row in (_HEADERS, *rows):
        sheet.append(row)
    book.save(path)
    return path


def _load(database: Database, path: Path) -> LoadResult:
    with transaction(database.engine(Role.OWNER), None) as owner:
        account_id = rights_actions.ensure_account(owner, "bench", [rights_actions.EVERYTHING])
        token = rights_actions.open_session(owner, account_id, lifetime=timedelta(hours=2))
    return load_file(database, path, token=token, options=LoadOptions())


def _waiting(database: Database, loaded: LoadResult) -> dict[int, int | None]:
    """Rows that wait, and the row of their sheet they are said to repeat."""
    with database.engine(Role.OWNER).connect() as conn:
        rows = conn.execute(
            text("SELECT row_number, other_row FROM staging.match_question WHERE load_id = :id"),
            {"id": loaded.load_id},
        )
        return {row.row_number: row.other_row for row in rows}


def _asked(database: Database, loaded: LoadResult) -> dict[int, list[int]]:
    """Candidates of each row that waits, best first."""
    asked: dict[int, list[int]] = {}
    with database.engine(Role.OWNER).connect() as conn:
        for row in conn.execute(text(_ASKED), {"load_id": loaded.load_id}):
            asked.setdefault(row.row_number, []).append(row.place_id)
    return asked


_ASKED: Final = """
SELECT row_number, place_id FROM staging.match_candidate WHERE load_id = :load_id
ORDER BY row_number, score DESC, place_id
"""


def _truth(database: Database, known: Sequence[Property]) -> dict[int, int]:
    with database.engine(Role.OWNER).connect() as conn:
        places = {
            row.address: row.place_id
            for row in conn.execute(text("SELECT address, place_id FROM place.place"))
        }
    return {made.number: places[made.address] for made in known if made.address in places}


def _figures(
    rows: Sequence[Row], found: dict[int, list[int]], truth: dict[int, int], seconds: float
) -> Figures:
    twins = [at for at, row in enumerate(rows, start=2) if row.number in truth]
    by = {at: rows[at - 2] for at in range(2, len(rows) + 2)}
    right = [at for at in twins if truth[by[at].number or 0] in found.get(at, [])]
    first = [at for at in right if found[at][0] == truth[by[at].number or 0]]
    asked = len(found)
    values = {
        "precision": round(len(right) / asked, 3) if asked else 0.0,
        "recall": round(len(right) / len(twins), 3),
        "right_one_first": round(len(first) / max(1, len(right)), 3),
    }
    beside = {"rows": f"{len(rows)}, of them {len(twins)} twins; {seconds:.1f} s"}
    for written in dict.fromkeys(row.written for row in rows):
        of = [at for at, row in by.items() if row.written == written]
        hit = sum(at in found for at in of)
        beside[written] = f"{hit} of {len(of)} wait"
    return Figures(values, beside)
