"""Files as answers: saved under their name, kept by nobody on the way."""

import io

from flask import Response, send_file


def attached(content: bytes, name: str, media_type: str | None = None) -> Response:
    """A file to save; its type follows from the name where none is given."""
    response = send_file(
        io.BytesIO(content), mimetype=media_type, as_attachment=True, download_name=name
    )
    response.headers["Cache-Control"] = "private, no-store"
    return response
