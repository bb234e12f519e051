"""Sheets as offices build them: headers are found, totals and notes are out, groups are kept."""

from decimal import Decimal
from pathlib import Path

import geopandas as gpd
import openpyxl
import pandas as pd
import shapely

from assets.estate.contracts import CONTRACTS
from etl.header_block import find_mapping
from etl.limits import Limits
from etl.pack import load_pack
from etl.read import read_source
from etl.table import Table, table_of_grid

PACK = load_pack()


def _tables(path: Path) -> list[Table]:
    source = read_source(path, limits=Limits())
    found = []
    for grid in source.grids:
        mapping = find_mapping(grid, CONTRACTS, PACK, file=path.name)
        if mapping:
            found.append(
                table_of_grid(grid, mapping, PACK, file=path.name, codes=source.place_codes)
            )
    return found


def _ledger(path: Path) -> Path:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["事业单位房产台账（示例数据）"])
    sheet.append(["填报单位：某局   面积单位：平方米"])
    sheet.append(["序号", "资产编号", "房屋坐落", "面积（万㎡）", None, "权属证明", None, "备注"])
    sheet.append([None, None, None, "占地面积", "建筑面积", "房产证号", "土地证号", None])
    sheet.append([1, 2, 3, 4, 5, 6, 7, 8])
    sheet.append([1, "SYFC-1", "甲路1号", 0.1, 0.2, "A1", "T1", None])
    sheet.append(["小计", None, None, 0.1, 0.2, None, None, None])
    sheet.append([2, "SYFC-2", "乙路2号", 0.3, 0.4, "A2", "T2", "合计另报"])
    sheet.append(["合  计", None, None, 0.4, 0.6, None, None, None])
    sheet.append(["注：示例数据。"])
    for cells in ("A1:H1", "A2:H2", "A3:A4", "B3:B4", "C3:C4", "D3:E3", "F3:G3", "H3:H4"):
        sheet.merge_cells(cells)
    book.save(path)
    return path


def test_titles_notes_totals_and_column_numbers_are_no_data(tmp_path: Path) -> None:
    [table] = _tables(_ledger(tmp_path / "ledger.xlsx"))
    assert table.contract.name == "property"
    assert table.rows.tolist() == [6, 8]
    assert table.cells["asset_card_code"].tolist() == ["SYFC-1", "SYFC-2"]
    assert table.header("gross_area") == "面积（万㎡）/建筑面积"


def test_the_unit_of_a_group_header_holds_for_its_columns(tmp_path: Path) -> None:
    [table] = _tables(_ledger(tmp_path / "ledger.xlsx"))
    assert table.factor("gross_area") == Decimal(10000)
    assert table.factor("land_area") == Decimal(10000)


def test_an_agency_added_under_merged_cells_belongs_to_the_property_above(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in (
        ["序号", "地址坐落", "总建筑面积（m²）", "使用单位"],
        [1, "甲路1号", 100, "财政局"],
        [None, None, None, "税务局"],
        [None, None, None, "审计局"],
        [2, "乙路2号", 50, "档案室"],
        [None, None, None, "史志办"],
        [3, "丙路3号", 60, None],
        [None, None, 70, None],
    ):
        sheet.append(row)
    sheet.merge_cells("A2:A3")
    book.save(tmp_path / "a.xlsx")
    [table] = _tables(tmp_path / "a.xlsx")
    # What names no agency either is a thing of its own.
    assert table.group.tolist() == [2, 2, 2, 5, 5, 7, 8]


def test_agencies_of_one_property_stay_together_without_merged_cells(tmp_path: Path) -> None:
    path = tmp_path / "flat.csv"
    path.write_text(
        "序号,地址坐落,总建筑面积（m²）,使用单位,,备注\n"
        ",,,单位名称,类别,\n"
        "1,甲路1号,100,财政局,机关本级,好\n"
        ",,,税务局,派出机构,\n"
        "2,乙路2号,50,档案室,参公事业,\n",
        encoding="utf-8-sig",
    )
    [table] = _tables(path)
    assert table.rows.tolist() == [3, 4, 5]
    assert table.group.tolist() == [3, 3, 5]
    assert table.cells["address"].tolist() == ["甲路1号", "甲路1号", "乙路2号"]
    assert table.cells["unit_name"].tolist() == ["财政局", "税务局", "档案室"]


def test_gb18030_and_bom_are_read_alike(tmp_path: Path) -> None:
    text = "计量点编号,能源种类,表号\nJL-1,电,㐀123\n"
    (tmp_path / "one.csv").write_text(text, encoding="gb18030")
    (tmp_path / "two.csv").write_text(text, encoding="utf-8-sig")
    one, two = (_tables(tmp_path / name)[0].cells for name in ("one.csv", "two.csv"))
    pd.testing.assert_frame_equal(one, two)
    assert one["meter_no"].tolist() == ["㐀123"]


def test_a_shapefile_in_gbk_without_cpg_reads_its_chinese(tmp_path: Path) -> None:
    path = tmp_path / "宗地.shp"
    gpd.GeoDataFrame(
        {"ZL": ["常州市天宁区"], "ZDMJ": [1.5]}, geometry=[shapely.box(0, 0, 1, 1)], crs=4490
    ).to_file(path, encoding="GBK")
    path.with_suffix(".cpg").unlink()
    [layer] = read_source(path).layers
    assert layer.attributes["ZL"].tolist() == ["常州市天宁区"]


def test_every_layer_of_a_geopackage_is_read(tmp_path: Path) -> None:
    path = tmp_path / "two.gpkg"
    for layer in ("院落", "建筑"):
        gpd.GeoDataFrame({"要素编号": ["A"]}, geometry=[shapely.Point(1, 2)], crs=4490).to_file(
            path, layer=layer
        )
    assert [layer.name for layer in read_source(path).layers] == ["院落", "建筑"]


def test_place_codes_of_our_own_export_come_back_by_row(tmp_path: Path) -> None:
    path = _ledger(tmp_path / "own.xlsx")
    book = openpyxl.load_workbook(path)
    hidden = book.create_sheet("onemap")
    for row in (["sheet", "row", "place_code"], ["Sheet", 8, "Y2"], ["Sheet", 6, "Y1"]):
        hidden.append(row)
    hidden.sheet_state = "veryHidden"
    book.save(path)
    [table] = _tables(path)
    assert table.place_codes is not None
    assert table.place_codes.tolist() == ["Y1", "Y2"]


def test_marks_inside_quoted_cells_do_not_decide_what_stands_between_cells(tmp_path: Path) -> None:
    path = tmp_path / "quoted.csv"
    path.write_text('楼栋编号,楼栋名称\nB1,"甲;乙;丙|""丁"";戊"\n', "utf-8")
    cells = read_source(path).grids[0].cells
    assert list(cells.iloc[1]) == ["B1", '甲;乙;丙|"丁";戊']
