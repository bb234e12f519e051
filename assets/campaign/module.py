"""Campaigns as the rest of the product sees them."""

from typing import Final

from assets.campaign.model import FIELDS
from assets.campaign.queries import place_facts
from assets.domain import DomainModule
from gis.db import sql_resource
from gis.rights.policies import READERS


def functions_ddl() -> str:
    """The function of the owner's that passes a filing on whole."""
    script = sql_resource("assets", "campaign/passing.sql")
    columns = ", ".join(field.name for field in FIELDS)
    readers = ", ".join(role.value for role in READERS)
    return script.replace("<columns>", columns).replace("{readers}", readers)


MODULE: Final = DomainModule(
    name="campaign",
    title_key="campaign.title",
    place_facts=place_facts,
    functions_ddl=functions_ddl,
)
