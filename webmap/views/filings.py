"""One filing: the form with last year beside it, its workbook, its steps and remarks."""

import io
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from flask import Blueprint, Response, jsonify, request
from sqlalchemy import Connection

from assets.campaign.actions.filing import (
    Edit,
    answer_remark,
    is_editable,
    save,
    submit,
    take_workbook,
    withdraw,
)
from assets.campaign.actions.given_up import rule_on_given_up
from assets.campaign.actions.review import (
    add_remark,
    approve,
    extend,
    refuse_approval,
    reopen,
    resolve_remark,
    return_filing,
    reviewed,
)
from assets.campaign.model import FIELDS
from assets.campaign.queries import (
    Filing,
    filing_differences,
    filing_headcounts,
    filing_remarks,
    filing_rows,
    filing_steps,
    find_filing,
    given_up,
    term_lists,
)
from assets.campaign.rules import WORKFLOW, Party, contradictions
from assets.services.calendar import time_left
from assets.services.cases import step_that_bars
from assets.services.deputies import standing_in
from assets.services.workflow import Step
from gis.audit.accesses import AccessKind, note_access
from gis.clock import today
from gis.columns import is_id
from gis.errors import Conflict, Forbidden, InputError
from gis.jobs import requests
from gis.jobs.model import JobKind
from webmap import uploads
from webmap.asked import json_object, needed_day
from webmap.attached import XLSX, attached
from webmap.session import asking
from webmap.views.campaigns import page, seen_version
from webmap.web_settings import kept_settings

blueprint = Blueprint("filings", __name__)
_PATH: Final = "/campaigns/filings/<int:filing_id>"


@blueprint.get(_PATH)
def show_filing(filing_id: int) -> str:
    """The form."""
    with asking() as conn:
        filing = find_filing(conn, filing_id)
        rows = filing_rows(conn, filing_id)
        found = filing_differences(conn, filing, rows)
        remarks = filing_remarks(conn, filing_id)
        return page(
            "filing.html",
            filing=filing,
            campaign=filing.campaign,
            rows=rows,
            fields=FIELDS,
            differences={(one.row_id, one.field): one for one in found},
            warnings={
                row.row_id: contradictions(row.filed.now)
                for row in rows
                if not row.filed.is_removed
            },
            remarks=remarks,
            people={row["rank_code"]: row for row in filing_headcounts(conn, filing_id)},
            ranks=_ranks(conn, filing.level_code),
            terms=term_lists(conn, [field.enum for field in FIELDS if field.enum]),
            steps=filing_steps(conn, filing_id),
            open_steps=_open_steps(conn, filing),
            reviewers=_in_whose_name(filing, Party.REVIEWER),
            principals=standing_in(conn),
            is_editable=is_editable(filing),
            may_review=filing.may_review and filing.campaign.is_open,
            left=time_left(filing.due_on, today()),
            given_up={
                one.row_id: one
                for one in given_up(conn, filing.campaign.campaign_id)
                if one.filing_id == filing_id
            },
        )


def _ranks(conn: Connection, level_code: str | None) -> list[dict[str, Any]]:
    """The ranks that the form of a level asks for, in its order."""
    # Reading the form needs libraries that no other page does.
    from etl.export.survey import survey_form  # noqa: PLC0415

    levels = survey_form()["office"]["levels"]
    asked = levels.get(level_code or "", levels["county"])["ranks"]
    return [row for row in term_lists(conn, ["rank"])["rank"] if row["term"] in asked]


def _open_steps(conn: Connection, filing: Filing) -> list[tuple[Step, list[int | None]]]:
    """What the reader may do, each with in whose name: null is one's own."""
    if not filing.campaign.is_open or filing.succeeded_by_filing_id is not None:
        return []
    found = []
    for step in WORKFLOW.steps:
        if step.name == "save" or filing.state not in step.sources:
            continue
        names = [
            one
            for one in _in_whose_name(filing, *step.actors)
            if step_that_bars(conn, WORKFLOW, filing.case, step, one) is None
        ]
        if names:
            found.append((step, names))
    return found


def _in_whose_name(filing: Filing, *parties: str) -> list[int | None]:
    """In whose name the reader has one of these parts; the own name, null, comes first."""
    people: list[int | None] = [None, *sorted(filing.stood_in_for)]
    return [one for one in people if filing.parties(one) & set(parties)]


def _principal(body: Mapping[str, Any]) -> int | None:
    """In whose name somebody acts; null: in his own."""
    stated = body.get("on_behalf_of")
    if stated is None or stated == "":
        return None
    if isinstance(stated, str) and stated.isascii() and stated.isdecimal() and len(stated) < 19:
        stated = int(stated)
    if not is_id(stated):
        raise InputError("deputy.bad_principal")
    return stated


@blueprint.post(f"{_PATH}/save")
def save_filing(filing_id: int) -> Response:
    """Keep what was changed in the form."""
    body = json_object()
    edit = Edit(
        cells=_by_cell(body.get("cells")),
        removed={_row(name): bool(value) for name, value in _items(body.get("removed"))},
        people={name: _text(value) for name, value in _items(body.get("people"))},
        explanations={
            cell: said or "" for cell, said in _by_cell(body.get("explanations")).items()
        },
    )
    with asking() as conn:
        find_filing(conn, filing_id)
        version = save(conn, filing_id, edit, seen_version=seen_version(body))
    return jsonify({"version": version, "location": f"/campaigns/filings/{filing_id}"})


def _items(stated: Any) -> list[tuple[str, Any]]:
    if stated is None:
        return []
    if not isinstance(stated, Mapping):
        raise InputError("asked.not_json")
    return list(stated.items())


def _text(value: Any) -> str | None:
    return None if value is None else str(value)[:4000]


def _row(written: str) -> int:
    digits = written.removeprefix("-")
    if not (digits.isascii() and digits.isdecimal() and len(digits) < 19):
        raise InputError("campaign.no_such_row")
    return int(written)


def _by_cell(stated: Any) -> dict[tuple[int, str], str | None]:
    """`{"12": {"gross_m2": "3"}}` as values by row and field."""
    return {
        (_row(row), name): _text(value)
        for row, cells in _items(stated)
        for name, value in _items(cells)
    }


@blueprint.post(f"{_PATH}/step")
def take_step(filing_id: int) -> Response:
    """Hand in, take back, return, approve, reopen."""
    body = json_object()
    name, version = str(body.get("step") or ""), seen_version(body)
    said: dict[str, Any] = {
        "seen_version": version,
        "remark": str(body.get("remark") or "")[:2000],
        "on_behalf_of": _principal(body),
    }
    with asking() as conn:
        filing = find_filing(conn, filing_id)
        match name:
            case "submit":
                submit(conn, filing_id, today=today(), **said)
            case "withdraw":
                withdraw(conn, filing_id, **said)
            case "return":
                return_filing(conn, filing_id, **said)
            case "reopen":
                reopen(conn, filing_id, **said)
            case "approve":
                _approve(conn, filing, **said)
            case _:
                raise InputError("workflow.no_such_step", step=name[:40])
    return jsonify({"location": f"/campaigns/filings/{filing_id}"})


def _approve(conn: Connection, filing: Filing, *, on_behalf_of: int | None, **said: Any) -> None:
    """Approve a filing and have the worker bring it into the register, as the same account."""
    # Writing workbooks needs libraries that no other page does.
    from etl.export.filing import filing_file_name, filing_workbook  # noqa: PLC0415

    requests.require_writer(conn)
    reviewed(conn, filing.filing_id, "approve", None, on_behalf_of)
    refuse_approval(conn, filing, said["remark"])
    content, name = filing_workbook(conn, filing), filing_file_name(filing)
    with uploads.received(kept_settings(), io.BytesIO(content), name) as file:
        upload_id = file.keep(conn)
    options = {"as_of": filing.campaign.as_of.isoformat()}
    job_id = requests.ask(conn, JobKind.LOAD, upload_id=upload_id, options=options)
    approve(conn, filing.filing_id, job_id=job_id, on_behalf_of=on_behalf_of, **said)


@blueprint.post(f"{_PATH}/extend")
def extend_filing(filing_id: int) -> Response:
    """Give an agency more time."""
    body = json_object()
    with asking() as conn:
        find_filing(conn, filing_id)
        extend(
            conn,
            filing_id,
            due_on=needed_day(body.get("due_on")),
            remark=str(body.get("remark") or "")[:2000],
            seen_version=seen_version(body),
            on_behalf_of=_principal(body),
        )
    return jsonify({"location": f"/campaigns/filings/{filing_id}"})


@blueprint.post(f"{_PATH}/given-up")
def rule_on_row(filing_id: int) -> Response:
    """End what the agency has of a property it gave up, or leave it there."""
    body = json_object()
    row_id = _row(str(body.get("row") or ""))
    is_ended = body.get("ruling") == "ended"
    if not is_ended and body.get("ruling") != "kept":
        raise InputError("campaign.no_ruling")
    with asking() as conn:
        find_filing(conn, filing_id)
        rule_on_given_up(
            conn,
            filing_id,
            row_id,
            ended_on=needed_day(body.get("ended_on")) if is_ended else None,
            reason=str(body.get("reason") or "")[:4000],
            seen_version=seen_version(body),
            on_behalf_of=_principal(body),
        )
    return jsonify({"location": f"/campaigns/filings/{filing_id}"})


@blueprint.get(f"{_PATH}/workbook")
def download_workbook(filing_id: int) -> Response:
    """The prefilled workbook, with the reviewer's remarks at their cells."""
    # Writing workbooks needs libraries that no other page does.
    from etl.export.filing import filing_file_name, filing_workbook  # noqa: PLC0415

    with asking() as conn:
        filing = find_filing(conn, filing_id)
        content = filing_workbook(conn, filing)
        note_access(conn, AccessKind.FILING, filing.campaign.name, file=filing_id)
    return attached(content, filing_file_name(filing), XLSX)


@blueprint.post(f"{_PATH}/workbook")
def upload_workbook(filing_id: int) -> Response:
    """File by workbook; it is read in a process of its own."""
    # Reading files needs libraries that no other page does.
    from etl.filings import open_filing, read_filing  # noqa: PLC0415

    with asking() as conn:
        filing = find_filing(conn, filing_id)
        if not is_editable(filing):
            # Say why before anything is read.
            WORKFLOW.take("save", state=filing.state, actors=filing.actors)
            raise Conflict("campaign.is_closed", name=filing.campaign.name)
    # The bytes are taken in only now: not a stranger's, and none in vain.
    sent = request.files.get("file")
    if sent is None or not sent.filename:
        raise InputError("upload.no_file")
    name = uploads.checked_name(sent.filename)
    with tempfile.TemporaryDirectory(prefix="onemap-filing-") as folder:
        path = Path(folder) / f"filing{Path(name).suffix.lower()}"
        sent.save(path)
        opened = open_filing(path, file=name)
    with asking() as conn:
        filing = find_filing(conn, filing_id)
        stated = read_filing(conn, filing_id, opened)
        overwrite = request.form.get("overwrite") == "1"
        version = filing.version if overwrite else (stated.version or seen_version(request.form))
        take_workbook(conn, filing_id, stated, seen_version=version)
    return jsonify({"location": f"/campaigns/filings/{filing_id}"})


@blueprint.post(f"{_PATH}/remarks")
def remark_on(filing_id: int) -> Response:
    """Say something of a cell."""
    body = json_object()
    row = str(body.get("row") or "")
    with asking() as conn:
        find_filing(conn, filing_id)
        add_remark(
            conn,
            filing_id,
            row_id=_row(row) if row else None,
            field=str(body.get("field") or "") or None,
            words=str(body.get("words") or ""),
        )
    return jsonify({"location": f"/campaigns/filings/{filing_id}"})


@blueprint.post(f"{_PATH}/remarks/<int:remark_id>")
def settle_remark(filing_id: int, remark_id: int) -> Response:
    """Answer a remark, as who files; settle it, as who reviews."""
    body = json_object()
    with asking() as conn:
        filing = find_filing(conn, filing_id)
        if body.get("answer") is not None:
            answer_remark(conn, filing_id, remark_id, str(body["answer"])[:4000])
        elif filing.may_review:
            resolve_remark(conn, filing_id, remark_id)
        else:
            raise Forbidden("campaign.not_yours.reviewer")
    return jsonify({"location": f"/campaigns/filings/{filing_id}"})
