"""Titles: every property held against the finance system's cards, what is measured, its titles.

Beside each stands how far its ownership is on record (权属备案).
"""

from collections import Counter
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any, Final
from urllib.parse import urlencode

from flask import Blueprint, render_template

from assets.certificates.ownership import (
    LEASED_IN,
    SHOWN,
    Standing,
    standing_of,
    standings,
    writable,
)
from assets.certificates.three_way import (
    Difference,
    Matched,
    Side,
    Subject,
    Verdict,
    cards_of,
    match,
    property_of,
    tolerance_of,
    unplaced,
)
from gis.clock import today
from gis.errors import InputError
from webmap.asked import as_of_date, short_text, whole_number
from webmap.language import language, say, script_messages
from webmap.session import asking

pages = Blueprint("title_pages", __name__)

HERE: Final = "/titles"
_A_PAGE: Final = 100
_MOST_OFFSET: Final = 10_000_000
_MOST_CARDS: Final = 200
"""Cards of no place that the page lists; the workbook has all of them."""
_WORDS: Final = ("code", "name", "address", "steward")


@pages.get(HERE)
def show_titles() -> str:
    """Properties with what each side comes to, those that differ first, a page of them."""
    as_of, asked = as_of_date(), _asked()
    with asking(is_one_moment=True, is_long=True) as conn:
        if asked["place"]:
            asked["place"] = property_of(conn, asked["place"], as_of)
        found = match(conn, as_of)
        cards = unplaced(conn, as_of)
        kept = standings(conn, as_of)
        standing = {
            one.place_id: standing_of(kept, one.place_id, is_leased_in=one.is_leased_in)
            for one in found
        }
        chosen = [one for one in found if _is_asked(one, asked, standing[one.place_id])]
        offset = asked["offset"]
        shown = chosen[offset : offset + _A_PAGE]
        own_cards = cards_of(conn, asked["place"]) if asked["place"] else None
        ours = writable(conn, [one.place_id for one in shown])
    states = Counter(one.state for one in standing.values())
    return render_template(
        "titles/list.html",
        messages=dict(script_messages(language())),
        as_of=as_of,
        asked=asked,
        rows=[
            {
                **_row(one),
                "ownership": standing[one.place_id],
                "may_record": one.place_id in ours
                and as_of >= today()
                and standing[one.place_id].state != LEASED_IN,
            }
            for one in shown
        ],
        owned=[(state, states[state]) for state in SHOWN],
        total=len(chosen),
        sides=list(Side),
        verdicts=list(Verdict),
        counts={
            (side, verdict): sum(one.verdicts[side] is verdict for one in found)
            for side in Side
            for verdict in Verdict
        },
        own_cards=own_cards,
        may_search=as_of == today() and any(one["may_write"] for one in cards),
        cards=cards[:_MOST_CARDS],
        card_count=len(cards),
        tolerance=tolerance_of(as_of),
        first=offset + 1,
        last=offset + len(shown),
        before=_address(asked, as_of, max(offset - _A_PAGE, 0)) if offset else None,
        after=_address(asked, as_of, offset + _A_PAGE) if offset + _A_PAGE < len(chosen) else None,
    )


def _asked() -> dict[str, Any]:
    side, verdict = short_text("side"), short_text("verdict")
    if side is not None and side not in list(Side):
        raise InputError("titles.bad_choice", value=side[:40])
    if verdict is not None and verdict not in list(Verdict):
        raise InputError("titles.bad_choice", value=verdict[:40])
    ownership = short_text("ownership")
    if ownership is not None and ownership not in SHOWN:
        raise InputError("titles.bad_choice", value=ownership[:40])
    return {
        "q": short_text("q"),
        "ownership": ownership,
        "side": side,
        "verdict": verdict,
        "place": whole_number("place", least=1),
        "offset": whole_number("offset", least=0, most=_MOST_OFFSET, default=0) or 0,
    }


def _is_asked(one: Matched, asked: Mapping[str, Any], standing: Standing) -> bool:
    if asked["ownership"] is not None and standing.state != asked["ownership"]:
        return False
    if asked["place"] is not None and one.place_id != asked["place"]:
        return False
    sides = [Side(asked["side"])] if asked["side"] else list(Side)
    if asked["verdict"] and not any(one.verdicts[side] == asked["verdict"] for side in sides):
        return False
    if asked["q"]:
        said = [str(one.head[name] or "") for name in _WORDS]
        said += [*one.cards, *one.titles]
        return any(asked["q"].casefold() in each.casefold() for each in said)
    return True


def _address(asked: Mapping[str, Any], as_of: date, offset: int) -> str:
    said = {**asked, "as_of": as_of.isoformat(), "offset": offset}
    return f"{HERE}?{urlencode({name: one for name, one in said.items() if one})}"


def _row(one: Matched) -> dict[str, Any]:
    head = one.head
    return {
        "place_id": one.place_id,
        "code": head["code"],
        "name": head["name"] or head["address"] or head["code"],
        "district": head["district"],
        "areas": one.areas,
        "verdicts": {side: one.verdicts[side].value for side in Side},
        "differences": [_difference(each) for each in one.differences],
        "cards": list(one.cards),
        "titles": list(one.titles),
    }


def _listed(value: Decimal | tuple[str, ...]) -> Decimal | str:
    return say("report.separator").join(value) if isinstance(value, tuple) else value


def _difference(one: Difference) -> dict[str, Any]:
    unit = {Subject.VALUE: "yuan", Subject.NUMBER: None, Subject.OWNER: None}
    return {
        "side": one.side.value,
        "what": say(f"certificates.three_way.subject.{one.subject.value}"),
        "ledger": _listed(one.ledger),
        "other": _listed(one.other),
        "difference": one.difference,
        "unit": unit.get(one.subject, "m2"),
    }
