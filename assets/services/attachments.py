"""Attachments of cases: kept once by the digest of their content, with the rights of their case."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, RowMapping, insert, text

from assets.services.attached_files import AttachedFile
from assets.services.cases import ME, find_case
from assets.services.model import attachment
from assets.services.workflow import Workflow
from gis.errors import Conflict, Forbidden, NotFound

MOST: Final = 100
"""Attachments of one case."""
_LIST: Final = """
SELECT f.attachment_id, f.file_name, f.type, f.size_bytes, f.made_at, f.account_id,
  coalesce(a.title, a.name) AS who
FROM services.attachment AS f LEFT JOIN rights.account AS a USING (account_id)
WHERE f.workflow = :workflow AND f.case_id = :case_id ORDER BY f.attachment_id"""


@dataclass(frozen=True)
class Kept:
    """An attachment as it is handed out."""

    file_name: str
    type: str
    content: bytes


def attach(conn: Connection, workflow: Workflow, case_id: int, file: AttachedFile) -> int:
    """Attach a file to a case that is not settled.

    Args:
        conn: In the name of who attaches it.
        workflow: As declared.
        case_id: Which case.
        file: As examined.

    Returns:
        The `attachment_id`.

    Raises:
        NotFound: There is no such case.
        Forbidden: The account does not write there.
        Conflict: The case is settled, has a hundred attachments, or, as the transaction ends, this
            very file.
    """
    case = find_case(conn, workflow, case_id)
    if case.state in workflow.final:
        raise Conflict("attachment.settled")
    if len(attachments_of(conn, workflow, case_id)) >= MOST:
        raise Conflict("attachment.too_many", most=MOST)
    conn.execute(
        text("SELECT services.keep_content(:sha256, :content)"),
        {"sha256": file.sha256, "content": file.content},
    )
    made: int = conn.execute(
        insert(attachment)
        .values(
            workflow=workflow.name,
            case_id=case_id,
            file_name=file.name,
            type=file.type,
            size_bytes=len(file.content),
            sha256=file.sha256,
            account_id=ME,
            place_id=case.place_id,
            rights_cell=case.rights_cell,
        )
        .returning(attachment.c.attachment_id)
    ).scalar_one()
    return made


def attachments_of(conn: Connection, workflow: Workflow, case_id: int) -> Sequence[RowMapping]:
    """What is attached to a case, in the order it came."""
    asked = {"workflow": workflow.name, "case_id": case_id}
    return conn.execute(text(_LIST), asked).mappings().all()


def kept_file(conn: Connection, attachment_id: int) -> Kept:
    """An attachment with its content.

    Raises:
        NotFound: There is none that the account sees.
    """
    row = conn.execute(
        text(
            "SELECT f.file_name, f.type, services.content_of(f.attachment_id) AS content"
            " FROM services.attachment AS f WHERE f.attachment_id = :id"
        ),
        {"id": attachment_id},
    ).one_or_none()
    if row is None:
        raise NotFound("attachment.unknown")
    return Kept(row.file_name, row.type, bytes(row.content))


def remove(conn: Connection, workflow: Workflow, attachment_id: int) -> None:
    """Take an attachment off its case, by who attached it, while the case is not settled.

    Raises:
        NotFound: There is none that the account sees.
        Forbidden: Somebody else attached it.
        Conflict: The case is settled.
    """
    row = conn.execute(
        text(
            "SELECT f.case_id, f.account_id = (SELECT rights.current_account_id()) AS is_mine"
            " FROM services.attachment AS f"
            " WHERE f.attachment_id = :id AND f.workflow = :workflow"
        ),
        {"id": attachment_id, "workflow": workflow.name},
    ).one_or_none()
    if row is None:
        raise NotFound("attachment.unknown")
    if not row.is_mine:
        raise Forbidden("attachment.not_yours")
    if find_case(conn, workflow, row.case_id).state in workflow.final:
        raise Conflict("attachment.settled")
    conn.execute(
        text("DELETE FROM services.attachment WHERE attachment_id = :id"), {"id": attachment_id}
    )


def forget_orphans(conn: Connection) -> int:
    """Remove contents that nothing is attached by and nobody has just handed in.

    Returns:
        How many.
    """
    removed: int = conn.execute(text("SELECT services.forget_orphans()")).scalar_one()
    return removed
