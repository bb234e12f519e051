"""The web server: Granian's workers, each with the application of the settings."""

import os
import socket
from collections.abc import Callable
from typing import Final

from flask import Flask
from granian import Granian
from granian.constants import Interfaces

from gis.errors import InputError
from gis.settings import load_settings
from webmap import create_app
from webmap.cli import log_to_file

DEFAULT_PORT: Final = 8000
_PORTS_TRIED: Final = 20


def application() -> Flask:
    """What each worker process serves."""
    settings = load_settings()
    log_to_file(settings)
    return create_app(settings)


def default_workers() -> int:
    """One process a core, leaving memory to the database on big machines."""
    return min(os.cpu_count() or 1, 8)


def free_port(address: str, wanted: int | None) -> int:
    """The port to serve on.

    Args:
        address: Address to listen on.
        wanted: The port that was asked for; null means the first free one from 8000 on.

    Raises:
        InputError: The port asked for is taken or may not be used.
    """
    ports = [wanted] if wanted else range(DEFAULT_PORT, DEFAULT_PORT + _PORTS_TRIED)
    for port in ports:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((address, port))
            except OSError:
                continue
            return port
    raise InputError("serve.port_taken", port=ports[0], next_port=ports[-1] + 1)


def serve(address: str, port: int, workers: int, on_ready: Callable[[], None]) -> None:
    """Serve until a signal ends it; calls `on_ready` once, just before the workers start."""
    server = Granian(
        "webmap.serving:application",
        factory=True,
        address=address,
        port=port,
        interface=Interfaces.WSGI,
        workers=workers,
        blocking_threads=4,
        websockets=False,
        log_level="warning",  # type: ignore[arg-type]
        respawn_failed_workers=True,
        process_name="onemap",
    )
    server.on_startup(on_ready)
    server.serve()
