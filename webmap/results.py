"""Where a command puts the files it makes."""

import os
from pathlib import Path

from gis.errors import InputError


def result_folder(out: Path) -> Path:
    """The folder of `--out`, made where it is missing.

    Asked before any work is done. Without `--out` it is where the command was given, which an
    account that stands in for root may not write to.

    Raises:
        InputError: It cannot be written to.
    """
    try:
        out.mkdir(parents=True, exist_ok=True)
        may_write = os.access(out, os.W_OK | os.X_OK)
    except OSError:
        may_write = False
    if not may_write:
        raise InputError("out_denied", path=Path(os.path.abspath(out)))  # noqa: PTH100 -- unread
    return out
