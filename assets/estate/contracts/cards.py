"""Cards of the finance system (资产卡片): what its ledger says of land and houses."""

from typing import Final

from assets.domain import Column, ColumnContract, ColumnType
from assets.estate.contracts.columns import ADDRESS, NAME, REMARK, SEQUENCE, area

ASSET_CARD: Final = ColumnContract(
    "asset_card",
    (
        SEQUENCE,
        Column("asset_card_code", ColumnType.CODE, is_required=True),
        NAME,
        Column("category_code", ColumnType.CODE),
        Column("category_name"),
        ADDRESS,
        Column("unit_name"),
        Column("keeper_name"),
        Column("quantity", ColumnType.NUMBER),
        area("gross_area"),
        area("land_area"),
        Column("book_value", ColumnType.NUMBER, unit="yuan"),
        Column("depreciation", ColumnType.NUMBER, unit="yuan"),
        Column("net_value", ColumnType.NUMBER, unit="yuan"),
        Column("assessed_value", ColumnType.NUMBER, unit="yuan"),
        Column("fiscal_funds", ColumnType.NUMBER, unit="yuan"),
        Column("other_funds", ColumnType.NUMBER, unit="yuan"),
        Column("use_status", ColumnType.ENUM, enum="use_status"),
        Column("certificate_no"),
        Column("acquired_how"),
        Column("acquired_on", ColumnType.DATE),
        Column("booked_on", ColumnType.DATE),
        Column("account_title"),
        Column("voucher_no", ColumnType.CODE),
        REMARK,
    ),
    key_fields=(
        ("asset_card_code",),
        ("book_value", "net_value"),
        ("category_code", "category_name"),
        ("booked_on", "voucher_no", "account_title", "acquired_how", "depreciation"),
    ),
    is_accepted_only=True,
)
"""It is compared with the register, never loaded into it: the two ledgers check each other."""
