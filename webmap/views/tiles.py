"""Vector tiles: from this worker's memory while it knows nothing changed, else from PostGIS."""

import hashlib
from datetime import date
from typing import Final

from flask import Blueprint, Flask, Response, current_app, request

from assets.registry import LAYERS
from gis.clock import today
from gis.db import Database, Role, transaction
from gis.errors import NotFound
from gis.layers import Layer
from gis.rights.queries import read_versions_and_scope
from gis.tiles import TileAddress, check_address, tile
from gis.versions import ByteCache, SessionScopes, Versions, VersionWatch
from webmap.asked import as_of_date, whole_number
from webmap.errors import NotSignedIn
from webmap.session import COOKIE

MEDIA_TYPE: Final = "application/vnd.mapbox-vector-tile"
CACHE_BYTES: Final = 96 * 1024 * 1024
"""Per worker: a city's tiles of one scope at the zooms people use."""
_EXTENSION: Final = "onemap_tiles"
_BY_NAME: Final[dict[str, Layer]] = {layer.name: layer for layer in LAYERS}

blueprint = Blueprint("tiles", __name__)


class TileServer:
    """Tiles by scope and version, kept by one worker process."""

    def __init__(self, database: Database) -> None:
        self._engine = database.engine(Role.WEB)
        self.watch = VersionWatch(self._engine)
        self._scopes = SessionScopes()
        self._cache = ByteCache(CACHE_BYTES)

    def tag(self, scope_id: int, versions: Versions, address: TileAddress) -> str:
        """What the tile depends on, as an entity tag that tells nobody's scope."""
        said = f"{scope_id} {versions.data} {versions.rights} {address.as_of} {address.level}"
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

    def cut(self, token: str, layer: Layer, address: TileAddress, day: date) -> tuple[str, bytes]:
        """Tag and bytes of a tile from the database, kept when a watch runs.

        Raises:
            NotSignedIn: The session is nobody's.
        """
        with transaction(self._engine, token) as conn:
            # Read first: what is newer than its version only falls out of the cache too early.
            versions, scope_id = read_versions_and_scope(conn)
            if scope_id is None:
                raise NotSignedIn("web.not_signed_in")
            content = tile(conn, layer, address, today=day)
        if self.watch.current() == versions:
            self._scopes.keep(token, scope_id, versions)
            self._cache.keep((scope_id, versions, address), content)
        return self.tag(scope_id, versions, address), content


def serve_tiles(app: Flask, database: Database) -> None:
    """Let the app serve the tiles of a database."""
    app.extensions[_EXTENSION] = TileServer(database)
    app.register_blueprint(blueprint)


def tile_server() -> TileServer:
    """The tile server of the running app."""
    server: TileServer = current_app.extensions[_EXTENSION]
    return server


@blueprint.get("/tiles/<layer_name>/<int:z>/<int:x>/<int:y>.mvt")
def show_tile(layer_name: str, z: int, x: int, y: int) -> Response:
    """One tile; private to the account, checked again on each use."""
    layer = _BY_NAME.get(layer_name)
    if layer is None:
        raise NotFound("layer.no_such_layer", layer=layer_name)
    token = request.cookies.get(COOKIE)
    if not token:
        raise NotSignedIn("web.not_signed_in")
    day = today()
    level = whole_number("floor", least=-99, most=999) if layer.level_attribute else None
    as_of = as_of_date() if "as_of" in request.args else day
    address = TileAddress(layer_name, z, x, y, as_of, level)
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
    response.headers["Cache-Control"] = "private, no-cache"
    response.headers["ETag"] = f'"{tag}"'
    response.headers["Vary"] = "Cookie"
    return response
