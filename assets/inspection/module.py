"""Inspections as the rest of the product sees them."""

from typing import Final

from assets.domain import DomainModule
from assets.inspection.queries import place_facts
from assets.inspection.reports import INSPECTIONS

MODULE: Final = DomainModule(
    name="inspection",
    title_key="inspection.title",
    place_facts=place_facts,
    reports=(INSPECTIONS,),
)
"""What was found where, and that it is put right."""
