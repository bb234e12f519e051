"""The classes of a theme with title and colour: one definition for map, legend and print."""

from dataclasses import dataclass
from typing import Final

from gis.i18n import translate
from gis.layers import Theme
from gis.places.terms import Terms

PALETTE: Final = (
    "#2c6fbb", "#e0a93b", "#1b998b", "#8e6bbf", "#c4593b",
    "#4c8ca8", "#86b95a", "#a65e8c", "#7a8793", "#b5a642",
)  # fmt: skip
"""For terms the pack gives no colour: distinct without telling red from green."""
UNSTATED_COLOUR: Final = "#b4bcc6"
"""Of places that say nothing a theme could colour them by."""


@dataclass(frozen=True)
class LegendClass:
    """One entry of a legend."""

    value: str
    title: str
    colour: str


def legend_classes(theme: Theme, terms: Terms, language: str) -> list[LegendClass]:
    """The classes in the order they are listed; empty where no pack brought the vocabulary."""
    if theme.term_list:
        return [
            LegendClass(term.code, term.title, term.colour or PALETTE[at % len(PALETTE)])
            for at, term in enumerate(terms.of(theme.term_list).values())
        ]
    return [
        LegendClass(one.value, translate(language, one.title_key), one.colour)
        for one in theme.classes
    ]
