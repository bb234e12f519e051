"""Plain tile requests, answered before the app's routing and request machinery.

A kept tile costs less than that machinery. The same checks hold (host, session, address); whatever
is not a plain request for a tile that can be given goes on to the app, which says what is wrong.
"""

import functools
import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Final

import psycopg2
import psycopg2.errors

from gis.clock import today
from gis.errors import OneMapError
from gis.tiles import TileAddress, check_address
from webmap.security import HEADERS, is_allowed_host
from webmap.seen import KEY
from webmap.session import COOKIE, SECURE_COOKIE
from webmap.views.tiles import LAYER_BY_NAME, MEDIA_TYPE, REFUSED, TileServer, tile_headers

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_PREFIX: Final = "/tiles/"
_ROUTE: Final = "/tiles/<layer_name>/<int:z>/<int:x>/<int:y>.mvt"
"""What the app calls the address."""
_OVERRUN: Final = (psycopg2.errors.QueryCanceled, psycopg2.errors.LockNotAvailable)
_PATH: Final = re.compile(r"/tiles/([a-z_]+)/(\d{1,2})/(\d{1,7})/(\d{1,7})\.mvt", re.ASCII)
_FLOOR: Final = re.compile(r"floor=(-?\d{1,3})", re.ASCII)
_TOKEN: Final = {
    scheme: re.compile(rf"(?:^|;\s*){name}=([\w-]+)(?=;|$)", re.ASCII)
    for scheme, name in (("http", COOKIE), ("https", SECURE_COOKIE))
}


class QuickTiles:
    """In front of an app: answers plain tile requests, hands on the rest."""

    def __init__(
        self, app: "WSGIApplication", server: TileServer, allowed_hosts: tuple[str, ...]
    ) -> None:
        self._app = app
        self._server = server
        self._is_allowed_host = functools.lru_cache(256)(
            functools.partial(is_allowed_host, allowed=allowed_hosts)
        )

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        """As WSGI wants it."""
        if environ["PATH_INFO"].startswith(_PREFIX):
            found = self._find(environ)
            if found is not None:
                if seen := environ.get(KEY):
                    seen.route = _ROUTE
                return _answer(environ, start_response, *found)
        return self._app(environ, start_response)

    def _find(self, environ: dict[str, Any]) -> tuple[str, bytes] | None:
        """Tag and bytes of a tile; null when the app must say what is wrong."""
        cookie = _TOKEN.get(environ["wsgi.url_scheme"])
        token = cookie and cookie.search(environ.get("HTTP_COOKIE", ""))
        if (
            token is None
            or "HTTP_AUTHORIZATION" in environ
            or environ["REQUEST_METHOD"] != "GET"
            or not self._is_allowed_host(environ.get("HTTP_HOST", ""))
        ):
            return None
        day = today()
        address = _address(environ, day)
        if address is None:
            return None
        found = self._server.find(token[1], address)
        if found is not None:
            return found
        try:
            check_address(address)
            return self._server.cut(token[1], LAYER_BY_NAME[address.layer], address, day)
        except (OneMapError, psycopg2.Error) as error:
            if isinstance(error, _OVERRUN):
                environ[REFUSED] = error
            return None


def _address(environ: dict[str, Any], day: Any) -> TileAddress | None:
    path = _PATH.fullmatch(environ["PATH_INFO"])
    layer = LAYER_BY_NAME.get(path[1]) if path else None
    if path is None or layer is None:
        return None
    level = None
    if query := environ.get("QUERY_STRING"):
        floor = _FLOOR.fullmatch(query)
        if floor is None:
            return None
        level = int(floor[1]) if layer.level_attribute else None
    return TileAddress(path[1], int(path[2]), int(path[3]), int(path[4]), day, level)


def _answer(
    environ: dict[str, Any], start_response: "StartResponse", tag: str, content: bytes
) -> Iterable[bytes]:
    headers = [*HEADERS.items(), *tile_headers(tag).items()]
    if environ.get("HTTP_IF_NONE_MATCH") == f'"{tag}"':
        start_response("304 NOT MODIFIED", headers)
        return ()
    headers += [("Content-Type", MEDIA_TYPE), ("Content-Length", str(len(content)))]
    start_response("200 OK", headers)
    return (content,)
