"""Read one file and answer with what is in it, or with why it was refused."""

from pathlib import Path

from etl.confined.answer import Answer, save_refusal
from etl.confined.delimited import read_csv
from etl.confined.formats import MARKUP, WORKBOOKS, Format
from etl.confined.from_markup import read_markup
from etl.confined.geographic import read_layers
from etl.confined.parts import file_digest
from etl.confined.sniff import sniff
from etl.confined.workbook import read_workbook
from etl.limits import Limits
from gis.errors import SourceError


def answer(path: Path, file: str, folder: Path, limits: Limits) -> None:
    """Reads the file and writes the answer, or the refusal, into the folder."""
    try:
        _read(path, file, folder, limits)
    except SourceError as error:
        save_refusal(folder, error.key, error.params)
    except MemoryError:
        save_refusal(folder, "load.too_much_memory", {"file": file})


def _read(path: Path, file: str, folder: Path, limits: Limits) -> None:
    found = sniff(path, file, limits)
    if found is Format.DXF:
        raise SourceError("load.drawing", file=file)
    answered = Answer(
        folder, found.value, file_digest(path, is_shapefile=found is Format.SHAPEFILE)
    )
    if found in WORKBOOKS:
        read_workbook(path, file, limits, answered)
    elif found in MARKUP:
        read_markup(path, file, limits, answered)
    elif found is Format.CSV:
        read_csv(path, file, limits, answered)
    else:
        read_layers(path, file, found, limits, answered)
    answered.save()
