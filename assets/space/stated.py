"""What a row of the standard may say: what there is to fill in, by kind, and what is refused."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from typing import Final
from urllib.parse import urlsplit

from assets.space.model import StandardKind
from assets.space.rules import Standard
from gis.errors import InputError, Phrase

LEVELS: Final = "organization_level"
RANKS: Final = "rank"
HEIGHTS: Final = "building_height"
_MOST_M2: Final = 1000
"""Above every limit and rate there is: more is a slip of the pen."""
_MOST_PEOPLE: Final = 1_000_000
_DIGITS: Final = 4
_MOST: Final = {"source": 300, "clause": 100, "source_url": 500, "note": 500}


@dataclass(frozen=True)
class Shape:
    """What a row of a kind says.

    Args:
        has_level: It is of one level of bodies.
        whom: List of the terms of which it names one; null: it names none.
        falls: It may fall evenly from one count to another.
        is_tiered: It may have another value above a count.
        is_share: Its value is a share, not m2.
        unit: Its value is a whole number of `day`, `month` or `year`; null: m2 or a share.
    """

    has_level: bool = False
    whom: str | None = None
    falls: bool = False
    is_tiered: bool = False
    is_share: bool = False
    unit: str | None = None


SHAPES: Final[Mapping[StandardKind, Shape]] = {
    **dict.fromkeys(StandardKind, Shape()),
    StandardKind.OFFICE_LIMIT: Shape(has_level=True, whom=RANKS),
    StandardKind.SERVICE_RATE: Shape(has_level=True, falls=True),
    StandardKind.EQUIPMENT_RATIO: Shape(is_share=True),
    StandardKind.USABLE_RATIO: Shape(whom=HEIGHTS, is_share=True),
    StandardKind.CANTEEN_RATE: Shape(is_tiered=True),
    StandardKind.GARAGE_RATE: Shape(is_tiered=True),
    StandardKind.SECOND_RETURN: Shape(unit="month"),
    StandardKind.LEAVE_RETURN: Shape(unit="month"),
    StandardKind.MOVED_RETURN: Shape(unit="month"),
    StandardKind.IDLE_TERM: Shape(unit="day"),
    StandardKind.REPAIR_INTERVAL: Shape(unit="year"),
}


def read_number(name: str, stated: str, *, is_share: bool = False) -> Decimal | None:
    """A number as people write it; null where nothing is stated. A share may be in per cent.

    Args:
        name: Field of `Standard`.

    Raises:
        InputError: No number, or one with more than four digits after the point.
    """
    written = stated.strip().replace("％", "%")
    if not written:
        return None
    is_percent = is_share and written.endswith("%")
    try:
        number = Decimal(written.removesuffix("%").strip() if is_percent else written)
    except InvalidOperation as error:
        raise _no_number(name, stated) from error
    if is_percent:
        number = number.scaleb(-2)
    exponent = number.as_tuple().exponent
    if not isinstance(exponent, int) or exponent < -_DIGITS or number.adjusted() > 9:
        raise _no_number(name, stated)
    return number.quantize(Decimal(1)) if exponent > 0 else number


def _no_number(name: str, stated: str) -> InputError:
    return InputError(
        "space.standards.no_number", field=_field(name), value=stated.strip()[:40], digits=_DIGITS
    )


def check_stated(
    stated: Standard, terms: Mapping[str, Mapping[str, str | None]], cap: Decimal | None
) -> Standard:
    """A row as it is kept, or why nobody can say that.

    Args:
        terms: By list, each term with the one above it; of ranks that is their level.
        cap: What its value may not exceed.

    Returns:
        The row with its words trimmed and the cap.

    Raises:
        InputError: With what would do.
    """
    shape = SHAPES[stated.kind]
    _check_whom(stated, shape, terms)
    _check_values(stated, shape, cap)
    _check_counts(stated, shape)
    if stated.valid_from is None:
        raise InputError("space.standards.no_day")
    if stated.valid_to is not None and stated.valid_to <= stated.valid_from:
        raise InputError("space.standards.bad_days", since=stated.valid_from, until=stated.valid_to)
    words = {name: (getattr(stated, name) or "").strip() for name in _MOST}
    if not words["source"]:
        raise InputError("space.standards.no_document")
    for name, most in _MOST.items():
        if len(words[name]) > most:
            raise InputError("space.standards.long_words", field=_field(name), most=most)
    if words["source_url"] and urlsplit(words["source_url"]).scheme not in {"http", "https"}:
        raise InputError("space.standards.no_address", value=words["source_url"][:60])
    return replace(
        stated,
        source=words["source"],
        clause=words["clause"] or None,
        source_url=words["source_url"] or None,
        note=words["note"] or None,
        cap=cap,
        is_default=False,
    )


def _check_whom(
    stated: Standard, shape: Shape, terms: Mapping[str, Mapping[str, str | None]]
) -> None:
    kind = Phrase(f"space.standard.{stated.kind.value}")
    if not shape.has_level and stated.level is not None:
        raise InputError("space.standards.no_level_here", kind=kind)
    if shape.whom is None and stated.rank is not None:
        raise InputError("space.standards.no_rank_here", kind=kind)
    if shape.has_level:
        _refuse_unknown("space.standards.unknown_level", stated.level, terms.get(LEVELS, {}))
    if shape.whom is None:
        return
    known = terms.get(shape.whom, {})
    here = [one for one, above in known.items() if not shape.has_level or above == stated.level]
    key = "unknown_rank" if shape.has_level else "unknown_height"
    _refuse_unknown(f"space.standards.{key}", stated.rank, here, level=stated.level)


def _refuse_unknown(
    key: str, stated: str | None, known: Collection[str], **more: str | None
) -> None:
    if stated not in known:
        said = (stated or "–")[:40]
        raise InputError(key, value=said, known=", ".join(known) or "–", **more)


def _check_values(stated: Standard, shape: Shape, cap: Decimal | None) -> None:
    if stated.value is None:
        raise InputError("space.standards.no_value")
    for name in ("value", "value_beyond"):
        value: Decimal | None = getattr(stated, name)
        if value is None:
            continue
        may_be_nought = stated.kind is StandardKind.TOLERANCE
        most = 1 if shape.is_share else _MOST_M2
        if value > most or value < 0 or (value == 0 and not may_be_nought):
            key = "bad_share" if shape.is_share else "bad_value"
            raise InputError(f"space.standards.{key}", field=_field(name), value=value, most=most)
        if shape.unit and value % 1:
            raise InputError("space.standards.whole_number", value=value)
    if cap is not None and stated.value > cap:
        raise InputError("space.standards.above_cap", value=stated.value, cap=cap)


def _check_counts(stated: Standard, shape: Shape) -> None:
    named = {name: getattr(stated, name) for name in ("from_count", "to_count", "value_beyond")}
    wanted = list(named) if shape.falls else ["to_count", "value_beyond"] * shape.is_tiered
    given = [name for name, value in named.items() if value is not None]
    if not given:
        return
    kind = Phrase(f"space.standard.{stated.kind.value}")
    if not wanted:
        raise InputError("space.standards.no_steps_here", kind=kind, field=_field(given[0]))
    if missing := [name for name in wanted if name not in given]:
        raise InputError("space.standards.steps_apart", kind=kind, field=_field(missing[0]))
    if surplus := [name for name in given if name not in wanted]:
        raise InputError("space.standards.no_steps_here", kind=kind, field=_field(surplus[0]))
    for name in ("from_count", "to_count"):
        count: Decimal | None = named[name]
        if count is not None and (
            count != count.to_integral_value() or not 0 < count < _MOST_PEOPLE
        ):
            raise InputError("space.standards.bad_count", field=_field(name), value=count)
    if stated.from_count and stated.to_count and stated.from_count >= stated.to_count:
        raise InputError(
            "space.standards.counts_backwards", first=stated.from_count, last=stated.to_count
        )
    if stated.value and stated.value_beyond and stated.value_beyond > stated.value:
        raise InputError("space.standards.rises", value=stated.value, beyond=stated.value_beyond)


def _field(name: str) -> Phrase:
    return Phrase(f"space.standards.{name}")


def figure_of(row: Standard) -> Phrase:
    """What a row says, as a part of a sentence."""

    def plain(number: Decimal) -> str:
        return f"{number.normalize():f}"

    if row.value is None:
        if row.cap is None:
            return Phrase("space.standards.left_open")
        return Phrase("space.standards.left_open_cap", {"cap": plain(row.cap)})
    if SHAPES[row.kind].is_share:
        return Phrase("space.standards.percent", {"value": plain(row.value * 100)})
    said = {"value": plain(row.value)}
    if unit := SHAPES[row.kind].unit:
        return Phrase(f"space.standards.term.{unit}", said)
    if row.to_count is None or row.value_beyond is None:
        return Phrase("space.standards.m2", said)
    said |= {"to_count": plain(row.to_count), "beyond": plain(row.value_beyond)}
    if row.from_count is None:
        return Phrase("space.standards.tiers", said)
    return Phrase("space.standards.falls", {**said, "from_count": plain(row.from_count)})
