"""The one list of domains."""

from typing import Final

from sqlalchemy import MetaData

# Importing a model adds its tables to the metadata.
import gis.loads.model
import gis.organizations.model
import gis.places.model
import gis.rights.model  # noqa: F401
from gis.tables import metadata

METADATA: Final[MetaData] = metadata
"""Tables of the map and of every domain."""
