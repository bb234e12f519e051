"""Columns matched to no field are told once each, and their cells of held rows are kept."""

import json
from pathlib import Path

import pytest
from sqlalchemy import text

from etl.load import LoadOptions, load_file
from gis.db import Database, Role
from tests.conftest import Operator

FLOORS = """建筑编号,层号,层名,从没见过的列,空着的列,备忘甲,备忘甲
D9999,1,1F,朝南,,一,二
D9999,2,2F, ,,三,
"""


def test_each_is_listed_with_its_filled_cells_and_kept_of_the_rows_that_did_not_load(
    city: Database, operator: Operator, tmp_path: Path
) -> None:
    (tmp_path / "a.csv").write_text(FLOORS, "utf-8")
    result = load_file(city, tmp_path / "a.csv", token=operator.token)
    assert (result.rows, result.rejected) == (2, 2)
    with city.engine(Role.OWNER).connect() as conn:
        told = conn.execute(
            text(
                "SELECT row_number, column_header, column_number, severity, params"
                " FROM staging.issue WHERE load_id = :id AND rule = 'column.unknown'"
                " ORDER BY column_number"
            ),
            {"id": result.load_id},
        ).all()
        held = conn.execute(
            text(
                "SELECT cells FROM staging.held_row WHERE load_id = :id ORDER BY row_number LIMIT 1"
            ),
            {"id": result.load_id},
        ).scalar_one()
    assert [tuple(one) for one in told] == [
        (0, "从没见过的列", 4, "warn", {"count": 1}),
        (0, "备忘甲", 6, "warn", {"count": 2}),
        (0, "备忘甲 [7]", 7, "warn", {"count": 1}),
    ]
    assert held == {
        "建筑编号": "D9999", "层号": "1", "层名": "1F", "从没见过的列": "朝南", "空着的列": None,
        "备忘甲": "一", "备忘甲 [7]": "二",
    }  # fmt: skip


@pytest.mark.parametrize("value", [[1, 2], {"a": [1]}, True, 7, 1.5, "字", None])
def test_a_layers_values_of_any_form_are_kept(
    city: Database, operator: Operator, tmp_path: Path, value: object
) -> None:
    ring = [[119.9, 31.8], [119.901, 31.8], [119.901, 31.801], [119.9, 31.8]]
    feature = {
        "type": "Feature",
        "properties": {"楼层编号": "F1", "层号": "1", "建筑编号": "X9", "标签": value},
        "geometry": {"type": "Polygon", "coordinates": [ring]},
    }
    path = tmp_path / "层.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}), "utf-8")
    options = LoadOptions(any_area=True, datum="CGCS2000")
    result = load_file(city, path, token=operator.token, options=options)
    assert result.rejected == 1
    with city.engine(Role.OWNER).connect() as conn:
        cells = conn.execute(text("SELECT cells FROM staging.held_row")).scalar_one()
    assert (cells["标签"] is None) == (value is None)
