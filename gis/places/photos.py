"""Photos of places: listed, added, described, removed; with the rights of their place."""

from collections.abc import Sequence
from datetime import date
from typing import Any, Final

from sqlalchemy import Connection, RowMapping, text

from gis.errors import Conflict, Forbidden, InputError, NotFound
from gis.places.edits import may_open, write
from gis.places.photos_model import MOST_CAPTION
from gis.places.pictures import Picture

MOST: Final = 100
"""Photos of one place."""
_LIST: Final = """
SELECT f.photo_id, f.caption, f.taken_on, f.width_px, f.height_px, f.made_at,
  coalesce(account.title, account.name) AS who
FROM place.photo AS f LEFT JOIN rights.account AS account USING (account_id)
WHERE f.place_id = :place_id ORDER BY f.taken_on DESC NULLS LAST, f.photo_id DESC"""
_ADD: Final = """
INSERT INTO place.photo
  (place_id, caption, taken_on, file_sha256, width_px, height_px, account_id, rights_cell)
SELECT p.place_id, :caption, :taken_on, :file_sha256, :width_px, :height_px,
  rights.current_account_id(), p.rights_cell
FROM place.place AS p WHERE p.place_id = :place_id RETURNING photo_id"""
_ADD_IMAGE: Final = """
INSERT INTO place.photo_image (photo_id, place_id, image, thumbnail, rights_cell)
SELECT photo_id, place_id, :image, :thumbnail, rights_cell FROM place.photo
WHERE photo_id = :photo_id"""
_OF: Final = "SELECT place_id, caption, taken_on FROM place.photo WHERE photo_id = :photo_id"


def photos_of(conn: Connection, place_id: int) -> Sequence[RowMapping]:
    """Photos of a place, the newest first, those without a day last.

    Returns:
        `photo_id, caption, taken_on, width_px, height_px, made_at, who`; caption, day and name may
        be null.
    """
    return conn.execute(text(_LIST), {"place_id": place_id}).mappings().all()


def add_photo(
    conn: Connection, place_id: int, picture: Picture, caption: str | None, taken_on: date | None
) -> int:
    """Add a photo to a place.

    Args:
        conn: In the name of who adds it.
        place_id: Which place.
        picture: As read.
        caption: What it shows; blank or null: nothing is said.
        taken_on: As the person says; null: what the camera wrote.

    Returns:
        Its number.

    Raises:
        NotFound, Forbidden, Conflict: As `may_open`; the place has a hundred photos, or, from the
            table, this very one.
        InputError: The caption is too long.
    """
    may_open(conn, place_id)
    count = text("SELECT count(*) FROM place.photo WHERE place_id = :place_id")
    if conn.execute(count, {"place_id": place_id}).scalar_one() >= MOST:
        raise Conflict("place.photo.too_many", most=MOST)
    values = {
        "place_id": place_id, "caption": checked_caption(caption),
        "taken_on": taken_on or picture.taken_on, "file_sha256": picture.file_sha256,
        "width_px": picture.width_px, "height_px": picture.height_px,
    }  # fmt: skip
    photo_id: int = conn.execute(text(_ADD), values).scalar_one()
    images = {"photo_id": photo_id, "image": picture.image, "thumbnail": picture.thumbnail}
    conn.execute(text(_ADD_IMAGE), images)
    return photo_id


def describe_photo(
    conn: Connection, photo_id: int, caption: str | None, taken_on: date | None
) -> int:
    """Say anew what a photo shows and when it was taken; null: nothing is said, or known.

    Returns:
        Its place.

    Raises:
        NotFound, Forbidden, InputError: As `add_photo`.
    """
    place_id = _open(conn, photo_id)
    write(
        conn,
        "UPDATE place.photo SET caption = :caption, taken_on = :taken_on"
        " WHERE photo_id = :photo_id",
        {"photo_id": photo_id, "caption": checked_caption(caption), "taken_on": taken_on},
    )
    return place_id


def remove_photo(conn: Connection, photo_id: int) -> int:
    """Remove a photo: the picture is gone, the past says who removed it.

    Returns:
        Its place.

    Raises:
        NotFound, Forbidden: As `add_photo`.
    """
    place_id = _open(conn, photo_id)
    write(conn, "DELETE FROM place.photo WHERE photo_id = :photo_id", {"photo_id": photo_id})
    return place_id


def image_of(conn: Connection, photo_id: int, *, is_small: bool) -> bytes:
    """The picture of a photo as JPEG.

    Raises:
        NotFound: There is none that the account sees.
    """
    column = "thumbnail" if is_small else "image"
    found: Any = conn.execute(
        text(f"SELECT {column} FROM place.photo_image WHERE photo_id = :photo_id"),
        {"photo_id": photo_id},
    ).scalar_one_or_none()
    if found is None:
        raise NotFound("place.photo.not_found")
    return bytes(found)


def checked_caption(stated: str | None) -> str | None:
    """A caption on one line without outer blanks; null: none.

    Raises:
        InputError: Longer than 200 characters.
    """
    caption = " ".join((stated or "").replace("\0", "").split()) or None
    if caption and len(caption) > MOST_CAPTION:
        raise InputError("place.photo.caption_too_long", most=MOST_CAPTION)
    return caption


def _open(conn: Connection, photo_id: int) -> int:
    found = conn.execute(text(_OF), {"photo_id": photo_id}).one_or_none()
    if found is None:
        raise NotFound("place.photo.not_found")
    try:
        may_open(conn, found.place_id)
    except Forbidden as error:
        raise Forbidden("place.photo.forbidden") from error
    place_id: int = found.place_id
    return place_id
