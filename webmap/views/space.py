"""Office space against the standard: a list of bodies, and why of each; as pages and as JSON."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, Final

from flask import Blueprint, Response, jsonify, render_template

from assets.space.queries import Verdict, verdicts
from assets.space.rules import Compared, Line, State, rounded
from gis.errors import NotFound
from gis.places.terms import Terms, read_terms
from webmap.asked import as_of_date
from webmap.language import language, say, script_messages
from webmap.session import asking
from webmap.views.places import plain

pages = Blueprint("space_pages", __name__)
blueprint = Blueprint("space", __name__)

_ALL: Final = "all"
"""Stands for offices, service and equipment rooms together."""


@pages.get("/space")
def show_list() -> str:
    """Every body against the standard, those over first as they stand in each district."""
    as_of = as_of_date()
    with asking() as conn:
        found = verdicts(conn, as_of)
        terms = read_terms(conn, language())
    items = [_summary(one, terms) for one in found]
    return render_template(
        "space/list.html",
        messages=dict(script_messages(language())),
        as_of=as_of,
        items=items,
        counts=_counts(found),
        classes=(_ALL, "office", "service", "equipment"),
    )


@pages.get("/space/bodies/<int:organization_id>")
def show_body(organization_id: int) -> str:
    """Why a body is over or not: each line with people, rate and clause."""
    as_of = as_of_date()
    with asking() as conn:
        found = _one(verdicts(conn, as_of, organization_id=organization_id))
        terms = read_terms(conn, language())
    return render_template(
        "space/body.html",
        messages=dict(script_messages(language())),
        as_of=as_of,
        one=_explained(found, terms),
    )


@blueprint.get("/api/space/verdicts")
def list_verdicts() -> Response:
    """Every body against the standard, with how many are over."""
    as_of = as_of_date()
    with asking() as conn:
        found = verdicts(conn, as_of)
        terms = read_terms(conn, language())
    return jsonify(
        {
            "as_of": as_of.isoformat(),
            "counts": _counts(found),
            "items": [_summary(one, terms) for one in found],
        }
    )


@blueprint.get("/api/space/verdicts/<int:organization_id>")
def show_verdict(organization_id: int) -> Response:
    """One body against the standard, line by line."""
    as_of = as_of_date()
    with asking() as conn:
        found = _one(verdicts(conn, as_of, organization_id=organization_id))
        terms = read_terms(conn, language())
    return jsonify({"as_of": as_of.isoformat(), **_explained(found, terms)})


def _one(found: Sequence[Verdict]) -> Verdict:
    if not found:
        raise NotFound("space.no_verdict")
    return found[0]


def _counts(found: Sequence[Verdict]) -> dict[str, int]:
    whole = [one.compared[-1].state for one in found]
    return {"bodies": len(found), **{state.value: whole.count(state) for state in State}}


def _summary(one: Verdict, terms: Terms) -> dict[str, Any]:
    body = one.body
    return {
        "organization_id": body.organization_id,
        "code": body.code,
        "name": body.name,
        "district": body.district,
        "level_title": terms.title("organization_level", body.level_code),
        "quota": one.entitlement.quota,
        "counted_on": plain(one.counted_on),
        "uses_unverified": one.entitlement.uses_unverified,
        "lacks": [say(f"space.lack.{lack.value}") for lack in one.lacks],
        "compared": {each.room_class or _ALL: _compared(each) for each in one.compared},
    }


def _compared(one: Compared) -> dict[str, Any]:
    return {
        "title": say(f"space.verdicts.class.{one.room_class or _ALL}"),
        "actual_m2": _m2(one.actual_m2),
        "entitled_m2": _m2(one.entitled_m2),
        "difference_m2": _m2(one.difference_m2),
        "percent": None if one.share is None else float(rounded(one.share * 100)),
        "state": one.state.value,
        "state_title": say(f"space.verdicts.state.{one.state.value}"),
    }


def _explained(one: Verdict, terms: Terms) -> dict[str, Any]:
    return {
        **_summary(one, terms),
        "lines": [_line(each, terms) for each in one.entitlement.lines],
        "rooms": [
            {
                "class_title": terms.title("room_class", each.room_class)
                or say("question.not_stated"),
                "rooms": each.rooms,
                "area_m2": _m2(each.area_m2),
                "unmeasured": each.unmeasured,
                "shared_alike": each.shared_alike,
            }
            for each in one.rooms
        ],
    }


def _line(line: Line, terms: Terms) -> dict[str, Any]:
    row = line.standard
    return {
        "class_title": say(f"space.verdicts.class.{line.room_class}"),
        "rank_title": terms.title("rank", line.rank),
        "count": line.count,
        "base_m2": _m2(line.base_m2),
        "rate": None if line.rate is None else float(line.rate),
        "area_m2": _m2(line.area_m2),
        "lack": line.lack and say(f"space.lack.{line.lack.value}"),
        "source": row and row.source,
        "clause": row and row.clause,
        "valid_from": plain(row.valid_from) if row else None,
        "is_verified": row and row.is_verified,
    }


def _m2(area: Decimal | None) -> float | None:
    return None if area is None else float(rounded(area))
