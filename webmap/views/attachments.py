"""Files attached to cases: handed in, listed, saved, taken off."""

from typing import Final

from flask import Blueprint, Response, jsonify, request

from assets.services import attachments
from assets.services.attached_files import (
    MEGABYTE,
    TYPES,
    USUAL_TYPES,
    AttachedFile,
    Scanner,
    examine,
)
from assets.services.cases import find_case, parts_held
from gis.errors import Forbidden, InputError
from webmap.attached import attached
from webmap.session import asking
from webmap.views.todo import declared_workflow
from webmap.web_settings import kept_settings

blueprint = Blueprint("attachments", __name__)
_CASE: Final = "/api/cases/<workflow>/<int:case_id>/attachments"
_BESIDE_THE_FILE_BYTES: Final = 64 * 1024


@blueprint.get(_CASE)
def list_attachments(workflow: str, case_id: int) -> Response:
    """What is attached to a case."""
    chosen = declared_workflow(workflow)
    with asking() as conn:
        find_case(conn, chosen, case_id)
        found = attachments.attachments_of(conn, chosen, case_id)
    return jsonify(
        {
            "attachments": [
                {
                    "attachment_id": row["attachment_id"],
                    "file_name": row["file_name"],
                    "type": row["type"],
                    "size_bytes": row["size_bytes"],
                    "made_at": row["made_at"].isoformat(),
                    "who": row["who"],
                }
                for row in found
            ]
        }
    )


@blueprint.post(_CASE)
def add_attachment(workflow: str, case_id: int) -> tuple[Response, int]:
    """Attach `file` of a form to a case in which one has a part."""
    chosen = declared_workflow(workflow)
    with asking() as conn:
        # Nobody's bytes are read before we know who may send them.
        if not parts_held(conn, chosen, find_case(conn, chosen, case_id)):
            raise Forbidden("attachment.no_part")
    file = sent_file()
    with asking() as conn:
        made = attachments.attach(conn, chosen, case_id, file)

    return jsonify({"attachment_id": made, "file_name": file.name, "type": file.type}), 201


@blueprint.get("/api/attachments/<int:attachment_id>")
def save_attachment(attachment_id: int) -> Response:
    """The file, to save; browsers show nothing of it."""
    with asking() as conn:
        kept = attachments.kept_file(conn, attachment_id)
    return saved(kept)


@blueprint.delete("/api/cases/<workflow>/attachments/<int:attachment_id>")
def remove_attachment(workflow: str, attachment_id: int) -> Response:
    """Take off what one attached oneself, while the case is open."""
    with asking() as conn:
        attachments.remove(conn, declared_workflow(workflow), attachment_id)
    return jsonify({"attachment_id": attachment_id})


def sent_file() -> AttachedFile:
    """`file` of the form that was sent, examined; for who may hand one in.

    Raises:
        InputError: There is none, or it may not be kept: says why.
    """
    settings = kept_settings()
    most_bytes = settings.attachment_mb * MEGABYTE
    request.max_content_length = most_bytes + _BESIDE_THE_FILE_BYTES
    sent = request.files.get("file")
    if sent is None:
        raise InputError("upload.no_file")
    # One byte more than is allowed tells that there are too many.
    with sent.stream as stream:
        content = stream.read(most_bytes + 1)
    command = settings.scan_command
    return examine(
        sent.filename or "",
        content,
        allowed=settings.attachment_types or USUAL_TYPES,
        most_mb=settings.attachment_mb,
        scanner=Scanner(command, settings.scan_seconds) if command else None,
    )


def saved(kept: attachments.Kept) -> Response:
    """A kept file, to save; a browser that shows it all the same runs nothing of it."""
    response = attached(kept.content, kept.file_name, TYPES[kept.type])
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return response
