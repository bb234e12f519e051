"""Archives of places: files by category, with the rights of their place.

The content lies where that of attachments lies; it is wiped with its row, so with a place that
becomes a state secret. Files hang on any place; the archive of a property holds those of its parts.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Final

from sqlalchemy import Connection, RowMapping, text

from assets.estate.archive_model import LONGEST_TITLE
from assets.services.attached_files import AttachedFile
from assets.services.attachments import Kept
from assets.services.cases import ME
from assets.services.packs import Source, pack_rows, source_of
from gis.errors import Conflict, Forbidden, InputError, NotFound
from gis.organizations.then import name_then
from gis.places.edits import may_open, write
from gis.places.names import shown_name
from gis.places.then import places_as_of
from gis.places.vocabulary import IN_FORCE, IS_OPEN

MOST: Final = 2_000
"""Files of one place."""
MOST_SHOWN: Final = 200
"""Files of one category that the archive of a property lists."""
KEPT_DAYS: Final = 30
"""So long a file that was taken out may be put back: `services.forget_orphans`."""
_OPEN: Final = IS_OPEN.format("p")
_HEAD: Final = f"""
SELECT p.place_id, p.code, p.kind, coalesce({shown_name("p", "p.name")}, p.code) AS name,
  p.address, p.rights_cell IN (SELECT cell FROM rights.my_write_cells) AS may_write
FROM place.place AS p WHERE p.place_id = :place_id AND {_OPEN}"""
_FILES: Final = f"""
WITH RECURSIVE down AS (
  SELECT p.place_id FROM place.place AS p WHERE p.place_id = :place_id AND {_OPEN}
  UNION
  SELECT p.place_id FROM down JOIN place.place AS p ON p.parent_id = down.place_id WHERE {_OPEN}
),
listed AS (
  SELECT f.archive_file_id, f.place_id, f.category, f.title, f.dated_on, f.is_original,
    f.file_name, f.type, f.size_bytes, f.version, f.made_at, f.account_id,
    count(*) OVER of_category AS total,
    count(*) FILTER (WHERE f.is_original) OVER of_category AS originals,
    row_number() OVER (of_category ORDER BY f.dated_on DESC NULLS LAST, f.archive_file_id DESC) AS n
  FROM down JOIN estate.archive_file AS f USING (place_id) WHERE f.removed_at IS NULL
  WINDOW of_category AS (PARTITION BY f.category)
)
SELECT l.*, coalesce(a.title, a.name) AS who,
  coalesce({shown_name("p", "p.name")}, p.code) AS place_name,
  p.rights_cell IN (SELECT cell FROM rights.my_write_cells) AS may_write
FROM listed AS l JOIN place.place AS p USING (place_id)
LEFT JOIN rights.account AS a ON a.account_id = l.account_id
WHERE l.n <= :most ORDER BY l.category, l.n"""
_REMOVED: Final = f"""
WITH RECURSIVE down AS (
  SELECT p.place_id FROM place.place AS p WHERE p.place_id = :place_id AND {_OPEN}
  UNION
  SELECT p.place_id FROM down JOIN place.place AS p ON p.parent_id = down.place_id WHERE {_OPEN}
)
SELECT f.archive_file_id, f.place_id, f.category, f.title, f.file_name, f.version, f.removed_at,
  coalesce(a.title, a.name) AS who, coalesce({shown_name("p", "p.name")}, p.code) AS place_name
FROM down JOIN estate.archive_file AS f USING (place_id) JOIN place.place AS p USING (place_id)
LEFT JOIN rights.account AS a ON a.account_id = f.removed_by
WHERE f.removed_at IS NOT NULL AND p.rights_cell IN (SELECT cell FROM rights.my_write_cells)
ORDER BY f.removed_at DESC, f.archive_file_id DESC LIMIT :most"""
_ADD: Final = f"""
INSERT INTO estate.archive_file (place_id, category, title, dated_on, is_original, file_name, type,
  size_bytes, sha256, account_id, rights_cell)
SELECT p.place_id, :category, :title, :dated_on, :is_original, :file_name, :type, :size_bytes,
  :sha256, {ME}, p.rights_cell
FROM place.place AS p WHERE p.place_id = :place_id RETURNING archive_file_id"""
# From the few places that have files up to their properties, not from all places down.
_ARCHIVES: Final = f"""
WITH RECURSIVE filed AS (
  SELECT f.place_id, f.category, count(*) AS files,
    count(*) FILTER (WHERE f.is_original) AS originals
  FROM estate.archive_file AS f
  WHERE f.made_at::date <= :as_of AND f.removed_at IS NULL GROUP BY 1, 2
),
up AS (
  SELECT p.place_id AS of_id, p.place_id, p.parent_id, 0 AS step
  FROM (SELECT DISTINCT place_id FROM filed) AS f JOIN {{places}} AS p USING (place_id)
  UNION ALL
  SELECT up.of_id, p.place_id, p.parent_id, up.step + 1
  FROM up JOIN {{places}} AS p ON p.place_id = up.parent_id WHERE up.step < 20
),
counted AS (
  SELECT up.place_id, f.category, sum(f.files) AS files, sum(f.originals) AS originals
  FROM up JOIN filed AS f ON f.place_id = up.of_id WHERE up.parent_id IS NULL GROUP BY 1, 2
),
summed AS (
  SELECT c.place_id, jsonb_object_agg(c.category, c.files) AS by_category, sum(c.files) AS files,
    sum(c.originals) AS originals
  FROM counted AS c GROUP BY 1
)
SELECT p.place_id, p.code, coalesce({shown_name("p", "p.name")}, p.code) AS name,
  p.address, area.name AS district, {name_then("body")} AS steward,
  coalesce(s.by_category, '{{{{}}}}'::jsonb) AS by_category, coalesce(s.files, 0) AS files,
  coalesce(s.originals, 0) AS originals, count(*) OVER () AS total
FROM {{places}} AS p
LEFT JOIN summed AS s USING (place_id)
LEFT JOIN place.admin_area AS area
  ON area.code = coalesce(p.stated_admin_area_code, p.admin_area_code)
LEFT JOIN organization.organization AS body ON body.organization_id = p.steward_id
WHERE (p.kind = 'site' OR p.kind IN ('building', 'structure') AND p.parent_id IS NULL)
  AND {IN_FORCE.format("p")} AND {_OPEN} AND {{where}}
ORDER BY p.code LIMIT :limit OFFSET :offset"""
_SAID: Final = f"""position(lower(CAST(:words AS text)) IN lower(concat_ws(' ', p.code,
  {shown_name("p", "p.name")}, p.address))) > 0"""
_LACKS: Final = (
    "EXISTS (SELECT FROM unnest(CAST(:missing AS text[])) AS c WHERE (s.by_category -> c) IS NULL)"
)


@dataclass(frozen=True)
class Category(Source):
    """A category of an archive, with where it comes from."""

    category: str


@dataclass(frozen=True)
class Described:
    """What is said of a file.

    Args:
        category: One that holds today.
        title: What it is.
        dated_on: The day on the document; null: not known.
        is_original: It was taken from the original.
    """

    category: str
    title: str
    dated_on: date | None
    is_original: bool


@cache
def _rows(pack: str = "cn") -> tuple[Category, ...]:
    return tuple(
        Category(category=row["category"], **vars(source_of(row)))
        for row in pack_rows(pack, "archive_category.csv")
    )


def categories(as_of: date | None = None) -> tuple[Category, ...]:
    """Categories that hold on a day, in their order; without a day those of any day.

    Before the first of them came into force the register was kept by the same ones.
    """
    return tuple(one for one in _rows() if not (as_of and one.valid_to and one.valid_to <= as_of))


def may_add(conn: Connection, place_id: int) -> None:
    """Whether the account may add files to a place, before anybody reads them.

    Raises:
        NotFound, Forbidden, Conflict: As `gis.places.edits.may_open`.
    """
    may_open(conn, place_id)


def checked(
    category: str, title: str, dated_on: date | None, is_original: bool, *, today: date
) -> Described:
    """What somebody says of a file, on one line.

    Raises:
        InputError: An unknown category, no title or one too long, a day to come.
    """
    if category not in {one.category for one in categories(today)}:
        raise InputError("archive.unknown_category", value=category[:40])
    words = " ".join(title.replace("\0", "").split())
    if not words:
        raise InputError("archive.no_title")
    if len(words) > LONGEST_TITLE:
        raise InputError("archive.title_too_long", most=LONGEST_TITLE)
    if dated_on is not None and dated_on > today:
        raise InputError("archive.not_yet", day=dated_on)
    return Described(category, words, dated_on, is_original)


def add(conn: Connection, place_id: int, said: Described, file: AttachedFile) -> int:
    """Add a file to the archive of a place.

    Args:
        conn: In the name of who adds it.
        place_id: A property, a building, a floor, a room.
        said: As checked.
        file: As examined.

    Returns:
        Its number.

    Raises:
        NotFound, Forbidden, Conflict: As `may_add`; the place has 2,000 files, or this very one.
    """
    may_open(conn, place_id)
    _refuse_many(conn, place_id)
    kept = text("SELECT services.keep_content(:sha256, :content)")
    conn.execute(kept, {"sha256": file.sha256, "content": file.content})
    values = {
        "place_id": place_id, **vars(said), "file_name": file.name, "type": file.type,
        "size_bytes": len(file.content), "sha256": file.sha256,
    }  # fmt: skip
    made: int = conn.execute(text(_ADD), values).scalar_one()
    return made


def describe(conn: Connection, archive_file_id: int, said: Described, *, seen_version: int) -> int:
    """Say anew what a file is, and move it to another category.

    Returns:
        Its place.

    Raises:
        NotFound: There is none that the account sees.
        Forbidden: It may not write the place.
        Conflict: Somebody changed it since.
    """
    place_id = _open(conn, archive_file_id)
    changed = write(
        conn,
        "UPDATE estate.archive_file SET category = :category, title = :title, dated_on = :dated_on,"
        " is_original = :is_original, version = version + 1"
        " WHERE archive_file_id = :id AND version = :seen",
        {"id": archive_file_id, "seen": seen_version, **vars(said)},
    )
    if not changed:
        raise Conflict("archive.changed")
    return place_id


def remove(conn: Connection, archive_file_id: int, *, seen_version: int) -> int:
    """Take a file out; for a month it may be put back, then its content is forgotten.

    Returns:
        Its place.

    Raises:
        NotFound, Forbidden, Conflict: As `describe`.
    """
    place_id = _open(conn, archive_file_id)
    removed = write(
        conn,
        f"UPDATE estate.archive_file SET removed_at = now(), removed_by = {ME},"
        " version = version + 1 WHERE archive_file_id = :id AND version = :seen",
        {"id": archive_file_id, "seen": seen_version},
    )
    if not removed:
        raise Conflict("archive.changed")
    return place_id


def restore(conn: Connection, archive_file_id: int, *, seen_version: int) -> int:
    """Put back a file that was taken out.

    Returns:
        Its place.

    Raises:
        NotFound, Forbidden: As `describe`.
        Conflict: Somebody did so already, or the archive has this very file again or too many.
    """
    place_id = _open(conn, archive_file_id, is_removed=True)
    _refuse_many(conn, place_id)
    restored = write(
        conn,
        "UPDATE estate.archive_file SET removed_at = NULL, removed_by = NULL,"
        " version = version + 1 WHERE archive_file_id = :id AND version = :seen",
        {"id": archive_file_id, "seen": seen_version},
    )
    if not restored:
        raise Conflict("archive.changed")
    return place_id


def kept_file(conn: Connection, archive_file_id: int) -> Kept:
    """A file with its content.

    Raises:
        NotFound: There is none that the account sees.
    """
    row = conn.execute(
        text(
            "SELECT f.file_name, f.type, services.archived_content(f.archive_file_id) AS content"
            " FROM estate.archive_file AS f WHERE f.archive_file_id = :id"
        ),
        {"id": archive_file_id},
    ).one_or_none()
    if row is None or row.content is None:
        raise NotFound("archive.not_found")
    return Kept(row.file_name, row.type, bytes(row.content))


def head_of(conn: Connection, place_id: int) -> RowMapping:
    """The place an archive is of: `place_id, code, kind, name, address, may_write`.

    Raises:
        NotFound: There is none that the account sees, or nothing of it may be told.
    """
    row = conn.execute(text(_HEAD), {"place_id": place_id}).mappings().one_or_none()
    if row is None:
        raise NotFound("place.not_found", place_id=place_id)
    return row


def files_of(conn: Connection, place_id: int) -> Sequence[RowMapping]:
    """Files of a place and of all that is in it, by category, the newest documents first.

    `archive_file_id, place_id, place_name, category, title, dated_on, is_original, file_name, type,
    size_bytes, version, made_at, who, may_write`, and of the category `total, originals`: no more
    than 200 of each are listed.
    """
    return conn.execute(text(_FILES), {"place_id": place_id, "most": MOST_SHOWN}).mappings().all()


def archives(
    conn: Connection,
    as_of: date,
    *,
    words: str | None = None,
    missing: Sequence[str] = (),
    limit: int | None = None,
    offset: int = 0,
) -> Sequence[RowMapping]:
    """Properties with how many files their archives hold, by code.

    Args:
        conn: In the name of whoever asks.
        as_of: The properties of that day; files that were added later do not count, nor do those
            that were taken out since.
        words: Only those with it in code, name or address.
        missing: Only those that lack a file of one of these categories.
        limit: At most so many; null: all.
        offset: So many before the first.

    Returns:
        `place_id, code, name, address, district, steward, by_category` (files by category, those
        without any left out)`, files, originals, total` (of all pages).
    """
    conditions = [*([_SAID] if words else ()), *([_LACKS] if missing else ())]
    query = _ARCHIVES.format(
        places=places_as_of(conn, as_of).by_id, where=" AND ".join(conditions) or "true"
    )
    values = {
        "as_of": as_of, "words": words, "missing": list(missing), "limit": limit, "offset": offset,
    }  # fmt: skip
    return conn.execute(text(query), values).mappings().all()


def removed_files(conn: Connection, place_id: int) -> Sequence[RowMapping]:
    """Files that were taken out of a place and what is in it, and may be put back, newest first.

    Only those the account may put back, and no more than 200: `archive_file_id, place_id,
    place_name, category, title, file_name, version, removed_at, who`.
    """
    values = {"place_id": place_id, "most": MOST_SHOWN}
    return conn.execute(text(_REMOVED), values).mappings().all()


def _refuse_many(conn: Connection, place_id: int) -> None:
    count = text(
        "SELECT count(*) FROM estate.archive_file WHERE place_id = :place_id AND removed_at IS NULL"
    )
    if conn.execute(count, {"place_id": place_id}).scalar_one() >= MOST:
        raise Conflict("archive.too_many", most=MOST)


def _open(conn: Connection, archive_file_id: int, *, is_removed: bool = False) -> int:
    found = conn.execute(
        text(
            "SELECT place_id FROM estate.archive_file"
            " WHERE archive_file_id = :id AND (removed_at IS NOT NULL) = :is_removed"
        ),
        {"id": archive_file_id, "is_removed": is_removed},
    ).scalar_one_or_none()
    if found is None:
        raise NotFound("archive.not_found")
    try:
        may_open(conn, found)
    except Forbidden as error:
        raise Forbidden("archive.forbidden") from error
    place_id: int = found
    return place_id
