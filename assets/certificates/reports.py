"""The register of certificates and what no longer matches, as a report."""

from datetime import date
from typing import Any, Final

from sqlalchemy import Connection, text

from assets.certificates.comparing import Difference, Differing, differences
from assets.certificates.queries import register
from assets.report import Report, ReportBuilder, ReportColumn, ReportTable

_MOST: Final = 1_000_000
_CLASSES: Final = "SELECT term, title_zh FROM place.term WHERE list = 'room_class'"


def _column(name: str, unit: str | None = None, says: str | None = None) -> ReportColumn:
    return ReportColumn(name, f"certificates.column.{name}", unit, says)


_HEAD: Final = (_column("number"), _column("holder_name"), _column("property"))
_REGISTER: Final = (
    *_HEAD,
    _column("district"),
    _column("rooms"),
    _column("area", "m2"),
    _column("shown", says="certificates.shown_rooms.{}"),
    _column("state", says="certificates.state.{}"),
    _column("matches", says="certificates.matches.{}"),
    *(
        _column(name)
        for name in (
            "issued_on", "valid_from", "valid_to", "cancelled_on", "edition", "agreement_number",
            "issuer", "called",
        )
    ),
)  # fmt: skip
_DIFFERING: Final = (
    *_HEAD,
    _column("code"),
    _column("room"),
    _column("difference", says="certificates.difference.{}"),
    _column("was"),
    _column("now"),
)


def build_register(conn: Connection, as_of: date, **narrowed: Any) -> Report:
    """Every certificate with its state; and each room that is not as its certificate says.

    Args:
        narrowed: As `register` takes them: only some.
    """
    listed = register(conn, as_of, limit=_MOST, **narrowed)
    found = listed.rows
    differing = differences(conn, as_of)
    titles = {row.term: row.title_zh for row in conn.execute(text(_CLASSES))}
    odd = {one.certificate_id for one in differing}
    by_id = {row["certificate_id"]: row for row in found}
    rows = [
        {
            **{column.field: row.get(column.field) for column in _REGISTER},
            "area": row["area_m2"] and round(row["area_m2"], 2),
            "shown": "partly" if row["certificate_id"] in listed.partly else "all",
            "state": row["state"].value,
            "matches": _matches(row, odd),
        }
        for row in found
    ]
    return Report(
        "certificates",
        "certificates.title",
        as_of,
        (
            ReportTable("register", "certificates.register", _REGISTER, rows, ("number",)),
            ReportTable(
                "differing",
                "certificates.to_change",
                _DIFFERING,
                [_row(one, by_id, titles) for one in differing if one.certificate_id in by_id],
                ("number", "code"),
            ),
        ),
        (("certificates.note", {}),),
    )


def _matches(row: Any, odd: set[int]) -> str | None:
    if row["state"] != "in_force":
        return None
    return "no" if row["certificate_id"] in odd else "yes"


def _row(one: Differing, by_id: Any, titles: dict[str, str]) -> dict[str, Any]:
    head = by_id[one.certificate_id]
    is_class = one.difference is Difference.ROOM_CLASS
    was, now = (
        titles.get(str(value), value) if is_class else value for value in (one.was, one.now)
    )
    return {
        **{name: head[name] for name in ("number", "holder_name", "property")},
        "code": one.code,
        "room": one.name,
        "difference": one.difference.value,
        "was": was,
        "now": now,
    }


CERTIFICATES: Final = ReportBuilder(
    "certificates", "certificates.title", build_register, ("room_class",)
)
