"""The form of the national survey, written out cell by cell: what stands where, over what."""

import io
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

import pytest
from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from assets.estate.reports import Survey, SurveyProject, SurveyProperty, SurveyUnit
from etl.export.survey import Filer, survey_workbook

BEFORE = {
    "A2:A4": "序号",
    "B2:B4": "地址坐落",
    "C2:C4": "行政区划代码",
    "D2:D4": "用地面积（m²）",
    "E2:E4": "总建筑面积（m²）",
    "F2:F4": "办公用房建筑面积（m²）",
    "G2:G4": "技术业务用房建筑面积（m²）",
    "H3:H4": "单位名称",
    "I3:I4": "类别",
}
UNITS = "使用单位（多个单位填多条）及批复编制情况（人）"
RANKS = "按编制部门正式批复的各职级编制数"
USABLE = "基本办公用房使用面积（m²）"
AROUND_FIVE_RANKS = {
    "H2:N2": UNITS,
    "J3:N3": RANKS,
    "O2:R2": USABLE,
    "O3:O4": "办公室",
    "P3:P4": "服务用房",
    "Q3:Q4": "设备用房",
    "R3:R4": "合计",
    "S2:S4": "附属用房建筑面积（m²）",
    "T2:T4": "权属登记情况",
    "U2:U4": "建设年代",
    "V2:V4": "是否为租（借）用",
    "W2:W4": "备注",
}
OFFICE_SHEETS: Mapping[str, Mapping[str, str]] = {
    "市（州、盟）办公用房": {
        "A1:W1": "市（州、盟）办公用房信息统计表",
        **BEFORE,
        **AROUND_FIVE_RANKS,
        "J4": "市级正职",
        "K4": "市级副职",
        "L4": "正局（处）级",
        "M4": "副局（处）级",
        "N4": "局（处）级以下",
    },
    "县（区、旗）办公用房": {
        "A1:W1": "县（区、旗）办公用房信息统计表",
        **BEFORE,
        **AROUND_FIVE_RANKS,
        "J4": "县级正职",
        "K4": "县级副职",
        "L4": "正科级",
        "M4": "副科级",
        "N4": "科级以下",
    },
    "乡（镇）办公用房": {
        "A1:U1": "乡（镇）办公用房信息统计表",
        **BEFORE,
        "H2:L2": UNITS,
        "J3:L3": RANKS,
        "J4": "乡级正职",
        "K4": "乡级副职",
        "L4": "乡级以下",
        "M2:P2": USABLE,
        "M3:M4": "办公室",
        "N3:N4": "服务用房",
        "O3:O4": "设备用房",
        "P3:P4": "合计",
        "Q2:Q4": "附属用房建筑面积（m²）",
        "R2:R4": "权属登记情况",
        "S2:S4": "建设年代",
        "T2:T4": "是否为租（借）用",
        "U2:U4": "备注",
    },
}
TECHNICAL = {
    "A1:I1": "技术业务用房信息统计表",
    "A2": "序号",
    "B2": "地址坐落",
    "C2": "行政区划代码",
    "D2": "用地面积（m²）",
    "E2": "建筑面积（m²）",
    "F2": "主要使用单位",
    "G2": "权属登记情况",
    "H2": "建设年代（年）",
    "I2": "备注",
}
PROJECTS = {
    "A1:I1": "办公用房建设项目信息统计表",
    "A2": "序号",
    "B2": "项目名称",
    "C2": "审批部门",
    "D2": "建设单位",
    "E2": "主要使用单位",
    "F2": "地址坐落",
    "G2": "建设规模（m²）",
    "H2": "估算投资（万元）",
    "I2": "备注",
}
COVER = ("行政区划名称", "行政区划级别", "行政区划代码", "填表人单位，姓名", "联系电话", "填表日期")
AREAS = {
    "land": Decimal("9000.01"), "gross": Decimal("5000.02"), "office_gross": Decimal("4000.03"),
    "technical_gross": Decimal("999.99"), "office_usable": Decimal("1500.04"),
    "service_usable": Decimal("300.05"), "equipment_usable": Decimal("60.06"),
    "usable": Decimal("1860.15"), "ancillary_gross": Decimal("200.07"),
}  # fmt: skip
RANK_CODES = {
    "city": ("city_chief", "city_deputy", "bureau_chief", "bureau_deputy", "bureau_below"),
    "county": ("county_chief", "county_deputy", "section_chief", "section_deputy", "section_below"),
    "town": ("town_chief", "town_deputy", "town_below"),
}


def a_property(level: str) -> SurveyProperty:
    """One of two units, with a figure in every column."""
    ranks = RANK_CODES[level]
    posts = {rank: at for at, rank in enumerate(ranks, start=1)}
    return SurveyProperty(
        place_id=1, code=f"Y{level}", reporter_code="320400", level=level, address="示例路1号",
        admin_area_code="320402", areas=AREAS,
        units=(SurveyUnit("示例一局", "党委机关", posts), SurveyUnit("示例二局", None, {})),
        ownership_title="已登记", year_built=1998, is_leased_in=False, remark="示例数据",
        has_shape=True, has_title=True,
    )  # fmt: skip


def workbook_sheets(level: str, *levels: str) -> Sequence[Worksheet]:
    project = SurveyProject(
        code="X1", reporter_code="320400", name="示例业务用房", approving_body="示例发改委",
        builder_name="示例建设处", user_name="示例一局", address="示例路9号",
        planned_area_m2=Decimal("12000.50"), estimated_cost_yuan=Decimal("34567800.00"),
        remark=None,
    )  # fmt: skip
    survey = Survey(
        reporter_code="320400", reporter_name="示例市", level=level, as_of=date(2026, 9, 30),
        properties=tuple(a_property(one) for one in levels), uses_unverified=False,
        projects=(project,),
    )  # fmt: skip
    made = survey_workbook(survey, Filer("示例处 示例人", "0519-00000000"))
    book = load_workbook(io.BytesIO(made))
    assert book.worksheets[-1].sheet_state == "veryHidden"
    return book.worksheets[:-1]


def headers(sheet: Worksheet, rows: int) -> dict[str, str]:
    """Every cell of the first rows that says anything, by the range it is merged over."""
    merged = {str(one).split(":")[0]: str(one) for one in sheet.merged_cells.ranges}
    return {
        merged.get(cell.coordinate, cell.coordinate): str(cell.value)
        for row in sheet.iter_rows(max_row=rows)
        for cell in row
        if cell.value is not None
    }


@pytest.mark.parametrize(
    ("level", "levels"), [("city", ("city",)), ("county", ("county", "town")), ("county", ())]
)
def test_every_sheet_is_the_form_cell_by_cell(level: str, levels: tuple[str, ...]) -> None:
    cover, *office, technical, projects = workbook_sheets(level, *levels)
    assert cover.title == "行政区划"
    labels = [row[0] for row in cover.iter_rows(min_row=2, max_row=7, values_only=True)]
    assert tuple(labels) == COVER
    expected = {
        "city": "市（州、盟）办公用房",
        "county": "县（区、旗）办公用房",
        "town": "乡（镇）办公用房",
    }  # fmt: skip
    assert [sheet.title for sheet in office] == [expected[one] for one in levels or (level,)]
    for sheet in office:
        assert headers(sheet, 4) == OFFICE_SHEETS[sheet.title]
    assert (technical.title, headers(technical, 2)) == ("技术业务用房", TECHNICAL)
    assert (projects.title, headers(projects, 2)) == ("办公用房建设项目", PROJECTS)


@pytest.mark.parametrize("level", ["city", "county"])
def test_the_cover_names_the_filer(level: str) -> None:
    cover = workbook_sheets(level)[0]
    said = [row[1] for row in cover.iter_rows(min_row=2, max_row=7, values_only=True)]
    title = {"city": "市（州、盟）", "county": "县（区、旗）"}[level]
    assert said == ["示例市", title, "320400", "示例处 示例人", "0519-00000000", "2026-09-30"]


@pytest.mark.parametrize("level", ["city", "county", "town"])
def test_data_begin_in_the_fifth_row_each_figure_under_its_header(level: str) -> None:
    sheets = workbook_sheets("city" if level == "city" else "county", level)
    sheet = next(one for one in sheets if one["B5"].value == "示例路1号")
    ranks = len(RANK_CODES[level])
    first, second = sheet.iter_rows(min_row=5, max_row=6, values_only=True)
    middle = ["示例一局", "党委机关", *range(1, ranks + 1)]
    assert list(first) == [
        1, "示例路1号", "320402", 9000.01, 5000.02, 4000.03, 999.99, *middle,
        1500.04, 300.05, 60.06, 1860.15, 200.07, "已登记", 1998, "否", "示例数据",
    ]  # fmt: skip
    assert list(second) == [None] * 7 + ["示例二局", None] + [0] * ranks + [None] * 9
    columns = sheet.max_column
    spanned = {*range(1, 8), *range(columns - 8, columns + 1)}
    merged = {one.min_col for one in sheet.merged_cells.ranges if one.min_row == 5}
    assert merged == spanned
    assert {one.max_row for one in sheet.merged_cells.ranges if one.min_row == 5} == {6}


def test_technical_premises_and_projects_stand_under_their_headers() -> None:
    *_, technical, projects = workbook_sheets("city", "city")
    assert next(technical.iter_rows(min_row=3, values_only=True)) == (
        1, "示例路1号", "320402", 9000.01, 999.99, "示例一局", "已登记", 1998, "示例数据",
    )  # fmt: skip
    # The cost in 万元.
    assert next(projects.iter_rows(min_row=3, values_only=True)) == (
        1, "示例业务用房", "示例发改委", "示例建设处", "示例一局", "示例路9号",
        12000.5, 3456.78, None,
    )  # fmt: skip
    for sheet in (technical, projects):
        assert [str(one) for one in sheet.merged_cells.ranges] == ["A1:I1"]
