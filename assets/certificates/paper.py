"""A certificate on paper: what it says, its rooms, its plans, its code, its changes."""

import io
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any, Final

import segno
from sqlalchemy import Connection, text

from assets.certificates.plan import floor_plans
from assets.certificates.queries import Certificate
from assets.certificates.rules import ROOM_CLASSES, Entitled, State, code_text, last_day, part_m2
from assets.services.papers.form_paper import FormPaper
from gis.errors import Forbidden
from gis.i18n import translate

_CLASSES: Final = "SELECT term, title_zh, title_en FROM place.term WHERE list = 'room_class'"
_CODE_SCALE: Final = 8
_ROOM_COLUMNS: Final = ("building", "floor", "room", "class", "room_area", "part")


def certificate_paper(
    conn: Connection,
    one: Certificate,
    language: str,
    *,
    public_url: str | None,
    entitled: Entitled | None = None,
) -> bytes:
    """The paper as a Word file.

    Args:
        conn: In the name of whoever takes it.
        one: The edition to print, read in the same name.
        language: Of titles; what was certified stays as it was written.
        public_url: See `assets.certificates.rules.code_text`.
        entitled: What its holder may have; null: nothing is printed of it.

    Raises:
        Forbidden: Not all of its rooms are for who asks: a paper without some of them would lie.
    """
    if not one.is_whole:
        raise Forbidden("certificates.not_all_seen")
    return _Paper(conn, one, language, public_url, entitled).content()


class _Paper:
    def __init__(
        self,
        conn: Connection,
        one: Certificate,
        language: str,
        public_url: str | None,
        entitled: Entitled | None,
    ) -> None:
        self._conn, self._one, self._language, self._public_url = conn, one, language, public_url
        self._entitled = entitled
        self._paper = FormPaper(one.head["called"], language)

    def content(self) -> bytes:
        self._front()
        self._rooms()
        self._plans()
        self._changes()
        return self._paper.content()

    def _say(self, key: str, **params: Any) -> str:
        return translate(self._language, f"certificates.{key}", **params)

    def _front(self) -> None:
        head, edition, paper = self._one.head, self._one.edition, self._paper
        paper.subtitle(self._say("paper.number", number=head["number"]))
        for line in self._warnings():
            paper.paragraph(line)
        paper.form(self._facts())
        paper.paragraph(
            self._say(
                "paper.statement",
                clause=self._say("paper.clause"),
                holder=edition["holder_name"],
                since=self._day(edition["since"]),
                until=self._day(last_day(edition["valid_to"])) or self._say("open_end"),
            )
        )
        paper.paragraph(self._say("paper.limits"))
        code = io.BytesIO()
        written = code_text(head["uid"], head["number"], self._public_url)
        segno.make(written, error="m", micro=False).save(
            code, kind="png", scale=_CODE_SCALE, border=2
        )
        paper.code(code.getvalue(), self._say("paper.scan"))
        paper.closing(head["issuer"], head["issued_on"])

    def _warnings(self) -> list[str]:
        head, edition = self._one.head, self._one.edition
        said = []
        if self._one.state is State.WITHDRAWN:
            said.append(self._say("paper.withdrawn"))
        elif head["cancelled_on"] is not None:
            day, reason = self._day(head["cancelled_on"]), head["cancel_reason"]
            said.append(self._say("paper.cancelled", day=day, reason=reason))
        if edition["edition"] != head["edition"]:
            numbers = {"edition": edition["edition"], "newest": head["edition"]}
            said.append(self._say("paper.superseded", **numbers))
        return said

    def _facts(self) -> list[tuple[str, str]]:
        one, head, edition = self._one, self._one.head, self._one.edition
        areas = [f"{_area(one.area_m2)} m²"]
        areas += [
            f"{self._say(f'class.{name}')} {_area(one.area_of(name))} m²"
            for name in ROOM_CLASSES
            if one.area_of(name)
        ]
        agreement = [head["agreement_number"], self._day(head["agreement_on"])]
        spot = (edition["place_name"] or head["property"], edition["address"])
        facts = (
            ("column.holder_name", edition["holder_name"]),
            ("paper.holder_code", edition["holder_code"]),
            ("column.property", " · ".join(dict.fromkeys(one for one in spot if one))),
            ("titles", "、".join(edition["titles"] or ())),
            ("column.rooms", self._say("rooms_of", count=len(one.rooms))),
            ("column.area", "；".join(areas)),
            ("agreement", "  ".join(part for part in agreement if part)),
        )
        return [(self._say(key), value or "—") for key, value in (*facts, *self._may_have())]

    def _may_have(self) -> list[tuple[str, str]]:
        """People of the quota and the area they are entitled to, as far as verdicts know them."""
        one, said = self._entitled, []
        if one is None:
            return []
        if one.quota:
            said.append(("paper.quota", self._say("paper.of_body", value=str(one.quota))))
        if (whole := one.areas_m2.get(None)) is not None:
            parts = [
                f"{self._say(f'class.{name}')} {_area(area)} m²"
                for name, area in one.areas_m2.items()
                if name is not None and area
            ]
            value = self._say("paper.of_body", value=f"{_area(whole)} m²")
            said.append(("paper.entitled", "；".join([value, *parts])))
        if said:
            basis = "paper.entitled_on" if one.is_verified else "paper.entitled_on_unverified"
            said.append(("paper.basis", self._say(basis, day=self._day(one.on))))
        return said

    def _rooms(self) -> None:
        paper = self._paper
        paper.new_page()
        paper.chapter(self._say("paper.rooms"))
        classes = {
            row.term: row.title_zh if self._language == "zh" else row.title_en or row.title_zh
            for row in self._conn.execute(text(_CLASSES))
        }
        header = [
            self._say(f"column.{name}") + ("（m²）" if name in ("room_area", "part") else "")
            for name in _ROOM_COLUMNS
        ]
        rows = [self._room(room, classes) for room in self._one.rooms]
        known = sum((one["area_m2"] or Decimal() for one in self._one.rooms), Decimal())
        total = ["", "", "", _area(known), _area(self._one.area_m2)]
        rows.append([self._say("paper.sum"), *total])
        paper.table(self._say("paper.room_table"), header, rows)

    def _room(self, room: Mapping[str, Any], classes: Mapping[str, str]) -> list[str]:
        part = part_m2(room["area_m2"], room["share"])
        return [
            room["building"] or "—",
            room["floor"] or "—",
            " ".join(one for one in (room["number"], room["name"]) if one) or room["code"],
            classes.get(room["room_class"], "") or "—",
            _area(room["area_m2"]),
            self._say("shared") if part is None and room["share"] is None else _area(part),
        ]

    def _plans(self) -> None:
        by_place = {room["place_id"]: room for room in self._one.rooms}
        plans = floor_plans(self._conn, list(by_place))
        drawn: set[int] = set().union(*(plan.rooms for plan in plans))
        if plans:
            self._paper.chapter(self._say("paper.plans"))
        for plan in sorted(plans, key=lambda one: _spot(by_place[min(one.rooms)])):
            building, _, floor = _spot(by_place[min(plan.rooms)])
            place = " ".join(one for one in (building, floor) if one)
            self._paper.picture(self._say("paper.plan", place=place), plan.png)
        if lacking := len(by_place) - len(drawn):
            self._paper.note(self._say("paper.undrawn", count=lacking))

    def _changes(self) -> None:
        changed = [one for one in reversed(self._one.editions) if one["edition"] > 1]
        if not changed:
            return
        self._paper.chapter(self._say("paper.changes"))
        names = ("edition", "since", "reason", "document")
        rows = [
            [str(one["edition"]), self._day(one["since"]), one["reason"], one["document"] or "—"]
            for one in changed
        ]
        header = [self._say(f"column.{name}") for name in names]
        self._paper.table(self._say("paper.change_table"), header, rows)

    def _day(self, day: date | None) -> str:
        if day is None:
            return ""
        is_chinese = self._language == "zh"
        return f"{day.year}年{day.month}月{day.day}日" if is_chinese else day.isoformat()


def _spot(room: Mapping[str, Any]) -> tuple[str, int, str]:
    return room["building"] or "", room["level"] or 0, room["floor"] or ""


def _area(area: Decimal | None) -> str:
    return "—" if area is None else f"{area:,.2f}"
