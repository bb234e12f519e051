"""What the bureau decides of properties that agencies give up in their filings."""

from datetime import date
from typing import Any, Final

from sqlalchemy import Connection, text, update

from assets.campaign import model
from assets.campaign.actions.steps import ME, move, record
from assets.campaign.model import State
from assets.campaign.queries import Filing, GivenUp, find_filing, given_up, read
from assets.campaign.rules import Party
from assets.estate.actions import end_occupancy
from assets.services.notices import Notice, send
from assets.services.workflow import Step
from gis.errors import Conflict, Forbidden, InputError, NotFound

_LONGEST_REASON: Final = 2000
_FORMERLY: Final = """
WITH RECURSIVE line AS (
  SELECT CAST(:body AS bigint) AS body, 0 AS steps
  UNION
  SELECT s.from_organization_id, line.steps + 1
  FROM line JOIN organization.succession AS s ON s.to_organization_id = line.body
  WHERE line.steps < 8
)
SELECT DISTINCT body FROM line"""


def rule_on_given_up(
    conn: Connection,
    filing_id: int,
    row_id: int,
    *,
    ended_on: date | None,
    reason: str,
    seen_version: int,
    on_behalf_of: int | None = None,
) -> int:
    """End what the agency has of a property it gave up, or leave it with the agency.

    The property itself stays in the register, without this agency in it: it is the state's still.
    A campaign that is closed keeps its frozen report; the ruling may come later.

    Args:
        ended_on: First day the agency no longer has it; null leaves it where it is.
        reason: The document or grounds; never blank.
        on_behalf_of: The account whose deputy does; null: in one's own name.

    Returns:
        The filing's new version.

    Raises:
        Conflict: The filing is not approved, or was ruled on already.
        Forbidden: The account does not review.
        InputError: There is no reason, or the agency came into the property on that day or later.
        NotFound: No property of that number was given up.
    """
    filing = find_filing(conn, filing_id)
    row, grounds = _row_to_rule_on(conn, filing, row_id, on_behalf_of), _grounds(reason)
    name = "end_property" if ended_on else "keep_property"
    step = Step(name, (State.APPROVED,), filing.state.value, (Party.REVIEWER,))
    version = move(conn, filing, step, seen_version=seen_version)
    if ended_on and row.place_id is not None:
        bodies = [one["body"] for one in read(conn, _FORMERLY, body=filing.organization_id)]
        end_occupancy(
            conn, place_id=row.place_id, holder_ids=bodies, ended_on=ended_on, decision=grounds
        )
    _keep_ruling(conn, row_id, ended_on, grounds)
    since = ended_on.isoformat() if ended_on else ""
    said: dict[str, Any] = {
        "remark": " ".join(filter(None, (row.place_code, since, grounds))),
        # It names the property, so it is for whoever may see the row, also when that changes.
        "rights_cell": row.rights_cell,
        "place_id": row.place_id,
        "on_behalf_of": on_behalf_of,
    }
    record(conn, filing, step, version=version, **said)
    _tell(conn, filing, row, f"campaign.notice.{name}", grounds)
    return version


def _keep_ruling(conn: Connection, row_id: int, ended_on: date | None, grounds: str) -> None:
    conn.execute(
        update(model.filing_row)
        .where(model.filing_row.c.filing_row_id == row_id)
        .values(
            ruling="ended" if ended_on else "kept",
            ended_on=ended_on,
            ruling_reason=grounds,
            ruled_at=text("now()"),
            ruled_by=ME,
        )
    )


def _row_to_rule_on(
    conn: Connection, filing: Filing, row_id: int, on_behalf_of: int | None
) -> GivenUp:
    if Party.REVIEWER not in filing.parties(on_behalf_of):
        raise Forbidden("campaign.not_yours.reviewer")
    if filing.state is not State.APPROVED:
        raise Conflict("campaign.not_approved")
    for one in given_up(conn, filing.campaign.campaign_id):
        if (one.filing_id, one.row_id) == (filing.filing_id, row_id):
            if one.ruling is not None:
                raise Conflict("campaign.ruled_already")
            return one
    raise NotFound("campaign.no_such_row")


def _grounds(reason: str) -> str:
    grounds = reason.replace("\0", "").strip()
    if not grounds:
        raise InputError("workflow.needs_remark")
    if len(grounds) > _LONGEST_REASON:
        raise InputError("campaign.too_long", most=_LONGEST_REASON)
    return grounds


def _tell(conn: Connection, filing: Filing, row: GivenUp, kind: str, grounds: str) -> None:
    notice = Notice(
        audience=Party.FILER,
        kind=kind,
        params={"campaign": filing.campaign.name, "property": row.address or row.place_code},
        remark=grounds,
        address=f"/campaigns/filings/{filing.filing_id}#row-{row.row_id}",
        reader_cell=row.rights_cell,
        rights_cell=row.rights_cell,
        place_id=row.place_id,
    )
    send(conn, [notice])
