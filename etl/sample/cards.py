"""Asset cards (资产卡片) as the finance system gives them out, and where they differ on purpose.

They are the other ledger: compared with the register by `report cards`, or loaded after it to stand
beside it on `/titles`. Classes stand as names only; numbers of GB/T 14885 are not ours to invent.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from etl.sample.agencies import SERVICE
from etl.sample.city import City
from etl.sample.national import area
from etl.sample.properties import Property
from etl.sample.quantities import MARK, SURVEY_ON, share_out, stage
from etl.sample.tables import TOTAL, Cell, Heading, Sheet

FILE: Final = "资产卡片.xlsx"
_HOUSES: Final = "房屋"
_MOVABLES: Final = (
    ("台式计算机", "通用设备", 5_200), ("办公桌", "家具", 1_150), ("文件柜", "家具", 980),
    ("公务轿车", "车辆", 149_000),
)  # fmt: skip
_WITH_MOVABLES: Final = 4
"""One property in so many has a few cards of what stands in it."""
_IN_PARTS: Final = 0.25
"""Of service bodies' properties with several buildings: a card a building."""
_OWN_NUMBER: Final = 0.25
"""Of service bodies' cards: numbered by the finance system, found by certificate or address."""
_USES: Final = {"自用": "在用", "出租": "出租", "出借": "出借", "闲置": "闲置"}
RATES: Final = {
    "gross_area": 0.03, "book_value": 0.03, "use_status": 0.02, "only_register": 0.03,
    "question": 0.015, "only_ledger": 0.02,
}  # fmt: skip
"""Planted, of all properties; at least one of each. `only_ledger` are cards of nothing listed."""


@dataclass(frozen=True)
class CardDifference:
    """One line the comparison has to list; what does not apply is empty.

    `kind` is a field that differs, `only_ledger`, `only_register` or `question`; `cards` joins the
    numbers of the property's cards; values are as the two ledgers state them.
    """

    kind: str
    cards: str
    address: str
    ledger: str
    register: str


@dataclass
class _Item:
    """A property with what the finance system will say of it."""

    address: str
    name: str
    unit: str
    gross: int
    year: int
    code: str | None = None
    certificate: Cell = None
    value: int = 0
    use: str = "在用"
    registered_use: str | None = None
    parts: Sequence[tuple[str, int]] = ()
    unstated: Sequence[str] = ("book_value", "use_status")
    """Fields the city's files say nothing of: an agency's workbook has neither."""


def card_sheet(city: City, ledger: Sheet) -> tuple[Sheet, list[CardDifference]]:
    """The cards, and every difference between them and the register the city's files make.

    Args:
        city: Whose properties.
        ledger: The service bodies' ledger as handed in, mistakes and all: a use that was planted
            wrong there differs from the card's.
    """
    rng = stage(city.seed, "cards")
    items = list(_items(rng, city, ledger))
    planted = _planted(rng, items)
    sheet = Sheet(
        FILE, "资产卡片", _headings(), title=f"行政事业单位固定资产卡片（{MARK}）",
        note=f"导出单位：常州市机关事务统管局　　导出日期：{SURVEY_ON}　　本表为{MARK}",
    )  # fmt: skip
    differences: list[CardDifference] = []
    for number, item in enumerate(items):
        differences += _put(rng, sheet, item, planted.get(number))
        if number % _WITH_MOVABLES == 0:
            _put_movables(rng, sheet, item)
    differences += _put_strangers(rng, sheet, round(RATES["only_ledger"] * len(items)))
    value = sheet.column("原值（元）")
    total: list[Cell] = [None] * len(sheet.headings)
    total[0], total[value] = "合计", round(sum(float(row[value] or 0) for row in sheet.rows), 2)
    sheet.add(total, TOTAL)
    return sheet, differences


def _headings() -> list[Heading]:
    titles = (
        ("卡片编号", 14), ("资产名称", 30), ("资产分类名称", 12), ("使用部门", 28),
        ("坐落位置", 34),
        ("数量", 6), ("面积（㎡）", 12), ("原值（元）", 18), ("累计折旧", 16), ("净值", 16),
        ("使用状况", 10), ("权属证号", 34), ("取得方式", 10), ("取得日期", 12), ("入账日期", 12),
        ("入账科目", 12), ("会计凭证号", 12), ("备注", 12),
    )  # fmt: skip
    return [Heading(title, width=width) for title, width in titles]


def _items(rng: np.random.Generator, city: City, ledger: Sheet) -> Iterator[_Item]:
    """Whatever is owned; what an office rents has no card."""
    columns = {name: ledger.column(name) for name in (
        "资产编号", "使用状况", "房产证号", "账面原值（元）")}  # fmt: skip
    filed = {ledger.rows[row][columns["资产编号"]]: ledger.rows[row]
             for row in ledger.data_positions()}  # fmt: skip
    titles = Counter(row[columns["房产证号"]] for row in filed.values())
    for made in city.properties:
        if made.is_rented:
            continue
        item = _Item(made.address, made.name, made.users[0].name, made.gross, made.year)
        if made.population == SERVICE:
            row = filed[made.code]
            title = row[columns["房产证号"]]
            item.code, item.unstated = made.code, ()
            # A number that two properties claim, or a word in its place, is no way to find one.
            is_sure = str(title).startswith("苏") and titles[title] == 1
            item.certificate = title if is_sure else None
            item.value = round(float(row[columns["账面原值（元）"]] or 0) * 100)
            item.registered_use = _USES[str(row[columns["使用状况"]])]
            item.use = _USES[_main_use(made)]
            if len(made.lot.buildings) > 1 and rng.random() < _IN_PARTS:
                item.parts = [(one.name, one.area) for one in made.lot.buildings]
        else:
            item.value = round(made.gross * float(rng.uniform(1_500, 4_600)))
        yield item
    for compound in city.compounds:
        gross = sum(home.gross for home in compound.homes)
        yield _Item(compound.address, compound.name, "常州市机关事务统管局", gross, 1998,
                    value=gross * 1_800, unstated=tuple(RATES))  # fmt: skip


def _main_use(made: Property) -> str:
    own = made.gross - made.let - made.lent - made.idle
    parts = {"自用": own, "出租": made.let, "出借": made.lent, "闲置": made.idle}
    return max(parts, key=lambda use: parts[use])


def _planted(rng: np.random.Generator, items: Sequence[_Item]) -> dict[int, str]:
    """Which item differs in what; one thing each, and none whose use differs by its ledger."""
    found: dict[int, str] = {}
    free = [int(i) for i in rng.permutation(len(items))]
    for kind, rate in RATES.items():
        if kind == "only_ledger":
            continue
        fit = [
            i for i in free
            if i not in found
            and items[i].registered_use in (None, items[i].use)
            and kind not in items[i].unstated
        ]  # fmt: skip
        found |= dict.fromkeys(fit[: max(1, round(rate * len(items)))], kind)
    return found


def _put(
    rng: np.random.Generator, sheet: Sheet, item: _Item, kind: str | None
) -> Iterator[CardDifference]:
    """The cards of one property, and what is to be listed of them."""
    if kind == "only_register":
        yield CardDifference(kind, "", item.address, "", "")
        return
    before = item.gross, item.value, item.registered_use
    if kind == "gross_area":
        item.gross, item.parts = round(item.gross * float(rng.uniform(1.03, 1.2))), ()
    elif kind == "book_value":
        item.value = round(item.value * float(rng.uniform(0.7, 0.95)))
    elif kind == "use_status":
        item.use = "闲置" if item.use != "闲置" else "出租"
    elif kind == "question":
        item.parts = ()
    cards = "、".join(_cards(rng, sheet, item, is_vague=kind == "question"))
    if kind == "question":
        yield CardDifference(kind, cards, item.address, "", "")
        return
    for field, ledger, register in (
        ("gross_area", f"{area(item.gross):.2f}", f"{area(before[0]):.2f}"),
        ("book_value", f"{item.value / 100:.2f}", f"{before[1] / 100:.2f}"),
        ("use_status", item.use, item.registered_use or item.use),
    ):
        if ledger != register:
            yield CardDifference(field, cards, item.address, ledger, register)


def _cards(rng: np.random.Generator, sheet: Sheet, item: _Item, *, is_vague: bool) -> Iterator[str]:
    """Append the cards of one property: one, or one a building; gives their numbers."""
    parts = item.parts or [("", item.gross)]
    values = share_out(item.value, [size for _name, size in parts])
    has_own = item.code is None or is_vague or rng.random() < _OWN_NUMBER
    day = f"{item.year}-{int(rng.integers(1, 13)):02d}-{int(rng.integers(1, 29)):02d}"
    for place, ((name, size), value) in enumerate(zip(parts, values, strict=True)):
        number = _own_number(sheet) if has_own or place else str(item.code)
        worn = int(value) * min(70, max(1, 2025 - item.year)) // 100
        is_known_otherwise = number == item.code or (item.certificate and not is_vague)
        short = item.address.removeprefix("常州市") if is_known_otherwise else item.address
        sheet.add(
            [
                number, item.name + name, _HOUSES, item.unit,
                item.address + "院内" if is_vague else short, 1, area(size), int(value) / 100,
                worn / 100, (int(value) - worn) / 100, item.use,
                None if is_vague else item.certificate,
                ("自建", "购置", "调拨")[item.year % 3], day, day, "固定资产",
                f"记-{int(rng.integers(1, 900)):04d}", MARK,
            ]
        )  # fmt: skip
        yield number


def _own_number(sheet: Sheet) -> str:
    """A number the finance system gives by itself."""
    return f"ZCKP-{len(sheet.rows) + 1:06d}"


def _put_movables(rng: np.random.Generator, sheet: Sheet, item: _Item) -> None:
    """Cards that are no business of this register: it leaves them out."""
    for name, category, price in _MOVABLES:
        count = int(rng.integers(1, 20)) if category == "家具" else 1
        day = f"{2015 + int(rng.integers(0, 10))}-05-20"
        cost = float(price * count)
        sheet.add(
            [
                _own_number(sheet), name, category, item.unit, item.address, count, None, cost,
                cost / 2, cost / 2, "在用", None, "购置", day, day, "固定资产",
                f"记-{int(rng.integers(1, 900)):04d}", MARK,
            ]
        )  # fmt: skip


def _put_strangers(rng: np.random.Generator, sheet: Sheet, count: int) -> Iterator[CardDifference]:
    """Cards of what was given up long ago and never taken off the books."""
    for place in range(max(1, count)):
        number, address = _own_number(sheet), f"老城厢旧巷{place + 1}弄"
        size, value = int(rng.integers(3_000, 40_000)), float(rng.integers(20, 400) * 1_000)
        sheet.add(
            [
                number, f"旧传达室{place + 1}", _HOUSES, None, address, 1, area(size), value,
                value, 0.0, "待处置", None, "自建", "1985-01-01", "1985-01-01", "固定资产",
                "记-0001", MARK,
            ]
        )  # fmt: skip
        yield CardDifference("only_ledger", number, address, "", "")
