"""Identifiers that look and check like the real ones, in ranges no real body has."""

from typing import Final

_CREDIT_ALPHABET: Final = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_CREDIT_WEIGHTS: Final = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)
_ORGANIZATION_WEIGHTS: Final = (3, 7, 9, 10, 5, 8, 4, 2)
_INVENTED_PREFIX: Final = "YL"
"""Opens every invented organisation code (样例); issued codes of this age open with MA or MB."""


def credit_code(kind: str, division_code: str, number: int) -> str:
    """A unified social credit code by GB 32100-2015, with both check characters right.

    Args:
        kind: Two characters: registering department and kind of body (11 agency, 12 service body).
        division_code: Six digits of the registering district.
        number: Up to six digits, unique per call site.
    """
    organization = f"{_INVENTED_PREFIX}{number:06d}"
    organization += _organization_check(organization)
    body = f"{kind}{division_code}{organization}"
    return body + credit_check(body)


def credit_check(first_17: str) -> str:
    """The check character of GB 32100-2015 for the first 17 characters."""
    total = sum(
        _CREDIT_ALPHABET.index(character) * weight
        for character, weight in zip(first_17, _CREDIT_WEIGHTS, strict=True)
    )
    return _CREDIT_ALPHABET[(31 - total % 31) % 31]


def _organization_check(first_8: str) -> str:
    total = sum(
        int(character, 36) * weight
        for character, weight in zip(first_8, _ORGANIZATION_WEIGHTS, strict=True)
    )
    check = (11 - total % 11) % 11
    return "X" if check == 10 else str(check)


def parcel_number(division_code: str, number: int) -> str:
    """A real-estate unit number (不动产单元代码, 28 characters) of a parcel with buildings."""
    area, subarea, sequence = 900 + number // 99_000 % 100, number // 990 % 100 + 1, number % 99_999
    return f"{division_code}{area:03d}{subarea:03d}GB{sequence:05d}F99990001"


def certificate_number(city: str, year: int, number: int) -> str:
    """A real-estate certificate number, in the form used since 2015."""
    return f"苏({year})示例{city}不动产权第{number:07d}号"


def telephone(number: int) -> str:
    """A telephone number nobody has: local numbers never open with a zero."""
    return f"0519-0{number % 10_000_000:07d}"
