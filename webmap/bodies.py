"""Bodies of requests: who dawdles over one keeps nobody else from being answered.

Reading a body waits in the server's native code until bytes come, and nothing of Python's ends
that wait. So whoever waits leaves the place at work to somebody else, only so many may wait, and
the connection of one that stays silent is closed, on which the wait ends.
"""

import io
import logging
import os
import socket
import stat
import struct
import threading
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from werkzeug.exceptions import RequestTimeout

from webmap.errors import Busy

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_LOG: Final = logging.getLogger("onemap")
AT_WORK: Final = 4
"""Requests that a process works at together."""

WAITING: Final = 24
"""Requests of a process, besides those, that may wait for the rest of their bodies."""

_MOST_OF_ONE: Final = 8
"""Of those, from one address."""

_ROOM_WITHIN_S: Final = 0.5
"""How long one waits for room to wait: forms, of which many may come together, take no time."""

_LEAST_PIECE_BYTES: Final = 1024
_MOST_PIECE_BYTES: Final = 64 * 1024
_QUICK_S: Final = 0.1
_LOOK_S: Final = 1.0
LATE_S: Final = 5.0
"""At most so long after a request's last byte came does the server hand it over."""

_TIMES_AT: Final = 44
"""Where Linux's `tcp_info` has the milliseconds since data was sent, since an acknowledgement was
sent, and since data came."""


@dataclass(eq=False)
class _AtHand:
    """A request that is being answered."""

    peer: str
    """Address at the other end of its connection: a proxy's, where there is one."""

    came_at: float = field(default_factory=time.monotonic)
    """When what is there of it came."""

    waits_since: float | None = None
    """Since when it waits for more of its body; null while it does not."""


class Intake:
    """What a process has at hand.

    Args:
        patience_s: How long a body may stay silent, and how much longer than `bytes_per_s` allows
            it may take in all.
        bytes_per_s: How fast one comes at the least.
    """

    def __init__(self, patience_s: float, bytes_per_s: float) -> None:
        self.patience_s = patience_s
        self.bytes_per_s = bytes_per_s
        self._at_work = threading.Semaphore(AT_WORK)
        self._changed = threading.Condition()
        self._at_hand: set[_AtHand] = set()
        self._waiting: Counter[str] = Counter()
        self._is_watched = False

    @contextmanager
    def working(self, peer: str) -> Iterator[_AtHand]:
        """Work at a request, when there is a place."""
        request = _AtHand(peer)
        self._at_hand.add(request)
        try:
            with self._at_work:
                yield request
        finally:
            self._at_hand.discard(request)

    @contextmanager
    def waiting(self, request: _AtHand, asker: str) -> Iterator[None]:
        """Wait for a body in the place of whoever waits, not of who works.

        Raises:
            Busy: As many wait as may, of all or of this address.
        """
        self._at_work.release()
        try:
            with self._changed:
                if not self._changed.wait_for(lambda: self._has_room(asker), _ROOM_WITHIN_S):
                    raise Busy("web.too_many_bodies")
                self._waiting[asker] += 1
                if not self._is_watched:
                    self._is_watched = True
                    threading.Thread(target=self._watch, daemon=True).start()
            request.waits_since = time.monotonic()
            try:
                yield
            finally:
                request.waits_since, request.came_at = None, time.monotonic()
                with self._changed:
                    self._waiting[asker] -= 1
                    self._waiting += Counter()  # without those that are none
                    self._changed.notify_all()
        finally:
            self._at_work.acquire()

    def _has_room(self, asker: str) -> bool:
        return self._waiting[asker] < _MOST_OF_ONE and self._waiting.total() < WAITING

    def _watch(self) -> None:
        while True:
            time.sleep(_LOOK_S)
            with self._changed:
                if not self._waiting:
                    self._is_watched = False
                    return
            try:
                self._cut_off()
            except Exception:
                # As where no descriptor is left to look with: the next round finds them.
                _LOG.exception("not watching who sends half a body")

    def _cut_off(self) -> None:
        now = time.monotonic()
        at_hand = tuple(self._at_hand)
        late = {
            one.peer
            for one in at_hand
            if one.waits_since is not None and now - one.waits_since > self.patience_s
        }
        for peer in late:
            worked_at = [
                one.came_at for one in at_hand if one.peer == peer and one.waits_since is None
            ]
            _close_silent(peer, self.patience_s, worked_at)


def _close_silent(peer: str, silent_s: float, worked_at: list[float]) -> None:
    """Read no more from connections with an address that stopped in the middle of a request.

    The server does not tell which connection a request came on. One in the middle of a request had
    the last word; so had one whose request is being worked at, of which it is known when.

    Args:
        peer: The address at their other end.
        silent_s: How long they have said nothing, at the least.
        worked_at: When the last bytes came of requests of this address that are being worked at.
    """
    for name in os.listdir("/proc/self/fd"):  # noqa: PTH208 -- numbers, not files
        try:
            if not stat.S_ISSOCK(os.fstat(int(name)).st_mode):
                continue
            with socket.socket(fileno=os.dup(int(name))) as held:
                if _plain(held.getpeername()[0]) != peer:
                    continue
                said = held.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 104)
                sent_ms, _, came_ms = struct.unpack_from("=III", said, _TIMES_AT)
                came_at = time.monotonic() - came_ms / 1000
                if (
                    came_ms >= silent_s * 1000
                    and sent_ms >= came_ms
                    and all(abs(one - came_at) > LATE_S for one in worked_at)
                ):
                    held.shutdown(socket.SHUT_RD)
        except (OSError, IndexError, AttributeError, struct.error):
            continue  # closed meanwhile, or no connection of a client's


def _plain(address: str) -> str:
    """As a server that listens on both kinds of addresses sees the older kind."""
    return address.removeprefix("::ffff:")


class Body(io.RawIOBase):
    """A request's body.

    Args:
        stream: As the server hands it over.
        intake: Where it is waited for.
        request: Whose it is.
        asker: The address it comes from.
        length_bytes: As stated; null: until it ends.
    """

    def __init__(
        self,
        stream: io.RawIOBase,
        intake: Intake,
        request: _AtHand,
        asker: str,
        length_bytes: int | None,
    ) -> None:
        super().__init__()
        self._stream = stream
        self._intake = intake
        self._request = request
        self._asker = asker
        self._missing_bytes = length_bytes
        self._piece_bytes = _LEAST_PIECE_BYTES
        self._left = b""
        self._left_s = intake.patience_s
        self.is_given_up = False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        """Some of what has come; 0 at the end.

        Raises:
            RequestTimeout: Nothing came for too long, or too little.
            Busy: Too many are waited for already.
        """
        if not self._left and self._missing_bytes != 0:
            self._left = self._next()
        taken = self._left[: len(buffer)]
        buffer[: len(taken)] = taken
        self._left = self._left[len(taken) :]
        return len(taken)

    def _next(self) -> bytes:
        wanted = self._piece_bytes
        if self._missing_bytes is not None:
            wanted = min(wanted, self._missing_bytes)
        began = time.monotonic()
        try:
            with self._intake.waiting(self._request, self._asker):
                piece = self._stream.read(wanted) or b""
        except Busy:
            self.is_given_up = True
            raise
        took_s = time.monotonic() - began
        self._left_s += len(piece) / self._intake.bytes_per_s - took_s
        # Ended before its time, by us or by who sends it, it is no form to be read.
        is_cut = (not piece and self._missing_bytes is not None) or (
            len(piece) < wanted and took_s >= self._intake.patience_s
        )
        if self._left_s < 0 or is_cut:
            self.is_given_up = True
            raise RequestTimeout
        self._missing_bytes = (
            None if self._missing_bytes is None else self._missing_bytes - len(piece)
        )
        self._piece_bytes = (
            min(wanted * 2, _MOST_PIECE_BYTES) if took_s < _QUICK_S else _LEAST_PIECE_BYTES
        )
        return piece


class TakenIn:
    """Around an app: who waits for a request's body is in nobody's way.

    Args:
        app: Answers.
        patience_s: As for `Intake`.
        bytes_per_s: As for `Intake`.
    """

    def __init__(self, app: "WSGIApplication", patience_s: float, bytes_per_s: float) -> None:
        self._app = app
        self._intake = Intake(patience_s, bytes_per_s)

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        """As WSGI wants it."""
        asker = environ.get("REMOTE_ADDR") or ""
        before_proxies = environ.get("werkzeug.proxy_fix.orig") or environ
        with self._intake.working(_plain(before_proxies.get("REMOTE_ADDR") or "")) as request:
            stated = environ.get("CONTENT_LENGTH") or ""
            length = int(stated) if stated.isascii() and stated.isdecimal() else None
            if length is None and "HTTP_TRANSFER_ENCODING" not in environ:
                length = 0
            if length == 0:
                return self._app(environ, start_response)
            body = Body(environ["wsgi.input"], self._intake, request, asker, length)
            environ["wsgi.input"] = body

            def start(
                status: str, headers: list[tuple[str, str]], exc_info: object = None
            ) -> object:
                if body.is_given_up:
                    headers = [*headers, ("Connection", "close")]
                return start_response(status, headers, *([exc_info] if exc_info else []))  # type: ignore[arg-type]

            return self._app(environ, start)  # type: ignore[arg-type]
