"""Chinese numerals: 一千二百, 壹仟贰佰, 二〇一三, 三百点五.

The digits and powers come from the Unicode database; the one library for this (cn2an) brings
packages named `build`, `src` and `example` into the environment with it.
"""

import re
import unicodedata
from decimal import Decimal
from typing import Final

_SIGNS: Final = "〇零一二三四五六七八九两壹贰叁肆伍陆柒捌玖十百千拾佰仟廿卅万亿萬億"
_RUN: Final = re.compile(rf"^(?:[{_SIGNS}]+)(?:点[〇零一二三四五六七八九]+)?")
_SAME_SIGNS: Final = str.maketrans(
    {"○": "〇", "贰": "贰", "弍": "贰", "陸": "陆", "两": "二", "俩": "二"}
)
_GREAT: Final = 10_000


def leading_numeral(text: str) -> tuple[Decimal, str] | None:
    """The Chinese numeral that a text begins with, and what follows it; null without one.

    Digits alone are read by place (二〇一三), digits with powers by value (一千二百). A last digit
    after a power of at least a hundred, without 零, counts for the next lower power, as it is
    spoken: 一千二 is 1,200.
    """
    plain = text.translate(_SAME_SIGNS)
    run = _RUN.match(plain)
    if not run:
        return None
    whole, _point, fraction = run[0].partition("点")
    values = [int(unicodedata.numeric(sign)) for sign in whole]
    found = _by_place(values) if max(values) < 10 else _by_value(values)
    if found is None:
        return None
    if fraction:
        digits = "".join(str(int(unicodedata.numeric(sign))) for sign in fraction)
        return Decimal(f"{found}.{digits}"), plain[run.end() :]
    return Decimal(found), plain[run.end() :]


def _by_place(values: list[int]) -> int:
    return int("".join(str(value) for value in values))


def _by_value(values: list[int]) -> int | None:
    """Null for a row of signs that nobody would say."""
    total, section, digit, power = 0, 0, None, 0
    for position, value in enumerate(values):
        if value < 10:
            if digit:
                return None
            digit = value
        elif value < _GREAT:
            if digit is None and value != 10 and value not in (20, 30):
                return None
            section += value * (1 if digit in (None, 0) else digit)
            digit, power = None, value
        else:
            section += digit or 0
            if section == 0 and total == 0:
                return None
            is_above = total and value > power and power >= _GREAT
            total = (total + section) * value if is_above else total + section * value
            section, digit, power = 0, None, value
        if position == len(values) - 1 and digit:
            is_spoken = power >= 100 and values[position - 1] != 0
            section += digit * (power // 10 if is_spoken else 1)
    return total + section
