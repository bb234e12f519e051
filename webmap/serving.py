"""The web server: Granian's workers, each with the application of the settings."""

import ctypes
import http.client
import os
import signal
import socket
import threading
import time
from collections.abc import Callable
from typing import Any, Final

from flask import Flask
from granian import Granian
from granian.constants import HTTPModes, Interfaces

from gis.errors import InputError
from gis.settings import load_settings
from webmap.bodies import AT_WORK, WAITING
from webmap.logs import log_to_file

DEFAULT_PORT: Final = 8000
_PORTS_TRIED: Final = 20


def application() -> Flask:
    """What each worker process serves."""
    # The parent process only minds the workers; it does not pay for the application's imports.
    from webmap.app import create_app  # noqa: PLC0415

    end_with_parent()
    settings = load_settings()
    log_to_file(settings)
    return create_app(settings)


def end_with_parent(*, at_once: bool = False) -> None:
    """Ask the kernel to end this process when the one that started it is killed.

    A worker of the web would hold the port otherwise, and a job the locks of its load.

    Args:
        at_once: Kill, instead of asking to end.
    """
    set_parent_death_signal = 1
    sent = signal.SIGKILL if at_once else signal.SIGTERM
    ctypes.CDLL(None).prctl(set_parent_death_signal, sent)


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
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        with socket.socket(family) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((address, port))
            except OSError:
                continue
            return port
    raise InputError("serve.port_taken", port=ports[0], next_port=ports[-1] + 1)


class _Server(Granian):  # type: ignore[valid-type,misc]
    """Granian that says when it has forked its workers.

    A worker forked while another thread of the parent is at work inherits whatever lock that thread
    holds, and may wait for it for ever: one start in some dozens. Threads start afterwards.
    """

    on_forked: Callable[[], None]

    def _spawn_workers(self, spawn_target: Any, target_loader: Any) -> None:
        # Said here, after Granian has warned of too many: those beyond the first only wait.
        self.blocking_threads = AT_WORK + WAITING
        super()._spawn_workers(spawn_target, target_loader)
        self.on_forked()


def serve(
    address: str,
    port: int,
    workers: int,
    on_ready: Callable[[], None],
    *,
    on_forked: Callable[[], None] = lambda: None,
    target: str = "webmap.serving:application",
) -> None:
    """Serve until a signal ends it.

    Args:
        address: Address to listen on.
        port: A free port.
        workers: Number of worker processes.
        on_ready: Called once, from another thread, when the first answer has come.
        on_forked: Called when the worker processes are there: from then on threads may start.
        target: Module and function that make each worker's application.
    """
    server = _Server(
        target,
        factory=True,
        address=address,
        port=port,
        interface=Interfaces.WSGI,
        # Browsers and proxies speak HTTP/2 over TLS alone, which ends before us.
        http=HTTPModes.http1,
        workers=workers,
        blocking_threads=AT_WORK,
        websockets=False,
        log_level="warning",
        respawn_failed_workers=True,
        # A worker told to end while it is still starting may miss it.
        workers_kill_timeout=10,
    )
    asking = threading.Thread(
        target=_call_when_answering, args=(reached_at(address), port, on_ready), daemon=True
    )

    def start_threads() -> None:
        asking.start()
        on_forked()

    server.on_forked = start_threads
    server.serve()


def reached_at(address: str) -> str:
    """Where this machine reaches a server that listens on an address: on all means on its own."""
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(address, address)  # noqa: S104 -- compared


def _call_when_answering(host: str, port: int, on_ready: Callable[[], None]) -> None:
    for _attempt in range(600):
        try:
            connection = http.client.HTTPConnection(host, port, timeout=10)
            # A name it always answers to: who it may be called by is not the question here.
            connection.request("GET", "/healthz", headers={"Host": "127.0.0.1"})
            is_up = connection.getresponse().status == http.HTTPStatus.OK
            connection.close()
        except OSError:
            is_up = False
        if is_up:
            on_ready()
            return
        time.sleep(0.1)
