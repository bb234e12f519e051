"""The pages themselves: the map, the language switch, the health check."""

from flask import Blueprint, Response, jsonify, render_template, request

from gis.errors import InputError
from gis.i18n import LANGUAGES
from webmap.language import COOKIE, language, script_messages
from webmap.session import asking
from webmap.version import onemap_version

blueprint = Blueprint("pages", __name__)


@blueprint.get("/")
def map_page() -> str:
    """The one map; only for those signed in."""
    with asking():
        pass
    return render_template("map.html", messages=dict(script_messages(language())))


@blueprint.get("/imports")
def imports_page() -> str:
    """Files into the register: hand in, correct, look, load, take back."""
    with asking():
        pass
    code = language()
    messages = {**script_messages(code), **script_messages(code, "import_page.", keep=True)}
    return render_template("imports.html", messages=messages)


@blueprint.post("/language")
def choose_language() -> Response:
    """Keep the reader's language for a year; answers nothing, the page reloads itself."""
    chosen = request.form.get("language", "")
    if chosen not in LANGUAGES:
        raise InputError("web.unknown_language", language=chosen)
    response = Response(status=204)
    response.set_cookie(COOKIE, chosen, max_age=365 * 86400, httponly=True, samesite="Lax")
    return response


@blueprint.get("/healthz")
def health() -> Response:
    """That the server answers; open to everyone allowed to reach it."""
    return jsonify({"status": "ok", "version": onemap_version()})
