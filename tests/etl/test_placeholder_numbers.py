"""One certificate number in thousands of rows, where there is none, costs no more than others."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from conftest import Operator
from handed_in import issues_of
from sqlalchemy import Connection, event, text
from sqlalchemy.engine import Engine

from etl.load import LoadOptions, LoadResult, load_file
from gis.db import Database

ROWS = 3_000
NOTHING = "9999"


def ledger(path: Path, first: int, count: int = ROWS, number: str = NOTHING) -> Path:
    lines = ["院落编号,名称,地址坐落,建筑面积,产权证号"]
    lines += [
        f"S{at:07d},示例{at}院,示例{at // 100}路{at % 100 + 1}号,{1000 + at},{number}"
        for at in range(first, first + count)
    ]
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def load(city: Database, operator: Operator, path: Path) -> LoadResult:
    options = LoadOptions(any_area=True, profile="site")
    return load_file(city, path, token=operator.token, options=options)


def told(city: Database, result: LoadResult, rule: str) -> list[tuple[Any, ...]]:
    columns = "row_number, column_header, original, params"
    return sorted(issues_of(city, result, rule, columns=columns), key=lambda one: int(one[0]))


@pytest.fixture
def plans(city: Database) -> Iterator[list[dict[str, Any]]]:
    """The plans of all that the database runs from here on, with the rows that each step met."""
    name = city.admin().url.database
    settings = {
        "session_preload_libraries": "'auto_explain'",
        "auto_explain.log_min_duration": "0",
        "auto_explain.log_analyze": "on",
        "auto_explain.log_timing": "off",
        "auto_explain.log_format": "json",
        "auto_explain.log_level": "notice",
    }
    with city.admin().connect().execution_options(isolation_level="AUTOCOMMIT") as conn:
        for setting, value in settings.items():
            conn.execute(text(f'ALTER DATABASE "{name}" SET {setting} = {value}'))
    city.dispose()
    found: list[dict[str, Any]] = []

    def gather(conn: Connection, *_others: object) -> None:
        server: Any = conn.connection.dbapi_connection
        for notice in server.notices:
            _head, is_plan, written = notice.partition("plan:\n")
            if is_plan:
                found.append(json.loads(written))
        server.notices.clear()

    event.listen(Engine, "after_cursor_execute", gather)
    yield found
    event.remove(Engine, "after_cursor_execute", gather)


def rows_met(node: dict[str, Any]) -> int:
    """The most rows that one step of a plan gave, or looked at and left."""
    own = node["Actual Rows"] + node.get("Rows Removed by Join Filter", 0)
    parts = [rows_met(part) for part in node.get("Plans", [])]
    return max([int(own * node["Actual Loops"]), *parts])


def test_rows_and_places_under_one_placeholder_are_never_set_beside_each_other(
    city: Database, operator: Operator, tmp_path: Path, plans: list[dict[str, Any]]
) -> None:
    assert load(city, operator, ledger(tmp_path / "a.csv", 0)).inserted == ROWS
    plans.clear()
    result = load(city, operator, ledger(tmp_path / "b.csv", ROWS))
    assert (result.inserted, result.waiting) == (ROWS, 0)
    assert len(plans) > 100
    worst = max(plans, key=lambda plan: rows_met(plan["Plan"]))
    assert rows_met(worst["Plan"]) <= 40 * ROWS, worst["Query Text"]
    ((row, header, original, params),) = told(city, result, "certificate.of_many")
    assert (row, header, original) == (2, "产权证号", NOTHING)
    assert (params["rows"], params["count"]) == (ROWS, ROWS)
    assert params["codes"] == "、".join(f"S{at:07d}" for at in range(5))
    assert told(city, result, "certificate.elsewhere") == []


def test_a_number_of_as_many_rows_as_are_asked_about_is_told_row_by_row(
    city: Database, operator: Operator, tmp_path: Path
) -> None:
    load(city, operator, ledger(tmp_path / "a.csv", 0, 6))
    result = load(city, operator, ledger(tmp_path / "b.csv", 6, 5))
    assert [one[0] for one in told(city, result, "certificate.elsewhere")] == [2, 3, 4, 5, 6]
    result = load(city, operator, ledger(tmp_path / "c.csv", 11, 6))
    assert [one[0] for one in told(city, result, "certificate.of_many")] == [2]
