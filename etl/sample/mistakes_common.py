"""Mistakes that occur in more than one file: areas, years, names."""

from etl.sample.agencies import Bodies
from etl.sample.spoil import area_text, in_mu, year_text
from etl.sample.tables import DATA, REPAIR, WARN, Planter, Sheet


def plant_areas(planter: Planter, sheet: Sheet, title: str, rate: float, *, least: int = 1) -> None:
    """Areas as text with units, separators or full-width digits, saying exactly the same."""
    column = sheet.column(title)
    for row in planter.pick(sheet, rate, least=least):
        style = int(planter.rng.integers(0, 6))
        text = area_text(float(sheet.rows[row][column] or 0), style)
        rule = "area.unit_in_cell" if style in (0, 3, 4) else "area.text_for_number"
        planter.plant(sheet, row, title, text, as_class=4, rule=rule, outcome=REPAIR)


def plant_land_in_mu(
    planter: Planter, sheet: Sheet, title: str, rate: float, *, least: int = 1
) -> None:
    """Land in 亩; what the cell says is the truth then."""
    column = sheet.column(title)
    for row in planter.pick(sheet, rate, least=least):
        text, says = in_mu(float(sheet.rows[row][column] or 0))
        planter.plant(
            sheet,
            row,
            title,
            text,
            as_class=4,
            rule="area.unit_in_cell",
            outcome=REPAIR,
            true_value=says,
        )


def plant_years(planter: Planter, sheet: Sheet, title: str, rate: float, *, least: int = 1) -> None:
    """Building years as text; a bare decade cannot give the year back."""
    column = sheet.column(title)
    for row in planter.pick(sheet, rate, least=least):
        style = int(planter.rng.integers(0, 5))
        text = year_text(int(sheet.rows[row][column] or 0), style)
        rule = "date.vague" if style in (0, 4) else "date.format"
        outcome = WARN if style == 4 else REPAIR
        planter.plant(sheet, row, title, text, as_class=6, rule=rule, outcome=outcome)


def plant_names(
    planter: Planter, sheet: Sheet, title: str, bodies: Bodies, rate: float, *, least: int = 1
) -> None:
    """Short names, names from before a reform, stray spaces."""
    column = sheet.column(title)
    body_of = {body.name: body for body in [*bodies.agencies, *bodies.services]}
    named = [row for row, kind in enumerate(sheet.kinds) if kind == DATA]
    for row in planter.pick(sheet, rate, among=named, least=least):
        body = body_of[str(sheet.rows[row][column])]
        if body.former_name and planter.rng.random() < 0.7:
            text, rule, outcome = body.former_name, "name.former", WARN
        elif planter.rng.random() < 0.5:
            text, rule, outcome = body.short_name, "name.short", WARN
        else:
            text, rule, outcome = f" {body.name}　", "name.spaces", REPAIR
        planter.plant(sheet, row, title, text, as_class=2, rule=rule, outcome=outcome)


def plant_same(planter: Planter, sheet: Sheet, title: str, rate: float, *, least: int = 1) -> None:
    """同上 where a cell repeats the one above; after all else, so that the one above still does."""
    column = sheet.column(title)
    data = set(sheet.data_positions())
    repeated = [
        row
        for row in sorted(data)
        if row - 1 in data and sheet.rows[row][column] == sheet.rows[row - 1][column] is not None
    ]
    # Never two in a row: the second would say the same of a cell that says so itself.
    for row in planter.pick(sheet, rate, among=repeated[::2], least=least):
        planter.plant(
            sheet, row, title, "同上", as_class=1, rule="cell.same_as_above", outcome=REPAIR
        )


def plant_division_numbers(planter: Planter, sheet: Sheet, rate: float, *, least: int = 1) -> None:
    """Division codes a spreadsheet took for numbers."""
    planter.spoil(
        sheet,
        "行政区划代码",
        rate,
        float,
        as_class=9,
        rule="code.number_for_text",
        outcome=REPAIR,
        least=least,
    )
