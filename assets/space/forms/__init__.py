"""Forms of office space that the bureau hands in or puts up, each of what an account sees."""

from typing import Final

from assets.space.forms.leaders import LEADERS
from assets.space.forms.over import OVER
from assets.space.forms.overall import OVERALL
from assets.space.forms.published import PUBLISHED
from assets.space.forms.survey import SURVEY_ROOMS
from assets.space.forms.vacated import VACATED

FORMS: Final = (SURVEY_ROOMS, OVERALL, OVER, VACATED, LEADERS, PUBLISHED)
