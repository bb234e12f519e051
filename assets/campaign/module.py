"""Campaigns as the rest of the product sees them."""

from typing import Final

from assets.campaign.queries import place_facts
from assets.domain import DomainModule

MODULE: Final = DomainModule(name="campaign", title_key="campaign.title", place_facts=place_facts)
