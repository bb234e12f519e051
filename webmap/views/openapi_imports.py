"""What programs may ask about files, loads, jobs and profiles."""

from typing import Any, Final

from webmap.views.openapi_parts import CSV, GONE, JSON, MADE, XLSX, operation, parameter

_UPLOAD: Final = parameter("upload_id", "path", "integer", "Number of the uploaded file.")
_LOAD: Final = parameter("load_id", "path", "integer", "Number of the load.")
_JOB: Final = parameter("job_id", "path", "integer", "Number of the job.")
_ROW: Final = parameter("row_number", "path", "integer", "First row of the thing in its sheet.")
_ASKED: Final = {"202": JSON}
"""A worker does it."""
_LIMIT: Final = parameter("limit", "query", "integer", "At most so many.")
_SHEETS: Final = {
    "type": "array",
    "description": "How headers are meant, a sheet each: the fingerprint of its headers, its"
    " contract (null leaves it out), and header to field (null leaves the column out).",
    "items": {
        "type": "object",
        "properties": {
            "fingerprint": {"type": "string"},
            "contract": {"type": ["string", "null"]},
            "fields": {"type": "object"},
        },
    },
}
_OPTIONS: Final = {
    "datum": {"type": "string"},
    "any_area": {"type": "boolean"},
    "as_of": {"type": "string", "format": "date"},
    "profile": {"type": "string"},
    "sheets": _SHEETS,
}
_NAMES: Final = {"type": "array", "items": {"type": "string"}}
_PLAN: Final = {
    "building": {"type": "string", "description": "Code of the building."},
    "level": {"type": "integer"},
    "rooms": _NAMES,
    "numbers": _NAMES,
    "outline": _NAMES,
    "unit": {"type": ["string", "null"], "description": "mm, cm, m, in or ft; null: as it says."},
    "close_m": {"type": "number"},
    "turn": {"type": ["integer", "null"], "description": "Degrees, where it fits in several ways."},
    "crs": {"type": ["string", "null"], "description": "System of its own coordinates."},
    "controls": {
        "type": "array",
        "description": "Points: x and y on the drawing, longitude and latitude.",
        "items": {"type": "array", "items": {"type": "number"}},
    },
    "corrections": {
        "type": "array",
        "description": "Of rooms: a point in each on the drawing (x, y), and its number, the code"
        " of the registered room that it is, or that it is left out.",
        "items": {"type": "object"},
    },
}
_ACCEPTED: Final = {
    "look_id": {"type": "integer", "description": "The look that is accepted."},
    "accepts": {"type": "boolean", "description": "Leave out rooms with findings."},
    "with_new": {"type": "boolean", "description": "Make rooms that are not registered."},
    "as_of": {"type": ["string", "null"], "format": "date"},
}
_FILTERS: Final = (
    parameter("severity", "query", "string", "reject, question or warn."),
    parameter("rule", "query", "string", "Id of the rule."),
    parameter("column", "query", "string", "Header of the column."),
    parameter("sheet", "query", "string", "Sheet or layer."),
    parameter("located", "query", "boolean", "Only those with a spot on the map."),
)

IMPORT_PATHS: Final[dict[str, dict[str, Any]]] = {
    "/api/uploads": {
        "post": operation(
            "Hand in a file; a worker reads it and proposes how it is meant",
            body={"file": {"type": "string", "format": "binary"}},
            body_media="multipart/form-data",
            answers=MADE,
        )
    },
    "/api/imports": {
        "get": operation(
            "Open jobs, files not loaded yet, and the register of loads",
            _LIMIT,
            parameter("before", "query", "integer", "Loads older than this number."),
        )
    },
    "/api/imports/{upload_id}": {
        "get": operation("A file: how it is meant, and what a load of it would do", _UPLOAD)
    },
    "/api/imports/{upload_id}/changes.csv": {
        "get": operation("What a load would change, value by value", _UPLOAD, media=CSV)
    },
    "/api/imports/{upload_id}/check": {
        "post": operation(
            "Look at the file again, with answers", _UPLOAD, body=_OPTIONS, answers=_ASKED
        )
    },
    "/api/imports/{upload_id}/load": {
        "post": operation("Load the file", _UPLOAD, body=_OPTIONS, answers=_ASKED)
    },
    "/api/imports/{upload_id}/cancel": {
        "post": operation("Stop what is being done with the file", _UPLOAD)
    },
    "/api/plans": {
        "post": operation(
            "Hand in the plan of a floor; a worker finds its rooms and compares them",
            body={
                "file": {"type": "string", "format": "binary"},
                "building": {"type": "string"},
                "level": {"type": "integer"},
            },
            body_media="multipart/form-data",
            answers=MADE,
        )
    },
    "/api/plans/{upload_id}": {
        "get": operation("A plan: what was found in it, where it lies, what became of it", _UPLOAD)
    },
    "/api/plans/{upload_id}/check": {
        "post": operation("Look at the plan again, as stated", _UPLOAD, body=_PLAN, answers=_ASKED)
    },
    "/api/plans/{upload_id}/load": {
        "post": operation(
            "Accept the plan as it was looked at", _UPLOAD, body=_ACCEPTED, answers=_ASKED
        )
    },
    "/api/plans/{upload_id}/refuse": {
        "post": operation("Keep nothing of the plan", _UPLOAD, answers=_ASKED)
    },
    "/api/jobs/{job_id}": {"get": operation("How far a job is, and what came of it", _JOB)},
    "/api/jobs/{job_id}/cancel": {"post": operation("Stop a job", _JOB)},
    "/api/loads/{load_id}": {"get": operation("What a load did", _LOAD)},
    "/api/loads/{load_id}/undo": {
        "post": operation(
            "Take a load back", _LOAD, body={"and_later": {"type": "boolean"}}, answers=_ASKED
        )
    },
    "/api/loads/{load_id}/issues": {
        "get": operation(
            "What was wrong with the file, cell by cell",
            _LOAD,
            *_FILTERS,
            _LIMIT,
            parameter("offset", "query", "integer", "Skip so many."),
        )
    },
    "/api/loads/{load_id}/issues.{ending}": {
        "get": operation(
            "The same as a workbook or csv",
            _LOAD,
            parameter("ending", "path", "string", "xlsx or csv."),
            *_FILTERS,
            media=(XLSX, CSV),
        )
    },
    "/api/matches": {
        "get": operation(
            "Rows that may mean a known place: those that wait, or those decided",
            parameter("load_id", "query", "integer", "Of one load only."),
            parameter("decided", "query", "boolean", "Those decided instead."),
            _LIMIT,
            parameter("offset", "query", "integer", "Skip so many."),
        )
    },
    "/api/matches/{decision_id}": {
        "delete": operation(
            "Take a decision back",
            parameter("decision_id", "path", "integer", "Number of the decision."),
        )
    },
    "/api/loads/{load_id}/matches": {
        "post": operation(
            "Decide every row whose only likely candidate is like enough",
            _LOAD,
            body={"least": {"type": "number"}},
        )
    },
    "/api/loads/{load_id}/matches/{row_number}": {
        "get": operation(
            "A row beside the places it may be",
            _LOAD,
            _ROW,
            parameter("sheet", "query", "string", "Sheet or layer of the row."),
        ),
        "post": operation(
            "Say what the row is",
            _LOAD,
            _ROW,
            body={
                "sheet": {"type": "string"},
                "choice": {"type": "string", "enum": ["same", "new", "out"]},
                "place_id": {"type": ["integer", "null"]},
            },
        ),
    },
    "/api/loads/{load_id}/decided": {
        "post": operation(
            "Load the rows decided since, and what hung on them", _LOAD, answers=_ASKED
        )
    },
    "/api/loads/{load_id}/marked": {
        "post": operation(
            "Have the file written as a workbook with its bad cells marked", _LOAD, answers=_ASKED
        ),
        "get": operation("The marked workbook, once that job is done", _LOAD, media=XLSX),
    },
    "/api/contracts": {"get": operation("Kinds of sheet and the fields their columns can have")},
    "/api/profiles": {
        "get": operation("Saved profiles: how the headers of certain files are meant"),
        "post": operation(
            "Save a profile",
            body={"name": {"type": "string"}, "sheets": _SHEETS},
            answers=MADE,
        ),
    },
    "/api/profiles/{name}": {
        "delete": operation(
            "Forget a profile of one's own",
            parameter("name", "path", "string", "Its name."),
            answers=GONE,
        )
    },
}
