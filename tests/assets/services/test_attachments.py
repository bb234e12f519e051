"""Attachments: a file is what its content says; what could harm is refused with a sentence."""

import io
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import docx
import openpyxl
import pytest
from declared import SUPPLIES, Office
from PIL import Image
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError, ProgrammingError

from assets.services.attached_files import (
    MEGABYTE,
    TYPES,
    USUAL_TYPES,
    AttachedFile,
    Scanner,
    examine,
)
from assets.services.attachments import attach, attachments_of, kept_file, remove
from assets.services.cases import find_case, take
from gis.db import Role, transaction
from gis.errors import Conflict, Forbidden, InputError, NotFound

PDF = b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"


def word(text_of: str = "请示") -> bytes:
    made, content = docx.Document(), io.BytesIO()
    made.add_paragraph(text_of)
    made.save(content)
    return content.getvalue()


def sheet() -> bytes:
    made, content = openpyxl.Workbook(), io.BytesIO()
    made.active.append([1, 2])
    made.save(content)
    return content.getvalue()


def picture(kind: str) -> bytes:
    content = io.BytesIO()
    Image.new("RGB", (8, 8), "red").save(content, kind)
    return content.getvalue()


def packed(**entries: bytes) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as made:
        for name, inside in entries.items():
            made.writestr(name, inside)
    return content.getvalue()


def added(package: bytes, name: str, inside: bytes) -> bytes:
    content = io.BytesIO(package)
    with zipfile.ZipFile(content, "a", zipfile.ZIP_DEFLATED) as made:
        made.writestr(name, inside)
    return content.getvalue()


def encrypted() -> bytes:
    """A zip whose entries say that they are encrypted."""
    content = bytearray(packed(a=b"x"))
    for head, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(head) + flags] |= 1
    return bytes(content)


def macro_enabled() -> bytes:
    types = b'<Types><Override ContentType="application/vnd.ms-excel.sheet.macroEnabled.main+xml"/>'
    return packed(**{"[Content_Types].xml": types, "xl/workbook.xml": b"<w/>"})


def looked_at(
    content: bytes, name: str = "a.bin", *, most_mb: int = 30, scanner: Scanner | None = None
) -> AttachedFile:
    return examine(name, content, allowed=USUAL_TYPES, most_mb=most_mb, scanner=scanner)


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (PDF, "pdf"), (word(), "docx"), (sheet(), "xlsx"), (picture("PNG"), "png"),
        (picture("JPEG"), "jpg"), (packed(**{"OFD.xml": b"<o/>"}), "ofd"),
    ],
    ids=lambda one: one if isinstance(one, str) else "",
)  # fmt: skip
def test_a_file_is_what_its_content_says(content: bytes, found: str) -> None:
    made = looked_at(content, "../../上报\\材料.exe")
    assert (made.name, made.type, made.media_type) == (f"材料.{found}", found, TYPES[found])


@pytest.mark.parametrize(
    ("content", "key"),
    [
        (b"", "empty"),
        (b"MZ" + bytes(200), "type"),
        (b"<html><script>alert(1)</script>", "type"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "type"),
        (b"plain words", "type"),
        (packed(**{"a.txt": b"x"}), "type"),
        (added(word(), "word/vbaProject.bin", b"x"), "macros"),
        (added(sheet(), "xl/macrosheets/sheet1.xml", b"x"), "macros"),
        (macro_enabled(), "macros"),
        (added(word(), "word/media/big.bin", bytes(200 * MEGABYTE)), "bomb"),
        (packed(**{f"{at}": b"" for at in range(10_001)}), "bomb"),
        (encrypted(), "encrypted"),
        (word()[:-40], "damaged"),
        (PDF + bytes(MEGABYTE), "too_large"),
    ],
    ids=lambda one: one if isinstance(one, str) else "",
)
def test_what_is_of_no_use_or_could_harm_is_refused(content: bytes, key: str) -> None:
    with pytest.raises(InputError) as said:
        looked_at(content, "报告.pdf", most_mb=1 if key == "too_large" else 30)
    assert said.value.key == f"attachment.{key}"


def test_what_a_package_says_of_its_size_is_not_believed() -> None:
    honest = added(word(), "word/big.bin", bytes(64 * MEGABYTE))
    central = honest.rindex(b"PK\x01\x02")
    lying = bytearray(honest)
    lying[central + 24 : central + 28] = (10).to_bytes(4, "little")
    with pytest.raises(InputError) as said:
        looked_at(bytes(lying))
    assert said.value.key in {"attachment.damaged", "attachment.bomb"}


@pytest.mark.parametrize(
    ("program", "key"),
    [
        ("sys.exit(0)", None),
        ("sys.exit(1)", "attachment.malware"),
        ("sys.exit(2)", "attachment.not_scanned"),
        ("import time; time.sleep(60)", "attachment.not_scanned"),
        ("sys.exit(b'%PDF' not in open(sys.argv[1], 'rb').read())", None),
    ],
)
def test_the_scanner_decides_by_how_it_ends(program: str, key: str | None) -> None:
    scanner = Scanner((sys.executable, "-c", f"import sys; {program}"), 60 if key is None else 5)
    if key is None:
        assert looked_at(PDF, scanner=scanner).type == "pdf"
        return
    with pytest.raises(InputError) as said:
        looked_at(PDF, scanner=scanner)
    assert said.value.key == key


def test_a_scanner_that_is_not_there_lets_nothing_pass(tmp_path: Path) -> None:
    with pytest.raises(InputError) as said:
        looked_at(PDF, scanner=Scanner((str(tmp_path / "none"),), 5))
    assert said.value.key == "attachment.not_scanned"


def counted(office: Office) -> int:
    with office.owner() as conn:
        found: int = conn.execute(
            text("SELECT count(*) FROM services.attachment_content")
        ).scalar_one()
    return found


def hung(office: Office, who: str, case_id: int, file: AttachedFile) -> int:
    with office.acting(who) as conn:
        return attach(conn, SUPPLIES, case_id, file)


def test_a_file_is_kept_once_and_seen_with_its_cases(office: Office) -> None:
    before = counted(office)
    one, two = office.request(), office.request()
    file, other = looked_at(PDF, "甲.pdf"), looked_at(word("另一份"), "乙")
    first = hung(office, "zhang", one, file)
    second = hung(office, "wang", two, file)
    third = hung(office, "zhang", one, other)
    assert counted(office) == before + 2
    with pytest.raises(Conflict) as said:
        hung(office, "wang", one, looked_at(PDF, "同一份.pdf"))
    assert said.value.key == "attachment.known"
    with office.acting("li") as conn:
        assert [row["file_name"] for row in attachments_of(conn, SUPPLIES, one)] == [
            "甲.pdf", "乙.docx",
        ]  # fmt: skip
        assert kept_file(conn, second).content == PDF
    with office.acting("zhao") as conn:
        assert attachments_of(conn, SUPPLIES, one) == []
        with pytest.raises(NotFound):
            kept_file(conn, first)
        seen = conn.execute(text("SELECT services.content_of(:id)"), {"id": first}).scalar_one()
        assert seen is None
    with pytest.raises(ProgrammingError), office.acting("zhang") as conn:
        conn.execute(text("SELECT * FROM services.attachment_content"))
    with pytest.raises(Forbidden), office.acting("wang") as conn:
        remove(conn, SUPPLIES, third)
    with office.acting("zhang") as conn:
        remove(conn, SUPPLIES, third)
        remove(conn, SUPPLIES, first)
    assert orphans_gone(office, "1 hour") == 0
    # What another case still has stays.
    assert orphans_gone(office, "-1 hour") == 1
    assert counted(office) == before + 1


def orphans_gone(office: Office, older_than: str) -> int:
    with transaction(office.database.engine(Role.LOADER), None) as conn:
        query = text("SELECT services.forget_orphans(CAST(:age AS interval))")
        removed: int = conn.execute(query, {"age": older_than}).scalar_one()
    return removed


def test_a_settled_case_keeps_what_it_has(office: Office) -> None:
    case_id = office.request()
    made = hung(office, "zhang", case_id, looked_at(PDF + b"\n"))
    with office.acting("zhang") as conn:
        take(conn, SUPPLIES, "submit", case_id, seen_version=1)
    with office.acting("li") as conn:
        version = find_case(conn, SUPPLIES, case_id).version
        take(conn, SUPPLIES, "reject", case_id, seen_version=version, remark="不同意")

    def add() -> int:
        return hung(office, "zhang", case_id, looked_at(word("迟到")))

    def drop() -> None:
        with office.acting("zhang") as conn:
            remove(conn, SUPPLIES, made)

    acts: list[Callable[[], object]] = [add, drop]
    for act in acts:
        with pytest.raises(Conflict) as said:
            act()
        assert said.value.key == "attachment.settled"


def test_the_database_keeps_no_file_under_another_ones_digest(office: Office) -> None:
    with office.acting("li") as conn, pytest.raises(IntegrityError) as said:
        conn.execute(text("SELECT services.keep_content(sha256('a'), 'b')"))
    assert "ck_attachment_content_sha256" in str(said.value)
