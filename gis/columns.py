"""What many tables have alike: row numbers, which days a row holds, who, whose, and when."""

from datetime import datetime
from typing import Any, Final, TypeGuard

from sqlalchemy import BigInteger, Column, Date, DateTime, ForeignKey, func

ENDS: Final = "First day it no longer holds"

LARGEST_ID: Final = 2**63 - 1
"""The largest number of a row that a column can hold."""


def is_id(stated: object) -> TypeGuard[int]:
    """Whether a value somebody sent can be the number of a row."""
    return type(stated) is int and 0 < stated <= LARGEST_ID


def date_columns(*, ends: str = ENDS, has_ended: bool = False) -> list[Column[Any]]:
    """The days a fact holds, from the first to the one it no longer does; null is open.

    Args:
        ends: What the last of them means here.
        has_ended: Rows are of the past only, so the end is always known.
    """
    return [
        Column("valid_from", Date),
        Column("valid_to", Date, nullable=not has_ended, comment=ends),
    ]


def account_column(name: str = "account_id", **kwargs: Any) -> Column[int]:
    """Who did it, or whose it is."""
    return Column(name, BigInteger, ForeignKey("rights.account.account_id"), **kwargs)


def body_column(name: str = "organization_id", **kwargs: Any) -> Column[int]:
    """An organization."""
    key = ForeignKey("organization.organization.organization_id")
    return Column(name, BigInteger, key, **kwargs)


def made_at_column(name: str = "made_at") -> Column[datetime]:
    """When it came to be: when its transaction began."""
    return Column(name, DateTime(timezone=True), nullable=False, server_default=func.now())
