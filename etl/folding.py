"""How two spellings of an address or a name agree, in SQL."""

from typing import Final

FOLDED: Final = "lower(regexp_replace(normalize({0}, NFKC), '\\s+', '', 'g'))"
"""The same on both sides of a comparison."""
