"""Our server, and fixed bytes from the same processes: `python -m bench.tile_server PORT`."""

import functools
import sys
from collections.abc import Iterable
from typing import Any, Final

from webmap import serving

_FIXED: Final = "/fixed/"


def application() -> Any:
    """The application of a worker, with `/fixed/BYTES` beside it: the floor of any answer."""
    ours = serving.application()

    def answer(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        path = environ["PATH_INFO"]
        if not path.startswith(_FIXED):
            return ours(environ, start_response)
        body = _fixed_bytes(int(path[len(_FIXED) :]))
        start_response(
            "200 OK",
            [
                ("Content-Type", "application/vnd.mapbox-vector-tile"),
                ("Content-Length", str(len(body))),
            ],
        )
        return [body]

    return answer


@functools.cache
def _fixed_bytes(length: int) -> bytes:
    return bytes(length)


if __name__ == "__main__":
    serving.serve(
        "127.0.0.1",
        int(sys.argv[1]),
        serving.default_workers(),
        lambda: None,
        target="bench.tile_server:application",
    )
