"""A light load generator: clients on kept-alive connections, one request at a time each.

It writes prepared bytes and reads just enough of the answer to know its status and length, so that
on two cores it takes little from the servers, and the same from each.
"""

import asyncio
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import cast

import uvloop


@dataclass
class Run:
    """What came of a series of requests."""

    seconds: float = 0.0
    statuses: Counter[int] = field(default_factory=Counter)
    """By HTTP status; 0 stands for a broken or refused connection."""
    body_bytes: int = 0

    @property
    def per_second(self) -> float:
        """Requests answered a second."""
        return sum(self.statuses.values()) / self.seconds

    @property
    def errors(self) -> int:
        """Requests that were not answered with 200."""
        return sum(self.statuses.values()) - self.statuses[200]


def get(path: str, headers: Mapping[str, str] | None = None) -> bytes:
    """The bytes of a GET request on a kept-alive connection; nothing is asked for compressed."""
    lines = [f"GET {path} HTTP/1.1", "Host: 127.0.0.1"]
    lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def drive(port: int, requests: Sequence[bytes], *, clients: int) -> Run:
    """Send every request once, by so many clients at a time, and wait for all answers."""
    return uvloop.run(_drive(port, requests, clients))


async def _drive(port: int, requests: Sequence[bytes], clients: int) -> Run:
    run = Run()
    left = iter(requests)
    loop = asyncio.get_running_loop()
    waiting = []
    started = time.perf_counter()
    for _ in range(clients):
        done = loop.create_future()
        waiting.append(done)
        try:
            await loop.create_connection(partial(_Client, left, run, done), "127.0.0.1", port)
        except OSError:
            run.statuses[0] += 1
            done.set_result(None)
    await asyncio.gather(*waiting)
    run.seconds = time.perf_counter() - started
    return run


class _Client(asyncio.Protocol):
    """One connection; takes the next request from those left when an answer is complete."""

    def __init__(self, left: Iterator[bytes], run: Run, done: "asyncio.Future[None]") -> None:
        self._left = left
        self._run = run
        self._done = done
        self._head = b""
        self._missing = 0
        self._is_asking = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._ask()

    def _ask(self) -> None:
        request = next(self._left, None)
        self._is_asking = request is not None
        if request is None:
            self._transport.close()
        else:
            self._transport.write(request)

    def data_received(self, chunk: bytes) -> None:
        if self._missing:
            self._missing -= len(chunk)
            self._run.body_bytes += len(chunk)
        else:
            self._head += chunk
            end = self._head.find(b"\r\n\r\n")
            if end < 0:
                return
            self._run.statuses[int(self._head[9:12])] += 1
            fields = self._head[:end].lower()
            at = fields.find(b"content-length:")
            length = int(fields[at + 15 :].split(b"\r\n", 1)[0]) if at >= 0 else 0
            got = len(self._head) - end - 4
            self._run.body_bytes += got
            self._missing = length - got
            self._head = b""
        if self._missing == 0:
            self._ask()

    def connection_lost(self, _error: Exception | None) -> None:
        if self._is_asking:
            self._run.statuses[0] += 1
        if not self._done.done():
            self._done.set_result(None)
