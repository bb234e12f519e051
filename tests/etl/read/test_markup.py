"""What other systems hand out under the name of an xls: pages with tables, workbooks in XML."""

import datetime as dt
from pathlib import Path

import openpyxl
import pytest

from etl.export.marked import write_marked
from etl.issues import IssueList, Severity
from etl.limits import Limits
from etl.read import read_source
from gis.errors import SourceError

PAGE = """<html xmlns:x="urn:schemas-microsoft-com:office:excel"><head>
<meta http-equiv=Content-Type content="text/html; charset={charset}">
<style>td {{ mso-number-format:"\\@"; }}</style><title>导出</title></head><body>
<p>系统导出</p><table border=1>
<tr><th colspan=3>房产清单 &amp; 说明</th></tr>
<tr><th>建筑编号<th>名称<th>建筑面积</tr>
<tr><td rowspan=2>0012</td><td>办公<br>楼<script>alert(1)</script></td><td>&nbsp;1,200.50 </td></tr>
<tr><td>  附属
 用房</td><td>=1+1</td></tr>
</table></body></html>"""
CELLS = [
    ["房产清单 & 说明", None, None],
    ["建筑编号", "名称", "建筑面积"],
    ["0012", "办公\n楼", "1,200.50"],
    [None, "附属 用房", "=1+1"],
]
XML = """<?xml version="1.0" encoding="UTF-8"?><?mso-application progid="Excel.Sheet"?>
<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"
 xmlns:x="urn:schemas-microsoft-com:office:excel"
 xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet">
<Worksheet ss:Name="房产"><Table>
<Row><Cell ss:MergeAcross="1"><Data ss:Type="String">房产清单</Data></Cell></Row>
<Row ss:Index="3"><Cell><Data ss:Type="String">建筑编号</Data></Cell>
<Cell ss:Index="3"><Data ss:Type="String">建筑面积</Data></Cell>
<Cell><Data ss:Type="String">建成日期</Data></Cell></Row>
<Row><Cell><Data ss:Type="String">0012</Data></Cell><Cell/>
<Cell><Data ss:Type="Number">1200.5</Data></Cell>
<Cell><Data ss:Type="DateTime">1998-05-01T00:00:00.000</Data></Cell></Row></Table></Worksheet>
<Worksheet ss:Name="底稿"><Table><Row><Cell><Data ss:Type="Boolean">1</Data></Cell></Row></Table>
<WorksheetOptions xmlns="urn:schemas-microsoft-com:office:excel"><Visible>SheetHidden</Visible>
</WorksheetOptions></Worksheet></Workbook>"""


@pytest.mark.parametrize("charset", ["utf-8", "gb2312"])
@pytest.mark.parametrize("suffix", [".xls", ".html", ".htm"])
def test_the_table_of_a_page_reads_as_its_reader_sees_it(
    tmp_path: Path, charset: str, suffix: str
) -> None:
    path = tmp_path / f"export{suffix}"
    path.write_bytes(PAGE.format(charset=charset).encode(charset))
    [grid] = read_source(path).grids
    assert grid.cells.to_numpy().tolist() == CELLS
    assert grid.merges == (((0, 0), (0, 2)), ((2, 0), (3, 0)))
    assert (grid.name, grid.is_hidden) == (None, False)


def test_tables_of_a_page_are_told_apart_and_one_inside_a_cell_is_its_own(tmp_path: Path) -> None:
    page = (
        "<table><tr><td>外<table><tr><td>内</table>层</td></tr></table><table></table>"
        "<TABLE><tbody><td>甲<td>乙<tr><td>丙</TABLE>"
    )
    (tmp_path / "x.xls").write_text(page, "utf-8")
    grids = read_source(tmp_path / "x.xls").grids
    assert [(grid.name, grid.cells.to_numpy().tolist()) for grid in grids] == [
        ("1", [["外层"]]), ("2", [["内"]]), ("3", [["甲", "乙"], ["丙", None]]),
    ]  # fmt: skip


@pytest.mark.parametrize("suffix", [".xls", ".xml"])
@pytest.mark.parametrize("declared", [' encoding="UTF-8"', ""])
def test_a_workbook_in_xml_keeps_types_places_and_hidden_sheets(
    tmp_path: Path, suffix: str, declared: str
) -> None:
    (tmp_path / f"x{suffix}").write_text(XML.replace(' encoding="UTF-8"', declared), "utf-8")
    shown, hidden = read_source(tmp_path / f"x{suffix}").grids
    assert shown.cells.to_numpy().tolist() == [
        ["房产清单", None, None, None], [None] * 4, ["建筑编号", None, "建筑面积", "建成日期"],
        ["0012", None, 1200.5, dt.date(1998, 5, 1)],
    ]  # fmt: skip
    assert shown.merges == (((0, 0), (0, 1)),)
    assert (shown.name, shown.is_hidden) == ("房产", False)
    assert (hidden.name, hidden.is_hidden, hidden.cells.to_numpy().tolist()) == (
        "底稿", True, [[True]],
    )  # fmt: skip


@pytest.mark.parametrize(
    ("content", "key"),
    [
        (XML.replace("<Workbook ", '<!DOCTYPE a [<!ENTITY b "c">]><Workbook ', 1),
         "load.document_type"),
        (XML[:-30], "load.truncated"),
        (XML.replace('ss:Index="3"><Cell>', 'ss:Index="999999999"><Cell>'), "load.too_many_rows"),
        (XML.replace('ss:MergeAcross="1"', 'ss:MergeAcross="999999999"'), "load.too_many_columns"),
        ("<table>" + "<tr><td>a</td></tr>" * 60 + "</table>", "load.too_many_rows"),
        ("<table><tr>" + "<td>a</td>" * 60 + "</tr></table>", "load.too_many_columns"),
    ],
)  # fmt: skip
def test_markup_over_a_ceiling_or_damaged_is_refused(
    tmp_path: Path, content: str, key: str
) -> None:
    (tmp_path / "x.xls").write_text(content, "utf-8")
    with pytest.raises(SourceError) as caught:
        read_source(tmp_path / "x.xls", limits=Limits(max_rows=50, max_columns=50))
    assert caught.value.key == key


def test_spans_that_claim_the_world_end_with_their_table(tmp_path: Path) -> None:
    page = "<table><tr><td rowspan=999999999>甲<td>乙<tr><td>丙</table>"
    (tmp_path / "x.xls").write_text(page, "utf-8")
    [grid] = read_source(tmp_path / "x.xls").grids
    assert grid.cells.to_numpy().tolist() == [["甲", "乙"], [None, "丙"]]
    assert grid.merges == (((0, 0), (1, 0)),)


def test_a_page_comes_back_marked_as_a_workbook_of_its_cells(tmp_path: Path) -> None:
    path = tmp_path / "导出.xls"
    path.write_text(PAGE.format(charset="utf-8"), "utf-8")
    issues = IssueList()
    issues.know_columns(None, {"名称": 2})
    issues.add(
        sheet=None, rows=[3], column="名称", rule="required.missing", severity=Severity.REJECT
    )
    made = write_marked(path, issues.frame(), tmp_path / "made", language="zh")
    sheet = openpyxl.load_workbook(made).worksheets[0]
    assert (sheet["A3"].value, sheet["C4"].value, sheet["C4"].data_type) == ("0012", "=1+1", "s")
    assert sheet["B3"].comment is not None
    assert [str(one) for one in sheet.merged_cells.ranges] == ["A1:C1", "A3:A4"]
