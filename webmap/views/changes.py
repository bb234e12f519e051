"""Whether the register changed: what open maps ask every second."""

from flask import Blueprint, Response, jsonify, request
from sqlalchemy import text

from gis.versions import read_versions
from webmap.errors import NotSignedIn
from webmap.session import asking, session_token
from webmap.views.tiles import tile_server

blueprint = Blueprint("changes", __name__)


@blueprint.get("/api/version")
def show_version() -> Response:
    """Counters that rise with each change of data and of rights; known without the database."""
    token = session_token()
    if not token:
        raise NotSignedIn("web.not_signed_in")
    # Somebody moved the mouse since the last look: only that keeps a session alive.
    is_person = "present" in request.args
    versions = None if is_person else tile_server().known_versions(token)
    if versions is None:
        with asking(is_person=is_person, needs_rows=False) as conn:
            versions = read_versions(conn)
            scope_id = conn.execute(text("SELECT rights.current_scope_id()")).scalar_one()
        if scope_id is not None:
            tile_server().remember(token, scope_id, versions)
    response = jsonify({"data": versions.data, "rights": versions.rights})
    response.headers["Cache-Control"] = "no-store"
    return response
