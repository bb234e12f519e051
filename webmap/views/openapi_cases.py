"""What programs may ask about cases, their steps and attachments."""

from typing import Any, Final

from webmap.views.openapi_parts import ANY_FILE, MADE, operation, parameter

_WORKFLOW: Final = parameter("workflow", "path", "string", "Name of the kind of case.")
_CASE: Final = parameter("case_id", "path", "integer", "Our number of the case.")
_STEP: Final = parameter("step", "path", "string", "Name of the step.")
_ATTACHMENT: Final = parameter("attachment_id", "path", "integer", "Our number of the attachment.")

CASE_PATHS: Final[dict[str, dict[str, Any]]] = {
    "/api/todo": {"get": operation("What waits for the account, as itself and as a deputy")},
    "/api/cases/{workflow}/{case_id}": {
        "get": operation(
            "Where a case stands: open steps, steps taken, whether its signatures still hold",
            _WORKFLOW,
            _CASE,
        )
    },
    "/api/cases/{workflow}/{case_id}/steps/{step}": {
        "post": operation(
            "Take a step; 403 where it is somebody else's, 409 where the case was changed",
            _WORKFLOW,
            _CASE,
            _STEP,
            body={
                "version": {"type": "integer", "description": "Of the case its author saw"},
                "remark": {"type": "string"},
                "on_behalf_of": {
                    "type": "integer",
                    "description": "The account whose deputy takes it; without it: oneself",
                },
                "password": {"type": "string", "description": "Where the step is signed"},
            },
        )
    },
    "/api/cases/{workflow}/{case_id}/attachments": {
        "get": operation("What is attached to a case", _WORKFLOW, _CASE),
        "post": operation(
            "Attach a file; its type is told by its content",
            _WORKFLOW,
            _CASE,
            body={"file": {"type": "string", "format": "binary"}},
            body_media="multipart/form-data",
            answers=MADE,
        ),
    },
    "/api/cases/{workflow}/attachments/{attachment_id}": {
        "delete": operation("Take off what one attached oneself", _WORKFLOW, _ATTACHMENT)
    },
    "/api/attachments/{attachment_id}": {
        "get": operation("The file of an attachment, to save", _ATTACHMENT, media=ANY_FILE)
    },
}
