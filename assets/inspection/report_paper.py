"""The report of an inspection on paper: what it was, what each body came to, what was found.

It says what `inspection_report` says, for who takes it: what is hidden from an account is in none
of its lines, counts and pictures.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import Connection

from assets.inspection.queries import Inspection, findings_of, inspectors, items
from assets.inspection.reports import MOST, inspection_report
from assets.report import ReportTable
from assets.services.papers.form_paper import FormPaper
from gis.errors import InputError
from gis.i18n import translate
from gis.places.photos import image_of
from gis.rights.actions import OPERATOR

MOST_PICTURES: Final = 100
"""Photos of one paper; of a finding the first is shown."""
_JPEG: Final = b"\xff\xd8\xff"
_BODY: Final = (
    "name", "done_on", "passed", "failed", "pass_percent", "points", "findings", "mended",
)  # fmt: skip
_HEAD: Final = ("head", "passed", "failed", "not_applicable", "pass_percent", "points")


def inspection_paper(conn: Connection, one: Inspection, as_of: date, language: str) -> bytes:
    """The report as a Word file.

    Args:
        conn: In the name of whoever takes it.
        one: Which inspection.
        as_of: The day it is taken: states and what is overdue are of that day.
        language: `zh` or `en`.

    Raises:
        InputError: There are more findings than one report holds.
    """
    report = inspection_report(conn, one, as_of)
    bodies, heads, _found = report.tables
    found = findings_of(conn, one.inspection_id, most=MOST + 1)
    if len(found) > MOST:
        raise InputError("inspection.report_too_long", most=MOST)
    paper = _Paper(conn, one, as_of, language)
    paper.cover(bodies.rows)
    paper.checklist(items(conn, one.inspection_id))
    paper.scores(bodies, heads)
    paper.findings(found)
    for key, values in report.footnotes:
        paper.made.note(translate(language, key, **values))
    return paper.made.content()


class _Paper:
    def __init__(self, conn: Connection, one: Inspection, as_of: date, language: str) -> None:
        self._conn, self._one, self._as_of, self._language = conn, one, as_of, language
        self._pictures = 0
        self.made = FormPaper(one.name, language)

    def _say(self, key: str, **values: Any) -> str:
        return translate(self._language, key, **values)

    def cover(self, bodies: Sequence[Mapping[str, Any]]) -> None:
        """What it was, when, by whom, of how many, and what it came to in all."""
        say, one = self._say, self._one
        self.made.subtitle(say("inspection.paper.as_of", day=self._as_of.isoformat()))
        self.made.chapter(say("inspection.paper.scope"))
        named = [
            say("account.operator") if each["name"] == OPERATOR else each["name"] or "–"
            for each in inspectors(self._conn, one.inspection_id)
        ]
        rows = [
            (say("inspection.page.kind"), say(f"inspection.kind.{one.kind}")),
            (say("inspection.page.days"), f"{one.starts_on} – {one.ends_on}"),
            (say("inspection.page.state"), say(f"inspection.page.{one.state}")),
            (
                say("inspection.paper.inspectors"),
                say("figures.comma").join(named) or say("inspection.paper.bureau"),
            ),
        ]
        if one.instructions:
            rows.append((say("inspection.page.instructions"), one.instructions))
        self.made.form(rows)
        done = sum(row["done_on"] is not None for row in bodies)
        sums = {
            name: sum(row[name] for row in bodies)
            for name in ("findings", "being_mended", "mended")
        }
        self.made.paragraph(say("inspection.paper.in_all", bodies=len(bodies), done=done, **sums))

    def checklist(self, asked: Sequence[Mapping[str, Any]]) -> None:
        """What was asked, with the document it comes from."""
        if not asked:
            return
        say = self._say
        header = [
            say("inspection.report.finding"), say("inspection.report.head"),
            say("inspection.page.item"), say("inspection.page.weight"),
            say("inspection.page.source"),
        ]  # fmt: skip
        rows = [
            [
                str(item["position"]), item["head"], item["title"], _written(item["points"]),
                item["rule_source"] or say("inspection.page.own_item"),
            ]
            for item in asked
        ]  # fmt: skip
        self.made.table(say("inspection.page.checklist"), header, rows)

    def scores(self, bodies: ReportTable, heads: ReportTable) -> None:
        """What each body came to, and each by head."""
        say = self._say
        self.made.chapter(say("inspection.paper.scores"))
        if not bodies.rows:
            self.made.paragraph(say("inspection.page.no_bodies"))
            return
        self._table(say("inspection.report.bodies_table"), _BODY, bodies.rows)
        by_body: dict[str, list[Mapping[str, Any]]] = {}
        for row in heads.rows:
            by_body.setdefault(str(row["code"]), []).append(row)
        for body in bodies.rows:
            if body["done_on"] is None:
                continue
            caption = say("inspection.paper.by_head", name=body["name"])
            self._table(caption, _HEAD, by_body.get(str(body["code"]), ()))

    def _table(self, caption: str, names: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> None:
        header = [self._say(f"inspection.report.{name}") for name in names]
        cells = [[self._cell(row, name) for name in names] for row in rows]
        self.made.table(caption, header, cells)

    def _cell(self, row: Mapping[str, Any], name: str) -> str:
        if name == "points" and row["points"] is not None:
            return f"{_written(row['points'])} / {_written(row['most'])}"
        return _written(row[name])

    def findings(self, found: Sequence[Mapping[str, Any]]) -> None:
        """What was found at each body: words, place, photo, where putting it right stands."""
        self.made.chapter(self._say("inspection.report.findings_table"))
        if not found:
            self.made.paragraph(self._say("inspection.page.no_findings"))
        # Two bodies may bear one name; they come as the bodies of the report do.
        by_body: dict[int, list[Mapping[str, Any]]] = {}
        for each in found:
            by_body.setdefault(each["organization_id"], []).append(each)
        named = Counter(those[0]["organization_name"] for those in by_body.values())
        for those in by_body.values():
            (name, code) = (those[0]["organization_name"], those[0]["organization_code"])
            self.made.section(f"{name} {code}" if named[name] > 1 else name)
            for at, each in enumerate(those, 1):
                self._finding(at, each)

    def _finding(self, at: int, each: Mapping[str, Any]) -> None:
        say = self._say
        self.made.paragraph(f"{at}. {each['words']}")
        facts = [
            f"{say('inspection.report.' + name)}{say('inspection.page.colon')}{value}"
            for name, value in (
                ("head", each["head"]),
                ("place", each["place_name"]),
                ("number", each["number"]),
                ("state", self._state(each)),
                ("due_on", each["due_on"]),
            )
            if value is not None
        ]
        self.made.note(say("inspection.paper.semicolon").join(facts))
        if not each["photo_ids"]:
            return
        self._pictures += 1
        if self._pictures == MOST_PICTURES + 1:
            self.made.note(say("inspection.paper.more_photos", most=MOST_PICTURES))
        if self._pictures <= MOST_PICTURES:
            caption = say("inspection.page.photo_of", words=f"{at} · {each['place_name'] or '–'}")
            picture = image_of(self._conn, each["photo_ids"][0], is_small=False)
            # One that was damaged does not take the whole report with it.
            if picture.startswith(_JPEG):
                self.made.picture(caption, picture)
            else:
                self.made.note(caption)

    def _state(self, each: Mapping[str, Any]) -> str:
        if each["state"] is None:
            return self._say("inspection.paper.not_told")
        said = self._say(f"rectification.state.{each['state']}")
        is_late = each["state"] != "closed" and each["due_on"] < self._as_of
        return f"{said} ({self._say('inspection.page.overdue')})" if is_late else said


def _written(value: object) -> str:
    match value:
        case None:
            return "–"
        case Decimal():
            # Of points nobody writes the noughts; of a whole number it makes no power of ten.
            return f"{value.normalize():f}"
        case _:
            return str(value)
