"""What an agency does with its filing: fill it in, hand it in, take it back.

Every change carries the version its author saw. Whoever comes second is told who changed the
filing and when, and what he wrote is handed back to him: nothing is overwritten unseen.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from sqlalchemy import Connection, insert, text, update
from sqlalchemy.dialects.postgresql import insert as upsert

from assets.campaign import model
from assets.campaign.actions.steps import ME, cell_of_row, move, record
from assets.campaign.model import LatePolicy, UnexplainedPolicy
from assets.campaign.queries import (
    Filing,
    enum_codes,
    filing_differences,
    filing_headcounts,
    filing_rows,
    find_filing,
)
from assets.campaign.rules import (
    BY_NAME,
    EDITABLE,
    WHOLE_ROW,
    WORKFLOW,
    Party,
    is_late,
    read_people,
    read_value,
)
from assets.campaign.unexplained import own_rows, writable_rows
from assets.services.notices import Notice, send
from assets.services.workflow import Step
from gis.errors import Conflict, Forbidden, InputError, NotFound

_LONGEST_TEXT: Final = 2000


@dataclass(frozen=True)
class Edit:
    """What somebody changed in a form, in one go.

    Args:
        cells: Written values by row and field; a row below zero is a new one.
        removed: Rows the agency no longer has (true) or has after all (false).
        people: Written numbers of posts by rank.
        explanations: Texts by row and field; an empty one takes it back.
    """

    cells: Mapping[tuple[int, str], str | None] = field(default_factory=dict)
    removed: Mapping[int, bool] = field(default_factory=dict)
    people: Mapping[str, str | None] = field(default_factory=dict)
    explanations: Mapping[tuple[int, str], str] = field(default_factory=dict)


@dataclass(frozen=True)
class StatedRow:
    """A property as a workbook states it.

    Args:
        row_id: The row of the filing it is; null for a property the filing does not have.
        place_code: As the workbook carries it; null when it carries none.
        values: Typed values of the columns the workbook has.
        number: Its row in the sheet, as the person counts.
    """

    row_id: int | None
    place_code: str | None
    values: Mapping[str, Any]
    number: int


@dataclass(frozen=True)
class FiledWorkbook:
    """What a workbook states for a filing.

    Args:
        file: Its name.
        rows: Its properties, in its order.
        people: The agency's own posts by rank.
        version: The filing's version it was made from; null for a workbook of another make.
        issue_count: Things in its cells that were read with a remark.
    """

    file: str
    rows: tuple[StatedRow, ...]
    people: Mapping[str, int]
    version: int | None
    issue_count: int


def save(conn: Connection, filing_id: int, edit: Edit, *, seen_version: int) -> int:
    """Keep what was written; the filing is being worked on from now.

    Returns:
        The filing's new version.

    Raises:
        InputError: A cell cannot hold what was written; says which.
        Conflict: Somebody else changed the filing meanwhile, or it is not to be changed now.
    """
    filing = find_filing(conn, filing_id)
    step = _taken(filing, "save", None)
    values = _typed(conn, edit)
    version = move(conn, filing, step, seen_version=seen_version)
    known = {row.row_id for row in filing_rows(conn, filing_id)}
    strangers = {
        row for row in (*values, *edit.removed, *(row for row, _ in edit.explanations)) if row > 0
    } - known
    if strangers:
        raise NotFound("campaign.no_such_row")
    for row_id, cells in values.items():
        _write_row(conn, filing, row_id, cells)
    for row_id, is_removed in edit.removed.items():
        _remove_row(conn, row_id, is_removed=is_removed)
    for rank, people in edit.people.items():
        _write_people(conn, filing, rank, read_people(people))
    explain(conn, edit.explanations)
    return version


def take_workbook(
    conn: Connection, filing_id: int, book: FiledWorkbook, *, seen_version: int
) -> int:
    """Take a workbook as what the agency files: its rows, and no others.

    A property of the filing that it leaves out is marked as given up, never deleted; one that it
    brings without a code is known by its address, so the same workbook twice adds nothing.

    Returns:
        The filing's new version.

    Raises:
        Conflict: Somebody changed the filing since the workbook was made.
    """
    filing = find_filing(conn, filing_id)
    step = _taken(filing, "save", None)
    version = move(
        conn, filing, step, seen_version=seen_version, stale="campaign.workbook_outdated"
    )
    standing = {row.row_id: row for row in filing_rows(conn, filing_id)}
    new_ones = {
        row.filed.now["address"]: row_id
        for row_id, row in standing.items()
        if row.place_code is None
    }
    stated = set()
    for row in book.rows:
        row_id = row.row_id or new_ones.get(row.values.get("address"))
        if row_id is None:
            stated.add(insert_row(conn, filing, row.values))
            continue
        stated.add(row_id)
        if any(standing[row_id].filed.now[name] != value for name, value in row.values.items()):
            _write_row(conn, filing, row_id, row.values)
    for row_id, known in standing.items():
        if known.filed.is_removed != (row_id not in stated):
            _remove_row(conn, row_id, is_removed=row_id not in stated)
    known_ranks = {row["rank_code"] for row in filing_headcounts(conn, filing_id)}
    for rank, people in book.people.items():
        # The form prints 0 where nobody ever stated a number: left so, it states none.
        if people or rank in known_ranks:
            _write_people(conn, filing, rank, people)
    taken = Step("workbook", EDITABLE, step.target, (Party.FILER,))
    record(conn, filing, taken, version=version, remark=book.file)
    return version


def _taken(filing: Filing, name: str, remark: str | None, on_behalf_of: int | None = None) -> Step:
    """The step, when the campaign is open and the asking account may take it.

    Raises:
        Conflict: The campaign is closed, or somebody else files for the agency now.
        Forbidden: It is not for the account to take, nor for whom it stands in.
    """
    if not filing.campaign.is_open:
        raise Conflict("campaign.is_closed", name=filing.campaign.name)
    if filing.succeeded_by_filing_id is not None:
        raise Conflict("campaign.is_succeeded", name=filing.organization_name)
    held = filing.parties(on_behalf_of)
    return WORKFLOW.take(name, state=filing.state, actors=held, remark=remark)


def _typed(conn: Connection, edit: Edit) -> dict[int, dict[str, Any]]:
    """Typed values by row; every cell is read before anything is written."""
    terms = enum_codes(conn)
    found: dict[int, dict[str, Any]] = {}
    for (row_id, name), written in edit.cells.items():
        found.setdefault(row_id, {})[name] = read_value(name, written, terms=terms)
    for (_row_id, name), said in edit.explanations.items():
        if name != WHOLE_ROW and name not in BY_NAME:
            raise InputError("campaign.no_such_field", field=name[:40])
        if len(said) > _LONGEST_TEXT:
            raise InputError("campaign.too_long", most=_LONGEST_TEXT)
    return found


def _write_row(conn: Connection, filing: Filing, row_id: int, cells: Mapping[str, Any]) -> None:
    if row_id > 0:
        _update_row(conn, row_id, cells)
    elif any(value is not None for value in cells.values()):
        insert_row(conn, filing, cells)


def insert_row(conn: Connection, filing: Filing, cells: Mapping[str, Any]) -> int:
    """Add a property the register does not know."""
    row_id: int = conn.execute(
        insert(model.filing_row)
        .values(filing_id=filing.filing_id, rights_cell=filing.rights_cell, **cells)
        .returning(model.filing_row.c.filing_row_id)
    ).scalar_one()
    return row_id


def _remove_row(conn: Connection, row_id: int, *, is_removed: bool) -> None:
    _update_row(conn, row_id, {"is_removed": is_removed})


def _update_row(conn: Connection, row_id: int, cells: Mapping[str, Any]) -> None:
    table = model.filing_row
    done = conn.execute(update(table).where(table.c.filing_row_id == row_id).values(**cells))
    if not done.rowcount:  # it may be read, but is of a place that this account does not write
        raise Forbidden("campaign.row_not_yours")


def _write_people(conn: Connection, filing: Filing, rank: str, people: int | None) -> None:
    known = conn.execute(
        text("SELECT EXISTS (SELECT FROM place.term WHERE list = 'rank' AND term = :rank)"),
        {"rank": rank},
    ).scalar_one()
    if not known:
        raise InputError("campaign.bad_term", value=rank[:40])
    statement = upsert(model.filing_headcount).values(
        filing_id=filing.filing_id, rank_code=rank, people=people, rights_cell=filing.rights_cell
    )
    conn.execute(
        statement.on_conflict_do_update(
            index_elements=["filing_id", "rank_code"], set_={"people": people}
        )
    )


def explain(conn: Connection, said: Mapping[tuple[int, str], str]) -> None:
    """Keep why figures differ from a year ago; an empty text takes it back."""
    table = model.explanation
    for (row_id, name), written in said.items():
        words = written.replace("\0", "").strip()
        if not words:
            conn.execute(
                table.delete().where(table.c.filing_row_id == row_id, table.c.field == name)
            )
            continue
        statement = upsert(table).values(
            filing_row_id=row_id,
            field=name,
            text=words,
            account_id=ME,
            rights_cell=cell_of_row(row_id),
        )
        conn.execute(
            statement.on_conflict_do_update(
                index_elements=["filing_row_id", "field"],
                set_={"text": words, "account_id": ME, "explained_at": text("now()")},
            )
        )


def submit(
    conn: Connection,
    filing_id: int,
    *,
    seen_version: int,
    today: date,
    remark: str | None = None,
    on_behalf_of: int | None = None,
) -> int:
    """Hand a filing in.

    Args:
        on_behalf_of: The account whose deputy does; null: in one's own name.

    Returns:
        Its new version.

    Raises:
        InputError: Large differences are not explained that one could explain, and the campaign
            insists.
        Conflict: It is past its date and the campaign takes nothing late; or somebody changed it.
    """
    filing = find_filing(conn, filing_id)
    step = _taken(filing, "submit", remark, on_behalf_of)
    late = is_late(filing.due_on, today)
    if late and filing.campaign.late_policy is LatePolicy.REFUSE:
        raise Conflict(
            "campaign.too_late",
            due_on=filing.due_on.isoformat(),
            days=(today - filing.due_on).days,
        )
    found = [one.row_id for one in filing_differences(conn, filing) if one.is_unexplained]
    own, writable = own_rows(conn, filing), writable_rows(conn, filing)
    # What one may not write, one cannot explain either: it is left to who reviews it.
    asked_for = sum(row_id in writable for row_id in found)
    if asked_for and filing.campaign.unexplained_policy is UnexplainedPolicy.BLOCK:
        raise InputError("campaign.unexplained", count=asked_for)
    version = move(
        conn,
        filing,
        step,
        seen_version=seen_version,
        submitted_at=text("clock_timestamp()"),
        is_late=late,
        # What is said of the filing is for whoever sees the filing: properties that not all of
        # them see are counted for who does (`reports.board`).
        unexplained_count=sum(row_id in own for row_id in found),
    )
    record(conn, filing, step, version=version, remark=remark, late=late, on_behalf_of=on_behalf_of)
    send(conn, [_handed_in(filing, remark)])
    return version


def _handed_in(filing: Filing, remark: str | None) -> Notice:
    return Notice(
        audience=Party.REVIEWER,
        kind="campaign.notice.submitted",
        params={"campaign": filing.campaign.name, "agency": filing.organization_name},
        remark=remark,
        address=f"/campaigns/filings/{filing.filing_id}",
        reader_cell=filing.campaign.rights_cell,
        rights_cell=filing.rights_cell,
    )


def withdraw(
    conn: Connection,
    filing_id: int,
    *,
    seen_version: int,
    remark: str | None = None,
    on_behalf_of: int | None = None,
) -> int:
    """Take a filing back that nobody has reviewed yet.

    Returns:
        Its new version.
    """
    filing = find_filing(conn, filing_id)
    step = _taken(filing, "withdraw", remark, on_behalf_of)
    version = move(conn, filing, step, seen_version=seen_version)
    record(conn, filing, step, version=version, remark=remark, on_behalf_of=on_behalf_of)
    return version


def answer_remark(conn: Connection, filing_id: int, remark_id: int, answer: str) -> None:
    """Answer what the reviewer said of a cell.

    Raises:
        NotFound: The filing has no such remark.
        Conflict: The filing is not to be changed now.
    """
    filing = find_filing(conn, filing_id)
    _taken(filing, "save", None)
    words = answer.replace("\0", "").strip()
    if not words or len(words) > _LONGEST_TEXT:
        raise InputError("campaign.no_text")
    table = model.remark
    found = conn.execute(
        update(table)
        .where(table.c.remark_id == remark_id, table.c.filing_id == filing_id)
        .values(answer=words, answered_at=text("now()"), answered_by=ME)
    ).rowcount
    if not found:
        raise NotFound("campaign.no_such_remark")


def is_editable(filing: Filing) -> bool:
    """Whether the asking account may change what is filed, as things stand."""
    return (
        filing.campaign.is_open
        and filing.state in EDITABLE
        and Party.FILER in filing.actors
        and filing.succeeded_by_filing_id is None
    )
