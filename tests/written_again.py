"""Workbooks as other programs save them again."""

import html
import re
import subprocess
import zipfile
from pathlib import Path
from typing import Final

_WPS_APP: Final = (
    '<Properties xmlns="http://schemas.openxmlformats.org/officeDocument/2006/extended-properties">'
    "<Application>WPS 表格</Application></Properties>"
)
_WPS_BUILD: Final = (
    '<Properties xmlns="http://schemas.openxmlformats.org/officeDocument/2006/custom-properties"'
    ' xmlns:vt="http://schemas.openxmlformats.org/officeDocument/2006/docPropsVTypes">'
    '<property fmtid="{D5CDD505-2E9C-101B-9397-08002B2CF9AE}" pid="2" name="KSOProductBuildVer">'
    "<vt:lpwstr>2052-12.1.0.15990</vt:lpwstr></property></Properties>"
)


_SHARED: Final = "xl/sharedStrings.xml"
_MAIN: Final = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"
_RELATION: Final = (
    "http://schemas.openxmlformats.org/officeDocument/2006/relationships/sharedStrings"
)


def as_wps(path: Path, target: Path) -> Path:
    """A workbook as WPS saves it.

    It changes name and build, keeps texts in a table of their own, as runs of two fonts with how
    they are read aloud, and states an extent that is too small.
    """
    texts: list[str] = []

    def shared(found: re.Match[str]) -> str:
        # Whatever wrote the workbook may have written characters by their numbers.
        text = html.unescape(found[1])
        runs = "".join(f"<r><rPr><sz val='11'/></rPr><t>{html.escape(part)}</t></r>" for part in
                       (text[:1], text[1:]))  # fmt: skip
        texts.append(f"<si>{runs}<rPh sb='0' eb='1'><t>duyin</t></rPh></si>")
        return f't="s"><v>{len(texts) - 1}</v>'

    with zipfile.ZipFile(path) as book, zipfile.ZipFile(target, "w") as again:
        for name in book.namelist():
            text = book.read(name).decode()
            if name == "docProps/app.xml":
                text = _WPS_APP
            elif name.startswith("xl/worksheets/sheet"):
                text = re.sub(r't="inlineStr"><is><t>(.*?)</t></is>', shared, text)
                text = re.sub(r'<dimension ref="[^"]*" ?/>', '<dimension ref="A1"/>', text)
            elif name == "[Content_Types].xml":
                text = text.replace(
                    "</Types>", f'<Override PartName="/{_SHARED}" ContentType="{_OFFICE}"/></Types>'
                )
            elif name == "xl/_rels/workbook.xml.rels":
                text = text.replace(
                    "</Relationships>",
                    f'<Relationship Id="rId9" Type="{_RELATION}" Target="sharedStrings.xml"/>'
                    "</Relationships>",
                )
            again.writestr(name, text)
        assert texts
        again.writestr(_SHARED, f'<sst xmlns="{_MAIN}">{"".join(texts)}</sst>')
        again.writestr("docProps/custom.xml", _WPS_BUILD)
    return target


def as_libreoffice(path: Path, kind: str) -> Path:
    """A workbook saved again by LibreOffice as another kind (`xls`, `ods`, `xlsx`)."""
    folder = path.parent / f"again-{kind}"
    subprocess.run(
        [
            "soffice", f"-env:UserInstallation=file://{path.parent}/profile", "--headless",
            "--convert-to", kind, "--outdir", str(folder), str(path),
        ],
        check=True, capture_output=True, timeout=180,
    )  # fmt: skip
    return folder / f"{path.stem}.{kind}"
