"""What every file of a layer has in common: titles of its columns, and which places it holds."""

from typing import Any

from gis.i18n import translate
from gis.layers import Layer
from gis.legend import legend_classes
from gis.places.terms import Terms

_IN_FORCE = (
    "(valid_from IS NULL OR valid_from <= :as_of) AND (valid_to IS NULL OR valid_to > :as_of)"
)


_UNITS = {"m2": "m²"}


def column_title(layer: Layer, column: str, language: str) -> str:
    """The title of a column, with its unit."""
    for attribute in layer.attributes:
        if attribute.name == column:
            title = translate(language, attribute.title_key)
            return (
                f"{title} ({_UNITS.get(attribute.unit, attribute.unit)})"
                if attribute.unit
                else title
            )
    return translate(language, f"layer.column.{column}")


def condition_sql(*, is_selection: bool) -> str:
    """What stands after WHERE: places of the day `:as_of`, of a selection those it holds."""
    chosen = " AND place_id IN (SELECT place_id FROM pg_temp.asked_place)" if is_selection else ""
    return _IN_FORCE + chosen


class Wording:
    """The words of a layer's codes: of its vocabularies, and of the classes its themes make."""

    def __init__(self, layer: Layer, terms: Terms, language: str) -> None:
        self._terms = terms
        self._lists = {one.name: one.term_list for one in layer.attributes if one.term_list}
        self._classes = {
            theme.attribute: {
                one.value: one.title for one in legend_classes(theme, terms, language)
            }
            for theme in layer.themes
            if theme.classes
        }

    def said(self, column: str, value: Any) -> Any:
        """A value as people call it; what has no word stays as it is."""
        if column in self._lists:
            return self._terms.title(self._lists[column], value)
        return self._classes.get(column, {}).get(value, value)
