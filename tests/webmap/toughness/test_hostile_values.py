"""Whatever stands in a field of what is sent: an answer, and nothing half-done."""

import json
import random
from collections.abc import Mapping
from typing import Any, Final

import pytest

from tests.webmap.toughness.hostile import spoiled
from tests.webmap.toughness.sender import Sender
from webmap.views.openapi import PATHS

VERSION: Final = "<version>"
LOOK_EVERY: Final = 20
WRITES: Final = [
    (path, method)
    for path, methods in PATHS.items()
    for method, said in methods.items()
    if "requestBody" in said
]
_LON, _LAT = 119.7502, 31.6504


def _square(side: float = 0.0002) -> dict[str, Any]:
    ring = [[0, 0], [side, 0], [side, side], [0, side], [0, 0]]
    return {"type": "Polygon", "coordinates": [[[_LON + x, _LAT + y] for x, y in ring]]}


def _grounds(**more: Any) -> dict[str, Any]:
    return {"version": VERSION, "reason": "更正", "document": "示例〔2026〕1号",
            "effective_on": "2026-01-01", **more}  # fmt: skip


def good_bodies(ids: Mapping[str, int]) -> dict[str, tuple[str, Any]]:
    """By description path: the address and a body that would do."""
    agency = ids["agency 0"]
    place = "/api/places/"
    question = {
        "within": {"admin_area": "320401"}, "buffer_m": 10, "invert": False, "touching": True,
        "as_of": "2026-01-01", "domains": ["estate"], "filters": {"room": {"use_status": ["idle"]}},
    }  # fmt: skip
    holding = {
        "kind": "occupies", "extent": "part", "valid_from": "2024-01-01", "valid_to": "2025-01-01",
        "parties": [{"organization_id": agency, "share": 100}], "area_m2": 12.5, "reason": "分配",
        "document": "x",
    }  # fmt: skip
    area = {"area_kind": "gross", "area_m2": "12.50", "source": "survey", "reason": "实测",
            "measured_on": "2026-03-01", "document": "x"}  # fmt: skip
    return {
        "/api/places/{place_id}/edit": (
            f"{place}{ids['building 0.1']}/edit",
            _grounds(values={"name": "某楼", "address": "某路", "remark": "注",
            "year_built": 1990}),
        ),
        "/api/places/{place_id}/shape": (
            f"{place}{ids['room 0.1.1']}/shape",
            _grounds(geometry=_square(), moves_parts=True, confirmed=["outside", "overlaps"]),
        ),
        "/api/places": (
            "/api/places",
            {
                "kind": "room", "parent_id": ids["floor 0.1"], "values": {"number": "103"},
                "geometry": _square(), "reason": "新隔出", "confirmed": ["overlaps"],
                "document": "x", "effective_on": "2026-01-01",
            },
        ),
        "/api/places/{place_id}/close": (
            f"{place}{ids['room 0.2.1']}/close", _grounds(with_all=True),
        ),
        "/api/places/{place_id}/reopen": (f"{place}{ids['room 0.2.0']}/reopen", _grounds()),
        "/api/places/{place_id}/split": (
            f"{place}{ids['room 0.1.0']}/split",
            _grounds(
                parts=[
                    {"values": {"number": "100甲"}, "area_m2": 10, "takes": []},
                    {"values": {"number": "100乙"}, "area_m2": 10, "takes": []},
                ],
                line={
                    "type": "LineString",
                    "coordinates": [[_LON + 1e-4, _LAT - 1e-4], [_LON + 1e-4, _LAT + 3e-4]],
                },
                confirmed=["areas"],
            ),
        ),
        "/api/places/{place_id}/merge": (
            f"{place}{ids['room 1.1.0']}/merge",
            _grounds(others=[ids["room 1.1.1"]], values={"number": "100"}),
        ),
        "/api/places/{place_id}/move": (
            f"{place}{ids['building 1.1']}/move",
            _grounds(parent_id=ids["site 0"], confirmed=["outside", "overlaps"]),
        ),
        "/api/places/{place_id}/holdings": (f"{place}{ids['room 2.1.0']}/holdings", holding),
        "/api/places/{place_id}/areas": (f"{place}{ids['site 1']}/areas", area),
        "/api/places/{place_id}/location": (
            f"{place}{ids['site 3']}/location",
            {"point": [_LON, _LAT], "method": "click", "accuracy_m": 5, "reason": "x",
            "moves": True},
        ),
        "/api/area-summary": ("/api/area-summary", question),
        "/api/area-list": (
            "/api/area-list", {**question, "list": "estate.room", "limit": 10, "offset": 0},
        ),
        "/api/layers/{layer_name}/export": ("/api/layers/room/export", {**question,
        "format": "csv"}),
        "/api/layers/{name}/breakdown": (
            "/api/layers/room/breakdown",
            {
                "within": {"point": [_LON, _LAT], "radius_m": 500}, "box": [119, 31, 120, 32],
                "filter": {"use_status": ["idle"]}, "filters": {"site": {"year_built": [1900,
                2030]}},
                "as_of": "2026-01-01",
            },
        ),
        "/campaigns/filings/{filing_id}/save": (
            "/campaigns/filings/{filing_id}/save",
            {
                "version": VERSION, "cells": {"-1": {"gross_m2": "9000", "name": "甲"}},
                "removed": {"-2": True}, "people": {"county_head": "2"},
                "explanations": {"-1": {"gross_m2": "因为"}},
            },
        ),
    }  # fmt: skip


PLAUSIBLE: Final[dict[str, Any]] = {
    "version": VERSION, "reason": "因为", "name": "名称", "title": "标题", "next": "/",
    "days": "30",
    "can_write": "no", "is_active": "yes", "account": "test viewer", "role": "viewer", "body": "A0",
    "area": "320401", "max_security_class": "0", "valid_from": "2026-01-01",
    "valid_to": "2030-01-01",
    "code": "B01", "field": "name", "winner": "new", "source": "*", "since": "2026-01-01",
    "rule_source": "示例", "is_verified": "on", "as_of": "2026-09-30", "due_on": "2027-09-30",
    "organization_ids": ["1"], "type_codes": ["party_government"], "level_codes": ["county"],
    "admin_area_codes": ["320401"], "late_policy": "accept", "unexplained_policy": "refuse",
    "threshold_percent": "10", "reminder_days": "7,3", "instructions": "请填", "month": "11",
    "day": "15", "words": "请补", "remark": "注", "step": "submit", "row": "1", "ruling": "ended",
    "ended_on": "2026-01-01", "answer": "已补", "language": "en", "password": "x", "known": "x",
    "chosen": "green kettle walks 27", "again": "green kettle walks 27", "caption": "门",
    "taken_on": "2026-01-01", "link": "#v=1", "organization_id": 1, "count": 1, "datum": "cgcs2000",
    "any_area": True, "profile": "x", "and_later": True, "least": 0.9, "sheet": "x",
    "choice": "new",
    "place_id": None, "overwrite": "1", "file": "x",
    "sheets": [{"fingerprint": "x", "contract": "building", "fields": {"楼栋编号": "code"}}],
}  # fmt: skip


@pytest.mark.parametrize(("path", "method"), WRITES)
def test_anything_in_any_field(
    sender: Sender, path: str, method: str, request: pytest.FixtureRequest
) -> None:
    [(media, content)] = PATHS[path][method]["requestBody"]["content"].items()
    known = good_bodies(sender.all.bureau.city.ids)
    fields = {name: PLAUSIBLE.get(name, "x") for name in content["schema"]["properties"]}
    template, good = known.get(path, (path, fields))
    address = sender.all.path(template)
    version = sender.version(address)
    sender.lines = sender.written()
    tries = list(spoiled(good))
    share = request.config.getoption("--share")
    for at, body in enumerate([good, *random.Random(1).sample(tries, int(len(tries) * share))]):
        written = json.dumps(body).replace(json.dumps(VERSION), json.dumps(version))
        if media == "application/json":
            sent: dict[str, Any] = {"data": written, "content_type": media}
        else:
            sent = {"data": _as_form(body)}
        answer = sender.send(method, address, **sent)
        if answer.status_code < 400:
            sender.take_back(address)
            version = sender.version(address)
            sender.lines = sender.written()
        elif at % LOOK_EVERY == 0:
            sender.nothing_more_was_written()
    sender.nothing_more_was_written()


def _as_form(body: Mapping[str, Any]) -> dict[str, str]:
    return {
        name: (value if isinstance(value, str) else json.dumps(value)).encode("utf-8", "replace")
        for name, value in body.items()
    }  # type: ignore[return-value]
