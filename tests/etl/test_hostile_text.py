"""Statements, markup and formulas in any text cell of any layout stay the text they are."""

import csv
import io
import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final

import geopandas
import openpyxl
import pandas as pd
import pytest
from openpyxl.worksheet.worksheet import Worksheet
from sqlalchemy import Connection, text

from assets.domain import ColumnContract, ColumnType
from assets.estate.contracts import CONTRACTS
from assets.estate.reports import surveys
from assets.registry import LAYERS
from etl.admin_areas import packaged_city, save_areas
from etl.export.layers import FORMATS, Export, export_layer, layer_named
from etl.export.survey import survey_workbook
from etl.load import LoadOptions, LoadResult, load_file
from etl.pack import load_pack
from gis.db import Database, Role, transaction
from gis.tiles import TileAddress, tile
from tests.conftest import open_operator

HOSTILE: Final = (
    "'); DROP TABLE place.place; -- <img src=x onerror=alert(1)> ${x} {0} %s :x \\",
    '=HYPERLINK("http://x";"y")&cmd|\' /C calc\'!A0 <script>alert(1)</script>$$;',
)
NO_FIELD: Final = "从没见过的列"
PACK: Final = load_pack()
DAY: Final = date(2026, 9, 30)

LISTS_OF_CODES: Final = {"split_from", "merged_from", "rebuilt_from", "former_names"}
"""One cell names several: each is looked up or kept by itself."""
STAYS_IN_STAGING: Final = {
    "succession", "post", "technical_premises", "coordinates", "lease_in",
}  # fmt: skip
"""Their rows mean bodies or places that the register does not know; all their cells are kept."""


def _word(contract: ColumnContract, field: str) -> str | None:
    for (name, word), found in PACK.headers.items():
        if found == field and name in (contract.name, "*"):
            return word
    return None


def _plain(contract: ColumnContract, field: str, at: int) -> str:
    """A cell that is not a text: as harmless as can be."""
    column = next(one for one in contract.columns if one.field == field)
    if field in {"building_code", "site_code", "floor_code", "place_code", "section_code"}:
        return "P1"
    if column.enum:
        return next(iter(PACK.enums[column.enum]))
    return {
        ColumnType.CODE: f"K{contract.name}{field}{at}",
        ColumnType.INTEGER: str(3 + at),  # a floor is told by its level
        ColumnType.NUMBER: "100",
        ColumnType.YEAR: "1998",
        ColumnType.DATE: "2026-01-01",
        ColumnType.BOOLEAN: "是",
        ColumnType.COORDINATE: "31.8" if field == "latitude" else "119.9",
    }[column.type]


def _rows(contract: ColumnContract) -> list[dict[str, str]]:
    """Two rows with every text field hostile, and what else the layout is known by."""
    texts = {one.field for one in contract.columns if one.type is ColumnType.TEXT}
    needed = {one.field for one in contract.columns if one.is_required}
    # A column that stands for another is itself only beside that one.
    needed |= {one.stands_for for one in contract.columns if one.stands_for}
    for alternatives in contract.key_fields:
        needed.add(next(field for field in alternatives if _word(contract, field)))
    if contract.place is not None and contract.place.is_parent_required:
        needed.add("building_code")
    rows = []
    for at, hostile in enumerate(HOSTILE):
        row = {field: f"{hostile}{contract.name}.{field}{at}" for field in texts}
        # A piece of a list of names becomes a name; it must not be that of another row's body.
        row |= {field: f"{contract.name}{row[field]}" for field in texts & LISTS_OF_CODES}
        row |= {field: _plain(contract, field, at) for field in needed - texts}
        rows.append({field: row[field] for field in sorted(row) if _word(contract, field)})
    return rows


def _write(path: Path, contract: ColumnContract, rows: list[dict[str, str]]) -> None:
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([*(_word(contract, field) for field in rows[0]), NO_FIELD])
        writer.writerows([*row.values(), _unknown(at)] for at, row in enumerate(rows))


def _unknown(at: int) -> str:
    return f"{HOSTILE[at]}unknown{at}"


def _texts(conn: Connection) -> set[str]:
    """Every text in a column of the register, and every cell of the rows that did not reach it."""
    columns = conn.execute(
        text(
            "SELECT quote_ident(table_schema) || '.' || quote_ident(table_name), column_name"
            " FROM information_schema.columns JOIN information_schema.tables"
            " USING (table_schema, table_name)"
            " WHERE table_schema IN ('place', 'organization', 'estate')"
            " AND table_type = 'BASE TABLE' AND table_name NOT LIKE 'drawn_%'"
            " AND data_type IN ('text', 'character varying')"
        )
    ).all()
    found: set[str] = set()
    for table, column in columns:
        found |= set(conn.execute(text(f'SELECT DISTINCT "{column}" FROM {table}')).scalars())
    cells = "SELECT value FROM staging.held_row CROSS JOIN LATERAL jsonb_each_text(cells)"
    return found | set(conn.execute(text(cells)).scalars())


NAMES_NOBODY_KNOWS: Final = {"unit.unknown", "parent.not_found", "unit.linked_not_found"}


@dataclass(frozen=True)
class Told:
    """What the list of a load says is not in the register: headers of columns, and cells."""

    columns: set[str]
    cells: set[str]


def _told(conn: Connection, load_id: int | None) -> Told:
    found = conn.execute(
        text("SELECT rule, column_header, original FROM staging.issue WHERE load_id = :load_id"),
        {"load_id": load_id},
    ).all()
    columns = {one.column_header for one in found if one.rule.startswith("column.")}
    return Told(columns, {one.original for one in found if one.rule in NAMES_NOBODY_KNOWS})


@dataclass(frozen=True)
class City:
    database: Database
    token: str

    def load(self, path: Path, **options: Any) -> LoadResult:
        chosen = LoadOptions(any_area=True, datum="CGCS2000", **options)
        return load_file(self.database, path, token=self.token, options=chosen)


def _city(database: Database) -> City:
    with database.engine(Role.OWNER).begin() as conn:
        save_areas(conn, packaged_city("320400"))
    return City(database, open_operator(database).token)


@pytest.fixture(scope="module")
def register(
    make_database: Callable[[str], Database], tmp_path_factory: pytest.TempPathFactory
) -> City:
    """A city with one building, that others may hang in."""
    city = _city(make_database("onemap_hostile"))
    above = tmp_path_factory.mktemp("above") / "above.csv"
    above.write_text("楼栋编号,楼栋名称,建筑面积\nP1,甲楼,1000\n", "utf-8")
    assert city.load(above, profile="building").inserted == 1
    return city


@pytest.mark.parametrize("contract", CONTRACTS, ids=lambda contract: contract.name)
def test_every_text_field_of_a_layout_keeps_its_text_byte_for_byte(
    register: City,
    make_database: Callable[[str], Database],
    tmp_path: Path,
    contract: ColumnContract,
) -> None:
    # In one register they would be taken for what resembles them, and wait.
    has_own = contract.name in {"site", "building", "structure"}
    city = _city(make_database(f"onemap_hostile_{contract.name}")) if has_own else register
    rows = _rows(contract)
    _write(tmp_path / "hostile.csv", contract, rows)
    result = city.load(tmp_path / "hostile.csv", profile=contract.name)
    assert result.rows == len(HOSTILE)
    assert result.inserted == (0 if contract.name in STAYS_IN_STAGING else len(HOSTILE))
    written = {
        cell: field
        for row in rows
        for field, cell in row.items()
        if HOSTILE[0] in cell or HOSTILE[1] in cell
        if field not in LISTS_OF_CODES | {"sequence_no"}
    }
    assert written
    with city.database.engine(Role.OWNER).connect() as conn:
        told, kept = _told(conn, result.load_id), _texts(conn)
        # What the register does not carry, the load says: of the cell, or once of the column.
        silent = {
            field
            for cell, field in written.items()
            if cell not in kept | told.cells and _word(contract, field) not in told.columns
        }
        assert silent == set()
        assert NO_FIELD in told.columns
        if contract.name in STAYS_IN_STAGING:
            assert {_unknown(at) for at in range(len(HOSTILE))} <= kept
        assert conn.execute(text("SELECT count(*) FROM place.place")).scalar_one() >= 1


@pytest.mark.parametrize(
    ("name", "body"), [("succession", "successor_name"), ("post", "unit_name")]
)
def test_what_is_said_of_a_known_body_is_in_the_register_or_told(
    make_database: Callable[[str], Database], tmp_path: Path, name: str, body: str
) -> None:
    city = _city(make_database(f"onemap_hostile_known_{name}"))
    (tmp_path / "body.csv").write_text("单位名称,机构类型\n甲局,机关本级\n", "utf-8")
    assert city.load(tmp_path / "body.csv").inserted == 1
    contract = next(one for one in CONTRACTS if one.name == name)
    rows = [{**row, body: "甲局"} for row in _rows(contract)]
    if name == "succession":
        rows = [{**row, "changed_on": "2026-01-01"} for row in rows]
    _write(tmp_path / "hostile.csv", contract, rows)
    result = city.load(tmp_path / "hostile.csv", profile=name)
    assert result.inserted == len(HOSTILE)
    fields = {cell: field for row in rows for field, cell in row.items() if cell[:5] in _BEGINNINGS}
    with city.database.engine(Role.OWNER).connect() as conn:
        told, kept = _told(conn, result.load_id), _texts(conn)
        assert conn.execute(text("SELECT count(*) FROM staging.held_row")).scalar_one() == 0
    assert fields
    assert {
        field
        for cell, field in fields.items()
        if cell not in kept and _word(contract, field) not in told.columns
    } <= {"sequence_no"}


_BEGINNINGS: Final = {words[:5] for words in HOSTILE}


@pytest.fixture(scope="module")
def hostile_city(
    make_database: Callable[[str], Database], tmp_path_factory: pytest.TempPathFactory
) -> City:
    """A property and a building for each hostile text, which is their every word."""
    city, folder = _city(make_database("onemap_hostile_city")), tmp_path_factory.mktemp("city")
    rows = [
        (at, words, "320402", words, "机关本级", words, 1000) for at, words in enumerate(HOSTILE)
    ]
    with (folder / "a.csv").open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file).writerows(
            [
                (
                    "序号",
                    "地址坐落",
                    "行政区划代码",
                    "使用单位",
                    "类别",
                    "备注",
                    "总建筑面积（m²）",
                ),
                *rows,
            ]
        )
    with (folder / "b.csv").open("w", encoding="utf-8-sig", newline="") as file:
        named = [(f"H{at}", words, words, 119.9, 31.8) for at, words in enumerate(HOSTILE)]
        csv.writer(file).writerows([("楼栋编号", "楼栋名称", "备注", "经度", "纬度"), *named])
    for name in ("a.csv", "b.csv"):
        assert city.load(folder / name).inserted == len(HOSTILE)
    return city


def _strings(sheet: Worksheet) -> set[tuple[str, str]]:
    cells = (cell for row in sheet.iter_rows() for cell in row)
    return {(cell.value, cell.data_type) for cell in cells if cell.value in HOSTILE}


def test_the_survey_says_it_as_text(hostile_city: City) -> None:
    with transaction(hostile_city.database.engine(Role.WEB), hostile_city.token) as conn:
        (filed,) = surveys(conn, DAY)
    book = openpyxl.load_workbook(io.BytesIO(survey_workbook(filed)))
    sheet = book["县（区、旗）办公用房"]
    assert _strings(sheet) == {(words, "s") for words in HOSTILE}
    for row in sheet.iter_rows(min_row=5, max_row=6, values_only=True):
        address, *_ = said = [cell for cell in row if cell in HOSTILE]
        assert said == [address] * 3


# What a map in one file makes of it is seen in a browser: tests/webmap/browser/test_offline_map.py.
@pytest.mark.parametrize("file_format", [one for one in FORMATS if one != "html"])
def test_a_layer_taken_away_says_it_as_text(
    hostile_city: City, tmp_path: Path, file_format: str
) -> None:
    with transaction(hostile_city.database.engine(Role.WEB), hostile_city.token) as conn:
        export = Export(layer_named("building"), DAY, file_format, "zh")
        path, _ = export_layer(conn, export, tmp_path)
    if file_format == "xlsx":
        sheet = openpyxl.load_workbook(path).active
        assert isinstance(sheet, Worksheet)
        assert _strings(sheet) == {(words, "s") for words in HOSTILE}
        return
    if file_format == "csv":
        with path.open(encoding="utf-8-sig", newline="") as file:
            cells = {cell for row in csv.reader(file) for cell in row}
        # A spreadsheet would run what begins with a sign of equality.
        assert {HOSTILE[0], f"'{HOSTILE[1]}"} <= cells
        assert HOSTILE[1] not in cells
        return
    if file_format == "parquet":
        assert set(geopandas.read_parquet(path)["name"]) == set(HOSTILE)
        return
    layers = geopandas.list_layers(path)["name"]
    names = pd.concat([geopandas.read_file(path, layer=layer)["name"] for layer in layers])
    assert set(names) == set(HOSTILE)


def test_a_tile_says_it_as_text(hostile_city: City) -> None:
    layer = next(one for one in LAYERS if one.name == "building")
    side, row = 1 << 15, math.asinh(math.tan(math.radians(31.8))) / math.pi
    address = TileAddress(
        "building", 15, int((119.9 + 180) / 360 * side), int((1 - row) / 2 * side), DAY
    )
    with transaction(hostile_city.database.engine(Role.WEB), hostile_city.token) as conn:
        content = tile(conn, layer, address, today=DAY)
    for words in HOSTILE:
        assert words.encode() in content
