"""Writers: each keeps writing, now this and now that, and notes what it was told was kept."""

import http.client
import io
import json
import random
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from http import HTTPStatus
from typing import Any, Final

from PIL import Image
from sqlalchemy.exc import DBAPIError

from bench.asker import Asker
from bench.kills_register import Register, write_buildings
from etl.load import LoadOptions, load_file

ROWS_OF_A_LOAD: Final = 3
REASON: Final = "示例"
_PAUSE_S: Final = 0.05
_AFTER_A_REFUSAL_S: Final = 0.3
_FIRST_DAY: Final = date(1950, 1, 1)


@dataclass(frozen=True)
class Written:
    """One attempt to write.

    Args:
        mark: What is written, found nowhere else.
        began: Seconds of `monotonic`; so is `ended`.
        status: Of the answer; 0 where none came.
        said: The answer to what was not kept.
    """

    kind: str
    mark: str
    began: float
    ended: float
    status: int
    said: str

    @property
    def is_acknowledged(self) -> bool:
        """Whether the writer was told that it is kept."""
        return HTTPStatus.OK <= self.status < HTTPStatus.MULTIPLE_CHOICES


class Writer(threading.Thread):
    """Writes until it is stopped, each time something that can be told from everything else.

    Args:
        at: Its number, by which it has a building and a filing to itself.
        kinds: What it writes, in turns.
        note: Called with every attempt.
    """

    def __init__(
        self,
        at: int,
        register: Register,
        port: int,
        kinds: Sequence[str],
        note: Callable[[Written], None],
    ) -> None:
        super().__init__(name=f"writer {at}", daemon=True)
        self.at = at
        self.register = register
        self.place = f"/api/places/{register.buildings[at]}"
        self.stopping = threading.Event()
        self.last_acknowledged = 0.0
        self._asker = Asker(port, register.token)
        self._kinds = kinds
        self._note = note

    def run(self) -> None:
        """Until `stopping` is set."""
        count = 0
        while not self.stopping.is_set():
            # Each begins elsewhere, so that kinds meet.
            kind = self._kinds[(count + self.at) % len(self._kinds)]
            count += 1
            self._try(kind, count)
            time.sleep(random.uniform(0, _PAUSE_S))
        self._asker.close()

    def _try(self, kind: str, count: int) -> None:
        mark = mark_of(kind, self.at, count)
        began = time.monotonic()
        try:
            status, said = KINDS[kind](self, mark, count)
        except (OSError, http.client.HTTPException, DBAPIError) as error:
            status, said = 0, repr(error).encode()
        shown = "" if status < HTTPStatus.MULTIPLE_CHOICES and status else said.decode()[:500]
        one = Written(kind, mark, began, time.monotonic(), status, shown)
        self._note(one)
        if one.is_acknowledged:
            self.last_acknowledged = one.began
        else:
            self.stopping.wait(_AFTER_A_REFUSAL_S)

    def post(self, path: str, **body: Any) -> tuple[int, bytes]:
        """Sends a body of JSON."""
        return self._asker.ask("POST", path, body)

    def get(self, path: str) -> tuple[int, bytes]:
        """Asks for something."""
        return self._asker.ask("GET", path)

    def send_file(self, path: str, name: str, content: bytes, **fields: str) -> tuple[int, bytes]:
        """Sends a file."""
        return self._asker.send_file(path, name, content, fields)


def mark_of(kind: str, writer: int, count: int) -> str:
    """What this attempt writes: for an area a figure, else a word."""
    if kind == "area":
        return str(Decimal(writer * 100_000 + count) + Decimal("0.25"))
    return f"{kind.upper()}Z{writer}Z{count}Z"


def _edit(writer: Writer, mark: str, _count: int) -> tuple[int, bytes]:
    status, form = writer.get(f"{writer.place}/edit")
    if status != HTTPStatus.OK:
        return status, form
    version = json.loads(form)["version"]
    return writer.post(
        f"{writer.place}/edit", version=version, reason=REASON, values={"name": mark}
    )


def _room(writer: Writer, mark: str, _count: int) -> tuple[int, bytes]:
    return writer.post(
        "/api/places", kind="room", parent_id=writer.register.buildings[writer.at],
        values={"number": mark}, reason=REASON,
    )  # fmt: skip


def _area(writer: Writer, mark: str, count: int) -> tuple[int, bytes]:
    day = (_FIRST_DAY + timedelta(days=count)).isoformat()
    return writer.post(
        f"{writer.place}/areas", area_kind="usable", area_m2=mark, source="survey",
        measured_on=day, reason=REASON,
    )  # fmt: skip


def _holding(writer: Writer, mark: str, count: int) -> tuple[int, bytes]:
    day = _FIRST_DAY + timedelta(days=count)
    return writer.post(
        f"{writer.place}/holdings", kind="manages", extent="part", decision=mark, document=mark,
        reason=REASON,
        parties=[{"organization_id": writer.register.bodies[writer.at], "share": 1}],
        valid_from=day.isoformat(),
        valid_to=(day + timedelta(days=1)).isoformat(),
    )  # fmt: skip


def _photo(writer: Writer, mark: str, count: int) -> tuple[int, bytes]:
    picture = io.BytesIO()
    colour = (writer.at * 9 % 256, count % 256, count // 256 % 256)
    Image.new("RGB", (32, 24), colour).save(picture, "PNG")
    return writer.send_file(f"{writer.place}/photos", "a.png", picture.getvalue(), caption=mark)


def _view(writer: Writer, mark: str, _count: int) -> tuple[int, bytes]:
    return writer.post("/api/views", name=mark, link="#v=1")


def _token(writer: Writer, mark: str, _count: int) -> tuple[int, bytes]:
    return writer.post("/account/tokens", title=mark, days="1", can_write="no")


def _upload(writer: Writer, mark: str, _count: int) -> tuple[int, bytes]:
    content = f"楼栋编号,楼栋名称\n{mark},示例楼\n".encode()
    return writer.send_file("/api/uploads", f"{mark}.csv", content)


def _filing(writer: Writer, mark: str, _count: int) -> tuple[int, bytes]:
    filing_id = writer.register.filings[writer.at]
    status, said = writer.get(f"/api/cases/campaign/{filing_id}")
    if status != HTTPStatus.OK:
        return status, said
    # A row more each time: a property that the register does not know.
    cells = {"-1": {"address": mark}}
    version = json.loads(said)["version"]
    return writer.post(f"/campaigns/filings/{filing_id}/save", version=version, cells=cells)


def _load(writer: Writer, mark: str, _count: int) -> tuple[int, bytes]:
    register = writer.register
    file = register.folder / f"{mark}.csv"
    write_buildings(file, mark, ROWS_OF_A_LOAD)
    try:
        options = LoadOptions(any_area=True, datum="cgcs2000")
        result = load_file(register.database, file, token=register.token, options=options)
    finally:
        file.unlink()
    kept = result.load_id is not None and result.inserted == ROWS_OF_A_LOAD
    return (200 if kept else 409), str(result.as_json()).encode()


KINDS: Final[dict[str, Callable[[Writer, str, int], tuple[int, bytes]]]] = {
    "edit": _edit, "room": _room, "area": _area, "holding": _holding, "photo": _photo,
    "view": _view, "token": _token, "upload": _upload, "filing": _filing, "load": _load,
}  # fmt: skip
