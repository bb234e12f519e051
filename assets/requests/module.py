"""Requests as the rest of the product sees them."""

from typing import Final

from assets.domain import DomainModule
from assets.requests.queries import place_facts
from assets.requests.taken_back import edit_taken_back
from gis.db import sql_resource

MODULE: Final = DomainModule(
    name="requests",
    title_key="requests.title",
    place_facts=place_facts,
    functions_ddl=lambda: sql_resource("assets", "requests/functions.sql"),
    edit_taken_back=edit_taken_back,
)
"""What bodies ask for, which rooms they get, and what is given back until when."""
