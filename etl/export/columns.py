"""What every file of a layer has in common: titles of its columns, and which places it holds."""

from gis.i18n import translate
from gis.layers import Layer

_IN_FORCE = (
    "(valid_from IS NULL OR valid_from <= :as_of) AND (valid_to IS NULL OR valid_to > :as_of)"
)


def column_title(layer: Layer, column: str, language: str) -> str:
    """The title of a column, with its unit."""
    for attribute in layer.attributes:
        if attribute.name == column:
            title = translate(language, attribute.title_key)
            return f"{title} ({attribute.unit})" if attribute.unit else title
    return translate(language, f"layer.column.{column}")


def condition_sql(*, is_selection: bool) -> str:
    """What stands after WHERE: places of the day `:as_of`, of a selection those it holds."""
    chosen = " AND place_id IN (SELECT place_id FROM pg_temp.asked_place)" if is_selection else ""
    return _IN_FORCE + chosen
