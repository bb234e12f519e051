"""The analysis report: every domain's answer about the whole register, as an official paper.

It holds what an area question answers, and for each district beside one another; so whatever domain
answers questions is in it. Unlike a question it counts places that nobody has located yet.
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final

from shapely import wkb
from shapely.geometry.base import BaseGeometry
from sqlalchemy import Connection, text

from assets.domain import AreaAnswer, DomainModule, Figure, FigureTable, TableColumn
from assets.estate.districts import undisclosed_figures
from assets.estate.reconciled import UNVERIFIED_RULES
from assets.registry import DOMAINS
from assets.services.papers.word import OfficialPaper
from etl.export.charts import bar_chart, district_map
from etl.export.words import UNKNOWN, is_worded, printed, titled, unit_word, worded
from etl.issue_classes import issue_class
from gis.audit.head import sealed_head
from gis.clock import today
from gis.i18n import translate
from gis.places.counted import EVERY_REPORT, uses_unverified_rules
from gis.places.terms import Terms, read_terms
from gis.questions import collect_register
from gis.uncounted import not_located

_MOST_BARS: Final = 20
_COLUMNS_A_PAGE: Final = 6
_TEN_THOUSAND: Final = 10_000
_DISTRICT: Final = "district"
_SHARES_OF_QUALITY: Final = "complete_"
"""Figures of this name tell how complete the register is: they stand in a chapter of their own."""
_DISTRICTS: Final = """
SELECT a.code, a.name, up.name AS within,
  ST_AsBinary(ST_SimplifyPreserveTopology(a.geom, 0.0005)) AS shape,
  a.is_indicative
FROM place.admin_area AS a
LEFT JOIN place.admin_area AS up ON up.code = a.parent_code
WHERE a.code IN (SELECT admin_area_code FROM pg_temp.asked_place WHERE is_property)
ORDER BY a.code"""
_TOP: Final = """
WITH RECURSIVE up AS (
  SELECT DISTINCT a.code, a.name, a.parent_code, 0 AS step FROM place.admin_area AS a
  WHERE a.code IN (SELECT admin_area_code FROM pg_temp.asked_place)
  UNION SELECT a.code, a.name, a.parent_code, up.step + 1 FROM up
  JOIN place.admin_area AS a ON a.code = up.parent_code WHERE up.step < 6)
SELECT name FROM up WHERE parent_code IS NULL OR parent_code NOT IN
  (SELECT code FROM place.admin_area) GROUP BY name"""
_ISSUES: Final = """
SELECT i.severity, i.rule, count(*) AS issue_count, count(DISTINCT i.load_id) AS load_count
FROM staging.issue AS i JOIN staging.load AS l USING (load_id)
WHERE l.state = 'committed' AND l.undone_by_load_id IS NULL
GROUP BY i.severity, i.rule"""
_COUNTING_WORD: Final = re.compile(r"(.+)（(.+)）")
_WORST_FIRST: Final = ("reject", "question", "warn")


def analysis_paper(conn: Connection, as_of: date, language: str) -> bytes:
    """The report as a Word file, of what the session's account sees.

    Args:
        conn: Within a session; row security decides what counts.
        as_of: The day the figures hold for.
        language: `zh` or `en`.
    """
    return _Analysis(conn, as_of, language).paper()


class _Analysis:
    def __init__(self, conn: Connection, as_of: date, language: str) -> None:
        self._conn = conn
        self._as_of = as_of
        self._language = language
        self._terms: Terms = read_terms(conn, language)
        self._answers = self._ask(None)
        self._notes_said: dict[str, int] = {}
        self._districts = conn.execute(text(_DISTRICTS)).all()
        tops = conn.execute(text(_TOP)).scalars().all()
        self._paper = OfficialPaper(
            self._say("analysis.title", name=tops[0] if len(tops) == 1 else ""), language
        )
        self._by_district = {row.code: self._ask(row.code) for row in self._districts}
        self._names = _told_apart(self._districts)
        self._everything = collect_register(conn, as_of)

    def paper(self) -> bytes:
        self._paper.subtitle(self._say("analysis.as_of", day=self._day()))
        self._overview()
        for domain, answer in self._answers:
            self._domain(domain, answer)
        self._district_chapter()
        self._quality()
        self._notes()
        return self._paper.content()

    def _say(self, key: str, **params: Any) -> str:
        return translate(self._language, key, **params)

    def _day(self) -> str:
        day = self._as_of
        return (
            f"{day.year}年{day.month}月{day.day}日" if self._language == "zh" else day.isoformat()
        )

    def _figure(self, figure: Figure) -> str:
        """A figure within a sentence: the counting word of its title stands behind the number."""
        title = translate(self._language, figure.title_key)
        counted = _COUNTING_WORD.fullmatch(title)
        unit = unit_word(figure.unit, self._language)
        return self._say(
            "analysis.figure",
            title=counted[1] if counted else title,
            value=printed(figure.value, figure.unit),
            unit=counted[2] if counted and not unit else unit,
        ).rstrip()

    def _ask(self, area_code: str | None) -> list[tuple[DomainModule, AreaAnswer]]:
        asked = collect_register(self._conn, self._as_of, area_code=area_code)
        return [
            (domain, domain.area_facts.answer(self._conn, asked))
            for domain in DOMAINS
            if domain.area_facts
        ]

    def _overview(self) -> None:
        self._paper.chapter(self._say("analysis.overview"))
        parts = [
            self._figure(one)
            for _, answer in self._answers
            for one in _amounts(answer)
            if one.value
        ]
        listed = self._say("analysis.separator").join(parts)
        self._paper.paragraph(self._say("analysis.registered", day=self._day(), figures=listed))
        missing = not_located(self._conn, self._as_of)
        if missing.place_count:
            self._paper.paragraph(
                self._say(
                    "analysis.not_located",
                    count=f"{missing.place_count:,}",
                    area=printed(missing.gross_area_m2, "m2"),
                )
            )
        # As of today alone: two days would tell what came between.
        found = undisclosed_figures(self._conn) if self._as_of == today() else []
        if found:
            count = sum(row["place_count"] for row in found)
            self._paper.paragraph(self._say("analysis.secret", count=f"{count:,}"))

    def _domain(self, domain: DomainModule, answer: AreaAnswer) -> None:
        self._paper.chapter(translate(self._language, domain.title_key))
        figures = [one for one in answer.figures if not _is_of_quality(one)]
        for one in answer.figures:
            if one.footnote:
                self._notes_said.setdefault(one.footnote[0], len(self._notes_said) + 1)
        self._paper.section(self._say("analysis.main_figures"))
        self._paper.table(
            self._say("analysis.main_figures"),
            [self._say("analysis.indicator"), self._say("analysis.value")],
            [[self._noted(one), printed(one.value, one.unit)] for one in figures],
        )
        further = domain.paper_tables(self._conn, self._everything) if domain.paper_tables else ()
        for table in (*answer.tables, *further):
            # Districts have a chapter of their own.
            if table.rows and table.columns[0].name != _DISTRICT:
                self._table(table)

    def _noted(self, figure: Figure) -> str:
        """A figure's title with the sign of its note."""
        return titled(figure, self._language) + self._note_sign(figure)

    def _note_sign(self, figure: Figure) -> str:
        return _sign(self._notes_said[figure.footnote[0]]) if figure.footnote else ""

    def _table(self, table: FigureTable) -> None:
        title = translate(self._language, table.title_key)
        self._paper.section(title)
        labels, measure = table.columns[0], _measure(table.columns)
        if table.is_partition:
            self._paper.paragraph(self._largest(table, labels, measure))
        rows = [[self._cell(column, row) for column in table.columns] for row in table.rows]
        self._paper.table(title, [titled(one, self._language) for one in table.columns], rows)
        if not table.is_partition:
            return
        # Rows of a partition have each a label of their own.
        values = {
            self._cell(labels, row): float(row[measure.name])
            for row in table.rows[:_MOST_BARS]
            if row[measure.name] is not None
        }
        if len(values) > 1:
            words = {
                self._cell(labels, row): printed(row[measure.name], measure.unit)
                for row in table.rows
            }
            self._paper.picture(
                f"{title}：{titled(measure, self._language)}", bar_chart(values, words)
            )

    def _largest(self, table: FigureTable, labels: TableColumn, measure: TableColumn) -> str:
        """What stands out among what is stated, its share of all, and how much is not stated."""
        known = [row for row in table.rows if row[measure.name] is not None]
        stated = [row for row in known if row[labels.name] is not None]
        most = max(stated, key=lambda row: row[measure.name], default=None)
        whole = sum(row[measure.name] for row in known)
        if most is None or not whole:
            return self._say("analysis.nothing_stated")
        unstated = float(whole - sum(row[measure.name] for row in stated)) / float(whole)
        said = self._say(
            "analysis.largest",
            count=len(stated),
            label=self._cell(labels, most),
            title=translate(self._language, measure.title_key),
            value=printed(most[measure.name], measure.unit),
            unit=unit_word(measure.unit, self._language),
            share=printed(float(most[measure.name]) / float(whole), "share"),
        )
        if not unstated:
            return said
        return said + self._say("analysis.of_it_unstated", share=printed(unstated, "share"))

    def _district_chapter(self) -> None:
        if not self._by_district:
            return
        self._paper.chapter(self._say("analysis.districts"))
        figures = [one for _, answer in self._answers for one in _amounts(answer)]
        self._district_table(self._say("analysis.district_figures"), figures[:_COLUMNS_A_PAGE])
        shapes = {
            self._names[row.code]: wkb.loads(bytes(row.shape))
            for row in self._districts
            if row.shape
        }
        for figure in (one for one in figures if one.unit == "m2"):
            self._district_map(figure, shapes)
            break

    def _district_table(self, caption: str, figures: Sequence[Figure]) -> None:
        header = [self._say("analysis.district"), *(self._short_title(one) for one in figures)]
        rows = [
            [self._names[code], *(_short(_named(answers, one.name)) for one in figures)]
            for code, answers in self._by_district.items()
        ]
        whole = [self._say("analysis.whole"), *(_short(one) for one in figures)]
        self._paper.table(caption, header, [*rows, whole])

    def _short_title(self, figure: Figure) -> str:
        if figure.unit != "m2":
            return self._noted(figure)
        title = translate(self._language, figure.title_key)
        return self._say("analysis.in_ten_thousands", title=title) + self._note_sign(figure)

    def _district_map(self, figure: Figure, shapes: Mapping[str, BaseGeometry]) -> None:
        if not shapes:
            return
        found = {
            self._names[code]: _named(answers, figure.name)
            for code, answers in self._by_district.items()
        }
        values = {
            name: float(one.value) for name, one in found.items() if one and one.value is not None
        }
        words = {name: printed(value / _TEN_THOUSAND, "m2") for name, value in values.items()}
        caption = self._say("analysis.map", title=translate(self._language, figure.title_key))
        self._paper.picture(caption, district_map(shapes, values, words))
        if any(row.is_indicative for row in self._districts):
            self._paper.note(self._say("layer.admin_area.notice"))

    def _quality(self) -> None:
        self._paper.chapter(self._say("analysis.quality"))
        figures = [one for _, answer in self._answers for one in answer.figures
                   if _is_of_quality(one)]  # fmt: skip
        self._paper.section(self._say("analysis.completeness"))
        parts = [self._figure(one) for one in figures]
        self._paper.paragraph(
            self._say("analysis.complete", figures=self._say("analysis.separator").join(parts))
        )
        if self._by_district:
            self._district_table(self._say("analysis.completeness"), figures)
        self._issues()

    def _issues(self) -> None:
        self._paper.section(self._say("analysis.issues"))
        found = self._conn.execute(text(_ISSUES)).all()
        if not found:
            self._paper.paragraph(self._say("analysis.no_issues"))
            return
        sums: dict[tuple[str, str], int] = {}
        for row in found:
            key = (row.severity, issue_class(row.rule))
            sums[key] = sums.get(key, 0) + row.issue_count
        whole = sum(sums.values())
        self._paper.paragraph(self._say("analysis.issues_found", count=f"{whole:,}"))
        ordered = sorted(sums, key=lambda key: (_WORST_FIRST.index(key[0]), -sums[key]))
        self._paper.table(
            self._say("analysis.issues"),
            [self._say(f"analysis.column.{name}") for name in ("class", "severity", "count")],
            [
                [self._say(f"issue_class.{kind}"), self._say(f"severity.{severity}"),
                 f"{sums[severity, kind]:,}"]
                for severity, kind in ordered
            ],
        )  # fmt: skip

    def _notes(self) -> None:
        for key, number in self._notes_said.items():
            self._paper.note(self._say("analysis.note", sign=_sign(number), text=self._say(key)))
        if uses_unverified_rules(self._conn, self._as_of, EVERY_REPORT):
            self._note_of_all(self._say(UNVERIFIED_RULES[0]))
        if head := sealed_head(self._conn):
            self._note_of_all(self._say("report.sealed", head=head))

    def _note_of_all(self, said: str) -> None:
        self._paper.note(self._say("analysis.note", sign="", text=said))

    def _cell(self, column: TableColumn, row: Mapping[str, Any]) -> str:
        value = row[column.name]
        if is_worded(column):
            return worded(column, value, self._terms, self._language) or self._say(
                "analysis.unstated"
            )
        return printed(value, column.unit)


def _sign(number: int) -> str:
    """①, ② and so on: what figure a note is of."""
    return chr(ord("①") + number - 1)


def _told_apart(districts: Sequence[Any]) -> dict[str, str]:
    """Names by code; two of one name say which city they are in, two of one city their codes."""
    names = Counter(row.name for row in districts)
    longer = {row.code: f"{row.within or ''}{row.name}" for row in districts}
    alike = Counter(longer.values())
    return {
        row.code: row.name
        if names[row.name] == 1
        else longer[row.code] + (f" {row.code}" if alike[longer[row.code]] > 1 else "")
        for row in districts
    }


def _short(figure: Figure | None) -> str:
    """A value where columns are narrow: areas in ten thousands."""
    if figure is None:
        return UNKNOWN
    if figure.unit == "m2" and figure.value is not None:
        return printed(figure.value / _TEN_THOUSAND, "m2")
    return printed(figure.value, figure.unit)


def _is_of_quality(figure: Figure) -> bool:
    return figure.name.startswith(_SHARES_OF_QUALITY)


def _amounts(answer: AreaAnswer) -> list[Figure]:
    """Figures that are sums: shares and means add up to nothing."""
    return [one for one in answer.figures if one.unit not in {"share", "years"}]


def _named(answers: Sequence[tuple[DomainModule, AreaAnswer]], name: str) -> Figure | None:
    return next((one for _, answer in answers for one in answer.figures if one.name == name), None)


def _measure(columns: Sequence[TableColumn]) -> TableColumn:
    """What a table's chart shows: its area where it has one, else its last column."""
    return next((one for one in columns if one.unit == "m2"), columns[-1])
