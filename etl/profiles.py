"""Saved profiles: how the headers of a certain file are meant, under a name."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlalchemy import Connection, delete, insert, select, text, update

from assets.registry import CONTRACTS
from etl.meaning import Meant, SheetMeaning, applied_profiles
from etl.pack import PACKS
from gis.db import Database, Role, transaction
from gis.errors import Conflict, InputError, NotFound, SourceError
from gis.jobs.model import profile

BUILT_IN: Final = frozenset({*PACKS, *(contract.name for contract in CONTRACTS)})
_LONGEST_NAME: Final = 80


def saved_meanings(database: Database, token: str | None, name: str | None) -> list[SheetMeaning]:
    """What saved profiles say of headers: of the one that is named, else of all, newest first.

    Raises:
        InputError: There is no profile of that name.
    """
    if name in BUILT_IN:
        return []
    query = select(profile).order_by(profile.c.made_at.desc(), profile.c.profile_id.desc())
    if name is not None:
        query = query.where(profile.c.name == name)
    with transaction(database.engine(Role.OPERATOR), token) as conn:
        rows = conn.execute(query).all()
    if name is not None and not rows:
        raise InputError("load.unknown_profile", profile=name)
    return [meaning for row in rows for meaning in meanings_of(row.sheets, row.name)]


def meanings_of(sheets: Sequence[Mapping[str, Any]], name: str | None = None) -> list[SheetMeaning]:
    """Meanings as they are kept in JSON."""
    return [
        SheetMeaning(one["fingerprint"], one["contract"], one["fields"], name) for one in sheets
    ]


def refuse_other_files(file: str, sheets: Sequence[Meant], name: str | None) -> None:
    """Refuse a named profile that says nothing of the file's headers.

    Raises:
        SourceError: It is for another file.
    """
    if name is not None and name not in BUILT_IN and name not in applied_profiles(sheets):
        raise SourceError("load.profile_of_another_file", file=file, profile=name)


def save_profile(conn: Connection, name: str, sheets: Sequence[Mapping[str, Any]]) -> None:
    """Keep how headers are meant under a name, in place of what the asker kept under it before.

    Raises:
        InputError: The name is empty, too long or built in.
        Conflict: The name is somebody else's.
    """
    if not 1 <= len(name) <= _LONGEST_NAME or name in BUILT_IN:
        raise InputError("profile.bad_name", known=", ".join(sorted(BUILT_IN)))
    changed = conn.execute(
        update(profile).where(profile.c.name == name).values(sheets=list(sheets))
    ).rowcount
    if changed:
        return
    if conn.execute(select(profile.c.name).where(profile.c.name == name)).first():
        raise Conflict("profile.name_taken", name=name)
    conn.execute(
        insert(profile).values(
            name=name, account_id=text("rights.current_account_id()"), sheets=list(sheets)
        )
    )


def remove_profile(conn: Connection, name: str) -> None:
    """Forget a profile of the asker's.

    Raises:
        NotFound: The asker has none of that name.
    """
    if not conn.execute(delete(profile).where(profile.c.name == name)).rowcount:
        raise NotFound("profile.not_found", name=name[:_LONGEST_NAME])
