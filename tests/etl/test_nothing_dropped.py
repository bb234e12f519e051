"""A cell that says something is in the register afterwards, or kept with its row, or told."""

import csv
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Final

import pytest
from sqlalchemy import Connection, text

from assets.domain import Column, ColumnContract, ColumnType
from assets.estate.contracts import CONTRACTS
from etl.admin_areas import packaged_city, save_areas
from etl.load import LoadOptions, LoadResult, load_file
from etl.pack import load_pack
from gis.db import Database, Role
from tests.conftest import open_operator

PACK: Final = load_pack()
CONTRACT: Final = {one.name: one for one in CONTRACTS}
SAYS_SO: Final = ("column.", "merge.", "unit.", "owner.", "parent.", "match.", "title.", "lineage.",
                "identifier.", "headcount.differs", "area.certificate_parts_differ",
                "area.unknown_code", "succession.share_unfit", "person.")  # fmt: skip
"""Rules that tell what became of a cell; that a figure looks odd says nothing of it."""
NO_VALUE: Final = frozenset({"sequence_no", "secrecy", "datum", "piece_kind"})
"""They number rows, seal them, or say how what stands in them is read."""
PARENTS: Final = frozenset(
    {"building_code", "site_code", "floor_code", "place_code", "section_code"}
)
POSITION: Final = {"longitude": "119.95", "latitude": "31.78"}
COMMON: Final = (ColumnType.ENUM, ColumnType.INTEGER, ColumnType.YEAR, ColumnType.BOOLEAN)
"""What stands in many a column: such a value is kept where its own column has it."""
HOMES: Final = {"unit_type": "category_code", "admin_level": "level_code", "post_rank": "rank_code",
                "change_kind": "kind", "place_kind": "kind"}  # fmt: skip
LINEAGE: Final = frozenset({"split_from", "merged_from", "rebuilt_from"})


@dataclass(frozen=True)
class Cell:
    """What is written in a cell and how the register says it."""

    field: str
    word: str
    written: str
    kept: str
    column: Column


def _word(contract: ColumnContract, field: str) -> str | None:
    for name, word in PACK.headers:
        meant = PACK.headers.get((contract.name, word), PACK.headers.get(("*", word)))
        # A unit among the words would turn the figure into another.
        if name in (contract.name, "*") and meant == field and "squarefeet" not in word:
            return word
    return None


def _fields(contract: ColumnContract) -> Iterator[tuple[str, Column]]:
    for column in contract.columns:
        if not column.is_keyed:
            yield column.field, column
            continue
        keyed = {found for found in PACK.headers.values() if found.startswith(f"{column.field}.")}
        for field in sorted(keyed)[:3]:
            yield field, column


def _value(
    contract: ColumnContract, field: str, column: Column, *, at: int, turn: int
) -> tuple[str, str]:
    """A value that stands nowhere else, as written and as kept.

    `at` counts the values made. Of terms and yes or no there are few: the next row, by `turn`, says
    another than the one before.
    """
    if field in POSITION:
        return POSITION[field], ""
    if column.enum:
        terms = sorted(set(PACK.enums[column.enum].values()))
        term = column.true_value or terms[(sum(map(ord, field)) + turn) % len(terms)]
        word = next(word for word, found in PACK.enums[column.enum].items() if found == term)
        return word, term
    match column.type:
        case ColumnType.NUMBER:
            factor = 100 if column.unit == "yuan" else 1
            number = 0.25 if field == "share" else 3000 + at + 0.25
            return str(number), f"{number:g}" if factor == 1 else str(number)
        case ColumnType.INTEGER:
            return str(100 + at % 1000), str(100 + at % 1000)
        case ColumnType.YEAR:
            return str(1950 + at % 70), str(1950 + at % 70)
        case ColumnType.DATE:
            day = str(date(2019, 1, 1) + timedelta(days=at % 2000))
            return day, day
        case ColumnType.BOOLEAN:
            return ("是", "true") if turn % 2 else ("否", "false")
        case ColumnType.CODE:
            code = f"91320402MA{at:08d}" if column.check == "credit_code" else f"K{at:07d}"
            return code, code
    written = f"{contract.name}某{field}第{at}"
    return written, written


def _cells(contract: ColumnContract, *, start: int, fixed: dict[str, str]) -> list[Cell]:
    """A row with every column that the layout knows a header of."""
    cells = []
    for at, (field, column) in enumerate(_fields(contract), start):
        word = _word(contract, field)
        if word is None or field in NO_VALUE | LINEAGE | {"position"}:
            continue
        written, kept = _value(contract, field, column, at=at, turn=start // 200)
        if field in PARENTS:
            written = kept = "P1" if field == "building_code" else ""
        if field in fixed:
            written = kept = fixed[field]
        if written:
            cells.append(Cell(field, word, written, kept, column))
    return cells


def _write(path: Path, row: list[Cell]) -> None:
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file).writerows(
            [[cell.word for cell in row], [cell.written for cell in row]],
        )


@dataclass(frozen=True)
class City:
    database: Database
    token: str

    def load(self, path: Path, profile: str, as_of: str | None = None) -> LoadResult:
        chosen = LoadOptions(
            any_area=True,
            datum="CGCS2000",
            profile=profile,
            as_of=date.fromisoformat(as_of) if as_of else None,
        )
        return load_file(self.database, path, token=self.token, options=chosen)

    def silent(self, result: LoadResult, row: list[Cell]) -> list[str]:
        with self.database.engine(Role.OWNER).connect() as conn:
            return sorted(_silent(conn, result, row))


def _city(database: Database) -> City:
    with database.engine(Role.OWNER).begin() as conn:
        save_areas(conn, packaged_city("320400"))
    return City(database, open_operator(database).token)


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return f"{value:.10g}"
    return str(value)


def _said(conn: Connection) -> dict[str, set[str]]:
    """Every value in the register by column, and every cell of the rows that did not reach it."""
    tables = conn.execute(
        text(
            "SELECT table_schema || '.' || quote_ident(table_name)"
            " FROM information_schema.tables"
            " WHERE table_schema IN ('place', 'organization', 'estate')"
            " AND table_type = 'BASE TABLE' AND table_name NOT LIKE 'drawn_%'"
            " AND (table_schema, table_name) NOT IN (('place', 'term'), ('place', 'admin_area'))"
        )
    ).scalars()
    found: dict[str, set[str]] = {}
    for table in tables.all():
        rows = conn.execute(text(f"SELECT to_jsonb(r) - 'geom' - 'anchor' FROM {table} AS r"))
        for row in rows.scalars():
            for name, value in row.items():
                if value is not None:
                    found.setdefault(name, set()).add(_plain(value))
            if "people" in row:
                found.setdefault(f"people {row['kind']}", set()).add(_plain(row["people"]))
    cells = "SELECT key, value FROM staging.held_row CROSS JOIN LATERAL jsonb_each_text(cells)"
    for row in conn.execute(text(cells)):
        found.setdefault(f"held {row.key}", set()).add(row.value)
    return found


def _home(cell: Cell) -> str:
    """The column of the register that a cell goes to, as `_said` names it."""
    where, _dot, name = (cell.column.stores or "").partition(".")
    return f"people {name}" if where == "headcount" else name or HOMES.get(cell.field, "")


def _silent(conn: Connection, result: LoadResult, cells: list[Cell]) -> set[str]:
    """Fields whose value is neither in the register nor kept with its row nor told."""
    told = conn.execute(
        text("SELECT rule, column_header, original FROM staging.issue WHERE load_id = :load_id"),
        {"load_id": result.load_id},
    ).all()
    told = [one for one in told if one.rule.startswith(SAYS_SO)]
    columns = {one.column_header for one in told if one.original is None}
    originals = {(one.column_header, one.original) for one in told}
    said = _said(conn)
    anywhere = set().union(*said.values())
    silent = set()
    for cell in cells:
        if cell.field in POSITION:
            continue
        own = said.get(_home(cell), set())
        if cell.column.true_value or cell.column.type in COMMON:
            kept = "true" if cell.column.true_value else cell.kept
            is_kept = kept in own or cell.written in said.get(f"held {cell.word}", set())
        else:
            is_kept = bool({cell.kept, cell.written} & anywhere)
        if (
            not is_kept
            and cell.word not in columns
            and (
                (cell.word, cell.written) not in originals
                and (cell.word, cell.kept) not in originals
            )
        ):
            silent.add(cell.field)
    return silent


ABOVE: Final = "楼栋编号,楼栋名称,建筑面积\nP1,甲楼,1000\n"


@pytest.fixture(scope="module")
def register(
    make_database: Callable[[str], Database], tmp_path_factory: pytest.TempPathFactory
) -> City:
    """A city with one building, that others may hang in."""
    return _city_with_a_building(
        make_database("onemap_kept"), tmp_path_factory.mktemp("above") / "above.csv"
    )


def _city_with_a_building(database: Database, path: Path) -> City:
    city = _city(database)
    path.write_text(ABOVE, "utf-8")
    assert city.load(path, "building").inserted == 1
    return city


ALONE: Final = frozenset({"site", "building", "property", "parcel"})
"""In one register they would be taken for what resembles them, and wait."""


@pytest.fixture
def city(
    request: pytest.FixtureRequest,
    register: City,
    make_database: Callable[[str], Database],
    tmp_path: Path,
) -> City:
    """A register for the test's kinds of sheet: one of its own, or the one that parts share."""
    names = [str(one) for one in request.node.callspec.params.values()]
    if ALONE.isdisjoint(names):
        return register
    alone = make_database(f"onemap_kept_{'_'.join(names)}")
    return _city_with_a_building(alone, tmp_path / "above.csv")


@pytest.mark.parametrize("name", CONTRACT)
def test_every_cell_of_a_new_row_is_in_the_register_or_told(
    city: City, tmp_path: Path, name: str
) -> None:
    start = 1000 * (1 + list(CONTRACT).index(name))
    row = _cells(CONTRACT[name], start=start, fixed={"division_code": "320402"})
    _write(tmp_path / "all.csv", row)
    result = city.load(tmp_path / "all.csv", name)
    assert result.rows == 1
    assert city.silent(result, row) == []


SAME: Final = ("property", "site", "building", "structure", "parcel", "floor", "room", "section",
               "housing_unit", "metering_point", "project")  # fmt: skip
ACROSS: Final = (
    ("property", "technical_premises"),
    ("property", "building"),
    ("property", "site"),
    ("property", "coordinates"),
    ("site", "property"),
    ("building", "property"),
)
PAIRS: Final = (*((name, name) for name in SAME), *ACROSS)
"""A kind of sheet, and the one that then speaks of the same thing otherwise."""
KEYS: Final = {"division_code": "320402", "address": "测试路9号", "project_name": "工程",
              "builder_name": "建设单位甲"}  # fmt: skip


@pytest.mark.parametrize(("first", "second"), PAIRS, ids=str)
def test_every_cell_that_differs_from_what_is_known_is_in_the_register_or_told(
    city: City, tmp_path: Path, first: str, second: str
) -> None:
    keys = KEYS | ({"code": f"X{first}".upper()} if first == second else {})
    keys |= {"address": f"测试路{100 + list(CONTRACT).index(first)}号"}
    # A building on a property with a place is a part of it, and no other word for it.
    keys |= {"place_kind": "site" if first == "property" else "building"}
    at = 1000 * (1 + list(CONTRACT).index(first))
    known, other = (
        _cells(CONTRACT[name], start=start, fixed=keys)
        for name, start in ((first, at + 200), (second, at + 400))
    )
    if first != second:
        # Two asset cards are two properties: another list knows the place by its address.
        known, other = (
            [cell for cell in row if not cell.field.startswith("asset_card")]
            for row in (known, other)
        )
    _write(tmp_path / "first.csv", known)
    assert city.load(tmp_path / "first.csv", first).inserted == 1
    _write(tmp_path / "second.csv", other)
    result = city.load(tmp_path / "second.csv", second)
    assert result.inserted == 0
    assert city.silent(result, other) == []


@pytest.mark.parametrize("linked", [False, True])
def test_what_a_directory_says_of_a_known_body_is_in_it_or_told(
    register: City, tmp_path: Path, *, linked: bool
) -> None:
    city = register
    credit_code = f"91320402MA1234567{linked:d}"
    known = _cells(
        CONTRACT["organization"], start=50_000 + 1000 * linked, fixed={"credit_code": credit_code}
    )
    _write(tmp_path / "first.csv", known)
    assert city.load(tmp_path / "first.csv", "organization").inserted == 1
    keys = {"linked_credit_code" if linked else "credit_code": credit_code}
    for step, as_of in ((201, None), (401, "2026-06-30"), (601, "2025-06-30")):
        start = 50_000 + 1000 * linked + step
        row = _cells(CONTRACT["organization"], start=start, fixed=keys)
        _write(tmp_path / f"{start}.csv", row)
        result = city.load(tmp_path / f"{start}.csv", "organization", as_of=as_of)
        assert city.silent(result, row) == []
