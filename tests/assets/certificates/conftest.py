"""A small city whose agencies have rooms to be certified, and who may certify."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

import pytest
from handed_in import open_account
from small_city import City, build
from sqlalchemy import Connection, text

from assets.certificates.actions import Wording, issue
from assets.estate.actions import Party, record_holding, refresh_derived
from assets.estate.model import HoldingKind
from etl.terms import save_terms
from gis.db import Database, Role, transaction
from gis.places.actions import touch
from gis.rights.actions import Grant

TODAY: Final = date(2026, 6, 1)
SINCE: Final = date(2026, 3, 1)
WORDING: Final = Wording("使用凭证", "示例市机关事务管理局", "示机用证", TODAY, SINCE)
_FORGET: Final = (
    "certificates.certified_room", "certificates.edition", "certificates.certificate",
    "services.number_given", "services.number_counter", "estate.holding_party", "estate.holding",
)  # fmt: skip


@dataclass
class Office:
    """A city whose agency 0 has four rooms of 20 m2, and who acts in it."""

    city: City
    tokens: dict[str, str] = field(default_factory=dict)
    floors: list[int] = field(default_factory=list)
    """Holdings of whole floors."""

    def room(self, name: str) -> int:
        return self.city.ids[f"room {name}"]

    def rooms(self, *names: str) -> list[int]:
        return [self.room(name) for name in names]

    def body(self, at: int) -> int:
        return self.city.ids[f"agency {at}"]

    def run(self, act: Callable[[Connection], Any], who: str = "everything") -> Any:
        """What an action answers, in the name of somebody; it commits."""
        with transaction(self.city.database.engine(Role.WEB), self.tokens[who]) as conn:
            return act(conn)

    def hold(self, name: str, *bodies: int, valid_from: date | None = None) -> None:
        """Let bodies have a room, whoever had it before being out on the day."""
        with transaction(self.city.database.engine(Role.OWNER), None) as conn:
            conn.execute(text("DROP TABLE IF EXISTS pg_temp.touched_place, pg_temp.touched_tree"))
            record_holding(
                conn,
                place_id=self.room(name),
                kind=HoldingKind.OCCUPIES,
                parties=[Party(self.body(at)) for at in bodies],
                valid_from=valid_from,
            )

    def hold_floor(self, name: str, body: int) -> None:
        """Let a body have a floor with its rooms."""
        with transaction(self.city.database.engine(Role.OWNER), None) as conn:
            conn.execute(text("DROP TABLE IF EXISTS pg_temp.touched_place, pg_temp.touched_tree"))
            made = record_holding(
                conn,
                place_id=self.city.ids[f"floor {name}"],
                kind=HoldingKind.OCCUPIES,
                parties=[Party(self.body(body))],
            )
            touch(conn, [self.city.ids[f"floor {name}"]])
            refresh_derived(conn)
            self.floors.append(made)

    def classify(self, place: str, security_class: int) -> None:
        """A place of another class, as what is said of it follows it."""
        with self.city.database.engine(Role.OWNER).begin() as conn:
            conn.execute(
                text(
                    "UPDATE place.place SET security_class = :high, rights_cell = rights.cell_for("
                    "steward_id, admin_area_code, CAST(:high AS smallint)) WHERE place_id = :place"
                ),
                {"high": security_class, "place": self.city.ids[place]},
            )

    def end(self, name: str, day: date) -> None:
        """Nobody has a room from a day on."""
        with transaction(self.city.database.engine(Role.OWNER), None) as conn:
            of = {"day": day, "room": self.room(name)}
            conn.execute(
                text("UPDATE estate.holding SET valid_to = :day WHERE place_id = :room"), of
            )
            conn.execute(
                text("UPDATE estate.holding_leaf SET during = daterange(lower(during), :day)"
                     " WHERE place_id = :room"), of,
            )  # fmt: skip

    def issue(self, *names: str, body: int = 0, who: str = "everything", **more: Any) -> int:
        """A certificate of the body for these rooms."""
        wording = Wording(**{**WORDING.__dict__, **more})
        made: int = self.run(
            lambda conn: issue(conn, self.body(body), self.rooms(*names), wording, today=TODAY), who
        )
        return made


@pytest.fixture(scope="module")
def _office(make_database: Callable[[str], Database]) -> Office:
    city = build(make_database("onemap_certificates"))
    with transaction(city.database.engine(Role.LOADER), city.everything) as conn:
        save_terms(conn)
    made = Office(city, {"everything": city.everything})
    home = "320401"
    made.tokens["district"] = open_account(
        city.database, "区管理处", Grant("officer", admin_area_code=home)
    )
    made.tokens["agency"] = open_account(
        city.database, "单位经办", Grant("officer", organization_id=made.body(0))
    )
    made.tokens["viewer"] = open_account(city.database, "查看", Grant("viewer"))
    return made


@pytest.fixture
def office(_office: Office) -> Iterator[Office]:
    """Rooms 0.1.0, 0.1.1 and 0.2.0 are agency 0's alone, 0.2.1 it shares with agency 1."""
    for name in ("0.1.0", "0.1.1", "0.2.0"):
        _office.hold(name, 0)
    _office.hold("0.2.1", 0, 1)
    yield _office
    with _office.city.database.engine(Role.OWNER).begin() as owner:
        for table in _FORGET:
            where = ""
            if table.startswith("estate"):
                where = " WHERE holding_id IN (SELECT h.holding_id FROM estate.holding AS h"
                where += " JOIN place.place AS p USING (place_id) WHERE p.kind = 'room')"
                where += " OR holding_id = ANY (:floors)"
            owner.execute(
                text(f"DELETE FROM {table}{where}"), {"floors": _office.floors} if where else {}
            )
