"""Correcting a place by form: which values it has, what they may be, and writing them."""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from sqlalchemy import Connection, Numeric, SmallInteger, text

from gis.errors import InputError, NotFound, Phrase
from gis.layers import Attribute
from gis.places import edits
from gis.places.actions import touch
from gis.places.attributes import OF_KIND
from gis.places.edits import EditedMeanwhile, Grounds
from gis.places.edits_model import EditKind
from gis.places.keeping import fields_of, protect
from gis.places.stating import Empty, empty_before, state
from gis.places.then import OF_ROOM
from gis.tables import metadata

MOST_TEXT: Final = 500
_OWN: Final = (
    Attribute("name", "place.attribute.name"),
    Attribute("address", "place.attribute.address"),
    Attribute("use_status", "place.attribute.use_status", "term", None, "use_status"),
    Attribute("steward_id", "place.attribute.steward", "body"),
    Attribute("valid_from", "place.attribute.valid_from", "date"),
    Attribute("remark", "place.attribute.remark"),
)
"""Columns of the place itself, in the order of the form."""
_VERSIONED: Final = ("name", "address", "use_status", "steward_id")
"""What `place.place_version` keeps of former days, beside the shape; of rooms `OF_ROOM` too."""
OWN_NAMES: Final = frozenset(one.name for one in _OWN)
"""The fields of every form that stand in `place.place`."""


@dataclass(frozen=True)
class Form:
    """The values of a place that a person may correct, as they stand.

    Args:
        version: Of all of them; sent back with the correction, so that nobody overwrites unseen.
        holds_since: The day since which they are known to hold; null: nobody has said.
    """

    place_id: int
    kind: str
    values: Mapping[str, Any]
    version: str
    holds_since: date | None


def form_fields(kind: str) -> Sequence[Attribute]:
    """What can be corrected of a kind of place, in the order of the form."""
    return (*_OWN, *OF_KIND.get(kind, ()))


def read_form(conn: Connection, place_id: int) -> Form:
    """The values that stand.

    Raises:
        NotFound: The account does not see the place.
    """
    place = conn.execute(text(_PLACE), {"place_id": place_id}).mappings().one_or_none()
    if place is None:
        raise NotFound("place.not_found", place_id=place_id)
    kind = place["kind"]
    of_kind = _values_of_kind(conn, place_id, kind)
    values = {
        one.name: place[one.name] if one.name in OWN_NAMES else of_kind.get(one.name)
        for one in form_fields(kind)
    }
    seen = [values, place["valid_to"], place["parent_id"], place["shape"]]
    digest = hashlib.sha256(json.dumps(seen, default=str, sort_keys=True).encode()).hexdigest()
    return Form(place_id, kind, values, digest[:24], place["holds_since"])


def open_as_seen(conn: Connection, place_id: int, seen_version: str) -> tuple[Any, Form]:
    """The row of a place that is about to change, locked, and its form, as its author saw it.

    Raises:
        EditedMeanwhile: Somebody was first; both versions are to be shown.
        NotFound, Forbidden, Conflict: As `edits.open_place`.
    """
    place = edits.open_place(conn, place_id)
    form = read_form(conn, place_id)
    if form.version != seen_version:
        raise EditedMeanwhile(form, edits.last_change(conn, place_id, place.kind))
    return place, form


def _values_of_kind(conn: Connection, place_id: int, kind: str) -> Mapping[str, Any]:
    columns = OF_KIND.get(kind)
    if not columns:
        return {}
    listed = ", ".join(one.name for one in columns)
    query = f"SELECT {listed} FROM place.{kind} WHERE place_id = :place_id"
    found = conn.execute(text(query), {"place_id": place_id})
    return dict(found.mappings().one_or_none() or {})


def correct(
    conn: Connection,
    place_id: int,
    values: Mapping[str, Any],
    *,
    seen_version: str,
    grounds: Grounds,
) -> Sequence[int]:
    """Write corrected values; from a later day on, what stood till then stays as a version.

    What was entered is protected from loads, as `onemap protect` does. The caller renews what is
    derived.

    Args:
        conn: As the web role, in the name of who does it.
        place_id: Which.
        values: By field, as JSON has them: texts, numbers, dates as text; null or blank empties.
            Fields that are left out, or say what stands, stay as they are.
        seen_version: Of the form that its author saw.
        grounds: Why, and from which day.

    Returns:
        Places that changed: itself, and parts that follow its steward.

    Raises:
        EditedMeanwhile: Somebody was first; both versions are to be shown.
        InputError: A value that cannot be, no reason, nothing that differs, dates backwards.
        NotFound, Forbidden, Conflict: As `edits.open_place`; where the steward changes, also parts
            that the account may not see or write.
    """
    grounds = grounds.checked()
    place, form = open_as_seen(conn, place_id, seen_version)
    read = read_values(conn, form.kind, values)
    changed = {name: value for name, value in read.items() if value != form.values[name]}
    if not changed:
        raise InputError("place.edit.nothing_changed")
    _check_dates(place, form, changed, grounds)
    moved = [place_id]
    if "steward_id" in changed:
        edits.refuse_hidden_parts(conn, place_id)
        moved += _parts_of_steward(conn, place_id)
    keep_version(conn, moved if "steward_id" in changed else [place_id], form, changed, grounds)
    empty = empty_before(conn, [place_id], changed)
    if "steward_id" in changed:
        recell(conn, moved, steward_id=changed["steward_id"])
    _write_own(conn, place_id, changed)
    write_of_kind(conn, place_id, form.kind, changed)
    _shield(conn, form, list(changed), grounds, empty)
    edits.record(conn, [place_id], EditKind.CORRECTED, grounds)
    touch(conn, [place_id])
    return moved


def _shield(
    conn: Connection, form: Form, changed: Sequence[str], grounds: Grounds, empty: Empty
) -> None:
    """What was entered is protected, and stands for its day once it no longer is."""
    stated = [name for name in changed if name in fields_of(form.kind)]
    state(conn, [form.place_id], stated, grounds.effective_on, empty)
    for name in stated:
        protect(conn, form.place_id, name, reason=grounds.reason)


def read_values(conn: Connection, kind: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """The values of a form as the register holds them; each is looked at.

    Raises:
        InputError: No such field, or a value that cannot be; says which.
    """
    known = {one.name: one for one in form_fields(kind)}
    read = {}
    for name, value in values.items():
        if name not in known:
            raise InputError("place.field_unknown", field=name[:60], known=", ".join(known))
        read[name] = _read_value(conn, kind, known[name], value)
    return read


def _read_value(conn: Connection, kind: str, field: Attribute, value: Any) -> Any:
    """What a value is in the register.

    Raises:
        InputError: It cannot be that; says which field.
    """
    if isinstance(value, str):
        value = value.replace("\0", "").strip()
    if value is None or value == "":
        table = metadata.tables["place.place" if field.name in OWN_NAMES else f"place.{kind}"]
        if not table.columns[field.name].nullable:
            raise _not("missing", field)
        return None
    if field.type in _READERS:
        return _READERS[field.type](conn, kind, field, value)
    if not isinstance(value, str):
        raise _not("text", field)
    if len(value) > MOST_TEXT:
        raise _not("too_long", field, most=MOST_TEXT)
    return value


def _not(what: str, field: Attribute, **more: Any) -> InputError:
    return InputError(f"place.edit.not_{what}", field=Phrase(field.title_key), **more)


def _term(conn: Connection, _kind: str, field: Attribute, value: Any) -> str:
    found = conn.execute(
        text("SELECT term FROM place.term WHERE list = :list AND term = :term"),
        {"list": field.term_list, "term": str(value)},
    ).scalar_one_or_none()
    if found is None:
        raise _not("a_term", field, value=str(value)[:60])
    return str(found)


def _body(conn: Connection, _kind: str, field: Attribute, value: Any) -> int:
    found = None
    if isinstance(value, int) and not isinstance(value, bool) and 0 < value < 2**63:
        found = conn.execute(
            text("SELECT organization_id FROM organization.organization"
                 " WHERE organization_id = :id AND (valid_to IS NULL OR valid_to > current_date)"),
            {"id": value},
        ).scalar_one_or_none()  # fmt: skip
    if found is None:
        raise _not("a_body", field)
    return int(found)


def _date(_conn: Connection, _kind: str, field: Attribute, value: Any) -> date:
    try:
        return date.fromisoformat(str(value))
    except ValueError as error:
        raise _not("a_date", field, value=str(value)[:40]) from error


def _number(_conn: Connection, kind: str, field: Attribute, value: Any) -> int | Decimal:
    column = metadata.tables[f"place.{kind}"].columns[field.name].type
    try:
        number = Decimal(str(value))
    except InvalidOperation as error:
        raise _not("a_number", field, value=str(value)[:40]) from error
    if isinstance(value, bool) or not number.is_finite():
        raise _not("a_number", field, value=str(value)[:40])
    if isinstance(column, Numeric) and column.scale is not None:
        whole = (column.precision or 18) - column.scale
        if abs(number) >= 10**whole:
            raise _not("in_bounds", field, value=str(value)[:40])
        return number.quantize(Decimal(1).scaleb(-column.scale))
    most = 2**15 - 1 if isinstance(column, SmallInteger) else 2**31 - 1
    least = -99 if "level" in field.name else 0
    if number != number.to_integral_value():
        raise _not("whole", field, value=str(value)[:40])
    if not least <= number <= most or ("year" in field.name and not 1000 <= number <= 2200):
        raise _not("in_bounds", field, value=str(value)[:40])
    return int(number)


def _boolean(_conn: Connection, _kind: str, field: Attribute, value: Any) -> bool:
    if not isinstance(value, bool):
        raise _not("boolean", field)
    return value


_READERS: Final[Mapping[str, Callable[[Connection, str, Attribute, Any], Any]]] = {
    "term": _term, "body": _body, "boolean": _boolean, "date": _date, "integer": _number,
    "number": _number,
}  # fmt: skip


def _check_dates(place: Any, form: Form, changed: Mapping[str, Any], grounds: Grounds) -> None:
    begins = changed.get("valid_from", place.valid_from)
    if begins and place.valid_to and begins >= place.valid_to:
        raise InputError("place.edit.dates_reversed", begins=begins, ends=place.valid_to)
    check_day(form, grounds)


def check_day(form: Form, grounds: Grounds) -> None:
    """The day from which something is to hold is not before what is known to hold.

    Raises:
        InputError: It is.
    """
    if grounds.effective_on and form.holds_since and grounds.effective_on < form.holds_since:
        raise InputError("place.edit.day_before_known", day=grounds.effective_on,
                         known=form.holds_since)  # fmt: skip


def keep_version(
    conn: Connection,
    place_ids: Sequence[int],
    form: Form,
    changed: Mapping[str, Any],
    grounds: Grounds,
) -> None:
    """From a later day on: what places were till then stays as a version of each.

    An edit of the same day, or of none, corrects; what was never stated is no earlier version.

    Raises:
        Forbidden: The account may not write one of them.
    """
    day = grounds.effective_on
    if day is None or (form.holds_since is not None and day <= form.holds_since):
        return
    kept = (*_VERSIONED, *(OF_ROOM if form.kind == "room" else ()))
    was_stated = any(name in changed and form.values.get(name) is not None for name in kept)
    if was_stated or "geom" in changed:
        edits.write(conn, _KEEP_VERSION, {"place_ids": list(place_ids), "day": day})


def _parts_of_steward(conn: Connection, place_id: int) -> list[int]:
    """Parts of it, however deep, that have the same steward and so get the new one too."""
    return list(conn.execute(text(_SAME_STEWARD), {"place_id": place_id}).scalars())


def recell(
    conn: Connection,
    place_ids: Sequence[int],
    *,
    steward_id: int | None = None,
    area: str | None = None,
) -> None:
    """Give places another steward or, where `area` says one, another district; cells follow.

    Raises:
        Forbidden: One of them is, or would be, where the account may not write.
    """
    values = {"place_ids": list(place_ids), "steward": steward_id, "area": area,
              "moves_area": area is not None}  # fmt: skip
    # In a statement of its own: policies do not see cells that come to be in the same one.
    conn.execute(text(_CELLS), values)
    if edits.write(conn, _RECELL, values) != len(place_ids):
        raise edits.beyond_rights()


def _write_own(conn: Connection, place_id: int, changed: Mapping[str, Any]) -> None:
    own = {n: v for n, v in changed.items() if n in OWN_NAMES and n != "steward_id"}
    if own:
        sets = ", ".join(f"{name} = :{name}" for name in own)
        edits.write(
            conn,
            f"UPDATE place.place SET {sets} WHERE place_id = :place_id",
            {**own, "place_id": place_id},
        )


def write_of_kind(conn: Connection, place_id: int, kind: str, changed: Mapping[str, Any]) -> None:
    """Write what stands in the kind's own table; the row is made where there is none."""
    own = {name: value for name, value in changed.items() if name not in OWN_NAMES}
    if not own:
        return
    sets = ", ".join(f"{name} = :{name}" for name in own)
    values = {**own, "place_id": place_id}
    known = edits.write(conn, f"UPDATE place.{kind} SET {sets} WHERE place_id = :place_id", values)
    if not known:
        names, bound = ", ".join(own), ", ".join(f":{name}" for name in own)
        edits.write(
            conn,
            f"INSERT INTO place.{kind} (place_id, rights_cell, {names})"
            f" SELECT place_id, rights_cell, {bound} FROM place.place WHERE place_id = :place_id",
            values,
        )


_HOLDS_SINCE: Final = (
    "greatest((SELECT max(v.valid_to) FROM place.place_version AS v"
    " WHERE v.place_id = p.place_id), p.valid_from)"
)
_PLACE: Final = f"""
SELECT p.kind, p.name, p.address, p.use_status, p.steward_id, p.valid_from, p.valid_to, p.remark,
       p.parent_id, md5(ST_AsBinary(p.geom)) AS shape, {_HOLDS_SINCE} AS holds_since
FROM place.place AS p WHERE p.place_id = :place_id
"""
_KEEP_VERSION: Final = f"""
INSERT INTO place.place_version
  (place_id, name, address, use_status, steward_id, geom, number, room_class, valid_from,
   valid_to, rights_cell)
SELECT p.place_id, p.name, p.address, p.use_status, p.steward_id, p.geom, r.number, r.room_class,
       known.since, :day, p.rights_cell
FROM place.place AS p LEFT JOIN place.room AS r ON r.place_id = p.place_id
CROSS JOIN LATERAL (SELECT {_HOLDS_SINCE} AS since) AS known
WHERE p.place_id = ANY (:place_ids) AND (known.since IS NULL OR known.since < :day)
"""
_SAME_STEWARD: Final = """
WITH RECURSIVE down AS (
  SELECT p.place_id, p.steward_id FROM place.place AS p WHERE p.place_id = :place_id
  UNION ALL
  SELECT p.place_id, p.steward_id FROM down JOIN place.place AS p ON p.parent_id = down.place_id
  WHERE p.steward_id IS NOT DISTINCT FROM down.steward_id AND p.security_class < 3
)
SELECT place_id FROM down WHERE place_id <> :place_id
"""
_WANTED: Final = """
SELECT p.place_id, p.security_class,
       CASE WHEN :moves_area THEN p.steward_id ELSE CAST(:steward AS bigint) END AS steward_id,
       CASE WHEN :moves_area THEN CAST(:area AS text) ELSE p.admin_area_code END AS area
FROM place.place AS p WHERE p.place_id = ANY (:place_ids)
"""
_CELLS: Final = f"""
SELECT c.cell FROM (
  SELECT array_agg(steward_id) AS stewards, array_agg(area) AS areas,
         array_agg(security_class) AS classes
  FROM (SELECT DISTINCT steward_id, area, security_class FROM ({_WANTED}) AS w) AS one
) AS every, rights.cells_for(every.stewards, every.areas, every.classes) AS c
"""
_RECELL: Final = f"""
UPDATE place.place AS p
SET steward_id = w.steward_id, admin_area_code = w.area, rights_cell = c.cell
FROM ({_WANTED}) AS w JOIN rights.cell AS c
  -- Equalities, so that the join can hash; no body has number 0 and no area an empty code.
  ON coalesce(c.organization_id, 0) = coalesce(w.steward_id, 0)
 AND coalesce(c.admin_area_code, '') = coalesce(w.area, '')
 AND c.security_class = w.security_class
WHERE p.place_id = w.place_id
"""
