"""Office space as the rest of the product sees it."""

from typing import Final

from assets.domain import DomainModule
from assets.space.reports import STANDARDS, VERDICTS

MODULE: Final = DomainModule(name="space", title_key="space.title", reports=(STANDARDS, VERDICTS))
"""Who may have how much office space by the standard, who has how much, and why."""
