"""Write a request, change it while it is not decided, and say what it rests on."""

from collections.abc import Collection, Mapping
from datetime import date
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import Connection, delete, insert, text, update
from sqlalchemy.dialects.postgresql import insert as upsert

from assets.requests import model
from assets.requests.model import Item, OldRooms, Part, State
from assets.requests.old_rooms import rooms_named
from assets.requests.queries import bureau_cell, cell_of_body, find_request, require_writable
from assets.requests.readings import pack_documents
from assets.requests.rules import LENGTHS, Draft, checked_draft
from assets.requests.workflows import REQUESTS
from assets.services.cases import ME
from assets.services.steps import note_opened
from gis.errors import Conflict, InputError, NotFound
from gis.places.names import shown_name
from gis.places.vocabulary import IS_OPEN
from gis.rights.actions import shown_account

_EDITABLE: Final = (State.DRAFT, State.RETURNED)
_KINDS: Final[Mapping[Item, str]] = {Item.LEADER_OFFICE: "room", Item.REPAIR: "building"}
_SUBJECT: Final = f"""
SELECT p.kind, p.rights_cell, concat_ws(' ', coalesce({shown_name("b")}, b.code),
    coalesce({shown_name("p")}, p.code)) AS title, a.area_m2
FROM place.place AS p
LEFT JOIN place.place AS f ON f.place_id = p.parent_id
LEFT JOIN place.place AS b ON b.place_id = CASE f.kind WHEN 'floor' THEN f.parent_id
  ELSE f.place_id END AND b.kind = 'building'
LEFT JOIN place.counted_area AS a ON a.place_id = p.place_id AND a.area_kind = 'usable'
WHERE p.place_id = :place_id AND {IS_OPEN.format("p")}"""


def open_request(conn: Connection, draft: Draft) -> int:
    """Write a new request; it waits to be handed in.

    Returns:
        Its `request_id`.

    Raises:
        InputError: Something is missing or cannot be.
        NotFound: There is no such body or place that the account sees.
        Forbidden: The account does not write for the body.
    """
    stated = _checked(conn, draft)
    cell = cell_of_body(conn, stated.organization_id)
    require_writable(conn, cell, "requests.not_your_body")
    made: int = conn.execute(
        insert(model.request)
        .values(
            **stated.columns(),
            rights_cell=cell,
            bureau_cell=bureau_cell(conn),
            made_by=ME,
            changed_by=ME,
        )
        .returning(model.request.c.request_id)
    ).scalar_one()
    _name_places(conn, made, stated)
    note_opened(conn, REQUESTS, "open", [(made, cell)])
    return made


def save_request(
    conn: Connection, request_id: int, draft: Draft, *, seen_version: int, today: date
) -> None:
    """Change a request that is not handed in, or was given back.

    Raises:
        Conflict: It is handed in, or somebody changed it meanwhile.
        InputError, NotFound, Forbidden: As `open_request`.
    """
    stated = _checked(conn, draft)
    found = find_request(conn, request_id, today)
    require_writable(conn, found["rights_cell"], "requests.not_your_body")
    if found["organization_id"] != stated.organization_id:
        raise InputError("requests.other_body")
    # What was looked through was looked through for what was asked then.
    unchecked = {"checked_on": None, "checked_at": None, "checked_by": None}
    change(conn, found, _EDITABLE, {**stated.columns(), **unchecked}, seen_version=seen_version)
    conn.execute(delete(model.request_place).where(model.request_place.c.request_id == request_id))
    _name_places(conn, request_id, stated)


def add_document(
    conn: Connection, request_id: int, *, kind: str, reference: str, today: date
) -> None:
    """Say which document a request rests on, while it is not settled; of a kind the last counts.

    Raises:
        InputError: No such kind of document, or no word of how it is found.
        Conflict: The request is settled.
    """
    found = find_request(conn, request_id, today)
    require_writable(conn, found["rights_cell"], "requests.not_your_body")
    said = reference.replace("\0", "").strip()
    if kind not in {one.kind for one in pack_documents()}:
        raise InputError("requests.unknown_document", value=kind[:40])
    if not 0 < len(said) <= 200:
        raise InputError("requests.no_reference")
    if not found["is_open"]:
        raise Conflict("requests.settled")
    row = upsert(model.document).values(
        request_id=request_id,
        kind=kind,
        reference=said,
        account_id=ME,
        rights_cell=found["rights_cell"],
    )
    same = [model.document.c.request_id, model.document.c.kind]
    set_ = {"reference": said, "account_id": ME, "made_at": text("now()")}
    conn.execute(row.on_conflict_do_update(index_elements=same, set_=set_))


def note_budget(
    conn: Connection,
    request_id: int,
    *,
    budget_yuan: Decimal,
    document: str,
    seen_version: int,
    today: date,
) -> None:
    """What finance answered to a lease that the bureau has reviewed.

    Raises:
        InputError: No number, or no document.
        Conflict: It is no lease, not reviewed, or somebody changed it meanwhile.
        Forbidden: The account has no part of the bureau's.
    """
    found = find_request(conn, request_id, today)
    require_writable(conn, found["bureau_cell"], "requests.not_yours.officer")
    said = document.replace("\0", "").strip()
    if not 0 < len(said) <= LENGTHS["budget_document"] or budget_yuan < 0:
        raise InputError("requests.bad_budget")
    if found["item"] != Item.LEASE:
        raise Conflict("requests.no_lease")
    values = {"budget_yuan": budget_yuan, "budget_document": said}
    change(conn, found, (State.REVIEWED,), values, seen_version=seen_version)


def note_decision(
    conn: Connection, request_id: int, *, document: str, seen_version: int, today: date
) -> None:
    """The number of the decision, before it is taken.

    Raises:
        InputError: No number.
        Conflict: It is not up for decision, or somebody changed it meanwhile.
        Forbidden: The account has no part of the bureau's.
    """
    found = find_request(conn, request_id, today)
    require_writable(conn, found["bureau_cell"], "requests.not_yours.officer")
    said = document.replace("\0", "").strip()
    if not 0 < len(said) <= LENGTHS["decision_document"]:
        raise InputError("requests.no_reference")
    states = (State.CHECKED, State.REVIEWED, State.FUNDED)
    change(conn, found, states, {"decision_document": said}, seen_version=seen_version)


def change(
    conn: Connection,
    found: Mapping[str, Any],
    states: Collection[State],
    values: Mapping[str, Any],
    *,
    seen_version: int | None,
) -> None:
    """Write columns of a request in one of some states, when nobody changed it meanwhile.

    Args:
        found: As `find_request` answers.
        seen_version: What its author saw; null: what `found` says.

    Raises:
        Conflict: It stands in another state, or somebody changed it.
        Forbidden: The account does not write for the body.
    """
    require_writable(conn, found["rights_cell"], "requests.not_your_body")
    if found["state"] not in set(states):
        raise Conflict("requests.not_now")
    table = model.request
    changed = conn.execute(
        update(table)
        .where(table.c.request_id == found["request_id"])
        .where(table.c.version == (seen_version or found["version"]))
        .where(table.c.state == found["state"])
        .values(
            **values,
            version=table.c.version + 1,
            changed_at=text("clock_timestamp()"),
            changed_by=ME,
        )
    ).rowcount
    if not changed:
        who = conn.execute(
            text(
                "SELECT coalesce(a.title, a.name) AS who, r.changed_at FROM requests.request AS r"
                " LEFT JOIN rights.account AS a ON a.account_id = r.changed_by"
                " WHERE r.request_id = :id"
            ),
            {"id": found["request_id"]},
        ).one()
        raise Conflict(
            "workflow.changed_meanwhile",
            who=shown_account(who.who) or "–",
            at=f"{who.changed_at:%Y-%m-%d %H:%M}",
        )


def _checked(conn: Connection, draft: Draft) -> Draft:
    rows = conn.execute(text("SELECT term, parent_term FROM place.term WHERE list = 'rank'"))
    stated = checked_draft(draft, {row.term: row.parent_term for row in rows})
    if stated.admin_area_code is not None:
        query = text("SELECT EXISTS (SELECT FROM place.admin_area WHERE code = :code)")
        if not conn.execute(query, {"code": stated.admin_area_code}).scalar_one():
            raise InputError("requests.unknown_area", value=stated.admin_area_code[:40])
    return stated


def _name_places(conn: Connection, request_id: int, draft: Draft) -> None:
    _name_subject(conn, request_id, draft)
    if draft.old_rooms is OldRooms.SOME:
        left = rooms_named(conn, draft.left_rooms, draft.organization_id)
        conn.execute(
            insert(model.request_place),
            [
                {
                    "request_id": request_id, "place_id": row.place_id, "part": Part.LEFT.value,
                    "place_title": row.title, "area_m2": row.area_m2,
                    "rights_cell": row.rights_cell,
                }
                for row in left
            ],
        )  # fmt: skip


def _name_subject(conn: Connection, request_id: int, draft: Draft) -> None:
    if draft.subject_id is None or draft.item not in _KINDS:
        return
    row = conn.execute(text(_SUBJECT), {"place_id": draft.subject_id}).one_or_none()
    if row is None:
        raise NotFound("place.not_found", place_id=draft.subject_id)
    if row.kind != _KINDS[draft.item]:
        raise InputError(f"requests.no_subject.{draft.item.value}")
    require_writable(conn, row.rights_cell, "requests.not_your_place")
    conn.execute(
        insert(model.request_place).values(
            request_id=request_id,
            place_id=draft.subject_id,
            part=Part.SUBJECT.value,
            place_title=row.title,
            area_m2=row.area_m2,
            rights_cell=row.rights_cell,
        )
    )
