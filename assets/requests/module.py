"""Requests as the rest of the product sees them."""

from typing import Final

from assets.domain import DomainModule
from assets.requests.queries import place_facts

MODULE: Final = DomainModule(name="requests", title_key="requests.title", place_facts=place_facts)
"""What bodies ask for, which rooms they get, and what is given back until when."""
