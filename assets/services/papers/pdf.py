"""Papers as PDF, made of their Word file by LibreOffice where the machine has it."""

import contextlib
import io
import os
import shutil
import signal
import subprocess
import tempfile
import zipfile
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Final

from assets.services.papers.word import SUBSTITUTES
from gis.errors import InputError

_PROGRAMS: Final = ("soffice", "libreoffice")
_MOST_SECONDS: Final = 240


def pdf_of(paper: bytes) -> bytes:
    """The same pages as PDF.

    Raises:
        InputError: The machine has no LibreOffice or not its Writer, which says what to install;
            or it failed, or would take longer than anybody waits.
    """
    program = next((found for found in map(shutil.which, _PROGRAMS) if found), None)
    if program is None:
        raise InputError("pdf.no_libreoffice")
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        (folder / "paper.docx").write_bytes(with_fonts(paper, _installed_fonts()))
        # A profile of its own: a LibreOffice that is open elsewhere would otherwise take the job.
        command = [
            program, "--headless", f"-env:UserInstallation={(folder / 'profile').as_uri()}",
            "--convert-to", "pdf", "--outdir", str(folder), str(folder / "paper.docx"),
        ]  # fmt: skip
        try:
            _run(command, _MOST_SECONDS)
        except subprocess.TimeoutExpired as error:
            raise InputError("pdf.too_long", seconds=_MOST_SECONDS) from error
        except (subprocess.SubprocessError, OSError) as error:
            raise InputError("pdf.failed") from error
        if not (folder / "paper.pdf").exists():
            # A LibreOffice of other parts alone says that it cannot read the file, and ends well.
            raise InputError("pdf.no_writer")
        return (folder / "paper.pdf").read_bytes()


def _run(command: Sequence[str], seconds: float) -> None:
    """Runs a program to its end, or ends it with all that it started.

    LibreOffice is a script that starts a program that starts another: to end the first alone would
    leave the last at work, and wait for it.
    """
    running = subprocess.Popen(  # noqa: S603
        command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    )
    try:
        code = running.wait(timeout=seconds)
    except BaseException:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(running.pid, signal.SIGKILL)
        running.wait()
        raise
    if code != 0:
        raise subprocess.CalledProcessError(code, command)


def with_fonts(paper: bytes, installed: Collection[str]) -> bytes:
    """A Word file in which fonts that the machine lacks are named as those to take instead.

    LibreOffice passes over the list of substitutes that the file carries, and sets everything in
    whatever font it finds first; with a font of several countries, that may be another's forms.

    Args:
        paper: As `OfficialPaper` wrote it.
        installed: Names of the families the machine has.
    """
    chosen = {
        name: next((one for one in others if one in installed), name)
        for name, others in SUBSTITUTES.items()
        if name not in installed
    }
    written = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(paper)) as given,
        zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as made,
    ):
        for entry in given.infolist():
            content = given.read(entry)
            if entry.filename.endswith(".xml") and "fontTable" not in entry.filename:
                for name, instead in chosen.items():
                    # As the value of an attribute: text may name a font too.
                    content = content.replace(f'="{name}"'.encode(), f'="{instead}"'.encode())
            made.writestr(entry, content)
    return written.getvalue()


def _installed_fonts() -> frozenset[str]:
    """Names of the font families of the machine, each in all its languages."""
    program = shutil.which("fc-list")
    if program is None:
        return frozenset()
    listed = subprocess.run(  # noqa: S603
        [program, ":", "family"], check=False, capture_output=True, timeout=_MOST_SECONDS
    ).stdout.decode(errors="replace")
    return frozenset(name.strip() for name in listed.replace("\n", ",").split(",") if name.strip())
