"""The kinds of mistakes, of which of the ten error classes each is, and what must report it.

Every rule of the loader is in exactly one place here: under the kind it reports, or under what it
says that is no mistake of the filer's. So a rule nobody has thought about fails a test, and each
finding counts for or against exactly one kind.
"""

from dataclasses import dataclass
from typing import Final

STRUCTURE, NAMES, DUPLICATES, AREAS, HEADCOUNT = 1, 2, 3, 4, 5
CERTIFICATES, OWNERS, COORDINATES, KEYS, VACANCY = 6, 7, 8, 9, 10

LEFT_OUT: Final = "row.left_out"
"""Not a rule of the loader: a row under the header that it did not take for data."""


@dataclass(frozen=True)
class Kind:
    """A kind of mistake.

    Args:
        name: Its name.
        error_class: Which of the ten classes.
        rules: Any of these at the place reports it.
        echoes: Kinds whose rules may speak in the same row because of it: an area that is ten
            thousand times too large is no longer the sum of its parts either. Such a finding is
            counted neither way.
        is_of_cell: Whether the finding must name the column too, where it names any.
    """

    name: str
    error_class: int
    rules: frozenset[str]
    echoes: frozenset[str] = frozenset()
    is_of_cell: bool = True


def _kind(
    name: str, error_class: int, rules: str, echoes: str = "", *, is_of_cell: bool = True
) -> Kind:
    return Kind(name, error_class, frozenset(rules.split()), frozenset(echoes.split()), is_of_cell)


_FIGURES: Final = (
    "usable_over_gross ratio parts_differ use_split magnitude land_is_gross nothing"
    " certificate_differs certificate_twice idle_in_use decimals"
)

KINDS: Final = (
    _kind("total_row", STRUCTURE, LEFT_OUT, is_of_cell=False),
    _kind("hidden", STRUCTURE, "sheet.hidden sheet.hidden_columns sheet.hidden_rows",
          is_of_cell=False),
    _kind("header_again", STRUCTURE, "sheet.header_repeated sheet.several_tables", "total_row",
          is_of_cell=False),
    _kind("several_units", STRUCTURE, "unit.several", "unit_name"),
    _kind("same_as_above", STRUCTURE, "cell.same_as_above cell.nothing_above"),
    _kind("broken_formula", STRUCTURE, "cell.formula_error cell.formula_no_value",
          f"required {_FIGURES}"),
    _kind("required", STRUCTURE, "required.missing required.blank required.blank.all"
          " required.no_column row.nameless succession.no_day succession.day_assumed"
          " succession.kind_assumed",
          is_of_cell=False),
    _kind("group_differs", STRUCTURE, "column.group_differs area.changed_in_group"),
    _kind("unit_name", NAMES,
          "unit.alias unit.created unit.not_yet_created unit.ambiguous unit.unknown"),
    _kind("spaces", NAMES, "text.spaces text.full_width text.spaces.all text.full_width.all"
          " text.too_long"),
    _kind("code_for_name", NAMES, "name.is_code", "unit_name"),
    _kind("repeated_row", DUPLICATES,
          "duplicate.code duplicate.address duplicate.row duplicate.differs duplicate.position"
          " duplicate.record holding.older succession.repeated identifier.taken identifier.ended"
          " unit.second_number unit.number_ended",
          "certificate_twice several_units unit_name reported_twice overlap", is_of_cell=False),
    _kind("certificate_twice", DUPLICATES, "duplicate.certificate area.over_certificate"
          " certificate.elsewhere certificate.of_many title.beside title.differs title.elsewhere"
          " title.number_known title.older title.replaced title.without_number",
          is_of_cell=False),
    _kind("reported_twice", DUPLICATES, "property.reported_twice match.same_title match.similar"
          " match.twin", is_of_cell=False),
    _kind("other_level", DUPLICATES, "level.differs", is_of_cell=False),
    _kind("unit_in_cell", AREAS, "number.unit_in_cell number.unknown_unit number.unit_of_title",
          _FIGURES),
    _kind("number_form", AREAS,
          "number.full_width number.thousands number.about number.chinese number.note_in_cell"
          " number.as_text number.degrees number.unreadable number.too_large cell.unknown"
          " cell.nothing_in_words number.thousands.all"
          " cell.nothing_in_words.all succession.share_unfit",
          _FIGURES),
    _kind("decimals", AREAS, "number.decimals number.decimals.all"),
    _kind("negative", AREAS, "number.negative", _FIGURES),
    _kind("usable_over_gross", AREAS, "area.usable_over_gross", _FIGURES),
    _kind("ratio", AREAS, "area.ratio", _FIGURES),
    _kind("parts_differ", AREAS, "area.total_differs area.usable_total_differs"
          " area.certificate_parts_differ", f"{_FIGURES} certificate_differs",
          is_of_cell=False),
    _kind("magnitude", AREAS, "area.magnitude", _FIGURES, is_of_cell=False),
    _kind("land_is_gross", AREAS, "area.land_is_gross", _FIGURES, is_of_cell=False),
    _kind("nothing", AREAS, "area.nothing area.usable_nothing", f"{_FIGURES} certificate_differs",
          is_of_cell=False),
    _kind("certificate_differs", AREAS, "area.certificate_differs", is_of_cell=False),
    _kind("ranks", HEADCOUNT,
          "headcount.ranks_differ headcount.parts_differ headcount.no_ranks", "kinds_mixed",
          is_of_cell=False),
    _kind("rank_of_other_level", HEADCOUNT, "headcount.rank_of_other_level"),
    _kind("person_number", HEADCOUNT, "person.number_unfit person.names_differ"),
    _kind("person_post", HEADCOUNT, "person.post_unknown person.post_several"),
    _kind("person_rank", HEADCOUNT, "person.rank_unknown person.rank_differs"),
    _kind("person_shared", HEADCOUNT, "person.not_shared person.others_missing person.no_body",
          is_of_cell=False),
    _kind("post_days", HEADCOUNT, "post.days_backwards"),
    _kind("fraction", HEADCOUNT, "number.not_whole", "ranks"),
    _kind("kinds_mixed", HEADCOUNT, "headcount.actual_over_quota", "ranks", is_of_cell=False),
    _kind("wrong_column", CERTIFICATES, "certificate.wrong_column", "certificate_form",
          is_of_cell=False),
    _kind("no_number", CERTIFICATES, "certificate.no_number certificate.nothing"),
    _kind("certificate_form", CERTIFICATES, "certificate.form certificate.several"
          " certificate.several_form"),
    _kind("unit_number", CERTIFICATES,
          "real_estate_unit.length real_estate_unit.form code.spaces"),
    _kind("vague_date", CERTIFICATES,
          "year.about year.decade year.from_date year.chinese year.two_digits year.unreadable"
          " year.impossible year.of_building date.no_day date.no_month date.about"
          " date.month_uncertain date.other_form"
          " date.month_first date.day_first date.serial date.unreadable identifier.end_unfit"),
    _kind("former_owner", OWNERS, "owner.alias owner.not_in_directory", "certificate_twice"),
    _kind("free_text", OWNERS, "enum.several enum.unknown"),
    _kind("yes_or_no", OWNERS, "boolean.unreadable boolean.sign"),
    _kind("swapped", COORDINATES, "coordinates.swapped coordinates.swapped.all",
          "outside", is_of_cell=False),
    _kind("zone", COORDINATES, "coordinates.zone_prefix coordinates.zone_prefix.all",
          "swapped projected outside datum", is_of_cell=False),
    _kind("projected", COORDINATES,
          "coordinates.projected coordinates.projected.all coordinates.not_metres"
          " coordinates.not_metres.all", "outside swapped", is_of_cell=False),
    _kind("degrees", COORDINATES, "coordinates.degrees coordinates.degrees.all"
          " coordinates.decimal_comma coordinates.decimal_comma.all coordinates.both_in_cell"
          " coordinates.both_in_cell.all", is_of_cell=False),
    _kind("datum", COORDINATES, "datum.by_displacement datum.label_differs datum.row_differs",
          "outside overlap outside_parent", is_of_cell=False),
    _kind("impossible", COORDINATES, "coordinates.impossible coordinates.unreadable",
          is_of_cell=False),
    _kind("outside", COORDINATES, "area.outside area.district_differs",
          is_of_cell=False),
    _kind("shape", COORDINATES, "geometry.unreadable geometry.beyond_repair geometry.wrong_type"
          " geometry.repaired geometry.repeated_points geometry.sliver"
          " geometry.too_many_points", is_of_cell=False),
    _kind("overlap", COORDINATES, "geometry.overlaps geometry.overlaps_known", is_of_cell=False),
    _kind("outside_parent", COORDINATES, "geometry.outside_building geometry.outside_floor",
          is_of_cell=False),
    _kind("number_for_code", KEYS, "code.number code.leading_zeros code.scientific",
          "division credit_code"),
    _kind("credit_code", KEYS,
          "credit_code.length credit_code.character credit_code.check_digit"),
    _kind("division", KEYS, "area.unknown_code area.abolished area.abolished_several"
          " area.which_successor", "outside"),
    _kind("parent", KEYS, "parent.unknown parent.cycle succession.itself lineage.unknown"
          " match.not_found match.kind_differs", "unit_name", is_of_cell=False),
    _kind("idle_in_use", VACANCY, "area.idle_in_use use.idle_but_used use.idle_with_user",
          "use_split", is_of_cell=False),
    _kind("use_split", VACANCY, "area.use_split_differs", "idle_in_use", is_of_cell=False),
)  # fmt: skip

NO_MISTAKE: Final = frozenset(
    {
        "domain.waiting", "piece.not_a_building", "secret.stub", "secret.unclear",
        "match.ambiguous", "match.of_many", "merge.protected", "merge.protected_place",
        "match.decided_same", "match.decided_new", "match.left_out",
        "match.decision_outdated", "match.decision_unfit", "match.recoded",
        "match.other_file", "match.nothing_decided",
        "record.ambiguous", "unit.not_in_directory", "parent.not_found", "unit.linked_not_found",
        "column.not_kept", "column.not_kept.personal", "column.not_kept.other_name",
        "unit.other_code", "unit.other_type", "unit.code_of_several", "unit.linked_differs",
        "unit.other_parent", "merge.kept_known", "merge.kept_known.column", "merge.kept_shape",
        "column.not_kept.no_unit", "column.not_kept.other_code", "column.no_header",
        "owner.not_in_directory.rows",
        "headcount.differs", "column.not_kept.no_origin",
        "column.unknown", "column.not_kept.no_number", "column.not_kept.succession",
        "workbook.macros", "workbook.external_links", "shapefile.no_index",
        "shapefile.wrong_encoding",
    }
)  # fmt: skip
"""What the loader tells that is about the file or a question to a person, not a clerk's mistake."""

KIND_OF_RULE: Final = {rule: kind for kind in KINDS for rule in kind.rules}
KIND_BY_NAME: Final = {kind.name: kind for kind in KINDS}
CLASSES: Final = {
    STRUCTURE: "structure", NAMES: "names", DUPLICATES: "duplicates", AREAS: "areas",
    HEADCOUNT: "headcount", CERTIFICATES: "certificates", OWNERS: "owners",
    COORDINATES: "coordinates", KEYS: "keys", VACANCY: "vacancy",
}  # fmt: skip
