"""What programs may ask about the archives of places."""

from typing import Any, Final

from webmap.views.openapi_parts import ANY_FILE, MADE, operation, parameter

_PLACE: Final = parameter("place_id", "path", "integer", "Our number of the place.")
_FILE: Final = parameter("archive_file_id", "path", "integer", "Our number of the file.")
_VERSION: Final = {"version": {"type": "string", "description": "Of the file its author saw"}}
_SAID: Final = {
    "category": {"type": "string", "description": "Of the country pack, such as planning"},
    "title": {"type": "string"},
    "dated_on": {"type": "string", "description": "The day on the document"},
    "is_original": {"type": "string", "enum": ["on"]},
}

ARCHIVE_PATHS: Final[dict[str, dict[str, Any]]] = {
    "/archive/{place_id}/files": {
        "post": operation(
            "Add a file to the archive of a place; its type is told by its content",
            _PLACE,
            body={**_SAID, "file": {"type": "string", "format": "binary"}},
            body_media="multipart/form-data",
            answers=MADE,
        )
    },
    "/archive/files/{archive_file_id}": {
        "get": operation("A file of an archive, to save", _FILE, media=ANY_FILE)
    },
    "/archive/files/{archive_file_id}/describe": {
        "post": operation(
            "Say anew what a file is, and move it to another category",
            _FILE,
            body={**_SAID, **_VERSION},
        )
    },
    "/archive/files/{archive_file_id}/remove": {
        "post": operation("Take a file out of its archive", _FILE, body=_VERSION)
    },
    "/archive/files/{archive_file_id}/restore": {
        "post": operation("Put back a file that was taken out", _FILE, body=_VERSION)
    },
}
