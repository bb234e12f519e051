"""A register of marked spots, each for somebody else, so that an answer shows whose rows went in.

It has rows of every table that is guarded (`test_covered.py`): a new domain adds its own here.
"""

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any
from uuid import UUID

from makers import make_area, make_organization, make_place
from small_city import square
from sqlalchemy import Connection, Table, insert, text
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.types import SmallInteger, Text

from assets.certificates.rules import digest_of
from assets.estate.actions import mark_secret, refresh_derived
from assets.registry import METADATA
from etl.terms import save_terms
from gis.db import Database, Role, transaction
from gis.organizations.search import refresh_body_texts
from gis.places.actions import touch
from tests.conftest import open_operator
from tests.rights.brought import brought_by_others, filed_by_all
from tests.rights.inspected import inspected_by_all
from tests.rights.spots import AWAY, HOME, OTHER_BODY, SEEN_BODY, SOUTH, Spot, spots

DAY = date(2025, 9, 30)
_DESCRIBED = ("site", "building", "room", "unlocated")
"""Kinds of which everything is said; what is said of the others is alike."""
_KEYS = re.compile(
    r"^(place|estate|services|campaign|certificates|inspection|requests|redeployment|organization"
    r"|staging)$"
)


@dataclass(frozen=True)
class MarkedCity:
    """The register, its spots by name, and numbers of bodies by name."""

    database: Database
    spots: dict[str, Spot]
    bodies: dict[str, int]
    campaigns: tuple[int, ...] = ()
    """One that is open and one that is closed."""
    filings: tuple[int, ...] = ()
    attachments: tuple[int, ...] = ()
    """A file of each filing, in their order."""
    remarks: tuple[int, ...] = ()
    """What was said of each filing as a whole, in their order."""
    others: dict[str, int] = field(default_factory=dict)
    """What belongs to somebody who is none of the askers: a load, an upload, a job, a view, a
    deputyship."""
    inspected: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    """Numbers of an inspection's rows, by what their address calls them."""


def build(database: Database) -> MarkedCity:
    """Build it and commit."""
    with transaction(database.engine(Role.OWNER), None) as conn:
        save_terms(conn)
        bodies = _bodies(conn)
        made = {spot.name: spot for spot in spots()}
        for spot in made.values():
            _number_from(conn, spot)
            _SpotMaker(conn, spot, made, bodies).make()
        _move_about(conn, list(made.values()))
        _number_from(conn, None)
        touch(conn, [one for spot in made.values() for one in spot.places.values()])
        refresh_derived(conn)
        refresh_body_texts(conn)
        others = brought_by_others(conn, made["other_body"], bodies)
    operator = open_operator(database).token
    _hide(database, operator, made["stub"])
    filed = filed_by_all(database, operator, made)
    inspected = inspected_by_all(database, operator, made)
    return MarkedCity(database, made, bodies, filed.campaigns, filed.filings, filed.attachments,
                      filed.remarks, others, inspected)  # fmt: skip


def _hide(database: Database, operator: str, stub: Spot) -> None:
    """Make a spot one of state secrets, of which only kind and area are left."""
    tops = [stub.places[kind] for kind in ("site", "unlocated", "zone", "premises")]
    with transaction(database.engine(Role.LOADER), operator) as conn:
        mark_secret(conn, tops, None)


def _move_about(conn: Connection, made: list[Spot]) -> None:
    """Let each building have hung in the site of another spot, so that its past names that one."""
    sites = [spot.places["site"] for spot in made if "site" in spot.places]
    for at, spot in enumerate(made):
        building = spot.places["building"]
        elsewhere = [site for site in sites if site != spot.places.get("site")]
        of = {"id": building, "other": elsewhere[at % len(elsewhere)]}
        home = conn.execute(
            text("SELECT parent_id FROM place.place WHERE place_id = :id"), of
        ).scalar_one()
        if spot.inside is None:
            # Parts stood alone once: there are indicators that count them as such alone.
            conn.execute(
                text("UPDATE place.former_parent SET parent_id = :other WHERE place_id = :id"), of
            )
        move = text("UPDATE place.place SET parent_id = :other WHERE place_id = :id")
        conn.execute(move, of)
        conn.execute(move, {**of, "other": home})


def _bodies(conn: Connection) -> dict[str, int]:
    make_area(conn, "320400", name="示例市", level="city")
    for at, code in enumerate((HOME, AWAY)):
        box = square(119.7 + at * 0.1, 31.6, 0.1)
        geom = text("ST_Multi(ST_GeomFromText(:box, 4490))").bindparams(box=box)
        make_area(conn, code, name=f"示例{at}区", parent_code="320400", geom=geom)
    more = {"type_code": "party_government", "category_code": "state_organ", "level_code": "county"}
    return {
        name: make_organization(conn, f"ORG{at}", name=f"示例{name}", admin_area_code=HOME, **more)
        for at, name in enumerate((SEEN_BODY, OTHER_BODY))
    }


def _number_from(conn: Connection, spot: Spot | None) -> None:
    """Let every row that is made from now on have a number that tells the spot it is of."""
    first = 7_900_000 if spot is None else 7_300_000 + spot.number * 10_000
    for table in METADATA.tables.values():
        keys = [column for column in table.primary_key.columns if column.identity is not None]
        if keys and _KEYS.match(table.schema or ""):
            conn.execute(
                text("SELECT setval(pg_get_serial_sequence(:name, :key), :first)"),
                {"name": table.fullname, "key": keys[0].name, "first": first},
            )


class _SpotMaker:
    """Makes the rows of one spot, as the owner."""

    def __init__(
        self, conn: Connection, spot: Spot, made: dict[str, Spot], bodies: dict[str, int]
    ) -> None:
        self.conn = conn
        self.spot = spot
        self.body = bodies.get(spot.body or "")
        self.holder = self.body or bodies[OTHER_BODY]
        self.host = made.get(spot.inside or "")
        self.account = self._account()

    def make(self) -> None:
        for kind, parent in _tree(self.conn, self.host is not None):
            self._place(kind, parent)
        self._place("site", None, is_located=False)
        for kind in _DESCRIBED:
            if kind in self.spot.places:
                self._said_of(kind, self.spot.places[kind])
        self._related()
        if self.spot.name != "stub":
            # What follows no place is no part of what is made a stub.
            self._of_the_body()
            self._asked_for()
            self._planned()

    def _account(self) -> int:
        found: int = self.conn.execute(
            text(
                "INSERT INTO rights.account (name) VALUES ('录入员')"
                " ON CONFLICT (name) DO UPDATE SET name = excluded.name RETURNING account_id"
            )
        ).scalar_one()
        return found

    def add(self, table_name: str, /, **values: Any) -> int:
        """A row of a table; its key."""
        table = METADATA.tables[table_name]
        if "rights_cell" in table.columns:
            values = {"rights_cell": self.cell, **values}
        key = next(iter(table.primary_key.columns))
        made: int = self.conn.execute(insert(table).values(**values).returning(key)).scalar_one()
        return made

    @cached_property
    def cell(self) -> int:
        """The cell of every row of the spot."""
        return self.conn.execute(
            text("SELECT rights.cell_for(:body, :area, CAST(:class AS smallint))"),
            {"body": self.body, "area": self.spot.area, "class": self.spot.security_class},
        ).scalar_one()

    def _place(self, kind: str, parent: str | None, *, is_located: bool = True) -> None:
        spot = self.spot
        said = kind if is_located else "unlocated"
        above = None
        if parent is not None:
            held_in = spot.places.get(parent)
            above = (
                (held_in or self.host.places[parent], parent) if self.host else (held_in, parent)
            )
        side = 0.0004 if kind in ("site", "parcel", "zone") else 0.0002
        place_id = make_place(
            self.conn,
            f"{spot.code}-{said}",
            kind,
            wkt=square(spot.longitude, SOUTH, side) if is_located else None,
            parent=above,  # type: ignore[arg-type]
            areas={
                "gross": spot.area_m2("123.45"),
                "usable": spot.area_m2("456.78"),
                "land": spot.area_m2("789.12"),
            },
            name=spot.text(f"名{kind}"),
            # The site that lies nowhere has the address of one spot on the map alone.
            address=spot.text("址2" if kind == "site" else "址1"),
            remark=spot.text("注"),
            use_status="idle",
            steward_id=self.body,
            admin_area_code=spot.area,
            security_class=spot.security_class,
        )
        spot.places[said] = place_id
        table = METADATA.tables.get(f"place.{kind}")
        if table is not None:
            self.add(table.fullname, place_id=place_id, **self._kind_values(table))

    def _kind_values(self, table: Table) -> dict[str, Any]:
        values: dict[str, Any] = {}
        for column in table.columns:
            if isinstance(column.type, Text) and not str(column.comment).startswith("Term"):
                values[column.name] = self.spot.text(column.name)
            elif isinstance(column.type, SmallInteger) and not column.nullable:
                values[column.name] = 1
        if "population" in table.columns:
            values["population"] = "party_government"
        if "room_class" in table.columns:
            values["room_class"] = "office"
        return values

    def _said_of(self, kind: str, place_id: int) -> None:
        spot, of = self.spot, {"place_id": place_id}
        self.add("place.identifier", **of, scheme="asset_card", value=spot.text(f"号{kind}"))
        title = self.add(
            "place.title", number=spot.text(f"证{kind}"), state="registered", kind="real_estate",
            owner_name=spot.text("主"),
        )  # fmt: skip
        self.add("place.title_place", **of, title_id=title, area_m2=spot.area_m2("111.11"))
        former = {"valid_from": date(2010, 1, 1), "valid_to": date(2015, 1, 1 + spot.number)}
        self.add("place.place_version", **of, name=spot.text("旧"), **former)
        self.add("place.former_parent", **of, **former)
        self.add("place.stated_days", **of, days={"name": "2020-01-01"})
        spot.rows["edit_id"] = self.add(
            "place.edit", **of, kind="corrected", reason=spot.text("由"), document=spot.text("文"),
            account_id=self.account,
        )  # fmt: skip
        self.add(
            "place.protected_value", **of, field="name", reason=spot.text("护"),
            account_id=self.account,
        )  # fmt: skip
        self.add("place.placement", **of, method="click", reason=spot.text("定"))
        photo = spot.rows["photo_id"] = self.add(
            "place.photo", **of, caption=spot.text("照"), width_px=1, height_px=1,
            file_sha256=hashlib.sha256(spot.text(kind).encode()).digest(), account_id=self.account,
        )  # fmt: skip
        picture = spot.text("像").encode()
        self.add("place.photo_image", **of, photo_id=photo, image=picture, thumbnail=picture)
        spot.rows["area_id"] = self.conn.execute(
            text("SELECT max(area_measure_id) FROM place.area_measure WHERE place_id = :place_id"),
            of,
        ).scalar_one()

    def _related(self) -> None:
        spot, places = self.spot, self.spot.places
        self.add("place.zone_member", zone_id=places["zone"], place_id=places["building"])
        root = places.get("site") or self.host.places["site"]  # type: ignore[union-attr]
        self.add("place.site_parcel", site_id=root, parcel_id=places["parcel"])
        if self.host is not None:
            self.add(
                "place.zone_member", zone_id=self.host.places["zone"], place_id=places["building"]
            )
            self.add(
                "place.lineage", from_place_id=self.host.places["building"],
                to_place_id=places["building"], kind="split", happened_on=date(2015, 1, 1),
            )  # fmt: skip
        top = "building" if self.host else "site"
        for kind, extent, where in (
            ("occupies", "part", top),
            ("owns", "whole", top),
            ("occupies", "whole", "room"),
        ):
            holding = spot.rows["holding_id"] = self.add(
                "estate.holding", place_id=places[where], kind=kind, extent=extent,
                decision=spot.text("批"), source="census",
            )  # fmt: skip
            self.add("estate.holding_party", holding_id=holding, holder_id=self.holder, share=1)
        spot.rows["asset_card_id"] = self.add(
            "estate.asset_card", code=f"{spot.code}-K", place_id=places[top], found_by="number",
            number=spot.text("卡"), area_m2=spot.area_m2("555.55"),
            certificate_no=spot.text("卡证"),
        )  # fmt: skip
        self.add(
            "estate.sharer", holding_id=holding, holder_id=self.holder, heads=1, share=1,
            rank_code=self._rank(), approval_document=spot.text("准"),
        )  # fmt: skip
        spot.rows["room_return_id"] = self.add(
            "requests.room_return", place_id=places["room"], place_title=spot.text("间"),
            organization_id=self.holder, kind="left", began_on=DAY, due_on=DAY,
            reason=spot.text("退"), document=spot.text("退文"),
        )  # fmt: skip
        self._archived(places[top])
        self._certified(places[top], places["room"])
        self._put_on_record(places[top])

    def _put_on_record(self, place_id: int) -> None:
        spot = self.spot
        case_id = spot.rows["ownership_record_id"] = self.add(
            "certificates.ownership_record", place_id=place_id, place_title=spot.text("备"),
            cause="unclear", reason=spot.text("由"), state="handed_in",
            bureau_cell=self._bureau(), made_by=self.account,
        )  # fmt: skip
        self.add(
            "services.step_taken", workflow="ownership", case_id=case_id, step="submit",
            from_state="open", to_state="handed_in", version=1, account_id=self.account,
            place_id=place_id, remark=spot.text("步"),
        )  # fmt: skip

    def _bureau(self) -> int:
        query = text("SELECT rights.cell_for(NULL, NULL, CAST(0 AS smallint))")
        cell: int = self.conn.execute(query).scalar_one()
        return cell

    def _archived(self, place_id: int) -> None:
        spot = self.spot
        content = spot.text("档").encode()
        digest = hashlib.sha256(content).digest()
        self.conn.execute(
            insert(METADATA.tables["services.attachment_content"]).values(
                sha256=digest, content=content
            )
        )
        spot.rows["archive_file_id"] = self.add(
            "estate.archive_file", place_id=place_id, category="planning", title=spot.text("题"),
            file_name=spot.text("卷") + ".pdf", type="pdf", size_bytes=len(content), sha256=digest,
            is_original=True, account_id=self.account,
        )  # fmt: skip

    def _certified(self, place_id: int, room_id: int) -> None:
        spot = self.spot
        head: dict[str, Any] = {
            "number": spot.text("凭"), "called": "使用凭证", "issuer": spot.text("发"),
            "issued_on": DAY, "valid_from": DAY,
        }  # fmt: skip
        made = spot.rows["certificate_id"] = self.add(
            "certificates.certificate", place_id=place_id, holder_id=self.holder,
            uid=UUID(int=spot.number + 1), **head,
        )  # fmt: skip
        said: dict[str, Any] = {
            "since": DAY, "valid_to": None, "holder_name": spot.text("持"), "holder_code": None,
            "place_name": spot.text("坐"), "address": spot.text("落"), "titles": [spot.text("权")],
        }  # fmt: skip
        room: dict[str, Any] = {
            "place_id": room_id, "code": f"{spot.code}-room", "number": spot.text("间"),
            "name": None, "building": spot.text("楼"), "floor": spot.text("层"), "level": 1,
            "room_class": "office", "area_m2": Decimal(str(spot.area_m2("33.33"))),
            "share": Decimal(1),
        }  # fmt: skip
        edition = self.add(
            "certificates.edition", certificate_id=made, edition=1, kind="issued",
            content_sha256=digest_of(head, said, [room]), account_id=self.account, **said,
        )  # fmt: skip
        self.add(
            "certificates.certified_room", certificate_id=made, edition_id=edition,
            part=Range(None, None), valid_from=DAY, **room,
        )  # fmt: skip

    def _asked_for(self) -> None:
        """A request of the body, with what it says of a room and a building."""
        spot, places = self.spot, self.spot.places
        request = spot.rows["request_id"] = self.add(
            "requests.request", number=spot.text("申"), item="lease", state="submitted",
            organization_id=self.holder, reason=spot.text("事由"), needed_m2=spot.area_m2("333.33"),
            due_on=DAY, bureau_cell=self._bureau(), budget_document=spot.text("预"),
        )  # fmt: skip
        for part, kind in (("candidate", "room"), ("subject", "building")):
            self.add(
                "requests.request_place", request_id=request, place_id=places[kind], part=part,
                place_title=spot.text("处"), area_m2=spot.area_m2("444.44"),
            )  # fmt: skip
        self.add("requests.document", request_id=request, kind="budget_review",
                 reference=spot.text("据"), account_id=self.account)  # fmt: skip

    def _planned(self) -> None:
        """A plan of the body that is shared, with what it says of a room."""
        spot = self.spot
        plan = spot.rows["plan_id"] = self.add(
            "redeployment.plan", name=spot.text("案"), note=spot.text("案由"), state="proposed",
            document=spot.text("案文"), from_on=DAY, organization_id=self.holder, is_shared=True,
            made_by=self.account, bureau_cell=self._bureau(),
        )  # fmt: skip
        sits = [{"holder_id": self.holder, "share": None, "sharers": []}]
        self.add(
            "redeployment.plan_room", plan_id=plan, step=1, kind="vacate",
            place_id=spot.places["room"], place_title=spot.text("调间"), seen_version="0" * 16,
            stood=sits, wanted=[], made_by=self.account,
        )  # fmt: skip

    def _of_the_body(self) -> None:
        spot = self.spot
        self.add(
            "estate.construction_project", code=f"{spot.code}-P", name=spot.text("项"),
            address=spot.text("项址"), admin_area_code=spot.area, builder_id=self.body,
            planned_area_m2=spot.area_m2("222.22"),
        )  # fmt: skip
        self.add(
            "estate.asset_card", code=f"{spot.code}-L", number=spot.text("散卡"),
            name=spot.text("卡名"), address=spot.text("卡址"), unit_name=spot.text("部门"),
            category_name="房屋", admin_area_code=spot.area, unit_id=self.body,
        )  # fmt: skip
        spot.rows["post_id"] = self.add(
            "organization.post", organization_id=self.holder, title=spot.text("岗"),
            holder_name=spot.text("员"),
        )  # fmt: skip
        for kind, rank in (("actual", spot.text("级")), ("quota", self._rank())):
            self.add(
                "organization.headcount", organization_id=self.holder, kind=kind, rank_code=rank,
                people=spot.number * 1000 + 777, counted_on=DAY, source="census",
            )  # fmt: skip
        self.add(
            "services.number_given", series="示例", year=2025, number=spot.number + 1,
            written=spot.text("文号"), subject=spot.text("件"), account_id=self.account,
        )  # fmt: skip

    def _rank(self) -> str:
        """A rank of its own: what a body may have is counted rank by rank."""
        ranks = self.conn.execute(
            text("SELECT term FROM place.term WHERE list = 'rank' ORDER BY parent_term, sort_order")
        ).scalars()
        return str(ranks.all()[self.spot.number])


def _tree(conn: Connection, is_inside: bool) -> Iterator[tuple[str, str | None]]:
    """Every kind of place with what it hangs in, parents first; no site where it is inside one."""
    kinds = list(conn.execute(text("SELECT kind FROM place.kind")).scalars())
    pairs = conn.execute(text("SELECT kind, parent_kind FROM place.allowed_parent")).all()
    parents: dict[str, list[str]] = {kind: [] for kind in kinds}
    for kind, parent in pairs:
        parents[kind].append(parent)
    done: set[str] = {"site"} if is_inside else set()
    while len(done) < len(kinds):
        ready = sorted(k for k in kinds if k not in done and set(parents[k]) <= done)
        for kind in ready:
            # The deepest that may be: a room on its floor, a meter in a room.
            order = ["room", "floor", "section", "building", "site"]
            above = next((p for p in order if p in parents[kind]), None)
            yield kind, above
            done.add(kind)
