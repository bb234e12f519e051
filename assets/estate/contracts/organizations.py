"""Sheets of the directory of organizations."""

from typing import Final

from assets.domain import Column, ColumnContract, ColumnType, Directory
from assets.estate.contracts.columns import ADDRESS, DIVISION, PEOPLE, REMARK, SEQUENCE, STAFF

ORGANIZATION: Final = ColumnContract(
    "organization",
    (
        SEQUENCE,
        Column("code", ColumnType.CODE),
        Column("code_ended_on", ColumnType.DATE, ends="code"),
        Column("name", is_required=True),
        Column("short_name"),
        Column("former_names"),
        Column("linked_name"),
        Column("linked_credit_code", ColumnType.CODE, check="credit_code"),
        Column("credit_code", ColumnType.CODE, check="credit_code"),
        Column("parent_name"),
        Column("unit_type", ColumnType.ENUM, enum="organization_category"),
        Column("admin_level", ColumnType.ENUM, enum="organization_level"),
        *DIVISION,
        Column("staff_quota", ColumnType.INTEGER, stores="headcount.quota"),
        *STAFF,
        Column("energy_users", ColumnType.INTEGER, stores="headcount.energy_users"),
        Column("quota", ColumnType.INTEGER, is_keyed=True, stores="headcount.quota"),
        ADDRESS,
        *PEOPLE,
        REMARK,
    ),
    key_fields=(("name",), ("credit_code", "unit_type", "staff_quota", "energy_users")),
    unique_fields=("credit_code", "code"),
    directory=Directory.BODIES,
)


POST: Final = ColumnContract(
    "post",
    (
        SEQUENCE,
        Column("unit_name", is_required=True),
        Column("credit_code", ColumnType.CODE, check="credit_code"),
        Column("post_title", is_required=True),
        Column("post_rank", ColumnType.ENUM, enum="rank"),
        Column("holder_name"),
        Column("person_key", ColumnType.CODE),
        Column("appointed_on", ColumnType.DATE),
        Column("left_on", ColumnType.DATE),
        REMARK,
    ),
    key_fields=(("unit_name",), ("post_title",), ("post_rank", "holder_name", "appointed_on")),
    directory=Directory.POSTS,
)


SUCCESSION: Final = ColumnContract(
    "succession",
    (
        SEQUENCE,
        Column("former_name", is_required=True),
        Column("former_credit_code", ColumnType.CODE, check="credit_code"),
        Column("change_kind", ColumnType.ENUM, enum="succession_kind"),
        Column("successor_name", is_required=True),
        Column("successor_credit_code", ColumnType.CODE, check="credit_code"),
        Column("share", ColumnType.NUMBER),
        Column("changed_on", ColumnType.DATE),
        REMARK,
    ),
    key_fields=(("former_name",), ("successor_name",)),
    directory=Directory.SUCCESSIONS,
)
