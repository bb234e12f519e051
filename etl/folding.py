"""How two spellings of an address, a name or a number agree, in SQL."""

from typing import Final

from gis.places.model import FOLDED_NUMBER

FOLDED: Final = "lower(regexp_replace(normalize({0}, NFKC), '\\s+', '', 'g'))"
"""The same on both sides of a comparison."""
FOLDED_TITLE: Final = FOLDED_NUMBER
"""The same of the numbers of certificates, as they are indexed."""
EACH_TITLE: Final = """(
  SELECT CASE WHEN is_each THEN piece ELSE {0} END AS cell, nth
  FROM (SELECT piece, nth, bool_and(piece ~ '..(第|字|证).*[0-9].*号$') OVER () AS is_each
        FROM regexp_split_to_table({0}, '(?<=号)[、,，;；/\\s]+')
          WITH ORDINALITY AS part (piece, nth)) AS pieces
  WHERE is_each OR nth = 1)"""
"""SQL of the certificate numbers of a cell, in order; a cell of anything else is one as it stands.

As `etl.clean.codes.certificate_numbers` tells of it.
"""
