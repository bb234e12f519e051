"""Photos of a place: added from files, shown, described, removed."""

from datetime import date
from typing import Final

from flask import Blueprint, Response, jsonify, request

from gis.clock import today
from gis.errors import InputError
from gis.places import photos
from gis.places.edits import may_open
from gis.places.pictures import MOST_BYTES, read_picture
from webmap.asked import json_object, stated_day
from webmap.session import asking

blueprint = Blueprint("photos", __name__)
_BESIDE_THE_FILE_BYTES: Final = 64 * 1024


@blueprint.post("/api/places/<int:place_id>/photos")
def add_photo(place_id: int) -> tuple[Response, int]:
    """Add a photo: `file` of a form, with `caption` and `taken_on` where they are known."""
    with asking() as conn:
        # Nobody's bytes are read before we know who may send them.
        may_open(conn, place_id)
    request.max_content_length = MOST_BYTES + _BESIDE_THE_FILE_BYTES
    sent = request.files.get("file")
    if sent is None:
        raise InputError("upload.no_file")
    taken_on = _day(request.form.get("taken_on"))
    caption = photos.checked_caption(request.form.get("caption"))
    # One byte more than is allowed tells that there are too many.
    with sent.stream as stream:
        picture = read_picture(stream.read(MOST_BYTES + 1), today=today())
    with asking() as conn:
        photo_id = photos.add_photo(conn, place_id, picture, caption, taken_on)
    return jsonify({"photo_id": photo_id, "place_id": place_id}), 201


@blueprint.patch("/api/photos/<int:photo_id>")
def describe_photo(photo_id: int) -> Response:
    """Say anew what a photo shows and when it was taken."""
    body = json_object()
    said = {name: body.get(name) for name in ("caption", "taken_on")}
    for name, value in said.items():
        if value is not None and not isinstance(value, str):
            raise InputError("asked.not_text", name=name)
    taken_on = _day(said["taken_on"])
    with asking() as conn:
        place_id = photos.describe_photo(conn, photo_id, said["caption"], taken_on)
    return jsonify({"photo_id": photo_id, "place_id": place_id})


@blueprint.delete("/api/photos/<int:photo_id>")
def remove_photo(photo_id: int) -> Response:
    """Remove a photo; the picture is gone for good."""
    with asking() as conn:
        place_id = photos.remove_photo(conn, photo_id)
    return jsonify({"photo_id": photo_id, "place_id": place_id})


@blueprint.get("/api/photos/<int:photo_id>/image")
def show_image(photo_id: int) -> Response:
    """The picture, at most 2,400 pixels a side."""
    return _image(photo_id, is_small=False)


@blueprint.get("/api/photos/<int:photo_id>/thumbnail")
def show_thumbnail(photo_id: int) -> Response:
    """The picture, at most 360 pixels a side."""
    return _image(photo_id, is_small=True)


def _image(photo_id: int, *, is_small: bool) -> Response:
    # A picture never changes, so who asks again is only asked whether he may still see it.
    tag = f"{photo_id}-{'s' if is_small else 'l'}"
    with asking() as conn:
        content = photos.image_of(conn, photo_id, is_small=is_small)
    response = Response(content, mimetype="image/jpeg")
    response.headers["Cache-Control"] = "private, no-cache"
    response.set_etag(tag)
    response.make_conditional(request)
    return response


def _day(stated: str | None) -> date | None:
    day = stated_day(stated)
    if day and day > today():
        raise InputError("place.photo.not_yet", day=day)
    return day
