"""House rules that a machine can check."""

import ast
import os
import re
from pathlib import Path

import pytest

from assets.registry import METADATA
from gis.describe import data_model

ROOT = Path(__file__).parents[2]
SOURCES = [
    path
    for package in ("gis", "assets", "etl", "webmap")
    for path in sorted((ROOT / package).rglob("*.py"))
    if "migrations" not in path.parts
]
LONGEST_FILE = 420
LONGEST_FUNCTION = 55


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_files_and_functions_stay_short(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    assert source.count("\n") <= LONGEST_FILE
    long = [
        (node.name, node.end_lineno - node.lineno + 1)
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.FunctionDef)
        and node.end_lineno is not None
        and node.end_lineno - node.lineno + 1 > LONGEST_FUNCTION
    ]
    assert long == []


def test_only_the_file_of_coordinate_systems_names_them() -> None:
    codes = r"(?<![\d_.])(4490|4326|3857|4549|4528|45[0-4]\d)(?![\d_])"
    number, call = re.compile(codes), re.compile(rf"(?i)ST_\w+\([^()]*, ?{codes}")
    naming = [
        str(path.relative_to(ROOT))
        for path in (*SOURCES, *sorted((ROOT / "bench").rglob("*.py")))
        # The second generator of the score shares nothing with the loader.
        if path.name != "crs.py" and "clerks" not in path.parts
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant)
        and (
            (isinstance(node.value, int) and number.fullmatch(str(node.value)))
            or (isinstance(node.value, str) and call.search(node.value))
        )
    ]
    assert naming == []


def test_one_script_names_coordinate_systems() -> None:
    naming = [
        path.name
        for path in sorted((ROOT / "webmap" / "static" / "js").rglob("*.js"))
        if "EPSG:" in path.read_text(encoding="utf-8")
    ]
    assert naming == ["ol.js"]


def test_every_table_says_what_it_is() -> None:
    assert [table.fullname for table in METADATA.tables.values() if not table.comment] == []


def test_the_data_model_document_is_current() -> None:
    written = (ROOT / "docs" / "data-model.md").read_text(encoding="utf-8")
    assert written == data_model(METADATA), "run ./onemap describe"


def test_locks_name_no_host() -> None:
    for name in ("requirements.lock", "package-lock.json"):
        path = ROOT / name
        if path.exists():
            sources = re.findall(
                r'"resolved": "https?://|--index-url|@ https?://', path.read_text("utf-8")
            )
            assert sources == [], name


def test_every_setting_is_documented() -> None:
    read = set(re.findall(r"ONEMAP_[A-Z_]+", (ROOT / "gis" / "settings.py").read_text("utf-8")))
    told = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    assert {name for name in read if name not in told} == set()


def test_no_file_names_a_path_of_one_machine() -> None:
    path_of_a_machine = re.compile(r"(^|[^A-Za-z0-9_.])/(work|farm)/[a-z.]")
    endings = {".py", ".sql", ".md", ".toml", ".js", ".html", ".css", ".json", ".po", ".csv", ""}
    made = {"node_modules", "vendor", ".venv", ".git", "__pycache__", "dist"}
    naming = []
    for folder, folders, names in os.walk(ROOT):
        folders[:] = [name for name in folders if name not in made]
        for name in names:
            path = Path(folder) / name
            if path.suffix in endings and path != Path(__file__):
                text = path.read_text(encoding="utf-8", errors="replace")
                naming += [str(path)] if path_of_a_machine.search(text) else []
    assert naming == []


def test_rows_are_joined_by_equals() -> None:
    # Rows that are merely not distinct cannot be hashed: every row is held against every other.
    whole_rows = re.compile(r"\)\s+IS\s+NOT\s+DISTINCT\s+FROM\s+\(", re.IGNORECASE)
    joining = [
        str(path.relative_to(ROOT))
        for package in ("gis", "assets", "etl", "webmap")
        for ending in ("*.py", "*.sql")
        for path in (ROOT / package).rglob(ending)
        if whole_rows.search(path.read_text(encoding="utf-8"))
    ]
    assert joining == []
