"""Files as answers: saved under their name, kept by nobody on the way."""

import io
from typing import Final

from flask import Response, send_file

XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def attached(content: bytes, name: str, media_type: str | None = None) -> Response:
    """A file to save; its type follows from the name where none is given.

    What no file may be called by, such as `/`, is an underscore in the name.
    """
    safe = "".join("_" if one in '\\/:*?"<>|' or one < " " else one for one in name)
    response = send_file(
        io.BytesIO(content), mimetype=media_type, as_attachment=True, download_name=safe
    )
    response.headers["Cache-Control"] = "private, no-store"
    return response
