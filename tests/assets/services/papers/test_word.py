"""Papers that go out: head, addressee, closing where GB/T 9704-2012 has them; fonts in the PDF."""

import io
import re
import shutil
import subprocess
import time
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml.ns import qn

from assets.report import Report, ReportColumn, ReportTable
from assets.services.papers import pdf
from assets.services.papers.pdf import pdf_of, with_fonts
from assets.services.papers.report_paper import report_paper
from assets.services.papers.word import Letterhead, OfficialPaper
from gis.errors import InputError

DAY = date(2026, 3, 5)
HEAD = Letterhead("示例市机关事务管理局文件", "示机管〔2026〕1号")


def letter(*, is_sealed: bool = True) -> bytes:
    paper = OfficialPaper("关于办公用房调配的通知", "zh", HEAD)
    paper.addressee("各区机关事务管理部门")
    paper.paragraph("现将有关事项通知如下。")
    paper.enclosures(["房间清单", "平面图"])
    paper.closing("示例市机关事务管理局", DAY, is_sealed=is_sealed)
    return paper.content()


def has_font(asked: str) -> bool:
    """Whether fontconfig knows a font of a name or a language."""
    if shutil.which("fc-list") is None:
        return False
    return bool(subprocess.run(["fc-list", asked], check=False, capture_output=True).stdout)


def lines(paper: bytes) -> dict[str, Any]:
    return {line.text: line for line in Document(io.BytesIO(paper)).paragraphs if line.text}


def test_a_paper_that_goes_out_has_its_parts_in_order() -> None:
    assert list(lines(letter())) == [
        "示例市机关事务管理局文件", "示机管〔2026〕1号", "关于办公用房调配的通知",
        "各区机关事务管理部门：", "现将有关事项通知如下。", "附件：1．房间清单", "2．平面图",
        "示例市机关事务管理局", "2026年3月5日",
    ]  # fmt: skip


def test_the_mark_is_red_and_a_red_line_stands_under_the_number() -> None:
    found = lines(letter())
    mark = found[HEAD.issuer].runs[0]
    assert str(mark.font.color.rgb) == "C00000"
    line = found[HEAD.number]._p.find(f".//{qn('w:pBdr')}/{qn('w:bottom')}")
    assert (line.get(qn("w:color")), line.get(qn("w:space"))) == ("C00000", "11")


@pytest.mark.parametrize(
    ("is_sealed", "issuer_ends", "day_ends"),
    # The issuer is ten characters wide, the day six.
    [(True, 2, 4), (False, 2, 4)],
)
def test_issuer_and_day_stand_to_one_another_as_the_standard_says(
    is_sealed: bool, issuer_ends: float, day_ends: float
) -> None:
    found = lines(letter(is_sealed=is_sealed))
    ends = [
        found[text].paragraph_format.right_indent.pt / 16
        for text in ("示例市机关事务管理局", "2026年3月5日")
    ]
    assert ends == pytest.approx([issuer_ends, day_ends], abs=0.01)
    assert found["示例市机关事务管理局"].paragraph_format.keep_with_next


def test_a_report_has_no_head() -> None:
    paper = OfficialPaper("报告", "zh")
    assert list(lines(paper.content())) == ["报告"]


@pytest.mark.skipif(
    not (shutil.which("soffice") and has_font(":lang=zh")), reason="needs LibreOffice and a font"
)
def test_every_font_of_a_pdf_is_in_it() -> None:
    made = pdf_of(letter())
    fonts = re.findall(rb"/Type\s*/FontDescriptor\b.*?>>", made, flags=re.S)
    assert fonts
    assert [font for font in fonts if not re.search(rb"/FontFile[23]?\b", font)] == []
    # A Chinese font is among them wherever the machine has one.
    names = b" ".join(re.findall(rb"/FontName\s*/\w{6}\+([^\s/]+)", made))
    assert re.search(rb"CJK|Song|Hei|Kai|Fang|Ming|Sun", names), names
    if has_font("Noto Serif CJK SC") and not has_font("FangSong"):
        # The text is set in what stands for 仿宋, not in whatever font comes first.
        assert re.search(rb"NotoSerifCJK", names), names


def test_a_pdf_that_takes_too_long_is_given_up_with_all_that_makes_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # As LibreOffice does: a script that starts another program and waits for it.
    (program := tmp_path / "soffice").write_text(
        f"#!/bin/sh\nsleep 600 &\necho $! > {tmp_path}/child\nwait\n"
    )
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    monkeypatch.setattr(pdf, "_MOST_SECONDS", 2)
    begun = time.monotonic()
    with pytest.raises(InputError, match=r"pdf\.too_long"):
        pdf_of(letter())
    assert time.monotonic() - begun < 60
    child = Path("/proc", (tmp_path / "child").read_text().strip(), "stat")
    # Ended, or at most waiting for its end to be noted.
    assert not child.exists() or child.read_text().rpartition(")")[2].split()[0] == "Z"


def test_missing_fonts_are_named_as_those_that_stand_for_them() -> None:
    paper = letter()
    given = fonts_of(paper)
    assert {"方正小标宋简体", "仿宋_GB2312"} <= given
    serif, song = {"Noto Serif CJK SC"}, {"宋体", "Noto Serif CJK SC"}
    assert fonts_of(with_fonts(paper, serif)) == {"Noto Serif CJK SC"}
    assert fonts_of(with_fonts(paper, song)) == song
    assert fonts_of(with_fonts(paper, {"方正小标宋简体", "FangSong"})) == {
        "方正小标宋简体", "FangSong",
    }  # fmt: skip
    # What is said stays as it is, and a machine without any keeps the file's own names.
    assert list(lines(with_fonts(paper, serif))) == list(lines(paper))
    assert fonts_of(with_fonts(paper, ())) == given


def fonts_of(paper: bytes) -> set[str]:
    """Names of fonts for Chinese that runs and styles ask for."""
    made = Document(io.BytesIO(paper))
    asked = [
        fonts.get(qn("w:eastAsia"))
        for root in (made.element, made.styles.element)
        for fonts in root.iter(qn("w:rFonts"))
    ]
    return {name for name in asked if name}


def test_a_date_stays_in_one_line_beside_columns_of_long_names() -> None:
    paper = OfficialPaper("巡检报告", "zh")
    name = "某某市人民政府办公室综合事务服务中心（北区）"
    header = ("受检单位", "检查项目", "所在房间", "整改期限", "文号")
    paper.table("发现的问题", header, [(name, name, name, "2026-01-31", "YZ〔2026〕1号")])
    (table,) = Document(io.BytesIO(paper.content())).tables
    # A digit is half as wide as a letter of 10.5 pt is high; 1.9 mm on either side stay empty.
    least = len("2026-01-31") * 10.5 / 2 * 25.4 / 72 + 2 * 1.9
    assert table.rows[1].cells[3].width.mm >= least


ROOM = ("一", "B1", "1号楼 203", "20.00", "5%")


def test_numbers_stand_right_and_names_that_end_in_one_left() -> None:
    paper = OfficialPaper("房间清单", "zh")
    paper.table("房间", ("房间", "楼层", "位置", "面积", "占比"), [ROOM])
    (table,) = Document(io.BytesIO(paper.content())).tables
    sides = [cell.paragraphs[0].alignment for cell in table.rows[1].cells]
    assert sides == [None, None, None, WD_ALIGN_PARAGRAPH.RIGHT, WD_ALIGN_PARAGRAPH.RIGHT]


def test_a_word_of_a_head_is_not_broken_on_landscape_pages() -> None:
    columns = (
        *(ReportColumn(f"name{at}", "space.form.body") for at in range(8)),
        ReportColumn("posts", "estate.figure.headcount_quota_administrative"),
    )
    row = {f"name{at}": "Office of the People's Government, north" for at in range(8)}
    table = ReportTable("bodies", "space.overall.bodies", columns, (row,), ("name0",))
    report = Report("a_form", "space.overall.title", DAY, (table,), ())
    (made,) = Document(io.BytesIO(report_paper(report, "en"))).tables
    head = made.rows[0].cells[-1]
    longest = max(head.text.split(), key=len)
    assert len(longest) > 10
    # A letter of 9 pt is about half as wide, in a wide font a quarter more.
    assert head.width.mm >= len(longest) * 9 / 2 * 25.4 / 72 * 1.25 + 2 * 0.9
