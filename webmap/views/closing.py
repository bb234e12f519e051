"""Closing and reopening a place; who has it, entered by hand."""

from collections.abc import Mapping
from typing import Any, Final

from flask import Blueprint, Response, jsonify

from assets.estate.actions.closing import StillStanding, close_place, reopen_place
from assets.estate.actions.entering import (
    Entered,
    add_holding,
    correct_holding,
    own_holdings,
)
from assets.estate.actions.holdings import Party
from assets.estate.model import Extent, HoldingKind
from gis.columns import is_id
from gis.errors import InputError
from gis.places.edits import EditedMeanwhile
from webmap.asked import amount, json_object, stated_day
from webmap.language import say
from webmap.problems import answer_of
from webmap.session import asking
from webmap.views.editing import answer_second, grounds
from webmap.views.places import plain

blueprint = Blueprint("closing", __name__)
_MOST_PARTIES: Final = 50


@blueprint.post("/api/places/<int:place_id>/close")
def close(place_id: int) -> Response:
    """Close a place from a day on; what still stands in it is listed first."""
    body = json_object()
    try:
        with asking() as conn:
            closed = close_place(
                conn,
                place_id,
                seen_version=str(body.get("version") or ""),
                grounds=grounds(body),
                with_all=body.get("with_all") is True,
            )
    except EditedMeanwhile as error:
        return answer_second(error)
    except StillStanding as error:
        return _answer_standing(error)
    return jsonify({"place_id": place_id, "changed": len(closed)})


@blueprint.post("/api/places/<int:place_id>/reopen")
def reopen(place_id: int) -> Response:
    """Open a closed place again, with the parts that were closed with it."""
    body = json_object()
    try:
        with asking() as conn:
            opened = reopen_place(
                conn,
                place_id,
                seen_version=str(body.get("version") or ""),
                grounds=grounds(body),
            )
    except EditedMeanwhile as error:
        return answer_second(error)
    return jsonify({"place_id": place_id, "changed": len(opened)})


def _answer_standing(error: StillStanding) -> Response:
    standing = error.standing
    parts = [
        {"kind_title": say(f"place.kind.{one.kind}"), "name": one.name, "code": one.code}
        for one in standing.parts
    ]
    holdings = [
        {
            "kind_title": say(f"estate.holding.{one.kind}"),
            "holders": one.holders,
            "place": one.place,
            "valid_from": plain(one.valid_from),
        }
        for one in standing.holdings
    ]
    return answer_of(
        error,
        standing={
            "parts": parts,
            "part_count": standing.part_count,
            "holdings": holdings,
            "holding_count": standing.holding_count,
        },
    )


@blueprint.get("/api/places/<int:place_id>/holdings")
def list_holdings(place_id: int) -> Response:
    """Who has the place itself or had it, and what may be chosen."""
    with asking() as conn:
        found = own_holdings(conn, place_id)
    return jsonify(
        {
            "kinds": [
                {"value": kind.value, "title": say(f"estate.holding.{kind.value}")}
                for kind in HoldingKind
            ],
            "extents": [
                {"value": one.value, "title": say(f"estate.extent.{one.value}")} for one in Extent
            ],
            "items": [
                {
                    "holding_id": one.holding_id,
                    "kind": one.kind,
                    "kind_title": say(f"estate.holding.{one.kind}"),
                    "extent": one.extent,
                    "valid_from": plain(one.valid_from),
                    "valid_to": plain(one.valid_to),
                    "area_m2": one.area_m2,
                    "decision": one.decision,
                    "parties": one.parties or [],
                    "version": one.version,
                }
                for one in found
            ],
        }
    )


@blueprint.post("/api/places/<int:place_id>/holdings")
def enter_holding(place_id: int) -> Response:
    """Write down who has a place."""
    body = json_object()
    entered = _entered(body)
    with asking() as conn:
        holding_id = add_holding(conn, place_id, entered, grounds(body))
    return jsonify({"place_id": place_id, "holding_id": holding_id})


@blueprint.post("/api/places/<int:place_id>/holdings/<int:holding_id>")
def change_holding(place_id: int, holding_id: int) -> Response:
    """Correct a holding, or end it by its last day."""
    body = json_object()
    entered = _entered(body)
    with asking() as conn:
        correct_holding(
            conn,
            place_id,
            holding_id,
            entered,
            seen_version=str(body.get("version") or ""),
            grounds=grounds(body),
        )
    return jsonify({"place_id": place_id, "holding_id": holding_id})


def _entered(body: Mapping[str, Any]) -> Entered:
    """A holding as the form sends it.

    Raises:
        InputError: Some part of it cannot be read.
    """
    kind, extent = body.get("kind"), body.get("extent") or Extent.WHOLE.value
    if kind not in list(HoldingKind):
        raise InputError("estate.unknown_kind", value=str(kind)[:40])
    if extent not in list(Extent):
        raise InputError("estate.unknown_kind", value=str(extent)[:40])
    return Entered(
        HoldingKind(kind),
        parties_of(body),
        Extent(extent),
        stated_day(body.get("valid_from")),
        stated_day(body.get("valid_to")),
        amount(body.get("area_m2"), "estate.area_impossible", digits=2),
    )


def parties_of(body: Mapping[str, Any]) -> list[Party]:
    """Those who share, as a form sends them.

    Raises:
        InputError: No list of bodies with their shares, or a long one.
    """
    parties = body.get("parties")
    if not isinstance(parties, list) or len(parties) > _MOST_PARTIES:
        raise InputError("estate.no_party")
    return [_party(one) for one in parties]


def _party(stated: object) -> Party:
    body = stated.get("organization_id") if isinstance(stated, Mapping) else None
    if not is_id(body):
        raise InputError("estate.no_such_body")
    assert isinstance(stated, Mapping)  # noqa: S101 -- it had an organization_id
    return Party(body, amount(stated.get("share"), "estate.share_impossible", digits=6))
