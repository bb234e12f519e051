"""The web application: what every request passes, and what answers it."""

# Werkzeug encodes the host of each request with this codec. Two first requests at once, in two
# threads, would meet while it is being imported, and Python would hold it for unknown ever after.
import encodings.idna  # noqa: F401

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from gis.database import open_database
from gis.db import Database
from gis.settings import Settings
from webmap import session
from webmap.allowance import allow
from webmap.asked import CleanRequest, NumberOfOurs
from webmap.bodies import TakenIn
from webmap.compression import compress_answers
from webmap.handing_out import check_again
from webmap.language import language, say
from webmap.logs import request_lines
from webmap.metrics import count_requests
from webmap.problems import explain_errors
from webmap.quick_tiles import QuickTiles
from webmap.security import nonce, protect
from webmap.seen import see_routes
from webmap.static_files import StaticFiles, static_blueprint, vendor_dir
from webmap.views import API, PAGES, tiles
from webmap.views.basemaps import serve_basemaps
from webmap.views.jobs import account_word
from webmap.watched import Watched, line_writer
from webmap.web_settings import use_settings

MAX_BODY_BYTES = 16 * 1024 * 1024
"""A drawn or pasted polygon fits many times over; uploads of files have their own limit."""


def create_app(settings: Settings, database: Database | None = None) -> Flask:
    """The web application; reads nothing from the environment.

    Args:
        settings: Language, allowed hosts, folders.
        database: Null opens the one the settings name.
    """
    app = Flask("webmap", static_folder=None)
    app.request_class = CleanRequest
    app.url_map.converters["int"] = NumberOfOurs
    app.config.update(LANGUAGE=settings.language, MAX_CONTENT_LENGTH=MAX_BODY_BYTES)
    app.json.sort_keys = False  # type: ignore[attr-defined]
    app.json.ensure_ascii = False  # type: ignore[attr-defined]
    files = StaticFiles(vendor_dir(settings))
    database = database or open_database(settings)
    session.use_database(app, database)
    use_settings(app, settings)
    see_routes(app)
    protect(app, settings)
    allow(app, settings)
    compress_answers(app)
    check_again(app)
    explain_errors(app)
    app.register_blueprint(static_blueprint(files))
    app.register_blueprint(session.blueprint)
    tile_server = tiles.serve_tiles(app, database)
    serve_basemaps(app, settings)
    for blueprint in (*PAGES, *API):
        app.register_blueprint(blueprint)
    app.context_processor(
        lambda: {
            "language": language(),
            "say": say,
            "nonce": nonce,
            "files": files,
            "account_word": account_word,
        }
    )
    app.wsgi_app = QuickTiles(app.wsgi_app, tile_server, settings.allowed_hosts)  # type: ignore[method-assign]
    app.wsgi_app = TakenIn(  # type: ignore[method-assign]
        app.wsgi_app,
        patience_s=settings.body_seconds,
        bytes_per_s=settings.body_kb_per_second * 1000,
    )
    if settings.behind_proxy:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=1, x_proto=1)  # type: ignore[method-assign]
    lines = request_lines(settings)
    app.wsgi_app = Watched(  # type: ignore[method-assign]
        app.wsgi_app,
        [count_requests(app, settings, database), *([line_writer(lines)] if lines else [])],
        takes_numbers=settings.behind_proxy,
    )
    return app
