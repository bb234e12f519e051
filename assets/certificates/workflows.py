"""How the ownership of a property is put on record: who takes which step, and what it needs."""

from typing import Final

from sqlalchemy import Connection

from assets.certificates.model import Cause, RecordState, ownership_record
from assets.certificates.ownership import find_record, is_titled, titles_today
from assets.services.attachments import attachments_of
from assets.services.cases import Taken
from assets.services.workflow import Cases, Part, Step, Workflow
from gis.errors import Conflict, InputError

_LISTED: Final = """
SELECT r.ownership_record_id AS case_id, r.place_title AS title, CAST(NULL AS date) AS due_on,
  r.rights_cell, r.bureau_cell, r.place_id
FROM certificates.ownership_record AS r"""


def _require_grounds(conn: Connection, taken: Taken) -> None:
    """What has no title says why, in words too, and has a document; as handed in and as decided.

    Raises:
        InputError: Something of it is missing.
        Conflict: The property is gone.
    """
    found = find_record(conn, taken.case.case_id)
    if found["place_id"] is None:
        raise Conflict("ownership.property_gone")
    if is_titled(titles_today(conn, found["place_id"])):
        return
    if found["cause"] not in list(Cause) or not found["reason"]:
        raise InputError("ownership.needs_reason")
    if not attachments_of(conn, taken.workflow, taken.case.case_id):
        raise InputError("ownership.needs_document")


OWNERSHIP: Final = Workflow(
    "ownership",
    (
        Step(
            "submit",
            (RecordState.OPEN, RecordState.RETURNED),
            RecordState.HANDED_IN,
            ("keeper",),
            effect=_require_grounds,
        ),
        Step(
            "withdraw",
            (RecordState.HANDED_IN,),
            RecordState.OPEN,
            ("keeper",),
            is_awaited=False,
        ),
        Step(
            "drop",
            (RecordState.OPEN, RecordState.RETURNED),
            RecordState.DROPPED,
            ("keeper",),
            needs_remark=True,
            is_awaited=False,
        ),
        Step(
            "record",
            (RecordState.HANDED_IN,),
            RecordState.RECORDED,
            ("bureau",),
            not_by=("submit",),
            effect=_require_grounds,
        ),
        Step(
            "return",
            (RecordState.HANDED_IN,),
            RecordState.RETURNED,
            ("bureau",),
            needs_remark=True,
            is_awaited=False,
            is_return=True,
        ),
        # What was put on record by mistake waits for a decision anew.
        Step(
            "revoke",
            (RecordState.RECORDED,),
            RecordState.HANDED_IN,
            ("bureau",),
            needs_remark=True,
            is_awaited=False,
        ),
    ),
    initial=RecordState.OPEN,
    final=(RecordState.RECORDED, RecordState.DROPPED),
    parts=(
        # Who writes every property is not asked for what each keeper has begun.
        Part("keeper", unless=("bureau",)),
        Part("bureau", cell="bureau_cell"),
    ),
    cases=Cases(ownership_record, _LISTED, "/titles/records/{case_id}"),
)
