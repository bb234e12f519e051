"""`/metrics`: figures for whoever watches over the server."""

from ipaddress import ip_address
from typing import Final

from flask import Blueprint, Response, request
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4

from gis.errors import Forbidden
from gis.rights.grants import may_watch
from webmap.metrics import told_figures
from webmap.session import asking, client_address
from webmap.web_settings import kept_settings

blueprint = Blueprint("metrics", __name__)
_FORWARDED: Final = ("X-Forwarded-For", "Forwarded", "Via")


@blueprint.get("/metrics")
def show_metrics() -> Response:
    """Counts and times of requests and what waits: no name, no address, nothing of the register."""
    if not _is_known_address() and not _may_watch():
        raise Forbidden("web.metrics_not_yours")
    return Response(told_figures(), content_type=CONTENT_TYPE_PLAIN_0_0_4)


def _may_watch() -> bool:
    """Of a program's token alone: a page of another site could not read it with a cookie's."""
    if "Authorization" not in request.headers:
        return False
    with asking(is_person=False, needs_rows=False) as conn:
        return may_watch(conn)


def _is_known_address() -> bool:
    settings = kept_settings()
    # A proxy on this machine that nobody told us of makes everybody look like this machine.
    if not settings.behind_proxy and any(name in request.headers for name in _FORWARDED):
        return False
    try:
        asking = ip_address(client_address())
    except ValueError:
        return False
    # As a server that listens on both kinds of addresses sees the older kind.
    asking = getattr(asking, "ipv4_mapped", None) or asking
    return asking.is_loopback or any(asking in network for network in settings.metrics_from)
