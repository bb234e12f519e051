"""What a request may say, read and checked in one place."""

import json
from collections.abc import Mapping
from datetime import date
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any, Final, NoReturn

from flask import Request, request
from werkzeug.datastructures import ImmutableMultiDict, MultiDict
from werkzeug.routing import IntegerConverter
from werkzeug.utils import cached_property

from gis.clock import today
from gis.columns import LARGEST_ID
from gis.errors import InputError

_LONGEST_TEXT: Final = 100
_MOST: Final = 10**10
"""Above every area and share there is, and small enough to reckon with and to print."""


class NumberOfOurs(IntegerConverter):
    """A whole number of an address, such as a place's; one that no row can have is unknown."""

    regex = r"\d{1,18}"


class CleanRequest(Request):
    """A request whose address and form hold no null characters: no text of the database can."""

    @cached_property
    def args(self) -> MultiDict[str, str]:
        """The parameters of the address."""
        return _clean(super().args) if b"%00" in self.query_string else super().args

    @cached_property
    def form(self) -> ImmutableMultiDict[str, str]:
        """The fields of a form."""
        return _clean(super().form)


def _clean(stated: MultiDict[str, str]) -> ImmutableMultiDict[str, str]:
    return ImmutableMultiDict(
        (name, value.replace("\0", "")) for name, value in stated.items(multi=True)
    )


def as_of_date(stated: object = None) -> date:
    """The day asked about: `as_of` of the address or body, else today.

    Raises:
        InputError: Not a date written as YYYY-MM-DD.
    """
    return stated_day(request.args.get("as_of") if stated is None else stated) or today()


def stated_day(stated: object) -> date | None:
    """A day of a body, as a form's field sends it; null where it is blank.

    Raises:
        InputError: Not a date.
    """
    written = "" if stated is None else str(stated).strip()
    return needed_day(written) if written else None


def needed_day(stated: object) -> date:
    """A day of a body or form that cannot go without one.

    Raises:
        InputError: Not a date, or blank.
    """
    written = "" if stated is None else str(stated).strip()
    try:
        return date.fromisoformat(written.replace("/", "-"))
    except ValueError as error:
        raise InputError("asked.not_a_date", value=written[:40]) from error


def whole_number(
    name: str, *, least: int, most: int = LARGEST_ID, default: int | None = None
) -> int | None:
    """A whole number of the address, within bounds.

    Raises:
        InputError: Not a whole number, or out of bounds.
    """
    written = request.args.get(name)
    if written in (None, ""):
        return default
    try:
        number = int(str(written))
    except ValueError as error:
        raise InputError("asked.not_a_number", name=name, value=str(written)[:40]) from error
    if not least <= number <= most:
        raise InputError("asked.out_of_bounds", name=name, least=least, most=most)
    return number


def amount(stated: object, key: str, *, digits: int) -> Decimal | None:
    """An area or a share of a body, rounded to so many digits; null where nothing is stated.

    Args:
        stated: A number, or the text of one.
        key: Of the sentence that refuses it.
        digits: After the point, as the register keeps them.

    Raises:
        InputError: Not a number, below nought, or beyond 10,000,000,000.
    """
    if stated is None or stated == "":
        return None
    try:
        number = Decimal(str(stated))
    except InvalidOperation as error:
        raise InputError(key) from error
    if isinstance(stated, bool) or not number.is_finite() or not 0 <= number < _MOST:
        raise InputError(key)
    return number.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)


def degrees(stated: object, most: int) -> float | None:
    """Degrees as a number or the text of one, no further from nought than `most`."""
    if stated in (None, ""):
        return None
    try:
        number = Decimal(str(stated))
    except ArithmeticError as error:
        raise InputError("requests.bad_point") from error
    if not number.is_finite() or abs(number) > most:
        raise InputError("requests.bad_point")
    return float(number)


def short_text(name: str) -> str | None:
    """A text of the address, without its outer spaces, cut at 100 characters; null when blank."""
    return (request.args.get(name) or "").strip()[:_LONGEST_TEXT] or None


def json_object() -> Mapping[str, Any]:
    """The body as a JSON object, its texts without null characters.

    Raises:
        InputError: It is not one.
    """
    written = request.get_data()
    try:
        body = json.loads(written, parse_constant=_refuse_constant)
        if b"\\u0000" in written:
            body = _without_nulls(body)
        if b"\\ud" in written.lower():
            # Half of a character pair is JSON to Python, and text to nobody.
            json.dumps(body, ensure_ascii=False).encode()
    except (ValueError, RecursionError) as error:
        raise InputError("asked.not_json") from error
    if not isinstance(body, dict):
        raise InputError("asked.not_json")
    return body


def _refuse_constant(name: str) -> NoReturn:
    """NaN and Infinity, which are numbers to Python alone."""
    raise ValueError(name)


def _without_nulls(value: Any) -> Any:
    if isinstance(value, str):
        return value.replace("\0", "")
    if isinstance(value, list):
        return [_without_nulls(one) for one in value]
    if isinstance(value, dict):
        return {_without_nulls(name): _without_nulls(one) for name, one in value.items()}
    return value
