"""Pages of features: one statement a page, put together as GeoJSON by the database."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import (
    ARRAY,
    JSON,
    BigInteger,
    ColumnElement,
    Connection,
    Date,
    Select,
    Text,
    any_,
    cast,
    func,
    literal,
    literal_column,
    select,
    text,
)
from sqlalchemy.exc import DBAPIError, OperationalError

from gis.errors import InputError
from gis.features.collection import Rows
from gis.features.reference import POSTGIS, Box, Reference
from gis.places.vocabulary import IS_OPEN

_EVERY_DIGIT: Final = 15
_REFUSED: Final = frozenset({"22", "XX"})
"""Classes of SQLSTATE: what cannot be reckoned with such values; what PostGIS refuses."""


@dataclass(frozen=True)
class Position:
    """Where a page begins: after a key, or before one for the page in front; null: at the start."""

    key: int | str | None = None
    is_before: bool = False


@dataclass(frozen=True)
class Condition:
    """What has to hold of a feature.

    Args:
        passing: SQL of it.
        near: Areas, as SQL of kept shapes, each of which it needs touched: for the spatial index.
    """

    passing: ColumnElement[bool]
    near: tuple[ColumnElement[Any], ...] = ()


@dataclass(frozen=True)
class Wanted:
    """Which features, and what of them.

    Args:
        limit: At most so many.
        position: Where the page begins.
        box: What they have to touch; null: they may lie anywhere or nowhere.
        conditions: What else has to hold.
        properties: What they say; null: everything.
        reference: In which coordinates.
    """

    limit: int
    reference: Reference
    position: Position = Position()
    box: Box | None = None
    conditions: Sequence[Condition] = ()
    properties: Sequence[str] | None = None


@dataclass(frozen=True)
class Page:
    """Features as GeoJSON texts, with the keys around them.

    Args:
        features: In order of their keys.
        before: Key of the first, where others stand in front of it; else null.
        after: Key of the last, where others follow it; else null.
    """

    features: Sequence[str]
    before: int | str | None
    after: int | str | None


def read_page(conn: Connection, rows: Rows, wanted: Wanted) -> Page:
    """One page of the features that an account sees.

    Args:
        conn: Within a session.
        rows: Of a layer.
        wanted: Which of them.

    Raises:
        InputError: The database cannot work out the condition with what the features say.
    """
    if wanted.box is not None and wanted.box.wkt is None:
        return Page((), None, None)
    position, key = wanted.position, rows.key
    statement = select(key.label("key"), _feature(rows, wanted).label("feature"))
    statement = statement.where(*_conditions(rows, wanted))
    if len(rows.layer.arms) > 1 and wanted.box is None and not wanted.conditions:
        # Rows of several sources would all be read and sorted for the first few of them.
        keys = _places(rows).subquery()
        here = conn.execute(_paged(select(keys), keys.c.place_id, wanted)).scalars().all()
        # As a list: joined to a subquery, all rows are read for it again.
        statement = statement.where(key == any_(literal(list(here), ARRAY(BigInteger))))
    found = _asked(conn, _paged(statement, key, wanted))
    has_more, found = len(found) > wanted.limit, found[: wanted.limit]
    if position.is_before:
        found.reverse()
    first, last = (found[0].key, found[-1].key) if found else (None, None)
    has_front = has_more if position.is_before else position.key is not None
    has_rest = position.is_before or has_more
    return Page(
        [row.feature for row in found],
        before=first if has_front else None,
        after=last if has_rest else None,
    )


def count_features(conn: Connection, rows: Rows, wanted: Wanted) -> int:
    """How many features there are on all pages together.

    Args:
        conn: Within a session.
        rows: Of a layer.
        wanted: Which of them; position and limit do not matter.

    Raises:
        InputError: As `read_page`.
    """
    if wanted.box is not None and wanted.box.wkt is None:
        return 0
    if wanted.box is None and not wanted.conditions and rows.layer.arms:
        return int(
            conn.execute(select(func.count()).select_from(_places(rows).subquery())).scalar_one()
        )
    counted = select(func.count()).select_from(rows.source).where(*_conditions(rows, wanted))
    return int(_asked(conn, counted)[0][0])


def read_feature(conn: Connection, rows: Rows, key: int | str, wanted: Wanted) -> str | None:
    """One feature as GeoJSON text; null where the account sees none of that key."""
    statement = select(_feature(rows, wanted)).where(rows.key == key, rows.is_in_span)
    found: str | None = conn.execute(statement).scalar()
    return found


def _paged(statement: Select[Any], key: ColumnElement[Any], wanted: Wanted) -> Select[Any]:
    """So many of the rows from the position on, and one more that tells of further ones."""
    position = wanted.position
    if position.key is not None:
        beyond = key < position.key if position.is_before else key > position.key
        statement = statement.where(beyond)
    return statement.order_by(key.desc() if position.is_before else key).limit(wanted.limit + 1)


def _places(rows: Rows) -> Select[Any]:
    """Keys of all places of a layer, without what the layer reads beside each of them."""
    begins, ends = (literal_column(f"p.{name}", Date) for name in ("valid_from", "valid_to"))
    return (
        select(literal_column("p.place_id").label("place_id"))
        .select_from(text(f"{rows.places.by_id} AS p"))
        .where(
            text(f"({rows.layer.place_condition})"),
            text(IS_OPEN.format("p")),
            rows.span.covers(begins, ends),
        )
    )


def _conditions(rows: Rows, wanted: Wanted) -> list[ColumnElement[bool]]:
    conditions = [rows.is_in_span]
    areas = [area for one in wanted.conditions for area in one.near]
    if wanted.box is not None and wanted.box.wkt is not None:
        area = wanted.box.reference.kept(wanted.box.wkt)
        conditions.append(POSTGIS.ST_Intersects(rows.shape, area))
        areas.append(area)
    conditions += [near for near in map(rows.near, areas) if near is not None]
    return conditions + [one.passing for one in wanted.conditions]


def _feature(rows: Rows, wanted: Wanted) -> ColumnElement[str]:
    """SQL of a feature as GeoJSON text: rings as the format wants them, every digit kept."""
    names = [name for name in rows.source.c.keys() if name not in {"geom", "anchor"}]  # noqa: SIM118
    if wanted.properties is not None:
        names = [name for name in names if name in wanted.properties]
    said = [part for name in names for part in (literal(name, Text), rows.column(name))]
    shape = wanted.reference.shown(POSTGIS.ST_ForcePolygonCCW(rows.shape))
    geometry = cast(POSTGIS.ST_AsGeoJSON(shape, _EVERY_DIGIT, 0), JSON)
    return cast(
        func.json_build_object(
            "type", "Feature", "id", rows.key, "geometry", geometry,
            "properties", func.json_build_object(*said),
        ),
        Text,
    )  # fmt: skip


def _asked(conn: Connection, statement: Any) -> list[Any]:
    try:
        return list(conn.execute(statement).all())
    except OperationalError:
        raise
    except DBAPIError as error:
        if str(getattr(error.orig, "pgcode", ""))[:2] in _REFUSED:
            raise InputError("features.not_reckoned") from error
        raise
