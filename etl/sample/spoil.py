"""Ways offices write a right value so that only a careful reader gets it, and wrong ones."""

from datetime import date
from typing import Final

from etl.sample.codes import credit_check

MU_M2: Final = 666.6667
_FULL_WIDTH: Final = str.maketrans("0123456789.", "０１２３４５６７８９．")


def full_width(text: str) -> str:
    """Digits and points as a Chinese input method types them."""
    return text.translate(_FULL_WIDTH)


def area_text(area_m2: float, style: int) -> str:
    """An area as text that still says exactly the same; `style` picks one of six ways."""
    return (
        f"{area_m2:.2f}㎡",
        f"{area_m2:,.2f}",
        full_width(f"{area_m2:.2f}"),
        f"{area_m2 / 10_000:.6f}万㎡",
        f"{area_m2:.2f}平方米",
        f"约{area_m2:.2f}",
    )[style % 6]


def in_mu(area_m2: float) -> tuple[str, float]:
    """Land in 亩 to three decimals, and the m2 that this says."""
    mu = round(area_m2 / MU_M2, 3)
    return f"{mu:.3f}亩", round(mu * MU_M2, 2)


def year_text(year: int, style: int) -> str:
    """A building year as text; the first four ways keep the year, the last only the decade."""
    return (
        f"{year}年左右",
        f"{year}.6",
        f"{year}年",
        full_width(str(year)),
        f"{year // 10 % 10}0年代",
    )[style % 5]


def date_text(day: str, style: int) -> str | int:
    """An ISO date as offices write it: with points, as a serial day, in Chinese."""
    found = date.fromisoformat(day)
    serial = (found - date(1899, 12, 30)).days
    options: tuple[str | int, ...] = (
        f"{found.year}.{found.month}.{found.day}",
        serial,
        f"{found.year}年{found.month}月{found.day}日",
        f"{found.year}/{found.month}/{found.day}",
    )
    return options[style % 4]


def with_wrong_check(code: str) -> str:
    """A credit code whose check character is another one."""
    right = credit_check(code[:17])
    return code[:17] + ("1" if right != "1" else "2")


def with_letter_for_digit(code: str) -> str:
    """A credit code with a capital O where a zero stands, as read from paper."""
    return code[:10] + code[10:].replace("0", "O", 1)


def as_number(code: str) -> float:
    """What is left of a credit code once a spreadsheet took it for a number."""
    digits = "".join(character for character in code if character.isdigit())
    return float(f"{float(digits.ljust(18, '0')[:18]):.5e}")
