"""One client of the product as it is served: a kept-alive connection and a session."""

import http.client
import json
import secrets
from collections.abc import Mapping
from typing import Any, Final

from webmap.session import COOKIE

_PATIENCE_S: Final = 120


class Asker:
    """Asks one request at a time; a connection that breaks is opened anew for the next.

    Args:
        port: Of the server on the loopback.
        token: Of a session; null means nobody.
    """

    def __init__(self, port: int, token: str | None = None) -> None:
        self._port = port
        self._connection: http.client.HTTPConnection | None = None
        self._cookie = {"Cookie": f"{COOKIE}={token}"} if token else {}

    def ask(
        self, method: str, path: str, body: Any = None, headers: Mapping[str, str] | None = None
    ) -> tuple[int, bytes]:
        """Status and content of the answer; `body` is bytes as they are, else sent as JSON.

        Raises:
            OSError, http.client.HTTPException: No answer came.
        """
        sent = {**self._cookie, **(headers or {})}
        if body is not None and not isinstance(body, bytes):
            body = json.dumps(body).encode()
            sent["Content-Type"] = "application/json"
        if self._connection is None:
            self._connection = http.client.HTTPConnection(
                "127.0.0.1", self._port, timeout=_PATIENCE_S
            )
        try:
            self._connection.request(method, path, body, sent)
            answer = self._connection.getresponse()
            return answer.status, answer.read()
        except BaseException:
            self.close()
            raise

    def send_file(
        self, path: str, name: str, content: bytes, fields: Mapping[str, str] | None = None
    ) -> tuple[int, bytes]:
        """A form with one file, as a browser sends it."""
        line = secrets.token_hex(12)
        head = f'--{line}\r\nContent-Disposition: form-data; name="'
        parts = [f'{head}{key}"\r\n\r\n{value}\r\n' for key, value in (fields or {}).items()]
        parts.append(f'{head}file"; filename="{name}"\r\n\r\n')
        body = "".join(parts).encode() + content + f"\r\n--{line}--\r\n".encode()
        kind = {"Content-Type": f"multipart/form-data; boundary={line}"}
        return self.ask("POST", path, body, kind)

    def close(self) -> None:
        """Closes the connection; the next request opens one."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None
