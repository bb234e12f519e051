"""Office space of a day as it was handed in: the report frozen, and compared when built again.

What changed since is told figure by figure, of a body with what changed of it: its people, its
rooms, their classes and areas, and who has them. Rows of the standard are kept with the report.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from datetime import date
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import Connection, Row, text

from assets.report import Report
from assets.services.changes import Rerun, Watched, causes_in, changed_rules, compare
from assets.services.frozen import (
    Cause,
    ChangedFigure,
    Frozen,
    as_handed_in,
    figures_seen,
    find_frozen,
    freeze,
    sums_are_comparable,
)
from assets.space.reports import VERDICTS
from assets.space.standards import standards_on
from assets.space.stating import refuse_strangers
from gis.clock import today
from gis.errors import Forbidden, InputError
from gis.history import SCHEMA, history_name
from gis.tables import metadata

_SUBJECT: Final = "space/verdicts/"
_OF_BODIES: Final = ("bodies", "lines")
"""Tables of the report whose rows begin with the code of a body."""
_FROZEN: Final = """
SELECT r.as_of, r.made_at, coalesce(a.title, a.name) AS made_by, r.figure_count
FROM services.frozen_report AS r LEFT JOIN rights.account AS a USING (account_id)
WHERE r.subject LIKE :subject || '%' ORDER BY r.as_of DESC"""
_BODIES: Final = """
SELECT organization_id, code FROM organization.organization WHERE code = ANY (:codes)"""
_PARTIES: Final = f"""
SELECT holding_id AS thing, holder_id AS body FROM estate.holding_party
WHERE holder_id = ANY (:bodies)
UNION
SELECT holding_id, holder_id
FROM {SCHEMA}.{history_name(metadata.tables["estate.holding_party"])}
WHERE holder_id = ANY (:bodies)"""
# With what stands in a floor or a building that one has; and of what was taken back, the place.
_PLACES: Final = f"""
SELECT l.place_id AS thing, party.body FROM unnest(CAST(:things AS bigint[]),
  CAST(:of_bodies AS bigint[])) AS party (holding_id, body)
JOIN estate.holding_leaf AS l USING (holding_id)
UNION
SELECT h.place_id, party.body FROM unnest(CAST(:things AS bigint[]),
  CAST(:of_bodies AS bigint[])) AS party (holding_id, body)
JOIN (SELECT holding_id, place_id FROM estate.holding
      UNION SELECT holding_id, place_id
      FROM {SCHEMA}.{history_name(metadata.tables["estate.holding"])}
      WHERE place_id IS NOT NULL) AS h USING (holding_id)"""
_OF_BODY: Final = (
    "organization.organization", "organization.organization_name",
    "organization.organization_version", "organization.organization_register",
    "organization.headcount",
)  # fmt: skip
_OF_PLACE: Final = ("place.room", "place.area_measure", "place.place", "place.place_version")
_ENTITLED: Final = ("entitled", "quota", "counted_on", "level", "count", "rate", "area", "base")
"""How figures end that go by people and level, not by rooms."""


def freeze_verdicts(conn: Connection, as_of: date) -> int:
    """Keep the report of a day as it stands.

    Returns:
        The `frozen_report_id`.

    Raises:
        Forbidden: The account does not write for space over all bodies.
        InputError: The day has not come.
        Conflict: It is frozen already.
    """
    cell = refuse_strangers(conn)
    if as_of > today():
        raise InputError("space.frozen.not_yet", day=as_of.isoformat())
    return freeze(
        conn,
        VERDICTS.build(conn, as_of),
        subject=_subject(as_of),
        vocabularies=VERDICTS.vocabularies,
        rights_cell=cell,
        own_rules=_rules(conn, as_of),
    )


def frozen_days(conn: Connection) -> Sequence[Row[Any]]:
    """Days whose report is frozen, the last first: `as_of, made_at, made_by, figure_count`.

    Raises:
        Forbidden: As with `freeze_verdicts`.
    """
    refuse_strangers(conn)
    return conn.execute(text(_FROZEN), {"subject": _SUBJECT}).all()


def frozen_verdicts(conn: Connection, as_of: date) -> Report:
    """The report of a day as it was frozen.

    Raises:
        Forbidden: As with `freeze_verdicts`, or figures of a class went into it that the account
            does not see: what it would get were an empty report.
        NotFound: It was not.
    """
    refuse_strangers(conn)
    frozen = find_frozen(conn, _subject(as_of))
    if figures_seen(conn, frozen) < frozen.figure_count:
        raise Forbidden("space.frozen.not_all_seen", day=as_of.isoformat())
    return as_handed_in(conn, frozen, VERDICTS.build(conn, as_of))


def rerun_verdicts(conn: Connection, as_of: date) -> Rerun:
    """The report of a day built again, with each figure that is another now, and why.

    Raises:
        Forbidden: As with `freeze_verdicts`.
        NotFound: It was not frozen.
    """
    refuse_strangers(conn)
    frozen = find_frozen(conn, _subject(as_of))
    report = VERDICTS.build(conn, as_of)
    return Rerun(
        frozen,
        _explained(conn, frozen, compare(conn, frozen, report)),
        changed_rules(conn, frozen, VERDICTS.vocabularies, _rules(conn, as_of)),
        report.tables,
        sums_are_comparable(conn, frozen, report),
    )


def _subject(as_of: date) -> str:
    return f"{_SUBJECT}{as_of.isoformat()}"


def _rules(conn: Connection, as_of: date) -> list[dict[str, Any]]:
    """Rows of the standard in force, as JSON has them."""
    return [
        {"source": "space.standard", "row": {name: _plain(value) for name, value in row.items()}}
        for row in map(asdict, standards_on(conn, as_of))
    ]


def _plain(value: Any) -> Any:
    match value:
        case Decimal():
            return f"{value.normalize():f}"
        case date():
            return value.isoformat()
        case _:
            return value


def _explained(
    conn: Connection, frozen: Frozen, changed: Sequence[ChangedFigure]
) -> list[ChangedFigure]:
    """The same with what changed of each body since."""
    by_figure = [
        one.row_key.split(" ")[0] if one.table_name in _OF_BODIES else None for one in changed
    ]
    codes = sorted({code for code in by_figure if code})
    found = conn.execute(text(_BODIES), {"codes": codes})
    bodies = {row.code: row.organization_id for row in found}
    causes = causes_in(conn, frozen, _watched(conn, [*bodies.values()]))
    return [
        replace(one, causes=_relevant(one.field, causes.get(bodies.get(code or "", 0), ())))
        for one, code in zip(changed, by_figure, strict=True)
    ]


def _watched(conn: Connection, bodies: Sequence[int]) -> list[Watched]:
    own = {body: {body} for body in bodies}
    parties = conn.execute(text(_PARTIES), {"bodies": [*bodies]}).all()
    things = {
        "things": [row.thing for row in parties],
        "of_bodies": [row.body for row in parties],
    }
    places = conn.execute(text(_PLACES), things).all()
    return [
        *(Watched(table, "organization_id", own) for table in _OF_BODY),
        Watched("estate.holding_party", "holder_id", own),
        Watched("estate.holding", "holding_id", _roots(parties)),
        *(Watched(table, "place_id", _roots(places)) for table in _OF_PLACE),
    ]


def _roots(rows: Sequence[Row[Any]]) -> Mapping[int, set[int]]:
    found: dict[int, set[int]] = {}
    for row in rows:
        found.setdefault(row.thing, set()).add(row.body)
    return found


def _relevant(field: str, causes: tuple[Cause, ...]) -> tuple[Cause, ...]:
    """Causes that could have changed a figure; all of them where none is of its kind."""
    name = field.rsplit("_", 1)[-1] if field not in _ENTITLED else field
    if name in _ENTITLED:
        close = [one for one in causes if one.source.startswith("organization.")]
    elif name in {"actual", "unmeasured"}:
        close = [one for one in causes if not one.source.startswith("organization.")]
    else:
        close = []
    return tuple(close) or causes
