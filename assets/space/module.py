"""Office space as the rest of the product sees it."""

from typing import Final

from assets.domain import DomainModule
from assets.space.area import AREA_FACTS
from assets.space.forms import FORMS
from assets.space.indicators import INDICATORS
from assets.space.post_report import POSTS
from assets.space.reports import STANDARDS, VERDICTS

MODULE: Final = DomainModule(
    name="space",
    title_key="space.title",
    area_facts=AREA_FACTS,
    indicators=INDICATORS,
    reports=(STANDARDS, VERDICTS, POSTS, *FORMS),
)
"""Who may have how much office space by the standard, who has how much, and why."""
