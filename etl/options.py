"""How a file is to be read, and a file made ready for the merge by it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from assets.domain import ColumnContract
from assets.registry import CONTRACTS
from etl.limits import Limits
from etl.located import Register
from etl.meaning import SheetMeaning, meant_sheets
from etl.pack import PACKS, load_pack
from etl.prepare import Prepared, prepare
from etl.profiles import refuse_other_files, saved_meanings
from etl.read import read_source
from gis.db import Database


@dataclass(frozen=True)
class LoadOptions:
    """How a file is to be read.

    Args:
        profile: A pack (`cn`, `us`, `osm`), a kind of sheet (`building` …) or a saved profile to
            read it by; null takes what fits best.
        datum: The datum of its coordinates; overrules what the file says.
        any_area: Places outside the registered areas are expected.
        as_of: The day its figures hold for; null takes the file's own.
        sheets: How its headers are meant, as stated for this file alone.
        decided_of: Only the rows of this earlier load of the same file that were decided since,
            and those that hung on them; null takes all.
    """

    profile: str | None = None
    datum: str | None = None
    any_area: bool = False
    as_of: date | None = None
    sheets: tuple[SheetMeaning, ...] = ()
    decided_of: int | None = None


def prepare_file(
    database: Database,
    path: Path,
    *,
    token: str | None,
    options: LoadOptions,
    file: str | None = None,
    limits: Limits | None = None,
) -> Prepared:
    """Read a file and make it ready for the merge, by what is saved and stated of its headers.

    Raises:
        SourceError: The file breaks its promise, or the profile is for another.
    """
    packs, contracts = packs_and_contracts(options.profile)
    saved = saved_meanings(database, token, options.profile)
    source = read_source(path, file=file, limits=limits)
    pack = load_pack(packs)
    sheets = meant_sheets(source, contracts, pack, (*options.sheets, *saved))
    refuse_other_files(source.file, sheets, options.profile)
    return prepare(
        source, contracts, pack, datum=options.datum, known=Register(database, token), sheets=sheets
    )


def packs_and_contracts(name: str | None) -> tuple[tuple[str, ...], Sequence[ColumnContract]]:
    """What a file is read with: the packs in order, and what its sheets may be."""
    if name in PACKS:
        return (name, *(pack for pack in PACKS if pack != name)), CONTRACTS
    named = [contract for contract in CONTRACTS if contract.name == name]
    return PACKS, named or CONTRACTS
