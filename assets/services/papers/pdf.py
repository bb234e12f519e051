"""Papers as PDF, made of their Word file by LibreOffice where the machine has it."""

import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Final

from gis.errors import InputError

_PROGRAMS: Final = ("soffice", "libreoffice")
_MOST_SECONDS: Final = 120


def pdf_of(paper: bytes) -> bytes:
    """The same pages as PDF.

    Raises:
        InputError: The machine has no LibreOffice or not its Writer, which says what to install;
            or it failed.
    """
    program = next((found for found in map(shutil.which, _PROGRAMS) if found), None)
    if program is None:
        raise InputError("pdf.no_libreoffice")
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        (folder / "paper.docx").write_bytes(paper)
        # A profile of its own: a LibreOffice that is open elsewhere would otherwise take the job.
        command = [
            program, "--headless", f"-env:UserInstallation={(folder / 'profile').as_uri()}",
            "--convert-to", "pdf", "--outdir", str(folder), str(folder / "paper.docx"),
        ]  # fmt: skip
        try:
            subprocess.run(command, check=True, capture_output=True, timeout=_MOST_SECONDS)  # noqa: S603
        except (subprocess.SubprocessError, OSError) as error:
            raise InputError("pdf.failed") from error
        if not (folder / "paper.pdf").exists():
            # A LibreOffice of other parts alone says that it cannot read the file, and ends well.
            raise InputError("pdf.no_writer")
        return (folder / "paper.pdf").read_bytes()
