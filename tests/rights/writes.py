"""Every route by which something is changed, and attempts at what is somebody else's."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from flask import Flask
from werkzeug.routing import Rule

from gis.clock import today
from tests.rights.answers import Probe
from tests.rights.marked_city import MarkedCity
from tests.rights.spots import SEEN_BODY, Spot

TARGETS = ("other_body", "internal", "part")
"""Spots that most may not see: of another body, above the ceiling, inside a seen one."""


@dataclass(frozen=True)
class Attempt:
    """What is tried at one route.

    Args:
        needs: `place`: to write the place it names; `other`: it names what somebody else brought;
            `all`: to write everything; `office`: to hold one.
        body: As JSON.
        form: As a form, instead.
        arguments: Of the address, beside those of the target.
    """

    needs: str
    body: Any = None
    form: Mapping[str, Any] | None = None
    arguments: Mapping[str, object] = field(default_factory=dict)


_SAID = {"version": "x", "reason": "更正"}


def attempts(city: MarkedCity, spot: Spot) -> dict[str, Attempt]:
    """What is tried at each route, aimed at a spot where it can be."""
    day = today().isoformat()
    place, body = spot.places["building"], city.bodies[SEEN_BODY]
    other = spot.places["room"]
    point = {"type": "Point", "coordinates": [119.735, 31.645]}
    holding = {"kind": "occupies", "parties": [{"organization_id": body}], **_SAID}
    rooms: dict[str, Any] = {
        "rooms": [{"place_id": other, "version": "x"}],
        "effective_on": day,
        **_SAID,
    }
    area = {"area_kind": "gross", "area_m2": 1, "source": "declared", **_SAID}
    at = {"place_id": place, **spot.rows}
    others = {**city.others, "row_number": 5, "name": "别人的"}
    plan = {"upload_id": city.others["plan_id"]}
    filing = {"filing_id": city.filings[1], "remark_id": city.remarks[1]}
    campaign = {"campaign_id": city.campaigns[0]}
    versioned = {"version": "1"}
    grounds = {"since": day, "reason": "试", **versioned}
    return {
        "editing.save_form": Attempt("place", {"values": {"name": "改"}, **_SAID}, None, at),
        "editing.take_back": Attempt("place", None, None, at),
        "drawing.redraw": Attempt("place", {"geometry": point, **_SAID}, None, at),
        "drawing.make_place": Attempt(
            "place", {"kind": "floor", "parent_id": place, "values": {"level": 9}, **_SAID}
        ),
        "closing.close": Attempt("place", {"effective_on": day, **_SAID}, None, at),
        "closing.reopen": Attempt("place", {"effective_on": day, **_SAID}, None, at),
        "closing.enter_holding": Attempt("place", holding, None, at),
        "closing.change_holding": Attempt("place", holding, None, at),
        "dividing.split": Attempt(
            "place", {"parts": [{"values": {"name": one}} for one in "甲乙"], **_SAID}, None, at
        ),
        "dividing.merge": Attempt("place", {"others": [other], "values": {}, **_SAID}, None, at),
        "occupancy.assign_rooms": Attempt(
            "place", {**rooms, "parties": [{"organization_id": body}]}
        ),
        "occupancy.vacate_rooms": Attempt("place", rooms),
        "occupancy.move_rooms": Attempt("place", {**rooms, "into": [{"from": other, "to": place}]}),
        "occupancy.swap_rooms": Attempt(
            "place", {**rooms, "rooms": [*rooms["rooms"], {"place_id": place}]}
        ),
        "measuring.add_area": Attempt("place", area, None, at),
        "measuring.correct_area": Attempt("place", area, None, at),
        "moving.move": Attempt("place", {"parent_id": None, **_SAID}, None, at),
        "photos.add_photo": Attempt("place", None, {"caption": "照"}, at),
        "photos.describe_photo": Attempt("place", {"caption": "照"}, None, at),
        "photos.remove_photo": Attempt("place", None, None, at),
        "archive.add_file": Attempt("place", None, {"title": "档", "category": "title"}, at),
        "archive.describe_file": Attempt(
            "place", {"title": "档", "category": "title", "version": "1"}, None, at
        ),
        "archive.remove_file": Attempt("place", {"version": "1"}, None, at),
        "archive.restore_file": Attempt("place", {"version": "1"}, None, at),
        "unlocated.put_place": Attempt(
            "place", {"point": [119.735, 31.645]}, None,
            {"place_id": spot.places["unlocated"]},
        ),
        "unlocated.take_place_off": Attempt("place", None, None, at),
        "rules.add_protected": Attempt("place", {"code": f"{spot.code}-site", "field": "address"}),
        "rules.end_protected": Attempt("place", {"code": f"{spot.code}-site", "field": "name"}),
        "unlocated.put_exact": Attempt("other", {"count": 99}),
        "matches.decide_match": Attempt("other", {"choice": "new"}, None, others),
        "matches.decide_alike": Attempt("other", {"least": 0.5}, None, others),
        "matches.withdraw": Attempt("other", None, None, others),
        "matches.load_decided": Attempt("other", None, None, others),
        "profiles.remove": Attempt("other", None, None, others),
        "saved_views.edit_view": Attempt("other", {"name": "改"}, None, others),
        "saved_views.remove_view": Attempt("other", None, None, others),
        "jobs.cancel_job": Attempt("other", None, None, others),
        "imports.check": Attempt("other", {}, None, others),
        "imports.load": Attempt("other", {}, None, others),
        "imports.cancel": Attempt("other", None, None, others),
        "plans.check": Attempt("other", {"building": "D", "level": 1}, None, plan),
        "plans.load": Attempt("other", {"look_id": 1}, None, plan),
        "plans.refuse": Attempt("other", None, None, plan),
        "loads.ask_marked": Attempt("other", None, None, others),
        "loads.undo": Attempt("other", {}, None, others),
        "todo.drop_deputy": Attempt("other", {}, None, others),
        "filings.save_filing": Attempt("all", versioned, None, filing),
        "filings.take_step": Attempt("all", {"step": "submit", **versioned}, None, filing),
        "filings.extend_filing": Attempt("all", {"due_on": day, **versioned}, None, filing),
        "filings.rule_on_row": Attempt(
            "all", {"row": "1", "ruling": "kept", "reason": "留", **versioned}, None, filing
        ),
        "filings.upload_workbook": Attempt("all", None, {"version": "1"}, filing),
        "filings.remark_on": Attempt("all", {"words": "问"}, None, filing),
        "filings.settle_remark": Attempt("all", {"answer": "答"}, None, filing),
        "todo.take_step": Attempt(
            "all", {"version": 1}, None,
            {"workflow": "campaign", "case_id": city.filings[1], "step": "submit"},
        ),
        "attachments.add_attachment": Attempt(
            "all", None, {"title": "附"}, {"workflow": "campaign", "case_id": city.filings[1]}
        ),
        "attachments.remove_attachment": Attempt(
            "other", None, None,
            {"workflow": "campaign", "attachment_id": city.attachments[1]},
        ),
        "certificates.add_certificate": Attempt("place", {
            "holder": body, "rooms": [other], "issuer": "局", "word": "证", "issued_on": day,
            "valid_from": day,
        }),
        "certificates.change_certificate": Attempt(
            "place", {**grounds, "rooms": [other]}, None, at
        ),
        "certificates.cancel_certificate": Attempt("place", grounds, None, at),
        "certificates.undo_last": Attempt("place", versioned, None, at),
        "cards.search_places": Attempt("other", {"count": "99"}),
        "cards.link_one": Attempt(
            "place", {"code": f"{spot.code}-site", "reason": "试"}, None, at
        ),
        "cards.unlink_one": Attempt(
            "place", {"place_id": str(spot.places.get("site", place)), "reason": "试"}, None, at
        ),
        "ownership.open_one": Attempt(
            "place", {"place_id": str(spot.places.get("site", place))}, None, at
        ),
        "ownership.save_one": Attempt("place", {"reason": "改", **versioned}, None, at),
        "ownership.take_step": Attempt("place", versioned, None, {**at, "step": "withdraw"}),
        **_of_requests(body, place, other, at, day),
        **_of_plans(body, other, at, day),
        "campaigns.change_due_date": Attempt(
            "all", {"month": "10", "day": "31", "since": day, "rule_source": "文"}
        ),
        "standards.add_standard": Attempt("all", _standard(day)),
        "post_pages.set_person": Attempt("place", {"person_key": "C-1", "seen": ""}, None, at),
        "frozen_space_pages.freeze_day": Attempt("all", {"as_of": day}),
        "standards.mark_compared": Attempt("all", {"kind": "tolerance", "as_of": day}),
        "standards.change_standard": Attempt(
            "all", {**_standard(day), **versioned}, None, {"standard_id": 1}
        ),
        "standards.end_standard": Attempt(
            "all", {"kind": "tolerance", "since": day, **versioned}, None, {"standard_id": 1}
        ),
        **_inspecting(city, day),
        "campaigns.issue": Attempt("all", {"name": "试", "as_of": day, "due_on": day}),
        "campaigns.remind_agencies": Attempt("all", {"words": "催"}, None, campaign),
        "campaigns.pass_filings": Attempt("all", {}, None, campaign),
        "campaigns.close": Attempt("all", {"remark": "结", **versioned}, None, campaign),
        "rules.add_column_rule": Attempt(
            "all", {"field": "name", "winner": "known", "rule_source": "文"}
        ),
        "rules.end_column_rule": Attempt("all", {"field": "name", "source": "*"}),
        "accounts.add_account": Attempt("office", {"name": "新来"}),
        "accounts.reset_password": Attempt("office", {"name": "问者viewer"}),
        "accounts.drop_code": Attempt("office", {"name": "问者viewer"}),
        "accounts.link_account": Attempt("office", {"name": "问者viewer", "subject": "x"}),
        "accounts.set_active": Attempt("office", {"name": "问者viewer", "is_active": "no"}),
        "accounts.make_grant": Attempt("office", {"account": "问者viewer", "role": "clerk"}),
        "accounts.settle_grant": Attempt(
            "office", None, None, {"grant_id": 1, "step": "revoke"}
        ),
    }  # fmt: skip


def _inspecting(city: MarkedCity, day: str) -> dict[str, Attempt]:
    """What is tried at an inspection, and at what another body is to put right."""
    numbers = {name: ids[-1] for name, ids in city.inspected.items()}
    # Notices are in the order of spots; who writes for a body may answer those of its own.
    if notices := city.inspected.get("rectification_id"):
        numbers["rectification_id"] = notices[list(city.spots).index("other_body")]
    asked: dict[str, Any] = {
        "inspections.plan": {"name": "试", "kind": "full", "starts_on": day, "ends_on": day},
        "inspections.add_own_item": {"head": "安全", "title": "消防"},
        "inspections.rate": {"points": "5", "version": "1"},
        "inspections.close": {"version": "1"},
        "inspections.answer": {"item": str(numbers.get("item_id", 1)), "answer": "pass",
                               "version": "1"},
        "inspections.remove": {},
        "inspections.finish": {"version": "2"},
        "inspections.reopen": {"version": "2"},
        "rectifications.issue_to_bodies": {
            "organization_ids": [str(one) for one in city.bodies.values()], "demand": "腾退",
            "due_on": day,
        },
        "rectifications.issue_for_one": {"demand": "改", "due_on": day},
        "rectifications.take_one_step": {"version": "1", "remark": "已改"},
        "rectifications.change_term": {"origin": "finding", "days": "5", "day_kind": "working",
                                       "since": day, "rule_source": "文"},
    }  # fmt: skip
    more = {**numbers, "step": "answer"}
    return {
        **{name: Attempt("all", body, None, more) for name, body in asked.items()},
        "inspections.find": Attempt("all", None, {"words": "问题"}, more),
        "inspections.photograph": Attempt("all", None, {"words": "照"}, more),
    }


def _of_requests(
    body: int, place: int, room: int, at: Mapping[str, Any], day: str
) -> dict[str, Attempt]:
    version = {"version": "1"}
    draft = {"item": "repair", "organization_id": body, "reason": "修", "subject_id": place}
    back = {"rooms": [room], "organization_id": body, "kind": "left", "began_on": day}
    money = {"budget_yuan": "1", "budget_document": "文"}
    paper = {"kind": "valuation", "reference": "文"}
    return {
        "requests.open_one": Attempt("place", draft),
        "requests.save_one": Attempt("place", {**draft, **version}, None, at),
        "requests.look_at_stock": Attempt("place", version, None, at),
        "requests.answer_for_rooms": Attempt("place", {"rooms": [1], "answer": "taken"}, None, at),
        "requests.turn_to_transfer": Attempt("place", version, None, at),
        "requests.add_one_document": Attempt("place", paper, None, at),
        "requests.note_finance": Attempt("place", {**money, **version}, None, at),
        "requests.number_decision": Attempt(
            "place", {"decision_document": "文", **version}, None, at
        ),
        "requests.take_step": Attempt("place", {"step": "submit", **version}, None, at),
        "requests.take_return_step": Attempt("place", {"step": "give_back", **version}, None, at),
        "requests.ask_rooms_back": Attempt("place", {**back, "reason": "退"}),
    }


def _of_plans(body: int, room: int, at: Mapping[str, Any], day: str) -> dict[str, Attempt]:
    version = {"version": "1"}
    draft = {"name": "改", "organization_id": body, "from_on": day}
    step = {"kind": "vacate", "rooms": [room], **version}
    return {
        "redeployment_steps.save_plan": Attempt("place", {**draft, **version}, None, at),
        "redeployment_steps.copy_plan": Attempt("place", {"name": "抄"}, None, at),
        "redeployment_steps.share_plan": Attempt("place", {"is_shared": "", **version}, None, at),
        "redeployment_steps.change_rooms": Attempt("place", step, None, at),
        "redeployment_steps.settle_rooms": Attempt("place", version, None, at),
        "redeployment_steps.take_back": Attempt("place", version, None, at),
        "redeployment_steps.take_step": Attempt("place", {"step": "withdraw", **version}, None, at),
    }


def _standard(day: str) -> dict[str, str]:
    return {"kind": "tolerance", "value": "1", "valid_from": day, "source": "文"}


def attempted(app: Flask, city: MarkedCity, spot: Spot, needs: set[str]) -> Iterator[Probe]:
    """The attempts of some needs, through the routes of the app."""
    rules: dict[str, list[Rule]] = {}
    for rule in app.url_map.iter_rules():
        rules.setdefault(rule.endpoint, []).append(rule)
    with app.test_request_context():
        urls = app.url_map.bind("localhost")
        for endpoint, one in attempts(city, spot).items():
            if one.needs not in needs:
                continue
            rule = rules[endpoint][0]
            (method,) = set(rule.methods or ()) - {"HEAD", "OPTIONS", "GET"}
            given = {name: one.arguments[name] for name in rule.arguments}
            path = urls.build(endpoint, given, method=method)
            yield Probe(endpoint, "write attempt", method, path, one.body, one.form,
                        target=spot.name)  # fmt: skip
