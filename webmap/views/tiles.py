"""Vector tiles: from this worker's memory while it knows nothing changed, else from PostGIS."""

import hashlib
from datetime import date
from typing import Final

import psycopg2
from flask import Blueprint, Flask, Response, current_app, request

from assets.registry import LAYERS
from gis.clock import today
from gis.db import Database, Role
from gis.errors import NotFound
from gis.filters import parse_filter
from gis.layers import Layer
from gis.prepared import PreparingConnection
from gis.tiles import CutTile, TileAddress, check_address, cut
from gis.versions import ByteCache, SessionScopes, Versions, VersionWatch
from webmap.asked import as_of_date, whole_number
from webmap.errors import NotSignedIn
from webmap.session import session_token

MEDIA_TYPE: Final = "application/vnd.mapbox-vector-tile"
CACHE_BYTES: Final = 96 * 1024 * 1024
"""Per worker: a city's tiles of one scope at the zooms people use."""
REFUSED: Final = "onemap.tile_refused"
"""Where a request carries the error of a tile that took too long already: it is cut only once."""
_EXTENSION: Final = "onemap_tiles"
LAYER_BY_NAME: Final[dict[str, Layer]] = {layer.name: layer for layer in LAYERS}

blueprint = Blueprint("tiles", __name__)


class TileServer:
    """Tiles by scope and version, kept by one worker process."""

    def __init__(self, database: Database) -> None:
        self._engine = database.engine(Role.WEB)
        self.watch = VersionWatch(self._engine)
        self._scopes = SessionScopes()
        self._cache = ByteCache(CACHE_BYTES)
        self._idle: list[PreparingConnection] = []
        """Connections with their plans, as many as threads were ever busy at once."""

    def tag(self, scope_id: int, versions: Versions, address: TileAddress) -> str:
        """What the tile depends on, as an entity tag that tells nobody's scope."""
        said = f"{scope_id} {versions.data} {versions.rights} {address.as_of} {address.level}"
        said += f" {address.chosen}" if address.chosen else ""
        return hashlib.blake2s(said.encode(), digest_size=9).hexdigest()

    def find(self, token: str, address: TileAddress) -> tuple[str, bytes] | None:
        """Tag and bytes of a tile that is certainly still right, without the database."""
        versions = self.watch.current()
        if versions is None:
            return None
        scope_id = self._scopes.find(token, versions)
        if scope_id is None:
            return None
        kept = self._cache.find((scope_id, versions, address))
        return None if kept is None else (self.tag(scope_id, versions, address), kept)

    def known_versions(self, token: str) -> Versions | None:
        """The versions in force, for a session known to be somebody's; null: ask the database."""
        versions = self.watch.current()
        if versions is None or self._scopes.find(token, versions) is None:
            return None
        return versions

    def remember(self, token: str, scope_id: int, versions: Versions) -> None:
        """Believes a session for some seconds, as after a tile."""
        self._scopes.keep(token, scope_id, versions)

    def cut(self, token: str, layer: Layer, address: TileAddress, day: date) -> tuple[str, bytes]:
        """Tag and bytes of a tile from the database, kept when a watch runs.

        Raises:
            NotSignedIn: The session is nobody's.
        """
        drawn, scope_id = self._cut_for_scope(token, layer, address, day)
        versions = Versions(drawn.data_version, drawn.rights_version)
        if self.watch.current() == versions:
            self._cache.keep((scope_id, versions, address), drawn.content)
        return self.tag(scope_id, versions, address), drawn.content

    def _cut_for_scope(
        self, token: str, layer: Layer, address: TileAddress, day: date
    ) -> tuple[CutTile, int]:
        """A tile and the scope it was cut for, which is asked for only when not known."""
        versions = None if layer.drawn is None else self.watch.current()
        known = self._scopes.find(token, versions) if versions else None
        if versions and known is not None:
            drawn = self._cut(token, layer, address, day, asks_scope=False)
            # All that is drawn is under row security, so that a session ended since finds nothing.
            # An empty answer is asked again.
            if drawn.content and drawn.rights_version == versions.rights:
                return drawn, known
        drawn = self._cut(token, layer, address, day, asks_scope=True)
        if drawn.scope_id is None:
            raise NotSignedIn("web.not_signed_in")
        self._scopes.keep(token, drawn.scope_id, Versions(drawn.data_version, drawn.rights_version))
        return drawn, drawn.scope_id

    def _cut(
        self, token: str, layer: Layer, address: TileAddress, day: date, *, asks_scope: bool
    ) -> CutTile:
        """From a connection nobody uses just now; a dead one (a restarted server) is replaced.

        Raises:
            psycopg2.Error: The statement failed, as it would on any other connection.
        """
        while self._idle:
            try:
                connection = self._idle.pop()
            except IndexError:
                break
            try:
                drawn = cut(connection, token, layer, address, today=day, asks_scope=asks_scope)
            except psycopg2.Error:
                # A statement that took too long would do so on the next one too.
                if connection.is_open:
                    self._idle.append(connection)
                    raise
                continue
            self._idle.append(connection)
            return drawn
        connection = PreparingConnection(self._engine)
        drawn = cut(connection, token, layer, address, today=day, asks_scope=asks_scope)
        self._idle.append(connection)
        return drawn


def serve_tiles(app: Flask, database: Database) -> TileServer:
    """Let the app serve the tiles of a database; what serves them."""
    server = app.extensions[_EXTENSION] = TileServer(database)
    app.register_blueprint(blueprint)
    return server


def tile_server() -> TileServer:
    """The tile server of the running app."""
    server: TileServer = current_app.extensions[_EXTENSION]
    return server


@blueprint.get("/tiles/<layer_name>/<int:z>/<int:x>/<int:y>.mvt")
def show_tile(layer_name: str, z: int, x: int, y: int) -> Response:
    """One tile; private to the account, checked again on each use."""
    layer = LAYER_BY_NAME.get(layer_name)
    if layer is None:
        raise NotFound("layer.no_such_layer", layer=layer_name)
    token = session_token()
    if not token:
        raise NotSignedIn("web.not_signed_in")
    if REFUSED in request.environ:
        raise request.environ[REFUSED]
    day = today()
    level = whole_number("floor", least=-99, most=999) if layer.level_attribute else None
    as_of = as_of_date() if "as_of" in request.args else day
    chosen = parse_filter(layer, request.args.get("filter"))
    address = TileAddress(layer_name, z, x, y, as_of, level, chosen)
    server = tile_server()
    found = server.find(token, address)
    if found is None:
        check_address(address)
        found = server.cut(token, layer, address, day)
    tag, content = found
    if request.headers.get("If-None-Match") == f'"{tag}"':
        response = Response(status=304)
    else:
        response = Response(content, mimetype=MEDIA_TYPE)
    response.headers.update(tile_headers(tag))
    return response


def tile_headers(tag: str) -> dict[str, str]:
    """Private to the account, checked again on each use."""
    return {
        "Cache-Control": "private, no-cache",
        "ETag": f'"{tag}"',
        "Vary": "Cookie, Authorization",
    }
