"""Which of the ten classes of mistakes each rule of the loader speaks of."""

from typing import Final

OTHER: Final = "other"
"""What a rule tells that is no mistake of the filer's, or of the file as a whole."""
_RULES: Final = {
    "structure": (
        "area.changed_in_group cell.formula_error cell.formula_no_value cell.nothing_above "
        "cell.same_as_above column.group_differs required.blank required.blank.all "
        "required.missing required.no_column row.nameless sheet.header_repeated sheet.hidden "
        "sheet.hidden_columns sheet.hidden_rows sheet.several_tables succession.day_assumed "
        "succession.kind_assumed succession.no_day unit.several"
    ),
    "names": (
        "name.is_code text.full_width text.full_width.all text.spaces text.spaces.all "
        "text.too_long unit.alias unit.ambiguous unit.created unit.not_yet_created unit.unknown"
    ),
    "duplicates": (
        "area.over_certificate certificate.elsewhere certificate.of_many duplicate.address "
        "duplicate.certificate duplicate.code duplicate.differs duplicate.position "
        "duplicate.record duplicate.row holding.older identifier.ended identifier.taken "
        "level.differs match.same_title match.similar match.twin property.reported_twice "
        "succession.repeated title.beside title.differs title.elsewhere title.number_known "
        "title.older title.replaced title.without_number unit.number_ended unit.second_number"
    ),
    "areas": (
        "area.certificate_differs area.certificate_parts_differ area.land_is_gross area.magnitude "
        "area.nothing area.ratio area.total_differs area.usable_nothing area.usable_over_gross "
        "area.usable_total_differs cell.nothing_in_words cell.nothing_in_words.all cell.unknown "
        "number.about number.as_text number.chinese number.decimals number.decimals.all "
        "number.degrees number.full_width number.negative number.note_in_cell number.thousands "
        "number.thousands.all number.too_large number.unit_in_cell number.unit_of_title "
        "number.unknown_unit number.unreadable succession.share_unfit"
    ),
    "headcount": (
        "headcount.actual_over_quota headcount.no_ranks headcount.parts_differ "
        "headcount.rank_of_other_level headcount.ranks_differ number.not_whole "
        "person.names_differ person.no_body person.not_shared person.number_unfit "
        "person.others_missing person.post_several person.post_unknown person.rank_differs "
        "person.rank_unknown post.days_backwards"
    ),
    "certificates": (
        "certificate.form certificate.no_number certificate.nothing certificate.several "
        "certificate.several_form certificate.wrong_column code.spaces date.about date.day_first "
        "date.month_first "
        "date.month_uncertain date.no_day date.no_month date.other_form date.serial "
        "date.unreadable identifier.end_unfit real_estate_unit.form real_estate_unit.length "
        "year.about year.chinese year.decade year.from_date year.impossible year.of_building "
        "year.two_digits year.unreadable"
    ),
    "owners": (
        "boolean.sign boolean.unreadable enum.several enum.unknown owner.alias "
        "owner.not_in_directory"
    ),
    "coordinates": (
        "area.district_differs area.outside coordinates.both_in_cell coordinates.both_in_cell.all "
        "coordinates.decimal_comma coordinates.decimal_comma.all coordinates.degrees "
        "coordinates.degrees.all coordinates.impossible coordinates.not_metres "
        "coordinates.not_metres.all coordinates.projected coordinates.projected.all "
        "coordinates.swapped coordinates.swapped.all coordinates.unreadable "
        "coordinates.zone_prefix coordinates.zone_prefix.all datum.by_displacement "
        "datum.label_differs datum.row_differs geometry.beyond_repair geometry.outside_building "
        "geometry.outside_floor geometry.overlaps geometry.overlaps_known geometry.repaired "
        "geometry.repeated_points geometry.sliver geometry.too_many_points geometry.unreadable "
        "geometry.wrong_type"
    ),
    "keys": (
        "area.abolished area.abolished_several area.unknown_code area.which_successor "
        "code.leading_zeros code.number code.scientific credit_code.character "
        "credit_code.check_digit credit_code.length lineage.unknown match.kind_differs "
        "match.not_found parent.cycle parent.unknown succession.itself"
    ),
    "vacancy": "area.idle_in_use area.use_split_differs use.idle_but_used use.idle_with_user",
}
CLASSES: Final = (*_RULES, OTHER)
_CLASS_OF: Final = {rule: name for name, rules in _RULES.items() for rule in rules.split()}


def issue_class(rule: str) -> str:
    """The class of a rule, by name."""
    return _CLASS_OF.get(rule, OTHER)
