"""In front of everything: numbers each request, and tells of it when it is answered."""

import functools
import json
import re
import secrets
import time
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Final

from webmap.logs import SharedFile, StandardOutput, at_hand, moment
from webmap.seen import KEY, Seen

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

HEADER: Final = "X-Request-Id"
_NUMBER: Final = re.compile(r"[A-Za-z0-9._-]{8,64}", re.ASCII)
_NO_BODY: Final = (204, 304)
METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})

Observer = Callable[[str, Seen, float], None]
"""Told the method, what was seen, and how many seconds it took."""


class Watched:
    """Around an app.

    Args:
        app: Answers.
        observers: Told of each request once it is answered.
        takes_numbers: A proxy in front may number requests; else whoever asks could choose one.
    """

    def __init__(
        self,
        app: "WSGIApplication",
        observers: Iterable[Observer],
        *,
        takes_numbers: bool,
    ) -> None:
        self._app = app
        self._observers = tuple(observers)
        self._takes_numbers = takes_numbers

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        """As WSGI wants it."""
        started = time.perf_counter()
        number = environ.get("HTTP_X_REQUEST_ID", "") if self._takes_numbers else ""
        seen = Seen(number if _NUMBER.fullmatch(number) else secrets.token_hex(8))
        environ[KEY] = seen
        at_hand.set({"request_id": seen.request_id})
        method = environ["REQUEST_METHOD"]

        def start(status: str, headers: list[tuple[str, str]], exc_info: object = None) -> object:
            seen.status = int(status[:3])
            if method == "HEAD" or seen.status in _NO_BODY:
                seen.bytes = 0
            else:
                for name, value in headers:
                    if name == "Content-Length":
                        seen.bytes = int(value)
            told = [*headers, (HEADER, seen.request_id)]
            if exc_info:
                return start_response(status, told, exc_info)  # type: ignore[arg-type]
            return start_response(status, told)

        try:
            content = self._app(environ, start)  # type: ignore[arg-type]
        except BaseException:
            self._tell(method, seen, started)
            raise
        if seen.bytes is None:
            return _Counted(content, seen, lambda: self._tell(method, seen, started))
        self._tell(method, seen, started)
        return content

    def _tell(self, method: str, seen: Seen, started: float) -> None:
        seconds = time.perf_counter() - started
        for observe in self._observers:
            observe(method, seen, seconds)


class _Counted:
    """What is sent bit by bit, told of when the last bit went or nobody wants more.

    No generator: one whose first bit nobody takes runs nothing when it is closed.
    """

    def __init__(self, content: Iterable[bytes], seen: Seen, tell: Callable[[], None]) -> None:
        self._content = content
        self._parts = iter(content)
        self._seen = seen
        self._tell = tell
        self._is_closed = False
        seen.bytes = 0

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        try:
            part = next(self._parts)
        except BaseException:
            self.close()
            raise
        self._seen.bytes = (self._seen.bytes or 0) + len(part)
        return part

    def close(self) -> None:
        """As WSGI wants it; a second time it does nothing."""
        if self._is_closed:
            return
        self._is_closed = True
        try:
            if close := getattr(self._content, "close", None):
                close()
        finally:
            self._tell()


def line_writer(lines: SharedFile | StandardOutput) -> Observer:
    """Writes a line of JSON for each request: nothing of what was asked but the kind of address."""

    def write(method: str, seen: Seen, seconds: float) -> None:
        # Written by hand: a kept tile takes less time than a general writer of JSON. Nothing in it
        # comes from outside but the number, whose characters were looked at.
        account = "null" if seen.account_id is None else seen.account_id
        lines.write(
            f'{{"time": "{moment(time.time())}", "request_id": "{seen.request_id}",'
            f' "method": {_method(method)}, "route": {_quoted(seen.route)},'
            f' "status": {seen.status}, "duration_ms": {seconds * 1000:.1f},'
            f' "bytes": {seen.bytes or 0}, "account_id": {account}}}'
        )

    return write


@functools.lru_cache(64)
def _method(stated: str) -> str:
    return json.dumps(stated if stated in METHODS else None)


@functools.lru_cache(1024)
def _quoted(route: str | None) -> str:
    return json.dumps(route)
