"""What day it is: the register's day, not the machine's."""

from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo

ZONE: Final = ZoneInfo("Asia/Shanghai")
"""The one legal time of the country; the database's sessions run in it too."""


def today() -> date:
    """The current day in the register's zone."""
    return datetime.now(ZONE).date()
