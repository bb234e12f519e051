"""The one list of domains."""

from typing import Final

from sqlalchemy import MetaData

from assets.estate import model as estate_model
from gis.loads import model as loads_model
from gis.organizations import model as organizations_model
from gis.places import model as places_model
from gis.rights import model as rights_model
from gis.tables import metadata

MODELS: Final = (loads_model, organizations_model, places_model, rights_model, estate_model)
"""Importing a model adds its tables to the metadata."""

METADATA: Final[MetaData] = metadata
"""Tables of the map and of every domain."""
