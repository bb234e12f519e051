"""The analysis report: its figures are the register's, its pages those of an official paper."""

import io
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
import small_city
from docx import Document
from docx.oxml.ns import qn
from docx.shared import Length
from sqlalchemy import text

from assets.services.papers.pdf import pdf_of
from assets.services.papers.word import numeral
from etl.export.analysis import analysis_paper
from gis.db import Database, Role, transaction
from gis.errors import InputError

DAY = date(2026, 1, 1)


@pytest.fixture(scope="module")
def city(make_database: Callable[[str], Database]) -> small_city.City:
    return small_city.build(make_database("onemap_analysis"))


def _paper(city: small_city.City, token: str, language: str = "zh") -> Document:  # type: ignore[valid-type]
    with transaction(city.database.engine(Role.WEB), token) as conn:
        return Document(io.BytesIO(analysis_paper(conn, DAY, language)))


def _tables(paper: Document) -> dict[str, list[list[str]]]:  # type: ignore[valid-type]
    """Tables by their first header; of several with one header the estate's, which is first."""
    return {
        made.rows[0].cells[0].text: [[cell.text for cell in row.cells] for row in made.rows]
        for made in reversed(paper.tables)  # type: ignore[attr-defined]
    }


def test_its_figures_are_those_of_the_register(city: small_city.City) -> None:
    with transaction(city.database.engine(Role.OWNER), None) as conn:
        gross = conn.execute(
            text("SELECT sum(net_area_m2) FROM place.counted_area WHERE area_kind = 'gross'")
        ).scalar_one()
    figures = dict(_tables(_paper(city, city.everything))["指标"])
    # The site that nobody has located is one of them.
    assert figures["房产（处）"] == "4"
    assert Decimal(figures["建筑面积（平方米）①"].replace(",", "")) == gross
    assert figures["楼栋（栋）"] == "6"


def test_districts_stand_beside_one_another_and_the_whole_below(city: small_city.City) -> None:
    rows = _tables(_paper(city, city.everything))["区县"]
    assert [row[0] for row in rows[1:]] == ["示例0区", "示例1区", "示例2区", "合计"]


def test_districts_of_one_name_stay_apart(city: small_city.City) -> None:
    with city.database.engine(Role.OWNER).connect() as conn:
        # Rolled back: the city is other tests' too.
        conn.execute(
            text("UPDATE place.admin_area SET name = '鼓楼区' WHERE parent_code = '320400'")
        )
        paper = Document(io.BytesIO(analysis_paper(conn, DAY, "zh")))
        conn.rollback()
    names = [row[0] for row in _tables(paper)["区县"]]
    assert names[1:4] == [f"示例市鼓楼区 {code}" for code in ("320401", "320402", "320403")]


def test_who_sees_a_part_is_told_of_that_part_only(city: small_city.City) -> None:
    paper = _paper(city, city.partial)
    assert "示例2区" not in "".join(cell for row in _tables(paper)["区县"] for cell in row)
    assert int(dict(_tables(paper)["指标"])["房产（处）"]) < 4


def test_its_pages_are_those_of_an_official_paper(city: small_city.City) -> None:
    paper = _paper(city, city.everything)
    section = paper.sections[0]  # type: ignore[attr-defined]
    margins = section.left_margin + section.right_margin
    heights = section.top_margin + section.bottom_margin
    assert (round(section.page_width.mm), round(section.page_height.mm)) == (210, 297)
    assert round(Length(section.page_width - margins).mm) == 156
    assert round(Length(section.page_height - heights).mm) == 225
    headings = [one.text for one in paper.paragraphs if one.style.name == "Heading 1"]  # type: ignore[attr-defined]
    assert headings == [
        "一、总体情况",
        "二、机关房产",
        "三、办公用房",
        "四、各区县情况",
        "五、数据质量",
    ]


def test_each_note_is_that_of_a_figure_which_bears_its_sign(city: small_city.City) -> None:
    paper = _paper(city, city.everything)
    notes = [one.text for one in paper.paragraphs if one.text.startswith("注")]  # type: ignore[attr-defined]
    signs = [one[1] for one in notes if one[1] != "："]
    assert signs == [*"①②③④⑤⑥"][: len(signs)]
    titles = "".join(
        row.cells[0].text
        for made in paper.tables  # type: ignore[attr-defined]
        if made.rows[0].cells[0].text == "指标"
        for row in made.rows
    )
    assert set(signs) == {one for one in titles if "①" <= one <= "⑳"}


def test_what_is_not_stated_is_no_class_of_its_own(city: small_city.City) -> None:
    said = [one.text for one in _paper(city, city.everything).paragraphs]  # type: ignore[attr-defined]
    assert any("未填写的占" in one for one in said)
    assert not any("其中未填最多" in one for one in said)


def test_its_characters_and_stops_are_chinese(city: small_city.City) -> None:
    styles = _paper(city, city.everything).styles.element  # type: ignore[attr-defined]
    languages = {one.get(qn("w:eastAsia")) for one in styles.iter(qn("w:lang"))}
    assert languages == {"zh-CN"}


@pytest.mark.skipif(
    not Path("/usr/lib/libreoffice/program/libswlo.so").exists(),
    reason="LibreOffice Writer is not installed",
)
def test_it_becomes_a_pdf(city: small_city.City) -> None:
    with transaction(city.database.engine(Role.WEB), city.everything) as conn:
        paper = analysis_paper(conn, DAY, "zh")
    assert pdf_of(paper).startswith(b"%PDF")


def test_an_office_without_a_word_processor_is_told_as_such(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # As LibreOffice does where only its spreadsheets are installed.
    program = tmp_path / "soffice"
    program.write_text("#!/bin/sh\necho 'Error: source file could not be loaded' >&2\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    paper = io.BytesIO()
    Document().save(paper)
    with pytest.raises(InputError) as refused:
        pdf_of(paper.getvalue())
    assert refused.value.key == "pdf.no_writer"


def test_an_empty_register_is_a_paper_too(make_database: Callable[[str], Database]) -> None:
    database = make_database("onemap_analysis_empty")
    with transaction(database.engine(Role.OWNER), None) as conn:
        assert Document(io.BytesIO(analysis_paper(conn, DAY, "en"))).paragraphs


def test_headings_count_in_chinese() -> None:
    assert [numeral(one) for one in (1, 10, 11, 20, 35)] == ["一", "十", "十一", "二十", "三十五"]
