"""The sample city's own truth, in the kinds of mistakes counted here."""

import csv
from pathlib import Path
from typing import Final

from bench.clerks.page import Planted

KIND_OF: Final = {
    "cell.same_as_above": "same_as_above", "column.hidden": "hidden",
    "name.several_in_cell": "several_units", "row.total": "total_row",
    "name.code_for_name": "code_for_name", "name.short": "unit_name", "name.former": "unit_name",
    "name.spaces": "spaces", "text.full_width": "spaces",
    "property.reported_twice": "reported_twice", "row.duplicate_address": "repeated_row",
    "row.duplicate_code": "repeated_row", "title.repeated": "certificate_twice",
    "area.nothing_in_words": "number_form", "area.parts_differ": "parts_differ",
    "area.text_for_number": "number_form", "area.unit_in_cell": "unit_in_cell",
    "area.usable_over_gross": "usable_over_gross", "area.ratio": "ratio",
    "number.sign": "number_form", "number.about": "number_form",
    "count.fraction": "fraction", "count.rank_of_other_level": "rank_of_other_level",
    "count.ranks_differ": "ranks", "count.unit_in_cell": "unit_in_cell",
    "date.format": "vague_date", "date.vague": "vague_date", "parcel.length": "unit_number",
    "parcel.spaces": "unit_number", "title.state_for_number": "no_number",
    "title.wrong_column": "wrong_column", "enum.free_text": "free_text",
    "flag.other_sign": "yes_or_no",
    "owner.former": "former_owner", "coordinate.datum_label": "datum",
    "coordinate.impossible": "impossible", "coordinate.other_datum": "datum",
    "coordinate.sexagesimal": "degrees", "coordinate.swapped": "swapped",
    "coordinate.zone_prefix": "zone", "geometry.beyond_repair": "shape",
    "geometry.outside_parent": "outside_parent", "geometry.overlap": "overlap",
    "code.check": "credit_code", "code.letter": "credit_code",
    "code.number_for_text": "number_for_code", "code.scientific": "number_for_code",
    "parent.cycle": "parent", "parent.unknown": "parent", "use.idle_but_used": "idle_in_use",
    "person.others_missing": "person_shared",
}  # fmt: skip

_SELF_USED: Final = "自用面积"


def read_truth(folder: Path) -> list[Planted]:
    """What was planted in a sample city's files."""
    with (folder / "truth" / "planted_errors.csv").open(encoding="utf-8") as file:
        return [_planted(row) for row in csv.DictReader(file)]


def _planted(row: dict[str, str]) -> Planted:
    kind = KIND_OF[row["rule"]]
    if kind == "parts_differ" and row["column"] == _SELF_USED:
        kind = "use_split"
    # A wrong header is one mistake of the sheet, however many rows stand under it.
    number = 0 if kind == "rank_of_other_level" else int(row["row"])
    return Planted(
        Path(row["file"]).name, row["sheet"] or None, number, row["column"] or None, kind
    )
