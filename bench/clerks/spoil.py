"""Which mistakes are made on a page, and where."""

from typing import Final

import numpy as np

from bench.clerks import mistakes as figures
from bench.clerks import mistakes_places as places
from bench.clerks import mistakes_texts as texts
from bench.clerks.mistakes import Mistake, Town
from bench.clerks.page import Page

_KINDS: Final = (
    Mistake("number_form", "areas", ("gross",), figures.number_form),
    Mistake("unit_in_cell", "areas", ("gross",), figures.unit_in_cell),
    Mistake("people_in_cell", "people", ("actual",), figures.people_in_cell),
    Mistake("negative", "areas", ("gross",), figures.negative),
    Mistake("usable_over_gross", "areas", ("gross", "usable"), figures.usable_over_gross),
    Mistake("ratio", "areas", ("self_used", "usable"), figures.ratio),
    Mistake("total_differs", "areas", ("office", "technical"), figures.total_differs),
    Mistake("usable_differs", "areas", ("use_office",), figures.usable_differs),
    Mistake("magnitude", "areas", ("gross", "land"), figures.wrong_magnitude),
    Mistake("land_is_gross", "areas", ("gross", "land"), figures.land_for_building),
    Mistake("nothing", "areas", ("gross", "usable"), figures.zero_or_blank),
    Mistake("certificate_differs", "areas", ("certified",), figures.certified_differs),
    Mistake("ranks", "people", ("staff",), figures.ranks_differ),
    Mistake("fraction", "people", ("actual",), figures.fraction),
    Mistake("fraction_of_rank", "people", ("rank3", "land"), figures.fraction, is_of_user=True),
    Mistake("kinds_mixed", "people", ("actual",), figures.kinds_mixed),
    Mistake("vague_year", "year", ("year",), figures.vague_year),
    Mistake("vague_date", "date", ("certified_on",), figures.vague_date),
    Mistake("other_name", "unit", ("unit",), texts.other_name, is_of_user=True),
    Mistake("misspelt_name", "unit", ("unit",), texts.misspelt_name, is_of_user=True),
    Mistake("spaces", "unit", ("unit",), texts.stray_spaces, is_of_user=True),
    Mistake("spaces_of_name", "unit", ("credit_code",), texts.stray_spaces),
    Mistake("code_for_name", "unit", ("unit",), texts.code_for_name, is_of_user=True),
    Mistake("several_units", "unit", ("unit",), texts.several_units, is_of_user=True),
    Mistake("same_as_above", "above", ("gross",), texts.same_as_above),
    Mistake("wrong_column", "certificate", ("land_certificate",), texts.wrong_column),
    Mistake("no_number", "certificate", ("certificate",), texts.no_number),
    Mistake("certificate_form", "certificate", ("certificate",), texts.certificate_form),
    Mistake("certificate_twice", "certificate", ("certificate",), texts.certificate_again),
    Mistake("unit_number", "unit_number", ("unit_number",), texts.unit_number),
    Mistake("former_owner", "owner", ("owner",), texts.former_owner),
    Mistake("free_text", "above", ("gross",), texts.free_text),
    Mistake("yes_or_no", "rented", ("rented",), texts.yes_or_no),
    Mistake("credit_code", "code", ("credit_code",), texts.credit_code),
    Mistake("scientific", "division", ("credit_code", "division"), texts.scientific),
    Mistake("lost_digits", "division", ("gross", "division"), texts.lost_digits),
    Mistake("idle_in_use", "areas", ("idle", "use"), texts.idle_in_use),
    Mistake("use_split", "areas", ("idle",), texts.use_split),
    Mistake("swapped", "spot", ("longitude",), places.swapped),
    Mistake("zone", "spot", ("longitude", "gross"), places.zone),
    Mistake("metres", "spot", ("longitude", "gross"), places.metres),
    Mistake("degrees", "spot", ("longitude",), places.degrees),
    Mistake("impossible", "spot", ("longitude",), places.impossible),
    Mistake("elsewhere", "spot", ("longitude", "gross"), places.elsewhere),
    Mistake("other_level", "name", ("name", "gross"), places.other_level),
    Mistake("broken_formula", "areas", ("gross",), places.formula_error),
    Mistake("reported_twice", "all", ("use_office",), places.reported_elsewhere),
)  # fmt: skip


def spoil(rng: np.random.Generator, page: Page, town: Town, *, share: float = 0.02) -> None:
    """Make each kind of mistake that the page gives occasion for in this share of its things."""
    heads = page.heads()
    times = max(1, round(len(heads) * share))
    for mistake in _in_turn(rng, page):
        rows = list(range(len(page.rows))) if mistake.is_of_user else heads
        made = tries = 0
        while made < times and tries < 4 * times + 8:
            tries += 1
            row = page.pick(rng, rows, mistake.family)
            if row is None:
                break
            made += mistake.spoil(rng, page, row, town)
    _whole_rows(rng, page, town, times)


def _in_turn(rng: np.random.Generator, page: Page) -> list[Mistake]:
    """Whole rows first; else in any order, for a clerk keeps none."""
    fitting = [one for one in _KINDS if page.has(*one.keys)]
    order = rng.permutation(len(fitting))
    return sorted((fitting[int(at)] for at in order), key=lambda one: one.family != "all")


def _whole_rows(rng: np.random.Generator, page: Page, town: Town, times: int) -> None:
    for _time in range(times):
        row = page.pick(rng, page.heads(), "all")
        if row is not None:
            places.row_again(rng, page, row, town)
    if rng.random() < 0.5 and page.has("remark"):
        page.hidden_columns.add("remark")
        page.mark(None, None, "hidden")
