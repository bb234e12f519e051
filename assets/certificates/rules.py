"""What a certificate is, without input or output: its state, its content as one digest, its code.

中办发〔2017〕70号 第十八条: a use agreement is signed and a certificate of allocated use is given;
it may not be used for letting, lending or business.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from typing import Any, Final

CLAUSE: Final = "中办发〔2017〕70号 第十八条"
ROOM_CLASSES: Final = ("office", "service", "equipment")
"""What counts as basic office space together (基本办公用房)."""
_CENT: Final = Decimal("0.01")
OF_ROOM: Final = (
    "place_id", "code", "number", "name", "building", "floor", "level", "room_class", "area_m2",
    "share",
)  # fmt: skip
OF_EDITION: Final = (
    "since", "valid_to", "holder_name", "holder_code", "place_name", "address", "titles",
)  # fmt: skip
OF_CERTIFICATE: Final = (
    "number", "called", "issuer", "issued_on", "valid_from",
)  # fmt: skip


class State(StrEnum):
    """Where a certificate stands on a day."""

    COMING = "coming"
    IN_FORCE = "in_force"
    EXPIRED = "expired"
    CANCELLED = "cancelled"
    WITHDRAWN = "withdrawn"


def state_on(
    day: date,
    *,
    valid_from: date,
    valid_to: date | None,
    cancelled_on: date | None,
    is_withdrawn: bool,
) -> State:
    """Where a certificate stands on a day; one cancelled for later is in force till then."""
    if is_withdrawn:
        return State.WITHDRAWN
    if cancelled_on is not None and cancelled_on <= day:
        return State.CANCELLED
    if valid_to is not None and valid_to <= day:
        return State.EXPIRED
    return State.COMING if day < valid_from else State.IN_FORCE


def part_m2(area_m2: Decimal | None, share: Decimal | None) -> Decimal | None:
    """What of a room's area is the holder's, to the hundredth; null where either is not known."""
    if area_m2 is None or share is None:
        return None
    return (Decimal(area_m2) * Decimal(share)).quantize(_CENT, ROUND_HALF_UP)


def digest_of(
    certificate: Mapping[str, Any], edition: Mapping[str, Any], rooms: Iterable[Mapping[str, Any]]
) -> bytes:
    """SHA-256 of what an edition says: whoever has all of its rooms finds the same.

    Args:
        certificate: With the columns of `OF_CERTIFICATE`.
        edition: With the columns of `OF_EDITION`.
        rooms: Rows of it, in any order.
    """
    said = {
        "certificate": {name: _plain(certificate[name]) for name in OF_CERTIFICATE},
        "edition": {name: _plain(edition[name]) for name in OF_EDITION},
        "rooms": sorted(
            ([_plain(room[name]) for name in OF_ROOM] for room in rooms), key=lambda one: one[0]
        ),
    }
    written = json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(written.encode()).digest()


def _plain(value: Any) -> Any:
    match value:
        case None | int() | str():
            return value
        case list() | tuple():
            return [_plain(one) for one in value]
        case Decimal():
            return format(value.normalize(), "f")
        case _:
            return str(value)


def code_path(uid: object) -> str:
    """The address of a certificate by its code, without the host."""
    return f"/certificates/code/{uid}"


def code_text(uid: object, number: str, public_url: str | None) -> str:
    """What the square code on the paper carries.

    Args:
        uid: The certificate's code.
        number: Its number.
        public_url: Address people reach the server by, without a slash at the end. Null, as on a
            network without one of its own: number and path, to be entered in the register's search.
    """
    path = code_path(uid)
    return f"{number} {path}" if public_url is None else f"{public_url.rstrip('/')}{path}"


@dataclass(frozen=True)
class Entitled:
    """What the holder of a certificate may have, all of it and not in one property.

    Args:
        on: The day, of people and of the standard.
        quota: Its people of the quota; null: not known.
        areas_m2: Usable, by class of room, under null of all; null: cannot be told.
        is_verified: Somebody has compared each row of the standard with its document.
    """

    on: date
    quota: int | None
    areas_m2: Mapping[str | None, Decimal | None]
    is_verified: bool


def last_day(valid_to: date | None) -> date | None:
    """The last day on which what ends before `valid_to` holds, as people write it; null: no end."""
    return None if valid_to is None else valid_to - timedelta(days=1)
