"""A survey with an order of sources of its own: its figures, its way back, its frozen rules."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path

from openpyxl import load_workbook
from small_city import build
from sqlalchemy import text

from assets.estate.actions import refresh_derived
from assets.estate.reports import SURVEY, surveys
from assets.services.frozen import rule_rows
from etl.export.survey import write_surveys
from etl.load import load_file
from etl.terms import save_terms
from gis.clock import today
from gis.db import Database, Role, transaction
from gis.places.actions import touch
from gis.places.counted import set_area_precedence
from gis.places.vocabulary import AreaSource

SINCE = date(2026, 1, 1)


def test_the_survey_prints_what_its_own_order_counts_and_loads_back_unchanged(
    make_database: Callable[[str], Database], tmp_path: Path
) -> None:
    own = build(make_database("onemap_survey_rules"))
    with transaction(own.database.engine(Role.LOADER), own.everything) as conn:
        save_terms(conn)
        conn.execute(
            text(
                "INSERT INTO place.area_measure (place_id, area_kind, area_m2, source, rights_cell)"
                " SELECT place_id, 'gross', 2999.99, 'survey', rights_cell FROM place.place"
                " WHERE code = 'S1'"
            )
        )
        touch(conn, [own.ids["site 1"]])
        refresh_derived(conn)
        set_area_precedence(
            conn, [AreaSource.SURVEY, AreaSource.DECLARED], report="survey", since=SINCE,
            rule_source="示例文件第1条", is_verified=True,
        )  # fmt: skip

    def write() -> Path:
        with transaction(own.database.engine(Role.WEB), own.everything) as conn:
            made = [one for one in surveys(conn, today()) if one.reporter_code == "320402"]
        (path,) = write_surveys(made, tmp_path)
        return path

    for _ in range(2):
        path = write()
        sheet = load_workbook(path)["县（区、旗）办公用房"]
        assert Decimal(str(sheet["E5"].value)) == Decimal("2999.99")
        result = load_file(own.database, path, token=own.everything)
    assert (result.rows, result.unchanged) == (1, 1)
    with own.database.engine(Role.OWNER).connect() as conn:
        figures = text(
            "SELECT m.source, c.source FROM place.area_measure AS m"
            " JOIN place.place USING (place_id)"
            " JOIN place.counted_area AS c USING (place_id, area_kind)"
            " WHERE code = 'S1' AND area_kind = 'gross' ORDER BY 1"
        )
        found = [tuple(row) for row in conn.execute(figures)]
    # Nobody declared what the survey counted; everywhere else the order of every report holds.
    assert found == [("declared", "survey"), ("survey", "survey")]


def test_the_rules_a_report_rests_on_are_those_of_its_day(
    make_database: Callable[[str], Database],
) -> None:
    own = build(make_database("onemap_frozen_rules"))

    def sources(as_of: date) -> list[tuple[str, str, int]]:
        with transaction(own.database.engine(Role.WEB), own.everything) as conn:
            rows = rule_rows(conn, SURVEY.name, as_of, [])
        kept = [row["row"] for row in rows]
        return sorted((one["report"], one["source"], one["rank"]) for one in kept)

    before = sources(date(2025, 6, 1))
    assert {one[0] for one in before} == {"*"}
    assert len(before) == len(AreaSource)
    with transaction(own.database.engine(Role.LOADER), own.everything) as conn:
        set_area_precedence(
            conn, [AreaSource.SURVEY], report="survey", since=SINCE, rule_source="示例文件第1条"
        )
        set_area_precedence(conn, [AreaSource.POLYGON], since=SINCE, rule_source="示例文件第2条")
    assert sources(date(2025, 6, 1)) == before
    assert sources(SINCE) == [("survey", "survey", 1)]
