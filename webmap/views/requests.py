"""Requests for office space: the list, one request with what may be done, rooms to give back."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final
from urllib.parse import urlencode

from flask import Blueprint, Response, render_template, request
from sqlalchemy import Connection, text

from assets.report import Report
from assets.requests.effects import limit_of, over_limit
from assets.requests.model import Item, Part, ReturnKind, State
from assets.requests.queries import (
    bureau_cell,
    documents_of,
    find_request,
    list_requests,
    list_returns,
    places_of,
    returns_for,
)
from assets.requests.readings import documents_on, order_on, term_in
from assets.requests.reports import requests_report
from assets.requests.rules import LAST_CHOICES, WITH_STOCK, last_day, return_due
from assets.requests.vacant import MOST, idle_rooms
from assets.requests.workflows import REQUESTS
from assets.services.attachments import attachments_of
from assets.services.cases import find_case
from assets.services.deputies import standing_in
from assets.services.steps import choices_of, steps_taken
from assets.services.workflow import Workflow
from assets.space.model import StandardKind
from assets.space.rooms import place_named
from assets.space.rules import public_link
from assets.space.standards import standards_on
from gis.audit.accesses import AccessKind, note_access
from gis.clock import today
from gis.errors import InputError
from gis.places.terms import read_terms
from webmap.asked import whole_number
from webmap.attached import XLSX, attached
from webmap.language import language, say, script_messages
from webmap.session import asking

pages = Blueprint("request_pages", __name__)

_A_PAGE: Final = 100
_MOST_FILE: Final = 20_000
_MOST_OFFSET: Final = 10_000_000
_BODIES: Final = """
SELECT o.organization_id, o.name FROM organization.organization AS o
WHERE o.organization_id IN (
    SELECT c.organization_id FROM rights.cell AS c
    WHERE c.cell IN (SELECT cell FROM rights.my_domain_write_cells WHERE domain = 'requests'))
  AND (o.valid_to IS NULL OR o.valid_to > :today)
ORDER BY o.organization_id LIMIT 2"""
_BODY: Final = """
SELECT o.organization_id, o.name FROM organization.organization AS o
WHERE o.organization_id = :body"""
_SITS: Final = """
SELECT y.holder_id FROM estate.holding_leaf AS l
JOIN estate.holding AS h ON h.holding_id = l.holding_id AND h.kind = 'occupies'
JOIN estate.holding_party AS y ON y.holding_id = h.holding_id
WHERE l.place_id = :place AND l.during @> CAST(:today AS date) ORDER BY y.holder_id LIMIT 1"""
_AREAS: Final = """
SELECT a.code, a.name FROM place.admin_area AS a
WHERE EXISTS (SELECT FROM place.place AS p WHERE p.admin_area_code = a.code)
  OR a.level = 'district' ORDER BY a.code LIMIT 500"""


def _page(template: str, **values: Any) -> str:
    return render_template(
        f"requests/{template}",
        messages=dict(script_messages(language())),
        today=today(),
        items=list(Item),
        **values,
    )


def _filters() -> dict[str, Any]:
    """What the address narrows the list by.

    Raises:
        InputError: A word that is none of these.
    """
    item, state = request.args.get("item") or None, request.args.get("state") or None
    if item is not None and item not in list(Item):
        raise InputError("requests.unknown_item", value=item[:40])
    if state is not None and state not in list(State):
        raise InputError("requests.unknown_state", value=state[:40])
    return {
        "item": Item(item) if item else None,
        "state": State(state) if state else None,
        "body": whole_number("body", least=1),
        "is_overdue": request.args.get("overdue") == "1",
    }


def _query(filters: Mapping[str, Any], offset: int = 0) -> str:
    said = {
        "item": filters["item"],
        "state": filters["state"],
        "body": filters["body"],
        "overdue": filters["is_overdue"] and 1,
        "offset": offset,
    }
    return urlencode({name: value for name, value in said.items() if value})


@pages.get("/requests")
def show_list() -> str:
    """Requests, those that wait for a decision first."""
    filters = _filters()
    offset = whole_number("offset", least=0, most=_MOST_OFFSET, default=0) or 0
    with asking(is_one_moment=True) as conn:
        found = list_requests(conn, today(), **filters, limit=_A_PAGE, offset=offset)
        late = list_requests(conn, today(), is_overdue=True, limit=1)
        returns = list_returns(conn, today(), limit=1)
    last = offset + len(found.rows)
    return _page(
        "list.html",
        found=found,
        filters=filters,
        states=list(State),
        overdue=late.total,
        returns=returns,
        query=_query(filters),
        before=f"/requests?{_query(filters, max(offset - _A_PAGE, 0))}" if offset else None,
        after=f"/requests?{_query(filters, last)}" if last < found.total else None,
    )


@pages.get("/requests.xlsx")
def download_list() -> Response:
    """The same list as a workbook; of more than a file takes it says how many are left out."""
    # Writing workbooks needs libraries that no other page does.
    from assets.services.papers.tables import report_workbook  # noqa: PLC0415

    content = report_workbook(_report(), language())
    return attached(content, f"{say('requests.title')}-{today().isoformat()}.xlsx", XLSX)


@pages.get("/requests.csv")
def download_table() -> Response:
    """The same as text."""
    from webmap.issue_files import MEDIA_TYPES, report_csv  # noqa: PLC0415 -- as above

    content = report_csv(_report(), language())
    return attached(
        content, f"{say('requests.title')}-{today().isoformat()}.csv", MEDIA_TYPES["csv"]
    )


def _report() -> Report:
    filters = _filters()
    with asking(is_long=True) as conn:
        found = list_requests(conn, today(), **filters, limit=_MOST_FILE)
        note_access(conn, AccessKind.REPORT, "requests", as_of=today().isoformat())
    return requests_report(found.rows, today(), found.total)


@pages.get("/requests/new")
def show_draft() -> str:
    """The form of a new request, with the vacant rooms that would do beside it."""
    item = request.args.get("item") or None
    if item is not None and item not in list(Item):
        raise InputError("requests.unknown_item", value=item[:40])
    return _form(None, {"item": item, "subject": whole_number("place", least=1)})


@pages.get("/requests/<int:request_id>/edit")
def show_edit(request_id: int) -> str:
    """The same form over a request that may be changed."""
    with asking() as conn:
        found = find_request(conn, request_id, today())
        subject = places_of(conn, request_id, Part.SUBJECT)
    return _form(found, {"item": found["item"], "subject": subject and subject[0]["place_id"]})


def _form(found: Mapping[str, Any] | None, asked: Mapping[str, Any]) -> str:
    with asking() as conn:
        body = _only_body(conn)
        subject = asked["subject"]
        asked = {**asked, "subject_title": place_named(conn, subject) if subject else None}
        left = places_of(conn, found["request_id"], Part.LEFT) if found else []
        areas = conn.execute(text(_AREAS)).all()
        terms = read_terms(conn, language())
    return _page(
        "form.html",
        found=found,
        asked=asked,
        body=body,
        left=[one["place_id"] for one in left if one["place_id"]],
        areas=areas,
        ranks=terms.of("rank").values(),
        with_stock=[one.value for one in WITH_STOCK],
        order=order_on(today()),
        most=MOST,
    )


def _only_body(conn: Connection) -> Any:
    """The body that the account asks for, where it is one; null: it is chosen by name."""
    found = conn.execute(text(_BODIES), {"today": today()}).all()
    return found[0] if len(found) == 1 else None


def _who_sits(conn: Connection, place_id: int) -> Any:
    """A body that has a room today; null: nobody has."""
    asked = {"place": place_id, "today": today()}
    body = conn.execute(text(_SITS), asked).scalar_one_or_none()
    return conn.execute(text(_BODY), {"body": body}).one_or_none()


@pages.get("/requests/<int:request_id>")
def show_request(request_id: int) -> str:
    """One request: what is asked, which rooms would do, what it rests on, what may be done."""
    with asking(is_one_moment=True) as conn:
        found = find_request(conn, request_id, today())
        values: dict[str, Any] = {
            "found": found,
            "subjects": places_of(conn, request_id, Part.SUBJECT),
            "candidates": places_of(conn, request_id, Part.CANDIDATE),
            "documents": documents_of(conn, request_id),
            "attachments": attachments_of(conn, REQUESTS, request_id),
            "returns": returns_for(conn, request_id, today()),
            "taken": steps_taken(conn, REQUESTS, request_id),
            **choices(conn, REQUESTS, request_id),
            "principals": standing_in(conn),
            "is_officer": _writes(conn, found["bureau_cell"]),
            "may_write": _writes(conn, found["rights_cell"]),
            "terms": read_terms(conn, language()),
            "left": places_of(conn, request_id, Part.LEFT),
            "repair": term_in(standards_on(conn, today()), StandardKind.REPAIR_INTERVAL),
            "limit": limit_of(conn, found["level_code"], found["rank_code"]),
        }
    needed = documents_on(found["item"], today())
    known = {one["kind"] for one in values["documents"]}
    subject = values["subjects"][0] if values["subjects"] else None
    over = over_limit(subject["area_m2"], values["limit"]) if subject else None
    return _page(
        "page.html",
        **values,
        needed=needed,
        missing=[one for one in needed if one.kind not in known],
        sums=_sums(values["candidates"]),
        goes_by_stock=found["item"] in [one.value for one in WITH_STOCK],
        gets_rooms=found["item"] != Item.REPAIR,
        is_last_choice=found["item"] in [one.value for one in LAST_CHOICES],
        over_m2=over,
        order=order_on(today()),
        public_link=public_link,
        days_over=(today() - found["due_on"]).days if found["is_overdue"] else None,
    )


def _sums(candidates: Any) -> dict[str, Decimal]:
    """m2 of the candidates by what was answered; `none` where nobody has."""
    sums: dict[str, Decimal] = {}
    for one in candidates:
        word = one["answer"] or "none"
        sums[word] = sums.get(word, Decimal()) + (one["area_m2"] or Decimal())
    return sums


def choices(conn: Connection, workflow: Workflow, case_id: int) -> dict[str, Any]:
    """What the reader may do now, as `choices`: each step with in whose names.

    As `barred` the steps that somebody else has to take, each with what the reader did.
    """
    offered = choices_of(conn, workflow, find_case(conn, workflow, case_id))
    found: dict[str, dict[str, Any]] = {}
    for step, principal in offered.may:
        one = found.setdefault(step.name, {"step": step, "names": []})
        one["names"].append(principal)
    return {"choices": list(found.values()), "barred": offered.barred}


def _writes(conn: Connection, cell: int) -> bool:
    query = text(
        "SELECT CAST(:cell AS integer) IN (SELECT cell FROM rights.my_domain_write_cells"
        " WHERE domain = 'requests')"
    )
    return bool(conn.execute(query, {"cell": cell}).scalar_one())


@pages.get("/requests/returns")
def show_returns() -> str:
    """Rooms to be given back, and rooms that have stood idle too long."""
    offset = whole_number("offset", least=0, most=_MOST_OFFSET, default=0) or 0
    is_all = request.args.get("all") == "1"
    with asking(is_one_moment=True) as conn:
        table = standards_on(conn, today())
        rule = term_in(table, StandardKind.IDLE_TERM)
        found = list_returns(conn, today(), is_all=is_all, limit=_A_PAGE, offset=offset)
        # As many days back as the term runs forward.
        since = today() - (last_day(today(), rule) - today()) if rule else None
        idle = idle_rooms(conn, today(), since=since) if since else None
        is_officer = _writes(conn, bureau_cell(conn))
        place = whole_number("place", least=1)
        body = _who_sits(conn, place) if place else None
        principals = standing_in(conn)
    last = offset + len(found.rows)
    more = "&all=1" if is_all else ""
    return _page(
        "returns.html",
        found=found,
        is_all=is_all,
        idle=idle,
        rule=rule,
        kinds=list(ReturnKind),
        rules={kind: return_due(kind, today(), table) for kind in ReturnKind},
        is_officer=is_officer,
        body=body,
        principals=principals,
        place=place,
        before=f"/requests/returns?offset={max(offset - _A_PAGE, 0)}{more}" if offset else None,
        after=f"/requests/returns?offset={last}{more}" if last < found.total else None,
    )
