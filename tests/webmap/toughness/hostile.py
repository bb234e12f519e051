"""What strangers send, and requests that would be good without it."""

import copy
import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

TEXTS: Final = (
    "\0", "a\0b", "\ud800", "x\udfff", "\u202etxt.exe", "\u200b\u200d\ufeff", "\x1b[31m\x07",
    "\r\nX: 1",
    "<script>window.harmed=1</script>", "\"><img src=x onerror='window.harmed=1'>",
    "javascript:alert(1)", "'; DROP TABLE place.place; --", "' OR '1'='1", "%", "_", "\\", "%s%n%x",
    "{0}{__class__}{{7*7}}", "=cmd|' /C calc'!A0", "@SUM(1+1)", "+1+1", "-2+3", "\t=1+1",
    "../../etc/passwd", "..\\..\\windows", "/etc/passwd", "file:///etc/passwd", "//evil.example",
    "😀🏛️👨‍👩‍👧", "e\u0301" * 200, "１２３", "²", "1e999", "-1e999", "NaN", "Infinity", "-1", "0",
    "1_000", "0x10", "9999-99-99", "0000-00-00", "2026-02-30", "9999-12-31", "0001-01-01",
    "10000-01-01", "2026-W01-1", "20260101", "2147483648", "9223372036854775807",
    "9223372036854775808", "9" * 400, "true", "null", "", " ", "，", "\u3000", "{}", "[]",
    "a,b,c,d",
    "0,0,0,0", "1,2,3", "nan,nan,nan,nan", "-1e308,-1e308,1e308,1e308",
)  # fmt: skip
HUGE: Final = "长" * 350_000
"""A megabyte."""
VALUES: Final = (
    None, True, False, 0, -1, 1, 2**31, 2**63, 2**63 - 1, -(2**63), 10**400, 1e308, 5e-324, -0.0,
    [], {},
    [[]], [None], ["x"], [{}], {"x": 1}, {"": None}, [0] * 100_000, {"type": "Point"},
    {"type": "Point", "coordinates": []}, {"type": "Point", "coordinates": [1e308, -1e308]},
    {"type": "Polygon", "coordinates": [[[0, 0], [1, 1]]]},
    {"type": "Polygon", "coordinates": [[[0, 0], [1, 1], [0, 1], [1, 0], [0, 0]]]},
    {"type": "Polygon", "coordinates": []}, {"type": "GeometryCollection", "geometries": []},
    {"type": "LineString", "coordinates": [[0, 0]]}, {"type": "Polygon", "coordinates": "x"},
    {"type": ["Polygon"], "coordinates": {}},
)  # fmt: skip
DEEP: Final = 10_000


def bodies() -> Iterator[tuple[bytes, dict[str, str]]]:
    """Whole bodies that are not what they say, each with its headers."""
    kind = {"Content-Type": "application/json"}
    for written in (
        b"", b"{", b"null", b"[]", b'"x"', b"1", b"NaN", b'{"a": NaN}', b'{"a": 1e999}',
        b'{"a": -Infinity}',
        b"[" * DEEP, b"[" * DEEP + b"]" * DEEP, b'{"a":' * DEEP + b"1" + b"}" * DEEP,
        b'{"values": ' + b"[" * DEEP + b"]" * DEEP + b"}", b"\xff\xfe\xfd", b'{"a": "\xff"}',
        b'{"\\ud800": 1}',
        b'{"name": "\\ud800"}', b'{"name": 1, "name": 2, "reason": "x", "reason": {}}',
        json.dumps({str(n): n for n in range(100_000)}).encode(), b'{"a": ' + b"9" * 5000 + b"}",
    ):  # fmt: skip
        yield written, kind
    yield '{"name": "x"}'.encode("utf-16"), kind
    yield '{"name": "x"}'.encode("utf-32"), kind
    yield b"\xef\xbb\xbf{}", kind
    good = b'{"name": "x", "reason": "x"}'
    for media in (
        "text/plain", "application/xml", "application/x-www-form-urlencoded", "multipart/form-data",
        "multipart/form-data; boundary=", "multipart/form-data; boundary=x",
        "application/json; charset=utf-7",
        "application/json; charset=nonsense", "application/x-www-form-urlencoded; charset=utf-16",
        "", "x", "/",
        "application/json, text/plain", "\u00ff/\u00ff",
    ):  # fmt: skip
        yield good, {"Content-Type": media}
    yield good, {**kind, "Content-Encoding": "gzip"}
    yield b"\x1f\x8b\x08\x00", {**kind, "Content-Encoding": "gzip"}
    part = 'Content-Disposition: form-data; name="{}"; filename="{}"\r\n\r\nx\r\n'
    for name, file in (
        ("file", "../../x.csv"), ("file", "x\0.csv"), ("file", "a" * 5000 + ".csv"), ("x" * 10_000,
        ""),
        ("file", "=cmd.csv"), ("file", "\u202evsc.csv"), ("file", "CON.csv"), ("file", "x.csv"),
    ):  # fmt: skip
        said = f"--x\r\n{part.format(name, file)}--x--\r\n".encode()
        yield said, {"Content-Type": "multipart/form-data; boundary=x"}
    many = b"".join(
        b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n\r\n' for _ in range(2000)
    )
    yield many + b"--x--\r\n", {"Content-Type": "multipart/form-data; boundary=x"}
    pairs = b"&".join(b"a=1" for _ in range(100_000))
    yield pairs, {"Content-Type": "application/x-www-form-urlencoded"}


def spoiled(body: Any) -> Iterator[Any]:
    """A body with each of its parts in turn replaced by each hostile thing, one at a time."""
    for path in _paths(body):
        for value in (*TEXTS, HUGE, *VALUES):
            made = copy.deepcopy(body)
            _put(made, path, value)
            yield made


def _paths(body: Any, above: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if above:
        yield above
    if isinstance(body, Mapping):
        for name, value in body.items():
            yield from _paths(value, (*above, name))
    elif isinstance(body, list) and body:
        yield from _paths(body[0], (*above, 0))


def _put(body: Any, path: tuple[Any, ...], value: Any) -> None:
    for step in path[:-1]:
        body = body[step]
    body[path[-1]] = value
