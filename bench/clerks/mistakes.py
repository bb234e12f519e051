"""What clerks get wrong in figures, names and papers: each function spoils one cell or row.

A mistake is `(family, keys, spoil)`: what it touches, the columns it needs, and what it does; it
answers false where the row gives no occasion for it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

import numpy as np

from bench.clerks.names import Body
from bench.clerks.page import Page

Random = np.random.Generator


@dataclass(frozen=True)
class Town:
    """What a mistake may need to know beside its page."""

    bodies: Sequence[Body]
    reported: Page
    """The form that was loaded before: what another office has reported already."""

    def body(self, name: str) -> Body:
        return next(body for body in self.bodies if body.name == name)


Spoil = Callable[[Random, Page, int, Town], bool]


@dataclass(frozen=True)
class Mistake:
    """One way to get something wrong."""

    kind: str
    family: str
    keys: tuple[str, ...]
    spoil: Spoil
    is_of_user: bool = False
    """Whether any row of a property will do, not only its first."""


_AREAS: Final = ("land", "gross", "usable", "ancillary", "certified")


def _one_of(rng: Random, choices: Sequence[Any]) -> Any:
    return choices[int(rng.integers(len(choices)))]


def _area_key(rng: Random, page: Page) -> str:
    return str(_one_of(rng, [key for key in _AREAS if page.has(key)]))


def _wide(text: str) -> str:
    return "".join(chr(ord(sign) + 0xFEE0) if "!" <= sign <= "~" else sign for sign in text)


def _chinese(number: int) -> str:
    """A whole number below ten thousand in Chinese numerals."""
    signs = "零一二三四五六七八九"
    text, gap = "", False
    for power, unit in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit = number // power % 10
        if digit:
            text += ("零" if gap and text else "") + signs[digit] + unit
        gap = not digit
    return text


def number_form(rng: Random, page: Page, row: int, _town: Town) -> bool:
    key = _area_key(rng, page)
    value = Decimal(page.get(row, key))
    text = _one_of(rng, (
        f"约{value}", f"{value}左右", f"≥{value}", _wide(str(value)), f"{int(value)}(含地下室)",
        f"{value:,}" if value >= 1000 else f"大约{value}", _chinese(int(value) % 10_000) or "一百",
        "详见附表", "不详", "待测量",
    ))  # fmt: skip
    page.put(row, key, text)
    page.mark(row, key, "number_form")
    return True


def unit_in_cell(rng: Random, page: Page, row: int, _town: Town) -> bool:
    key = _area_key(rng, page)
    value = Decimal(page.get(row, key))
    units = [f"{value}㎡", f"{value} 平方米", f"{value}平米", f"{value}M2"]
    if key == "land":
        units += [f"{float(value) / 666.6667:.2f}亩", f"{float(value) / 10_000:.4f}公顷"]
    elif key == "gross":
        units += [f"{float(value) / 10_000:.6f}万平方米"]
    page.put(row, key, _one_of(rng, units))
    page.mark(row, key, "unit_in_cell")
    return True


def people_in_cell(rng: Random, page: Page, row: int, _town: Town) -> bool:
    key = _one_of(rng, ("actual", "non_quota"))
    page.put(row, key, f"{page.get(row, key)}人")
    page.mark(row, key, "unit_in_cell")
    return True


def negative(rng: Random, page: Page, row: int, _town: Town) -> bool:
    key = _area_key(rng, page)
    page.put(row, key, -Decimal(page.get(row, key)))
    page.mark(row, key, "negative")
    return True


def usable_over_gross(_rng: Random, page: Page, row: int, _town: Town) -> bool:
    """Usable and gross area change places."""
    usable, gross = page.get(row, "usable"), page.get(row, "gross")
    page.put(row, "usable", gross)
    page.put(row, "gross", usable)
    page.mark(row, "usable", "usable_over_gross")
    return True


def ratio(rng: Random, page: Page, row: int, _town: Town) -> bool:
    share = Decimal(_one_of(rng, ("0.31", "0.38", "0.91", "0.97")))
    page.put(row, "usable", round(Decimal(page.get(row, "gross")) * share, 2))
    page.mark(row, "usable", "ratio")
    return True


def total_differs(rng: Random, page: Page, row: int, _town: Town) -> bool:
    """The total counts the ancillary rooms, or forgets the technical ones."""
    gross = Decimal(page.get(row, "gross"))
    extra = Decimal(page.get(row, _one_of(rng, ("ancillary", "technical"))))
    is_twice = rng.random() < 0.5
    page.put(row, "gross", gross + extra if is_twice else gross - extra)
    page.mark(row, "gross", "parts_differ")
    return True


def usable_differs(rng: Random, page: Page, row: int, _town: Town) -> bool:
    """Two digits of the total change places."""
    usable = Decimal(page.get(row, "usable"))
    page.put(row, "usable", usable + Decimal(_one_of(rng, (9, 90, -9, 27))))
    page.mark(row, "usable", "parts_differ")
    return True


def wrong_magnitude(rng: Random, page: Page, row: int, _town: Town) -> bool:
    """A bare figure in another unit than the header's: 亩 for land, 万㎡ for a house."""
    if rng.random() < 0.5:
        land = float(page.get(row, "land"))
        page.put(row, "land", round(land / 666.6667, 2))
        page.mark(row, "land", "magnitude")
    else:
        page.put(row, "gross", round(float(page.get(row, "gross")) / 10_000, 4))
        page.mark(row, "gross", "magnitude")
    return True


def land_for_building(_rng: Random, page: Page, row: int, _town: Town) -> bool:
    """The land's area stands in both columns."""
    page.put(row, "gross", page.get(row, "land"))
    page.mark(row, "gross", "land_is_gross")
    return True


def zero_or_blank(rng: Random, page: Page, row: int, _town: Town) -> bool:
    page.put(row, "gross", _one_of(rng, (0, None)))
    page.mark(row, "gross", "nothing")
    return True


def certified_differs(rng: Random, page: Page, row: int, _town: Town) -> bool:
    """The certificate's area is far from the measured one."""
    certified = Decimal(page.get(row, "certified"))
    page.put(row, "certified", round(certified * Decimal(_one_of(rng, ("0.8", "1.25", "0.6"))), 2))
    page.mark(row, "certified", "certificate_differs")
    return True


def ranks_differ(rng: Random, page: Page, row: int, _town: Town) -> bool:
    page.put(row, "staff", int(page.get(row, "staff")) + int(_one_of(rng, (1, 2, -1, 10))))
    page.mark(row, "staff", "ranks")
    return True


def fraction(rng: Random, page: Page, row: int, _town: Town) -> bool:
    key = _one_of(rng, ("actual", "non_quota") if page.has("actual") else ("rank3", "rank4"))
    page.put(row, key, float(page.get(row, key)) + 0.5)
    page.mark(row, key, "fraction")
    return True


def kinds_mixed(_rng: Random, page: Page, row: int, _town: Town) -> bool:
    """Everybody in the house counted as on the establishment."""
    outside = int(page.get(row, "non_quota"))
    if not outside:
        return False
    page.put(row, "actual", int(page.get(row, "staff")) + outside)
    page.mark(row, "actual", "kinds_mixed")
    return True


def vague_year(rng: Random, page: Page, row: int, _town: Town) -> bool:
    year = int(page.get(row, "year"))
    text = _one_of(rng, (
        f"{year % 100 // 10}0年代" if year < 2000 else f"{year}年前后", f"{year}年左右",
        f"约{year}年", f"{year}.6", f"{year}-05-01", 25_569 + (year - 1970) * 365 + 200,
        "".join("〇一二三四五六七八九"[int(digit)] for digit in str(year)) + "年", "建国后",
    ))  # fmt: skip
    page.put(row, "year", text)
    page.mark(row, "year", "vague_date")
    return True


def vague_date(rng: Random, page: Page, row: int, _town: Town) -> bool:
    year = int(str(page.get(row, "certified_on"))[:4])
    text = _one_of(rng, (float(f"{year}.1"), f"{year}.7", f"{year}年", f"{year}年3月", 43_831,
                         "年代久远", f"约{year}年"))  # fmt: skip
    page.put(row, "certified_on", text)
    page.mark(row, "certified_on", "vague_date")
    return True
