"""The departmental ledger of the service bodies' properties (事业单位房产台账)."""

import itertools
from collections.abc import Sequence
from typing import Final

import numpy as np

from etl.sample.agencies import SERVICE
from etl.sample.city import City
from etl.sample.codes import certificate_number, parcel_number
from etl.sample.national import area
from etl.sample.parcels import shared_parcels
from etl.sample.properties import Property
from etl.sample.quantities import MARK, SURVEY_ON, stage
from etl.sample.tables import TOTAL, Cell, Heading, Sheet
from etl.sample.towns import DISTRICTS

FILE: Final = "事业单位房产台账.xlsx"
_OWNERSHIP, _AREAS, _STATUS, _TITLES, _HOUSE = (
    "产权及使用单位",
    "面积（㎡）",
    "使用状况（㎡）",
    "权属证明",
    "房屋情况",
)
_SUMMED: Final = (
    "占地面积",
    "建筑面积",
    "使用面积",
    "地下面积",
    "自用面积",
    "出租面积",
    "出借面积",
    "闲置面积",
    "幢数",
    "账面原值（元）",
)


def ledger(city: City) -> Sheet:
    """The ledger by district, a subtotal after each and a total at the end."""
    rng = stage(city.seed, "ledger")
    shared = shared_parcels(city)
    sheet = Sheet(
        FILE,
        "房产台账",
        _headings(),
        title=f"常州市事业单位房产台账（{MARK}）",
        note=f"填报单位：常州市机关事务统管局　　填报日期：{SURVEY_ON}　　"
        f"面积单位：平方米　　说明：本表为{MARK}，单位及人员均为虚构",
        levels=2,
        footer="注：1.建筑面积含地下面积；2.自用、出租、出借、闲置面积之和等于建筑面积；3.本表为示例数据。",
    )
    totals: list[list[Cell]] = []
    numbers = itertools.count(1)
    for district in DISTRICTS:
        own = [
            made
            for made in city.properties
            if made.population == SERVICE and made.district is district
        ]
        rows = [_row(rng, made, shared.get(made.number, made.number)) for made in own]
        if not rows:
            continue
        for row in rows:
            row[0] = next(numbers)
            sheet.add(row)
        totals.append(_total(sheet, "小计", rows))
        sheet.add(totals[-1], TOTAL)
    sheet.add(_total(sheet, "合计", totals), TOTAL)
    return sheet


def _headings() -> list[Heading]:
    return [
        Heading("序号", width=6),
        Heading("资产编号", width=14),
        Heading("房屋名称", width=30),
        Heading("房屋坐落", width=34),
        Heading("行政区划代码"),
        Heading("产权单位", _OWNERSHIP, width=28),
        Heading("使用单位", _OWNERSHIP, width=28),
        Heading("使用单位统一社会信用代码", _OWNERSHIP, width=22),
        Heading("占地面积", _AREAS),
        Heading("建筑面积", _AREAS),
        Heading("使用面积", _AREAS),
        Heading("地下面积", _AREAS),
        Heading("使用状况", _STATUS),
        Heading("自用面积", _STATUS),
        Heading("出租面积", _STATUS),
        Heading("出借面积", _STATUS),
        Heading("闲置面积", _STATUS),
        Heading("房产证号", _TITLES, width=34),
        Heading("土地证号", _TITLES, width=26),
        Heading("不动产单元号", _TITLES, width=32),
        Heading("发证日期", _TITLES),
        Heading("建成年份", _HOUSE),
        Heading("建筑结构", _HOUSE),
        Heading("地上层数", _HOUSE),
        Heading("地下层数", _HOUSE),
        Heading("幢数", _HOUSE),
        Heading("账面原值（元）", width=18),
        Heading("备注", width=22),
    ]


def _row(rng: np.random.Generator, made: Property, parcel: int) -> list[Cell]:
    """The cells of one property; `parcel` is the number of the parcel it stands on."""
    user = made.users[0]
    buildings = made.lot.buildings
    usable = round(made.gross * rng.uniform(0.62, 0.78))
    own = made.gross - made.let - made.lent - made.idle
    parts = {"自用": own, "出租": made.let, "出借": made.lent, "闲置": made.idle}
    return [
        None,
        made.code,
        made.name,
        made.address,
        made.district.division_code,
        user.name,
        user.name,
        user.credit_code,
        area(made.lot.land_area),
        area(made.gross),
        area(usable),
        area(made.below),
        max(parts, key=lambda status: parts[status]),
        *(area(part) for part in parts.values()),
        *_titles(rng, made, parcel),
        made.year,
        made.structure,
        max(building.above for building in buildings),
        max(building.below for building in buildings),
        len(buildings),
        round(area(made.gross) * float(rng.uniform(1_500, 4_600)), 2),
        None if made.lot.buildings[0].year > 1970 else "历史建筑，待鉴定",
    ]


def _titles(rng: np.random.Generator, made: Property, parcel: int) -> Sequence[Cell]:
    if made.registration != "已登记":
        return None, None, None, None
    year = int(rng.integers(max(2015, made.year), 2025)) if made.year < 2024 else 2024
    month, day = int(rng.integers(1, 13)), int(rng.integers(1, 29))
    return (
        certificate_number("常州市", year, made.number),
        f"示例国用(2008)第{parcel:07d}号",
        parcel_number(made.district.division_code, parcel),
        f"{year}-{month:02d}-{day:02d}",
    )


def _total(sheet: Sheet, label: str, rows: Sequence[Sequence[Cell]]) -> list[Cell]:
    total: list[Cell] = [None] * len(sheet.headings)
    total[0] = label
    for title in _SUMMED:
        column = sheet.column(title)
        amount = sum(float(row[column] or 0) for row in rows)
        total[column] = int(amount) if title == "幢数" else round(amount, 2)
    return total
