"""Cards of the finance system (资产卡片): what its ledger says of land and houses."""

from typing import Final

from assets.domain import Column, ColumnContract, ColumnType, RecordRule, Unkept
from assets.estate.contracts.columns import SEQUENCE


def _yuan(name: str, stores: str) -> Column:
    return Column(name, ColumnType.NUMBER, unit="yuan", stores=f"record.{stores}")


def _square_metres(name: str, stores: str) -> Column:
    return Column(name, ColumnType.NUMBER, unit="m2", stores=f"record.{stores}")


ASSET_CARD: Final = ColumnContract(
    "asset_card",
    (
        SEQUENCE,
        Column("asset_card_code", ColumnType.CODE, is_required=True, stores="record.number"),
        Column("name", stores="record.name"),
        Column("category_code", ColumnType.CODE, stores="record.category_code"),
        Column("category_name", stores="record.category_name"),
        Column("address", stores="record.address"),
        Column("unit_name", stores="record.unit_name"),
        Column("keeper_name", unkept=Unkept.PERSONAL),
        Column("quantity", ColumnType.NUMBER, stores="record.quantity"),
        _square_metres("gross_area", "area_m2"),
        _square_metres("land_area", "land_area_m2"),
        _yuan("book_value", "value_yuan"),
        _yuan("depreciation", "depreciation_yuan"),
        _yuan("net_value", "net_value_yuan"),
        _yuan("assessed_value", "assessed_value_yuan"),
        _yuan("fiscal_funds", "fiscal_funds_yuan"),
        _yuan("other_funds", "other_funds_yuan"),
        Column("use_status", ColumnType.ENUM, enum="use_status", stores="record.use_status"),
        Column("certificate_no", stores="record.certificate_no"),
        Column("acquired_how", stores="record.acquired_how"),
        Column("acquired_on", ColumnType.DATE, stores="record.acquired_on"),
        Column("booked_on", ColumnType.DATE, stores="record.booked_on"),
        Column("account_title", stores="record.account_title"),
        Column("voucher_no", ColumnType.CODE, stores="record.voucher_no"),
        Column("remark", stores="record.remark"),
    ),
    key_fields=(
        ("asset_card_code",),
        ("book_value", "net_value"),
        ("category_code", "category_name"),
        ("booked_on", "voucher_no", "account_title", "acquired_how", "depreciation"),
    ),
    natural_key=("asset_card_code", "unit_name"),
    record=RecordRule(
        "estate.asset_card",
        code_letter="K",
        same_by=("number",),
        bodies={"unit_id": "unit_name"},
        within="unit_id",
        is_of_place=True,
    ),
)
"""Kept beside the register, whose figures they leave alone: the two ledgers check each other."""
