"""The ways out of the register: every route that answers of it, and what is asked there.

`tests/rules/test_every_route_is_claimed.py` fails for a route that stands neither here, nor in
`tests/rights/writes.py`, nor with its reason in `exceptions.toml`.
"""

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from flask import Flask
from werkzeug.routing import Rule

from assets.registry import DOMAINS, LAYERS, report_names
from tests.rights.answers import Probe
from tests.rights.marked_city import MarkedCity
from tests.rights.spots import SOUTH

NOBODYS_ID = 7_999_999
PAST, COMING = "2012-01-01", "2100-01-01"
_LAYERS = [layer.name for layer in LAYERS]
_ARMED = [layer.name for layer in LAYERS if layer.arms]
_INDICATORS = [f"{domain.name}.{one.name}" for domain in DOMAINS for one in domain.indicators]
_PLACED = [
    f"{domain.name}.{one.name}"
    for domain in DOMAINS
    for one in domain.indicators
    if one.is_of_places
]
_LISTS = [name for one in DOMAINS if one.area_facts for name in one.area_facts.lists]
FORMATS = ("gpkg", "geojson", "parquet", "shp", "csv", "xlsx", "html")


@dataclass(frozen=True)
class Claim:
    """What is asked of one route.

    Args:
        channel: What kind of way out it is.
        arguments: Values of the address's arguments, where they are not the usual ones.
        queries: Parameters of the address, one set a question.
        bodies: JSON bodies, one a question.
        shows: What an account that sees everything must find there of every spot.
        is_compared: False where the answer tells the moment.
        is_heavy: Asked by few, because it takes long.
    """

    channel: str
    arguments: Mapping[str, Sequence[object]] = field(default_factory=dict)
    queries: Sequence[Mapping[str, object]] = ({},)
    bodies: Sequence[Any] = (None,)
    shows: str = ""
    is_compared: bool = True
    is_heavy: bool = False


def _days(**more: object) -> list[dict[str, object]]:
    return [dict(more), {**more, "as_of": PAST}, {**more, "as_of": COMING}]


_BOX = "119.7,31.6,119.95,31.7"
_HERE = {"point": [119.735, 31.641], "radius_m": 3000}
_AREAS: list[dict[str, Any]] = [{}, {"admin_area": "320401"}, {"admin_area": "320400"}, _HERE]
_IDLE = json.dumps({"use_status": ["idle"]})


_EVERYTHING_ASKED: dict[str, object] = {
    "least_m2": 0, "more_than": 0, "below_percent": 100, "body": 1
}  # fmt: skip


def _questions(city: MarkedCity) -> list[dict[str, object]]:
    asked: list[dict[str, object]] = [
        {"question": "scattered", "more_than": 0},
        {"question": "vacant", "least_m2": 0, "together": "building"},
        {"question": "underused", "below_percent": 100},
        {"question": "pairs", "below_percent": 100},
        {"question": "leased_in"},
    ]
    bodies = list(city.bodies.values())
    return [*asked, *({"question": "takes_body", "body": body} for body in bodies)]


def _rooms(city: MarkedCity) -> list[dict[str, object]]:
    rooms = [spot.places["room"] for spot in city.spots.values()]
    return [
        *({"place": _root(city, name)} for name in city.spots),
        *({"body": body} for body in city.bodies.values()),
        *({"near": room} for room in rooms),
        *({"near": rooms[0], "q": spot.code} for spot in city.spots.values()),
        {"rooms": ",".join(map(str, rooms))},
        {"place": NOBODYS_ID},
    ]


def _inspected(city: MarkedCity, name: str) -> dict[str, list[int]]:
    return {name: [*city.inspected.get(name, ()), NOBODYS_ID]}


def claims(city: MarkedCity) -> dict[str, Claim]:
    """Every route that answers of the register, by its endpoint."""
    sites = [_root(city, name) for name in city.spots]
    alone = {"place_id": [*sites, NOBODYS_ID]}
    bodies = {"organization_id": [*city.bodies.values(), NOBODYS_ID]}
    within = [*_AREAS, *({"place_id": one} for one in sites)]
    buildings = {"place_id": [*(one.places["building"] for one in city.spots.values()), NOBODYS_ID]}
    marks = [spot.mark for spot in city.spots.values()]
    searched = [*marks, *(s.text("名")[:2] for s in city.spots.values()), "示例", "jmz", "Q"]
    ogc_ids = [*(str(one) for one in sites), str(NOBODYS_ID)]
    campaign = {"campaign_id": [*city.campaigns, NOBODYS_ID]}
    others = city.others
    load = {"load_id": [others["load_id"], NOBODYS_ID], "row_number": [5]}
    asked = {"request_id": [*_numbers(city, "request_id"), NOBODYS_ID]}
    records = {"ownership_record_id": [*_numbers(city, "ownership_record_id"), NOBODYS_ID]}
    numbers = [*city.filings, *asked["request_id"], *_numbers(city, "room_return_id")]
    numbers += records["ownership_record_id"]
    numbers += _numbers(city, "plan_id")
    compared = [{"plan": one} for one in [*_numbers(city, "plan_id"), NOBODYS_ID]]
    planned = {"plan_id": [*_numbers(city, "plan_id"), NOBODYS_ID]}
    workflows = ["campaign", "ownership", "redeployment", "requests", "room_returns"]
    cases = {"workflow": workflows, "case_id": sorted(set(numbers))}
    return {
        "layers.list_layers": Claim("count", queries=_days()),
        "layers.count_filtered": Claim(
            "count", {"name": _ARMED}, [{"filter": "{}"}, {"filter": "{}", "as_of": PAST}]
        ),
        "layers.break_layer_down": Claim(
            "chart", {"name": _ARMED}, bodies=[{}, {"within": {"admin_area": "320401"}}]
        ),
        "layers.count_shapes": Claim("count", queries=_days(layers=",".join(_LAYERS), box=_BOX)),
        "layers.list_dates": Claim("history"),
        "layers.list_admin_areas": Claim("list"),
        "themes.list_themes": Claim("chart"),
        "themes.show_theme": Claim(
            "chart",
            queries=[
                *({"indicator": one} for one in _INDICATORS),
                *({"indicator": one, "by": "place"} for one in _PLACED),
                {"indicator": _PLACED[0], "by": "place", "as_of": PAST},
            ],
            shows="text id",
        ),
        "search.find": Claim(
            "suggestion",
            queries=[{"q": one, "limit": 50} for one in searched],
            shows="text id place",
        ),
        "editing.find_bodies": Claim(
            "suggestion", queries=[{"q": "示例"}, *({"q": m} for m in marks)]
        ),
        "places.show_place": Claim(
            "item", {"place_id": [*_every_place(city), NOBODYS_ID]}, shows="text id area"
        ),
        "editing.show_form": Claim("item", alone, shows="text id"),
        "measuring.list_areas": Claim("item", alone, shows="area id"),
        "closing.list_holdings": Claim("item", alone, shows="id"),
        "dividing.show_divisible": Claim("item", alone, shows="id"),
        "moving.list_parents": Claim(
            "suggestion",
            {
                "place_id": [
                    city.spots["seen"].places["building"],
                    city.spots["other_body"].places["building"],
                    sites[1],
                    NOBODYS_ID,
                ]
            },
            [{}, {"q": "Q"}, *({"q": mark} for mark in marks[1:5])],
        ),
        "drawing.show_new_form": Claim(
            "item", queries=[{}, *({"parent_id": one} for one in sites)]
        ),
        "drawing.list_shapes": Claim("list", queries=[{"box": _BOX}], shows="id place"),
        "unlocated.list_unlocated": Claim(
            "list",
            queries=[
                {},
                {"area": "320401"},
                {"kind": "site"},
                {"q": "Q"},
                *({"q": mark} for mark in marks),
            ],
            shows="text id",
        ),
        "unlocated.count_exact": Claim("count"),
        "unlocated.list_candidates": Claim(
            "suggestion",
            {"place_id": [*(one.places["unlocated"] for one in city.spots.values()), NOBODYS_ID]},
        ),
        "photos.show_image": _photo(city),
        "photos.show_thumbnail": _photo(city),
        "organizations.show_organization": Claim("item", bodies, queries=_days(), shows="text id"),
        "questions.summarise_area": Claim(
            "area-summary",
            bodies=[
                *({"within": one} for one in within),
                {"as_of": PAST},
                {"filters": {"property": {"use_status": ["idle"]}}},
                {"within": {"layer": "building"}},
                {"within": {"admin_area": "320401"}, "invert": True, "touching": True},
            ],
        ),
        "questions.list_area": Claim(
            "list",
            bodies=[
                {"within": one, "list": name}
                for name in _LISTS
                for one in ({}, {"admin_area": "320401"}, {"place_id": sites[1]})
            ],
            shows="text id",
        ),
        "exports.export_places": Claim(
            "export",
            {"layer_name": _ARMED},
            bodies=[{"format": one} for one in FORMATS],
            shows="text place",
            is_heavy=True,
        ),
        "reports.list_reports": Claim("report"),
        "report_pages.show_reports": Claim("list", queries=_days()),
        "reports.show_report": Claim(
            "report", {"name": report_names()}, [*_days(), {"since": PAST}, {"body": "ORG0"}]
        ),
        "reports.download_report": Claim("report", {"name": report_names()}, is_heavy=True),
        "reports.download_report_paper": Claim("report", {"name": report_names()}, is_heavy=True),
        "reports.download_survey": Claim("report", queries=[{}], is_heavy=True, shows="text"),
        "reports.download_analysis": Claim("report", queries=[{}], is_heavy=True),
        "saved_views.list_views": Claim("list"),
        "tilejson.show_tilejson": Claim("tile", {"layer_name": _LAYERS}),
        "tiles.show_tile": Claim("tile", shows="text id"),
        "ogc_collections.list_collections": Claim("OGC items"),
        "ogc_collections.show_collection": Claim("OGC items", {"name": _LAYERS}),
        "ogc_collections.list_queryables": Claim("OGC items", {"name": _LAYERS}),
        "ogc_items.list_items": Claim(
            "OGC items",
            {"name": _LAYERS},
            [
                {},
                {"limit": 2, "datetime": "../.."},
                {"bbox": _BOX, "limit": 1},
                {"filter": "name LIKE '%名%'"},
            ],
            shows="text id place",
        ),
        "ogc_items.show_item": Claim(
            "OGC items", {"name": ["property", "building"], "written": ogc_ids}, shows="text id"
        ),
        "campaigns.show_campaigns": Claim("list"),
        "campaigns.show_draft": Claim("list"),
        "campaigns.show_board": Claim("count", campaign),
        "campaigns.download_board": Claim("export", campaign),
        "campaigns.show_report": Claim("report", campaign),
        "campaigns.download_report": Claim("report", campaign, shows="text"),
        "campaigns.download_changes": Claim("report", campaign),
        "filings.show_filing": Claim("item", {"filing_id": [*city.filings, NOBODYS_ID]}),
        "filings.download_workbook": Claim(
            "export", {"filing_id": [*city.filings, NOBODYS_ID]}, is_heavy=True
        ),
        "imports.list_imports": Claim("list"),
        "imports.show_import": Claim("item", {"upload_id": [others["upload_id"], NOBODYS_ID]}),
        "imports.download_changes": Claim(
            "export", {"upload_id": [others["upload_id"], NOBODYS_ID]}
        ),
        "plans.show_plan": Claim("item", {"upload_id": [others["plan_id"], NOBODYS_ID]}),
        "jobs.show_job": Claim("item", {"job_id": [others["job_id"], NOBODYS_ID]}),
        "loads.show_load": Claim("item", load),
        "loads.list_issues": Claim("list", load),
        "loads.download_issues": Claim("export", {**load, "ending": ["csv", "xlsx"]}),
        "loads.download_marked": Claim("export", load),
        "matches.list_matches": Claim("list", queries=[{}, {"decided": "true"}]),
        "matches.show_match": Claim("item", load),
        "profiles.list_profiles": Claim("list"),
        "rules.show_rules": Claim("list", shows="text"),
        "space.list_verdicts": Claim(
            "report", queries=[*_days(), {"limit": 2, "offset": 1}, {"state": "unknown"}]
        ),
        "posts.list_posts": Claim(
            "report",
            queries=[
                *_days(),
                {"limit": 1, "offset": 1},
                {"state": "unknown"},
                *({"body": one} for one in [*city.bodies.values(), NOBODYS_ID]),
            ],
        ),
        "post_pages.show_posts": Claim("report", queries=_days()),
        "standards.list_standards": Claim("report", queries=_days()),
        "standard_pages.show_standards": Claim("report", queries=_days()),
        "standard_pages.show_standard": Claim("report", queries=[{"kind": "tolerance"}]),
        "standard_pages.show_own": Claim("item", {"standard_id": [1, NOBODYS_ID]}),
        "frozen_space_pages.show_frozen": Claim("list"),
        "frozen_space_pages.show_changes": Claim("report", {"day": [PAST]}),
        "frozen_space_pages.download": Claim(
            "export", {"day": [PAST], "file": ["report", "changes"]}
        ),
        "space.list_sums": Claim("report", queries=[*_days(), {"by": "district"}]),
        "space_pages.show_sums": Claim("report", queries=[*_days(), {"by": "district"}]),
        "space.show_verdict": Claim("report", bodies, queries=_days()),
        "space.list_rooms": Claim("list", bodies, queries=[*_days(), {"limit": 1, "offset": 1}]),
        "space_pages.show_rooms": Claim("list", bodies, queries=_days()),
        "space_pages.show_list": Claim("report", queries=_days()),
        "space_pages.show_body": Claim("report", bodies, queries=_days()),
        "stack.read_stack": Claim(
            "item", buildings, queries=[*_days(), *_days(by="verdict")], shows="text id"
        ),
        "stack_pages.show_stack": Claim("item", buildings, queries=_days()),
        "occupancy.list_rooms": Claim("list", queries=_rooms(city)),
        "occupancy.list_posts": Claim(
            "list", queries=[{"body": one} for one in [*city.bodies.values(), NOBODYS_ID]]
        ),
        "occupancy_pages.show_rooms": Claim("list", queries=_rooms(city)),
        **_certificates(city),
        "ownership.show_record": Claim("item", records, shows="text"),
        "title_pages.show_titles": Claim(
            "list",
            queries=[
                *_days(),
                {"verdict": "lacks"},
                *({"ownership": one} for one in ("open", "handed_in")),
                *({"place": _root(city, name)} for name in city.spots),
            ],
        ),
        "inspections.show_list": Claim(
            "list",
            queries=[
                {},
                {"state": "issued"},
                *({"place": _root(city, name)} for name in city.spots),
            ],
        ),
        "inspections.show_plan": Claim("list"),
        "inspections.show_inspection": Claim("list", _inspected(city, "inspection_id")),
        "inspections.download_report": Claim("report", _inspected(city, "inspection_id")),
        "inspections.save_report": Claim("report", _inspected(city, "inspection_id")),
        "inspections.show_visit": Claim("item", _inspected(city, "visit_id")),
        "rectifications.show_draft": Claim(
            "report", queries=[{"body": one} for one in city.bodies.values()]
        ),
        "rectifications.show_rectification": Claim("item", _inspected(city, "rectification_id")),
        "rectifications.save_notice": Claim("report", _inspected(city, "rectification_id")),
        "todo.show_todo": Claim("list"),
        "todo.count_todo": Claim("count"),
        "redeployment_pages.show_questions": Claim("list", queries=_questions(city)),
        "redeployment_pages.download_answer": Claim(
            "export",
            {"question": [one["question"] for one in _questions(city)[:2]]},
            [_EVERYTHING_ASKED],
            is_heavy=True,
        ),
        "redeployment_pages.download_table": Claim(
            "export",
            {"question": [one["question"] for one in _questions(city)]},
            [_EVERYTHING_ASKED],
        ),
        "redeployment.list_answer": Claim(
            "list",
            {"question": [one["question"] for one in _questions(city)]},
            [_EVERYTHING_ASKED],
        ),
        "redeployment_plan_pages.show_plans": Claim("list"),
        "redeployment_plan_pages.show_plan": Claim("item", planned),
        "redeployment_plans.list_for_programs": Claim("list"),
        "redeployment_plan_pages.show_compared": Claim("item", queries=compared),
        "redeployment_plans.compare_for_programs": Claim("item", queries=compared),
        "redeployment_plans.read_plan": Claim("item", planned),
        "request_pages.show_list": Claim("list", queries=[{}, {"overdue": 1}, {"item": "lease"}]),
        "request_pages.download_list": Claim("export", is_heavy=True),
        "request_pages.download_table": Claim("export"),
        "request_pages.show_draft": Claim("list"),
        "request_pages.show_edit": Claim("item", asked),
        "request_pages.show_request": Claim("item", asked),
        "request_pages.show_returns": Claim("list", queries=[{}, {"all": 1}]),
        "requests.list_vacant": Claim(
            "list",
            queries=[{}, {"longitude": 119.735, "latitude": SOUTH, "radius_m": 9000}],
        ),
        "todo.show_case": Claim("item", cases),
        "archive_pages.show_archives": Claim(
            "list", queries=[*_days(), {"missing": "planning"}, {"missing": "any"}]
        ),
        "archive_pages.show_archive": Claim(
            "item",
            {"place_id": [*(_root(city, name) for name in city.spots), NOBODYS_ID]},
            shows="text",
        ),
        "archive.save_file": Claim(
            "export",
            {"archive_file_id": [*_numbers(city, "archive_file_id"), NOBODYS_ID]},
            shows="text",
        ),
        "attachments.list_attachments": Claim("list", cases),
        "attachments.save_attachment": Claim(
            "export", {"attachment_id": [*city.attachments, NOBODYS_ID]}
        ),
        "changes.show_version": Claim("count"),
        "account.show_account": Claim("list", is_compared=False),
        "accounts.show_accounts": Claim("list", is_compared=False),
        "pages.figures_page": Claim("report"),
        "pages.map_page": Claim("page"),
        "pages.imports_page": Claim("page"),
        "plans.plan_page": Claim("page", {"upload_id": [others["upload_id"], NOBODYS_ID]}),
        "plans.new_plan_page": Claim(
            "item", queries=[{}, *({"place": one} for one in buildings["place_id"])]
        ),
        "profiles.list_contracts": Claim("page"),
    }


def _certificates(city: MarkedCity) -> dict[str, Claim]:
    """The register, each certificate with its paper, its code, and what could be certified."""
    spots, bodies = list(city.spots.values()), list(city.bodies.values())
    each = {"certificate_id": [*(one.rows["certificate_id"] for one in spots), NOBODYS_ID]}
    asked: list[dict[str, object]] = [
        *_days(),
        {"state": "in_force"},
        {"state": "to_change"},
        *({"holder": one} for one in bodies),
        *({"place": _root(city, name)} for name in city.spots),
        {"q": str(UUID(int=2))},
    ]
    # The page says again what was searched for.
    named: list[dict[str, object]] = [{"q": one.mark} for one in spots]
    drafts = [{"body": one} for one in (*bodies, NOBODYS_ID)]
    codes = {"code": [UUID(int=at + 1) for at in range(len(spots) + 1)]}
    return {
        "certificates.list_certificates": Claim("list", queries=[*asked, *named], shows="text id"),
        "certificate_pages.show_register": Claim("list", queries=asked),
        "certificate_pages.show_certificate": Claim("item", each, shows="text id"),
        "certificate_pages.open_code": Claim("item", codes),
        "certificate_pages.show_draft": Claim("suggestion", queries=drafts),
        "certificate_pages.show_change": Claim("item", each),
        "certificate_papers.take_register": Claim("export", queries=asked),
        "certificate_papers.take_paper": Claim(
            "export", {**each, "ending": ["docx"]}, is_heavy=True
        ),
    }


def _numbers(city: MarkedCity, key: str) -> list[int]:
    return [spot.rows[key] for spot in city.spots.values() if key in spot.rows]


def _photo(city: MarkedCity) -> Claim:
    photos = [*(one.rows["photo_id"] for one in city.spots.values()), NOBODYS_ID]
    return Claim("item", {"photo_id": photos}, shows="text")


def _root(city: MarkedCity, name: str) -> int:
    places = city.spots[name].places
    return places.get("site", places["building"])


def _every_place(city: MarkedCity) -> list[int]:
    """A place or two of each spot, and of two of them one of every kind."""
    found = []
    for spot in city.spots.values():
        kinds = (
            list(spot.places)
            if spot.name in {"seen", "other_body"}
            else ["site", "building", "room", "unlocated"]
        )
        found += [spot.places[kind] for kind in kinds if kind in spot.places]
    return found


def tile_addresses(city: MarkedCity) -> Iterator[str]:
    """The tiles over the spots: counts from afar, places one by one from near."""
    lines = {spot.longitude for spot in city.spots.values()}
    for layer in LAYERS:
        for zoom in sorted({layer.min_zoom, max(layer.detail_zoom, layer.min_zoom), 14, 17}):
            if not layer.min_zoom <= zoom <= layer.max_zoom:
                continue
            tiles = sorted({_tile(line + 0.0001, SOUTH + 0.0001, zoom) for line in lines})
            for column, row in tiles:
                yield f"/tiles/{layer.name}/{zoom}/{column}/{row}.mvt"


def _tile(longitude: float, latitude: float, zoom: int) -> tuple[int, int]:
    size = 2**zoom
    north = math.asinh(math.tan(math.radians(latitude)))
    return int((longitude + 180) / 360 * size), int((1 - north / math.pi) / 2 * size)


def probes(app: Flask, city: MarkedCity, *, heavy: bool) -> Iterator[Probe]:
    """Every question of every claim, through the routes of the app."""
    rules: dict[str, Rule] = {rule.endpoint: rule for rule in app.url_map.iter_rules()}
    with app.test_request_context():
        urls = app.url_map.bind("localhost")
        for endpoint, claim in claims(city).items():
            if claim.is_heavy is not heavy:
                continue
            rule = rules[endpoint]
            method = "GET" if "GET" in (rule.methods or ()) else "POST"
            shows = frozenset(claim.shows.split())
            if endpoint == "tiles.show_tile":
                paths = list(tile_addresses(city))
            else:
                paths = [
                    urls.build(endpoint, values)
                    for arguments in _combined(claim.arguments, sorted(rule.arguments))
                    for values in ({**arguments, **query} for query in claim.queries)
                ]
            for path in paths:
                for body in claim.bodies:
                    yield Probe(endpoint, claim.channel, method, path, body, None, shows,
                                claim.is_compared)  # fmt: skip


def _combined(
    arguments: Mapping[str, Sequence[object]], names: Sequence[str]
) -> Iterator[dict[str, object]]:
    """Every combination of the values of an address's arguments."""
    if not names:
        yield {}
        return
    for value in arguments[names[0]]:
        for rest in _combined(arguments, names[1:]):
            yield {names[0]: value, **rest}
