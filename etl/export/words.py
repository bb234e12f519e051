"""Values of an answer's columns and figures as people read them."""

from typing import Any, Final

from assets.domain import Figure, TableColumn
from gis.i18n import translate
from gis.places.terms import Terms

_NAMED: Final = {
    "place_kind": "place.kind.{}",
    "area_kind": "place.area.{}",
    "area_source": "place.area_source.{}",
    "verdict": "space.verdicts.state.{}",
    "age_class": "estate.age.{}",
}
"""Column types whose values are keys of messages."""
UNKNOWN: Final = "—"


def is_worded(column: TableColumn) -> bool:
    """Whether the column's values are codes that have words."""
    return column.type in _NAMED or column.term_list is not None


def worded(column: TableColumn, value: Any, terms: Terms, language: str) -> str | None:
    """The words of a code; null where nothing is stated and the vocabulary has no word for that."""
    if column.type in _NAMED:
        return translate(language, _NAMED[column.type].format(value or "unknown"))
    return terms.title(column.term_list, value)


def printed(value: Any, unit: str | None) -> str:
    """A number as papers print it: areas to the hundredth, shares in percent."""
    if value is None:
        return UNKNOWN
    if unit == "share":
        return f"{float(value) * 100:.1f}%"
    if unit == "m2":
        return f"{value:,.2f}"
    if isinstance(value, int):
        return f"{value:,}"
    return f"{float(value):,.1f}" if isinstance(value, float) else str(value)


def unit_word(unit: str | None, language: str) -> str:
    """The unit's word; empty for shares, which print their own, and for plain counts."""
    return translate(language, f"analysis.unit.{unit}") if unit and unit != "share" else ""


def titled(column: TableColumn | Figure, language: str) -> str:
    """A title with its unit in brackets."""
    word = unit_word(column.unit, language)
    title = translate(language, column.title_key)
    if not word:
        return title
    return f"{title}（{word}）" if language == "zh" else f"{title} ({word})"
