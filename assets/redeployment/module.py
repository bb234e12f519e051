"""Redeployment as the rest of the product sees it."""

from typing import Final

from assets.domain import DomainModule
from assets.redeployment.plan import place_facts
from assets.redeployment.taken_back import edit_taken_back
from gis.db import sql_resource

MODULE: Final = DomainModule(
    name="redeployment",
    title_key="redeployment.title",
    place_facts=place_facts,
    functions_ddl=lambda: sql_resource("assets", "redeployment/functions.sql"),
    edit_taken_back=edit_taken_back,
)
"""Plans that people make, compare and carry out, and what they ask before."""
