"""Inspections as the rest of the product sees them."""

from typing import Final

from assets.domain import DomainModule
from assets.inspection.places import place_facts
from assets.inspection.reports import INSPECTIONS
from gis.db import sql_resource

MODULE: Final = DomainModule(
    name="inspection",
    title_key="inspection.title",
    place_facts=place_facts,
    reports=(INSPECTIONS,),
    functions_ddl=lambda: sql_resource("assets", "inspection/functions.sql"),
)
"""What was found where, and that it is put right."""
