"""The report of the standard: every row with its document, and what nobody has compared."""

from datetime import date

from sqlalchemy import Connection

from assets.space.reports import UNVERIFIED, build_standards
from assets.space.standards import pack_standards
from etl.terms import save_terms


def test_the_report_lists_every_row_in_words(conn: Connection) -> None:
    save_terms(conn)
    report = build_standards(conn, date(2026, 9, 30))
    (table,) = report.tables
    assert len(table.rows) == len(pack_standards())
    first = table.rows[0]
    assert (first["level"], first["rank"], first["value"]) == ("中央", "部级正职", 54)
    whom = {row["rank"] for row in table.rows}
    assert {"多层", "高层", "乡级正职"} <= whom
    unverified = [row for row in table.rows if row["verified"] == "no"]
    assert report.footnotes == ((UNVERIFIED, {"count": len(unverified)}),)


def test_before_the_standard_there_is_no_row_of_it(conn: Connection) -> None:
    (table,) = build_standards(conn, date(2014, 1, 1)).tables
    assert [row["kind"] for row in table.rows] == ["idle_term", "tolerance"]
