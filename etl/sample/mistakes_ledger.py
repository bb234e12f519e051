"""Plants mistakes in the service bodies' ledger; the sum of accepted rows stays exact."""

from etl.sample.agencies import Bodies
from etl.sample.mistakes_common import (
    plant_areas,
    plant_division_numbers,
    plant_land_in_mu,
    plant_names,
    plant_same,
    plant_years,
)
from etl.sample.spoil import as_number, date_text, with_letter_for_digit, with_wrong_check
from etl.sample.tables import REPAIR, SKIP, TOTAL, WARN, Planter, Sheet

_CODE = "使用单位统一社会信用代码"


def plant_ledger(planter: Planter, sheet: Sheet, bodies: Bodies) -> None:
    """All mistakes of the ledger; its total rows are registered as rows to pass over."""
    grand, kind = sheet.rows.pop(), sheet.kinds.pop()
    planter.repeat(sheet, "资产编号", 0.01, rule="row.duplicate_code")
    sheet.add(grand, kind)
    plant_areas(planter, sheet, "建筑面积", 0.03)
    plant_land_in_mu(planter, sheet, "占地面积", 0.008)
    plant_years(planter, sheet, "建成年份", 0.015)
    plant_names(planter, sheet, "使用单位", bodies, 0.02)
    plant_division_numbers(planter, sheet, 0.01)
    _plant_areas(planter, sheet)
    _plant_use(planter, sheet)
    _plant_names(planter, sheet, bodies)
    _plant_titles(planter, sheet)
    _plant_units_and_dates(planter, sheet)
    for rule, spoiler, rate in (
        ("code.check", with_wrong_check, 0.008),
        ("code.letter", with_letter_for_digit, 0.006),
        ("code.scientific", as_number, 0.005),
    ):
        planter.spoil(sheet, _CODE, rate, spoiler, as_class=9, rule=rule, outcome=WARN)
    plant_same(planter, sheet, "建筑结构", 0.015)
    _hide(planter, sheet, "账面原值（元）")
    for row, found in enumerate(sheet.kinds):
        if found == TOTAL:
            label = sheet.rows[row][0]
            planter.note(sheet, row, "序号", label, "", as_class=1, rule="row.total", outcome=SKIP)


def _hide(planter: Planter, sheet: Sheet, title: str) -> None:
    """A column the office hid to print the sheet; what stands in it still counts."""
    sheet.hidden = [*sheet.hidden, sheet.column(title)]
    planter.note(
        sheet, -sheet.levels, title, title, "隐藏列，内容有效",
        as_class=1, rule="column.hidden", outcome=REPAIR,
    )  # fmt: skip


def _plant_areas(planter: Planter, sheet: Sheet) -> None:
    gross = sheet.column("建筑面积")
    plain = [row for row in sheet.data_positions() if isinstance(sheet.rows[row][gross], float)]
    for row in planter.pick(sheet, 0.008, among=plain):
        wrong = round(float(sheet.rows[row][gross] or 0) * 1.2, 2)
        planter.plant(
            sheet, row, "使用面积", wrong, as_class=4, rule="area.usable_over_gross", outcome=WARN
        )
    planter.spoil(
        sheet,
        "自用面积",
        0.008,
        lambda area: round(area + 250.0, 2),
        as_class=4,
        rule="area.parts_differ",
        outcome=WARN,
    )


def _plant_use(planter: Planter, sheet: Sheet) -> None:
    """A use status that contradicts the idle area."""
    status, idle = sheet.column("使用状况"), sheet.column("闲置面积")
    rows = sheet.data_positions()
    for wrong, among in (
        ("自用", [row for row in rows if sheet.rows[row][status] == "闲置"]),
        ("闲置", [row for row in rows if not sheet.rows[row][idle]]),
    ):
        for row in planter.pick(sheet, 0.008, among=among):
            planter.plant(
                sheet, row, "使用状况", wrong, as_class=10, rule="use.idle_but_used", outcome=WARN
            )


def _plant_names(planter: Planter, sheet: Sheet, bodies: Bodies) -> None:
    names = [body.name for body in bodies.services]
    planter.spoil(
        sheet,
        "使用单位",
        0.01,
        lambda name: f"{name}、{planter.choose(names)}",
        as_class=1,
        rule="name.several_in_cell",
        outcome=WARN,
    )
    code = sheet.column(_CODE)
    for row in planter.pick(sheet, 0.006):
        planter.plant(
            sheet,
            row,
            "使用单位",
            sheet.rows[row][code],
            as_class=2,
            rule="name.code_for_name",
            outcome=REPAIR,
        )
    former = [change.former_name for change in bodies.successions if change.kind == "合并"]
    if former:
        planter.spoil(
            sheet,
            "产权单位",
            0.01,
            lambda _: planter.choose(former),
            as_class=7,
            rule="owner.former",
            outcome=WARN,
        )


def _plant_titles(planter: Planter, sheet: Sheet) -> None:
    """Certificates in the wrong column, on two rows, or a state in place of a number."""
    house = sheet.column("房产证号")
    titled = [row for row in sheet.data_positions() if sheet.rows[row][house]]
    untitled = [row for row in sheet.data_positions() if not sheet.rows[row][house]]
    for row in planter.pick(sheet, 0.008, among=titled):
        moved = sheet.rows[row][house]
        planter.plant(
            sheet, row, "土地证号", moved, as_class=6, rule="title.wrong_column", outcome=WARN
        )
    planter.spoil(
        sheet,
        "房产证号",
        0.015,
        lambda _: planter.choose(("办理中", "无证", "遗失", "历史遗留")),
        as_class=6,
        rule="title.state_for_number",
        outcome=WARN,
        among=untitled,
    )
    if titled:
        first = sheet.rows[titled[0]][house]
        planter.spoil(
            sheet,
            "房产证号",
            0.008,
            lambda _: first,
            as_class=3,
            rule="title.repeated",
            outcome=WARN,
            among=titled[1:],
        )


def _plant_units_and_dates(planter: Planter, sheet: Sheet) -> None:
    """Real-estate unit numbers with spaces or of the wrong length, dates in other forms."""
    house = sheet.column("房产证号")
    titled = [row for row in sheet.data_positions() if str(sheet.rows[row][house]).startswith("苏")]
    planter.spoil(
        sheet,
        "不动产单元号",
        0.012,
        lambda number: f"{number[:6]} {number[6:12]} {number[12:19]} {number[19:]}",
        as_class=6,
        rule="parcel.spaces",
        outcome=REPAIR,
        among=titled,
    )
    planter.spoil(
        sheet,
        "不动产单元号",
        0.008,
        lambda number: planter.choose((number[:-1], number + "0")),
        as_class=6,
        rule="parcel.length",
        outcome=WARN,
        among=titled,
    )
    planter.spoil(
        sheet,
        "发证日期",
        0.02,
        lambda day: date_text(day, int(planter.rng.integers(0, 4))),
        as_class=6,
        rule="date.format",
        outcome=REPAIR,
        among=titled,
    )
