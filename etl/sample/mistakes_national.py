"""Plants mistakes in the national workbooks; the totals of the accepted rows stay exact."""

from dataclasses import replace

from etl.sample.agencies import Bodies
from etl.sample.mistakes_common import (
    plant_areas,
    plant_division_numbers,
    plant_land_in_mu,
    plant_names,
    plant_same,
    plant_years,
)
from etl.sample.spoil import full_width
from etl.sample.tables import AGAIN, REPAIR, WARN, Cell, Planter, Sheet

_TOTAL, _OFFICE, _AUXILIARY = (
    "总建筑面积（m²）",
    "办公用房建筑面积（m²）",
    "附属用房建筑面积（m²）",
)
_TECHNICAL, _USABLE = "技术业务用房建筑面积（m²）", "合计"
_LEAST_USABLE, _MOST_USABLE = 0.45, 0.85
"""Shares of the gross area outside which a usable area is looked at (7.7)."""


def plant_offices(planter: Planter, sheet: Sheet, bodies: Bodies) -> None:
    """Mistakes of one office sheet, at the rates of the whole set of workbooks."""
    shared = {row for first, last in sheet.spans for row in range(first, last + 1)}
    single = [row for row in sheet.data_positions() if row not in shared]
    odd = _odd_usable_areas(sheet)
    planter.repeat(sheet, "地址坐落", 0.006, rule="row.duplicate_address", among=single, least=0)
    plant_areas(planter, sheet, _TOTAL, 0.012, least=0)
    plant_areas(planter, sheet, _OFFICE, 0.008, least=0)
    plant_land_in_mu(planter, sheet, "用地面积（m²）", 0.008, least=0)
    plant_years(planter, sheet, "建设年代", 0.01, least=0)
    plant_names(planter, sheet, "单位名称", bodies, 0.02, least=0)
    plant_division_numbers(planter, sheet, 0.008, least=0)
    _plant_sums(planter, sheet)
    _plant_words(planter, sheet)
    plant_same(planter, sheet, "权属登记情况", 0.01, least=0)
    for row, figures in odd.items():
        if _figures(sheet, row) == figures:
            planter.note(
                sheet, row, _USABLE, figures[-1], figures[-1],
                as_class=4, rule="area.ratio", outcome=WARN,
            )  # fmt: skip


def _odd_usable_areas(sheet: Sheet) -> dict[int, tuple[Cell, ...]]:
    """Rows whose usable area is nobody's mistake and yet to be looked at, with their figures.

    Rooms of a small house may add up to more of it than is usual. They are told as what they are,
    or the truth would say that whoever lists them is wrong.
    """
    found = {}
    for row in sheet.data_positions():
        gross, technical, usable = figures = _figures(sheet, row)
        wholes = [float(gross or 0), float(gross or 0) - float(technical or 0)]
        shares = [float(usable or 0) / whole for whole in wholes if whole > 0]
        if all(share < _LEAST_USABLE for share in shares) or all(
            _MOST_USABLE < share <= 1 for share in shares
        ):
            found[row] = figures
    return found


def _figures(sheet: Sheet, row: int) -> tuple[Cell, ...]:
    return tuple(sheet.rows[row][sheet.column(title)] for title in (_TOTAL, _TECHNICAL, _USABLE))


def plant_again(planter: Planter, city: Sheet, district: Sheet, code: str) -> None:
    """Properties of city offices that the district where they stand reports as well.

    Args:
        planter: Writes down what is planted.
        city: Office sheet of the city's workbook.
        district: Office sheet of the district's.
        code: The district's code.
    """
    shared = {row for first, last in city.spans for row in range(first, last + 1)}
    division = city.column("行政区划代码")
    here = [
        row
        for row in city.data_positions()
        if row not in shared and city.rows[row][division] == code
    ]
    before = city.column("类别") + 1
    after = len(city.headings) - city.column("办公室")
    ranks = len(district.headings) - before - after
    for row in planter.pick(city, 0.004, among=here):
        cells = city.rows[row]
        # The district's form has no columns for the ranks of a city office: it files noughts.
        copy = [len(district.rows) + 1, *cells[1:before], *[0] * ranks, *cells[-after:]]
        place = district.add(copy, AGAIN)
        planter.note(
            district, place, "地址坐落", copy[1], f"{city.file}第{city.first_row + row}行已报",
            as_class=3, rule="property.reported_twice", outcome=WARN,
        )  # fmt: skip


def plant_rank_label(planter: Planter, sheet: Sheet, title: str, wrong: str) -> None:
    """A column of posts under the label of another level, as after copying another form."""
    column = sheet.column(title)
    heading = replace(sheet.headings[column], title=wrong)
    sheet.headings = [*sheet.headings[:column], heading, *sheet.headings[column + 1 :]]
    planter.note(
        sheet, -1, wrong, wrong, title, as_class=5, rule="count.rank_of_other_level", outcome=WARN
    )


def _plant_sums(planter: Planter, sheet: Sheet) -> None:
    """Parts that do not make the total; the total floor area and the usable parts are right."""
    for title, rate, rule, change in (
        (_OFFICE, 0.008, "area.parts_differ", lambda area: round(area * 0.9, 2)),
        ("合计", 0.008, "area.parts_differ", lambda area: round(area + 100.0, 2)),
    ):
        planter.spoil(sheet, title, rate, change, as_class=4, rule=rule, outcome=WARN, least=0)
    total = sheet.column(_TOTAL)
    for row in planter.pick(sheet, 0.006, least=0):
        wrong = round(float(sheet.rows[row][total] or 0) * 1.3, 2)
        planter.plant(
            sheet, row, "合计", wrong, as_class=4, rule="area.usable_over_gross", outcome=WARN
        )


def _plant_words(planter: Planter, sheet: Sheet) -> None:
    """Signs for yes and no, a free-text registration, nothing in words, units behind counts."""
    planter.spoil(
        sheet,
        "是否为租（借）用",
        0.02,
        lambda answer: planter.choose(("1", "√") if answer == "是" else ("0", "×")),
        as_class=7,
        rule="flag.other_sign",
        outcome=REPAIR,
        least=0,
    )
    planter.spoil(
        sheet,
        "权属登记情况",
        0.012,
        lambda state: f"{state}（以证载为准）",
        as_class=7,
        rule="enum.free_text",
        outcome=REPAIR,
        least=0,
    )
    column = sheet.column(_AUXILIARY)
    planter.spoil(
        sheet,
        _AUXILIARY,
        0.03,
        lambda _: planter.choose(("-", "/", "无")),
        as_class=4,
        rule="area.nothing_in_words",
        outcome=REPAIR,
        among=[row for row in sheet.data_positions() if sheet.rows[row][column] == 0],
        least=0,
    )
    lowest = next(heading.title for heading in reversed(sheet.headings) if heading.subgroup)
    planter.spoil(
        sheet,
        lowest,
        0.01,
        lambda posts: f"{posts}人",
        as_class=5,
        rule="count.unit_in_cell",
        outcome=REPAIR,
        least=0,
    )
    planter.spoil(
        sheet,
        "地址坐落",
        0.01,
        lambda address: full_width(address) + " ",
        as_class=2,
        rule="text.full_width",
        outcome=REPAIR,
        least=0,
    )


def plant_technical(planter: Planter, sheet: Sheet, bodies: Bodies) -> None:
    """Several units in one cell of a technical sheet."""
    names = [body.name for body in bodies.agencies]
    planter.spoil(
        sheet,
        "主要使用单位",
        0.04,
        lambda name: f"{name}、{planter.choose(names)}",
        as_class=1,
        rule="name.several_in_cell",
        outcome=WARN,
        least=0,
    )
