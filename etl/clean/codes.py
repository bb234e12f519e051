"""Checks of national codes: they warn and never reject, for wrong codes really are issued."""

import re
from typing import Final

_CREDIT_CHARSET: Final = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_CREDIT_LENGTH: Final = 18
_REAL_ESTATE_UNIT = re.compile(r"^\d{6}\d{3}\d{3}[GJZ][A-Z]\d{5}[FLQW]\d{8}$")
_NEXT_CERTIFICATE = re.compile(r"(?<=号)[、,，;；/\s]+")
_WHOLE_CERTIFICATE = re.compile(r"..(第|字|证).*[0-9].*号$")
_CERTIFICATE = re.compile(
    r"^[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼]\(\d{4}\)"
    r"\w+不动产权第\d+号$"
    r"|^\w+?(房权证|房产证|房字|国用|集用)\w*(\(\d{4}\))?(字)?第?\w+号$"
)


def credit_code_fault(code: str) -> str | None:
    """The rule a unified social credit code breaks (GB 32100-2015); null when it is right.

    Args:
        code: Upper case, without spaces.
    """
    if len(code) != _CREDIT_LENGTH:
        return "credit_code.length"
    if any(character not in _CREDIT_CHARSET for character in code):
        return "credit_code.character"
    total = sum(
        _CREDIT_CHARSET.index(character) * pow(3, place, 31)
        for place, character in enumerate(code[:-1])
    )
    check = _CREDIT_CHARSET[(31 - total % 31) % 31]
    return None if code[-1] == check else "credit_code.check_digit"


def real_estate_unit_fault(code: str) -> str | None:
    """The rule a real-estate unit code breaks (GB/T 37346-2019); null when it is right.

    Args:
        code: Upper case, without spaces.
    """
    if len(code) != 28:
        return "real_estate_unit.length"
    return None if _REAL_ESTATE_UNIT.match(code) else "real_estate_unit.form"


def certificate_numbers(text: str) -> list[str]:
    """The numbers of a cell that has several whole ones; else the text as it stands.

    Args:
        text: As written, on one line.
    """
    pieces = _NEXT_CERTIFICATE.split(text)
    return pieces if all(map(_WHOLE_CERTIFICATE.search, pieces)) else [text]


def certificate_fault(text: str) -> str | None:
    """The rule a certificate number breaks; null when it has one of the known forms.

    Args:
        text: NFKC, without spaces.
    """
    if _CERTIFICATE.match(text):
        return None
    if not any(character.isdigit() for character in text):
        return "certificate.no_number"
    return "certificate.form"
