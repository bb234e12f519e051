"""The pages themselves: the map, the language switch, the health check."""

from typing import Final

from flask import Blueprint, Response, jsonify, render_template, request
from sqlalchemy import text

from assets.estate.districts import AREAS, COUNTS, WHOLE, district_figures, undisclosed_figures
from gis.clock import today
from gis.errors import InputError
from gis.i18n import LANGUAGES
from webmap.language import COOKIE, language, script_messages
from webmap.session import asking
from webmap.version import onemap_version

blueprint = Blueprint("pages", __name__)
_READS_ROWS: Final = text("SELECT rights.current_reader_id() IS NOT NULL")


@blueprint.get("/")
def map_page() -> str:
    """The one map; only for those signed in. Who has figures alone is shown these."""
    with asking(needs_rows=False) as conn:
        is_reader = conn.execute(_READS_ROWS).scalar_one()
    if not is_reader:
        return figures_page()
    return render_template("map.html", messages=dict(script_messages(language())))


@blueprint.get("/figures")
def figures_page() -> str:
    """Figures of districts, and why a leader is shown no more."""
    with asking(needs_rows=False) as conn:
        is_reader = conn.execute(_READS_ROWS).scalar_one()
        rows = district_figures(conn)
        undisclosed = undisclosed_figures(conn)
    most = max((row["gross_area_m2"] for row in rows if row["district"] != WHOLE), default=0)
    return render_template(
        "figures.html",
        messages=dict(script_messages(language())),
        rows=rows,
        undisclosed=undisclosed,
        whole=WHOLE,
        most=most or 1,
        counts=COUNTS,
        areas=AREAS,
        is_reader=is_reader,
        today=today(),
    )


@blueprint.get("/imports")
def imports_page() -> str:
    """Files into the register: hand in, correct, look, load, take back."""
    with asking():
        pass
    code = language()
    messages = {**script_messages(code), **script_messages(code, "import_page.", keep=True)}
    messages |= script_messages(code, "plan_page.from_imports", keep=True)
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
