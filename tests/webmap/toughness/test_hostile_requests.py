"""Parameters of addresses, and bodies that are no bodies: an answer each, and nothing kept."""

import gzip
import random
from typing import Final
from urllib.parse import quote, urlencode

import pytest

from tests.webmap.toughness.hostile import HUGE, TEXTS, bodies
from tests.webmap.toughness.sender import Sender
from webmap.views.openapi import PATHS

OPERATIONS: Final = [(path, method) for path, methods in PATHS.items() for method in methods]
WRITES: Final = [(path, method) for path, method in OPERATIONS if method != "get"]
NUMBERS: Final = ("0", "-1", "2147483648", "9223372036854775807", "9223372036854775808", "9" * 30,
                  "1e9", "1.0", "+1", "%2b1", "１", "0x1", "%00", "..", "%2e%2e", "%2f",
                  "1%00")  # fmt: skip


def _in_an_address(value: str) -> str:
    return quote(value.encode("utf-8", "surrogatepass"), safe="")


@pytest.mark.parametrize(("path", "method"), [one for one in OPERATIONS if "{" in one[0]])
def test_anything_in_the_path(sender: Sender, path: str, method: str) -> None:
    for said in PATHS[path][method]["parameters"]:
        if said["in"] != "path":
            continue
        short = [one for one in TEXTS if len(one) < 100]
        for value in (*NUMBERS, *map(_in_an_address, random.Random(2).sample(short, 12))):
            spoiled = path.replace(f"{{{said['name']}}}", value)
            sender.send(
                method, sender.all.path(spoiled), data=b"{}", content_type="application/json"
            )


@pytest.mark.parametrize("path", [path for path, method in OPERATIONS if method == "get"])
def test_anything_in_a_parameter(sender: Sender, path: str, request: pytest.FixtureRequest) -> None:
    names = [one["name"] for one in PATHS[path]["get"]["parameters"] if one["in"] == "query"]
    tries = [(name, value) for name in [*names, "unknown", "as_of"] for value in TEXTS]
    share = min(1.0, 2 * request.config.getoption("--share"))
    for name, value in random.Random(3).sample(tries, max(8, int(len(tries) * share))):
        sender.send("get", f"{sender.all.path(path)}?{name}={_in_an_address(value)}")
    for more in ("a=1&" * 2_000, "&&&==", "%", "%zz=%zz", "limit=1000000000", "limit=-1&offset=-1"):
        sender.send("get", f"{sender.all.path(path)}?{more}")
    for name in names[:1]:
        sender.send("get", f"{sender.all.path(path)}?{name}={quote(HUGE[:20_000])}")
        sender.send("get", f"{sender.all.path(path)}?{urlencode([(name, '1'), (name, '2')])}")


@pytest.mark.parametrize(("path", "method"), WRITES)
def test_bodies_that_are_none(
    sender: Sender, path: str, method: str, request: pytest.FixtureRequest
) -> None:
    every = list(bodies())
    share = min(1.0, 4 * request.config.getoption("--share"))
    for body, headers in random.Random(4).sample(every, int(len(every) * share)):
        sender.send(method, sender.all.path(path), data=body, headers=headers)


def test_a_body_that_would_unpack_to_much_is_not_unpacked(sender: Sender) -> None:
    bomb = gzip.compress(b'{"within": {}, "x": "' + b"0" * 50_000_000 + b'"}')
    answer = sender.send(
        "post", "/api/area-summary", data=bomb,
        headers={"Content-Type": "application/json", "Content-Encoding": "gzip"},
    )  # fmt: skip
    assert answer.status_code == 400


def test_more_than_may_be_sent_is_refused_before_it_is_read(sender: Sender) -> None:
    for path, media in (
        ("/api/views", "application/json"),
        ("/sign-in", "application/x-www-form-urlencoded"),
    ):
        answer = sender.send("post", path, data=b"x=" + b"1" * 17_000_000, content_type=media)
        assert answer.status_code in {400, 413}
