"""How two spellings of an address, a name or a number agree, in SQL."""

from typing import Final

from gis.places.model import FOLDED_NUMBER

FOLDED: Final = "lower(regexp_replace(normalize({0}, NFKC), '\\s+', '', 'g'))"
"""The same on both sides of a comparison."""
FOLDED_TITLE: Final = FOLDED_NUMBER
"""The same of the numbers of certificates, as they are indexed."""
