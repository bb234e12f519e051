"""Sheets of markup as raw cells."""

from pathlib import Path

from etl.confined.answer import Answer
from etl.confined.cells import cell_batches, cell_schema
from etl.confined.formats import Format
from etl.confined.sheets import MarkupSheet
from etl.confined.web_table import sheets_of_page
from etl.confined.xml_sheets import sheets_of_xml
from etl.limits import Limits


def markup_sheets(
    path: Path, file: str, form: Format, folder: Path, limits: Limits
) -> list[MarkupSheet]:
    """The sheets of a file of markup, as its format has them.

    Raises:
        SourceError: Damaged, without a table, or over a ceiling.
    """
    if form is Format.WEB_TABLE:
        return sheets_of_page(path.read_bytes(), file, limits)
    return sheets_of_xml(path, file, limits, folder)


def read_markup(path: Path, file: str, limits: Limits, answer: Answer) -> None:
    """All sheets of the file, with its merged cells.

    Raises:
        SourceError: As for `markup_sheets`.
    """
    for sheet in markup_sheets(path, file, Format(answer.format), answer.folder, limits):
        width = sheet.width
        table = answer.write_table(cell_schema(width), cell_batches(sheet.rows, width))
        answer.grids.append(
            {
                "name": sheet.name,
                "table": table,
                "merges": sheet.merges,
                "is_hidden": sheet.is_hidden,
                "width": width,
            }
        )
