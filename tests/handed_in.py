"""Small files as offices hand them in, and the register's state before and after a load."""

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import geopandas as gpd
import openpyxl
import shapely
from sqlalchemy import text

from etl.load import LoadOptions, LoadResult, load_file
from gis.db import Database, Role, transaction
from gis.rights import actions as rights_actions
from gis.rights.actions import Grant
from tests.conftest import Operator

COUNTED = (
    "place.place", "place.site", "place.building", "place.room", "place.floor", "place.identifier",
    "place.title", "place.title_place", "place.area_measure", "place.counted_area",
    "place.place_version", "place.former_parent", "place.stated_days",
    "organization.organization_version", "organization.organization",
    "organization.organization_name", "organization.headcount",
    "organization.organization_register", "organization.succession", "estate.holding",
    "estate.holding_party", "estate.sharer", "estate.holding_leaf", "estate.construction_project",
    "estate.asset_card",
    "organization.headcount_total", "rights.cell", "rights.scope_cell", "rights.scope_group",
)  # fmt: skip


def register_state(database: Database) -> dict[str, str]:
    """A digest of every table an undo must restore, row by row."""
    with database.engine(Role.OWNER).connect() as conn:
        return {
            name: conn.execute(
                text(
                    "SELECT count(*) || coalesce(md5(string_agg(r, '|' ORDER BY r)), '')"
                    f" FROM (SELECT t::text AS r FROM {name} AS t) AS rows"
                )
            ).scalar_one()
            for name in COUNTED
        }


def hand_in(
    database: Database, operator: Operator, path: Path, words: str, **options: Any
) -> LoadResult:
    """Load a text file of these words; places outside the registered areas are expected."""
    path.write_text(words, "utf-8")
    chosen = LoadOptions(any_area=True, **options)
    return load_file(database, path, token=operator.token, options=chosen)


def hand_in_twice(
    database: Database, operator: Operator, path: Path, words: str, **options: Any
) -> tuple[LoadResult, LoadResult]:
    """Two loads of one file; the second leaves every table as it was."""
    first = hand_in(database, operator, path, words, **options)
    before = register_state(database)
    second = hand_in(database, operator, path, words, **options)
    assert register_state(database) == before
    assert (second.inserted, second.updated) == (0, 0)
    return first, second


def rows_of(database: Database, query: str, **values: object) -> list[tuple[Any, ...]]:
    """What a query finds, as its owner sees it."""
    with database.engine(Role.OWNER).connect() as conn:
        return [tuple(row) for row in conn.execute(text(query), values)]


def issues_of(
    database: Database,
    result: LoadResult,
    *rules: str,
    columns: str = "rule, row_number, column_header, original, params",
) -> list[tuple[Any, ...]]:
    """What a load told, in its order; of some rules only, where any are named."""
    return rows_of(
        database,
        f"SELECT {columns} FROM staging.issue WHERE load_id = :id"
        " AND (rule = ANY (:rules) OR :rules = '{}') ORDER BY issue_number",
        id=result.load_id,
        rules=list(rules),
    )


def history_of_load(database: Database, load_id: int | None) -> dict[str, int]:
    """Lines of history by table that a load wrote."""
    with database.engine(Role.OWNER).connect() as conn:
        tables = conn.execute(
            text(
                "SELECT table_name FROM information_schema.columns"
                " WHERE table_schema = 'history' AND column_name = 'history_load_id'"
            )
        ).scalars()
        lines = {
            table: conn.execute(
                text(f"SELECT count(*) FROM history.{table} WHERE history_load_id = :load_id"),
                {"load_id": load_id},
            ).scalar_one()
            for table in tables.all()
        }
    assert "place_place" in lines
    return {table: count for table, count in lines.items() if count}


def footprints(path: Path, count: int = 3, **columns: list[object]) -> Path:
    boxes = [
        shapely.box(119.9 + n / 1000, 31.8, 119.9 + n / 1000 + 0.0005, 31.8005)
        for n in range(count)
    ]
    rows = {"要素编号": [f"D{n:04d}" for n in range(count)], **columns}
    gpd.GeoDataFrame(rows, geometry=boxes, crs=4490).to_file(path, layer="建筑")
    return path


def national_form(path: Path, *, second_unit: str = "税务局") -> Path:
    """The national form with a property over two agency rows and one over one."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "县（区、旗）办公用房"
    sheet.append(["县（区、旗）办公用房信息统计表"])
    single = ["序号", "地址坐落", "行政区划代码", "用地面积（m²）", "总建筑面积（m²）",
              "办公用房建筑面积（m²）", "技术业务用房建筑面积（m²）"]  # fmt: skip
    tail = ["附属用房建筑面积（m²）", "权属登记情况", "建设年代", "是否为租（借）用", "备注"]
    group = "使用单位（多个单位填多条）及批复编制情况（人）"
    ranks = ["县级正职", "县级副职", "正科级", "副科级", "科级以下"]
    usable = "基本办公用房使用面积（m²）"
    sheet.append([*single, group, *[None] * 6, usable, None, None, None, *tail])
    sheet.append(
        [None] * 7 + ["单位名称", "类别", "按编制部门正式批复的各职级编制数"] + [None] * 4
        + ["办公室", "服务用房", "设备用房", "合计"]
    )  # fmt: skip
    sheet.append([None] * 9 + ranks)
    one = [1, "常州市天宁区甲路1号", "320402", 900, 1500.5, 1200.5, 300]
    rest = [400, 200, 100, 700, 50, "已登记", 1998, "否", "集中管理"]
    sheet.append([*one, "财政局", "机关本级", 0, 1, 2, 3, 4, *rest])
    sheet.append([None] * 7 + [second_unit, "机关本级", 0, 0, 1, 1, 2])
    two = [2, "常州市天宁区乙路2号", "320402", 100, 200, 200, 0]
    sheet.append(
        [
            *two,
            "档案室",
            "参公事业",
            0,
            0,
            0,
            1,
            1,
            50,
            20,
            10,
            80,
            5,
            "未登记",
            "80年代",
            "否",
            None,
        ]
    )
    sheet.merge_cells("A1:W1")
    for column in "ABCDEFG":
        sheet.merge_cells(f"{column}2:{column}4")
        sheet.merge_cells(f"{column}5:{column}6")
    for column in "OPQRSTUVW":
        sheet.merge_cells(f"{column}5:{column}6")
    sheet.merge_cells("H2:N2")
    sheet.merge_cells("O2:R2")
    sheet.merge_cells("J3:N3")
    book.save(path)
    return path


def projects_form(
    path: Path,
    *rows: Sequence[object],
    area: str | None = "320402",
    cost_header: str = "估算投资（万元）",
) -> Path:
    """The sheet of building projects with the form's cover; rows without their sequence number."""
    book = openpyxl.Workbook()
    cover = book.active
    cover.title = "行政区划"
    cover.append(["行政区划名称", "示例区"])
    cover.append(["行政区划代码", area])
    cover.append(["填表日期", "2026-03-01"])
    sheet = book.create_sheet("办公用房建设项目")
    sheet.append(["办公用房建设项目信息统计表"])
    sheet.append(["序号", "项目名称", "审批部门", "建设单位", "主要使用单位", "地址坐落",
                  "建设规模（m²）", cost_header, "备注"])  # fmt: skip
    for number, row in enumerate(rows, start=1):
        sheet.append([number, *row])
    book.save(path)
    return path


def open_account(database: Database, name: str, *grants: Grant) -> str:
    """A session token of an account with exactly these grants."""
    with transaction(database.engine(Role.OWNER), None) as owner:
        account_id = rights_actions.ensure_account(owner, name, list(grants))
        return rights_actions.open_session(owner, account_id, lifetime=timedelta(hours=1))
