"""Plants mistakes in the register, the housing ledger and the plain lists."""

import numpy as np

from etl.datum import gcj02_to_bd09
from etl.sample.agencies import Bodies
from etl.sample.lists import degrees_minutes_seconds
from etl.sample.mistakes_common import plant_areas, plant_division_numbers
from etl.sample.spoil import with_letter_for_digit, with_wrong_check
from etl.sample.tables import EXTRA, REJECT, REPAIR, SKIP, WARN, Cell, Planter, Sheet

_IMPOSSIBLE = (("0", "0"), ("1199.7", "31.8"), ("119.97", "-318.1"))


def plant_register(planter: Planter, sheets: list[Sheet]) -> None:
    """Mistakes of the first two sheets; the extra bodies over one another must wait."""
    agencies, services = sheets[0], sheets[1]
    _plant_cycle(planter, agencies)
    for sheet in (agencies, services):
        code = "统一社会信用代码"
        planter.spoil(
            sheet, code, 0.01, with_wrong_check, as_class=9, rule="code.check", outcome=WARN
        )
        planter.spoil(
            sheet, code, 0.006, with_letter_for_digit, as_class=9, rule="code.letter", outcome=WARN
        )
        plant_division_numbers(planter, sheet, 0.008)
        planter.spoil(
            sheet,
            "单位名称",
            0.008,
            lambda name: f"{name} ",
            as_class=2,
            rule="name.spaces",
            outcome=REPAIR,
        )
        planter.spoil(
            sheet,
            "实有人数",
            0.008,
            lambda people: f"{people}人",
            as_class=5,
            rule="count.unit_in_cell",
            outcome=REPAIR,
        )
        planter.spoil(
            sheet,
            "编外人员",
            0.006,
            lambda people: people + 0.5,
            as_class=5,
            rule="count.fraction",
            outcome=WARN,
        )
    planter.spoil(
        agencies,
        "编制人数",
        0.01,
        lambda people: people + 3,
        as_class=5,
        rule="count.ranks_differ",
        outcome=WARN,
    )


def _plant_cycle(planter: Planter, sheet: Sheet) -> None:
    """Two bodies, each the other's superior."""
    names = ("常州市示例循环一署", "常州市示例循环二署")
    for name, superior in (names, names[::-1]):
        row: list[Cell] = list(sheet.rows[0])
        for title, cell in (
            ("序号", "补"),
            ("单位名称", name),
            ("单位简称", None),
            ("曾用名", None),
            ("统一社会信用代码", None),
            ("上级单位", superior),
        ):
            row[sheet.column(title)] = cell
        place = sheet.add(row, EXTRA)
        planter.note(
            sheet,
            place,
            "上级单位",
            superior,
            "",
            as_class=9,
            rule="parent.cycle",
            outcome=REJECT,
        )


def plant_housing(planter: Planter, sheet: Sheet) -> None:
    """Mistakes of the housing ledger; repeated homes stand before the total row."""
    grand, kind = sheet.rows.pop(), sheet.kinds.pop()
    planter.repeat(sheet, "房屋编号", 0.001, rule="row.duplicate_code")
    sheet.add(grand, kind)
    planter.note(sheet, len(sheet.rows) - 1, "序号", "合计", "", as_class=1, rule="row.total",
                 outcome=SKIP)  # fmt: skip
    plant_areas(planter, sheet, "建筑面积", 0.004)
    gross = sheet.column("建筑面积")
    plain = [row for row in sheet.data_positions() if isinstance(sheet.rows[row][gross], float)]
    for row in planter.pick(sheet, 0.003, among=plain):
        wrong = round(float(sheet.rows[row][gross] or 0) * 1.1, 2)
        planter.plant(
            sheet, row, "使用面积", wrong, as_class=4, rule="area.usable_over_gross", outcome=WARN
        )
    status = sheet.column("状态")
    for row in planter.pick(
        sheet, 0.003, among=[row for row in plain if sheet.rows[row][status] == "在住"]
    ):
        planter.plant(
            sheet, row, "状态", "空置", as_class=10, rule="use.idle_but_used", outcome=WARN
        )


def plant_locations(planter: Planter, sheet: Sheet, truth: list[tuple[float, float]]) -> None:
    """Coordinates swapped, in degrees and minutes, wrongly labelled, or impossible."""
    longitude, latitude = sheet.column("经度"), sheet.column("纬度")
    planter.repeat(sheet, "机构编号", 0.005, rule="row.duplicate_code")
    for row in planter.pick(sheet, 0.01):
        cells = sheet.rows[row]
        cells[longitude], cells[latitude] = cells[latitude], cells[longitude]
        _note_place(planter, sheet, row, truth, "coordinate.swapped")
    for row in planter.pick(sheet, 0.01):
        cells = sheet.rows[row]
        for column in (longitude, latitude):
            cells[column] = degrees_minutes_seconds(float(str(cells[column])))
        _note_place(planter, sheet, row, truth, "coordinate.sexagesimal")
    for row in planter.pick(sheet, 0.02):
        cells = sheet.rows[row]
        given = np.array([[float(str(cells[longitude])), float(str(cells[latitude]))]])
        ((east, north),) = gcj02_to_bd09(given)
        cells[longitude], cells[latitude] = f"{east:.6f}", f"{north:.6f}"
        cells[sheet.column("坐标系")] = "BD-09"
        _note_place(planter, sheet, row, truth, "coordinate.other_datum")
    planter.spoil(
        sheet,
        "坐标系",
        0.008,
        lambda _: "CGCS2000",
        as_class=8,
        rule="coordinate.datum_label",
        outcome=WARN,
    )
    # A copy of a row with a mistake would have that mistake too, which the truth did not say.
    clean = planter.untouched(sheet)
    for number, (east, north) in enumerate(_IMPOSSIBLE, start=1):
        row_cells = list(sheet.rows[clean])
        row_cells[sheet.column("机构编号")] = f"GJ-X{number:04d}"
        row_cells[sheet.column("机构名称")] = f"示例待核机构{number}"
        row_cells[longitude], row_cells[latitude] = east, north
        place = sheet.add(row_cells, EXTRA)
        planter.note(
            sheet,
            place,
            "经度",
            f"{east},{north}",
            "",
            as_class=8,
            rule="coordinate.impossible",
            outcome=REJECT,
        )


def _note_place(
    planter: Planter,
    sheet: Sheet,
    row: int,
    truth: list[tuple[float, float]],
    rule: str,
) -> None:
    cells = sheet.rows[row]
    planted = f"{cells[sheet.column('经度')]},{cells[sheet.column('纬度')]}"
    says = f"{truth[row][0]:.6f},{truth[row][1]:.6f}（CGCS2000）"
    planter.note(sheet, row, "经度", planted, says, as_class=8, rule=rule, outcome=REPAIR)


def plant_meters(planter: Planter, sheet: Sheet, bodies: Bodies) -> None:
    """Repeated points, points of unknown institutions, factors with a sign, institution names."""
    planter.repeat(sheet, "计量点编号", 0.001, rule="row.duplicate_code")
    for number in range(1, 5):
        row: list[Cell] = list(sheet.rows[0])
        row[sheet.column("计量点编号")] = f"JL-X{number:05d}"
        row[sheet.column("机构编号")] = f"GJ-9{number:04d}9"
        place = sheet.add(row, EXTRA)
        planter.note(
            sheet,
            place,
            "机构编号",
            row[sheet.column("机构编号")],
            "",
            as_class=9,
            rule="parent.unknown",
            outcome=REJECT,
        )
    planter.spoil(
        sheet,
        "倍率",
        0.003,
        lambda factor: f"×{factor}",
        as_class=4,
        rule="number.sign",
        outcome=REPAIR,
    )
    short = {body.name: body.short_name for body in [*bodies.agencies, *bodies.services]}
    name = sheet.column("机构名称")
    planter.spoil(
        sheet,
        "机构名称",
        0.003,
        lambda text: short[text[:-2]],
        as_class=2,
        rule="name.short",
        outcome=WARN,
        among=[row for row in sheet.data_positions() if str(sheet.rows[row][name])[:-2] in short],
    )
